"""The rows of an item's card, saved as they stand: units, codes, suppliers, parts, reorder rules, lots."""

import pytest
from sqlmodel import select

from o2c_tui.errors import BadValueError, ConflictError, DuplicateError
from o2c_tui.models.item import Item
from o2c_tui.queries.editing import goods_now, item_now
from o2c_tui.queries.item_rows import item_rows
from o2c_tui.queries.pick import find_items
from o2c_tui.services.card_rows import (
    CodeSetup,
    LotSetup,
    PartSetup,
    ReorderSetup,
    SupplierItemSetup,
    UnitSetup,
    save_codes,
    save_lots,
    save_parts,
    save_reorder_rules,
    save_suppliers,
    save_units,
)
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import ItemSetup, save_item
from tests.makers import TODAY, D, open_books, ordered


@pytest.fixture
def desk(store):
    return open_books(store)


def _rows(desk, code="BOLT"):
    keys = desk.ask(lambda session: {item.code: item.id for item in session.exec(select(Item))})
    return desk.ask(item_rows, keys[code])


def test_a_row_that_is_not_there_any_more_goes_out_of_use_and_documents_keep_it(desk):
    desk.do(save_units, "BOLT", (UnitSetup("box", 12, barcode="4006381333931"), UnitSetup("pallet", 1200)))
    order = ordered(desk, ("BOLT", 1))
    desk.do(save_units, "BOLT", (UnitSetup("pallet", 1440),))

    assert [(row.unit, row.numerator) for row in _rows(desk).units] == [("pallet", 1440)]
    assert desk.document("order", order.order_id).lines[0]["item"] == "BOLT"
    desk.do(save_units, "NUT", (UnitSetup("box", 100, barcode="4006381333931"),))  # its barcode is free again
    desk.do(save_units, "BOLT", (UnitSetup("box", 10),))
    assert [(row.unit, row.numerator, row.barcode) for row in _rows(desk).units] == [("box", 10, "")]
    desk.holds()


def test_a_unit_is_an_exact_fraction_of_the_stock_unit(desk):
    desk.do(save_units, "BOLT", (UnitSetup("third", 1, 3),))
    row = _rows(desk).units[0]
    assert (row.numerator, row.denominator) == (1, 3)
    with pytest.raises(DuplicateError, match="twice"):
        desk.do(save_units, "BOLT", (UnitSetup("box", 1), UnitSetup("Box", 2)))


def test_rows_saved_over_those_of_somebody_else_are_refused_until_both_were_seen(desk):
    seen = _rows(desk).version
    desk.do(save_units, "BOLT", (UnitSetup("box", 12),), version=seen)
    with pytest.raises(ConflictError):
        desk.do(save_codes, "BOLT", (CodeSetup("B-1"),), version=seen)
    assert not _rows(desk).codes


def test_a_scanned_code_is_found_while_it_is_typed_and_says_its_box(desk):
    desk.do(save_units, "BOLT", (UnitSetup("box", 12, barcode="4006381333931"),))
    desk.do(save_codes, "BOLT", (CodeSetup("978020137962"), CodeSetup("THEIR-BOLT", "ACME")))

    assert [(h.code, h.box, h.scanned) for h in desk.ask(find_items, "4006381333931")] == [
        ("BOLT", "box", "4006381333931")
    ]
    assert desk.ask(find_items, "978020137962")[0].code == "BOLT"
    assert desk.ask(find_items, "their-bolt") == []
    assert desk.ask(find_items, "their-bolt", party="ACME")[0].code == "BOLT"
    assert desk.ask(item_now, "4006381333931", "MAIN").unit == "box"


def test_suppliers_of_an_item_are_saved_as_they_stand(desk):
    desk.do(save_party, PartySetup("ISAR", "Isar Metal", is_customer=False, is_supplier=True))
    desk.do(save_units, "BOLT", (UnitSetup("box", 12),))
    row = SupplierItemSetup("ISAR", "IM-7", "box", D("40.00"), D(5), D(10), 14)
    desk.do(save_suppliers, "BOLT", (row,))

    told = _rows(desk).suppliers[0]
    assert (told.supplier, told.supplier_code, told.unit, told.price) == ("ISAR", "IM-7", "box", D("40.00"))
    assert (told.currency, told.pack, told.minimum, told.lead_time_days) == ("EUR", D(5), D(10), 14)
    assert desk.ask(goods_now, "im-7", "MAIN", "ISAR").facts.code == "BOLT"
    desk.do(save_suppliers, "BOLT", ())
    assert not _rows(desk).suppliers


def test_parts_rules_and_lots_are_saved_as_they_stand(desk):
    desk.do(save_item, ItemSetup("SET", "Set", kind="kit", sale_price=D(30)))
    desk.do(save_parts, "SET", (PartSetup("BOLT", D(4)), PartSetup("NUT", D(4))))
    desk.do(save_parts, "SET", (PartSetup("BOLT", D(2)),))
    assert [(row.item, row.quantity) for row in _rows(desk, "SET").parts] == [("BOLT", D(2))]
    with pytest.raises(BadValueError, match="at least one part"):
        desk.do(save_parts, "SET", ())

    desk.do(save_reorder_rules, "BOLT", (ReorderSetup("MAIN", D(10), D(50), D(25), 7), ReorderSetup("SHOP", D(2))))
    desk.do(save_reorder_rules, "BOLT", (ReorderSetup("MAIN", D(20), D(50)),))
    assert [(row.warehouse, row.point, row.pack) for row in _rows(desk).rules] == [("MAIN", D(20), D(0))]

    desk.do(save_item, ItemSetup("MILK", "Milk", tracking="lot", sale_price=D(1)))
    desk.do(save_lots, "MILK", (LotSetup("l1", TODAY), LotSetup("l2")))
    desk.do(save_lots, "MILK", (LotSetup("L2", TODAY, "late"),))
    assert {(row.code, row.expires_on, row.note) for row in _rows(desk, "MILK").lots} == {
        ("L1", TODAY, ""),
        ("L2", TODAY, "late"),
    }
    desk.holds()
