"""What our screens share: the desk at hand, refusals said in the message line, figures and dates shown alike."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual.worker import WorkerCancelled

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.money import round_to, show_money, show_quantity
from o2c_tui.safe_text import fit
from o2c_tui.texts import N_, _
from o2c_tui.widgets.frame import FramedScreen
from o2c_tui.widgets.keys import GO_TO

if TYPE_CHECKING:
    from o2c_tui.app import O2c
    from o2c_tui.screens.asking import Asked
    from o2c_tui.screens.desk import Desk

T = TypeVar("T")

STATUS = {  # stored state → the short word of a list, the same in every list
    "draft": N_("DRAFT"),
    "sent": N_("OPEN"),
    "accepted": N_("ACCEPTED"),
    "declined": N_("NO"),
    "superseded": N_("OLD"),
    "confirmed": N_("OPEN"),
    "on_hold": N_("HOLD"),
    "closed": N_("CLOSED"),
    "cancelled": N_("VOID"),
    "picked": N_("PICKED"),
    "packed": N_("PACKED"),
    "dispatched": N_("SENT"),
    "counting": N_("COUNTING"),
    "shipped": N_("SHIPPED"),
    "received": N_("RECEIVED"),
    "posted": N_("POSTED"),
}


def money(value: Decimal | None, digits: int = 2) -> str:
    """An amount; a dash for nothing."""
    return "-" if not value else show_money(value, digits)


def amount(value: Decimal, digits: int = 2) -> str:
    """An amount, nought too."""
    return show_money(value, digits)


def tax_words(groups: Sequence[Any], tax: Decimal, cash_difference: Decimal, digits: int) -> str:
    """The tax of a document in its totals: by tax where there are several, and what cash rounding adds."""
    told = amount(tax, digits)
    if len([group for group in groups if group.tax]) > 1:
        told += " (" + ", ".join(f"{group.code} {amount(group.tax, digits)}" for group in groups if group.tax) + ")"
    if cash_difference:
        told += "   " + _("Cash rounding {amount}").format(amount=amount(cash_difference, digits))
    return told


def amount_in(value: Decimal, currency: str, own: str, digits: int = 2) -> str:
    """An amount; in another currency than the company's own (`own`) with its code before it, so that figures still stand
    on the point: a sign alone (¥, $) would not say which it is."""
    if currency in ("", own) or not own:
        return amount(value, digits)
    from o2c_tui.money import digits_of

    return f"{currency} {amount(value, digits_of(currency))}"


def money_of(value: Decimal | None, currency: str, own: str, digits: int, width: int) -> str:
    """A figure of a list, a dash for nothing; in another currency than the company's with its code, and without cents
    where it would be cut."""
    if not value or currency in ("", own) or not own:
        return money(value, digits)
    from o2c_tui.money import digits_of

    return f"{currency} {money_within(value, digits_of(currency), width - len(currency) - 1)}"


def price(value: Decimal | None, digits: int = 2) -> str:
    """A unit price: at least the decimals of the currency, so that prices in a column stand on the point."""
    if value is None:
        return ""
    return show_money(value, max(digits, -int(value.normalize().as_tuple().exponent)))


def money_within(value: Decimal, digits: int, width: int) -> str:
    """An amount that fits in `width` cells: without cents, or in thousands, rather than cut."""
    for text in (money(value, digits), money(round_to(value, 0), 0)):
        if len(text) <= width:
            return text
    return f"{round_to(value / 1000, 0):,f}k"


def quantity(value: Decimal | None) -> str:
    """A quantity without trailing zeros."""
    return "" if value is None else show_quantity(value)


def led(label: str) -> str:
    """The label before a sentence of a preview (Makes, Changes, Checks): ten cells, so that sentences stand in line."""
    return fit(_(label), 10)


def short_day(day: date | None, today: date) -> str:
    """A date as lists show it: without the year while it is this year's."""
    if day is None:
        return ""
    return f"{day:%m-%d}" if day.year == today.year else f"{day:%y-%m-%d}"


def new_key() -> str:
    """A key for one step: however often it is said, by a double Enter or again after trouble, it is done once."""
    return secrets.token_hex(12)


class DeskScreen(FramedScreen[Any]):
    """A screen at the desk."""

    NAMES_COMPANY = False  # also in a narrow window, where the title has little room
    may_stop = False  # work of several steps is under way: Esc stops it after the present one
    IS_LIVE: ClassVar[bool] = False  # what other clerks change is shown while it is open (`renew`)

    async def in_steps(self, work: Callable[[Callable[[int, int], bool]], Any], words: str) -> Any:
        """Do work of several steps beside the screen; Esc stops it after the present one. None where it was refused.

        `work` is called in a thread with a function that it tells how many of how many are done, and that says whether
        it may go on; `words` stand on the screen meanwhile.
        """
        import asyncio

        def going_on(done: int, of: int) -> bool:
            if done:
                self.app.call_from_thread(self.busy, _("{n} of {of}  Esc stops after this one").format(n=done, of=of))
            return self.may_stop

        self.busy(words)
        self.may_stop = True
        try:
            return await asyncio.to_thread(work, going_on)
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return None
        finally:
            self.may_stop = False

    @property
    def desk(self) -> "Desk":
        """The books, the person and the day."""
        return cast("O2c", self.app).desk

    @property
    def o2c(self) -> "O2c":
        """The app, as our screens know it."""
        return cast("O2c", self.app)

    @property
    def digits(self) -> int:
        """The digits of the company's currency."""
        return self.desk.facts.digits if self.desk.facts else 2

    @property
    def own_currency(self) -> str:
        """The company's currency."""
        return self.desk.facts.currency if self.desk.facts is not None else ""

    def sum_of(self, value: Decimal) -> str:
        """A sum in the company's currency, named where the books know others."""
        told = amount(value, self.digits)
        return f"{self.own_currency} {told}" if self.desk.facts is not None and self.desk.facts.has_rates else told

    def figure_in(self, value: Decimal, currency: str = "") -> str:
        """An amount; in another currency than the company's with its code."""
        return amount_in(value, currency, self.own_currency, self.digits)

    def on_mount(self) -> None:
        self.name_who()

    def name_who(self) -> None:
        """Say in row 1 whose books these are and who sits here."""
        facts = self.desk.facts
        if facts is not None:
            name = facts.company if self.NAMES_COMPANY or self.app.size.width >= 100 else ""
            company = f"DEMO  {name}".rstrip() if facts.is_demo else name
            self.title_line.set(right=f"{company}  {facts.person}".strip())

    async def renew(self) -> bool:
        """Read again what is shown and draw what differs: no cursor moves, no message goes. False: try again later.

        Raises:
            TradeError, TroubleError: it cannot be read; what is shown stays.
        """
        raise NotImplementedError  # each live screen has its own

    def just_read(self) -> None:
        """What is shown has just been read."""
        self.title_line.set(changed=False)

    async def read_newest(self) -> None:
        """Read after a write what is shown (`load`), and wait for it; an answer that was asked for before is dropped."""
        load = getattr(self, "load", None)
        if load is not None:
            with suppress(WorkerCancelled):  # a newer reading took its place
                await load().wait()

    async def attempt(self, doing: Awaitable[T]) -> T | None:
        """Await a verb or a question; a refusal or trouble is said, and None given."""
        try:
            return await doing
        except (TradeError, TroubleError) as error:
            self.err(error.said(_))
            return None

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.desk.facts is not None and self.o2c.live.listener is None:
            self.app.run_worker(self.o2c.live.open(), group="live")

    def action_goto(self) -> None:
        """The command line: a place, a document, a customer, an item."""
        from o2c_tui.screens.command import CommandLine

        self.app.run_worker(self.attempt(self.desk.ready()))  # what is typed next is looked up by the mapper
        self.app.push_screen(CommandLine())

    def action_search(self) -> None:
        """Find anything."""
        self.action_goto()

    def asked(self) -> "Sequence[Asked]":
        """What F4 can tell of what the cursor stands on, the likeliest first; see `screens/asking.py`."""
        from o2c_tui.screens.asking import of_sheet
        from o2c_tui.widgets.entry import EntrySheet

        return of_sheet(self.focused) if isinstance(self.focused, EntrySheet) else []

    def action_find(self) -> None:
        """Why a figure is what it is, the card of a code, the drop-down of a code that is missing; else find anything."""
        from o2c_tui.screens.asking import look_up
        from o2c_tui.widgets.entry import EntrySheet

        asked = self.asked()
        if asked:
            look_up(self, asked)
        elif not (isinstance(self.focused, EntrySheet) and self.focused.look_up()):
            self.action_goto()

    def menu(self) -> list[tuple[str, str]]:
        """The places one can go to stand at the end, as `g` and a letter reach them."""
        return [*super().menu(), ("places", _("Go to a place"))] if self.can("goto") else super().menu()

    def action_places(self) -> None:
        """The places by number: letters are not needed, nor are they there under an input method."""
        from o2c_tui.widgets.confirm import Menu

        places = [(place, f"{letter}  {_(name)}") for letter, (place, name) in GO_TO.items()]
        app = self.o2c

        def take(number: int | None) -> None:
            if number is not None:
                app.call_next(app.go_to, places[number][0])

        app.push_screen(Menu(_("Go to a place"), [words for _place, words in places]), take)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to find before the books are open."""
        if action in ("goto", "find", "search") and self.desk.facts is None:
            return False
        return super().check_action(action, parameters)

    def say_refusal(self, error: TradeError | TroubleError) -> None:
        """Say a refusal in the message line."""
        self.err(error.said(_))
