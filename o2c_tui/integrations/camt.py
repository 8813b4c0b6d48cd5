"""CAMT.053 (ISO 20022) as statements: any version, told by local names; a batch is split into its payments.

Rule: docs/rules/bank.md.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree
from xml.parsers import expat

from o2c_tui.errors import FileImportError
from o2c_tui.integrations.bank_words import day, figure, refuse, words
from o2c_tui.rules.statements import Statement, StatementLine, account_key
from o2c_tui.texts import N_

ZERO = Decimal(0)
MOST_DEEP = 60  # elements within elements; the form itself needs about fifteen
_REFERENCES = ("EndToEndId", "TxId", "InstrId", "MndtId", "AcctSvcrRef")


class _Element(ElementTree.Element):
    """An element that knows the line it begins on."""

    line: int = 0


def _parsed(data: bytes, name: str) -> ElementTree.Element:
    """The tree of a file; a document type, with which entities could be declared, is refused."""
    parser = expat.ParserCreate()
    builder = ElementTree.TreeBuilder(element_factory=_Element)
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEEP:
            raise refuse(name, parser.CurrentLineNumber, N_("the elements are nested too deeply."))
        element = builder.start(tag.rpartition(":")[2], attributes)
        element.line = parser.CurrentLineNumber  # type: ignore[attr-defined]

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag.rpartition(":")[2])

    def doctype(*_told: object) -> None:
        raise refuse(name, parser.CurrentLineNumber, N_("a document type is declared; statements have none."))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
        return builder.close()
    except expat.ExpatError as error:
        why = expat.errors.messages[error.code]
        raise refuse(name, error.lineno, N_("the XML is damaged: {why}."), why=why) from None
    except (LookupError, ValueError) as error:  # an encoding nobody knows
        raise refuse(name, parser.CurrentLineNumber, N_("the XML is damaged: {why}."), why=error) from None


def read_camt(data: bytes, name: str) -> list[Statement]:
    """The statements of a CAMT.053 file.

    Raises:
        FileImportError: it is damaged, or no CAMT.053; says where.
    """
    root = _parsed(data, name)
    told = list(root.iter("Stmt"))
    if not told:
        other = next((part.tag for part in root), root.tag)
        raise FileImportError(
            N_("{path} is no account statement (CAMT.053): it holds {what}."), path=name, what=words(other)
        )
    return [_statement(part, name) for part in told]


def _text(element: ElementTree.Element | None, path: str) -> str:
    if element is None:
        return ""
    return words(element.findtext(path))


def _line(element: ElementTree.Element) -> int:
    return int(getattr(element, "line", 0))


def _statement(told: ElementTree.Element, name: str) -> Statement:
    account = _text(told, "Acct/Id/IBAN") or _text(told, "Acct/Id/Othr/Id")
    balances: dict[str, tuple[date | None, Decimal]] = {}
    for balance in told.iterfind("Bal"):
        code = _text(balance, "Tp/CdOrPrtry/Cd")
        on = balance.findtext("Dt/Dt") or balance.findtext("Dt/DtTm")
        when = day(on, name, _line(balance)) if on else None
        balances.setdefault(code, (when, _signed(balance, name)))
    opening = balances.get("OPBD") or balances.get("PRCD")
    closing = balances.get("CLBD")
    lines: list[StatementLine] = []
    for entry in told.iterfind("Ntry"):
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
        if status in ("PDNG", "INFO", "FUTR"):  # not booked: neither in the balance nor in the account
            continue
        lines += _entry(entry, name)
    span = told.find("FrToDt")
    first = span.findtext("FrDtTm") or span.findtext("FrDt") if span is not None else None
    last = span.findtext("ToDtTm") or span.findtext("ToDt") if span is not None else None
    where = _line(told)
    return Statement(
        "camt053",
        tuple(lines),
        account=account_key(account),
        currency=_text(told, "Acct/Ccy") or next((line.currency for line in lines), ""),
        reference=_text(told, "ElctrncSeqNb") or _text(told, "LglSeqNb") or _text(told, "Id"),
        from_on=day(first, name, where) if first else None,
        to_on=day(last, name, where) if last else (closing[0] if closing else None),
        opening=opening[1] if opening else None,
        closing=closing[1] if closing else None,
    )


def _signed(element: ElementTree.Element, name: str) -> Decimal:
    """The amount of a balance or an entry: credit positive, debit negative."""
    amount = element.find("Amt")
    if amount is None:
        raise refuse(name, _line(element), N_("an amount is missing."))
    value = figure(amount.text or "", name, _line(amount))
    sign = _text(element, "CdtDbtInd")
    if sign not in ("CRDT", "DBIT"):
        raise refuse(name, _line(element), N_("neither credit nor debit: '{text}'."), text=sign[:20])
    return value if sign == "CRDT" else -value


def _entry(entry: ElementTree.Element, name: str) -> Iterator[StatementLine]:
    """The lines of one entry: itself, or each payment of a batch where those add up to it."""
    whole = _signed(entry, name)
    where = _line(entry)
    booked = entry.findtext("BookgDt/Dt") or entry.findtext("BookgDt/DtTm")
    valued = entry.findtext("ValDt/Dt") or entry.findtext("ValDt/DtTm")
    if not (booked or valued):
        raise refuse(name, where, N_("a day is missing."))
    on = day(booked or valued or "", name, where)
    value_on = day(valued, name, where) if valued else None
    amount = entry.find("Amt")
    currency = words(amount.get("Ccy")) if amount is not None else ""
    details = entry.findall("NtryDtls/TxDtls")
    parts = [_part(detail, whole, name) for detail in details]
    if len(details) > 1 and all(part is not None for part in parts) and sum(filter(None, parts), ZERO) == whole:
        chosen = list(zip(details, (part for part in parts if part is not None), strict=True))
    else:
        chosen = [(details[0], whole)] if len(details) == 1 else []
        if not chosen:  # no details, or a batch that does not tell its parts: the words of all of them
            yield _entry_line(entry, details, whole, on, value_on, currency)
            return
    for detail, part in chosen:
        yield _detail_line(entry, detail, part, on, value_on, currency)


def _part(detail: ElementTree.Element, whole: Decimal, name: str) -> Decimal | None:
    """The amount of one payment of a batch, with its sign; None where it is not told in the account's currency."""
    amount = detail.find("Amt")
    if amount is None:
        amount = detail.find("AmtDtls/TxAmt/Amt")
    if amount is None:
        return None
    value = figure(amount.text or "", name, _line(amount))
    sign = _text(detail, "CdtDbtInd")
    negative = sign == "DBIT" if sign else whole < ZERO
    return -value if negative else value


def _entry_line(
    entry: ElementTree.Element,
    details: list[ElementTree.Element],
    amount: Decimal,
    on: date,
    value_on: date | None,
    currency: str,
) -> StatementLine:
    parts = [_remittance(detail) for detail in details]
    text = words(" ".join(filter(None, (_text(entry, "AddtlNtryInf"), *parts))))
    return StatementLine(
        on,
        amount,
        value_on,
        currency,
        text=text,
        bank_reference=_text(entry, "AcctSvcrRef") or _text(entry, "NtryRef"),
        line=_line(entry),
    )


def _remittance(detail: ElementTree.Element) -> str:
    free = [words(part.text) for part in detail.iterfind("RmtInf/Ustrd")]
    structured = []
    for part in detail.iterfind("RmtInf/Strd"):
        structured += [_text(part, "CdtrRefInf/Ref"), *(words(n.text) for n in part.iterfind("RfrdDocInf/Nb"))]
        structured += [words(n.text) for n in part.iterfind("AddtlRmtInf")]
    return words(" ".join(filter(None, (*free, *structured))))


def _changed(detail: ElementTree.Element, currency: str) -> str:
    """What was paid in another currency than the account's, before the bank changed it."""
    for path in ("AmtDtls/InstdAmt/Amt", "AmtDtls/TxAmt/Amt"):
        amount = detail.find(path)
        code = words(amount.get("Ccy")) if amount is not None else ""
        if amount is not None and code and currency and code != currency:
            return f"{code} {words(amount.text)}"
    return ""


def _detail_line(
    entry: ElementTree.Element,
    detail: ElementTree.Element,
    amount: Decimal,
    on: date,
    value_on: date | None,
    currency: str,
) -> StatementLine:
    side = "Dbtr" if amount > ZERO else "Cdtr"
    parties = detail.find("RltdPties")
    who = next(
        filter(
            None, (_text(parties, f"{part}{side}{inner}") for part in ("", "Ultmt") for inner in ("/Nm", "/Pty/Nm"))
        ),
        "",
    )
    account = _text(parties, f"{side}Acct/Id/IBAN") or _text(parties, f"{side}Acct/Id/Othr/Id")
    references = [_text(detail, f"Refs/{tag}") for tag in _REFERENCES]
    told = [reference for reference in references[:-1] if reference and reference.upper() != "NOTPROVIDED"]
    text = _remittance(detail) or _text(detail, "AddtlTxInf") or _text(entry, "AddtlNtryInf")
    changed = _changed(detail, currency)
    if changed not in text:
        text = words(f"{text} {changed}")
    return StatementLine(
        on,
        amount,
        value_on,
        currency,
        text=text,
        reference=told[0] if told else "",
        bank_reference=references[-1] or _text(entry, "AcctSvcrRef"),
        counterparty=who,
        counterparty_account=account_key(account),
        line=_line(detail),
    )
