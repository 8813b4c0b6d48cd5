"""The code by which an invoice is paid: what it says, and that it is drawn as it should be; docs/rules/bank.md."""

import shutil
import subprocess
from decimal import Decimal as D
from io import BytesIO

import pytest
import segno
from pypdf import PdfReader
from segno import helpers

from o2c_tui.documents.pay_code import dark_boxes
from o2c_tui.documents.render import render
from o2c_tui.queries.printing import printed
from o2c_tui.rules.epc import pay_text
from o2c_tui.services.banking import BankAccountSetup, save_bank_account
from o2c_tui.services.parties import PartySetup, save_party
from tests.makers import open_books, receive, sold

IBAN = "DE89370400440532013000"


@pytest.fixture
def desk(sqlite_store):
    made = open_books(sqlite_store)
    receive(made, "BOLT", 100, "4.00")
    return made


def test_an_invoice_in_euro_carries_a_code_that_says_whom_and_what_to_pay(desk):
    bill = sold(desk, ("BOLT", 2))
    assert desk.ask(printed, "invoice", bill.invoice_id).pay_code == ""
    desk.do(
        save_bank_account, BankAccountSetup("MAIN", "Our bank", iban=IBAN, bic="COBADEFFXXX", holder="Prüf & Söhne")
    )

    view = desk.ask(printed, "invoice", bill.invoice_id)

    assert view.pay_code.split("\n") == [
        "BCD", "002", "1", "SCT", "COBADEFFXXX", "Prüf & Söhne", IBAN, "EUR24", "", "", bill.number,
    ]  # fmt: skip
    page = PdfReader(BytesIO(render(view))).pages[0]
    text = " ".join(page.extract_text().split())
    assert "IBAN DE89 3704 0044 0532 0130 00" in text
    drawn = page.get_contents().get_data()
    _side, boxes = dark_boxes(view.pay_code)
    assert drawn.count(b" 1.01 re") == len(boxes)  # each box of the code, and nothing else, in its own measure


def test_the_pattern_is_the_one_of_another_maker():
    text = pay_text("Test Trading", IBAN, D("24.50"), "INV26-0001", "COBADEFFXXX")
    other = helpers.make_epc_qr(
        name="Test Trading", iban=IBAN, amount=D("24.50"), text="INV26-0001", bic="COBADEFFXXX", encoding="utf-8"
    )
    mine = segno.make_qr(text.encode(), error="m", boost_error=False)
    assert mine.matrix == other.matrix
    side, boxes = dark_boxes(text)
    drawn = [[0] * side for _row in range(side)]
    for left, top, width in boxes:
        drawn[top][left : left + width] = [1] * width
    assert drawn == [list(row) for row in other.matrix]


def test_a_reader_of_codes_reads_it(desk, tmp_path):
    reads = shutil.which("zbarimg")
    if reads is None:
        pytest.skip("no zbarimg here to read the code")
    text = pay_text("Test Trading", IBAN, D("24.50"), "INV26-0001")
    segno.make_qr(text.encode(), error="m", boost_error=False).save(str(tmp_path / "code.png"), scale=6)
    done = subprocess.run(
        [reads, "--raw", "-q", str(tmp_path / "code.png")], capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip("\n") == text


def test_other_currencies_and_drafts_have_no_code(desk):
    desk.do(save_bank_account, BankAccountSetup("MAIN", "Our bank", iban=IBAN))
    desk.do(save_party, PartySetup("ACME", "Acme Works", currency="USD"))
    from o2c_tui.services.exchanging import save_rate

    desk.do(save_rate, "USD", D("0.92"))
    bill = sold(desk, ("BOLT", 2))
    assert desk.ask(printed, "invoice", bill.invoice_id).pay_code == ""


@pytest.mark.parametrize(
    ("holder", "iban", "amount"), [("", IBAN, "1"), ("A", "", "1"), ("A", IBAN, "0"), ("A", IBAN, "1e9")]
)
def test_what_cannot_be_said_has_no_code(holder, iban, amount):
    assert pay_text(holder, iban, D(amount), "X") == ""
