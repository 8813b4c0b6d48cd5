"""A supplier's bill typed against its receipts: quantities and prices in place, charges shared over goods, differences beside."""

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import wraps
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import BadValueError, TradeError
from o2c_tui.rules import entry
from o2c_tui.screens.base import amount, price, quantity
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.receipt import GoodsEditor, GoodsModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import CellSpec, EntrySheet, FieldSpec, Hit, Taken

ZERO = Decimal(0)
Row = dict[str, str]
_BASES = {"value": N_("by value"), "quantity": N_("by quantity"), "weight": N_("by weight")}


class BillModel(GoodsModel):
    """What is typed of a bill; every taken cell is tried by the verb that writes it, so its sums are the verb's own."""

    DAYS = ("billed_on",)
    PLACES = ()
    SUPPLIER_MAY_LACK = False
    ASKS_PLACES = False

    def __init__(self, desk: Any, values: Mapping[str, str], *, needed: Sequence[str]) -> None:
        super().__init__(desk, values, needed=needed)
        self.written: Any = None
        self.checks |= {"due_on": self._maybe_day, "tax": self._maybe_figure, "rate": self._maybe_figure}

    def _maybe_day(self, text: str) -> str:
        return self._day(text) if text else ""

    @staticmethod
    def _maybe_figure(text: str) -> str:
        return quantity(entry.places(entry.number(text), 6)) if text else ""

    # -- what the verb makes of it -----------------------------------------------------------------------------------

    def bill(self, rows: Sequence[Row] | None = None, values: Mapping[str, str] | None = None) -> Any:
        """What the verb takes.

        Raises:
            TradeError: a cell that is no value, or one that lacks.
        """
        from o2c_tui.models.purchase import BillKind, ChargeBasis
        from o2c_tui.services.bill_draft import BillDraft, BillLineDraft, ChargeDraft

        v, rows = values or self.values, self.rows if rows is None else rows
        if not v["supplier"]:
            raise BadValueError(N_("Say who bills."), field="supplier")
        goods = [row for row in rows if row["kind"] == "goods"]
        labels = tuple(row["of"] for row in goods)
        lines = []
        for row in goods:
            number, _sign, position = row["of"].partition("/")
            typed = row["typed"]
            lines.append(
                BillLineDraft(
                    number,
                    int(position),
                    entry.number(row["quantity"]),
                    entry.number(row["price"]) if typed == "price" else None,
                    entry.number(row["amount"]) if typed == "amount" else None,
                    self.tax_of(row),
                    description=row["description"],
                )
            )
        charges = tuple(
            ChargeDraft(
                row["description"],
                entry.number(row["amount"]) if row["amount"] else ZERO,
                tuple(row["over"].split()) or labels,
                ChargeBasis(row["of"]),
                self.tax_of(row),
            )
            for row in rows
            if row["kind"] == "charge"
        )
        today = self.desk.today()
        return BillDraft(
            v["supplier"],
            tuple(lines),
            charges,
            kind=BillKind(v["kind"]),
            supplier_return=v["supplier_return"],
            supplier_number=v["supplier_number"],
            billed_on=entry.day(v["billed_on"], today),
            due_on=entry.day(v["due_on"], today) if v["due_on"] else None,
            rate=entry.number(v["rate"]) if v["rate"] else None,
            tax=entry.number(v["tax"]) if v["tax"] else None,
            note=v["note"],
        )

    @staticmethod
    def tax_of(row: Row) -> str | None:
        """The tax code typed on a line; empty: none at all; None: the supplier's, else the item's."""
        return row.get("tax", "").strip("-") if row.get("taxed") else None

    def tried(self, draft: Any) -> Any:
        """The bill as it would be written.

        Raises:
            TradeError: it would be refused.
        """
        from o2c_tui.services.billing import write_bill

        found = self.desk.store.preview_now(write_bill, draft, by=self.desk.login, today=self.desk.today())
        if found.refusal is not None:
            raise found.refusal
        return found.result

    def show(self, rows: list[Row], values: Mapping[str, str] | None = None) -> None:
        """Take rows, with what the verb makes of them; charges that lack their amount wait.

        Raises:
            TradeError: it would be refused.
        """
        whole = [row for row in rows if row["kind"] == "goods" or (row["amount"] and row["description"])]
        self.written = None
        if whole:
            self.written = self.tried(self.bill(whole, values))
            goods = [row for row in whole if row["kind"] == "goods"]
            charges = [row for row in whole if row["kind"] == "charge"]
            for row, line in zip([*goods, *charges], self.written.lines, strict=True):
                row |= {
                    "amount": amount(line.net, self.written.digits),
                    "price": price(line.unit_price, self.written.digits) if row["kind"] == "goods" else "",
                    "difference": amount(line.difference, self.digits) if line.difference else "",
                    "tax": line.tax_code or ("-" if row.get("taxed") else ""),
                }
        self.rows = rows

    def lines(self) -> Sequence[Mapping[str, str]]:
        return [
            {
                **row,
                "of": row["of"] if row["kind"] == "goods" else _(_BASES[row["of"]]),
                "price": row["price"] + ("'" if row["typed"] == "price" else " ") if row["price"] else "",
                "amount": row["amount"] + ("'" if row["typed"] == "amount" else " ") if row["amount"] else "",
            }
            for row in self.rows
        ]

    def fresh(self, line: Any) -> Row:
        """A row of goods as they are to be billed."""
        return {
            "kind": "goods",
            "of": line.receipt,
            "item": line.item,
            "description": line.description,
            "quantity": quantity(line.quantity),
            "price": price(line.unit_price, self.digits),
            "amount": "",
            "difference": "",
            "typed": "",
            "over": "",
            "tax": line.tax_code,
            "taxed": "",
        }

    def goods_of(self, receipts: Sequence[str]) -> list[Row]:
        """What is to be billed of whole receipts ("GR26-0001"), or of one line ("GR26-0001/2").

        Raises:
            TradeError: there is no such receipt, or nothing of it is left.
        """
        from o2c_tui.models.purchase import BillKind
        from o2c_tui.services.bill_draft import BillDraft

        v = self.values
        numbers = tuple(dict.fromkeys(name.partition("/")[0] for name in receipts))
        rate = entry.number(v["rate"]) if v["rate"] else None
        told = self.tried(BillDraft(v["supplier"], receipts=numbers, kind=BillKind(v["kind"]), rate=rate))
        wanted = {name for name in receipts if "/" in name}
        return [self.fresh(line) for line in told.lines if not wanted or line.receipt in wanted]

    # -- typing ------------------------------------------------------------------------------------------------------

    def take_field(self, key: str, text: str) -> Taken:
        before, rows = dict(self.values), copy.deepcopy(self.rows)
        taken = super().take_field(key, text)
        if taken.level == "err":
            return taken
        try:
            if key == "supplier" and self.values["supplier"] != before["supplier"]:
                self.show(self.all_unbilled())
            elif self.values["supplier"]:
                self.show(copy.deepcopy(rows))
        except TradeError as error:
            self._past.pop()
            self.values, self.rows = before, rows
            return Taken("err", error.said(_))
        return taken

    def all_unbilled(self) -> list[Row]:
        """Everything that the supplier has not billed yet."""
        from o2c_tui.queries.unbilled import unbilled_receipts

        found = [row.number for row in self.desk.read_now(unbilled_receipts, self.values["supplier"])]
        return self.goods_of(found) if found else []

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        rows, written = copy.deepcopy(self.rows), self.written
        try:
            taken = self._first(row, text.strip(), rows) if key == "of" else self._cell(row, key, text.strip(), rows)
            before = json.dumps(self.rows)
            self.show(rows)
        except TradeError as error:
            self.written = written
            return Taken("err", _("Line {n}: {why}").format(n=row + 1, why=error.said(_)))
        self._past.append({**self.values, "rows": before})
        self._future.clear()
        return taken

    def _first(self, row: int, text: str, rows: list[Row]) -> Taken:
        """A receipt, one line of it, or the basis of a charge with the receipts it is shared over."""
        if not text:
            return Taken(go="stay")
        word, *over = text.upper().split()
        basis = next(
            (key for key, words in _BASES.items() if key.upper().startswith(word) or _(words).upper().startswith(word)),
            "",
        )
        if basis:
            old = rows[row] if row < len(rows) and rows[row]["kind"] == "charge" else None
            made = {
                **(old or dict.fromkeys(self.fresh_keys, "")),
                "kind": "charge",
                "of": basis,
                "over": " ".join(over),
            }
            rows[row:row + 1] = [made]  # fmt: skip
            return Taken(cell="description")
        known = {line["of"] for line in rows if line["kind"] == "goods"}
        found = [line for line in self.goods_of([word]) if line["of"] not in known]
        if not found:
            raise BadValueError(N_("{receipt} stands on this bill already."), receipt=word)
        rows[row:row] = found
        return Taken(cell="quantity")

    fresh_keys = (
        "kind", "of", "item", "description", "quantity", "price", "amount", "difference", "typed", "over", "tax", "taxed",
    )  # fmt: skip

    def _cell(self, row: int, key: str, text: str, rows: list[Row]) -> Taken:
        if row >= len(rows):
            raise BadValueError(
                N_("Begin the line with a goods receipt, or with value, quantity or weight for a charge.")
            )
        line = rows[row]
        if key == "description":
            line["description"] = text
            return Taken(cell="amount") if line["kind"] == "charge" else Taken()
        if key == "tax":
            line["tax"], line["taxed"] = text.upper(), "1" if text else ""
            return Taken(go="line")
        if line["kind"] == "charge" and key != "amount":
            return Taken(cell="amount")
        if not text:  # as ordered
            line["typed"] = ""
            return Taken(go="line")
        value = entry.places(entry.number(text.rstrip("'")), 6)
        if value < ZERO or (key == "quantity" and not value):
            raise BadValueError(N_("The quantity must be more than 0, the price 0 or more."))
        line[key] = quantity(value)
        if key in ("price", "amount"):
            line["typed"] = key
        return Taken(cell="price") if key == "quantity" else Taken(go="line")

    def remove_line(self, row: int) -> None:
        rows = copy.deepcopy(self.rows)
        del rows[row]
        before = json.dumps(self.rows)
        try:
            self.show(rows)
        except TradeError:  # a charge is left over without its goods
            self.written, self.rows = None, rows
        self._past.append({**self.values, "rows": before})
        self._future.clear()

    def repeat_line(self, row: int) -> bool:
        return False

    def _swap(self, source: list[dict[str, str]], target: list[dict[str, str]]) -> bool:
        done = super()._swap(source, target)
        if done and self.values["supplier"]:
            try:
                self.show(self.rows)
            except TradeError:
                self.written = None
        return done

    def hits(self, key: str, text: str) -> Sequence[Hit]:
        if key != "of":
            return super().hits(key, text)
        from o2c_tui.queries.unbilled import unbilled_receipts

        word = entry.folded(text).strip().upper()
        found = self.desk.read_now(unbilled_receipts, self.values["supplier"]) if self.values["supplier"] else []
        hits = [
            Hit(row.number, f"{row.received_on}  {row.reference}".rstrip(), amount(row.value, self.digits))
            for row in found
            if word in row.number
        ]
        return hits + [Hit(base, _(words)) for base, words in _BASES.items() if base.upper().startswith(word)]


class BillEditor(GoodsEditor):
    """A supplier's bill, or its credit for goods sent back."""

    PLACE = N_("SUPPLIER BILL")
    ABOUT = N_(
        "What was received stands there to be billed, at the price it was ordered for: type over what the paper says otherwise,\nCtrl+X takes a line off. Diff is what it costs more or less than it was taken in for. A new line is a receipt (GR26-0001, or one line\nof it: GR26-0001/2), or a charge: value, quantity or weight, by which it is shared over the goods of this bill; over others:\nweight GR26-0001 GR26-0002/2. Tax is the line's tax code (- for none, empty for the usual one). Ctrl+S writes it down, F8 shows what is booked, then posts."
    )
    KIND = "bill"
    KEY = "bill_id"
    STEP = N_("Post")
    HEADING = N_("NEXT STEP   Supplier bill")
    DOES = N_("post the bill")
    MODEL = BillModel
    NEEDED = ("supplier", "supplier_number")

    def __init__(
        self,
        supplier: str = "",
        receipts: Sequence[str] = (),
        *,
        supplier_return: str = "",
        document_id: int = 0,
        kept: int | None = None,
    ) -> None:
        super().__init__(kept=kept)
        if kept is not None and kept > 0:
            document_id = kept
        self.given, self.receipts, self.supplier_return = supplier, tuple(receipts), supplier_return
        self.document_id, self.version = document_id, 0

    def head(self) -> dict[str, str]:
        return {
            "supplier": "",
            "supplier_number": "",
            "billed_on": self.desk.today().isoformat(),
            "due_on": "",
            "tax": "",
            "rate": "",
            "note": "",
            "kind": "credit" if self.supplier_return else "bill",
            "supplier_return": self.supplier_return,
        }

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("supplier", N_("Supplier"), width=10, code=True, beside=20),
                FieldSpec("supplier_number", N_("Their number"), width=16),
            ],
            [
                FieldSpec("billed_on", N_("Date"), width=10),
                FieldSpec("due_on", N_("Due"), width=10),
                FieldSpec("tax", N_("Tax on paper"), width=10),
            ],
            [FieldSpec("note", N_("Note"), width=30), FieldSpec("rate", N_("Rate"), width=10)],
        ]

    def content(self) -> ComposeResult:
        self.model = BillModel(self.desk, self.head(), needed=self.NEEDED)
        self.kept = Kept(self.desk, self.KIND, self.document_id or self.kept_at)
        columns = [
            CellSpec("of", N_("Receipt"), width=12, code=True),
            CellSpec("item", N_("Item"), width=8, fixed=True),
            CellSpec("description", N_("Description"), width=7, share=1),
            CellSpec("quantity", N_("Qty"), width=7, right=True),
            CellSpec("price", N_("Price"), width=9, right=True),
            CellSpec("amount", N_("Amount"), width=11, right=True),
            CellSpec("tax", N_("Tax"), width=5),
            CellSpec("difference", N_("Diff"), width=8, right=True, fixed=True),
        ]
        self.sheet = EntrySheet(self.model, self.fields(), columns)
        yield self.sheet

    @property
    def bill(self) -> BillModel:
        """What is typed."""
        assert isinstance(self.model, BillModel)
        return self.model

    def on_mount(self) -> None:
        words = self.kept.read()
        try:
            if words is None or self.document_id:
                self._begin()
            if words is not None:
                self.bill.values |= words["values"]
                self.bill.show(words["rows"])
        except TradeError as error:
            self.say_refusal(error)
        if self.bill.values["kind"] == "credit":
            self.title_line.set(place=_("SUPPLIER CREDIT"))
        super().on_mount()

    def mode(self) -> str:
        return _("EDIT") if self.document_id else _("NEW")

    def _begin(self) -> None:
        """What the bill begins with: a stored draft, receipts, or goods sent back."""
        model = self.bill
        if self.document_id:
            self._take_document()
            return
        if not self.given:
            return
        model.values["supplier"] = self.given
        if self.supplier_return:
            told = model.tried(model.bill([]))
            model.show([model.fresh(line) for line in told.lines])
        else:
            model.show(model.goods_of(self.receipts))
        if model.written is not None:
            model.words["supplier"] = model.written.supplier

    def _take_document(self) -> None:
        from o2c_tui.queries.documents import document

        found, model = self.desk.read_now(document, "bill", self.document_id), self.bill
        self.version, head = found.version, found.head
        model.values |= {
            "supplier": found.customer,
            "supplier_number": head["supplier_number"],
            "billed_on": str(head["billed_on"]),
            "due_on": str(head["due_on"]),
            "note": head["note"],
            "kind": str(head["kind"]),
            "rate": quantity(head["rate"]) if head["rate"] != 1 else "",
            "supplier_return": self._return_number(head["return_id"]),
        }
        model.words["supplier"] = found.customer_name
        rows = []
        for line in found.lines:
            row = dict.fromkeys(model.fresh_keys, "") | {
                "kind": "goods" if line["receipt"] else "charge",
                "of": line["receipt"] or str(line["basis"]),
                "item": line["item"],
                "description": line["description"],
                "amount": amount(line["net"], head["digits"]),
                "tax": line["tax_code"] or "-",
                "taxed": "1",
            }
            if line["receipt"]:
                row |= {
                    "quantity": quantity(line["quantity"]),
                    "price": quantity(line["unit_price"]),
                    "typed": "amount",
                }
            else:
                row["over"] = " ".join(part.receipt for part in line["shares"])
            rows.append(row)
        model.show(rows)
        if head["tax"] != model.written.tax:
            model.values["tax"] = quantity(head["tax"])
            model.show(model.rows)

    def _return_number(self, key: int | None) -> str:
        from o2c_tui.queries.documents import document

        return self.desk.read_now(document, "supplier_return", key).label if key else ""

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        super().on_entry_sheet_took(event)
        self.entry._refresh_lines()
        self.entry.refresh()

    def _say(self) -> None:
        told = self.bill.written
        if told is None:
            self.totals.set(_("Lines {n}").format(n=len(self.bill.rows)))
            return
        left = _("Lines {n}   Net {net}   Tax {tax}   TOTAL {gross}").format(
            n=len(self.bill.rows),
            net=amount(told.net, told.digits),
            tax=amount(told.tax, told.digits),
            gross=amount(told.gross, told.digits),
        )
        differ = sum((line.difference for line in told.lines), ZERO)
        right = _("Diff {amount}").format(amount=amount(differ, self.digits)) if differ else ""
        if told.currency != self.own_currency:
            right = f"1 {told.currency} = {quantity(told.rate)} {self.own_currency}   {right}".rstrip()
        self.totals.set(f"{left} {told.currency}", right)

    def draft(self) -> Any:
        if not self.bill.rows:
            raise BadValueError(N_("Give what is billed: lines, receipts or charges."), field="lines")
        lacking = next((n for n, row in enumerate(self.bill.rows, 1) if not row["amount"]), None)
        if lacking is not None:
            raise BadValueError(N_("Line {n} has no amount."), n=lacking)
        return self.bill.bill()

    def verb(self) -> Callable[..., Any]:
        from o2c_tui.services.billing import enter_bill

        if not self.document_id:
            return enter_bill

        @wraps(enter_bill)
        def enter(session: Any, draft: Any, **words: Any) -> Any:
            return enter_bill(session, draft, document_id=self.document_id, version=self.version, **words)

        return enter

    def told(self, result: Any) -> list[str]:
        told = [f"{_('Supplier bill')} {result.number}  {self.figure_in(result.gross, self.bill.written.currency)}"]
        told.append(_("what we owe {supplier}").format(supplier=self.bill.words.get("supplier", "")))
        if result.to_stock or result.to_cost:
            told.append(
                _("dearer or cheaper than taken in: {stock} onto the stock, {cost} to cost of sales").format(
                    stock=amount(result.to_stock, self.digits), cost=amount(result.to_cost, self.digits)
                )
            )
        return told

    def action_save(self) -> None:
        """Write it down: nothing is owed yet."""
        if self.entry.take_all():
            self._save()

    @work(group="write")
    async def _save(self) -> None:
        from o2c_tui.services.billing import save_bill

        try:
            draft = self.draft()
        except TradeError as error:
            self.say_refusal(error)
            return
        words = {"document_id": self.document_id, "version": self.version} if self.document_id else {}
        done = await self.attempt(self.desk.write(self.kept.dropped_by(save_bill), draft, accepted=None, **words))
        if done is not None:
            self.document_id, self.version = done.id, done.version
            self.kept.place = done.id
            self.title_line.set(mode=_("EDIT"))
            self.ok(_("Saved: {total}. F8 = {step}").format(
                total=amount(done.gross, self.bill.written.digits), step=_(self.STEP)
            ))  # fmt: skip
