"""Home: what is to be done today, where one can go, and what was left unsaved."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.rules.aging import BUCKETS
from o2c_tui.rules.rhythm import month_over
from o2c_tui.safe_text import cells, fit
from o2c_tui.screens.base import DeskScreen, money
from o2c_tui.texts import N_, _
from o2c_tui.widgets.frame import Lines
from o2c_tui.widgets.keys import GO_TO
from o2c_tui.widgets.listing import Column, WindowedList


@dataclass(frozen=True)
class HomeRow:
    """One line of Home: a task or a kept draft."""

    key: str
    words: str
    count: str = ""
    total: str = ""
    remark: str = ""
    urgent: bool = False
    number: str = ""


TASKS = (  # name in queries.today.Today → words, place, filter
    ("quotations", N_("Quotations to follow up"), "quotations", "status:sent"),
    ("expired", N_("Quotations past their last day"), "quotations", "is:expired"),
    ("orders", N_("Orders to deliver"), "orders", "status:open"),
    ("on_hold", N_("Orders on hold"), "orders", "status:on_hold"),
    ("deliveries", N_("Deliveries to invoice"), "deliveries", "status:open"),
    ("monthly", N_("Customers to bill for {month}"), "monthly", ""),
    ("recurring", N_("Recurring invoices due"), "recurring", ""),
    ("due", N_("Invoices past due"), "invoices", "is:late"),
    ("overdue", N_("of these over 30 days late"), "invoices", "overdue>30"),
    ("alerts", N_("Items at their reorder point"), "alerts", "is:unseen"),
)
_ONLY_WHERE_SOME = ("expired", "on_hold", "monthly", "recurring", "overdue", "alerts")  # lines that may be missing
_PLACES = (
    (
        "quotations", "orders", "backorders", "deliveries", "invoices", "receivables", "payments", "customers", "items",
        "settings",
    ),
    (
        "reorder", "purchases", "receipts", "bills", "suppliers", "stock", "transfers", "stocktakes", "adjustments",
        "reports",
    ),
)  # fmt: skip
_BOARD_HEIGHT = len(_PLACES[0]) + 3
_DRAFT_WORDS = {
    "quotation": N_("Quotation"),
    "order": N_("Sales order"),
    "invoice": N_("Invoice"),
    "recurring": N_("Recurring invoice"),
    "payment": N_("Payment"),
    "receipt": N_("Goods receipt"),
    "purchase": N_("Purchase order"),
    "reorder": N_("Reorder list"),
    "bill": N_("Supplier bill"),
    "transfer": N_("Transfer"),
    "adjustment": N_("Stock adjustment"),
    "customer": N_("Customer"),
    "supplier": N_("Supplier"),
    "item": N_("Item"),
    "warehouse": N_("Warehouse"),
    "location": N_("Bin"),
    "rate": N_("Exchange rate"),
    "term": N_("Payment term"),
    "tax": N_("Tax code"),
    "item_units": N_("Units"),
    "item_codes": N_("Codes"),
    "item_suppliers": N_("Suppliers"),
    "item_parts": N_("Parts of the kit"),
    "item_rules": N_("Reorder rules"),
    "item_lots": N_("Lots"),
    "settings": N_("Settings"),
    "mail": N_("Mail"),
    "letter": N_("Letter"),
}


class Home(DeskScreen):
    """The day at a glance."""

    NAMES_COMPANY = True
    IS_LIVE = True
    drafts_told = False  # once a session
    PLACE = N_("HOME")
    ABOUT = N_(
        "What waits to be done today, with the figure that matters.\nEnter on a line opens its list.\nDrafts that were kept are opened again with Enter."
    )

    def __init__(self) -> None:
        super().__init__()
        self.rows: WindowedList[HomeRow] = WindowedList(
            (
                Column("", lambda r: r.number, width=1, style=lambda r: "accent"),
                Column(N_("To do today"), lambda r: r.words, width=32, style=_style),
                Column("", lambda r: r.count, width=4, right=True, style=_style),
                Column("", lambda r: r.total, width=13, right=True, style=_style),
                Column("", lambda r: r.remark, width=10, share=1, style=lambda r: _style(r) or "dim"),
            ),
            key=lambda r: r.key,
            warn=lambda r: r.urgent,
            waiting=N_("One moment…"),
            bands=False,
        )
        self.lines: list[HomeRow] = []
        self.ages: tuple[Any, ...] = ()
        self.late = 0  # orders that are late, or will be
        self.board = Lines(id="board")

    def content(self) -> ComposeResult:
        yield self.rows
        yield self.board

    def on_mount(self) -> None:
        super().on_mount()
        self.rows.focus()
        self.rows.styles.height = len(TASKS) - 1  # without lines that are seldom there
        self.show_board()
        self.begin()

    @work(group="read")
    async def begin(self) -> None:
        """Open the books after the first paint, then show what they say."""
        try:
            facts = await self.desk.load_facts()
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        if facts is None:
            from o2c_tui.screens.first_run import FirstRun

            await self.app.push_screen(FirstRun(), self.begun)
            return
        self.o2c.apply_settings(facts.settings)
        await self.o2c.live.open()
        self.name_who()
        self.title_line.set(place=_(self.PLACE))
        await self.show_day()
        self.refresh_keys()

    def begun(self, answer: Any) -> None:
        """The first run is over: books or not."""
        if answer:
            self.begin()
        else:
            self.app.exit()

    async def renew(self) -> bool:
        rows = self._lines_of(await self.desk.figures())
        self.lines = rows
        self.rows.styles.height = self._height_of(rows)
        done = await self.rows.renew_rows(rows)
        self.read_ages()
        return done

    def _height_of(self, rows: list[HomeRow]) -> int:
        return max(2, min(len(rows) + 1, self.size.height - 4 - _BOARD_HEIGHT))

    def _lines_of(self, found: Any) -> list[HomeRow]:
        rows: list[HomeRow] = []
        for name, words, _place, _filter in TASKS:
            task = getattr(found, name)
            if not task.count and name in _ONLY_WHERE_SOME:
                continue
            remark = f"{task.worst}  {task.worst_days}{_('d')}" if task.worst else ""
            if name == "orders" and self.late:
                remark = _("{n} late").format(n=self.late)
            urgent = name in ("expired", "overdue", "alerts") and task.count > 0
            total = money(task.total, self.digits) if task.total else ""
            number = str(len(rows) + 1)
            said = _(words).format(month=f"{month_over(self.desk.today()):%Y-%m}")
            rows.append(HomeRow(name, said, str(task.count or "-"), total, remark, urgent, number))
        for kept in found.kept:
            words = f"{_('Kept')}: {_(_DRAFT_WORDS.get(kept.kind, kept.kind))} {kept.label}".rstrip()
            number = str(len(rows) + 1) if len(rows) < 9 else ""
            key, when = f"draft:{kept.kind}:{kept.document_id}", f"{self.desk.local(kept.kept_at):%m-%d %H:%M}"
            rows.append(HomeRow(key, words, "", "", when, number=number))
        return rows

    async def show_day(self) -> None:
        """Ask what is to be done and show it."""
        found = await self.attempt(self.desk.figures())
        if found is None:
            return
        self.just_read()
        rows = self._lines_of(found)
        self.rows.styles.height = self._height_of(rows)
        self.lines = rows
        here = self.rows.row
        await self.rows.show_rows(rows)
        self.read_ages()
        if here is not None and self.drafts_told:
            self.rows.put_cursor(here.key)
        if found.kept and not self.drafts_told:
            first = found.kept[0]
            self.rows.put_cursor(f"draft:{first.kind}:{first.document_id}")
            self.ok(
                _("Drafts kept since your last visit: {n}. Enter opens the newest again.").format(n=len(found.kept))
            )
        self.drafts_told = True
        if not self.message_line.text:
            self.hint(_("Enter or its number opens; g and a letter goes; F6 makes new; F10 finds all."))

    @work(group="beside", exclusive=True)
    async def read_ages(self) -> None:
        """What is owed, by age: the bars; and how many orders are late: both read when the tasks are shown."""
        try:
            self.ages = await self.desk.ages()
            self.show_board()
            late = len(await self.desk.late_orders())
        except (TradeError, TroubleError):
            return
        if late != self.late:
            self.late = late
            words = _("{n} late").format(n=late) if late else ""
            self.lines = [replace(row, remark=words) if row.key == "orders" else row for row in self.lines]
            here = self.rows.row
            await self.rows.show_rows(self.lines)
            if here is not None:
                self.rows.put_cursor(here.key)

    def show_board(self) -> None:
        """Where one can go, and what is owed by age."""
        width = max(80, self.size.width)
        letters = {place: (letter, _(name)) for letter, (place, name) in GO_TO.items()}
        wide = [max(cells(letters[place][1]) for place in places) + 7 for places in _PLACES]
        left = max(sum(wide) + 3, min(46, width // 2 + 2))
        rows: list[list[tuple[str, str]]] = [[], [("   " + fit(_("Go to"), left - 3), "strong")]]
        for pair in zip(*_PLACES, strict=True):
            parts = [("   ", "text")]
            for place, room in zip(pair, wide, strict=True):
                letter, name = letters[place]
                parts += [(f"g {letter}", "accent"), (f"  {fit(name, room - 5)}", "text")]
            used = sum(cells(text) for text, _style in parts)
            rows.append([*parts, (" " * (left - used), "text")])
        for row, more in zip(rows[1:], self._bars(min(44, width - left - 4)), strict=False):
            row += more
        self.board.set(rows)

    def _bars(self, width: int) -> list[list[tuple[str, str]]]:
        if not self.ages or not any(self.ages):
            return []
        figures = [money(amount, self.digits) for amount in self.ages]
        total = self.sum_of(sum(self.ages, start=Decimal(0)))
        label = max(cells(_(name)) for name in BUCKETS) + 2
        room = max(cells(text) for text in (*figures, total)) + 1
        bar = max(4, width - label - room)
        heading = fit(_("Owed to us"), label + bar)
        rows: list[list[tuple[str, str]]] = [[(heading, "strong"), (total.rjust(room), "strong")]]
        most = max(self.ages)
        for n, (name, amount) in enumerate(zip(BUCKETS, self.ages, strict=True)):
            drawn = self.o2c.glyphs.bar(float(amount / most), bar)
            tone = "accent" if n == 0 else "bad" if n > 1 else "text"
            rows.append([(fit(_(name), label), "dim"), (drawn, tone), (figures[n].rjust(room), "text")])
        return rows

    def on_resize(self, event: Any) -> None:
        super().on_resize(event)
        self.show_board()

    def action_view(self, number: int) -> None:
        """The line of this number."""
        found = next((row for row in self.lines if row.number == str(number)), None)
        if found is not None:
            self.open(found)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.read_again()

    @work(group="read")
    async def read_again(self) -> None:
        """What happened elsewhere meanwhile shows when one comes back."""
        if self.desk.facts is not None:
            self.name_who()
            await self.show_day()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self.open(event.row)

    def open(self, row: HomeRow) -> None:
        """Open the list of a task, or a kept draft."""
        key = row.key
        for name, _words, place, filter_text in TASKS:
            if key == name:
                self.app.push_screen(self._place(place, filter_text))
                return
        if key.startswith("draft:"):
            _draft, kind, place = key.split(":")
            self.resume(kind, int(place))

    def _place(self, place: str, filter_text: str) -> Any:
        from o2c_tui.screens.list_kinds import KINDS
        from o2c_tui.screens.lists import ListScreen

        return ListScreen(place, filter_text=filter_text) if place in KINDS else self.o2c.place(place)

    def resume(self, kind: str, place: int) -> None:
        """Open a kept draft where it was left."""
        from o2c_tui.screens.opening import editor_for

        try:
            screen = editor_for(self.desk, kind, place)
        except TradeError as error:  # what it was about is not there any more, or is not written any more
            self.say_refusal(error)
            return
        self.app.push_screen(screen)

    def action_new(self) -> None:
        """Something new: which?"""
        from o2c_tui.screens.opening import NEW_KINDS, new_editor
        from o2c_tui.widgets.confirm import Menu

        def take(number: int | None) -> None:
            if number is not None:
                self.app.push_screen(new_editor(NEW_KINDS[number][0]))

        self.app.push_screen(Menu(_("New"), [_(words) for _kind, words in NEW_KINDS]), take)

    def action_reload(self) -> None:
        """Ask again."""
        self.read_again()

    def action_next_step(self) -> None:
        """The dashboard: how the house stands, as plots."""
        self.o2c.go_to("dashboard")

    def key_label(self, action: str) -> str | None:
        return _("Board") if action == "next_step" else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Before the books are open there is nothing to do but wait."""
        if action in ("new", "reload", "next_step") and self.desk.facts is None:
            return False
        return super().check_action(action, parameters)


def _style(row: HomeRow) -> str:
    return "bad" if row.urgent else "good" if row.key.startswith("draft:") else ""
