"""What is to be bought, as a grid: quantity and supplier changed where wanted, then bought by supplier with F8 and Enter."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import BadValueError, MissingValueError, TradeError, TroubleError
from o2c_tui.queries.why_parts import Subject
from o2c_tui.rules import entry
from o2c_tui.rules.reordering import worth
from o2c_tui.safe_text import fit
from o2c_tui.screens.asking import Asked, of_stock
from o2c_tui.screens.base import amount, led, new_key, price, quantity, short_day
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.pick_sheet import PickModel, PickSheet
from o2c_tui.screens.sheet import SheetScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Line
from o2c_tui.widgets.entry import CellSpec, EntrySheet, Hit, Taken
from o2c_tui.widgets.told import Told

ZERO = Decimal(0)
WIDE = 112  # columns from which every figure has a column of its own
Place = tuple[int, int]  # item, warehouse


class _Proposals(PickModel):
    """The proposals as they were changed; `changes` by item and warehouse: the quantity, and another supplier's offer."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.source: list[Any] = []
        self.quantities: dict[Place, Decimal] = {}
        self.offers: dict[Place, Any] = {}
        self.marked: set[Place] = set()
        self._past: list[tuple[dict[Place, Decimal], dict[Place, Any], set[Place]]] = []
        self._future: list[tuple[dict[Place, Decimal], dict[Place, Any], set[Place]]] = []

    @staticmethod
    def key(due: Any) -> Place:
        """What names a proposal."""
        return due.item_id, due.warehouse_id

    def wanted(self, due: Any) -> Decimal:
        """How much of it is to be bought."""
        return self.quantities.get(self.key(due), due.quantity)  # type: ignore[no-any-return]

    def asked(self, due: Any) -> Any:
        """Who is to sell it: the proposal itself, or the offer of the supplier that was chosen instead."""
        return self.offers.get(self.key(due), due)

    @property
    def chosen(self) -> list[Any]:
        """The marked proposals, or all where none is marked, without those that are left out."""
        some = [due for due in self.source if not self.marked or self.key(due) in self.marked]
        return [due for due in some if self.wanted(due) > ZERO]

    def lines(self) -> Sequence[Mapping[str, str]]:
        today, digits = self.desk.today(), self.desk.facts.digits if self.desk.facts else 2
        rows = []
        for due in self.source:
            asked, wanted = self.asked(due), self.wanted(due)
            rows.append(
                {
                    "mark": "*" if self.key(due) in self.marked else "",
                    "item": due.code,
                    "description": due.name,
                    "where": due.warehouse,
                    "available": quantity(due.available),
                    "incoming": quantity(due.incoming),
                    "back_ordered": quantity(due.back_ordered),
                    "projected": quantity(due.projected),
                    "point": quantity(due.point),
                    "buy": (quantity(wanted) if wanted else "-") + ("'" if self.key(due) in self.quantities else ""),
                    "unit": due.unit,
                    "supplier": asked.supplier or "?",
                    "price": price(asked.price, digits) if asked.price else "",
                    "expected": short_day(asked.expected_on, today) if asked.supplier else "",
                }
            )
        return rows

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        due = self.source[row]
        try:
            if key == "buy":
                value = self._quantity(due, text.strip().rstrip("'"))
                self._remember()
                if value == due.quantity:
                    self.quantities.pop(self.key(due), None)
                else:
                    self.quantities[self.key(due)] = value
            else:
                found = self._offer(due, text.strip())
                self._remember()
                if found is None:
                    self.offers.pop(self.key(due), None)
                else:
                    self.offers[self.key(due)] = found
        except TradeError as error:
            return Taken("err", _("Line {n}: {why}").format(n=row + 1, why=error.said(_)))
        return Taken(go="line")

    def _quantity(self, due: Any, text: str) -> Decimal:
        if text in ("", "-"):
            return ZERO
        if text == "=":
            return due.quantity  # type: ignore[no-any-return]
        value = entry.places(entry.number(text), 6)
        if value < ZERO:
            raise BadValueError(N_("Give figures of 0 or more."))
        return value

    def _offer(self, due: Any, text: str) -> Any:
        """The offer of the supplier typed; None for the one that was proposed."""
        from o2c_tui.queries.pick import find_parties
        from o2c_tui.queries.reorder import offer

        if text in ("", "=", "?"):
            return None
        hits = self.desk.read_now(find_parties, text, supplier=True, limit=2)
        exact = [hit for hit in hits if hit.code == text.upper()]
        if not exact and len(hits) != 1:
            raise BadValueError(N_("No supplier fits '{text}'. F4 searches; make one with F10 nv."), text=text)
        code = (exact or hits)[0].code
        if code == due.supplier:
            return None
        return self.desk.read_now(offer, due.item_id, due.warehouse_id, code, today=self.desk.today())

    def hits(self, key: str, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.pick import find_parties

        if key != "supplier":
            return ()
        return [Hit(hit.code, hit.name) for hit in self.desk.read_now(find_parties, text, supplier=True)]

    def toggle(self, row: int) -> None:
        """Mark a proposal, or take the mark away."""
        self._remember()
        self.marked ^= {self.key(self.source[row])}

    def toggle_all(self) -> None:
        """Mark all, or none if any is marked."""
        self._remember()
        self.marked = set() if self.marked else {self.key(due) for due in self.source}

    # -- undo, and what is kept ------------------------------------------------------------------------------------

    def _state(self) -> tuple[dict[Place, Decimal], dict[Place, Any], set[Place]]:
        return dict(self.quantities), dict(self.offers), set(self.marked)

    def _remember(self) -> None:
        self._past.append(self._state())
        self._future.clear()

    def _swap(self, source: list[Any], target: list[Any]) -> bool:
        if not source:
            return False
        target.append(self._state())
        self.quantities, self.offers, self.marked = source.pop()
        return True

    def undo(self) -> bool:
        return self._swap(self._past, self._future)

    def redo(self) -> bool:
        return self._swap(self._future, self._past)

    def words(self) -> dict[str, Any]:
        """What was changed, to be kept."""
        return {
            "quantities": [[*key, format(value, "f")] for key, value in self.quantities.items()],
            "suppliers": [[*key, asked.supplier] for key, asked in self.offers.items()],
            "marked": [list(key) for key in sorted(self.marked)],
        }

    def take_words(self, words: Mapping[str, Any]) -> None:
        """Change again what was kept, as far as it is still proposed."""
        from o2c_tui.queries.reorder import offer

        there = {self.key(due) for due in self.source}
        self.quantities = {(i, w): Decimal(v) for i, w, v in words.get("quantities", ()) if (i, w) in there}
        self.marked = {(i, w) for i, w in words.get("marked", ()) if (i, w) in there}
        for item, place, code in words.get("suppliers", ()):
            if (item, place) in there:
                try:
                    self.offers[item, place] = self.desk.read_now(offer, item, place, code, today=self.desk.today())
                except TradeError:
                    continue


class ReorderScreen(SheetScreen):
    """What is to be bought, grouped by supplier; changed in the grid, bought with F8 and Enter."""

    PLACE = N_("REORDER LIST")
    ABOUT = N_(
        "Projected = available + incoming - back-ordered; due at or below the reorder point. Type another quantity (- leaves it\nout, = takes the proposal back) or, one cell to the right, another supplier. Space marks; F8 shows the purchase orders by\nsupplier, of the marked lines or of all, and Enter sends them. F4 says why, or opens the item. F9 leaves them as drafts."
    )
    MENU = (
        ("as_drafts", N_("Make drafts, to be sent later")),
        ("mark_shown", N_("Mark all, or none")),
        ("other_list", N_("What is due, or only what back-orders lack")),
        ("throw_away", N_("Throw what was typed away")),
    )

    IS_LIVE = True

    def __init__(self, *, order_id: int | None = None, label: str = "", back_orders: bool = False) -> None:
        super().__init__()
        self.order_id, self.label, self.back_orders = order_id, label, back_orders
        self.model: _Proposals | None = None
        self.told = [Told() for _n in range(2)]
        self.loaded = False
        self.rates: dict[str, Decimal] = {}  # as typed, of currencies nothing was bought in before

    def content(self) -> ComposeResult:
        self.model = _Proposals(self.desk)
        self._choose_kept()
        self.sheet = PickSheet(self.model, (), _columns(self.app.size.width), grows=False, moved=self._tell)
        yield self.sheet
        yield from self.told

    def _choose_kept(self) -> None:
        """What is changed is kept: one place for what is due, one for back-orders; an order's lack is not."""
        self.kept = Kept(self.desk, "reorder", None if self.order_id is not None else 2 if self.back_orders else 1)
        self.keeps = False

    @property
    def proposals(self) -> _Proposals:
        """What is proposed."""
        assert self.model is not None
        return self.model

    def on_mount(self) -> None:
        super().on_mount()
        self.entry.focus()
        self.load()

    def on_resize(self, event: Any) -> None:
        super().on_resize(event)
        if self.sheet is not None:
            self.sheet.columns = _columns(event.size.width)
            self.sheet.refresh()

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask what is to be bought, and show it; what was changed stays changed."""
        await self.attempt(self.desk.ready())
        from o2c_tui.queries.reorder import proposals

        words = {"order_id": self.order_id, "back_orders": self.back_orders, "today": self.desk.today()}
        found = await self.attempt(self.desk.read(proposals, **words))
        if found is None:
            return
        model = self.proposals
        model.source = found
        if not self.loaded:
            kept = self.kept.read()
            if kept:
                self.keeps = True
                model.take_words(kept)
                self.ok(_("This is what was kept. F8 goes on with it."))
        first, self.loaded = not self.loaded, True
        detail = _("back-orders") if self.back_orders else self.label
        self.title_line.set(detail=detail)
        self.entry.reload()
        if first or not self.entry.in_lines:
            self.entry.to_lines()
            if found:
                self.entry.line, self.entry.cell = 0, "buy"
            self.entry.reload()
        if not found:
            self.hint(_("Nothing is to be bought."))
        elif not self.message_line.text:
            self.hint(_("F8 buys by supplier; Space marks; figures change the quantity; F4 says why."))
        self._say()
        self._tell(self.entry.line)
        self.refresh_keys()

    async def renew(self) -> bool:
        from o2c_tui.queries.reorder import proposals

        which = self.order_id, self.back_orders
        words = {"order_id": self.order_id, "back_orders": self.back_orders, "today": self.desk.today()}
        found = await self.desk.read(proposals, **words)
        if which != (self.order_id, self.back_orders) or not self.loaded:
            return False
        model, sheet = self.proposals, self.entry
        if found == model.source:
            return True
        here = model.key(model.source[sheet.line]) if 0 <= sheet.line < len(model.source) else None
        there = [model.key(due) for due in found]
        if sheet.buffer is not None and here not in there:  # its figure is being typed: it stays until that is done
            self.title_line.set(changed=True)
            return True
        model.source = found
        if here is None:  # nothing was to be bought
            sheet.cell = "buy"
        sheet.follow(there.index(here) if here in there else max(0, min(sheet.line, len(found) - 1)))
        self.just_read()
        self._say()
        self._tell(sheet.line)
        self.refresh_keys()
        return True

    def _say(self) -> None:
        model = self.proposals
        chosen = model.chosen
        sellers = {model.asked(due).supplier for due in chosen} - {""}
        left = _("Items {n}   Suppliers {m}").format(n=len(chosen), m=len(sellers))
        if model.marked:
            left = _("{n} marked").format(n=len(model.marked)) + "   " + left
        total = worth((model.asked(due).currency, model.asked(due).price, model.wanted(due)) for due in chosen)
        right = " + ".join(f"{amount(value, self.digits)} {currency}" for currency, value in sorted(total.items()))
        self.totals.set(left, right)

    def _tell(self, line: int) -> None:
        """All figures of the line under the cursor."""
        model = self.proposals
        if not 0 <= line < len(model.source):
            for widget in self.told:
                widget.tell("", "")
            return
        due = model.source[line]
        asked = model.asked(due)
        figures = _("available {a}  incoming {i}  back-ordered {b}  reorder at {r}  fill to {t}").format(
            a=quantity(due.available),
            i=quantity(due.incoming),
            b=quantity(due.back_ordered),
            r=quantity(due.point),
            t=quantity(due.target) if due.target else "-",
        )
        self.told[0].tell(due.code, figures, "text")
        if not asked.supplier:
            self.told[1].tell("?", _("Nobody is known to sell it: type a supplier."), "bad")
            return
        terms = _("{price} {currency} per {unit}  expected {day}  proposed {n}  {name}").format(
            name=asked.supplier_name if hasattr(asked, "supplier_name") else asked.name,
            price=price(asked.price, self.digits) if asked.price else "-",
            currency=asked.currency,
            unit=due.unit,
            day=asked.expected_on,
            n=quantity(due.quantity),
        )
        self.told[1].tell(asked.supplier, terms, "text")

    # -- keys --------------------------------------------------------------------------------------------------------

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        model = self.proposals
        if self.kept.place is not None:
            try:
                if model.quantities or model.offers or model.marked:
                    self.kept.keep(model.words(), "")
                    self.keeps = True
                else:
                    self._drop_kept()
            except TroubleError as error:
                self.say_refusal(error)
        self._say()
        self._tell(self.entry.line)

    def _drop_kept(self) -> None:
        if self.keeps:
            self.kept.drop()
            self.keeps = False

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("F8 = {step}").format(step=_("Buy")))

    def key_label(self, action: str) -> str | None:
        return {"next_step": _("Buy"), "find": _("Why")}.get(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without proposals there is nothing to change or buy."""
        if action in ("edit", "next_step", "as_drafts", "mark_shown", "find", "throw_away"):
            return self.model is not None and bool(self.model.source)
        if action == "other_list":
            return self.order_id is None
        return super().check_action(action, parameters)

    def action_save(self) -> None:
        """Everything typed is kept already."""
        if self.entry.take_all():
            self.ok(_("What was changed is kept until it is bought."))

    def action_throw_away(self) -> None:
        """The proposals as they were made."""
        model = self.proposals
        model.quantities, model.offers, model.marked = {}, {}, set()
        self.entry.buffer = None
        self._drop_kept()
        self.entry.reload()
        self._say()
        self._tell(self.entry.line)

    def action_mark_shown(self) -> None:
        """Mark all, or none."""
        self.proposals.toggle_all()
        self.entry.reload()
        self.on_entry_sheet_took(EntrySheet.Took(self.entry))

    def action_other_list(self) -> None:
        """What is due by its reorder point, or only what back-orders lack."""
        self.back_orders = not self.back_orders
        model = self.proposals
        model.quantities, model.offers, model.marked, self.loaded = {}, {}, set(), False
        self._choose_kept()
        self.hint("")
        self.load()

    def action_new(self) -> None:
        """A purchase order typed by hand."""
        from o2c_tui.screens.opening import new_editor

        self.app.push_screen(new_editor("purchase"))

    def asked(self) -> list[Asked]:
        """The item, and why its figures call for it; nothing while a supplier is being typed: F4 looks that up."""
        if self.entry.buffer is not None or not 0 <= self.entry.line < len(self.proposals.source):
            return []
        due = self.proposals.source[self.entry.line]
        figures = of_stock(due.item_id, due.code, [(due.warehouse_id, due.warehouse)])
        return [Asked(Subject("item", due.item_id), card="item", about=due.code), *figures]

    def action_reload(self) -> None:
        """Ask again."""
        self.load()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.loaded:
            self.load()

    def action_next_step(self) -> None:
        """Show the purchase orders by supplier; Enter sends them."""
        if self.entry.take_all():
            self._preview(send=True)

    def action_as_drafts(self) -> None:
        """The same as drafts, to be sent later."""
        if self.entry.take_all():
            self._preview(send=False)

    def _words(self, *, send: bool) -> dict[str, Any]:
        from o2c_tui.services.buying import Buy

        model = self.proposals
        lines = tuple(
            Buy(due.code, model.wanted(due), model.asked(due).supplier, due.warehouse) for due in model.chosen
        )
        return {
            "order_id": self.order_id,
            "back_orders": self.back_orders,
            "lines": lines,
            "send": send,
            "rates": dict(self.rates),
        }

    @work(group="write")  # coming back from the question of a rate reads the list anew, which stops other reading
    async def _preview(self, *, send: bool) -> None:
        from o2c_tui.money import digits_of
        from o2c_tui.services.buying import buy_due

        words = self._words(send=send)
        try:
            found = await self.desk.preview(buy_due, now=self.desk.clock(), **words)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        if isinstance(found.refusal, MissingValueError) and found.refusal.field == "rate":
            await self._ask_rate(found.refusal, send=send)
            return
        lines: list[Line] = []
        if found.refusal is not None:
            lines.append((f"{led('Checks')}{found.refusal.said(_)}", "bad"))
        lines += [(f"{led('Checks')}{notice.said(_)}", "bad") for notice in found.warnings]
        made = found.result if found.refusal is None else ()
        if made:
            total = worth((order.currency, order.net, Decimal(1)) for order in made)
            sums = " + ".join(f"{amount(v, digits_of(c))} {c}" for c, v in sorted(total.items()))
            told = _("purchase orders: {n}, {sums}; nothing is booked").format(n=len(made), sums=sums)
            lines.append((f"{led('Makes')}{told}", "strong"))
        for order in made:
            lines += self._order_lines(order)

        saying = new_key()

        def go(yes: bool | None) -> None:
            if yes:
                self._buy(words, found.codes, saying)

        heading = _("NEXT STEP   Purchase orders by supplier")
        does = N_("send them") if send else N_("keep them as drafts")
        await self.app.push_screen(Confirm(heading, lines, does=does, possible=found.refusal is None), go)

    async def _ask_rate(self, refusal: TradeError, *, send: bool) -> None:
        """The rate of a currency nothing was bought in before: typed, then on with the preview."""
        from o2c_tui.screens.ask import Ask

        currency = str(refusal.values["currency"])

        def answered(text: str | None) -> None:
            if text is None:
                return
            try:
                self.rates[currency] = entry.places(entry.number(text), 6)
            except TradeError as error:
                self.say_refusal(error)
                return
            self._preview(send=send)

        await self.app.push_screen(Ask(refusal.said(_)), answered)

    def _order_lines(self, order: Any) -> list[Line]:
        """One purchase order of the preview: its supplier and total, then its lines."""
        from o2c_tui.money import digits_of

        cut, digits = self.o2c.glyphs.cut, digits_of(order.currency)
        head = f"{fit(order.supplier, 8)} {fit(order.supplier_name, 24, cut=cut)}"
        where = f"{order.warehouse}  {short_day(order.expected_on, self.desk.today())}"
        net = f"{amount(order.net, digits)} {order.currency}"
        rows: list[Line] = [(f"  {head}  {fit(where, 16)}{fit(net, 18, right=True)}", "strong")]
        for line in order.items:
            wanted = f"{quantity(line.quantity)} {line.unit}"
            each = price(line.unit_price, digits) if line.unit_price else "-"
            net = amount(line.net, digits)
            rows.append(
                f"    {fit(line.item, 14)}{fit(wanted, 16, right=True)}  {fit('@ ' + each, 16)}{fit(net, 18, right=True)}"
            )
        return rows

    @work(group="write")
    async def _buy(self, words: Mapping[str, Any], codes: frozenset[str], saying: str) -> None:
        from o2c_tui.services.buying import buy_due

        done = await self.attempt(
            self.desk.write(self.kept.dropped_by(buy_due), accepted=codes, key=saying, now=self.desk.clock(), **words)
        )
        if done is None:
            return
        model = self.proposals
        model.quantities, model.offers, model.marked = {}, {}, set()
        self.keeps = False
        self.rates.clear()
        numbers = done[0].number if len(done) == 1 else f"{done[0].number} {self.o2c.glyphs.arrow} {done[-1].number}"
        said = _("Purchase orders sent: {n}, {numbers}. g u shows them.").format(n=len(done), numbers=numbers)
        if not words["send"]:
            said = _("Drafts of purchase orders: {n}. Their items stay due until they are sent.").format(n=len(done))
        await self.read_newest()
        self.ok(said)


def _columns(width: int) -> list[CellSpec]:
    """The columns of the grid; where there is room, every figure has one."""
    wide = width >= WIDE

    def figure(key: str, title: str, size: int) -> CellSpec:
        return CellSpec(key, title, width=size, right=True, fixed=True)

    more = [figure("available", N_("Avail"), 7), figure("incoming", N_("Incoming"), 8)]
    more.append(figure("back_ordered", N_("Waiting"), 7))
    return [
        CellSpec("mark", "", width=1, fixed=True),
        CellSpec("item", N_("Item"), width=10, fixed=True),
        CellSpec("description", N_("Description"), width=11, share=1, fixed=True),
        CellSpec("where", N_("Where"), width=5, fixed=True),
        *(more if wide else ()),
        figure("projected", N_("Projected"), 9),
        *([figure("point", N_("Reorder at"), 10)] if wide else ()),
        CellSpec("buy", N_("Buy"), width=7, right=True),
        CellSpec("supplier", N_("Supplier"), width=9, code=True),
        figure("price", N_("Price"), 9),
        *([CellSpec("expected", N_("Expected"), width=8, fixed=True)] if wide else ()),
    ]
