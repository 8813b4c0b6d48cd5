"""Units with exact factors, codes that mean an item, kits that go out as their parts. docs/rules/masters.md."""

from decimal import Decimal as D

import pytest

from o2c_tui.errors import BadValueError, DuplicateError, UnknownCodeError
from o2c_tui.models.company import Shortage
from o2c_tui.models.item import ItemKind
from o2c_tui.queries.lists import count, page
from o2c_tui.services.crediting import return_and_credit
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.invoicing import invoice_order
from o2c_tui.services.itemising import save_item_code, save_kit, save_unit
from o2c_tui.services.ordering import confirm_order, reserve_order, save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.purchasing import save_supplier_item
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.shipping import return_goods, ship_order
from tests.makers import open_books, ordered, receive


def _levels(desk, code):
    from o2c_tui.queries.lookups import items_by_code
    from o2c_tui.queries.stock import card

    key = desk.ask(lambda s: items_by_code(s, [code])[code].id)
    return [(place.on_hand, place.reserved) for place in desk.ask(card, key).places]


def _order(desk, *lines, **more):
    saved = desk.do(save_order, DocumentDraft("ACME", lines))
    return desk.do(confirm_order, saved.id, **more)


def test_a_line_in_boxes_reserves_ships_and_returns_pieces(store):
    desk = open_books(store)
    desk.do(save_unit, "BOLT", "box", 12)
    receive(desk, "BOLT", 30, "4.00")

    order = _order(desk, LineDraft("BOLT", D(3), unit="box"))

    line = desk.document("order", order.order_id).lines[0]
    assert (line["unit"], line["unit_price"], line["net"]) == ("box", D("120"), D("360"))
    assert (order.lines[0].reserved, order.lines[0].back_ordered) == (D("2.5"), D("0.5"))
    assert _levels(desk, "BOLT") == [(30, 30)]
    shipped = desk.do(ship_order, order.order_id, quantities={line["id"]: D(2)})
    assert shipped.cost == D("96.00")
    assert _levels(desk, "BOLT") == [(6, 6)]
    delivery_line = desk.document("delivery", shipped.delivery_id).lines[0]
    back = desk.do(return_goods, shipped.delivery_id, {delivery_line["id"]: D("0.5")}, reason="too many")
    assert back.cost == D("24.00")
    assert _levels(desk, "BOLT") == [(12, 6)]
    desk.holds()


def test_a_unit_that_does_not_come_out_even_is_refused(store):
    desk = open_books(store)
    desk.do(save_unit, "BOLT", "third", 1, 3)
    desk.do(save_unit, "NUT", "box", 100, whole_units=True)

    with pytest.raises(BadValueError, match="does not come out even"):
        desk.do(save_order, DocumentDraft("ACME", (LineDraft("BOLT", D(1), unit="third"),)))
    desk.do(save_order, DocumentDraft("ACME", (LineDraft("BOLT", D(3), unit="third"),)))
    with pytest.raises(BadValueError, match="whole units only"):
        desk.do(save_order, DocumentDraft("ACME", (LineDraft("NUT", D("0.5"), unit="box"),)))
    with pytest.raises(BadValueError, match=r"BOLT has no unit 'crate'\. It has: pc, third"):
        desk.do(save_order, DocumentDraft("ACME", (LineDraft("BOLT", D(1), unit="crate"),)))


def test_an_item_is_found_by_barcode_by_a_boxs_barcode_and_by_the_customers_own_code(store):
    desk = open_books(store)
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", barcode="4006381333931"))
    desk.do(save_unit, "BOLT", "box", 12, barcode="4006381333948")
    desk.do(save_item_code, "NUT", "their-nut", party="ACME")

    saved = desk.do(
        save_order,
        DocumentDraft("ACME", (LineDraft("4006381333931"), LineDraft("4006381333948"), LineDraft("their-nut"))),
    )

    lines = desk.document("order", saved.id).lines
    assert [(line["item"], line["unit"]) for line in lines] == [("BOLT", "pc"), ("BOLT", "box"), ("NUT", "pc")]
    with pytest.raises(DuplicateError, match="THEIR-NUT means NUT already"):
        desk.do(save_item_code, "BOLT", "their-nut", party="ACME")
    with pytest.raises(DuplicateError, match="is that of BOLT"):
        desk.do(save_unit, "NUT", "box", 100, barcode="4006381333948")
    with pytest.raises(UnknownCodeError):
        desk.do(save_order, DocumentDraft("ACME", (LineDraft("4006381333999"),)))


def kit(desk):
    desk.do(save_item, ItemSetup("SET", "Bolt with two nuts", kind=ItemKind.KIT, sale_price=D("10.50")))
    desk.do(save_kit, "SET", {"BOLT": D(1), "NUT": D(2)})


def test_a_kit_goes_out_as_its_parts_at_their_fifo_cost_and_comes_back_into_their_layers(store):
    desk = open_books(store)
    kit(desk)
    receive(desk, "BOLT", 10, "4.00")
    receive(desk, "NUT", 7, "0.05")

    order = _order(desk, LineDraft("SET", D(5)), LineDraft("NUT", D(2)))

    assert (order.lines[0].reserved, order.lines[0].back_ordered) == (3, 2)  # the nuts decide
    assert (order.lines[1].reserved, order.lines[1].back_ordered) == (1, 1)  # the seventh nut
    assert _levels(desk, "BOLT") == [(10, 3)]
    assert _levels(desk, "NUT") == [(7, 7)]
    shipped = desk.do(ship_order, order.order_id)
    assert shipped.cost == D("12.35")
    assert (_levels(desk, "BOLT"), _levels(desk, "NUT")) == ([(7, 0)], [(0, 0)])
    desk.holds()

    receive(desk, "NUT", 50, "0.06")
    assert desk.do(reserve_order, order.order_id).back_ordered == 0
    invoice = desk.do(invoice_order, order.order_id)
    line = desk.document("invoice", invoice.invoice_id).lines[0]["id"]
    desk.do(return_and_credit, invoice.invoice_id, {line: D(1)}, "damaged")
    assert _levels(desk, "BOLT")[0][0] == 8
    assert _levels(desk, "NUT")[0][0] == 52
    desk.holds()


def test_all_or_nothing_counts_what_kits_and_lines_want_together(store):
    desk = open_books(store)
    kit(desk)
    receive(desk, "BOLT", 10)
    receive(desk, "NUT", 10)
    saved = desk.do(save_order, DocumentDraft("ACME", (LineDraft("SET", D(4)), LineDraft("NUT", D(3)))))

    with pytest.raises(Exception, match=r"missing: NUT \(1\)"):
        desk.do(confirm_order, saved.id, shortage=Shortage.ALL_OR_NOTHING)


def test_a_kit_is_made_of_stocked_items_only(store):
    desk = open_books(store)
    desk.do(save_item, ItemSetup("SET", "Set", kind=ItemKind.KIT))
    with pytest.raises(BadValueError, match="FREIGHT is not kept in stock"):
        desk.do(save_kit, "SET", {"FREIGHT": D(1)})
    with pytest.raises(BadValueError, match="BOLT is no kit"):
        desk.do(save_kit, "BOLT", {"NUT": D(1)})
    with pytest.raises(BadValueError, match="at least one part"):
        desk.do(save_kit, "SET", {})


def test_lists_find_items_by_the_codes_of_boxes_customers_and_suppliers(store):
    desk = open_books(store)
    desk.do(save_party, PartySetup("SUPP", "Supply House", is_customer=False, is_supplier=True))
    desk.do(save_unit, "BOLT", "box", 12, barcode="4006381333931")
    desk.do(save_item_code, "BOLT", "m8-40", party="ACME")
    desk.do(save_item_code, "NUT", "2000000000015")
    desk.do(save_supplier_item, "SUPP", "NUT", supplier_code="S-77")
    for item in ("BOLT", "NUT"):
        receive(desk, item)
    ordered(desk, ("BOLT", 1))
    other = ordered(desk, ("NUT", 1))

    def found(kind, words):
        return [row.code for row in desk.ask(page, kind, words, today=desk.today)]

    for kind in ("item", "stock"):
        for words in ("4006381333931", "m8-40", "M8-40 bolt", "-S-77 -FREIGHT"):
            assert found(kind, words) == ["BOLT"], (kind, words)
        for words in ("2000000000015", "S-77", "s-77"):
            assert found(kind, words) == ["NUT"], (kind, words)
        assert found(kind, "4006381333930") == []
    assert [row.number for row in desk.ask(page, "order", "item:S-77", today=desk.today)] == [other.number]
    assert [row.number for row in desk.ask(page, "order", "item:4006381333931", today=desk.today)] == ["SO26-0001"]
    assert desk.ask(count, "item", "S-77", today=desk.today)[0] == 1
    desk.do(save_unit, "BOLT", "box", 12, barcode="4006381333931", active=False)
    assert found("item", "4006381333931") == []


def test_a_line_begins_in_the_unit_an_item_is_sold_in_and_may_say_another(store):
    desk = open_books(store)
    with pytest.raises(BadValueError, match="BOLT has no unit 'box'"):
        desk.do(save_item, ItemSetup("BOLT", "Hex bolt", sale_unit="box"))
    desk.do(save_unit, "BOLT", "box", 12, barcode="4006381333931")
    desk.do(save_unit, "BOLT", "pallet", 1200)
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", sale_unit="BOX", barcode="4012345678901"))
    desk.do(save_item_code, "BOLT", "M8-40", party="ACME")
    receive(desk, "BOLT", 100, "4.00")
    wanted = [LineDraft("BOLT", D(2)), LineDraft("M8-40", D(2)), LineDraft("BOLT", D(2), unit="pc"),
              LineDraft("4012345678901", D(2)), LineDraft("BOLT", D(1), unit="pallet")]  # fmt: skip

    order = _order(desk, *wanted)

    told = [(line["unit"], line["net"]) for line in desk.document("order", order.order_id).lines]
    assert told == [("box", D(240)), ("box", D(240)), ("pc", D(20)), ("pc", D(20)), ("pallet", D(12000))]
    assert _levels(desk, "BOLT") == [(100, 100)]
    with pytest.raises(BadValueError, match="BOLT is sold in 'box'"):
        desk.do(save_unit, "BOLT", "box", 12, active=False)
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", sale_unit="pc"))
    desk.do(save_unit, "BOLT", "box", 12, active=False)
    again = _order(desk, LineDraft("BOLT", D(2)))
    assert desk.document("order", again.order_id).lines[0]["unit"] == "pc"
    assert [line["unit"] for line in desk.document("order", order.order_id).lines] == [unit for unit, _ in told]
    desk.holds()
