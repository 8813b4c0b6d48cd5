"""Why a figure is what it is: the rows whose sum it is. Enter opens what a row came from."""

import asyncio
from collections.abc import Callable

from textual import work
from textual.app import ComposeResult

from o2c_tui.queries.why_parts import Part, Subject, Why
from o2c_tui.screens.asking import Asked, open_subject
from o2c_tui.screens.base import short_day
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.listing import Column, WindowedList
from o2c_tui.widgets.told import Told

MOST_NOTES = 2


class WhyScreen(ListedScreen):
    """The rows behind a figure."""

    PLACE = N_("WHY")
    ABOUT = N_(
        "The rows add up to the figure below them. Enter opens what a row came from: the document, or the rows behind\nthat row's own figure. F4 opens its document or card at once. On the command line: o2c why."
    )

    def __init__(self, figure: str, subject: Subject | str, *, ask: Callable[..., Why] | None = None) -> None:
        super().__init__()
        self.figure, self.subject, self.ask = figure, subject, ask
        self.told: Why | None = None
        self.notes = [Told() for _n in range(MOST_NOTES)]
        self.rows: WindowedList[Part] = WindowedList(
            [
                Column(N_("What"), lambda part: _(part.label), width=16, style=_tone),
                Column(N_("Number"), lambda part: part.number, width=11),
                Column(N_("About"), self._about, width=14, share=1, style=lambda part: "dim"),
                Column(N_("Date"), lambda part: short_day(part.on, self.desk.today()), width=8, spare=1),
                Column(N_("Figure"), self._value, width=13, right=True),
            ],
            key=id,
            empty=N_("No row: the figure is nothing."),
        )

    def _about(self, part: Part) -> str:
        note = part.note.said(_) if part.note is not None else ""
        return "  ".join(words for words in (part.about, note) if words)

    def _value(self, part: Part) -> str:
        return self.told.shown(part.value) if self.told is not None and part.value is not None else ""

    def content(self) -> ComposeResult:
        yield from self.notes
        yield self.rows

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask for the rows and show them."""
        told = await self.attempt(self._asked())
        if told is None:
            return
        from o2c_tui.queries.why import words_of

        self.told = told
        self.title_line.set(detail=f"{_(words_of(told.figure))}  {told.subject}")
        for n, widget in enumerate(self.notes):
            widget.display = n < max(1, min(len(told.notes), MOST_NOTES))
            widget.tell("", told.notes[n].said(_) if n < len(told.notes) else "")
        here = self.rows.row
        at = next((n for n, part in enumerate(told.parts) if part == here), None)
        await self.rows.show_rows(list(told.parts))
        if at is not None:
            self.rows.put_cursor(id(told.parts[at]))
        left = _("{n} rows").format(n=len(told.parts))
        if told.total is None:
            self.totals.set(left if told.parts else "")
        else:
            self.totals.set(left, f"{_(words_of(told.figure))}  {told.shown(told.total)} {told.unit}".rstrip())
        if told.adds_up:
            self.hint(_("Enter opens what a row came from.") if told.parts else "")
        else:
            self.err(_("The rows do not add up to the figure: run o2c verify."))
        self.refresh_keys()

    async def _asked(self) -> Why:
        from o2c_tui.queries.why import BLOCKED, explain, why

        today = self.desk.today()
        if self.ask is not None:
            return await self.desk.read(self.ask)  # type: ignore[no-any-return]
        if self.figure == BLOCKED:
            from o2c_tui.services.following import why_blocked

            assert isinstance(self.subject, Subject)
            store, who = await self.desk.ready(), self.desk.login
            return await asyncio.to_thread(why_blocked, store, self.subject.kind, self.subject.id, by=who, today=today)
        if isinstance(self.subject, str):
            return await self.desk.read(why, self.figure, self.subject, today=today)  # type: ignore[no-any-return]
        return await self.desk.read(explain, self.figure, self.subject, today=today)  # type: ignore[no-any-return]

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self._open(event.row)

    @work(group="read")
    async def _open(self, part: Part) -> None:
        if part.opens is None:
            self.hint(_("Nothing lies behind this row."))
        elif part.figure:
            await self.app.push_screen(WhyScreen(part.figure, part.opens))
        else:
            await open_subject(self, part.opens)

    def on_windowed_list_moved(self, event: WindowedList.Moved) -> None:
        if self.told is not None and self.told.adds_up and event.row is not None:
            self.hint(self._about(event.row) or _("Enter opens what a row came from."))  # in full: the column is narrow

    def asked(self) -> list[Asked]:
        """The document or card of the row."""
        part = self.rows.row
        if part is None or part.opens is None:
            return []
        return [Asked(part.opens)]

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.told is not None:
            self.load()

    def action_reload(self) -> None:
        """Ask again."""
        self.load()


def _tone(part: Part) -> str:
    return "bad" if part.label in ("refused", "short") else ""
