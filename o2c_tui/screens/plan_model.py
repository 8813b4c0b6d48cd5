"""A plan of recurring invoices while it is typed: an invoice's lines, and when they are billed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from o2c_tui.errors import BadValueError
from o2c_tui.rules import entry
from o2c_tui.screens.base import quantity
from o2c_tui.screens.draft_model import DraftLine, DraftState
from o2c_tui.screens.invoice_model import InvoiceModel
from o2c_tui.screens.simple_model import same_of
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import Taken

_FIELD_WORDS = {
    "customer": N_("Customer"),
    "every": N_("Unit"),
    "times": N_("Every"),
    "starts_on": N_("First day"),
    "until_on": N_("Last day"),
    "term": N_("Terms"),
    "reference": N_("Reference"),
    "note": N_("Note"),
    "discount": N_("Dsc%"),
}


@dataclass
class PlanState(DraftState):
    """Everything the editor of a plan holds."""

    code: str = ""
    every: str = "month"
    times: str = "1"
    starts_on: str = ""
    until_on: str = ""


class PlanModel(InvoiceModel):
    """The model behind the editor of plans."""

    STATE = PlanState
    state: PlanState

    def __init__(self, desk: Any) -> None:
        super().__init__(desk, "invoice")
        self.state.starts_on = desk.today().isoformat()
        self.active = True

    def field_words(self) -> Mapping[str, str]:
        return _FIELD_WORDS

    def take_setup(self, told: Any) -> None:
        """A plan as it is stored (services.recurring.RecurringSetup), or as a document would make it."""
        self.active = told.active
        self.state = PlanState(
            dated_on=self.desk.today().isoformat(),
            reference=told.customer_reference,
            term=told.term,
            warehouse=self.company.warehouse,
            note=told.note,
            code=told.code,
            every=str(told.every),
            times=str(told.times),
            starts_on=told.starts_on.isoformat(),
            until_on=told.until_on.isoformat() if told.until_on else "",
        )
        self.take_lines(told)

    def take_lines(self, told: Any) -> None:
        """The lines of another plan in place of these, for its customer and with what is taken off them all."""
        self.state.customer = told.customer
        self.state.discount = quantity(told.discount_percent) if told.discount_percent else ""
        self.state.lines = [
            DraftLine(
                line.item,
                line.description,
                quantity(line.quantity),
                "" if line.unit_price is None else quantity(line.unit_price) or "0",
                quantity(line.discount_percent) if line.discount_percent else "",
                line.tax_code,
                line.note,
                line.unit,
            )
            for line in told.lines
        ]
        self._after_load()

    def setup(self) -> Any:
        """The plan as the verb takes it.

        Raises:
            TradeError: a cell that is no value, or is empty and must not be.
        """
        from o2c_tui.models.recurring import Every
        from o2c_tui.services.recurring import RecurringSetup

        s, draft = self.state, self.draft()
        if not s.code:
            raise BadValueError(N_("Give the plan a code."), field="code")
        return RecurringSetup(
            s.code, draft.customer, draft.lines, date.fromisoformat(s.starts_on), Every(s.every), int(s.times),
            date.fromisoformat(s.until_on) if s.until_on else None,
            s.term, s.reference, s.note, draft.discount_percent, self.active,
        )  # fmt: skip

    # -- the head ----------------------------------------------------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        return super().is_empty and not self.state.code

    def needs(self, key: str) -> bool:
        return not self.state.code if key == "code" else super().needs(key)

    def beside(self, key: str) -> str:
        if key == "every":
            from o2c_tui.models.recurring import EVERY_WORDS, Every

            word = _(EVERY_WORDS[Every(self.state.every)])
            return word if word != self.state.every else ""
        return super().beside(key)

    def _take_field(self, key: str, text: str) -> Taken:
        checks: dict[str, Callable[[str], str]] = {
            "code": str.upper,
            "times": _whole,
            "every": self._unit_of_time,
            "starts_on": self._a_day,
            "until_on": lambda typed: self._a_day(typed) if typed else "",
        }
        if key not in checks:
            taken = super()._take_field(key, text)
            if key == "customer" and not self.state.code:
                from o2c_tui.queries.recurring import free_code

                self.state.code = self.desk.read_now(free_code, self.state.customer)
            return taken
        value = checks[key](text)
        self._remember()
        setattr(self.state, key, value)
        return Taken()

    def _a_day(self, text: str) -> str:
        return entry.day(text, self.desk.today()).isoformat()

    @staticmethod
    def _unit_of_time(text: str) -> str:
        from o2c_tui.models.recurring import EVERY_WORDS

        return same_of(EVERY_WORDS)(text)


def _whole(text: str) -> str:
    if not text.isdecimal() or not int(text[:9]):
        raise BadValueError(N_("Give a whole number."), field="times")
    return str(int(text))
