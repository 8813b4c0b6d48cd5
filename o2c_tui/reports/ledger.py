"""The ledger told: trial balance, one account line by line, tax, reconciliations, income statement, balance sheet."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import BadValueError
from o2c_tui.models.ledger import AccountKind, AccountRole
from o2c_tui.models.party import Party
from o2c_tui.queries.ledger import (
    SOURCES,
    AccountLine,
    LedgerLine,
    account_coded,
    balance_of,
    journal,
    ledger,
    turnover,
)
from o2c_tui.queries.lookups import party_by_code
from o2c_tui.queries.reconcile import DOCUMENTED, NOBODY, RECONCILED, parts_behind, reconcile
from o2c_tui.queries.tax_report import PURCHASES, SALES, TaxLine, span_of, tax_documents, tax_told
from o2c_tui.reports.asking import facts_of, narrowed
from o2c_tui.reports.bank import bank_report
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import OTHERWISE, Behind, Heading, Marked, Report, report_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
HUNDRED = Decimal(100)
Row = tuple[tuple[Any, ...], Behind | None]


def trial_balance(session: Session, asked: Asked, today: date) -> Report:
    """Every account that was ever used: opening, debit, credit and balance; debit positive, so the sums are nothing."""
    told = narrowed(session, asked)
    rows: list[Row] = [
        ((line.code, line.name, line.opening, line.debit, line.credit, line.closing), _lines_of(line.code, asked))
        for line in turnover(session, asked.first, asked.as_of)
        if line.opening or line.debit or line.credit
    ]
    headings = (
        Heading(N_("Account")),
        Heading(N_("Name"), "word"),
        Heading(N_("Opening"), "money", spare=0 if asked.first else 1),
        Heading(N_("Debited"), "money"),
        Heading(N_("Credited"), "money"),
        Heading(N_("Closing"), "money"),
    )
    return report_of(
        "trial-balance",
        facts_of(told, today),
        headings,
        rows,
        add=(2, 3, 4, 5),
        digits=told.digits,
        notes=[(N_("Balances are debits less credits; all of them together are nothing."), {})],
        asked=asked,
    )


def _lines_of(code: str, asked: Asked) -> Behind:
    return Behind("report", report="ledger", asked=Asked(as_of=asked.as_of, first=asked.first, account=code))


def general_ledger(session: Session, asked: Asked, today: date) -> Report:
    """One account with its opening balance, each line with its document and the balance after it; without an account
    the whole journal.

    Raises:
        UnknownCodeError: no account has the code.
    """
    told = narrowed(session, asked)
    start: list[Heading] = [Heading(N_("Date"), "date"), Heading(N_("Document")), Heading(N_("Kind"), "word", spare=3)]
    if not asked.account:
        rows: list[Row] = [
            ((line.on, line.number, line.word, code, line.party, *_sides(line.amount)), _behind(line))
            for code, line in journal(session, asked.first, asked.as_of)
        ]
        headings = (
            *start,
            Heading(N_("Account")),
            Heading(N_("Party")),
            Heading(N_("Debited"), "money"),
            Heading(N_("Credited"), "money"),
        )
        add: tuple[int, ...] = (5, 6)
        totals: dict[int, Any] = {}
        facts = facts_of(told, today)
    else:
        found = ledger(session, asked.account, asked.first, asked.as_of)
        rows = [((line.on, line.number, line.word, line.party, *_sides(line.amount), line.balance), _behind(line))
                for line in found.lines]  # fmt: skip
        if asked.first is not None:
            rows.insert(0, ((asked.first, "", N_("opening"), "", None, None, found.opening), None))
        headings = (
            *start,
            Heading(N_("Party"), spare=2),
            Heading(N_("Debited"), "money"),
            Heading(N_("Credited"), "money"),
            Heading(N_("Balance"), "money"),
        )
        add, totals = (4, 5), {6: found.closing}
        facts = [*facts_of(told, today), (N_("Name"), Marked(account_coded(session, asked.account).name))]
    return report_of(
        "ledger",
        facts,
        headings,
        rows,
        add=add,
        digits=told.digits,
        asked=asked,
        totals=totals,
    )


def _sides(amount: Decimal) -> tuple[Decimal | None, Decimal | None]:
    return (amount, None) if amount > ZERO else (None, -amount)


def _behind(line: LedgerLine) -> Behind:
    return Behind(SOURCES[line.source][1], line.document_id)


def tax(session: Session, asked: Asked, today: date) -> Report:
    """Base and tax by period, code and rate: what was invoiced less credits, and what suppliers billed; the sums are
    how the tax accounts moved."""
    told = narrowed(session, asked)
    by = asked.by or "month"
    if by in _SIDES:
        return _tax_documents(session, asked, today)
    code, rate = _code_and_rate(asked.code)
    found = tax_told(session, asked.first, asked.as_of, by)
    lines = [x for x in found.lines if code in ("", x.code) and rate in (None, x.rate)]
    rows: list[Row] = [
        (
            (
                line.period,
                line.side,
                line.code,
                line.rate * HUNDRED,
                line.net,
                line.tax,
                line.credited_net or None,
                line.credited_tax or None,
            ),
            _documents_of(line, asked),
        )
        for line in lines
    ]
    headings = (
        Heading(N_("Period")),
        Heading(N_("Kind"), "word"),
        Heading(N_("Code")),
        Heading("%", "percent"),
        Heading(N_("Base"), "money"),
        Heading(N_("Tax"), "money"),
        Heading(N_("Base credited"), "money", spare=2),
        Heading(N_("Tax credited"), "money", spare=1),
    )
    due = found.tax_account - found.input_account
    notes: list[tuple[str, dict[str, Any]]] = (
        []
        if code
        else [
            (
                N_("Sales {sales} less purchases {purchases}: {due} due, as the accounts say.")
                if found.agrees
                else OTHERWISE,
                {"sales": found.tax_account, "purchases": found.input_account, "due": due},
            )
        ]
    )
    sums = {side: sum((x.net for x in lines if x.side == side), ZERO) for side in (SALES, PURCHASES)}
    if code:
        due = sum((x.tax if x.side == SALES else -x.tax for x in lines), ZERO)
    facts = [*facts_of(told, today, by=by, name="tax")]
    return report_of(
        "tax",
        facts,
        headings,
        rows,
        add=(4,),
        digits=told.digits,
        notes=notes,
        asked=asked,
        totals={4: sums[SALES] - sums[PURCHASES], 5: due},
    )


_SIDES = {"sales": SALES, "purchases": PURCHASES}


def _code_and_rate(text: str) -> tuple[str, Decimal | None]:
    """A tax code as it is asked for, perhaps with its rate in percent: VAT20@20.

    Raises:
        BadValueError: the rate is no number.
    """
    code, at, percent = text.strip().rpartition("@")
    if not at:
        return text.strip().upper(), None
    try:
        return code.upper(), Decimal(percent) / HUNDRED
    except InvalidOperation:
        raise BadValueError(N_("'{text}' is no number."), field="code", text=percent) from None


def _documents_of(line: TaxLine, asked: Asked) -> Behind:
    """The documents behind a line: of its period, as far as it was asked for, its side, code and rate."""
    first, last = span_of(line.period)
    wanted = Asked(
        by=next(word for word, side in _SIDES.items() if side == line.side),
        first=max(first, asked.first or first),
        as_of=min(last, asked.as_of or last),
        code=f"{line.code}@{(line.rate * HUNDRED).normalize():f}",
    )
    return Behind("report", report="tax", asked=wanted)


def _tax_documents(session: Session, asked: Asked, today: date) -> Report:
    """The documents behind the tax of sales or purchases, each by code and rate; without a code they add up to what the tax
    account moved by."""
    told = narrowed(session, asked)
    side = _SIDES[asked.by]
    code, rate = _code_and_rate(asked.code)
    found = tax_documents(session, asked.first, asked.as_of, side, code, rate)
    rows: list[Row] = [
        (
            (one.on, one.number, one.word, one.party, one.code, one.rate * HUNDRED, one.net, one.tax),
            Behind(SOURCES[one.source][1], one.document_id),
        )
        for one in found
    ]
    headings = (
        Heading(N_("Date"), "date"),
        Heading(N_("Document")),
        Heading(N_("Kind"), "word", spare=2),
        Heading(N_("Party"), spare=1),
        Heading(N_("Code")),
        Heading("%", "percent"),
        Heading(N_("Base"), "money"),
        Heading(N_("Tax"), "money"),
    )
    notes: list[tuple[str, dict[str, Any]]] = []
    if not code:
        moved = balance_of(
            session, AccountRole.TAX if side == SALES else AccountRole.INPUT_TAX, asked.as_of, first=asked.first
        )
        agrees = sum((one.tax for one in found), ZERO) == (-moved if side == SALES else moved)
        notes = [(N_("The account agrees with its rows.") if agrees else OTHERWISE, {})]
    facts = facts_of(told, today, by=asked.by, name="tax")
    return report_of("tax", facts, headings, rows, add=(6, 7), digits=told.digits, notes=notes, asked=asked)


def reconciliation(session: Session, asked: Asked, today: date) -> Report:
    """An account of the ledger beside the rows it must be the sum of, by customer, supplier or warehouse."""
    told = narrowed(session, asked)
    by = asked.by or "receivables"
    day = asked.as_of or today
    if by == "bank":
        return bank_report(session, asked, today)
    named = asked.party not in ("", NOBODY)
    party = party_by_code(session, asked.party, word=N_("party"), field="party") if named else None
    if asked.party and by in DOCUMENTED:
        return _party_documents(session, by, party, asked, today)
    found = reconcile(session, by, day)
    rows: list[Row] = []
    for side in found.sides:
        if party is not None and side.code != party.code:
            continue
        behind: Behind | None = None
        if by == "receivables":
            behind = Behind("report", report="open-items", asked=Asked(as_of=asked.as_of, customer=side.code))
        elif by == "inventory":
            layers = Asked("layer", as_of=asked.as_of, warehouse=side.code)
            behind = Behind("report", report="valuation", asked=layers)
        else:
            behind = Behind("report", report="reconciliation", asked=Asked(by, as_of=asked.as_of, party=side.code))
        gap = side.account - side.rows if side.account is not None else None
        rows.append(((side.code, side.name, side.account, side.rows, gap), behind))
    headings = (
        Heading(N_("Code")),
        Heading(N_("Name")),
        Heading(N_("Account"), "money"),
        Heading(_ROWS_SAID[by], "money"),
        Heading(N_("Difference"), "money"),
    )
    words = N_("The account agrees with its rows.") if found.agrees else OTHERWISE
    return report_of(
        "reconciliation",
        [*facts_of(told, today, by=by, name="reconciliation")],
        headings,
        rows,
        add=(3,),
        digits=told.digits,
        notes=[(words, {})],
        asked=asked,
        totals={2: found.account, 3: found.rows, 4: found.account - found.rows} if party is None else None,
    )


def _party_documents(session: Session, by: str, party: Party | None, asked: Asked, today: date) -> Report:
    """The documents that one party's rows are the sum of."""
    day = asked.as_of or today
    rows: list[Row] = [
        ((part.on, part.number, part.amount), Behind(part.kind, part.document_id))
        for part in parts_behind(session, by, party.id if party is not None else None, day)
    ]
    headings = (Heading(N_("Date"), "date"), Heading(N_("Document")), Heading(_ROWS_SAID[by], "money"))
    told = narrowed(session, asked)
    facts = facts_of(told, today, by=by, name="reconciliation")
    if party is not None:
        facts.append((N_("Name"), party.name))
    return report_of(
        "reconciliation",
        facts,
        headings,
        rows,
        add=(2,),
        digits=told.digits,
        asked=asked,
    )


_ROWS_SAID = {
    "receivables": N_("Open items"),
    "payables": N_("Bills"),
    "inventory": N_("Cost layers"),
    "received": N_("Receipts"),
    "deposits": N_("Deposits left"),
}
assert set(_ROWS_SAID) == set(RECONCILED)
_SECTIONS = {
    AccountKind.ASSET: N_("Assets"),
    AccountKind.LIABILITY: N_("Liabilities"),
    AccountKind.EQUITY: N_("Equity"),
    AccountKind.INCOME: N_("Income"),
    AccountKind.EXPENSE: N_("Expense"),
}


def _section(
    lines: list[AccountLine], kind: AccountKind, sign: int, asked: Asked, *, moved: bool
) -> tuple[list[Row], Decimal]:
    rows: list[Row] = []
    total = ZERO
    for line in lines:
        amount = sign * ((line.debit - line.credit) if moved else line.closing)
        if line.kind is kind and amount:
            rows.append(((_SECTIONS[kind], line.code, line.name, amount), _lines_of(line.code, asked)))
            total += amount
    rows.append(((_SECTIONS[kind], "", Marked(N_("Total")), total), None))
    return rows, total


def income(session: Session, asked: Asked, today: date) -> Report:
    """Income less expense of a span: what is left is the result."""
    told = narrowed(session, asked)
    lines = turnover(session, asked.first, asked.as_of)
    earned, gain = _section(lines, AccountKind.INCOME, -1, asked, moved=True)
    spent, cost = _section(lines, AccountKind.EXPENSE, 1, asked, moved=True)
    return _statement("income", told, today, [*earned, *spent], N_("Result"), gain - cost, asked)


def balance_sheet(session: Session, asked: Asked, today: date) -> Report:
    """Assets, liabilities and equity on a day; the result of all days until then is part of the equity."""
    told = narrowed(session, asked)
    lines = turnover(session, None, asked.as_of)
    asked_of = Asked(as_of=asked.as_of)
    assets, owned = _section(lines, AccountKind.ASSET, 1, asked_of, moved=False)
    debts, owed = _section(lines, AccountKind.LIABILITY, -1, asked_of, moved=False)
    equity, _own = _section(lines, AccountKind.EQUITY, -1, asked_of, moved=False)
    result = sum((-x.closing for x in lines if x.kind in (AccountKind.INCOME, AccountKind.EXPENSE)), ZERO)
    word, code, name, total = equity[-1][0]
    equity[-1:] = [
        ((word, "", Marked(N_("Result")), result), Behind("report", report="income", asked=asked_of)),
        ((word, code, name, total + result), None),
    ]
    assert owned == owed + total + result
    return _statement(
        "balance-sheet", told, today, [*assets, *debts, *equity], N_("Liabilities and equity"), owned, asked
    )


def _statement(name: str, told: Any, today: date, rows: list[Row], last: str, total: Decimal, asked: Asked) -> Report:
    headings = (
        Heading(N_("Part"), "word"),
        Heading(N_("Account")),
        Heading(N_("Name"), "word"),
        Heading(N_("Amount"), "money"),
    )
    if not any(code for (_part, code, _name, _amount), _behind in rows):
        rows = []  # sums of nothing
    return report_of(
        name,
        facts_of(told, today),
        headings,
        rows,
        add=(3,),
        digits=told.digits,
        asked=asked,
        totals={0: last, 3: total},
    )
