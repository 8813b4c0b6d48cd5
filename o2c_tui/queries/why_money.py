"""Why an amount is what it is: prices, taxes, what is open and overdue, a customer's exposure, cost and margin.

Amounts in the document's (or the company's) currency. Rule: docs/rules/why.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from o2c_tui.errors import NotFoundError
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.delivery import CustomerReturn, CustomerReturnLine, Delivery, DeliveryLine
from o2c_tui.models.invoice import Invoice, InvoiceKind, InvoiceLine
from o2c_tui.models.item import Item
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import CREDIT_WORDS, CreditMode, Party
from o2c_tui.models.purchase import CostShare, PurchaseOrder, PurchaseOrderLine, SupplierBill, SupplierBillLine
from o2c_tui.models.quotation import Quotation, QuotationLine
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine
from o2c_tui.models.receivable import Allocation, Payment, ReceivableItem
from o2c_tui.models.receivable_adjustment import ReceivableAdjustment
from o2c_tui.models.stock import Consumption, CostLayer, CostVariance, MoveKind, StockMove
from o2c_tui.money import Rounding, round_to
from o2c_tui.queries.exchange import in_company
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.lookups import items_by_code, the_company, units_of
from o2c_tui.queries.margin import order_margins
from o2c_tui.queries.receivables import OpenLine, open_lines
from o2c_tui.queries.why_parts import ZERO, Part, Said, Subject, Why, says
from o2c_tui.rules.deposits import still_coming
from o2c_tui.rules.exchange import Currency
from o2c_tui.rules.progress import ledger_of
from o2c_tui.rules.tax import TaxRounding
from o2c_tui.rules.tax_parts import TaxShare, groups_of, read_parts
from o2c_tui.storage.rows import rows_of, table_of
from o2c_tui.texts import N_

HUNDRED = Decimal(100)
SIX = Decimal(1).scaleb(-6)
PRICED: dict[str, tuple[type[SQLModel], type[SQLModel], str]] = {
    "quotation": (Quotation, QuotationLine, "quotation_id"),
    "order": (SalesOrder, SalesOrderLine, "order_id"),
    "invoice": (Invoice, InvoiceLine, "invoice_id"),
}
_BOUGHT: dict[str, tuple[type[SQLModel], type[SQLModel], str, str, str]] = {  # …, worth of a line, the whole
    "purchase": (PurchaseOrder, PurchaseOrderLine, "order_id", "net", "net"),
    "receipt": (GoodsReceipt, GoodsReceiptLine, "receipt_id", "value", "value"),
    "bill": (SupplierBill, SupplierBillLine, "bill_id", "net", "gross"),
}
ITEM_WORDS = {
    "invoice": N_("invoice"),
    "credit_note": N_("credit note"),
    "deposit": N_("deposit invoice"),
    "payment": N_("payment"),
    "receivable_adjustment": N_("account adjustment"),
}
_SETTLED: dict[str, Any] = {
    "invoice": Invoice,
    "payment": Payment,
    "receivable_adjustment": ReceivableAdjustment,
}


def _record(session: Session, model: type[SQLModel], key: int) -> Any:
    record = session.get(model, key)
    if record is None:
        raise NotFoundError(N_("There is no document {number}."), number=key)
    return record


def _priced(session: Session, subject: Subject) -> tuple[Any, list[dict[str, Any]]]:
    model, line_model, parent = PRICED[subject.kind]
    return _record(session, model, subject.id), rows_of(session, line_model, parent, subject.id)


def _codes(session: Session, lines: Iterable[Any]) -> dict[int | None, str]:
    keys = sorted({line["item_id"] for line in lines if line["item_id"] is not None})
    return dict(session.execute(sa.select(col(Item.id), col(Item.code)).where(col(Item.id).in_(keys))).all())


# -- prices, totals, taxes -------------------------------------------------------------------------------------------


def price(session: Session, subject: Subject, today: date) -> Why:
    """The price of a line: what the item costs by its card, what somebody made of it, and where the line was copied from.

    Raises:
        NotFoundError: the document has no such line.
    """
    record, lines = _priced(session, subject)
    line = next((line for line in lines if line["position"] == subject.other), None)
    if line is None:
        raise NotFoundError(N_("{document} has no line {line}."), document=record.label, line=str(subject.other or "–"))
    first, origin = _origin(session, subject.kind, record, line)
    item = session.get(Item, line["item_id"]) if line["item_id"] is not None else None
    parts = []
    base = ZERO
    if item is not None:
        factor = Decimal(line["factor_num"] or 1) / Decimal(line["factor_den"] or 1)
        base = (item.sale_price * factor).quantize(SIX)
        note = says(N_("as its card says today, for one {unit}"), unit=line["unit"] or item.unit or "–")
        made = first["record"]
        if made.rate:
            own = the_company(session)
            base = Currency(made.currency, made.digits, made.rate, own.digits).price(base)
            note = _at_rate(item.sale_price * factor, own.currency, made.rate)
        parts.append(Part(N_("the item's price"), base, item.name, note, None, item.code, Subject("item", item.id)))
    difference = line["unit_price"] - base
    typed = first["line"]["price_source"] == "typed"
    if difference or typed:
        listed = first["line"]["price_source"]
        words = N_("typed by hand") if typed else N_("by its price list") if listed else N_("as it was then")
        note = says("{source}", source=listed) if listed else says(N_("the card has changed since"))
        if typed:
            note = says(N_("by {who}"), who=first["record"].by)
        parts.append(Part(words, difference, first["record"].label, note, first["on"], *first["opens"]))
    parts += origin
    for words, value in (
        (N_("discount, %"), line["discount_percent"]),
        (N_("discount"), line["discount_amount"]),
    ):
        if value:
            parts.append(Part(words, None, note=says("{value}", value=value)))
    net = says(
        N_("{quantity} × {price} is {net} net, after discounts."),
        quantity=line["quantity"],
        price=line["unit_price"],
        net=line["net"],
    )
    name = f"{record.label}/{line['position']}"
    return Why("price", name, line["unit_price"], tuple(parts), record.currency, record.digits, (net,))


def _at_rate(price: Decimal, own: str, rate: Decimal) -> Any:
    """The words of a price that was converted."""
    return says(
        N_("{price} {own} by its card, at the rate {rate}"), price=price.normalize(), own=own, rate=rate.normalize()
    )


def draft_price(
    session: Session,
    *,
    code: str,
    price: Decimal | None,
    unit: str = "",
    line: int,
    currency: Currency | None = None,
) -> Why:
    """The price of a line that is being typed: the item's, and what somebody made of it (None: nothing)."""
    company = the_company(session)
    facts = items_by_code(session, [code])[code.upper()]
    item = _record(session, Item, facts.id)
    base = item.sale_price
    if unit and unit != item.unit:
        told = units_of(session, [facts.id]).get(facts.id, {}).get(unit)
        base = (base * told.num / told.den).quantize(SIX) if told is not None else base
    note = says(N_("as its card says today, for one {unit}"), unit=unit or item.unit or "–")
    shown = Currency(company.currency, company.digits)
    if currency is not None and currency.is_foreign:
        note = _at_rate(base, company.currency, currency.rate)
        base, shown = currency.price(base), currency
    opens = Subject("item", item.id)
    parts = [Part(N_("the item's price"), base, item.name, note, None, item.code, opens)]
    if price is not None:
        parts.append(Part(N_("typed by hand"), price - base))
    whole = base if price is None else price
    return Why("price", f"{item.code}/{line}", whole, tuple(parts), shown.code, shown.digits)


def _origin(session: Session, kind: str, record: Any, line: dict[str, Any]) -> tuple[dict[str, Any], list[Part]]:
    """Where a line's price was made: the document of its chain from which on it did not change; and a row for each
    document before that the line was copied from."""
    days = {"quotation": "quoted_on", "order": "ordered_on", "invoice": "invoiced_on"}
    before = {
        "invoice": ("order", SalesOrderLine, "order_line_id"),
        "order": ("quotation", QuotationLine, "quotation_line_id"),
    }
    parts: list[Part] = []
    first, same = _made(kind, record, line, days[kind]), True
    while kind in before and line.get(before[kind][2]):
        kind, model, column = before[kind]
        source: Any = session.get(model, line[column])
        record = _record(session, PRICED[kind][0], getattr(source, PRICED[kind][2]))
        same = same and (source.unit_price, source.price_source) == (line["unit_price"], line["price_source"])
        line = source.model_dump()
        told = _made(kind, record, line, days[kind])
        if same:
            first = told
        parts.append(
            Part(
                N_("copied from"), None, "", says(N_("line {line}"), line=line["position"]), told["on"], *told["opens"]
            )
        )
    return first, parts


def _made(kind: str, record: Any, line: dict[str, Any], day: str) -> dict[str, Any]:
    return {
        "record": record,
        "line": line,
        "on": getattr(record, day),
        "opens": (record.label, Subject(kind, record.id)),
    }


def total(session: Session, subject: Subject, today: date) -> Why:
    """A document's total: the net of each line, with its share of the document's discount, and the tax of each rate."""
    if subject.kind in _BOUGHT:
        return bought_total(session, subject, today)
    record, lines = _priced(session, subject)
    codes = _codes(session, lines)
    parts = [
        Part(
            N_("line"),
            line["net"],
            line["description"],
            says(N_("{quantity} × {price}"), quantity=line["quantity"], price=line["unit_price"]),
            number=codes.get(line["item_id"], ""),
            opens=Subject(subject.kind, subject.id, line["position"]),
            figure="price",
        )
        for line in lines
    ]
    for group in groups_of(lines):
        if group.tax:
            told = _percent(group.code, group.rate)
            parts.append(Part(N_("tax"), group.tax, told, None, None, record.label, subject, "tax"))
    if record.cash_difference:
        parts.append(Part(N_("cash rounding"), record.cash_difference))
    notes: list[Said] = []
    if record.discount_percent or record.discount_amount:
        note = N_("The document's own discount ({percent} % and {amount}) is spread over the lines.")
        notes.append(says(note, percent=record.discount_percent, amount=record.discount_amount))
    return Why("total", record.label, record.gross, tuple(parts), record.currency, record.digits, tuple(notes))


def bought_total(session: Session, subject: Subject, today: date) -> Why:
    """The total of a purchase order, goods receipt or supplier's bill: each line, and of a bill the tax of each rate.

    A purchase order is without tax; a receipt is worth what it came in for, in the company's currency.
    """
    model, line_model, parent, worth, whole = _BOUGHT[subject.kind]
    record, lines = _record(session, model, subject.id), rows_of(session, line_model, parent, subject.id)
    company = the_company(session)
    came = _receipts_of(session, lines) if subject.kind == "bill" else {}
    codes = _codes(session, lines) if subject.kind != "bill" else {}
    parts = []
    for line in lines:
        number, opens = codes.get(line.get("item_id"), ""), Subject("item", line.get("item_id") or 0)
        if subject.kind == "bill":
            number, receipt = came.get(line["receipt_line_id"], ("", 0))
            opens = Subject("receipt", receipt)
        note = says(
            N_("{quantity} × {price}"),
            quantity=line["quantity"],
            price=line["unit_cost"] if subject.kind == "receipt" else line["unit_price"],
        )
        is_goods = bool(opens.id)
        parts.append(
            Part(
                N_("line") if is_goods else N_("charge"),
                line[worth],
                line["description"],
                note if is_goods else None,
                number=number,
                opens=opens if is_goods else None,
            )
        )
    if subject.kind == "bill":
        for (code, rate), members in _by_rate(lines).items():
            taxed = sum((line["tax"] for line in members), ZERO)
            if taxed:
                parts.append(Part(N_("tax"), taxed, _percent(code, rate)))
    own = subject.kind == "receipt"
    return Why(
        "total",
        record.label,
        getattr(record, whole),
        tuple(parts),
        company.currency if own else record.currency,
        company.digits if own else record.digits,
    )


def _receipts_of(session: Session, lines: Sequence[dict[str, Any]]) -> dict[int, tuple[str, int]]:
    """Number and key of the goods receipt, by receipt line."""
    keys = sorted({line["receipt_line_id"] for line in lines if line["receipt_line_id"] is not None})
    query = (
        sa.select(col(GoodsReceiptLine.id), col(GoodsReceipt.number), col(GoodsReceipt.id))
        .join(GoodsReceipt, col(GoodsReceipt.id) == col(GoodsReceiptLine.receipt_id))
        .where(col(GoodsReceiptLine.id).in_(keys))
    )
    return {key: (number or "", receipt) for key, number, receipt in session.execute(query)}


def _by_rate(lines: Sequence[dict[str, Any]]) -> dict[tuple[str, Decimal], list[dict[str, Any]]]:
    groups: dict[tuple[str, Decimal], list[dict[str, Any]]] = {}
    for line in lines:
        groups.setdefault((line["tax_code"], line["tax_rate"]), []).append(line)
    return groups


def _taxed(
    lines: Sequence[dict[str, Any]],
) -> Iterator[tuple[str, Decimal, Decimal, Decimal, list[dict[str, Any]]]]:
    """Each tax at each rate: what it was taken on, what it is, and the lines that bear it."""
    for group in groups_of(lines):
        members = [
            line
            for line in lines
            if any(
                (share.code, share.rate) == (group.code, group.rate)
                for share in read_parts(line["tax_parts"])
                or (TaxShare(line["tax_code"], line["tax_rate"], line["tax"]),)
            )
        ]
        yield group.code, group.rate, group.net, group.tax, members


def _percent(code: str, rate: Decimal) -> str:
    return f"{code} {(rate * HUNDRED).normalize():f} %".strip()


def tax(session: Session, subject: Subject, today: date) -> Why:
    """A document's tax by rate: the exact share of each base, then what rounding made of it."""
    record, lines = _priced(session, subject)
    parts: list[Part] = []
    for code, rate, base, stored, members in _taxed(lines):
        exact = (base * rate).quantize(SIX)
        if any(line["tax_included"] for line in members):
            within = sum((line["net"] + line["tax"] for line in members), ZERO)
            if not any(line["tax_parts"] for line in members):  # of several, each is told of what is left without tax
                exact = (within * rate / (1 + rate)).quantize(SIX)
            note = says(N_("within {gross}, tax included"), gross=within)
        else:
            note = says(N_("of {net} net"), net=base)
        parts.append(Part(N_("tax"), exact, _percent(code, rate), note))
        if stored != exact:
            parts.append(Part(N_("rounded"), stored - exact, _percent(code, rate)))
    words = (
        N_("Each line's tax is rounded, then added.")
        if record.tax_rounding == TaxRounding.LINE
        else N_("The lines of one rate are added, then taxed and rounded once.")
    )
    notes = [says(words)]
    if subject.kind == "invoice" and record.kind is InvoiceKind.CREDIT_NOTE:
        notes.append(says(N_("A credit note takes its tax from the lines it credits.")))
    return Why("tax", record.label, record.tax, tuple(parts), record.currency, record.digits, tuple(notes))


# -- what is owed ----------------------------------------------------------------------------------------------------


def open_amount(session: Session, subject: Subject, today: date) -> Why:
    """What is open of an invoice, credit note, payment or adjustment: its instalments, and what was set against each."""
    paying = subject.kind != "invoice"
    record = _record(session, _SETTLED[subject.kind], subject.id)
    keys = {"payment": ReceivableItem.payment_id, "receivable_adjustment": ReceivableItem.adjustment_id}
    column = col(keys.get(subject.kind, ReceivableItem.invoice_id))
    items = session.exec(select(ReceivableItem).where(column == subject.id).order_by(col(ReceivableItem.id))).all()
    sign = -1 if paying else 1
    parts = []
    for item in items:
        days = (today - item.due_on).days
        late = item.open > 0 and days > 0
        note = says(N_("{n} days overdue"), n=days) if late else None
        word = N_("credit") if item.amount < 0 else N_("instalment")
        parts.append(Part(word, sign * item.amount, "", note, item.due_on, record.label))
        parts += [
            Part(N_("set against"), sign * share, party, None, on, number, opens)
            for number, opens, on, share, party in _set_against(session, item)
        ]
    stands = {"invoice": "open", "payment": "unapplied", "receivable_adjustment": "open"}[subject.kind]
    stood = getattr(record, stands) if not getattr(record, "is_refund", False) else ZERO
    notes = (says(N_("Undone allocations stand with the opposite sign.")),) if _undone(parts) else ()
    currency = record.currency or the_company(session).currency
    return Why("open", record.label, stood, tuple(parts), currency, record.digits, notes)


def _undone(parts: Sequence[Part]) -> bool:
    signs = {(part.value or ZERO) > 0 for part in parts if part.label == "set against"}
    return len(signs) > 1


def _set_against(session: Session, item: ReceivableItem) -> list[tuple[str, Subject, date, Decimal, str]]:
    """What was set against an item, by day: (number, document, day, change of what is open, reference)."""
    other, links = table_of(ReceivableItem), table_of(Allocation)
    found = []
    for mine, theirs, sign in (
        (links.c.debit_id, links.c.credit_id, -1),
        (links.c.credit_id, links.c.debit_id, 1),
    ):
        query = (
            sa.select(
                links.c.id,
                links.c.allocated_on,
                links.c.amount,
                other.c.invoice_id,
                other.c.payment_id,
                other.c.adjustment_id,
                sa.func.coalesce(col(Invoice.number), col(Payment.number), col(ReceivableAdjustment.number)),
                sa.func.coalesce(col(Payment.reference), ""),
            )
            .select_from(links)
            .join(other, other.c.id == theirs)
            .outerjoin(Invoice, col(Invoice.id) == other.c.invoice_id)
            .outerjoin(Payment, col(Payment.id) == other.c.payment_id)
            .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == other.c.adjustment_id)
            .where(mine == item.id)
        )
        for key, on, amount, invoice, payment, adjustment, number, reference in session.execute(query):
            keys = (("invoice", invoice), ("payment", payment), ("receivable_adjustment", adjustment))
            opens = next(Subject(kind, told) for kind, told in keys if told is not None)
            found.append((key, (number or "–", opens, on, sign * amount, reference)))
    return [row for _key, row in sorted(found, key=lambda pair: pair[0])]


def _open_parts(lines: Sequence[OpenLine]) -> tuple[Part, ...]:
    return tuple(
        Part(
            ITEM_WORDS[line.kind],
            line.base_open,
            f"{line.open:,f} {line.currency}" if line.currency else "",
            says(N_("{n} days overdue"), n=line.days_overdue) if line.days_overdue > 0 else None,
            line.due_on,
            line.number,
            Subject(line.document_kind, line.document_id),
            "open",
        )
        for line in lines
    )


def owed(session: Session, subject: Subject, today: date) -> Why:
    """What a customer owes: every open instalment, less credits that are not used yet."""
    party, company = _record(session, Party, subject.id), the_company(session)
    lines = open_lines(session, subject.id, as_of=today)
    whole = session.execute(
        sa.select(sa.func.sum(col(ReceivableItem.base_open), type_=AMOUNT)).where(
            col(ReceivableItem.customer_id) == subject.id, col(ReceivableItem.dated_on) <= today
        )
    ).scalar()
    return Why("owed", party.code, whole or ZERO, _open_parts(lines), company.currency, company.digits)


def overdue(session: Session, subject: Subject, today: date) -> Why:
    """What is overdue: every instalment whose day has passed, of a customer or of one invoice."""
    company = the_company(session)
    if subject.kind == "invoice":
        invoice = _record(session, Invoice, subject.id)
        customer, name = invoice.customer_id, invoice.label
    else:
        customer, name = subject.id, _record(session, Party, subject.id).code
    lines = [
        line
        for line in open_lines(session, customer, as_of=today)
        if line.days_overdue > 0
        and (subject.kind != "invoice" or (line.document_kind == "invoice" and line.document_id == subject.id))
    ]
    late = sum((line.base_open for line in lines), ZERO)
    note = says(N_("Days are counted from the due date to {day}."), day=today.isoformat())
    return Why("overdue", name, late, _open_parts(lines), company.currency, company.digits, (note,))


def exposure(session: Session, subject: Subject, today: date) -> Why:
    """A customer's exposure: open receivables, less unapplied credits, and what is confirmed and not invoiced yet."""
    party, company = _record(session, Party, subject.id), the_company(session)
    query = (
        sa.select(ReceivableItem, Invoice, Payment, ReceivableAdjustment)
        .outerjoin(Invoice, col(Invoice.id) == col(ReceivableItem.invoice_id))
        .outerjoin(Payment, col(Payment.id) == col(ReceivableItem.payment_id))
        .outerjoin(ReceivableAdjustment, col(ReceivableAdjustment.id) == col(ReceivableItem.adjustment_id))
        .where(col(ReceivableItem.customer_id) == subject.id, col(ReceivableItem.open) != 0)
        .order_by(col(ReceivableItem.due_on), col(ReceivableItem.id))
    )
    parts = []
    for item, invoice, payment, adjustment in session.execute(query):
        document = invoice or payment or adjustment
        kind = next(name for name, model in _SETTLED.items() if isinstance(document, model))
        word = ITEM_WORDS[str(invoice.kind) if invoice is not None else kind]
        opens = Subject(kind, document.id)
        abroad = f"{item.open:,f} {item.currency}" if item.currency else ""
        parts.append(Part(word, item.base_open, abroad, None, item.due_on, document.label, opens, "open"))
    orders = select(SalesOrder).where(SalesOrder.customer_id == subject.id, SalesOrder.uninvoiced != 0)
    for order in session.exec(orders.order_by(col(SalesOrder.id))):
        note = says(N_("confirmed, not invoiced, with tax"))
        opens = Subject("order", order.id)
        parts.append(
            Part(
                N_("sales order"),
                in_company(session, order, order.uninvoiced),
                f"{order.uninvoiced:,f} {order.currency}" if order.rate else "",
                note,
                order.ordered_on,
                order.label,
                opens,
                "uninvoiced",
            )
        )
        if order.deposited:
            ahead = still_coming(order.uninvoiced, order.deposited) - order.uninvoiced
            parts.append(Part(N_("billed ahead"), ahead, "", None, order.ordered_on, order.label, opens))
    mode = says(N_("No credit limit is checked."))
    if party.credit_mode is not CreditMode.OFF:
        words = N_("Credit limit {limit}; beyond it: {mode_word}.")
        mode = says(words, limit=party.credit_limit, mode_word=CREDIT_WORDS[party.credit_mode])
    whole = exposure_of(session, subject.id)
    return Why("exposure", party.code, whole, tuple(parts), company.currency, company.digits, (mode,))


def uninvoiced(session: Session, subject: Subject, today: date) -> Why:
    """What an order still adds to exposure: of each line the part that is not invoiced, tax included."""
    order = _record(session, SalesOrder, subject.id)
    lines = rows_of(session, SalesOrderLine, "order_id", subject.id)
    codes = _codes(session, lines)
    parts = []
    if order.state in ("confirmed", "on_hold", "closed"):
        for line in lines:
            ledger = ledger_of(line)
            if ledger.unbilled and line["quantity"]:
                share = round_to(ledger.gross * ledger.unbilled / ledger.quantity, order.digits, Rounding.HALF_UP)
                note = says(
                    N_("{left} of {quantity} not invoiced, of {gross}"),
                    left=ledger.unbilled,
                    quantity=ledger.quantity,
                    gross=ledger.gross,
                )
                code = codes.get(line["item_id"], "")
                opens = Subject("order", order.id, line["position"])
                parts.append(Part(N_("line"), share, line["description"], note, None, code, opens, "price"))
    return Why("uninvoiced", order.label, order.uninvoiced, tuple(parts), order.currency, order.digits)


# -- cost and margin -------------------------------------------------------------------------------------------------


def _consumed(session: Session, *where: Any, sign: int) -> list[Part]:
    """What deliveries took out of which layers, one row for each; what a reversed delivery gave back too."""
    moves, taken, layers = table_of(StockMove), table_of(Consumption), table_of(CostLayer)
    lines, heads, items = table_of(DeliveryLine), table_of(Delivery), table_of(Item)
    query = (
        sa.select(
            heads.c.id,
            heads.c.number,
            items.c.code,
            moves.c.moved_on,
            taken.c.quantity,
            taken.c.value,
            layers.c.received_on,
        )
        .select_from(taken)
        .join(moves, moves.c.id == taken.c.move_id)
        .join(layers, layers.c.id == taken.c.layer_id)
        .join(lines, lines.c.id == moves.c.line_id)
        .join(heads, heads.c.id == lines.c.delivery_id)
        .join(items, items.c.id == moves.c.item_id)
        .where(moves.c.kind == MoveKind.DELIVERY, *where)
        .order_by(moves.c.moved_on, moves.c.id, layers.c.received_on, layers.c.id)
    )
    parts = []
    for row in session.execute(query):
        note = says(N_("{quantity} from the layer of {day}"), quantity=row.quantity, day=row.received_on.isoformat())
        words = N_("cost of goods") if row.quantity > 0 else N_("reversed")
        parts.append(
            Part(words, sign * row.value, row.code, note, row.moved_on, row.number or "–", Subject("delivery", row.id))
        )
    return parts


def cost(session: Session, subject: Subject, today: date) -> Why:
    """What a delivery's goods cost: the layers it consumed. Of an order: with returns and what bills added later."""
    company = the_company(session)
    if subject.kind == "order":
        (told,) = order_margins(session, order_id=subject.id) or (None,)
        parts = _order_cost(session, subject.id, 1)
        order = _record(session, SalesOrder, subject.id)
        return Why("cost", order.label, told.cost if told else ZERO, tuple(parts), company.currency, company.digits)
    delivery = _record(session, Delivery, subject.id)
    moves, lines = table_of(StockMove), table_of(DeliveryLine)
    parts = _consumed(session, lines.c.delivery_id == subject.id, moves.c.quantity < 0, sign=1)
    return Why("cost", delivery.label, delivery.cost, tuple(parts), company.currency, company.digits)


def _order_cost(session: Session, order_id: int, sign: int) -> list[Part]:
    order_lines, lines = table_of(SalesOrderLine), table_of(DeliveryLine)
    mine = sa.select(order_lines.c.id).where(order_lines.c.order_id == order_id)
    parts = _consumed(session, lines.c.order_line_id.in_(mine), sign=sign)
    heads, back = table_of(CustomerReturn), table_of(CustomerReturnLine)
    query = (
        sa.select(heads.c.id, heads.c.number, heads.c.returned_on, back.c.description, back.c.cost)
        .join(back, back.c.return_id == heads.c.id)
        .where(back.c.order_line_id.in_(mine), heads.c.state == "received", back.c.cost != 0)
        .order_by(heads.c.id, back.c.position)
    )
    for row in session.execute(query):
        opens = Subject("return", row.id)
        parts.append(
            Part(N_("came back"), -sign * row.cost, row.description, None, row.returned_on, row.number or "–", opens)
        )
    moves, variances, shares, bills = (
        table_of(StockMove),
        table_of(CostVariance),
        table_of(CostShare),
        table_of(SupplierBill),
    )
    revalued = moves.alias("revalued")
    query = (
        sa.select(bills.c.id, bills.c.number, revalued.c.moved_on, variances.c.amount)
        .select_from(variances)
        .join(revalued, revalued.c.id == variances.c.move_id)
        .join(shares, shares.c.id == revalued.c.line_id)
        .join(bills, bills.c.id == shares.c.bill_id)
        .join(moves, sa.and_(moves.c.id == variances.c.source_move_id, moves.c.kind == MoveKind.DELIVERY))
        .join(lines, lines.c.id == moves.c.line_id)
        .where(lines.c.order_line_id.in_(mine))
        .order_by(variances.c.id)
    )
    for row in session.execute(query):
        opens = Subject("bill", row.id)
        parts.append(Part(N_("billed later"), sign * row.amount, "", None, row.moved_on, row.number or "–", opens))
    return parts


def margin(session: Session, subject: Subject, today: date) -> Why:
    """An order's margin: what was invoiced, less credits, less the layers its deliveries consumed."""
    order, company = _record(session, SalesOrder, subject.id), the_company(session)
    (told,) = order_margins(session, order_id=subject.id) or (None,)
    heads, lines, order_lines = table_of(Invoice), table_of(InvoiceLine), table_of(SalesOrderLine)
    worth = sa.func.coalesce(lines.c.base_net, lines.c.net)
    signed = sa.case((heads.c.kind == InvoiceKind.CREDIT_NOTE, -worth), else_=worth)
    query = (
        sa.select(heads.c.id, heads.c.number, heads.c.kind, heads.c.invoiced_on, sa.func.sum(signed, type_=AMOUNT))
        .join(lines, lines.c.invoice_id == heads.c.id)
        .join(order_lines, order_lines.c.id == lines.c.order_line_id)
        .where(order_lines.c.order_id == subject.id, heads.c.state == "posted")
        .group_by(heads.c.id, heads.c.number, heads.c.kind, heads.c.invoiced_on)
        .order_by(heads.c.id)
    )
    parts = [
        Part(ITEM_WORDS[str(kind)], amount, "", says(N_("net")), on, number, Subject("invoice", key))
        for key, number, kind, on, amount in session.execute(query)
    ]
    parts += _order_cost(session, subject.id, -1)
    notes = []
    if told is not None and told.percent is not None:
        notes.append(says(N_("{percent} % of what was invoiced."), percent=round_to(told.percent, 1)))
    if told is None or told.estimate:
        notes.append(says(N_("An estimate until all is delivered and invoiced.")))
    whole = told.margin if told else ZERO
    return Why("margin", order.label, whole, tuple(parts), company.currency, company.digits, tuple(notes))
