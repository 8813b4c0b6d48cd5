"""The filter line of a list: words typed by a clerk, read into terms that a query can apply.

`status:open cust:acme date:2026-11 due<7d overdue>60 amt>1000 cur:usd is:late -word`; full-width signs and the Chinese names of
the keys mean the same. Rule: docs/rules/filters.md.
"""

import re
import unicodedata
from dataclasses import dataclass

from o2c_tui.errors import BadValueError
from o2c_tui.texts import N_

ALIASES = {
    "状态": "status",
    "客户": "cust",
    "商品": "item",
    "经手": "by",
    "经手人": "by",
    "日期": "date",
    "到期": "due",
    "逾期": "overdue",
    "金额": "amt",
    "是": "is",
    "币种": "cur",
    "货币": "cur",
    "currency": "cur",
}
VALUES = {  # what is said after 状态: and 是:
    "草稿": "draft",
    "未清": "open",
    "未结": "open",
    "已发送": "sent",
    "已接受": "accepted",
    "已拒绝": "declined",
    "已过期": "expired",
    "已确认": "confirmed",
    "暂停": "on_hold",
    "已关闭": "closed",
    "已取消": "cancelled",
    "已发货": "shipped",
    "已过账": "posted",
    "逾期": "late",
    "缺货": "short",
    "偏低": "low",
    "预留": "reserved",
    "未开票": "uninvoiced",
    "贷项": "credit",
    "已冲销": "reversed",
    "服务": "service",
    "我的": "mine",
    "已收清": "paid",
    "已下单": "ordered",
    "停用": "inactive",
    "未读": "unseen",
    "已读": "seen",
    "已解除": "cleared",
    "作废": "cancelled",
    "已拣": "picked",
    "已装箱": "packed",
    "待发": "leaving",
    "已发出": "dispatched",
    "盘点中": "counting",
    "已收货": "received",
    "未到票": "unbilled",
    "快到期": "expiring",
    "已无": "gone",
    "可售仓": "store",
    "可用": "free",
    "套件": "kit",
}
KEYS = ("status", "cust", "item", "by", "date", "due", "overdue", "amt", "is", "cur")
_TERM = re.compile(r"^(?P<key>[^\W\d_]+)(?P<op>:|<=|>=|<|>|=)(?P<value>.+)$")


@dataclass(frozen=True)
class Term:
    """One word of a filter: free text has an empty key."""

    key: str
    op: str
    value: str
    excluded: bool = False
    text: str = ""  # as it was typed, to name it in an empty result


def parse_filter(text: str) -> tuple[Term, ...]:
    """The terms of a filter line; what is no known key is a free word."""
    terms = []
    for raw in unicodedata.normalize("NFKC", text).replace("、", "/").split():
        excluded = raw.startswith("-") and len(raw) > 1
        word = raw[1:] if excluded else raw
        found = _TERM.match(word)
        key = ALIASES.get(found["key"], found["key"].casefold()) if found else ""
        if found and key in KEYS:
            terms.append(Term(key, found["op"], _plain_value(key, found["value"].strip()), excluded, raw))
        else:
            terms.append(Term("", ":", word, excluded, raw))
    return tuple(terms)


def _plain_value(key: str, value: str) -> str:
    """A value in Chinese as the plain one: a status, days, a date; `我` is the clerk."""
    if key in ("status", "is"):
        return VALUES.get(value, value)
    if key in ("due", "overdue"):
        return re.sub("天$", "d", value)
    if key == "date":
        return re.sub("[年月]", "-", value).rstrip("-日")
    return "me" if key == "by" and value == "我" else value


def days_of(term: Term) -> int:
    """The days that a term means: due<7d.

    Raises:
        BadValueError: its value is no number of days.
    """
    found = re.fullmatch(r"(-?\d{1,5})d?", term.value)
    if found is None:
        raise BadValueError(N_("'{word}' needs a number of days, as in due<7d."), field="filter", word=term.text)
    return int(found[1])


def without_unfinished(text: str) -> str:
    """The filter without a last word that is only the beginning of a term, as `cust:` is while it is typed."""
    head, blank, last = text.rpartition(" ")
    found = re.fullmatch(r"-?([^\W\d_]+)(?::|<=?|>=?|=)", unicodedata.normalize("NFKC", last))
    known = found is not None and ALIASES.get(found[1], found[1].casefold()) in KEYS
    return (head + blank).strip() if known else text


def unknown_keys(text: str) -> list[str]:
    """Words that look like a term but name no key of ours; they were taken as free words."""
    return [
        term.text
        for term in parse_filter(text)
        if not term.key and (found := _TERM.match(term.value)) and found["op"] == ":"
    ]
