"""The terminal layer in real pseudo-terminals: keys, frames, ends."""
