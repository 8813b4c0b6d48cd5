"""Amounts in the capital Chinese figures (大写金额) that invoices and receipts carry, as safe against changed digits."""

from __future__ import annotations

from decimal import Decimal

from o2c_tui.money import round_to

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_CURRENCIES = {
    "CNY": "人民币", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "HKD": "港币", "JPY": "日元", "SGD": "新加坡元",
    "AUD": "澳元", "CAD": "加元", "CHF": "瑞士法郎", "TWD": "新台币", "MOP": "澳门币", "KRW": "韩元",
}  # fmt: skip


def in_words(amount: Decimal, currency: str) -> str:
    """`amount` (to the hundredth) as 人民币壹仟贰佰元整; empty beyond what the words can say.

    零 stands once for each gap of zeros; 整 closes an amount without 分.
    """
    cents = int(round_to(abs(amount), 2) * 100)
    whole, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    if whole >= 10**16:
        return ""
    text = f"{_whole(whole)}元" if whole else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif fen and whole:
        text += "零"
    text += f"{_DIGITS[fen]}分" if fen else "整"
    if not cents:
        text = "零元整"
    return f"{_CURRENCIES.get(currency, currency)}{'负' if amount < 0 else ''}{text}"


def _whole(number: int) -> str:
    """A whole number in capital figures, read in groups of four."""
    text, gap = "", False
    groups = [number // 10_000**n % 10_000 for n in range(4)]
    for n in range(3, -1, -1):
        group = groups[n]
        if not group:
            gap = gap or bool(text)
            if n == 2 and groups[3] and text and not text.endswith("亿"):
                text += "亿"
            continue
        if text and (gap or group < 1000):
            text += "零"
        gap = False
        text += _group(group) + ("万" if n in (1, 3) else "亿" if n == 2 else "")
    return text


def _group(group: int) -> str:
    """Four places: a zero between two figures is read once, zeros at the end are not read."""
    text = ""
    for place in range(3, -1, -1):
        figure = group // 10**place % 10
        if figure:
            text += _DIGITS[figure] + _PLACES[place]
        elif text and group % 10**place and not text.endswith("零"):
            text += "零"
    return text
