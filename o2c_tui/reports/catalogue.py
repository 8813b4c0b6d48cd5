"""Every report made by its name: what the command, the screen and the PDF all ask."""

from collections.abc import Callable
from datetime import date

from sqlmodel import Session

from o2c_tui.errors import BadValueError
from o2c_tui.reports import (
    counting,
    insight,
    inventory,
    ledger,
    numbers,
    owner,
    receivables,
    sales,
    statements,
    supply,
    valuation,
)
from o2c_tui.reports.kinds import Asked, kind_of, said
from o2c_tui.reports.table import Report
from o2c_tui.texts import N_

_MAKERS: dict[str, Callable[[Session, Asked, date], Report]] = {
    "margin": sales.margin,
    "aging": receivables.aging,
    "open-items": receivables.open_items,
    "statement": statements.statement,
    "dso": insight.dso,
    "days-to-pay": insight.days_to_pay,
    "forecast": insight.cash_forecast,
    "owner": owner.owner,
    "stock": inventory.stock,
    "stock-card": inventory.stock_card,
    "valuation": valuation.valuation,
    "stock-age": valuation.stock_age,
    "turnover": valuation.turnover,
    "slow-movers": valuation.slow_movers,
    "reorder": supply.reorder,
    "back-orders": supply.back_orders,
    "counts-due": counting.counts_due,
    "trial-balance": ledger.trial_balance,
    "ledger": ledger.general_ledger,
    "tax": ledger.tax,
    "reconciliation": ledger.reconciliation,
    "numbers": numbers.numbers,
    "income": ledger.income,
    "balance-sheet": ledger.balance_sheet,
}


def make(session: Session, name: str, asked: Asked, today: date) -> Report:
    """One report. `today` is the day it is told on; without `asked.as_of` things are told as they stand.

    Raises:
        BadValueError: it cannot be told by that, or cannot be asked that. UnknownCodeError, NotFoundError: see narrowed.
    """
    kind = kind_of(name)
    if asked.by and asked.by not in kind.by:
        if not kind.by:
            raise BadValueError(N_("This report is told one way only; leave out 'by'."), field="by")
        raise BadValueError(N_("Give one of: {choices}."), field="by", choices=", ".join(kind.by))
    for key in said(asked):
        if key != "by" and key not in kind.takes:
            raise BadValueError(
                N_("This report does not take '{word}'; it takes: {words}."),
                field=key,
                word=key,
                words=", ".join(kind.takes),
            )
    if asked.first and asked.first > (asked.as_of or today):
        raise BadValueError(N_("The first day lies after the last."), field="first")
    return _MAKERS[name](session, asked, today)
