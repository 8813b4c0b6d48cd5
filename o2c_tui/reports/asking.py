"""What a report was asked, looked up in the books: codes become keys, and the facts that stand in its head."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import NotFoundError
from o2c_tui.models.item import Item
from o2c_tui.queries.documents import document_by_number
from o2c_tui.queries.lookups import items_coded, party_by_code, the_company, unknown, warehouse_by_code
from o2c_tui.queries.margin import Of
from o2c_tui.reports.kinds import ASKED_WORDS, Asked, kind_of, said
from o2c_tui.reports.table import Marked
from o2c_tui.texts import N_


@dataclass(frozen=True)
class Narrowed:
    """What was asked, by keys, with what every report needs of the company."""

    asked: Asked
    of: Of
    currency: str
    digits: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out: only days were asked for."""
        of = self.of
        return {of.order_id, of.customer_id, of.item_id, of.person, of.warehouse_id} == {None}


def narrowed(session: Session, asked: Asked) -> Narrowed:
    """Look up what was asked.

    Raises:
        UnknownCodeError: nobody has the code. NotFoundError: no order has the number.
    """
    company = the_company(session)
    order_id = None
    if asked.order:
        kind, order_id = document_by_number(session, asked.order)
        if kind != "order":
            raise NotFoundError(N_("There is no document {number}."), field="order", number=asked.order)
    of = Of(
        asked.as_of,
        asked.first,
        order_id,
        party_by_code(session, asked.customer).id if asked.customer else None,
        _item_id(session, asked.item) if asked.item else None,
        asked.person or None,
        warehouse_by_code(session, asked.warehouse).id if asked.warehouse else None,
    )
    return Narrowed(asked, of, company.currency, company.digits)


def _item_id(session: Session, code: str) -> int:
    found = items_coded(session, [code]).get(code.strip().upper())
    if found is None:
        raise unknown(session, Item, N_("item"), code, "item")
    return found.item.id


def facts_of(
    told: Narrowed, today: date, *, by: str = "", name: str = "margin", money: bool = True, first: date | None = None
) -> list[tuple[str, Any]]:
    """The facts in a report's head: its days, its currency, by what it is told, what it is narrowed to."""
    asked = told.asked
    start = first or asked.first
    facts: list[tuple[str, Any]] = [(ASKED_WORDS["first"], start)] if start else []
    facts.append((N_("As of"), asked.as_of or today))
    if money:
        facts.append((N_("Currency"), told.currency))
    if by:
        facts.append((N_("Rows by"), Marked(kind_of(name).by[by])))
    for key, value in said(asked).items():
        if key not in ("by", "as_of", "first"):
            facts.append((ASKED_WORDS[key], value))
    return facts
