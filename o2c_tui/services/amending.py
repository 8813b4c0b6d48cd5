"""Amending: a confirmed order is put anew in place, as its next revision.

Rule: docs/rules/orders.md, "Amending".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.errors import (
    BadValueError,
    MissingValueError,
    NotFoundError,
    OverQuantityError,
    WrongStateError,
)
from o2c_tui.models.company import Shortage
from o2c_tui.models.delivery import Delivery, DeliveryLine, DeliveryState
from o2c_tui.models.invoice import Invoice, InvoiceLine, InvoiceState
from o2c_tui.models.order import OrderState, SalesOrder, SalesOrderLine
from o2c_tui.models.party import CreditMode, Party
from o2c_tui.models.quotation import Quotation
from o2c_tui.money import MOST_AMOUNT, Rounding, is_figure, round_to
from o2c_tui.queries.exchange import in_company
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.lookups import UnitFacts, items_by_id, term_parts, the_company, units_of
from o2c_tui.queries.needs import Parts, in_line_units, in_stock_units, parts_of
from o2c_tui.queries.tax_shares import billed_taxes
from o2c_tui.rules.amending import AmendedLine, amended_totals
from o2c_tui.rules.exchange import Currency
from o2c_tui.rules.pricing import HUNDRED, LineInput
from o2c_tui.rules.progress import ledger_of
from o2c_tui.rules.tax import DocumentTotals, TaxRounding
from o2c_tui.rules.tax_parts import taxes_in
from o2c_tui.services.credit_checks import check_credit, check_hold
from o2c_tui.services.drafting import (
    MOST_QUANTITY,
    PLACES,
    LineDraft,
    check_line,
    check_totals,
    head_sums,
    line_shares,
    list_price,
    price_lines,
)
from o2c_tui.services.ordering import (
    BINDING,
    check_all_there,
    check_whole_units,
    refresh_order,
    warn_of_repeated_reference,
    watch_lines,
)
from o2c_tui.services.posting import Facts
from o2c_tui.services.quoting import refresh_ordered
from o2c_tui.services.reserving import Wanted, change_levels, locked_levels, reserve_lines, reserved_of, set_reserved
from o2c_tui.services.support import load, require_state, warn
from o2c_tui.storage.chain import decide, decided_row, record, revise, revise_row
from o2c_tui.storage.rows import insert_rows, rows_of, table_of, update_rows
from o2c_tui.texts import N_

ZERO = Decimal(0)
Row = dict[str, Any]
_PRICE = ("unit_price", "discount_percent", "discount_amount")
_OPEN = (DeliveryState.DRAFT, DeliveryState.PICKED, DeliveryState.PACKED)


@dataclass(frozen=True)
class LineChange:
    """What shall be different of one line; what is None stays. Without `line` it is a new line."""

    line: int | None = None  # position of the line on the order
    quantity: Decimal | None = None  # in the line's unit; 0 gives the line up
    unit_price: Decimal | None = None
    discount_percent: Decimal | None = None  # 5 is 5 %
    discount_amount: Decimal | None = None
    description: str | None = None
    note: str | None = None
    promised_on: date | None = None
    item: str = ""  # of a new line: code; empty for a line of text with a price
    unit: str = ""
    tax_code: str | None = None


@dataclass(frozen=True)
class LineAmended:
    """What became of one line that was put anew; quantities in its unit."""

    position: int
    item: str  # code; empty for a line of text
    description: str
    unit: str
    was: Decimal  # 0: it is new
    quantity: Decimal
    price_was: Decimal
    unit_price: Decimal
    discount_was: Decimal
    discount_percent: Decimal
    reserved_was: Decimal
    reserved: Decimal
    back_ordered: Decimal


@dataclass(frozen=True)
class Amended:
    """An order at its next revision."""

    order_id: int
    number: str
    revision: int
    was: Decimal  # gross before
    gross: Decimal
    owes: Decimal  # the customer's exposure with it
    limit: Decimal | None  # None: there is no credit limit
    lines: tuple[LineAmended, ...] = ()


def amend_order(
    session: Session,
    order_id: int,
    *,
    lines: tuple[LineChange, ...] = (),
    promised_on: date | None = None,
    no_promise: bool = False,
    customer_reference: str | None = None,
    term: str | None = None,
    ship_to: str | None = None,
    note: str | None = None,
    discount_percent: Decimal | None = None,
    discount_amount: Decimal | None = None,
    reason: str = "",
    shortage: Shortage | None = None,
    version: int | None = None,
    by: str,
    today: date,
) -> Amended:
    """Put a confirmed order anew, in place, as its next revision: only what is named changes.

    Nothing goes below what is shipped or invoiced, and a price changes only where nothing of the line is invoiced.
    Reservations follow: more is reserved from what is available, as `shortage`, the customer or the company says; less
    frees. Where the customer's exposure rises, holds and credit are checked as at confirming.

    Raises:
        WrongStateError: the order is neither confirmed nor on hold, nothing would be left of it, or a price is invoiced.
        OverQuantityError: a quantity below what is shipped or invoiced. NotFoundError: no such line.
        MissingValueError: nothing would change. BadValueError, UnknownCodeError: as for a draft order.
        CreditLimitError, CustomerHoldError, ShortStockError: as for confirming.
    """
    order = load(session, SalesOrder, order_id, version=version)
    require_state(order, *BINDING, doing=N_("be amended"))
    customer = load(session, Party, order.customer_id)
    if order.quotation_id is not None:
        load(session, Quotation, order.quotation_id)  # locked before stock, as where orders are made of it
    rows = rows_of(session, SalesOrderLine, "order_id", order_id)
    before = {row["id"]: dict(row) for row in rows}
    plan = _Plan(session, order, customer, rows, lines)
    head = _head(
        order,
        customer_reference=customer_reference,
        term=term,
        ship_to=ship_to,
        note=note,
        promised_on=None if no_promise else promised_on or order.promised_on,
        discount_percent=discount_percent,
        discount_amount=discount_amount,
    )
    _check(session, order, head, rows, plan)
    told = _totals(session, order, {**_terms(order), **head}, rows, plan)
    was, uninvoiced = order.gross, order.uninvoiced
    _put_anew(session, order, head, told, today)
    whole = [*rows, *_write(session, order, rows, plan, told)]
    stock = _follow(session, order, customer, before, whole, shortage)
    refresh_order(order, whole)
    if (rise := order.uninvoiced - uninvoiced) > ZERO:
        check_hold(customer, today)
        check_credit(session, customer, in_company(session, order, rise))
    _tell_quotation(session, order, before, rows)
    if customer_reference and customer_reference.strip():
        warn_of_repeated_reference(session, customer, customer_reference.strip(), order.id)
    _warn_of_open_deliveries(session, before, whole)
    session.flush()
    watch_lines(session, order, whole, today)
    facts: Facts = [(SalesOrder, [order]), (SalesOrderLine, whole)]
    record(session, "amend_order", order, by=by, facts=facts, reason=reason, on=today)
    anew = [row for row in whole if row["id"] in plan.touched or row["id"] not in before]
    return Amended(
        order.id,
        order.label,
        order.revision,
        was,
        order.gross,
        exposure_of(session, customer.id),
        None if customer.credit_mode is CreditMode.OFF else customer.credit_limit,
        tuple(_amended(session, row, before.get(row["id"]), stock.get(row["id"])) for row in anew),
    )


def _check(session: Session, order: SalesOrder, head: Mapping[str, Any], rows: Sequence[Row], plan: "_Plan") -> None:
    """Refuse a revision that changes nothing, leaves nothing, or touches what is shipped or invoiced."""
    if not head and not plan.changes:
        raise MissingValueError(N_("Nothing of {order} would change."), order=order.label)
    _check_head(session, order, head, rows)
    if not plan.fresh and all(plan.wanted(row)["quantity"] == ZERO for row in rows):
        raise WrongStateError(
            N_("Nothing would be left of {order}; cancel it, or close it short, instead."), order=order.label
        )
    plan.check()


def _put_anew(session: Session, order: SalesOrder, head: Mapping[str, Any], told: DocumentTotals, today: date) -> None:
    """Make an order its next revision, with what of its head is different; the guards then let its lines pass."""
    order.version += 1
    decide(session, order, revision=order.revision + 1, amended_on=today)
    revise(session, order, **head, **head_sums(told))
    session.flush()


def _tell_quotation(session: Session, order: SalesOrder, before: Mapping[int, Row], rows: Sequence[Row]) -> None:
    """Let the quotation behind an order know what more or less of its lines is ordered."""
    if order.quotation_id is not None:
        moved = {row["quotation_line_id"]: row["quantity"] - before[row["id"]]["quantity"] for row in rows}
        refresh_ordered(session, order.quotation_id, {key: part for key, part in moved.items() if key and part})


def _terms(order: SalesOrder) -> Row:
    return {"discount_percent": order.discount_percent, "discount_amount": order.discount_amount}


def _head(order: SalesOrder, **wanted: Any) -> Row:
    """What of the head shall be different."""
    told = {name: value.strip() if isinstance(value, str) else value for name, value in wanted.items()}
    return {
        name: value
        for name, value in told.items()
        if (value is not None or name == "promised_on") and value != getattr(order, name)
    }


def _check_head(session: Session, order: SalesOrder, head: Mapping[str, Any], rows: Sequence[Row]) -> None:
    if head.get("term"):
        term_parts(session, head["term"])  # refuses an unknown one
    if "discount_percent" not in head and "discount_amount" not in head:
        return
    if not is_figure(head.get("discount_percent", ZERO), PLACES, HUNDRED) or not is_figure(
        head.get("discount_amount", ZERO), order.digits, MOST_AMOUNT
    ):
        raise BadValueError(N_("The discount must be from 0 to 100 percent."), field="discount_percent")
    if any(_begun(row) for row in rows):
        raise WrongStateError(
            N_(
                "Part of {order} is invoiced with its discount; change the discount of the lines that are left instead."
            ),
            field="discount_percent",
            order=order.label,
        )
    _refuse_drafted(session, rows)


def _billed(row: Mapping[str, Any]) -> Decimal:
    """What of a line is invoiced and not to be billed again."""
    return row["invoiced"] - row["credited"]  # type: ignore[no-any-return]


def _begun(row: Mapping[str, Any]) -> bool:
    return bool(_billed(row) or row["invoiced_net"] or row["invoiced_tax"])


class _Plan:
    """What shall be different, line by line, checked against what the order is."""

    def __init__(
        self,
        session: Session,
        order: SalesOrder,
        customer: Party,
        rows: Sequence[Row],
        changes: Sequence[LineChange],
    ) -> None:
        self.session, self.order = session, order
        self.currency = Currency(order.currency, order.digits, order.rate, the_company(session).digits)
        self.rows = {row["position"]: row for row in rows}
        self.changed: dict[int, Row] = {}  # row → the values that are different
        self.promised: dict[int, date] = {}
        self.items = items_by_id(session, (row["item_id"] for row in rows))
        boxed = {row["item_id"] for row in rows if row["factor_num"] and row["item_id"] is not None}
        self.units = units_of(session, boxed) if boxed else {}
        self._take(changes)
        drafts = [
            LineDraft(
                change.item,
                change.quantity if change.quantity is not None else Decimal(1),
                change.unit_price,
                description=change.description or "",
                discount_percent=change.discount_percent or ZERO,
                discount_amount=change.discount_amount or ZERO,
                tax_code=change.tax_code,
                note=change.note or "",
                unit=change.unit,
            )
            for change in changes
            if change.line is None
        ]
        self.fresh = price_lines(
            session,
            drafts,
            customer,
            the_company(session),
            on=order.ordered_on,
            prices_include_tax=order.prices_include_tax,
            currency=self.currency,
            first=max(self.rows, default=0) + 1,
        )
        promises = [change.promised_on for change in changes if change.line is None]
        for row, promised_on in zip(self.fresh, promises, strict=True):
            row["promised_on"] = promised_on

    @property
    def changes(self) -> bool:
        """Whether any line shall be different."""
        return bool(self.changed or self.promised or self.fresh)

    @property
    def touched(self) -> frozenset[int]:
        """The rows that were asked to be different."""
        return frozenset((*self.changed, *self.promised))

    def wanted(self, row: Row) -> Row:
        """A row as it shall be, before totals."""
        return {**row, **self.changed.get(row["id"], {})}

    def _take(self, changes: Sequence[LineChange]) -> None:
        seen = set()
        for change in changes:
            if change.line is None:
                continue
            row = self.rows.get(change.line)
            if row is None or change.line in seen:
                raise NotFoundError(
                    N_("{order} has no line {line}, or it is named twice."), order=self.order.label, line=change.line
                )
            seen.add(change.line)
            if change.item or change.unit or change.tax_code is not None:
                raise BadValueError(
                    N_("Line {line}: item, unit and tax stay; give the line up (quantity 0) and add another."),
                    field=f"lines.{change.line}",
                    line=change.line,
                )
            told = {
                "quantity": change.quantity,
                "unit_price": change.unit_price,
                "discount_percent": change.discount_percent,
                "discount_amount": change.discount_amount,
                "description": change.description.strip() if change.description is not None else None,
                "note": change.note.strip() if change.note is not None else None,
            }
            new = {name: value for name, value in told.items() if value is not None and value != row[name]}
            if new:
                self.changed[row["id"]] = new
            if change.promised_on is not None and change.promised_on != row["promised_on"]:
                self.promised[row["id"]] = change.promised_on

    def check(self) -> None:
        """Refuse what may not be.

        Raises:
            OverQuantityError, WrongStateError, BadValueError: see amend_order.
        """
        priced = [row for row in self.rows.values() if any(name in self.changed.get(row["id"], ()) for name in _PRICE)]
        for row in priced:
            if _begun(row):
                raise self._priced(row)
        _refuse_drafted(self.session, priced)
        for row in self.rows.values():
            new = self.changed.get(row["id"], {})
            if "quantity" in new:
                self._check_quantity(row, new)
            if new and new.get("quantity", row["quantity"]):
                self._check_line(row, new)

    def _check_quantity(self, row: Row, new: Row) -> None:
        if not is_figure(new["quantity"], PLACES, MOST_QUANTITY):
            raise BadValueError(
                N_("Line {line}: the quantity must be from 0 to {most}."),
                field=f"lines.{row['position']}.quantity",
                line=row["position"],
                most=MOST_QUANTITY,
            )
        least = max(row["shipped"], _billed(row))
        if new["quantity"] < least:
            raise OverQuantityError(
                N_(
                    "Line {line}: {shipped} is shipped and {invoiced} invoiced; the quantity cannot be less than {least}."
                ),
                field=f"lines.{row['position']}.quantity",
                line=row["position"],
                shipped=row["shipped"].normalize(),
                invoiced=_billed(row).normalize(),
                least=least.normalize(),
            )
        if not new["quantity"]:
            new["discount_amount"] = ZERO
        elif row["discount_amount"] and _begun(row) and "discount_amount" not in new:  # it keeps its rate
            whole = row["discount_amount"] * new["quantity"] / row["quantity"]
            new["discount_amount"] = round_to(whole, self.order.digits, Rounding(self.order.rounding))

    def _priced(self, row: Row) -> WrongStateError:
        """The refusal of another price for a line that is invoiced in part: what is invoiced, and the way out."""
        least = max(row["shipped"], _billed(row))
        figures = {
            "line": row["position"],
            "invoiced": _billed(row).normalize(),
            "quantity": row["quantity"].normalize(),
            "least": least.normalize(),
            "rest": (row["quantity"] - least).normalize(),
        }
        if row["quantity"] > least:
            text = N_(
                "Line {line}: {invoiced} of {quantity} is invoiced at its price. Set its quantity to {least}, and add a line of {rest} at the new price."
            )
        else:
            text = N_("Line {line}: {invoiced} of {quantity} is invoiced at its price; a credit note puts that right.")
        return WrongStateError(text, field=f"lines.{row['position']}.unit_price", **figures)

    def _unit_of(self, row: Row) -> UnitFacts | None:
        """The unit of a line as it was agreed; whether it comes in whole ones only is as now."""
        if not row["factor_num"]:
            return None
        known = self.units.get(row["item_id"], {}).get(row["unit"].casefold())
        whole = known is not None and known.whole_units
        return UnitFacts(row["unit"], row["factor_num"], row["factor_den"] or 1, whole)

    def _check_line(self, row: Row, new: Row) -> None:
        item = self.items.get(row["item_id"]) if row["item_id"] is not None else None
        unit = self._unit_of(row)
        now = {**row, **new}
        draft = LineDraft(
            item.code if item else "",
            now["quantity"],
            now["unit_price"],
            description=now["description"],
            discount_percent=now["discount_percent"],
            discount_amount=now["discount_amount"],
        )
        # what is no longer sold may still be cut, not raised
        cut = item is not None and not item.active and now["quantity"] <= row["quantity"]
        check_line(
            draft, replace(item, active=True) if cut and item else item, row["position"], self.order.digits, unit
        )
        if "unit_price" in new:
            usual = item is not None and new["unit_price"] == list_price(item, unit, self.currency)
            new["price_source"] = "" if usual else "typed"


def _refuse_drafted(session: Session, rows: Sequence[Row]) -> None:
    """Refuse another price for lines that stand on an invoice that was written down and not posted."""
    if not rows:
        return
    lines, heads = table_of(InvoiceLine), table_of(Invoice)
    query = (
        sa.select(lines.c.order_line_id)
        .join(heads, heads.c.id == lines.c.invoice_id)
        .where(lines.c.order_line_id.in_([row["id"] for row in rows]), heads.c.state == InvoiceState.DRAFT)
    )
    drafted = set(session.execute(query).scalars())
    for row in rows:
        if row["id"] in drafted:
            raise WrongStateError(
                N_("Line {line} stands on an invoice that is not posted. Post it or delete it, then change the price."),
                field=f"lines.{row['position']}",
                line=row["position"],
            )


def _totals(
    session: Session, order: SalesOrder, terms: Mapping[str, Any], rows: Sequence[Row], plan: _Plan
) -> DocumentTotals:
    """The totals of the order as it shall be; what is invoiced stays as it was invoiced."""
    taken = billed_taxes(session, rows)
    told, shall = [], [*map(plan.wanted, rows), *plan.fresh]
    for row, now in zip([*rows, *plan.fresh], shall, strict=True):
        line = LineInput(
            now["quantity"],
            now["unit_price"],
            now["discount_percent"],
            now["discount_amount"],
            now["tax_code"],
            now["tax_rate"],
            tax_included=now["tax_included"],
            taxes=taxes_in(now["tax_parts"]),
        )
        if "id" not in row:
            told.append(AmendedLine(line))
            continue
        billed = (_billed(row), row["invoiced_net"], row["invoiced_tax"])
        was = (row["quantity"], row["net"], row["tax"])
        told.append(AmendedLine(line, *billed, *was, taken.get(row["id"], ())))
    summed = amended_totals(
        told,
        prices_include_tax=order.prices_include_tax,
        tax_rounding=TaxRounding(order.tax_rounding),
        digits=order.digits,
        rounding=Rounding(order.rounding),
        document_discount_percent=terms["discount_percent"],
        document_discount_amount=terms["discount_amount"],
        cash_step=order.cash_step,
    )
    check_totals(shall, summed)
    return summed


def _write(session: Session, order: SalesOrder, rows: Sequence[Row], plan: _Plan, told: DocumentTotals) -> list[Row]:
    """Put the lines anew and add the new ones, under the order's revision; returns the new ones."""
    again, promised = [], []
    for row, sums in zip(rows, told.lines, strict=False):
        new = {**plan.changed.get(row["id"], {}), **line_shares(row, sums)}
        if any(row[name] != value for name, value in new.items()):
            decided_row(session, SalesOrderLine, row, "revision", row["revision"], order.revision)
            revise_row(session, SalesOrderLine, row, **new)
            row["revision"] = order.revision
            again.append(row)
        if row["id"] in plan.promised:
            decided_row(session, SalesOrderLine, row, "promised_on", row["promised_on"], plan.promised[row["id"]])
            row["promised_on"] = plan.promised[row["id"]]
            promised.append(row)
    update_rows(session, SalesOrderLine, again, "revision", *SalesOrderLine.__table__.info["revised"])  # type: ignore[attr-defined]
    update_rows(session, SalesOrderLine, promised, "promised_on")
    added = zip(plan.fresh, told.lines[len(rows) :], strict=True)
    fresh = insert_rows(
        session,
        SalesOrderLine,
        [{**row, **line_shares(row, sums), "order_id": order.id, "revision": order.revision} for row, sums in added],
    )
    for row in fresh:
        decided_row(session, SalesOrderLine, row, "revision", None, order.revision)
        if row["promised_on"] is not None:
            decided_row(session, SalesOrderLine, row, "promised_on", None, row["promised_on"])
    return fresh


@dataclass(frozen=True)
class _Stock:
    """What was and what is reserved for a line, and what waits; in its unit."""

    had: Decimal
    now: Decimal
    waits: Decimal


def _follow(
    session: Session,
    order: SalesOrder,
    customer: Party,
    before: Mapping[int, Row],
    rows: Sequence[Row],
    shortage: Shortage | None,
) -> dict[int, _Stock]:
    """Let reservations follow the lines; returns what that did, by line."""
    check_whole_units(rows, items_by_id(session, (row["item_id"] for row in rows)))
    parts = parts_of(session, rows)
    stocked = [row for row in rows if row["id"] in parts]
    held = reserved_of(session, [row["id"] for row in stocked])
    had = {row["id"]: in_line_units(parts[row["id"]], held.get(row["id"], {})) for row in stocked}
    to_ship = {row["id"]: ledger_of(row).to_ship for row in stocked}
    grown = {
        row["id"]: to_ship[row["id"]] - (ledger_of(before[row["id"]]).to_ship if row["id"] in before else ZERO)
        for row in stocked
    }
    moved = [row["id"] for row in stocked if grown[row["id"]]]
    locked_levels(session, (part.item_id for key in moved for part in parts[key]), order.warehouse_id)
    _free(session, order.warehouse_id, {key: to_ship[key] for key in moved if grown[key] < ZERO}, parts, held)
    now = reserved_of(session, moved)
    got: dict[int, Decimal] = {}
    more = [key for key in moved if grown[key] > ZERO]
    if more and order.state is OrderState.CONFIRMED:
        rule = shortage or customer.shortage_rule() or the_company(session).shortage
        if rule in (Shortage.ALL_OR_NOTHING, Shortage.ASK):
            check_all_there(session, order, [Wanted(key, parts[key], grown[key]) for key in more], rule)
        if rule is not Shortage.NONE:
            lacking = [Wanted(key, parts[key], to_ship[key] - had[key]) for key in more]
            got = reserve_lines(session, order.warehouse_id, [w for w in lacking if w.quantity > ZERO], now)
    after = {
        key: in_line_units(parts[key], now.get(key, {})) + got.get(key, ZERO) if key in moved else mine
        for key, mine in had.items()
    }
    return {key: _Stock(had[key], after[key], max(to_ship[key] - after[key], ZERO)) for key in had}


def _free(
    session: Session,
    warehouse_id: int,
    keep: Mapping[int, Decimal],
    parts: Mapping[int, Parts],
    held: Mapping[int, Mapping[int, Decimal]],
) -> None:
    """Give back what is reserved for lines beyond the quantities they keep, in their own units."""
    left: dict[tuple[int, int], Decimal] = {}
    freed: dict[int, tuple[Decimal, Decimal]] = {}
    for key, quantity in keep.items():
        for part in parts[key]:
            mine = held.get(key, {}).get(part.item_id, ZERO)
            most = in_stock_units(quantity, part.per)
            if mine > most:
                left[key, part.item_id] = most
                freed[part.item_id] = (ZERO, freed.get(part.item_id, (ZERO, ZERO))[1] - (mine - most))
    change_levels(session, warehouse_id, freed)
    set_reserved(session, left)


def _warn_of_open_deliveries(session: Session, before: Mapping[int, Row], rows: Sequence[Row]) -> None:
    """Say where a delivery that is being made ready takes more than is left to deliver."""
    cut = {row["id"]: row for row in rows if row["id"] in before and row["quantity"] < before[row["id"]]["quantity"]}
    if not cut:
        return
    lines, heads = table_of(DeliveryLine), table_of(Delivery)
    query = (
        sa.select(lines.c.order_line_id, sa.func.sum(lines.c.quantity, type_=lines.c.quantity.type))
        .join(heads, heads.c.id == lines.c.delivery_id)
        .where(lines.c.order_line_id.in_(list(cut)), heads.c.state.in_(_OPEN))
        .group_by(lines.c.order_line_id)
    )
    for key, part in session.execute(query):
        left = ledger_of(cut[key]).to_ship
        if part > left:
            warn(
                session,
                f"open_delivery {cut[key]['position']}",
                N_("Line {line}: a delivery that is being made ready takes {part}, {left} is left. Cancel it first."),
                line=cut[key]["position"],
                part=part.normalize(),
                left=left.normalize(),
            )


def _amended(session: Session, row: Row, before: Row | None, stock: _Stock | None) -> LineAmended:
    item = items_by_id(session, [row["item_id"]]).get(row["item_id"])
    return LineAmended(
        row["position"],
        item.code if item else "",
        row["description"],
        row["unit"],
        before["quantity"] if before else ZERO,
        row["quantity"],
        before["unit_price"] if before else row["unit_price"],
        row["unit_price"],
        before["discount_percent"] if before else row["discount_percent"],
        row["discount_percent"],
        stock.had if stock else ZERO,
        stock.now if stock else ZERO,
        stock.waits if stock else ZERO,
    )
