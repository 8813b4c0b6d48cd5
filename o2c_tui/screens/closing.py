"""Closing: what is left to do before a month is closed, the closings that were drawn up, and the ledger's reports."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from textual import work

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.reports.kinds import LEDGER_KINDS, Asked, Kind
from o2c_tui.rules import entry
from o2c_tui.screens.ask import Ask, ask
from o2c_tui.screens.base import amount, led, short_day
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Menu, Reading
from o2c_tui.widgets.keys import GO_TO, MORE_PLACES
from o2c_tui.widgets.listing import Column, WindowedList

_VIEWS = (N_("Month's end"), N_("Closings"), N_("Ledger"))
_POINTS, _CLOSINGS, _LEDGER = 1, 2, 3
_HINTS = {
    _POINTS: N_("Enter leads there; Space ticks; F8 closes the month; F9 locks."),
    _CLOSINGS: N_("Enter opens its totals; F7 writes them; F9 lifts the lock."),
    _LEDGER: N_("Enter opens it for the month; F2 chooses another month."),
}


class ClosingScreen(ListedScreen):
    """The end of a month, closings, and the ledger."""

    PLACE = N_("CLOSING")
    ABOUT = N_(
        "1 is the end of a month: what the books themselves say is left, then what a person ticks off. Enter leads there, Space\nticks (it verifies the books, or makes the backup, first). F2 chooses another month, F8 closes it: no more is posted\ninto it, its totals are kept, and verify proves them for ever.\n2 shows the closings; Enter opens one, F7 writes it as PDF. 3 has the ledger's reports.\nF9 locks up to any day, softly or for all, lifts a lock with its reason, closes a day or a year. F7 writes the journal\nfor hledger or beancount."
    )
    MENU = (
        ("close_day", N_("Close a day")),
        ("close_year", N_("Close a year")),
        ("soft_lock", N_("Close for all but accounts and owners, up to a day")),
        ("hard_lock", N_("Lock for all, up to a day")),
        ("lift", N_("Lift the lock")),
        ("journal", N_("Journal for hledger or beancount")),
    )

    def __init__(self) -> None:
        super().__init__()
        self.view = _POINTS
        self.day: date | None = None  # in the month that is shown
        self.month: Any = None
        self.drawn_as = _POINTS  # the view whose rows are shown
        self.rows: WindowedList[Any] = WindowedList((), key=_key, empty=N_("One moment…"))
        self.rows.update_columns(self._point_columns())

    # -- showing -----------------------------------------------------------------------------------------------------

    def _point_columns(self) -> list[Column[Any]]:
        return [
            Column("", lambda p: _("done") if p.done else _("to do"), width=5, style=_mark),
            Column(N_("Point"), lambda p: _(p.words), width=30, share=1),
            Column("", lambda p: f"{p.count:,}" if p.count else "", width=6, right=True),
            Column(N_("Amount"), lambda p: amount(p.amount, self.digits) if p.amount else "", width=13, right=True),
            Column(
                N_("Ticked"),
                lambda p: f"{short_day(p.done_on, self.desk.today())} {p.who}" if p.done_on else "",
                width=14,
                style=lambda p: "dim",
            ),
            Column(N_("Note"), lambda p: p.note, width=16, share=1, wide_only=True, style=lambda p: "dim"),
        ]

    def _closing_columns(self) -> list[Column[Any]]:
        return [
            Column(N_("Closing"), lambda c: _(c.word), width=8),
            Column(N_("Period"), lambda c: c.name, width=10),
            Column(N_("Run"), lambda c: str(c.run), width=4, right=True),
            Column("", lambda c: _("holds") if c.holds else _("lifted"), width=7, style=_holds),
            Column(N_("Closed"), lambda c: f"{c.closed_at:%Y-%m-%d}" if c.closed_at else "", width=10),
            Column(N_("By"), lambda c: c.by, width=8),
            Column(N_("Audit chain"), lambda c: f"{c.chain_seq} {c.chain_hash[:16]}", width=24, share=1, style=_dim),
        ]

    def _report_columns(self) -> list[Column[Any]]:
        return [
            Column(N_("Report"), lambda kind: _(kind.title), width=25),
            Column("", lambda kind: _(kind.about), width=20, share=1, style=lambda kind: "dim"),
        ]

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask how the month and the closings stand, and show the view."""
        await self.desk.ready()
        from o2c_tui.queries.closing import closings
        from o2c_tui.queries.month import month_end

        here = self.rows.row
        try:
            if self.day is None:
                self.day = await self._first_open()
            self.month = await self.desk.read(month_end, self.day)
            if self.view == _POINTS:
                shown, columns = list(self.month.points), self._point_columns()
            elif self.view == _CLOSINGS:
                shown, columns = await self.desk.read(closings), self._closing_columns()
            else:
                shown, columns = list(LEDGER_KINDS), self._report_columns()
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        if self.drawn_as != self.view:
            await self.rows.show_rows([])  # rows of another kind have none of the next columns
            self.drawn_as = self.view
        self.rows.warn_of = (lambda p: not p.done and not p.by_hand) if self.view == _POINTS else None
        self.rows.empty = N_("Nothing was closed yet. F8 under 1 closes a month.")
        self.rows.update_columns(columns)
        await self.rows.show_rows(shown)
        if here is not None and type(here) is type(shown[0] if shown else None):
            self.rows.put_cursor(_key(here))
        self._say()

    async def _first_open(self) -> date:
        """A day in the month that is closed next: the one before this, or this one once that is closed."""
        from o2c_tui.queries.month import month_end

        before = self.desk.today().replace(day=1) - timedelta(days=1)
        told = await self.desk.read(month_end, before)
        return self.desk.today() if told.closed else before

    def _say(self) -> None:
        month = self.month
        self.title_line.set(views=tuple(_(view) for view in _VIEWS), chosen=self.view, detail=month.month)
        left = _("closed") if month.closed else _("{n} points open").format(n=month.left)
        locks = [
            _("locked until {day}").format(day=month.locked_until) if month.locked_until else "",
            _("closed until {day} but for accounts").format(day=month.closed_until) if month.closed_until else "",
        ]
        self.totals.set("   ".join(word for word in locks if word) or _("not locked"), f"{month.month}: {left}")
        if not self.message_line.kind:  # what was done stays told
            self.hint(_(_HINTS[self.view]))
        self.refresh_keys()

    # -- what the keys do --------------------------------------------------------------------------------------------

    def action_view(self, number: int) -> None:
        """The month's points, the closings, the ledger's reports."""
        if number <= len(_VIEWS):
            self.view = number
            self.hint("")
            self.load()

    def action_edit(self) -> None:
        """Choose another month."""

        def take(text: str | None) -> None:
            if text is None:
                return
            try:
                self.day = date.fromisoformat(f"{text}-01") if len(text) == 7 else entry.day(text, self.desk.today())
            except (TradeError, ValueError):
                self.err(_("'{text}' is no month; write it as 2026-11.").format(text=text))
                return
            self.load()

        self.app.push_screen(Ask(_("Which month? As 2026-11"), self.month.month if self.month else ""), take)

    def on_windowed_list_moved(self, event: WindowedList.Moved) -> None:
        if isinstance(event.row, Kind):
            about = _(event.row.about)
            self.hint(about if self.rows.cuts(about) else _(_HINTS[_LEDGER]))

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self._open(event.row)

    @work(group="read")
    async def _open(self, row: Any) -> None:
        from o2c_tui.screens.reports import ReportScreen

        if isinstance(row, Kind):
            last = self.month.last if self.month.last < self.desk.today() else None
            first = self.month.first if "first" in row.takes else None
            await self.app.push_screen(ReportScreen(row.name, Asked(first=first, as_of=last)))
        elif self.view == _CLOSINGS:
            from o2c_tui.reports.closing import closing_report
            from o2c_tui.reports.table import as_text

            report = await self.attempt(self.desk.read(closing_report, row))
            if report is not None:
                lines = as_text(report, _, width=self.app.size.width - 2).splitlines()
                await self.app.push_screen(Reading(lines[0], lines[2:]))
        elif row.report:
            first = self.month.first if row.report in ("tax", "trial-balance") else None
            last = min(self.month.last, self.desk.today())
            await self.app.push_screen(ReportScreen(row.report, Asked(by=row.by, as_of=last, first=first)))
        elif row.code == "verify":
            from o2c_tui.screens.proof import Proof

            await self.app.push_screen(Proof())
        elif row.place in {name for name, _words in GO_TO.values()} | set(MORE_PLACES):
            await self.app.push_screen(self._place(row))
        else:
            self.hint(_("Space ticks it off."))

    def _place(self, row: Any) -> Any:
        from o2c_tui.screens.list_kinds import KINDS

        if row.place in KINDS:
            from o2c_tui.screens.lists import ListScreen

            return ListScreen(row.place, filter_text=row.view or None)
        return self.o2c.place(row.place)

    def on_windowed_list_marked(self, event: WindowedList.Marked) -> None:
        """A mark is a tick here."""
        marked = list(self.rows.marked.values())
        self.rows.marked.clear()
        self.rows.refresh()
        if self.view == _POINTS:
            self._tick([row for row in marked if row.by_hand])
            if not any(row.by_hand for row in marked):
                self.hint(_("The books tell this one: it is done when nothing is left. Enter leads there."))

    @work(group="write")
    async def _tick(self, points: list[Any]) -> None:
        """Tick points off, or take ticks back; first the books are verified, or the backup is made, where it is that."""
        from o2c_tui.services.closing import tick_task

        for point in points:
            note = ""
            if not point.done and point.code in _EVIDENCE:
                self.busy(_("One moment…"))
                told = await self.attempt(_EVIDENCE[point.code](self))
                if told is None:
                    return
                note = told
            done = self.desk.write(tick_task, self.month.month, point.code, done=not point.done, note=note)
            if await self.attempt(done) is None:
                return
            self.hint(note)
        if points:
            await self.read_newest()

    def action_next_step(self) -> None:
        """Close the month that is shown."""
        self._close("month", self.month.last)

    def action_close_day(self) -> None:
        """Close one day."""
        yesterday = self.desk.today() - timedelta(days=1)
        self._ask_day(N_("Close which day?"), yesterday, lambda day: self._close("day", day))

    def action_close_year(self) -> None:
        """Close a year."""
        last = self.desk.today().replace(month=1, day=1) - timedelta(days=1)
        self._ask_day(N_("Close which year? A day in it"), last, lambda day: self._close("year", day))

    def action_soft_lock(self) -> None:
        """Close up to a day for all but accounts and owners."""
        self._ask_day(N_("Close up to which day?"), self.month.last, lambda day: self._lock(day, soft=True))

    def action_hard_lock(self) -> None:
        """Lock up to a day for all."""
        self._ask_day(N_("Lock up to which day?"), self.month.last, lambda day: self._lock(day, soft=False))

    def action_lift(self) -> None:
        """Lift the lock: why, and up to which day it stays."""

        def take(reason: str | None) -> None:
            if reason:
                before = self.month.first - timedelta(days=1)
                question = N_("Up to which day do the books stay locked? 0: not at all")
                self._ask_day(question, before, lambda day: self._lift(reason, day), none=True)

        ask(self, N_("Why is the lock lifted?"), take, {})

    def _ask_day(self, question: str, begins: date, then: Callable[[Any], Any], *, none: bool = False) -> None:
        def take(text: str | None) -> None:
            if text is None:
                return
            if none and text == "0":
                then(None)
                return
            try:
                day = entry.day(text, self.desk.today())
            except TradeError as error:
                self.say_refusal(error)
                return
            then(day)

        self.app.push_screen(Ask(_(question), begins.isoformat()), take)

    @work(group="write")
    async def _close(self, kind: str, day: date) -> None:
        from o2c_tui.models.closing import CLOSING_WORDS, ClosingKind
        from o2c_tui.services.closing import close_period

        await self._preview(
            _("Close the {kind}: {day}").format(kind=_(CLOSING_WORDS[ClosingKind(kind)]), day=day),
            lambda done: [
                led(N_("Locks"))
                + _("{first} to {last}: nothing is posted up to then any more").format(
                    first=done.from_on, last=done.to_on
                ),
                led(N_("Makes")) + _("the totals of all accounts and documents, run {run}").format(run=done.run),
                led(N_("Audit")) + f"{done.chain_seq}  {done.chain_hash[:32]}",
                *self._left(kind),
            ],
            N_("close it"),
            close_period,
            ClosingKind(kind),
            day,
        )

    def _left(self, kind: str) -> list[Any]:
        """The points of the month that are open, as a warning."""
        left = [_(point.words) for point in self.month.points if not point.done]
        if kind != "month" or not left:
            return []
        return [(led(N_("To do")) + ", ".join(left[:3]) + (" …" if len(left) > 3 else ""), "bad")]

    @work(group="write")
    async def _lock(self, day: date, *, soft: bool) -> None:
        from o2c_tui.services.closing import lock_period

        words = N_("only accounts and owners post up to {day}") if soft else N_("nobody posts up to {day} any more")
        await self._preview(
            _("Lock the books"),
            lambda done: [led(N_("Changes")) + _(words).format(day=day)],
            N_("lock them"),
            lock_period,
            day,
            soft=soft,
        )

    @work(group="write")
    async def _lift(self, reason: str, until: date | None) -> None:
        from o2c_tui.services.closing import unlock

        stays = _("stays locked until {day}").format(day=until) if until else _("nothing stays locked")
        await self._preview(
            _("Lift the lock"),
            lambda done: [
                led(N_("Changes")) + stays,
                led(N_("Reason")) + reason,
                led(N_("Checks")) + _("closings of the days that are opened are no longer promised"),
            ],
            N_("lift it"),
            unlock,
            reason,
            until=until,
        )

    async def _preview(
        self, heading: str, told: Callable[[Any], list[Any]], does: str, verb: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Show what a verb would do, and do it when it is confirmed."""
        found = await self.attempt(self.desk.preview(verb, *args, **kwargs))
        if found is None:
            return
        if found.refusal is not None:
            self.say_refusal(found.refusal)
            return

        def go(yes: bool | None) -> None:
            if yes:
                self._do(found.codes, verb, args, kwargs)

        await self.app.push_screen(Confirm(heading, told(found.result), does=does), go)

    @work(group="write")
    async def _do(self, accepted: Any, verb: Any, args: Any, kwargs: Any) -> None:
        done = await self.attempt(self.desk.write(verb, *args, accepted=accepted, **kwargs))
        if done is not None:
            await self.read_newest()
            self.ok(_("Done."))

    def action_output(self) -> None:
        """A closing as PDF; else the journal for another program."""
        row = self.rows.row
        if self.view == _CLOSINGS and row is not None:
            self._write_closing(row)
        else:
            self.action_journal()

    @work(group="write")
    async def _write_closing(self, row: Any) -> None:
        import asyncio

        from o2c_tui.reports.closing import closing_report
        from o2c_tui.screens.output import write_report
        from o2c_tui.texts import current

        self.busy(_("Writing the PDF…"))
        report = await self.attempt(self.desk.read(closing_report, row))
        if report is None:
            return
        path = await self.attempt(asyncio.to_thread(write_report, self.desk.store, report, "pdf", current()))
        if path is not None:
            self.ok(_("{name} is in {folder}").format(name=path.name, folder=path.parent))

    def action_journal(self) -> None:
        """The whole journal in the format of another program."""
        forms = ("hledger", "beancount")

        def take(number: int | None) -> None:
            if number is not None:
                self._write_journal(forms[number])

        self.app.push_screen(
            Menu(_("Journal of {month} for which program?").format(month=self.month.month), forms), take
        )

    @work(group="write")
    async def _write_journal(self, form: str) -> None:
        from o2c_tui.screens.output import write_journal

        await write_journal(self, form, self.month.first, self.month.last)

    def key_label(self, action: str) -> str | None:
        return {
            "next_step": _("Close"),
            "edit": _("Month"),
            "output": _("PDF") if self.view == _CLOSINGS else _("Write"),
        }.get(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing before the books are read; ticks only on points."""
        if action in (
            "next_step",
            "edit",
            "output",
            "close_day",
            "close_year",
            "soft_lock",
            "hard_lock",
            "lift",
            "journal",
        ):
            return self.month is not None
        return super().check_action(action, parameters)

    def action_reload(self) -> None:
        """Ask again."""
        self.load()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.month is not None:
            self.load()


def _mark(point: Any) -> str:
    return "good" if point.done else "bad" if not point.by_hand else "text"


def _holds(drawn: Any) -> str:
    return "good" if drawn.holds else "dim"


def _dim(_row: Any) -> str:
    return "dim"


def _key(row: Any) -> Any:
    """What tells rows apart, whichever the view shows: points by code, closings by key, reports by name."""
    return getattr(row, "code", "") or getattr(row, "id", 0) or row.name


async def _verified(screen: ClosingScreen) -> str:
    """Verify the books; says at which entry they held.

    Raises:
        TradeError: they do not.
    """
    from o2c_tui.queries.verify import verify

    told = await screen.desk.read(verify, screen.desk.store.anchor)
    if not told.holds:
        raise TradeError(N_("The books do not hold; F10 verify says what is wrong."))
    return _("{n} audit entries, head {head}").format(n=f"{told.entries:,}", head=told.head[:16])


async def _backed_up(screen: ClosingScreen) -> str:
    """Make a backup; says its name."""
    import asyncio
    from pathlib import Path

    from o2c_tui.storage.backup import back_up, beside

    url = screen.desk.store.url
    done = await asyncio.to_thread(back_up, url, beside(url, screen.desk.store.clock()))
    return Path(done.path).name


_EVIDENCE: dict[str, Callable[[ClosingScreen], Any]] = {"verify": _verified, "backup": _backed_up}
