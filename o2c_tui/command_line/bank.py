"""`o2c bank`: statements taken in, lines listed, proposed for and matched, the books against the bank."""

import argparse
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.books import open_books, the_day
from o2c_tui.command_line.exits import DONE
from o2c_tui.command_line.output import print_json
from o2c_tui.money import digits_of, show_money
from o2c_tui.safe_text import shown
from o2c_tui.texts import _


def do_bank(options: argparse.Namespace) -> int:
    """Do what follows `o2c bank`."""
    works = {
        "accounts": _accounts,
        "import": _import,
        "list": _list,
        "propose": _propose,
        "match": _match,
        "reconcile": _reconcile,
        "rules": _rules,
        "forget": _forget,
    }
    return works[options.work](options)


def _table(heads: tuple[tuple[str, str], ...], rows: list[tuple[Any, ...]]) -> str:
    from o2c_tui.reports.table import Heading, Report, as_text

    if not rows:
        return _("Nothing fits.")
    headings = tuple(Heading(name, kind) for name, kind in heads)
    return as_text(Report("", (), headings, tuple(rows)), _).lstrip("\n")


def _accounts(options: argparse.Namespace) -> int:
    from o2c_tui.queries.bank import bank_accounts

    store = open_books(options, to_look=True)
    found = store.read_now(bank_accounts)
    if options.json:
        print_json([vars(row) for row in found])
        return DONE
    from o2c_tui.texts import N_

    heads = (
        (N_("Code"), "text"), (N_("Name"), "text"), (N_("Number"), "text"), (N_("Currency"), "text"),
        (N_("Books"), "money"), (N_("Bank"), "money"), (N_("Until"), "text"), (N_("Open"), "text"),
    )  # fmt: skip
    rows = [
        (row.code, row.name, row.iban, row.currency, row.books, row.closing, row.closing_on or "–", str(row.open_lines))
        for row in found
    ]
    print(_table(heads, rows))
    return DONE


def _import(options: argparse.Namespace) -> int:
    from o2c_tui.integrations.bank_files import read_bank_file
    from o2c_tui.services.banking import import_statements

    read = read_bank_file(options.file, options.map)
    store = open_books(options)
    words = {
        "account": options.account,
        "file_name": read.name,
        "sha256": read.sha256,
        "by": config.login_name(),
        "today": the_day(options, store),
        "now": store.clock(),
    }
    if options.dry_run:
        preview = store.preview_now(import_statements, read.statements, **words)
        if preview.refusal is not None:
            raise preview.refusal
        done = preview.result
    else:
        done = store.write_now(import_statements, read.statements, accepted=None, **words)
    if options.json:
        statements = [
            {**{name: value for name, value in vars(told).items() if name != "line_ids"}} for told in done.statements
        ]
        notices = [notice.said() for notice in done.notices]
        print_json(
            {
                "new": done.new,
                "known": done.known,
                "statements": statements,
                "notices": notices,
                "dry_run": options.dry_run,
            }
        )
        return DONE
    line = _("{new} lines are new, {known} were there already.")
    if options.dry_run:
        line = _("Would be: {new} lines new, {known} there already. Nothing was written.")
    print(line.format(new=done.new, known=done.known))
    for told in done.statements:
        words_of = _("{account}  {first} to {last}  {n} lines new").format(
            account=told.account, first=told.from_on or "–", last=told.to_on or "–", n=told.new
        )
        print("  " + shown(words_of))
    for notice in done.notices:
        print("  " + shown(notice.said(_)))
    return DONE


def _list(options: argparse.Namespace) -> int:
    from o2c_tui.queries.bank import bank_lines
    from o2c_tui.texts import N_

    store = open_books(options, to_look=True)
    states = () if options.state == "all" else (options.state,)
    found = store.read_now(bank_lines, account=options.account, states=states, limit=options.limit)
    if options.json:
        print_json([vars(row) for row in found])
        return DONE
    from o2c_tui.models.bank import BANK_LINE_WORDS, BankLineState

    heads = (
        (N_("Line"), "text"), (N_("Bank account"), "text"), (N_("Date"), "text"), ("", "text"), (N_("Amount"), "money"),
        (N_("Text"), "text"), (N_("Status"), "text"), (N_("With"), "text"),
    )  # fmt: skip
    rows = [
        (
            str(row.id),
            row.account,
            row.booked_on,
            row.currency,
            row.amount,
            shown(row.words)[:48],
            _(BANK_LINE_WORDS[BankLineState(row.state)]),
            shown(", ".join(row.matched) or row.note),
        )
        for row in found
    ]
    print(_table(heads, rows))
    return DONE


def _money(value: Any, currency: str, digits: int) -> str:
    """An amount; in another currency than the company's with its code."""
    return f"{currency} {show_money(value, digits_of(currency))}" if currency else show_money(value, digits)


def said(proposed: Any) -> str:
    """What a proposal is, in a few words."""
    if proposed.customer:
        what = ", ".join(dict.fromkeys(pay.invoice for pay in proposed.pays)) or proposed.payment or proposed.bounced
        return f"{proposed.customer} {what}".strip()
    return f"{proposed.account} {_(proposed.account_name)}".strip() or proposed.payment or proposed.bounced or "?"


def reasons_said(proposed: Any) -> str:
    """Why, in a few words."""
    from o2c_tui.rules.matching import REASON_WORDS

    return "; ".join(_(REASON_WORDS[reason.code]).format(value=reason.value) for reason in proposed.reasons)


def _propose(options: argparse.Namespace) -> int:
    from o2c_tui.queries.bank_proposals import proposed_lines
    from o2c_tui.texts import N_

    store = open_books(options, to_look=True)
    found = store.read_now(proposed_lines, account=options.account)
    if options.json:
        print_json(found)
        return DONE
    heads = (
        (N_("Line"), "text"), (N_("Date"), "text"), ("", "text"), (N_("Amount"), "money"), (N_("Mark"), "text"),
        (N_("What it may be"), "text"), (N_("Why"), "text"),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for told in found:
        best = told.best
        rows.append(
            (
                str(told.line.id),
                told.line.booked_on,
                told.line.currency,
                told.line.amount,
                _(MARKS[best.mark]) if best else "–",
                shown(said(best)) if best else shown(told.line.words)[:40],
                shown(reasons_said(best)) if best else "",
            )
        )
    print(_table(heads, rows))
    return DONE


def _match(options: argparse.Namespace) -> int:
    """Book proposals that a person names by line, or with --sure all that are sure."""
    from o2c_tui.errors import MissingValueError
    from o2c_tui.queries.bank_proposals import proposed_lines
    from o2c_tui.services.bank_matching import as_match, match_lines
    from o2c_tui.texts import N_

    store = open_books(options)
    found = store.read_now(proposed_lines, account=options.account)
    chosen = [
        told
        for told in found
        if told.best and (told.line.id in options.lines or (options.sure and told.best.mark == "sure"))
    ]
    missing = sorted(set(options.lines) - {told.line.id for told in chosen})
    if missing:
        raise MissingValueError(
            N_("Nothing is proposed for line {lines}; say what it is: o2c do match_line."),
            lines=", ".join(map(str, missing)),
        )
    words = {"by": config.login_name(), "today": the_day(options, store), "now": store.clock()}
    matches = [as_match(told) for told in chosen]
    if not matches:
        print(_("Nothing is sure enough. See o2c bank propose.") if not options.json else "[]")
        return DONE
    if options.dry_run:
        preview = store.preview_now(match_lines, matches, **words)
        if preview.refusal is not None:
            raise preview.refusal
        done = preview.result
    else:
        accepted = None if options.accept == "all" else frozenset(filter(None, options.accept.split(",")))
        done = store.write_now(match_lines, matches, accepted=accepted, **words)
    if options.json:
        print_json(done)
        return DONE
    by_id = {told.line.id: told for told in chosen}
    if options.dry_run:
        print(_("Would be booked; nothing was written."))
    for one in done:
        for part in one.parts:
            what = " ".join(filter(None, (part.number, part.customer, part.account)))
            print(f"{one.line_id}  {shown(what)}  {_money(part.amount, by_id[one.line_id].line.currency, 2)}")
            for kept in part.settled:
                print(f"    {kept.number}  {shown(_(kept.reason))}  {_money(kept.amount, part.currency, 2)}")
    return DONE


def _reconcile(options: argparse.Namespace) -> int:
    from o2c_tui.queries.bank import DIFFERENCE_WORDS
    from o2c_tui.queries.bank_balance import reconcile
    from o2c_tui.texts import N_

    store = open_books(options, to_look=True)
    told = store.read_now(reconcile, options.account, on=options.as_of, today=the_day(options, store))
    if options.json:
        print_json(
            {**vars(told), "difference": told.difference, "unexplained": told.unexplained, "agrees": told.agrees}
        )
        return DONE
    print(_("{account} {name} on {day}").format(account=told.account, name=shown(told.name), day=told.on))
    heads = ((N_("Date"), "text"), (N_("What"), "text"), (told.currency, "money"))
    rows: list[tuple[Any, ...]] = [
        (told.statement_on or "–", _("Balance of the bank"), told.statement),
        (told.on, _("Balance of the books"), told.books),
        ("", _("Difference"), told.difference),
    ]
    rows += [
        (
            part.on or "–",
            shown(" ".join(filter(None, (_(DIFFERENCE_WORDS[part.code]) + ":", part.number, part.words))))[:60],
            part.amount,
        )
        for part in told.parts
    ]
    if told.unexplained:
        rows.append(("", _("not explained"), told.unexplained))
    print(_table(heads, rows))
    print(_("The books say what the bank says.") if told.agrees else _("The books differ from the bank."))
    return DONE


def _rules(options: argparse.Namespace) -> int:
    from o2c_tui.queries.bank_rules import RULE_WORDS, bank_rules
    from o2c_tui.texts import N_

    store = open_books(options, to_look=True)
    found = store.read_now(bank_rules, forgotten=options.all)
    if options.json:
        print_json([vars(row) for row in found])
        return DONE
    heads = (
        (N_("Rule"), "text"), (N_("Known by"), "text"), (N_("Reads"), "text"), (N_("Leads to"), "text"),
        (N_("Times"), "text"), (N_("Since"), "text"), ("", "text"),
    )  # fmt: skip
    rows = [
        (
            str(row.id), _(RULE_WORDS[row.field]), shown(row.pattern)[:40],
            shown(f"{row.target} {row.customer_name or _(row.account_name)}")[:32], str(row.times),
            row.learned_on or "–", "" if row.active else _("forgotten"),
        )
        for row in found
    ]  # fmt: skip
    print(_table(heads, rows))
    return DONE


def _forget(options: argparse.Namespace) -> int:
    """Forget a rule by its number in the list."""
    from o2c_tui.errors import NotFoundError
    from o2c_tui.queries.bank_rules import bank_rules
    from o2c_tui.services.bank_rules import forget_rule
    from o2c_tui.texts import N_

    store = open_books(options)
    row = next((row for row in store.read_now(bank_rules) if row.id == options.rule), None)
    if row is None:
        raise NotFoundError(N_("There is no rule {n}; see o2c bank rules."), field="rule", n=options.rule)
    words = {"by": config.login_name(), "today": the_day(options, store)}
    if options.dry_run:
        preview = store.preview_now(forget_rule, row.field, row.pattern, **words)
        if preview.refusal is not None:
            raise preview.refusal
    else:
        store.write_now(forget_rule, row.field, row.pattern, accepted=None, **words)
    if options.json:
        print_json({**vars(row), "dry_run": options.dry_run})
        return DONE
    told = _("Would be forgotten: {pattern}. Nothing was written.") if options.dry_run else _("Forgotten: {pattern}")
    print(told.format(pattern=shown(row.pattern)))
    return DONE


MARKS = {"sure": "sure", "likely": "likely", "maybe": "maybe"}
