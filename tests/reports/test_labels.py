"""Labels and their barcodes: what the bars say is read back bar by bar, against the tables of Code 128 and EAN-13.

Rule: docs/documents.md, "Labels".
"""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from o2c_tui.documents.barcodes import draw_barcode, is_ean, modules, width_of
from o2c_tui.documents.labels import LabelStock, composed, render_labels, stock_named, without_bars
from o2c_tui.documents.layout import DEFAULT, MM
from o2c_tui.documents.paper import Box, Paper, Text
from o2c_tui.errors import BadValueError, UnknownCodeError
from o2c_tui.models.item import Tracking
from o2c_tui.queries.labels import (
    LabelRun,
    LabelView,
    Per,
    bin_labels,
    item_labels,
    marked_bin_labels,
    package_labels,
    receipt_labels,
)
from o2c_tui.queries.lists import page
from o2c_tui.services.bins import save_location
from o2c_tui.services.itemising import save_unit
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.picking import pack_delivery, pick_delivery
from o2c_tui.services.placing import Spot
from o2c_tui.services.purchasing import PurchaseLineDraft
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods, receive_purchase
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.shipping import cancel_delivery, draft_delivery, ship_delivery
from tests.makers import TODAY, D, open_books, ordered, purchased, receive

# Code 128: the widths of bars and gaps of each value, by ISO/IEC 15417.
CODE_128 = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
    "2331112",
]
# EAN-13: digit by its four widths, gap first, of set A; set B is its mirror, C its turn. By ISO/IEC 15420.
EAN_A = ["3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112"]
EAN_FIRST = ["AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"]


def read_code_128(widths: tuple[int, ...]) -> str:
    """What the bars say; its check value is proved."""
    groups = ["".join(map(str, widths[n : n + 6])) for n in range(0, len(widths) - 7, 6)]
    groups.append("".join(map(str, widths[len(groups) * 6 :])))
    values = [CODE_128.index(group) for group in groups]
    assert values[-1] == 106
    start, *body, check = values[:-1]
    assert check == (start + sum(n * value for n, value in enumerate(body, 1))) % 103
    text, mode = "", {104: "B", 105: "C"}[start]
    for value in body:
        if value in (99, 100) and mode != {99: "C", 100: "B"}[value]:
            mode = {99: "C", 100: "B"}[value]
        else:
            text += f"{value:02}" if mode == "C" else chr(value + 32)
    return text


def read_ean_13(widths: tuple[int, ...]) -> str:
    """The thirteen digits that the bars say."""
    assert len(widths) == 59 and widths[:3] == widths[-3:] == (1, 1, 1) and widths[27:32] == (1,) * 5
    left = ["".join(map(str, widths[n : n + 4])) for n in range(3, 27, 4)]
    right = ["".join(map(str, widths[n : n + 4])) for n in range(32, 56, 4)]
    sets = "".join("A" if group in EAN_A else "B" for group in left)
    digits = [EAN_A.index(group if kind == "A" else group[::-1]) for group, kind in zip(left, sets, strict=True)]
    return "".join(map(str, [EAN_FIRST.index(sets), *digits, *map(EAN_A.index, right)]))


def bars_on(paper: Paper) -> list[tuple[float, float, float, float]]:
    """The black boxes of the first sheet: left, top, width, height."""
    return [
        (box.x, box.y, box.width, box.height)
        for box in paper.pages[0]
        if isinstance(box, Box) and box.colour == "#000000"
    ]


@pytest.fixture
def desk(store):
    desk = open_books(store)
    for code, order in (("B-1", 2), ("A-1", 1)):
        desk.do(save_location, code, pick_order=order, name=f"Shelf {code}")
    desk.do(save_item, ItemSetup("MILK", "Whole milk", tracking=Tracking.LOT, sale_price=D(2), barcode="4006381333931"))
    desk.do(save_unit, "BOLT", "box", 12, barcode="BOX-BOLT")
    return desk


# -- what the bars say ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["PO26-0001", "A", "BOLT", "12345678", "4006381333930", "a b~!{}|", "00-1 2", "9" * 31, "A1234567B12"]
)
def test_code_128_says_the_code_with_its_check_sign(code: str):
    assert read_code_128(modules(code)) == code


@pytest.mark.parametrize("code", ["4006381333931", "0012345678905", "9780201379624", "5901234123457", "6901234567892"])
def test_a_valid_ean_is_drawn_as_ean_13(code: str):
    assert is_ean(code)
    assert read_ean_13(modules(code)) == code


@pytest.mark.parametrize(
    "code", ["400638133393", "4006381333930", "40063813339310", "4006381E33931", "４００６３８１３３３９３１"]
)
def test_what_is_no_ean_is_not_drawn_as_one(code: str):
    assert not is_ean(code)


@pytest.mark.parametrize("code", ["", "螺栓", "Ø12", "a\nb", "\x7f"])
def test_a_code_with_signs_that_no_barcode_has_is_left_without(code: str):
    paper = Paper(DEFAULT, "en", floor=800)
    draw_barcode(paper, code, 0, 0, 200, 30)

    assert modules(code) == ()
    assert paper.pages == [[]]


@pytest.mark.parametrize("code", ["4006381333931", "PO26-0001", "BEARING-6204-2RS"])
@pytest.mark.parametrize("most", [30 * MM, 52 * MM, 120 * MM])
def test_bars_keep_their_proportions_and_their_quiet_zones_within_the_room_given(code: str, most: float):
    paper = Paper(DEFAULT, "en", floor=800)
    width, quiet = width_of(code, most)
    draw_barcode(paper, code, 100, 50, most, 30)

    if not width:
        assert sum(modules(code)) * 0.165 > 30 - 22 * 0.165  # millimetres: too fine to be read
        assert paper.pages == [[]]
        return
    bars = bars_on(paper)
    size = quiet / 11
    assert width <= most + 0.001 and 0.165 * MM <= size <= 0.381 * MM
    assert bars[0][0] == pytest.approx(100 + quiet) and bars[-1][0] + bars[-1][2] == pytest.approx(100 + width - quiet)
    assert [round(bar[2] / size) for bar in bars] == list(modules(code)[::2])
    gaps = [(after[0] - before[0] - before[2]) / size for before, after in zip(bars, bars[1:], strict=False)]
    assert [round(gap) for gap in gaps] == list(modules(code)[1::2])


# -- what stands on them -------------------------------------------------------------------------------------------------


def test_an_items_label_has_its_barcode_or_its_code_and_a_box_its_own(desk):
    run = desk.ask(item_labels, ["MILK", "BOLT", "BOX-BOLT"], copies=3)

    told = [(label.title, label.bars, label.small, label.copies) for label in run.labels]
    assert told == [
        ("MILK", "4006381333931", "pc", 3),
        ("BOLT", "BOLT", "pc", 3),
        ("BOLT", "BOX-BOLT", "box = 12 pc", 3),
    ]
    with pytest.raises(UnknownCodeError, match=r"There is no item BOLD\. Near: BOLT"):
        desk.ask(item_labels, ["BOLD"])
    with pytest.raises(BadValueError, match=r"That would be 5001 labels; at most 5000"):
        desk.ask(item_labels, ["BOLT"], copies=5001)


def test_bins_have_labels_in_the_order_of_the_walk(desk):
    assert [label.title for label in desk.ask(bin_labels, "MAIN").labels] == ["A-1", "B-1"]
    assert [label.bars for label in desk.ask(bin_labels, "main", ["b-1"]).labels] == ["B-1"]
    desk.do(save_location, "S-1", warehouse="SHOP")
    bins = {row.code: row.id for row in desk.ask(page, "location", "", today=TODAY)}
    marked = desk.ask(marked_bin_labels, bins=[bins["S-1"], bins["B-1"]])
    assert [(label.title, label.small) for label in marked.labels] == [
        ("B-1", "MAIN  Main warehouse"),
        ("S-1", "SHOP  Shop"),
    ]
    main = next(row.id for row in desk.ask(page, "warehouse", "", today=TODAY) if row.code == "MAIN")
    assert [label.title for label in desk.ask(marked_bin_labels, warehouses=[main]).labels] == ["A-1", "B-1"]


def test_a_warehouse_without_bins_has_no_labels(desk):
    with pytest.raises(BadValueError, match="There is nothing to print labels for"):
        desk.ask(marked_bin_labels, warehouses=[2])
    with pytest.raises(BadValueError, match="SHOP has no bins"):
        desk.ask(bin_labels, "SHOP")
    with pytest.raises(UnknownCodeError):
        desk.ask(bin_labels, "MAIN", ["C-9"])


def test_what_came_has_a_label_a_unit_with_its_lot_or_a_package_or_a_line(desk):
    soon = TODAY + timedelta(days=30)
    milk = ReceiptLineDraft("MILK", D(5), D(1), (Spot("A-1", "L1", D(3), soon), Spot("B-1", "L2", D(2), soon)))
    nuts = ReceiptLineDraft("NUT", D("2.5"), D(1))
    plain = desk.do(receive_goods, ReceiptDraft((milk, nuts))).id
    boxes = purchased(desk, PurchaseLineDraft("BOLT", D(4), unit="box", unit_price=D(30)))
    bought = desk.do(receive_purchase, boxes).id

    def told(key: int, per: Per) -> list[tuple[str, str, int]]:
        return [(label.title, label.lot, label.copies) for label in desk.ask(receipt_labels, key, per=per).labels]

    assert told(plain, Per.UNIT) == [("MILK", "L1", 3), ("MILK", "L2", 2), ("NUT", "", 3)]
    assert told(plain, Per.LINE) == [("MILK", "L1", 1), ("MILK", "L2", 1), ("NUT", "", 1)]
    assert told(bought, Per.UNIT) == [("BOLT", "", 48)]
    assert told(bought, Per.PACKAGE) == [("BOLT", "", 4)]
    (box,) = desk.ask(receipt_labels, bought, per=Per.PACKAGE).labels
    assert (box.bars, box.small) == ("BOX-BOLT", "box = 12 pc")


def test_a_package_has_the_address_its_number_and_which_of_how_many_it_is(desk):
    desk.do(save_party, PartySetup("ACME", "Acme Works", ship_to="Gate 4\nHull"))
    receive(desk, "BOLT", 9)
    key = desk.do(draft_delivery, ordered(desk, ("BOLT", 9)).order_id)
    (before,) = desk.ask(package_labels, [key]).labels
    assert (before.title, before.copies) == ("SO26-0001", 1)
    desk.do(pick_delivery, key)
    desk.do(pack_delivery, key, packages=3, carrier="Blue Vans")
    number = desk.do(ship_delivery, key).number

    run = desk.ask(package_labels, [key])

    pages = pages_of(run, "100x150mm")
    assert len(pages) == 3
    for n, told in enumerate(pages, 1):
        assert told.startswith("Test Trading Acme Works Gate 4 Hull")
        assert f"{number} Package {n} of 3 Blue Vans" in told
    assert read_code_128(modules(run.labels[0].bars)) == number
    with pytest.raises(BadValueError, match="was cancelled: there is nothing to send"):
        other = desk.do(draft_delivery, ordered(desk, ("FREIGHT", 1)).order_id)
        desk.do(cancel_delivery, other)
        desk.ask(package_labels, [other])


# -- the file ------------------------------------------------------------------------------------------------------------

MILK = LabelView("MILK", "Whole milk", "4006381333931", "pc", lot="L-1", expires_on=TODAY)


def run_of(*labels: LabelView, language: str = "en") -> LabelRun:
    return LabelRun("items", "Test Trading", "Test Trading · 1 Way · Leeds", language, labels)


def pages_of(run: LabelRun, sheet: str, start: int = 1) -> list[str]:
    pages = PdfReader(BytesIO(render_labels(run, stock_named(sheet), start=start))).pages
    return [" ".join(page.extract_text().split()) for page in pages]


def test_a_sheet_is_filled_from_the_place_told_and_single_labels_have_pages_of_their_own():
    run = run_of(replace(MILK, copies=30))

    assert [page.count("Whole milk") for page in pages_of(run, "3x8")] == [24, 6]
    assert [page.count("Whole milk") for page in pages_of(run, "3x8", start=20)] == [5, 24, 1]
    assert [page.count("Whole milk") for page in pages_of(run, "62x29mm")] == [1] * 30
    size = PdfReader(BytesIO(render_labels(run, stock_named("62 × 29 mm")))).pages[0].mediabox
    assert (round(float(size.width) / MM), round(float(size.height) / MM)) == (62, 29)
    with pytest.raises(BadValueError, match="places 1 to 24"):
        pages_of(run, "3x8", start=25)


def test_a_label_says_code_name_unit_bars_lot_and_expiry_in_the_companys_language():
    assert pages_of(run_of(MILK), "3x8") == ["MILK pc Whole milk 4006381333931 Lot L-1, expires 2026-11-24"]
    assert "批次L-1，有效期至2026-11-24" in pages_of(run_of(MILK, language="zh_CN"), "62x29mm")[0].replace(" ", "")


@pytest.mark.parametrize("name", ["", "3", "3x0", "axb", "3x8cm", "9999x9999mm", "10x5mm", "12x30", "3x8mm"])
def test_a_size_that_no_label_has_is_refused(name: str):
    with pytest.raises(BadValueError):
        stock_named(name)


@pytest.mark.parametrize("sheet", ["3x8", "62x29mm", "5x13", "2x4", "25x12mm", "100x150mm"])
@pytest.mark.parametrize(
    "text", ["X" * 90, "a long name that goes on and on " * 6, "不锈钢六角螺栓加长型" * 9, "<b>&{lot}"],
    ids=["one-word", "words", "chinese", "markup"],
)  # fmt: skip
def test_nothing_leaves_a_label_whatever_its_names(text: str, sheet: str):
    made: list[Paper] = []
    stock: LabelStock = stock_named(sheet)
    full = LabelView(text, text, "4006381333931", text, text, TODAY)
    package = LabelView("DN26-0001", "", "DN26-0001", text, address=f"{text}\n{text}\nLeeds\nUK")
    for label in (full, replace(full, title="BOLT", small="pc"), replace(full, lot="", bars=text[:40]), package):
        made.append(composed(run_of(label), stock))
    for paper in made:
        for item in paper.pages[0]:
            wide = paper.face(item.bold).width(item.text, item.size) if isinstance(item, Text) else item.width
            left = item.x - wide if isinstance(item, Text) and item.right else item.x
            top = item.y - item.size if isinstance(item, Text) else item.y
            end = item.y + item.size * 0.25 if isinstance(item, Text) else item.y + item.height
            assert left > 0 and left + wide < stock.size[0] + 0.1, (item, stock.size)
            assert top > 0 and end < stock.size[1] + 0.1, (item, stock.size)


def test_the_same_labels_are_the_same_bytes_and_codes_without_bars_are_told():
    run = run_of(MILK, LabelView("螺栓", "螺栓", "螺栓"), LabelView("LONG", "", "X" * 60))

    assert render_labels(run, stock_named("3x8")) == render_labels(run, stock_named("3x8"))
    assert without_bars(run, stock_named("3x8")) == ["X" * 60, "螺栓"]
    assert without_bars(run_of(MILK), stock_named("3x8")) == []
