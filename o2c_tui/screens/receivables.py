"""Receivables: who owes what, how late; Enter goes down to the invoices, Left comes back."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from textual import events, work
from textual.app import ComposeResult

from o2c_tui.queries.why_parts import Subject
from o2c_tui.rules.aging import BUCKETS
from o2c_tui.screens.asking import Asked
from o2c_tui.screens.base import amount, money, money_of, money_within
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.frame import Lines
from o2c_tui.widgets.listing import Column, WindowedList

ZERO = Decimal(0)
_FIGURE = 8  # cells of one age: all of them and the total fit 80
_VIEWS = ((N_("All"), -1), (N_("Late"), 0), (">30", 1), (">60", 2), (">90", 3))
_BARS = N_("Bars")  # the view after those: the ages as bars, a report
_TALL = 30  # rows from which the bars stand beneath the list, too


class Receivables(ListedScreen):
    """Open amounts by customer and age."""

    PLACE = N_("RECEIVABLES")
    SIDE_FROM = 116
    IS_LIVE = True
    MENU = (
        ("statement", N_("Statement of account")),
        ("send_statements", N_("Send statements: to the marked, or to this one")),
        ("pay_back", N_("Pay back what is not used")),
        ("remind_again", N_("Send the last reminder again")),
        ("promise", N_("Promise to pay")),
        ("interest", N_("Interest")),
        ("reasons", N_("Reasons of write-offs")),
    )
    ABOUT = N_(
        "Age runs from the due date. Credits that are not used yet stand in a column of their own.\nEnter shows a customer's invoices, F8 takes a payment, 2 to 5 show who is late, 6 the ages as bars.\nF7 shows the reminders to the marked customers, or to this one; Enter there sends them.\nThe sign after the name: S2 the step reminded of, P a promise ahead (P! broken), D a dispute."
    )

    def __init__(self, view: int = 1) -> None:
        super().__init__()
        self.view = view
        self.found: Sequence[Any] = ()
        self.standings: dict[int, Any] = {}
        self.titles = BUCKETS
        self.bars = Lines()
        bucket = [self._bucket(n, title) for n, title in enumerate(self.titles)]
        self.rows: WindowedList[Any] = WindowedList(
            [
                Column(N_("Customer"), lambda row: row.name, width=14, share=1),
                Column("", self._standing, width=4),
                *bucket,
                Column(
                    N_("Unapplied"), lambda row: money(row.unapplied, self.digits), width=10, right=True, wide_only=True
                ),
                Column(
                    N_("Total"),
                    lambda row: money(row.total, self.digits),
                    width=10,
                    right=True,
                    style=lambda row: "strong",
                ),
            ],
            key=lambda row: row.customer_id,
            warn=lambda row: any(row.buckets[2:]),
            empty=N_("Nobody owes anything here."),
        )

    def _bucket(self, n: int, title: str) -> Column[Any]:
        return Column(title, lambda row: money_within(row.buckets[n], self.digits, _FIGURE), width=_FIGURE, right=True)

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask who owes what today."""
        await self._show()

    async def _show(self) -> None:
        from o2c_tui.queries.receivables import aged
        from o2c_tui.queries.reminders import standings

        today = self.desk.today()
        views = (*(_(words) for words, _n in _VIEWS), _(_BARS))
        self.title_line.set(detail=f"{today}", views=views, chosen=self.view)
        found = await self.attempt(self.desk.read(aged, as_of=today))
        if found is None:
            return
        self.standings = await self.desk.read(standings, on=today)
        self.found = self._of_view(found)
        await self.rows.show_rows(self.found)
        self.just_read()
        self._say()
        self.refresh_keys()

    def _of_view(self, found: Sequence[Any]) -> list[Any]:
        least = _VIEWS[self.view - 1][1]
        return [row for row in found if least < 0 or any(row.buckets[least + 1 :])]

    async def renew(self) -> bool:
        from o2c_tui.queries.receivables import aged

        view = self.view
        found = await self.desk.read(aged, as_of=self.desk.today())
        if view != self.view:
            return False
        self.found = self._of_view(found)
        done = await self.rows.renew_rows(self.found)
        self._say()
        self.refresh_keys()
        return done

    def _say(self) -> None:
        rows = list(self.rows.marked.values())
        chosen = rows or list(self.found)
        total = self.sum_of(sum((row.total for row in chosen), ZERO))
        late = amount(sum((sum(row.buckets[1:], ZERO) for row in chosen), ZERO), self.digits)
        words = _("{n} marked").format(n=len(rows)) if rows else _("{n} customers").format(n=len(chosen))
        self.totals.set(words, _("late {late}   total {total}").format(late=late, total=total))
        self._draw_bars(chosen)

    def content(self) -> ComposeResult:
        yield self.rows
        yield self.bars

    def on_mount(self) -> None:
        super().on_mount()
        self._fit_bars()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._fit_bars()
        if self.found:
            self.call_after_refresh(self._say)

    def _fit_bars(self) -> None:
        """Beneath the list where the window is tall: the ages, and credits not used."""
        self.bars.styles.height = len(self.titles) + 3 if self.app.size.height >= _TALL else 0

    def _draw_bars(self, rows: Sequence[Any]) -> None:
        """The ages of what is shown, or marked, as bars with their figures."""
        from o2c_tui.widgets.plots import Bar, Plot, plot_rows

        height = self.app.size.height
        if height < _TALL:
            return
        sums = [sum((row.buckets[n] for row in rows), ZERO) for n in range(len(self.titles))]
        sums.append(sum((row.unapplied for row in rows), ZERO))
        longest, owed = max((abs(value) for value in sums), default=ZERO), sum(sums[:-1], ZERO)
        bars = [
            Bar(
                _(title),
                float(value / longest) if longest else 0.0,
                (money(value, self.digits), f"{value / owed:.0%}" if owed and value > 0 else ""),
            )
            for title, value in zip((*self.titles, N_("Unapplied")), sums, strict=True)
        ]
        plot = Plot(_("Receivables by age"), tuple(bars), number=len(_VIEWS) + 1)
        self.bars.set([(), *plot_rows(plot, self.o2c.glyphs, min(self.bars.size.width - 2, 84), len(bars) + 1)])

    def on_windowed_list_moved(self, event: WindowedList.Moved) -> None:
        self.look_beside()

    def look_beside(self) -> None:
        """In a wide window: the customer's open invoices, once the cursor rests."""
        if self.has_side and self.desk.is_open:
            self._look_beside()

    @work(group="beside", exclusive=True)
    async def _look_beside(self) -> None:
        from o2c_tui.screens.beside import REST, customer_about

        await asyncio.sleep(REST)
        row = self.rows.row
        found = (
            await self.attempt(customer_about(self.desk, row.customer_id, self.o2c.glyphs, name=row.name))
            if row
            else []
        )
        if self.side is not None and found is not None:
            self.side.set(found)

    def on_windowed_list_marked(self, event: WindowedList.Marked) -> None:
        self._say()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self.app.push_screen(CustomerItems(event.row))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.found:
            self._refresh()

    @work(group="read", exclusive=True)
    async def _refresh(self) -> None:
        row = self.rows.row
        await self._show()
        if row is not None:
            self.rows.put_cursor(row.customer_id)

    def action_view(self, number: int) -> None:
        """All, or who is late by how much."""
        if number == len(_VIEWS) + 1:
            from o2c_tui.reports.kinds import Asked as Wanted
            from o2c_tui.screens.reports import ReportScreen

            self.app.push_screen(ReportScreen("aging", Wanted("age")))
        elif number <= len(_VIEWS):
            self.view = number
            self.load()

    def action_reload(self) -> None:
        """Ask again."""
        self.load()

    def key_label(self, action: str) -> str | None:
        return {"next_step": _("Pay"), "find": _("Why"), "output": _("Remind")}.get(action)

    def _standing(self, row: Any) -> str:
        """The step reminded of, a promise, a dispute: in up to four cells."""
        told = self.standings.get(row.customer_id)
        if told is None:
            return ""
        level = f"S{told.level}" if told.level else ""
        promise = "P" if told.promised_on is not None else "P!" if told.broken else ""
        return f"{level}{promise}{'D' if told.disputed else ''}"[:4]

    def action_output(self) -> None:
        """The reminders to the marked customers, or to this one, shown before they go."""
        self._remind()

    def action_remind_again(self) -> None:
        """The last step once more, by hand."""
        self._remind(again=True)

    @work(group="read")
    async def _remind(self, *, again: bool = False) -> None:
        from o2c_tui.screens.reminding import remind

        await remind(self, [row.customer_id for row in self.rows.chosen], again=again)

    def action_promise(self) -> None:
        """Write down that this customer promised to pay."""
        from o2c_tui.screens.reminding import PromiseForm

        row = self.rows.row
        if row is not None:
            self.app.push_screen(PromiseForm(row.code, row.total))

    def action_interest(self) -> None:
        """The interest that is due of this customer."""
        from o2c_tui.screens.reminding import interest

        row = self.rows.row
        if row is not None:
            self.app.run_worker(interest(self, row.customer_id, row.code), group="read")

    def asked(self) -> list[Asked]:
        """What the customer owes, is late with and is exposed to; the customer's card."""
        row = self.rows.row
        if row is None:
            return []
        subject = Subject("customer", row.customer_id)
        return [
            *(Asked(subject, figure, about=row.code) for figure in ("overdue", "owed", "exposure")),
            Asked(row.code, card="customer"),
        ]

    def action_statement(self) -> None:
        """The statement of this customer's account."""
        if self.rows.row is not None:
            show_statement(self, self.rows.row.code)

    def action_send_statements(self) -> None:
        """The statements of the marked customers, or of this one, shown before they go."""
        self._send_statements()

    @work(group="read")
    async def _send_statements(self) -> None:
        from o2c_tui.reports.kinds import Asked as Wanted
        from o2c_tui.screens.statements import offer_statements

        await offer_statements(self, Wanted("open"), [row.code for row in self.rows.chosen])

    def action_next_step(self) -> None:
        """Take a payment of this customer."""
        from o2c_tui.screens.payment import PaymentScreen

        if self.rows.row is not None:
            self.app.push_screen(PaymentScreen(self.rows.row.code))

    def action_reasons(self) -> None:
        """Why something need not be paid: accounts and limits."""
        from o2c_tui.screens.reason_rows import ReasonRows

        self.app.push_screen(ReasonRows())

    def action_pay_back(self) -> None:
        """Give the customer back what is not used of the money received."""
        if self.rows.row is not None:
            self._pay_back(self.rows.row)

    @work(group="read")
    async def _pay_back(self, row: Any) -> None:
        from o2c_tui.queries.documents import Document
        from o2c_tui.screens.money_steps import refund_step
        from o2c_tui.screens.stepping import begin_step

        party = Document("customer", row.customer_id, row.code, 0, "", {}, row.code, row.name, (), ())
        await begin_step(self, party, refund_step(party, -row.unapplied, {}))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A payment needs a customer, a refund one with credit that is not used."""
        if action == "pay_back":
            return self.rows.row is not None and self.rows.row.unapplied < 0
        if action in ("output", "remind_again", "promise", "interest"):
            return self.rows.row is not None
        if action in ("next_step", "statement", "send_statements"):
            return self.rows.row is not None
        return super().check_action(action, parameters)


class CustomerItems(ListedScreen):
    """What is open with one customer, oldest due first."""

    PLACE = N_("OPEN ITEMS")
    IS_LIVE = True
    ABOUT = N_(
        "What is open with one customer, the oldest due first; credits that are not used stand among it.\nEnter opens the document, F8 takes a payment, F4 says why so much is open. F9 has the steps of the row's document, notes that an invoice is contested or what was promised, and shows the statement."
    )
    MENU = (
        ("statement", N_("Statement of account")),
        ("row_steps", N_("Other steps of this document")),
        ("contest", N_("The customer contests this invoice")),
        ("settle_dispute", N_("The dispute is settled")),
        ("promise", N_("Promise to pay")),
    )

    def __init__(self, customer: Any) -> None:
        super().__init__()
        self.customer = customer
        self.rows: WindowedList[Any] = WindowedList(
            [
                Column(N_("Number"), lambda row: row.number, width=11, share=1),
                Column(N_("Date"), lambda row: str(row.dated_on), width=10),
                Column(N_("Due"), lambda row: str(row.due_on), width=10),
                Column("", _late, width=9, style=lambda row: "bad" if row.days_overdue > 0 else ""),
                Column(N_("Amount"), lambda row: self._figure(row.amount, row), width=12, right=True),
                Column(N_("Open"), lambda row: self._figure(row.open, row), width=12, right=True),
            ],
            key=lambda row: row.item_id,
            warn=lambda row: row.days_overdue > 0,
            empty=N_("Nothing is open with this customer."),
        )

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(detail=self.customer.name)

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask what is open."""
        found = await self.attempt(self._ask())
        if found is not None:
            await self.rows.show_rows(found)
            self.just_read()
            self._say(found)

    def _figure(self, value: Decimal, row: Any) -> str:
        """In its currency; in the company's own an amount alone."""
        return money_of(value, row.currency, self.own_currency, self.digits, 12)

    async def _ask(self) -> Any:
        from o2c_tui.queries.receivables import open_lines

        return await self.desk.read(open_lines, self.customer.customer_id, as_of=self.desk.today())

    async def renew(self) -> bool:
        found = await self._ask()
        self._say(found)
        return await self.rows.renew_rows(found)

    def _say(self, found: Sequence[Any]) -> None:
        open_now = self.sum_of(sum((row.base_open for row in found), ZERO))
        self.totals.set("", _("open {amount}").format(amount=open_now))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if not self.rows.is_empty:
            self.load()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self._open(event.row)

    @work(group="read")
    async def _open(self, row: Any) -> None:
        await self.o2c.show_document(row.document_kind, row.document_id)

    def key_label(self, action: str) -> str | None:
        return {"next_step": _("Pay"), "find": _("Why")}.get(action)

    def asked(self) -> list[Asked]:
        """What is open of the row, and how late."""
        row = self.rows.row
        if row is None:
            return []
        if row.document_kind != "invoice":
            return [Asked(Subject(row.document_kind, row.document_id), "open", about=row.number)]
        subject = Subject("invoice", row.document_id)
        return [Asked(subject, figure, about=row.number) for figure in ("open", "overdue", "tax")]

    def action_statement(self) -> None:
        """The statement of this customer's account."""
        show_statement(self, self.customer.code)

    def action_contest(self) -> None:
        """The customer contests the invoice of this row."""
        self._dispute(closes=False)

    def action_settle_dispute(self) -> None:
        """How it was settled."""
        self._dispute(closes=True)

    def _dispute(self, *, closes: bool) -> None:
        from o2c_tui.screens.reminding import dispute

        row = self.rows.row
        if row is not None:
            dispute(self, row.document_id, row.number, closes=closes)

    def action_promise(self) -> None:
        """Write down that the customer promised to pay this invoice."""
        from o2c_tui.screens.reminding import PromiseForm

        row = self.rows.row
        if row is not None:
            self.app.push_screen(PromiseForm(self.customer.code, row.open, row.number))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is contested or promised is an invoice."""
        if action in ("contest", "settle_dispute", "promise"):
            row = self.rows.row
            return row is not None and row.document_kind == "invoice" and row.open > 0
        return super().check_action(action, parameters)

    def action_row_steps(self) -> None:
        """What else can be done with the row: write off, pay back, undo one, bounce."""
        self._row_steps()

    @work(group="read")
    async def _row_steps(self) -> None:
        from o2c_tui.screens.stepping import choose_step

        if self.rows.row is not None:
            await choose_step(self, self.rows.row.document_kind, self.rows.row.document_id)

    def action_next_step(self) -> None:
        """Take a payment of this customer."""
        from o2c_tui.screens.payment import PaymentScreen

        self.app.push_screen(PaymentScreen(self.customer.code))

    def action_reload(self) -> None:
        """Ask again."""
        self.load()


def show_statement(screen: Any, code: str) -> None:
    """A customer's account, as the report that can be written as a letter too."""
    from o2c_tui.reports.kinds import Asked as Wanted
    from o2c_tui.screens.reports import ReportScreen

    screen.app.push_screen(ReportScreen("statement", Wanted(customer=code)))


def _late(row: Any) -> str:
    return _("LATE {n}d").format(n=row.days_overdue) if row.days_overdue > 0 else _("CREDIT") if row.open < 0 else ""
