"""Reusable parts of the screen that know values and messages, not tables or verbs."""
