"""The table of commands: what each takes, and where its work is done."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from o2c_tui.command_line.arguments import (
    FIGURE_KINDS,
    IMPORT_KINDS,
    LIST_KINDS,
    REPORT_KINDS,
    a_day,
    a_month,
    as_data,
    key_of_row,
    kind_named,
    number_of_copies,
    number_of_documents,
    number_of_rows,
)
from o2c_tui.reports import kinds
from o2c_tui.texts import N_, _


class Command(NamedTuple):
    """A command: `work` is a module of this folder and a function in it, loaded when the command is given."""

    name: str
    work: str
    about: str
    takes: Callable[[argparse.ArgumentParser], None]
    own_help: bool = False


def _init(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", help=_("the company's name"))
    command.add_argument("--currency", default="EUR", metavar="EUR", help=_("three letters, as in EUR or CNY"))
    command.add_argument("--country", default="", help=_("as printed in the address"))
    command.add_argument(
        "--tax",
        metavar="CODE=PERCENT",
        action="append",
        default=[],
        help=_("a tax, as VAT20=20; the first is the default"),
    )
    command.add_argument("--prices-include-tax", action="store_true", help=_("prices are entered with their tax"))
    command.add_argument(
        "--warehouse",
        metavar="CODE=NAME",
        action="append",
        default=[],
        help=_("a warehouse; the first is the default"),
    )
    command.add_argument(
        "--time-zone", default="UTC", metavar="ZONE", help=_("as in Europe/Berlin: decides what day it is")
    )


def _demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seed", type=int, default=1, metavar="N", help=_("the same number, the same company"))
    command.add_argument(
        "--documents", type=number_of_documents, default=400, metavar="N", help=_("about how many documents")
    )
    command.add_argument("--no-run", action="store_true", help=_("do not start the screens afterwards"))


def _import(command: argparse.ArgumentParser) -> None:
    command.add_argument("kind", choices=IMPORT_KINDS, help=", ".join(IMPORT_KINDS), metavar="KIND")
    command.add_argument(
        "file", type=Path, metavar="FILE", help=_("CSV in UTF-8, GB 18030 or Windows-1252; of ecb the bank's XML")
    )
    command.add_argument("--map", type=Path, metavar="FILE.toml", help=_("which column is what"))
    command.add_argument(
        "--currencies", default="", metavar="USD,CNY", help=_("of ecb: these; else those that are in use here")
    )
    command.add_argument("--since", type=a_day, metavar="DAY", help=_("of ecb: from that day on"))
    command.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))
    command.add_argument("--json", action="store_true", help=_("for scripts"))


def _list(command: argparse.ArgumentParser) -> None:
    command.add_argument("kind", type=kind_named, choices=LIST_KINDS, help=", ".join(LIST_KINDS), metavar="KIND")
    command.add_argument(
        "--filter", default="", metavar="WORDS", help=_("as in the lists: status:open cust:acme amt>1000")
    )
    command.add_argument("--limit", type=number_of_rows, default=50, metavar="N", help=_("rows at most"))
    as_data(command)


def _show(command: argparse.ArgumentParser) -> None:
    command.add_argument("number", help=_("a document's number, or the code of an item or customer"))
    command.add_argument("--history", action="store_true", help=_("of a document: who did what and when, old and new"))
    command.add_argument("--json", action="store_true", help=_("for scripts"))


def _trace(command: argparse.ArgumentParser) -> None:
    command.add_argument("subject", metavar="NUMBER|ITEM", help=_("a document's number, or the code of an item"))
    command.add_argument(
        "lot", nargs="?", default="", metavar="LOT", help=_("a lot or serial number of the item; else all")
    )
    as_data(command)


def _why(command: argparse.ArgumentParser) -> None:
    command.add_argument("figure", choices=FIGURE_KINDS, help=", ".join(FIGURE_KINDS), metavar="FIGURE")
    command.add_argument(
        "subject", metavar="SUBJECT", help=_("ITEM@WAREHOUSE, a customer's code, or a document's number, by figure")
    )
    command.add_argument(
        "line", nargs="?", type=number_of_rows, default=0, metavar="LINE", help=_("of price: which line, 1, 2 …")
    )
    command.add_argument(
        "--as-of", type=a_day, metavar="DAY", help=_("of promise, owed and overdue: on that day; else today")
    )
    command.add_argument("--json", action="store_true", help=_("for scripts"))


def _compare(command: argparse.ArgumentParser) -> None:
    command.add_argument("one", metavar="NUMBER", help=_("as Q26-0001/1; alone: the newest against the one before"))
    command.add_argument("other", nargs="?", metavar="NUMBER", default="", help=_("as Q26-0001/2"))
    command.add_argument("--json", action="store_true", help=_("for scripts"))


def _report(command: argparse.ArgumentParser) -> None:
    command.add_argument("kind", choices=REPORT_KINDS, help=", ".join(REPORT_KINDS), metavar="KIND")
    day = command.add_mutually_exclusive_group()
    day.add_argument("--as-of", "--to", type=a_day, metavar="DAY", help=_("as it was on that day; else today"))
    day.add_argument("--month", type=a_month, metavar="YYYY-MM", help=_("as it was at the end of that month"))
    command.add_argument("--from", dest="first", type=a_day, metavar="DAY", help=_("documents from that day on"))
    command.add_argument("--by", choices=kinds.DIMENSIONS, default="", help=_("one row for each of these"))
    for word, meaning in (
        ("item", N_("of one item")),
        ("warehouse", N_("of one warehouse")),
        ("customer", N_("of one customer")),
        ("person", N_("orders made by this login")),
        ("order", N_("of one sales order")),
        ("account", N_("of one account")),
        ("age", N_("of open-items, of one age: 0 (not due), 1-30, 31-60, 61-90, 90+, credit")),
        ("party", N_("of one customer or supplier")),
        ("code", N_("of one tax code, perhaps with its rate: VAT20@20")),
    ):
        command.add_argument(f"--{word}", default="", metavar="CODE", help=_(meaning))
    command.add_argument(
        "--days", type=number_of_rows, metavar="N", help=_("of slow-movers, dso, days-to-pay: so many days back")
    )
    command.add_argument("--week", type=a_day, metavar="DAY", help=_("of forecast: what comes in the week of that day"))
    which = as_data(command)
    which.add_argument("--pdf", action="store_true", help=_("as PDF"))
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help=_("else on the screen; a PDF into the export folder")
    )
    command.epilog = "\n".join(f"{kind.name:<12} {_(kind.about)}" for kind in kinds.KINDS)
    command.formatter_class = argparse.RawDescriptionHelpFormatter


def _do(command: argparse.ArgumentParser) -> None:
    command.add_argument("-h", "--help", action="store_true", dest="helps", help=_("the steps, or what one step takes"))
    command.add_argument("verb", nargs="?", metavar="STEP", help=_("without one: the list of steps"))
    command.add_argument(
        "words", nargs="?", metavar="JSON", default="{}", help=_("JSON, @FILE, or - for standard input")
    )
    command.add_argument("--dry-run", action="store_true", help=_("the real step, rolled back"))
    command.add_argument("--key", metavar="KEY", help=_("said twice with one key, done once"))
    command.add_argument("--accept", default="", metavar="CODES", help=_("warnings that were seen; 'all' takes any"))
    command.set_defaults(json=True)


def _pdf(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "numbers", metavar="NUMBER", nargs="+", help=_("a document's number; without one: stocktake:3")
    )
    which = command.add_mutually_exclusive_group()
    which.add_argument("--pick", action="store_true", help=_("one pick list of these deliveries or orders, by bin"))
    which.add_argument("--prices", action="store_true", help=_("delivery notes with prices, goods receipts with costs"))
    which.add_argument("--barcodes", action="store_true", help=_("count sheets with a barcode a line"))
    which.add_argument("--expected", action="store_true", help=_("count sheets with what the books say"))
    which.add_argument("--proforma", action="store_true", help=_("orders and quotations as pro-forma invoices"))
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help=_("else into the export folder"))


def _account(command: argparse.ArgumentParser) -> None:
    command.add_argument("--from", dest="first", type=a_day, metavar="DAY", help=_("from that day on; else two months"))
    command.add_argument("--to", dest="last", type=a_day, metavar="DAY", help=_("up to that day; else today"))
    command.add_argument("--open", action="store_true", help=_("only what is open"))


def _statement(command: argparse.ArgumentParser) -> None:
    command.add_argument("customer", metavar="CODE", help=_("of one customer"))
    _account(command)
    _letters_sent(command)
    as_data(command).add_argument("--pdf", action="store_true", help=_("the letter, as PDF"))
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help=_("the letter, into this file"))


def _letters_sent(command: argparse.ArgumentParser) -> None:
    command.add_argument("--send", action="store_true", help=_("by mail, else into one PDF to be printed; for cron"))
    command.add_argument("--again", action="store_true", help=_("also what went already of the same days"))


def _statements(command: argparse.ArgumentParser) -> None:
    _account(command)
    _letters_sent(command)
    command.add_argument("--json", action="store_true", help=_("for scripts"))
    command.add_argument("--together", action="store_true", help=_("all letters in one file"))
    command.add_argument("-o", "--output", type=Path, metavar="PLACE", help=_("a folder; with --together a file"))


def _invoices(command: argparse.ArgumentParser) -> None:
    command.add_argument("--plans", action="store_true", help=_("all plans: whom they bill, how often, when next"))
    command.add_argument("--due", action="store_true", help=_("write them; else only say which are due"))
    command.add_argument("--post", action="store_true", help=_("post them, too; else they are drafts"))
    command.add_argument("--json", action="store_true", help=_("for scripts"))


def _monthly(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "customers", metavar="CODE", nargs="*", help=_("these customers; else all who are billed monthly")
    )
    until = command.add_mutually_exclusive_group()
    until.add_argument("--month", type=a_month, metavar="YYYY-MM", help=_("what left until the end of that month"))
    until.add_argument("--until", type=a_day, metavar="DAY", help=_("what left until that day; else last month's end"))
    command.add_argument("--from", dest="first", type=a_day, metavar="DAY", help=_("only what left from that day on"))
    command.add_argument("--on", type=a_day, metavar="DAY", help=_("the date of the invoices; else today"))
    command.add_argument("--dry-run", action="store_true", help=_("the real step, rolled back"))
    command.add_argument("--accept", default="", metavar="CODES", help=_("warnings that were seen; 'all' takes any"))
    command.add_argument("--json", action="store_true", help=_("for scripts"))


def _labels(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "what",
        choices=("items", "bins", "receipt", "packages"),
        metavar="items|bins|receipt|packages",
        help=_("of what"),
    )
    command.add_argument(
        "names",
        nargs="+",
        metavar="CODE",
        help=_(
            "items' codes; a warehouse, then perhaps bins; a goods receipt's number; deliveries' or orders' numbers"
        ),
    )
    command.add_argument("--copies", type=number_of_copies, default=1, metavar="N", help=_("of items: so many of each"))
    command.add_argument(
        "--per", choices=("line", "unit", "package"), default="line", help=_("of a goods receipt: one label for each")
    )
    command.add_argument(
        "--sheet", default="", metavar="3x8", help=_("so many across and down an A4 sheet; 62x29mm: single ones")
    )
    command.add_argument(
        "--start", type=number_of_copies, default=1, metavar="N", help=_("place of the first on a begun sheet")
    )
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help=_("else into the export folder"))


def _mail(command: argparse.ArgumentParser) -> None:
    command.add_argument("numbers", metavar="NUMBER", nargs="*", help=_("documents: each gets a mail in the outbox"))
    command.add_argument("--send", action="store_true", help=_("send what waits; for cron or a timer"))
    command.add_argument("--to", metavar="ADDRESS", help=_("else the customer's; several parted by commas"))
    command.add_argument("--subject", metavar="TEXT", help=_("else as the letter of its kind says"))
    command.add_argument("--text", type=Path, metavar="FILE", help=_("the text of the mail, else the letter's"))
    command.add_argument("--paper", default="", metavar="NAME", help=_("of a delivery: note or priced"))
    command.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[],
        help=_("settings: host, port, security (none, starttls, tls), login, sender, reply_to, copy_to, folder"),
    )  # fmt: skip
    command.add_argument("--bounced", type=int, metavar="ID", help=_("note that a sent mail came back"))
    command.add_argument("--note", default="", metavar="TEXT", help=_("what came back"))
    command.add_argument("--json", action="store_true", help=_("for scripts"))


def _remind(command: argparse.ArgumentParser) -> None:
    command.add_argument("customers", metavar="CODE", nargs="*", help=_("only these customers"))
    which = command.add_mutually_exclusive_group()
    which.add_argument(
        "--preview", action="store_true", help=_("only show who would get a letter (so without options)")
    )
    which.add_argument("--send", action="store_true", help=_("write and send the letters; for cron or a timer"))
    command.add_argument("--again", action="store_true", help=_("repeat the last step by hand, whatever the gap"))
    command.add_argument("--json", action="store_true", help=_("for scripts"))


def _verify(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--settle",
        action="store_true",
        help=_("take the books as they are, though entries written from here are missing"),
    )
    command.add_argument("--json", action="store_true", help=_("for scripts"))


def _export(command: argparse.ArgumentParser) -> None:
    command.add_argument("what", choices=("ledger",), metavar="ledger", help=_("all journal entries"))
    command.add_argument(
        "--format", dest="form", choices=("hledger", "beancount"), required=True, help=_("for which program")
    )
    command.add_argument(
        "--from", dest="first", type=a_day, metavar="DAY", help=_("with opening balances of the day before")
    )
    command.add_argument("--to", dest="last", type=a_day, metavar="DAY", help=_("up to that day"))
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help=_("else on the screen"))


def _backup(command: argparse.ArgumentParser) -> None:
    command.add_argument("target", nargs="?", type=Path, metavar="FILE", help=_("else beside the books"))


def _restore(command: argparse.ArgumentParser) -> None:
    command.add_argument("backup", type=Path, metavar="FILE")


def _bank(command: argparse.ArgumentParser) -> None:
    works = command.add_subparsers(title=_("commands"), metavar="WORK", dest="work", required=True)

    def work(name: str, about: str, *, account: bool = True) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = works.add_parser(name, help=about, description=about)
        made.add_argument("--database", metavar="URL", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        made.add_argument("--lang", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        made.add_argument("--today", type=a_day, metavar="DAY", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        if account:
            made.add_argument("--account", default="", metavar="CODE", help=_("of one bank account"))
        made.add_argument("--json", action="store_true", help=_("for scripts"))
        return made

    work("accounts", _("the bank accounts, by the books and by the bank"), account=False)
    taking = work("import", _("take statements in: CAMT.053, MT940, OFX or CSV; each line once"))
    taking.add_argument("file", type=Path, metavar="FILE")
    taking.add_argument("--map", type=Path, metavar="FILE.toml", help=_("of a CSV file: which column is what"))
    taking.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))
    listing = work("list", _("lines of statements, the open ones first"))
    listing.add_argument("--state", choices=("open", "matched", "ignored", "all"), default="all", metavar="STATE")
    listing.add_argument("--limit", type=number_of_rows, default=50, metavar="N", help=_("rows at most"))
    work("propose", _("what each open line most likely is, and why"))
    matching = work("match", _("book what is proposed for some lines, or all that are sure"))
    matching.add_argument("lines", type=key_of_row, nargs="*", metavar="LINE", help=_("as o2c bank propose says"))
    matching.add_argument("--sure", action="store_true", help=_("all that are sure"))
    matching.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))
    matching.add_argument("--accept", default="", metavar="CODES", help=_("warnings that were seen; 'all' takes any"))
    balance = work("reconcile", _("the balance of the books against the bank's, with the difference explained"))
    balance.add_argument("--as-of", type=a_day, metavar="DAY", help=_("as it was on that day; else today"))
    learned = work("rules", _("what decisions taught: which payer or which words lead where"), account=False)
    learned.add_argument("--all", action="store_true", help=_("also what was forgotten"))
    forgetting = work("forget", _("forget what decisions taught of a payer"), account=False)
    forgetting.add_argument("rule", type=key_of_row, metavar="RULE", help=_("as o2c bank rules says"))
    forgetting.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))


COMMANDS = (
    Command("init", "opening:open_company", N_("open new books for a company"), _init),
    Command("demo", "opening:open_demo", N_("make the demo company, with made-up data"), _demo),
    Command("import", "opening:import_file", N_("take in a CSV file: all rows or none"), _import),
    Command("list", "lists:show_list", N_("a list, newest first"), _list),
    Command("show", "looking:show_one", N_("one document, item or customer"), _show),
    Command(
        "trace", "looking:trace_lots", N_("lots both ways: what brought them, where they lie, who got them"), _trace
    ),
    Command("why", "looking:tell_why", N_("why a figure is what it is: the rows behind it"), _why),
    Command("compare", "looking:compare_revisions", N_("two revisions of a quotation, line by line"), _compare),
    Command(
        "statement", "papers:write_statement", N_("a customer's account: what happened, or what is open"), _statement
    ),
    Command("statements", "papers:write_statements", N_("a statement for everybody who owes something"), _statements),
    Command("report", "reporting:write_report", N_("a report as of any day"), _report),
    Command("do", "steps:do_step", N_("one step of the trade, with JSON in and out"), _do, own_help=True),
    Command("invoices", "invoices:write_invoices", N_("the recurring invoices that are due"), _invoices),
    Command("monthly", "monthly:bill_monthly", N_("one invoice for each customer over a month's deliveries"), _monthly),
    Command("pdf", "papers:write_papers", N_("a document as PDF"), _pdf),
    Command("mail", "mailing:use_outbox", N_("mails with documents: written, sent, looked at"), _mail),
    Command("remind", "reminding:remind", N_("reminders of what is overdue: previewed or sent"), _remind),
    Command("labels", "papers:print_labels", N_("labels with barcodes, of items, bins or what came in"), _labels),
    Command("bank", "bank:do_bank", N_("bank statements: take them in, match their lines, compare balances"), _bank),
    Command("export", "exporting:export_books", N_("the books for another program"), _export),
    Command("verify", "upkeep:prove", N_("prove every promise of the books from raw rows"), _verify),
    Command("backup", "upkeep:keep_copy", N_("copy the books, in use or not"), _backup),
    Command("restore", "upkeep:bring_back", N_("bring a backup back; what was there is kept"), _restore),
)
