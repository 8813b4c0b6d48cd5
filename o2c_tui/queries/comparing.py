"""Two revisions of a quotation beside each other: what was added, removed and changed, line by line.

Rule: docs/rules/quotations.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError, NotFoundError
from o2c_tui.models.item import Item, Warehouse
from o2c_tui.models.party import Party
from o2c_tui.models.quotation import Quotation, QuotationLine
from o2c_tui.queries.documents import document_by_number
from o2c_tui.storage.rows import rows_of
from o2c_tui.texts import N_

HEAD = {  # field → what people call it, in the order told
    "customer": N_("Customer"),
    "quoted_on": N_("Date"),
    "valid_until": N_("Valid to"),
    "customer_reference": N_("Reference"),
    "term": N_("Terms"),
    "warehouse": N_("From"),
    "discount_percent": N_("Discount, %"),
    "discount_amount": N_("Discount"),
    "currency": N_("Currency"),
    "bill_to": N_("Bill to"),
    "ship_to": N_("Ship to"),
    "note": N_("Note"),
}
LINE = {
    "item": N_("Item"),
    "description": N_("Description"),
    "quantity": N_("Quantity"),
    "unit": N_("Unit"),
    "unit_price": N_("Price"),
    "discount_percent": N_("Discount, %"),
    "discount_amount": N_("Discount"),
    "tax_code": N_("Tax code"),
    "tax_rate": N_("Tax rate"),
    "net": N_("Net"),
    "note": N_("Note"),
}
TOTALS = {"net": N_("Net"), "tax": N_("Tax"), "gross": N_("Total")}


@dataclass(frozen=True)
class Change:
    """One field that differs; the old and the new value as they are stored."""

    field: str
    words: str  # marked
    old: Any
    new: Any


@dataclass(frozen=True)
class LineChange:
    """One line of either revision: added, removed, changed or same; the values of both by field."""

    kind: str
    position: int  # in the newer revision; of a removed line in the older
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    changes: tuple[Change, ...] = ()

    @property
    def line(self) -> Mapping[str, Any]:
        """The line as it is now, or as it was where it is gone."""
        line = self.new if self.new is not None else self.old
        assert line is not None
        return line


@dataclass(frozen=True)
class Comparison:
    """Two revisions of one quotation, the older one first."""

    old: str
    new: str
    digits: int
    currency: str
    head: tuple[Change, ...]
    lines: tuple[LineChange, ...]
    totals: tuple[Change, ...]  # net, tax and gross, changed or not

    @property
    def differ(self) -> bool:
        """Whether anything is different at all."""
        return bool(self.head) or any(line.kind != "same" for line in self.lines)


@dataclass(frozen=True)
class Revision:
    """One revision of a quotation, as it can be chosen."""

    id: int
    label: str  # always with its revision: Q26-0001/1
    state: str


def revisions(session: Session, quotation_id: int) -> list[Revision]:
    """All revisions of the quotation that one of them belongs to, oldest first.

    Raises:
        NotFoundError: there is no such quotation.
    """
    one = _quotation(session, quotation_id)
    if one.number is None:
        return [Revision(one.id, _label(one), str(one.state))]
    query = select(Quotation).where(Quotation.number == one.number).order_by(col(Quotation.revision))
    return [Revision(q.id, _label(q), str(q.state)) for q in session.exec(query)]


def compared(session: Session, one: str, other: str = "") -> tuple[int, int]:
    """The two revisions that numbers name; of one number alone, that revision and the one before it.

    Raises:
        NotFoundError: no document has the number. BadValueError: it is no quotation, or has one revision only.
    """
    first = _named(session, one)
    if other:
        return first, _named(session, other)
    found = revisions(session, first)
    at = next(n for n, revision in enumerate(found) if revision.id == first)
    if at == 0:
        raise BadValueError(N_("{quotation} has no revision before it."), field="one", quotation=found[0].label)
    return found[at - 1].id, first


def _named(session: Session, number: str) -> int:
    kind, key = document_by_number(session, number)
    if kind != "quotation":
        raise BadValueError(N_("{document} is no quotation."), field="one", document=number.strip().upper())
    return key


def compare(session: Session, one_id: int, other_id: int) -> Comparison:
    """What two revisions of one quotation have in common and what not; the older one is `old`, however they are given.

    Raises:
        NotFoundError: one of them is not there. BadValueError: they are not two revisions of one quotation.
    """
    old, new = sorted((_quotation(session, one_id), _quotation(session, other_id)), key=lambda q: q.revision)
    if old.id == new.id or old.number != new.number:
        raise BadValueError(
            N_("{one} and {other} are not two revisions of one quotation."), one=_label(old), other=_label(new)
        )
    before, after = _head(session, old), _head(session, new)
    return Comparison(
        _label(old),
        _label(new),
        new.digits,
        new.currency,
        tuple(_changes(HEAD, before, after)),
        tuple(_lines(_read(session, old.id), _read(session, new.id))),
        tuple(Change(name, words, getattr(old, name), getattr(new, name)) for name, words in TOTALS.items()),
    )


def _quotation(session: Session, key: int) -> Quotation:
    found = session.get(Quotation, key)
    if found is None:
        raise NotFoundError(N_("There is no {kind_word} with the key {key}."), kind_word=N_("quotation"), key=key)
    return found


def _label(quotation: Quotation) -> str:
    return f"{quotation.number or '–'}/{quotation.revision}"


def _head(session: Session, quotation: Quotation) -> dict[str, Any]:
    party, place = session.get(Party, quotation.customer_id), session.get(Warehouse, quotation.warehouse_id)
    named = {"customer": party.code if party else "", "warehouse": place.code if place else ""}
    return {name: named[name] if name in named else getattr(quotation, name) for name in HEAD}


def _read(session: Session, key: int) -> list[dict[str, Any]]:
    lines = rows_of(session, QuotationLine, "quotation_id", key)
    ids = sorted({line["item_id"] for line in lines if line["item_id"] is not None})
    codes = dict(session.execute(sa.select(col(Item.id), col(Item.code)).where(col(Item.id).in_(ids))).all())
    return [{**line, "item": codes.get(line["item_id"], "")} for line in lines]


def _changes(words: Mapping[str, str], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name, word in words.items():
        if old[name] != new[name]:
            yield Change(name, word, old[name], new[name])


def _lines(old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> Iterator[LineChange]:
    """The lines in the order of the newer revision, what was removed where it stood."""
    partners = _partners(old, new)
    taken = set(partners.values())
    gone = [n for n in range(len(old)) if n not in taken]
    for at, line in enumerate(new):
        before = partners.get(at)
        while gone and (gone[0] < before if before is not None else gone[0] <= at):
            yield _removed(old[gone.pop(0)])
        if before is None:
            yield LineChange("added", line["position"], None, _told(line))
        else:
            changes = tuple(_changes(LINE, old[before], line))
            kind = "changed" if changes else "same"
            yield LineChange(kind, line["position"], _told(old[before]), _told(line), changes)
    for n in gone:
        yield _removed(old[n])


def _removed(line: dict[str, Any]) -> LineChange:
    return LineChange("removed", line["position"], _told(line), None)


def _told(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in LINE}


def _partners(old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> dict[int, int]:
    """New line → the old line it was: the same item in the same order first, then the same item elsewhere, then lines of
    text in the same gap."""

    def key(line: dict[str, Any]) -> tuple[Any, str]:
        return line["item_id"], line["description"] if line["item_id"] is None else ""

    before, after = [key(line) for line in old], [key(line) for line in new]
    partners: dict[int, int] = {}
    gaps: list[tuple[range, range]] = []
    for tag, a, a_end, b, b_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            partners.update(zip(range(b, b_end), range(a, a_end), strict=True))
        elif tag == "replace":
            gaps.append((range(a, a_end), range(b, b_end)))
    free = [n for n in range(len(old)) if n not in set(partners.values())]
    for at in range(len(new)):
        if at not in partners and (found := next((n for n in free if before[n] == after[at]), None)) is not None:
            partners[at] = found
            free.remove(found)
    for olds, news in gaps:
        texts = [n for n in olds if n in free and old[n]["item_id"] is None]
        for at in (n for n in news if n not in partners and new[n]["item_id"] is None):
            if texts:
                partners[at] = texts.pop(0)
    return partners
