"""What was done to a document, in lines to read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from o2c_tui.models.mail import PAPER_WAY_WORDS
from o2c_tui.models.words import COLUMN_WORDS, STATE_WORDS
from o2c_tui.queries.history import Change, Done, Left
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_


def as_lines(
    steps: Sequence[Done], translate: Callable[[str], str], verbs: Mapping[str, str], arrow: str = "→"
) -> list[str]:
    """One line a step, and under it what changed: the document's own values, then those of each line."""
    told = []
    for step in steps:
        if step.left is not None:
            told.append(f"{step.at:%Y-%m-%d %H:%M}  {shown(step.by)}  {_left(step.left, translate)}")
            told.append(f"    SHA-256 {step.left.sha256}")
            continue
        words = translate(verbs.get(step.verb, step.verb.replace("_", " ")))
        told.append(f"{step.at:%Y-%m-%d %H:%M}  {shown(step.by)}  {words}")
        if step.reason:
            told.append(f"    {translate(N_('Reason'))}: {shown(step.reason)}")
        for (line, item), changes in groupby(sorted(step.changes, key=_place), key=_place):
            place = f"{translate(N_('Line {n}')).format(n=line)} {shown(item)}  ".replace("   ", "  ") if line else ""
            told.append(f"    {place}{_changes(changes, translate, arrow)}")
    return told


def _left(left: Left, translate: Callable[[str], str]) -> str:
    """How a paper left the house, and to whom."""
    way = translate(PAPER_WAY_WORDS[left.way])
    to = translate(N_("to {address}")).format(address=shown(left.to)) if left.to else ""
    return "  ".join(part for part in (f"{way}: {shown(left.file_name)}", to) if part)


def _place(change: Change) -> tuple[int, str]:
    return change.line, change.item


def _changes(changes: Iterable[Change], translate: Callable[[str], str], arrow: str) -> str:
    return ", ".join(
        f"{translate(COLUMN_WORDS.get(c.column, c.column))} {_value(c, c.old, translate)} {arrow} {_value(c, c.new, translate)}"
        for c in changes
    )


def _value(change: Change, text: str, translate: Callable[[str], str]) -> str:
    if change.column == "state":
        return translate(STATE_WORDS.get(text, text))
    return shown(text).replace("\n", " / ") or "-"
