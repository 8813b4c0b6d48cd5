"""The verbs: one function, one transaction; the only code that writes."""
