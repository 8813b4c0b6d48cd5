"""How far an order line, an order and a delivery have come: the same sums for the verbs and for verify.

Rule: docs/rules/orders.md, "Three axes".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from o2c_tui.money import Rounding, round_to

ZERO = Decimal(0)


@dataclass(frozen=True)
class LineLedger:
    """What became of one order line; quantities in its unit, amounts in the order's currency."""

    quantity: Decimal
    cancelled: Decimal
    shipped: Decimal
    returned: Decimal
    invoiced: Decimal
    credited: Decimal
    gross: Decimal

    @property
    def to_ship(self) -> Decimal:
        """Still to be delivered; what came back is not sent again by itself."""
        return max(ZERO, self.quantity - self.cancelled - self.shipped)

    def billable(self, *, as_delivered: bool) -> Decimal:
        """What may be invoiced now, by the order's policy."""
        due = self.shipped if as_delivered else self.quantity - self.cancelled
        return max(ZERO, due - self.returned - self.invoiced + self.credited)

    @property
    def unbilled(self) -> Decimal:
        """What will be invoiced once all is delivered."""
        return max(ZERO, self.quantity - self.cancelled - self.returned - self.invoiced + self.credited)


def progress(parts: Iterable[tuple[Decimal, Decimal]]) -> str:
    """none, partly or fully, of (done, wanted) pairs; one line's surplus does not hide another's lack."""
    done = wanted = ZERO
    for part, whole in parts:
        done += min(part, whole)
        wanted += whole
    if done >= wanted:
        return "fully"
    return "partly" if done > ZERO else "none"


def ledger_of(line: Mapping[str, Any]) -> LineLedger:
    """An order line, as its row stands in the books, as the sums of progress take it."""
    return LineLedger(
        line["quantity"],
        line["cancelled"],
        line["shipped"],
        line["returned"],
        line["invoiced"],
        line["credited"],
        line["net"] + line["tax"],
    )


@dataclass(frozen=True)
class OrderProgress:
    """The derived axes of an order, and what it still adds to the customer's exposure."""

    delivery: str
    billing: str
    uninvoiced: Decimal


def order_progress(lines: Sequence[LineLedger], *, billable: bool, digits: int) -> OrderProgress:
    """Axes from the lines. `billable` is whether the order is confirmed, on hold or closed; only then does it add exposure.

    A closed order's rest is cancelled, so it adds what was delivered and is not invoiced yet.
    """
    delivery = progress((line.shipped, line.quantity - line.cancelled) for line in lines)
    billing = progress(
        (line.invoiced - line.credited, max(ZERO, line.quantity - line.cancelled - line.returned)) for line in lines
    )
    if all(line.quantity == line.cancelled for line in lines):
        delivery = billing = "none"
    uninvoiced = ZERO
    if billable:
        for line in lines:
            if line.unbilled and line.quantity:
                uninvoiced += round_to(line.gross * line.unbilled / line.quantity, digits, Rounding.HALF_UP)
    return OrderProgress(delivery, billing, uninvoiced)
