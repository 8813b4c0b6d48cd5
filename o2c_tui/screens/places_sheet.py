"""Where the goods of one line are put or taken from: bins, lots and quantities, typed line by line (Ctrl+E on a line)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from textual.app import ComposeResult

from o2c_tui.errors import BadValueError, TradeError
from o2c_tui.rules import entry
from o2c_tui.screens.base import DeskScreen, quantity
from o2c_tui.screens.rows_sheet import RowColumn, Rows, RowsModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import CellSpec, EntrySheet, Hit

ZERO = Decimal(0)


@dataclass(frozen=True)
class PlacedLine:
    """The line that is asked about."""

    item: str
    name: str
    unit: str
    wanted: Decimal  # in stock units
    warehouse: str
    incoming: bool = False  # goods come in: a new lot may be named, with its expiry
    parts: tuple[str, ...] = ()  # of a kit: the items it takes


class PlacesSheet(DeskScreen):
    """Bins and lots of one line; answers the rows, None for Esc."""

    PLACE = N_("BINS AND LOTS")
    ABOUT = N_(
        "One line a bin and lot: the bin, the lot or serial number, how many. A line without a quantity takes the rest.\nF4 on a bin or lot shows those that there are. Ctrl+S or F8 goes back to the step with them; Esc leaves them as they were."
    )

    def __init__(self, line: PlacedLine, rows: Rows) -> None:
        super().__init__()
        self.line = line
        columns = [
            RowColumn(CellSpec("location", N_("Bin"), width=12, code=True), self._bin, hits=self._bins),
            RowColumn(CellSpec("lot", N_("Lot"), width=20, share=1, code=True), self._lot, hits=self._lots),
            RowColumn(CellSpec("expires", N_("Expires"), width=11, fixed=not line.incoming), self._day),
            RowColumn(CellSpec("quantity", N_("Qty"), width=12, right=True), self._figure),
        ]
        if line.parts:
            columns.insert(
                0, RowColumn(CellSpec("item", N_("Item"), width=14, code=True), self._part, hits=self._parts)
            )
        self.model = RowsModel(columns, [dict(row) for row in rows], self._beside)
        self.model.may_begin_anywhere = True
        self.sheet = EntrySheet(self.model, (), [column.spec for column in columns])

    def content(self) -> ComposeResult:
        yield self.sheet

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(detail=f"{self.line.item}  {self.line.name}")
        self.sheet.to_lines()
        if self.model.rows:
            self.sheet.line = 0
        self.sheet.reload()
        self.sheet.focus()
        self._say()
        self.hint(_("Enter takes a cell; Ctrl+X takes a line out; F8 goes back to the step."))

    # -- cells -------------------------------------------------------------------------------------------------------

    def _figure(self, text: str) -> str:
        if not text:
            return ""
        value = entry.places(entry.number(text), 6)
        if value <= ZERO or (value > self.line.wanted and not self.line.parts):
            raise BadValueError(
                N_("Give a quantity from 0 to {most}."), most=self.line.wanted.normalize().to_eng_string()
            )
        return quantity(value)

    def _day(self, text: str) -> str:
        return entry.day(text, self.desk.today()).isoformat() if text else ""

    def _bin(self, text: str) -> str:
        from o2c_tui.queries.places import bin_named

        return str(self.desk.read_now(bin_named, self.line.warehouse, text)) if text else ""

    def _lot(self, text: str) -> str:
        return " ".join(text.split()).upper()

    def _part(self, text: str) -> str:
        wanted = text.upper()
        if wanted not in self.line.parts:
            raise BadValueError(N_("Give one of: {choices}."), choices=", ".join(self.line.parts))
        return wanted

    def _parts(self, text: str) -> Sequence[Hit]:
        return [Hit(code) for code in self.line.parts if code.startswith(text.strip().upper())]

    def _item_of(self, row: int) -> str:
        rows = self.model.rows
        return (rows[row].get("item") if row < len(rows) else "") or self.line.item

    def _bins(self, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.places import find_bins

        found = self.desk.read_now(find_bins, self.line.warehouse, text, item=self._item_of(self.sheet.line))
        return [Hit(row.code, row.name, quantity(row.quantity) if row.quantity else "") for row in found]

    def _lots(self, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.places import find_lots

        found = self.desk.read_now(find_lots, self._item_of(self.sheet.line), text, warehouse=self.line.warehouse)
        return [
            Hit(row.code, str(row.expires_on or ""), quantity(row.quantity) if row.quantity else "")
            for row in found
            if row.quantity or self.line.incoming
        ]

    def _beside(self, row: dict[str, str]) -> None:
        if row.get("lot") and not self.line.incoming:
            from o2c_tui.queries.places import find_lots

            found = self.desk.read_now(find_lots, row.get("item") or self.line.item, row["lot"])
            day = next((lot.expires_on for lot in found if lot.code == row["lot"]), None)
            row["expires"] = day.isoformat() if day else ""

    # -- keys --------------------------------------------------------------------------------------------------------

    def _say(self) -> None:
        said = sum((entry.number(row["quantity"]) for row in self.model.rows if row["quantity"]), ZERO)
        rest = any(not row["quantity"] for row in self.model.rows)
        told = _("{said} of {wanted} {unit}").format(
            said=quantity(said), wanted=quantity(self.line.wanted), unit=self.line.unit
        )
        self.totals.set(told, _("the last line takes the rest") if rest else "")

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        self._say()

    def on_entry_sheet_said(self, event: EntrySheet.Said) -> None:
        {"err": self.err, "warn": self.warn, "ok": self.ok}[event.level](event.text)

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.action_next_step()

    def key_label(self, action: str) -> str | None:
        return _("Take") if action == "next_step" else None

    def action_edit(self) -> None:
        """Change inside the cell."""
        self.sheet.edit_inside()

    def action_undo(self) -> None:
        """One step back."""
        self.sheet.undo()

    def action_redo(self) -> None:
        """One step forward."""
        self.sheet.undo(again=True)

    def action_find(self) -> None:
        """The bins or lots that there are."""
        if self.sheet.cell in ("location", "lot", "item"):
            text = self.sheet.buffer.text if self.sheet.buffer else ""
            self.sheet.found = list(self.model.hits(self.sheet.cell, text))[:8]
            self.sheet.chosen_hit = 0
            if self.sheet.found:
                self.sheet._begin()
                self.sheet.refresh()
            else:
                self.hint(_("Nothing here."))

    def action_save(self) -> None:
        """As F8."""
        self.action_next_step()

    def action_next_step(self) -> None:
        """Back to the step, with these bins and lots."""
        if self.sheet.take_all():
            self.dismiss([dict(row) for row in self.model.rows if row["location"] or row["lot"]])


def picks_of(line: int, rows: Rows, desk: Any) -> list[Any]:
    """The rows of one line as its verb takes them (services.picking.Pick)."""
    from o2c_tui.services.picking import Pick

    return [
        Pick(
            line,
            row["location"],
            row["lot"],
            entry.number(row["quantity"]) if row["quantity"] else None,
            row.get("item", ""),
            _day_of(row, desk),
        )
        for row in rows
    ]


def spots_of(rows: Rows, desk: Any) -> tuple[Any, ...]:
    """The rows of one line as a receipt's line takes them (services.placing.Spot)."""
    from o2c_tui.services.placing import Spot

    return tuple(
        Spot(
            row["location"],
            row["lot"],
            entry.number(row["quantity"]) if row["quantity"] else None,
            _day_of(row, desk),
        )
        for row in rows
    )


def shares_of(row: dict[str, str], desk: Any) -> list[tuple[Decimal, str, str, Any]]:
    """A typed line (`quantity`, `places`) by bin and lot: how many, where, which, its expiry; the rest in no bin."""
    whole = entry.number(row["quantity"])
    sign = -1 if whole < ZERO else 1
    left = abs(whole)
    found: list[tuple[Decimal, str, str, Any]] = []
    for place in sorted(json.loads(row.get("places") or "[]"), key=lambda told: not told["quantity"]):
        part = min(left, entry.number(place["quantity"])) if place["quantity"] else left
        if part:
            found.append((sign * part, place["location"], place["lot"], _day_of(place, desk)))
        left -= part
    if left or not found:
        found.append((sign * left, "", "", None))
    return found


def _day_of(row: dict[str, str], desk: Any) -> Any:
    if not row.get("expires"):
        return None
    try:
        return entry.day(row["expires"], desk.today())
    except TradeError:
        return None


def words_of(rows: Rows) -> str:
    """Bins and lots in short: A-01 L1 30, A-02 20."""
    return ", ".join(
        " ".join(part for part in (row.get("item", ""), row["location"], row["lot"], row["quantity"]) if part)
        for row in rows
    )
