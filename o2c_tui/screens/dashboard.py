"""The dashboard: sales, receivables, margin and the weeks to come as plots; a digit leads to the report behind each."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.screens.base import DeskScreen, amount, money_within
from o2c_tui.texts import N_, _, current
from o2c_tui.widgets.plots import Bar, Plot, PlotBoard

if TYPE_CHECKING:
    from o2c_tui.reports.dashboard import Dashboard as Figures

ZERO = Decimal(0)
_FIGURE = 10  # cells
_BEHIND = (  # by their digits: report, by what it is told
    ("margin", "period"),
    ("aging", ""),
    ("margin", "period"),
    ("forecast", ""),
    ("dso", ""),
    ("days-to-pay", ""),
    ("margin", "customer"),
    ("margin", "item"),
)


class Dashboard(DeskScreen):
    """How the house stands, at a glance."""

    PLACE = N_("DASHBOARD")
    ABOUT = N_(
        "Digits lead to the report behind each plot; 5 days sales outstanding, 6 days to pay, 7 customers, 8 items.\nSales and margin are before tax. Bars of open signs lie below nothing.\nF7 writes the month for the owner as PDF. F5 asks again."
    )
    MENU = (
        ("view(5)", N_("Days sales outstanding")),
        ("view(6)", N_("Days to pay")),
        ("view(7)", N_("Margin by customer")),
        ("view(8)", N_("Margin by item")),
    )

    def __init__(self) -> None:
        super().__init__()
        self.board = PlotBoard(id="plots")
        self.found: Figures | None = None

    def content(self) -> ComposeResult:
        yield self.board

    def on_mount(self) -> None:
        super().on_mount()
        self.busy(_("One moment…"))
        self.load()

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask for all figures after the first paint, then draw."""
        await self.desk.ready()
        from o2c_tui.reports.dashboard import dashboard

        found = await self.attempt(self.desk.read(dashboard, self.desk.today()))
        if found is None:
            return
        self.found = found
        self.hint(_("1 to 4 open the report behind a plot; F7 writes the owner's month."))
        self.draw()
        self.refresh_keys()

    def draw(self) -> None:
        """The plots, as large as the window allows."""
        if self.found is None:
            return
        told = self.found
        self.title_line.set(place=_(self.PLACE), detail=f"{told.as_of}  {told.currency}")
        self.board.show(self._plots(told), self.o2c.glyphs)
        owed = _("owed {amount}").format(amount=amount(told.owed, told.digits))
        parts = [owed]
        if told.unapplied:
            parts.append(_("unapplied {amount}").format(amount=amount(told.unapplied, told.digits)))
        if told.disputed:
            parts.append(_("disputed {amount}").format(amount=amount(told.disputed, told.digits)))
        days = "" if told.dso is None else _("days sales outstanding {days}").format(days=f"{told.dso:.1f}")
        self.totals.set("   ".join(parts), days)

    def _plots(self, told: "Figures") -> list[Plot]:
        months = [f"{month.first:%Y-%m}" for month in told.months]
        weeks = [week for week in told.weeks if week.last is not None]
        nothing = _("Nothing here.")
        coming = _bars(
            [f"{week.first:%m-%d}" for week in weeks],
            [week.coming for week in weeks],
            [(self._short(week.coming), self._short(week.going)) for week in weeks],
        )
        return [
            Plot(_("Sales by month"), self._by_month(months, [m.sales for m in told.months]), number=1, keep_last=True,
                 empty=nothing),
            Plot(_("Owed to us by age"), self._ages(told), number=2, empty=nothing),
            Plot(_("Margin by month"), self._by_month(months, [m.margin for m in told.months]), number=3, keep_last=True,
                 empty=nothing),
            Plot(_("Cash forecast"), coming, (_("Coming in"), _("Going out")), number=4, empty=nothing),
        ]  # fmt: skip

    def _by_month(self, labels: Sequence[str], values: Sequence[Decimal]) -> tuple[Bar, ...]:
        return _bars(labels, values, [(self._short(value),) for value in values])

    def _ages(self, told: "Figures") -> tuple[Bar, ...]:
        values = [value for _label, value in told.ages]
        bars = _bars([_(label) for label, _value in told.ages], values, [(self._short(value),) for value in values])
        styles = ("accent", "text", *["bad"] * len(bars))
        return tuple(Bar(bar.label, bar.share, bar.figures, style) for bar, style in zip(bars, styles, strict=False))

    def _short(self, value: Decimal) -> str:
        return money_within(value, self.digits, _FIGURE)

    def on_resize(self, event: Any) -> None:
        super().on_resize(event)
        self.call_after_refresh(self.draw)

    def action_view(self, number: int) -> None:
        """The report behind a plot."""
        if number <= len(_BEHIND):
            from o2c_tui.reports.kinds import Asked
            from o2c_tui.screens.reports import ReportScreen

            name, by = _BEHIND[number - 1]
            self.app.push_screen(ReportScreen(name, Asked(by=by)))

    def key_label(self, action: str) -> str | None:
        return _("PDF") if action == "output" else None

    def action_output(self) -> None:
        """The owner's month as PDF: which?"""
        from datetime import timedelta

        from o2c_tui.widgets.confirm import Menu

        today = self.desk.today()
        last = today.replace(day=1) - timedelta(days=1)
        days = (last, today)
        words = [f"{last:%Y-%m}", _("{month} so far").format(month=f"{today:%Y-%m}")]

        def take(number: int | None) -> None:
            if number is not None:
                self.write(days[number])

        self.app.push_screen(Menu(_("The owner's month"), words), take)

    @work(group="write")
    async def write(self, as_of: date) -> None:
        """Write the pages of a month; says where they are."""
        import asyncio

        from o2c_tui.reports.catalogue import make
        from o2c_tui.reports.kinds import Asked
        from o2c_tui.screens.output import write_report

        self.busy(_("Writing…"))
        today = self.desk.today()
        report = await self.attempt(self.desk.read(make, "owner", Asked(as_of=as_of), today))
        if report is None:
            return
        path = await self.attempt(
            asyncio.to_thread(write_report, self.desk.store, report, "pages", current(), today=today)
        )
        if path is not None:
            self.ok(_("Written: {name} in {folder}").format(name=path.name, folder=path.parent))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to write before the figures are there."""
        if action == "output":
            return self.found is not None
        return super().check_action(action, parameters)

    def action_reload(self) -> None:
        """Ask again."""
        self.load()


def _bars(labels: Sequence[str], values: Sequence[Decimal], figures: Sequence[tuple[str, ...]]) -> tuple[Bar, ...]:
    """Bars against the longest of them; below nothing the colour is another too."""
    most = max((abs(value) for value in values), default=ZERO)
    if not most:
        return ()
    return tuple(
        Bar(label, float(value / most), told, "bad" if value < ZERO else "accent")
        for label, value, told in zip(labels, values, figures, strict=True)
    )
