"""Reports: the list of them, and the one screen that shows each: asked in place, sorted, narrowed, opened row by row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import BadValueError, TradeError, TroubleError
from o2c_tui.reports.kinds import ASKED_WORDS, KINDS, Asked, Kind, kind_of
from o2c_tui.rules import entry
from o2c_tui.safe_text import cells
from o2c_tui.screens.asking import look_up, of_document_key
from o2c_tui.screens.base import DeskScreen
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _, current
from o2c_tui.widgets.confirm import Menu
from o2c_tui.widgets.entry import EntrySheet, FieldSpec, Hit
from o2c_tui.widgets.filterline import FilterLine
from o2c_tui.widgets.listing import Column, WindowedList

if TYPE_CHECKING:
    from pathlib import Path

    from o2c_tui.reports.table import Behind, Columns, Report

_DAYS = ("as_of", "first", "week")
_WIDTHS = {
    "as_of": 10,
    "first": 10,
    "days": 5,
    "item": 12,
    "warehouse": 8,
    "customer": 10,
    "person": 8,
    "order": 11,
    "account": 8,
    "party": 10,
    "age": 6,
    "code": 12,
    "week": 10,
}
_CODES = ("item", "warehouse", "customer", "person", "account", "party", "code")
_ROOM_FOR_HITS = 8
_LEAST_TEXT = 8
_TEXT = 28  # cells of a text before others are left out for it


class Reports(DeskScreen):
    """Every report there is."""

    PLACE = N_("REPORTS")
    ABOUT = N_("Enter or its number opens a report: as of any day, by what you like, on paper with F7.")

    def __init__(self) -> None:
        super().__init__()
        self.rows: WindowedList[tuple[int, Kind]] = WindowedList(
            (
                Column("", lambda r: str(r[0]) if r[0] < 10 else "", width=1, style=lambda r: "accent"),
                Column(N_("Report"), lambda r: _(r[1].title), width=25),
                Column("", lambda r: _(r[1].about), width=20, share=1, style=lambda r: "dim"),
            ),
            key=lambda r: r[1].name,
            bands=False,
        )

    def content(self) -> ComposeResult:
        yield self.rows

    def on_mount(self) -> None:
        super().on_mount()
        self.rows.focus()
        self.hint(_("Enter or its number opens."))
        self.load()

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Show the reports."""
        await self.rows.show_rows(list(enumerate(KINDS, 1)))
        self.refresh_keys()

    def on_windowed_list_moved(self, event: WindowedList.Moved) -> None:
        if event.row is not None:
            about = _(event.row[1].about)
            self.hint(about if self.rows.cuts(about) else _("Enter or its number opens."))

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self.open(event.row[1].name)

    def on_windowed_list_left(self, event: WindowedList.Left) -> None:
        self.action_back()

    def action_view(self, number: int) -> None:
        """The report of this number."""
        if number <= len(KINDS):
            self.open(KINDS[number - 1].name)

    def open(self, name: str) -> None:
        """Show one report as things stand."""
        self.app.push_screen(ReportScreen(name))


@dataclass(frozen=True)
class _Line:
    """One row of a report, by its place in it."""

    at: int
    cells: tuple[Any, ...]
    behind: "Behind | None"


class ReportScreen(DeskScreen):
    """One report; what it is asked stands above and is changed there."""

    PLACE = N_("REPORT")
    ABOUT = N_(
        "F2 changes the day, the period and what it is narrowed to; numbers choose by what it is told.\nEnter opens what lies behind a row, Left comes back to it, F4 says why. < and > sort, / narrows.\nF7 writes what is shown as PDF, CSV, JSON or text. A past day stays as it was, whatever is booked later."
    )
    MENU = (("filter", N_("Narrow the list")), ("sort_after", N_("Sort by another column")))

    def __init__(self, name: str, asked: Asked | None = None) -> None:
        super().__init__()
        self.kind = kind_of(name)
        self.choice = asked or Asked()
        self.made: Report | None = None  # all of it
        self.shown_now: Report | None = None  # sorted and narrowed
        self.sort, self.turned = -1, False
        self.words = self.words_before = ""
        self.more_notes = ""
        self.model = FormModel(
            self._values(), checks={key: self._check(key) for key in self.kind.takes}, look_up=self._hits
        )
        self.fields = self._fields()
        self.sheet = EntrySheet(self.model, self.fields)
        self.filter_line = FilterLine(N_("Filter:"))
        self.rows: WindowedList[_Line] = WindowedList((), key=lambda line: line.at, waiting=N_("One moment…"))

    # -- what it is asked --------------------------------------------------------------------------------------------

    def _values(self) -> dict[str, str]:
        found = {}
        for key in self.kind.takes:
            value = getattr(self.choice, key)
            found[key] = "" if value is None else str(value)
        return found

    def _fields(self) -> list[list[FieldSpec]]:
        rows: list[list[FieldSpec]] = [[]]
        used = 0
        for key in self.kind.takes:
            spec = FieldSpec(
                key, ASKED_WORDS[key], width=_WIDTHS[key], code=key in _CODES, beside=4 if key == "as_of" else 0
            )
            needs = cells(_(spec.label)) + spec.width + spec.beside + 3
            if used + needs > 79 or len(rows[-1]) == 4:
                rows.append([])
                used = 0
            rows[-1].append(spec)
            used += needs
        return rows

    def _check(self, key: str) -> Any:
        def day(text: str) -> str:
            if not text:
                return ""
            found = entry.day(text, self.desk.today())
            if not 1900 <= found.year <= 2999:
                raise BadValueError(N_("'{text}' is no day; write it as 2026-11-24"), text=text)
            return found.isoformat()

        def number(text: str) -> str:
            if text and not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= 36500):
                raise BadValueError(N_("'{text}' is no number of days."), text=text)
            return text

        def code(text: str) -> str:
            return text if key == "person" else text.upper()

        return day if key in _DAYS else number if key == "days" else str.lower if key == "age" else code

    def _hits(self, key: str, text: str) -> Sequence[Hit]:
        from o2c_tui.queries import pick

        word = entry.folded(text).strip()
        if key in ("customer", "party"):
            return [Hit(h.code, h.name) for h in self.desk.read_now(pick.find_parties, word)]
        if key == "item":
            return [Hit(h.code, h.name) for h in self.desk.read_now(pick.find_items, word)]
        from o2c_tui.queries import asking

        of_bank = self.kind.name == "reconciliation"
        lists = {"warehouse": asking.warehouses, "account": asking.bank_accounts if of_bank else asking.accounts}
        found = self.desk.read_now({**lists, "code": asking.taxes}.get(key, asking.people))
        return [Hit(c, name) for c, name in found if word.casefold() in f"{c} {name}".casefold()]

    def _read_asked(self) -> Asked:
        told: dict[str, Any] = {key: value for key, value in self.model.values.items() if value}
        for key in _DAYS:
            if key in told:
                told[key] = date.fromisoformat(told[key])
        if "days" in told:
            told["days"] = int(told["days"])
        return Asked(**told, by=self.choice.by)

    # -- showing -----------------------------------------------------------------------------------------------------

    def content(self) -> ComposeResult:
        yield self.sheet
        yield self.filter_line
        yield self.rows

    def on_mount(self) -> None:
        super().on_mount()
        self.sheet.styles.height = len(self.fields)
        self._say_title()
        self.rows.focus()
        self.load()

    def _say_title(self) -> None:
        self.model.words["as_of"] = "" if self.choice.as_of else _("now")
        ways = list(self.kind.by)
        chosen = ways.index(self.choice.by) + 1 if self.choice.by else 1
        self.title_line.set(
            place=_(self.kind.title).upper(),  # as the titles of lists
            views=tuple(_(words) for words in self.kind.by.values()),
            chosen=chosen if ways else 0,
            detail=f"/{self.words}" if self.words else "",
        )

    @work(group="read", exclusive=True)
    async def load(self, *, stay: bool = False) -> None:
        """Make the report and show it; `stay` keeps the cursor on its row."""
        await self.desk.ready()
        from o2c_tui.reports.catalogue import make
        from o2c_tui.reports.table import OTHERWISE

        self.busy(_("One moment…"))
        try:
            made = await self.desk.read(make, self.kind.name, self.choice, self.desk.today())
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            self._point_at(getattr(error, "field", ""))
            return
        self.made = made
        if self.sort >= len(made.headings):
            self.sort = -1
        await self._show(stay=stay)
        if any(text == OTHERWISE for text, _values in made.notes):
            self.warn(_(OTHERWISE))
            return
        self.hint(self.more_notes or _("F2 changes day and choice; Enter opens what lies behind; F7 writes it."))

    async def _show(self, *, stay: bool = False) -> None:
        from o2c_tui.reports.table import Columns, in_order, narrowed_to

        assert self.made is not None
        self.rows.empty = N_("Nothing here.")
        here = self.rows.row
        report = narrowed_to(self.made, self.words, _) if self.words else self.made
        if self.sort >= 0:
            report = in_order(report, self.sort, descending=self._descends())
        self.shown_now = report
        columns = Columns(report, _)
        self.rows.update_columns(self._columns(report, columns))
        lines = [_Line(n, row, behind) for n, (row, behind) in enumerate(zip(report.rows, report.behind, strict=True))]
        totals = report.totals
        self.rows.foot = _Line(-1, totals, None) if totals and lines else None
        self.foot_texts = columns.totals()
        await self.rows.show_rows(lines)
        if stay and here is not None:
            at = next((line.at for line in lines if line.cells == here.cells), None)
            if at is not None:
                self.rows.put_cursor(at)
        notes = columns.notes()
        count = _("1 row") if len(lines) == 1 else _("{n} rows").format(n=f"{len(lines):,}")
        if self.words:
            count = _("{n} of {all} rows").format(n=f"{len(lines):,}", all=f"{len(self.made.rows):,}")
        self._tell_notes(notes, f"{dict(report.facts).get('Currency', '')}   {count}".strip())
        self._say_title()
        self.refresh_keys()

    def _tell_notes(self, notes: list[str], count: str) -> None:
        """The last note beneath the table where it fits there whole; the others where hints stand."""
        fits = bool(notes) and cells(notes[-1]) <= self.app.size.width - cells(count) - 4
        self.totals.set(notes[-1] if fits else "", count)
        self.more_notes = "   ".join(notes[:-1] if fits else notes)

    def _columns(self, report: "Report", columns: "Columns") -> list[Column[_Line]]:
        found = []
        for n, (heading, title) in enumerate(zip(report.headings, columns.titles, strict=True)):
            natural = max(columns.width(n), cells(title))
            if report.totals and n < 2 and not heading.is_figure:
                natural = max(natural, cells(_("Total")))  # the totals are called so in the first column that is shown
            sort: Literal["", "up", "down"] = ""
            if n == self.sort:
                sort = "down" if self._descends() else "up"
                natural = max(natural, cells(title) + 2)
            stretches = not heading.is_figure and natural > _TEXT // 2 and heading.kind == "text"
            found.append(
                Column[_Line](
                    title,
                    lambda line, n=n: self._foot(n) if line.at < 0 else self._cell(columns, n, line.cells[n]),  # type: ignore[misc]
                    width=min(natural, _TEXT) if stretches else natural,
                    share=natural if stretches else 0,
                    right=heading.is_figure,
                    spare=heading.spare,
                    sort=sort,
                    style=_late if heading.kind == "word" else None,
                )
            )
        return _within(found, self.rows.size.width)

    def _cell(self, columns: "Columns", n: int, value: Any) -> str:
        """A cell as the screen shows it: bars in its own signs."""
        from o2c_tui.reports.table import BAR_CELLS
        from o2c_tui.widgets.plots import bar_of

        if columns.report.headings[n].kind == "bar" and value:
            return bar_of(float(value), BAR_CELLS, self.o2c.glyphs)
        return columns.text(n, value)

    def _foot(self, n: int) -> str:
        """A cell of the totals; the first column that there is room for says what they are."""
        text = self.foot_texts[n]
        return _("Total") if n == self.rows.columns_shown[0] and not text.strip() else text

    def on_resize(self, event: Any) -> None:
        super().on_resize(event)
        if self.made is not None:
            self._narrow(stay=True)

    def _point_at(self, field: str) -> None:
        if field in self.kind.takes:
            self._to_fields()
            self.sheet.cell, self.sheet.wrong = field, field
            self.sheet.reload()

    # -- what the keys do --------------------------------------------------------------------------------------------

    def action_edit(self) -> None:
        """Change what is asked, in place."""
        if self.focused is self.sheet:
            self.sheet.edit_inside()
            return
        self._to_fields()
        self.hint(_("Tab goes from field to field; Enter shows it; empty leaves it open."))

    def _to_fields(self) -> None:
        room = _ROOM_FOR_HITS + 1 if any(spec.code for row in self.fields for spec in row) else 0
        self.sheet.styles.height = len(self.fields) + room
        self.sheet.to_start()
        self.sheet.focus()

    def _leave_sheet(self) -> None:
        self.sheet.styles.height = len(self.fields)
        self.rows.focus()
        asked = self._read_asked()
        if asked != self.choice:
            self.choice = asked
            self.load()
        else:
            self.hint("")
        self.refresh_keys()

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self._leave_sheet()

    def on_entry_sheet_said(self, event: EntrySheet.Said) -> None:
        {"err": self.err, "warn": self.warn, "ok": self.ok}[event.level](event.text)

    def action_save(self) -> None:
        """In the fields: show it so."""
        if self.sheet.take_all():
            self._leave_sheet()

    def action_escape(self) -> None:
        """Out of the fields; else back."""
        if self.focused is self.sheet:
            self._leave_sheet()
        else:
            self.action_back()

    def action_undo(self) -> None:
        """In the fields: one step back."""
        self.sheet.undo()

    def action_view(self, number: int) -> None:
        """By what the report is told."""
        ways = list(self.kind.by)
        if number <= len(ways):
            self.choice = replace(self.choice, by=ways[number - 1])
            self.sort, self.words = -1, ""
            self.load()

    def action_reload(self) -> None:
        """Make it anew."""
        self.load(stay=True)

    def action_filter(self) -> None:
        """Narrow the rows."""
        self.words_before = self.words
        self.filter_line.open(f"{self.words} " if self.words else "")

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        self.words = event.text.strip()
        self._narrow()

    @work(group="read", exclusive=True)
    async def _narrow(self, *, stay: bool = False) -> None:
        if self.made is not None:
            await self._show(stay=stay)

    def on_filter_line_done(self, event: FilterLine.Done) -> None:
        self.words = self.filter_line.buffer.text.strip() if event.kept else self.words_before
        self.filter_line.close()
        self.rows.focus()
        self._narrow()

    def action_sort_after(self) -> None:
        """Sort by the next column; again turns it round."""
        self._sort_by(1)

    def action_sort_before(self) -> None:
        """Sort by the column before; again turns it round."""
        self._sort_by(-1)

    def _sort_by(self, step: int) -> None:
        if self.made is None:
            return
        seen = self.rows.columns_shown
        if self.sort in seen and not self.turned:
            self.turned = True
        else:
            ways = [-1, *seen]  # -1: the report's own order
            at = ways.index(self.sort) if self.sort in ways else 0
            self.sort, self.turned = ways[(at + step) % len(ways)], False
        self._narrow(stay=True)

    def _descends(self) -> bool:
        """Figures and days from the greatest, words from A, unless turned round."""
        assert self.made is not None
        heading = self.made.headings[self.sort]
        return (heading.is_figure or heading.kind == "date") != self.turned

    def action_find(self) -> None:
        """Why the figures of the row's document are what they are, else what lies behind it; in the fields, a look-up."""
        if self.focused is self.sheet:
            super().action_find()
        elif self.rows.row is not None:
            behind = self.rows.row.behind
            asked = of_document_key(behind.kind, behind.key) if behind is not None else []
            if asked:
                look_up(self, asked)
            else:
                self._open(self.rows.row)

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self._open(event.row)

    def on_windowed_list_left(self, event: WindowedList.Left) -> None:
        self.action_back()

    @work(group="read")
    async def _open(self, line: _Line) -> None:
        behind = line.behind
        if behind is None:
            return
        kind, key = behind.kind, behind.key
        if kind == "report":
            await self.app.push_screen(ReportScreen(behind.report, behind.asked))
            return
        if kind == "item":
            from o2c_tui.screens.stock_card import StockCardScreen

            await self.app.push_screen(StockCardScreen(key))
            return
        if kind == "layer":
            from o2c_tui.queries.movements import document_of_layer

            found = await self.attempt(self.desk.read(document_of_layer, key))
            if found is None:
                return
            kind, key = found
        await self.o2c.show_document(kind, key)

    def key_label(self, action: str) -> str | None:
        return {"output": _("Write"), "find": _("Why"), "edit": _("Ask")}.get(action)

    def action_output(self) -> None:
        """Write what is shown as a file: which?"""
        forms: tuple[tuple[str, str], ...] = (("pdf", "PDF"), ("csv", "CSV"), ("json", "JSON"), ("txt", N_("Text")))
        if self.kind.name == "statement":
            sends = N_("Send the letter to the customer") if self.choice.customer else N_("Send a letter to each")
            letter = (("letter", N_("Letter to the customer, PDF")),) if self.choice.customer else ()
            forms = (*letter, ("send", sends), ("pdf", N_("Table, PDF")), *forms[1:])
        elif self.kind.name in ("ledger", "trial-balance"):
            forms += (
                ("hledger", N_("The whole journal for hledger")),
                ("beancount", N_("The whole journal for beancount")),
            )

        def take(number: int | None) -> None:
            if number is not None:
                form = forms[number][0]
                if form == "send":
                    self._offer_statements()
                elif form in ("hledger", "beancount"):
                    self._write_journal(form)
                else:
                    self._write(form)

        self.app.push_screen(Menu(_("Write what is shown"), [_(words) for _ending, words in forms]), take)

    @work(group="read")
    async def _offer_statements(self) -> None:
        from o2c_tui.screens.statements import offer_statements

        await offer_statements(self, self.choice)

    @work(group="write")
    async def _write_journal(self, form: str) -> None:
        from o2c_tui.screens.output import write_journal

        await write_journal(self, form, self.choice.first, self.choice.as_of)

    @work(group="write")
    async def _write(self, form: str) -> None:
        import asyncio

        from o2c_tui.screens.output import write_report

        report = self.shown_now
        if report is None:
            return
        self.busy(_("Writing…"))
        try:
            if form == "letter":
                path = await asyncio.to_thread(self._write_letter)
            else:
                day = self.desk.today()
                path = await asyncio.to_thread(
                    write_report, self.desk.store, report, form, current(), self.words, today=day
                )
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        self.ok(_("Written: {name} in {folder}").format(name=path.name, folder=path.parent))

    def _write_letter(self) -> "Path":
        from o2c_tui.reports.statement_letters import asked_for
        from o2c_tui.sending.statements import save_statements

        wanted = self.desk.read_now(asked_for, self.choice, self.desk.today())
        return save_statements(self.desk.store, wanted, even_empty=True, by=self.desk.login)[-1]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done now."""
        if action in ("save", "undo"):
            return self.focused is self.sheet
        if action == "find" and self.focused is self.rows:
            return self.rows.row is not None and self.rows.row.behind is not None
        if action == "output":
            return self.shown_now is not None
        if action in ("filter", "sort_after", "sort_before"):
            return self.made is not None
        return super().check_action(action, parameters)

    def on_windowed_list_moved(self, event: WindowedList.Moved) -> None:
        self.refresh_keys()


def _within(columns: list[Column[_Line]], width: int) -> list[Column[_Line]]:
    """The columns with texts made narrower where even those that are always shown do not fit: figures are never cut."""
    room = width - 5
    lasting = [column for column in columns if not column.spare]
    over = sum(column.width + 1 for column in lasting) - 1 - room
    if width <= 0 or over <= 0:
        return columns
    shares = sum(column.share for column in lasting) or 1
    return [
        replace(column, width=max(_LEAST_TEXT, column.width - -(-over * column.share // shares)))
        if column.share and not column.spare
        else column
        for column in columns
    ]


def _late(line: _Line) -> str:
    """The style of a word: a late one is bad."""
    return "bad" if any(value == "LATE" for value in line.cells if isinstance(value, str)) else "dim"
