"""What can be typed after a command: the kinds it knows, days and numbers, and what argparse says of the rest."""

import argparse
import shutil
from datetime import date, timedelta
from functools import cache, partial
from typing import Any, NoReturn

from o2c_tui.reports import kinds
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_, _

LIST_KINDS = (
    "quotation",
    "order",
    "delivery",
    "invoice",
    "payment",
    "receivable_adjustment",
    "purchase",
    "receipt",
    "bill",
    "transfer",
    "adjustment",
    "stocktake",
    "rate",
    "term",
    "tax",
    "warehouse",
    "location",
    "lot",
    "customer",
    "supplier",
    "item",
    "stock",
    "alert",
    "mail",
    "reminder",
)
FIGURE_KINDS = (
    "available", "on-hand", "reserved", "incoming", "back-ordered", "promise", "value", "price", "total", "tax", "open",
    "overdue", "owed", "exposure", "uninvoiced", "cost", "margin", "blocked",
)  # fmt: skip
REPORT_KINDS = kinds.NAMES
IMPORT_KINDS = ("customers", "suppliers", "items", "supplier-prices", "stock", "orders", "purchases", "rates", "ecb")

_ARGPARSE_WORDS = (  # named here for the catalogues alone
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("expected one argument"),
    N_("invalid %(type)s value: %(value)r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
)


def a_month(text: str) -> date:
    """The last day of a month as 2026-10."""
    try:
        first = date.fromisoformat(f"{text}-01")
        if not 1900 <= first.year <= 2999:
            raise ValueError
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    except ValueError:
        raise argparse.ArgumentTypeError(_("'{text}' is no month; write it as 2026-10").format(text=text)) from None


def a_day(text: str) -> date:
    """A day as 2026-11-24."""
    try:
        day = date.fromisoformat(text)
        if not 1900 <= day.year <= 2999:
            raise ValueError
        return day
    except ValueError:
        raise argparse.ArgumentTypeError(_("'{text}' is no day; write it as 2026-11-24").format(text=text)) from None


def kind_named(word: str) -> str:
    """A kind of document by its name for one or for many: order, orders; delivery, deliveries."""
    word = word.lower()
    if word in LIST_KINDS:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith("xes") else word.removesuffix("s")


def number_of_rows(text: str) -> int:
    """1 to 1,000,000."""
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 1_000_000:
        return int(text)
    raise argparse.ArgumentTypeError(_("'{text}' is no number of rows, 1 to 1000000").format(text=text))


def key_of_row(text: str) -> int:
    """A key as lists show it, 1 to 999,999,999."""
    if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1:
        return int(text)
    raise argparse.ArgumentTypeError(_("'{text}' is no number of a line here").format(text=text))


def number_of_documents(text: str) -> int:
    """1 to 10,000,000."""
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 10_000_000:
        return int(text)
    raise argparse.ArgumentTypeError(_("'{text}' is no number of documents, 1 to 10000000").format(text=text))


def number_of_copies(text: str) -> int:
    """1 to 9,999."""
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 9999:
        return int(text)
    raise argparse.ArgumentTypeError(_("'{text}' is no number from 1 to 9999").format(text=text))


@cache
def _columns() -> int:
    return shutil.get_terminal_size().columns


class Parser(argparse.ArgumentParser):
    """A parser whose messages speak the language, and never let what was typed drive the terminal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # argparse asks the terminal for its width at every option it is told of
        kwargs.setdefault("formatter_class", partial(argparse.HelpFormatter, width=_columns() - 2))
        kwargs.setdefault("allow_abbrev", False)  # '--to' shall not be taken for '--today'
        super().__init__(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        super().error(shown(message))


def as_data(command: argparse.ArgumentParser) -> Any:
    """JSON or CSV, not both; the group, for a further form."""
    which = command.add_mutually_exclusive_group()
    which.add_argument("--json", action="store_true", help=_("for scripts"))
    which.add_argument("--csv", action="store_true", help=_("for spreadsheets"))
    return which
