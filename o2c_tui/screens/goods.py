"""What is ordered from suppliers, moved between warehouses and put right by hand: typed like goods received."""

from collections.abc import Mapping, Sequence
from typing import Any

from o2c_tui.errors import BadValueError
from o2c_tui.rules import entry
from o2c_tui.screens.base import amount, quantity
from o2c_tui.screens.places_sheet import shares_of
from o2c_tui.screens.receipt import GoodsEditor, GoodsModel
from o2c_tui.screens.simple_model import same_of
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import FieldSpec


class _PurchaseModel(GoodsModel):
    DAYS = ("expected_on",)
    SUPPLIER_MAY_LACK = False
    COST_FROM_STOCK = False  # the supplier's own price stands where nobody types one
    IN_UNITS = True
    ASKS_PLACES = False  # they are said when the goods come

    def __init__(self, desk: Any, values: Mapping[str, str], *, needed: Sequence[str]) -> None:
        super().__init__(desk, values, needed=needed)
        self.checks["rate"] = self._rate

    def _day(self, text: str) -> str:
        return entry.day(text, self.desk.today()).isoformat() if text else ""

    @staticmethod
    def _rate(text: str) -> str:
        return quantity(entry.places(entry.number(text), 6)) if text else ""

    @property
    def currency(self) -> str:
        """Of the supplier; empty: the company's."""
        from o2c_tui.queries.editing import currency_of_supplier

        code = self.values["supplier"]
        return self.desk.read_now(currency_of_supplier, code) if code else ""

    def rate_words(self) -> str:
        """What one unit of the supplier's currency is in the company's: as typed, else as the books know it today."""
        from o2c_tui.queries.editing import rate_now

        code, own = self.currency, self.desk.facts.currency
        if not code:
            return ""
        known = self.values["rate"] or quantity(self.desk.read_now(rate_now, code, self.desk.today()))
        return f"1 {code} = {known} {own}" if known else _("no rate known: type it")


class PurchaseEditor(GoodsEditor):
    """Goods ordered from a supplier."""

    PLACE = N_("PURCHASE ORDER")
    ABOUT = N_(
        "One line is ITEM*QTY @PRICE; without a price the supplier's own is taken. Quantities are raised to whole packs.\nThe rate is what one unit of a supplier's foreign currency is in ours; empty: that of the day (F10 rates), else of the last order.\nF8 shows the order, then sends it: its goods are incoming from then on."
    )
    KIND = "purchase"
    STEP = N_("Send")
    HEADING = N_("NEXT STEP   Purchase order")
    DOES = N_("send it")
    MODEL = _PurchaseModel
    NEEDED = ("supplier",)
    PRICE = N_("Price")

    def head(self) -> dict[str, str]:
        return {"supplier": "", "expected_on": "", "reference": "", "rate": ""}

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("supplier", N_("Supplier"), width=10, code=True, beside=24),
                FieldSpec("expected_on", N_("Expected"), width=10),
            ],
            [
                FieldSpec("reference", N_("Reference"), width=20),
                FieldSpec("warehouse", N_("Warehouse"), width=8, code=True),
                FieldSpec("rate", N_("Rate"), width=10),
            ],
        ]

    def _say(self) -> None:
        model = self.goods
        assert isinstance(model, _PurchaseModel)
        value = self.figure_in(model.value, model.currency)
        told = _("Lines {n}   Value {value}").format(n=len(model.rows), value=value)
        if unpriced := sum(not row["cost"] for row in model.rows):
            told += "   " + _("{n} at the supplier's price").format(n=unpriced)
        self.totals.set(told, model.rate_words())

    def verb(self) -> Any:
        from o2c_tui.services.purchasing import order_purchase

        return order_purchase

    def draft(self) -> Any:
        from o2c_tui.services.purchasing import PurchaseDraft, PurchaseLineDraft

        v = self.goods.values
        if not v["supplier"]:
            raise BadValueError(N_("Say from whom it is bought."), field="supplier")
        lines = tuple(
            PurchaseLineDraft(
                row["item"],
                entry.number(row["quantity"]),
                unit=row.get("said") or (row["unit"] if row["cost"] else ""),
                unit_price=entry.number(row["cost"]) if row["cost"] else None,
            )
            for row in self.goods.rows
        )
        expected = entry.day(v["expected_on"], self.desk.today()) if v["expected_on"] else None
        return PurchaseDraft(
            v["supplier"],
            lines,
            expected_on=expected,
            warehouse=v["warehouse"],
            supplier_reference=v["reference"],
            rate=entry.number(v["rate"]) if v.get("rate") else None,
        )

    def told(self, result: Any) -> list[str]:
        coming = _("{n} items are on their way into {place}; nothing is booked").format(
            n=len(self.goods.rows), place=self.goods.values["warehouse"]
        )
        model = self.goods
        assert isinstance(model, _PurchaseModel)
        told = f"{_('Purchase order')} {result.label}  {self.figure_in(result.gross, model.currency)}"
        return [f"{told}   {model.rate_words()}".rstrip(), coming]


class _TransferModel(GoodsModel):
    DAYS = ("expected_on",)
    PLACES = ("warehouse", "target")
    HAS_COST = False

    def _day(self, text: str) -> str:
        return entry.day(text, self.desk.today()).isoformat() if text else ""


class TransferEditor(GoodsEditor):
    """Goods to be moved from one warehouse to another."""

    PLACE = N_("TRANSFER")
    ABOUT = N_(
        "One line is ITEM*QTY. F8 saves the transfer; on it F8 dispatches the goods, and once more takes them in.\nCtrl+E on a line says the bins and lots it is taken from. Goods under way are ours, but available nowhere."
    )
    KIND = "transfer"
    KEY = "transfer_id"
    HEADING = N_("NEXT STEP   Transfer")
    DOES = N_("save it")
    INCOMING = False
    MODEL = _TransferModel
    NEEDED = ("target",)

    def head(self) -> dict[str, str]:
        return {"target": "", "expected_on": "", "note": ""}

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("target", N_("To"), width=10, code=True),
                FieldSpec("warehouse", N_("From"), width=8, code=True),
                FieldSpec("expected_on", N_("Expected"), width=10),
            ],
            [FieldSpec("note", N_("Note"), width=30)],
        ]

    def verb(self) -> Any:
        from o2c_tui.services.transferring import save_transfer

        return save_transfer

    def draft(self) -> Any:
        from o2c_tui.services.transferring import TransferDraft, TransferLineDraft

        v = self.goods.values
        if not v["target"]:
            raise BadValueError(N_("Say where the goods are to go."), field="target")
        return TransferDraft(
            v["warehouse"],
            v["target"],
            tuple(
                TransferLineDraft(row["item"], part, location, lot)
                for row in self.goods.rows
                for part, location, lot, _expires in shares_of(row, self.desk)
            ),
            expected_on=entry.day(v["expected_on"], self.desk.today()) if v["expected_on"] else None,
            note=v["note"],
        )

    def told(self, result: Any) -> list[str]:
        v = self.goods.values
        going = _("{n} items are to go from {source} to {target}; nothing moves yet").format(
            n=len(self.goods.rows), source=v["warehouse"], target=v["target"]
        )
        return [_("Transfer"), going]


class _AdjustmentModel(GoodsModel):
    DAYS = ("adjusted_on",)
    COST_FROM_STOCK = False
    SIGNED = True

    def __init__(self, desk: Any, values: Any, *, needed: Any) -> None:
        from o2c_tui.models.warehouse import ADJUSTMENT_REASONS

        super().__init__(desk, values, needed=needed)
        self.checks["reason"] = same_of(ADJUSTMENT_REASONS)


class AdjustmentEditor(GoodsEditor):
    """Stock put right by hand."""

    PLACE = N_("STOCK ADJUSTMENT")
    ABOUT = N_(
        "One line is ITEM, then the quantity: gained, or lost with a minus (-3). A cost is asked of gains only; without one\nthe present cost is taken. Ctrl+E says bins and lots. The reason is a word: damaged, lost, found, correction … F8 shows what is booked."
    )
    KIND = "adjustment"
    KEY = "adjustment_id"
    STEP = N_("Post")
    HEADING = N_("NEXT STEP   Stock adjustment")
    DOES = N_("post it")
    MODEL = _AdjustmentModel
    NEEDED = ("reason",)

    def head(self) -> dict[str, str]:
        return {"reason": "", "adjusted_on": self.desk.today().isoformat(), "note": ""}

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("reason", N_("Reason"), width=12),
                FieldSpec("adjusted_on", N_("Date"), width=10),
                FieldSpec("warehouse", N_("Where"), width=8, code=True),
            ],
            [FieldSpec("note", N_("Note"), width=30)],
        ]

    def verb(self) -> Any:
        from o2c_tui.services.adjusting import adjust_stock

        return adjust_stock

    def draft(self) -> Any:
        from o2c_tui.services.adjusting import AdjustmentDraft, AdjustmentLineDraft

        v = self.goods.values
        if not v["reason"]:
            raise BadValueError(N_("Say why the stock is put right."), field="reason")
        lines = tuple(
            AdjustmentLineDraft(
                row["item"], part, entry.number(row["cost"]) if row["cost"] else None, location, lot, expires
            )
            for row in self.goods.rows
            for part, location, lot, expires in shares_of(row, self.desk)
        )
        on = entry.day(v["adjusted_on"], self.desk.today())
        return AdjustmentDraft(v["reason"], lines, warehouse=v["warehouse"], adjusted_on=on, note=v["note"])

    def told(self, result: Any) -> list[str]:
        changes = [_("stock in {place}, and the ledger by as much").format(place=self.goods.values["warehouse"])]
        if result.freed:
            changes.append(_("These orders wait again: {orders}").format(orders=", ".join(result.freed)))
        return [f"{_('Stock adjustment')} {result.number}  {amount(result.value, self.digits)}", *changes]


EDITORS: dict[str, type[GoodsEditor]] = {
    "purchase": PurchaseEditor,
    "transfer": TransferEditor,
    "adjustment": AdjustmentEditor,
}
