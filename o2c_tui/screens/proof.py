"""The proof of the books on the screen: every promise recomputed from raw rows, and what was found wrong."""

from typing import Any

from textual import work

from o2c_tui.screens.listed import ListedScreen
from o2c_tui.texts import N_, _
from o2c_tui.widgets.listing import Column, WindowedList


class Proof(ListedScreen):
    """Every promise of the books, and whether it holds."""

    PLACE = N_("PROOF")
    ABOUT = N_(
        "Every promise of the books is recomputed from raw rows: nothing kept is believed.\nEnter shows what is wrong with one. F5 proves again. On the command line: o2c verify."
    )

    def __init__(self) -> None:
        super().__init__()
        self.rows: WindowedList[Any] = WindowedList(
            [
                Column(
                    "",
                    lambda check: _("ok") if check.holds else _("BREACH"),
                    width=8,
                    style=lambda check: "good" if check.holds else "bad",
                ),
                Column(N_("Promise"), lambda check: _(check.name), width=40, share=1),
                Column("", lambda check: _count(check.breaches), width=4, right=True, style=lambda check: "bad"),
            ],
            key=lambda check: check.name,
            warn=lambda check: not check.holds,
            waiting=N_("One moment…"),
        )

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Prove the books, and show how they stand."""
        from o2c_tui.queries.verify import verify

        self.busy(_("Every promise is recomputed from raw rows…"))
        store = await self.attempt(self.desk.ready())
        told = await self.attempt(store.read(verify, store.anchor)) if store is not None else None
        if told is None:
            return
        await self.rows.show_rows(sorted(told.checks, key=lambda check: check.holds))  # what is wrong comes first
        self.totals.set(
            _("{n} promises").format(n=len(told.checks)),
            _("{n} audit entries, head {head}").format(n=f"{told.entries:,}", head=told.head[:16]),
        )
        broken = sum(not check.holds for check in told.checks)
        if broken:
            self.err(_("{n} promises do not hold. Enter shows what is wrong.").format(n=broken))
        else:
            self.ok(_("Every promise holds."))
        self.refresh_keys()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        from o2c_tui.safe_text import wrapped
        from o2c_tui.widgets.confirm import Reading

        check = event.row
        if check.holds:
            self.hint(_("It holds."))
            return
        lines = [
            part for breach in check.breaches for part in wrapped(breach.said(_), max(40, self.app.size.width - 2))
        ]
        self.app.push_screen(Reading(_(check.name), lines))

    def action_reload(self) -> None:
        """Prove again."""
        self.load()


def _count(breaches: Any) -> str:
    """How many breaches there are, as far as they were said."""
    from o2c_tui.queries.verify import MOST_SAID

    return f"{MOST_SAID}+" if len(breaches) > MOST_SAID else str(len(breaches) or "")
