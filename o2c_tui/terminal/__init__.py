"""Between Textual and the terminal: keys in order, few bytes out, no escape from data."""
