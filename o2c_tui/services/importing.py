"""Imports: rows of a file taken in through the verbs, all or none, found again by their external key.

Rule: docs/rules/import.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from sqlmodel import Session, SQLModel, select

from o2c_tui.errors import FileImportError, TradeError
from o2c_tui.models.item import Item, ItemKind
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.party import CreditMode, Party
from o2c_tui.models.receipt import GoodsReceipt, ReceiptKind
from o2c_tui.rules.initials import suggest_code
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.ordering import save_order
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.setup import ItemSetup, PartySetup, save_item, save_party
from o2c_tui.texts import N_

MOST_WRONG = 50


class Row(Protocol):
    """A row as integrations give it."""

    @property
    def line(self) -> int: ...
    @property
    def values(self) -> Any: ...
    @property
    def columns(self) -> Any: ...


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    made: int
    changed: int
    same: int
    notices: tuple[str, ...] = ()


class _Fault(Exception):
    """A cell that cannot be read: field and sentence."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def _number(row: Row, field: str, default: Decimal | None = None) -> Decimal:
    text = row.values.get(field, "").replace(",", "")
    if not text and default is not None:
        return default
    try:
        value = Decimal(text)
        if not value.is_finite() or value.adjusted() > 15:
            raise InvalidOperation
        return value
    except InvalidOperation:
        raise _Fault(field, f"'{row.values.get(field, '')}' is no number") from None


def _day(row: Row, field: str) -> date | None:
    text = row.values.get(field, "").split(" ")[0].split("T")[0]
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Fault(field, f"'{text}' is no day (2026-11-24)") from None


def _flag(row: Row, field: str) -> bool | None:
    text = row.values.get(field, "").casefold()
    if not text:
        return None
    if text in ("1", "true", "yes", "y", "是"):
        return True
    if text in ("0", "false", "no", "n", "否"):
        return False
    raise _Fault(field, f"'{text}' is neither yes nor no")


def _text(row: Row, field: str) -> str | None:
    return row.values.get(field) or None


def import_rows(session: Session, kind: str, rows: Sequence[Row], *, file: str = "", by: str, today: date) -> Imported:
    """Take a file's rows in, through the same verbs as everybody; the whole file or nothing.

    A record or document is found again by its external key (or code), so the same file twice changes nothing.

    Raises:
        FileImportError: names each wrong row by file, line and column.
    """
    work = {"customers": _party, "suppliers": _party, "items": _item}
    counts = {"made": 0, "changed": 0, "same": 0}
    wrong: list[str] = []
    groups = _grouped(kind, rows)
    for group in groups:
        try:
            if kind == "stock":
                done = _receipt(session, group, by=by, today=today)
            elif kind == "orders":
                done = _order(session, group, by=by, today=today)
            else:
                done = work[kind](session, kind, group[0], by=by, today=today)
            counts[done] += 1
        except _Fault as fault:
            wrong.append(_place(file, group[0], fault.field) + str(fault))
        except TradeError as error:
            row, field = _row_of(group, error.field)
            wrong.append(_place(file, row, field) + error.said())
            session.info.pop("changes", None)
        if len(wrong) >= MOST_WRONG:
            break
    if wrong:
        raise FileImportError(N_("{n} rows cannot be taken; nothing was written."), n=len(wrong), rows=tuple(wrong))
    notices = tuple(notice.said() for notice in session.info.get("warnings", ()))
    return Imported(**counts, notices=notices)


def _place(file: str, row: Row, field: str) -> str:
    column = row.columns.get(field, field)
    return f"{file}:{row.line}: {column + ': ' if column else ''}"


def _row_of(group: Sequence[Row], field: str) -> tuple[Row, str]:
    if field.startswith("lines.") and field[6:].isdigit() and int(field[6:]) <= len(group):
        return group[int(field[6:]) - 1], "item"
    return group[0], field


def _grouped(kind: str, rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of one document together, in the order of their first row."""
    if kind not in ("orders", "stock"):
        return [[row] for row in rows]
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        fields = ("external_key",) if kind == "orders" else ("external_key", "warehouse", "date")
        groups.setdefault(tuple(row.values.get(field, "") for field in fields), []).append(row)
    return list(groups.values())


def _find(session: Session, model: type[SQLModel], key: str | None, code: str | None) -> Any:
    if key:
        found = session.exec(select(model).where(model.external_key == key)).one_or_none()  # type: ignore[attr-defined]
        if found is not None:
            return found
    return session.exec(select(model).where(model.code == (code or "").upper())).one_or_none() if code else None  # type: ignore[attr-defined]


class _Codes:
    """Codes that are taken, asked one at a time."""

    def __init__(self, session: Session, model: type[SQLModel]) -> None:
        self.session, self.model = session, model

    def __contains__(self, code: object) -> bool:
        return self.session.exec(select(self.model).where(self.model.code == code)).first() is not None  # type: ignore[attr-defined]


def _saved(session: Session, verb: Callable[..., Any], found: Any, setup: Any, by: str, today: date) -> str:
    entries = len(session.info.get("entries", ()))
    verb(session, setup, by=by, today=today)
    if found is None:
        return "made"
    told = session.info["entries"][entries]
    if not told.changes:  # the file says what the books say
        del session.info["entries"][entries]
        found.version -= 1
        return "same"
    return "changed"


def _party(session: Session, kind: str, row: Row, *, by: str, today: date) -> str:
    key, code, name = _text(row, "external_key"), _text(row, "code"), row.values.get("name", "")
    found = _find(session, Party, key, code)
    texts: dict[str, Any] = {
        name: _text(row, name)
        for name in ("tax_id", "contact", "email", "phone", "language", "term", "tax_code", "note")
    }
    setup = PartySetup(
        code=found.code if found is not None else code or suggest_code(name, _Codes(session, Party)),
        name=name,
        is_customer=kind == "customers",
        is_supplier=kind == "suppliers",
        external_key=key,
        bill_to=_text(row, "bill_to"),
        ship_to=_text(row, "ship_to"),
        country=_text(row, "country"),
        **texts,
    )
    if row.values.get("credit_limit"):
        setup = replace(setup, credit_limit=_number(row, "credit_limit"), credit_mode=CreditMode.WARN)
    if row.values.get("credit_mode"):
        try:
            setup = replace(setup, credit_mode=CreditMode(row.values["credit_mode"]))
        except ValueError:
            raise _Fault("credit_mode", f"'{row.values['credit_mode']}' is none of off, warn, hold") from None
    return _saved(session, save_party, found, setup, by, today)


def _item(session: Session, kind: str, row: Row, *, by: str, today: date) -> str:
    key, code, name = _text(row, "external_key"), _text(row, "code"), row.values.get("name", "")
    found = _find(session, Item, key, code)
    try:
        sort = ItemKind(row.values["kind"]) if row.values.get("kind") else None
    except ValueError:
        raise _Fault("kind", f"'{row.values['kind']}' is neither stocked nor service") from None
    supplier = _text(row, "supplier")
    if supplier:
        known = _find(session, Party, supplier, supplier)
        supplier = known.code if known is not None else supplier
    texts: dict[str, Any] = {name: _text(row, name) for name in ("unit", "tax_code", "barcode", "category", "note")}
    setup = ItemSetup(
        code=found.code if found is not None else code or suggest_code(name, _Codes(session, Item)),
        name=name,
        kind=sort,
        whole_units=_flag(row, "whole_units"),
        sale_price=_number(row, "sale_price") if row.values.get("sale_price") else None,
        reorder_point=_number(row, "reorder_point") if row.values.get("reorder_point") else None,
        supplier=supplier,
        external_key=key,
        **texts,
    )
    return _saved(session, save_item, found, setup, by, today)


def _item_code(session: Session, row: Row) -> str:
    """The code of the item that a row names by code or external key."""
    told: str = row.values.get("item", "")
    found = session.exec(select(Item).where(Item.external_key == told)).one_or_none() if told else None
    return found.code if found is not None else told


def _receipt(session: Session, rows: Sequence[Row], *, by: str, today: date) -> str:
    head = rows[0]
    key = _text(head, "external_key")
    if key and session.exec(select(GoodsReceipt).where(GoodsReceipt.external_key == key)).one_or_none() is not None:
        return "same"
    draft = ReceiptDraft(
        tuple(ReceiptLineDraft(_item_code(session, r), _number(r, "quantity"), _number(r, "unit_cost")) for r in rows),
        warehouse=head.values.get("warehouse", ""),
        received_on=_day(head, "date"),
        kind=ReceiptKind.OPENING,
        external_key=key,
    )
    receive_goods(session, draft, by=by, today=today)
    return "made"


def _order(session: Session, rows: Sequence[Row], *, by: str, today: date) -> str:
    head = rows[0]
    key = head.values.get("external_key", "")
    if not key:
        raise _Fault("external_key", "an order needs a key of its own")
    if session.exec(select(SalesOrder).where(SalesOrder.external_key == key)).one_or_none() is not None:
        return "same"
    customer = _find(session, Party, head.values.get("customer"), head.values.get("customer"))
    lines = tuple(
        LineDraft(
            _item_code(session, row),
            _number(row, "quantity"),
            _number(row, "unit_price") if row.values.get("unit_price") else None,
            description=row.values.get("description", ""),
            discount_percent=_number(row, "discount_percent", Decimal(0)),
        )
        for row in rows
    )
    draft = DocumentDraft(
        customer.code if customer is not None else head.values.get("customer", ""),
        lines,
        dated_on=_day(head, "date"),
        promised_on=_day(head, "promised_on"),
        customer_reference=head.values.get("reference", ""),
        note=head.values.get("note", ""),
        external_key=key,
    )
    save_order(session, draft, by=by, today=today)
    return "made"
