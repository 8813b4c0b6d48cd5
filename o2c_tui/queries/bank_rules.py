"""What decisions on bank lines taught, as a list. Rule: docs/rules/bank.md, "Matching"."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.bank import BankRule
from o2c_tui.models.ledger import Account
from o2c_tui.models.party import Party
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

RULE_WORDS = {
    "counterparty": N_("payer's name"),
    "counterparty_account": N_("payer's account"),
    "text": N_("words"),
}


@dataclass(frozen=True)
class RuleRow:
    """One rule: lines of which `field` reads `pattern` belong to the customer, or on the account of the ledger."""

    id: int
    field: str  # counterparty, counterparty_account, text
    pattern: str
    customer: str  # code, or empty
    customer_name: str
    account: str  # code, or empty
    account_name: str
    times: int
    learned_on: date | None
    active: bool

    @property
    def target(self) -> str:
        """Whose line it is, or the account that it is on."""
        return self.customer or self.account


def bank_rules(session: Session, *, forgotten: bool = False) -> list[RuleRow]:
    """What decisions taught, the most borne out first; with `forgotten` also what is proposed no more."""
    rules, parties, accounts = table_of(BankRule), table_of(Party), table_of(Account)
    query = (
        sa.select(
            rules.c.id, rules.c.field, rules.c.pattern,
            *(sa.func.coalesce(column, "") for column in (parties.c.code, parties.c.name, accounts.c.code, accounts.c.name)),
            rules.c.times, rules.c.learned_on, rules.c.active,
        )
        .outerjoin(parties, parties.c.id == rules.c.customer_id)
        .outerjoin(accounts, accounts.c.id == rules.c.account_id)
        .order_by(rules.c.active.desc(), rules.c.times.desc(), rules.c.pattern, rules.c.field)
    )  # fmt: skip
    if not forgotten:
        query = query.where(rules.c.active.is_(True))
    return [RuleRow(*row) for row in session.execute(query)]
