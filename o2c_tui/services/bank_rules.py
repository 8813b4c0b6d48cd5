"""What decisions on bank lines teach: lines like this belong to that customer, or on that account; and how it is forgotten.

Rule: docs/rules/bank.md, "Matching".
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session, select

from o2c_tui.errors import NotFoundError
from o2c_tui.models.bank import BankLine, BankRule
from o2c_tui.models.ledger import Account, AccountRole
from o2c_tui.queries.bank_proposals import times_borne_out
from o2c_tui.rules.matching import Line, patterns
from o2c_tui.services.rights import require_office
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.texts import N_


def as_line(line: BankLine) -> Line:
    """A line as the rules take it."""
    return Line(
        line.id,
        line.booked_on,
        line.amount,
        line.text,
        line.reference,
        line.counterparty,
        line.counterparty_account,
    )


def _rule(session: Session, field: str, pattern: str) -> BankRule | None:
    return session.exec(select(BankRule).where(BankRule.field == field, BankRule.pattern == pattern)).one_or_none()


def target_of(session: Session, line: BankLine, rows: Sequence[Mapping[str, Any]]) -> tuple[int | None, int | None]:
    """The customer or the account that a line's matches teach; nothing where there are several, or it is a supplier's."""
    if len(rows) != 1:
        return None, None
    if rows[0]["payment_id"] is not None:
        return line.customer_id, None
    account = session.get(Account, rows[0]["account_id"])
    return None, None if account is None or account.role is AccountRole.PAYABLE else account.id


def learn(session: Session, line: BankLine, customer: int | None, account: int | None, *, today: date) -> None:
    """Remember what a line like this is: by the payer's account and name, of a charge without one by its words."""
    if customer is None and account is None:
        return
    for field, pattern in patterns(as_line(line)):
        if field == "text" and customer is not None:
            continue  # what a customer writes is another thing each time
        rule = _rule(session, field, pattern)
        if rule is None:
            rule = BankRule(field=field, pattern=pattern, customer_id=customer, account_id=account, learned_on=today)
            session.add(rule)
            session.flush()
            created(session, rule)
            continue
        if (rule.customer_id, rule.account_id) == (customer, account):
            rule.times += 1
        else:
            decide(session, rule, customer_id=customer, account_id=account, learned_on=today)
            rule.times = times_borne_out(session, rule)
        decide(session, rule, active=True)
        rule.version += 1
    session.flush()


def unlearn(session: Session, line: BankLine, customer: int | None, account: int | None) -> None:
    """A decision that was taken back teaches nothing."""
    if customer is None and account is None:
        return
    for field, pattern in patterns(as_line(line)):
        rule = _rule(session, field, pattern)
        if rule is None or (rule.customer_id, rule.account_id) != (customer, account):
            continue
        rule.times -= 1
        rule.version += 1
        if not rule.times:
            decide(session, rule, active=False)
    session.flush()


def forget_rule(session: Session, field: str, pattern: str, *, by: str, today: date) -> int:
    """Forget what decisions taught of a payer: it is proposed no more.

    Raises:
        NotFoundError: there is no such rule.
    """
    require_office(session, by, N_("match bank lines"))
    rule = _rule(session, field, pattern)
    if rule is None or not rule.active:
        raise NotFoundError(N_("There is no rule for '{pattern}'."), pattern=pattern)
    decide(session, rule, active=False)
    rule.version += 1
    record(session, "forget_rule", rule, by=by, on=today)
    return rule.id
