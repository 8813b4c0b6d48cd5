"""The demo company: made-up data of any size, the same for the same seed, made through the verbs.

Every name here is invented and every document says so: the company is marked as a demo.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, SQLModel

from o2c_tui.models.closing import ClosingKind
from o2c_tui.models.invoice import Invoice
from o2c_tui.models.item import ItemKind
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.party import CreditMode, Party
from o2c_tui.models.purchase import PurchaseOrder
from o2c_tui.models.quotation import DECLINE_REASONS
from o2c_tui.models.warehouse import Stocktake
from o2c_tui.queries.documents import instalments_of, lines_of
from o2c_tui.services.adjusting import AdjustmentDraft, AdjustmentLineDraft, adjust_stock
from o2c_tui.services.bill_draft import BillDraft, ChargeDraft
from o2c_tui.services.billing import enter_bill
from o2c_tui.services.closing import close_period, tick_task
from o2c_tui.services.counting import count_item, post_stocktake, start_stocktake
from o2c_tui.services.crediting import return_and_credit
from o2c_tui.services.demo_billing import plan_billing
from o2c_tui.services.demo_money import plan_money, take_statement_in
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.invoicing import invoice_deliveries
from o2c_tui.services.ordering import confirm_order, order_quotation, reserve_order, save_order
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.paying import PaymentDraft, receive_payment
from o2c_tui.services.purchasing import PurchaseDraft, PurchaseLineDraft, order_purchase, save_supplier_item
from o2c_tui.services.quoting import decline_quotation, save_quotation, send_quotation
from o2c_tui.services.receiving import ReceiptDraft, ReceiptLineDraft, receive_goods, receive_purchase
from o2c_tui.services.setup import CompanySetup, ItemSetup, create_company, save_item, save_user
from o2c_tui.services.shipping import ship_order
from o2c_tui.services.tax_codes import TaxSetup, TermSetup
from o2c_tui.services.transferring import (
    TransferDraft,
    TransferLineDraft,
    dispatch_transfer,
    receive_transfer,
    save_transfer,
)
from o2c_tui.services.writing_off import KeptBack, settle_payment
from o2c_tui.storage.store import Store

BATCH = 60  # steps in one transaction
D = Decimal

_FIRST = [
    "Amber",
    "Ash",
    "Beacon",
    "Birch",
    "Bluewater",
    "Bridge",
    "Cedar",
    "Cobalt",
    "Copper",
    "Crown",
    "Delta",
    "Eagle",
    "Elm",
    "Falcon",
    "Field",
    "Garnet",
    "Glen",
    "Granite",
    "Harbour",
    "Hazel",
    "Heron",
    "Highland",
    "Iron",
    "Ivory",
    "Jasper",
    "Juniper",
    "Kestrel",
    "Lark",
    "Linden",
    "Maple",
    "Meadow",
    "Mill",
    "Moss",
    "North",
    "Oak",
    "Onyx",
    "Orchard",
    "Otter",
    "Pearl",
    "Pine",
    "Quarry",
    "Quill",
    "Raven",
    "Reed",
    "River",
    "Rowan",
    "Saffron",
    "Silver",
    "Slate",
    "Spruce",
    "Stone",
    "Summit",
    "Thistle",
    "Tide",
    "Umber",
    "Vale",
    "Willow",
    "Wren",
    "Yarrow",
    "Zephyr",
]
_TRADE = [
    "Marine",
    "Hardware",
    "Works",
    "Fittings",
    "Supplies",
    "Engineering",
    "Tools",
    "Fabrication",
    "Joinery",
    "Electric",
    "Plumbing",
    "Machines",
    "Motors",
    "Pumps",
    "Controls",
    "Workshop",
    "Assembly",
    "Metal",
    "Timber",
    "Lighting",
]
_FORM = ("Ltd", "GmbH", "B.V.", "& Co", "Group", "S.A.")
_CITIES = (
    ("Leeds", "UK"), ("Hull", "UK"), ("Bremen", "Germany"), ("Kassel", "Germany"), ("Utrecht", "Netherlands"),
    ("Lille", "France"), ("Lyon", "France"), ("Turin", "Italy"), ("Graz", "Austria"), ("Gent", "Belgium"),
)  # fmt: skip
_CN_PLACE = ["上海", "苏州", "宁波", "杭州", "深圳", "青岛", "无锡", "厦门", "成都", "武汉"]
_CN_NAME = ["华信", "远达", "恒通", "明宇", "瑞丰", "东和", "锦源", "嘉禾", "新航", "天成", "永盛", "博远"]
_CN_TRADE = ["机电", "五金", "贸易", "设备", "工业", "电气"]
_STREETS = [
    "Mill Lane",
    "Dock Road",
    "Station Street",
    "Foundry Way",
    "Canal Street",
    "Market Square",
    "Bridge End",
    "Harbour Side",
]
_PARTS = (
    ("BOLT", "Hex bolt zinc M{n}", "pc", "0.12", 5, 24), ("NUT", "Hex nut M{n}", "pc", "0.05", 5, 24),
    ("WASH", "Washer M{n}", "pc", "0.02", 5, 24), ("SCREW", "Wood screw {n} mm", "pc", "0.04", 20, 120),
    ("CBL", "Cable 3x2.5 {n} m", "m", "1.40", 5, 50), ("PIPE", "Copper pipe {n} mm", "m", "4.20", 10, 54),
    ("PUMP", "Water pump type {n}", "pc", "128.00", 1, 12), ("VALVE", "Ball valve DN{n}", "pc", "9.80", 10, 80),
    ("LAMP", "LED lamp {n} W", "pc", "6.10", 3, 60), ("DRILL", "Twist drill {n} mm", "pc", "1.90", 2, 20),
    ("GLOVE", "Work gloves size {n}", "pr", "2.30", 6, 12), ("TAPE", "Sealing tape {n} mm", "roll", "0.90", 12, 50),
    ("HOSE", "Hose {n} mm", "m", "2.60", 8, 40), ("MOTOR", "Motor {n}00 W", "pc", "86.00", 2, 30),
    ("BEAR", "Ball bearing 60{n:02}", "pc", "3.70", 1, 30),
)  # fmt: skip


@dataclass
class _World:
    """What the maker knows of the books it is making, so that it need not ask."""

    rng: random.Random
    by: str
    session: Session | None = None
    items: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)  # code, price, cost
    codes: dict[int, str] = field(default_factory=dict)  # by item id
    free: dict[str, Decimal] = field(default_factory=dict)  # available, as far as known
    suppliers: dict[str, str] = field(default_factory=dict)  # who sells an item
    coming: set[str] = field(default_factory=set)  # items that are ordered and have not arrived
    customers: list[tuple[str, int]] = field(default_factory=list)  # code, days it pays late
    events: list[tuple[date, int, Callable[[date], int]]] = field(default_factory=list)
    day: date = date.min  # of the newest event
    made: int = 0
    seq: int = 0

    def at(self, day: date, what: Callable[[date], int]) -> None:
        """Let something happen on a day."""
        self.seq += 1
        heapq.heappush(self.events, (day, self.seq, what))

    def do(self, verb: Callable[..., Any], *args: Any, today: date, **kwargs: Any) -> Any:
        """Run a verb in the transaction under way."""
        assert self.session is not None
        return verb(self.session, *args, by=self.by, today=today, **kwargs)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(9, 0), UTC)


def _workday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def make_demo(store: Store, *, seed: int = 1, documents: int = 400, today: date, by: str = "demo") -> int:
    """Make the demo company with about `documents` documents up to `today`; returns how many there are.

    The same seed, size and day give the same books, the audit trail included: its moments are those of the story.
    """
    world = _World(random.Random(seed), by)
    chains = max(4, documents * 10 // 36)  # a chain that is paid has five documents; some end early
    days = min(540, max(60, chains // 3))
    first = today - timedelta(days=days)
    parties = max(12, min(5_000, chains // 12))
    parts = max(30, min(2_000, chains // 10))
    world.day = first
    store.batch_now(lambda session: _set_up(world, session, first, parties, parts), now=lambda: _moment(world.day))
    for n in range(chains):
        day = _workday(first + timedelta(days=1 + days * n // chains))
        if day <= today:
            world.at(day, lambda on, w=world: _quote(w, on))  # type: ignore[misc]
    _plan_the_warehouse(world, first, today)
    plan_money(world, first, today, seed=seed)
    plan_billing(world, first, today)
    while world.events and world.events[0][0] <= today:
        store.batch_now(lambda session: _some(world, session, today), now=lambda: _moment(world.day))
    store.batch_now(lambda session: _close_a_month(world, session, first, today), now=lambda: _moment(today))
    return world.made


def _close_a_month(world: _World, session: Session, first: date, today: date) -> None:
    """The month before the last is closed, of the last one a point is ticked off: the rest is for whoever looks."""
    world.session = session
    last = today.replace(day=1) - timedelta(days=1)
    before = last.replace(day=1) - timedelta(days=1)
    if before > first:
        world.do(close_period, ClosingKind.MONTH, before, today=today, now=_moment(today))
    world.do(tick_task, f"{last:%Y-%m}", "stock", today=today)
    take_statement_in(world, today)
    world.session = None


def _some(world: _World, session: Session, today: date) -> None:
    world.session = session
    for _ in range(BATCH):
        if not world.events or world.events[0][0] > today:
            break
        day, _seq, what = heapq.heappop(world.events)
        world.day = day
        world.made += what(day)
        session.info.pop("warnings", None)
    world.session = None


def _set_up(world: _World, session: Session, first: date, parties: int, parts: int) -> None:
    world.session = session
    rng = world.rng
    setup = CompanySetup(
        "Demo Trading Ltd (made up)",
        "EUR",
        address="7 Example Quay\nNowhere NW1 0ZZ",
        country="UK",
        tax_id="GB000000000",
        email="office@demo.invalid",
        bank="Demo Bank, account 00000000",
        is_demo=True,
        taxes=(
            TaxSetup("VAT20", "VAT", {date(2011, 1, 4): D("0.2")}),
            TaxSetup("VAT5", "VAT", {date(2011, 1, 4): D("0.05")}),
            TaxSetup("ZERO", "VAT", {date(2011, 1, 4): D(0)}, reason="export"),
        ),
        default_tax_code="VAT20",
        terms=(
            TermSetup("30D", "30 days net", ({"kind": "rest", "value": "0", "days": 30},)),
            TermSetup("14D", "14 days net", ({"kind": "rest", "value": "0", "days": 14},)),
            TermSetup(
                "HALF", "half now, half in 30 days", ({"kind": "percent", "value": "50"}, {"kind": "rest", "days": 30})
            ),
        ),
        warehouses=(("MAIN", "Main warehouse"), ("SHOP", "Shop")),
    )
    world.do(create_company, setup, today=first)
    world.do(save_user, world.by, "Demo", today=first)
    for n in range(3):
        world.do(
            save_party,
            PartySetup(
                f"SUPP{n + 1}",
                f"{_FIRST[n * 7]} Wholesale {_FORM[n]}",
                bill_to=f"{n * 11 + 4} {_STREETS[n]}\n{_CITIES[n][0]}",
                country=_CITIES[n][1],
                email=f"orders@supp{n + 1}.invalid",
                is_customer=False,
                is_supplier=True,
            ),
            today=first,
        )
    for n in range(parties):
        world.customers.append((_customer(world, n, first), rng.choice((-5, 0, 0, 2, 5, 12, 25, 60))))
    for n in range(parts):
        _item(world, n, first)
    world.do(
        save_item,
        ItemSetup("FREIGHT", "Freight and packing", kind=ItemKind.SERVICE, unit="", sale_price=D("18.00")),
        today=first,
    )
    world.made += _receive(world, first, [code for code, _, _ in world.items])
    session.info.pop("warnings", None)
    world.session = None


def _customer(world: _World, n: int, first: date) -> str:
    rng = world.rng
    if n % 5 == 4:
        name = f"{rng.choice(_CN_PLACE)}{rng.choice(_CN_NAME)}{rng.choice(_CN_TRADE)}有限公司"
        place, country = f"{name[:2]}市示例路{rng.randrange(1, 300)}号", "China"
        code = f"CN{n:03}"
    else:
        first_word, trade = _FIRST[n % len(_FIRST)], _TRADE[(n // len(_FIRST) + n) % len(_TRADE)]
        name = f"{first_word} {trade} {rng.choice(_FORM)}"
        city, country = rng.choice(_CITIES)
        place = f"{rng.randrange(1, 200)} {rng.choice(_STREETS)}\n{city}"
        code = f"{first_word[:5].upper()}{n // len(_FIRST) or ''}"
    setup = PartySetup(
        code,
        name,
        bill_to=place,
        country=country,
        email=f"accounts@{code.lower()}.invalid",
        term=rng.choice(("30D", "30D", "30D", "14D", "HALF")),
        tax_code="ZERO" if country == "China" else "",
        language="zh_CN" if country == "China" else "",
        credit_mode=rng.choice((CreditMode.OFF, CreditMode.WARN)),
        credit_limit=D(rng.choice((5_000, 10_000, 20_000, 50_000))),
    )
    world.do(save_party, setup, today=first)
    return code


def _item(world: _World, n: int, first: date) -> None:
    stem, name, unit, base, low, high = _PARTS[n % len(_PARTS)]
    size = low + (n // len(_PARTS)) * max(1, (high - low) // 12) if n // len(_PARTS) < 12 else low + n // len(_PARTS)
    price = (D(base) * (10 + size) / 12).quantize(D("0.01")) + D("0.01")
    cost = (price * D("0.62")).quantize(D("0.0001"))
    code = f"{stem}-{size}"
    supplier = f"SUPP{n % 3 + 1}"
    setup = ItemSetup(
        code, name.format(n=size), unit=unit, sale_price=price, whole_units=unit in ("pc", "pr", "roll"),
        reorder_point=D(50), supplier=supplier, category=stem,
    )  # fmt: skip
    world.codes[world.do(save_item, setup, today=first).id] = code
    world.items.append((code, price, cost))
    world.free[code] = D(0)
    world.suppliers[code] = supplier
    world.do(
        save_supplier_item, supplier, code, supplier_code=f"{supplier[-1]}-{code}", price=cost,
        pack=D(10), lead_time_days=3, today=first,
    )  # fmt: skip


def _cost(world: _World, cost: Decimal) -> Decimal:
    """What an item costs this time: suppliers' prices wander."""
    return (cost * D(world.rng.randrange(94, 108)) / 100).quantize(D("0.0001"))


def _receive(world: _World, day: date, codes: list[str]) -> int:
    """The stock that the company opens with."""
    rng = world.rng
    cost = {code: c for code, _, c in world.items}
    lines = []
    for code in codes:
        quantity = D(rng.choice((200, 300, 500)))
        lines.append(ReceiptLineDraft(code, quantity, _cost(world, cost[code])))
        world.free[code] += quantity
    for start in range(0, len(lines), 40):
        draft = ReceiptDraft(tuple(lines[start : start + 40]), supplier=f"SUPP{rng.randrange(1, 4)}", received_on=day)
        world.do(receive_goods, draft, today=day)
    return (len(lines) + 39) // 40


# -- buying and the warehouse ----------------------------------------------------------------------------------------


def _buy(world: _World, day: date, codes: list[str]) -> int:
    """Order what runs low, from whoever sells it."""
    cost = {code: c for code, _, c in world.items}
    groups: dict[str, list[str]] = {}
    for code in codes:
        if code not in world.coming and world.free[code] < 40:
            groups.setdefault(world.suppliers[code], []).append(code)
            world.coming.add(code)
    for supplier, wanted in groups.items():
        arrives = _workday(day + timedelta(days=world.rng.choice((1, 2, 3, 4))))
        lines = tuple(
            PurchaseLineDraft(code, D(world.rng.choice((200, 300, 500))), unit_price=_cost(world, cost[code]))
            for code in wanted
        )
        draft = PurchaseDraft(supplier, lines, dated_on=day, expected_on=arrives)
        saved = world.do(order_purchase, draft, today=day, now=_moment(day))
        told = tuple((line.item, line.quantity) for line in lines)
        world.at(arrives, lambda on, key=saved.id, of=told, who=supplier: _arrive(world, key, of, who, on))  # type: ignore[misc]
    return len(groups)


def _arrive(world: _World, purchase_id: int, told: tuple[tuple[str, Decimal], ...], supplier: str, day: date) -> int:
    """Goods that were ordered come in; now and then the last line a week later than the others."""
    late = len(told) > 1 and world.rng.random() < 0.3
    quantities = None
    if late:
        lines = _lines(world, PurchaseOrder, "purchase", purchase_id)
        quantities = {line["id"]: line["quantity"] for line in lines[:-1]}
        rest = _workday(day + timedelta(days=7))
        world.at(rest, lambda on: _arrive(world, purchase_id, told[-1:], supplier, on))
        told = told[:-1]
    done = world.do(
        receive_purchase,
        purchase_id,
        quantities=quantities,
        reference=f"DN {world.rng.randrange(1000, 9999)}",
        today=day,
    )
    for code, quantity in told:
        world.free[code] += quantity
        world.coming.discard(code)
    billed = _workday(day + timedelta(days=world.rng.choice((3, 5, 9))))
    world.at(billed, lambda on: _billed_for(world, done.number, supplier, on))
    return 1


def _billed_for(world: _World, receipt: str, supplier: str, day: date) -> int:
    """The supplier's bill; on some of them the freight."""
    rng = world.rng
    freight: tuple[ChargeDraft, ...] = ()
    if rng.random() < 0.25:
        freight = (ChargeDraft("Freight", D(rng.randrange(800, 4500)) / 100, (receipt,)),)
    draft = BillDraft(
        supplier,
        receipts=(receipt,),
        charges=freight,
        supplier_number=f"R{rng.randrange(10_000, 99_999)}",
        billed_on=day,
    )
    world.do(enter_bill, draft, today=day, now=_moment(day))
    return 1


def _plan_the_warehouse(world: _World, first: date, today: date) -> None:
    """Each month goods go to the shop and breakage is written off; each quarter the shop is counted."""
    for month in range(1, (today - first).days // 30 + 1):
        day = _workday(first + timedelta(days=30 * month - 9))
        world.at(day, lambda on: _move(world, on))
        world.at(_workday(day + timedelta(days=2)), lambda on: _break(world, on))
        if month % 3 == 2:
            world.at(_workday(day + timedelta(days=4)), lambda on: _count(world, on))


def _plenty(world: _World, most: int) -> list[str]:
    """Items of which there is enough to spare some."""
    codes = [code for code, _, _ in world.items if world.free[code] > 120]
    return world.rng.sample(codes, min(most, len(codes)))


def _move(world: _World, day: date) -> int:
    codes = _plenty(world, 4)
    if not codes:
        return 0
    lines = tuple(TransferLineDraft(code, D(20)) for code in codes)
    arrives = _workday(day + timedelta(days=1))
    draft = TransferDraft("MAIN", "SHOP", lines, dispatched_on=day, expected_on=arrives, carrier="Own van")
    saved = world.do(save_transfer, draft, today=day)
    world.do(dispatch_transfer, saved.transfer_id, today=day)
    for code in codes:
        world.free[code] -= 20
    world.at(arrives, lambda on: _moved(world, saved.transfer_id, on))
    return 1


def _moved(world: _World, transfer_id: int, day: date) -> int:
    world.do(receive_transfer, transfer_id, today=day)
    return 1


def _break(world: _World, day: date) -> int:
    codes = _plenty(world, 1)
    for code in codes:
        draft = AdjustmentDraft("damaged", (AdjustmentLineDraft(code, D(-2)),), warehouse="MAIN", adjusted_on=day)
        world.do(adjust_stock, draft, today=day)
        world.free[code] -= 2
    return len(codes)


def _count(world: _World, day: date) -> int:
    """Count what lies in the shop; one item is found to be one short."""
    assert world.session is not None
    begun = world.do(start_stocktake, warehouse="SHOP", tolerance=D(10), today=day)
    lines = _lines(world, Stocktake, "stocktake", begun.stocktake_id)
    for n, line in enumerate(lines):
        found = line["expected"] - (1 if n == 0 else 0)
        world.do(count_item, begun.stocktake_id, line["item"], found, today=day, now=_moment(day))
    world.do(post_stocktake, begun.stocktake_id, today=day)
    return 1


# -- the chain -------------------------------------------------------------------------------------------------------


def _quote(world: _World, day: date) -> int:
    rng = world.rng
    customer, late = rng.choice(world.customers)
    picked = rng.sample(world.items, rng.choice((1, 2, 3, 3, 4, 5, 5, 7)))
    lines = [
        LineDraft(
            code,
            D(rng.choice((1, 2, 3, 5, 10)) if price > 20 else rng.choice((5, 10, 20, 25, 40))),
            discount_percent=D(rng.choice((0, 0, 0, 0, 5, 10))),
        )
        for code, price, _ in picked
    ]
    if rng.random() < 0.5:
        lines.append(LineDraft("FREIGHT"))
    draft = DocumentDraft(customer, tuple(lines), dated_on=day, customer_reference=f"PO {rng.randrange(1000, 9999)}")
    if rng.random() < 0.15:  # ordered by telephone, without a quotation
        saved = world.do(save_order, draft, today=day)
        return _confirmed(world, world.do(confirm_order, saved.id, today=day), day, late)
    saved = world.do(save_quotation, draft, today=day)
    fate = rng.random()
    if fate < 0.02:
        return 1  # still a draft
    world.do(send_quotation, saved.id, today=day, now=_moment(day))
    answered = _workday(day + timedelta(days=rng.choice((0, 1, 2, 3, 5, 8, 13))))
    if fate < 0.84:
        world.at(answered, lambda on: _confirmed(world, world.do(order_quotation, saved.id, today=on), on, late))
    elif fate < 0.93:
        reason = rng.choice(sorted(DECLINE_REASONS))
        world.at(answered, lambda on: _said_no(world, saved.id, reason, on))
    return 1


def _said_no(world: _World, quotation_id: int, reason: str, day: date) -> int:
    world.do(decline_quotation, quotation_id, reason, today=day)
    return 0


def _confirmed(world: _World, order: Any, day: date, late: int) -> int:
    made = 1
    short = []
    for line in order.lines:
        code = world.codes.get(line.item_id)
        if code is not None:
            world.free[code] -= line.reserved
            if world.free[code] < 40:
                short.append(code)
    if short:
        soon = _workday(day + timedelta(days=world.rng.choice((1, 2, 4))))
        world.at(soon, lambda on: _buy(world, on, list(dict.fromkeys(short))))
    shipped = _workday(day + timedelta(days=world.rng.choice((0, 1, 1, 2, 3, 6))))
    if world.rng.random() < 0.96:
        world.at(shipped, lambda on: _ship(world, order.order_id, on, late, 0))
    return made


def _lines(world: _World, model: type[SQLModel], kind: str, key: int) -> list[dict[str, Any]]:
    assert world.session is not None
    return lines_of(world.session, kind, key, world.session.get(model, key))


def _ship(world: _World, order_id: int, day: date, late: int, tries: int) -> int:
    lines = _lines(world, SalesOrder, "order", order_id)
    waits = [line for line in lines if line["stocked"] and line["back_ordered"]]
    if waits:
        got = world.do(reserve_order, order_id, today=day)
        for line, was in zip(got.lines, lines, strict=True):
            if was["item"] in world.free:
                world.free[was["item"]] -= max(D(0), line.reserved - was["reserved"])
        if got.back_ordered and tries < 6:
            world.at(_workday(day + timedelta(days=5)), lambda on: _ship(world, order_id, on, late, tries + 1))
            if world.rng.random() < 0.5 or not any(line.reserved for line in got.lines):
                return 0
        elif got.back_ordered:
            return 0
        lines = _lines(world, SalesOrder, "order", order_id)
    if not any(line["reserved"] for line in lines if line["stocked"]):
        return 0
    done = world.do(ship_order, order_id, carrier=world.rng.choice(("", "Demo Cargo", "Own van")), today=day)
    billed = _workday(day + timedelta(days=world.rng.choice((0, 0, 1, 2))))
    world.at(billed, lambda on: _bill(world, done.delivery_id, on, late))
    return 1


def _bill(world: _World, delivery_id: int, day: date, late: int) -> int:
    billed = world.do(invoice_deliveries, [delivery_id], today=day, now=_moment(day))
    if world.rng.random() < 0.02:
        world.at(_workday(day + timedelta(days=6)), lambda on: _return(world, billed.invoice_id, on))
    elif world.rng.random() < 0.93:
        paid = _workday(billed.due_on + timedelta(days=late + world.rng.choice((-3, 0, 1, 4))))
        world.at(max(day, paid), lambda on: _pay(world, billed.invoice_id, on))
    return 1


def _return(world: _World, invoice_id: int, day: date) -> int:
    lines = _lines(world, Invoice, "invoice", invoice_id)
    line = next((line for line in lines if line["stocked"] and line["delivery_line_id"]), None)
    if line is None:
        return 0
    world.do(return_and_credit, invoice_id, {line["id"]: D(1)}, "damaged", today=day, now=_moment(day))
    world.free[line["item"]] += 1
    return 2


def _pay(world: _World, invoice_id: int, day: date) -> int:
    assert world.session is not None
    invoice = world.session.get(Invoice, invoice_id)
    assert invoice is not None
    if invoice.open <= 0:
        return 0
    part = world.rng.random() < 0.04
    amount = (invoice.open / 2).quantize(D("0.01")) if part else invoice.open
    shares: dict[int, Decimal] = {}
    left = amount
    for instalment in instalments_of(world.session, invoice_id):
        share = min(left, instalment.open)
        if share > 0:
            shares[instalment.id] = share
            left -= share
    customer = world.session.get(Party, invoice.customer_id)
    assert customer is not None
    draft = PaymentDraft(customer.code, amount, received_on=day, reference=invoice.label, shares=shares)
    if invoice_id % 17 or part or not shares or min(shares.values()) < 10:
        world.do(receive_payment, draft, today=day, now=_moment(day))
        return 1
    first = next(iter(shares))  # now and then a bank on the way keeps something back
    shares[first] -= D("1.50")
    draft = replace(draft, amount=amount - D("1.50"), shares=shares)
    kept = [KeptBack("BANK", D("1.50"), first)]
    world.do(settle_payment, draft, kept, today=day, now=_moment(day))
    return 2
