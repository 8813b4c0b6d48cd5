"""Any two revisions of a quotation, line by line. docs/rules/quotations.md."""

from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError
from o2c_tui.queries.comparing import compare, compared, revisions
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.quoting import revise_quotation, save_quotation, send_quotation
from tests.makers import lines, open_books, quoted


@pytest.fixture
def desk(sqlite_store):
    return open_books(sqlite_store)


def revised(desk, first, *wanted, **head):
    """A revision of a quotation with other lines, sent."""
    made = desk.do(revise_quotation, first)
    draft = DocumentDraft("ACME", lines(*wanted), **head)
    desk.do(save_quotation, draft, document_id=made.id, version=made.version)
    desk.do(send_quotation, made.id)
    return made.id


def kinds(told):
    return [(line.kind, line.line["item"], {c.field: (c.old, c.new) for c in line.changes}) for line in told.lines]


def test_lines_are_told_as_added_removed_changed_or_the_same(desk):
    first = quoted(desk, ("BOLT", 5), ("NUT", 100), ("FREIGHT", 1))
    second = revised(desk, first, ("BOLT", 8, "9.50"), ("FREIGHT", 1), ("NUT", 3), customer_reference="PO 7")

    told = desk.ask(compare, first, second)

    assert (told.old, told.new) == ("Q26-0001/1", "Q26-0001/2")
    found = kinds(told)
    assert found[0][:2] == ("changed", "BOLT")
    assert found[0][2]["quantity"] == (5, 8)
    assert found[0][2]["unit_price"] == (10, D("9.50"))
    assert found[0][2]["net"] == (50, 76)
    assert found[1] == ("same", "FREIGHT", {})
    assert found[2] == ("changed", "NUT", {"quantity": (100, 3), "net": (10, D("0.30"))})
    assert [(c.field, c.old, c.new) for c in told.head] == [("customer_reference", "", "PO 7")]
    assert [(c.field, c.old, c.new) for c in told.totals] == [
        ("net", 75, D("91.30")), ("tax", 15, D("18.26")), ("gross", 90, D("109.56")),
    ]  # fmt: skip


def test_what_is_gone_stands_where_it_stood_and_text_is_compared_as_text(desk):
    note = LineDraft("", D(1), D(0), description="Ready in two weeks", tax_code="VAT20")
    other = LineDraft("", D(1), D(0), description="Ready in six weeks", tax_code="VAT20")
    first = quoted(desk, ("BOLT", 1), ("NUT", 1), note)
    second = revised(desk, first, ("BOLT", 1), other, ("FREIGHT", 1))

    told = desk.ask(compare, first, second)

    assert [line[:2] for line in kinds(told)] == [
        ("same", "BOLT"), ("removed", "NUT"), ("changed", ""), ("added", "FREIGHT"),
    ]  # fmt: skip
    assert kinds(told)[2][2] == {"description": ("Ready in two weeks", "Ready in six weeks")}


def test_the_older_revision_is_the_old_one_however_they_are_given_and_each_pair_can_be_asked(desk):
    first = quoted(desk, ("BOLT", 1))
    second = revised(desk, first, ("BOLT", 2))
    third = revised(desk, second, ("BOLT", 1))

    assert [r.label for r in desk.ask(revisions, second)] == ["Q26-0001/1", "Q26-0001/2", "Q26-0001/3"]
    assert desk.ask(compare, third, first) == desk.ask(compare, first, third)
    assert not desk.ask(compare, first, third).differ
    assert desk.ask(compare, second, third).differ
    assert desk.ask(compared, "Q26-0001") == (second, third)
    assert desk.ask(compared, "q26-0001/1", "q26-0001/3") == (first, third)


def test_what_are_not_two_revisions_of_one_quotation_is_refused(desk):
    first, other = quoted(desk, ("BOLT", 1)), quoted(desk, ("NUT", 1))

    for pair in ((first, other), (first, first)):
        with pytest.raises(BadValueError, match="not two revisions"):
            desk.ask(compare, *pair)
    with pytest.raises(BadValueError, match="no revision before it"):
        desk.ask(compared, "Q26-0002")
