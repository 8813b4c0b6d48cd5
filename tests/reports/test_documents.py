"""The printed documents, read back from their PDFs.

Rule: docs/documents.md.
"""

import hashlib
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from o2c_tui.documents.chinese_amount import in_words
from o2c_tui.documents.fonts import REPLACEMENT, faces
from o2c_tui.documents.layout import DEFAULT
from o2c_tui.documents.render import _composed, missing_glyphs, render
from o2c_tui.documents.typeset import wrap
from o2c_tui.documents.words import WORDS
from o2c_tui.queries.document_view import (
    AllocationView,
    CompanyView,
    DocumentKind,
    DocumentView,
    InstalmentView,
    LineView,
    PartyView,
    TaxGroupView,
)
from o2c_tui.texts import catalogue

D = Decimal
COMPANY = CompanyView(
    name="Hartwell & Söhne GmbH",
    address="Lindenstraße 14\n70173 Stuttgart",
    tax_id="DE812345678",
    bank_lines=("Baden Bank", "IBAN DE89 3704 0044 0532 0130 00"),
    contact="sales@hartwell.example",
)


def line(position: int = 1, description: str = "Ball bearing 6204", **fields: object) -> LineView:
    return replace(
        LineView(position, f"BR-{position:04}", description, D(3), "pcs", D("12.40"), D(0), D("37.20"), "19%"), **fields
    )


def document(kind: str = "invoice", **fields: object) -> DocumentView:
    plain = DocumentView(
        kind=DocumentKind(kind),
        number="X-2025-00042",
        date=date(2025, 11, 24),
        company=COMPANY,
        bill_to="Ødegaard Marine AS\nStrandgata 7\n5004 Bergen",
        currency="EUR",
        lines=(line(),),
        net=D("37.20"),
        tax=D("7.07"),
        gross=D("44.27"),
        tax_groups=(TaxGroupView("VAT", D(19), D("37.20"), D("7.07")),),
    )
    return replace(plain, **fields)


def reader(view: DocumentView) -> PdfReader:
    return PdfReader(BytesIO(render(view)))


def text_of(view: DocumentView) -> str:
    """All text of the sheets on one line, with single spaces."""
    return " ".join(" ".join(page.extract_text() for page in reader(view).pages).split())


def solid(text: str) -> str:
    """Text without spaces: a change of font inside a line reads back as a gap."""
    return "".join(text.split())


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (31, 90, 107)).save(out, kind)
    return out.getvalue()


# --- what each kind says


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_kind_names_itself_its_number_and_both_parties(kind: DocumentKind, language: str) -> None:
    found = solid(text_of(document(kind, language=language, customer=PartyView("C-00318"))))

    assert solid(catalogue(language).gettext(WORDS[kind].title)) in found
    assert found.count("X-2025-00042") >= 2
    for text in ("Hartwell&SöhneGmbH", "ØdegaardMarineAS", "5004Bergen", "C-00318", "DE812345678", "IBANDE89"):
        assert text in found
    assert ("2025年11月24日" if language == "zh_CN" else "24Nov2025") in found


def test_an_invoice_shows_lines_tax_total_and_where_to_pay() -> None:
    found = text_of(document(due_on=date(2025, 12, 24), references=(("Your order", "PO-88120"),)))

    for text in ("BR-0001 Ball bearing 6204 3 pcs 12.40 19% 37.20", "VAT 19% 7.07", "Amount due EUR 44.27"):
        assert text in found
    for text in ("Due date", "24 Dec 2025", "Your order", "PO-88120", "Please pay to"):
        assert text in found


def test_several_rates_are_summed_up_in_a_table() -> None:
    groups = (TaxGroupView("VAT", D(19), D("30.00"), D("5.70")), TaxGroupView("VAT", D(7), D("7.20"), D("0.50")))

    found = text_of(document(tax_groups=groups, tax=D("6.20"), gross=D("43.40")))

    assert "VAT 19% 30.00 5.70" in found
    assert "VAT 7% 7.20 0.50" in found
    assert "Tax 6.20" in found


def test_a_discount_stands_between_subtotal_and_net() -> None:
    found = text_of(document(discount=D("2.80"), net=D("34.40"), tax=D("6.54"), gross=D("40.94")))

    assert "Subtotal 37.20 Discount -2.80 Net 34.40" in found


def test_prices_with_tax_show_the_tax_they_contain_and_no_net_column_of_sums() -> None:
    found = text_of(document(prices_include_tax=True))

    assert "Prices include tax." in found
    assert "VAT 19% 37.20 7.07" in found


def test_a_currency_without_cents_shows_none_and_a_price_shows_all_its_decimals() -> None:
    view = document(
        currency="JPY", digits=0, lines=(line(net=D(1240), unit_price=D("413.3333")),), net=D(1240), gross=D(1364)
    )

    found = text_of(view)

    assert "413.3333" in found
    assert "Amount due JPY 1,364" in found and "1,364.0" not in found


def test_a_delivery_note_goes_to_the_delivery_address_and_hides_prices() -> None:
    found = text_of(document("delivery_note", ship_to="Warehouse 2\nKaiveien 3", show_prices=False))

    assert found.index("Warehouse 2") < found.index("Invoice address") < found.index("Ødegaard Marine AS")
    assert "12.40" not in found and "44.27" not in found
    assert "Signature, stamp" in found


def test_a_quotation_names_its_revision_and_its_last_day() -> None:
    found = text_of(document("quotation", revision=3, valid_until=date(2025, 12, 31)))

    assert "X-2025-00042/3" in found
    assert "Valid until" in found and "31 Dec 2025" in found
    assert "We accept this quotation" in found


def test_a_receipt_tells_what_was_paid_and_what_is_left_on_account() -> None:
    shares = (AllocationView("INV-7", date(2025, 11, 1), D("40.00")), AllocationView("INV-8", None, D("3.27")))

    found = text_of(document("receipt", lines=(), tax_groups=(), net=D(0), tax=D(0), allocations=shares))

    assert "Amount received EUR 44.27" in found
    assert "INV-7 1 Nov 2025 40.00" in found and "INV-8 3.27" in found
    assert "On account 1.00" in found


@pytest.mark.parametrize("parts", [2, 30, 90])
def test_each_instalment_is_told(parts: int) -> None:
    dues = tuple(InstalmentView(date(2026, 1 + n % 12, 1 + n // 12), D(n + 1000)) for n in range(parts))

    found = text_of(document(instalments=dues))

    for n in range(parts):
        assert f"{n + 1000:,}.00" in found


def test_watermark_and_chain_mark_stand_on_every_sheet() -> None:
    view = document(lines=tuple(line(n) for n in range(1, 80)), watermark="DRAFT", chain_mark="a41f 09c2")

    pages = [page.extract_text() for page in reader(view).pages]

    assert len(pages) > 1
    assert all("DRAFT" in page and "a41f 09c2" in page for page in pages)


# --- long documents


def test_500_lines_stand_once_each_under_repeated_headings_and_the_total_stays_with_the_last() -> None:
    view = document(lines=tuple(line(n, f"Item number {n} of the long list") for n in range(1, 501)))

    pages = [" ".join(page.extract_text().split()) for page in reader(view).pages]

    together = " ".join(pages)
    assert all(together.count(f"BR-{n:04} ") == 1 for n in range(1, 501))
    assert all("Description Quantity Unit" in page for page in pages)
    assert all(f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, start=1))
    assert "BR-0500" in pages[-1] and "Amount due EUR 44.27" in pages[-1]
    assert sum("Amount due" in page for page in pages) == 1


@pytest.mark.parametrize("count", range(8, 42))
def test_no_sheet_holds_the_totals_alone(count: int) -> None:
    last = reader(document(lines=tuple(line(n) for n in range(1, count + 1)))).pages[-1].extract_text()

    assert "Amount due" not in last or f"BR-{count:04}" in last


def test_a_text_longer_than_a_sheet_goes_on_whole() -> None:
    words = [f"word{n}" for n in range(3000)]

    found = text_of(document(lines=(line(description=" ".join(words), note=" ".join(words).upper()), line(2))))

    assert all(f"{word} " in found and f"{word.upper()} " in found for word in words)
    assert "BR-0002" in found


def test_a_document_that_just_spills_over_is_set_tighter_to_save_the_sheet() -> None:
    views = [document(lines=tuple(line(n) for n in range(1, count + 1))) for count in range(1, 40)]

    loose = [len(_composed(view, DEFAULT, logo=False)[0].pages) for view in views]
    printed = [len(reader(view).pages) for view in views]

    assert printed == sorted(printed)
    saved = [before - after for before, after in zip(loose, printed, strict=True)]
    assert max(saved) == 1 and min(saved) == 0


def test_the_layout_is_a_value_that_changes_nothing_but_the_look() -> None:
    green = replace(DEFAULT, accent="#226622", left=DEFAULT.left + 10)

    assert render(document(), green) != render(document())
    drawn = PdfReader(BytesIO(render(document(), green))).pages[0].extract_text()
    assert " ".join(drawn.split()) == text_of(document())


# --- text as typed


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("<b>x", "<b>x"),
        ('<img src="logo.png"/>', '<img src="logo.png"/>'),
        ("A & B <Ltd>", "A & B <Ltd>"),
        ("R&D &#x41; &amp;", "R&D &#x41; &amp;"),
        ("100 %s {0} {name}", "100 %s {0} {name}"),
        (r"(open \( \\", r"(open \( \\"),
        ("pay\u202e001", "pay<U+202E>001"),
        ("a\x1b[31mb", f"a{REPLACEMENT}[31mb"),
        ("e\u0301", "é"),
        ("half\ud800", "half<U+D800>"),
    ],
)
def test_what_people_typed_is_drawn_and_never_obeyed(typed: str, drawn: str) -> None:
    company = replace(COMPANY, name=typed, address=typed, contact=typed, tax_id=typed, bank_lines=(typed,))
    view = document(
        number=typed,
        company=company,
        bill_to=f"{typed}\n{typed}",
        ship_to=f"{typed} 2",
        customer=PartyView(typed, typed, typed),
        references=(("Your order", typed),),
        lines=(line(description=typed, note=typed, unit=typed, code=typed, tax=typed),),
        tax_groups=(TaxGroupView(typed, D(19), D(1), D(1)), TaxGroupView(typed, D(7), D(1), D(1))),
        allocations=(AllocationView(typed, None, D(1)),),
        notes=typed,
        terms=typed,
        chain_mark=typed,
    )

    found = solid(text_of(view))

    assert found.count(solid(drawn)) >= 15
    assert len(reader(view).pages[0].images) == 0


def test_a_character_no_font_has_is_replaced_visibly_and_told() -> None:
    view = document(bill_to="𠮷野家 עוד\nTokyo", notes="😀 fine")

    assert missing_glyphs(view) == set("𠮷עוד😀")
    assert f"{REPLACEMENT}野家{REPLACEMENT * 3}" in solid(text_of(view))
    assert missing_glyphs(document()) == frozenset()


def test_names_of_europe_and_rare_chinese_names_are_drawn() -> None:
    names = "Łódź Škoda Győr İzmir Știință Đặng Ελλάδα Україна 龘堃喆 €£¥₹₺ “x” – … №"

    assert missing_glyphs(document(notes=names)) == frozenset()
    assert solid(names) in solid(text_of(document(notes=names)))


def test_chinese_breaks_anywhere_but_before_closing_and_after_opening_signs() -> None:
    face = faces("zh_CN")[0]
    text = "液压软管（内径十毫米），两端压接“快换接头”，外带耐磨护套；工作压力：十八兆帕。" * 6

    for width in range(30, 200, 7):
        lines = wrap(text, face, 9, width)

        assert "".join(lines) == text
        assert all(face.width(one, 9) <= width for one in lines)
        assert not any(one[0] in "，。；：）”" or one[-1] in "（“" for one in lines)


def test_latin_breaks_at_spaces_and_inside_a_word_only_when_it_must() -> None:
    face = faces("en")[0]

    assert wrap("one two", face, 10, face.width("one two", 10) - 1) == ["one", "two"]
    assert "".join(wrap("x" * 500, face, 10, 80)) == "x" * 500
    assert wrap("a\r\nb\n\nc", face, 10, 80) == ["a", "b", "", "c"]


# --- the file


def test_the_same_view_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib\n"
        "from tests.reports.test_documents import full, render\n"
        "print(hashlib.sha256(render(full())).hexdigest())"
    )

    elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    assert render(full()) == render(full())
    assert hashlib.sha256(render(full())).hexdigest() == elsewhere


def full() -> DocumentView:
    """A document with a picture, both scripts, several sheets."""
    lines = tuple(line(n, "六角螺栓 M12 × 60") for n in range(1, 60))
    return document(
        company=replace(COMPANY, logo=picture()), lines=lines, language="zh_CN", watermark="COPY", notes="龘"
    )


@pytest.mark.parametrize("view", [document(), full(), document("receipt", lines=())], ids=["latin", "all", "receipt"])
def test_only_our_fonts_are_in_the_file_and_all_are_embedded(view: DocumentView) -> None:
    fonts = [font.get_object() for page in reader(view).pages for font in page["/Resources"]["/Font"].values()]

    assert fonts
    for font in fonts:
        assert "NotoSans-" in font["/BaseFont"]
        assert "/FontFile2" in font["/FontDescriptor"]


@pytest.mark.parametrize("face", [*faces("en"), *faces("zh_CN")])
def test_a_plain_text_is_one_run_of_the_first_file(face) -> None:
    plain = "".join(map(chr, range(0x20, 0x7F)))
    assert {found[0] for found in map(face.find, plain) if found} == {face.first}
    assert all(map(face.find, plain))
    assert face.runs(plain) == [(face.first, plain)]


def test_only_the_signs_drawn_are_in_the_file() -> None:
    few, many = document(notes="aaaa"), document(notes="".join(map(chr, range(0x21, 0x7F))))
    assert len(render(few)) < len(render(many)) - 2_000


def test_a_latin_page_opens_no_chinese_font_and_importing_opens_no_reportlab() -> None:
    code = (
        "import sys\n"
        "from tests.reports.test_documents import document\n"
        "assert 'reportlab' not in sys.modules\n"
        "from o2c_tui.documents.render import render\n"
        "render(document())\n"
        "from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames\n"
        "print(sorted(name for name in getRegisteredFontNames() if name.startswith('Noto')))"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    assert told == "['NotoSans-Latin-Bold', 'NotoSans-Latin-Regular']"


def test_the_file_carries_title_author_and_language() -> None:
    file = reader(document(language="zh_CN"))

    assert file.metadata is not None
    assert file.metadata.author == COMPANY.name
    assert file.metadata.title is not None and file.metadata.title.endswith("X-2025-00042")
    assert file.trailer["/Root"]["/Lang"] == "zh-CN"


# --- the logo


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_drawn_once(kind: str) -> None:
    view = document(company=replace(COMPANY, logo=picture(kind)), lines=tuple(line(n) for n in range(1, 60)))

    assert [len(page.images) for page in reader(view).pages][:2] == [1, 0]


@pytest.mark.parametrize(
    "logo", [b"no picture", picture()[:60], picture("GIF"), picture(size=(9000, 9000))], ids=list("abcd")
)
def test_a_logo_that_cannot_be_drawn_gives_way_to_the_name(logo: bytes) -> None:
    assert render(document(company=replace(COMPANY, logo=logo))) == render(document())


# --- amounts in Chinese capital figures


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10", "壹拾元整"),
        ("101", "壹佰零壹元整"),
        ("1001.07", "壹仟零壹元零柒分"),
        ("1010.10", "壹仟零壹拾元壹角整"),
        ("10000", "壹万元整"),
        ("10010", "壹万零壹拾元整"),
        ("100000", "壹拾万元整"),
        ("100500.32", "壹拾万零伍佰元叁角贰分"),
        ("1234567.89", "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
        ("100000000", "壹亿元整"),
        ("100010000", "壹亿零壹万元整"),
        ("100000001", "壹亿零壹元整"),
        ("1000000000000", "壹万亿元整"),
        ("1002000000000", "壹万零贰拾亿元整"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
    ],
)
def test_amounts_in_capital_figures(amount: str, words: str) -> None:
    assert in_words(D(amount), "CNY") == f"人民币{words}"


def test_a_negative_amount_and_a_foreign_currency_in_capital_figures() -> None:
    assert in_words(D("-12.30"), "USD") == "美元负壹拾贰元叁角整"


def test_a_chinese_invoice_carries_its_amount_in_words() -> None:
    assert "人民币肆拾肆元贰角柒分" in solid(text_of(document(language="zh_CN", currency="CNY")))
    assert "肆拾肆元" not in solid(text_of(document(language="en", currency="CNY")))
