"""A payment term: its instalments line by line, with what an invoice of today would make of them."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from o2c_tui.errors import BadValueError
from o2c_tui.models.item import PaymentTerm
from o2c_tui.rules import entry
from o2c_tui.rules.terms import PartKind, schedule
from o2c_tui.screens.base import amount, quantity
from o2c_tui.screens.code_card import ROWS, CodeCard, FormRows, chosen, one_of
from o2c_tui.screens.item_rows import days, figure, yes_or_empty
from o2c_tui.screens.rows_sheet import RowColumn
from o2c_tui.screens.simple_model import same_of
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import CellSpec, FieldSpec

_YES_NO = {"yes": N_("yes"), "no": N_("no")}
_TAKES = {"rest": N_("rest"), "percent": N_("percent"), "of_rest": N_("% of rest"), "fixed": N_("fixed")}
_DAYS = {"mon": N_("Mon"), "tue": N_("Tue"), "wed": N_("Wed"), "thu": N_("Thu"), "fri": N_("Fri"), "sat": N_("Sat"), "sun": N_("Sun")}  # fmt: skip
_MOVES = {"next": N_("next"), "before": N_("before")}
_SAMPLE = Decimal(1000)


class TermCard(CodeCard):
    """A payment term."""

    PLACE = N_("PAYMENT TERM")
    ABOUT = N_(
        "One line an instalment: what it takes (fixed, percent, % of rest; the last takes the rest), and when it is due.\nMonths and days are added first; then it moves on to the end of the month (EOM), a day of the month, a weekday;\nOff to (next, before) moves it off weekends and the holidays of a country (DE, DE-BY).\nDisc. is the percentage given for paying within so many days. Invoices that are posted keep what they have."
    )
    KEEPS = "term"

    def columns(self) -> Sequence[RowColumn]:
        return (
            RowColumn(CellSpec("takes", N_("Takes"), width=9), one_of(_TAKES), begins=_(_TAKES["rest"])),
            RowColumn(CellSpec("value", N_("Value"), width=7, right=True), figure),
            RowColumn(CellSpec("months", N_("Months"), width=6, right=True), days),
            RowColumn(CellSpec("days", N_("Days"), width=4, right=True), days),
            RowColumn(CellSpec("eom", N_("EOM"), width=4), yes_or_empty),
            RowColumn(CellSpec("day", N_("Day"), width=4, right=True), days),
            RowColumn(CellSpec("weekday", N_("Weekday"), width=7), one_of(_DAYS)),
            RowColumn(CellSpec("business", N_("Off to"), width=6), one_of(_MOVES)),
            RowColumn(CellSpec("country", N_("Country"), width=7), str.upper),
            RowColumn(CellSpec("discount", N_("Disc."), width=5, right=True), figure),
            RowColumn(CellSpec("within", N_("Within"), width=6, right=True), days),
        )

    def make_model(self) -> FormRows:
        rest = {column.spec.key: column.begins for column in self.columns()}
        values = {"code": self.code, "name": "", "active": "yes", ROWS: json.dumps([rest])}
        if self.code:
            self.before = self.stored()
            values |= self.before
        return FormRows(
            values, self.columns(), needed=("code", "name"), checks={"code": str.upper, "active": same_of(_YES_NO)}
        )

    def stored(self) -> dict[str, str]:
        def read(session: Session) -> PaymentTerm:
            return session.exec(select(PaymentTerm).where(PaymentTerm.code == self.code)).one()

        term = self.desk.read_now(read)
        self.version, self.kept_at = term.version, term.id
        rows = [_row(part) for part in json.loads(term.parts)]
        return {"code": term.code, "name": term.name, "active": "yes" if term.active else "no", ROWS: json.dumps(rows)}

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("code", N_("Code"), width=12, fixed=bool(self.code)),
                FieldSpec("active", N_("Active"), width=4),
            ],
            [FieldSpec("name", N_("As printed"), width=50)],
        ]

    def after_taken(self) -> None:
        """Show what an invoice of today would make of it."""
        from o2c_tui.queries.lookups import parts_from_json

        try:
            parts = parts_from_json(json.dumps(self._parts()))
            made = schedule(_SAMPLE, parts, self.desk.today(), self.digits)
        except (BadValueError, ValueError):
            self.totals.set(_("These lines make no schedule yet: only the last takes the rest."))
            return
        told = ", ".join(
            f"{amount(part.amount, self.digits)} {part.due_on}"
            + (f" (-{amount(part.discount_amount, self.digits)} {part.discount_on})" if part.discount_on else "")
            for part in made
        )
        self.totals.set(_("Today {amount}: {parts}").format(amount=amount(_SAMPLE, self.digits), parts=told))

    def _parts(self) -> list[dict[str, Any]]:
        return [_part(row) for row in self.card.grid.rows]

    async def save(self) -> str:
        from o2c_tui.services.tax_codes import TermSetup, save_term

        v = self.form.values
        setup = TermSetup(v["code"], v["name"], tuple(self._parts()), active=v["active"] == "yes")
        done = await self.desk.write(save_term, setup, version=self.version, key=self.saying, accepted=None)
        return _("{code} saved.").format(code=done.code)


def _row(part: dict[str, Any]) -> dict[str, str]:
    """An instalment as its line shows it; weeks are days."""
    takes = "of_rest" if part["kind"] == PartKind.PERCENT_OF_REST else part["kind"]
    many = part.get("days", 0) + 7 * part.get("weeks", 0)
    weekday, business = part.get("weekday"), part.get("business_day", "")
    return {
        "takes": _(_TAKES[takes]),
        "value": _shown(part.get("value")),
        "months": str(part.get("months") or ""),
        "days": str(many or ""),
        "eom": _("yes") if part.get("end_of_month") else "",
        "day": str(part.get("day_of_month") or ""),
        "weekday": "" if weekday is None else _(list(_DAYS.values())[weekday]),
        "business": _(_MOVES[business]) if business else "",
        "country": part.get("country", ""),
        "discount": _shown(part.get("discount_percent")),
        "within": str(part.get("discount_days") or ""),
    }


def _shown(value: Any) -> str:
    figure = Decimal(value or 0)
    return quantity(figure) if figure else ""


def _part(row: dict[str, str]) -> dict[str, Any]:
    """A line as the verb takes it; what is empty is left out."""
    takes = chosen(_TAKES, row["takes"], "rest")
    told: dict[str, Any] = {
        "kind": "percent_of_rest" if takes == "of_rest" else takes,
        "value": str(entry.number(row["value"])) if row["value"] else "0",
        "months": int(row["months"] or 0),
        "days": int(row["days"] or 0),
        "end_of_month": bool(row["eom"]),
        "day_of_month": int(row["day"]) if row["day"] else None,
        "weekday": list(_DAYS).index(chosen(_DAYS, row["weekday"])) if row["weekday"] else None,
        "business_day": chosen(_MOVES, row["business"]),
        "country": row["country"],
        "discount_percent": str(entry.number(row["discount"])) if row["discount"] else "0",
        "discount_days": int(row["within"] or 0),
    }
    return {name: value for name, value in told.items() if name == "kind" or value not in (0, "", "0", None, False)}
