"""The lists that belong to an item: units, codes, suppliers' prices, parts of a kit, reorder rules, lots."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.rules import entry
from o2c_tui.screens.base import price, quantity
from o2c_tui.screens.rows_sheet import RowColumn, Rows, RowsScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import CellSpec, Hit

ZERO = Decimal(0)


def figure(text: str) -> str:
    """A figure of 0 or more; empty stays empty."""
    if not text:
        return ""
    value = entry.places(entry.number(text), 6)
    if value < ZERO:
        raise BadValueError(N_("Give figures of 0 or more."))
    return quantity(value)


def days(text: str) -> str:
    """A whole number of days; empty stays empty."""
    if text and not text.isdigit():
        raise BadValueError(N_("Give a number of days from 0 to {most}."), most=3650)
    return str(int(text)) if text else ""


def yes_or_empty(text: str) -> str:
    """yes, or nothing; any word that begins like yes in either language."""
    word = text.casefold()
    if word and ("yes".startswith(word) or _("yes").casefold().startswith(word)):
        return _("yes")
    return ""


def factor(text: str) -> str:
    """How many stock units: a whole number, a decimal or a fraction, kept exactly."""
    return shown_factor(entry.ratio(text))


def shown_factor(ratio: Fraction) -> str:
    """An exact factor as it is typed: 12, or 1/3."""
    return str(ratio)


def _number(text: str) -> Decimal:
    return entry.number(text) if text else ZERO


def _need(row: dict[str, str], key: str, position: int, words: str) -> None:
    if not row.get(key):
        raise MissingValueError(
            N_("Line {line}: {what} is missing."), field=f"{key}.{position}", line=position, what=_(words)
        )


class ItemRowsScreen(RowsScreen):
    """Rows that belong to an item; subclasses say which."""

    def read(self) -> Any:
        """All rows of the item as they are stored."""
        from o2c_tui.queries.item_rows import item_rows

        found = self.desk.read_now(item_rows, self.key)
        self.version, self.label, self.item = found.version, f"{found.code}  {found.name}", found
        return found

    item: Any

    def parties(self, text: str, *, supplier: bool) -> Sequence[Hit]:
        """Customers or suppliers that fit."""
        from o2c_tui.queries.pick import find_parties

        found = list(self.desk.read_now(find_parties, text, supplier=True))
        if not supplier:
            found += [hit for hit in self.desk.read_now(find_parties, text) if hit not in found]
        return [Hit(hit.code, hit.name) for hit in found]


class UnitRows(ItemRowsScreen):
    """The units an item is bought and sold in, beside its stock unit."""

    PLACE = N_("UNITS")
    ABOUT = N_(
        "How many stock units one of a unit is: 12, or exactly 1/3. A line says its unit (BOLT*3box), a supplier his.\nWhole: fractions of the unit are refused. The barcode of a box says the unit too. A unit taken out (Ctrl+X) goes out of use;\ndocuments that were made in it keep it."
    )
    KEEPS = "item_units"

    def columns(self) -> Sequence[RowColumn]:
        return (
            RowColumn(CellSpec("unit", N_("Unit"), width=10)),
            RowColumn(CellSpec("factor", N_("Is so many"), width=12, right=True), factor),
            RowColumn(CellSpec("of", N_("Stock unit"), width=10, fixed=True)),
            RowColumn(CellSpec("whole", N_("Whole only"), width=10), yes_or_empty),
            RowColumn(CellSpec("barcode", N_("Barcode"), width=20, share=1)),
        )

    def stored(self) -> Rows:
        found = self.read()
        return [
            {
                "unit": row.unit,
                "factor": shown_factor(Fraction(row.numerator, row.denominator)),
                "of": found.unit,
                "whole": _("yes") if row.whole_units else "",
                "barcode": row.barcode,
            }
            for row in found.units
        ]

    def beside_row(self, row: dict[str, str]) -> None:
        row["of"] = self.item.unit

    def saving(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        from o2c_tui.services.card_rows import UnitSetup, save_units

        units = []
        for n, row in enumerate(self.rows.rows, 1):
            _need(row, "factor", n, N_("Is so many"))
            ratio = entry.ratio(row["factor"])
            units.append(UnitSetup(row["unit"], ratio.numerator, ratio.denominator, bool(row["whole"]), row["barcode"]))
        return save_units, (self.item.code, tuple(units))


class CodeRows(ItemRowsScreen):
    """Other codes of an item: more barcodes, and what customers and suppliers call it."""

    PLACE = N_("CODES")
    ABOUT = N_(
        "A code without a customer or supplier is one more barcode: it is found wherever a code is typed or scanned.\nOne with a customer is found on that customer's documents. Ctrl+X takes a code out."
    )
    KEEPS = "item_codes"

    def columns(self) -> Sequence[RowColumn]:
        return (
            RowColumn(CellSpec("code", N_("Code"), width=24), lambda text: text.strip().upper()),
            RowColumn(
                CellSpec("party", N_("Of whom"), width=14, code=True),
                lambda text: text.strip().upper(),
                hits=lambda text: self.parties(text, supplier=False),
            ),
            RowColumn(CellSpec("name", N_("Name"), width=20, share=1, fixed=True)),
        )

    def stored(self) -> Rows:
        return [
            {"code": row.code, "party": row.party, "name": row.name if row.party else _("everybody: a barcode")}
            for row in self.read().codes
        ]

    def beside_row(self, row: dict[str, str]) -> None:
        hits = self.parties(row["party"], supplier=False) if row["party"] else ()
        name = next((hit.name for hit in hits if hit.code == row["party"]), "")
        row["name"] = name if row["party"] else _("everybody: a barcode")

    def saving(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        from o2c_tui.services.card_rows import CodeSetup, save_codes

        codes = tuple(CodeSetup(row["code"], row["party"]) for row in self.rows.rows)
        return save_codes, (self.item.code, codes)


class SupplierRows(ItemRowsScreen):
    """Who sells an item to us, and how."""

    PLACE = N_("SUPPLIERS OF AN ITEM")
    ABOUT = N_(
        "Their code, and price, pack and minimum of one unit, in the supplier's currency; lead time in days.\nPurchase orders and proposals go by these. Ctrl+X: sells it no more."
    )
    KEEPS = "item_suppliers"

    def columns(self) -> Sequence[RowColumn]:
        return (
            RowColumn(
                CellSpec("supplier", N_("Supplier"), width=10, code=True),
                lambda text: text.strip().upper(),
                hits=lambda text: self.parties(text, supplier=True),
            ),
            RowColumn(CellSpec("code", N_("Their code"), width=12, share=1)),
            RowColumn(CellSpec("unit", N_("Unit"), width=6)),
            RowColumn(CellSpec("price", N_("Price"), width=11, right=True), figure),
            RowColumn(CellSpec("currency", "", width=4, fixed=True)),
            RowColumn(CellSpec("pack", N_("Pack"), width=7, right=True), figure),
            RowColumn(CellSpec("minimum", N_("Min."), width=7, right=True), figure),
            RowColumn(CellSpec("days", N_("Days"), width=5, right=True), days),
        )

    def stored(self) -> Rows:
        return [
            {
                "supplier": row.supplier,
                "code": row.supplier_code,
                "unit": row.unit,
                "price": price(row.price, self.digits),
                "currency": row.currency,
                "pack": quantity(row.pack) if row.pack else "",
                "minimum": quantity(row.minimum) if row.minimum else "",
                "days": str(row.lead_time_days or ""),
            }
            for row in self.read().suppliers
        ]

    def saving(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        from o2c_tui.services.card_rows import SupplierItemSetup, save_suppliers

        rows = tuple(
            SupplierItemSetup(
                row["supplier"],
                row["code"],
                row["unit"],
                _number(row["price"]),
                _number(row["pack"]),
                _number(row["minimum"]),
                int(row["days"] or 0),
            )
            for row in self.rows.rows
        )
        return save_suppliers, (self.item.code, rows)


class PartRows(ItemRowsScreen):
    """What one kit is made of."""

    PLACE = N_("PARTS OF A KIT")
    ABOUT = N_(
        "What one kit is made of, each in its stock unit. Deliveries take the parts as they stand when they ship;\nas many kits are available as the scarcest part allows. Ctrl+X takes a part out."
    )
    KEEPS = "item_parts"

    def columns(self) -> Sequence[RowColumn]:
        return (
            RowColumn(CellSpec("item", N_("Item"), width=14, code=True), self._code, hits=self._items),
            RowColumn(CellSpec("name", N_("Description"), width=20, share=1, fixed=True)),
            RowColumn(CellSpec("quantity", N_("Qty"), width=10, right=True), figure, begins="1"),
            RowColumn(CellSpec("unit", N_("Unit"), width=6, fixed=True)),
        )

    def _code(self, text: str) -> str:
        from o2c_tui.queries.editing import item_now

        return str(self.desk.read_now(item_now, text, "").facts.code)  # refuses, naming near ones

    def _items(self, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.pick import find_items

        return [Hit(hit.code, hit.name) for hit in self.desk.read_now(find_items, text) if str(hit.kind) == "stocked"]

    def beside_row(self, row: dict[str, str]) -> None:
        from o2c_tui.queries.editing import item_now

        facts = self.desk.read_now(item_now, row["item"], "").facts
        row["name"], row["unit"] = facts.name, facts.unit

    def stored(self) -> Rows:
        return [
            {"item": row.item, "name": row.name, "quantity": quantity(row.quantity), "unit": row.unit}
            for row in self.read().parts
        ]

    def saving(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        from o2c_tui.services.card_rows import PartSetup, save_parts

        parts = tuple(PartSetup(row["item"], _number(row["quantity"])) for row in self.rows.rows)
        return save_parts, (self.item.code, parts)


class ReorderRows(ItemRowsScreen):
    """When and how much to buy of an item, by warehouse."""

    PLACE = N_("REORDER RULES")
    ABOUT = N_(
        "Due at or below the point, on what is available and will come less what waits; filled up to the target in packs.\nWithout a rule of its own a warehouse goes by the point on the item's card. Ctrl+X takes a rule out."
    )
    KEEPS = "item_rules"

    def columns(self) -> Sequence[RowColumn]:
        return (
            RowColumn(CellSpec("warehouse", N_("Where"), width=12, code=True), str.upper, hits=self._places),
            RowColumn(CellSpec("point", N_("Reorder at"), width=12, right=True), figure, begins="0"),
            RowColumn(CellSpec("target", N_("Fill up to"), width=12, right=True), figure),
            RowColumn(CellSpec("pack", N_("Pack"), width=10, right=True), figure),
            RowColumn(CellSpec("days", N_("Days"), width=6, right=True), days),
        )

    def _places(self, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.editing import warehouses

        found: list[tuple[str, str]] = self.desk.read_now(warehouses)
        return [Hit(code, name) for code, name in found if code.startswith(text.strip().upper())]

    def stored(self) -> Rows:
        return [
            {
                "warehouse": row.warehouse,
                "point": quantity(row.point),
                "target": quantity(row.target) if row.target else "",
                "pack": quantity(row.pack) if row.pack else "",
                "days": str(row.lead_time_days or ""),
            }
            for row in self.read().rules
        ]

    def saving(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        from o2c_tui.services.card_rows import ReorderSetup, save_reorder_rules

        rules = tuple(
            ReorderSetup(
                row["warehouse"],
                _number(row["point"]),
                _number(row["target"]),
                _number(row["pack"]),
                int(row["days"] or 0),
            )
            for row in self.rows.rows
        )
        return save_reorder_rules, (self.item.code, rules)


class LotRows(ItemRowsScreen):
    """The lots or serial numbers of an item."""

    PLACE = N_("LOTS")
    ABOUT = N_(
        "Lots come with the goods; here their expiry and note are put right, or a lot is made known before it comes.\nWhere they lie and who got them: the list of lots, F10 lots."
    )
    KEEPS = "item_lots"

    def columns(self) -> Sequence[RowColumn]:
        return (
            RowColumn(CellSpec("code", N_("Lot"), width=20), lambda text: " ".join(text.split()).upper()),
            RowColumn(CellSpec("expires", N_("Expires"), width=11), self._day),
            RowColumn(CellSpec("quantity", N_("On hand"), width=10, right=True, fixed=True)),
            RowColumn(CellSpec("note", N_("Note"), width=20, share=1)),
        )

    def _day(self, text: str) -> str:
        return entry.day(text, self.desk.today()).isoformat() if text else ""

    def stored(self) -> Rows:
        return [
            {
                "code": row.code,
                "expires": row.expires_on.isoformat() if row.expires_on else "",
                "quantity": quantity(row.quantity) if row.quantity else "",
                "note": row.note,
            }
            for row in self.read().lots
        ]

    def saving(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        from o2c_tui.services.card_rows import LotSetup, save_lots

        lots = tuple(
            LotSetup(
                row["code"],
                entry.day(row["expires"], self.desk.today()) if row["expires"] else None,
                row["note"],
            )
            for row in self.rows.rows
        )
        return save_lots, (self.item.code, lots)


SCREENS: dict[str, type[ItemRowsScreen]] = {
    screen.KEEPS: screen for screen in (UnitRows, CodeRows, SupplierRows, PartRows, ReorderRows, LotRows)
}
