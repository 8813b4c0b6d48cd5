"""Home: what is to be done today, where one can go, and what was left unsaved."""

from dataclasses import dataclass
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.screens.base import DeskScreen, money
from o2c_tui.texts import N_, _
from o2c_tui.widgets.keys import GO_TO
from o2c_tui.widgets.listing import Column, WindowedList


@dataclass(frozen=True)
class HomeRow:
    """One line of Home: a task, a kept draft, or a place."""

    key: str
    words: str
    count: str = ""
    total: str = ""
    remark: str = ""
    urgent: bool = False
    heading: bool = False


_TASKS = (  # name in queries.home.Today → words, place, filter
    ("quotations", N_("Quotations to follow up"), "quotations", "status:sent"),
    ("expired", N_("Quotations past their last day"), "quotations", "is:expired"),
    ("orders", N_("Orders to deliver"), "orders", "status:open"),
    ("on_hold", N_("Orders on hold"), "orders", "status:on_hold"),
    ("deliveries", N_("Deliveries to invoice"), "deliveries", "status:open"),
    ("due", N_("Invoices past due"), "invoices", "is:late"),
    ("overdue", N_("of these over 30 days late"), "invoices", "overdue>30"),
)
_DRAFT_WORDS = {
    "quotation": N_("Quotation"),
    "order": N_("Sales order"),
    "payment": N_("Payment"),
    "receipt": N_("Goods receipt"),
}


class Home(DeskScreen):
    """The day at a glance."""

    NAMES_COMPANY = True
    PLACE = N_("HOME")
    ABOUT = N_(
        "What waits to be done today, with the figure that matters.\nEnter on a line opens its list.\nDrafts that were kept are opened again with Enter."
    )

    def __init__(self) -> None:
        super().__init__()
        self.rows: WindowedList[HomeRow] = WindowedList(
            (
                Column(N_("To do today"), lambda r: r.words, width=34, share=1, style=_style),
                Column("", lambda r: r.count, width=6, right=True, style=_style),
                Column("", lambda r: r.total, width=14, right=True, style=_style),
                Column("", lambda r: r.remark, width=14, share=1, style=_style),
            ),
            key=lambda r: r.key,
            warn=lambda r: r.urgent,
            empty=N_("One moment…"),
        )

    def content(self) -> ComposeResult:
        yield self.rows

    def on_mount(self) -> None:
        super().on_mount()
        self.rows.focus()
        self.begin()

    @work(group="read")
    async def begin(self) -> None:
        """Open the books after the first paint, then show what they say."""
        await self.rows.show_rows(_places())
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

    async def show_day(self) -> None:
        """Ask what is to be done and show it."""
        from o2c_tui.queries.home import today

        found = await self.attempt(self.desk.read(today, today=self.desk.today(), login=self.desk.login))
        if found is None:
            return
        rows = []
        for name, words, _place, _filter in _TASKS:
            task = getattr(found, name)
            if not task.count and name in ("expired", "on_hold", "overdue"):
                continue
            remark = f"{task.worst}  {task.worst_days}{_('d')}" if task.worst else ""
            urgent = name in ("expired", "overdue") and task.count > 0
            rows.append(HomeRow(name, _(words), str(task.count or "-"), money(task.total, self.digits), remark, urgent))
        for kept in found.kept:
            words = f"{_('Kept draft')}: {_(_DRAFT_WORDS.get(kept.kind, kept.kind))} {kept.label}".rstrip()
            rows.append(HomeRow(f"draft:{kept.kind}:{kept.document_id}", words, "", "", f"{kept.kept_at:%m-%d %H:%M}"))
        await self.rows.show_rows([*rows, HomeRow("", "", heading=True), *_places()])
        if found.kept:
            self.hint(_("A draft was kept since your last visit: Enter on its line opens it again."))
        elif not self.message_line.text:
            self.hint(_("Enter opens; g and a letter goes to a place; F6 new; F10 finds anything."))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.read_again()

    @work(group="read")
    async def read_again(self) -> None:
        """What happened elsewhere meanwhile shows when one comes back."""
        if self.desk.is_open and self.desk.facts is not None:
            self.name_who()
            await self.show_day()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        key = event.row.key
        for name, _words, place, filter_text in _TASKS:
            if key == name:
                from o2c_tui.screens.lists import ListScreen

                self.app.push_screen(ListScreen(place, filter_text=filter_text))
                return
        if key.startswith("draft:"):
            _draft, kind, document_id = key.split(":")
            self.resume(kind, int(document_id))
        elif key.startswith("go:"):
            self.o2c.go_to(key[3:])

    @work(group="read")
    async def resume(self, kind: str, document_id: int) -> None:
        """Open a kept draft where it was left."""
        from o2c_tui.screens.editing import editor_for

        screen = await editor_for(self.desk, kind, document_id)
        if screen is not None:
            await self.app.push_screen(screen)

    def action_new(self) -> None:
        """Something new: which?"""
        from o2c_tui.screens.editing import NEW_KINDS, new_editor
        from o2c_tui.widgets.confirm import Menu

        def take(number: int | None) -> None:
            if number is not None:
                self.app.push_screen(new_editor(NEW_KINDS[number][0]))

        self.app.push_screen(Menu(_("New"), [_(words) for _kind, words in NEW_KINDS]), take)

    def action_reload(self) -> None:
        """Ask again."""
        self.read_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Before the books are open there is nothing to do but wait."""
        if action in ("new", "reload") and self.desk.facts is None:
            return False
        return super().check_action(action, parameters)


def _style(row: HomeRow) -> str:
    if row.key.startswith("go:"):
        return "dim"
    return "bad" if row.urgent else "good" if row.key.startswith("draft:") else ""


def _places() -> list[HomeRow]:
    shown = (
        "quotations",
        "orders",
        "deliveries",
        "invoices",
        "receivables",
        "payments",
        "stock",
        "items",
        "customers",
        "suppliers",
        "receipts",
        "settings",
    )
    return [
        HomeRow(f"go:{place}", f"g {letter}   {_(name)}") for letter, (place, name) in GO_TO.items() if place in shown
    ]
