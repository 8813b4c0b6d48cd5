"""Papers of the warehouse by command: which one, of what, and what is refused. Rule: docs/documents.md."""

import pypdf
import pytest

from tests.cli.conftest import invoiced, step


def _text(path) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())


def test_pick_lists_delivery_notes_and_receipts_are_one_command(o2c, books, home):
    export = home / "export"
    numbers = []
    for quantity in (3, 4):
        saved = step(o2c, "save_order", draft={"customer": "ACME", "lines": [{"item": "BOLT", "quantity": quantity}]})
        confirmed = step(o2c, "confirm_order", order_id=saved["id"])
        step(o2c, "draft_delivery", order_id=confirmed["number"])
        numbers.append(confirmed["number"])

    said = o2c("pdf", "--pick", *numbers)

    assert said.out.strip() == str(export / f"{numbers[0]}-and-1-more-pick.pdf")
    assert f"3 pc {numbers[0]}" in _text(said.out.strip()) and f"4 pc {numbers[1]}" in _text(said.out.strip())
    delivery = invoiced(o2c)["delivery"]["number"]
    assert o2c("pdf", delivery, "GR26-0001").out.split() == [
        str(export / f"{delivery}.pdf"),
        str(export / "GR26-0001.pdf"),
    ]
    assert "Value of the goods" not in _text(export / f"{delivery}.pdf")
    said = o2c("pdf", "--prices", delivery)
    assert said.out.strip() == str(export / f"{delivery}-priced.pdf")
    assert "Value of the goods EUR 20.00" in _text(said.out.strip())


def test_a_count_sheet_is_named_by_its_key_until_it_has_a_number(o2c, books, home):
    count = step(o2c, "start_stocktake", items=["BOLT"])["stocktake_id"]

    said = o2c("pdf", f"stocktake:{count}", "--barcodes")

    assert said.out.strip() == str(home / "export" / f"stocktake-{count}-coded.pdf")
    assert "Count sheet" in _text(said.out.strip())
    assert "Books" in _text(o2c("pdf", f"stocktake:{count}", "--expected").out.strip())


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--pick", "GR26-0001"), 1, "GR26-0001 is no delivery and no sales order."),
        (("--prices", "stocktake:1"), 1, "There is no document stocktake:1."),
        (("--expected", "GR26-0001"), 1, "GR26-0001: this kind of document has no such paper."),
        (("GR26-0001", "GR26-0001", "-o", "x.pdf"), 2, "-o names one file, and these are 2 documents."),
        (("--pick", "--prices", "GR26-0001"), 2, "not allowed with"),
    ],
)
def test_a_paper_that_cannot_be_made_is_refused_in_words(o2c, books, words, code, told):
    said = o2c("pdf", *words)

    assert said.code == code
    assert told in said.err
    assert not said.out
