"""Counting while stock moves, second counts, and what posting does. docs/rules/stocktake.md."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as D

import pytest

from o2c_tui.errors import (
    BadValueError,
    ConflictError,
    DateOrderError,
    MissingValueError,
    NotAllowedError,
    NotFoundError,
    ShortStockError,
    UnknownCodeError,
    WrongStateError,
)
from o2c_tui.models.company import UserRole
from o2c_tui.queries.counting import cycle_proposal, sheet
from o2c_tui.queries.lists import page
from o2c_tui.queries.lookups import warehouse_by_code
from o2c_tui.queries.stock import card
from o2c_tui.reports.catalogue import make
from o2c_tui.reports.kinds import Asked
from o2c_tui.rules.cycle import Class, classes, due_on
from o2c_tui.services.bins import put_away, save_location
from o2c_tui.services.counting import (
    cancel_stocktake,
    clear_counts,
    count_item,
    count_lines,
    post_stocktake,
    start_stocktake,
)
from o2c_tui.services.picking import Pick, pick_delivery
from o2c_tui.services.setup import ItemSetup, save_item, save_user
from o2c_tui.services.shipping import draft_delivery, ship_delivery
from tests.makers import TODAY, _item_id, booked, delivered, keys, layers, level, open_books, ordered, receive


def _count(desk, take, *quantities):
    """Count the first lines of a count; None leaves one out."""
    lines = keys(desk, "stocktake", take.stocktake_id)
    chosen = {line: D(q) for line, q in zip(lines, quantities, strict=False) if q is not None}
    return desk.do(count_lines, take.stocktake_id, chosen)


def _codes(desk, take):
    return [line.code for line in desk.ask(sheet, take.stocktake_id).lines]


@pytest.fixture
def desk(store):
    desk = open_books(store)
    receive(desk, "BOLT", 3, "4.00")
    receive(desk, "BOLT", 10, "5.00")
    receive(desk, "NUT", 200, "0.05")
    return desk


def test_a_count_takes_a_snapshot_and_posting_brings_the_books_to_what_was_counted(desk):
    take = desk.do(start_stocktake, tolerance=D(50))
    assert (take.lines, _codes(desk, take)) == (2, ["BOLT", "NUT"])

    assert _count(desk, take, 9, 210).recount == ()
    seen = desk.ask(sheet, take.stocktake_id)
    assert [(x.expected, x.book, x.counted, x.difference, x.value) for x in seen.lines] == [
        (13, 13, 9, -4, D("-17.00")),
        (200, 200, 210, 10, D("0.50")),
    ]
    assert (seen.counted, seen.value) == (2, D("-16.50"))
    done = desk.do(post_stocktake, take.stocktake_id)

    assert (done.number, done.differences, done.value) == ("ST26-0001", 2, D("-16.50"))
    assert (level(desk), level(desk, "NUT")) == ((9, 0), (210, 0))
    assert layers(desk) == [(9, D("45.00"))]
    assert layers(desk, "NUT") == [(200, D("10.00")), (10, D("0.50"))]
    assert booked(desk, "stocktake", take.stocktake_id) == {"1400": D("-16.50"), "5100": D("16.50")}
    assert desk.ask(sheet, take.stocktake_id).value == D("-16.50")
    desk.holds()


def test_stock_moves_while_it_is_counted_and_the_target_is_the_count_plus_what_moved_since(desk):
    take = desk.do(start_stocktake, tolerance=D(50))
    delivered(desk, ordered(desk, ("BOLT", 2)))  # before the line is counted
    _count(desk, take, 10)  # 11 in the books
    delivered(desk, ordered(desk, ("BOLT", 5)))
    receive(desk, "BOLT", 1, "6.00")

    done = desk.do(post_stocktake, take.stocktake_id)

    assert level(desk) == (6, 0)  # 10 − 5 + 1
    assert (done.differences, done.value) == (1, D("-5.00"))
    (line, _) = desk.document("stocktake", take.stocktake_id).lines
    assert (line["expected"], line["book"], line["counted"], line["difference"]) == (13, 11, 10, -1)
    desk.holds()


def test_a_line_without_a_count_stays_as_it_is_and_one_without_a_difference_moves_nothing(desk):
    take = desk.do(start_stocktake)
    _count(desk, take, None, 200)
    done = desk.do(post_stocktake, take.stocktake_id)
    assert (done.differences, done.value) == (0, 0)
    assert (level(desk), level(desk, "NUT")) == ((13, 0), (200, 0))
    assert booked(desk, "stocktake", take.stocktake_id) == {}
    assert {m.kind for m in desk.ask(card, _item_id(desk, "NUT")).moves} == {"receipt"}
    desk.holds()


def test_a_difference_beyond_tolerance_wants_a_second_count_and_the_first_is_kept(desk):
    take = desk.do(start_stocktake, tolerance=D(5))
    assert _count(desk, take, 12, 191).recount == (1,)  # 1 of 13 is more than 5 %, 9 of 200 is less
    with pytest.raises(WrongStateError, match="Count again, the difference is large: line 1"):
        desk.do(post_stocktake, take.stocktake_id)
    assert desk.ask(sheet, take.stocktake_id).recounts == 1

    assert _count(desk, take, 11).recount == ()
    (line, _) = desk.ask(sheet, take.stocktake_id).lines
    assert (line.first_count, line.counted, line.recount) == (12, 11, False)
    desk.do(post_stocktake, take.stocktake_id)
    assert (level(desk), level(desk, "NUT")) == ((11, 0), (191, 0))
    desk.holds()


def test_a_count_can_be_corrected_and_taken_back(desk):
    take = desk.do(start_stocktake, tolerance=D(50))
    _count(desk, take, 12, 150)
    _count(desk, take, 13)
    desk.do(clear_counts, take.stocktake_id, (2,))
    done = desk.do(post_stocktake, take.stocktake_id)
    assert (done.differences, level(desk), level(desk, "NUT")) == (0, (13, 0), (200, 0))
    desk.holds()


def test_a_blind_count_hides_the_books_until_it_is_posted(desk):
    take = desk.do(start_stocktake, blind=True, tolerance=D(50))
    _count(desk, take, 12)
    hidden = desk.ask(sheet, take.stocktake_id)
    assert [(x.expected, x.book, x.difference, x.value) for x in hidden.lines] == [(None,) * 4] * 2
    assert hidden.value is None
    assert [x.counted for x in hidden.lines] == [12, None]
    assert desk.ask(sheet, take.stocktake_id, reveal=True).value == D("-4.00")
    desk.do(post_stocktake, take.stocktake_id)
    assert [x.difference for x in desk.ask(sheet, take.stocktake_id).lines] == [-1, None]


def test_items_that_are_found_and_not_on_the_sheet_are_added_to_it(desk):
    take = desk.do(start_stocktake, items=("NUT",), tolerance=D(100))
    assert _codes(desk, take) == ["NUT"]
    desk.do(save_item, ItemSetup("PIN", "Pin", barcode="4006381333931"))
    assert desk.do(count_item, take.stocktake_id, "4006381333931", D(7)).recount == (2,)
    desk.do(count_item, take.stocktake_id, "PIN", D(8))
    desk.do(count_item, take.stocktake_id, "bolt", D(13))
    desk.do(post_stocktake, take.stocktake_id)
    assert (level(desk, "PIN"), level(desk), level(desk, "NUT")) == ((8, 0), (13, 0), (200, 0))
    desk.holds()


def test_a_loss_below_what_is_reserved_frees_the_last_promised(desk):
    ordered(desk, ("BOLT", 6), promised_on=TODAY + timedelta(days=2))
    last = ordered(desk, ("BOLT", 6), promised_on=TODAY + timedelta(days=9))
    take = desk.do(start_stocktake, items=("BOLT",), tolerance=D(100))
    _count(desk, take, 8)
    assert desk.do(post_stocktake, take.stocktake_id).freed == (last.number,)
    assert level(desk) == (8, 8)
    desk.holds()


def test_more_is_missing_than_is_left_and_the_line_is_to_be_counted_again(desk):
    take = desk.do(start_stocktake, items=("BOLT",), tolerance=D(100))
    _count(desk, take, 3)  # 10 missing
    delivered(desk, ordered(desk, ("BOLT", 5)))
    with pytest.raises(
        ShortStockError, match="Line 1: 10 of BOLT is missing, but only 8 is left there; count it again"
    ):
        desk.do(post_stocktake, take.stocktake_id)
    _count(desk, take, 2)
    desk.do(post_stocktake, take.stocktake_id)
    assert level(desk) == (2, 0)
    desk.holds()


def test_nothing_moves_before_a_count_that_was_posted_even_one_without_a_difference(desk):
    desk.next_day(5)
    take = desk.do(start_stocktake, items=("BOLT",))
    _count(desk, take, 13)
    desk.do(post_stocktake, take.stocktake_id)
    with pytest.raises(DateOrderError, match="BOLT was counted here on 2026-11-29; stock cannot move on 2026-11-28"):
        receive(desk, "BOLT", 1, received_on=date(2026, 11, 28))
    with pytest.raises(DateOrderError, match="BOLT was counted here"):
        delivered(desk, ordered(desk, ("BOLT", 1)), shipped_on=date(2026, 11, 28))
    receive(desk, "NUT", 1, received_on=date(2026, 11, 28))  # not counted
    receive(desk, "BOLT", 1, received_on=date(2026, 11, 28), warehouse="SHOP")  # not counted there
    receive(desk, "BOLT", 1)
    desk.holds()


def test_refusals_of_counts(desk):
    take = desk.do(start_stocktake, items=("BOLT",))
    with pytest.raises(MissingValueError, match="Nothing has been counted yet"):
        desk.do(post_stocktake, take.stocktake_id)
    with pytest.raises(NotFoundError, match="no such line"):
        desk.do(count_lines, take.stocktake_id, {9_999: D(1)})
    with pytest.raises(BadValueError, match="what was counted must be from 0"):
        _count(desk, take, -1)
    with pytest.raises(UnknownCodeError, match=r"no item BOLTT\. Near: BOLT"):
        desk.do(start_stocktake, items=("BOLTT",))
    with pytest.raises(BadValueError, match="FREIGHT is not kept in stock"):
        desk.do(start_stocktake, items=("FREIGHT",))
    with pytest.raises(MissingValueError, match="nothing to count in SHOP"):
        desk.do(start_stocktake, warehouse="SHOP")
    with pytest.raises(BadValueError, match="from 0 to 100 percent"):
        desk.do(start_stocktake, tolerance=D(101))
    desk.do(save_item, ItemSetup("BOLT", "Hex bolt", whole_units=True))
    with pytest.raises(BadValueError, match="BOLT comes in whole units only"):
        _count(desk, take, "1.5")
    _count(desk, take, 13)
    with pytest.raises(DateOrderError, match="The count began on 2026-11-24"):
        desk.do(post_stocktake, take.stocktake_id, counted_on=TODAY - timedelta(days=1))
    with pytest.raises(ConflictError):
        desk.do(post_stocktake, take.stocktake_id, version=1)
    desk.do(save_user, "sam", "Sam", UserRole.SALES)
    with pytest.raises(NotAllowedError, match="may not post counts"):
        desk.do(post_stocktake, take.stocktake_id, by="sam")
    desk.do(cancel_stocktake, take.stocktake_id)
    for step in (post_stocktake, cancel_stocktake):
        with pytest.raises(WrongStateError):
            desk.do(step, take.stocktake_id)
    with pytest.raises(WrongStateError, match="is cancelled; it cannot be counted on"):
        desk.do(count_lines, take.stocktake_id, {})
    assert level(desk) == (13, 0)
    desk.holds()


def test_the_list_and_the_card_show_counts(desk):
    take = desk.do(start_stocktake, items=("BOLT",), note="yearly", tolerance=D(100))
    (row,) = desk.ask(page, "stocktake", "status:open", today=TODAY)
    assert (row.number, row.note, row.counted_on) == (None, "yearly", None)
    _count(desk, take, 12)
    desk.do(post_stocktake, take.stocktake_id)
    assert desk.ask(page, "stocktake", "status:open", today=TODAY) == []
    (row,) = desk.ask(page, "stocktake", "item:bolt", today=TODAY)
    assert (row.number, row.counted_on, row.value) == ("ST26-0001", TODAY, D("-4.00"))
    move = desk.ask(card, _item_id(desk, "BOLT")).moves[0]
    assert (move.kind, move.number, move.document_kind, move.quantity) == ("count", "ST26-0001", "stocktake", -1)


def test_what_made_most_of_the_years_use_is_a_and_counted_most_often():
    used = {1: D(700), 2: D(150), 3: D(100), 4: D(49), 5: D(1), 6: D(0)}
    assert classes(used) == {1: Class.A, 2: Class.A, 3: Class.B, 4: Class.C, 5: Class.C, 6: Class.C}
    day = date(2026, 1, 31)
    assert [due_on(kind, day) for kind in Class] == [date(2026, 3, 2), date(2026, 5, 1), date(2027, 1, 31)]
    assert due_on(Class.C, None) == date.min


def test_what_is_due_is_proposed_by_class_and_last_count(desk):
    desk.do(save_item, ItemSetup("PIN", "Pin"))
    receive(desk, "PIN", 5, "1.00")
    delivered(desk, ordered(desk, ("BOLT", 10), ("NUT", 40)))
    main = desk.ask(lambda session: warehouse_by_code(session, "MAIN").id)

    def due(day):
        return [(x.code, str(x.abc)) for x in desk.ask(cycle_proposal, main, today=day)]

    assert due(desk.today) == [("BOLT", "A"), ("NUT", "C"), ("PIN", "C")]  # 47.00 and 2.00 of 49.00 used
    take = desk.do(start_stocktake, due=2)
    assert _codes(desk, take) == ["BOLT", "NUT"]
    _count(desk, take, 3, 160)
    desk.do(post_stocktake, take.stocktake_id)
    assert due(desk.today) == [("PIN", "C")]
    assert due(desk.today + timedelta(days=29)) == [("PIN", "C")]
    assert due(desk.today + timedelta(days=30)) == [("PIN", "C"), ("BOLT", "A")]


def test_a_pick_that_falls_short_proposes_its_bin_to_be_counted_until_somebody_counts_it(desk):
    desk.do(save_location, "A-1", pick_order=1)
    desk.do(save_location, "B-1", pick_order=2)
    desk.do(put_away, "BOLT", "A-1", D(4))
    desk.do(put_away, "BOLT", "B-1", D(9))
    main = desk.ask(lambda session: warehouse_by_code(session, "MAIN").id)
    take = desk.do(start_stocktake, items=("BOLT", "NUT"))
    _count(desk, take, 4, 9, 200)
    desk.do(post_stocktake, take.stocktake_id)
    desk.next_day()
    desk.store.clock = lambda: datetime.combine(desk.today, time(9), UTC)

    def due(day=None):
        found = desk.ask(cycle_proposal, main, today=day or desk.today)
        return [(line.code, line.is_short, line.short_in, line.due_on) for line in found]

    assert due() == []
    draft = desk.do(draft_delivery, ordered(desk, ("BOLT", 6), ("NUT", 5)).order_id)
    bolts, nuts = keys(desk, "delivery", draft)
    desk.do(pick_delivery, draft, quantities={bolts: D(6), nuts: D(5)})
    assert due() == []  # all of it was there
    desk.do(
        pick_delivery,
        draft,
        picks=(Pick(1, "A-1", quantity=D(1)), Pick(1, "B-1")),
        quantities={bolts: D(3), nuts: D(2)},
    )
    assert due() == [("BOLT", True, ("A-1",), desk.today), ("NUT", True, ("",), desk.today)]
    assert due(desk.today - timedelta(days=1)) == []
    report = desk.ask(make, "counts-due", Asked(warehouse="MAIN"), desk.today)
    assert [(row[0], row[3], *row[8:]) for row in report.rows] == [
        ("BOLT", 13, "short pick", "A-1"), ("NUT", 200, "short pick", ""),
    ]  # fmt: skip
    assert (
        desk.ask(make, "counts-due", Asked(as_of=desk.today - timedelta(days=1)), desk.today).rows
        == desk.ask(make, "counts-due", Asked(as_of=TODAY), desk.today).rows
        == ()
    )
    past = [row[:3] for row in report.rows]

    desk.do(ship_delivery, draft)
    take = desk.do(start_stocktake, due=1, tolerance=D(100))
    assert set(_codes(desk, take)) == {"BOLT"}
    _count(desk, take, 0, 7)
    assert len(due()) == 2  # until it is posted
    desk.do(post_stocktake, take.stocktake_id)
    assert due() == [("NUT", True, ("",), desk.today)]
    desk.next_day()
    as_it_was = desk.ask(make, "counts-due", Asked(as_of=desk.today - timedelta(days=1)), desk.today)
    assert [row[:3] for row in as_it_was.rows] == past[1:]  # counted on that day
    desk.holds()
