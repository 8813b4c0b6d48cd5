"""One document, one PDF."""
