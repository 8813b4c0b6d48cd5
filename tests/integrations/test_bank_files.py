"""Files of banks: every form gives the same rows, and what is damaged or hostile is refused with its line; docs/rules/bank.md."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from o2c_tui.errors import FileImportError
from o2c_tui.integrations import bank_files
from o2c_tui.integrations.bank_files import read_bank_file
from o2c_tui.rules.statements import Statement, StatementLine, told_in
from tests.bank_files import MAP, camt, csv_of, mt940, ofx

DAY = date(2026, 11, 2)
IBAN = "DE89370400440532013000"
LINES = (
    StatementLine(DAY, D("120.50"), DAY, "EUR", "Invoice INV26-0001 thanks", "E2E-1", "", "Müller & Söhne GmbH", "FR1420041010050500013M02606", 1),
    StatementLine(DAY, D("80.00"), DAY, "EUR", "Invoice INV26-0002", "", "", "Acme Works", "", 2),
    StatementLine(DAY, D("-12.40"), DAY, "EUR", "Account fee", "", "", "", "", 3),
)  # fmt: skip
STATEMENT = Statement("", LINES, IBAN, "EUR", "7", DAY, DAY, D("1000.00"), D("1188.10"))
FORMS = {
    "camt-02": lambda s: camt(s, version="02"),
    "camt-08": lambda s: camt(s, version="08"),
    "mt940": mt940,
    "ofx-sgml": ofx,
    "ofx-xml": lambda s: ofx(s, xml=True),
    "csv": csv_of,
}


def read(tmp_path, data, name="statement", with_map=False):
    path = tmp_path / name
    path.write_bytes(data)
    map_path = None
    if with_map:
        map_path = tmp_path / "bank.toml"
        map_path.write_text(MAP)
    return read_bank_file(path, map_path)


@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_gives_the_same_rows(tmp_path, form):
    (told,) = read(tmp_path, FORMS[form](STATEMENT), with_map=form == "csv").statements
    assert [(n.booked_on, n.amount) for n in told.lines] == [(n.booked_on, n.amount) for n in LINES]
    assert [n.counterparty for n in told.lines] == ["Müller & Söhne GmbH", "Acme Works", ""]
    assert all(one.text in n.text for one, n in zip(LINES, told.lines, strict=True))
    assert told.missing == 0
    assert told.closing == D("1188.10")
    assert told.opening == D("1000.00")
    if form != "csv":
        assert told.account == IBAN
    if not form.startswith("ofx"):
        assert told.lines[0].counterparty_account == LINES[0].counterparty_account
        assert told.lines[0].reference == "E2E-1"


def test_money_that_the_bank_changed_tells_what_was_paid_before(tmp_path):
    paid = (
        "<AmtDtls><InstdAmt><Amt Ccy='USD'>130.98</Amt></InstdAmt><TxAmt><Amt Ccy='EUR'>120.50</Amt></TxAmt></AmtDtls>"
    )
    data = camt(STATEMENT).replace(b"</Amt><RltdPties>", f"</Amt>{paid}<RltdPties>".encode(), 1)

    (told,) = read(tmp_path, data).statements

    assert told.lines[0].text == "Invoice INV26-0001 thanks USD 130.98"
    assert told.lines[0].amount == D("120.50")
    assert told_in(told.lines[0].text, "USD", 2) == D("130.98")
    assert told.lines[1].text == "Invoice INV26-0002"


def test_a_batch_is_split_only_where_its_parts_add_up(tmp_path):
    whole = camt(STATEMENT).decode()
    odd = whole.replace(">120.50</Amt><RltdPties>", ">110.50</Amt><RltdPties>")
    assert odd != whole
    (told,) = read(tmp_path, odd.encode()).statements
    assert [line.amount for line in told.lines] == [D("200.50"), D("-12.40")]
    assert "INV26-0001" in told.lines[0].text
    assert "INV26-0002" in told.lines[0].text


def test_what_is_only_announced_is_left_out(tmp_path):
    text = camt(STATEMENT, batches=False).decode().replace("<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>", 1)
    (told,) = read(tmp_path, text.encode()).statements
    assert [line.amount for line in told.lines] == [D("80.00"), D("-12.40")]


def test_pages_of_one_mt940_statement_are_one(tmp_path):
    one, two = (
        replace(STATEMENT, lines=LINES[:1], closing=D("1120.50")),
        replace(STATEMENT, lines=LINES[1:], opening=D("1120.50")),
    )
    data = mt940(one).replace(b":62F:", b":62M:") + mt940(two).replace(b":60F:", b":60M:")
    (told,) = read(tmp_path, data).statements
    assert len(told.lines) == 3
    assert told.missing == 0


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document><BkToCstmrStmt><Stmt><Id>&b;</Id></Stmt></BkToCstmrStmt></Document>"""
HOSTILE = {
    "empty": (b"  \n", "is empty"),
    "bomb": (BOMB, "document type"),
    "ofx bomb": (ofx(STATEMENT, xml=True).replace(b"<OFX>", b"<!DOCTYPE x><OFX>"), "document type"),
    "other xml": (b"<html><body>Hello</body></html>", "no account statement"),
    "deep": (b"<Document>" + b"<a>" * 500 + b"</a>" * 500 + b"</Document>", "nested too deeply"),
    "deep ofx": (b"OFXHEADER:100\n\n<OFX>" + b"<A>\n<B>\n" * 100, "nested too deeply"),
    "cut camt": (camt(STATEMENT)[:-120], "XML is damaged"),
    "cut mt940": (mt940(STATEMENT)[: mt940(STATEMENT).index(b":62F")], "cut off"),
    "cut ofx": (ofx(STATEMENT)[:-60], "cut off"),
    "bad amount": (camt(STATEMENT).replace(b">120.50<", b">1e309<"), "is no amount"),
    "nan": (ofx(STATEMENT).replace(b"120.50", b"NaN"), "is no amount"),
    "bad day": (camt(STATEMENT).replace(b"2026-11-02</Dt></BookgDt>", b"2026-02-30</Dt></BookgDt>"), "is no day"),
    "neither": (camt(STATEMENT).replace(b"CRDT", b"XXXX"), "neither credit nor debit"),
    "control mt940": (mt940(STATEMENT).replace(b"Account", b"Acc\x1bunt"), "control byte (0x1b)"),
    "control ofx": (ofx(STATEMENT).replace(b"thanks", b"th\x00nks"), "control byte (0x00)"),
    "control camt": (camt(STATEMENT).replace(b"thanks", b"th\x1bnks"), "XML is damaged"),
    "bad utf-8": (camt(STATEMENT).replace("ü".encode(), b"\xfc"), "XML is damaged"),
    "bad ofx": (ofx(STATEMENT, xml=True).replace("ü".encode(), b"\xfc"), "no text in utf-8"),
    "broken 61": (mt940(STATEMENT).replace(b":61:2611021102C120,50", b":61:26XX"), "cannot be read"),
    "unclosed": (ofx(STATEMENT, xml=True).replace(b"</BANKTRANLIST>", b"</BANKTRANLIST></NONSENSE>"), "is closed, but"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_what_is_damaged_or_hostile_is_refused_in_words(tmp_path, name):
    data, words = HOSTILE[name]
    with pytest.raises(FileImportError) as refused:
        read(tmp_path, data)
    said = " ".join([refused.value.said(), *(row.said() for row in refused.value.rows)])
    assert words in said
    assert refused.value.rows == () or refused.value.rows[0].line >= 1


def test_a_huge_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(bank_files, "MOST_BYTES", 100)
    with pytest.raises(FileImportError, match="larger than"):
        read(tmp_path, camt(STATEMENT))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("date;amount\n2026-11-02;1.2.3\n", "is no amount"),
        ("date;amount\n02.11.2026;1\n", "is no day (yyyy-mm-dd)"),
        ("date;amount\n2026-11-02;\n", "an amount is missing"),
        ("date;text\n2026-11-02;x\n", "says nothing about amount"),
        ("date;amount\n2026-11-02;1;2;3;4\n", "5 cells"),
        ("date;amount\n", "has a heading but no rows"),
        ('date;amount;text\n2026-11-02;1;"open\n2026-11-03;2;x\n', "unexpected end of data"),
        ("date;amount;text\n2026-11-02;1;a\x07b\n", "control byte (0x07)"),
    ],
)
def test_rows_of_csv_that_cannot_be_taken_are_named_by_line(tmp_path, text, words):
    with pytest.raises(FileImportError) as refused:
        read(tmp_path, text.encode())
    assert words in " ".join([refused.value.said(), *(row.said() for row in refused.value.rows)])


@pytest.mark.parametrize(
    ("written", "amount"),
    [("1234.56", "1234.56"), ("1,234.56", "1234.56"), ("-5", "-5"), ("5-", "-5"), ("\u22127.5", "-7.5")],
)
def test_amounts_of_csv_as_banks_write_them(tmp_path, written, amount):
    (told,) = read(tmp_path, f'date,amount\n2026-11-02,"{written}"\n'.encode()).statements
    assert told.lines[0].amount == D(amount)


@pytest.mark.parametrize(
    "wrong", ["nonsense = 1", 'date = "yy"', '[columns]\nday = "x"', "skip = -1", "[columns]\ndate = 3"]
)
def test_a_map_that_says_what_no_map_says_is_refused(tmp_path, wrong):
    (tmp_path / "bank.toml").write_text(wrong)
    (tmp_path / "s.csv").write_text("date,amount\n2026-11-02,1\n")
    with pytest.raises(FileImportError, match=r"The map bank\.toml"):
        read_bank_file(tmp_path / "s.csv", tmp_path / "bank.toml")
