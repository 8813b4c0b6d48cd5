"""What stands beside a list or an editor in a wide window: the document, item or customer under the cursor, in short.

It is read a moment after the cursor has come to rest and holds up no key: who pages through a list reads nothing here.
"""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from o2c_tui.safe_text import cells, fit, shown, wrapped
from o2c_tui.screens.base import STATUS, amount, amount_in, money_of, price, quantity
from o2c_tui.texts import N_, _
from o2c_tui.widgets.frame import Row
from o2c_tui.widgets.look import Glyphs

WIDTH = 32
REST = 0.12  # seconds after which the cursor counts as resting
ZERO = Decimal(0)
DOCUMENTS = (
    "quotation", "order", "delivery", "invoice", "payment", "receivable_adjustment", "receipt", "purchase", "bill", "transfer", "adjustment", "stocktake",
)  # fmt: skip
_MOST_LINES = 12


async def about(desk: Any, kind: str, row: Any, glyphs: Glyphs) -> list[Row]:
    """The rows about one row of a list of this kind; asked for after a moment of rest."""
    await asyncio.sleep(REST)
    if kind in DOCUMENTS:
        from o2c_tui.queries.documents import document

        found = await desk.read(document, kind, row.id)
        return document_rows(found, desk.facts, glyphs)
    if kind in ("stock", "item", "alert"):
        from o2c_tui.queries.stock import card

        return item_rows(
            await desk.read(card, row.item_id if kind == "alert" else row.id, moves=8), desk.facts.digits, glyphs
        )
    if kind == "reminder":
        from o2c_tui.queries.reminder_papers import reminder_view

        return letter_rows(await desk.read(reminder_view, row.id))
    if kind == "mail":
        from o2c_tui.queries.mails import mail_view

        return mail_rows(await desk.read(mail_view, row.id, now=desk.clock()))
    if kind == "customer":
        return await customer_about(desk, row.id, glyphs, limit=row.credit_limit if row.credit_mode != "off" else None)
    return []


async def customer_about(
    desk: Any, customer_id: int, glyphs: Glyphs, *, limit: Decimal | None = None, name: str = ""
) -> list[Row]:
    """What is open with a customer."""
    from o2c_tui.queries.receivables import open_lines

    found = await desk.read(open_lines, customer_id, as_of=desk.today())
    return open_rows(found, desk.facts, glyphs, limit=limit, name=name)


def pair(label: str, value: str, style: str = "text") -> Row:
    """A label at the left, a figure at the right."""
    room = max(0, WIDTH - cells(value))
    return [(fit(label, room), "dim"), (value, style)]


def _told(value: Decimal, currency: str, facts: Any) -> str:
    """An amount; in another currency than the company's with its code."""
    return amount_in(value, currency, facts.currency, facts.digits)


def document_rows(d: Any, facts: Any, glyphs: Glyphs) -> list[Row]:
    """A document in short: whose, when, what, how much, and its chain; in another currency with its code and rate."""
    head = d.head
    digits, code = head.get("digits", facts.digits), head.get("currency") or ""
    rows: list[Row] = [
        [(d.label, "strong"), (f"  {_(STATUS.get(d.state, d.state))}", "accent")],
        d.customer_name or "-",
        "",
    ]
    dates = (
        ("valid_until", N_("Valid to")),
        ("promised_on", N_("Promised")),
        ("due_on", N_("Due")),
        ("customer_reference", N_("Reference")),
        ("reference", N_("Reference")),
        ("hold_reason", N_("On hold")),
    )
    rows += [pair(_(word), str(head[name])) for name, word in dates if head.get(name)]
    if head.get("rate"):
        rows.append(pair(f"1 {code}", f"{quantity(head['rate'])} {facts.currency}"))
    if len(rows) > 3:
        rows.append("")
    for line in d.lines[:_MOST_LINES]:
        figure = line.get("net")
        right = amount(figure, digits) if figure is not None else ""
        left = f"{quantity(line['quantity']):>6}  {line['item'] or line['description']}"
        rows.append([(fit(shown(left), WIDTH - cells(right) - 1, cut=glyphs.cut), "text"), (f" {right}", "text")])
    if len(d.lines) > _MOST_LINES:
        rows.append((_("and {n} more").format(n=len(d.lines) - _MOST_LINES), "dim"))
    if d.kind in ("payment", "receivable_adjustment"):
        rows += [pair(share.number, _told(share.amount, code, facts)) for share in d.shares[:_MOST_LINES]]
    rows.append("")
    if "gross" in head:
        rows += [
            pair(_(word), _told(head[name], code, facts)) for word, name in ((N_("Net"), "net"), (N_("Tax"), "tax"))
        ]
        rows.append(pair(_("Total"), _told(head["gross"], code, facts), "strong"))
    elif d.kind in ("payment", "receivable_adjustment"):
        rows.append(pair(_("Amount"), _told(head["amount"], code, facts), "strong"))
    if head.get("open") and head.get("gross"):
        paid = 1 - float(head["open"] / head["gross"])
        rows.append(pair(_("Open"), _told(head["open"], code, facts), "bad" if d.kind == "invoice" else "text"))
        if 0 < paid < 1:
            rows.append([(glyphs.bar(paid, WIDTH), "accent")])
    return [*rows, "", *chain_rows(d, facts, glyphs)]


def chain_rows(d: Any, facts: Any, glyphs: Glyphs) -> list[Row]:
    """The chain of a document, one below the other."""
    rows: list[Row] = [(_("Chain"), "dim")]
    for link in d.chain:
        here = (link.kind, link.id) == (d.kind, d.id)
        sign = glyphs.cursor if here else " "
        figure = _told(link.gross, link.currency, facts) if link.gross is not None else ""
        text = fit(f"{sign} {link.number}", WIDTH - cells(figure))
        rows.append([(text, "strong" if here else "text"), (figure, "dim")])
    return rows


def letter_rows(letter: Any) -> list[Row]:
    """A reminder in short: what it lists, its fee, how it went."""
    rows: list[Row] = [[(letter.number, "strong"), (f"  {_('step {n}').format(n=letter.level)}", "accent")]]
    rows += [*wrapped(shown(letter.customer_name), WIDTH), ""]
    rows += [pair(line.number, amount(line.open, letter.digits)) for line in letter.lines[:_MOST_LINES]]
    if len(letter.lines) > _MOST_LINES:
        rows.append((_("and {n} more").format(n=len(letter.lines) - _MOST_LINES), "dim"))
    rows.append(pair(_("Total"), amount(letter.total, letter.digits), "strong"))
    if letter.fee:
        rows.append(pair(_("Fee"), amount(letter.fee, letter.digits)))
    rows.append("")
    if not letter.gone:
        rows += [(part, "bad") for part in wrapped(_("not yet: F7 prints or mails it"), WIDTH)]
    for one in letter.gone:
        rows += wrapped(shown(one.to or one.file_name), WIDTH)
    return rows


def mail_rows(mail: Any) -> list[Row]:
    """A mail in short: to whom, what it says, what the server said."""
    rows: list[Row] = [*wrapped(shown(mail.to), WIDTH), ""]
    rows += [(part, "strong") for part in wrapped(shown(mail.subject), WIDTH)]
    rows.append("")
    for line in mail.body.split("\n")[:_MOST_LINES]:
        rows += wrapped(shown(line), WIDTH) or [""]
    if mail.trouble:
        rows += ["", *((part, "bad") for part in wrapped(shown(mail.trouble), WIDTH))]
    return rows


def item_rows(card: Any, digits: int, glyphs: Glyphs) -> list[Row]:
    """An item in short: price, stock by place as bars, its newest movements."""
    rows: list[Row] = [(card.code, "strong"), card.name, ""]
    rows.append(pair(_("Price"), f"{price(card.sale_price, digits)} / {card.unit or '-'}"))
    most = max((p.on_hand for p in card.places), default=ZERO)
    for p in card.places:
        rows += ["", pair(p.warehouse, quantity(p.on_hand), "strong")]
        if most > 0:
            full = glyphs.bar(float(p.available / most), WIDTH).rstrip()
            held = round(float(p.on_hand / most) * WIDTH) - cells(full)
            rows.append([(full, "accent"), (glyphs.held * max(0, held), "dim")])
        rows.append(pair(_("Reserved"), quantity(p.reserved)))
        rows.append(pair(_("Avail"), quantity(p.available), "bad" if p.available <= 0 else "text"))
    if card.waiting:
        rows.append(pair(_("Waiting"), quantity(card.waiting), "bad"))
    if card.moves:
        rows.append("")
    for move in card.moves:
        sign = "+" if move.quantity > 0 else ""
        rows.append([
            (f"{move.on:%m-%d}  ", "dim"), (fit(move.number, WIDTH - 15), "text"),
            (f"{sign}{quantity(move.quantity)}".rjust(8), "text"),
        ])  # fmt: skip
    return rows


def open_rows(
    items: Sequence[Any], facts: Any, glyphs: Glyphs, *, limit: Decimal | None = None, name: str = ""
) -> list[Row]:
    """What is open with a customer, oldest due first, with the credit that is used as a bar; sums in the company's
    currency, below them what is owed in others."""
    digits = facts.digits
    owed = sum((item.base_open for item in items), ZERO)
    late = sum((item.base_open for item in items if item.days_overdue > 0), ZERO)
    rows: list[Row] = [(name, "strong"), ""] if name else []
    codes = sorted({item.currency for item in items} - {""})
    own = f"{facts.currency} " if codes else ""
    rows += [
        pair(_("Owes"), own + amount(owed, digits), "strong"),
        pair(_("Late"), own + amount(late, digits), _bad_if(late)),
    ]
    for code in codes:
        part = sum((item.open for item in items if item.currency == code), ZERO)
        rows.append(pair(_("of it in {currency}").format(currency=code), _told(part, code, facts)))
    if limit is not None:
        rows.append(pair(_("Limit"), own + amount(limit, digits)))
        if limit > 0:
            rows.append([(glyphs.bar(float(owed / limit), WIDTH), "bad" if owed > limit else "accent")])
    rows.append("")
    shown = items[:_MOST_LINES]
    figures = [money_of(item.open, item.currency, facts.currency, digits, 10) for item in shown]
    room = max([9, *(len(figure) + 1 for figure in figures)])
    left = WIDTH - 5 - room
    for item, figure in zip(shown, figures, strict=True):
        late_by = f"{item.days_overdue}{_('d')}" if item.days_overdue > 0 else ""
        number = fit(item.number, min(11, left - 6))
        rows.append([
            (fit(f"{number} {item.due_on:%m-%d}", left), "text"), (fit(late_by, 5, right=True), "bad"),
            (figure.rjust(room), "text"),
        ])  # fmt: skip
    if len(items) > _MOST_LINES:
        rows.append((_("and {n} more").format(n=len(items) - _MOST_LINES), "dim"))
    return rows


def draft_rows(customer: Any, item: Any, company: Any, glyphs: Glyphs) -> list[Row]:
    """Beside an editor: the customer's standing, then the item of the line under the cursor; in the company's currency."""
    rows: list[Row] = []
    digits = company.digits
    own = f"{company.currency} " if customer is not None and customer.currency else ""
    if customer is not None:
        rows += [(customer.code, "strong"), customer.name, "", pair(_("Exposure"), own + amount(customer.owes, digits))]
        if customer.credit_mode != "off":
            over = customer.owes > customer.credit_limit
            rows.append(pair(_("Limit"), own + amount(customer.credit_limit, digits), _bad_if(over)))
            if customer.credit_limit > 0:
                share = float(customer.owes / customer.credit_limit)
                rows.append([(glyphs.bar(share, WIDTH), "bad" if over else "accent")])
        if customer.hold:
            rows.append((f"{_('On hold')}: {customer.hold}", "bad"))
    if item is not None:
        facts = item.facts
        rows += ["", "", (facts.code, "strong"), facts.name, ""]
        rows.append(pair(_("Price"), f"{own}{price(facts.sale_price, digits)} / {facts.unit or '-'}"))
        if item.cost is not None:
            rows.append(pair(_("Unit cost"), own + price(item.cost, digits)))
        if str(facts.kind) == "stocked":
            rows.append(pair(_("Avail"), quantity(item.available), _bad_if(item.available <= 0)))
    return rows


def _bad_if(condition: Any) -> str:
    return "bad" if condition else "text"
