"""Back-orders: every line that waits for stock, in its turn, with the day its goods can be there; shared with F8."""

from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import NotFoundError, TradeError, TroubleError
from o2c_tui.queries.why_parts import Subject
from o2c_tui.rules.filters import without_unfinished
from o2c_tui.screens.asking import Asked
from o2c_tui.screens.base import quantity, short_day
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.filterline import FilterLine
from o2c_tui.widgets.listing import Column, WindowedList

_VIEWS = (N_("All"), N_("Late"), N_("Something is free"))


class BackOrders(ListedScreen):
    """Who waits for what, until when."""

    PLACE = N_("BACK-ORDERS")
    ABOUT = N_(
        "Lines of confirmed orders that lack stock, served in this order: priority, promised day, order. Expected is the day on\nwhich the last of it can be there, with what is free and what is on its way given out in turn; ! is late.\n/ narrows: words, cust: item: is:late is:free due<7d -word. F8 shares the item of the row among all who wait for it;\nEnter opens the order; F9 buys what is lacking."
    )
    IS_LIVE = True
    MENU = (
        ("filter", N_("Narrow the list")),
        ("buy", N_("Buy what back-orders lack")),
        ("serve", N_("Reserve in turn all that is free in the row's warehouse")),
        ("item_card", N_("The item of the row")),
    )

    def __init__(self) -> None:
        super().__init__()
        self.view = 1
        self.found: list[Any] = []
        self.words = self.words_before = ""
        self.filter_line = FilterLine(N_("Filter:"))
        self.rows: WindowedList[Any] = WindowedList(
            (
                Column(N_("Order"), lambda r: r.number, width=11),
                Column(N_("Customer"), lambda r: r.customer, width=12, share=1),
                Column(N_("Item"), lambda r: r.item, width=10),
                Column(N_("Description"), lambda r: r.name, width=18, wide_only=True),
                Column(N_("Where"), lambda r: r.warehouse, width=6, wide_only=True),
                Column(N_("Waits"), lambda r: quantity(r.waiting), width=7, right=True),
                Column(N_("Free"), lambda r: quantity(r.free) if r.free > 0 else "-", width=6, right=True),
                Column(N_("Promised"), lambda r: short_day(r.promised_on, self.desk.today()), width=8),
                Column(N_("Expected"), self._expected, width=8),
                Column("", lambda r: _("LATE") if r.late else "", width=4, style=lambda r: "bad"),
            ),
            key=lambda r: (r.line_id, r.item_id),
            warn=lambda r: r.late,
            empty=N_("Nobody waits for stock."),
        )

    def content(self) -> ComposeResult:
        yield self.filter_line
        yield from super().content()

    def _expected(self, row: Any) -> str:
        return short_day(row.expected_on, self.desk.today()) if row.expected_on is not None else "?"

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask who waits, and show it."""
        await self._read()

    async def _read(self) -> bool:
        from o2c_tui.queries.sharing import back_orders

        try:
            self.found = await self.desk.read(back_orders, today=self.desk.today())
        except NotFoundError:  # books without a company
            self.found = []
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return False
        self.just_read()
        await self._show()
        return True

    async def renew(self) -> bool:
        return await self._read()

    async def _show(self) -> None:
        from o2c_tui.queries.sharing import fitting

        here = self.rows.row
        some = {2: [row for row in self.found if row.late], 3: [row for row in self.found if row.free > 0]}
        shown = fitting(some.get(self.view, self.found), self.words, today=self.desk.today())
        self.rows.empty = N_("Nothing fits.") if self.words else N_("Nobody waits for stock.")
        await self.rows.show_rows(shown)
        if here is not None:
            self.rows.put_cursor(self.rows.key_of(here))
        self.title_line.set(
            views=tuple(_(view) for view in _VIEWS), chosen=self.view, detail=f"/{self.words}" if self.words else ""
        )
        orders = len({row.order_id for row in shown})
        late = sum(row.late for row in self.found)
        self.totals.set(
            _("Lines {n}   Orders {m}").format(n=len(shown), m=orders), _("{n} late").format(n=late) if late else ""
        )
        if not self.message_line.text:
            self.hint(_("F8 shares the item among those who wait; Enter opens the order; F9 buys."))
        self.refresh_keys()

    @work(group="read", exclusive=True)
    async def action_view(self, number: int) -> None:
        """All, those that are late, or those for whom something is free."""
        if number <= len(_VIEWS):
            self.view = number
            await self._show()

    def action_filter(self) -> None:
        """Narrow the list."""
        self.words_before = self.words
        self.filter_line.open(f"{self.words} " if self.words else "")

    @work(group="read", exclusive=True)
    async def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        """Show what fits the words typed so far; half a word that is none yet changes nothing."""
        before, self.words = self.words, without_unfinished(event.text).strip()
        try:
            await self._show()
        except TradeError:
            self.words = before

    @work(group="read", exclusive=True)
    async def on_filter_line_done(self, event: FilterLine.Done) -> None:
        """Keep the words, or go back to those of before."""
        wanted = self.filter_line.buffer.text.strip() if event.kept else self.words_before
        self.filter_line.close()
        self.rows.focus()
        self.hint("")
        self.words = wanted
        try:
            await self._show()
        except TradeError as error:
            self.words = self.words_before
            await self._show()
            self.say_refusal(error)

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self._open(event.row.order_id)

    @work(group="read")
    async def _open(self, order_id: int) -> None:
        await self.o2c.show_document("order", order_id)

    def key_label(self, action: str) -> str | None:
        return {"next_step": _("Share"), "find": _("Why") if self.rows.row is not None else None}.get(action)

    def asked(self) -> list[Asked]:
        """What is free of the row's item and who waits for it; its card."""
        row = self.rows.row
        if row is None:
            return []
        subject = Subject("stock", row.item_id, row.warehouse_id)
        figures = ("available", "back_ordered", "incoming", "promise")
        return [
            *(Asked(subject, figure, about=f"{row.item} @ {row.warehouse}") for figure in figures),
            Asked(Subject("item", row.item_id), card="item", about=row.item),
        ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a row there is nothing to share or open."""
        if action in ("next_step", "serve", "item_card"):
            return self.rows.row is not None
        return super().check_action(action, parameters)

    def action_next_step(self) -> None:
        """Share the item of the row."""
        from o2c_tui.screens.share import ShareScreen

        row = self.rows.row
        if row is not None:
            self.app.push_screen(ShareScreen([row.item_id], warehouse_id=row.warehouse_id))

    def action_serve(self) -> None:
        """Reserve in turn all that is free where the row waits."""
        self._serve()

    @work(group="read")
    async def _serve(self) -> None:
        from o2c_tui.screens.share import serve_warehouse

        if self.rows.row is not None:
            await serve_warehouse(self, self.rows.row.warehouse_id, self.rows.row.warehouse)

    def action_item_card(self) -> None:
        """The stock card of the row's item."""
        from o2c_tui.screens.stock_card import StockCardScreen

        if self.rows.row is not None:
            self.app.push_screen(StockCardScreen(self.rows.row.item_id))

    def action_buy(self) -> None:
        """What is lacking, in the grid of proposals."""
        from o2c_tui.screens.reorder import ReorderScreen

        self.app.push_screen(ReorderScreen(back_orders=True))

    def action_reload(self) -> None:
        """Ask again."""
        self.load()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.found:
            self.load()
