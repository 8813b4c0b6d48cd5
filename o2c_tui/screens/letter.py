"""A reminder as it was written: what it lists, what it says, how it went. Enter opens what stands behind a line."""

from decimal import Decimal
from typing import Any, NamedTuple

from textual import work

from o2c_tui.safe_text import cells, fit, shown, wrapped
from o2c_tui.screens.base import amount
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.listing import Column, WindowedList

_LABEL, _FIGURE = 12, 12


class _Line(NamedTuple):
    """A line of the letter as it is read; `opens` is the kind and key of what lies behind it."""

    number: int
    label: str
    text: str
    opens: tuple[str, int] | None = None
    style: str = ""


class LetterScreen(ListedScreen):
    """One reminder."""

    PLACE = N_("REMINDER")
    ABOUT = N_(
        "The letter as it was written; nothing of it changes. Enter opens the invoice of a line, the fee as it was charged,\nor the mail that it went with. F7 saves the PDF, prints it (that is noted), or mails it once more.\nF9 shows the customer's open items, card and history."
    )
    MENU = (
        ("open_items", N_("What is open with this customer now")),
        ("customer", N_("The customer's card")),
        ("history", N_("History: who did what, and when")),
    )

    def __init__(self, key: int) -> None:
        super().__init__()
        self.key = key
        self.letter: Any = None
        self.rows: WindowedList[_Line] = WindowedList(
            [
                Column("", lambda row: row.label, width=_LABEL, style=lambda row: "dim"),
                Column("", lambda row: row.text, width=60, share=1, style=lambda row: row.style),
            ],
            key=lambda row: row.number,
            empty=N_("One moment…"),
        )

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Read the letter."""
        from o2c_tui.queries.reminder_papers import reminder_view

        found = await self.attempt(self.desk.read(reminder_view, self.key))
        if found is None:
            return
        self.letter = found
        here = self.rows.row
        await self.rows.show_rows(self._lines(found))
        if here is not None:
            self.rows.put_cursor(here.number)
        self.title_line.set(detail=f"{found.number}  {found.reminded_on}", mode=_("step {n}").format(n=found.level))
        total = f"{found.currency} {amount(found.total, found.digits)}"
        self.totals.set("", _("Total {total}").format(total=total))
        self.just_read()
        self.refresh_keys()

    def _lines(self, letter: Any) -> list[_Line]:
        told: list[tuple[str, str, tuple[str, int] | None, str]] = [
            *self._spread(_("Customer"), f"{letter.customer}  {letter.customer_name}"),
            *self._spread(_("Subject"), letter.subject),
        ]
        for n, line in enumerate(letter.lines):
            told.append((_("Lists") if n == 0 else "", self._item(line), (line.kind, line.document_id), ""))
        told.append((_("Total"), " " * 46 + self._right(letter.total), None, "strong"))
        if letter.fee:
            opens = ("receivable_adjustment", letter.fee_id) if letter.fee_id is not None else None
            told.append((_("Fee"), " " * 46 + self._right(letter.fee), opens, ""))
        told += [(_("Went") if n == 0 else "", *self._way(one)) for n, one in enumerate(letter.gone)]
        if not letter.gone:
            told.append((_("Went"), _("not yet: F7 prints or mails it"), None, "bad"))
        told.append(("", "", None, ""))
        for n, line in enumerate(letter.body.split("\n")):
            told += self._spread(_("Letter") if n == 0 else "", line)
        return [_Line(n, *row) for n, row in enumerate(told)]

    def _spread(self, label: str, text: str, style: str = "") -> list[tuple[str, str, None, str]]:
        """A label and its text, on as many lines as it needs."""
        parts = wrapped(shown(text), max(40, self.app.size.width - _LABEL - 8)) or [""]
        return [(label if n == 0 else "", part, None, style) for n, part in enumerate(parts)]

    def _item(self, line: Any) -> str:
        """One item: number, step, date, due date and what was open, under each other."""
        step = f"S{line.level}" if line.level else ""
        due = _("due {day}").format(day=line.due_on) if line.open > 0 else _("credit")
        return f"{fit(line.number, 14)} {fit(step, 3)} {line.dated_on}  {fit(due, 15)} {self._right(line.open)}"

    def _right(self, value: Decimal) -> str:
        text = amount(value, self.letter.digits)
        return " " * max(0, _FIGURE - cells(text)) + text

    def _way(self, one: Any) -> tuple[str, tuple[str, int] | None, str]:
        from o2c_tui.models.mail import PAPER_WAY_WORDS, PaperWay
        from o2c_tui.models.words import STATE_WORDS

        if one.mail_id is None:
            return f"{_(PAPER_WAY_WORDS[PaperWay(one.way)])}  {one.file_name}", None, ""
        bad = "bad" if one.state in ("failed", "bounced") else ""
        return f"{_('by mail')}  {_(STATE_WORDS[one.state])}  {one.to}", ("mail", one.mail_id), bad

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self._open(event.row)

    @work(group="read")
    async def _open(self, row: _Line) -> None:
        if row.opens is None:
            return
        kind, key = row.opens
        if kind == "mail":
            from o2c_tui.screens.outbox import MailScreen

            await self.app.push_screen(MailScreen(key))
        else:
            await self.o2c.show_document(kind, key)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.letter is not None:
            self.load()

    def action_reload(self) -> None:
        """Read again."""
        self.load()

    def action_output(self) -> None:
        """Save, print or mail it."""
        from o2c_tui.screens.output import choose_paper

        choose_paper(self, "reminder", [(self.key, "")])

    def action_open_items(self) -> None:
        """What is open with the customer now."""
        self._open_items()

    @work(group="read")
    async def _open_items(self) -> None:
        from o2c_tui.queries.receivables import aged
        from o2c_tui.screens.receivables import CustomerItems

        found = await self.attempt(self.desk.read(aged, as_of=self.desk.today()))
        row = next((row for row in found or () if row.code == self.letter.customer), None)
        if row is not None:
            await self.app.push_screen(CustomerItems(row))
        elif found is not None:
            self.hint(_("Nothing is open with this customer."))

    def action_customer(self) -> None:
        """The customer's card."""
        from o2c_tui.screens.cards import PartyCard

        self.app.push_screen(PartyCard(self.letter.customer))

    def action_history(self) -> None:
        """Who wrote it, and how it went."""
        self._history()

    @work(group="read")
    async def _history(self) -> None:
        from o2c_tui.queries.history import history
        from o2c_tui.reports.history import as_lines
        from o2c_tui.services.registry import VERB_WORDS
        from o2c_tui.widgets.confirm import Reading

        done = await self.attempt(self.desk.read(history, "reminder", self.key))
        if done is not None:
            lines = as_lines(done, _, VERB_WORDS, self.o2c.glyphs.arrow)
            await self.app.push_screen(Reading(_("History of {document}").format(document=self.letter.number), lines))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """All of it needs the letter."""
        if action in ("output", "open_items", "customer", "history"):
            return self.letter is not None
        return super().check_action(action, parameters)
