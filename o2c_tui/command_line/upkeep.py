"""The books proved and kept safe: `verify`, `backup`, `restore`."""

import argparse
import sys
from pathlib import Path

from o2c_tui import config
from o2c_tui.command_line.books import open_books
from o2c_tui.command_line.exits import DONE, REFUSED
from o2c_tui.command_line.output import print_json
from o2c_tui.safe_text import shown
from o2c_tui.texts import _


def prove(options: argparse.Namespace) -> int:
    """Recompute every invariant; refused where one is broken."""
    from o2c_tui.queries.verify import verify

    store = open_books(options, to_look=True)
    if options.settle:
        store.compare(settle=True)
    told = store.read_now(verify, store.anchor)
    if options.json:
        checks = [{"name": check.name, "breaches": [found.said() for found in check.breaches]} for check in told.checks]
        print_json({"holds": told.holds, "entries": told.entries, "head": told.head, "checks": checks})
    else:
        for check in told.checks:
            print(f"{_('ok') if check.holds else _('BREACH'):<7} {_(check.name)}")
            for breach in check.breaches:
                print(f"          {shown(breach.said(_))}")
        print(_("{n} audit entries, head {head}").format(n=told.entries, head=told.head[:16]))
    return DONE if told.holds else REFUSED


def keep_copy(options: argparse.Namespace) -> int:
    """A checked copy of the books, in use or not."""
    from o2c_tui.storage.backup import back_up, beside
    from o2c_tui.storage.places import as_url, is_postgres
    from o2c_tui.storage.store import utc_now

    url = as_url(config.database(options.database))
    target = options.target
    if target is None and not is_postgres(url):
        target = beside(url, utc_now())
    done = back_up(url, target or Path())
    line = _("Backed up: {path} ({size} bytes, {n} audit entries), checked.")
    print(line.format(path=done.path, size=done.bytes, n=done.entries))
    return DONE


def bring_back(options: argparse.Namespace) -> int:
    """Put a backup in the place of the books and prove it."""
    from o2c_tui.storage.backup import restore
    from o2c_tui.storage.places import as_url

    url = as_url(config.database(options.database))
    done = restore(url, options.backup)
    print(_("Restored: {path} ({n} audit entries).").format(path=done.path, n=done.entries))
    if done.kept:
        print(_("What was there is kept: {path}").format(path=done.kept))
    if done.lost_entries:
        print(_("{n} entries of the replaced books are later than this backup.").format(n=done.lost_entries))
    return _restored_holds(options)


def _restored_holds(options: argparse.Namespace) -> int:
    """Say what was written from here after the backup, and prove the books that were brought back."""
    from o2c_tui.queries.verify import verify
    from o2c_tui.storage.store import Store

    folder = config.places().state / "anchors"
    store = Store.open(
        config.database(options.database), create=False, who=config.login_name(), anchors=folder, to_look=True
    )
    if store.loss is not None:
        numbers = shown(", ".join(store.loss.numbers)) or "-"
        line = _("Later than this backup, and no longer in the books: {numbers}. Their numbers will be given again.")
        print(line.format(numbers=numbers), file=sys.stderr)
        store.compare(settle=True)
    told = store.read_now(verify)
    store.close()
    if told.holds:
        print(_("Checked: every promise holds ({n} audit entries).").format(n=told.entries))
        return DONE
    print(_("The books that were brought back do not hold; see o2c verify."), file=sys.stderr)
    return REFUSED
