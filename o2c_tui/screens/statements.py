"""Statements of account sent from the desk: shown before they go, by mail or as one PDF to be printed."""

from collections.abc import Sequence
from typing import Any

from o2c_tui.safe_text import fit
from o2c_tui.screens.base import DeskScreen, amount_in
from o2c_tui.screens.letter_runs import confirm_letters, say_run, who
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Line


async def offer_statements(screen: DeskScreen, asked: Any, codes: Sequence[str] = ()) -> None:
    """Show whose statements would go and how, and send them on Enter: of some customers, else of all who owe something."""
    found = await screen.attempt(screen.desk.read(_read, asked, screen.desk.today(), tuple(codes)))
    if found is None:
        return
    goes = [one for one in found if not one[3]]
    lines: list[Line] = []
    for one, name, way, held in found:
        own, digits = screen.own_currency, screen.digits
        balance = ", ".join(amount_in(value, currency, own, digits) for value, currency in way[1]) or "-"
        text = f"{who(screen, one.code, name)} {fit(balance, 16, right=True)}  "
        lines.append((text + _(held), "dim") if held else text + (way[0] or _("to be printed")))
    day = found[0][0].last if found else screen.desk.today()
    confirm_letters(
        screen,
        _("Statements of {day}: {n}; skipped: {m}").format(day=day, n=len(goes), m=len(found) - len(goes)),
        [*lines, (_("A sent mail cannot be taken back."), "dim")],
        len(goes),
        N_("send and print them"),
        lambda: _send(screen, [one for one, *_rest in goes]),
    )


def _read(session: Any, asked: Any, today: Any, codes: Sequence[str]) -> list[Any]:
    """Each statement with its customer's name, address and balances, and why it does not go."""
    from dataclasses import replace

    from o2c_tui.models.party import Party
    from o2c_tui.queries.statement_runs import went_already
    from o2c_tui.queries.statements import accounts
    from o2c_tui.reports.statement_letters import asked_for

    wanted: list[Any] = []
    for code in codes:
        wanted += asked_for(session, replace(asked, customer=code), today)
    if not codes:
        wanted = asked_for(session, asked, today, all_owing=True)
    balances: dict[int, list[tuple[Any, str]]] = {}
    if wanted:
        for row in accounts(session, first=wanted[0].first, last=wanted[0].last):
            if row.closing:
                balances.setdefault(row.customer_id, []).append((row.closing, row.currency))
    found = []
    for one in wanted:
        party = session.get_one(Party, one.customer_id)
        held = N_("has it already") if went_already(session, one) else ""
        found.append((one, party.name, (party.email, balances.get(one.customer_id, [])), held))
    return found


async def _send(screen: DeskScreen, wanted: Sequence[Any]) -> None:
    def run(going_on: Any) -> Any:
        from o2c_tui.sending.statements import send_statements

        desk = screen.desk
        return send_statements(desk.store, wanted, by=desk.login, today=desk.today(), going_on=going_on)

    done = await screen.in_steps(run, _("Writing…"))
    if done is None:
        return
    text = _("By mail: {m}, to be printed: {k}").format(m=len(done.mails), k=len(done.printed))
    say_run(screen, done, text, len(done.mails))
