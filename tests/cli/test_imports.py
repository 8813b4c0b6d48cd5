"""Files of others taken in: all rows or none, each fault by file, line and column. docs/rules/import.md."""

import csv
import io
from pathlib import Path

import pytest

from tests.cli.conftest import DAY, invoiced, step


@pytest.fixture
def file(tmp_path):
    """A file of some text in some encoding."""

    def write(text: str, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def names(o2c, kind: str = "customer") -> list[str]:
    return [row["name"] for row in o2c("list", kind, "--json", "--limit", "1000").data]


GOOD = {
    "customers": "code,name,bill_to,credit_limit,external_key\nNORD,Nord AG,Kai 1,1000,c-1\nSUED,Süd KG,,,c-2\n",
    "suppliers": "code,name,external_key\nMILL,The Mill,s-1\n",
    "items": "code,name,sale_price,kind,external_key\nNAIL,Nail,0.05,stocked,i-1\nHELP,Help,80,service,i-2\n",
    "stock": "item,quantity,unit_cost,warehouse,external_key\nBOLT,10,3.5,MAIN,o-1\nNUT,1000,0.02,MAIN,o-1\n",
    "supplier-prices": "supplier,item,supplier_code,price,pack,lead_time_days\nACME,BOLT,M8,3.90,10,7\nACME,NUT,,0.04,,\n",
    "purchases": "external_key,supplier,date,item,quantity,unit_price,expected_on\np-1,ACME,2026-11-20,BOLT,2,3.5,\np-1,ACME,2026-11-20,NUT,5,0.04,2026-12-01\n",
    "orders": "external_key,customer,date,item,quantity,unit_price\nweb-1,ACME,2026-11-20,BOLT,2,9.5\nweb-1,ACME,2026-11-20,NUT,5,\n",
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_is_previewed_taken_in_and_the_second_time_changes_nothing(o2c, books, file, kind):
    path = file(GOOD[kind])
    rows = 1 if kind in ("stock", "orders", "purchases", "suppliers") else 2

    preview = o2c("--today", DAY, "import", kind, path, "--dry-run", "--json")
    assert (preview.code, preview.data["made"], preview.data["dry_run"]) == (0, rows, True)
    first = o2c("--today", DAY, "import", kind, path, "--json")
    assert (first.code, first.data["made"], first.data["notices"]) == (0, rows, [])
    again = o2c("--today", DAY, "import", kind, path, "--json")
    assert (again.code, again.data["made"], again.data["changed"], again.data["same"]) == (0, 0, 0, rows)
    assert o2c("verify").code == 0


def test_a_changed_row_changes_its_record_found_by_its_key(o2c, books, file):
    o2c("import", "customers", file(GOOD["customers"]))

    said = o2c("import", "customers", file("external_key,name\nc-1,Nord GmbH\nc-2,Süd KG\n"), "--json")

    assert (said.data["made"], said.data["changed"], said.data["same"]) == (0, 1, 1)
    assert "Nord GmbH" in names(o2c)


def test_a_customers_account_currency_terms_exemption_and_reminders_are_taken_in(o2c, books, file):
    step(o2c, "save_rate", currency="USD", rate="0.9")
    heads = "code,name,email,language,currency,term,tax_code,tax_exempt_until,tax_exempt_note,iban,no_reminders,monthly_invoice\n"
    row = "BAY,Bay Tools,pay@example.com,zh-CN,usd,30D,VAT20,2027-06-30,E-17,DE89 3704 0044 0532 0130 00,yes,yes\n"

    said = o2c("--today", DAY, "import", "customers", file(heads + row), "--json")

    assert (said.data["made"], said.data["notices"]) == (1, [])
    told = o2c("show", "BAY", "--json").data
    assert (told["currency"], told["language"], told["term"], told["email"]) == (
        "USD",
        "zh_CN",
        "30D",
        "pay@example.com",
    )
    assert (told["tax_code"], told["tax_exempt_until"], told["tax_exempt_note"]) == ("VAT20", "2027-06-30", "E-17")
    assert (told["iban"], told["no_reminders"], told["monthly_invoice"]) == ("DE89370400440532013000", True, True)
    again = o2c("--today", DAY, "import", "customers", file(heads + row), "--json")
    assert again.data["same"] == 1
    wrong = row.replace("DE89", "DE88")
    said = o2c("--today", DAY, "import", "customers", file(heads + wrong), "--json")
    assert (said.code, said.data["changed"]) == (0, 1)
    assert "IBAN" in said.data["notices"][0]  # said, not refused: it may be what the customer wrote
    kept = o2c("--today", DAY, "import", "customers", file("code,name\nBAY,Bay Tools\n"), "--json")
    assert kept.data["same"] == 1  # what the file does not say stays as it is


def test_a_map_says_which_column_is_what(o2c, books, file):
    path = file(
        "Kundennr;Firma;Straße;PLZ;Ort;Limit;Übrig\n7;Müller & Söhne;Kai 1;28195;Bremen;1.500,50;x\n", encoding="cp1252"
    )
    mapping = file(
        'encoding = "cp1252"\nseparator = ";"\ndecimal = ","\n[columns]\nexternal_key = "Kundennr"\nname = "Firma"\n'
        'credit_limit = "Limit"\n[join]\nbill_to = ["Straße", "PLZ Ort"]\n[fixed]\nlanguage = "en"\n',
        "map.toml",
    )

    said = o2c("import", "customers", path, "--map", mapping)

    assert said.code == 0, said.err
    assert "Read as cp1252" in said.out
    assert "Columns not taken: Übrig" in said.out
    row = next(r for r in o2c("list", "customer", "--json").data if r["name"] == "Müller & Söhne")
    assert row["credit_limit"] == "1500.5000"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8-sig", "Łódź 螺栓"), ("gb18030", "上海华信机电"), ("gb18030", "朱镕有限公司"), ("cp1252", "Müller & Söhne"),
     ("cp1252", "Crédit Côte d’Azur"), ("utf-16", "Łódź 螺栓"),
     ("utf-16-le", "Łódź"), ("utf-16-be", "Łódź")],
)  # fmt: skip
def test_the_encoding_of_a_file_is_seen_by_its_looks(o2c, books, file, encoding, name):
    assert o2c("import", "customers", file(f"code,name\nONE,{name}\n", encoding=encoding)).code == 0

    assert name in names(o2c)


def test_a_file_that_is_no_text_is_refused_with_its_line(o2c, books, tmp_path):
    (tmp_path / "rows.csv").write_bytes(b"code,name\nONE,good\nTWO,\x81\xff \xfe\n")

    said = o2c("import", "customers", tmp_path / "rows.csv")

    assert said.code == 1
    assert "see line 3" in said.err
    assert "good" not in names(o2c)


FAULTS = [
    ("customers", "code,name\nA1,\n", 2, "name", "Give a name"),
    ("customers", "code,name\nA 1,x\n", 2, "code", "cannot be a code"),
    ("customers", "code,name,credit_limit\nA1,x,many\n", 2, "credit_limit", "'many' is no number"),
    ("customers", "code,name,credit_limit\nA1,x,\"1,5\"\n", 2, "credit_limit", "no number"),
    ("customers", "code,name,credit_limit\nA1,x,1e309\n", 2, "credit_limit", "too large"),
    ("customers", "code,name,credit_limit\nA1,x,NaN\n", 2, "credit_limit", "no number"),
    ("customers", "code,name,credit_limit\nA1,x,-5\n", 2, "credit_limit", "from 0 to"),
    ("customers", "code,name,credit_mode\nA1,x,maybe\n", 2, "credit_mode", "off, warn, hold"),
    ("customers", "code,name,term\nA1,x,30X\n", 2, "term", "Near: 30D"),
    ("customers", "code,name,tax_code\nA1,x,VAT21\n", 2, "tax_code", "Near: VAT20"),
    ("customers", "code,name,email\nA1,x,nobody\n", 2, "email", "no e-mail"),
    ("customers", "code,name,currency\nA1,x,EURO\n", 2, "currency", "'EURO' is no currency"),
    ("customers", "code,name,language\nA1,x,English\n", 2, "language", "'English' is no language; write it as en or zh_CN"),
    ("customers", "code,name,tax_exempt_until\nA1,x,31.12.2026\n", 2, "tax_exempt_until", "no day; write it as"),
    ("customers", "code,name,reminder_profile\nA1,x,HARD\n", 2, "reminder_profile", "There is no reminder profile HARD"),
    ("customers", "code,name,no_reminders\nA1,x,seldom\n", 2, "no_reminders", "neither yes nor no"),
    ("customers", "code,name\nA1,x\nA1,y\n", 3, "code", "line 2"),
    ("customers", "code,name,note\nA1,\"two\nlines\",z\nA 2,x,\n", 4, "code", "cannot be a code"),
    ("items", "code,name,kind\nA1,x,bundle\n", 2, "kind", "stocked, service"),
    ("items", "code,name,sale_price\nA1,x,0.1234567\n", 2, "sale_price", "more than 6 decimals"),
    ("items", "code,name,whole_units\nA1,x,perhaps\n", 2, "whole_units", "neither yes nor no"),
    ("items", "code,name,supplier\nA1,x,ACMEE\n", 2, "supplier", "Near: ACME"),
    ("stock", "item,quantity,unit_cost\nBOLT,1,1\nBOLTT,1,1\n", 3, "item", "Near: BOLT"),
    ("stock", "item,quantity,unit_cost\nBOLT,1,1\nNUT,-1,1\n", 3, "quantity", "more than 0"),
    ("stock", "item,quantity,unit_cost,date\nBOLT,1,1,2026-02-30\n", 2, "date", "no day"),
    ("stock", "item,quantity,unit_cost,date\nBOLT,1,1,0000-00-00\n", 2, "date", "no day"),
    ("stock", "item,quantity,unit_cost,warehouse\nBOLT,1,1,MIAN\n", 2, "warehouse", "Near: MAIN"),
    ("orders", "external_key,customer,item,quantity\nk,ACME,BOLT,1\nk,ACME,NUT,x\n", 3, "quantity", "no number"),
    ("orders", "external_key,customer,item,quantity\nk,ACMEE,BOLT,1\n", 2, "customer", "Near: ACME"),
    ("orders", "external_key,customer,item,quantity\nk,ACME,BOLT,1\nk,OTHER,BOLT,1\n", 3, "customer", "line 2"),
    ("orders", "external_key,customer,item,quantity\n,ACME,BOLT,1\n", 2, "external_key", "key of its own"),
    ("orders", "external_key,customer,item,quantity\nk,ACME,BOLT,1,1,1\n", 2, "", "6 cells"),
    ("customers", "code,name\nA1,x\nA2,\"open quote\nA3,y\nA4,z\n", 3, "", "No CSV"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "line", "column", "why"), FAULTS, ids=[f"{f[0]}-{f[4]}" for f in FAULTS])
def test_a_wrong_row_is_named_by_file_line_and_column_and_nothing_is_taken(
    o2c, books, file, kind, text, line, column, why
):
    before = (
        o2c("list", "customer", "--csv").out + o2c("list", "item", "--csv").out + o2c("list", "receipt", "--csv").out
    )

    said, data = o2c("import", kind, file(text)), o2c("import", kind, file(text), "--json")

    assert (said.code, data.code) == (1, 1)
    fault = data.data["rows"][0]
    assert (fault["file"], fault["line"], fault["column"]) == ("rows.csv", line, column)
    assert why in fault["refused"]
    assert f"rows.csv:{line}: " + (f"{column}: " if column else "") in said.err
    after = (
        o2c("list", "customer", "--csv").out + o2c("list", "item", "--csv").out + o2c("list", "receipt", "--csv").out
    )
    assert after == before


def test_faults_are_said_in_the_language_of_the_reader(o2c, books, file):
    said = o2c("--lang", "zh_CN", "import", "customers", file("code,name,credit_limit\nA1,x,many\n"))

    assert "rows.csv:2: credit_limit: “many”不是数字" in said.err


def test_every_wrong_row_is_named_at_once(o2c, books, file):
    text = "code,name,credit_limit\n" + "".join(f"A{n},x{n},bad\n" for n in range(200))

    rows = o2c("import", "customers", file(text), "--json").data["rows"]

    assert [row["line"] for row in rows] == list(range(2, 52))


def test_headings_may_be_written_in_capitals_and_with_spaces(o2c, books, file):
    said = o2c("import", "customers", file("Code,NAME,Credit limit\nONE,One Ltd,500\n"), "--json")

    assert (said.code, o2c("list", "customer", "--filter", "One", "--json").data[0]["credit_limit"]) == (0, "500.0000")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("code,name\n", "no rows"),
        ("code\nA\n", "says nothing about name"),
        ("\n\n", "says nothing"),
        ("firma,code\nx,A\n", "It has: firma, code."),
        ("code,name,name\nA,x,y\n", "has the column name twice"),
        ("code,name,Name\nA,x,y\n", "has the column name twice"),
    ],
)
def test_a_file_without_what_is_needed_is_refused(o2c, books, file, text, why):
    said = o2c("import", "customers", file(text))

    assert said.code == 1
    assert why in said.err


@pytest.mark.parametrize(
    ("text", "why"),
    [("[columns]\nnmae = 'x'", "names 'nmae'"), ("[columns]\nname = 'Firma'", "has no column Firma"), ("x = [", "cannot be read"),
     ("[columns]\nname = 5", "cannot be read"), ("[join]\nname = 'x'", "cannot be read"), ("encoding = 'klingon'", "is one of"),
     ("[colums]\nname = 'x'", "names 'colums'")],
)  # fmt: skip
def test_a_map_with_a_fault_is_refused(o2c, books, file, text, why):
    said = o2c("import", "customers", file("code,name\nA,x\n"), "--map", file(text, "map.toml"))

    assert said.code == 1
    assert why in said.err


def test_opening_stock_without_a_key_is_taken_once_and_never_added_to_by_a_corrected_file(o2c, books, file):
    first = "item,quantity,unit_cost\nBOLT,10,3\nNUT,5,1\n"

    assert o2c("import", "stock", file(first), "--json").data["made"] == 1
    assert o2c("import", "stock", file("item,quantity,unit_cost\nNUT,5,1\nBOLT,10,3\n"), "--json").data["same"] == 1
    corrected = o2c("import", "stock", file("item,quantity,unit_cost\nBOLT,12,3\nNUT,5,1\n"))

    assert corrected.code == 1
    assert "was taken in from other rows (GR26-0002)" in corrected.err


def test_a_document_that_was_taken_in_stays_and_the_difference_is_said(o2c, books, file):
    o2c("import", "orders", file(GOOD["orders"]))

    said = o2c("import", "orders", file(GOOD["orders"].replace("BOLT,2", "BOLT,3")))

    assert said.code == 0
    assert "web-1 was taken in before with other lines" in said.out


def test_a_key_of_one_record_with_the_code_of_another_is_refused(o2c, books, file):
    o2c("import", "customers", file(GOOD["customers"]))

    said = o2c("import", "customers", file("external_key,code,name\nc-1,SUED,Nord AG\n"))

    assert said.code == 1
    assert "c-1 is that of NORD" in said.err


def test_a_supplier_price_that_changes_keeps_what_the_file_does_not_say(o2c, books, file):
    o2c("import", "supplier-prices", file(GOOD["supplier-prices"]))

    said = o2c("import", "supplier-prices", file("supplier,item,price\nACME,M8,4.10\nACME,BOLT,4.10\n"))
    assert (said.code, "rows.csv:2" in said.err + said.out) == (1, True)  # M8 is their word, not ours
    said = o2c("import", "supplier-prices", file("supplier,item,price\nACME,BOLT,4.10\n"), "--json")

    assert (said.data["changed"], said.data["same"]) == (1, 0)
    draft = {"supplier": "ACME", "lines": [{"item": "M8", "quantity": 10}]}
    saved = step(o2c, "order_purchase", draft=draft)
    (line,) = o2c("show", saved["label"], "--json").data["lines"]
    assert (line["unit_price"], line["supplier_code"]) == ("4.100000", "M8")


def test_a_supplier_price_that_stands_twice_is_refused(o2c, books, file):
    said = o2c("import", "supplier-prices", file("supplier,item,price\nACME,BOLT,4.10\nacme,bolt,4.20\n"))
    assert said.code == 1
    assert "line 2 already" in said.err


HOSTILE_CELLS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1",
    "'=1",
    "''=1",
    "=cmd|' /C calc'!A0",
    "-",
    "'",
    "'plain",
    'a"b',
    "a,b;c",
]


def test_exports_never_run_and_come_back_as_they_were(o2c, books, file):
    for n, name in enumerate(HOSTILE_CELLS):
        step(o2c, "save_party", "--accept", "all", setup={"code": f"X{n:02}", "name": name})

    table = o2c("list", "customer", "--csv").out
    rows = list(csv.reader(io.StringIO(table.removeprefix("\ufeff"))))
    for row in rows[1:]:
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")), cell
    back = o2c("import", "customers", file(table), "--json")

    assert (back.code, back.data["made"], back.data["changed"], back.data["same"]) == (0, 0, 0, len(HOSTILE_CELLS) + 1)


def test_figures_stay_figures_in_exports(o2c, books):
    invoiced(o2c)
    step(o2c, "credit_invoice", invoice_id="INV26-0001", reason="allowance")

    table = o2c("report", "aging", "--csv").out
    rows = list(csv.reader(io.StringIO(o2c("list", "invoice", "--csv").out.removeprefix("\ufeff"))))

    assert "'" not in table
    assert {row[rows[0].index("gross")] for row in rows[1:]} == {"24.0000"}
