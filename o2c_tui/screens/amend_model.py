"""A confirmed order while it is amended: its lines as they shall be, beside what they are."""

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from o2c_tui.errors import BadValueError
from o2c_tui.rules import entry
from o2c_tui.screens.base import quantity
from o2c_tui.screens.desk import Desk
from o2c_tui.screens.draft_model import DraftLine, DraftModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import Taken

ZERO = Decimal(0)
_STAYS = ("customer", "dated_on", "warehouse")


class AmendModel(DraftModel):
    """The lines of a confirmed order as they shall be, beside what they are."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "order")
        self.document: Any = None
        self.head: Mapping[str, Any] = {}
        self.was: dict[int, Mapping[str, Any]] = {}  # by position
        self.billed_taxes: Mapping[int, tuple[Decimal, ...]] = {}

    def take_document(self, document: Any) -> None:
        """The order as it stands; prices are those that were agreed."""
        self._rest(document)
        super().take_document(document)
        lines = []
        for line, source in zip(self.state.lines, document.lines, strict=True):
            if source["quantity"]:  # what was given up is no longer there
                line.line, line.price = source["position"], quantity(source["unit_price"])
                lines.append(line)
        self.state.lines = lines
        self.state.ship_to = _on_one_line(document.head["ship_to"])
        self._shown = None

    def _rest(self, document: Any) -> None:
        self.document = document
        self.head = document.head
        self.was = {line["position"]: line for line in document.lines}
        if any(line["tax_parts"] for line in document.lines):
            from o2c_tui.queries.tax_shares import billed_taxes

            self.billed_taxes = self.desk.read_now(billed_taxes, document.lines)

    def rest_on(self, theirs: DraftModel) -> None:
        """Compare with the order as it is now."""
        assert isinstance(theirs, AmendModel)
        self._rest(theirs.document)

    @property
    def currency(self) -> Any:
        """The order's own, at the rate it froze."""
        from o2c_tui.rules.exchange import Currency

        if not self.head:
            return super().currency
        return Currency(self.head["currency"], self.head["digits"], self.head["rate"], self.company.digits)

    def source_of(self, line: DraftLine) -> Mapping[str, Any] | None:
        """The line of the order that a typed line changes; None for a new one (another item or unit is another line)."""
        source = self.was.get(line.line)
        if source is None or source["item"] != line.item:
            return None
        return source if line.unit == (source["unit"] if source["factor_num"] else "") else None

    @staticmethod
    def least_of(source: Mapping[str, Any]) -> Decimal:
        """What a line cannot go below: shipped or invoiced."""
        least: Decimal = max(source["shipped"], source["invoiced"] - source["credited"])
        return least

    # -- what the verb takes -----------------------------------------------------------------------------------------

    def words(self) -> dict[str, Any]:
        """What differs, as the verb takes it; nothing where nothing does.

        Raises:
            TradeError: a cell that is no value.
        """
        from o2c_tui.services.amending import LineChange

        rows, _head = self._rows()
        changes, seen = [], set()
        for line, row in zip(self.state.lines, rows, strict=True):
            source = self.source_of(line)
            if source is None or source["position"] in seen:
                if line.item or line.description:
                    changes.append(self._new(line))
                continue
            seen.add(source["position"])
            told: dict[str, Any] = {
                name: row[name]
                for name in ("quantity", "unit_price", "discount_percent", "note", "description")
                if row[name] != source[name]
            }
            if told:
                changes.append(LineChange(source["position"], **told))
        for position, source in self.was.items():
            least = self.least_of(source)
            if position not in seen and source["quantity"] > least:
                changes.append(LineChange(position, least))
        found: dict[str, Any] = {"lines": tuple(changes)} if changes else {}
        found |= self._head_words()
        return found | {"reason": self.state.reason} if found and self.state.reason else found

    def _new(self, line: DraftLine) -> Any:
        from o2c_tui.services.amending import LineChange

        return LineChange(
            None,
            entry.number(line.quantity),
            entry.number(line.price) if line.price else None,
            entry.number(line.discount) if line.discount else None,
            description=line.description or None,
            note=line.note or None,
            item=line.item,
            unit=self._said_unit(line),
        )

    def _head_words(self) -> dict[str, Any]:
        s, head = self.state, self.head
        found: dict[str, Any] = {}
        until = entry.day(s.until, self.desk.today()) if s.until else None
        if until != head["promised_on"]:
            found |= {"no_promise": True} if until is None else {"promised_on": until}
        for name, typed in (("customer_reference", s.reference), ("term", s.term), ("note", s.note)):
            if typed != head[name]:
                found[name] = typed
        if s.ship_to != _on_one_line(head["ship_to"]):
            found["ship_to"] = "\n".join(part.strip() for part in s.ship_to.split(" / "))
        percent = entry.number(s.discount) if s.discount else ZERO
        if percent != head["discount_percent"]:
            found["discount_percent"] = percent
        return found

    def row_of(self, field: str) -> int | None:
        """The typed row that a refusal's field is about."""
        place = field.removeprefix("lines.").partition(".")[0]
        if not field.startswith("lines.") or not place.isdigit():
            return None
        position, fresh = int(place), max(self.was, default=0)
        for row, line in enumerate(self.state.lines):
            source = self.source_of(line)
            if source is None:
                fresh += 1
            if position == (fresh if source is None else source["position"]):
                return row
        return None

    # -- what is shown and typed ---------------------------------------------------------------------------------------

    def _summed(self, rows: list[dict[str, Any]], head: dict[str, Any]) -> Any:
        if not self.was:  # not read yet
            return super()._summed(rows, head)
        from o2c_tui.money import Rounding
        from o2c_tui.rules.amending import AmendedLine, amended_totals
        from o2c_tui.rules.pricing import LineInput
        from o2c_tui.rules.tax import TaxRounding
        from o2c_tui.rules.tax_parts import taxes_in

        lines = []
        for typed, row in zip(self.state.lines, rows, strict=True):
            source = self.source_of(typed)
            off = source["discount_amount"] if source is not None and row["quantity"] else ZERO
            line = LineInput(
                row["quantity"], row["unit_price"], row["discount_percent"], off,
                row["tax_code"], row["tax_rate"], tax_included=row["tax_included"], taxes=taxes_in(row["tax_parts"]),
            )  # fmt: skip
            if source is None:
                lines.append(AmendedLine(line))
                continue
            billed = (source["invoiced"] - source["credited"], source["invoiced_net"], source["invoiced_tax"])
            was = (source["quantity"], source["net"], source["tax"])
            lines.append(AmendedLine(line, *billed, *was, self.billed_taxes.get(source["id"], ())))
        order = self.head
        return amended_totals(
            lines,
            prices_include_tax=order["prices_include_tax"],
            tax_rounding=TaxRounding(order["tax_rounding"]),
            digits=order["digits"],
            rounding=Rounding(order["rounding"]),
            document_discount_percent=head["discount_percent"],
            document_discount_amount=order["discount_amount"],
            cash_step=order["cash_step"],
        )

    def _own_stock(self, item: str) -> Decimal:
        """What the order has reserved of an item, and what it has shipped."""
        from o2c_tui.queries.needs import factor_of, in_stock_units

        return sum(
            (
                in_stock_units(source["reserved"] + source["shipped"], factor_of(source))
                for source in self.was.values()
                if source["item"] == item
            ),
            ZERO,
        )

    def stock_words(self, row: int) -> str:
        """What is available, and what became of the line so far."""
        words = super().stock_words(row)
        source = self.source_of(self.state.lines[row]) if 0 <= row < len(self.state.lines) else None
        if source is not None:
            told = _("ordered {quantity}, shipped {shipped}, invoiced {invoiced}, reserved {reserved}").format(
                quantity=quantity(source["quantity"]),
                shipped=quantity(source["shipped"]),
                invoiced=quantity(source["invoiced"] - source["credited"]),
                reserved=quantity(source["reserved"]),
            )
            words = f"{told}; {words}" if words else told
        return words

    def _take_field(self, key: str, text: str) -> Taken:
        if key in _STAYS:
            if text and text.casefold() != str(getattr(self.state, key)).casefold():
                raise BadValueError(
                    N_("Customer, date and warehouse of a confirmed order stay; cancel it and write another.")
                )
            return Taken()
        return super()._take_field(key, text)

    def _quantity(self, value: Decimal, item: Any, unit_name: str = "") -> str:
        return "0" if not value else super()._quantity(value, item, unit_name)

    def say(self, name: str, text: str) -> None:
        """Take what has no field on the sheet: note, delivery address, reason."""
        self._remember()
        setattr(self.state, name, text)

    def remove_line(self, row: int) -> None:
        """A line of the order is cut to what is shipped or invoiced of it; a new one goes."""
        source = self.source_of(self.state.lines[row])
        if source is None:
            super().remove_line(row)
            return
        self._remember()
        line = copy.copy(self.state.lines[row])
        line.quantity = quantity(self.least_of(source)) or "0"
        self.state.lines[row] = line

    def repeat_line(self, row: int) -> bool:
        if not super().repeat_line(row):
            return False
        self.state.lines[-1].line = 0
        return True


def _on_one_line(address: str) -> str:
    return " / ".join(address.split("\n"))
