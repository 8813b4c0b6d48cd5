"""Recurring invoices at the desk: the plans, what is due of them, and a plan made of an invoice or an order."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from textual import work

from o2c_tui.errors import TradeError
from o2c_tui.rules import entry
from o2c_tui.screens.ask import Ask
from o2c_tui.screens.base import amount_in, new_key, short_day
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Line
from o2c_tui.widgets.listing import Column, WindowedList

_TONES = {"due": "strong", "paused": "bad", "ended": "dim"}


class RecurringInvoices(ListedScreen):
    """The plans of recurring invoices."""

    PLACE = N_("RECURRING INVOICES")
    ABOUT = N_(
        "What is billed again and again: to whom, how often, when next. Enter changes a plan, F6 makes one;\nF9 makes one of an invoice or a sales order (F9 on such a document, too).\nF8 shows what is due and writes it as drafts; F9 posts it at once, pauses a plan, goes on with it, or ends it.\nAfter a pause of the program each plan catches up once; the days for which a plan was paused are not billed."
    )
    MENU = (
        ("new_of", N_("Make a plan of an invoice or an order")),
        ("post_due", N_("Write what is due, and post it")),
        ("pause", N_("Pause the plan")),
        ("resume", N_("Go on with the plan")),
        ("end", N_("End the plan")),
        ("take_lines", N_("Take its lines from an invoice or an order")),
    )

    def __init__(self) -> None:
        super().__init__()
        self.found: Sequence[Any] = ()
        self.rows: WindowedList[Any] = WindowedList(
            [
                Column(N_("Plan"), lambda row: row.code, width=10),
                Column(N_("Customer"), lambda row: row.name, width=16, share=1),
                Column(N_("Every"), lambda row: rhythm_words(row.every, row.times), width=9),
                Column(N_("Next day"), self._next, width=8),
                Column(N_("Until"), lambda row: self._day(row.until_on), width=8, spare=1),
                Column(N_("Billed last"), lambda row: self._day(row.last_on), width=11, wide_only=True),
                Column(N_("Net"), self._net, width=13, right=True),
                Column("", _state, width=7, style=lambda row: _TONES.get(row.state, "")),
            ],
            key=lambda row: row.code,
            warn=lambda row: row.state == "due",
            empty=N_("No plan yet. F6 makes one; F9 makes one of an invoice or a sales order."),
            waiting=N_("One moment…"),
        )

    def _day(self, day: date | None) -> str:
        return short_day(day, self.desk.today())

    def _next(self, row: Any) -> str:
        return "" if row.state == "ended" else self._day(row.next_on)

    def _net(self, row: Any) -> str:
        return amount_in(row.net, row.currency, self.own_currency, self.digits)

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask for the plans."""
        await self.desk.ready()
        from o2c_tui.queries.recurring import plans

        here = self.rows.row
        found = await self.attempt(self.desk.read(plans, on=self.desk.today()))
        if found is None:
            return
        self.found = found
        await self.rows.show_rows(found)
        if here is not None:
            self.rows.put_cursor(here.code)
        due = sum(row.state == "due" for row in found)
        self.totals.set(_("Plans {n}").format(n=len(found)), _("{n} due").format(n=due))
        if found and not self.message_line.text:
            self.hint(_("Enter changes a plan; F8 writes what is due; F9 pauses or ends it."))
        self.refresh_keys()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if not self.rows.is_empty:
            self.load()

    # -- keys --------------------------------------------------------------------------------------------------------

    def action_reload(self) -> None:
        """Ask again."""
        self.load()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self._open(event.row.id)

    def action_edit(self) -> None:
        """Change the plan."""
        if self.rows.row is not None:
            self._open(self.rows.row.id)

    def action_new(self) -> None:
        """A plan, typed."""
        self._open()

    def action_new_of(self) -> None:
        """A plan of an invoice or an order."""
        self._open_of(0)

    def action_take_lines(self) -> None:
        """Bill from now on what an invoice or an order says."""
        if self.rows.row is not None:
            self._open_of(self.rows.row.id)

    def _open(self, plan_id: int = 0, of: str = "") -> None:
        from o2c_tui.screens.plan import PlanEditor

        self.app.push_screen(PlanEditor(plan_id, of=of))

    def _open_of(self, plan_id: int) -> None:
        """Ask whose lines are billed; the editor opens once they can be."""

        def take(text: str | None) -> None:
            if text:
                self.app.run_worker(self._try_of(plan_id, text.strip().upper()), group="read")  # this screen reads anew

        self.app.push_screen(Ask(_("Of which invoice or sales order? Its number")), take)

    async def _try_of(self, plan_id: int, number: str) -> None:
        from o2c_tui.services.recurring_plans import plan_of_document

        if await self.attempt(self.desk.read(plan_of_document, number, today=self.desk.today())) is not None:
            self._open(plan_id, number)

    def action_pause(self) -> None:
        """Pause the plan."""
        from o2c_tui.services.recurring_plans import pause_recurring

        self._change(pause_recurring, _("{code} is paused."))

    def action_resume(self) -> None:
        """Go on with it."""
        from o2c_tui.services.recurring_plans import resume_recurring

        self._change(resume_recurring, _("{code} goes on."))

    def action_end(self) -> None:
        """End it, with a day."""
        from o2c_tui.services.recurring_plans import end_recurring

        def take(text: str | None) -> None:
            if text is None:
                return
            try:
                day = entry.day(text, self.desk.today())
            except TradeError as error:
                self.say_refusal(error)
                return
            self._change(end_recurring, _("{code} ends."), on=day)

        self.app.push_screen(Ask(_("Its last day"), self.desk.today().isoformat()), take)

    @work(group="write")
    async def _change(self, verb: Callable[..., Any], said: str, **words: Any) -> None:
        row = self.rows.row
        if row is None:
            return
        code = row.code
        if await self.attempt(self.desk.write(verb, code, **words)) is not None:
            await self.read_newest()
            self.ok(said.format(code=code))

    def action_next_step(self) -> None:
        """Show what is due; Enter writes it as drafts."""
        self._preview(post=False)

    def action_post_due(self) -> None:
        """Show what is due; Enter writes it and posts it."""
        self._preview(post=True)

    @work(group="read")
    async def _preview(self, *, post: bool) -> None:
        from o2c_tui.services.each import Job, try_each
        from o2c_tui.services.recurring import write_due

        rows = {row.code: row for row in self.rows.marked.values() or self.found if row.state == "due"}
        jobs = [Job(code, {"codes": [code]}, key=new_key()) for code in rows]
        words = {"post": post, "by": self.desk.login, "today": self.desk.today()}
        tried = await self.in_steps(
            lambda going_on: try_each(self.desk.store, write_due, jobs, going_on=going_on, **words), _("Each is tried…")
        )
        if tried is None:
            return
        self.hint("")
        lines: list[Line] = [self._due(job, rows[job.label]) for job in tried]
        possible = [job for job in tried if job.refusal is None and job.result]

        def go(yes: bool | None) -> None:
            if yes:
                self._write(possible, words)

        heading = _("Recurring invoices due: {n}").format(n=len(possible))
        does = N_("write and post them") if post else N_("write them as drafts")
        self.app.push_screen(Confirm(heading, lines, does=does, possible=bool(possible)), go)

    def _due(self, job: Any, row: Any) -> Line:
        name = f"{row.code}  {row.name}"
        if job.refusal is not None:
            return f"{name}: {job.refusal.said(_)}", "bad"
        one = job.result[0]
        text = f"{name}  {amount_in(one.gross, row.currency, self.own_currency, self.digits)}"
        if one.missed:
            text += "  " + _("{n} earlier days were missed").format(n=one.missed)
        for notice in job.warnings:
            text += f"  {notice.said(_)}"
        return (text, "bad") if job.warnings else text

    @work(group="write")
    async def _write(self, jobs: Sequence[Any], words: Mapping[str, Any]) -> None:
        from o2c_tui.services.each import do_each
        from o2c_tui.services.recurring import write_due

        done = await self.in_steps(
            lambda going_on: do_each(self.desk.store, write_due, jobs, going_on=going_on, **words), _("Writing…")
        )
        if done is None:
            return
        self.rows.marked.clear()
        await self.read_newest()
        made = sum(len(job.result or ()) for job in done)
        refused = [job for job in done if job.refusal is not None]
        if refused:
            why = f"{refused[0].label}: {refused[0].refusal.said(_)}"
            self.err(_("{n} written, {m} not: {why}").format(n=made, m=len(refused), why=why))
        elif words["post"]:
            self.ok(_("{n} invoices posted.").format(n=made))
        else:
            self.ok(_("{n} drafts written: g i and 3 shows them, F8 there posts them.").format(n=made))

    def key_label(self, action: str) -> str | None:
        return {"next_step": _("Due")}.get(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the plan's state allows."""
        row = self.rows.row
        if action in ("next_step", "post_due"):
            return any(one.state == "due" for one in self.found)
        if action in ("edit", "take_lines"):
            return row is not None
        if action == "resume":
            return row is not None and row.state == "paused"
        if action in ("pause", "end"):
            return row is not None and row.state in (("due", "active") if action == "pause" else ("due", "active", "paused"))  # fmt: skip
        return super().check_action(action, parameters)


def rhythm_words(every: str, times: int) -> str:
    """How often, in words: month, 2 weeks."""
    from o2c_tui.models.recurring import EVERY_WORDS, Every

    word = _(EVERY_WORDS[Every(every)])
    return word if times == 1 else _("{n} × {word}").format(n=times, word=word)


def _state(row: Any) -> str:
    from o2c_tui.queries.recurring import STATES

    return _(STATES[row.state])
