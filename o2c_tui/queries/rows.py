"""The rows of lists: plain values, known without the database layer, so that the first list can be shown before it is loaded.

`KINDS` says how each column's stored value is read: "a" an amount, "q" a quantity or price, "d" a date, "b" a yes or
no, "m" a moment, a blank as it is.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple


class QuotationRow(NamedTuple):
    """One quotation in a list."""

    id: int
    number: str | None
    revision: int
    customer: str
    customer_code: str
    quoted_on: date
    valid_until: date
    gross: Decimal
    currency: str
    state: str
    ordered: str
    by: str


class OrderRow(NamedTuple):
    """One sales order in a list."""

    id: int
    number: str | None
    customer: str
    customer_code: str
    reference: str
    ordered_on: date
    promised_on: date | None
    gross: Decimal
    currency: str
    state: str
    delivery: str
    billing: str
    by: str


class DeliveryRow(NamedTuple):
    """One delivery in a list."""

    id: int
    number: str | None
    customer: str
    customer_code: str
    order_number: str
    order_id: int
    shipped_on: date
    warehouse: str
    state: str
    billing: str
    returned: str
    by: str


class InvoiceRow(NamedTuple):
    """One invoice or credit note in a list; `open` is negative on a credit note with credit left."""

    id: int
    number: str | None
    kind: str
    customer: str
    customer_code: str
    invoiced_on: date
    due_on: date | None
    gross: Decimal
    open: Decimal
    currency: str
    state: str
    by: str


class PaymentRow(NamedTuple):
    """One payment in a list; a reversal is negative."""

    id: int
    number: str | None
    customer: str
    customer_code: str
    received_on: date
    amount: Decimal
    unapplied: Decimal
    currency: str
    reference: str
    state: str
    reversed_by: int | None
    reverses_id: int | None
    by: str


class SettlementRow(NamedTuple):
    """One adjustment of a customer's account in a list; what raises the debt is negative."""

    id: int
    number: str | None
    customer: str
    customer_code: str
    adjusted_on: date
    kind: str
    invoice: str | None
    amount: Decimal
    tax: Decimal
    open: Decimal
    state: str
    reversed_by: int | None
    reverses_id: int | None
    by: str
    currency: str


class ReceiptRow(NamedTuple):
    """One goods receipt in a list."""

    id: int
    number: str | None
    kind: str
    supplier: str | None
    received_on: date
    warehouse: str
    value: Decimal
    state: str
    billing: str
    by: str


class PurchaseRow(NamedTuple):
    """One purchase order in a list; `net` in its currency."""

    id: int
    number: str | None
    supplier: str
    supplier_code: str
    reference: str
    ordered_on: date
    expected_on: date | None
    warehouse: str
    net: Decimal
    currency: str
    state: str
    receipt: str
    billing: str
    by: str


class BillRow(NamedTuple):
    """One supplier's bill or credit in a list."""

    id: int
    number: str | None
    kind: str
    supplier: str
    supplier_code: str
    supplier_number: str
    billed_on: date
    due_on: date
    gross: Decimal
    currency: str
    state: str
    by: str


class TransferRow(NamedTuple):
    """One transfer in a list."""

    id: int
    number: str | None
    source: str
    target: str
    dispatched_on: date
    expected_on: date | None
    value: Decimal
    state: str
    arrival: str
    by: str


class AdjustmentRow(NamedTuple):
    """One stock adjustment in a list; `value` gained, lost is negative."""

    id: int
    number: str | None
    warehouse: str
    adjusted_on: date
    reason: str
    note: str
    value: Decimal
    state: str
    by: str


class StocktakeRow(NamedTuple):
    """One count in a list; `value` of its differences."""

    id: int
    number: str | None
    warehouse: str
    started_on: date
    counted_on: date | None
    note: str
    value: Decimal
    state: str
    by: str


class LocationRow(NamedTuple):
    """One bin in a list."""

    id: int
    code: str
    name: str
    warehouse: str
    pick_order: int
    items: int
    active: bool


class WarehouseRow(NamedTuple):
    """One warehouse in a list."""

    id: int
    code: str
    name: str
    kind: str
    bins: int
    items: int
    active: bool


class TermRow(NamedTuple):
    """One payment term in a list; `parts` as they are stored, JSON."""

    id: int
    code: str
    name: str
    parts: str
    active: bool


class TaxCodeRow(NamedTuple):
    """One tax code in a list, with its newest rate; `parts` as they are stored, JSON, of one that stands for several."""

    id: int
    code: str
    name: str
    kind: str
    rate: Decimal
    valid_on: date | None
    parts: str
    included: bool
    reason: str
    active: bool


class LotRow(NamedTuple):
    """One lot or serial number in a list; `expires_on` lies in 2999 where it never does."""

    id: int
    item: str
    name: str
    code: str
    expires_on: date
    quantity: Decimal
    unit: str
    item_id: int


class RateRow(NamedTuple):
    """What one unit of a currency is worth in the company's from a day on."""

    id: int
    currency: str
    valid_on: date
    rate: Decimal
    origin: str


class CustomerRow(NamedTuple):
    """One customer in a list; `owes` is open instalments less unapplied credit."""

    id: int
    code: str
    name: str
    owes: Decimal
    credit_mode: str
    credit_limit: Decimal
    term: str
    on_hold: bool
    active: bool


class ItemRow(NamedTuple):
    """One item in a list; stock over all warehouses."""

    id: int
    code: str
    name: str
    kind: str
    unit: str
    sale_price: Decimal
    on_hand: Decimal
    available: Decimal
    active: bool


class StockRow(NamedTuple):
    """One item in one warehouse."""

    id: int
    code: str
    name: str
    warehouse: str
    warehouse_id: int
    unit: str
    on_hand: Decimal
    reserved: Decimal
    available: Decimal
    reorder_point: Decimal


class AlertRow(NamedTuple):
    """One crossing of a reorder point; `available` is what is there now."""

    id: int
    code: str
    name: str
    warehouse: str
    raised_on: date
    projected: Decimal
    point: Decimal
    available: Decimal
    seen_on: date | None
    seen_by: str
    cleared_on: date | None
    item_id: int


class ReminderRow(NamedTuple):
    """One reminder; `email` empty: it was printed."""

    id: int
    number: str
    customer: str
    reminded_on: date
    level: int
    email: str
    currency: str
    total: Decimal
    fee: Decimal
    by: str


class MailRow(NamedTuple):
    """One mail of the outbox; `taken_at`: a sender has it in hand, or died with it in hand."""

    id: int
    made_at: datetime
    to: str
    subject: str
    file_name: str
    state: str
    tries: int
    next_try_at: datetime | None
    taken_at: datetime | None
    trouble: str
    by: str


def _read(
    row: type, amounts: str = "", quantities: str = "", days: str = "", flags: str = "", moments: str = ""
) -> str:
    letters = {**dict.fromkeys(amounts.split(), "a"), **dict.fromkeys(quantities.split(), "q")}
    letters |= {**dict.fromkeys(days.split(), "d"), **dict.fromkeys(flags.split(), "b")}
    letters |= dict.fromkeys(moments.split(), "m")
    return "".join(letters.get(name, " ") for name in row._fields)  # type: ignore[attr-defined]


KINDS: dict[type, str] = {
    QuotationRow: _read(QuotationRow, amounts="gross", days="quoted_on valid_until"),
    OrderRow: _read(OrderRow, amounts="gross", days="ordered_on promised_on"),
    DeliveryRow: _read(DeliveryRow, days="shipped_on"),
    InvoiceRow: _read(InvoiceRow, amounts="gross open", days="invoiced_on due_on"),
    PaymentRow: _read(PaymentRow, amounts="amount unapplied", days="received_on"),
    SettlementRow: _read(SettlementRow, amounts="amount tax open", days="adjusted_on"),
    ReceiptRow: _read(ReceiptRow, amounts="value", days="received_on"),
    PurchaseRow: _read(PurchaseRow, amounts="net", days="ordered_on expected_on"),
    BillRow: _read(BillRow, amounts="gross", days="billed_on due_on"),
    TransferRow: _read(TransferRow, amounts="value", days="dispatched_on expected_on"),
    AdjustmentRow: _read(AdjustmentRow, amounts="value", days="adjusted_on"),
    StocktakeRow: _read(StocktakeRow, amounts="value", days="started_on counted_on"),
    WarehouseRow: _read(WarehouseRow, flags="active"),
    TermRow: _read(TermRow, flags="active"),
    TaxCodeRow: _read(TaxCodeRow, quantities="rate", days="valid_on", flags="included active"),
    RateRow: _read(RateRow, quantities="rate", days="valid_on"),
    LotRow: _read(LotRow, quantities="quantity", days="expires_on"),
    LocationRow: _read(LocationRow, flags="active"),
    CustomerRow: _read(CustomerRow, amounts="owes credit_limit", flags="on_hold active"),
    ItemRow: _read(ItemRow, quantities="sale_price on_hand available", flags="active"),
    AlertRow: _read(AlertRow, quantities="projected point available", days="raised_on seen_on cleared_on"),
    ReminderRow: _read(ReminderRow, amounts="total fee", days="reminded_on"),
    MailRow: _read(MailRow, moments="made_at next_try_at taken_at"),
    StockRow: _read(StockRow, quantities="on_hand reserved available reorder_point"),
}

_READERS: dict[str, Callable[[Any], Any]] = {
    "a": lambda v: None if v is None else Decimal(int(v)).scaleb(-4),
    "q": lambda v: None if v is None else Decimal(int(v)).scaleb(-6),
    "d": lambda v: date.fromisoformat(v) if isinstance(v, str) else v,
    "b": bool,
    "m": lambda v: (
        None if v is None else datetime.fromtimestamp(v // 1_000_000, UTC).replace(microsecond=v % 1_000_000)
    ),
    " ": lambda v: v,
}

# kind of list → the row fields of its own order, and whether it runs down
ORDER: dict[str, tuple[tuple[str, ...], bool]] = {
    **dict.fromkeys(
        ("quotation", "order", "delivery", "invoice", "payment", "purchase", "receipt", "bill"), (("id",), True)
    ),
    **dict.fromkeys(("quotation", "order", "delivery", "invoice", "payment", "receipt"), (("id",), True)),
    **dict.fromkeys(("transfer", "adjustment", "stocktake", "alert", "receivable_adjustment"), (("id",), True)),
    **dict.fromkeys(("mail", "reminder"), (("id",), True)),
    "location": (("warehouse", "code"), False),
    "term": (("code",), False),
    "tax": (("code",), False),
    "rate": (("valid_on", "currency"), True),
    "warehouse": (("code",), False),
    "lot": (("item", "code"), False),
    **dict.fromkeys(("customer", "supplier", "item"), (("code",), False)),
    "stock": (("code", "warehouse"), False),
}


def key_of(kind: str, row: Any, sort: str = "") -> tuple[Any, ...]:
    """The sort key of a row, as `page` takes it for `after` and `before`."""
    own, _down = ORDER[kind]
    return tuple(getattr(row, name) for name in ((sort, *own) if sort and sort not in own else own))


def read_values(kinds: str, values: Sequence[Any]) -> tuple[Any, ...]:
    """Stored values as they are read, one letter of `kinds` each."""
    return tuple(_READERS[kind](value) for kind, value in zip(kinds, values, strict=True))


def from_stored(row: type, values: tuple[Any, ...]) -> Any:
    """A row from what the bare driver gives."""
    return row(*read_values(KINDS[row], values))
