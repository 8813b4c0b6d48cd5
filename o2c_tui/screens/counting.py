"""A stocktake: begun on a form, counted line by line while stock moves; every count is written down as it is taken."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import BadValueError, TradeError
from o2c_tui.rules import entry
from o2c_tui.screens.base import amount, quantity
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.sheet import SheetScreen
from o2c_tui.screens.simple_model import FormModel, PlainModel
from o2c_tui.screens.stepping import take_next_step
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import CellSpec, EntrySheet, FieldSpec, Taken

ZERO = Decimal(0)


def _yes(text: str) -> str:
    word = text.strip().casefold()
    if word and (N_("yes").startswith(word) or _("yes").casefold().startswith(word)):
        return _("yes")
    return _("no")


class StocktakeStart(FormScreen):
    """What is to be counted, and how."""

    PLACE = N_("STOCKTAKE")
    ABOUT = N_(
        "Ctrl+S begins the count. Items: codes with blanks between, or empty for all; Due: only so many that are due: where a pick\nfell short first, then by class and last count (F4 lists them). A blind count hides what the books say. Within the tolerance, in percent, one count is enough."
    )

    def make_model(self) -> FormModel:
        from o2c_tui.queries.editing import check_warehouse, company_facts

        company = self.desk.read_now(company_facts)

        def place(text: str) -> str:
            return str(self.desk.read_now(check_warehouse, text))

        def number(text: str) -> str:
            return quantity(entry.places(entry.number(text), 6)) if text else ""

        def whole(text: str) -> str:
            return quantity(entry.places(entry.number(text), 0)) if text else ""

        values = {
            "warehouse": company.warehouse,
            "items": "",
            "due": "",
            "blind": _("no"),
            "tolerance": "5",
            "note": "",
        }
        return FormModel(
            values,
            checks={"warehouse": place, "tolerance": number, "due": whole, "blind": _yes},
            needed=("warehouse",),
        )

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [FieldSpec("warehouse", N_("Where"), width=10), FieldSpec("blind", N_("Blind count"), width=5)],
            [FieldSpec("items", N_("Items"), width=44)],
            [FieldSpec("due", N_("Due"), width=6), FieldSpec("tolerance", N_("Tolerance %"), width=6)],
            [FieldSpec("note", N_("Note"), width=44)],
        ]

    def action_find(self) -> None:
        """What is due to be counted there, where the cursor asks how many."""
        if self.entry.cell != "due":
            super().action_find()
            return
        from o2c_tui.reports.kinds import Asked
        from o2c_tui.screens.reports import ReportScreen

        self.app.push_screen(ReportScreen("counts-due", Asked(warehouse=self.form.values["warehouse"])))

    async def save(self) -> str:
        from o2c_tui.services.counting import start_stocktake

        v = self.form.values
        begun = await self.desk.write(
            start_stocktake,
            warehouse=v["warehouse"],
            items=tuple(v["items"].replace(",", " ").split()),
            due=int(entry.number(v["due"] or "0")),
            blind=v["blind"] == _("yes"),
            tolerance=entry.number(v["tolerance"] or "0"),
            note=v["note"],
            key=self.saying,
        )
        self.app.call_later(self.app.push_screen, CountScreen(begun.stocktake_id))
        return _("{n} lines to count.").format(n=begun.lines)


class _Counts(PlainModel):
    """The lines of a count as they are typed."""

    def __init__(self, code_of: Callable[[str], str] = lambda text: "") -> None:
        self.source: tuple[Any, ...] = ()
        self.pending: dict[int, Decimal] = {}
        self.code_of = code_of  # the item that a scanned code means; empty: none

    def lines(self) -> Sequence[Mapping[str, str]]:
        return [
            {
                "place": " ".join(part for part in (line.location, line.lot) if part),
                "item": line.code,
                "description": line.name,
                "unit": line.unit,
                "book": "" if line.book is None else quantity(line.book),
                "counted": "" if line.counted is None else quantity(line.counted),
                "difference": quantity(line.difference) if line.difference else "",
                "mark": "?" if line.recount else "",
            }
            for line in self.source
        ]

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        line = self.source[row]
        typed = text.strip()
        if len(typed) > 2 and (not typed.isdigit() or len(typed) > 7):  # no figure: perhaps a code that was scanned
            code = self.code_of(typed)
            found = next((n for n, other in enumerate(self.source) if code and other.code == code), None)
            if found is not None:
                return Taken("ok", _("Line {n}: {item}").format(n=found + 1, item=code), line=found)
        try:
            if typed == "=" and line.book is not None:  # as the books have it
                value = line.book
            else:
                value = entry.places(entry.number(typed), 6)
            if value < ZERO:
                raise BadValueError(N_("A count is 0 or more."))
        except TradeError as error:
            return Taken("err", _("Line {n}: {why}").format(n=row + 1, why=error.said(_)))
        self.pending[line.line_id] = value
        return Taken(go="line")


class CountScreen(SheetScreen):
    """The sheet of a count: type what is there, Enter goes on; F8 shows the differences with their value, then posts."""

    PLACE = N_("STOCKTAKE")
    ABOUT = N_(
        "Type what was counted, also as a sum (12*24+7); Enter writes it down and goes on; = is as on the books; a line left\nempty stays as it is. ? marks a difference that wants a second count. Stock may move meanwhile: later moves are allowed for.\nF8 shows the differences with their value, then posts."
    )

    def __init__(self, stocktake_id: int) -> None:
        super().__init__()
        self.stocktake_id = stocktake_id
        self.model = _Counts(self._scanned)
        self.shown: Any = None

    def content(self) -> ComposeResult:
        columns = [
            CellSpec("place", N_("Bin"), width=8, fixed=True),
            CellSpec("item", N_("Item"), width=12, fixed=True),
            CellSpec("description", N_("Description"), width=14, share=1, fixed=True),
            CellSpec("unit", N_("Unit"), width=4, fixed=True),
            CellSpec("book", N_("Books"), width=8, right=True, fixed=True),
            CellSpec("counted", N_("Counted"), width=10, right=True),
            CellSpec("difference", N_("Diff"), width=7, right=True, fixed=True),
            CellSpec("mark", "?", width=1, fixed=True),
        ]
        self.sheet = EntrySheet(self.model, (), columns, grows=False)
        yield self.sheet

    def _scanned(self, text: str) -> str:
        from o2c_tui.queries.lookups import items_coded

        found = self.desk.read_now(items_coded, [text])
        return next(iter(found.values())).item.code if found else ""

    def on_mount(self) -> None:
        super().on_mount()
        self.entry.focus()
        self.load(first=True)

    @work(group="read", exclusive=True)
    async def load(self, *, first: bool = False) -> None:
        """Read the sheet and show it."""
        from o2c_tui.queries.counting import sheet

        found = await self.attempt(self.desk.read(sheet, self.stocktake_id))
        if found is None:
            return
        self.shown, self.model.source = found, found.lines
        blind = _("blind count") if found.blind else ""
        self.title_line.set(detail=f"{found.label}  {found.warehouse}  {blind}".rstrip())
        done = _("{n} of {all} counted").format(n=found.counted, all=len(found.lines))
        again = _("{n} to count again").format(n=found.recounts) if found.recounts else ""
        worth = "" if found.value is None else _("difference {amount}").format(amount=amount(found.value, self.digits))
        self.totals.set(f"{done}   {again}".rstrip(), worth)
        self.entry.reload()
        self.refresh_keys()
        if first:
            at = next((n for n, line in enumerate(self.model.source) if line.counted is None), 0)
            self.entry.to_lines()
            self.entry.line = at
            self.entry.reload()
            self.hint(_("Enter takes a count; = is as on the books; F8 posts."))

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        self._write()

    @work(group="write")
    async def _write(self) -> None:
        from o2c_tui.services.counting import count_lines

        taken, self.model.pending = self.model.pending, {}
        if not taken:
            return
        done = await self.attempt(self.desk.write(count_lines, self.stocktake_id, taken))
        await self.read_newest()
        if done is not None and done.recount:
            self.warn(_("Line {n}: far from the books. Count it once more.").format(n=done.recount[0]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A count is written down at once; another count of the line puts it right."""
        if action in ("undo", "redo"):
            return False
        return super().check_action(action, parameters)

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("F8 = {step}").format(step=_("Post")))

    def key_label(self, action: str) -> str | None:
        return _("Post") if action == "next_step" else None

    def action_save(self) -> None:
        """Everything taken is written down already."""
        if self.entry.take_all():
            self.ok(_("Every count is written down as it is taken."))

    def action_reload(self) -> None:
        """Read again."""
        self.load()

    def action_output(self) -> None:
        """The count sheet, to write on."""
        from o2c_tui.screens.output import choose_paper

        choose_paper(self, "stocktake", [(self.stocktake_id, "counting")])

    def action_next_step(self) -> None:
        """Show the differences, then post."""
        if self.entry.take_all():
            self._next()

    @work(group="read")
    async def _next(self) -> None:
        await take_next_step(self, "stocktake", self.stocktake_id)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.shown is not None:
            self.load()
