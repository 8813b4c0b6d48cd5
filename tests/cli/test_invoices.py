"""Collective and recurring invoices by command. docs/rules/invoices.md."""

import json

from tests.cli.conftest import DAY, step

OCTOBER = "2026-10-20"


def deliver(o2c, customer="ACME", quantity=2):
    """Ordered and delivered on a day in October."""
    lines = [{"item": "HAUL", "quantity": quantity}]
    order = step(o2c, "save_order", draft={"customer": customer, "lines": lines, "dated_on": OCTOBER})
    words = {"order_id": step(o2c, "confirm_order", order_id=order["id"])["number"]}
    assert o2c("--today", OCTOBER, "do", "ship_order", json.dumps(words)).code == 0


def test_a_month_is_billed_by_command_first_tried_then_posted_once(o2c, books):
    setup = {"code": "USCO", "name": "Bay Tools", "currency": "USD", "monthly_invoice": True}
    assert o2c("--today", "2026-10-01", "do", "save_rate", '{"currency": "USD", "rate": "0.9"}').code == 0
    for party in (setup, {"code": "ACME", "name": "Acme Works", "monthly_invoice": True}):
        step(o2c, "save_party", setup=party)
    step(o2c, "save_item", setup={"code": "HAUL", "name": "Haulage", "kind": "service", "sale_price": "10"})
    deliver(o2c)
    deliver(o2c)
    deliver(o2c, "USCO", 3)

    tried = o2c("--today", DAY, "monthly", "--dry-run", "--json")
    assert (tried.code, tried.data["until"], tried.data["dry_run"]) == (0, "2026-10-31", True)
    acme, _usco = tried.data["customers"]
    assert (acme["customer"], acme["deliveries"]) == ("ACME", ["DN26-0001", "DN26-0002"])
    assert (acme["invoices"][0]["number"], acme["invoices"][0]["gross"]) == ("", "48.0000")
    assert "INV" not in o2c("list", "invoice").out

    early = o2c(
        "--today", DAY, "monthly", "--on", "2026-09-30"
    )  # before the first rate: one is refused, the other goes
    assert early.code == 1
    assert "INV26-0001  ACME" in early.out and "1 invoices posted." in early.out
    assert "USCO: No rate for USD" in early.err
    rest = o2c("--today", DAY, "monthly", "USCO", "--month", "2026-10")
    assert (rest.code, "INV26-0002  USCO" in rest.out) == (0, True)
    assert "USD 40.00" in rest.out  # 3 at 10 / 0.9 = 11.11, with 20 %
    again = o2c("--today", DAY, "monthly")
    assert (again.code, again.out.strip()) == (0, "0 invoices posted.")
    assert o2c("verify").code == 0


def test_plans_are_listed_and_what_is_due_is_written_by_command(o2c, books):
    care = {"item": "", "description": "Care", "quantity": "1", "unit_price": "100"}
    for code, day in (("CARE", OCTOBER), ("LATER", "2026-12-01")):
        step(o2c, "save_recurring", setup={"code": code, "customer": "ACME", "starts_on": day, "lines": [care]})
    listed = o2c("--today", DAY, "invoices", "--plans")
    assert [line.split()[0] for line in listed.out.splitlines() if "month" in line] == ["CARE", "LATER"]
    assert o2c("--today", DAY, "invoices", "--plans", "--json").data[1]["state"] == "active"
    assert "1 invoices are due" in o2c("--today", DAY, "invoices").out
    done = o2c("--today", DAY, "invoices", "--due", "--post", "--json").data
    assert (done["result"][0]["number"], done["refused"], done["dry_run"]) == ("INV26-0001", {}, False)
    assert "0 invoices are due" in o2c("--today", DAY, "invoices").out
    again = step(o2c, "recur_document", number="INV26-0001", code="AGAIN", starts_on="2027-01-01", every="year")
    assert again["code"] == "AGAIN"
    step(o2c, "pause_recurring", code="AGAIN")
    assert "PAUSED" in o2c("--today", DAY, "invoices", "--plans").out
    assert o2c("verify").code == 0
