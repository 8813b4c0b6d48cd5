"""What the books say of one thing: `show`, `trace`, `compare`, `why`."""

import argparse
import sys
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.books import open_books, the_day
from o2c_tui.command_line.exits import DONE, REFUSED
from o2c_tui.command_line.output import print_csv, print_json
from o2c_tui.texts import N_, _


def show_one(options: argparse.Namespace) -> int:
    """A document, a reminder, an item or a party, found by its number or code."""
    from o2c_tui.errors import NotFoundError
    from o2c_tui.models.party import Party
    from o2c_tui.queries.documents import document
    from o2c_tui.queries.item_rows import ItemRows, item_rows
    from o2c_tui.queries.lookups import items_coded, party_by_code
    from o2c_tui.queries.papers import named
    from o2c_tui.queries.promise import line_outlooks
    from o2c_tui.queries.reminder_papers import reminder_view
    from o2c_tui.queries.stock import StockCard, card

    store = open_books(options, to_look=True)
    if options.history:
        return _show_history(store, options)
    today = the_day(options, store)

    def find(session: Any) -> Any:
        try:
            kind, key = named(session, options.number)
            if kind == "reminder":
                return reminder_view(session, key)
            found = document(session, kind, key)
            outlooks = line_outlooks(session, found.id, today=today) if found.kind == "order" else {}
            for line in found.lines:
                if line["id"] in outlooks:
                    line["outlook"] = outlooks[line["id"]]
            return found
        except NotFoundError:
            coded = items_coded(session, [options.number])
            if coded:
                return card(session, next(iter(coded.values())).item.id)
            return party_by_code(session, options.number, word=N_("document, item or customer"), field="number")

    found = store.read_now(find)
    rows: ItemRows | None = store.read_now(item_rows, found.item_id) if isinstance(found, StockCard) else None
    standing = store.read_now(_standing, found) if isinstance(found, Party) and found.is_customer else {}
    if options.json and rows is not None:
        belongs = {name: getattr(rows, name) for name in ("units", "codes", "suppliers", "parts", "rules", "lots")}
        print_json({**vars(found), **belongs})
    elif options.json:
        print_json(found if not hasattr(found, "model_dump") else found.model_dump() | standing)
    else:
        from o2c_tui.reports.card import as_card, as_rows, as_standing

        print(as_card(found, _))
        if standing:
            print(as_standing(**standing, translate=_))
        if rows is not None and (belonging := as_rows(rows, _)):
            print("\n" + belonging)
    return DONE


def _standing(session: Any, party: Any) -> dict[str, Any]:
    """What a customer owes and will owe, and what of the customer's money is not used yet."""
    from o2c_tui.queries.exposure import exposure_of
    from o2c_tui.queries.lookups import the_company
    from o2c_tui.queries.receivables import unused_credit

    own = the_company(session).currency
    return {"own": own, "exposure": exposure_of(session, party.id), "unused_credit": unused_credit(session, party.id)}


def _show_history(store: Any, options: argparse.Namespace) -> int:
    from o2c_tui.queries.history import history
    from o2c_tui.queries.papers import named
    from o2c_tui.reports.history import as_lines
    from o2c_tui.services.registry import VERB_WORDS

    done = store.read_now(lambda session: history(session, *named(session, options.number)))
    if options.json:
        print_json(done)
    else:
        print("\n".join(as_lines(done, _, VERB_WORDS)))
    return DONE


def trace_lots(options: argparse.Namespace) -> int:
    """Where lots came from, where they lie and who got them."""
    from o2c_tui.reports.table import as_csv, as_plain, as_text
    from o2c_tui.reports.tracing import traced

    store = open_books(options, to_look=True)
    made = store.read_now(traced, options.subject, options.lot, today=the_day(options, store))
    if options.json:
        print_json(as_plain(made))
    elif options.csv:
        print_csv(as_csv(made, _))
    else:
        print(as_text(made, _) if made.rows else _("Nothing fits."))
    return DONE


def compare_revisions(options: argparse.Namespace) -> int:
    """Two revisions of a quotation beside each other."""
    from o2c_tui.queries.comparing import compare, compared
    from o2c_tui.reports.compare import as_data, as_words

    store = open_books(options, to_look=True)
    pair = store.read_now(compared, options.one, options.other)
    told = store.read_now(compare, *pair)
    if options.json:
        print_json(as_data(told))
    else:
        print(as_words(told, _))
    return DONE


def tell_why(options: argparse.Namespace) -> int:
    """The rows behind a figure; refused where they do not add up to it."""
    from o2c_tui.queries.documents import document_by_number
    from o2c_tui.queries.why import BLOCKED, why
    from o2c_tui.reports.why import as_data, as_words

    store = open_books(options, to_look=True)
    today = options.as_of or the_day(options, store)
    figure = options.figure.replace("-", "_")
    if figure == BLOCKED:
        from o2c_tui.services.following import why_blocked

        kind, key = store.read_now(document_by_number, options.subject)
        told = why_blocked(store, kind, key, by=config.login_name(), today=today)
    else:
        told = store.read_now(why, figure, options.subject, line=options.line, today=today)
    if options.json:
        print_json(as_data(told))
    else:
        print(as_words(told, _))
        if not told.adds_up:
            print(_("The rows do not add up to the figure: run o2c verify."), file=sys.stderr)
    return DONE if told.adds_up else REFUSED
