"""Two revisions beside each other, as text and as words for JSON."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from o2c_tui.money import show_money, show_quantity
from o2c_tui.queries.comparing import Change, Comparison, LineChange
from o2c_tui.reports.table import Heading, Report, as_text
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_

MARKS = {"added": "+", "removed": "-", "changed": "~", "same": " "}
KIND_WORDS = {"added": N_("added"), "removed": N_("removed"), "changed": N_("changed"), "same": N_("unchanged")}
_MONEY = ("net", "tax", "gross", "discount_amount")


def value(field: str, held: Any, digits: int) -> str:
    """A value as people read it; a dash for nothing."""
    if held is None or held == "":
        return "–"
    if field == "tax_rate":
        return f"{show_quantity(held * 100)} %"
    if field in _MONEY:
        return show_money(held, digits)
    if field == "unit_price":
        return show_money(held, max(digits, -int(held.normalize().as_tuple().exponent)))
    if isinstance(held, Decimal):
        return show_quantity(held)
    return shown(" / ".join(str(held).split("\n")))


def change(told: Change, digits: int, arrow: str = "->") -> str:
    """Old and new of one field."""
    return f"{value(told.field, told.old, digits)} {arrow} {value(told.field, told.new, digits)}"


def in_words(told: Change, translate: Callable[[str], str], digits: int, arrow: str = "->") -> str:
    """A change with the name of its field."""
    return translate(N_("{field}: {change}")).format(field=translate(told.words), change=change(told, digits, arrow))


def cell(line: LineChange, field: str, digits: int, arrow: str = "->") -> str:
    """One field of a line: old and new where it differs, else the one value."""
    for told in line.changes:
        if told.field == field:
            return change(told, digits, arrow)
    return value(field, line.line[field], digits)


def details(line: LineChange, translate: Callable[[str], str], digits: int, arrow: str = "->") -> str:
    """All that changed in a line, in words."""
    return "; ".join(in_words(told, translate, digits, arrow) for told in line.changes)


def as_words(told: Comparison, translate: Callable[[str], str] = str) -> str:
    """The comparison for a terminal: the head's changes, the lines, the totals."""
    out = [f"{told.old} -> {told.new}", ""]
    out += [in_words(one, translate, told.digits) for one in told.head]
    if told.head:
        out.append("")
    if not told.differ:
        out += [translate(N_("Nothing is different.")), ""]
    rows = tuple(
        (
            MARKS[line.kind],
            str(line.position),
            line.line["item"],
            cell(line, "description", told.digits),
            cell(line, "quantity", told.digits),
            cell(line, "unit_price", told.digits),
            cell(line, "discount_percent", told.digits) if line.line["discount_percent"] or _discounts(line) else "",
            cell(line, "net", told.digits),
        )
        for line in told.lines
    )
    headings = (
        Heading(""),
        Heading("#", "figure"),
        Heading(N_("Item")),
        Heading(N_("Description")),
        Heading(N_("Quantity"), "figure"),
        Heading(N_("Price"), "figure"),
        Heading(N_("Dsc%"), "figure"),
        Heading(N_("Net"), "figure"),
    )
    out.append(as_text(Report("", (), headings, rows), translate).lstrip("\n"))
    out.append("")
    out += [f"{in_words(one, translate, told.digits)}  {told.currency}" for one in told.totals]
    return "\n".join(out)


def _discounts(line: LineChange) -> bool:
    return any(told.field == "discount_percent" for told in line.changes)


def as_data(told: Comparison) -> dict[str, Any]:
    """The comparison in JSON words."""

    def fields(changes: tuple[Change, ...]) -> dict[str, Any]:
        return {one.field: {"old": one.old, "new": one.new} for one in changes}

    return {
        "old": told.old,
        "new": told.new,
        "differ": told.differ,
        "head": fields(told.head),
        "lines": [
            {"kind": line.kind, "position": line.position, **dict(line.line), "changes": fields(line.changes)}
            for line in told.lines
        ],
        "totals": fields(told.totals),
    }
