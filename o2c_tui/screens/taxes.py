"""A tax code: its rates by the day they hold from, or the taxes it stands for."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError
from o2c_tui.models.item import TAX_KIND_WORDS, TaxCode, TaxKind, TaxRate
from o2c_tui.rules import entry
from o2c_tui.screens.base import quantity
from o2c_tui.screens.code_card import ROWS, CodeCard, FormRows
from o2c_tui.screens.item_rows import figure, yes_or_empty
from o2c_tui.screens.rows_sheet import RowColumn
from o2c_tui.screens.simple_model import same_of, words_for
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import CellSpec, FieldSpec, Hit

_YES_NO = {"yes": N_("yes"), "no": N_("no")}


class TaxCard(CodeCard):
    """A tax code."""

    PLACE = N_("TAX CODE")
    ABOUT = N_(
        "A line is a rate with the day it holds from, or one of several taxes that this code stands for.\nOn top: that tax is taken on the amount with the taxes above it. In the price: prices of items hold it already.\nExempt, reverse charge and export have no rate; why is printed on the invoice.\nDocuments that exist keep the rate they have."
    )
    KEEPS = "tax"

    def columns(self) -> Sequence[RowColumn]:
        return (
            RowColumn(CellSpec("day", N_("From day"), width=11), self._day),
            RowColumn(CellSpec("rate", N_("Rate %"), width=10, right=True), figure),
            RowColumn(CellSpec("tax", N_("or tax"), width=12, code=True), str.upper, hits=self._taxes),
            RowColumn(CellSpec("compound", N_("On top"), width=8), yes_or_empty),
        )

    def _day(self, text: str) -> str:
        return entry.day(text, self.desk.today()).isoformat() if text else ""

    def _taxes(self, text: str) -> Sequence[Hit]:
        def read(session: Session) -> Sequence[TaxCode]:
            query = select(TaxCode).where(TaxCode.parts == "", col(TaxCode.code) != self.code, col(TaxCode.active))
            return session.exec(query.order_by(col(TaxCode.code))).all()

        return [
            Hit(tax.code, tax.name) for tax in self.desk.read_now(read) if tax.code.startswith(text.strip().upper())
        ]

    def make_model(self) -> FormRows:
        values = {"code": self.code, "name": "", "kind": "standard", "included": "no", "reason": "", "active": "yes"}
        if self.code:
            self.before = self.stored()
            values |= self.before
        checks = {
            "code": str.upper,
            "kind": same_of(TAX_KIND_WORDS),
            "included": same_of(_YES_NO),
            "active": same_of(_YES_NO),
        }
        return FormRows(values, self.columns(), needed=("code", "name"), checks=checks)

    def stored(self) -> dict[str, str]:
        def read(session: Session) -> tuple[TaxCode, Sequence[TaxRate]]:
            tax = session.exec(select(TaxCode).where(TaxCode.code == self.code)).one()
            rates = select(TaxRate).where(TaxRate.tax_code_id == tax.id).order_by(col(TaxRate.valid_from))
            return tax, session.exec(rates).all()

        tax, rates = self.desk.read_now(read)
        self.version, self.kept_at = tax.version, tax.id
        rows = [
            {"day": rate.valid_from.isoformat(), "rate": quantity(rate.rate * 100), "tax": "", "compound": ""}
            for rate in rates
        ]
        rows += [
            {"day": "", "rate": "", "tax": part["code"], "compound": _("yes") if part.get("compound") else ""}
            for part in json.loads(tax.parts or "[]")
        ]
        return {
            "code": tax.code,
            "name": tax.name,
            "kind": str(tax.kind),
            "included": "yes" if tax.included else "no",
            "reason": tax.reason,
            "active": "yes" if tax.active else "no",
            ROWS: json.dumps(rows),
        }

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("code", N_("Code"), width=12, fixed=bool(self.code)),
                FieldSpec("active", N_("Active"), width=4),
            ],
            [FieldSpec("name", N_("As printed"), width=30)],
            [FieldSpec("kind", N_("Kind"), width=15, beside=16), FieldSpec("included", N_("In the price"), width=4)],
            [FieldSpec("reason", N_("Why no tax"), width=60)],
        ]

    def after_taken(self) -> None:
        words_for(self.form, "kind", TAX_KIND_WORDS)

    async def save(self) -> str:
        from o2c_tui.services.tax_codes import TaxPartSetup, TaxSetup, save_tax

        v, rows = self.form.values, self.card.grid.rows
        rates: dict[date, Decimal] = {}
        for position, row in enumerate(rows, 1):
            if row["tax"]:
                continue
            if not row["day"] or not row["rate"]:
                raise BadValueError(
                    N_("Line {line}: give the day and the rate, or one of several taxes."), field="rate", line=position
                )
            rates[date.fromisoformat(row["day"])] = entry.number(row["rate"]) / 100
        gone = {row["day"] for row in json.loads(self.before.get(ROWS, "[]")) if row["day"]} - {
            row["day"] for row in rows
        }
        if gone:
            raise BadValueError(
                N_("The rate from {day} may be in use: put it right instead of taking it out."),
                field="rate",
                day=min(gone),
            )
        setup = TaxSetup(
            v["code"],
            v["name"],
            rates,
            included=v["included"] == "yes",
            reason=v["reason"],
            kind=TaxKind(v["kind"]),
            parts=tuple(TaxPartSetup(row["tax"], bool(row["compound"])) for row in rows if row["tax"]),
            active=v["active"] == "yes",
        )
        done = await self.desk.write(save_tax, setup, version=self.version, key=self.saying, accepted=None)
        return _("{code} saved.").format(code=done.code)
