"""The document editor: a quotation or a sales order typed line by line, kept at each taken cell."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from textual import work
from textual.app import ComposeResult
from textual.timer import Timer

from o2c_tui.errors import ConflictError, TradeError, TroubleError
from o2c_tui.screens.asking import Asked, of_sheet
from o2c_tui.screens.base import amount, new_key, tax_words
from o2c_tui.screens.conflict import Conflict
from o2c_tui.screens.draft_model import DraftModel
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.sheet import SheetScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.editbuffer import EditBuffer
from o2c_tui.widgets.entry import EMPTY_LINE, CellSpec, EntrySheet, FieldSpec

_UNTIL = {"quotation": N_("Valid to"), "order": N_("Promised")}
_TITLES = {
    "quotation": N_("QUOTATION"),
    "order": N_("SALES ORDER"),
    "invoice": N_("INVOICE"),
    "recurring": N_("RECURRING INVOICE"),
}
_GOES_ON = {"quotation": N_("Send"), "order": N_("Confirm"), "invoice": N_("Post")}


RATE_ROW = [FieldSpec("rate", N_("Rate"), width=12, beside=30)]


class Editor(SheetScreen):
    """Type a quotation or an order; every taken cell is kept, Ctrl+S saves, F8 goes on."""

    ABOUT = N_(
        "One line is ITEM*QTY @PRICE -DISC% #note; Enter takes it. An item alone asks for the quantity.\nTab goes to every cell, Enter to what still needs something. Enter on an empty line goes to the totals.\nMarks: S not enough in stock, P price under cost, ' a typed price that stays."
    )

    SIDE_FROM = 116
    OPEN_STATES: tuple[str, ...] = ("draft",)

    def __init__(self, kind: str, *, document_id: int = 0, customer: str = "", kept: int | None = None) -> None:
        super().__init__()
        self.kind, self.document_id, self.version = kind, document_id, 0
        self.kept_at = kept
        self.given_customer = customer
        self.model: DraftModel | None = None
        self._later: Timer | None = None
        self.saying = new_key()  # of the next save

    def new_model(self) -> DraftModel:
        """The model behind the sheet."""
        return DraftModel(self.desk, self.kind)

    def content(self) -> ComposeResult:
        self.model = self.new_model()
        self.kept = Kept(self.desk, self.kind, self.document_id or self.kept_at)
        columns = [
            CellSpec("item", N_("Item"), width=12, code=True),
            CellSpec("description", N_("Description"), width=14, share=1),
            CellSpec("quantity", N_("Qty"), width=8, right=True),
            CellSpec("unit", N_("Unit"), width=4, fixed=True),
            CellSpec("price", N_("Price"), width=10, right=True),
            CellSpec("discount", N_("Dsc%"), width=5, right=True),
            CellSpec("amount", N_("Amount"), width=11, right=True, fixed=True),
            CellSpec("mark", "?", width=2, fixed=True),
        ]
        self.sheet = EntrySheet(self.model, self.head_fields(), columns, moved=self._on_line, typing=self.keep_soon)
        yield self.sheet

    def head_fields(self) -> list[list[FieldSpec]]:
        """The fields above the lines."""
        return [
            [
                FieldSpec("customer", N_("Customer"), width=10, code=True, beside=16),
                FieldSpec("dated_on", N_("Date"), width=10),
                FieldSpec("until", _UNTIL[self.kind], width=10),
            ],
            [
                FieldSpec("reference", N_("Reference"), width=16),
                FieldSpec("term", N_("Terms"), width=5),
                FieldSpec("warehouse", N_("From"), width=6),
                FieldSpec("discount", N_("Dsc%"), width=5),
            ],
        ]

    def _have_rate(self) -> None:
        """Another currency has a row for its rate."""
        self.entry.have_row(RATE_ROW, there=self.draft.is_foreign)

    @property
    def draft(self) -> DraftModel:
        """What is typed."""
        assert self.model is not None
        return self.model

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(
            place=_(_TITLES[self.kind]), mode=_("NEW") if not self.document_id else _("EDIT"), state=_("draft")
        )
        self._load()
        self.entry.to_start()
        self.entry.reload()
        self._resume_typing((self.kept.read() or {}).get("typing"))
        self.entry.focus()
        self._show_totals()
        if not self.message_line.text:
            self.hint(_(EMPTY_LINE))
        self.opened()

    def opened(self) -> None:
        """The editor shows what it is about: say what kind of editing this is."""

    def _load(self) -> None:
        """What was kept, else the stored draft, else a new one."""
        kept = self.kept.read()
        try:
            self._load_stored()
        except TradeError as error:
            self.say_refusal(error)
            return
        if kept is None:
            if self.given_customer:
                self.draft.take_field("customer", self.given_customer)
            return
        self.draft.take_words(kept)
        self.ok(_("This is the draft that was kept. Ctrl+S saves it."))
        if self.document_id and kept.get("version", self.version) != self.version:
            self.version = kept["version"]
            self.warn(_("Somebody else has changed it since you typed this; Ctrl+S shows both."))

    def _load_stored(self) -> None:
        """What is saved already.

        Raises:
            TradeError: it cannot be read.
        """
        if self.document_id:
            from o2c_tui.queries.documents import document

            found = self.desk.read_now(document, self.kind, self.document_id)
            self.version = found.version
            self.draft.take_document(found)

    def _resume_typing(self, typing: Any) -> None:
        """What stood in a cell and was not taken yet stands there again."""
        if not isinstance(typing, dict):
            return
        line, cell, text = typing.get("line"), typing.get("cell"), typing.get("text")
        keys = [spec.key for spec in (self.entry.entry_fields if line == -1 else self.entry.entry_cells)]
        if isinstance(line, int) and cell in keys and isinstance(text, str):
            self.entry.line, self.entry.cell = min(line, self.entry.last_line), cell
            self.entry.buffer = EditBuffer(text)
            self.entry.reload()

    # -- what happens while typing -----------------------------------------------------------------------------------

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        self._keep()
        self._show_totals()
        self.look_beside()

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("Ctrl+S saves; F8 = {step}").format(step=self.key_label("next_step") or ""))

    def on_entry_sheet_details(self, event: EntrySheet.Details) -> None:
        from o2c_tui.screens.ask import Ask

        line = self.draft.state.lines[event.row]

        def take(text: str | None) -> None:
            if text is not None:
                self.draft._remember()
                self.draft.state.lines[event.row].note = text
                self.entry.reload()
                self._keep()

        self.app.push_screen(Ask(_("Note on line {n}").format(n=event.row + 1), line.note), take)

    def keep_soon(self) -> None:
        """A change not taken yet is kept two seconds later."""
        if self._later is not None:
            self._later.stop()
        self._later = self.set_timer(2.0, self.keep_typing)

    def keep_typing(self) -> None:
        """Keep what stands in the cell, too: the line may be lost at any moment."""
        if self.sheet is not None and self.sheet.buffer is not None and self.desk.is_open:
            sheet = self.sheet
            self._keep(typing={"line": sheet.line, "cell": sheet.cell, "text": self.sheet.buffer.text})

    def keep_all(self) -> None:
        """Keep all that is held, also what was taken and not kept."""
        if self.sheet is not None and self.sheet.buffer is not None:
            self.keep_typing()
        elif self.model is not None:
            self._keep()

    def _keep(self, *, typing: dict[str, Any] | None = None) -> None:
        if self.draft.is_empty and not (typing and typing["text"]):
            return
        words = {**self.draft.as_words(), "version": self.version}
        if typing:
            words["typing"] = typing
        label = self.draft.customer.name if self.draft.customer else ""
        try:
            self.kept.keep(words, label)
        except TroubleError as error:
            self.say_refusal(error)
            return
        self.title_line.set(detail=_("kept {time}").format(time=f"{self.desk.local(self.desk.clock()):%H:%M:%S}"))

    def look_beside(self) -> None:
        """In a wide window: the customer's standing, and the item of the line under the cursor."""
        if not self.has_side or self.sheet is None or self.side is None:
            return
        from o2c_tui.screens.beside import draft_rows

        lines, at = self.draft.state.lines, self.entry.line
        item = self.draft._item(lines[at].item) if 0 <= at < len(lines) else None
        self.side.set(draft_rows(self.draft.customer, item, self.draft.company, self.o2c.glyphs))

    def _on_line(self, row: int) -> None:
        self.look_beside()
        words = self.draft.stock_words(row)
        if words:
            self.hint(words)

    def _show_totals(self) -> None:
        told, digits = self.draft.totals, self.draft.currency.digits
        left = _("Lines {n}   Net {net}   Tax {tax}   TOTAL {gross}").format(
            n=len(self.draft.state.lines),
            net=amount(told.net, digits),
            tax=tax_words(told.groups, told.tax, told.cash_difference, digits),
            gross=amount(told.gross, digits),
        )
        if self.draft.is_foreign:
            left += f" {self.draft.currency.code}"
        self._have_rate()
        margin = self.draft.margin()
        right = _("Margin {percent}%").format(percent=f"{margin:.0f}") if margin is not None else ""
        self.totals.set(left, right)

    # -- keys --------------------------------------------------------------------------------------------------------

    def key_label(self, action: str) -> str | None:
        if action == "next_step":
            return _(_GOES_ON[self.kind])
        return _("Line") if action == "new" else None

    def action_new(self) -> None:
        """A new line."""
        if self.entry.take_all():
            self.entry.to_lines()
            self.entry.reload()

    def action_reload(self) -> None:
        """Check prices and stock again; typed prices stay."""
        self.draft.recheck()
        self.entry.reload()
        self._show_totals()
        self.ok(_("Prices and stock are as of now."))

    def asked(self) -> list[Asked]:
        """In a line: why its price, what is available, else the card of its item; in the head the customer's card."""
        if (
            self.entry.buffer is None
            and self.entry.cell == "price"
            and 0 <= self.entry.line < len(self.draft.state.lines)
        ):
            return self._why_price(self.entry.line)
        return of_sheet(self.entry, self.draft.state.warehouse)

    def _why_price(self, row: int) -> list[Asked]:
        from o2c_tui.queries.why_money import draft_price
        from o2c_tui.rules.entry import number

        line, shown_price = self.draft.state.lines[row], self.draft.lines()[row]["price"]
        typed = number(line.price) if line.price else None
        if not line.item or not shown_price:
            return []
        ask = partial(
            draft_price, code=line.item, price=typed, unit=line.unit, line=row + 1, currency=self.draft.currency
        )
        return [Asked(line.item, "price", ask=ask)]

    def action_save(self) -> None:
        """Save the draft."""
        if self.entry.take_all():
            self._save(go_on=False)

    def action_next_step(self) -> None:
        """Save, then show what sending (or confirming) does."""
        if self.entry.take_all():
            self._save(go_on=True)

    @work(group="write")
    async def _save(self, *, go_on: bool) -> None:
        saved = await self._saved()
        if saved is None:
            return
        self.document_id, self.version = saved.id, saved.version
        self.saying = new_key()
        self.kept.place = saved.id
        self.title_line.set(mode=_("EDIT"), detail=_("saved"))
        if not go_on:
            self.ok(_("Saved: {total}. F8 = {step}").format(
                total=amount(saved.gross, self.draft.currency.digits), step=self.key_label("next_step") or ""
            ))  # fmt: skip
            return
        # the app goes on from here: this screen is about to close, and its own work with it
        self.app.run_worker(self._go_on(saved.id), group="read")

    async def _go_on(self, document_id: int) -> None:
        """The document takes the editor's place, and its next step is shown."""
        from o2c_tui.queries.documents import document
        from o2c_tui.screens.document import DocumentScreen
        from o2c_tui.screens.stepping import begin_step
        from o2c_tui.screens.steps import next_step

        app = self.app
        found = await self.desk.read(document, self.kind, document_id)
        step = next_step(found)
        if step is not None:
            screen = DocumentScreen(self.kind, document_id)
            await app.switch_screen(screen)
            await begin_step(screen, found, step)

    def verb(self) -> Callable[..., Any]:
        """The verb that saves the draft."""
        if self.kind == "quotation":
            from o2c_tui.services.quoting import save_quotation

            return save_quotation
        from o2c_tui.services.ordering import save_order

        return save_order

    def saving(self) -> tuple[Any, dict[str, Any]]:
        """What the verb takes: the draft, and over which version.

        Raises:
            TradeError: a cell that is no value.
        """
        over = {"document_id": self.document_id, "version": self.version} if self.document_id else {}
        return self.draft.draft(), over

    async def _saved(self) -> Any:
        """Save through the verb; a refusal is said, and nothing typed is lost."""
        verb = self.verb()
        try:
            draft, over = self.saving()
            return await self.desk.write(self.kept.dropped_by(verb), draft, accepted=None, key=self.saying, **over)
        except ConflictError as error:
            await self._show_both(error)
            return None
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            field = getattr(error, "field", "")
            if field in {spec.key for spec in self.entry.entry_fields}:
                self.entry.line, self.entry.cell = -1, field
                self.entry.reload()
            elif field.startswith("lines.") and field[6:].isdigit():
                self.entry.line, self.entry.cell = int(field[6:]) - 1, "item"
                self.entry.reload()
            return None

    async def _show_both(self, error: ConflictError) -> None:
        """Somebody else saved first: mine and theirs, field by field."""
        from o2c_tui.queries.documents import document

        found = await self.attempt(self.desk.read(document, self.kind, self.document_id))
        if found is None:
            return
        if found.state not in self.OPEN_STATES:
            self.say_refusal(error)
            return
        theirs = self.new_model()
        theirs.take_document(found)
        self._choose(theirs, found.version)

    def _choose(self, theirs: DraftModel, version: int) -> None:
        """Ask of each difference whether mine or theirs stands."""
        differences = self.draft.differences(theirs)

        def answered(mine: Sequence[bool] | None) -> None:
            if mine is None:
                self.warn(_("Not saved yet. Ctrl+S asks again."))
                return
            self.draft.take_theirs(theirs, [key for (key, *_), own in zip(differences, mine, strict=True) if not own])
            self.version = version
            self.entry.reload()
            self._keep()
            self._show_totals()
            self.ok(_("Ctrl+S saves it so."))

        self.app.push_screen(Conflict([words for _key, *words in differences]), answered)

    def action_back(self) -> None:
        """Leave; what was typed is kept and Home offers it again."""
        if self.entry.buffer is not None:
            self.keep_typing()
        super().action_back()

    def menu(self) -> list[tuple[str, str]]:
        """Save, go on, throw away; then the rest."""
        first = [
            ("save", _("Save")),
            ("next_step", self.key_label("next_step") or ""),
            *([("compare", _("Compare revisions"))] if self.kind == "quotation" and self.document_id else []),
            ("throw_away", _("Throw what was typed away")),
        ]
        return first + [entry for entry in super().menu() if entry[0] not in ("save", "next_step")]

    def action_compare(self) -> None:
        """The revisions of this quotation beside each other, this one as it was saved."""
        self._compare()

    @work(group="read")
    async def _compare(self) -> None:
        from o2c_tui.screens.comparing import compare_revisions

        await compare_revisions(self, self.document_id)

    def action_throw_away(self) -> None:
        """Forget what was typed since the last save."""
        self.kept.drop()
        self.dismiss(None)


class InvoiceEditor(Editor):
    """Type an invoice without an order: services, and lines of text with a price. F8 posts it."""

    ABOUT = N_(
        "For services and for lines of text with a price; goods are sold by an order, so that they are delivered.\nA line is SERVICE*QTY @PRICE -DISC% #note. A line of text: Tab to its description, type it, then quantity and price.\nCtrl+S saves the draft, F8 shows what posting does."
    )

    def __init__(self, *, document_id: int = 0, customer: str = "", kept: int | None = None) -> None:
        super().__init__("invoice", document_id=document_id, customer=customer, kept=kept)

    def new_model(self) -> DraftModel:
        from o2c_tui.screens.invoice_model import InvoiceModel

        return InvoiceModel(self.desk, self.kind)

    def head_fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("customer", N_("Customer"), width=10, code=True, beside=16),
                FieldSpec("dated_on", N_("Date"), width=10),
                FieldSpec("term", N_("Terms"), width=5),
            ],
            [
                FieldSpec("reference", N_("Reference"), width=16),
                FieldSpec("note", N_("Note"), width=24),
                FieldSpec("discount", N_("Dsc%"), width=5),
            ],
        ]

    def verb(self) -> Callable[..., Any]:
        from o2c_tui.services.free_invoices import save_invoice

        return save_invoice
