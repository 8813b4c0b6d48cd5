"""The bank: its accounts, statements taken in line by line once, lines put aside with a reason.

What a line is, is decided in services/bank_matching.py. Rule: docs/rules/bank.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, ConflictError, DuplicateError, Notice, UnknownCodeError
from o2c_tui.models.bank import BankAccount, BankLine, BankLineState, BankStatement
from o2c_tui.models.ledger import Account, AccountKind, AccountRole, JournalLine
from o2c_tui.money import MOST_AMOUNT, digits_of, is_figure
from o2c_tui.queries.lookups import account_ids, the_company, unknown
from o2c_tui.rules.statements import Statement, account_key, identities
from o2c_tui.services.posting import Facts
from o2c_tui.services.records import Record, clean_code, clean_name
from o2c_tui.services.rights import require_office
from o2c_tui.services.support import load, require_state, take_step, warn
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.storage.rows import insert_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)


# -- accounts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BankAccountSetup:
    """An account at a bank; None leaves a value as it is. `account` is the ledger's (code), made where there is none."""

    code: str
    name: str
    iban: str | None = None  # or the bank's own kind of number
    bic: str | None = None
    bank: str | None = None
    holder: str | None = None
    currency: str | None = None  # empty: the company's
    account: str = ""
    is_default: bool | None = None  # printed on invoices
    active: bool | None = None


def save_bank_account(
    session: Session, setup: BankAccountSetup, *, version: int | None = None, by: str, today: date
) -> Record:
    """Make a bank account, or change the one with this code; the first is the default that invoices print.

    Warns of an IBAN or BIC with a wrong check digit or form: it may still be what the bank says.

    Raises:
        DuplicateError: another has this number or this account of the ledger. BadValueError: the ledger's account is no
        bank account, or may not change any more. ConflictError: somebody else changed it meanwhile.
    """
    require_office(session, by, N_("change bank accounts"))
    code = clean_code(setup.code)
    found = session.exec(select(BankAccount).where(BankAccount.code == code)).one_or_none()
    values: dict[str, Any] = {"name": clean_name(setup.name)}
    for name in ("bank", "holder", "is_default", "active"):
        value = getattr(setup, name)
        if value is not None:
            values[name] = value.strip() if isinstance(value, str) else value
    if setup.iban is not None:
        values["iban"] = _checked_iban(session, setup.iban, code)
    if setup.bic is not None:
        values["bic"] = _checked_bic(session, setup.bic)
    if setup.currency is not None:
        values["currency"] = _own_currency(session, setup.currency)
    if setup.account:
        values["account_id"] = _ledger_account(session, setup.account, code)
    kept_in = values.get("currency", found.currency if found is not None else "")
    if kept_in and (setup.account or (found is not None and values.get("currency", "") != found.currency)):
        _refuse_mixing(session, values.get("account_id", found.account_id if found is not None else 0), kept_in)
    is_new = found is None
    if found is None:
        first = session.exec(select(BankAccount.id).limit(1)).first() is None
        values.setdefault("account_id", 0)
        values["account_id"] = values["account_id"] or _free_account(session, values["name"], own=not kept_in)
        values.setdefault("is_default", first)
        found = BankAccount(code=code, **values)
        session.add(found)
        session.flush()
        created(session, found)
    else:
        if version is not None and found.version != version:
            raise ConflictError(N_("Somebody else has changed {code} meanwhile. Look at it again (F5)."), code=code)
        _refuse_moving(session, found, values)
        decide(session, found, **values)
        found.version += 1
    if found.is_default:
        for other in session.exec(
            select(BankAccount).where(col(BankAccount.is_default).is_(True), BankAccount.id != found.id)
        ):
            decide(session, other, is_default=False)
            other.version += 1
    record(session, "save_bank_account", found, by=by)
    return Record(found.id, code, is_new)


def _checked_iban(session: Session, text: str, code: str) -> str:
    """An account number without blanks; one that looks like an IBAN is checked."""
    from stdnum import iban
    from stdnum.exceptions import ValidationError

    number = account_key(text)
    if number and len(number) > 5 and number[:2].isalpha() and number[2:4].isdigit():
        try:
            iban.validate(number)
        except ValidationError:
            warn(
                session,
                "iban",
                N_("{iban} is no valid IBAN: a digit or a letter is wrong, or it is too short or too long."),
                iban=number,
            )
    twin = session.exec(
        select(BankAccount).where(BankAccount.iban == number, BankAccount.code != code, BankAccount.iban != "")
    ).first()
    if twin is not None:
        raise DuplicateError(N_("{number} is the number of {code}."), field="iban", number=number, code=twin.code)
    return number


def _checked_bic(session: Session, text: str) -> str:
    from stdnum import bic
    from stdnum.exceptions import ValidationError

    number = account_key(text)
    if number:
        try:
            bic.validate(number)
        except ValidationError:
            warn(session, "bic", N_("{bic} is no valid BIC: it has 8 or 11 letters and digits."), bic=number)
    return number


def _own_currency(session: Session, text: str) -> str:
    currency = text.strip().upper()
    if currency:
        digits_of(currency)  # refuses an unknown one
    return "" if currency == the_company(session).currency else currency


def _ledger_account(session: Session, told: str, code: str) -> int:
    account = session.exec(select(Account).where(Account.code == told.strip())).one_or_none()
    if account is None:
        raise unknown(session, Account, N_("account"), told, "account")
    if account.role is not AccountRole.BANK:
        raise BadValueError(N_("{account} is no bank or cash account."), field="account", account=account.code)
    twin = session.exec(
        select(BankAccount).where(BankAccount.account_id == account.id, BankAccount.code != code)
    ).first()
    if twin is not None:
        raise DuplicateError(
            N_("The account {account} of the ledger is that of {code}."),
            field="account",
            account=account.code,
            code=twin.code,
        )
    return account.id


def _free_account(session: Session, name: str, *, own: bool) -> int:
    """The ledger's bank account that no bank account has yet; else, or for another currency than the company's (`own`), a
    new one beside it."""
    taken = set(session.exec(select(BankAccount.account_id)).all())
    first = account_ids(session)[AccountRole.BANK]
    if own and first not in taken:
        return first
    codes = set(session.exec(select(Account.code)).all())
    number = 1001
    while str(number) in codes:
        number += 1
    account = Account(code=str(number), name=name, kind=AccountKind.ASSET, role=AccountRole.BANK)
    session.add(account)
    session.flush()
    created(session, account)
    return account.id


def _refuse_mixing(session: Session, account_id: int, currency: str) -> None:
    """Refuse an account of the ledger for another currency where money in the company's stands on it, or comes in by default."""
    there = select(JournalLine.entry_id).where(JournalLine.account_id == account_id, JournalLine.currency != currency)
    is_usual = account_ids(session).get(AccountRole.BANK) == account_id
    if is_usual or session.exec(there.limit(1)).first() is not None:
        account = session.get(Account, account_id)
        raise BadValueError(
            N_("{account} of the ledger has money in {own}; an account in {currency} needs one of its own."),
            field="account",
            account=account.code if account is not None else "",
            own=the_company(session).currency,
            currency=currency,
        )


def _refuse_moving(session: Session, found: BankAccount, values: dict[str, Any]) -> None:
    """Refuse another account of the ledger, or another currency, once statements were taken in."""
    moves = any(name in values and values[name] != getattr(found, name) for name in ("account_id", "currency"))
    if moves and session.exec(select(BankLine.id).where(BankLine.bank_account_id == found.id).limit(1)).first():
        raise BadValueError(
            N_("Statements of {code} are in the books; its currency and its account stay."),
            field="account",
            code=found.code,
        )


def bank_account_by_code(session: Session, code: str, field: str = "account") -> BankAccount:
    """The bank account with this code.

    Raises:
        UnknownCodeError: there is none.
    """
    found = session.exec(select(BankAccount).where(BankAccount.code == code.strip().upper())).one_or_none()
    if found is None:
        raise unknown(session, BankAccount, N_("bank account"), code, field)
    return found


# -- statements --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TakenIn:
    """What came of one statement: how many of its lines are new, and how many were there already."""

    account: str
    reference: str
    from_on: date | None
    to_on: date | None
    opening: Decimal | None
    closing: Decimal | None
    new: int
    known: int
    line_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class StatementsTaken:
    """What came of a file."""

    statements: tuple[TakenIn, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def new(self) -> int:
        """Lines that were not there before."""
        return sum(told.new for told in self.statements)

    @property
    def known(self) -> int:
        """Lines that were there already."""
        return sum(told.known for told in self.statements)


def import_statements(
    session: Session,
    statements: Sequence[Statement],
    *,
    account: str = "",
    file_name: str = "",
    sha256: str = "",
    by: str,
    today: date,
    now: datetime,
) -> StatementsTaken:
    """Take statements in: each line once, however often its file, or one that overlaps it, is given.

    `account` names the bank account where the file does not. Nothing is booked. Warns where the lines of a statement do
    not add up to its balances, or lines look like ones that came in another file with other words.

    Raises:
        UnknownCodeError: no bank account has the number. BadValueError: another currency than the account's, or a figure
        that does not fit it.
    """
    require_office(session, by, N_("take bank statements in"))
    taken, facts = [], Facts()
    counted: dict[int, list[Any]] = {}
    home: BankAccount | None = None
    for statement in statements:
        place = _place_of(session, statement, account)
        home = home or place
        _check_statement(session, statement, place)
        before = counted.setdefault(place.id, [])
        keys = identities(str(place.id), [*before, *statement.lines])[len(before) :]
        before += statement.lines
        taken.append(
            _take_in(session, statement, place, keys, facts, file_name=file_name, sha256=sha256, by=by, now=now)
        )
    if home is not None and facts:
        session.flush()
        record(session, "import_statements", home, by=by, facts=facts)
    return StatementsTaken(tuple(taken), tuple(session.info.get("warnings", ())))


def _place_of(session: Session, statement: Statement, code: str) -> BankAccount:
    """The bank account of a statement.

    Raises:
        UnknownCodeError: none has its number. BadValueError: the file is of another account than the one that was named.
    """
    number = statement.account
    if code:
        place = bank_account_by_code(session, code)
        if number and place.iban and not _same_account(place.iban, number):
            raise BadValueError(
                N_("The file is of the account {number}; {code} has the number {iban}."),
                field="account",
                number=number,
                code=place.code,
                iban=place.iban,
            )
        return place
    there = session.exec(
        select(BankAccount).where(col(BankAccount.active).is_(True)).order_by(col(BankAccount.id))
    ).all()
    if not there:
        raise UnknownCodeError(N_("There is no bank account yet; make one first: g b, F9."), field="account")
    fitting = [place for place in there if number and place.iban and _same_account(place.iban, number)]
    if len(fitting) == 1:
        return fitting[0]
    if not number and len(there) == 1:
        return there[0]
    if number:
        raise UnknownCodeError(
            N_("No bank account has the number {number}. Say which it is, or give it the number. There are: {names}."),
            field="account",
            number=number,
            names=", ".join(place.code for place in there),
        )
    raise UnknownCodeError(
        N_("The file does not say whose statement it is. Say which account. There are: {names}."),
        field="account",
        names=", ".join(place.code for place in there),
    )


def _same_account(mine: str, told: str) -> bool:
    """Whether two numbers are one account: the same, or the end of the IBAN that the bank uses by itself."""
    if mine == told:
        return True
    short, long = sorted((mine, told), key=len)
    return len(short.lstrip("0")) >= 6 and long.endswith(short.lstrip("0")) and long[:2].isalpha()


def _check_statement(session: Session, statement: Statement, place: BankAccount) -> None:
    company = the_company(session)
    currency = place.currency or company.currency
    for told in {statement.currency, *(line.currency for line in statement.lines)} - {""}:
        if told.upper() != currency:
            raise BadValueError(
                N_("{code} is kept in {currency}; the statement is in {told}."),
                field="currency",
                code=place.code,
                currency=currency,
                told=told,
            )
    digits = digits_of(currency)
    for line in statement.lines:
        if not is_figure(abs(line.amount), digits, MOST_AMOUNT):
            raise BadValueError(
                N_("Line {line}: {amount} is no amount in {currency}."),
                field="amount",
                line=line.line,
                amount=line.amount,
                currency=currency,
            )
    if statement.missing:
        warn(
            session,
            "statement_sum",
            N_("The statement until {day} goes from {opening} to {closing}; its lines miss that by {amount}."),
            day=str(statement.last_day),
            opening=statement.opening,
            closing=statement.closing,
            amount=statement.missing,
        )


def _take_in(
    session: Session,
    statement: Statement,
    place: BankAccount,
    keys: Sequence[str],
    facts: Facts,
    *,
    file_name: str,
    sha256: str,
    by: str,
    now: datetime,
) -> TakenIn:
    there: set[str] = set()
    for start in range(0, len(keys), 800):
        query = select(BankLine.identity).where(col(BankLine.identity).in_(keys[start : start + 800]))
        there |= set(session.exec(query).all())
    fresh = [(line, key) for line, key in zip(statement.lines, keys, strict=True) if key not in there]
    told = TakenIn(
        place.code,
        statement.reference,
        statement.first_day,
        statement.last_day,
        statement.opening,
        statement.closing,
        len(fresh),
        len(keys) - len(fresh),
    )
    if not fresh and (keys or _is_known(session, statement, place)):
        return told
    _warn_of_lookalikes(session, place, [line for line, _key in fresh])
    head = insert_rows(
        session,
        BankStatement,
        [
            {
                "bank_account_id": place.id,
                "file_name": file_name[:200],
                "format": statement.format,
                "sha256": sha256,
                "reference": statement.reference,
                "from_on": statement.first_day,
                "to_on": statement.last_day,
                "opening": statement.opening,
                "closing": statement.closing,
                "currency": place.currency,
                "imported_at": now,
                "by": by,
            }
        ],
    )
    rows = insert_rows(
        session,
        BankLine,
        [
            {
                "statement_id": head[0]["id"],
                "bank_account_id": place.id,
                "position": position,
                "booked_on": line.booked_on,
                "value_on": line.value_on,
                "amount": line.amount,
                "currency": place.currency,
                "text": line.text,
                "reference": line.reference,
                "bank_reference": line.bank_reference,
                "counterparty": line.counterparty,
                "counterparty_account": line.counterparty_account,
                "identity": key,
            }
            for position, (line, key) in enumerate(fresh, 1)
        ],
    )
    facts += [(BankStatement, head), *([(BankLine, rows)] if rows else [])]
    return TakenIn(**{**vars(told), "line_ids": tuple(row["id"] for row in rows)})


def _is_known(session: Session, statement: Statement, place: BankAccount) -> bool:
    """Whether a statement without lines was taken in before."""
    query = select(BankStatement.id).where(
        BankStatement.bank_account_id == place.id,
        BankStatement.from_on == statement.first_day,
        BankStatement.to_on == statement.last_day,
        BankStatement.closing == statement.closing,
    )
    return session.exec(query.limit(1)).first() is not None


def _warn_of_lookalikes(session: Session, place: BankAccount, lines: Sequence[Any]) -> None:
    """Say that lines have the day and the amount of lines which came with other words: one file in two forms?"""
    days = sorted({line.booked_on for line in lines})
    if not days:
        return
    query = (
        sa.select(col(BankLine.booked_on), col(BankLine.amount))
        .where(
            col(BankLine.bank_account_id) == place.id,
            col(BankLine.booked_on) >= days[0],
            col(BankLine.booked_on) <= days[-1],
        )
        .distinct()
    )
    there = {(on, amount.normalize()) for on, amount in session.execute(query)}
    alike = [line for line in lines if (line.booked_on, line.amount.normalize()) in there]
    if len(alike) >= 3 and 2 * len(alike) >= len(lines):
        warn(
            session,
            "lookalikes",
            N_(
                "{n} lines have day and amount of lines that came in another file with other words. Is it the same statement?"
            ),
            n=len(alike),
        )


# -- lines put aside ---------------------------------------------------------------------------------------------------


def ignore_line(
    session: Session, line_id: int, reason: str, *, version: int | None = None, by: str, today: date
) -> int:
    """Put a line aside that is not for these books, with the reason; it stays in the difference to the bank's balance.

    Raises:
        BadValueError: no reason. WrongStateError: it is not open.
    """
    if not reason.strip():
        raise BadValueError(N_("Say why the line is put aside."), field="reason")
    require_office(session, by, N_("match bank lines"))
    line = load(session, BankLine, line_id, version=version)
    take_step(session, line, BankLineState.IGNORED)
    decide(session, line, note=reason.strip())
    record(session, "ignore_line", line, by=by, on=today)
    return line.id


def reopen_line(session: Session, line_id: int, *, version: int | None = None, by: str, today: date) -> int:
    """Take a line that was put aside up again.

    Raises:
        WrongStateError: it was not put aside.
    """
    require_office(session, by, N_("match bank lines"))
    line = load(session, BankLine, line_id, version=version)
    require_state(line, BankLineState.IGNORED, doing=N_("be taken up again"))
    take_step(session, line, BankLineState.OPEN)
    decide(session, line, note="")
    record(session, "reopen_line", line, by=by, on=today)
    return line.id
