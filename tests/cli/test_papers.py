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


def test_labels_of_items_bins_and_receipts_are_one_command(o2c, books, home):
    export = home / "export"
    step(o2c, "save_location", code="A-1")

    said = o2c("labels", "items", "BOLT", "NUT", "--copies", "2", "--sheet", "62x29mm")

    assert said.out.strip() == str(export / "labels-items.pdf")
    assert [page.extract_text().split()[0] for page in pypdf.PdfReader(said.out.strip()).pages] == ["BOLT"] * 2 + [
        "NUT"
    ] * 2
    assert o2c("labels", "bins", "MAIN").out.strip() == str(export / "labels-bins-MAIN.pdf")
    assert "Main warehouse" in _text(export / "labels-bins-MAIN.pdf")
    said = o2c("labels", "receipt", "GR26-0001", "--per", "unit", "-o", home / "in.pdf")
    assert _text(home / "in.pdf").count("Hex bolt") == 100
    number = invoiced(o2c)["delivery"]["number"]
    o2c("labels", "packages", number, "--sheet", "100x150mm", "-o", home / "in.pdf")
    assert f"Acme Works 1 Mill Lane {number} Package 1 of 1" in _text(home / "in.pdf")
    (home / "o2c.toml").write_text('labels = "2x4"')
    o2c("labels", "items", "BOLT", "--start", "8", "-o", home / "in.pdf")
    assert len(pypdf.PdfReader(home / "in.pdf").pages) == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("items", "BOLD"), 1, "There is no item BOLD. Near: BOLT."),
        (("items", "BOLT", "--copies", "0"), 2, "'0' is no number from 1 to 9999"),
        (("items", "BOLT", "--copies", "6000"), 1, "at most 5000 go into one file."),
        (("items", "BOLT", "--sheet", "3by8"), 1, "'3by8' is no size of labels"),
        (("items", "BOLT", "--start", "25"), 1, "The sheet has places 1 to 24."),
        (("bins", "SHOP"), 1, "SHOP has no bins."),
        (("bins", "NOWHERE"), 1, "There is no warehouse NOWHERE"),
        (("receipt", "GR26-0009"), 1, "There is no document GR26-0009."),
        (("boxes", "BOLT"), 2, "invalid choice"),
    ],
)
def test_labels_that_cannot_be_made_are_refused_in_words(o2c, books, home, words, code, told):
    said = o2c("labels", *words)

    assert (said.code, said.out) == (code, "")
    assert told in said.err
    assert not (home / "export").exists()


def test_an_item_whose_code_has_no_barcode_is_told(o2c, books):
    step(o2c, "save_item", setup={"code": "螺栓", "name": "Bolt"})

    said = o2c("labels", "items", "螺栓")

    assert said.code == 0
    assert "Without a barcode, as it would be too fine or has no such signs: 螺栓" in said.err


def test_every_document_of_books_that_were_lived_in_is_printed(o2c, lived_in, home):
    names = []
    for kind in ("quotation", "order", "delivery", "invoice", "payment", "purchase", "receipt", "bill", "transfer",
                 "stocktake", "adjustment"):  # fmt: skip
        rows = o2c("list", kind, "--json").data
        assert rows, kind
        names += [f"{kind}:{row['id']}" for row in rows]
    names += ["RET26-0001", "RET26-0002", "SR26-0001"]

    said = o2c("pdf", *names)

    assert said.code == 0, said.err
    assert len(set(said.out.split())) == len(names)
    for path in said.out.split():
        assert len(_text(path)) > 60


def test_a_reminder_is_shown_and_printed_by_its_number(o2c, books, home):
    number = invoiced(o2c)["invoice"]["number"]
    assert o2c("--today", "2027-01-10", "remind", "--send").code == 0

    said = o2c("show", "rm27-0001")
    assert "step 2" in said.out and number in said.out and "printed" in said.out
    assert o2c("show", "RM27-0001", "--json").data["lines"][0]["number"] == number
    assert "printed: RM27-0001.pdf" in o2c("show", "RM27-0001", "--history").out
    path = o2c("pdf", "RM27-0001", "-o", str(home / "again.pdf")).out.strip()
    assert "RM27-0001" in _text(path) and number in _text(path)


def test_a_statement_is_written_as_text_and_as_a_letter(o2c, books, home):
    number = invoiced(o2c)["invoice"]["number"]

    said = o2c("statement", "ACME")
    assert number in said.out and "brought forward" in said.out and "Total" in said.out
    assert number in o2c("statement", "ACME", "--open", "--csv").out
    letter = o2c("statement", "acme", "--pdf").out.strip()
    assert "Statement of account" in _text(letter) and number in _text(letter) and "Not due" in _text(letter)
    assert o2c("statements", "-o", str(home / "letters")).out.strip().startswith(str(home / "letters"))
    together = o2c("statements", "--together", "--open", "-o", str(home / "all.pdf")).out.strip()
    assert number in _text(together)
    assert o2c("statement", "NOBODY").code == 1


def test_statements_are_sent_and_printed_by_one_command_once(o2c, books, home):
    number = invoiced(o2c)["invoice"]["number"]

    said = o2c("statements", "--open", "--send")
    assert said.code == 0
    path = said.out.strip().removeprefix("1 to be printed: ")
    assert number in _text(path)
    assert "1 have it already" in o2c("statements", "--open", "--send").out
    step(o2c, "save_party", setup={"code": "ACME", "name": "Acme Works", "email": "pay@example.org"})
    step(o2c, "save_mail_account", folder=str(home / "trial"), sender="books@example.com")
    sent = o2c("statement", "acme", "--send", "--json").data
    assert [mail["to"] for mail in sent["mails"]] == ["pay@example.org"]
    assert sent["sent"]["sent"] == 1
    assert o2c("statement", "acme", "--send", "--json").data["already"] == ["ACME"]
    assert o2c("statement", "acme", "--send", "--again", "--json").data["sent"]["sent"] == 1
