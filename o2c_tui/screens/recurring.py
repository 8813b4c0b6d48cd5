"""Recurring invoices at the desk: the plans, what is due of them, and a plan made of an invoice or an order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from textual import work

from o2c_tui.errors import BadValueError, TradeError
from o2c_tui.rules import entry
from o2c_tui.rules.rhythm import next_after
from o2c_tui.screens.ask import Ask
from o2c_tui.screens.base import DeskScreen, amount, amount_in, new_key, short_day
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.screens.simple_model import FormModel, same_of, words_for
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Line
from o2c_tui.widgets.entry import FieldSpec
from o2c_tui.widgets.listing import Column, WindowedList

_TONES = {"due": "strong", "paused": "bad", "ended": "dim"}


class RecurringInvoices(ListedScreen):
    """The plans of recurring invoices."""

    PLACE = N_("RECURRING INVOICES")
    ABOUT = N_(
        "What is billed again and again: to whom, how often, when next. Enter changes a plan, F6 makes one of an\ninvoice or a sales order (F9 on such a document, too).\nF8 shows what is due and writes it as drafts; F9 posts it at once, pauses a plan, goes on with it, or ends it.\nAfter a pause of the program each plan catches up once; the days for which a plan was paused are not billed."
    )
    MENU = (
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
            empty=N_("No plan yet. F6 makes one of an invoice or a sales order."),
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
        self.totals.set(_("{n} plans").format(n=len(found)), _("{n} due").format(n=due))
        if found and not self.message_line.text:
            self.hint(_("Enter changes a plan; F8 writes what is due; F6 makes one; F9 pauses or ends it."))
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
        self.app.push_screen(PlanCard(event.row.code))

    def action_edit(self) -> None:
        """Change the plan."""
        if self.rows.row is not None:
            self.app.push_screen(PlanCard(self.rows.row.code))

    def action_new(self) -> None:
        """A plan of an invoice or an order."""
        self._ask_number(lambda number: self.app.run_worker(plan_of(self, number), group="read"))

    def action_take_lines(self) -> None:
        """Bill from now on what an invoice or an order says."""
        row = self.rows.row
        if row is None:
            return
        code = row.code
        self._ask_number(lambda number: self.app.run_worker(plan_of(self, number, code), group="read"))

    def _ask_number(self, then: Callable[[str], Any]) -> None:
        def take(text: str | None) -> None:
            if text:
                then(text)

        self.app.push_screen(Ask(_("Of which invoice or sales order? Its number")), take)

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

        heading = _("{n} recurring invoices are due").format(n=len(possible))
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


async def plan_of(screen: DeskScreen, number: str, code: str = "") -> None:
    """The card of a plan that bills the lines of a document; with a `code` they take the place of that plan's."""
    await screen.desk.ready()
    from o2c_tui.queries.documents import document, document_by_number

    def read(session: Any) -> Any:
        kind, key = document_by_number(session, number)
        if kind not in ("invoice", "order"):
            raise BadValueError(N_("{number} is neither an invoice nor a sales order."), field="number", number=number)
        return document(session, kind, key)

    found = await screen.attempt(screen.desk.read(read))
    if found is not None:
        screen.app.push_screen(PlanCard(code, of=found))


class PlanCard(FormScreen):
    """One plan."""

    PLACE = N_("RECURRING INVOICE")
    ABOUT = N_(
        "How often a plan bills, from which day on and until when; its days are counted from the first, so that the 31st\nstays the end of a month. Terms that are empty are the customer's. Its lines stand below: they come from an invoice\nor a sales order (F9 in the list takes others); an item without a price takes that of the day."
    )

    def __init__(self, code: str = "", *, of: Any = None) -> None:
        super().__init__()
        self.code, self.of = code, of
        self.setup: Any = None

    def make_model(self) -> FormModel:
        from o2c_tui.models.recurring import EVERY_WORDS
        from o2c_tui.services.recurring_plans import setup_of

        values = {"every": "month", "times": "1", "until_on": ""}
        if self.code:
            self.setup, self.version = self.desk.read_now(setup_of, self.code)
            told = self.setup
            values = {
                "code": told.code, "customer": told.customer, "every": str(told.every), "times": str(told.times),
                "starts_on": told.starts_on.isoformat(), "until_on": told.until_on.isoformat() if told.until_on else "",
                "term": told.term, "customer_reference": told.customer_reference, "note": told.note,
            }  # fmt: skip
        if self.of is not None:
            values = {**self._of_document(), **values, "of": self.of.label}
        day = self._day
        return FormModel(
            values,
            needed=("code", "starts_on"),
            checks={
                "code": str.upper,
                "every": same_of(EVERY_WORDS),
                "times": _whole,
                "starts_on": day,
                "until_on": lambda text: day(text) if text else "",
                "term": str.upper,
            },
        )

    def _of_document(self) -> dict[str, str]:
        from o2c_tui.queries.recurring import free_code

        head = self.of.head
        begins = self.desk.today()
        if self.of.kind == "invoice":  # it was billed on its day; the next is a month later
            begins = next_after(head["invoiced_on"], "month", 1, head["invoiced_on"])
        return {
            "code": self.desk.read_now(free_code, self.of.customer),
            "customer": self.of.customer,
            "starts_on": begins.isoformat(),
            "term": head["term"],
            "customer_reference": head["customer_reference"],
            "note": head["note"],
        }

    def _day(self, text: str) -> str:
        return entry.day(text, self.desk.today()).isoformat()

    def fields(self) -> list[list[FieldSpec]]:
        of = [FieldSpec("of", N_("Lines of"), width=14, fixed=True)] if self.of is not None else []
        return [
            [FieldSpec("code", N_("Plan"), width=12, fixed=bool(self.code)), *of],
            [FieldSpec("customer", N_("Customer"), width=14, fixed=True)],
            [FieldSpec("times", N_("Every"), width=4), FieldSpec("every", N_("Unit"), width=6, beside=10)],
            [FieldSpec("starts_on", N_("First day"), width=10), FieldSpec("until_on", N_("Last day"), width=10)],
            [FieldSpec("term", N_("Terms"), width=8), FieldSpec("customer_reference", N_("Reference"), width=20)],
            [FieldSpec("note", N_("Note"), width=60)],
        ]

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(detail=self.code, mode=_("EDIT") if self.code else _("NEW"))
        self.after_taken()
        self.totals.set(self._lines_told())

    def _lines_told(self) -> str:
        """What the plan bills, as far as the line has room."""
        if self.of is not None:
            told = [
                (line["quantity"], line["item"] or line["description"], line["unit_price"]) for line in self.of.lines
            ]
        else:
            told = [(line.quantity, line.item or line.description, line.unit_price) for line in self.setup.lines]
        parts = [
            f"{quantity.normalize():f} × {what}" + (f" @ {amount(price, self.digits)}" if price is not None else "")
            for quantity, what, price in told
        ]
        return "; ".join(parts)

    def after_taken(self) -> None:
        from o2c_tui.models.recurring import EVERY_WORDS

        words_for(self.form, "every", EVERY_WORDS)

    async def save(self) -> str:
        from o2c_tui.models.recurring import Every
        from o2c_tui.services.recurring import save_recurring
        from o2c_tui.services.recurring_plans import recur_document

        v = self.form.values
        words: dict[str, Any] = {
            "every": Every(v["every"]), "times": int(v["times"]), "starts_on": date.fromisoformat(v["starts_on"]),
            "until_on": date.fromisoformat(v["until_on"]) if v.get("until_on") else None, "term": v.get("term", ""),
            "customer_reference": v.get("customer_reference", ""), "note": v.get("note", ""),
        }  # fmt: skip
        if self.of is not None:
            if not self.code:
                self.refuse_taken(v["code"])
            done = await self.desk.write(
                recur_document, self.of.label, v["code"], version=self.version, key=self.saying, accepted=None, **words
            )
        else:
            setup = replace(self.setup, **words)
            done = await self.desk.write(save_recurring, setup, version=self.version, key=self.saying, accepted=None)
        return _("{code} saved.").format(code=done.code)

    def refuse_taken(self, code: str) -> None:
        """Refuse to change a plan where a new one is made.

        Raises:
            BadValueError: the code is taken.
        """
        from o2c_tui.queries.recurring import is_taken

        if self.desk.read_now(is_taken, code):
            raise BadValueError(N_("There is a plan {code} already."), field="code", code=code.upper())


def _whole(text: str) -> str:
    if not text.isdecimal() or not int(text[:9]):
        raise BadValueError(N_("Give a whole number."), field="times")
    return str(int(text))
