"""Every list: one screen, told by its place what to show. / narrows, 1 to 9 are views, F8 takes the next step."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.queries.rows import key_of
from o2c_tui.rules.filters import KEYS, unknown_keys, without_unfinished
from o2c_tui.safe_text import cells, fit
from o2c_tui.screens.asking import ROW_FIGURES, Asked, of_row
from o2c_tui.screens.base import DeskScreen, amount_in
from o2c_tui.screens.list_columns import columns
from o2c_tui.screens.list_kinds import KINDS
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Menu
from o2c_tui.widgets.filterline import FilterLine
from o2c_tui.widgets.listing import WindowedList


class BookRows:
    """Pages of one list under one filter and order, asked from the books."""

    def __init__(self, screen: "ListScreen") -> None:
        self.desk, self.kind = screen.desk, screen.list_kind.kind
        self.filter, self.sort, self.descending = screen.filter, screen.sort, screen.descending
        self.today = self.desk.today()

    async def fetch(
        self, *, after: Any = None, before: Any = None, limit: int, from_end: bool = False
    ) -> Sequence[Any]:
        """One page."""
        return await self.desk.page(
            self.kind,
            self.filter,
            after=after,
            before=before,
            limit=limit,
            from_end=from_end,
            sort=self.sort,
            descending=self.descending,
            today=self.today,
        )


class ListScreen(DeskScreen):
    """A list of documents or records, newest first; nothing more than what is shown is held."""

    ABOUT = N_(
        "Enter opens a row; Space marks; F8 takes the next step of the marked rows.\n/ narrows: free words, status:open cust:acme date:2026-11 cur:usd\ndue<7d overdue>60 amt>1000 is:late -word; Ctrl+S there keeps it as a view.\n1 to 9 are views; < and > sort by another column, again turns it round."
    )

    MENU = (
        ("filter", N_("Narrow the list")),
        ("sort_after", N_("Sort by another column")),
        ("mark_shown", N_("Mark all, or none")),
        ("row_steps", N_("Other steps of this document")),
    )

    SIDE_FROM = 100
    IS_LIVE = True

    def __init__(self, place: str, *, filter_text: str | None = None) -> None:
        super().__init__()
        self.place = place
        self.list_kind = KINDS[place]
        self.PLACE = self.list_kind.title  # type: ignore[misc]
        self.title_line.set(place=_(self.list_kind.title))
        self.filter = self.list_kind.views[0][1] if filter_text is None else filter_text
        self.before_filter = self.filter
        self.sort, self.descending, self.turned = "", None, False
        self.filter_line = FilterLine(N_("Filter:"))
        self.rows: WindowedList[Any] | None = None
        self.late: set[int] = set()  # keys of sales orders that are late, or will be

    sort: str
    descending: bool | None

    def content(self) -> ComposeResult:
        yield self.filter_line
        made, warn = columns(self.place, self.desk.today(), self.digits, self.late, self.own_currency)
        self.rows = WindowedList(
            made,
            key=lambda row: (row.id, getattr(row, "warehouse_id", 0)),
            position=self._position,
            warn=warn,
            empty=self.list_kind.empty,
        )
        yield self.rows

    def _position(self, row: Any) -> Any:
        return key_of(self.list_kind.kind, row, self.sort)

    @property
    def list(self) -> WindowedList[Any]:
        """The rows on the screen."""
        assert self.rows is not None
        return self.rows

    def on_mount(self) -> None:
        super().on_mount()
        self.list.focus()
        self.read_rows()

    @work(group="read", exclusive=True)
    async def read_rows(self, *, keep_marks: bool = False) -> None:
        """Show the list under its filter."""
        self._say_filter()
        self._say_sort()
        try:
            await self.list.show(BookRows(self), keep_marks=keep_marks)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        self._tell_marks()
        self.just_read()
        self.count()

    async def renew(self) -> bool:
        if not await self.list.renew():
            return False
        self._tell_marks()
        self.count(quietly=True)
        self.look_beside()
        return True

    async def _look_for_late(self) -> None:
        """Which orders are late, or will be: asked once the rows are shown, and marked in them."""
        try:
            found = await self.desk.late_orders()
        except (TradeError, TroubleError):
            return
        if found != self.late:
            self.late.clear()
            self.late.update(found)
            self.list.update_columns(self.list.columns)

    @work(group="count", exclusive=True)
    async def count(self, *, quietly: bool = False) -> None:
        """How many there are, and their total; said when it is known. `quietly`: the message line stays as it is."""
        try:
            number, total = await self.desk.count(self.list_kind.kind, self.filter, today=self.desk.today())
        except (TradeError, TroubleError):
            return
        if not number and self.filter and not quietly:
            await self._say_in_the_way()
        text = _("{n} in all").format(n=f"{number:,}")
        self.totals.set(self.totals.left, f"{text}, {self.sum_of(total)}" if total is not None else text)
        if self.list_kind.kind == "order":
            await self._look_for_late()

    async def _say_in_the_way(self) -> None:
        """Nothing fits: say which word to drop."""
        from o2c_tui.queries.lists import in_the_way

        unknown = unknown_keys(self.filter)
        if unknown:
            self.hint(_("'{word}' was taken as a free word. Filters are: {keys}").format(
                word=unknown[0], keys=" ".join(f"{key}:" for key in KEYS)
            ))  # fmt: skip
            return
        try:
            words = await self.desk.read(
                in_the_way, self.list_kind.kind, self.filter, today=self.desk.today(), login=self.desk.login
            )
        except (TradeError, TroubleError):
            return
        if words:
            told = ", ".join(_("without {word} {n}").format(word=word, n=f"{n:,}") for word, n in words[:3])
            self.hint(_("Nothing fits: {words}. / changes the filter.").format(words=told))

    @property
    def views(self) -> Sequence[tuple[str, str]]:
        """The views by number: the list's own, then (or in their place) those this person kept."""
        kept = self.desk.facts.settings.get("views", {}).get(self.place, {}) if self.desk.facts else {}
        views = [(_(words), text) for words, text in self.list_kind.views]
        for number, text in sorted((int(number), text) for number, text in kept.items()):
            views += [("-", "")] * (number - len(views))
            views[number - 1] = (fit(text, min(12, cells(text)), cut=self.o2c.glyphs.cut), text)
        return views

    def _say_filter(self) -> None:
        views = self.views
        chosen = next((n for n, (_words, text) in enumerate(views, 1) if text == self.filter), 0)
        detail = f"/{self.filter}" if self.filter and not chosen else ""
        self.title_line.set(views=tuple(words for words, _text in views), chosen=chosen, detail=detail)

    # -- moving and marking ------------------------------------------------------------------------------------------

    def about(self) -> str:
        """What this list is for, then what all lists can."""
        told = self.list_kind.about
        return "\n".join((*((_(told),) if told else ()), _(self.ABOUT)))

    def on_windowed_list_moved(self, event: WindowedList.Moved) -> None:
        self.refresh_keys()
        self.look_beside()

    def look_beside(self) -> None:
        """In a wide window: the row in short, once the cursor rests."""
        if self.has_side:
            self._look_beside()

    @work(group="beside", exclusive=True)
    async def _look_beside(self) -> None:
        from o2c_tui.screens.beside import about

        row = self.list.row
        try:
            rows = await about(self.desk, self.list_kind.kind, row, self.o2c.glyphs) if row is not None else []
        except (TradeError, TroubleError):
            return
        if self.side is not None:
            self.side.set(rows)

    def on_windowed_list_marked(self, event: WindowedList.Marked) -> None:
        self._tell_marks()
        self.refresh_keys()

    def _tell_marks(self) -> None:
        marked = list(self.list.marked.values())
        left = ""
        if marked:
            left = _("{n} marked").format(n=len(marked))
            codes = {row.currency for row in marked} if hasattr(marked[0], "gross") else set()
            if len(codes) == 1:  # several do not add up
                total = sum(row.gross for row in marked)
                left += "  " + amount_in(total, codes.pop(), self.own_currency, self.digits)
        self.totals.set(left, self.totals.right)

    @work(group="read")
    async def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        await self.open(event.row)

    def on_windowed_list_left(self, event: WindowedList.Left) -> None:
        self.action_back()

    async def open(self, row: Any) -> None:
        """Open a row's document or card."""
        kind = self.list_kind.kind
        if kind in ("stock", "item"):
            from o2c_tui.screens.stock_card import StockCardScreen

            await self.app.push_screen(StockCardScreen(row.id))
        elif kind == "lot":
            from o2c_tui.screens.places import TraceScreen

            await self.app.push_screen(TraceScreen([row.id]))
        elif kind in ("location", "warehouse"):
            from o2c_tui.screens.places import ContentScreen

            bin_code = row.code if kind == "location" else ""
            await self.app.push_screen(ContentScreen(row.warehouse if bin_code else row.code, bin_code))
        elif kind == "rate":
            from o2c_tui.screens.rates import RateCard

            await self.app.push_screen(RateCard(row.currency, row.valid_on))
        elif kind in ("term", "tax"):
            from o2c_tui.screens.code_card import card_for

            await self.app.push_screen(card_for(kind, row.code))
        elif kind == "alert":
            from o2c_tui.screens.alerts import open_alert

            await open_alert(self, row)
        elif kind == "mail":
            from o2c_tui.screens.outbox import MailScreen

            await self.app.push_screen(MailScreen(row.id))
        elif kind in ("customer", "supplier"):
            from o2c_tui.screens.cards import PartyCard

            await self.app.push_screen(PartyCard(row.code, supplier=kind == "supplier"))
        elif getattr(row, "state", "") == "draft" and kind in ("quotation", "order", "bill"):
            from o2c_tui.screens.opening import editor_for

            await self.app.push_screen(editor_for(self.desk, kind, row.id))
        else:
            await self.o2c.show_document(kind, row.id)

    # -- what the keys do ----------------------------------------------------------------------------------------------

    def action_reload(self) -> None:
        """Read again; the cursor stays on its row."""
        self._reload()

    @work(group="read")
    async def _reload(self) -> None:
        await self.attempt(self.list.reload())
        self.just_read()
        self.count()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.read_again()

    @work(group="read")
    async def read_again(self) -> None:
        """What happened elsewhere meanwhile shows when one comes back."""
        if not self.list.is_empty:
            await self.attempt(self.list.reload())
            self.just_read()
            self.count()
        else:
            self.read_rows()

    def action_new(self) -> None:
        """A new one of this kind."""
        from o2c_tui.screens.opening import new_editor

        self.app.push_screen(new_editor(self.list_kind.new))

    def action_edit(self) -> None:
        """Open the row to change it."""
        self._edit()

    @work(group="read")
    async def _edit(self) -> None:
        row = self.list.row
        if row is None:
            return
        if self.list_kind.kind in ("item", "stock"):
            from o2c_tui.screens.cards import ItemCard

            await self.app.push_screen(ItemCard(row.code))
        elif self.list_kind.kind in ("warehouse", "location"):
            from o2c_tui.screens.places import card_of

            await self.app.push_screen(card_of(self.desk, self.list_kind.kind, row.id))
        elif self.list_kind.kind == "lot":
            from o2c_tui.screens.item_rows import LotRows

            await self.app.push_screen(LotRows(row.item_id))
        else:
            await self.open(row)

    def action_view(self, number: int) -> None:
        """One of the views."""
        views = self.views
        if number <= len(views) and views[number - 1][0] != "-":
            self.filter = views[number - 1][1]
            self.hint("")
            self.read_rows()

    def action_filter(self) -> None:
        """Narrow the list."""
        self.before_filter = self.filter
        self.filter_line.open(self.filter + " " if self.filter else "")

    async def action_mark_shown(self) -> None:
        """Mark all that is shown, or none."""
        await self.list.action_mark_all()

    def action_search(self) -> None:
        """Find: the filter line."""
        self.action_filter()

    def asked(self) -> Sequence[Asked]:
        """The figures of the row, and the cards behind it."""
        return of_row(self.list_kind.kind, self.list.row)

    def action_find(self) -> None:
        """Why a figure of the row is what it is, or its card; in the filter line and without a row, the filter."""
        if self.filter_line.display or not self.asked():
            self.action_filter()
        else:
            super().action_find()

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        self.narrow(event.text.strip())

    @work(group="read", exclusive=True)
    async def narrow(self, text: str) -> None:
        """Show what fits the words typed so far; half a word that is none yet changes nothing."""
        before, self.filter = self.filter, without_unfinished(text)
        self.totals.set(self.totals.left)  # the count of before says nothing of these
        try:
            await self.list.show(BookRows(self), keep_marks=True)
        except TradeError:
            self.filter = before

    def on_filter_line_done(self, event: FilterLine.Done) -> None:
        self.filter = self.filter_line.buffer.text.strip() if event.kept else self.before_filter
        self.filter_line.close()
        self.list.focus()
        self.hint("")
        self.read_rows(keep_marks=not event.kept)

    def action_save(self) -> None:
        """In the filter line: keep the words as one of the views."""
        text = self.filter_line.buffer.text.strip()
        views = self.views
        choices = [words for words, _text in views] + ["-"] * (9 - len(views))
        free = next((n for n, words in enumerate(choices) if words == "-"), 8)

        def take(number: int | None) -> None:
            if number is not None:
                self._keep_view(number + 1, text)

        self.app.push_screen(Menu(_("Keep '{words}' as view").format(words=text), choices, chosen=free), take)

    def _keep_view(self, number: int, text: str) -> None:
        from o2c_tui.screens.settings import keep_setting

        kept = dict(self.desk.facts.settings.get("views", {})) if self.desk.facts else {}
        own = {**kept.get(self.place, {}), str(number): text}
        if not text:
            del own[str(number)]
        keep_setting(self.o2c, views={**kept, self.place: own})
        self.filter = text
        self.filter_line.close()
        self.list.focus()
        self.read_rows()
        self.ok(_("Kept: {number} shows it from now on.").format(number=number))

    def action_sort_after(self) -> None:
        """Sort by the next column."""
        self._sort_by(1)

    def action_row_steps(self) -> None:
        """What else can be done with the document under the cursor: write off, pay back, undo one, bounce."""
        self._row_steps()

    @work(group="read")
    async def _row_steps(self) -> None:
        from o2c_tui.screens.stepping import choose_step

        if self.list.row is not None:
            await choose_step(self, self.list_kind.kind, self.list.row.id)

    def action_sort_before(self) -> None:
        """Sort by the column before."""
        self._sort_by(-1)

    _SORTS = {  # by row field: the title of its column; the first is the order a list opens in
        "quotation": {"": N_("Number"), "quoted_on": N_("Date"), "valid_until": N_("Valid to"), "gross": N_("Total"),
                      "customer": N_("Customer")},
        "order": {"": N_("Number"), "ordered_on": N_("Date"), "gross": N_("Total"), "customer": N_("Customer")},
        "delivery": {"": N_("Number"), "shipped_on": N_("Date"), "customer": N_("Customer")},
        "invoice": {"": N_("Number"), "invoiced_on": N_("Date"), "gross": N_("Total"), "open": N_("Open"),
                    "customer": N_("Customer")},
        "payment": {"": N_("Number"), "received_on": N_("Date"), "amount": N_("Amount"), "customer": N_("Customer")},
        "receivable_adjustment": {"": N_("Number"), "adjusted_on": N_("Date"), "amount": N_("Amount"),
                                  "customer": N_("Customer")},
        "receipt": {"": N_("Number"), "received_on": N_("Date"), "value": N_("Value")},
        "purchase": {"": N_("Number"), "ordered_on": N_("Date"), "expected_on": N_("Expected"), "net": N_("Net")},
        "bill": {"": N_("Number"), "billed_on": N_("Date"), "gross": N_("Total")},
        "transfer": {"": N_("Number"), "dispatched_on": N_("Date"), "value": N_("Value")},
        "stocktake": {"": N_("Number"), "started_on": N_("Date")},
        "adjustment": {"": N_("Number"), "adjusted_on": N_("Date"), "value": N_("Value")},
        "alert": {"": N_("Date"), "code": N_("Item")},
        "reminder": {"": N_("Number"), "reminded_on": N_("Date"), "total": N_("Open"), "customer": N_("Customer")},
        "mail": {"": N_("Date"), "to": N_("Recipient"), "subject": N_("Subject")},
        "lot": {"": N_("Item"), "expires_on": N_("Expires"), "quantity": N_("On hand")},
        "location": {"": N_("Where"), "pick_order": N_("Walk"), "name": N_("Name")},
        "warehouse": {"": N_("Code"), "name": N_("Name")},
        "term": {"": N_("Code"), "name": N_("Name")},
        "tax": {"": N_("Code"), "name": N_("Name"), "rate": N_("Tax rate")},
        "rate": {"": N_("From day"), "currency": N_("Currency"), "rate": N_("Rate")},
        "stock": {"": N_("Item"), "name": N_("Description"), "on_hand": N_("On hand"), "available": N_("Avail")},
        "item": {"": N_("Item"), "name": N_("Description"), "sale_price": N_("Price")},
        "customer": {"": N_("Code"), "name": N_("Name"), "owes": N_("Owes")},
        "supplier": {"": N_("Code"), "name": N_("Name")},
    }  # fmt: skip

    def _sort_by(self, step: int) -> None:
        names = list(self._SORTS[self.list_kind.kind])
        if self.sort and not self.turned:
            self.turned = True
        else:
            self.sort, self.turned = names[(names.index(self.sort) + step) % len(names)], False
        from_the_top = self.sort not in ("", "name", "customer", "currency")  # newest and largest first, names from A
        self.descending = from_the_top != self.turned if self.sort else None
        self.read_rows(keep_marks=True)

    def _say_sort(self) -> None:
        """The title of the column that the list is sorted by says so."""
        title = self._SORTS[self.list_kind.kind][self.sort] if self.sort else ""
        sign: Literal["up", "down"] = "down" if self.descending else "up"
        now = [replace(column, sort=sign if title and column.title == title else "") for column in self.list.columns]
        if now != list(self.list.columns):
            self.list.update_columns(now)

    def key_label(self, action: str) -> str | None:
        """F8 says what the next step of the row is."""
        if action == "next_step" and self.list.row is not None:
            from o2c_tui.screens.steps import step_label

            return step_label(self.list_kind.kind, self.list.row)
        if action == "find":
            return _("Why") if self.list.row is not None and self.list_kind.kind in ROW_FIGURES else None
        return None

    def action_next_step(self) -> None:
        """The next step of the row, or of all marked rows."""
        self._next_step()

    @work(group="read")
    async def _next_step(self) -> None:
        from o2c_tui.screens.marked import do_marked
        from o2c_tui.screens.stepping import take_next_step

        marked = list(self.list.marked.values())
        if len(marked) > 1:
            await do_marked(self, self.list_kind.kind, marked)
        elif self.list.row is not None:
            await take_next_step(self, self.list_kind.kind, (marked or [self.list.row])[0].id)

    def action_output(self) -> None:
        """The PDF of each marked document, or of the row; of items and bins labels. Where there are several, ask which."""
        from o2c_tui.screens.output import LABELLED, choose_labels, choose_paper

        if self.list_kind.kind in LABELLED:
            choose_labels(self, self.list_kind.kind, self.list.chosen)
            return
        choose_paper(self, self.list_kind.kind, [(row.id, str(getattr(row, "state", ""))) for row in self.list.chosen])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what this row or list cannot do."""
        if action == "new" and not self.list_kind.new:
            return False
        if action == "save":
            return self.focused is self.filter_line
        if action in ("next_step", "output", "edit") and (self.rows is None or self.rows.row is None):
            return False
        if action == "edit" and self.list_kind.kind in ("mail", "reminder"):
            return False  # they are read: Enter
        if action == "row_steps":
            from o2c_tui.screens.steps import has_steps

            return has_steps(self.list_kind.kind) and self.rows is not None and self.rows.row is not None
        if action == "output":
            from o2c_tui.screens.output import KINDS as PRINTED
            from o2c_tui.screens.output import LABELLED

            return self.list_kind.kind in (*PRINTED, *LABELLED)
        if action == "next_step":
            from o2c_tui.screens.steps import step_label

            return step_label(self.list_kind.kind, self.list.row) is not None
        return super().check_action(action, parameters)
