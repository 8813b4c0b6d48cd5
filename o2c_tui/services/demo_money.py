"""The demo company getting paid: customers in other currencies, a bank statement half matched, reminders sent.

As much of it at any size, drawn apart from the rest of the story. All of it is made up.
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import Account, AccountRole
from o2c_tui.models.party import CreditMode, Party
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.queries.bank import books_balance
from o2c_tui.rules.statements import Statement, StatementLine
from o2c_tui.services.bank_matching import LineMatch, MatchPart, match_lines
from o2c_tui.services.banking import BankAccountSetup, import_statements, save_bank_account
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.invoicing import invoice_deliveries
from o2c_tui.services.mailing import note_sent, take_mail
from o2c_tui.services.ordering import confirm_order, save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.paying import PaymentDraft, receive_payment
from o2c_tui.services.reminding import NotRemindedError, remind_customer
from o2c_tui.services.shipping import ship_order

D = Decimal
IBAN = "GB46DEMO00000000000000"  # of no bank
_RATES = {"USD": D("0.9200"), "CNY": D("0.1280")}
_FEW = 20  # orders from abroad
_TOLD = 40  # payments of the last days that the statement tells, at most


class World(Protocol):
    """What this part needs of the maker of the books."""

    by: str
    session: Session | None
    items: list[tuple[str, Decimal, Decimal]]
    free: dict[str, Decimal]

    def at(self, day: date, what: Callable[[date], int]) -> None: ...
    def do(self, verb: Callable[..., Any], *args: Any, today: date, **kwargs: Any) -> Any: ...


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(9, 0), UTC)


def _workday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def plan_money(world: World, first: date, today: date, *, seed: int) -> None:
    """Let two customers from abroad buy every few weeks, their rates move each month, and the late ones be reminded."""
    rng = random.Random(f"{seed} money")
    world.at(first, lambda on: _set_up(world, on))
    for month in range(1, (today - first).days // 30 + 1):
        drift = D(rng.randrange(-300, 301)) / 10_000
        world.at(first + timedelta(days=30 * month), lambda on, by=drift: _rates(world, on, by))  # type: ignore[misc]
    customers = ("BAYSIDE", "CNHY")
    every = max(10, (today - first).days // _FEW)
    for n in range(1, (today - first).days // every):
        day = _workday(first + timedelta(days=every * n))
        wanted = rng.sample(range(len(world.items)), 2)
        paid = _workday(day + timedelta(days=rng.choice((25, 40, 75))))
        world.at(day, lambda on, who=customers[n % 2], of=wanted, pays=paid: _sell(world, on, who, of, pays))  # type: ignore[misc]
    world.at(_workday(today - timedelta(days=10)), lambda on: _remind(world, on))


def _set_up(world: World, day: date) -> int:
    setup = BankAccountSetup("BANK", "Demo Bank (made up)", iban=IBAN, bank="Demo Bank", holder="Demo Trading Ltd")
    world.do(save_bank_account, setup, today=day)
    abroad = (
        PartySetup(
            "BAYSIDE", "Bayside Imports Inc (made up)", bill_to="12 Example Pier\nNowhere Bay", country="USA",
            email="accounts@bayside.invalid", currency="USD", term="30D", tax_code="ZERO", credit_mode=CreditMode.OFF,
        ),
        PartySetup(
            "CNHY", "上海华远示例贸易有限公司", bill_to="上海市示例路88号", country="China", language="zh_CN",
            email="accounts@cnhy.invalid", currency="CNY", term="30D", tax_code="ZERO", credit_mode=CreditMode.OFF,
        ),
    )  # fmt: skip
    for party in abroad:
        world.do(save_party, party, today=day)
    return _rates(world, day, D(0))


def _rates(world: World, day: date, drift: Decimal) -> int:
    for code, rate in _RATES.items():
        world.do(save_rate, code, (rate * (1 + drift)).quantize(D("0.0001")), on=day, today=day)
    return 0


def _sell(world: World, day: date, customer: str, wanted: list[int], paid: date) -> int:
    """An order from abroad, delivered at once as far as there is enough, and billed."""
    codes = [code for code, _, _ in (world.items[n] for n in wanted) if world.free[code] > 60]
    if not codes:
        return 0
    lines = tuple(LineDraft(code, D(20)) for code in codes)
    order = world.do(save_order, DocumentDraft(customer, lines, dated_on=day), today=day)
    confirmed = world.do(confirm_order, order.id, today=day)
    for code in codes:
        world.free[code] -= 20
    shipped = world.do(ship_order, confirmed.order_id, carrier="Demo Cargo", today=day)
    billed = world.do(invoice_deliveries, [shipped.delivery_id], today=day, now=_moment(day))
    world.at(paid, lambda on: _pay(world, billed.invoice_id, customer, on))
    return 3


def _pay(world: World, invoice_id: int, customer: str, day: date) -> int:
    assert world.session is not None
    invoice = world.session.get(Invoice, invoice_id)
    assert invoice is not None
    if invoice.open <= 0:
        return 0
    draft = PaymentDraft(customer, invoice.open, received_on=day, reference=invoice.label)
    world.do(receive_payment, draft, today=day, now=_moment(day))
    return 1


def _remind(world: World, day: date) -> int:
    """A letter to the three customers that are late the longest."""
    assert world.session is not None
    late = (
        sa.select(col(Party.code))
        .join(ReceivableItem, col(ReceivableItem.customer_id) == col(Party.id))
        .where(col(ReceivableItem.open) > 0, col(ReceivableItem.due_on) < day - timedelta(days=5))
        .group_by(col(Party.code))
        .order_by(sa.func.min(col(ReceivableItem.due_on)), col(Party.code))
        .limit(3)
    )
    made = 0
    for code in world.session.execute(late).scalars().all():
        try:
            letter = world.do(remind_customer, code, today=day, now=_moment(day))
        except NotRemindedError:
            continue
        made += 1
        if letter.mail_id is not None and made < 3:  # the last one waits for whoever looks at the outbox
            take_mail(world.session, letter.mail_id, by=world.by, now=_moment(day))
            note_sent(world.session, letter.mail_id, by=world.by, now=_moment(day))
    return made


def take_statement_in(world: World, today: date) -> None:
    """The bank's statement of the last days: payments that are in the books are matched, as is the bank's fee; what waits is
    for whoever looks: money that names its invoice, money that lacks a charge, money of nobody known."""
    assert world.session is not None
    session = world.session
    since = today - timedelta(days=9)
    account = session.execute(sa.select(col(Account.id)).where(col(Account.role) == AccountRole.BANK)).scalars().first()
    assert account is not None
    payments = sa.select(Payment, col(Party.name)).join(Party, col(Party.id) == col(Payment.customer_id))
    told = session.execute(
        payments.where(
            col(Payment.received_on) >= since, col(Payment.account_id) == account, col(Payment.rate) == 0,
            col(Payment.amount) > 0, col(Payment.reversed_by).is_(None),
        ).order_by(col(Payment.received_on), col(Payment.id)).limit(_TOLD)
    ).all()  # fmt: skip
    lines = [
        StatementLine(one.received_on, one.amount, text=one.reference, counterparty=name, currency="EUR")
        for one, name in told
    ]
    lines += _waiting(session, today)
    lines.append(StatementLine(today, D("-6.50"), text="Account fee", currency="EUR"))
    opening = books_balance(session, account, since - timedelta(days=1))
    statement = Statement(
        "camt053", tuple(lines), IBAN, "EUR", "11", since, today, opening,
        opening + sum((line.amount for line in lines), D(0)),
    )  # fmt: skip
    done = world.do(import_statements, (statement,), file_name="made-up.xml", today=today, now=_moment(today))
    keys = done.statements[0].line_ids
    matches = [LineMatch(key, (MatchPart(payment=one.label),)) for key, (one, _name) in zip(keys, told, strict=False)]
    matches.append(LineMatch(keys[-1], (MatchPart(account="bank_charges"),)))
    world.do(match_lines, matches, today=today, now=_moment(today))


def _waiting(session: Session, today: date) -> list[StatementLine]:
    """Lines that nobody has decided on: two pay an open invoice in full, one less a charge, one is of nobody known."""
    query = (
        sa.select(col(Invoice.number), col(Invoice.open), col(Party.name))
        .join(Party, col(Party.id) == col(Invoice.customer_id))
        .where(
            col(Invoice.state) == "posted", col(Invoice.kind) == "invoice", col(Invoice.open) > 20,
            col(Invoice.rate) == 0, col(Invoice.invoiced_on) <= today,
        )
        .order_by(col(Invoice.due_on).desc(), col(Invoice.id))
        .limit(3)
    )  # fmt: skip
    found = []
    for n, (number, left, name) in enumerate(session.execute(query).all()):
        less = D("7.50") if n == 2 else D(0)
        found.append(StatementLine(today, left - less, text=f"Invoice {number}", counterparty=name, currency="EUR"))
    found.append(
        StatementLine(today, D("75.00"), text="refund of deposit", counterparty="Somebody Else", currency="EUR")
    )
    return found
