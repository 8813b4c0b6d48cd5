"""Measurements: the books against the mapper's floor, the screens in a real pseudo-terminal."""
