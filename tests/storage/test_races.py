"""Several clerks at once: the last unit is sold once, numbers have no gap, a killed process leaves nothing half done.

Real processes on real databases. Each race has a control that must go wrong. docs/rules/storage.md, "Several at once".
"""

import json
import os
import random
import subprocess
import sys
import time
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from o2c_tui.models.invoice import Invoice
from o2c_tui.models.order import Reservation, SalesOrder
from o2c_tui.models.stock import StockLevel
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.storage.rows import table_of
from tests.makers import Desk, open_books, ordered, receive

ROOT = Path(__file__).resolve().parents[2]
CLERKS = 8


def _start(work: str, url: str, count: int, seed: int, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.storage.workers", work, url, str(count), str(seed)]
    pipes: dict[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, **pipes)


def _begin(clerks: list[subprocess.Popen[str]]) -> None:
    """Let them go once all are there."""
    for clerk in clerks:
        assert clerk.stdout is not None
        assert clerk.stdout.readline() == "ready\n"
    for clerk in clerks:
        assert clerk.stdin is not None
        clerk.stdin.write("\n")
        clerk.stdin.flush()


def _together(work: str, url: str, count: int, **environment: str) -> list[dict[str, Any]]:
    """What each of the clerks tells after working at the same time."""
    clerks = [_start(work, url, count, seed, **environment) for seed in range(CLERKS)]
    _begin(clerks)
    told = []
    for clerk in clerks:
        out, err = clerk.communicate(timeout=120)
        assert clerk.returncode == 0, err
        told.append(json.loads(out.splitlines()[-1]))
    return told


def _summed(told: list[dict[str, Any]]) -> tuple[int, int, list[str]]:
    return (
        sum(one["done"] for one in told),
        sum(len(one["refused"]) for one in told),
        [error for one in told for error in one["errors"]],
    )


def _set_aside(desk: Desk) -> tuple[D, D]:
    """(reserved as kept, sum of reservations)"""
    levels, held = table_of(StockLevel), table_of(Reservation)
    with desk.store.engine.connect() as connection:
        kept = connection.execute(sa.select(sa.func.sum(levels.c.reserved, type_=levels.c.reserved.type))).scalar()
        rows = connection.execute(sa.select(sa.func.sum(held.c.quantity, type_=held.c.quantity.type))).scalar()
    return kept or D(0), rows or D(0)


def test_the_last_units_are_sold_once(store):
    desk = open_books(store)
    receive(desk, "BOLT", 20)

    told = _together("sell", store.url, 5)

    done, refused, errors = _summed(told)
    assert (done, refused, errors) == (20, 20, [])
    assert _set_aside(desk) == (20, 20)
    assert "BOLT (1)" in next(text for one in told for text in one["refused"])
    desk.holds()


def test_control_who_looks_first_and_writes_later_oversells(store):
    desk = open_books(store)
    receive(desk, "BOLT", 20)
    ordered(desk, ("BOLT", 1))

    done, _, errors = _summed(_together("sell_naively", store.url, 12))

    assert errors == []
    assert 1 + done > 20
    assert _set_aside(desk)[1] > 20


def test_control_without_the_write_lock_clerks_get_in_each_others_way(tmp_path, sqlite_store):
    desk = open_books(sqlite_store)
    receive(desk, "BOLT", 20)

    _, _, errors = _summed(_together("sell", sqlite_store.url, 5, O2C_TEST_NO_LOCKS="1"))

    assert any("busy" in error for error in errors)
    assert _set_aside(desk)[1] <= 20  # the guarded update holds even so
    desk.holds()


def test_many_lines_in_any_order_do_not_lock_each_other_out(store):
    desk = open_books(store)
    for code in ("WASHER", "PIN"):
        desk.do(save_item, ItemSetup(code, code.title(), sale_price=D(1)))
    for code in ("BOLT", "NUT", "WASHER", "PIN"):
        receive(desk, code, 1000)

    done, refused, errors = _summed(_together("sell_many", store.url, 5))

    assert (done, refused, errors) == (40, 0, [])
    assert _set_aside(desk) == (120, 120)
    desk.holds()


def test_numbers_have_no_gap_though_one_in_ten_postings_dies(store):
    desk = open_books(store)

    told = _together("post", store.url, 8)

    done, refused, errors = _summed(told)
    assert errors == []
    assert refused > 0
    invoices = table_of(Invoice)
    with store.engine.connect() as connection:
        rows = connection.execute(
            sa.select(invoices.c.number, invoices.c.invoiced_on).where(invoices.c.state == "posted").order_by("number")
        ).all()
    assert len(rows) == done
    for year in ("26", "27"):
        mine = [row.number for row in rows if row.number.startswith(f"INV{year}-")]
        assert mine == [f"INV{year}-{n:04}" for n in range(1, len(mine) + 1)]
    desk.holds()


@pytest.mark.parametrize("rounds", [pytest.param(6, id="short"), pytest.param(200, marks=pytest.mark.soak)])
def test_a_killed_process_leaves_whole_documents_and_keeps_what_it_acknowledged(rounds, sqlite_store):
    desk = open_books(sqlite_store)
    receive(desk, "BOLT", 100_000)
    dice = random.Random(7)
    acknowledged: set[str] = set()

    for turn in range(rounds):
        clerks = [_start("chain", sqlite_store.url, 1000, 10 * turn + n) for n in range(3)]
        _begin(clerks)
        first = clerks[0].stdout
        assert first is not None
        told = {id(clerks[0]): first.readline()}  # however slow the machine is, something was done
        time.sleep(dice.uniform(0.05, 0.3))
        for clerk in clerks:
            clerk.kill()
        for clerk in clerks:
            out, _ = clerk.communicate(timeout=30)
            out = told.get(id(clerk), "") + out
            for line in out.splitlines():
                if line.endswith("}"):
                    acknowledged.update(v for v in json.loads(line).values() if isinstance(v, str))

    assert acknowledged
    with sqlite_store.engine.connect() as connection:
        there = {
            number
            for table in (table_of(SalesOrder), table_of(Invoice))
            for (number,) in connection.execute(sa.select(table.c.number))
        }
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert acknowledged - there == set()
    desk.holds()
