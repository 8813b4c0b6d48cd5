"""Files of banks, written for tests: one statement as CAMT.053, MT940, OFX 1.x and 2.x, and CSV with its map."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from textwrap import wrap
from xml.sax.saxutils import escape

from o2c_tui.rules.statements import Statement, StatementLine

D = Decimal
MAP = """
separator = ";"
decimal = ","
date = "dd.mm.yyyy"
skip = 2
out = ["S"]
encoding = "cp1252"
[columns]
date = "Buchungstag"
value_date = "Valuta"
amount = "Betrag"
sign = "S/H"
counterparty = "Name"
counterparty_account = "Konto"
reference = "Referenz"
balance = "Saldo"
[join]
text = ["Verwendungszweck 1", "Verwendungszweck 2"]
"""


def _money(value: Decimal) -> str:
    return f"{abs(value):.2f}"


def _sign(value: Decimal) -> str:
    return "CRDT" if value >= 0 else "DBIT"


def camt(statement: Statement, *, version: str = "08", batches: bool = True) -> bytes:
    """CAMT.053; payments of one day that came in stand in one batched entry, each with its details."""
    n = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    entries = []
    for _day, lines in groupby(statement.lines, key=lambda line: (line.booked_on, line.amount > 0)):
        group = list(lines)
        parts = [group] if batches and len(group) > 1 and group[0].amount > 0 else [[line] for line in group]
        entries += [_camt_entry(part, version) for part in parts]
    assert statement.opening is not None
    assert statement.closing is not None
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{statement.currency}'>{_money(value)}</Amt>"
        f"<CdtDbtInd>{_sign(value)}</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>\n"
        for code, value, on in (
            ("OPBD", statement.opening, statement.from_on),
            ("CLBD", statement.closing, statement.to_on),
        )
    )
    text = (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<Document xmlns='{n}'><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr>\n<Stmt>"
        f"<Id>{statement.reference}</Id><ElctrncSeqNb>{statement.reference}</ElctrncSeqNb>"
        f"<FrToDt><FrDtTm>{statement.from_on}T00:00:00</FrDtTm><ToDtTm>{statement.to_on}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><IBAN>{statement.account}</IBAN></Id><Ccy>{statement.currency}</Ccy></Acct>\n{balances}"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>\n"
    )
    return text.encode()


def _camt_entry(group: Sequence[StatementLine], version: str) -> str:
    total = sum((line.amount for line in group), D(0))
    first = group[0]
    ccy = first.currency
    status = "<Sts><Cd>BOOK</Cd></Sts>" if version >= "08" else "<Sts>BOOK</Sts>"
    details = "".join(_camt_detail(line, version) for line in group)
    return (
        f"<Ntry><Amt Ccy='{ccy}'>{_money(total)}</Amt><CdtDbtInd>{_sign(total)}</CdtDbtInd>{status}"
        f"<BookgDt><Dt>{first.booked_on}</Dt></BookgDt><ValDt><Dt>{first.value_on or first.booked_on}</Dt></ValDt>"
        f"<NtryDtls>{details}</NtryDtls></Ntry>\n"
    )


def _camt_detail(line: StatementLine, version: str) -> str:
    side = "Dbtr" if line.amount > 0 else "Cdtr"
    name = f"<Nm>{escape(line.counterparty)}</Nm>"
    if version >= "08":
        name = f"<Pty>{name}</Pty>"
    account = line.counterparty_account
    parties = f"<{side}>{name}</{side}>" if line.counterparty else ""
    parties += f"<{side}Acct><Id><IBAN>{account}</IBAN></Id></{side}Acct>" if account else ""
    parties = f"<RltdPties>{parties}</RltdPties>" if parties else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{escape(line.reference) or 'NOTPROVIDED'}</EndToEndId></Refs>"
        f"<Amt Ccy='{line.currency}'>{_money(line.amount)}</Amt>{parties}"
        f"<RmtInf><Ustrd>{escape(line.text)}</Ustrd></RmtInf></TxDtls>"
    )


def _swift(value: Decimal) -> str:
    return _money(value).replace(".", ",")


def mt940(statement: Statement) -> bytes:
    """MT940 with the German fields of line 86; names are cut after 54 signs, as the form has it."""
    assert statement.opening is not None
    assert statement.closing is not None
    rows = [
        f":20:STMT{statement.reference}",
        f":25:{statement.account}",
        f":28C:{statement.reference}/1",
        _balance("60F", statement.opening, statement.from_on, statement.currency),
    ]
    for line in statement.lines:
        side = "C" if line.amount > 0 else "D"
        on = line.value_on or line.booked_on
        rows.append(f":61:{on:%y%m%d}{line.booked_on:%m%d}{side}{_swift(line.amount)}NTRFNONREF//B{line.line}")
        purpose = f"EREF+{line.reference}" if line.reference else ""
        purpose += f"SVWZ+{line.text}"
        pieces = [purpose[n : n + 27] for n in range(0, len(purpose), 27)][:10]
        fields = "".join(f"?{20 + n}{piece}" for n, piece in enumerate(pieces))
        name = line.counterparty
        told = f"166?00GUTSCHRIFT{fields}?31{line.counterparty_account}?32{name[:27]}?33{name[27:54]}"
        rows += [f":86:{told[:61]}", *(told[n : n + 65] for n in range(61, len(told), 65))]
    rows.append(_balance("62F", statement.closing, statement.to_on, statement.currency))
    return ("\r\n".join(rows) + "\r\n-\r\n").encode("cp1252", "replace")


def _balance(tag: str, value: Decimal, on: date | None, currency: str) -> str:
    return f":{tag}:{'C' if value >= 0 else 'D'}{on:%y%m%d}{currency}{_swift(value)}"


def ofx(statement: Statement, *, xml: bool = False) -> bytes:
    """OFX: SGML without closing tags (1.02), or XML (2.1.1). Names are cut after 32 signs, as the form has it."""

    def leaf(name: str, value: object) -> str:
        text = escape(str(value))
        return f"<{name}>{text}</{name}>\n" if xml else f"<{name}>{text}\n"

    transactions = "".join(
        "<STMTTRN>\n"
        + leaf("TRNTYPE", "CREDIT" if line.amount > 0 else "DEBIT")
        + leaf("DTPOSTED", f"{line.booked_on:%Y%m%d}120000[0:GMT]")
        + leaf("TRNAMT", f"{line.amount:.2f}")
        + leaf("FITID", f"F{line.line}")
        + (leaf("NAME", line.counterparty[:32]) if line.counterparty else "")
        + (leaf("MEMO", " ".join(filter(None, (line.text, line.reference)))) if line.text or line.reference else "")
        + "</STMTTRN>\n"
        for line in statement.lines
    )
    body = (
        "<OFX>\n<BANKMSGSRSV1>\n<STMTTRNRS>\n<STMTRS>\n"
        + leaf("CURDEF", statement.currency)
        + "<BANKACCTFROM>\n"
        + leaf("BANKID", "0")
        + leaf("ACCTID", statement.account)
        + "</BANKACCTFROM>\n<BANKTRANLIST>\n"
        + leaf("DTSTART", f"{statement.from_on:%Y%m%d}")
        + leaf("DTEND", f"{statement.to_on:%Y%m%d}")
        + transactions
        + "</BANKTRANLIST>\n<LEDGERBAL>\n"
        + leaf("BALAMT", f"{statement.closing:.2f}")
        + leaf("DTASOF", f"{statement.to_on:%Y%m%d}")
        + "</LEDGERBAL>\n</STMTRS>\n</STMTTRNRS>\n</BANKMSGSRSV1>\n</OFX>\n"
    )
    if xml:
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n'
        return (head + body).encode()
    return ("OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n" + body).encode(
        "cp1252", "replace"
    )


def csv_of(statement: Statement) -> bytes:
    """CSV as a German bank writes it, newest first, for MAP."""
    assert statement.opening is not None
    balance, rows = statement.opening, []
    for line in statement.lines:
        balance += line.amount
        pieces = [*wrap(line.text, 60), "", ""]
        amount = f"{abs(line.amount):,.2f}".translate(str.maketrans(",.", ".,"))
        saldo = f"{balance:,.2f}".translate(str.maketrans(",.", ".,"))
        cells = (
            f"{line.booked_on:%d.%m.%Y}", f"{line.value_on or line.booked_on:%d.%m.%Y}", amount,
            "H" if line.amount > 0 else "S", line.counterparty, line.counterparty_account, line.reference,
            pieces[0], " ".join(pieces[1:]).strip(), saldo,
        )  # fmt: skip
        rows.append(";".join(f'"{cell}"' for cell in cells))
    head = "Buchungstag;Valuta;Betrag;S/H;Name;Konto;Referenz;Verwendungszweck 1;Verwendungszweck 2;Saldo"
    text = "\n".join(["Kontoauszug;;", f"Konto {statement.account};;", head, *reversed(rows)])
    return text.encode("cp1252", "replace")
