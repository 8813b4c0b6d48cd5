"""What our screens share: the desk at hand, refusals said in the message line, figures and dates shown alike."""

from collections.abc import Awaitable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.money import show_money, show_quantity
from o2c_tui.texts import N_, _
from o2c_tui.widgets.frame import FramedScreen

if TYPE_CHECKING:
    from o2c_tui.app import O2c
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


def quantity(value: Decimal | None) -> str:
    """A quantity without trailing zeros."""
    return "" if value is None else show_quantity(value)


def short_day(day: date | None, today: date) -> str:
    """A date as lists show it: without the year while it is this year's."""
    if day is None:
        return ""
    return f"{day:%m-%d}" if day.year == today.year else f"{day:%y-%m-%d}"


class DeskScreen(FramedScreen[Any]):
    """A screen at the desk."""

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

    def on_mount(self) -> None:
        self.name_who()

    def name_who(self) -> None:
        """Say in row 1 whose books these are and who sits here."""
        facts = self.desk.facts
        if facts is not None:
            company = f"DEMO  {facts.company}" if facts.is_demo else facts.company
            self.title_line.set(right=f"{company}  {facts.person}")

    async def attempt(self, doing: Awaitable[T]) -> T | None:
        """Await a verb or a question; a refusal or trouble is said, and None given."""
        try:
            return await doing
        except (TradeError, TroubleError) as error:
            self.err(error.said(_))
            return None

    def say_refusal(self, error: TradeError | TroubleError) -> None:
        """Say a refusal in the message line."""
        self.err(error.said(_))
