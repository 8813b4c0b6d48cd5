"""One item's stock: by warehouse, its movements, who holds it, its layers; F8 reserves for the first order that waits."""

from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import TradeError
from o2c_tui.rules import entry
from o2c_tui.screens.asking import Asked, of_stock
from o2c_tui.screens.base import amount, new_key, price, quantity
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.listing import Column, WindowedList
from o2c_tui.widgets.told import Told

_VIEWS = (N_("Moves"), N_("Reserved"), N_("Layers"), N_("Bins"))


class StockCardScreen(ListedScreen):
    """All about one item's stock."""

    PLACE = N_("STOCK")
    IS_LIVE = True
    ABOUT = N_(
        "Available = on hand less reserved. 1 shows movements, 2 who holds it, 3 what it cost, 4 where it lies.\nEnter opens the document behind a row. F8 reserves for the order that waits longest; F2 edits the item; F7 makes labels."
    )

    MENU = (
        ("share", N_("Share what is free among those who wait")),
        ("rules", N_("Reorder rules by warehouse")),
    )

    def __init__(self, item_id: int, *, reserve: bool = False) -> None:
        super().__init__()
        self.item_id, self.reserve_first = item_id, reserve
        self.card: Any = None
        self.view = 1
        self.places = [Told() for _n in range(4)]
        self.rows: WindowedList[Any] = WindowedList(
            (), key=lambda row: getattr(row, "id", row), empty=N_("Nothing here.")
        )

    def content(self) -> ComposeResult:
        yield from self.places
        yield self.rows

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask for the card and show it."""
        found = await self.attempt(self._ask())
        if found is None:
            return
        self.just_read()
        self._say(found)
        await self._show_view()
        self.refresh_keys()
        if self.reserve_first:
            self.reserve_first = False
            self.action_next_step()

    async def _ask(self) -> Any:
        from o2c_tui.queries.stock import card

        return await self.desk.read(card, self.item_id, moves=200)

    async def renew(self) -> bool:
        found = await self._ask()
        if found == self.card:
            return True
        self._say(found)
        return await self.rows.renew_rows(self._rows_of_view())

    def _say(self, found: Any) -> None:
        self.card = found
        self.title_line.set(detail=f"{found.code}  {found.name}", views=tuple(_(v) for v in _VIEWS), chosen=self.view)
        for n, widget in enumerate(self.places):
            widget.display = n < max(1, len(found.places))
            if n < len(found.places):
                p = found.places[n]
                words = _("on hand {a}   reserved {b}   available {c}   value {d}").format(
                    a=quantity(p.on_hand),
                    b=quantity(p.reserved),
                    c=quantity(p.available),
                    d=amount(p.value, self.digits),
                )
                widget.tell(p.warehouse, words, "strong" if p.available > 0 else "bad")
            else:
                widget.tell("", "")
        if not found.places:
            self.places[0].tell(
                "",
                _("Nothing was ever received of it.") if found.kind == "stocked" else _("A service: it has no stock."),
                "dim",
            )
        ahead = ((N_("back-ordered {n}"), found.waiting), (N_("incoming {n}"), found.incoming))
        told = [_("reorder at {n}").format(n=f"{quantity(due.point)} {due.warehouse}") for due in found.points[:2]]
        waits = "   ".join([*told, *(_(words).format(n=quantity(n)) for words, n in ahead if n)])
        self.totals.set(
            _("Price {price} per {unit}").format(price=price(found.sale_price, self.digits), unit=found.unit or "-"),
            waits,
        )

    def _rows_of_view(self) -> list[Any]:
        return list((self.card.moves, self.card.held, self.card.layers, self.card.bins)[self.view - 1])

    async def _show_view(self) -> None:
        if self.view == 1:
            self.rows.update_columns([
                Column(N_("Date"), lambda m: str(m.on), width=10),
                Column(N_("Document"), lambda m: m.number, width=11),
                Column(N_("What"), lambda m: f"{_move_word(m.kind)} {m.party}", width=20, share=1),
                Column(N_("In"), lambda m: quantity(m.quantity) if m.quantity > 0 else "", width=9, right=True),
                Column(N_("Out"), lambda m: quantity(-m.quantity) if m.quantity < 0 else "", width=9, right=True),
                Column(N_("Balance"), lambda m: quantity(m.balance), width=10, right=True),
            ])  # fmt: skip
        elif self.view == 2:
            self.rows.update_columns([
                Column(N_("Order"), lambda h: h.number, width=12),
                Column(N_("Customer"), lambda h: h.customer, width=14, share=1),
                Column(N_("Where"), lambda h: h.warehouse, width=8),
                Column(N_("Promised"), lambda h: str(h.promised_on or ""), width=10),
                Column(N_("Reserved"), lambda h: quantity(h.quantity), width=10, right=True),
            ])  # fmt: skip
        elif self.view == 4:
            self.rows.update_columns([
                Column(N_("Where"), lambda p: p.warehouse, width=10),
                Column(N_("Bin"), lambda p: p.location or "–", width=12, share=1),
                Column(N_("Lot"), lambda p: p.lot, width=16),
                Column(N_("Expires"), lambda p: str(p.expires_on or ""), width=10),
                Column(N_("Quantity"), lambda p: quantity(p.quantity), width=12, right=True),
            ])  # fmt: skip
        else:
            self.rows.update_columns([
                Column(N_("Received"), lambda x: str(x.received_on), width=10),
                Column(N_("Where"), lambda x: x.warehouse, width=10, share=1),
                Column(N_("Left"), lambda x: quantity(x.quantity), width=12, right=True),
                Column(N_("Value"), lambda x: amount(x.value, self.digits), width=14, right=True),
                Column(N_("Unit cost"), lambda x: f"{x.value / x.quantity:,.4f}", width=12, right=True),
            ])  # fmt: skip
        await self.rows.show_rows(self._rows_of_view())

    @work(group="read", exclusive=True)
    async def action_view(self, number: int) -> None:
        """Moves, reservations or layers."""
        if number <= len(_VIEWS) and self.card is not None:
            self.view = number
            self.title_line.set(chosen=number)
            await self._show_view()
            self.refresh_keys()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self._open(event.row)

    @work(group="read")
    async def _open(self, row: Any) -> None:
        if self.view == 1:
            await self.o2c.show_document(row.document_kind, row.document_id)
        elif self.view == 2:
            await self.o2c.show_document("order", row.order_id)
        elif self.view == 4 and row.lot:
            from o2c_tui.queries.tracing import lots_named
            from o2c_tui.screens.places import TraceScreen

            found = await self.attempt(self.desk.read(lots_named, row.code, row.lot))
            if found:
                await self.app.push_screen(TraceScreen(found))

    def key_label(self, action: str) -> str | None:
        return {"next_step": _("Move") if self.view == 4 else _("Reserve"), "find": _("Why")}.get(action)

    def asked(self) -> list[Asked]:
        """The figures of the item in each of its warehouses."""
        c = self.card
        return of_stock(c.item_id, c.code, [(p.warehouse_id, p.warehouse) for p in c.places]) if c is not None else []

    def action_next_step(self) -> None:
        """Reserve for the order that waits longest, asking how much; among the bins: put goods elsewhere."""
        row = self.rows.row
        if self.view == 4 and row is not None:
            from o2c_tui.screens.places import put_elsewhere

            self.app.push_screen(put_elsewhere(row))
        elif self.view != 4:
            self._reserve()

    @work(group="read")
    async def _reserve(self) -> None:
        from o2c_tui.queries.waiting import who_waits
        from o2c_tui.screens.ask import Ask

        found = await self.attempt(self.desk.read(who_waits, self.item_id))
        if not found:
            self.hint(_("No confirmed order waits for {item}.").format(item=self.card.code))
            return
        first = found[0]
        most = min(first.waiting, first.available)
        if most <= 0:
            self.warn(
                _("{order} waits for {n}, but nothing is available.").format(
                    order=first.number, n=quantity(first.waiting)
                )
            )
            return
        question = _("{order} {customer} waits for {n}; {free} available. Reserve how many?").format(
            order=first.number, customer=first.customer, n=quantity(first.waiting), free=quantity(first.available)
        )

        key = new_key()

        def take(text: str | None) -> None:
            if text:
                self._do_reserve(first, text, key)

        await self.app.push_screen(Ask(question, quantity(most)), take)

    @work(group="write")
    async def _do_reserve(self, first: Any, text: str, key: str) -> None:
        from o2c_tui.services.ordering import reserve_line

        try:
            wanted = entry.places(entry.number(text), 6)
        except TradeError as error:
            self.say_refusal(error)
            return
        got = await self.attempt(self.desk.write(reserve_line, first.order_id, first.line_id, wanted, key=key))
        if got is not None:
            await self.read_newest()
            self.ok(_("{n} reserved for {order}.").format(n=quantity(got), order=first.number))

    def action_share(self) -> None:
        """Who waits for it, and what each is given."""
        from o2c_tui.screens.share import ShareScreen

        self.app.push_screen(ShareScreen([self.item_id]))

    def action_rules(self) -> None:
        """When and how much of it is bought, by warehouse."""
        from o2c_tui.screens.item_rows import SCREENS

        self.app.push_screen(SCREENS["item_rules"](self.item_id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is kept in stock is shared and bought by a rule."""
        if action in ("share", "rules"):
            return self.card is not None and self.card.kind == "stocked"
        return super().check_action(action, parameters)

    def action_edit(self) -> None:
        """Change the item."""
        from o2c_tui.screens.cards import ItemCard

        self.app.push_screen(ItemCard(self.card.code))

    def action_new(self) -> None:
        """Goods in."""
        from o2c_tui.screens.receipt import ReceiptEditor

        self.app.push_screen(ReceiptEditor())

    def action_output(self) -> None:
        """Labels of the item."""
        from o2c_tui.screens.output import choose_labels

        if self.card is not None:
            choose_labels(self, "item", [self.card])

    def action_reload(self) -> None:
        """Ask again."""
        self.load()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.card is not None:
            self.load()


def _move_word(kind: str) -> str:
    """Why stock moved, in a word."""
    from o2c_tui.models.stock import MOVE_WORDS, MoveKind

    return _(MOVE_WORDS[MoveKind(kind)])
