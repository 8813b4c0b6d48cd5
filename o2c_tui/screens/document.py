"""One document in VIEW: its head, its lines with what became of them, its chain. Letters are commands here."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import NotFoundError
from o2c_tui.screens.asking import Asked, of_document
from o2c_tui.screens.base import DeskScreen, amount, quantity, tax_words
from o2c_tui.screens.document_columns import columns
from o2c_tui.screens.money_steps import change_step, is_free
from o2c_tui.screens.outlook import look_ahead, words_ahead
from o2c_tui.screens.sales_steps import pick_step
from o2c_tui.screens.stepping import begin_step, take_next_step
from o2c_tui.screens.steps import next_step, other_steps, undo_step
from o2c_tui.texts import N_, _
from o2c_tui.widgets.frame import HINT
from o2c_tui.widgets.listing import WindowedList
from o2c_tui.widgets.told import Told

_TITLES = {
    "quotation": N_("QUOTATION"),
    "order": N_("SALES ORDER"),
    "delivery": N_("DELIVERY"),
    "return": N_("RETURN"),
    "invoice": N_("INVOICE"),
    "credit_note": N_("CREDIT NOTE"),
    "deposit": N_("DEPOSIT INVOICE"),
    "payment": N_("PAYMENT"),
    "receivable_adjustment": N_("ACCOUNT ADJUSTMENT"),
    "receipt": N_("GOODS RECEIPT"),
    "purchase": N_("PURCHASE ORDER"),
    "bill": N_("SUPPLIER BILL"),
    "supplier_return": N_("RETURN TO SUPPLIER"),
    "transfer": N_("TRANSFER"),
    "adjustment": N_("STOCK ADJUSTMENT"),
    "stocktake": N_("STOCKTAKE"),
}
_BOUGHT = ("receipt", "purchase", "bill", "supplier_return")
_IN_THE_HOUSE = ("transfer", "adjustment", "stocktake")
_DATES = {
    "quotation": "quoted_on",
    "order": "ordered_on",
    "delivery": "shipped_on",
    "return": "returned_on",
    "invoice": "invoiced_on",
    "payment": "received_on",
    "receivable_adjustment": "adjusted_on",
    "receipt": "received_on",
    "purchase": "ordered_on",
    "bill": "billed_on",
    "supplier_return": "returned_on",
    "transfer": "dispatched_on",
    "adjustment": "adjusted_on",
    "stocktake": "started_on",
}


class DocumentScreen(DeskScreen):
    """A document to read, and the steps that lead on from it."""

    ABOUT = N_(
        "F8 takes the next step, after showing what it does. F9 has all other steps.\n[ and ] go to the documents before and after this one in its chain. F7 writes the PDF.\nCtrl+Z proposes the paper that corrects this one."
    )

    SIDE_FROM = 116
    IS_LIVE = True
    MENU = (
        ("compare", N_("Compare revisions")),
        ("trace_lots", N_("Its lots, both ways")),
        ("chain_before", N_("The document before this one in its chain")),
        ("chain_after", N_("The document after this one in its chain")),
        ("history", N_("History: who did what, and when")),
    )

    def __init__(self, kind: str, key: int) -> None:
        super().__init__()
        self.kind, self.key = kind, key
        self.document: Any = None
        self.said = ""
        self.head = [Told() for _n in range(3)]
        self.chain_line = Told()
        self.rows: WindowedList[Mapping[str, Any]] = WindowedList(
            columns(kind),
            key=lambda line: line["n"],
            warn=lambda line: bool(line.get("late")),
            waiting=N_("One moment…"),
        )
        self.ahead = [Told() for _n in range(3 if kind == "receipt" else 1 if kind == "order" else 0)]

    def content(self) -> ComposeResult:
        yield from self.head
        yield self.rows
        yield from self.ahead
        yield self.chain_line

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(place=_(_TITLES[self.kind]))
        self.rows.focus()
        self.load()

    def opened_by(self, said: str) -> None:
        """Say what made this document, once it is shown."""
        self.said = said

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Read the document and show it."""
        from o2c_tui.queries.documents import document

        said_before = self.message_line.says()
        found = await self.attempt(self.desk.read(document, self.kind, self.key))
        if found is None:
            return
        self._name_left(found)
        await look_ahead(self.desk, found)
        self.document = found
        self.just_read()
        await self.show(found)
        self.refresh_keys()
        said = f"{self.said} {self._next_words()}".strip()
        if self.said:
            self.ok(said)
        elif self.message_line.says() == said_before:  # nothing newer was said meanwhile
            self.hint(said)
        self.said = ""

    def _name_left(self, found: Any) -> None:
        for line in found.lines:  # names that the steps use
            if self.kind == "quotation":
                line["left"] = line["quantity"] - line["ordered"]

    def _next_words(self) -> str:
        step = next_step(self.document)
        if step is not None:
            return _("F8 = {step}").format(step=_(step.label))
        return _("F8 = {step}").format(step=_("Pay")) if self._payable() else ""

    async def renew(self) -> bool:
        from o2c_tui.queries.documents import document

        try:
            found = await self.desk.read(document, self.kind, self.key)
        except NotFoundError as error:
            self.warn(error.said(_))
            return True
        self._name_left(found)
        await look_ahead(self.desk, found)
        if found == self.document:
            return True
        self.document = found
        done = await self.show(found, keep=True)
        self.refresh_keys()
        if self.message_line.kind == HINT:
            self.hint(self._next_words())
        return done

    async def show(self, d: Any, *, keep: bool = False) -> bool:
        """Put the document on the screen; `keep`: the cursor stays where it is. False: the lines wait for keys."""
        from o2c_tui.models.words import STATE_WORDS

        state = _(STATE_WORDS[d.state])
        place = _(_TITLES.get(d.head["kind"], _TITLES["invoice"]) if self.kind == "invoice" else _TITLES[self.kind])
        self.title_line.set(place=place, detail=d.label, mode=_("VIEW"), state=state)
        for widget, (label, text) in zip(self.head, self._head(d), strict=True):
            widget.tell(label, text, "strong" if widget is self.head[0] else "text")
        self.chain_line.tell(_("Chain"), self._chain(d), "text")
        if self.kind == "delivery":
            self.rows.update_columns(columns(self.kind, open_delivery=d.state in ("draft", "picked", "packed")))
        done = True
        if keep:
            done = await self.rows.renew_rows(self._lines(d))
        else:
            await self.rows.show_rows(self._lines(d))
        self._tell_ahead(self.rows.row)
        self._totals(d)
        self.look_beside()
        return done

    def look_beside(self) -> None:
        """In a wide window: the chain, and what is open with the customer."""
        if self.has_side and self.document is not None:
            self._look_beside()

    @work(group="beside", exclusive=True)
    async def _look_beside(self) -> None:
        from o2c_tui.screens.beside import chain_rows, customer_about

        d, glyphs = self.document, self.o2c.glyphs
        rows = chain_rows(d, self.desk.facts, glyphs)
        party = d.head.get("customer_id")
        if party is not None:
            rows += ["", *(await self.attempt(customer_about(self.desk, party, glyphs, name=d.customer_name)) or [])]
        if self.side is not None:
            self.side.set(rows)

    def _head(self, d: Any) -> list[tuple[str, str]]:
        head = d.head
        date = head.get(_DATES[self.kind])
        if self.kind in _IN_THE_HOUSE:
            arrow = self.o2c.glyphs.arrow
            places = [head[name] for name in ("warehouse", "source", "target") if head.get(name)]
            first = (_("Warehouse"), f" {arrow} ".join(places))
        else:
            word = _("Supplier") if self.kind in _BOUGHT else _("Customer")
            first = (word, f"{d.customer}  {d.customer_name}".strip() or "-")
        dates = f"{date}"
        told = (
            ("valid_until", N_("valid to")),
            ("promised_on", N_("promised")),
            ("due_on", N_("due")),
            ("expected_on", N_("expected")),
            ("counted_on", N_("posted on")),
        )
        for name, word in told:
            if head.get(name):
                dates += f"   {_(word)} {head[name]}"
        if self.kind == "order" and head["revision"] > 1:
            dates += "   " + _("revision {n} of {day}").format(n=head["revision"], day=head["amended_on"])
        more = []
        if head.get("rate") and head["currency"] not in ("", self.own_currency):
            more.append(f"1 {head['currency']} = {quantity(head['rate'])} {self.own_currency}")
        names = ("customer_reference", "reference", "supplier_reference", "supplier_number")
        reference = next((head[name] for name in names if head.get(name)), "")
        if reference:
            more.append(f"{_('Reference')} {reference}")
        if head.get("term"):
            more.append(f"{_('Terms')} {head['term']}")
        if head.get("warehouse") and self.kind not in _IN_THE_HOUSE:
            more.append(f"{_('Warehouse')} {head['warehouse']}")
        if head.get("carrier") or head.get("tracking"):
            more.append(" ".join(part for part in (_("Carrier"), head["carrier"], head["tracking"]) if part))
        if head.get("packages"):
            more.append(_("{n} packages").format(n=head["packages"]))
        if head.get("hold_reason"):
            more.append(f"{_('On hold')}: {head['hold_reason']}")
        if head.get("reason"):
            more.append(f"{_('Reason')}: {_reason(self.kind, head['reason'])}")
        if self.kind == "receivable_adjustment" and head["note"]:
            more.append(f"{_('Reason')}: {head['note']}")
        if head.get("accepted_by"):
            more.append(f"{_('Accepted by')} {head['accepted_by']}")
        more.append(f"{_('By')} {head['by']}")
        return [first, (_("Date"), dates), ("", "   ".join(more))]

    def _chain(self, d: Any) -> str:
        arrow = f" {self.o2c.glyphs.arrow} "
        return arrow.join(
            f"[{link.number}]" if (link.kind, link.id) == (self.kind, self.key) else link.number for link in d.chain
        )

    def _lines(self, d: Any) -> Sequence[Mapping[str, Any]]:
        digits = d.head.get("digits", self.digits)
        if self.kind not in ("payment", "receivable_adjustment"):
            return [{**line, "n": n, "digits": digits} for n, line in enumerate(d.lines, 1)]
        return [
            {
                "n": n,
                "item": share.number,
                "description": "",
                "due_on": share.due_on,
                "amount": share.amount,
                "digits": digits,
                "on": share.on,
                "share": share,
            }
            for n, share in enumerate(d.shares, 1)
        ]

    def _totals(self, d: Any) -> None:
        from o2c_tui.models.trade import PROGRESS_WORDS

        head = d.head
        digits = head.get("digits", self.digits)
        if "gross" in head:
            from o2c_tui.rules.tax_parts import groups_of

            left = _("Net {net}   Tax {tax}   TOTAL {gross} {currency}").format(
                net=amount(head["net"], digits),
                tax=tax_words(groups_of(d.lines), head["tax"], head.get("cash_difference", Decimal(0)), digits),
                gross=amount(head["gross"], digits),
                currency=head["currency"],
            )
            right = _("Open {amount}").format(amount=amount(head["open"], digits)) if "open" in head else ""
            if head.get("paid_ahead"):
                left += "   " + _("paid ahead {amount}").format(amount=amount(head["paid_ahead"], digits))
            if "payment" in head:
                right = _("Paid: {progress}").format(progress=_(PROGRESS_WORDS[head["payment"]]))
            self.totals.set(left, right)
        elif self.kind == "payment":
            left = _("Amount {amount} {currency}").format(
                amount=amount(head["amount"], digits), currency=head["currency"]
            )
            self.totals.set(left, _("Unapplied {amount}").format(amount=amount(head["unapplied"], digits)))
        elif self.kind == "receivable_adjustment":
            from o2c_tui.screens.list_words import adjustment_word

            left = _("{reason} {amount}, tax {tax}").format(
                reason=_(head.get("because", "")) or adjustment_word(head["kind"]),
                amount=self.figure_in(head["amount"], head["currency"]),
                tax=amount(head["tax"], digits),
            )
            self.totals.set(left, _("Open {amount}").format(amount=amount(head["open"], digits)))
        elif self.kind == "purchase":
            net = _("Net {net} {currency}").format(net=amount(head["net"], head["digits"]), currency=head["currency"])
            self.totals.set(net, _("Received: {progress}").format(progress=_(PROGRESS_WORDS[head["receipt"]])))
        elif "value" in head:
            right = ""
            if self.kind == "transfer" and d.state == "dispatched":
                right = _("Arrived: {progress}").format(progress=_(PROGRESS_WORDS[head["arrival"]]))
            worth = _("Value {amount} {currency}")
            self.totals.set(worth.format(amount=amount(head["value"], self.digits), currency=self.own_currency), right)
        else:
            self.totals.set("", _("Cost of goods {amount}").format(amount=amount(head["cost"], self.digits)))

    # -- keys --------------------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.document is not None:
            self.load()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        item_id = event.row.get("item_id")
        if item_id is not None:
            from o2c_tui.screens.stock_card import StockCardScreen

            self.app.push_screen(StockCardScreen(item_id))

    def on_windowed_list_moved(self, event: WindowedList.Moved) -> None:
        self._tell_ahead(event.row)

    def _tell_ahead(self, line: Mapping[str, Any] | None) -> None:
        """Under the lines: what the one under the cursor can count on, or who waits for these goods."""
        if self.ahead and self.document is not None:
            words = words_ahead(self.document, line, self.desk.today(), len(self.ahead))
            for widget, told in zip(self.ahead, words, strict=True):
                widget.display = bool(told[1])
                widget.tell(*told)

    def on_windowed_list_left(self, event: WindowedList.Left) -> None:
        self.action_back()

    def _payable(self) -> bool:
        d = self.document
        return d is not None and self.kind == "invoice" and d.state == "posted" and d.head["open"] > 0

    def key_label(self, action: str) -> str | None:
        if action == "next_step" and self.document is not None:
            step = next_step(self.document)
            return _(step.label) if step is not None else _("Pay") if self._payable() else None
        return _("Why") if action == "find" and self.document is not None else None

    def asked(self) -> list[Asked]:
        """The figures of the line under the cursor and of the document, then the cards."""
        return of_document(self.document, self.rows.row) if self.document is not None else []

    def action_next_step(self) -> None:
        """The next step, shown before it is done."""
        self._next()

    @work(group="read")
    async def _next(self) -> None:
        await take_next_step(self, self.kind, self.key)

    def menu(self) -> list[tuple[str, str]]:
        """All other steps of this document come first."""
        if self.document is None:
            return super().menu()
        own = [(f"step({n})", step.words) for n, step in enumerate(other_steps(self.document))]
        if self._amendable():
            own.append(("edit", _("Amend: change the order in place (F2)")))
        return own + super().menu()

    def action_step(self, number: int) -> None:
        """One of the other steps."""
        self._other(number)

    @work(group="read")
    async def _other(self, number: int) -> None:
        await begin_step(self, self.document, other_steps(self.document)[number])

    def action_trace_lots(self) -> None:
        """The lots it moved: what brought them, where they lie, who got them."""
        self._trace_lots()

    @work(group="read")
    async def _trace_lots(self) -> None:
        from o2c_tui.screens.places import trace_document

        await trace_document(self, self.kind, self.key, self.document.label)

    def action_undo(self) -> None:
        """Propose what corrects this document."""
        self._undo()

    @work(group="read")
    async def _undo(self) -> None:
        step = undo_step(self.document)
        if step is None:
            self.hint(_("There is nothing to undo on {document}.").format(document=self.document.label))
            return
        await begin_step(self, self.document, step)

    def _amendable(self) -> bool:
        d = self.document
        return d is not None and self.kind == "order" and d.state in ("confirmed", "on_hold")

    def action_edit(self) -> None:
        """Change a draft, amend a confirmed order; say why a posted document cannot be changed, and the way."""
        self._edit()

    @work(group="read")
    async def _edit(self) -> None:
        draft = self.document.state == "draft" and self.kind in ("quotation", "order", "invoice")
        if draft and self.kind == "invoice" and not is_free(self.document):
            await begin_step(self, self.document, change_step(self.document))
            return
        if draft or self._amendable():
            from o2c_tui.screens.opening import editor_for

            self.app.call_next(self.app.switch_screen, editor_for(self.desk, self.kind, self.key))
            return
        if self.kind == "delivery" and self.document.state in ("draft", "picked"):
            await begin_step(self, self.document, pick_step(self.document))
            return
        if self.kind == "delivery" and self.document.state == "packed":
            self.warn(_("It is packed: ship it (F8), or cancel it (F9)."))
            return
        if self.document.state == "draft" and self.kind == "bill":
            from o2c_tui.screens.bill import BillEditor

            self.app.call_next(self.app.switch_screen, BillEditor(document_id=self.key))
            return
        if self.kind == "stocktake" and self.document.state == "counting":
            from o2c_tui.screens.counting import CountScreen

            self.app.push_screen(CountScreen(self.key))
            return
        ways = {
            "quotation": N_("It was sent: F9, Revise makes a new revision."),
            "order": N_("It is over. A closed order is opened again by F9; then it can be amended."),
            "invoice": N_("It is posted for ever: a credit note corrects it (F9)."),
            "payment": N_("It is posted: reverse it (F9), then enter it anew."),
            "receivable_adjustment": N_("It is posted: take it back (F9)."),
            "delivery": N_("It has left: take goods back (F9)."),
        }
        self.warn(_(ways.get(self.kind, N_("It cannot be changed any more."))))

    def action_reload(self) -> None:
        """Read again."""
        self.load()

    def action_output(self) -> None:
        """Write the PDF; where several papers can be made, ask which."""
        from o2c_tui.screens.output import choose_paper

        choose_paper(self, self.kind, [(self.key, self.document.state)])

    def action_history(self) -> None:
        """Every step that was done to this document, with old and new."""
        self._history()

    @work(group="read")
    async def _history(self) -> None:
        from o2c_tui.queries.history import history
        from o2c_tui.reports.history import as_lines
        from o2c_tui.services.registry import VERB_WORDS
        from o2c_tui.widgets.confirm import Reading

        done = await self.attempt(self.desk.read(history, self.kind, self.key))
        if done is not None:
            lines = as_lines(done, _, VERB_WORDS, self.o2c.glyphs.arrow)
            self.app.push_screen(Reading(_("History of {document}").format(document=self.document.label), lines))

    def action_compare(self) -> None:
        """Two revisions of this quotation beside each other."""
        self._compare()

    @work(group="read")
    async def _compare(self) -> None:
        from o2c_tui.screens.comparing import compare_revisions

        await compare_revisions(self, self.key)

    def action_chain_before(self) -> None:
        """The document before this one."""
        self._along(-1)

    def action_chain_after(self) -> None:
        """The document after this one."""
        self._along(1)

    @work(group="read")
    async def _along(self, way: int) -> None:
        chain = self.document.chain
        at = next((n for n, link in enumerate(chain) if (link.kind, link.id) == (self.kind, self.key)), None)
        if at is None or not 0 <= at + way < len(chain):
            self.hint(_("The chain ends here."))
            return
        link = chain[at + way]
        self.app.run_worker(self.o2c.show_document(link.kind, link.id, replace=True), group="read")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what this document does not allow."""
        if (
            action in ("next_step", "edit", "output", "undo", "more", "chain_before", "chain_after")
            and self.document is None
        ):
            return False
        if action == "next_step":
            return next_step(self.document) is not None or self._payable()
        if action == "compare":
            return self.document is not None and self.document.head.get("newest_revision", 1) > 1
        if action == "trace_lots":
            moved = ("receipt", "delivery", "return", "supplier_return", "transfer", "adjustment", "stocktake")
            return self.kind in moved and self.document is not None
        if action == "output":
            from o2c_tui.screens.output import KINDS

            return self.kind in KINDS
        return super().check_action(action, parameters)


def _reason(kind: str, reason: str) -> str:
    """Why, in words: of an adjustment one of a few, else as it was typed."""
    if kind != "adjustment":
        return reason
    from o2c_tui.models.warehouse import ADJUSTMENT_REASONS

    return _(ADJUSTMENT_REASONS.get(reason, reason))
