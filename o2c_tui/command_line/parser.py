"""The parser, put together from the table of commands; a command's own module is loaded when it is given."""

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module

from o2c_tui import texts
from o2c_tui.command_line.arguments import Parser, a_day
from o2c_tui.command_line.commands import COMMANDS
from o2c_tui.texts import _


def parser(words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """All commands; of those that are not among the `words` that were given, the options are left out."""
    vars(argparse)["_"] = _  # argparse asks a catalogue of its own, which nobody has
    top = Parser(
        prog="o2c",
        epilog=_(
            "Exit codes: 0 done; 1 refused (also a breach that verify found); 2 wrong usage; 3 trouble (disk, database, "
            "defect). More on one command: o2c COMMAND --help. More on one step: o2c do STEP --help."
        ),
        description=_("From quotation to cash, at the keyboard. Without a command: the screens."),
    )
    top.add_argument("--version", action="version", version=_version())
    top.add_argument("--database", metavar="URL", help=_("path of the books, or postgresql://…"))
    top.add_argument("--lang", choices=sorted(texts.LANGUAGES), help=_("language of texts"))
    top.add_argument("--today", type=a_day, metavar="DAY", help=_("work as on another day (trials, replays)"))
    top.add_argument("--plain", action="store_true", help=_("screens without lines and colours"))
    top.set_defaults(run=_loaded("opening:show_screens"))
    commands = top.add_subparsers(title=_("commands"), metavar="COMMAND", dest="command")
    for command in COMMANDS:
        about = _(command.about)
        sub = commands.add_parser(command.name, help=about, description=about, add_help=not command.own_help)
        if words is None or command.name in words:
            _said_after_it_too(sub)
            sub.set_defaults(run=_loaded(command.work))
            command.takes(sub)
    return top


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"o2c {version('o2c')}"
    except PackageNotFoundError:
        return "o2c"


def _loaded(work: str) -> Callable[[argparse.Namespace], int]:
    """The function of a command, whose module is loaded by its first call: help and a typing slip wait for none."""
    module, _sign, name = work.partition(":")

    def run(options: argparse.Namespace) -> int:
        code: int = getattr(import_module(f"o2c_tui.command_line.{module}"), name)(options)
        return code

    return run


def _said_after_it_too(command: argparse.ArgumentParser) -> None:
    """Options of the whole program, for those who say them after the command."""
    command.add_argument(
        "--database", metavar="URL", default=argparse.SUPPRESS, help=_("path of the books, or postgresql://…")
    )
    command.add_argument("--lang", choices=sorted(texts.LANGUAGES), default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    command.add_argument("--today", type=a_day, metavar="DAY", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
