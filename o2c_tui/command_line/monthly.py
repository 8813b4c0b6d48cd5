"""`o2c monthly`: one invoice for each customer over all that was delivered in a period; for a person or from cron."""

import argparse
import sys
from dataclasses import replace
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.books import open_books, the_day
from o2c_tui.command_line.exits import DONE, REFUSED
from o2c_tui.command_line.output import print_json
from o2c_tui.money import digits_of, show_money
from o2c_tui.safe_text import shown
from o2c_tui.texts import _


def bill_monthly(options: argparse.Namespace) -> int:
    """Post the collective invoices of a period, or say what they would be; who is refused is said, the others go on."""
    from o2c_tui.queries.collective import to_bill
    from o2c_tui.queries.lookups import party_by_code
    from o2c_tui.rules.rhythm import month_over
    from o2c_tui.services.collective import invoice_period
    from o2c_tui.services.each import Job, do_each, try_each

    store = open_books(options)
    today = the_day(options, store)
    until = options.until or options.month or month_over(today)

    def asked(session: Any) -> Any:
        keys = [party_by_code(session, code).id for code in options.customers] or None
        return to_bill(session, until=until, since=options.first, customers=keys)

    groups: dict[str, list[Any]] = {}
    for one in store.read_now(asked):
        groups.setdefault(one.code, []).append(one)
    words = {
        "since": options.first,
        "until": until,
        "invoiced_on": options.on,
        "by": config.login_name(),
        "today": today,
    }
    jobs = [Job(code, {"customer": code}) for code in groups]
    if options.dry_run:
        done = try_each(store, invoice_period, jobs, **words)
    else:
        accepted = None if options.accept == "all" else frozenset(filter(None, options.accept.split(",")))
        done = do_each(store, invoice_period, jobs, accepted=accepted, **words)
    if options.json:
        print_json(
            {
                "until": until,
                "dry_run": options.dry_run,
                "customers": [_plain(job, groups, options.dry_run) for job in done],
            }
        )
    else:
        _say(done, groups, dry_run=options.dry_run)
    return REFUSED if any(job.refusal is not None for job in done) else DONE


def _plain(job: Any, groups: dict[str, list[Any]], dry_run: bool) -> dict[str, Any]:
    mine = groups[job.label]
    made = [replace(one, invoice_id=0, number="") if dry_run else one for one in job.result or ()]  # not theirs yet
    return {
        "customer": job.label,
        "name": mine[0].name,
        "deliveries": [number for one in mine for number in one.numbers],
        "currencies": [one.currency for one in mine],
        "invoices": made,
        "warnings": [notice.said() for notice in job.warnings],
        "refused": job.refusal.said() if job.refusal is not None else "",
    }


def _say(done: list[Any], groups: dict[str, list[Any]], *, dry_run: bool) -> None:
    count = 0
    for job in done:
        mine = groups[job.label]
        for notice in job.warnings:
            print(shown(f"{job.label}  ! {notice.said(_)}"), file=sys.stderr)
        if job.refusal is not None:
            print(shown(f"{job.label}: {job.refusal.said(_)}"), file=sys.stderr)
            continue
        for one, made in zip(mine, job.result, strict=True):
            number = "" if dry_run else f"{made.number}  "
            told = _("{n} deliveries, {first} to {last}").format(n=len(one.deliveries), first=one.first, last=one.last)
            print(
                shown(
                    f"{number}{one.code:<10} {one.name}  {one.currency} {show_money(made.gross, digits_of(one.currency))}  {told}"
                )
            )
            count += 1
    words = _("{n} invoices would be posted.") if dry_run else _("{n} invoices posted.")
    print(words.format(n=count))
