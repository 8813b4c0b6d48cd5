"""Stock in money: what it is worth by layer, item or warehouse, how old it is, how fast it turns, what does not move."""

from bisect import bisect_left
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from o2c_tui.models.item import WAREHOUSE_WORDS, WarehouseKind
from o2c_tui.money import round_to
from o2c_tui.queries.valuation import AGES, LayerLine, inventory_account, layers_on, turns
from o2c_tui.reports.asking import facts_of, narrowed
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import OTHERWISE, Behind, Heading, Report, report_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
YEAR = 365
SLOW = 180
Row = tuple[tuple[Any, ...], Behind | None]


def valuation(session: Session, asked: Asked, today: date) -> Report:
    """What stock is worth on a day, by `layer`, `item` or `warehouse`; the total is the inventory account of that day."""
    told = narrowed(session, asked)
    by = asked.by or "item"
    layers = layers_on(session, asked.as_of, item_id=told.of.item_id, warehouse_id=told.of.warehouse_id)
    make = {"layer": _by_layer, "warehouse": _by_warehouse, "item": _by_item}[by]
    headings, rows = make(layers, asked)
    at = [heading.title for heading in headings].index("Value")
    notes: list[tuple[str, dict[str, Any]]] = []
    if told.of.item_id is None and told.of.warehouse_id is None:
        agrees = sum((layer.value for layer in layers), ZERO) == inventory_account(session, asked.as_of)
        notes.append((N_("The total is the inventory account of that day.") if agrees else OTHERWISE, {}))
    return report_of(
        "valuation",
        facts_of(told, today, by=by, name="valuation"),
        headings,
        rows,
        add=(at,),
        digits=told.digits,
        notes=notes,
        asked=asked,
    )


def _by_layer(layers: list[LayerLine], asked: Asked) -> tuple[tuple[Heading, ...], list[Row]]:
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description"), spare=3),
        Heading(N_("Warehouse")),
        Heading(N_("Received"), "date"),
        Heading(N_("Left"), "quantity"),
        Heading(N_("Unit"), spare=2),
        Heading(N_("Unit cost"), "price"),
        Heading(N_("Value"), "money"),
        Heading(N_("Mark"), "word", spare=1),
    )
    rows: list[Row] = [
        (
            (
                x.code,
                x.name,
                x.warehouse,
                x.received_on,
                x.quantity,
                x.unit,
                round(x.value / x.quantity, 6),
                x.value,
                N_("est.") if x.estimated else "",
            ),
            Behind("layer", x.layer_id),
        )
        for x in layers
    ]
    return headings, rows


def _by_warehouse(layers: list[LayerLine], asked: Asked) -> tuple[tuple[Heading, ...], list[Row]]:
    headings = (
        Heading(N_("Warehouse")),
        Heading(N_("Kind"), "word"),
        Heading(N_("Items"), "count"),
        Heading(N_("Value"), "money"),
    )
    grouped: dict[tuple[str, str], list[LayerLine]] = {}
    for layer in layers:
        grouped.setdefault((layer.warehouse, str(layer.warehouse_kind)), []).append(layer)
    rows: list[Row] = [
        (
            (
                place,
                WAREHOUSE_WORDS[WarehouseKind(kind)],
                len({layer.item_id for layer in mine}),
                sum((layer.value for layer in mine), ZERO),
            ),
            _further(asked, "item", warehouse=place),
        )
        for (place, kind), mine in sorted(grouped.items())
    ]
    return headings, rows


def _by_item(layers: list[LayerLine], asked: Asked) -> tuple[tuple[Heading, ...], list[Row]]:
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description")),
        Heading(N_("On hand"), "quantity"),
        Heading(N_("Unit"), spare=2),
        Heading(N_("Unit cost"), "price", spare=1),
        Heading(N_("Value"), "money"),
    )
    items: dict[int, list[LayerLine]] = {}
    for layer in layers:
        items.setdefault(layer.item_id, []).append(layer)
    rows: list[Row] = []
    for mine in items.values():
        left, worth = sum((x.quantity for x in mine), ZERO), sum((x.value for x in mine), ZERO)
        first = mine[0]
        rows.append(
            (
                (first.code, first.name, left, first.unit, round(worth / left, 6), worth),
                _further(asked, "layer", item=first.code),
            )
        )
    return headings, rows


def _further(asked: Asked, by: str, *, item: str = "", warehouse: str = "") -> Behind:
    narrower = Asked(by, asked.as_of, item=item or asked.item, warehouse=warehouse or asked.warehouse)
    return Behind("report", report="valuation", asked=narrower)


def stock_age(session: Session, asked: Asked, today: date) -> Report:
    """What stock is worth by how long it has lain, from the day its layer was received."""
    told = narrowed(session, asked)
    on = asked.as_of or today
    buckets: dict[int, tuple[LayerLine, list[Decimal]]] = {}
    for layer in layers_on(session, asked.as_of, warehouse_id=told.of.warehouse_id):
        _, sums = buckets.setdefault(layer.item_id, (layer, [ZERO] * (len(AGES) + 1)))
        age = (on - layer.received_on).days
        sums[bisect_left(AGES, age)] += layer.value
    labels = [f"0-{AGES[0]}"]
    labels += [f"{low + 1}-{high}" for low, high in zip(AGES, AGES[1:], strict=False)]
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description"), spare=1),
        *(Heading(label, "money") for label in labels),
        Heading(f"> {AGES[-1]}", "money"),
        Heading(N_("Value"), "money"),
    )
    rows: list[Row] = [
        ((line.code, line.name, *sums, sum(sums, ZERO)), _further(asked, "layer", item=line.code))
        for line, sums in buckets.values()
    ]
    return report_of(
        "stock-age",
        facts_of(told, today),
        headings,
        rows,
        add=range(2, len(headings)),
        digits=told.digits,
        notes=[(N_("Columns are days in the house."), {})] if rows else (),
        asked=asked,
    )


def turnover(session: Session, asked: Asked, today: date) -> Report:
    """How often stock turned in a year's time up to a day (or from `first` on): cost of what was sold over mean stock."""
    told = narrowed(session, asked)
    last = asked.as_of or today
    start = asked.first or last - timedelta(days=YEAR - 1)
    rows: list[Row] = [
        (
            (
                t.code,
                t.name,
                t.sold,
                t.cost,
                round_to(t.mean, told.digits),
                t.turns and round(t.turns, 1),
                t.days,
                t.last_sold,
            ),
            _card(t.code, asked, start),
        )
        for t in turns(session, start, last)
    ]
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description"), spare=2),
        Heading(N_("Sold"), "quantity"),
        Heading(N_("Cost"), "money"),
        Heading(N_("Mean stock"), "money"),
        Heading(N_("Turns a year"), "percent"),
        Heading(N_("Lasts, days"), "count"),
        Heading(N_("Last sold"), "date", spare=1),
    )
    return report_of(
        "turnover",
        facts_of(told, today, first=start),
        headings,
        rows,
        add=(3, 4),
        digits=told.digits,
        asked=asked,
    )


def _card(code: str, asked: Asked, first: date | None = None) -> Behind:
    return Behind("report", report="stock-card", asked=Asked(as_of=asked.as_of, first=first, item=code))


def slow_movers(session: Session, asked: Asked, today: date) -> Report:
    """Stock of which nothing was sold for so many days, dearest first."""
    told = narrowed(session, asked)
    days = asked.days or SLOW
    last = asked.as_of or today
    edge = last - timedelta(days=days)
    still = [
        t
        for t in turns(session, edge + timedelta(days=1), last)
        if t.on_hand > ZERO and (t.last_sold is None or t.last_sold <= edge)
    ]
    rows: list[Row] = [
        ((t.code, t.name, t.on_hand, t.unit, t.value, t.last_received, t.last_sold), _card(t.code, asked))
        for t in sorted(still, key=lambda t: (-t.value, t.code))
    ]
    headings = (
        Heading(N_("Item")),
        Heading(N_("Description")),
        Heading(N_("On hand"), "quantity"),
        Heading(N_("Unit"), spare=2),
        Heading(N_("Value"), "money"),
        Heading(N_("Last received"), "date", spare=1),
        Heading(N_("Last sold"), "date"),
    )
    facts = facts_of(told, today)
    if asked.days is None:
        facts.append((N_("Days"), days))
    return report_of(
        "slow-movers",
        facts,
        headings,
        rows,
        add=(4,),
        digits=told.digits,
        asked=asked,
    )
