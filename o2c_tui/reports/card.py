"""One document, item or customer as text: what `o2c show` prints."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from o2c_tui.models.invoice import KIND_WORDS
from o2c_tui.models.mail import PAPER_WAY_WORDS, PaperWay
from o2c_tui.models.party import Party
from o2c_tui.models.receivable_adjustment import ADJUSTMENT_WORDS, AdjustmentKind
from o2c_tui.models.warehouse import ADJUSTMENT_REASONS
from o2c_tui.models.words import DOCUMENT_WORDS, STATE_WORDS
from o2c_tui.money import digits_of, show_money, show_quantity
from o2c_tui.queries.documents import NUMBERED, Document
from o2c_tui.queries.item_rows import ItemRows
from o2c_tui.queries.receivables import UnusedCredit
from o2c_tui.queries.reminder_papers import ReminderView
from o2c_tui.queries.stock import StockCard
from o2c_tui.reports.table import Heading, Report, as_text
from o2c_tui.safe_text import shown
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_


def as_card(found: Any, translate: Callable[[str], str]) -> str:
    """The text of whatever was found."""
    if isinstance(found, Document):
        return _document(found, translate)
    if isinstance(found, StockCard):
        return _stock(found, translate)
    if isinstance(found, ReminderView):
        return _letter(found, translate)
    assert isinstance(found, Party)
    words = [f"{found.code}  {shown(found.name)}"]
    words += [f"{shown(value)}" for value in (found.contact, found.email, found.phone, found.tax_id) if value]
    return "\n".join(words)


def _letter(found: ReminderView, translate: Callable[[str], str]) -> str:
    """A reminder: to whom at which step, what it lists, what it says, and how it went."""
    step = translate(N_("step {n}")).format(n=found.level)
    out = [
        f"{translate(DOCUMENT_WORDS['reminder'])} {found.number}  {found.reminded_on}  {step}",
        f"{found.customer}  {shown(found.customer_name)}",
        "",
    ]
    rows = tuple((line.number, line.dated_on, line.due_on, str(line.level or ""), line.open) for line in found.lines)
    headings = (
        Heading(N_("Document")), Heading(N_("Date")), Heading(N_("Due")), Heading(N_("Step")),
        Heading(N_("Open"), "money"),
    )  # fmt: skip
    out.append(as_text(Report("", (), headings, rows, digits=found.digits), translate).lstrip("\n"))
    total = show_money(found.total, found.digits)
    out.append(translate(N_("Total {total} {currency}")).format(total=total, currency=found.currency))
    if found.fee:
        out.append(translate(N_("Fee {amount}")).format(amount=show_money(found.fee, found.digits)))
    out += ["", *(shown(line) for line in found.body.split("\n")), ""]
    for one in found.gone:
        way = translate(PAPER_WAY_WORDS[PaperWay(one.way)]) if not one.state else translate(STATE_WORDS[one.state])
        out.append("  ".join(part for part in (way, shown(one.to), one.file_name, one.sha256) if part))
    return "\n".join(out)


def as_standing(
    own: str, exposure: Decimal, unused_credit: Sequence[UnusedCredit], *, translate: Callable[[str], str]
) -> str:
    """Under a customer: what is owed and will be (its exposure) in the company's currency (`own`), and the credit that is not used yet."""
    out = [translate(N_("exposure {amount}")).format(amount=f"{own} {show_money(exposure, digits_of(own))}")]
    for one in unused_credit:
        code = one.currency or own
        for text, part in ((N_("paid ahead {amount}"), one.ahead), (N_("{amount} stays as credit"), one.free)):
            if part:
                out.append(translate(text).format(amount=f"{code} {show_money(part, digits_of(code))}"))
    return "\n".join(out)


def kind_word(document: Document) -> str:
    """What a document is called, as a marked word."""
    if document.kind == "invoice":
        return KIND_WORDS[document.head["kind"]]
    return DOCUMENT_WORDS[table_of(NUMBERED[document.kind]).name]


def _document(found: Document, translate: Callable[[str], str]) -> str:
    digits = found.head.get("digits", 2)
    title = f"{translate(kind_word(found))} {found.label}  [{translate(STATE_WORDS[found.state])}]"
    out = [title, _subject(found, translate), ""]
    rows = []
    for line in found.lines:
        price = line.get("unit_price", line.get("unit_cost"))
        amount = line.get("net", line.get("value", line.get("cost")))
        rows.append(
            (
                line["position"],
                line["item"],
                line["description"],
                None if line["quantity"] is None else show_quantity(line["quantity"]),
                line["unit"],
                None if price is None else show_quantity(price),
                amount,
            )
        )
    headings = (
        Heading("#"),
        Heading(N_("Item")),
        Heading(N_("Description")),
        Heading(N_("Quantity")),
        Heading(N_("Unit")),
        Heading(N_("Price")),
        Heading(N_("Amount"), "money"),
    )
    if rows:
        out.append(as_text(Report("", (), headings, tuple(rows), digits=digits), translate).lstrip("\n"))
    out += _outlooks(found, translate)
    if "gross" in found.head:
        net, tax, gross = (show_money(found.head[name], digits) for name in ("net", "tax", "gross"))
        total = translate(N_("Net {net}   Tax {tax}   Total {gross} {currency}"))
        out += ["", total.format(net=net, tax=tax, gross=gross, currency=found.head["currency"])]
    out += _settled(found, translate)
    for part in found.instalments:
        text = translate(N_("Due {day}: {amount}, open {open}"))
        out.append(
            text.format(day=part.due_on, amount=show_money(part.amount, digits), open=show_money(part.open, digits))
        )
    chain = [f"{link.number} ({translate(STATE_WORDS[link.state])})" for link in found.chain]
    if len(chain) > 1:
        out += ["", " > ".join(chain)]
    return "\n".join(out)


def _settled(found: Document, translate: Callable[[str], str]) -> list[str]:
    """Of money and of adjustments: how much, what is not used, and what it is set against; of an order what is paid ahead."""
    head, digits = found.head, found.head.get("digits", 2)
    out = []
    if found.kind in ("payment", "receivable_adjustment"):
        left = head["unapplied"] if found.kind == "payment" else head["open"]
        if found.kind == "receivable_adjustment":
            out.append(translate(ADJUSTMENT_WORDS[AdjustmentKind(head["kind"])]))
        text = translate(N_("Amount {amount}, not used {left}"))
        out.append(text.format(amount=show_money(head["amount"], digits), left=show_money(left, digits)))
        for share in found.shares:
            out.append(f"{share.on}  {share.number}  {show_money(share.amount, digits)}")
    if head.get("paid_ahead"):
        out.append(translate(N_("paid ahead {amount}")).format(amount=show_money(head["paid_ahead"], digits)))
    return out


def _outlooks(found: Document, translate: Callable[[str], str]) -> list[str]:
    """When the open lines of an order have their goods, where it was asked (`outlook`, see queries/promise.py)."""
    rows = tuple(
        (
            line["position"],
            line["item"],
            line["back_ordered"],
            line["outlook"].promised_on,
            line["outlook"].expected_on,
            line["outlook"].to_promise,
            translate(N_("LATE")) if line["outlook"].late else "",
        )
        for line in found.lines
        if line.get("outlook") is not None
    )
    headings = (
        Heading("#"),
        Heading(N_("Item")),
        Heading(N_("Waits for"), "quantity"),
        Heading(N_("Promised"), "date"),
        Heading(N_("Expected"), "date"),
        Heading(N_("To promise"), "quantity"),
        Heading(""),
    )
    return ["", as_text(Report("", (), headings, rows), translate).lstrip("\n")] if rows else []


def _subject(found: Document, translate: Callable[[str], str]) -> str:
    """Whom a document is about; of one in the house which warehouses, and why."""
    if found.kind == "transfer":
        return f"{found.head['source']} > {found.head['target']}"
    if found.kind == "adjustment":
        return f"{found.head['warehouse']}  {translate(ADJUSTMENT_REASONS[found.head['reason']])}"
    if found.kind == "stocktake":
        return str(found.head["warehouse"])
    return f"{found.customer}  {shown(found.customer_name)}"


def as_rows(found: ItemRows, translate: Callable[[str], str]) -> str:
    """What belongs to an item: units, codes, suppliers, parts, reorder rules; each only where there are some."""
    unit = found.unit or "–"
    tables: tuple[tuple[tuple[Heading, ...], tuple[tuple[Any, ...], ...]], ...] = (
        (
            (
                Heading(N_("Unit")),
                Heading(N_("Is so many"), "figure"),
                Heading(N_("Stock unit")),
                Heading(N_("Barcode")),
            ),
            tuple((row.unit, str(Fraction(row.numerator, row.denominator)), unit, row.barcode) for row in found.units),
        ),
        (
            (Heading(N_("Code")), Heading(N_("Of whom")), Heading(N_("Name"))),
            tuple((row.code, row.party or "–", row.name) for row in found.codes),
        ),
        (
            (
                Heading(N_("Supplier")),
                Heading(N_("Their code")),
                Heading(N_("Unit")),
                Heading(N_("Price"), "quantity"),
                Heading(N_("Currency")),
                Heading(N_("Pack"), "quantity"),
                Heading(N_("Min."), "quantity"),
                Heading(N_("Days"), "figure"),
            ),
            tuple(
                (
                    row.supplier,
                    row.supplier_code,
                    row.unit or unit,
                    row.price,
                    row.currency,
                    row.pack or None,
                    row.minimum or None,
                    str(row.lead_time_days or ""),
                )
                for row in found.suppliers
            ),
        ),
        (
            (Heading(N_("Item")), Heading(N_("Description")), Heading(N_("Quantity"), "quantity"), Heading(N_("Unit"))),
            tuple((row.item, row.name, row.quantity, row.unit) for row in found.parts),
        ),
        (
            (
                Heading(N_("Warehouse")),
                Heading(N_("Reorder at"), "quantity"),
                Heading(N_("Fill up to"), "quantity"),
                Heading(N_("Pack"), "quantity"),
            ),
            tuple((row.warehouse, row.point, row.target or None, row.pack or None) for row in found.rules),
        ),
    )
    return "\n\n".join(
        as_text(Report("", (), headings, rows), translate).lstrip("\n") for headings, rows in tables if rows
    )


def _stock(found: StockCard, translate: Callable[[str], str]) -> str:
    out = [f"{found.code}  {shown(found.name)}", ""]
    rows = tuple((p.warehouse, p.on_hand, p.reserved, p.available, p.value) for p in found.places)
    headings = (
        Heading(N_("Warehouse")),
        Heading(N_("On hand"), "quantity"),
        Heading(N_("Reserved"), "quantity"),
        Heading(N_("Available"), "quantity"),
        Heading(N_("Value"), "money"),
    )
    out.append(as_text(Report("", (), headings, rows), translate).lstrip("\n"))
    if found.waiting > Decimal(0):
        out.append(translate(N_("Back-ordered: {quantity}")).format(quantity=show_quantity(found.waiting)))
    if found.bins:
        bins = tuple((b.warehouse, b.location or None, b.lot or None, b.expires_on, b.quantity) for b in found.bins)
        headings = (
            Heading(N_("Warehouse")),
            Heading(N_("Bin")),
            Heading(N_("Lot")),
            Heading(N_("Expires"), "date"),
            Heading(N_("Quantity"), "quantity"),
        )
        out += ["", as_text(Report("", (), headings, bins), translate).lstrip("\n")]
    moves = tuple((m.on, m.number, m.party, m.quantity, m.balance) for m in found.moves)
    headings = (
        Heading(N_("Date"), "date"),
        Heading(N_("Document")),
        Heading(N_("Party")),
        Heading(N_("Quantity"), "quantity"),
        Heading(N_("Balance"), "quantity"),
    )
    out += ["", as_text(Report("", (), headings, moves), translate).lstrip("\n")]
    return "\n".join(out)
