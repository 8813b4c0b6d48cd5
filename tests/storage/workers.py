"""What other clerks do at the same moment, each a process of its own: python -m tests.storage.workers WORK URL COUNT [SEED].

Each prints one JSON line: what it did, what was refused, what went wrong, how long each verb took.
"""

import json
import random
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from o2c_tui.errors import ShortStockError, TradeError, TroubleError
from o2c_tui.models.company import Shortage
from o2c_tui.models.order import Reservation
from o2c_tui.models.stock import StockLevel
from o2c_tui.services.drafting import DocumentDraft, LineDraft
from o2c_tui.services.invoicing import draft_invoice, invoice_order, post_invoice
from o2c_tui.services.ordering import confirm_order, save_order
from o2c_tui.services.paying import PaymentDraft, receive_payment
from o2c_tui.services.quoting import save_quotation, send_quotation
from o2c_tui.services.shipping import ship_order
from o2c_tui.storage.rows import table_of
from o2c_tui.storage.store import Store

TODAY = date(2026, 11, 24)
D = Decimal
told: dict[str, Any] = {"done": 0, "refused": [], "errors": [], "taken": []}


def do(store: Store, verb: Any, *args: Any, **kwargs: Any) -> Any:
    kwargs = {"by": "clerk", "today": TODAY, **kwargs}
    start = time.perf_counter()
    try:
        return store.write_now(verb, *args, accepted=None, **kwargs)
    finally:
        told["taken"].append((time.perf_counter() - start) * 1000)


def sell(store: Store, count: int) -> None:
    """One unit of BOLT at a time, all or nothing, until it is refused."""
    for _ in range(count):
        order = do(store, save_order, DocumentDraft("ACME", (LineDraft("BOLT", D(1)),)))
        try:
            do(store, confirm_order, order.id, shortage=Shortage.ALL_OR_NOTHING)
            told["done"] += 1
        except ShortStockError as error:
            told["refused"].append(str(error))


def sell_many(store: Store, count: int) -> None:
    """Three items each time, in any order: bait for a deadlock."""
    codes = ["BOLT", "NUT", "WASHER", "PIN"]
    for _ in range(count):
        wanted = random.sample(codes, 3)
        order = do(store, save_order, DocumentDraft("ACME", tuple(LineDraft(code, D(1)) for code in wanted)))
        do(store, confirm_order, order.id)
        told["done"] += 1


def sell_naively(store: Store, count: int) -> None:
    """How it must not be done: look, think, write what was thought. Shows that the race is there."""
    levels, held = table_of(StockLevel), table_of(Reservation)
    for _ in range(count):
        with store.engine.connect().execution_options(o2c_reads=True) as connection:
            row = connection.execute(sa.select(levels)).first()
        assert row is not None
        if row.on_hand - row.reserved < 1:
            told["refused"].append("none left")
            continue
        time.sleep(0.01)
        with store.engine.begin() as connection:
            connection.execute(sa.update(levels).values(reserved=row.reserved + 1))
            connection.execute(sa.update(held).values(quantity=held.c.quantity + 1))
        told["done"] += 1


class Stumble(Exception):
    """A defect in the middle of a verb."""


def post(store: Store, count: int) -> None:
    """Invoices over the turn of the year; one in ten verbs dies in its transaction, after it took its number."""

    def bill(session: Any, order_id: int, *, by: str, today: date, now: datetime, stumble: bool) -> str:
        draft = draft_invoice(session, order_ids=[order_id], by=by, today=today)
        posted = post_invoice(session, draft, by=by, today=today, now=now)
        if stumble:
            raise Stumble
        return str(posted.number)

    for n in range(count):
        day = TODAY if n < count // 2 else date(2027, 1, 2)
        order = do(store, save_order, DocumentDraft("ACME", (LineDraft("FREIGHT", D(1)),), dated_on=day), today=day)
        do(store, confirm_order, order.id, today=day)
        do(store, ship_order, order.id, today=day)
        try:
            number = do(store, bill, order.id, stumble=random.random() < 0.1, today=day)
            told["done"] += 1
            print(json.dumps({"number": number}), flush=True)
        except Stumble:
            told["refused"].append("stumbled")
        except TradeError as error:
            if "run back" not in str(error):  # the others are in the new year already
                raise
            told["refused"].append("year")


def chain(store: Store, count: int) -> None:
    """The whole chain; what was acknowledged is printed, so that a kill can be judged."""
    for _ in range(count):
        saved = do(store, save_quotation, DocumentDraft("ACME", (LineDraft("BOLT", D(1)), LineDraft("FREIGHT", D(1)))))
        do(store, send_quotation, saved.id)
        order = do(store, save_order, DocumentDraft("ACME", (LineDraft("BOLT", D(1)),)))
        confirmed = do(store, confirm_order, order.id)
        do(store, ship_order, order.id)
        billed = do(store, invoice_order, order.id)
        do(store, receive_payment, PaymentDraft("ACME", billed.gross))
        told["done"] += 1
        print(json.dumps({"order": confirmed.number, "invoice": billed.number}), flush=True)


def main() -> None:
    work, url, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    random.seed(seed)
    start = datetime(2026, 11, 24, 9, tzinfo=UTC)
    begun = time.monotonic()
    store = Store.open(
        url, clock=lambda: start + timedelta(seconds=time.monotonic() - begun), create=False, who=f"clerk {seed}"
    )
    print("ready", flush=True)
    sys.stdin.readline()  # all begin together
    try:
        globals()[work](store, count)
    except (TradeError, TroubleError, sa.exc.DBAPIError) as error:
        told["errors"].append(f"{type(error).__name__}: {error}")
    store.close()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
