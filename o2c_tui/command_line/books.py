"""The open books a command works on, and the day it works on."""

import argparse
import sys
from datetime import date
from typing import Any

from o2c_tui import config
from o2c_tui.errors import TradeError
from o2c_tui.safe_text import shown
from o2c_tui.texts import _


def open_books(options: argparse.Namespace, *, create: bool = False, to_look: bool = False) -> Any:
    """The open books; those that lost their end only `to_look`, with a word about it."""
    from o2c_tui.storage.store import Store

    store = Store.open(
        config.database(options.database),
        create=create,
        who=config.login_name(),
        anchors=config.places().state / "anchors",
        to_look=to_look,
    )
    options.store = store
    if store.loss is not None:
        print(shown(store.loss.said().said(_)), file=sys.stderr)
    return store


def the_day(options: argparse.Namespace, store: Any) -> date:
    """The company's day, unless another was asked for."""
    if options.today:
        return options.today  # type: ignore[no-any-return]
    from o2c_tui.queries.lookups import the_company
    from o2c_tui.storage.store import utc_now

    try:
        zone = store.read_now(lambda session: the_company(session).time_zone)
    except TradeError:
        zone = "UTC"
    from zoneinfo import ZoneInfo

    try:
        return utc_now().astimezone(ZoneInfo(zone)).date()
    except (KeyError, ValueError):
        return utc_now().date()


def place_shown(url: str) -> str:
    """Where books are, without a password."""
    from o2c_tui.storage.places import shown_place

    return shown_place(url)
