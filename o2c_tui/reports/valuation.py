"""Stock in money: what it is worth by layer, item or warehouse, how old it is, how fast it turns, what does not move."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.models.item import WAREHOUSE_WORDS, WarehouseKind
from o2c_tui.queries.lookups import the_company
from o2c_tui.queries.valuation import AGES, LayerLine, inventory_account, layers_on, turns
from o2c_tui.reports.table import Heading, Report, with_totals
from o2c_tui.texts import N_

ZERO = Decimal(0)
BY = ("layer", "item", "warehouse")
YEAR = 365


def valuation(session: Session, *, by: str = "item", as_of: date | None = None, today: date) -> Report:
    """What stock is worth on a day, by `layer`, `item` or `warehouse`; the total is the inventory account of that day."""
    company = the_company(session)
    past = as_of if as_of is not None and as_of < today else None
    layers = layers_on(session, past)
    account = inventory_account(session, past)
    total = sum((layer.value for layer in layers), ZERO)
    money, quantity = "money", "quantity"
    if by == "layer":
        headings: tuple[Heading, ...] = (
            Heading(N_("Item")),
            Heading(N_("Description")),
            Heading(N_("Warehouse")),
            Heading(N_("Received"), "date"),
            Heading(N_("Left"), quantity),
            Heading(N_("Unit")),
            Heading(N_("Unit cost"), quantity),
            Heading(N_("Value"), money),
            Heading(""),
        )
        rows: list[tuple[Any, ...]] = [
            (
                x.code,
                x.name,
                x.warehouse,
                x.received_on,
                x.quantity,
                x.unit,
                round(x.value / x.quantity, 6),
                x.value,
                N_("estimate") if x.estimated else "",
            )
            for x in layers
        ]
        add = (7,)
    elif by == "warehouse":
        headings = (
            Heading(N_("Warehouse")),
            Heading(N_("Kind")),
            Heading(N_("Items"), quantity),
            Heading(N_("Value"), money),
        )
        grouped: dict[tuple[str, str], list[LayerLine]] = {}
        for layer in layers:
            grouped.setdefault((layer.warehouse, str(layer.warehouse_kind)), []).append(layer)
        rows = [
            (
                place,
                WAREHOUSE_WORDS[WarehouseKind(kind)],
                Decimal(len({layer.item_id for layer in mine})),
                sum((layer.value for layer in mine), ZERO),
            )
            for (place, kind), mine in sorted(grouped.items())
        ]
        add = (3,)
    else:
        headings = (
            Heading(N_("Item")),
            Heading(N_("Description")),
            Heading(N_("On hand"), quantity),
            Heading(N_("Unit")),
            Heading(N_("Unit cost"), quantity),
            Heading(N_("Value"), money),
        )
        items: dict[int, list[LayerLine]] = {}
        for layer in layers:
            items.setdefault(layer.item_id, []).append(layer)
        rows = []
        for mine in items.values():
            left, worth = sum((x.quantity for x in mine), ZERO), sum((x.value for x in mine), ZERO)
            rows.append((mine[0].code, mine[0].name, left, mine[0].unit, round(worth / left, 6), worth))
        add = (5,)
    agrees = N_("The total is the inventory account of that day.")
    differs = N_("The inventory account of that day tells otherwise: run verify.")
    return with_totals(
        N_("Stock valuation on {day}, in {currency}"),
        headings,
        rows,
        add=add,
        digits=company.digits,
        note=agrees if total == account else differs,
        day=past or today,
        currency=company.currency,
    )


def stock_age(session: Session, *, as_of: date | None = None, today: date) -> Report:
    """What stock is worth by how long it has lain, from the day its layer was received."""
    company = the_company(session)
    on = as_of or today
    buckets: dict[int, tuple[LayerLine, list[Decimal]]] = {}
    for layer in layers_on(session, as_of if as_of is not None and as_of < today else None):
        _, sums = buckets.setdefault(layer.item_id, (layer, [ZERO] * (len(AGES) + 1)))
        age = (on - layer.received_on).days
        sums[sum(1 for bound in AGES if age > bound)] += layer.value
    labels = [f"0-{AGES[0]}"]
    labels += [f"{low + 1}-{high}" for low, high in zip(AGES, AGES[1:], strict=False)]
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description")),
        *(Heading(label, "money") for label in labels),
        Heading(f"> {AGES[-1]}", "money"),
        Heading(N_("Value"), "money"),
    )
    rows = [(line.code, line.name, *sums, sum(sums, ZERO)) for line, sums in buckets.values()]
    return with_totals(
        N_("Stock by days in the house on {day}, in {currency}"),
        headings,
        rows,
        add=range(2, len(headings)),
        digits=company.digits,
        day=on,
        currency=company.currency,
    )


def turnover(session: Session, *, first: date | None = None, as_of: date | None = None, today: date) -> Report:
    """How often stock turned in a year's time up to a day (or from `first` on): cost of what was sold over mean stock."""
    company = the_company(session)
    last = as_of or today
    start = first or last - timedelta(days=YEAR - 1)
    rows = [
        (
            t.code,
            t.name,
            t.sold,
            t.cost,
            t.mean,
            t.turns and round(t.turns, 1),
            None if t.days is None else Decimal(t.days),
            t.last_sold,
        )
        for t in turns(session, start, last)
    ]
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description")),
        Heading(N_("Sold"), "quantity"),
        Heading(N_("Cost"), "money"),
        Heading(N_("Mean stock"), "money"),
        Heading(N_("Turns a year"), "percent"),
        Heading(N_("Lasts, days"), "quantity"),
        Heading(N_("Last sold"), "date"),
    )
    return with_totals(
        N_("Turnover of stock, {first} to {day}, in {currency}"),
        headings,
        rows,
        add=(3, 4),
        digits=company.digits,
        first=start,
        day=last,
        currency=company.currency,
    )


def slow_movers(session: Session, *, days: int = 180, as_of: date | None = None, today: date) -> Report:
    """Stock of which nothing was sold for so many days, dearest first."""
    company = the_company(session)
    last = as_of or today
    edge = last - timedelta(days=days)
    still = [
        t
        for t in turns(session, edge + timedelta(days=1), last)
        if t.on_hand > ZERO and (t.last_sold is None or t.last_sold <= edge)
    ]
    rows = [
        (t.code, t.name, t.on_hand, t.unit, t.value, t.last_received, t.last_sold)
        for t in sorted(still, key=lambda t: (-t.value, t.code))
    ]
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description")),
        Heading(N_("On hand"), "quantity"),
        Heading(N_("Unit")),
        Heading(N_("Value"), "money"),
        Heading(N_("Last received"), "date"),
        Heading(N_("Last sold"), "date"),
    )
    return with_totals(
        N_("Not sold for {days} days on {day}, in {currency}"),
        headings,
        rows,
        add=(4,),
        digits=company.digits,
        days=days,
        day=last,
        currency=company.currency,
    )
