"""What decisions on bank lines taught: seen, and forgotten one by one."""

from typing import Any

from textual import work

from o2c_tui.screens.base import new_key, short_day
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import Confirm, Line
from o2c_tui.widgets.listing import Column, WindowedList


class BankRules(ListedScreen):
    """Which payer or which words lead to which customer or account."""

    PLACE = N_("LEARNED FROM DECISIONS")
    ABOUT = N_(
        "Each decision on a bank line teaches: the payer's account and name lead to the customer, the words of a charge to its\naccount, and the more often it was decided so, the surer. F8 forgets a rule; it is learned again by the next decision."
    )

    def __init__(self) -> None:
        super().__init__()
        self.rows: WindowedList[Any] = WindowedList(
            [
                Column(N_("Known by"), lambda row: _rule_word(row.field), width=16),
                Column(N_("Reads"), lambda row: row.pattern, width=16, share=2),
                Column(N_("Leads to"), self._target, width=14, share=1),
                Column(N_("Times"), lambda row: str(row.times), width=5, right=True),
                Column(N_("Since"), lambda row: short_day(row.learned_on, self.desk.today()), width=8, spare=1),
            ],
            key=lambda row: row.id,
            empty=N_("Nothing was learned yet: match lines first."),
        )

    def _target(self, row: Any) -> str:
        name = row.customer_name or _(row.account_name)
        return f"{row.target}  {name}".strip()

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Ask what was learned."""
        from o2c_tui.queries.bank_rules import bank_rules

        found = await self.attempt(self.desk.read(bank_rules))
        if found is not None:
            await self.rows.show_rows(found)
            self.totals.set("", _("{n} in all").format(n=len(found)))
            self.refresh_keys()

    def action_reload(self) -> None:
        """Ask again."""
        self.load()

    def key_label(self, action: str) -> str | None:
        return _("Forget") if action == "next_step" else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a rule that is there is forgotten."""
        if action == "next_step":
            return self.rows.row is not None
        return super().check_action(action, parameters)

    def action_next_step(self) -> None:
        """Forget the rule under the cursor, after showing it."""
        row: Any = self.rows.row
        lines: list[Line] = [
            (f"{_rule_word(row.field)}: {row.pattern}", "strong"),
            f"{self.o2c.glyphs.arrow} {self._target(row)}",
            (_("What was booked stays; lines like this are proposed so no more."), "dim"),
        ]

        def go(yes: bool | None) -> None:
            if yes:
                self._forget(row)

        self.app.push_screen(Confirm(_("NEXT STEP   Forget what was learned"), lines, does=N_("forget it")), go)

    @work(group="write")
    async def _forget(self, row: Any) -> None:
        from o2c_tui.services.bank_rules import forget_rule

        write = self.desk.write(forget_rule, row.field, row.pattern, accepted=frozenset(), key=new_key())
        if await self.attempt(write) is not None:
            self.load()
            self.ok(_("Forgotten: {pattern}").format(pattern=row.pattern))


def _rule_word(field: str) -> str:
    from o2c_tui.queries.bank_rules import RULE_WORDS

    return _(RULE_WORDS[field])
