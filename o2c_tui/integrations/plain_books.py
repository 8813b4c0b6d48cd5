"""The journal in the formats of plain-text accounting: hledger and beancount.

Accounts, customers and documents go by their codes; names are said in comments or metadata. User text is cleaned of
every sign that either format reads as its own, so no name can break the file or change what it says. The same books,
the same text. Rule: docs/rules/ledger.md, "Plain-text books".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from o2c_tui.models.ledger import AccountKind
from o2c_tui.queries.plain_books import Books, Entry, Leg

FORMATS = ("hledger", "beancount")
ZERO = Decimal(0)
_HLEDGER = {
    AccountKind.ASSET: "assets",
    AccountKind.LIABILITY: "liabilities",
    AccountKind.EQUITY: "equity",
    AccountKind.INCOME: "revenues",
    AccountKind.EXPENSE: "expenses",
}
_BEANCOUNT = {
    AccountKind.ASSET: "Assets",
    AccountKind.LIABILITY: "Liabilities",
    AccountKind.EQUITY: "Equity",
    AccountKind.INCOME: "Income",
    AccountKind.EXPENSE: "Expenses",
}
_BEGINNING = date(1970, 1, 1)  # accounts are open from then on
_ENDINGS = {"hledger": "journal", "beancount": "beancount"}


@dataclass(frozen=True)
class _Names:
    """What the accounts and the currency are called in a format."""

    accounts: dict[int, str]
    currency: str


def plain_books(books: Books, form: str) -> str:
    """The whole text: declarations, opening balances where the span begins later, and every journal entry."""
    lines = _as_hledger(books) if form == "hledger" else _as_beancount(books)
    return "\n".join(lines) + "\n"


def ending(form: str) -> str:
    """What files of a format end in."""
    return _ENDINGS[form]


def file_stem(books: Books) -> str:
    """What a file of the journal is called, without its ending."""
    return "-".join(["ledger", *(day.isoformat() for day in (books.first, books.last) if day is not None)])


def account_names(books: Books, form: str) -> dict[int, str]:
    """What each account is called in a format: its side, then its code, cleaned where a format would not take it."""
    sides = _HLEDGER if form == "hledger" else _BEANCOUNT
    taken: set[str] = set()
    found = {}
    for account in books.accounts:
        code = re.sub(r"[^A-Za-z0-9-]+", "-", account.code).strip("-").upper() or "X"
        name = f"{sides[account.kind]}:{code}"
        if name in taken:
            name = f"{name}-{account.id}"
        taken.add(name)
        found[account.id] = name
    return found


def _opening(books: Books) -> Entry | None:
    """One entry the day before the span, with what every account stood at."""
    legs = tuple(Leg(key, "", "", amount, "", ZERO) for key, amount in books.opening if amount)
    if books.first is None or not legs:
        return None
    return Entry(books.first - timedelta(days=1), 0, "opening", "opening", "opening balances", legs)


def _entries(books: Books) -> Iterator[Entry]:
    opening = _opening(books)
    if opening is not None:
        yield opening
    yield from books.entries


def _figure(amount: Decimal, digits: int) -> str:
    places = max(digits, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:.{places}f}"


def _parties(entry: Entry) -> list[tuple[str, str]]:
    return list(dict.fromkeys((leg.party, leg.party_name) for leg in entry.legs if leg.party))


def _line(value: str) -> str:
    """Text on one line, without signs that nobody sees."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())


# -- hledger ---------------------------------------------------------------------------------------------------------


def _text(value: str) -> str:
    """User text that hledger reads as nothing but text: no comment, tag, date in brackets, payee mark or new line."""
    cleaned = _line(value).replace(";", ",").replace("|", "/").replace("[", "(").replace("]", ")")
    return cleaned.replace(":", "：").strip()  # a colon would make a tag of the word before it


def _tag(value: str) -> str:
    return _text(value).replace(",", " ")


def _code(value: str) -> str:
    return _text(value).replace("(", "").replace(")", "") or "-"


def _as_hledger(books: Books) -> Iterator[str]:
    names = _Names(account_names(books, "hledger"), _symbol(books.currency))
    yield f"; {_text(books.company)}"
    yield f"; journal {books.first or ''} - {books.last or ''}".rstrip(" -")
    yield ""
    yield f"commodity 1000.{'0' * books.digits} {names.currency}"
    yield ""
    for account in books.accounts:
        yield f"account {names.accounts[account.id]}  ; name:{_tag(account.name)}, role:{account.role}, type:{_TYPES[account.kind]}"
    if books.parties:
        yield ""
    for party in books.parties:
        yield f"payee {_payee(party.code, party.name)}  ; code:{_tag(party.code)}, is:{party.sides.replace(',', ' ')}"
    for entry in _entries(books):
        yield ""
        parties = _parties(entry)
        said = " | ".join([*(_payee(code, name) for code, name in parties[:1]), entry.word])
        yield f"{entry.on.isoformat()} * ({_code(entry.number)}) {said}"
        yield f"    ; source:{entry.source}, document:{_tag(entry.number)}, entry:{entry.id}"
        for leg in entry.legs:
            line = f"    {names.accounts[leg.account]}  {_figure(leg.amount, books.digits)} {names.currency}"
            tags = [f"party:{_tag(leg.party)}"] if leg.party else []
            if leg.currency:
                tags.append(f"foreign:{_figure(leg.foreign, 2)} {_tag(leg.currency)}")
            yield line + (f"  ; {', '.join(tags)}" if tags else "")


_TYPES = {
    AccountKind.ASSET: "A",
    AccountKind.LIABILITY: "L",
    AccountKind.EQUITY: "E",
    AccountKind.INCOME: "R",
    AccountKind.EXPENSE: "X",
}


def _payee(code: str, name: str) -> str:
    return f"{_text(code)} {_text(name)}".strip() or "-"


def _symbol(currency: str) -> str:
    return currency if currency.isalpha() else '"' + re.sub(r'[";\s]', "", currency) + '"'


# -- beancount -------------------------------------------------------------------------------------------------------


def _string(value: str) -> str:
    """User text as a beancount string."""
    escaped = _line(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _link(value: str) -> str:
    return re.sub(r"[^A-Za-z0-9_./-]+", "-", value).strip("-") or "-"


def _as_beancount(books: Books) -> Iterator[str]:
    currency = re.sub(r"[^A-Z0-9]", "", books.currency.upper()) or "XXX"
    names = _Names(account_names(books, "beancount"), currency)
    yield f'option "title" {_string(books.company)}'
    yield f'option "operating_currency" "{currency}"'
    yield ""
    yield f"{_BEGINNING} commodity {currency}"
    for account in books.accounts:
        yield f"{_BEGINNING} open {names.accounts[account.id]} {currency}"
        yield f"  name: {_string(account.name)}"
        yield f'  role: "{account.role}"'
    for party in books.parties:
        yield f'{_BEGINNING} custom "party" {_string(party.code)} {_string(party.name)} "{party.sides}"'
    for entry in _entries(books):
        yield ""
        parties = _parties(entry)
        payee = f"{_string(' '.join(parties[0]))} " if parties else ""
        yield (
            f"{entry.on.isoformat()} * {payee}{_string(f'{entry.word} {entry.number}')} "
            f"#{_link(entry.source)} ^{_link(entry.number)}"
        )
        yield f"  document-number: {_string(entry.number)}"
        yield f"  entry: {entry.id}"
        for leg in entry.legs:
            yield f"  {names.accounts[leg.account]}  {_figure(leg.amount, books.digits)} {currency}"
            if leg.party:
                yield f"    party: {_string(leg.party)}"
            if leg.currency:
                yield f"    foreign: {_string(f'{_figure(leg.foreign, 2)} {leg.currency}')}"
