"""Northwind: the real-shaped company that the whole chain is replayed on."""
