"""Lines of goods: item, quantity and unit cost under a head; goods received are the first kind of them."""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import BadValueError, TradeError, TroubleError
from o2c_tui.rules import entry
from o2c_tui.screens.base import amount, led, new_key, price, quantity
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.sheet import SheetScreen
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm
from o2c_tui.widgets.entry import CellSpec, EntrySheet, FieldSpec, Hit, Taken

ZERO = Decimal(0)
_ROWS = "rows"  # in a step of undo: the lines beside the fields


class GoodsModel(FormModel):
    """Goods as typed, line by line: what came in, is ordered, moved or put right."""

    DAYS: tuple[str, ...] = ("received_on",)  # fields that are dates
    PLACES: tuple[str, ...] = ("warehouse",)  # fields that are warehouses
    SUPPLIER_MAY_LACK = True
    COST_FROM_STOCK = True  # a cost nobody typed is that of the stock
    SIGNED = False  # a quantity may be less than nothing
    HAS_COST = True
    IN_UNITS = False  # a line keeps the unit it was typed in; else it is in stock units
    ASKS_PLACES = True  # of tracked items the lots are said, by Ctrl+E

    def __init__(self, desk: Any, values: Mapping[str, str], *, needed: Sequence[str]) -> None:
        from o2c_tui.queries.editing import company_facts

        company = desk.read_now(company_facts)
        places = {name: company.warehouse for name in self.PLACES if name == "warehouse"}
        super().__init__({**values, **places}, needed=needed)
        self.desk, self.digits = desk, company.digits
        self.rows: list[dict[str, str]] = []
        self.skipped = False
        self.checks: dict[str, Callable[[str], str]] = {
            **dict.fromkeys(self.DAYS, self._day),
            **dict.fromkeys(self.PLACES, self._warehouse),
        }
        if "supplier" in values:
            self.checks["supplier"] = self._supplier

    def needs(self, key: str) -> bool:
        if key == "supplier" and self.SUPPLIER_MAY_LACK:
            return not self.values["supplier"] and not self.skipped
        return super().needs(key)

    def _day(self, text: str) -> str:
        return (entry.day(text, self.desk.today()) if text else self.desk.today()).isoformat()

    def _warehouse(self, text: str) -> str:
        from o2c_tui.queries.editing import check_warehouse

        return str(self.desk.read_now(check_warehouse, text))

    def _warehouses(self, text: str) -> list[tuple[str, str]]:
        from o2c_tui.queries.editing import warehouses

        found: list[tuple[str, str]] = self.desk.read_now(warehouses)
        return [(code, name) for code, name in found if code.startswith(text.strip().upper())]

    def _supplier(self, text: str) -> str:
        from o2c_tui.queries.pick import find_parties

        if not text and self.SUPPLIER_MAY_LACK:
            self.skipped = True
            return ""
        found = self.desk.read_now(find_parties, text, supplier=True, limit=2) if text else ()
        if not found:
            raise BadValueError(N_("No supplier fits '{text}'. F4 searches; make one with F10 nv."), text=text)
        self.words["supplier"] = found[0].name
        return str(found[0].code)

    def lines(self) -> Sequence[Mapping[str, str]]:
        if not any(row.get("places") for row in self.rows):
            return self.rows
        from o2c_tui.screens.places_sheet import words_of

        return [
            {**row, "description": f"{words_of(json.loads(row['places']))}  {row['description']}"}
            if row.get("places")
            else row
            for row in self.rows
        ]

    def put(self, row: int, places: Sequence[Mapping[str, str]]) -> None:
        """The bins and lots of a line."""
        self._remember()
        self.rows[row] = {**self.rows[row], "places": json.dumps(places) if places else ""}

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
        from o2c_tui.queries.editing import goods_now
        from o2c_tui.queries.lookups import unit_named

        told = entry.line(text)
        item = self.desk.read_now(goods_now, told.item, self.values["warehouse"], self.values.get("supplier", ""))
        if not item.facts.stocked:
            raise BadValueError(N_("{item} is a service; it is not kept in stock."), item=item.facts.code)
        units = {item.facts.id: {unit.unit.casefold(): unit for unit in item.units}}
        unit = unit_named(item.facts, units, told.unit or item.unit)
        many = told.quantity
        if unit is not None and not self.IN_UNITS:  # stock is kept in stock units: a box is so many pieces
            many = entry.places((many if many is not None else Decimal(1)) * unit.num / unit.den, 6)
        usual = item.cost.quantize(Decimal("0.000001")) if item.cost and self.COST_FROM_STOCK else None
        cost = told.price if told.price is not None else usual
        fresh = {
            "item": item.facts.code,
            "description": item.facts.name,
            "unit": unit.unit if unit is not None and self.IN_UNITS else item.facts.unit,
            "quantity": quantity(many) if many is not None else "1",
            "cost": price(cost, self.digits) if cost is not None else "",
            "said": unit.unit if unit is not None and self.IN_UNITS else "",
            "tracking": str(item.facts.tracking),
        }
        self._price(fresh)
        self._remember()
        if row < len(self.rows):
            self.rows[row] = fresh
        else:
            self.rows.append(fresh)
        ask = self.ASKS_PLACES and item.facts.tracked
        said = _("{item} is tracked: Ctrl+E says its lots.").format(item=item.facts.code) if ask else ""
        done = many is not None and (told.price is not None or not self.HAS_COST or not self.COST_FROM_STOCK)
        cell = "" if done else "cost" if many is not None and self.HAS_COST else "quantity"
        return Taken("warn" if said else "ok", said, "line" if done else "next", cell)

    def _value(self, row: int, key: str, text: str) -> Taken:
        if row >= len(self.rows):
            raise BadValueError(N_("Begin the line with an item, as in BOLT-6*100 @0.40."))
        line = dict(self.rows[row])
        if key == "cost" and not text.strip():
            line["cost"] = ""
            self._price(line)
            self._remember()
            self.rows[row] = line
            return Taken(go="line")
        value = entry.places(entry.number(text), 6)
        if (key == "quantity" and (not value if self.SIGNED else value <= ZERO)) or (key == "cost" and value < ZERO):
            raise BadValueError(N_("The quantity must be more than 0, the cost 0 or more."))
        line[key] = quantity(value) if key == "quantity" else price(value, self.digits)
        self._price(line)
        self._remember()
        self.rows[row] = line
        last = key == "cost" or not self.HAS_COST
        return Taken(go="line" if last else "next", cell="" if last else "cost")

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
        if key in self.PLACES:
            return [Hit(code, name) for code, name in self._warehouses(text)]
        if key != "item" or any(sign in word for sign in "*@=# "):
            return ()
        return [
            Hit(
                h.code,
                f"{h.name}  ({h.box})" if h.box else h.name,
                f"{_('avail')} {quantity(h.available)}",
                takes=h.scanned,
            )
            for h in self.desk.read_now(find_items, word, party=self.values.get("supplier", ""))
            if str(h.kind) == "stocked"
        ]


class GoodsEditor(SheetScreen):
    """Lines of goods under a head; what kind of document they make is said by its subclasses."""

    KIND = ""  # of the document, and of the draft that is kept
    KEY = "id"  # of the result: the document's key
    STEP = N_("Save")
    HEADING = N_("NEXT STEP")
    DOES = N_("do it")
    MODEL: type[GoodsModel] = GoodsModel
    NEEDED: tuple[str, ...] = ()
    PRICE = N_("Unit cost")
    INCOMING = True  # goods come in: a new lot may be named, with its expiry
    MENU = (("throw_away", N_("Throw what was typed away")),)

    def __init__(self, *, kept: int | None = None) -> None:
        super().__init__()
        self.kept_at = kept
        self.saying = new_key()
        self.unsure = False  # it was said, and no answer came
        self.model: GoodsModel | None = None

    def head(self) -> dict[str, str]:
        """The fields of the head with what they begin with."""
        raise NotImplementedError  # each kind has its own

    def fields(self) -> list[list[FieldSpec]]:
        """How they stand."""
        raise NotImplementedError  # each kind has its own

    def verb(self) -> Any:
        """What F8 does."""
        raise NotImplementedError  # each kind has its own

    def draft(self) -> Any:
        """What the verb takes.

        Raises:
            TradeError: something is missing, or is no value.
        """
        raise NotImplementedError  # each kind has its own

    def told(self, result: Any) -> list[str]:
        """What the step makes and changes, a line each; the first is the document."""
        raise NotImplementedError  # each kind has its own

    def mode(self) -> str:
        """Whether it is new, or a stored draft is changed."""
        return _("NEW")

    def content(self) -> ComposeResult:
        self.model = self.MODEL(self.desk, self.head(), needed=self.NEEDED)
        self.kept = Kept(self.desk, self.KIND, self.kept_at)
        columns = [
            CellSpec("item", N_("Item"), width=14, code=True),
            CellSpec("description", N_("Description"), width=16, share=1, fixed=True),
            CellSpec("quantity", N_("Qty"), width=10, right=True),
            CellSpec("unit", N_("Unit"), width=5, fixed=True),
        ]
        if self.MODEL.HAS_COST:
            columns.append(CellSpec("cost", self.PRICE, width=12, right=True))
            columns.append(CellSpec("value", N_("Value"), width=13, right=True, fixed=True))
        self.sheet = EntrySheet(self.model, self.fields(), columns)
        yield self.sheet

    @property
    def goods(self) -> GoodsModel:
        """What is typed."""
        assert self.model is not None
        return self.model

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(mode=self.mode())
        words = self.kept.read()
        if words is not None:
            self.goods.values |= words["values"]
            self.goods.rows = words["rows"]
            self.ok(_("This is what was kept. F8 goes on with it."))
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

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("F8 = {step}").format(step=_(self.STEP)))

    def _say(self) -> None:
        lines, value = len(self.goods.rows), amount(self.goods.value, self.digits)
        self.totals.set(
            _("Lines {n}   Value {value}").format(n=lines, value=value)
            if self.MODEL.HAS_COST
            else _("Lines {n}").format(n=lines)
        )

    def key_label(self, action: str) -> str | None:
        return _(self.STEP) if action == "next_step" else None

    def on_entry_sheet_details(self, event: EntrySheet.Details) -> None:
        """Ctrl+E: bins and lots of the line."""
        if self.MODEL.ASKS_PLACES and event.row < len(self.goods.rows):
            self._ask_places(event.row)

    @work(group="read")
    async def _ask_places(self, row: int) -> None:
        from o2c_tui.queries.places import places_asked
        from o2c_tui.screens.places_sheet import PlacedLine, PlacesSheet

        line = self.goods.rows[row]
        found = await self.attempt(self.desk.read(places_asked, line["item"], self.goods.values["warehouse"]))
        if found is None:
            return
        if not found.tracked and not found.bins:
            self.hint(_("{item} is not tracked, and {place} has no bins.").format(item=line["item"], place=found.place))
            return
        wanted = entry.number(line["quantity"])
        incoming = self.INCOMING and wanted > ZERO
        asked = PlacedLine(line["item"], line["description"], found.unit, abs(wanted), found.place, incoming)

        def take(answer: list[dict[str, str]] | None) -> None:
            if answer is not None:
                self.goods.put(row, answer)
                self.entry.reload()
                self.entry.post_message(EntrySheet.Took(self.entry))

        await self.app.push_screen(PlacesSheet(asked, json.loads(line.get("places") or "[]")), take)

    def action_throw_away(self) -> None:
        """Forget what was typed."""
        self.kept.drop()
        self.dismiss(None)

    def action_save(self) -> None:
        """As F8: it is booked at once."""
        self.action_next_step()

    def action_next_step(self) -> None:
        """Show what is booked."""
        if self.entry.take_all():
            self._preview()

    @work(group="read")
    async def _preview(self) -> None:
        try:
            if self.unsure and (done := await self.desk.answer(self.verb(), self.saying)) is not None:
                self._booked(done)
                return
            draft = self.draft()
            found = await self.desk.preview(self.verb(), draft)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        lines: list[str | tuple[str, str]] = []
        if found.refusal is not None:
            lines.append((f"{led('Checks')}{found.refusal.said(_)}", "bad"))
        else:
            made, *changes = self.told(found.result)
            lines.append((f"{led('Makes')}{made}", "strong"))
            lines += [f"{led('Changes')}{change}" for change in changes]
            lines += [(f"{led('Checks')}{notice.said(_)}", "bad") for notice in found.warnings]

        def go(yes: bool | None) -> None:
            if yes:
                self._do(draft, found.codes)

        await self.app.push_screen(
            Confirm(_(self.HEADING), lines, does=_(self.DOES), possible=found.refusal is None), go
        )

    @work(group="write")
    async def _do(self, draft: Any, codes: frozenset[str]) -> None:
        self.unsure = True
        done = await self.attempt(
            self.desk.write(self.kept.dropped_by(self.verb()), draft, key=self.saying, accepted=codes)
        )
        if done is not None:
            self._booked(done)

    def _booked(self, done: Any) -> None:
        number = getattr(done, "number", "") or getattr(done, "label", "") or _("draft")
        said = _("{document} booked.").format(document=number)
        shown = self.o2c.show_document(self.KIND, getattr(done, self.KEY), replace=True, said=said)
        self.app.run_worker(shown, group="read")


class ReceiptEditor(GoodsEditor):
    """Goods received from a supplier."""

    PLACE = N_("GOODS RECEIPT")
    ABOUT = N_(
        "One line is ITEM*QTY @COST; Enter takes it. The cost is that of one stock unit, in the company's currency.\nCtrl+E on a line says its bins and lots. F8 shows what is booked, then takes the goods into stock."
    )
    KIND = "receipt"
    STEP = N_("Receive")
    HEADING = N_("NEXT STEP   Goods receipt")
    DOES = N_("take them in")
    NEEDED = ("supplier",)

    def head(self) -> dict[str, str]:
        return {"supplier": "", "received_on": self.desk.today().isoformat(), "reference": ""}

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("supplier", N_("Supplier"), width=10, code=True, beside=24),
                FieldSpec("received_on", N_("Date"), width=10),
            ],
            [FieldSpec("reference", N_("Reference"), width=20), FieldSpec("warehouse", N_("Where"), width=8)],
        ]

    def verb(self) -> Any:
        from o2c_tui.services.receiving import receive_goods

        return receive_goods

    def draft(self) -> Any:
        from o2c_tui.screens.places_sheet import spots_of
        from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft

        v = self.goods.values
        lacking = next((n for n, row in enumerate(self.goods.rows, 1) if not row["cost"]), None)
        if lacking is not None:
            raise BadValueError(N_("Line {n} has no cost."), n=lacking)
        return ReceiptDraft(
            tuple(
                ReceiptLineDraft(
                    row["item"],
                    entry.number(row["quantity"]),
                    entry.number(row["cost"]),
                    spots_of(json.loads(row.get("places") or "[]"), self.desk),
                )
                for row in self.goods.rows
            ),
            warehouse=v["warehouse"],
            supplier=v["supplier"],
            received_on=entry.day(v["received_on"], self.desk.today()),
            reference=v["reference"],
        )

    def told(self, result: Any) -> list[str]:
        changes = _("{n} items come into {place}; stock and ledger rise").format(
            n=len(self.goods.rows), place=self.goods.values["warehouse"]
        )
        return [f"{_('Goods receipt')} {result.number}  {amount(result.value, self.digits)}", changes]
