"""The errors of the trade: what a person at the keyboard did that the books cannot take.

Each says what is wrong, how much, which document, and what to do. A template with its values: the face translates
and fills it (`said`), `str()` gives the English. Catch `TradeError` at the door only; anything else is a defect.
"""

import errno
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from o2c_tui.texts import N_


def _plain(value: object) -> object:
    """A value as a sentence shows it: amounts with grouping and without scale zeros beyond the cents."""
    if isinstance(value, Decimal) and value.is_finite():
        text = f"{value.normalize():,f}" if value == value.to_integral_value() else f"{value:,f}".rstrip("0")
        whole, dot, digits = text.partition(".")
        return whole + dot + digits.ljust(2, "0") if dot else text
    return value


class TradeError(Exception):
    """A refusal in the words of the trade; `field` names the input it belongs to, where there is one."""

    field: str = ""

    def __init__(self, template: str, *, field: str = "", **values: Any) -> None:
        super().__init__(template)
        self.template = template
        self.values = values
        if field:
            self.field = field

    def said(self, translate: Callable[[str], str] = str) -> str:
        """The sentence, translated by `translate` and filled with its values (marked words are translated too)."""
        filled = {}
        for name, value in self.values.items():
            shown = _plain(value)
            filled[name] = translate(shown) if isinstance(shown, str) and name.endswith("_word") else shown
        return translate(self.template).format(**filled)

    def __str__(self) -> str:
        return self.said()


def os_words(error: OSError | UnicodeDecodeError) -> str:
    """Why the machine cannot read or write a file, in words that can be translated; its own where it is a rare one."""
    known = {
        errno.ENOENT: N_("there is no such file"),
        errno.EACCES: N_("it may not be opened"),
        errno.EISDIR: N_("it is a folder"),
    }
    if not isinstance(error, OSError):
        return str(error)
    return known.get(error.errno or 0) or error.strerror or str(error)


class WrongStateError(TradeError):
    """A step that the document's table of steps does not allow from the state it is in."""


class EmptyDocumentError(TradeError):
    """A document without lines cannot go on."""


class UnknownCodeError(TradeError):
    """No record has this code; near ones are offered."""


class MissingValueError(TradeError):
    """A value that the step needs was not given."""


class BadValueError(TradeError):
    """A value outside what the field takes."""


class ConflictError(TradeError):
    """Somebody else changed the document since it was read; nothing is silently overwritten."""


class CreditLimitError(TradeError):
    """The customer would owe more than the credit limit allows."""


class CustomerHoldError(TradeError):
    """The customer is on hold for this step."""


class ShortStockError(TradeError):
    """The stock that is left does not cover what was asked for; stock never goes below zero."""


class OverQuantityError(TradeError):
    """More than was ordered, delivered or invoiced."""


class OverAllocationError(TradeError):
    """More money than is open on an instalment or left of a payment."""


class DateOrderError(TradeError):
    """A date that would run backwards: in a number series, or behind stock that was consumed later."""


class LockedPeriodError(TradeError):
    """A date in a period whose books are locked: nothing is posted into it any more."""


class DuplicateError(TradeError):
    """A code or key that is taken."""


class NotFoundError(TradeError):
    """No such document."""


class NotAllowedError(TradeError):
    """A step that the person's role in the company does not take."""


class UnseenWarningError(TradeError):
    """A step raised warnings that its preview had not shown; look again, then do it."""

    notices: tuple["Notice", ...] = ()


class RowFault(NamedTuple):
    """What is wrong with one row of a file: where, and why."""

    file: str
    line: int
    column: str  # as the file calls it; empty where the whole row is meant
    error: TradeError

    def said(self, translate: Callable[[str], str] = str) -> str:
        """`file:line: column: sentence`, translated by `translate`."""
        column = f"{self.column}: " if self.column else ""
        return f"{self.file}:{self.line}: {column}{self.error.said(translate)}"


class FileImportError(TradeError):
    """A file that cannot be taken as it is; carries what is wrong, row by row."""

    def __init__(self, template: str, *, rows: tuple[RowFault, ...] = (), **values: Any) -> None:
        super().__init__(template, **values)
        self.rows = rows


class NoCompanyError(TradeError):
    """The books hold no company yet."""

    def __init__(self) -> None:
        super().__init__(N_("There is no company in these books yet. Run 'o2c init' or 'o2c demo' first."))


class Notice(NamedTuple):
    """A warning of a verb: it may go on, but only if whoever confirmed it had seen this code."""

    code: str
    template: str
    values: Mapping[str, Any]

    def said(self, translate: Callable[[str], str] = str) -> str:
        """The sentence, translated by `translate` and filled."""
        return TradeError(self.template, **dict(self.values)).said(translate)


class TroubleError(Exception):
    """The machine's fault, not the clerk's: no room, no right, no database. Template and values as in TradeError."""

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template)
        self.template = template
        self.values = values

    def said(self, translate: Callable[[str], str] = str) -> str:
        values: dict[str, Any] = dict(self.values)
        return TradeError(self.template, **values).said(translate)

    def __str__(self) -> str:
        return self.said()
