"""Imports: rows of a file taken in through the verbs, all or none, found again by their external key.

Rule: docs/rules/import.md.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from o2c_tui.errors import BadValueError, FileImportError, Notice, RowFault, TradeError
from o2c_tui.models.currency import ExchangeRate
from o2c_tui.models.item import Item, ItemKind, SupplierItem
from o2c_tui.models.order import SalesOrder, SalesOrderLine
from o2c_tui.models.party import CreditMode, Party
from o2c_tui.models.purchase import PurchaseOrder, PurchaseOrderLine
from o2c_tui.models.receipt import GoodsReceipt, GoodsReceiptLine, ReceiptKind
from o2c_tui.queries.lookups import items_by_code
from o2c_tui.rules.initials import suggest_code
from o2c_tui.rules.values import check_values
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.exchanging import save_rate
from o2c_tui.services.ordering import save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.purchasing import PurchaseDraft, PurchaseLineDraft, save_purchase, save_supplier_item
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods
from o2c_tui.services.records import clean_code
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.services.support import warn
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
    notices: tuple[Notice, ...] = ()


class _Fault(Exception):
    """A cell that cannot be read: its row, its field and the sentence."""

    def __init__(self, row: Row, field: str, template: str, **values: Any) -> None:
        super().__init__(template)
        self.row, self.field, self.error = row, field, BadValueError(template, field=field, **values)


_NUMBER = re.compile(r"-?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?([eE][+-]?\d{1,3})?")


def _number(row: Row, field: str, default: Decimal | None = None) -> Decimal:
    """A figure: `1234.5`, `1,234.5`, `1.2E+3`. `1,5` is refused: it could mean two things."""
    told = row.values.get(field, "")
    text = unicodedata.normalize("NFKC", told).replace("\u2212", "-").strip()
    if not text and default is not None:
        return default
    try:
        if not text.isascii() or not _NUMBER.fullmatch(text):
            raise InvalidOperation
        value = Decimal(text.replace(",", "")) + 0
    except InvalidOperation:
        raise _Fault(row, field, N_("'{text}' is no number; write it as 1234.5"), text=_short(told)) from None
    try:
        check_values(value, field)
    except BadValueError as error:
        raise _Fault(row, field, error.template, **error.values) from None
    return value


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"


def _day(row: Row, field: str) -> date | None:
    told = row.values.get(field, "")
    text = unicodedata.normalize("NFKC", told).split(" ")[0].split("T")[0]
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Fault(row, field, N_("'{text}' is no day; write it as 2026-11-24"), text=_short(told)) from None


def _flag(row: Row, field: str) -> bool | None:
    text = row.values.get(field, "").casefold()
    if not text:
        return None
    if text in ("1", "true", "yes", "y", "是"):
        return True
    if text in ("0", "false", "no", "n", "否"):
        return False
    raise _Fault(row, field, N_("'{text}' is neither yes nor no."), text=_short(text))


def _choice(kind: type[StrEnum], row: Row, field: str) -> Any:
    text = row.values.get(field, "").casefold()
    if not text:
        return None
    if text not in tuple(kind):
        raise _Fault(row, field, N_("'{text}' is none of: {choices}."), text=_short(text), choices=", ".join(kind))
    return kind(text)


def _language(row: Row, field: str = "language") -> str | None:
    """The code of a language: `en`, `zh_CN`, also written `zh-CN`."""
    text = (row.values.get(field) or "").strip().replace("-", "_")
    if text and not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", text):
        raise _Fault(row, field, N_("'{text}' is no language; write it as en or zh_CN."), text=_short(text))
    return text or None


def _text(row: Row, field: str) -> str | None:
    return row.values.get(field) or None


def import_rows(session: Session, kind: str, rows: Sequence[Row], *, file: str = "", by: str, today: date) -> Imported:
    """Take a file's rows in, through the same verbs as everybody; the whole file or nothing.

    A record or document is found again by its external key (or code), so the same file twice changes nothing.

    Raises:
        FileImportError: names each wrong row by file, line and column.
    """
    work = {"customers": _party, "suppliers": _party, "items": _item, "supplier-prices": _supplier_price}
    counts = {"made": 0, "changed": 0, "same": 0}
    wrong: list[RowFault] = []
    keys: dict[str, int] = {}
    for group in _grouped(kind, rows):
        try:
            check_values(dict(group[0].values))
            if kind in work:
                _refuse_twin_row(group[0], keys, kind)
            if kind == "stock":
                done = _receipt(session, group, by=by, today=today)
            elif kind == "orders":
                done = _order(session, group, by=by, today=today)
            elif kind == "purchases":
                done = _purchase(session, group, by=by, today=today)
            elif kind == "rates":
                done = _rate(session, group[0], by=by, today=today)
            else:
                done = work[kind](session, kind, group[0], by=by, today=today)
            counts[done] += 1
        except _Fault as fault:
            wrong.append(_fault(file, fault.row, fault.field, fault.error))
        except TradeError as error:
            row, field = _row_of(group, error.field)
            wrong.append(_fault(file, row, field, error))
            session.info.pop("changes", None)
        if len(wrong) >= MOST_WRONG:
            break
    if wrong:
        raise FileImportError(N_("{n} rows cannot be taken; nothing was written."), n=len(wrong), rows=tuple(wrong))
    return Imported(**counts, notices=tuple(session.info.get("warnings", ())))


def _fault(file: str, row: Row, field: str, error: TradeError) -> RowFault:
    return RowFault(file, row.line, row.columns.get(field, field), error)


def _row_of(group: Sequence[Row], field: str) -> tuple[Row, str]:
    """The row and the field that a refusal of a whole document means."""
    part = field.split(".")
    if part[0] == "lines" and len(part) > 1 and part[1].isdigit() and int(part[1]) <= len(group):
        return group[int(part[1]) - 1], part[2] if len(part) > 2 else "item"
    return group[0], field


def _refuse_twin_row(row: Row, keys: dict[str, int], kind: str) -> None:
    """Refuse a record that stands in the file twice: which row is meant?"""
    for field in ("item",) if kind == "supplier-prices" else ("external_key", "code"):
        told = row.values.get(field, "")
        if kind == "supplier-prices":
            told = f"{row.values.get('supplier', '')} {told}".upper()
        mark = f"{field} {told.upper() if field == 'code' else told}"
        if told and keys.setdefault(mark, row.line) != row.line:
            raise _Fault(row, field, N_("{text} stands in line {line} already."), text=_short(told), line=keys[mark])


def _refuse_other_heads(rows: Sequence[Row], *fields: str) -> None:
    """Refuse rows of one document that contradict each other."""
    for row in rows[1:]:
        for field in fields:
            if row.values.get(field, "") not in ("", rows[0].values.get(field, "")):
                raise _Fault(
                    row,
                    field,
                    N_("'{text}' is not what line {line} says for the same document."),
                    text=_short(row.values[field]),
                    line=rows[0].line,
                )


def _grouped(kind: str, rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of one document together, in the order of their first row."""
    if kind not in ("orders", "purchases", "stock"):
        return [[row] for row in rows]
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        fields = ("external_key", "warehouse", "date") if kind == "stock" else ("external_key",)
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


def _refuse_other_code(row: Row, found: Any, code: str | None) -> None:
    """Refuse a row whose key is one record's and whose code is another's (or a new one: codes do not change)."""
    if found is not None and code and clean_code(code) != found.code:
        raise _Fault(
            row,
            "code",
            N_("The key {key} is that of {code}; its code cannot become {text}."),
            key=row.values.get("external_key", ""),
            code=found.code,
            text=_short(code),
        )


def _saved(
    session: Session, verb: Callable[..., Any], found: Any, setup: Any, by: str, today: date, **more: Any
) -> str:
    check_values(setup)
    check_values(more)
    entries = len(session.info.get("entries", ()))
    verb(session, *(setup if isinstance(setup, tuple) else (setup,)), by=by, today=today, **more)
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
    _refuse_other_code(row, found, code)
    texts: dict[str, Any] = {
        name: _text(row, name)
        for name in (
            "tax_id", "contact", "email", "phone", "currency", "term", "tax_code", "tax_exempt_note", "iban",
            "reminder_profile", "note",
        )
    }  # fmt: skip
    setup = PartySetup(
        code=found.code if found is not None else code or suggest_code(name, _Codes(session, Party)),
        name=name,
        is_customer=kind == "customers",
        is_supplier=kind == "suppliers",
        external_key=key,
        bill_to=_text(row, "bill_to"),
        ship_to=_text(row, "ship_to"),
        country=_text(row, "country"),
        language=_language(row),
        tax_exempt_until=_day(row, "tax_exempt_until"),
        no_reminders=_flag(row, "no_reminders"),
        monthly_invoice=_flag(row, "monthly_invoice"),
        **texts,
    )
    if row.values.get("credit_limit"):
        setup = replace(setup, credit_limit=_number(row, "credit_limit"), credit_mode=CreditMode.WARN)
    mode = _choice(CreditMode, row, "credit_mode")
    if mode is not None:
        setup = replace(setup, credit_mode=mode)
    return _saved(session, save_party, found, setup, by, today)


def _item(session: Session, kind: str, row: Row, *, by: str, today: date) -> str:
    key, code, name = _text(row, "external_key"), _text(row, "code"), row.values.get("name", "")
    found = _find(session, Item, key, code)
    _refuse_other_code(row, found, code)
    sort = _choice(ItemKind, row, "kind")
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
        weight=_number(row, "weight") if row.values.get("weight") else None,
        tolerance=_number(row, "tolerance") if row.values.get("tolerance") else None,
        supplier=supplier,
        external_key=key,
        **texts,
    )
    return _saved(session, save_item, found, setup, by, today)


def _party_code(session: Session, row: Row, field: str) -> str:
    """The code of the party that a row names by code or external key."""
    told: str = row.values.get(field, "")
    found = _find(session, Party, told, told)
    return found.code if found is not None else told


def _supplier_price(session: Session, kind: str, row: Row, *, by: str, today: date) -> str:
    supplier, item = _party_code(session, row, "supplier"), _item_code(session, row)
    query = (
        select(SupplierItem)
        .join(Party, col(Party.id) == col(SupplierItem.supplier_id))
        .join(Item, col(Item.id) == col(SupplierItem.item_id))
        .where(Party.code == supplier, Item.code == item.upper())
    )
    days = _number(row, "lead_time_days") if row.values.get("lead_time_days") else None
    if days is not None and days != int(days):
        raise _Fault(row, "lead_time_days", N_("'{text}' is no whole number."), text=_short(str(days)))
    return _saved(
        session,
        save_supplier_item,
        session.exec(query).one_or_none(),
        (supplier, item),
        by,
        today,
        supplier_code=_text(row, "supplier_code"),
        unit=_text(row, "unit"),
        price=_number(row, "price"),
        pack=_number(row, "pack") if row.values.get("pack") else None,
        minimum=_number(row, "minimum") if row.values.get("minimum") else None,
        lead_time_days=int(days) if days is not None else None,
        active=_flag(row, "active"),
    )


def _item_code(session: Session, row: Row) -> str:
    """The code of the item that a row names by code or external key."""
    told: str = row.values.get("item", "")
    found = session.exec(select(Item).where(Item.external_key == told)).one_or_none() if told else None
    return found.code if found is not None else told


def _stock_unit(session: Session, code: str) -> str:
    """The name of an item's stock unit; empty where there is no such item."""
    found = items_by_code(session, [code]).get(code.strip().upper())
    return found.unit if found is not None else ""


def _receipt(session: Session, rows: Sequence[Row], *, by: str, today: date) -> str:
    head = rows[0]
    key = _text(head, "external_key") or _own_key(session, rows)
    known = session.exec(select(GoodsReceipt).where(GoodsReceipt.external_key == key)).one_or_none()
    if known is not None:
        told = [(_item_code(session, row), _number(row, "quantity")) for row in rows]
        _warn_if_other(session, GoodsReceiptLine, GoodsReceiptLine.receipt_id, known, told)
        return "same"
    draft = ReceiptDraft(
        tuple(ReceiptLineDraft(_item_code(session, r), _number(r, "quantity"), _number(r, "unit_cost")) for r in rows),
        warehouse=head.values.get("warehouse", ""),
        received_on=_day(head, "date"),
        kind=ReceiptKind.OPENING,
        external_key=key,
    )
    check_values(draft)
    receive_goods(session, draft, by=by, today=today)
    return "made"


def _own_key(session: Session, rows: Sequence[Row]) -> str:
    """A key for opening stock that the file gives none: by warehouse and day, with a mark of what it says.

    So the same file twice changes nothing, and another file for the same warehouse and day is refused instead of
    being added to the first.
    """
    place, day = rows[0].values.get("warehouse", "").upper(), rows[0].values.get("date", "")
    said = sorted("\t".join(row.values.get(f, "") for f in ("item", "quantity", "unit_cost")) for row in rows)
    stem = f"opening {place or '-'} {day or '-'} "
    key = stem + hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]
    others = select(GoodsReceipt).where(col(GoodsReceipt.external_key).startswith(stem, autoescape=True))
    other = session.exec(others.where(GoodsReceipt.external_key != key)).first()
    if other is not None:
        raise _Fault(
            rows[0],
            "external_key",
            N_(
                "Opening stock of this warehouse and day was taken in from other rows ({number}). Give what is to be "
                "added a column external_key."
            ),
            number=other.number,
        )
    return key


def _warn_if_other(session: Session, model: Any, parent: Any, known: Any, told: list[tuple[str, Decimal]]) -> None:
    """Say that a document taken in before has other lines than the file has now: it stays as it is."""
    lines = session.execute(
        sa.select(col(Item.code), col(model.quantity))
        .join(Item, col(Item.id) == col(model.item_id))
        .where(col(parent) == known.id)
    )
    if sorted((code.upper(), quantity) for code, quantity in told) != sorted((code, n) for code, n in lines):
        warn(
            session,
            f"other_lines {known.id}",
            N_("{document} was taken in before with other lines; it stays as it is."),
            document=known.number or known.external_key,
        )


def _order(session: Session, rows: Sequence[Row], *, by: str, today: date) -> str:
    head = rows[0]
    key = head.values.get("external_key", "")
    if not key:
        raise _Fault(head, "external_key", N_("An order needs a key of its own."))
    known = session.exec(select(SalesOrder).where(SalesOrder.external_key == key)).one_or_none()
    if known is not None:
        told = [(_item_code(session, row), _number(row, "quantity")) for row in rows]
        _warn_if_other(session, SalesOrderLine, SalesOrderLine.order_id, known, told)
        return "same"
    _refuse_other_heads(rows, "customer", "date", "reference", "promised_on", "note")
    customer = _find(session, Party, head.values.get("customer"), head.values.get("customer"))
    lines = tuple(
        LineDraft(
            _item_code(session, row),
            _number(row, "quantity"),
            _number(row, "unit_price") if row.values.get("unit_price") else None,
            description=row.values.get("description", ""),
            discount_percent=_number(row, "discount_percent", Decimal(0)),
            unit=_stock_unit(session, _item_code(session, row)),  # what files say is in stock units
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
    check_values(draft)
    save_order(session, draft, by=by, today=today)
    return "made"


def _rate(session: Session, row: Row, *, by: str, today: date) -> str:
    day, code = _day(row, "date"), row.values.get("currency", "").strip().upper()
    if day is None:
        raise _Fault(row, "date", N_("A rate needs its day."))
    found = session.exec(
        select(ExchangeRate).where(ExchangeRate.currency == code, ExchangeRate.valid_on == day)
    ).one_or_none()
    source = _text(row, "source") or (found.source if found is not None else "CSV")
    figure = (code, _number(row, "rate"))
    return _saved(session, save_rate, found, figure, by, today, on=day, source=source)


def _purchase(session: Session, rows: Sequence[Row], *, by: str, today: date) -> str:
    head = rows[0]
    key = head.values.get("external_key", "")
    if not key:
        raise _Fault(head, "external_key", N_("An order needs a key of its own."))
    known = session.exec(select(PurchaseOrder).where(PurchaseOrder.external_key == key)).one_or_none()
    if known is not None:
        told = [(_item_code(session, row), _number(row, "quantity")) for row in rows]
        _warn_if_other(session, PurchaseOrderLine, PurchaseOrderLine.order_id, known, told)
        return "same"
    _refuse_other_heads(rows, "supplier", "date", "reference", "warehouse", "currency", "rate", "note")
    lines = tuple(
        PurchaseLineDraft(
            _item_code(session, row),
            _number(row, "quantity"),
            unit=row.values.get("unit", ""),
            unit_price=_number(row, "unit_price") if row.values.get("unit_price") else None,
            description=row.values.get("description", ""),
            expected_on=_day(row, "expected_on"),
            exact=True,  # it was ordered so
        )
        for row in rows
    )
    draft = PurchaseDraft(
        _party_code(session, head, "supplier"),
        lines,
        dated_on=_day(head, "date"),
        warehouse=head.values.get("warehouse", ""),
        supplier_reference=head.values.get("reference", ""),
        currency=head.values.get("currency", ""),
        rate=_number(head, "rate") if head.values.get("rate") else None,
        note=head.values.get("note", ""),
        external_key=key,
    )
    check_values(draft)
    save_purchase(session, draft, by=by, today=today)
    return "made"
