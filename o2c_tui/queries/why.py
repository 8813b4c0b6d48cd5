"""Why any figure is what it is: by its name and what it is of, the rows whose sum it is.

One question for the screens (F4 on a figure) and the command line (`o2c why`). Rule: docs/rules/why.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from o2c_tui.errors import BadValueError, NotFoundError
from o2c_tui.models.item import Item
from o2c_tui.queries import why_money, why_stock
from o2c_tui.queries.documents import document_by_number
from o2c_tui.queries.lookups import items_coded, party_by_code, the_company, unknown, warehouse_by_code
from o2c_tui.queries.why_parts import Subject, Why
from o2c_tui.texts import N_

STOCK, CUSTOMER, PRICED = ("stock",), ("customer",), ("quotation", "order", "invoice")
BOUGHT = ("purchase", "receipt", "bill")


@dataclass(frozen=True)
class Figure:
    """One figure that can be asked about: its words, what it is of, and the question that explains it."""

    words: str
    of: tuple[str, ...]  # kinds of Subject
    ask: Callable[[Session, Subject, date], Why]
    by_line: bool = False  # of one line of a document


FIGURES: dict[str, Figure] = {
    "available": Figure(N_("Available"), STOCK, why_stock.available_now),
    "on_hand": Figure(N_("On hand"), STOCK, why_stock.on_hand),
    "reserved": Figure(N_("Reserved"), STOCK, why_stock.reserved),
    "incoming": Figure(N_("Incoming"), STOCK, why_stock.incoming),
    "back_ordered": Figure(N_("Back-ordered"), STOCK, why_stock.waits),
    "promise": Figure(N_("Available to promise"), STOCK, why_stock.promise),
    "value": Figure(N_("Value on stock"), STOCK, why_stock.worth),
    "price": Figure(N_("Price"), PRICED, why_money.price, by_line=True),
    "total": Figure(N_("Total"), (*PRICED, *BOUGHT), why_money.total),
    "tax": Figure(N_("Tax"), PRICED, why_money.tax),
    "open": Figure(N_("Open"), ("invoice", "payment", "receivable_adjustment"), why_money.open_amount),
    "overdue": Figure(N_("Overdue"), ("customer", "invoice"), why_money.overdue),
    "owed": Figure(N_("Owed"), CUSTOMER, why_money.owed),
    "exposure": Figure(N_("Credit exposure"), CUSTOMER, why_money.exposure),
    "uninvoiced": Figure(N_("To be invoiced"), ("order",), why_money.uninvoiced),
    "cost": Figure(N_("Cost"), ("order", "delivery"), why_money.cost),
    "margin": Figure(N_("Margin"), ("order",), why_money.margin),
}


BLOCKED = "blocked"  # asked of a document: a step is tried for it, so services/following.py answers
BLOCKED_WORDS = N_("Why the next step is refused")


def words_of(figure: str) -> str:
    """What a figure is called, marked."""
    return BLOCKED_WORDS if figure == BLOCKED else FIGURES[figure].words


def figures_of(kind: str) -> list[str]:
    """The figures that can be asked of a kind of subject, those of a single line left out."""
    return [name for name, figure in FIGURES.items() if kind in figure.of and not figure.by_line]


def explain(session: Session, figure: str, subject: Subject, *, today: date) -> Why:
    """The rows a figure is the sum of.

    Raises:
        NotFoundError: there is no such record.
    """
    return FIGURES[figure].ask(session, subject, today)


def why(session: Session, figure: str, text: str, *, line: int = 0, today: date) -> Why:
    """As `explain`, of a subject as people write it: ITEM@WAREHOUSE, a customer's code, a document's number.

    Without a warehouse the company's usual one is meant.

    Raises:
        UnknownCodeError, NotFoundError: nothing is called that. BadValueError: it has no such figure.
    """
    return explain(session, figure, subject_of(session, FIGURES[figure], text, line), today=today)


def subject_of(session: Session, figure: Figure, text: str, line: int = 0) -> Subject:
    """What a text names, for a figure.

    Raises:
        UnknownCodeError, NotFoundError: nothing is called that. BadValueError: the figure is not of that.
    """
    if figure.of == STOCK:
        code, _at, place = text.partition("@")
        found = items_coded(session, [code])
        if code.strip().upper() not in found:
            raise unknown(session, Item, N_("item"), code.strip().upper(), "subject")
        warehouse = warehouse_by_code(session, place or the_company(session).default_warehouse)
        return Subject("stock", found[code.strip().upper()].item.id, warehouse.id)
    if figure.of == CUSTOMER:
        return Subject("customer", party_by_code(session, text, field="subject").id)
    if "customer" in figure.of:
        try:
            kind, key = document_by_number(session, text)
        except NotFoundError:
            return Subject("customer", party_by_code(session, text, field="subject").id)
    else:
        kind, key = document_by_number(session, text)
    if kind not in figure.of:
        raise BadValueError(
            N_("{document} has no such figure: {figure_word}."),
            field="subject",
            document=text.strip().upper(),
            figure_word=figure.words,
        )
    if figure.by_line and line < 1:
        raise BadValueError(N_("Say of which line: 1, 2 …"), field="line")
    return Subject(kind, key, line)
