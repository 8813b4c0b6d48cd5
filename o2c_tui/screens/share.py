"""Scarce stock shared among those who wait: a proposal in turn or fair, changed by hand, with its effect on each promise."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from textual import work
from textual.app import ComposeResult

from o2c_tui.errors import OverQuantityError, TradeError, TroubleError
from o2c_tui.rules import entry
from o2c_tui.rules.promising import is_late
from o2c_tui.safe_text import fit
from o2c_tui.screens.base import DeskScreen, led, new_key, quantity, short_day
from o2c_tui.screens.pick_sheet import PickModel, PickSheet
from o2c_tui.screens.sheet import SheetScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Line
from o2c_tui.widgets.entry import CellSpec, EntrySheet, Taken
from o2c_tui.widgets.told import Told

ZERO = Decimal(0)
Key = tuple[int, int]  # order line, item


def day_word(day: date | None, today: date, *, late: bool = False) -> str:
    """A day in five cells: month and day, of another year year and month; `?` where nobody knows; `!` where it is late."""
    text = "?" if day is None else f"{day:%m-%d}" if day.year == today.year else f"{day:%y-%m}"
    return text + ("!" if late else "")


class _Shares(PickModel):
    """What each waiting line is given, as proposed or typed."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.source: list[tuple[Any, Any]] = []  # item, waiting line
        self.shares: dict[Key, Decimal] = {}
        self._past: list[dict[Key, Decimal]] = []
        self._future: list[dict[Key, Decimal]] = []

    @property
    def items(self) -> list[Any]:
        """The items that are shared."""
        return list(dict.fromkeys(short for short, _line in self.source))

    @staticmethod
    def key(line: Any) -> Key:
        """What names a share."""
        return line.line_id, line.item_id

    def take(self, found: Sequence[Any], *, fair: bool) -> None:
        """Show these items, each with its proposal."""
        self.source = [(short, line) for short in found for line in short.lines]
        self.shares = {}
        for short in found:
            for line, share in zip(short.lines, short.proposed(fair=fair), strict=True):
                self.shares[self.key(line)] = share

    def given(self, short: Any) -> Decimal:
        """How much of an item is given away."""
        return sum((self.shares[self.key(line)] for line in short.lines), ZERO)

    def days(self, short: Any) -> dict[Key, tuple[date | None, date | None]]:
        """When each line of an item has its goods: as it is now, and as shared here."""
        now = short.expected([ZERO] * len(short.lines))
        then = short.expected([self.shares[self.key(line)] for line in short.lines])
        return {self.key(line): told for line, *told in zip(short.lines, now, then, strict=True)}  # type: ignore[misc]

    def late(self) -> tuple[int, int]:
        """How many lines are late as it is, and as shared."""
        before = after = 0
        for short in self.items:
            days = self.days(short)
            for line in short.lines:
                now, then = days[self.key(line)]
                before += is_late(line.promised_on, now)
                after += is_late(line.promised_on, then)
        return before, after

    def lines(self) -> Sequence[Mapping[str, str]]:
        days = {key: told for short in self.items for key, told in self.days(short).items()}
        rows = []
        for short, line in self.source:
            now, then = days[self.key(line)]
            share = self.shares[self.key(line)]
            rows.append(
                {
                    "order": line.number,
                    "item": short.code,
                    "customer": line.customer,
                    "promised": short_day(line.promised_on, self.today),
                    "waits": quantity(line.waiting),
                    "share": quantity(share) if share else "-",
                    "before": day_word(now, self.today, late=is_late(line.promised_on, now)),
                    "after": day_word(then, self.today, late=is_late(line.promised_on, then)),
                }
            )
        return rows

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        short, line = self.source[row]
        mine = self.shares[self.key(line)]
        left = short.free - self.given(short) + mine
        try:
            typed = text.strip()
            if typed == "=":
                value = max(ZERO, min(line.waiting, left))
            else:
                value = ZERO if typed in ("", "-") else entry.places(entry.number(typed), 6)
            if not ZERO <= value <= line.waiting:
                raise OverQuantityError(
                    N_("{order} waits for {left}, {part} was to be reserved."),
                    order=line.number,
                    left=line.waiting,
                    part=value,
                )
            if value > left:
                raise OverQuantityError(
                    N_("Only {left} of {item} is left to be given; take it from another line first."),
                    left=quantity(left),
                    item=short.code,
                )
        except TradeError as error:
            return Taken("err", _("Line {n}: {why}").format(n=row + 1, why=error.said(_)))
        self._remember()
        self.shares[self.key(line)] = value
        return Taken(go="line")

    def toggle(self, row: int) -> None:
        """Give nothing, or all there is left up to what the line waits for."""
        short, line = self.source[row]
        self._remember()
        mine = self.shares[self.key(line)]
        left = short.free - self.given(short) + mine
        self.shares[self.key(line)] = ZERO if mine else max(ZERO, min(line.waiting, left))

    def _remember(self) -> None:
        self._past.append(dict(self.shares))
        self._future.clear()

    def _swap(self, source: list[dict[Key, Decimal]], target: list[dict[Key, Decimal]]) -> bool:
        if not source:
            return False
        target.append(self.shares)
        self.shares = source.pop()
        return True

    def undo(self) -> bool:
        return self._swap(self._past, self._future)

    def redo(self) -> bool:
        return self._swap(self._future, self._past)


class ShareScreen(SheetScreen):
    """Who waits for an item (or for the items of a receipt), what each is given, and what that does to the promises."""

    PLACE = N_("SHARE STOCK")
    ABOUT = N_(
        "Each line that waits, in its turn: priority, promised day, order. Gives is a proposal; type another figure (- nothing,\n= all that is left), Space takes or leaves a line. Was and Will be say when its goods are there without and with it;\n! is late, ? nobody knows. F9 shares fairly or in turn. F8 shows what is reserved, Enter does it."
    )
    MENU = (
        ("fairly", N_("Share fairly: each the same part of what it lacks")),
        ("in_turn", N_("Share in turn: who stands first gets all")),
        ("buy", N_("Buy what back-orders lack")),
    )

    def __init__(
        self, item_ids: Sequence[int] = (), *, warehouse_id: int | None = None, receipt_id: int = 0, fair: bool = True
    ) -> None:
        super().__init__()
        self.item_ids, self.warehouse_id, self.receipt_id, self.fair = list(item_ids), warehouse_id, receipt_id, fair
        self.model: _Shares | None = None
        self.told = [Told() for _n in range(2)]

    def content(self) -> ComposeResult:
        self.model = _Shares(self.desk.today())
        columns = [
            CellSpec("order", N_("Order"), width=10, fixed=True),
            CellSpec("item", N_("Item"), width=9, fixed=True),
            CellSpec("customer", N_("Customer"), width=8, share=1, fixed=True),
            CellSpec("promised", N_("Promised"), width=8, fixed=True),
            CellSpec("waits", N_("Waits"), width=7, right=True, fixed=True),
            CellSpec("share", N_("Gives"), width=7, right=True),
            CellSpec("before", N_("Was"), width=6, fixed=True),
            CellSpec("after", N_("Will be"), width=7, fixed=True),
        ]
        self.sheet = PickSheet(self.model, (), columns, grows=False, moved=self._tell)
        yield self.sheet
        yield from self.told

    @property
    def shares(self) -> _Shares:
        """What is given."""
        assert self.model is not None
        return self.model

    def on_mount(self) -> None:
        super().on_mount()
        self.entry.focus()
        self.load()

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask who waits, and propose."""
        from o2c_tui.queries.sharing import short_items, waits_for_receipt

        today = self.desk.today()
        asked = (
            self.desk.read(waits_for_receipt, self.receipt_id, today=today)
            if self.receipt_id
            else self.desk.read(short_items, today=today, item_ids=self.item_ids, warehouse_id=self.warehouse_id)
        )
        found = await self.attempt(asked)
        if found is None:
            return
        self.shares.take(found, fair=self.fair)
        self.entry.reload()
        self.entry.to_lines()
        self.entry.reload()
        if not self.shares.source:
            self.hint(_("Nobody waits for it."))
        elif not any(short.free > ZERO for short in found):
            self.hint(_("Nothing of it is free. F9 buys what back-orders lack."))
        else:
            self.hint(_("F8 reserves; figures change a share; Space takes or leaves a line."))
        self._say()
        self._tell(self.entry.line)
        self.refresh_keys()

    def _say(self) -> None:
        model = self.shares
        way = _("shared fairly") if self.fair else _("shared in turn")
        self.title_line.set(detail=way)
        before, after = model.late()
        told = "   ".join(
            _("{item}: {given} of {free} given").format(
                item=short.code, given=quantity(model.given(short)), free=quantity(short.free)
            )
            for short in model.items[:3]
        )
        self.totals.set(told, _("late lines: {n}, before {m}").format(n=after, m=before))

    def _tell(self, line: int) -> None:
        """The item of the line under the cursor, and what comes of it."""
        model = self.shares
        if not 0 <= line < len(model.source):
            for widget in self.told:
                widget.tell("", "")
            return
        short, waits = model.source[line]
        today = self.desk.today()
        coming = ", ".join(f"{quantity(n)} {short_day(on, today)}" for on, n in short.supply[1:5]) or "-"
        words = _("{name}   free {free} {unit} in {place}   coming {coming}").format(
            name=short.name, free=quantity(short.free), unit=short.unit, place=short.warehouse, coming=coming
        )
        self.told[0].tell(short.code, words)
        now, then = model.days(short)[model.key(waits)]
        arrow = self.o2c.glyphs.arrow
        late = is_late(waits.promised_on, then)
        effect = f"{day_word(now, today)} {arrow} {day_word(then, today)}"
        promise = _("promised {day}").format(day=short_day(waits.promised_on, today)) if waits.promised_on else ""
        self.told[1].tell(
            waits.number,
            "   ".join(part for part in (waits.customer, promise, effect, _("LATE") if late else "") if part),
            "bad" if late else "text",
        )

    # -- keys --------------------------------------------------------------------------------------------------------

    def on_entry_sheet_took(self, event: EntrySheet.Took) -> None:
        self._say()
        self._tell(self.entry.line)

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("F8 = {step}").format(step=_("Reserve")))

    def key_label(self, action: str) -> str | None:
        return {"next_step": _("Reserve"), "find": _("Order")}.get(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without anybody who waits there is nothing to share."""
        if action in ("edit", "next_step", "find", "fairly", "in_turn"):
            return self.model is not None and bool(self.model.source)
        return super().check_action(action, parameters)

    def action_reload(self) -> None:
        """Ask again; the proposal anew."""
        self.load()

    def action_fairly(self) -> None:
        """Each the same part of what it lacks."""
        self.fair = True
        self.load()

    def action_in_turn(self) -> None:
        """Who stands first gets all it waits for."""
        self.fair = False
        self.load()

    def action_buy(self) -> None:
        """What back-orders lack, in the grid of proposals."""
        from o2c_tui.screens.reorder import ReorderScreen

        self.app.push_screen(ReorderScreen(back_orders=True))

    def action_find(self) -> None:
        """The order of the line."""
        if self.entry.take_all() and 0 <= self.entry.line < len(self.shares.source):
            order = self.shares.source[self.entry.line][1].order_id
            self.app.run_worker(self.o2c.show_document("order", order), group="read")

    def action_next_step(self) -> None:
        """Show what is reserved for whom; Enter does it."""
        if self.entry.take_all():
            self._preview()

    @work(group="read")
    async def _preview(self) -> None:
        from o2c_tui.services.sharing import share_goods

        model = self.shares
        by_place: dict[str, dict[str, dict[int, Decimal]]] = {}
        for short, line in model.source:
            share = model.shares[model.key(line)]
            if share:
                by_place.setdefault(short.warehouse, {}).setdefault(short.code, {})[line.line_id] = share
        if len(by_place) > 1:
            self.err(_("Share one warehouse at a time: take the lines of the others out with Space."))
            return
        place, shares = next(iter(by_place.items()), ("", {}))
        try:
            found = await self.desk.preview(share_goods, shares, warehouse=place)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        lines = _told(found, self._rows() if found.refusal is None else [], self.o2c.glyphs.cut)

        saying = new_key()

        def go(yes: bool | None) -> None:
            if yes:
                self._do(shares, place, found.codes, saying)

        heading = _("NEXT STEP   Reservation for those who wait")
        await self.app.push_screen(Confirm(heading, lines, does=N_("reserve it"), possible=found.refusal is None), go)

    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        model, today, arrow = self.shares, self.desk.today(), self.o2c.glyphs.arrow
        rows = []
        for short, line in model.source:
            share = model.shares[model.key(line)]
            if share:
                now, then = model.days(short)[model.key(line)]
                effect = f"{day_word(now, today)} {arrow} {day_word(then, today, late=is_late(line.promised_on, then))}"
                rows.append((line.number, line.customer, short.code, quantity(share), effect))
        return rows

    @work(group="write")
    async def _do(
        self, shares: Mapping[str, Mapping[int, Decimal]], place: str, codes: frozenset[str], saying: str
    ) -> None:
        from o2c_tui.services.sharing import share_goods

        done = await self.attempt(self.desk.write(share_goods, shares, warehouse=place, accepted=codes, key=saying))
        if done is None:
            return
        orders = ", ".join(dict.fromkeys(share.number for share in done))
        said = _("Reserved for {orders}.").format(orders=orders)
        below = self.app.screen_stack[-2]
        self.dismiss(None)
        getattr(below, "ok", lambda text: None)(said)


def _told(found: Any, rows: Sequence[tuple[str, str, str, str, str]], cut: str) -> list[Line]:
    """The lines of the preview: who gets how much of what, and when all its goods are there before and after."""
    lines: list[Line] = []
    if found.refusal is not None:
        lines.append((f"{led('Checks')}{found.refusal.said(_)}", "bad"))
    lines += [(f"{led('Checks')}{notice.said(_)}", "bad") for notice in found.warnings]
    if rows:
        lines.append((f"{led('Makes')}{_('reservations: {n}; nothing is booked').format(n=len(rows))}", "strong"))
    for number, customer, item, share, effect in rows:
        lines.append(
            f"    {fit(number, 12)}{fit(customer, 22, cut=cut)} {fit(item, 12)}{fit(share, 9, right=True)}   {effect}"
        )
    return lines


async def share_receipt(screen: DeskScreen, document: Any) -> None:
    """The grid over the goods of a receipt."""
    await screen.app.push_screen(ShareScreen(receipt_id=document.id, fair=True))


async def serve_receipt(screen: DeskScreen, document: Any) -> None:
    """Who waits for the goods of a receipt and what each gets in turn; Enter reserves it."""
    from o2c_tui.queries.sharing import waits_for_receipt

    async def shown(said: str) -> None:
        await screen.o2c.show_document("receipt", document.id, replace=screen.app.screen is screen, said=said)

    asked = screen.desk.read(waits_for_receipt, document.id, today=screen.desk.today())
    await _serve(screen, await screen.attempt(asked), {"receipt_id": document.id}, shown)


async def serve_warehouse(screen: DeskScreen, warehouse_id: int, code: str) -> None:
    """Who waits in a warehouse and what each gets in turn of all that is free there; Enter reserves it."""
    from o2c_tui.queries.sharing import short_items

    async def shown(said: str) -> None:
        screen.ok(said)
        getattr(screen, "load", lambda: None)()

    asked = screen.desk.read(short_items, today=screen.desk.today(), warehouse_id=warehouse_id)
    await _serve(screen, await screen.attempt(asked), {"warehouse": code}, shown)


async def _serve(
    screen: DeskScreen, waits: Sequence[Any] | None, words: dict[str, Any], shown: Callable[[str], Awaitable[None]]
) -> None:
    from o2c_tui.services.sharing import reserve_for_waiting

    today = screen.desk.today()
    found = await screen.attempt(screen.desk.preview(reserve_for_waiting, **words))
    if found is None or waits is None:
        return
    rows = []
    for short in waits:
        shares = short.proposed(fair=False)
        now, then = short.expected([ZERO] * len(shares)), short.expected(shares)
        for line, share, before, after in zip(short.lines, shares, now, then, strict=True):
            if share:
                late = is_late(line.promised_on, after)
                effect = f"{day_word(before, today)} {screen.o2c.glyphs.arrow} {day_word(after, today, late=late)}"
                rows.append((line.number, line.customer, short.code, quantity(share), effect))
    lines = _told(found, rows if found.refusal is None else [], screen.o2c.glyphs.cut)

    saying = new_key()

    async def do() -> None:
        done = await screen.attempt(screen.desk.write(reserve_for_waiting, accepted=found.codes, key=saying, **words))
        if done is not None:
            await shown(_("Reserved for {orders}.").format(orders=", ".join(done)))

    def go(yes: bool | None) -> None:
        if yes:
            screen.app.run_worker(do(), group="write")

    heading = _("NEXT STEP   Reservation for those who wait")
    await screen.app.push_screen(Confirm(heading, lines, does=N_("reserve it"), possible=found.refusal is None), go)
