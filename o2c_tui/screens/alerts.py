"""Stock alerts in their list: seen in one key, opened as the item they are about."""

from collections.abc import Sequence
from typing import Any

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.screens.base import DeskScreen
from o2c_tui.texts import _


async def see(screen: DeskScreen, keys: Sequence[int]) -> None:
    """Mark alerts as seen, and show the list as it is then."""
    from o2c_tui.services.replenishing import see_alerts

    done = await screen.attempt(screen.desk.write(see_alerts, list(keys)))
    if done is None:
        return
    rows = getattr(screen, "list", None)
    if rows is not None:
        rows.marked.clear()
        await rows.reload()
    screen.ok(_("{n} seen. They stay until stock is above the point again.").format(n=len(done)))


async def open_alert(screen: DeskScreen, row: Any) -> None:
    """Open the item of an alert; who opens it has seen it."""
    from o2c_tui.screens.stock_card import StockCardScreen
    from o2c_tui.services.replenishing import see_alerts

    if row.seen_on is None and row.cleared_on is None:
        try:
            await screen.desk.write(see_alerts, [row.id])
        except (TradeError, TroubleError):
            pass  # somebody else saw it meanwhile: it is opened all the same
    await screen.app.push_screen(StockCardScreen(row.item_id))
