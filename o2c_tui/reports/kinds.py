"""Which reports there are, what each can be asked, and the words for it; light enough for the help of the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from o2c_tui.texts import N_


@dataclass(frozen=True)
class Asked:
    """What a report is asked: codes, days and numbers as a person says them; empty leaves it open.

    Without `as_of` things are told as they stand now.
    """

    by: str = ""
    as_of: date | None = None
    first: date | None = None
    item: str = ""
    warehouse: str = ""
    customer: str = ""
    person: str = ""
    order: str = ""
    account: str = ""
    party: str = ""  # a customer or a supplier
    age: str = ""  # 0 (not due), 1-30, 31-60, 61-90, 90+, or credit
    code: str = ""  # of a tax, perhaps with its rate: VAT20@20
    days: int | None = None
    week: date | None = None  # a day of it


ASKED_WORDS: Mapping[str, str] = {
    "as_of": N_("As of"),
    "first": N_("Since"),
    "item": N_("Item"),
    "warehouse": N_("Warehouse"),
    "customer": N_("Customer"),
    "person": N_("Person"),
    "order": N_("Order"),
    "account": N_("Account"),
    "party": N_("Party"),
    "age": N_("Age"),
    "code": N_("Tax code"),
    "days": N_("Days"),
    "week": N_("Week"),
}


@dataclass(frozen=True)
class Kind:
    """One report: its name for commands, its title, what it tells, what it can be asked, and by what it can be told."""

    name: str
    title: str
    about: str
    takes: tuple[str, ...] = ("as_of",)
    by: Mapping[str, str] = field(default_factory=dict)  # word of the command → words; the first is taken by itself


LEDGER_KINDS: tuple[Kind, ...] = (
    Kind(
        "trial-balance",
        N_("Trial balance"),
        N_("Every account: opening, debit, credit, balance"),
        ("as_of", "first"),
    ),
    Kind(
        "ledger",
        N_("General ledger"),
        N_("One account line by line, or without one the whole journal"),
        ("account", "as_of", "first"),
    ),
    Kind(
        "tax",
        N_("Tax report"),
        N_("Base and tax by period, code and rate, tied to the tax accounts"),
        ("as_of", "first", "code"),
        {
            "month": N_("Month"),
            "quarter": N_("Quarter"),
            "year": N_("Year"),
            "sales": N_("Of sales"),
            "purchases": N_("Of purchases"),
        },
    ),
    Kind(
        "reconciliation",
        N_("Reconciliations"),
        N_("Accounts beside open items, bills, cost layers, receipts, the bank"),
        ("as_of", "party", "account"),
        {
            "receivables": N_("Receivables"),
            "payables": N_("Payables"),
            "inventory": N_("Inventory"),
            "received": N_("Received, not billed"),
            "deposits": N_("Deposits"),
            "bank": N_("Bank"),
        },
    ),
    Kind(
        "numbers",
        N_("Number series"),
        N_("First, last, count, gaps and voids of each series; or each number that is void"),
        ("as_of", "first"),
        {"series": N_("Series"), "void": N_("Void numbers")},
    ),
    Kind("income", N_("Income statement"), N_("Income and expense of a span, and what is left"), ("as_of", "first")),
    Kind("balance-sheet", N_("Balance sheet"), N_("What the company owns and owes on a day")),
)
KINDS: tuple[Kind, ...] = (
    Kind(
        "margin",
        N_("Margin"),
        N_("What sales earned: invoiced less the cost of the layers consumed"),
        ("as_of", "first", "warehouse", "person", "customer", "item", "order"),
        {
            "order": N_("Order"),
            "line": N_("Line"),
            "customer": N_("Customer"),
            "item": N_("Item"),
            "person": N_("Person"),
            "period": N_("Month"),
            "document": N_("Doc."),
        },
    ),
    Kind(
        "aging",
        N_("Receivables by age"),
        N_("Who owes what, how late; the total is the receivables account"),
        ("as_of",),
        {"customer": N_("Customer"), "currency": N_("Currency"), "age": N_("Age")},
    ),
    Kind("open-items", N_("Open items"), N_("What is open: invoices, credits, payments"), ("as_of", "customer", "age")),
    Kind(
        "statement",
        N_("Statement of account"),
        N_("Customers' accounts: what happened, or what is open"),
        ("as_of", "first", "customer"),
        {"activity": N_("Activity"), "open": N_("Open items")},
    ),
    Kind("stock", N_("Stock"), N_("What lies where, and its value"), ("as_of", "item", "warehouse")),
    Kind(
        "stock-card",
        N_("Stock movements"),
        N_("One item's card with its balance, or all that moved"),
        ("as_of", "first", "item", "warehouse"),
    ),
    Kind(
        "valuation",
        N_("Stock valuation"),
        N_("What stock is worth, tied to the inventory account"),
        ("as_of", "item", "warehouse"),
        {"item": N_("Item"), "layer": N_("Layer"), "warehouse": N_("Warehouse")},
    ),
    Kind("stock-age", N_("Stock by age"), N_("What stock is worth by days in the house"), ("as_of", "warehouse")),
    Kind("turnover", N_("Turnover of stock"), N_("How often stock turned, how long it lasts"), ("as_of", "first")),
    Kind("slow-movers", N_("Slow movers"), N_("Stock of which nothing was sold for long"), ("as_of", "days")),
    Kind("reorder", N_("To be bought"), N_("Items at or below their reorder point"), ("as_of", "warehouse")),
    Kind(
        "back-orders",
        N_("Back-orders and lateness"),
        N_("Who waits for what until when, and what is late"),
        ("as_of", "customer", "item", "warehouse"),
    ),
    Kind(
        "counts-due",
        N_("To be counted"),
        N_("What is due to be counted: by class and last count, and where picks fell short"),
        ("as_of", "warehouse"),
    ),
    Kind(
        "dso",
        N_("Days sales outstanding"),
        N_("How many days' invoicing is not paid yet, month by month"),
        ("as_of", "days"),
        {"month": N_("Month"), "customer": N_("Customer")},
    ),
    Kind(
        "days-to-pay",
        N_("Days to pay"),
        N_("How long each customer takes to pay, and whether it gets longer"),
        ("as_of", "customer", "days"),
        {"customer": N_("Customer"), "document": N_("Doc.")},
    ),
    Kind(
        "forecast",
        N_("Cash forecast"),
        N_("What comes in and goes out by week, as each customer usually pays"),
        ("as_of", "customer", "week"),
        {"week": N_("Week"), "party": N_("Party"), "document": N_("Doc.")},
    ),
    Kind("owner", N_("The owner's month"), N_("A month's figures beside those before; as PDF pages with charts")),
    *LEDGER_KINDS,
)
NAMES = tuple(kind.name for kind in KINDS)
DIMENSIONS = tuple(dict.fromkeys(word for kind in KINDS for word in kind.by))


def kind_of(name: str) -> Kind:
    """The report of this name."""
    return next(kind for kind in KINDS if kind.name == name)


def said(asked: Asked) -> dict[str, Any]:
    """What was asked, without what was left open."""
    return {f.name: value for f in fields(asked) if (value := getattr(asked, f.name)) not in ("", None)}
