"""docs/rules/filters.md: the words of a filter line."""

import pytest

from o2c_tui.rules.filters import ALIASES, KEYS, parse_filter


def _told(text):
    return [("-" if term.excluded else "") + f"{term.key}{term.op}{term.value}" for term in parse_filter(text)]


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", []),
        ("   ", []),
        ("acme", [":acme"]),
        ("status:open cust:acme", ["status:open", "cust:acme"]),
        ("STATUS:open", ["status:open"]),
        ("date:2026-11", ["date:2026-11"]),
        ("due<7d", ["due<7d"]),
        ("overdue>60", ["overdue>60"]),
        ("amt>=1000 amt<=2000 amt=1500", ["amt>=1000", "amt<=2000", "amt=1500"]),
        ("is:late by:me item:bolt-6", ["is:late", "by:me", "item:bolt-6"]),
        ("cur:usd currency:EUR 币种:日元", ["cur:usd", "cur:EUR", "cur:日元"]),
        ("-acme -is:draft", ["-:acme", "-is:draft"]),
        ("-", [":-"]),
        ("SO26-0012", [":SO26-0012"]),  # a hyphen inside is no minus
        ("colour:red", [":colour:red"]),  # no key: a free word
        ("a:b:c cust:a:b", [":a:b:c", "cust:a:b"]),
        ("状态:草稿 是:逾期", ["status:draft", "is:late"]),
        ("到期<7天 逾期>60天 日期:2026年11月", ["due<7d", "overdue>60d", "date:2026-11"]),
        ("日期：2026年1月5日 经手人：我", ["date:2026-1-5", "by:me"]),
        ("status:", [":status:"]),
        ("上海", [":上海"]),
    ],
)
def test_words_and_keys(typed, terms):
    assert _told(typed) == terms


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("状态:open", "status:open"),
        ("客户:acme", "cust:acme"),
        ("商品:bolt", "item:bolt"),
        ("经手:me", "by:me"),
        ("日期:2026-11", "date:2026-11"),
        ("到期<7d", "due<7d"),
        ("逾期>60", "overdue>60"),
        ("金额>1000", "amt>1000"),
        ("是:late", "is:late"),
        ("状态:作废", "status:cancelled"),
        ("状态:已拣", "status:picked"),
        ("是:未到票", "is:unbilled"),
        ("状态：open　客户：上海", "status:open cust:上海"),
        ("逾期＞６０", "overdue>60"),
        ("金额＜＝１０００", "amt<=1000"),
        ("－状态：draft", "-status:draft"),
    ],
)  # fmt: skip
def test_chinese_names_and_full_width_signs_mean_the_same(chinese, english):
    assert _told(chinese) == _told(english)


def test_every_key_has_a_chinese_name():
    assert set(ALIASES.values()) == set(KEYS)


@pytest.mark.parametrize("typed", ["客户:上海 逾期>60", "-acme", "Status:Open"])
def test_a_term_remembers_how_it_was_typed(typed):
    assert " ".join(term.text for term in parse_filter(typed)) == typed


def test_hostile_text_is_only_words():
    assert _told("'; DROP TABLE --  %_\\ [red]") == [":';", ":DROP", ":TABLE", "-:-", ":%_\\", ":[red]"]
    assert len(parse_filter("x " * 5000)) == 5000
