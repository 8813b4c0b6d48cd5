"""The preview of a step: what it makes, changes and checks, line by line; Enter does it.

The preview is the verb itself, run and rolled back. Space leaves a line out, a typed quantity does a part.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import ShortStockError, TradeError, TroubleError
from o2c_tui.queries.why_parts import Subject
from o2c_tui.screens.asking import ROW_FIGURES, Asked
from o2c_tui.screens.base import DeskScreen, amount, new_key, quantity
from o2c_tui.screens.preview_model import PreviewSheet, StepLines
from o2c_tui.screens.rows_sheet import Rows
from o2c_tui.screens.step import Step
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Menu
from o2c_tui.widgets.entry import CellSpec, EntrySheet, FieldSpec
from o2c_tui.widgets.frame import HINT
from o2c_tui.widgets.told import Told

ZERO = Decimal(0)


class Preview(DeskScreen):
    """What a step will do, before it does it."""

    PLACE = N_("NEXT STEP")
    ABOUT = N_(
        "This is the step itself, tried and taken back: what you see is what will happen.\nEnter does it, Esc goes back. Space leaves a line out; a quantity typed does a part."
    )

    def __init__(self, document: Any, step: Step, given: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.document, self.step, self.given = document, step, dict(given or {})
        self.model = StepLines(document, step.left, step.fields, step.undoes)
        self.found: Any = None
        self.changed = False  # since the books were asked
        self.saying = new_key()
        self.places: dict[int, Rows] = {}  # bins and lots said, by the line's position
        columns = self._columns()
        if step.places:
            columns.append(CellSpec("happens", N_("Bins and lots"), width=30, fixed=True))
        elif columns and step.opens in ("order", "delivery") and document.kind != "delivery":
            columns.append(CellSpec("available", N_("Avail"), width=7, right=True, fixed=True))
            columns.append(CellSpec("happens", N_("Will happen"), width=24, fixed=True))
        fields = [[FieldSpec(f.name, f.label, f.width, beside=f.beside) for f in step.fields]] if step.fields else []
        self.sheet = PreviewSheet(self.model, fields, columns, grows=False, editable=bool(step.left or step.fields))
        self.told = [Told() for _n in range(6)]

    def _columns(self) -> list[CellSpec]:
        if not self.model.source:
            return []
        of = N_("Document") if self.step.undoes else N_("Item")
        columns = [
            CellSpec("item", of, width=11, fixed=True),
            CellSpec("description", "" if self.step.undoes else N_("Description"), width=12, share=1, fixed=True),
        ]
        if self.step.undoes:
            columns.append(CellSpec("left", N_("Amount"), width=14, right=True, fixed=True))
        elif self.model.whole:
            columns.append(CellSpec("left", N_("Quantity"), width=9, right=True, fixed=True))
        else:
            wide = 10 if self.model.of_amounts else 7
            columns.append(CellSpec("left", N_("Left"), width=wide, right=True, fixed=True))
            columns.append(CellSpec("now", N_("Now"), width=wide, right=True))
        return columns

    def content(self) -> ComposeResult:
        yield self.sheet
        yield from self.told

    def on_mount(self) -> None:
        super().on_mount()
        of = self.document.label if self.document.label != "–" else self.document.customer_name
        self.title_line.set(detail=f"{of}  {self._arrow()}  {_(self.step.title)}")
        self.model.begin(self.desk.today())
        self.sheet.to_lines()
        self.sheet.focus()
        self.say_keys()
        self.ask_books()

    def say_keys(self) -> None:
        """What the keys do here."""
        words = N_("Enter = {does}   Esc back   Space skips a line; digits: a part")
        if self.step.places:
            words = N_("Enter = {does}   Esc back   digits: a part; Ctrl+E bins and lots")
        elif self.model.of_amounts:
            words = N_("Enter = {does}   Esc back   digits: an amount before tax")
        elif not self.step.left:
            words = (
                N_("Enter = {does}   Esc back")
                if not self.step.fields
                else N_("Enter = {does}   Esc back   Tab: fields")
            )
        self.hint(_(words).format(does=_(self.step.does)))

    def forget_message(self) -> None:
        """What was wrong is mended: the keys are said again."""
        if self.message_line.kind != HINT:
            self.say_keys()

    def _arrow(self) -> str:
        return self.o2c.glyphs.arrow

    def arguments(self) -> dict[str, Any]:
        """The verb's words as chosen now."""
        words = {**self.step.kwargs, **self.model.words(), **self.given}
        chosen = self.model.quantities()
        if chosen is not None:
            words[self.step.by] = chosen
        if self.step.places and any(self.places.values()):
            from o2c_tui.screens.places_sheet import picks_of

            here = {line["position"] for line in self.model.source if self.model.now[line["id"]]}
            said = {line: rows for line, rows in sorted(self.places.items()) if line in here}
            words[self.step.places] = tuple(
                pick for line, rows in said.items() for pick in picks_of(line, rows, self.desk)
            )
        return words

    def _call(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        words = self.arguments()
        args = list(self.step.args)
        if self.step.verb.__name__ in ("return_and_credit", "return_to_supplier"):
            args += [words.pop("quantities"), words.pop("reason")]
        elif self.step.verb.__name__ == "return_goods":
            args += [words.pop("quantities")]
        elif "reason" in words:
            args += [words.pop("reason")]
        return tuple(args), words

    @work(group="read", exclusive=True)
    async def ask_books(self) -> None:
        """Try the step and say what it would do."""
        await self._try()

    async def _try(self) -> bool:
        """Try the step as chosen now and say what it would do; whether the books could be asked."""
        try:
            args, words = self._call()
            self.found = await self.desk.preview(self.step.verb, *args, **words)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return False
        self.changed = False
        self._say()
        return True

    def _say(self) -> None:
        found = self.found
        told: list[tuple[str, str, str]] = []
        if found.refusal is not None:
            told.append((_("Checks"), found.refusal.said(_), "bad"))
        for notice in found.warnings:
            told.append((_("Checks"), notice.said(_), "bad"))
        if found.refusal is None:
            told.insert(0, (_("Makes"), self._makes(found.result), "strong"))
            told += [(_("Changes"), text, "text") for text in self._changes(found.entries)]
            self._line_effects(found.result)
            if not found.warnings:
                told.append((_("Checks"), _("credit, stock and dates are in order"), "good"))
        self._say_rate(found.result)
        for n, widget in enumerate(self.told):
            widget.tell(*(told[n] if n < len(told) else ("", "", "text")))
        self.sheet.reload()

    def _say_rate(self, result: Any) -> None:
        """Beside the field: the rate that the step takes, of the day or typed."""
        rate = getattr(result, "rate", None)
        if rate and "rate" in self.model.fields:
            self.model.says["rate"] = f"1 {self.document.head['currency']} = {rate.normalize():f} {self.own_currency}"

    def _anew(self) -> bool:
        """Whether it credits an invoice and writes it down anew: two documents, of which the draft is opened."""
        return self.step.verb.__name__ == "replace_invoice"

    def _makes(self, result: Any) -> str:
        if result is None:
            return _(self.step.title)
        if self._anew():
            made = {"number": result.number, "amount": self.figure_in(result.gross, self.document.head["currency"])}
            return _("credit note {number}, and a draft over {amount} instead").format(**made)
        number = getattr(result, "number", None) or getattr(result, "label", "")
        text = f"{_(self.step.title)} {'' if number == '–' else number}".rstrip()
        gross = getattr(result, "gross", None)
        code = self.document.head.get("currency") or ""
        if gross is not None:
            text += "  " + _("total {amount}").format(amount=self.figure_in(gross, code))
            if getattr(result, "worth", None) is not None:
                text += f" ({amount(result.worth, self.digits)} {self.own_currency})"
        elif isinstance(getattr(result, "amount", None), Decimal):
            text += "  " + self.figure_in(result.amount, code)
        charge = self.model.words().get("charge")
        if charge:
            text += "  " + _("the bank's charge {amount}").format(amount=amount(charge, self.digits))
        if getattr(result, "tax", None):
            text += "  " + _("tax {amount}").format(amount=self.figure_in(result.tax, code))
        due = getattr(result, "due_on", None)
        if due is not None:
            text += "  " + _("due {day}").format(day=due)
        cost = getattr(result, "cost", None)
        if cost is not None and self.step.opens in ("delivery", "return"):
            text += "  " + _("cost of goods {amount}").format(amount=amount(cost, self.digits))
        if isinstance(result, Decimal):
            text += "  " + self.figure_in(result, code)
        return text

    def _changes(self, entries: Sequence[Any]) -> list[str]:
        from o2c_tui.models.words import DOCUMENT_WORDS, STATE_WORDS

        told = []
        for entry in entries:
            for change in entry.changes:
                if len(change) == 5 and change[2] == "state" and change[0] in DOCUMENT_WORDS:
                    word = DOCUMENT_WORDS[change[0]]
                    told.append(f"{_(word)}: {_(STATE_WORDS[change[3]])} {self._arrow()} {_(STATE_WORDS[change[4]])}")
        return [_("; ").join(told)] if told else []

    def _line_effects(self, result: Any) -> None:
        lines = getattr(result, "lines", None)
        chosen = [line for line in self.model.source if self.model.now[line["id"]]]
        self.model.happens = {}
        if self.step.places:
            self._say_places(result)
        elif self.step.opens == "order" and isinstance(lines, tuple) and len(lines) == len(chosen):
            for line, effect in zip(chosen, lines, strict=True):
                parts = []
                if effect.reserved:
                    parts.append(_("reserve {n}").format(n=quantity(effect.reserved)))
                if effect.back_ordered:
                    parts.append(_("wait {n}").format(n=quantity(effect.back_ordered)))
                self.model.happens[line["id"]] = ", ".join(parts)
        elif self.step.opens == "delivery":
            for line in chosen:
                part = quantity(self.model.now[line["id"]])
                self.model.happens[line["id"]] = _("ship {n}").format(n=part)

    def _proposed(self, result: Any) -> dict[int, Rows]:
        """By line position: the bins and lots that the step would take, as it told."""
        found: dict[int, Rows] = {}
        for part in getattr(result, "parts", ()):
            if not part.location and not part.lot:
                continue
            row = {"location": part.location, "lot": part.lot, "quantity": quantity(part.quantity)}
            row["expires"] = part.expires_on.isoformat() if part.expires_on else ""
            if part.item != next((x["item"] for x in self.model.source if x["position"] == part.order_line), ""):
                row["item"] = part.item
            found.setdefault(part.order_line, []).append(row)
        return found

    def _say_places(self, result: Any) -> None:
        from o2c_tui.screens.places_sheet import words_of

        rows = self._proposed(result) if self.step.places == "picks" else self.places
        for line in self.model.source:
            self.model.happens[line["id"]] = words_of(rows.get(line["position"], []))

    # -- keys --------------------------------------------------------------------------------------------------------

    def on_entry_sheet_details(self, event: EntrySheet.Details) -> None:
        """Ctrl+E: bins and lots of the line."""
        if self.step.places and event.row < len(self.model.source):
            self._ask_places(self.model.source[event.row])

    @work(group="read")
    async def _ask_places(self, line: Mapping[str, Any]) -> None:
        from o2c_tui.queries.places import parts_of_line
        from o2c_tui.screens.places_sheet import PlacedLine, PlacesSheet

        found = await self.attempt(self.desk.read(parts_of_line, line, self.document.head.get("warehouse_id")))
        if found is None:
            return
        position, part = line["position"], self.model.now[line["id"]]
        if not found.tracked and not found.bins:
            self.hint(_("{item} is not tracked, and {place} has no bins.").format(item=line["item"], place=found.place))
            return
        wanted = part * (line.get("factor_num") or 1) / (line.get("factor_den") or 1)
        rows = self.places.get(position)
        if rows is None and self.found is not None:
            rows = self._proposed(self.found.result).get(position)
        asked = PlacedLine(
            line["item"], line["description"], found.unit, wanted, found.place, self.step.incoming, found.parts
        )

        def take(answer: Rows | None) -> None:
            if answer is not None:
                self.places[position] = answer
                if self.step.places != "picks":
                    self.model.happens[line["id"]] = ""
                self.ask_books()

        await self.app.push_screen(PlacesSheet(asked, rows or []), take)

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        self.changed = True
        self.ask_books()

    def on_entry_sheet_said(self, event: EntrySheet.Said) -> None:
        if event.level == "err":
            self.err(event.text)

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.do_it()

    def key_label(self, action: str) -> str | None:
        return _("Why") if action == "find" and self.asked() else None

    def asked(self) -> list[Asked]:
        """What of stock is available for the line, and what refuses the step."""
        d, row = self.document, self.sheet.line
        found = []
        if self.found is not None and (self.found.refusal is not None or self.found.warnings) and d.kind in ROW_FIGURES:
            found.append(Asked(Subject(d.kind, d.id), "blocked", about=d.label))
        line = self.model.source[row] if 0 <= row < len(self.model.source) else {}
        if line.get("stocked") and line.get("item_id") is not None and d.head.get("warehouse_id"):
            subject = Subject("stock", line["item_id"], d.head["warehouse_id"])
            found += [Asked(subject, figure, about=line["item"]) for figure in ("available", "back_ordered", "promise")]
        return found

    def action_next_step(self) -> None:
        """F8 again does it, too."""
        if self.sheet.take_all():
            self.do_it()

    @work(group="write")
    async def do_it(self) -> None:
        """Enter: do it, with the warnings that were shown."""
        if self.changed:  # Enter took a quantity and left the lines: what is done is what was tried with it
            seen = self.found.codes if self.found is not None else frozenset()
            if not await self._try() or self.found.codes - seen:
                return
        if self.found is None or self.found.refusal is not None:
            if self.found is not None and self._offers_choice():
                return
            self.err(self.found.refusal.said(_) if self.found is not None else _("One moment…"))
            return
        if self._asks_about_rest():
            return
        args, words = self._call()
        try:
            result = await self.desk.write(self.step.verb, *args, key=self.saying, accepted=self.found.codes, **words)
        except (
            TroubleError
        ) as error:  # it may be done already: Enter says it again, with its key, and what is shown stays
            self.say_refusal(error)
            return
        except TradeError as error:
            self.say_refusal(error)
            self.ask_books()
            return
        # the app goes on from here: this screen is about to close, and its own work with it
        self.app.run_worker(self._done(result), group="read")

    def _asks_about_rest(self) -> bool:
        """Shipped short: asked once whether the rest waits or is given up."""
        short = getattr(self.found.result, "short", 0) if self.step.opens == "delivery" else 0
        if not short or self.step.verb.__name__ == "pick_delivery" or "close_rest" in self.given:
            return False

        def take(chosen: int | None) -> None:
            if chosen is not None:
                self.given["close_rest"] = chosen == 1
                self.do_it()

        question = _("Lines of which more could have gone: {n}. What of the rest?").format(n=short)
        self.app.push_screen(Menu(question, [_("It waits as a back-order"), _("Close the order short")]), take)
        return True

    def _offers_choice(self) -> bool:
        """A short stock with a choice: what shall be reserved?"""
        refusal = self.found.refusal
        if not isinstance(refusal, ShortStockError) or refusal.field != "shortage":
            return False
        from o2c_tui.models.company import SHORTAGE_WORDS, Shortage

        choices = [Shortage.RESERVE, Shortage.ALL_OR_NOTHING, Shortage.NONE]

        def take(chosen: int | None) -> None:
            if chosen is not None:
                self.given["shortage"] = choices[chosen]
                self.ask_books()

        self.app.push_screen(Menu(refusal.said(_), [_(SHORTAGE_WORDS[c]) for c in choices]), take)
        return True

    async def _done(self, result: Any) -> None:
        app = self.o2c
        number = getattr(result, "number", None) or getattr(result, "label", None) or self.document.label
        said = _("{document} made from {source}.").format(document=number, source=self.document.label)
        if self.document.label == "–":
            said = _("{document} booked.").format(document=number)
        if number in ("–", self.document.label):  # it has no number yet, or is still the same document
            said = _("{step}: done.").format(step=_(self.step.title))
        if self._anew():
            said = _("{document} is credited with {number}; this draft stands in its place.").format(
                document=self.document.label, number=number
            )
        if self.step.leaves:
            said = _("{document} is deleted.").format(document=self.document.label)
        key = getattr(result, self.step.key, None) if self.step.key else self.document.id
        if isinstance(result, int) and not self.step.key:
            key = result  # the key of what was written down
            said = ""
        await app.pop_screen()
        if self.step.leaves:
            from o2c_tui.screens.document import DocumentScreen

            if isinstance(app.screen, DocumentScreen):
                await app.pop_screen()
            getattr(app.screen, "ok", lambda text: None)(said)
            return
        from o2c_tui.screens.document import DocumentScreen

        kind = self.step.opens or self.document.kind
        same = isinstance(app.screen, DocumentScreen)
        await app.show_document(kind, key if isinstance(key, int) else self.document.id, replace=same, said=said)
