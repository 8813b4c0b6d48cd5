"""A confirmed order in the editor: what is typed becomes its next revision, after a preview of what that does."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from textual import work

from o2c_tui.errors import ConflictError, ShortStockError, TradeError, TroubleError
from o2c_tui.screens.amend_model import AmendModel
from o2c_tui.screens.base import amount, price, quantity
from o2c_tui.screens.conflict import Conflict
from o2c_tui.screens.draft_model import DraftModel
from o2c_tui.screens.editing import Editor
from o2c_tui.screens.preview import Preview
from o2c_tui.screens.preview_model import PreviewSheet
from o2c_tui.screens.simple_model import PlainModel
from o2c_tui.screens.step import Step
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Menu
from o2c_tui.widgets.entry import CellSpec

ZERO = Decimal(0)


class AmendEditor(Editor):
    """Amend a confirmed order: change lines, add some, give some up; F8 shows what that does, Enter does it."""

    ABOUT = N_(
        "A quantity of 0 gives a line up; another item or unit is a new line. Nothing goes below what is shipped or invoiced,\nand a price changes only where nothing of the line is invoiced. Lines, promise, reference, terms and discount can change.\nF8 or Ctrl+S shows the effect on reservations and credit before anything is done; the order then has its next revision."
    )
    OPEN_STATES = ("confirmed", "on_hold")

    def __init__(self, order_id: int) -> None:
        super().__init__("order", document_id=order_id)
        self.kept_older = False  # what was kept was typed over an older version: all that differs is asked

    def new_model(self) -> DraftModel:
        return AmendModel(self.desk)

    @property
    def amended(self) -> AmendModel:
        """What is typed."""
        assert isinstance(self.model, AmendModel)
        return self.model

    def _have_rate(self) -> None:
        """An order keeps the rate it froze."""

    def opened(self) -> None:
        """Begin at the first line's quantity; Enter goes from quantity to quantity."""
        from o2c_tui.models.words import STATE_WORDS

        document = self.amended.document
        if document is None:  # it could not be read, which was said
            return
        self.title_line.set(detail=document.label, mode=_("AMEND"), state=_(STATE_WORDS[document.state]))
        self.entry.line_start = "quantity"
        self.kept_older = self.version != document.version
        if self.entry.buffer is None:
            self.entry.line, self.entry.cell = 0, "quantity"
            self.entry.reload()
            self._on_line(0)

    def key_label(self, action: str) -> str | None:
        return _("Amend") if action == "next_step" else super().key_label(action)

    def action_save(self) -> None:
        """Show what the amendment does."""
        self.action_next_step()

    def action_next_step(self) -> None:
        """Show what the amendment does."""
        if self.entry.take_all():
            self._show()

    def action_reload(self) -> None:
        """Take stock anew, and the order as it is now; what was typed stays."""
        super().action_reload()
        self._take_news(_("The order was changed meanwhile."))

    @work(group="read", exclusive=True)
    async def _take_news(self, said: str) -> None:
        await self._merge(said)

    async def _show_both(self, error: ConflictError) -> None:
        """Somebody else was first: what only they changed is taken, what both changed is asked; then it is shown."""
        if await self._merge(error.said(_)):
            self._show()

    async def _merge(self, said: str) -> bool:
        """Bring what is typed onto the order as it is now; whether nothing has to be asked for that."""
        from o2c_tui.queries.documents import document

        found = await self.attempt(self.desk.read(document, "order", self.document_id))
        if found is None:
            return False
        if found.state not in self.OPEN_STATES:
            self.err(said)
            return False
        base, theirs = self.new_model(), self.new_model()
        base.take_document(self.amended.document)
        theirs.take_document(found)
        moved = {key for key, *_words in base.differences(theirs)}
        mine = {key for key, *_words in self.draft.differences(base)}
        both = [told for told in self.draft.differences(theirs) if told[0] in moved & mine or self.kept_older]
        self.draft.take_theirs(theirs, sorted(moved - mine))
        if both:
            self._ask_both(both, theirs, found.version)
            return False
        self._go_on_with(theirs, found.version)
        return True

    def _ask_both(self, both: Sequence[tuple[str, str, str, str]], theirs: DraftModel, version: int) -> None:
        def answered(mine: Sequence[bool] | None) -> None:
            if mine is None:
                self.warn(_("Not saved yet. Ctrl+S asks again."))
                return
            self.draft.take_theirs(theirs, [key for (key, *_words), own in zip(both, mine, strict=True) if not own])
            self._go_on_with(theirs, version)
            self._keep()
            self.ok(_("Ctrl+S saves it so."))

        self.app.push_screen(Conflict([words for _key, *words in both]), answered)

    def _go_on_with(self, theirs: DraftModel, version: int) -> None:
        self.version, self.kept_older = version, False
        self.amended.rest_on(theirs)
        self.entry.reload()
        self._show_totals()

    @work(group="read", exclusive=True)
    async def _show(self) -> None:
        """Try it; a refusal is said where it was typed, else the preview opens."""
        from o2c_tui.services.amending import amend_order

        try:
            words = self.amended.words()
            if not words:
                self.hint(_("Nothing was changed yet. F3 goes back."))
                return
            words["version"] = self.version
            found = await self.desk.preview(amend_order, self.document_id, **words)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        refusal = found.refusal
        if isinstance(refusal, ConflictError):
            await self._show_both(refusal)
        elif refusal is not None and not (isinstance(refusal, ShortStockError) and refusal.field == "shortage"):
            self.say_refusal(refusal)
            row = self.amended.row_of(refusal.field)
            if row is not None:
                cell = {"unit_price": "price", "quantity": "quantity"}.get(refusal.field.rpartition(".")[2], "quantity")
                self.entry.line, self.entry.cell = row, cell
                self.entry.reload()
        else:
            step = Step(
                N_("Amend"), N_("Amended order"), self.kept.dropped_by(amend_order), (self.document_id,), words,
                opens="order", key="order_id", does=N_("amend the order"),
            )  # fmt: skip
            await self.app.push_screen(AmendPreview(self.amended.document, step))

    def action_more(self) -> None:
        """Amend, say what has no field of its own, or throw away what was typed."""
        entries = [
            ("next_step", _("Amend")),
            *((f"say('{name}')", _(words)) for name, words in _SAID.items()),
            ("throw_away", _("Throw what was typed away")),
        ]

        def take(number: int | None) -> None:
            if number is not None:
                self.call_next(self.run_action, entries[number][0])

        self.app.push_screen(Menu(_("More"), [words for _name, words in entries]), take)

    def action_say(self, name: str) -> None:
        """Type what has no field of its own; a lone "-" clears it."""
        from o2c_tui.screens.ask import Ask

        def take(text: str | None) -> None:
            if text is not None:
                self.amended.say(name, "" if text == "-" else text)
                self._keep()

        self.app.push_screen(Ask(_(_SAID[name]), getattr(self.draft.state, name)), take)


_SAID = {
    "note": N_("Note on the document"),
    "ship_to": N_("Delivery address, its lines parted by ' / '"),
    "reason": N_("Why it is amended"),
}


class _Amended(PlainModel):
    """The lines that were put anew, as the sheet shows them."""

    def __init__(self, digits: int) -> None:
        self.source: Sequence[Any] = ()
        self.digits, self.arrow = digits, ""

    def lines(self) -> Sequence[Mapping[str, str]]:
        return [
            {
                "item": line.item,
                "description": line.description,
                "was": quantity(line.was) if line.was else "-",
                "now": quantity(line.quantity) or "0",
                "price": self._price(line),
                "happens": self._happens(line),
            }
            for line in self.source
        ]

    def _price(self, line: Any) -> str:
        told = price(line.unit_price, self.digits).strip()
        if line.price_was != line.unit_price:
            told = f"{price(line.price_was, self.digits).strip()}{self.arrow}{told}"
        if line.discount_was != line.discount_percent:
            told += f" -{quantity(line.discount_percent) or '0'}%"
        return told

    @staticmethod
    def _happens(line: Any) -> str:
        parts = [] if line.was else [_("new")]
        if not line.quantity:
            parts.append(_("given up"))
        more = line.reserved - line.reserved_was
        if more > ZERO:
            parts.append(_("reserve {n}").format(n=quantity(more)))
        if more < ZERO:
            parts.append(_("free {n}").format(n=quantity(-more)))
        if line.back_ordered:
            parts.append(_("wait {n}").format(n=quantity(line.back_ordered)))
        return ", ".join(parts)


class AmendPreview(Preview):
    """What an amendment does: each line that changes, old and new, its reservation; the total and the credit."""

    ABOUT = N_(
        "This is the amendment itself, tried and taken back: what you see is what will happen.\nEnter does it, Esc goes back to what was typed."
    )
    COLUMNS = (
        CellSpec("item", N_("Item"), width=10, fixed=True),
        CellSpec("description", N_("Description"), width=8, share=1, fixed=True),
        CellSpec("was", N_("Was"), width=6, right=True, fixed=True),
        CellSpec("now", N_("Now"), width=6, right=True, fixed=True),
        CellSpec("price", N_("Price"), width=14, right=True, fixed=True),
        CellSpec("happens", N_("Will happen"), width=22, fixed=True),
    )

    def __init__(self, document: Any, step: Step) -> None:
        super().__init__(document, step)
        self.amended = _Amended(document.head["digits"])
        self.sheet = PreviewSheet(self.amended, (), self.COLUMNS, grows=False, editable=False)

    def arguments(self) -> dict[str, Any]:
        """The verb's words as chosen now."""
        return {**self.step.kwargs, **self.given}

    def _call(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return self.step.args, self.arguments()

    def _line_effects(self, result: Any) -> None:
        self.amended.source, self.amended.arrow = result.lines, self._arrow()

    def _makes(self, result: Any) -> str:
        code = self.document.head["currency"]
        return _("{order}, revision {n}: total {was} {arrow} {now}").format(
            order=result.number,
            n=result.revision,
            was=self.figure_in(result.was, code),
            arrow=self._arrow(),
            now=self.figure_in(result.gross, code),
        )

    def _changes(self, entries: Sequence[Any]) -> list[str]:
        result, told = self.found.result, []
        owes = amount(result.owes, self.digits)
        if result.limit is not None:
            told.append(
                _("{customer} then owes {owes}; the credit limit is {limit}.").format(
                    customer=self.document.customer_name, owes=owes, limit=amount(result.limit, self.digits)
                )
            )
        else:
            told.append(_("{customer} then owes {owes}.").format(customer=self.document.customer_name, owes=owes))
        return [*self._head_changes(entries), *told]

    def _head_changes(self, entries: Sequence[Any]) -> list[str]:
        """What of the head is put anew, old and new."""
        from o2c_tui.models.words import COLUMN_WORDS

        found = []
        for change in entries[0].changes if entries else ():
            if len(change) == 5 and change[0] == "sales_order" and change[2] not in _KEPT_APART:
                _table, _key, column, *values = change
                old, new = (str(value or "-").replace("\n", " / ") for value in values)
                found.append(f"{_(COLUMN_WORDS.get(column, column))}: {old} {self._arrow()} {new}")
        return [_("; ").join(found)] if found else []

    async def _done(self, result: Any) -> None:
        app = self.o2c
        said = _("{order} is amended: revision {n}.").format(order=result.number, n=result.revision)
        await app.pop_screen()
        await app.show_document("order", result.order_id, replace=True, said=said)


_KEPT_APART = ("revision", "amended_on", "net", "tax", "gross")
