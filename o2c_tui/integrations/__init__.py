"""Files and programs of others."""
