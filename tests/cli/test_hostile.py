"""Hostile input through every verb and out by every face of the command line: refused with a sentence, or kept and
shown exactly; never obeyed, never a defect. docs/rules/masters.md, "Texts and figures"."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pypdf
import pytest

from o2c_tui.command_line.arguments import LIST_KINDS, REPORT_KINDS
from o2c_tui.safe_text import shown
from o2c_tui.services.by_json import words_of
from o2c_tui.services.registry import VERBS
from tests.cli.conftest import COMPANY, DAY, Command, Said

TEXTS = {
    "markup": "[/] [/bold] [@click=app.quit]go[/] [red] <b>x</b> <img src='http://127.0.0.1:1/x'/> &amp; &#65; <para> %s {0} {name}",
    "terminal": "\x1b]52;c;b3duZWQ=\x07 \x1b]0;title\x07 \x9b31m \x1b[2J \x08\x08 \x7f \x85 a\x0bb\x0cc \x1c\x1d\x1e\x1f",
    "formula": "=1+1 @SUM(A1) +1 -1 ＝1",
    "path": "../../../../etc/passwd /dev/null C:\\con ~root $HOME `id` ; rm -rf",
    "unseen": "\u202eevil\u202c zero\u200bwidth \u2066x\u2069 \ufeffbom ta\U000e0041g a\u0301\u0301\u0301 \u2028line \ufff9",
    "sql": "'; DROP TABLE party; -- % _ \\ ' \" \\' 100%_",
    "digits": "１２３ ٣٤٥ Ⅻ ²",
    "emoji": "👩‍👩‍👧 🔩 𝔘𝔫𝔦 \U0010ffff",
    "long": "x" * 10_000,
    "wide": "螺" * 5_000,
}
REFUSED = {"nul": "a\0b", "surrogate": "a\ud800b", "too long": "x" * 20_001}
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
HERE = "@here@"  # where the text goes
LINE = {"item": "BOLT", "quantity": 2, "description": HERE, "note": HERE}
HEAD = {
    "customer": "ACME",
    "customer_reference": HERE,
    "bill_to": HERE,
    "ship_to": HERE,
    "note": HERE,
    "external_key": HERE,
}
STORY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("change_company", {"changes": dict.fromkeys(("name", "address", "country", "tax_id", "email", "phone", "bank"), HERE)}),
    ("save_user", {"login": HERE, "name": HERE}),
    ("save_tax", {"setup": {"code": "T1", "name": HERE, "reason": HERE}}),
    ("save_term", {"setup": {"code": "P1", "name": HERE}}),
    ("save_warehouse", {"code": "W1", "name": HERE, "address": HERE}),
    ("save_party", {"setup": {"code": "ACME", "name": HERE, "is_supplier": True, **dict.fromkeys(("bill_to", "ship_to", "country", "tax_id", "contact", "email", "phone", "note", "hold_reason", "external_key", "language", "currency", "term", "tax_code", "shortage"), HERE)}}),
    ("save_item", {"setup": {"code": "BOLT", "name": HERE, **dict.fromkeys(("unit", "barcode", "category", "note", "external_key", "tax_code", "supplier"), HERE)}}),
    ("save_party", {"setup": {"code": HERE, "name": "x"}}),
    ("save_item", {"setup": {"code": HERE, "name": "x"}}),
    ("receive_goods", {"draft": {"lines": [{"item": "BOLT", "quantity": 9, "unit_cost": 1}], "supplier": "ACME",
                                 "reference": HERE, "note": HERE, "external_key": HERE}}),
    ("save_quotation", {"draft": {**HEAD, "lines": [LINE]}}),
    ("send_quotation", {"quotation_id": 1}),
    ("accept_quotation", {"quotation_id": 1, "accepted_by": HERE}),
    ("save_quotation", {"draft": {**HEAD, "external_key": None, "lines": [LINE]}}),
    ("send_quotation", {"quotation_id": 2}),
    ("decline_quotation", {"quotation_id": 2, "reason": HERE, "note": HERE}),
    ("order_quotation", {"quotation_id": 1, "accepted_by": HERE}),
    ("hold_order", {"order_id": 1, "reason": HERE}),
    ("release_order", {"order_id": 1}),
    ("save_order", {"draft": {**HEAD, "lines": [LINE]}}),
    ("draft_delivery", {"order_id": 1, "carrier": HERE, "note": HERE}),
    ("set_tracking", {"delivery_id": 1, "tracking": HERE}),
    ("ship_delivery", {"delivery_id": 1}),
    ("draft_invoice", {"order_ids": [1], "note": HERE}),
    ("post_invoice", {"invoice_id": 1}),
    ("receive_payment", {"draft": {"customer": "ACME", "amount": 1, "reference": HERE}}),
    ("reverse_payment", {"payment_id": 1, "reason": HERE}),
    ("return_and_credit", {"invoice_id": 1, "quantities": {"1": 1}, "reason": HERE}),
    ("ship_order", {"order_id": HERE}),
)  # fmt: skip


def filled(words: Any, text: str, kept: frozenset[str], path: str = "") -> Any:
    """The words of a step with the text in its places; in those of `kept` something plain."""
    if isinstance(words, dict):
        return {name: filled(part, text, kept, f"{path}.{name}".strip(".")) for name, part in words.items()}
    if isinstance(words, list):
        return [filled(part, text, kept, f"{path}.{n}") for n, part in enumerate(words, 1)]
    if words == HERE:
        return "plain" if any(name == path or path.endswith("." + name) for name in kept) else text
    return words


def told(o2c: Command, text: str) -> Iterator[tuple[str, str, str]]:
    """The story with a text in every place; what was refused, as (verb, field, sentence)."""
    for verb, words in STORY:
        kept: frozenset[str] = frozenset()
        for _try in range(30):
            said = o2c(
                "--today", DAY, "do", verb, json.dumps(filled(copy.deepcopy(words), text, kept)), "--accept", "all"
            )
            assert said.code in (0, 1), f"{verb} {kept}: {said.err}"
            assert not RAW.search(said.out), verb
            if said.code == 0:
                break
            yield verb, said.data["field"], said.data["refused"]
            field = said.data["field"] or "?"
            if field in kept or HERE not in json.dumps(filled(words, HERE, kept)):
                break
            if field == "?" or not any(part == HERE for part in places_of(words, field)):
                kept |= {name for name in names_in(words)}
            else:
                kept |= {field}


def names_in(words: Any) -> Iterator[str]:
    for name, part in words.items() if isinstance(words, dict) else enumerate(words) if isinstance(words, list) else ():
        if part == HERE:
            yield str(name)
        yield from names_in(part)


def places_of(words: Any, field: str) -> Iterator[Any]:
    """The values that a refusal may mean by `field`."""
    for name, part in (
        words.items() if isinstance(words, dict) else enumerate(words, 1) if isinstance(words, list) else ()
    ):
        if str(name) == field.split(".")[-1]:
            yield part
        yield from places_of(part, field)


def everything(o2c: Command) -> Iterator[tuple[tuple[str, ...], Said]]:
    """Every answer of the command line about the books."""
    for form in ((), ("--json",), ("--csv",)):
        for kind in LIST_KINDS:
            yield (kind, *form), o2c("list", kind, *form)
        for kind in REPORT_KINDS:
            yield (kind, *form), o2c("report", kind, *form)
    for number in (
        "Q26-0001",
        "SO26-0001",
        "DN26-0001",
        "INV26-0001",
        "CN26-0001",
        "PAY26-0001",
        "GR26-0002",
        "BOLT",
        "ACME",
    ):
        for form in ((), ("--json",)):
            yield (number, *form), o2c("show", number, *form)


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_refused_or_kept_and_shown_exactly(o2c, books, tmp_path, name):
    text = TEXTS[name]

    refused = list(told(o2c, text))

    assert all(sentence for _verb, _field, sentence in refused)
    assert ("ship_order", "number") in {(verb, field) for verb, field, _ in refused}
    for words, said in everything(o2c):
        assert said.code == 0, (words, said.err)
        if "--csv" not in words:
            assert not RAW.search(said.out), words
    line = o2c("show", "SO26-0001", "--json").data["lines"][0]
    assert line["description"] == text.strip()
    if len(text) < 1000:
        assert shown(text.strip()) in o2c("show", "SO26-0001").out
    for number in ("Q26-0001", "SO26-0001", "DN26-0001", "INV26-0001", "CN26-0001", "PAY26-0001"):
        said = o2c("pdf", number, "-o", tmp_path / "it.pdf")
        assert said.code == 0, said.err
        assert pypdf.PdfReader(tmp_path / "it.pdf").pages
    assert o2c("list", "customer", "--filter", text[:200]).code in (0, 1)
    assert o2c("verify").code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"home", "it.pdf"}


@pytest.mark.parametrize("name", REFUSED)
def test_a_text_that_no_field_can_hold_is_refused_in_every_place(o2c, books, name):
    places = {(verb, path) for verb, words in STORY for path in names_in(words)}
    refused = {(verb, field.split(".")[-1]) for verb, field, _ in told(o2c, REFUSED[name])}

    assert places - refused == set()
    assert o2c("verify").code == 0


FIGURES = [
    "1e309",
    "NaN",
    "-Infinity",
    "-0",
    "1e18",
    "-1",
    "1e-30",
    "0.1234567",
    "１２",
    "1,5",
    "0x10",
    "",
    "1_0",
    10**18,
    -1,
    10**400,
]
DAYS = [
    "0000-00-00",
    "2026-02-30",
    "2025-02-29",
    "9999-12-31",
    "0001-01-01",
    "20261124T",
    "tomorrow",
    "",
    "２０２６-01-01",
    20261124,
]
PLAIN: dict[str, dict[str, Any]] = {
    "create_company": {"setup": COMPANY},
    "save_tax": {"setup": {"code": "T1", "name": "T", "rates": {"2026-01-01": "0.1"}}},
    "save_party": {"setup": {"code": "P1", "name": "P", "credit_limit": 1, "hold_until": DAY}},
    "save_item": {"setup": {"code": "I1", "name": "I", "sale_price": 1, "reorder_point": 1}},
    "save_quotation": {"draft": {"customer": "ACME", "discount_percent": 1, "discount_amount": 1, "dated_on": DAY, "valid_until": DAY,
                                 "lines": [{"item": "BOLT", "quantity": 1, "unit_price": 1, "discount_percent": 1, "discount_amount": 1}]}},
    "save_order": {"draft": {"customer": "ACME", "promised_on": DAY, "lines": [{"item": "BOLT", "quantity": 1}]}},
    "receive_goods": {"draft": {"received_on": DAY, "lines": [{"item": "BOLT", "quantity": 1, "unit_cost": 1}]}},
    "ship_order": {"order_id": 1, "quantities": {"1": 1}, "shipped_on": DAY, "version": 1},
    "invoice_order": {"order_id": 1, "quantities": {"1": 1}, "invoiced_on": DAY},
    "receive_payment": {"draft": {"customer": "ACME", "amount": 1, "received_on": DAY}},
    "apply_credit": {"payment_id": 1, "shares": {"1": 1}, "on": DAY},
    "reserve_line": {"order_id": 1, "line_id": 1, "quantity": 1},
}  # fmt: skip


def swapped(words: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The words with one value replaced."""
    made = copy.deepcopy(words)
    place = made
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return made


def leaves(words: Any, wanted: type, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where days (text) or figures (numbers) stand."""
    for name, part in words.items() if isinstance(words, dict) else enumerate(words) if isinstance(words, list) else ():
        if isinstance(part, (dict, list)):
            yield from leaves(part, wanted, (*path, name))
        elif (part == DAY) if wanted is str else (type(part) is int or name == "sale_price"):
            yield (*path, name)


@pytest.mark.parametrize("verb", PLAIN)
def test_a_figure_or_day_that_is_none_is_refused_in_every_place_and_never_a_defect(o2c, books, verb):
    order = o2c("--today", DAY, "do", "save_order", json.dumps(PLAIN["save_order"]))
    assert order.code == 0
    assert o2c("--today", DAY, "do", "confirm_order", '{"order_id": 1}').code == 0
    words = PLAIN[verb]

    for kind, values in ((int, FIGURES), (str, DAYS)):
        for path in leaves(words, kind):
            for value in values:
                said = o2c(
                    "--today", DAY, "do", verb, json.dumps(swapped(words, path, value)), "--accept", "all", "--dry-run"
                )
                assert said.code in (0, 1, 2), (path, value, said.err)
                if said.code == 0:
                    assert value in ("-0", "１２"), (path, value)
                elif said.code == 1:
                    assert said.data["refused"]


def test_no_figure_however_it_is_made_up_runs_out_of_its_column(o2c, books):
    lines = [{"item": "BOLT", "quantity": "1000000000", "unit_price": "10000000000"}] * 3

    said = o2c("do", "save_order", json.dumps({"draft": {"customer": "ACME", "lines": lines}}))

    assert said.code == 1
    assert "more than the books hold" in said.data["refused"]


def test_every_word_of_every_step_refuses_values_of_another_kind(o2c, books):
    for verb, function in VERBS.items():
        for word in words_of(function):
            if word.depth:
                continue
            for value in ({"a": [[]]}, [[]], True, 1.5, "x" * 50):
                said = o2c("--today", DAY, "do", verb, json.dumps({word.name: value}), "--dry-run")
                assert said.code in (0, 1), (verb, word.name, value, said.err)
