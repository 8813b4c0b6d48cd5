"""Every promise of the books, recomputed from raw rows: `o2c verify`.

Each check yields what is wrong, as marked sentences with their values; none means it holds. Nothing kept is believed: open amounts, stock,
layers, progress and states are added up anew from facts and from the audit trail.
Rule: docs/rules/verify.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.audit import AuditHead
from o2c_tui.models.tables import MODULES
from o2c_tui.queries.checking import Breach, Found, breach, named
from o2c_tui.queries.verify_audit import chain_whole, decisions_told, facts_unchanged, lost
from o2c_tui.queries.verify_bank import BANK_CHECKS
from o2c_tui.queries.verify_closing import closings_hold
from o2c_tui.queries.verify_documents import document_totals, line_progress, order_axes
from o2c_tui.queries.verify_exchange import EXCHANGE_CHECKS
from o2c_tui.queries.verify_house import house_lines_agree, places_agree
from o2c_tui.queries.verify_invoices import deposits_agree
from o2c_tui.queries.verify_ledger import entries_balance, inventory_agrees, posted_documents_are_booked
from o2c_tui.queries.verify_numbers import numbers_gapless
from o2c_tui.queries.verify_purchases import PURCHASE_CHECKS
from o2c_tui.queries.verify_receivables import open_items, receivables_agree
from o2c_tui.queries.verify_reminders import reminders_add_up
from o2c_tui.queries.verify_settled import SETTLED_CHECKS
from o2c_tui.queries.verify_settling import SETTLING_CHECKS
from o2c_tui.queries.verify_stock import layers_agree, moves_agree, returns_within_deliveries, stock_levels
from o2c_tui.storage.anchor import Anchor
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

MOST_SAID = 20  # sentences of one check

assert MODULES


@dataclass(frozen=True)
class Check:
    """One invariant and what was found wrong with it; nothing where it holds."""

    name: str
    breaches: tuple[Breach, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.breaches


@dataclass(frozen=True)
class Verification:
    """All checks of the books, and the head of the audit chain they were made at."""

    checks: tuple[Check, ...]
    entries: int
    head: str

    @property
    def holds(self) -> bool:
        """Whether every promise holds."""
        return all(check.holds for check in self.checks)


def verify(session: Session, anchor: Anchor | None = None) -> Verification:
    """Check every invariant of the books, and that nothing is missing of what `anchor` has noted outside of them."""
    checks = []
    wanted = dict(CHECKS)
    if anchor is not None:
        wanted[N_("nothing is missing that was written from here")] = partial(lost, anchor=anchor)
    for name, check in wanted.items():
        breaches: list[Breach] = []
        try:
            for found in check(session):
                breaches.append(found)
                if len(breaches) == MOST_SAID:
                    breaches.append(breach(N_("… and more of the kind")))
                    break
            breaches = named(session, breaches)
        except Exception as error:  # damage may be of a kind that no check can read past; that is a breach, no defect
            session.rollback()
            breaches.append(
                breach(N_("what is stored cannot be read: {kind}: {why}"), kind=type(error).__name__, why=str(error))
            )
        checks.append(Check(name, tuple(breaches)))
    head = session.execute(sa.select(table_of(AuditHead))).one_or_none()
    return Verification(tuple(checks), head.seq if head else 0, head.hash.hex() if head else "")


CHECKS: dict[str, Callable[[Session], Found]] = {
    N_("every journal entry balances"): entries_balance,
    N_("receivables account = open items"): receivables_agree,
    N_("inventory account = cost layers = moves"): inventory_agrees,
    N_("stock levels = moves = layers; reserved = reservations"): stock_levels,
    N_("cost layers = received less consumed"): layers_agree,
    N_("moves = layers and consumptions"): moves_agree,
    N_("returns within what was delivered"): returns_within_deliveries,
    N_("transfers, counts and adjustments = their moves"): house_lines_agree,
    N_("bins and lots = what was put there"): places_agree,
    N_("lines carry what their documents say"): line_progress,
    N_("derived states follow from lines"): order_axes,
    N_("documents add up"): document_totals,
    N_("deposits = what is deducted, credited and left"): deposits_agree,
    N_("open items = amounts less allocations"): open_items,
    N_("posted documents are booked"): posted_documents_are_booked,
    **EXCHANGE_CHECKS,
    **SETTLED_CHECKS,
    **SETTLING_CHECKS,
    **PURCHASE_CHECKS,
    N_("reminders add up"): reminders_add_up,
    **BANK_CHECKS,
    N_("numbers are gapless"): numbers_gapless,
    N_("closings hold"): closings_hold,
    N_("the audit chain is whole"): chain_whole,
    N_("facts are as they were posted"): facts_unchanged,
    N_("decisions are as they were told"): decisions_told,
}
