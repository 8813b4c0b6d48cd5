"""`o2c do`: any step of the trade, with JSON in and out."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.books import open_books, the_day
from o2c_tui.command_line.exits import DONE, USAGE
from o2c_tui.command_line.output import print_json
from o2c_tui.errors import TroubleError, os_words
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_, _


def do_step(options: argparse.Namespace) -> int:
    """Do a step, or say which there are and what one takes."""
    from o2c_tui.services.by_json import call, parameters_of
    from o2c_tui.services.registry import VERBS

    if not options.verb:
        _say_steps(with_usage=options.helps)
        return DONE
    name = options.verb.replace("-", "_")
    if name not in VERBS:
        _say_near(options.verb, name, VERBS)
        return USAGE
    verb = VERBS[name]
    if options.helps:
        _say_step(name, verb)
        return DONE
    try:
        words = _words(options.words)
    except ValueError as error:
        print(_("The words are no JSON: {why}").format(why=shown(str(error))), file=sys.stderr)
        return USAGE
    if not isinstance(words, dict):
        print(_("Give one JSON object: {names}").format(names=", ".join(parameters_of(verb))), file=sys.stderr)
        return USAGE
    store = open_books(options, create=name == "create_company")
    given = {"by": config.login_name(), "today": the_day(options, store), "now": store.clock()}

    def step(session: Any) -> Any:
        return call(session, verb, words, **given)

    step.__annotations__["return"] = Any
    if options.dry_run:
        preview = store.preview_now(step)
        if preview.refusal is not None:
            raise preview.refusal
        warnings = [{"code": notice.code, "text": notice.said()} for notice in preview.warnings]
        print_json({"result": preview.result, "warnings": warnings, "dry_run": True})
        return DONE
    accepted = None if options.accept == "all" else frozenset(part for part in options.accept.split(",") if part)
    result = store.write_now(step, key=options.key, accepted=accepted)
    print_json({"result": result})
    return DONE


def _say_near(typed: str, name: str, known: Iterable[str]) -> None:
    import difflib

    near = ", ".join(difflib.get_close_matches(name, known)) or _("see 'o2c do'")
    print(_("There is no step '{name}'. Near: {near}").format(name=shown(typed), near=near), file=sys.stderr)


def _words(text: str) -> Any:
    """The JSON that was given; figures stay as they were written.

    Raises:
        ValueError: it is none. TroubleError: the file cannot be read.
    """
    from decimal import Decimal

    if text == "-":
        buffer = getattr(sys.stdin, "buffer", None)
        text = buffer.read().decode("utf-8") if buffer is not None else sys.stdin.read()
    elif text.startswith("@"):
        try:
            text = Path(text[1:]).read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise TroubleError(
                N_("{path} cannot be read: {why_word}."), path=text[1:], why_word=os_words(error)
            ) from error

    def no_number(word: str) -> Any:
        raise ValueError(word)

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=no_number)
    except RecursionError:
        raise ValueError("…") from None


def _say_steps(*, with_usage: bool) -> None:
    from o2c_tui.services.registry import VERB_WORDS

    if with_usage:
        print(_("usage: ") + "o2c do STEP [JSON | @FILE | -] [--dry-run] [--key KEY] [--accept CODES|all]\n")
        print(_("One step of the trade, with JSON in and out. What one step takes: o2c do STEP --help") + "\n")
    for name, words in VERB_WORDS.items():
        print(f"{name:<20} {_(words)}")


def _say_step(name: str, verb: Callable[..., Any]) -> None:
    from o2c_tui.services.by_json import words_of
    from o2c_tui.services.registry import VERB_WORDS

    print(_("usage: ") + f"o2c do {name} [JSON | @FILE | -] [--dry-run] [--key KEY] [--accept CODES|all]\n")
    print(_(VERB_WORDS[name]) + "\n")
    for word in words_of(verb):
        kind = ", ".join([_(word.kind), *([_("needed")] if word.must else [])])
        print(f"{'  ' * (word.depth + 1)}{word.name:<{24 - 2 * word.depth}} {kind}")
    print("\n" + _("Figures as numbers or text, days as 2026-11-24. A document's number stands for the document."))
    print(_("--dry-run does the step and takes it back. A warning that was not accepted stops the step and is said."))
