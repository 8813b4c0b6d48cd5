"""A step of a document: a verb with the words its preview needs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from o2c_tui.screens.base import DeskScreen
from o2c_tui.texts import N_, _


@dataclass(frozen=True)
class StepField:
    """A word of the verb that can be typed in the preview: `kind` is text, day, whole, figure, yes, or one of `choices`."""

    name: str
    label: str
    width: int = 16
    kind: str = "text"
    begins: str = ""
    choices: Mapping[Any, str] = field(default_factory=dict)
    beside: int = 0  # cells for the words after the value
    says: str = ""  # these words, until the step was tried


@dataclass(frozen=True)
class Step:
    """One step: its words, the verb with its arguments, and which lines and quantities it is about."""

    label: str  # on the key bar and in the menu
    title: str  # of the preview
    verb: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    left: str = ""  # line value that says how much is left to do; empty: the step is about the whole document
    opens: str = ""  # kind of document it makes, to be opened afterwards
    key: str = ""  # attribute of the result that holds that document's key
    does: str = N_("do it")
    ask: tuple[str, str] = ("", "")  # a word the verb needs first: (argument, question)
    choices: Mapping[str, str] = field(default_factory=dict)  # value → words, instead of a typed answer
    leaves: bool = False  # afterwards the document is gone: back to the list
    shown_by: Callable[[DeskScreen, Any], Awaitable[None]] | None = None  # a screen of its own, instead of the preview
    fields: tuple[StepField, ...] = ()  # words of the verb that can be typed in the preview, on one row
    places: str = ""  # word of the verb for bins and lots by line: Ctrl+E on a line says them
    incoming: bool = False  # these goods come in
    by: str = "quantities"  # word of the verb for what is chosen by line
    told: Mapping[str, Any] = field(default_factory=dict)  # what fills the label: an amount, a number
    undoes: tuple[Any, ...] = ()  # what is set against what (`Share`) that the step takes off
    reasons: bool = False  # the choices are the company's reasons of adjustments

    @property
    def words(self) -> str:
        """The label as people read it."""
        return _(self.label).format(**self.told) if self.told else _(self.label)


def rate_field(d: Any) -> tuple[StepField, ...]:
    """The rate of an invoice in another currency, to be typed where it is not that of its day; nothing in the company's."""
    if not d.head.get("rate"):
        return ()
    return (StepField("rate", N_("Rate"), 10, "figure", beside=32, says=d.head["currency"]),)


def date_field() -> StepField:
    """The date that an invoice bears."""
    return StepField("invoiced_on", N_("Date"), 10, "day", "")


def step_on(d: Any, label: str, title: str, verb: Callable[..., Any], **more: Any) -> Step:
    """A step on a document as it was read: refused if somebody changed it meanwhile."""
    return Step(label, title, verb, (d.id,), {"version": d.version}, **more)
