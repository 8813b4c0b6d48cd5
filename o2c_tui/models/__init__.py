"""The nouns: tables, states and allowed steps."""
