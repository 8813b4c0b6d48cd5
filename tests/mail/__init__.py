"""Mails and papers: the outbox against a real mail server, and the log of what left the house."""
