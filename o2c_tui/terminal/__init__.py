"""The terminal: keys read in order, frames sent as differences, sessions ended without loss. Knows nothing of trade."""
