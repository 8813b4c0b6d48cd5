"""What lies ahead of a document: on which day an order's lines can have their goods, who waits for those of a receipt."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from o2c_tui.screens.base import quantity, short_day
from o2c_tui.texts import _

Told = tuple[str, str, str]  # label, text, style


async def look_ahead(desk: Any, d: Any) -> None:
    """Add to the lines of an open order what each can count on, to a receipt who waits for its goods."""
    if d.kind == "order" and d.state in ("confirmed", "on_hold"):
        from o2c_tui.queries.promise import line_outlooks

        found = await desk.read(line_outlooks, d.id, today=desk.today())
        for line in d.lines:
            line["outlook"] = found.get(line["id"])
            line["late"] = line["outlook"] is not None and line["outlook"].late
    elif d.kind == "receipt" and any(line["waited_for"] for line in d.lines):
        from o2c_tui.queries.sharing import waits_for_receipt

        d.head["waits"] = await desk.read(waits_for_receipt, d.id, today=desk.today())


def words_ahead(d: Any, line: Mapping[str, Any] | None, today: date, rows: int) -> list[Told]:
    """The lines under a document's lines; empty ones where there is nothing to say."""
    told = _waits(d, today, rows) if d.kind == "receipt" else [_line_words(line, today)]
    return [*told, *[("", "", "text")] * (rows - len(told))]


def _line_words(line: Mapping[str, Any] | None, today: date) -> Told:
    outlook = line.get("outlook") if line else None
    if line is None or outlook is None:
        return "", "", "text"
    parts = []
    if outlook.promised_on is not None:
        promised = _("promised {day}").format(day=short_day(outlook.promised_on, today))
        parts.append(f"{promised} {_('LATE')}" if outlook.late else promised)
    if line["back_ordered"]:
        day = outlook.expected_on
        when = short_day(day, today) if day is not None else _("unknown")
        words = _("{n} of {all} reserved, rest {when}")
        parts.append(words.format(n=quantity(line["reserved"]), all=quantity(line["to_ship"]), when=when))
    if outlook.to_promise is not None:
        words = _("to promise by then {n}") if outlook.promised_on is not None else _("can be promised now {n}")
        parts.append(words.format(n=quantity(outlook.to_promise)))
    return line["item"], "  ".join(parts), "bad" if outlook.late else "text"


def _waits(d: Any, today: date, rows: int) -> list[Told]:
    found = []
    for short in d.head.get("waits", ()):
        for line, share in zip(short.lines, short.proposed(fair=False), strict=True):
            words = _("{order}  {item}: waits for {n}, gets {share}").format(
                order=line.number, item=short.code, n=quantity(line.waiting), share=quantity(share) if share else "-"
            )
            if line.promised_on is not None:
                words += "  " + _("promised {day}").format(day=short_day(line.promised_on, today))
            words += f"  {line.customer}"
            found.append((_("Waiting"), words, "text"))
    if len(found) > rows:
        more = _("and {n} more").format(n=len(found) - rows + 1)
        found = [*found[: rows - 1], ("", more, "dim")]
    return [(label if not n else "", text, style) for n, (label, text, style) in enumerate(found)]
