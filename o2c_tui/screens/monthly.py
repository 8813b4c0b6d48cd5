"""Collective invoices at the desk: who is billed what of all that was delivered in a period; F8 posts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from textual import work

from o2c_tui.errors import TradeError
from o2c_tui.rules import entry
from o2c_tui.rules.rhythm import month_over
from o2c_tui.screens.ask import Ask
from o2c_tui.screens.base import amount_in, new_key, short_day
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import MANY, Confirm, Menu, Reading
from o2c_tui.widgets.listing import Column, WindowedList


@dataclass
class Row:
    """A customer: the invoices to be, what their trial said, and the invoices once they are posted."""

    code: str
    name: str
    groups: list[Any]
    job: Any
    posted: Sequence[Any] = ()

    @property
    def invoices(self) -> Sequence[Any]:
        """What is posted, or would be."""
        return self.posted or self.job.result or ()

    @property
    def possible(self) -> bool:
        """Whether it can be posted."""
        return not self.posted and self.job.refusal is None and bool(self.job.result)


class MonthlyInvoices(ListedScreen):
    """One invoice for each customer over a month's deliveries."""

    PLACE = N_("MONTHLY INVOICES")
    ABOUT = N_(
        "All that was delivered until a day to customers who are billed monthly (their card says so) and is not invoiced,\non one invoice for each. Each was tried and taken back: what you see is what will be posted.\nF8 posts the marked ones, or all; who is refused is left out and says why. F2 chooses another period.\nEnter shows what an invoice bills, and once it is posted the invoice. F7 writes the PDFs of what was posted."
    )
    MENU = (("dated", N_("Date of the invoices")),)

    def __init__(self) -> None:
        super().__init__()
        self.since: date | None = None
        self.until: date | None = None
        self.on: date | None = None  # of the invoices; none: today
        self.found: list[Row] = []
        self.rows: WindowedList[Row] = WindowedList(
            [
                Column(N_("Code"), lambda row: row.code, width=10),
                Column(N_("Customer"), lambda row: row.name, width=18, share=1),
                Column(N_("Deliv."), lambda row: str(sum(len(x.deliveries) for x in row.groups)), width=6, right=True),
                Column(N_("Period"), self._days, width=13),
                Column(N_("Total"), self._total, width=14, right=True, style=lambda row: "strong"),
                Column("", self._remark, width=10, share=1, style=_tone),
            ],
            key=lambda row: row.code,
            warn=lambda row: row.job.refusal is not None or bool(row.job.warnings),
            empty=N_("Nothing is to be billed for this period. F2 chooses another."),
            waiting=N_("One moment…"),
        )

    def _days(self, row: Row) -> str:
        days = [group.first for group in row.groups] + [group.last for group in row.groups]
        first, last = (short_day(day, self.desk.today()) for day in (min(days), max(days)))
        return first if first == last else f"{first} - {last}"

    def _total(self, row: Row) -> str:
        sums: dict[str, Decimal] = {}
        for group, made in zip(row.groups, row.invoices, strict=False):
            sums[group.currency] = sums.get(group.currency, Decimal(0)) + made.gross
        return self._sums(sums)

    def _sums(self, sums: dict[str, Decimal]) -> str:
        return " + ".join(amount_in(total, code, self.own_currency, self.digits) for code, total in sums.items())

    def _remark(self, row: Row) -> str:
        if row.job.refusal is not None:
            return str(row.job.refusal.said(_))
        if row.posted:
            return ", ".join(made.number for made in row.posted)
        if row.job.warnings:
            return str(row.job.warnings[0].said(_))
        return _("{n} invoices").format(n=len(row.groups)) if len(row.groups) > 1 else ""

    # -- reading -----------------------------------------------------------------------------------------------------

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask who is to be billed, and try each."""
        await self.desk.ready()
        from o2c_tui.queries.collective import to_bill
        from o2c_tui.services.collective import invoice_period
        from o2c_tui.services.each import Job, try_each

        self.until = self.until or month_over(self.desk.today())
        self.title_line.set(detail=self._period())
        found = await self.attempt(self.desk.read(to_bill, until=self.until, since=self.since))
        if found is None:
            return
        by_code: dict[str, list[Any]] = {}
        for one in found:
            by_code.setdefault(one.code, []).append(one)
        jobs = [Job(code, {"customer": code}, key=new_key()) for code in by_code]
        words = self._words()
        tried = await self.in_steps(
            lambda going_on: try_each(self.desk.store, invoice_period, jobs, going_on=going_on, **words),
            _("Each is tried…"),
        )
        if tried is None:
            return
        self.found = [Row(job.label, by_code[job.label][0].name, by_code[job.label], job) for job in tried]
        self.found.sort(
            key=lambda row: (row.job.refusal is None, not row.job.warnings)
        )  # what needs a look comes first
        await self.rows.show_rows(self.found)
        self._say()
        refused = [row.job for row in self.found if row.job.refusal is not None]
        if refused:
            self.warn(f"{refused[0].label}: {refused[0].refusal.said(_)}")
        elif self.found:
            self.hint(_("F8 posts them; Space marks; Enter shows what one bills."))
        else:
            self.hint("")
        self.refresh_keys()

    def _words(self) -> dict[str, Any]:
        words = {"since": self.since, "until": self.until, "invoiced_on": self.on}
        return {**words, "by": self.desk.login, "today": self.desk.today()}

    def _period(self) -> str:
        until = _("until {day}").format(day=self.until)
        return f"{self.since} - {self.until}" if self.since else until

    def _chosen(self) -> list[Row]:
        return [row for row in self.rows.marked.values() or self.found if row.possible]

    def _say(self) -> None:
        sums: dict[str, Decimal] = {}
        rows = self._chosen() or [row for row in self.found if row.posted]
        for row in rows:
            for group, made in zip(row.groups, row.invoices, strict=False):
                sums[group.currency] = sums.get(group.currency, Decimal(0)) + made.gross
        words = _("{n} customers").format(n=len(rows))
        if self.rows.marked:
            words = _("{n} marked").format(n=len(rows))
        refused = sum(row.job.refusal is not None for row in self.found)
        if refused:
            words += "   " + _("{n} refused").format(n=refused)
        self.totals.set(words, self._sums(sums))

    def on_windowed_list_marked(self, event: WindowedList.Marked) -> None:
        self._say()
        self.refresh_keys()

    # -- keys --------------------------------------------------------------------------------------------------------

    def action_reload(self) -> None:
        """Try again."""
        self.load()

    def action_edit(self) -> None:
        """Another period."""

        def take(text: str | None) -> None:
            if text is None:
                return
            try:
                self.since, self.until = span_of(text, self.desk.today())
            except (TradeError, ValueError):
                self.err(_("'{text}' is no period; write a month as 2026-11, a day, or two days with .. between.").format(text=text))  # fmt: skip
                return
            self.load()

        begins = f"{self.until:%Y-%m}" if self.until else ""
        self.app.push_screen(Ask(_("Until which month's end, or day? 2026-11-01..2026-11-15: from a day on"), begins), take)  # fmt: skip

    def action_dated(self) -> None:
        """The date that the invoices bear."""

        def take(text: str | None) -> None:
            if text is None:
                return
            try:
                self.on = entry.day(text, self.desk.today())
            except TradeError as error:
                self.say_refusal(error)
                return
            self.load()

        self.app.push_screen(Ask(_("Date of the invoices"), str(self.on or self.desk.today())), take)

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        row: Row = event.row
        if len(row.posted) == 1:
            self.app.run_worker(self.o2c.show_document("invoice", row.posted[0].invoice_id))
        elif row.posted:

            def take(number: int | None) -> None:
                if number is not None:
                    self.app.run_worker(self.o2c.show_document("invoice", row.posted[number].invoice_id))

            self.app.push_screen(Menu(row.name, [made.number for made in row.posted]), take)
        else:
            self.app.push_screen(Reading(f"{row.code}  {row.name}", self._told(row)))

    def _told(self, row: Row) -> list[Any]:
        from o2c_tui.safe_text import wrapped

        width = max(40, self.app.size.width - 4)
        lines: list[Any] = []
        if row.job.refusal is not None:
            lines += [(part, "bad") for part in wrapped(row.job.refusal.said(_), width)]
        for notice in row.job.warnings:
            lines += [(part, "bad") for part in wrapped(notice.said(_), width)]
        for n, group in enumerate(row.groups):
            made = row.invoices[n] if n < len(row.invoices) else None
            total = amount_in(made.gross, group.currency, self.own_currency, self.digits) if made else ""
            due = _("due {day}").format(day=made.due_on) if made and made.due_on else ""
            lines.append((f"{_('Invoice')}  {total}  {due}".rstrip(), "strong"))
            lines += wrapped(f"{_('Deliveries')}: {', '.join(group.numbers)}", width)
            lines += wrapped(f"{_('Sales orders')}: {', '.join(group.orders)}", width)
        return lines

    def action_next_step(self) -> None:
        """Post the marked ones, or all."""
        rows = self._chosen()
        count = sum(len(row.groups) for row in rows)
        if not rows:
            self.hint(_("There is nothing to post."))
        elif count > MANY:

            def go(yes: bool | None) -> None:
                if yes:
                    self._post(rows)

            heading = _("{n} invoices will be posted").format(n=count)
            self.app.push_screen(Confirm(heading, [], does=N_("post them"), type_in=str(count)), go)
        else:
            self._post(rows)

    @work(group="write")
    async def _post(self, rows: Sequence[Row]) -> None:
        from o2c_tui.services.collective import invoice_period
        from o2c_tui.services.each import do_each

        jobs, words = [row.job for row in rows], self._words()
        done = await self.in_steps(
            lambda going_on: do_each(self.desk.store, invoice_period, jobs, going_on=going_on, **words), _("Posting…")
        )
        if done is None:
            return
        by_code = {row.code: row for row in rows}
        for job in done:
            by_code[job.label].job = job
            by_code[job.label].posted = job.result or ()
        self.rows.marked.clear()
        await self.rows.show_rows(self.found)
        self._say()
        made = sum(len(row.posted) for row in rows)
        refused = [job for job in done if job.refusal is not None]
        left = len(rows) - len(done)
        if refused:
            why = f"{refused[0].label}: {refused[0].refusal.said(_)}"
            self.err(_("{n} posted, {m} not: {why}").format(n=made, m=len(refused), why=why))
        elif left:
            self.warn(_("{n} posted, stopped before the other {m}.").format(n=made, m=left))
        else:
            self.ok(_("{n} invoices posted. F7 writes their PDFs.").format(n=made))
        self.refresh_keys()

    def action_output(self) -> None:
        """The PDFs of what was posted."""
        from o2c_tui.screens.output import choose_paper

        chosen = self.rows.marked.values() or self.found
        posted = [made.invoice_id for row in chosen for made in row.posted]
        if posted:
            choose_paper(self, "invoice", [(key, "posted") for key in posted])

    def key_label(self, action: str) -> str | None:
        return {"next_step": _("Post"), "edit": _("Period")}.get(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be posted, and what was posted printed."""
        if action == "next_step":
            return bool(self._chosen())
        if action == "output":
            return any(row.posted for row in self.found)
        return super().check_action(action, parameters)


def _tone(row: Row) -> str:
    if row.job.refusal is not None or (row.job.warnings and not row.posted):
        return "bad"
    return "good" if row.posted else "dim"


def span_of(text: str, today: date) -> tuple[date | None, date]:
    """A period as typed: a month or a day it ends with, or two days with .. between.

    Raises:
        BadValueError, ValueError: it is none.
    """
    first, dots, last = text.replace(" ", "").partition("..")
    if dots:
        return entry.day(first, today), entry.day(last, today)
    if len(first) == 7 and first[4] == "-":
        month = date.fromisoformat(f"{first}-01")
        return None, month_over(month + timedelta(days=31))
    return None, entry.day(first, today)
