"""Goods in: item, quantity and unit cost, line by line; F8 takes them into stock."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import BadValueError, TradeError, TroubleError
from o2c_tui.rules import entry
from o2c_tui.screens.base import DeskScreen, amount, price, quantity
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm
from o2c_tui.widgets.entry import CellSpec, EntrySheet, FieldSpec, Hit, Taken

ZERO = Decimal(0)
_ROWS = "rows"  # in a step of undo: the lines beside the fields


class ReceiptModel(FormModel):
    """What came in, as typed."""

    def __init__(self, desk: Any) -> None:
        from o2c_tui.queries.editing import company_facts

        company = desk.read_now(company_facts)
        super().__init__(
            {"supplier": "", "received_on": desk.today().isoformat(), "warehouse": company.warehouse, "reference": ""},
            needed=("supplier",),
        )
        self.desk, self.digits = desk, company.digits
        self.rows: list[dict[str, str]] = []
        self.skipped = False
        self.checks = {"received_on": self._day, "warehouse": self._warehouse, "supplier": self._supplier}

    def needs(self, key: str) -> bool:
        return key == "supplier" and not self.values["supplier"] and not self.skipped

    def _day(self, text: str) -> str:
        return (entry.day(text, self.desk.today()) if text else self.desk.today()).isoformat()

    def _warehouse(self, text: str) -> str:
        from o2c_tui.queries.editing import check_warehouse

        return str(self.desk.read_now(check_warehouse, text))

    def _supplier(self, text: str) -> str:
        from o2c_tui.queries.pick import find_parties

        if not text:
            self.skipped = True
            return ""
        found = self.desk.read_now(find_parties, text, supplier=True, limit=2)
        if not found:
            raise BadValueError(N_("No supplier fits '{text}'. Leave it empty, or make one with F10 nv."), text=text)
        self.words["supplier"] = found[0].name
        return str(found[0].code)

    def lines(self) -> Sequence[Mapping[str, str]]:
        return self.rows

    @property
    def value(self) -> Decimal:
        """What all lines are worth."""
        return sum((entry.number(row["value"]) for row in self.rows if row.get("value")), ZERO)

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        try:
            return self._item(row, text) if key == "item" else self._value(row, key, text)
        except TradeError as error:
            return Taken("err", _("Line {n}: {why}").format(n=row + 1, why=error.said(_)))

    def _item(self, row: int, text: str) -> Taken:
        from o2c_tui.queries.editing import item_now

        told = entry.line(text)
        item = self.desk.read_now(item_now, told.item, self.values["warehouse"])
        if not item.facts.stocked:
            raise BadValueError(N_("{item} is a service; it is not kept in stock."), item=item.facts.code)
        cost = (
            told.price if told.price is not None else (item.cost.quantize(Decimal("0.000001")) if item.cost else None)
        )
        fresh = {
            "item": item.facts.code,
            "description": item.facts.name,
            "unit": item.facts.unit,
            "quantity": quantity(told.quantity) if told.quantity is not None else "1",
            "cost": price(cost, self.digits) if cost is not None else "",
        }
        self._price(fresh)
        self._remember()
        if row < len(self.rows):
            self.rows[row] = fresh
        else:
            self.rows.append(fresh)
        done = told.quantity is not None and told.price is not None
        return Taken(
            go="line" if done else "next", cell="" if done else "cost" if told.quantity is not None else "quantity"
        )

    def _value(self, row: int, key: str, text: str) -> Taken:
        if row >= len(self.rows):
            raise BadValueError(N_("Begin the line with an item, as in BOLT-6*100 @0.40."))
        line = dict(self.rows[row])
        value = entry.places(entry.number(text), 6)
        if (key == "quantity" and value <= ZERO) or value < ZERO:
            raise BadValueError(N_("The quantity must be more than 0, the cost 0 or more."))
        line[key] = quantity(value) if key == "quantity" else price(value, self.digits)
        self._price(line)
        self._remember()
        self.rows[row] = line
        return Taken(go="line" if key == "cost" else "next", cell="cost" if key == "quantity" else "")

    def _price(self, line: dict[str, str]) -> None:
        line["value"] = ""
        if line["cost"]:
            line["value"] = amount(entry.number(line["quantity"]) * entry.number(line["cost"]), self.digits)

    def insert_line(self, row: int) -> None:
        return

    def remove_line(self, row: int) -> None:
        self._remember()
        del self.rows[row]

    def repeat_line(self, row: int) -> bool:
        if not 0 <= row < len(self.rows):
            return False
        self._remember()
        self.rows.append(dict(self.rows[row]))
        return True

    def _remember(self) -> None:
        self._past.append({**self.values, _ROWS: json.dumps(self.rows)})
        self._future.clear()

    def _swap(self, source: list[dict[str, str]], target: list[dict[str, str]]) -> bool:
        if not source:
            return False
        target.append({**self.values, _ROWS: json.dumps(self.rows)})
        self.values = source.pop()
        self.rows = json.loads(self.values.pop(_ROWS, json.dumps(self.rows)))
        return True

    def hits(self, key: str, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.pick import find_items, find_parties

        if key == "supplier":
            return [Hit(h.code, h.name) for h in self.desk.read_now(find_parties, text, supplier=True)]
        word = entry.folded(text).strip()
        if key != "item" or any(sign in word for sign in "*@=# "):
            return ()
        return [
            Hit(h.code, h.name, f"{_('avail')} {quantity(h.available)}")
            for h in self.desk.read_now(find_items, word)
            if str(h.kind) == "stocked"
        ]


class ReceiptEditor(DeskScreen):
    """Goods received from a supplier."""

    PLACE = N_("GOODS RECEIPT")
    ABOUT = N_(
        "One line is ITEM*QTY @COST; Enter takes it. The cost is that of one unit, in the company's currency.\nF8 shows what is booked, then takes the goods into stock."
    )

    MENU = (("throw_away", N_("Throw what was typed away")),)

    def __init__(self, *, kept: int | None = None) -> None:
        super().__init__()
        self.kept_at = kept
        self.model: ReceiptModel | None = None
        self.sheet: EntrySheet | None = None

    def content(self) -> ComposeResult:
        self.model = ReceiptModel(self.desk)
        self.kept = Kept(self.desk, "receipt", self.kept_at)
        fields = [
            [
                FieldSpec("supplier", N_("Supplier"), width=10, code=True, beside=24),
                FieldSpec("received_on", N_("Date"), width=10),
            ],
            [FieldSpec("reference", N_("Reference"), width=20), FieldSpec("warehouse", N_("Where"), width=8)],
        ]
        columns = [
            CellSpec("item", N_("Item"), width=14, code=True),
            CellSpec("description", N_("Description"), width=16, share=1, fixed=True),
            CellSpec("quantity", N_("Qty"), width=10, right=True),
            CellSpec("unit", N_("Unit"), width=5, fixed=True),
            CellSpec("cost", N_("Unit cost"), width=12, right=True),
            CellSpec("value", N_("Value"), width=13, right=True, fixed=True),
        ]
        self.sheet = EntrySheet(self.model, fields, columns)
        yield self.sheet

    @property
    def goods(self) -> ReceiptModel:
        """What is typed."""
        assert self.model is not None
        return self.model

    @property
    def entry(self) -> EntrySheet:
        """Where it is typed."""
        assert self.sheet is not None
        return self.sheet

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(mode=_("NEW"))
        words = self.kept.read()
        if words is not None:
            self.goods.values |= words["values"]
            self.goods.rows = words["rows"]
            self.ok(_("This is the receipt that was kept. F8 books it."))
        self.entry._refresh_lines()
        self.entry.to_start()
        self.entry.reload()
        self.entry.focus()
        self._say()

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        if self.goods.rows:
            try:
                words = {"values": self.goods.values, "rows": self.goods.rows}
                self.kept.keep(words, self.goods.words.get("supplier", ""))
            except TroubleError as error:
                self.say_refusal(error)
        self._say()

    def on_entry_sheet_said(self, event: EntrySheet.Said) -> None:
        {"err": self.err, "warn": self.warn, "ok": self.ok}[event.level](event.text)

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("F8 = {step}").format(step=_("Receive")))

    def _say(self) -> None:
        self.totals.set(
            _("Lines {n}   Value {value}").format(n=len(self.goods.rows), value=amount(self.goods.value, self.digits))
        )

    def key_label(self, action: str) -> str | None:
        return _("Receive") if action == "next_step" else None

    def action_edit(self) -> None:
        """Change inside the cell."""
        self.entry.edit_inside()

    def action_undo(self) -> None:
        """One step back."""
        self.entry.undo()

    def action_redo(self) -> None:
        """One step forward."""
        self.entry.undo(again=True)

    def action_throw_away(self) -> None:
        """Forget what was typed."""
        self.kept.drop()
        self.dismiss(None)

    def action_save(self) -> None:
        """As F8: a receipt is booked at once."""
        self.action_next_step()

    def action_next_step(self) -> None:
        """Show what is booked."""
        if self.entry.take_all():
            self._preview()

    @work(group="read")
    async def _preview(self) -> None:
        from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods

        v = self.goods.values
        try:
            lacking = next((n for n, row in enumerate(self.goods.rows, 1) if not row["cost"]), None)
            if lacking is not None:
                raise BadValueError(N_("Line {n} has no cost."), n=lacking)
            draft = ReceiptDraft(
                tuple(
                    ReceiptLineDraft(row["item"], entry.number(row["quantity"]), entry.number(row["cost"]))
                    for row in self.goods.rows
                ),
                warehouse=v["warehouse"],
                supplier=v["supplier"],
                received_on=entry.day(v["received_on"], self.desk.today()),
                reference=v["reference"],
            )
            found = await self.desk.preview(receive_goods, draft)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        lines: list[str | tuple[str, str]] = []
        if found.refusal is not None:
            lines.append((f"{_('Checks')}    {found.refusal.said(_)}", "bad"))
        else:
            lines.append(
                (
                    f"{_('Makes')}     {_('Goods receipt')} {found.result.number}  {amount(found.result.value, self.digits)}",
                    "strong",
                )
            )
            lines.append(
                f"{_('Changes')}   {_('{n} items come into {place}; stock and ledger rise').format(n=len(draft.lines), place=v['warehouse'])}"
            )

        def go(yes: bool | None) -> None:
            if yes:
                self._receive(draft)

        await self.app.push_screen(
            Confirm(_("NEXT STEP   Goods receipt"), lines, does=N_("take them in"), possible=found.refusal is None), go
        )

    @work(group="write")
    async def _receive(self, draft: Any) -> None:
        from o2c_tui.services.receiving import receive_goods

        done = await self.attempt(self.desk.write(self.kept.dropped_by(receive_goods), draft, accepted=None))
        if done is not None:
            said = _("{document} booked.").format(document=done.number)
            self.app.run_worker(self.o2c.show_document("receipt", done.id, replace=True, said=said), group="read")
