"""Many documents, one table."""
