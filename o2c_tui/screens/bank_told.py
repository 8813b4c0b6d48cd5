"""What the bank's screen tells in sheets: what would be booked, and the balances."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from o2c_tui.safe_text import fit
from o2c_tui.screens.base import DeskScreen, led, short_day
from o2c_tui.texts import _
from o2c_tui.widgets.confirm import Line, Reading

ZERO = Decimal(0)


def booked_lines(screen: DeskScreen, done: Sequence[Any], rows: Sequence[Any]) -> list[Line]:
    """What matching some lines makes: how much in all, then each part with what it pays, and what is kept back of it."""
    from o2c_tui.screens.bank import what

    sums: dict[str, Decimal] = {}
    by_id = {told.line.id: told for told in rows}
    for one in done:
        code = by_id[one.line_id].line.currency
        sums[code] = sum((part.amount for part in one.parts), sums.get(code, ZERO))
    total = " + ".join(screen.figure_in(value, code) for code, value in sorted(sums.items()))
    lines: list[Line] = [(f"{led('Makes')}{_('Lines: {n}, together {sum}').format(n=len(done), sum=total)}", "strong")]
    for one in done:
        told = by_id[one.line_id]
        for part in one.parts:
            target = " ".join(filter(None, (part.number, part.customer, part.account)))
            tail = what(told) if part.customer else _(part.account_name)
            if part.unapplied > ZERO:
                tail = _("{amount} stays as credit").format(amount=screen.figure_in(part.unapplied, part.currency))
            day = fit(short_day(told.line.booked_on, screen.desk.today()), 9)
            lines.append(f"    {day}{_figure(screen, part.amount, told.line.currency)}  {fit(target, 24)}  {tail}")
            lines += [
                f"    {fit('', 9)}{_figure(screen, kept.amount, part.currency)}  {kept.number} {_(kept.reason)}"
                for kept in part.settled
            ]
    return lines


def _figure(screen: DeskScreen, value: Decimal, currency: str) -> str:
    return fit(screen.figure_in(value, currency), 13, right=True)


async def tell_balances(screen: DeskScreen, account: str) -> None:
    """The books against the bank, with the difference explained; in the account's currency."""
    from o2c_tui.queries.bank import DIFFERENCE_WORDS
    from o2c_tui.queries.bank_balance import reconcile

    today = screen.desk.today()
    told = await screen.attempt(screen.desk.read(reconcile, account, today=today))
    if told is None:
        return

    room = 15 if told.currency == screen.own_currency else 19

    def row(words: str, value: Decimal | None, more: str = "") -> str:
        shown = "–" if value is None else screen.figure_in(value, told.currency)
        return f"{fit(words, 42)}{fit(shown, room, right=True)}   {more}"

    lines: list[Line] = [
        row(_("Balance of the bank"), told.statement, str(told.statement_on or "")),
        row(_("Balance of the books"), told.books, str(told.on)),
        (row(_("Difference"), told.difference), "strong" if not told.difference else "bad"),
    ]
    lines += [
        row(
            _(DIFFERENCE_WORDS[part.code]),
            part.amount,
            " ".join(filter(None, (short_day(part.on, today), part.number, part.words))),
        )
        for part in told.parts
    ]
    if told.unexplained:
        lines.append((row(_("not explained"), told.unexplained), "bad"))
    heading = _("{account} {name} on {day}").format(account=told.account, name=told.name, day=told.on)
    await screen.app.push_screen(Reading(heading, lines))
