"""Text that a spreadsheet would run as a formula, made text by a sign before it, and back again.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break runs in a spreadsheet. Exports put an apostrophe
before such a text (and before one that only would be so beneath apostrophes, so that nothing is lost on the way
back); imports take one away again. Rule: docs/rules/import.md, "Formulas".
"""

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(text: str) -> str:
    """`text` as a cell that no spreadsheet runs."""
    return "'" + text if text.lstrip("'").startswith(_RUNS) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_RUNS) else text
