"""Every command as a person or a script runs it. Issue: the command line; rules in docs/guide.md, "For scripts"."""

import csv
import io
import json
import os
import subprocess
import sys
import threading
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import pypdf
import pytest

from o2c_tui.command_line.arguments import FIGURE_KINDS, IMPORT_KINDS, LIST_KINDS, REPORT_KINDS
from o2c_tui.command_line.commands import COMMANDS
from o2c_tui.queries.why import FIGURES
from o2c_tui.services.by_json import words_of
from o2c_tui.services.registry import VERB_WORDS, VERBS
from o2c_tui.storage.store import Store
from tests.cli.conftest import DAY, invoiced, step

ROOT = Path(__file__).resolve().parents[2]


def run_apart(*words: str, home: Path, code: str = "from o2c_tui.cli import entry; entry()", **env: str):
    """The program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        env={**os.environ, "O2C_HOME": str(home), **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


# -- the front door --------------------------------------------------------------------------------------------------


def test_help_names_every_command_and_the_exit_codes(o2c):
    said = o2c("--help")

    assert said.code == 0
    for word in (
        "init",
        "demo",
        "import",
        "list",
        "show",
        "why",
        "report",
        "do",
        "pdf",
        "labels",
        "verify",
        "backup",
        "restore",
    ):
        assert f"\n    {word} " in said.out
    assert "Exit codes: 0 done; 1 refused" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize(
    "command", ["init", "demo", "import", "list", "show", "compare", "why", "report", "do", "pdf", "verify"]
)
def test_each_command_has_its_help_in_both_languages(o2c, command):
    english, chinese = o2c(command, "--help"), o2c("--lang", "zh_CN", command, "--help")

    assert (english.code, chinese.code) == (0, 0)
    assert english.out.startswith("usage: o2c " + command)
    assert chinese.out.startswith("用法：o2c " + command)
    for english_word in ("show this help", "positional arguments", "options:", "for scripts"):
        assert english_word not in chinese.out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_work_of_each_command_is_where_its_table_says(command):
    module, _sign, name = command.work.partition(":")

    assert callable(getattr(import_module(f"o2c_tui.command_line.{module}"), name))


def test_the_language_of_the_login_is_spoken(o2c, home, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert "没有账套" in o2c("list", "order").err


@pytest.mark.parametrize(
    "words",
    [("list", "nothing"), ("list", "order", "--limit", "0"), ("fly",), ("report", "aging", "--as-of", "2026-02-30"), ("report", "aging", "--as-of", "9999-12-31"),
     ("do", "fly"), ("do", "ship_order", "{"), ("do", "ship_order", "[]"), ("do", "ship_order", "NaN"),
     ("do", "ship_order", "[" * 100_000), ("init", "A", "--tax", "V=NaN"), ("list", "order", "--json", "--csv"),
     ("demo", "--documents", "x"), ("list", "order", "--tod", "2026-11-24"), ()],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2_with_a_sentence(o2c, words):
    said = o2c(*words)

    assert said.code == 2
    assert said.err.strip()
    assert "Traceback" not in said.err


def test_a_report_ends_on_the_day_it_is_asked_up_to(o2c, books):
    until = o2c("report", "income", "--from", "2026-11-01", "--to", "2026-11-02", "--json")

    assert until.data == o2c("report", "income", "--from", "2026-11-01", "--as-of", "2026-11-02", "--json").data


def test_what_was_typed_wrongly_does_not_drive_the_terminal(o2c):
    said = o2c("list", "order", "\x1b]0;owned\x07")

    assert said.code == 2
    assert "\x1b" not in said.err
    assert "␛]0;owned␇" in said.err


def test_without_books_every_question_is_trouble_that_says_what_to_do(o2c):
    for words in (("list", "order"), ("show", "X"), ("report", "aging"), ("verify",), ("pdf", "X")):
        said = o2c(*words)
        assert said.code == 3
        assert "Run 'o2c init' or 'o2c demo' first" in said.err


def test_help_and_version_load_nothing_heavy_and_no_command_loads_textual(demo, home):
    code = (
        "import sys\nfrom o2c_tui.cli import main\ncode = main(sys.argv[1:])\n"
        "print('\\n' + ' '.join(sorted({m.split('.')[0] for m in sys.modules})))\nsys.exit(code)"
    )
    for words in (("--help",), ("--version",), ("list", "--help")):
        done = run_apart(*words, home=home, code=code)
        assert done.returncode == 0
        assert not {"sqlalchemy", "pydantic", "textual", "rich", "reportlab"} & set(
            done.stdout.splitlines()[-1].split()
        )
    for words in (("list", "order"), ("verify",), ("do",)):
        done = run_apart(*words, home=home, code=code)
        assert done.returncode == 0, done.stderr
        assert "textual" not in done.stdout.splitlines()[-1].split()


def test_the_program_started_by_its_module_answers_with_its_exit_codes(demo, home):
    done = run_apart("list", "order", "--limit", "1", "--json", home=home)
    assert done.returncode == 0
    assert json.loads(done.stdout)[0]["number"].startswith("SO26-")
    assert run_apart("show", "NOTHING", home=home).returncode == 1
    assert run_apart("fly", home=home).returncode == 2
    assert run_apart("list", "order", "--database", str(home / "none.sqlite"), home=home).returncode == 3


def test_a_closed_output_is_no_defect(demo, home):
    code = "import sys; sys.stdout = None; from o2c_tui.cli import entry; entry()"

    said = run_apart("list", "item", home=home, code=code)

    assert (said.returncode, said.stderr) == (0, "")


def test_why_a_file_cannot_be_read_is_said_without_numbers_of_the_system(o2c, books, tmp_path, monkeypatch):
    said = o2c("mail", "INV26-0001", "--text", tmp_path / "none.txt")
    assert (said.code, "Errno" in said.err) == (3, False), said.err
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("O2C_HOME", str(tmp_path / "file"))
    said = o2c("list", "item")
    assert (said.code, "Not a directory" in said.err, "Errno" in said.err) == (3, True, False), said.err


def test_a_terminal_without_unicode_gets_escapes_instead_of_a_failure(demo, home):
    done = run_apart("list", "customer", "--json", home=home, PYTHONIOENCODING="latin-1")

    assert done.returncode == 0, done.stderr
    assert any("公司" in row["name"] for row in json.loads(done.stdout))


# -- where the books are ----------------------------------------------------------------------------------------------


def test_the_books_are_where_the_option_says_else_the_environment_else_the_file(o2c, home, tmp_path, monkeypatch):
    for name in ("option", "environment", "file"):
        place = tmp_path / f"{name}.sqlite"
        assert o2c("--database", place, "init", f"Company {name}").code == 0
        step(o2c, "save_item", "--database", str(place), setup={"code": name, "name": "Only here"})
    (home / "o2c.toml").write_text(f'database = "{tmp_path}/file.sqlite"\n', encoding="utf-8")

    assert o2c("list", "item", "--json").data[0]["code"] == "FILE"
    monkeypatch.setenv("O2C_DATABASE_URL", str(tmp_path / "environment.sqlite"))
    assert o2c("list", "item", "--json").data[0]["code"] == "ENVIRONMENT"
    url = f"sqlite:///{tmp_path}/option.sqlite"
    assert o2c("list", "item", "--json", "--database", url).data[0]["code"] == "OPTION"
    assert o2c("--database", url, "list", "item", "--json").data[0]["code"] == "OPTION"


@pytest.mark.parametrize("name", ["with blank.sqlite", "what?.sqlite", "50%25#1.sqlite", "账套.sqlite"])
def test_books_may_have_any_name(o2c, tmp_path, name):
    place = tmp_path / name

    assert o2c("--database", place, "init", "Test").code == 0
    assert o2c("--database", place, "verify").code == 0
    assert o2c("--database", place, "backup", tmp_path / ("copy " + name)).code == 0
    assert place.exists()


@pytest.mark.parametrize("where", ["mysql://x/y", "", "  "])
def test_a_place_that_cannot_hold_books_is_refused(o2c, home, where, monkeypatch):
    (home / "o2c.toml").write_text(f'database = "{where or " "}"\n', encoding="utf-8")

    said = o2c("list", "order")

    assert said.code == 3
    assert "give a path or postgresql://" in said.err


@pytest.mark.parametrize(
    ("text", "why"),
    [("database = ", "cannot be read"), ("database = 5", "'database'"), ("databse = 'x'", "'databse'")],
)
def test_a_configuration_with_a_fault_is_named_with_its_file(o2c, home, text, why):
    (home / "o2c.toml").write_text(text, encoding="utf-8")

    said = o2c("list", "order")

    assert said.code == 3
    assert "o2c.toml" in said.err
    assert why in said.err


# -- init and demo ----------------------------------------------------------------------------------------------------


def test_init_opens_books_once(o2c, home):
    said = o2c(
        "init", "Nordic Trade", "--currency", "nok", "--tax", "mva25=25", "--tax", "MVA0=0", "--warehouse", "oslo=Oslo",
        "--time-zone", "Europe/Oslo", "--prices-include-tax",
    )  # fmt: skip
    assert said.code == 0
    assert str(home / "books.sqlite") in said.out

    again = o2c("init", "Another")
    assert again.code == 1
    assert "Nordic Trade" in again.err
    assert o2c("list", "stock").code == 0
    assert o2c("verify").code == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [(("--currency", "XXQ"), "is no currency"), (("--time-zone", "Mars/Base"), "is no time zone"),
     (("--tax", "V A=20"), "cannot be a code"), (("--tax", "V=200"), "from 0 to 100"),
     (("--warehouse", "=Oslo"), "cannot be a code")],
)  # fmt: skip
def test_init_refuses_what_no_company_has(o2c, words, why):
    said = o2c("init", "Test", *words)

    assert said.code == 1
    assert why in said.err


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr) for table in tables}


def test_the_demo_is_the_same_for_the_same_seed_and_marked_as_made_up(o2c, made_demo, tmp_path):
    places = {seed: tmp_path / f"{seed}.sqlite" for seed in (1, 2)}
    for seed, place in places.items():
        said = o2c("--database", place, "--today", DAY, "demo", "--no-run", "--documents", 60, "--seed", seed)
        assert said.code == 0
        assert "all made up" in said.out

    assert dump(places[1]) == dump(made_demo)
    assert dump(places[2]) != dump(made_demo)
    store = Store.open(str(made_demo))
    from o2c_tui.queries.lookups import the_company

    assert store.read_now(lambda session: the_company(session).is_demo) is True
    store.close()


def test_a_second_demo_leaves_the_books_as_they_are(o2c, demo):
    before = dump(demo)

    said = o2c("demo", "--no-run")

    assert said.code == 0
    assert "stay as they are" in said.out
    assert dump(demo) == before


# -- questions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LIST_KINDS)
def test_every_list_is_shown_as_text_json_and_csv(o2c, lived_in, kind):
    text, data, table = o2c("list", kind), o2c("list", kind, "--json"), o2c("list", kind, "--csv")

    assert (text.code, data.code, table.code) == (0, 0, 0)
    rows = list(csv.DictReader(io.StringIO(table.out.removeprefix("\ufeff"))))
    assert rows
    assert [row.keys() for row in rows] == [row.keys() for row in data.data]
    assert [row["id"] for row in rows if "id" in row] == [str(row["id"]) for row in data.data if "id" in row]
    names = ("number", "code", "item", "to", "currency")
    named = [next((row[name] for name in names if row.get(name)), None) for row in data.data]
    assert any(named)
    for name in filter(None, named):
        assert name in text.out


def test_a_list_as_text_says_words_where_scripts_get_values(o2c, lived_in):
    assert o2c("list", "term").out.splitlines()[-1].split()[-3:] == ["rest", "60d", "yes"]
    assert "20 %" in o2c("list", "tax").out
    assert "否" in o2c("--lang", "zh_CN", "list", "customer").out
    for kind in ("term", "tax", "customer", "mail"):
        text = o2c("list", kind).out
        assert not any(sign in text for sign in ("True", "False", "{", "+00:00")), text


@pytest.mark.parametrize(
    ("kind", "word"),
    [("quotation", "status:sent"), ("order", "status:confirmed"), ("delivery", "status:shipped"),
     ("invoice", "overdue>1"), ("payment", "amt>1"), ("receipt", "date:2026"), ("customer", "Ltd"),
     ("supplier", "zzz"), ("item", "zzz"), ("stock", "is:short"), ("invoice", "amt>1,000.5 -zzz"),
     ("order", "date:9999-12"), ("order", "amt<0.0000001"), ("order", "amt>12*24")],
)  # fmt: skip
def test_every_list_is_filtered(o2c, demo, kind, word):
    every, some = o2c("list", kind, "--json"), o2c("list", kind, "--filter", word, "--json")

    assert (every.code, some.code) == (0, 0), some.out
    assert [row for row in every.data if row in some.data] == some.data


@pytest.mark.parametrize("kind", ["quotation", "delivery", "stocktake", "stock"])
def test_a_list_may_be_named_for_one_or_for_many(o2c, demo, kind):
    many = kind[:-1] + "ies" if kind.endswith("y") else kind + "s"

    assert o2c("list", many, "--json").data == o2c("list", kind, "--json").data


@pytest.mark.parametrize(
    ("kind", "word", "why"),
    [("order", "amt>1e309", "needs a number"), ("order", "amt>NaN", "needs a number"), ("order", "amt>1,5", "number"),
     ("order", "date:2026-13", "needs a day"), ("order", "date:0000", "needs a day"), ("order", "status:flying", "no status"),
     ("item", "due<3d", "nothing to filter by")],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_refused(o2c, demo, kind, word, why):
    said = o2c("list", kind, "--filter", word)

    assert said.code == 1
    assert why in said.err


def test_signs_that_databases_match_anything_by_stand_for_themselves(o2c, demo):
    for word in ("%", "_", "\\", "100%", "'", '"; DROP TABLE party; --'):
        said = o2c("list", "customer", "--filter", word, "--json")
        assert (said.code, said.data) == (0, [])


def test_show_finds_documents_items_and_customers_and_offers_near_ones(o2c, books):
    made = invoiced(o2c)
    for number in (made["order"]["number"], made["delivery"]["number"], made["invoice"]["number"].lower()):
        said = o2c("show", number)
        assert said.code == 0
        assert number.upper() in said.out
        assert o2c("show", number, "--json").data["label"] == number.upper()
    assert "On hand" in o2c("show", "BOLT").out
    assert "Acme Works" in o2c("show", "acme").out
    assert o2c("show", "ACME", "--json").data["name"] == "Acme Works"

    missing = o2c("show", "ACMEE")
    assert missing.code == 1
    assert "Near: ACME" in missing.err


@pytest.mark.parametrize("kind", REPORT_KINDS)
def test_every_report_is_text_json_and_csv_and_of_any_day(o2c, demo, kind):
    text, data, table = o2c("report", kind), o2c("report", kind, "--json"), o2c("report", kind, "--csv")

    assert (text.code, data.code, table.code) == (0, 0, 0)
    rows = list(csv.reader(io.StringIO(table.out.removeprefix("\ufeff"))))
    assert len(rows) == len(data.data["rows"]) + 1
    for day in ("2026-10-01", "1999-01-01", "2999-12-31", "1900-01-01"):
        said = o2c("report", kind, "--as-of", day, "--json")
        assert said.code == 0
    assert o2c("report", kind, "--as-of", "1999-01-01", "--json").data["rows"] == []


# -- steps ------------------------------------------------------------------------------------------------------------


def test_do_lists_every_step_and_each_says_what_it_takes(o2c):
    listing = o2c("do").out
    assert [line.split()[0] for line in listing.splitlines()] == list(VERBS) == list(VERB_WORDS)

    for name, verb in VERBS.items():
        said = o2c("do", name, "--help")
        assert said.code == 0
        for word in words_of(verb):
            assert f" {word.name} " in said.out
    assert "needed" in o2c("do", "ship_order", "--help").out
    assert "必填" in o2c("--lang", "zh_CN", "do", "ship_order", "--help").out


def test_the_whole_chain_by_json_with_numbers_and_line_positions(o2c, books):
    draft = {"customer": "ACME", "lines": [{"item": "BOLT", "quantity": 4}, {"item": "NUT", "quantity": "3"}]}
    quotation = step(o2c, "save_quotation", draft=draft)
    sent = step(o2c, "send_quotation", quotation_id=quotation["id"])
    number = sent["label"] if isinstance(sent, dict) else sent
    order = step(o2c, "order_quotation", quotation_id=number, quantities={"1": "4"}, accepted_by="phone")
    first = step(o2c, "ship_order", order_id=order["number"], quantities={"1": 3})
    step(o2c, "ship-order", order_id=order["number"])
    billed = step(o2c, "invoice_deliveries", delivery_ids=[first["number"]])
    rest = step(o2c, "invoice_order", order_id=order["number"])
    paid = step(o2c, "receive_payment", draft={"customer": "ACME", "amount": "40"})
    credit = step(o2c, "return_and_credit", invoice_id=billed["number"], quantities={"1": 1}, reason="damaged")

    assert (billed["number"], rest["number"]) == ("INV26-0001", "INV26-0002")
    assert credit["number"] == "CN26-0001"
    assert o2c("show", paid["number"]).code == 0
    assert o2c("verify").code == 0


def test_an_order_is_amended_by_json_and_its_history_read(o2c, books):
    order = step(o2c, "save_order", draft={"customer": "ACME", "lines": [{"item": "BOLT", "quantity": 4}]})
    number = step(o2c, "confirm_order", order_id=order["id"])["number"]
    words = {"order_id": number, "lines": [{"line": 1, "quantity": 6}, {"item": "NUT", "quantity": "5"}]}

    tried = o2c("do", "amend_order", json.dumps(words), "--dry-run")
    done = step(o2c, "amend_order", **words, reason="by telephone")

    assert tried.data["result"]["revision"] == done["revision"] == 2
    assert (done["was"], done["gross"]) == ("48.0000", "72.6000")
    said = o2c("show", number, "--history").out
    assert "Line 1 BOLT  quantity 4 → 6" in said
    assert "Reason: by telephone" in said
    assert o2c("show", number, "--history", "--json").data[-1]["verb"] == "amend_order"
    unknown = o2c("do", "amend_order", json.dumps({"order_id": number, "lines": [{"line": 9, "quantity": 1}]}))
    assert (unknown.code, "no line 9" in unknown.out + unknown.err) == (1, True)
    assert "unit_price" in o2c("do", "amend_order", "--help").out
    assert o2c("verify").code == 0


def test_buying_by_json_with_numbers_and_line_positions(o2c, books):
    step(o2c, "save_party", setup={"code": "ISAR", "name": "Isar Metal", "is_customer": False, "is_supplier": True})
    lines = [
        {"item": "BOLT", "quantity": 10, "unit_price": "4.00"},
        {"item": "NUT", "quantity": 50, "unit_price": "0.05"},
    ]
    ordered = step(o2c, "order_purchase", draft={"supplier": "ISAR", "lines": lines})
    assert ordered["label"] == "PO26-0001"
    came = step(o2c, "receive_purchase", purchase_id="PO26-0001", quantities={"1": 6, "2": 50})
    step(o2c, "set_expected", purchase_id="PO26-0001", expected_on="2026-12-01", lines=[1])
    charge = {"description": "Freight", "amount": "6.65", "receipts": [came["number"]], "basis": "quantity"}
    goods = {"receipt": came["number"], "line": 1, "unit_price": "4.10"}
    bill = step(o2c, "enter_bill", draft={"supplier": "ISAR", "lines": [goods], "charges": [charge]})
    back = step(o2c, "return_to_supplier", receipt_id=came["number"], quantities={"1": 1}, reason="rust")
    credit = {"supplier": "ISAR", "kind": "credit", "supplier_return": back["number"]}
    assert step(o2c, "enter_bill", draft=credit)["gross"] == "4.92"
    step(o2c, "close_purchase", purchase_id="PO26-0001")

    shown = o2c("show", bill["number"], "--json").data
    assert [link["number"] for link in shown["chain"]] == [
        "PO26-0001",
        "GR26-0002",
        "SR26-0001",
        "BILL26-0001",
        "BILL26-0002",
    ]
    assert o2c("show", "PO26-0001").code == o2c("show", "SR26-0001").code == o2c("show", bill["number"]).code == 0
    assert [row["number"] for row in o2c("list", "purchase", "--filter", "is:unbilled", "--json").data] == ["PO26-0001"]
    assert [row["gross"] for row in o2c("list", "bill", "--filter", "item:bolt", "--json").data] == [
        "4.9200",
        "37.5000",
    ]
    assert o2c("verify").code == 0


def test_a_dry_run_is_the_real_step_taken_back(o2c, books):
    before = dump(books)

    said = o2c("--today", DAY, "do", "save_item", '{"setup": {"code": "NEW", "name": "New"}}', "--dry-run")

    assert said.code == 0
    assert said.data["result"]["code"] == "NEW"
    assert said.data["dry_run"] is True
    assert dump(books) == before


def test_a_step_said_twice_with_one_key_is_done_once(o2c, books):
    words = {"draft": {"customer": "ACME", "amount": "10"}}

    first = step(o2c, "receive_payment", "--key", "bank-17", **words)
    again = step(o2c, "receive_payment", "--key", "bank-17", **words)

    assert first == again
    assert len(o2c("list", "payment", "--json").data) == 1


def test_a_warning_stops_a_step_until_it_is_accepted(o2c, books):
    words = json.dumps({"setup": {"code": "ACME2", "name": "ACME works"}})

    stopped = o2c("do", "save_party", words)
    assert stopped.code == 1
    assert stopped.data["rule"] == "UnseenWarningError"
    code = stopped.data["warnings"][0]["code"]
    assert len(o2c("list", "customer", "--json").data) == 1

    assert o2c("do", "save_party", words, "--accept", code).code == 0
    assert len(o2c("list", "customer", "--json").data) == 2


def test_words_come_from_a_file_or_from_standard_input(o2c, books, tmp_path, monkeypatch):
    path = tmp_path / "step.json"
    path.write_bytes('\ufeff{"setup": {"code": "ZH", "name": "螺栓"}}'.encode())
    assert o2c("do", "save_item", f"@{path}").code == 0

    stream = io.TextIOWrapper(io.BytesIO(b'{"setup": {"code": "IN", "name": "Nut"}}'), encoding="ascii")
    monkeypatch.setattr(sys, "stdin", stream)
    assert o2c("do", "save_item", "-").code == 0

    path.write_bytes(b'{"setup": {"code": "X", "name": "\xff"}}')
    assert o2c("do", "save_item", f"@{path}").code == 2
    assert o2c("do", "save_item", "@" + str(tmp_path / "none.json")).code == 3


@pytest.mark.parametrize(
    ("verb", "words", "field"),
    [("ship_order", {}, "order_id"),
     ("ship_order", {"order": 1}, "order"),
     ("ship_order", {"order_id": "INV26-0001"}, "order_id"),
     ("ship_order", {"order_id": "SO26-0001", "quantities": {"9": 1}}, "quantities"),
     ("ship_order", {"order_id": "SO26-0001", "quantities": [1]}, "quantities"),
     ("ship_order", {"order_id": "SO26-0001", "quantities": {"1": "two"}}, "quantities.1"),
     ("ship_order", {"order_id": 1.5}, "order_id"),
     ("ship_order", {"order_id": True}, "order_id"),
     ("ship_order", {"order_id": 10**30}, "order_id"),
     ("save_order", {"draft": []}, "draft"),
     ("save_order", {"draft": {"customer": "ACME", "lines": {}}}, "draft.lines"),
     ("save_order", {"draft": {"customer": "ACME", "lines": [{"item": "BOLT", "qty": 1}]}}, "draft.lines.1.qty"),
     ("save_order", {"draft": {"customer": 5}}, "draft.customer"),
     ("save_order", {"draft": {}}, "draft.customer"),
     ("save_item", {"setup": {"code": "A", "name": "A", "active": "false"}}, "setup.active"),
     ("save_item", {"setup": {"code": "A", "name": "A", "kind": "bundle"}}, "setup.kind"),
     ("save_item", {"setup": {"code": "A", "name": "A", "sale_price": "1_000"}}, "setup.sale_price"),
     ("ship_order", {"order_id": "SO26-0001", "shipped_on": "2026-02-30"}, "shipped_on"),
     ("change_company", {"changes": {"time_zone": "Mars/Base"}}, "time_zone"),
     ("change_company", {"changes": {"nme": "x"}}, "changes.nme"),
     ("change_company", {"changes": {"default_term": "NEVER"}}, "default_term"),
     ("change_company", {"changes": {"logo": "no base64!"}}, "changes.logo"),
     ("change_company", {"changes": {"logo": "aGVsbG8="}}, "logo")],
)  # fmt: skip
def test_words_of_the_wrong_kind_are_refused_with_their_place(o2c, books, verb, words, field):
    invoiced(o2c)
    before = dump(books)

    said = o2c("do", verb, json.dumps(words))

    assert said.code == 1, said.out + said.err
    assert said.data["field"] == field
    assert said.data["refused"]
    assert dump(books) == before


# -- files ------------------------------------------------------------------------------------------------------------


def test_pdf_goes_where_it_is_told_else_into_the_export_folder(o2c, books, home, tmp_path):
    number = invoiced(o2c)["invoice"]["number"]

    assert o2c("pdf", number, "-o", tmp_path / "deep" / "in.pdf").code == 0
    assert number in pypdf.PdfReader(tmp_path / "deep" / "in.pdf").pages[0].extract_text()
    said = o2c("pdf", number)
    assert said.out.strip() == str(home / "export" / f"{number}.pdf")
    assert (home / "export" / f"{number}.pdf").read_bytes() == (tmp_path / "deep" / "in.pdf").read_bytes()
    assert o2c("pdf", "INV26-9999").code == 1
    blocked = tmp_path / "file"
    blocked.write_text("")
    trouble = o2c("pdf", number, "-o", blocked / "in.pdf")
    assert trouble.code == 3
    assert "cannot be written" in trouble.err


def test_a_device_or_a_pipe_is_written_into_and_never_replaced(o2c, books, tmp_path):
    number, pipe = invoiced(o2c)["invoice"]["number"], tmp_path / "pipe"
    os.mkfifo(pipe)
    taken = []
    reader = threading.Thread(target=lambda: taken.append(pipe.read_bytes()))
    reader.start()

    assert o2c("pdf", number, "-o", pipe).code == 0

    reader.join()
    assert taken[0].startswith(b"%PDF")
    assert pipe.is_fifo()
    (tmp_path / "real.pdf").write_text("old")
    (tmp_path / "link.pdf").symlink_to(tmp_path / "real.pdf")
    assert o2c("pdf", number, "-o", tmp_path / "link.pdf").code == 0
    assert (tmp_path / "link.pdf").is_symlink()
    assert (tmp_path / "real.pdf").read_bytes() == taken[0]


def test_signs_that_no_font_has_are_said_when_printing(o2c, books):
    order = step(o2c, "save_order", draft={"customer": "ACME", "lines": [{"item": "BOLT", "description": "bolt 🔩"}]})
    number = step(o2c, "confirm_order", order_id=order["id"])["number"]

    said = o2c("pdf", number)

    assert said.code == 0
    assert "🔩" in said.err


def test_import_kinds_are_those_of_the_help(o2c):
    assert ", ".join(IMPORT_KINDS) in " ".join(o2c("import", "--help").out.split())


# -- why --------------------------------------------------------------------------------------------------------------


def test_every_figure_can_be_asked_of(o2c):
    assert [name.replace("-", "_") for name in FIGURE_KINDS] == [*FIGURES, "blocked"]
    for name in FIGURE_KINDS:
        assert name in o2c("why", "--help").out


def test_why_tells_the_rows_and_their_sum_in_both_languages(o2c, demo):
    told = o2c("--today", DAY, "why", "cost", "dn26-0001")
    assert told.code == 0
    assert "cost of goods" in told.out
    assert told.out.splitlines()[0] == "Cost  DN26-0001"
    assert "货物成本" in o2c("--lang", "zh_CN", "why", "cost", "DN26-0001").out

    data = o2c("why", "tax", "INV26-0001", "--json").data
    assert data["adds_up"] is True
    assert sum(Decimal(row["value"]) for row in data["rows"]) == Decimal(data["total"])
    assert o2c("why", "price", "SO26-0001", "1", "--json").data["subject"] == "SO26-0001/1"
    assert "next step" in o2c("why", "blocked", "SO26-0001").out


def test_why_says_what_it_cannot_tell(o2c, demo):
    assert o2c("why", "price", "SO26-0001").err.strip() == "Say of which line: 1, 2 …"
    assert "has no line 99" in o2c("why", "price", "SO26-0001", "99").err
    assert o2c("why", "available", "NOTHING").code == 1
    assert o2c("why", "weather", "SO26-0001").code == 2


def test_revisions_are_compared_in_both_languages(o2c, demo):
    number = o2c("list", "quotation", "--filter", "status:sent", "--json").data[0]["number"]
    assert o2c("do", "revise_quotation", json.dumps({"quotation_id": number})).code == 0

    said = o2c("compare", number)
    assert said.out.startswith(f"{number}/1 -> {number}/2")
    assert "没有差异" in o2c("--lang", "zh_CN", "compare", number + "/1", number + "/2").out or "->" in said.out
    assert o2c("compare", number + "/2", number + "/1", "--json").data["old"] == f"{number}/1"
    assert o2c("compare", "INV26-0001").err.strip() == "INV26-0001 is no quotation."


def test_show_tells_what_belongs_to_an_item_and_finds_it_by_a_scanned_code(o2c, books):
    box = {"unit": "box", "numerator": 12, "barcode": "40063813"}
    assert o2c("do", "save_units", json.dumps({"item": "BOLT", "units": [box]})).code == 0
    told = o2c("show", "40063813").out
    assert "Is so many" in told
    assert "40063813" in told
    shown = o2c("show", "40063813", "--json").data
    assert (shown["code"], shown["units"][0]["numerator"]) == ("BOLT", 12)


def test_lots_are_traced_on_the_command_line(o2c, lived_in):
    lot = next(row for row in o2c("list", "lot", "--json").data)
    told = o2c("trace", lot["item"], lot["code"], "--json").data
    assert {row[1] for row in told["rows"]} == {lot["code"]}
    number = told["rows"][0][5]
    assert lot["code"] in o2c("trace", number).out
    assert lot["code"] in o2c("trace", number, "--csv").out
    assert o2c("trace", "NOPE").code == 1
