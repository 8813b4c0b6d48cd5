"""What sales earned."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.models.words import DOCUMENT_WORDS
from o2c_tui.queries.margin import Earned, cost_of_no_order, earned, ledger_sums
from o2c_tui.reports.asking import Narrowed, facts_of, narrowed
from o2c_tui.reports.kinds import Asked, said
from o2c_tui.reports.table import OTHERWISE, Behind, Heading, Report, report_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
_NAMED: dict[str, tuple[Heading, ...]] = {
    "order": (Heading(N_("Order")), Heading(N_("Date"), "date", spare=3), Heading(N_("Customer"))),
    "line": (
        Heading(N_("Order")),
        Heading("#", "count"),
        Heading(N_("Item")),
        Heading(N_("Description"), spare=3),
        Heading(N_("Customer"), spare=4),
    ),
    "customer": (Heading(N_("Code")), Heading(N_("Customer"))),
    "item": (Heading(N_("Item")), Heading(N_("Description"))),
    "person": (Heading(N_("Login")), Heading(N_("Person"))),
    "period": (Heading(N_("Month")),),
    "document": (
        Heading(N_("Date"), "date"),
        Heading(N_("Kind"), "word", spare=3),
        Heading(N_("Document")),
        Heading(N_("Party"), spare=4),
    ),
}


def margin(session: Session, asked: Asked, today: date) -> Report:
    """Gross margin by order, line, customer, item, person, month or document.

    Invoiced less the cost of the layers its deliveries consumed, net of returns, with what bills added later. What was
    shipped and is not billed stands apart. By whatever it is told, the sums are the same.
    """
    by = asked.by or "order"
    told = narrowed(session, asked)
    rows = [(_row(by, row), _behind(by, row, asked)) for row in earned(session, by, told.of)]
    named = _NAMED[by]
    apart = by not in ("period", "document")
    headings = [
        *named,
        Heading(N_("Invoiced"), "money"),
        Heading(N_("Cost"), "money"),
        Heading(N_("Margin"), "money"),
        Heading(N_("%"), "percent"),
        *([Heading(N_("To be billed"), "money", spare=2)] if apart else []),
        Heading(N_("Mark"), "word"),
    ]
    at = len(named)
    net, cost = (sum((row[n] for row, _ in rows), ZERO) for n in (at, at + 1))
    percent = (net - cost) * 100 / net if net else None
    return report_of(
        "margin",
        facts_of(told, today, by=by),
        headings,
        rows,
        add=(at, at + 1, at + 2, *([at + 4] if apart else [])),
        totals={at + 3: percent},
        digits=told.digits,
        notes=_notes(session, told, net, cost, any(row[-1] for row, _ in rows)),
        asked=asked,
    )


def _row(by: str, row: Earned) -> tuple[Any, ...]:
    words: tuple[Any, ...] = row.words
    if by == "order":
        number, on, _code, name = words
        words = (number, on, name)
    elif by == "line":
        number, position, _on, code, description, name, _order = words
        words = (number, position or None, code, description, name)
    elif by == "item":
        words = words[:2]
    elif by == "period":
        words = (f"{words[0]:%Y-%m}",)
    elif by == "document":
        on, kind, number, party = words
        table = {"return": "customer_return", "bill": "supplier_bill"}.get(kind, kind)
        if kind == "invoice" and row.invoiced < ZERO:
            table = "credit_note"
        words = (on, DOCUMENT_WORDS[table], number, party)
    figures = (row.invoiced, row.cost, row.margin, row.percent)
    apart = () if by in ("period", "document") else (row.to_bill,)
    return (*words, *figures, *apart, N_("est.") if row.estimate else "")


def _behind(by: str, row: Earned, asked: Asked) -> Behind | None:
    own = {name: value for name, value in said(asked).items() if name != "by"}

    def further(by: str, **more: Any) -> Behind:
        return Behind("report", report="margin", asked=Asked(**{**own, "by": by, **more}))

    if row.key is None:
        return None
    if by == "order":
        return further("document", order=row.words[0])
    if by == "line":
        return Behind("order", row.words[6])
    if by == "customer":
        return further("order", customer=row.words[0])
    if by == "item":
        return further("line", item=row.words[0])
    if by == "person":
        return further("order", person=row.key)
    if by == "period":
        ends = _last_of_month(row.key)
        first, last = max(row.key, asked.first or row.key), min(ends, asked.as_of or ends)
        return further("document", first=first, as_of=last)
    kind, key, _on = row.key
    return Behind(kind, key)


def _last_of_month(day: date) -> date:
    from datetime import timedelta

    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _notes(
    session: Session, told: Narrowed, net: Decimal, cost: Decimal, estimates: bool
) -> list[tuple[str, dict[str, Any]]]:
    notes: list[tuple[str, dict[str, Any]]] = []
    if estimates:
        notes.append((N_("est.: not yet all delivered and invoiced, so an estimate."), {}))
    if not told.is_whole:
        return notes
    sales, spent = ledger_sums(session, first=told.of.first, as_of=told.of.as_of)
    beside = cost_of_no_order(session, first=told.of.first, as_of=told.of.as_of)
    if (net, cost) != (sales, spent - beside):
        return [*notes, (OTHERWISE, {})]
    notes.append((N_("Invoiced and cost are the accounts of sales and cost of sales."), {}))
    if beside:
        text = N_("{amount} more stands in cost of sales for goods sent back to suppliers, which belong to no order.")
        notes.append((text, {"amount": beside}))
    return notes
