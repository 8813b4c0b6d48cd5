"""Two revisions of a quotation beside each other: what was added, removed and changed."""

from dataclasses import dataclass
from typing import Any

from textual import work

from o2c_tui.screens.base import DeskScreen
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Menu
from o2c_tui.widgets.listing import Column, WindowedList

_VIEWS = (N_("Changes"), N_("All lines"))


@dataclass(frozen=True)
class _Row:
    """One row: a field of the head, or a line."""

    kind: str
    item: str
    description: str
    quantity: str = ""
    price: str = ""
    net: str = ""
    told: str = ""  # everything that changed, for the message line


class CompareScreen(ListedScreen):
    """What one revision of a quotation changed in another."""

    PLACE = N_("COMPARE")
    ABOUT = N_(
        "+ is new, - is gone, ~ has changed: old and new with an arrow between. The head's fields come first, the totals stand\nbelow. 1 shows what changed, 2 all lines. The message line tells all that changed in a line."
    )

    def __init__(self, one: int, other: int) -> None:
        super().__init__()
        self.pair = one, other
        self.found: Any = None
        self.view = 1
        self.rows: WindowedList[_Row] = WindowedList(
            [
                Column("", lambda row: _mark(row.kind), width=1, style=_tone),
                Column(N_("Item"), lambda row: row.item, width=10, style=_tone),
                Column(N_("Description"), lambda row: row.description, width=12, share=1),
                Column(N_("Qty"), lambda row: row.quantity, width=10, right=True),
                Column(N_("Price"), lambda row: row.price, width=14, right=True, spare=1),
                Column(N_("Net"), lambda row: row.net, width=18, right=True),
            ],
            key=id,
            empty=N_("Nothing is different."),
        )

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Compare, and show it."""
        from o2c_tui.queries.comparing import compare

        found = await self.attempt(self.desk.read(compare, *self.pair))
        if found is None:
            return
        self.found = found
        await self._show()

    async def _show(self) -> None:
        from o2c_tui.reports.compare import change

        found, arrow = self.found, self.o2c.glyphs.arrow
        self.title_line.set(
            detail=f"{found.old} {arrow} {found.new}", views=tuple(_(view) for view in _VIEWS), chosen=self.view
        )
        await self.rows.show_rows(self._rows())
        net, tax, gross = (change(one, found.digits, arrow) for one in found.totals)
        self.totals.set(
            _("Net {net}   Tax {tax}").format(net=net, tax=tax),
            _("TOTAL {gross} {currency}").format(gross=gross, currency=found.currency),
        )
        self.refresh_keys()

    def _rows(self) -> list[_Row]:
        from o2c_tui.reports.compare import cell, details, in_words, value

        found, arrow = self.found, self.o2c.glyphs.arrow
        rows = []
        for one in found.head:
            before, after = (value(one.field, held, found.digits) for held in (one.old, one.new))
            told = in_words(one, _, found.digits, arrow)
            rows.append(_Row("changed", _(one.words), "", "", before, f"{arrow} {after}", told))
        for line in found.lines:
            if self.view == 1 and line.kind == "same":
                continue
            words, amount, price, net = (
                cell(line, name, found.digits, arrow) for name in ("description", "quantity", "unit_price", "net")
            )
            told = details(line, _, found.digits, arrow) or f"{line.line['item']}  {words}".strip()
            rows.append(_Row(line.kind, line.line["item"], words, amount, price, net, told))
        return rows

    def on_windowed_list_moved(self, event: WindowedList.Moved) -> None:
        if event.row is not None:
            self.hint(event.row.told)

    @work(group="read", exclusive=True)
    async def action_view(self, number: int) -> None:
        """What changed, or all lines."""
        if number <= len(_VIEWS) and self.found is not None:
            self.view = number
            await self._show()

    def action_reload(self) -> None:
        """Compare again."""
        self.load()


def _mark(kind: str) -> str:
    from o2c_tui.reports.compare import MARKS

    return MARKS[kind]


def _tone(row: _Row) -> str:
    return {"added": "good", "removed": "bad", "same": "dim"}.get(row.kind, "")


async def compare_revisions(screen: DeskScreen, quotation_id: int) -> None:
    """Compare the two revisions there are; of more, ask which two."""
    from o2c_tui.models.words import STATE_WORDS
    from o2c_tui.queries.comparing import revisions

    found = await screen.attempt(screen.desk.read(revisions, quotation_id))
    if found is None:
        return
    if len(found) < 2:
        screen.hint(_("There is only one revision. F9, Revise makes another."))
        return
    if len(found) == 2:
        await screen.app.push_screen(CompareScreen(found[0].id, found[1].id))
        return
    words = [f"{one.label}  {_(STATE_WORDS[one.state])}" for one in found]
    here = next(n for n, one in enumerate(found) if one.id == quotation_id)

    def first(number: int | None) -> None:
        if number is None:
            return
        one = found[number]
        rest = [n for n in range(len(found)) if n != number]

        def second(other: int | None) -> None:
            if other is not None:
                screen.app.push_screen(CompareScreen(one.id, found[rest[other]].id))

        question = _("Compare {revision} with").format(revision=one.label)
        chosen = max(0, rest.index(number - 1) if number - 1 in rest else 0)
        screen.app.push_screen(Menu(question, [words[n] for n in rest], chosen=chosen), second)

    await screen.app.push_screen(Menu(_("Compare which revision"), words, chosen=here), first)
