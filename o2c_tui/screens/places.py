"""Warehouses, bins and lots: their cards, what lies in them, goods put elsewhere, and lots traced both ways."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from textual import work

from o2c_tui.errors import BadValueError
from o2c_tui.models.item import WAREHOUSE_WORDS, Location, Warehouse, WarehouseKind
from o2c_tui.rules import entry
from o2c_tui.screens.base import DeskScreen, quantity
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.screens.simple_model import FormModel, same_of, words_for
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import FieldSpec, Hit
from o2c_tui.widgets.listing import Column, WindowedList

ZERO = Decimal(0)
_YES_NO = {"no": N_("no"), "yes": N_("yes")}
_KINDS = {kind: words for kind, words in WAREHOUSE_WORDS.items() if kind is not WarehouseKind.TRANSIT}


class WarehouseCard(FormScreen):
    """A warehouse."""

    PLACE = N_("WAREHOUSE")
    ABOUT = N_(
        "A store is sold from; quarantine and scrap are kept and valued, and never sold. A quarantine belongs to a store.\nGoods in transit are kept by transfers. A warehouse that is not active takes no more goods; empty it first."
    )
    KEEPS = "warehouse"

    def __init__(self, code: str = "", *, kept: int | None = None) -> None:
        super().__init__(kept=kept)
        self.code = code

    def make_model(self) -> FormModel:
        values = {"code": self.code, "name": "", "kind": "store", "parent": "", "address": "", "active": "yes"}
        if self.code:
            values |= self.stored()
        return FormModel(
            values,
            needed=("code", "name") if not self.code else ("name",),
            checks={"code": str.upper, "parent": str.upper, "kind": same_of(_KINDS), "active": same_of(_YES_NO)},
        )

    def stored(self) -> dict[str, str]:
        def read(session: Any) -> tuple[Any, str]:
            from o2c_tui.queries.lookups import warehouse_by_code

            place = warehouse_by_code(session, self.code)
            parent = session.get(Warehouse, place.parent_id) if place.parent_id else None
            return place, parent.code if parent else ""

        place, parent = self.desk.read_now(read)
        self.version, self.kept_at = place.version, place.id
        return {
            "name": place.name,
            "kind": str(place.kind),
            "parent": parent,
            "address": " / ".join(place.address.split("\n")),
            "active": "yes" if place.active else "no",
        }

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [FieldSpec("code", N_("Code"), width=14, fixed=bool(self.code)), FieldSpec("name", N_("Name"), width=30)],
            [
                FieldSpec("kind", N_("Kind"), width=10, beside=14),
                FieldSpec("parent", N_("Of the store"), width=14),
            ],
            [FieldSpec("address", N_("Address"), width=60)],
            [FieldSpec("active", N_("Active"), width=4)],
        ]

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(detail=self.code, mode=_("EDIT") if self.code else _("NEW"))
        self.after_taken()

    def after_taken(self) -> None:
        words_for(self.form, "kind", WAREHOUSE_WORDS)

    async def save(self) -> str:
        from o2c_tui.services.setup import save_warehouse

        v = self.form.values
        address = "\n".join(part.strip() for part in v["address"].split(" / "))
        done = await self.desk.write(
            save_warehouse,
            v["code"],
            v["name"],
            address,
            kind=next((kind for kind in _KINDS if kind == v["kind"]), None),
            parent=v["parent"],
            active=v["active"] != "no",
            version=self.version,
            accepted=None,
        )
        return _("{code} saved.").format(code=done.code)


class LocationCard(FormScreen):
    """A bin."""

    PLACE = N_("BIN")
    ABOUT = N_(
        "A bin or shelf of a warehouse. Goods are picked in the order of the walk: its number, then the code.\nA bin that is not active takes no more goods; put what lies in it elsewhere first."
    )
    KEEPS = "location"

    def __init__(self, code: str = "", warehouse: str = "", *, kept: int | None = None) -> None:
        super().__init__(kept=kept)
        self.code, self.warehouse = code, warehouse

    def make_model(self) -> FormModel:
        from o2c_tui.queries.editing import check_warehouse, company_facts

        default = self.warehouse or self.desk.read_now(company_facts).warehouse
        values = {"code": self.code, "warehouse": default, "name": "", "pick_order": "0", "active": "yes"}
        if self.code:
            values |= self.stored()
        return FormModel(
            values,
            needed=("code",) if not self.code else (),
            checks={
                "code": str.upper,
                "warehouse": lambda text: str(self.desk.read_now(check_warehouse, text)),
                "pick_order": _whole,
                "active": same_of(_YES_NO),
            },
        )

    def stored(self) -> dict[str, str]:
        def read(session: Any) -> Location:
            from o2c_tui.queries.lookups import warehouse_by_code
            from o2c_tui.queries.places import location_by_code

            return location_by_code(session, warehouse_by_code(session, self.warehouse).id, self.code)

        place = self.desk.read_now(read)
        self.version, self.kept_at = place.version, place.id
        return {
            "warehouse": self.warehouse,
            "name": place.name,
            "pick_order": str(place.pick_order),
            "active": "yes" if place.active else "no",
        }

    def fields(self) -> list[list[FieldSpec]]:
        fixed = bool(self.code)
        return [
            [
                FieldSpec("code", N_("Code"), width=14, fixed=fixed),
                FieldSpec("warehouse", N_("Where"), width=10, fixed=fixed),
            ],
            [FieldSpec("name", N_("Name"), width=40)],
            [FieldSpec("pick_order", N_("Walk"), width=8), FieldSpec("active", N_("Active"), width=4)],
        ]

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(detail=self.code, mode=_("EDIT") if self.code else _("NEW"))

    async def save(self) -> str:
        from o2c_tui.services.bins import save_location

        v = self.form.values
        done = await self.desk.write(
            save_location,
            v["code"],
            warehouse=v["warehouse"],
            name=v["name"],
            pick_order=int(v["pick_order"] or 0),
            active=v["active"] != "no",
            version=self.version,
            accepted=None,
        )
        return _("{code} saved.").format(code=done.code)


def _whole(text: str) -> str:
    if text and not text.isdigit():
        raise BadValueError(N_("Give a whole number of 0 or more."))
    return str(int(text or 0))


def card_of(desk: Any, kind: str, place: int) -> FormScreen:
    """The card of a stored warehouse or bin (its id), or of a new one that was kept (below 0)."""

    def codes(session: Any) -> tuple[str, str]:
        if kind == "warehouse":
            found = session.get(Warehouse, place)
            return (found.code, "") if found is not None else ("", "")
        shelf = session.get(Location, place)
        return (shelf.code, session.get_one(Warehouse, shelf.warehouse_id).code) if shelf is not None else ("", "")

    code, warehouse = desk.read_now(codes) if place > 0 else ("", "")
    if kind == "warehouse":
        return WarehouseCard(code, kept=place)
    return LocationCard(code, warehouse, kept=place)


class PutElsewhere(FormScreen):
    """Goods put from one bin into another."""

    PLACE = N_("MOVE GOODS")
    ABOUT = N_(
        "Goods of a warehouse from one bin into another; no bin is where goods lie that were never put away.\nStock, cost and ledger do not change. Ctrl+S or F8 moves them; without a quantity all there is."
    )

    def __init__(self, item: str, warehouse: str, *, source: str = "", lot: str = "", there: str = "") -> None:
        super().__init__()
        self.given = {"item": item, "warehouse": warehouse, "source": source, "lot": lot, "to": "", "quantity": ""}
        self.there = there

    def make_model(self) -> FormModel:
        return FormModel(
            self.given,
            needed=("item", "to"),
            checks={"item": str.upper, "warehouse": str.upper, "source": str.upper, "to": str.upper, "quantity": _part},
            look_up=self._hits,
        )

    def _hits(self, key: str, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.pick import find_items
        from o2c_tui.queries.places import find_bins, find_lots

        v = self.form.values
        if key == "item":
            return [Hit(hit.code, hit.name) for hit in self.desk.read_now(find_items, text) if hit.kind == "stocked"]
        if key == "lot":
            found = self.desk.read_now(find_lots, v["item"], text, warehouse=v["warehouse"])
            return [Hit(lot.code, str(lot.expires_on or ""), quantity(lot.quantity)) for lot in found if lot.quantity]
        bins = self.desk.read_now(find_bins, v["warehouse"], text, item=v["item"])
        return [Hit(row.code, row.name, quantity(row.quantity) if row.quantity else "") for row in bins]

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("item", N_("Item"), width=14, code=True),
                FieldSpec("warehouse", N_("Where"), width=10),
            ],
            [
                FieldSpec("source", N_("From bin"), width=14, code=True),
                FieldSpec("lot", N_("Lot"), width=20, code=True),
            ],
            [FieldSpec("to", N_("Into bin"), width=14, code=True), FieldSpec("quantity", N_("Qty"), width=12)],
        ]

    def on_mount(self) -> None:
        super().on_mount()
        if self.there:
            self.totals.set(_("{n} lie there; without a quantity all of them go.").format(n=self.there))

    def key_label(self, action: str) -> str | None:
        return _("Move") if action == "next_step" else None

    def action_next_step(self) -> None:
        """As Ctrl+S."""
        self.action_save()

    async def save(self) -> str:
        from o2c_tui.services.bins import relocate

        v = self.form.values
        part = entry.number(v["quantity"]) if v["quantity"] else None
        moved = await self.desk.write(
            relocate,
            v["item"],
            part,
            source=v["source"],
            to=v["to"],
            lot=v["lot"],
            warehouse=v["warehouse"],
            accepted=None,
        )
        return _("{n} {item} lie in {place} now.").format(n=quantity(moved), item=v["item"], place=v["to"] or "–")


def _part(text: str) -> str:
    if not text:
        return ""
    value = entry.places(entry.number(text), 6)
    if value <= 0:
        raise BadValueError(N_("The quantity must be more than 0."))
    return quantity(value)


class ContentScreen(ListedScreen):
    """What lies in a bin, or in all of a warehouse."""

    PLACE = N_("WHAT LIES HERE")
    ABOUT = N_(
        "What lies in a bin, or in a whole warehouse, by bin and lot. F8 puts the goods of the row elsewhere;\nEnter opens the item's card, F2 changes the bin or warehouse."
    )
    IS_LIVE = True

    def __init__(self, warehouse: str, location: str = "") -> None:
        super().__init__()
        self.warehouse, self.location = warehouse, location
        self.rows: WindowedList[Any] = WindowedList(
            [
                Column(N_("Bin"), lambda p: p.location or "–", width=8),
                Column(N_("Item"), lambda p: p.code, width=11),
                Column(N_("Description"), lambda p: p.name, width=14, share=1),
                Column(N_("Lot"), lambda p: p.lot, width=12),
                Column(N_("Expires"), lambda p: str(p.expires_on or ""), width=10),
                Column(N_("Quantity"), lambda p: quantity(p.quantity), width=9, right=True),
                Column(N_("Unit"), lambda p: p.unit, width=4),
            ],
            key=lambda p: (p.location, p.item_id, p.lot),
            empty=N_("Nothing lies here."),
        )

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Read what lies here and show it."""
        found = await self.attempt(self._ask())
        if found is None:
            return
        self.just_read()
        await self.rows.show_rows(found)
        self.title_line.set(detail=f"{self.warehouse}  {self.location}".rstrip())
        self.totals.set(_("{n} in all").format(n=len(found)))
        self.refresh_keys()

    async def _ask(self) -> Any:
        from o2c_tui.queries.places import content_of

        return await self.desk.read(content_of, self.warehouse, self.location)

    async def renew(self) -> bool:
        return await self.rows.renew_rows(await self._ask())

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.load()

    def on_windowed_list_moved(self, event: WindowedList.Moved) -> None:
        self.refresh_keys()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        from o2c_tui.screens.stock_card import StockCardScreen

        self.app.push_screen(StockCardScreen(event.row.item_id))

    def key_label(self, action: str) -> str | None:
        return _("Move") if action == "next_step" else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be moved where nothing lies."""
        if action == "next_step":
            return self.rows.row is not None
        return super().check_action(action, parameters)

    def action_next_step(self) -> None:
        """Put the goods of the row elsewhere."""
        row = self.rows.row
        if row is not None:
            self.app.push_screen(put_elsewhere(row))

    def action_new(self) -> None:
        """Put goods into this bin."""
        move = PutElsewhere("", self.warehouse)
        move.given["to"] = self.location
        self.app.push_screen(move)

    def action_edit(self) -> None:
        """Change the bin or warehouse."""
        if self.location:
            self.app.push_screen(LocationCard(self.location, self.warehouse))
        else:
            self.app.push_screen(WarehouseCard(self.warehouse))

    def action_reload(self) -> None:
        """Read again."""
        self.load()


def put_elsewhere(row: Any) -> PutElsewhere:
    """The form that moves what lies in one place (queries.places.PlaceLine)."""
    there = f"{quantity(row.quantity)} {row.unit}".strip()
    return PutElsewhere(row.code, row.warehouse, source=row.location, lot=row.lot, there=there)


_VIEWS = (N_("Movements"), N_("Where it lies"), N_("Customers"))


class TraceScreen(ListedScreen):
    """Lots both ways: what brought them, where they lie, which customers have them."""

    PLACE = N_("LOT")
    ABOUT = N_(
        "A lot both ways. 1 shows what brought it and what took it, 2 where it lies, 3 which customers have some of it:\nwhat was shipped to them and did not come back. Enter opens the document or the item; F8 puts goods into another bin."
    )
    IS_LIVE = True

    def __init__(self, lot_ids: Sequence[int], *, of: str = "") -> None:
        super().__init__()
        self.lot_ids, self.of = list(lot_ids), of
        self.view = 1
        self.found: Any = None
        self.rows: WindowedList[Any] = WindowedList(
            (), key=lambda row: getattr(row, "id", row), empty=N_("Nothing here.")
        )

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Read the lots' story and show it."""
        found = await self.attempt(self._ask())
        if found is None:
            return
        self.just_read()
        self._say(found)
        await self._show()
        self.refresh_keys()

    async def _ask(self) -> Any:
        from o2c_tui.queries.tracing import trace

        return await self.desk.read(trace, self.lot_ids)

    async def renew(self) -> bool:
        found = await self._ask()
        if found == self.found:
            return True
        self._say(found)
        return await self.rows.renew_rows(self._rows_of_view())

    def _rows_of_view(self) -> list[Any]:
        return list((self.found.moves, self.found.lying, self.found.holders)[self.view - 1])

    def _say(self, found: Any) -> None:
        self.found = found
        one = found.lots[0] if len(found.lots) == 1 else None
        detail = f"{one.item} {one.code}" if one else self.of or _("{n} lots").format(n=len(found.lots))
        self.title_line.set(detail=detail, views=tuple(_(v) for v in _VIEWS), chosen=self.view)
        if one is not None:
            expires = _("expires {day}").format(day=one.expires_on) if one.expires_on else ""
            self.totals.set(f"{one.name}   {expires}   {one.note}".rstrip(), self._sum())
        else:
            self.totals.set(_("{n} lots").format(n=len(found.lots)), self._sum())

    def _sum(self) -> str:
        there = sum((line.quantity for line in self.found.lying), ZERO)
        out = sum((holder.quantity for holder in self.found.holders), ZERO)
        return _("here {n}   with customers {m}").format(n=quantity(there) or "0", m=quantity(out) or "0")

    async def _show(self) -> None:
        several = len(self.found.lots) != 1
        lot: list[Column[Any]] = [Column(N_("Lot"), lambda m: m.lot, width=12)] if several else []
        if self.view == 1:
            self.rows.update_columns([
                Column(N_("Date"), lambda m: str(m.on), width=10),
                *lot,
                Column(N_("Document"), lambda m: m.number, width=11),
                Column(N_("What"), lambda m: f"{_move_word(m.kind)} {m.party}", width=20, share=1),
                Column(N_("Where"), lambda m: f"{m.warehouse} {m.location}", width=13),
                Column(N_("In"), lambda m: quantity(m.quantity) if m.quantity > 0 else "", width=7, right=True),
                Column(N_("Out"), lambda m: quantity(-m.quantity) if m.quantity < 0 else "", width=7, right=True),
            ])  # fmt: skip
        elif self.view == 2:
            self.rows.update_columns([
                Column(N_("Where"), lambda p: p.warehouse, width=10),
                Column(N_("Bin"), lambda p: p.location or "–", width=12, share=1),
                *lot,
                Column(N_("Item"), lambda p: p.code, width=12),
                Column(N_("Quantity"), lambda p: quantity(p.quantity), width=10, right=True),
                Column(N_("Unit"), lambda p: p.unit, width=5),
            ])  # fmt: skip
        else:
            self.rows.update_columns([
                Column(N_("Customer"), lambda h: h.customer, width=20, share=1),
                *lot,
                Column(N_("Item"), lambda h: h.item, width=12),
                Column(N_("Deliveries"), lambda h: ", ".join(h.numbers), width=20, share=1),
                Column(N_("Quantity"), lambda h: quantity(h.quantity), width=10, right=True),
            ])  # fmt: skip
        await self.rows.show_rows(self._rows_of_view())

    @work(group="read", exclusive=True)
    async def action_view(self, number: int) -> None:
        """Movements, places or customers."""
        if number <= len(_VIEWS) and self.found is not None:
            self.view = number
            self.title_line.set(chosen=number)
            await self._show()
            self.refresh_keys()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self._open(event.row)

    @work(group="read")
    async def _open(self, row: Any) -> None:
        from o2c_tui.queries.documents import document_by_number

        if self.view == 1 and row.document_kind:
            await self.o2c.show_document(row.document_kind, row.document_id)
        elif self.view == 2:
            from o2c_tui.screens.stock_card import StockCardScreen

            await self.app.push_screen(StockCardScreen(row.item_id))
        elif self.view == 3 and row.numbers:
            found = await self.attempt(self.desk.read(document_by_number, row.numbers[-1]))
            if found is not None:
                await self.o2c.show_document(*found)

    def on_windowed_list_moved(self, event: WindowedList.Moved) -> None:
        self.refresh_keys()

    def key_label(self, action: str) -> str | None:
        return _("Move") if action == "next_step" else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Goods are moved from where they lie; the card is that of one item."""
        if action == "next_step":
            return self.view == 2 and self.rows.row is not None
        if action == "edit":
            return self.found is not None and len({lot.item_id for lot in self.found.lots}) == 1
        return super().check_action(action, parameters)

    def action_next_step(self) -> None:
        """Put the goods of the row into another bin."""
        row = self.rows.row
        if row is not None:
            self.app.push_screen(put_elsewhere(row))

    def action_edit(self) -> None:
        """Expiry and note, on the list of the item's lots."""
        from o2c_tui.screens.item_rows import LotRows

        self.app.push_screen(LotRows(self.found.lots[0].item_id))

    def action_reload(self) -> None:
        """Read again."""
        self.load()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.found is not None:
            self.load()


def _move_word(kind: str) -> str:
    """Why goods of a lot moved, in a word."""
    from o2c_tui.models.stock import MOVE_WORDS, MoveKind
    from o2c_tui.queries.tracing import RELOCATED

    return _("from bin to bin") if kind == RELOCATED else _(MOVE_WORDS[MoveKind(kind)])


async def trace_document(screen: DeskScreen, kind: str, key: int, label: str) -> None:
    """The lots that a document moved, both ways."""
    from o2c_tui.queries.tracing import lots_of_document

    found = await screen.attempt(screen.desk.read(lots_of_document, kind, key))
    if found is None:
        return
    if not found:
        screen.hint(_("{document} moved no goods with lots.").format(document=label))
        return
    await screen.app.push_screen(TraceScreen(found, of=label))
