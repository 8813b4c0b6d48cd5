"""What a clerk types, read: a whole line in one cell, sums in a number, short dates. Pure text in, plain values out.

`ITEM[*QTY[UNIT]] [@PRICE] [-DISC%] [=AMOUNT] [#note]`, in any order after the item; `3*BOLT-6` works too. Full-width signs
mean the same. Rule: docs/rules/entry.md.
"""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from o2c_tui.errors import BadValueError
from o2c_tui.texts import N_

MOST_SIGNS = 400
MOST_FIGURE = Decimal(10) ** 12
_FOLD = str.maketrans({"×": "*", "。": ".", "￥": "", "¥": "", "、": ",", "÷": "/", "−": "-", "–": "-", "％": "%"})


@dataclass(frozen=True)
class LineEntry:
    """One line as typed; None is what was not said."""

    item: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    discount: Decimal | None = None  # percent
    amount: Decimal | None = None  # of the whole line
    note: str | None = None
    unit: str = ""  # said behind the quantity: BOLT*3box

    @property
    def is_whole(self) -> bool:
        """Whether the quantity was said, so that the line is done."""
        return self.quantity is not None


def folded(text: str) -> str:
    """Text with full-width signs as their plain ones."""
    return unicodedata.normalize("NFKC", text).translate(_FOLD)


def _no_number(text: str) -> BadValueError:
    if not text.strip():
        return BadValueError(N_("A number is needed here, as 1234.5 or 12*24+7."))
    return BadValueError(N_("'{text}' is no number. Write it as 1234.5 or 12*24+7."), text=text[:40])


_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+")


def number(text: str) -> Decimal:
    """A number or a sum of numbers: `1,234.50`, `12*24+7`, `(3+4)*2`.

    Raises:
        BadValueError: it is none, or beyond what the books hold. `1,5` is refused: it could mean two things.
    """
    plain = folded(text).strip().replace(" ", "")
    if not plain or len(plain) > 80 or not plain.isascii():
        raise _no_number(text)
    try:
        value, rest = _sum(plain, 0)
    except (InvalidOperation, IndexError, RecursionError):
        raise _no_number(text) from None
    if rest or not value.is_finite() or abs(value) > MOST_FIGURE:
        raise _no_number(text)
    return value + 0  # no minus nought


def _sum(text: str, depth: int) -> tuple[Decimal, str]:
    value, text = _product(text, depth)
    while text[:1] in ("+", "-") and text:
        sign, (part, rest) = text[0], _product(text[1:], depth)
        value, text = (value + part if sign == "+" else value - part), rest
    return value, text


def _product(text: str, depth: int) -> tuple[Decimal, str]:
    value, text = _factor(text, depth)
    while text[:1] in ("*", "/") and text:
        sign, (part, rest) = text[0], _factor(text[1:], depth)
        if sign == "/" and not part:
            raise InvalidOperation
        value, text = (value * part if sign == "*" else value / part), rest
    return value, text


def _factor(text: str, depth: int) -> tuple[Decimal, str]:
    if text[:1] == "-":
        value, rest = _factor(text[1:], depth)
        return -value, rest
    if text[:1] == "(":
        if depth > 8:
            raise InvalidOperation
        value, rest = _sum(text[1:], depth + 1)
        if rest[:1] != ")":
            raise InvalidOperation
        return value, rest[1:]
    found = _NUMBER.match(text)
    if found is None or text[found.end() : found.end() + 1] == ",":
        raise InvalidOperation
    return Decimal(found[0].replace(",", "")), text[found.end() :]


def places(value: Decimal, most: int) -> Decimal:
    """`value`, if it has no more than `most` decimals (a sum with a division is rounded to them).

    Raises:
        BadValueError: it has more.
    """
    rounded = round(value, most)
    if rounded != value and abs(rounded - value) > Decimal(10) ** -(most + 6):
        short = value.normalize()
        if -int(short.as_tuple().exponent) <= 12:  # typed so, not made by dividing
            raise BadValueError(N_("{value} has more than {most} decimals."), value=format(short, "f"), most=most)
    return rounded


_MEASURED = re.compile(r"(?P<figure>.*[\d.)])\s*(?P<unit>[^\W\d_]+)")


def measured(text: str) -> tuple[Decimal, str]:
    """A quantity with its unit behind it, as in `3 box` or `12*2 pc`; no unit means the item's own.

    Raises:
        BadValueError: the quantity is no number.
    """
    found = _MEASURED.fullmatch(folded(text).strip())
    return (number(found["figure"]), found["unit"]) if found else (number(text), "")


def ratio(text: str) -> Fraction:
    """An exact factor of more than 0: `12`, `2.5` or `1/3`.

    Raises:
        BadValueError: it is none.
    """
    above, slash, below = folded(text).strip().replace(" ", "").partition("/")
    value = Fraction(number(above)) / (Fraction(number(below)) if slash and number(below) else 1)
    if value <= 0 or (slash and not number(below)):
        raise BadValueError(N_("'{text}' is no factor. Write it as 12, 2.5 or 1/3."), text=text[:40])
    return value


_PARTS = re.compile(r"(?P<sign>[*@=])\s*(?P<figure>[^\s@=#]+)|(?P<less>-)\s*(?P<percent>[\d.,]+)\s*%?(?=\s|$)")


def line(text: str) -> LineEntry:
    """A line as typed in its item cell.

    Raises:
        BadValueError: a part that is no number, is not understood, or is said twice.
    """
    if len(text) > MOST_SIGNS:
        raise BadValueError(N_("The line is longer than {most} signs."), most=MOST_SIGNS)
    plain = folded(text).strip()
    note: str | None = None
    if "#" in plain:
        plain, _sign, told = plain.partition("#")
        note, plain = told.strip(), plain.strip()
    before = re.match(r"([\d.,]+)\*(?=[^\d\s*]|\d+[^\d\s.,*@=-])", plain)
    quantity = number(before[1]) if before else None
    rest = plain[before.end() :] if before else plain
    head = re.match(r"[^\s*@=#]+", rest)
    if head is None:
        raise BadValueError(N_("Begin the line with an item, as in BOLT-6*100 @0.40."))
    found: dict[str, Decimal] = {} if quantity is None else {"*": quantity}
    unit = ""
    tail, at = rest[head.end() :].strip(), 0
    while at < len(tail):
        part = _PARTS.match(tail, at)
        if part is None:
            raise BadValueError(
                N_("'{text}' is not understood here. Use *QTY @PRICE -DISC% #note."), text=tail[at : at + 30]
            )
        sign = part["sign"] or "-"
        if sign in found:
            raise BadValueError(N_("'{sign}' stands there twice. Say each part of the line once."), sign=sign)
        if sign == "*":
            found[sign], unit = measured(part["figure"])
        else:
            found[sign] = number(part["figure"] if part["sign"] else part["percent"])
        at = part.end()
        while at < len(tail) and tail[at].isspace():
            at += 1
    return LineEntry(head[0].upper(), found.get("*"), found.get("@"), found.get("-"), found.get("="), note, unit)


def day(text: str, today: date) -> date:
    """A date as typed: `t` today, `+30`, `-2`, `15` this month, `15.3` or `3-15` this year, `eom`, `2026-11-24`.

    Raises:
        BadValueError: it is none.
    """
    plain = folded(text).strip().lower()
    try:
        if plain in ("t", "."):
            return today
        if plain == "eom":
            return today.replace(day=calendar.monthrange(today.year, today.month)[1])
        if re.fullmatch(r"[+-]\d{1,4}", plain):
            return today + timedelta(days=int(plain))
        if re.fullmatch(r"\d{1,2}", plain):
            return today.replace(day=int(plain))
        if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.?", plain):
            return date(today.year, int(found[2]), int(found[1]))
        if found := re.fullmatch(r"(\d{1,2})-(\d{1,2})", plain):
            return date(today.year, int(found[1]), int(found[2]))
        if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", plain):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := re.fullmatch(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})", plain):
            return date(int(found[1]), int(found[2]), int(found[3]))
    except (ValueError, OverflowError):
        pass
    raise BadValueError(N_("'{text}' is no date. Write t, +30, 15, 15.3, eom or 2026-11-24."), text=text[:20])
