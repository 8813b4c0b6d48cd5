"""Nothing is cut off at 80 cells: the columns of lists and documents stand beside each other, their titles whole."""

from datetime import date

import pytest

from o2c_tui import texts
from o2c_tui.safe_text import cells
from o2c_tui.screens import document, document_columns, list_columns, list_kinds
from o2c_tui.widgets import frame
from o2c_tui.widgets.listing import WindowedList
from o2c_tui.widgets.look import DARK, PLAIN, look_of

PLACES = [
    *((kind, None) for kind in sorted(document._TITLES) if kind not in ("credit_note", "deposit")),  # invoices
    *((None, place) for place in sorted(list_kinds.KINDS)),
]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(("kind", "place"), PLACES)
def test_columns_fit_the_window_and_show_their_titles_whole(kind, place, width, language):
    columns = document_columns.columns(kind) if kind else list_columns.columns(place, date(2026, 11, 25), 2)[0]
    listing: WindowedList = WindowedList(columns, key=lambda row: row)
    before = texts.current()
    texts.use(language)
    try:
        widths = listing._widths_for(width - 5)
        cut = [c.title for c, size in zip(columns, widths, strict=True) if size and cells(texts._(c.title)) > size]
    finally:
        texts.use(before)

    assert sum(widths) + sum(1 for size in widths if size) - 1 <= width - 5
    assert cut == []


def test_a_title_keeps_its_distance_from_who_sits_here():
    title = frame.TitleLine("STOCK")
    for width in range(40, 70):
        title.title = frame.Title("STOCK", "VALVE-15  Ball valve DN15", ("Moves", "Reserved"), 1, right="DEMO  root")
        text = "".join(part for part, _style in title.parts(look_of(DARK), PLAIN, width))
        assert cells(text) == width
        assert text.endswith(" DEMO  root "), text


def test_mails_that_wait_and_promised_payments_are_not_called_as_goods_are_in_chinese():
    waiting = next(words for words, _filter in list_kinds.KINDS["outbox"].views)
    before = texts.current()
    texts.use("zh_CN")
    try:
        assert (texts._(waiting), texts._("To pay on")) == ("待发送", "承诺付款日")
    finally:
        texts.use(before)
