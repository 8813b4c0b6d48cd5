"""Reminders on real-shaped input: Northwind's open invoices of 1998-05-06, and who is written to at which step.

What is expected is reckoned from the sample's own files: an invoice leaves with the goods, is due 30 days later and paid
after 45; what is not paid by the last day is open. Rule: docs/rules/reminders.md.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from o2c_tui.models.invoice import Invoice
from o2c_tui.models.ledger import AccountRole
from o2c_tui.models.mail import OutgoingMail, PaperLog, PaperWay
from o2c_tui.models.party import Party
from o2c_tui.models.reminder import Reminder, ReminderLine
from o2c_tui.queries.mails import account
from o2c_tui.queries.receivables import aged
from o2c_tui.queries.reminders import candidates, interest_due
from o2c_tui.queries.verify_ledger import account_balance
from o2c_tui.sending.archive import kept_path
from o2c_tui.sending.reminding import ReminderRun, run_reminders
from o2c_tui.services.mailing import save_mail_account
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.reminding import ProfileSetup, StepSetup, open_dispute, promise_payment, save_profile
from o2c_tui.services.setup import change_company
from o2c_tui.storage.store import Store
from tests.makers import Desk
from tests.northwind.replay import FOLDER, LAST_DAY, day_of, rows_of

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the Northwind sample is not beside this checkout")

STEPS = (StepSetup(3), StepSetup(6, fee=D("5.00")), StepSetup(9, fee=D("15.00")))
EARLIER = LAST_DAY - timedelta(days=5)  # within the gap
GAP = 7
PROMISED, CONTESTED = "SAVEA", "ERNSH"  # two that owe and would get a letter


def step(due: date, on: date) -> int:
    """The step that an instalment has come to, as the profile says it."""
    return sum(1 for one in STEPS if due + timedelta(days=one.days) <= on)


@dataclass
class Sample:
    """The runs over the replayed books, and what the sample's files say of them."""

    desk: Desk
    open: dict[str, list[tuple[str, date, date]]]  # customer → order, invoiced on, due on
    before: D = D(0)
    early: ReminderRun = field(default_factory=ReminderRun)
    last: ReminderRun = field(default_factory=ReminderRun)
    again: ReminderRun = field(default_factory=ReminderRun)
    interest: D = D(0)

    def levels(self, on: date, sent: dict[str, int] | None = None) -> dict[str, int]:
        """Customer → the step of the letter of a day; `sent` are the steps of orders that were sent before."""
        found = {}
        for customer, rows in self.open.items():
            new = [
                step(due, on)
                for order, invoiced, due in rows
                if invoiced <= on and step(due, on) > (sent or {}).get(order, 0)
            ]
            if new:
                found[customer] = max(new)
        return found

    def ask(self, query: Any, *args: Any, **words: Any) -> Any:
        """Ask the books."""
        return self.desk.ask(query, *args, **words)


def unpaid() -> dict[str, list[tuple[str, date, date]]]:
    """What the sample leaves open on its last day, by customer."""
    found: dict[str, list[tuple[str, date, date]]] = defaultdict(list)
    for order in rows_of(FOLDER, "orders"):
        shipped = day_of(order["shippedDate"])
        if shipped is not None and shipped + timedelta(days=45) >= LAST_DAY:
            found[order["customerID"]].append((order["orderID"], shipped, shipped + timedelta(days=30)))
    return dict(found)


def run(desk: Desk, on: date) -> ReminderRun:
    """A run over everybody, as `o2c remind --send` does it."""
    codes = [one.code for one in desk.ask(candidates, on=on) if not one.skipped]
    return run_reminders(desk.store, codes, by="cron", today=on)


@pytest.fixture(scope="module")
def sample(northwind: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    folder = tmp_path_factory.mktemp("northwind_reminders")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("O2C_HOME", str(folder / "home"))
        desk = Desk(Store.open(str(shutil.copy(northwind, folder / "books.sqlite"))), today=LAST_DAY)
        made = Sample(desk, unpaid())
        desk.do(change_company, {"email": "books@example.com", "interest_percent": D(8)})
        desk.do(save_profile, ProfileSetup("BRISK", "brisk", STEPS, gap_days=GAP))
        desk.do(change_company, {"reminder_profile": "BRISK"})
        desk.do(save_mail_account, folder=str(folder / "mails"))
        for code, name in desk.ask(
            lambda s: s.execute(select(Party.code, Party.name).where(Party.code.like("B%"))).all()
        ):
            desk.do(save_party, PartySetup(code, name, email=f"{code.lower()}@example.org"))
        desk.do(promise_payment, PROMISED, LAST_DAY + timedelta(days=3), D(100))
        for order, _invoiced, _due in made.open[CONTESTED]:
            key = desk.ask(lambda s, o=order: s.exec(select(Invoice.id).where(Invoice.customer_reference == o)).one())
            desk.do(open_dispute, key, "not as ordered")
        made.before = desk.ask(account_balance, AccountRole.RECEIVABLE)
        made.interest = sum((line.amount for line in desk.ask(interest_due, None, on=LAST_DAY)), D(0))
        made.early = run(desk, EARLIER)
        made.last = run(desk, LAST_DAY)
        made.again = run(desk, LAST_DAY)
        yield made
        desk.store.close()


def test_each_customer_gets_the_step_its_invoices_have_come_to(sample):
    held = {PROMISED, CONTESTED}
    early = {code: level for code, level in sample.levels(EARLIER).items() if code not in held}
    last = {code: level for code, level in sample.levels(LAST_DAY).items() if code not in {*held, *early}}

    assert {made.customer: made.level for made in sample.early.letters} == early
    assert {made.customer: made.level for made in sample.last.letters} == last
    assert {1, 2, 3} <= {*early.values(), *last.values()}
    assert len(early) > 10
    assert len(last) > 5


def test_nobody_gets_two_letters_within_the_gap_nor_where_a_promise_or_a_dispute_stands(sample):
    letters = sample.ask(lambda s: s.execute(select(Reminder.customer_id, Reminder.reminded_on)).all())
    assert len({customer for customer, _on in letters}) == len(letters)
    why = {one.code: one.skipped for one in sample.ask(candidates, on=LAST_DAY)}
    sent = {made.customer for made in (*sample.early.letters, *sample.last.letters)}
    assert why[PROMISED] == "a promise to pay lies ahead"
    assert why[CONTESTED] == "in dispute"
    risen = {code for code, level in sample.levels(LAST_DAY).items() if code in sent and why[code] == "reminded lately"}
    assert risen  # a further step was reached within the gap
    assert all(why[code] for code in sent)


def test_a_letter_lists_all_that_is_open_as_the_aging_does(sample):
    listed = defaultdict(D)
    fees = defaultdict(D)
    for made in (*sample.early.letters, *sample.last.letters):
        listed[made.customer] += made.total
        fees[made.customer] += made.fee
    aging = {row.code: row.total for row in sample.ask(aged, as_of=LAST_DAY)}
    for made in sample.last.letters:
        assert listed[made.customer] == aging[made.customer] - fees[made.customer]
    gross = dict(sample.ask(lambda s: s.execute(select(Invoice.customer_reference, Invoice.gross)).all()))
    for made in sample.early.letters:
        there = [order for order, invoiced, _due in sample.open[made.customer] if invoiced <= EARLIER]
        assert made.total == sum(gross[order] for order in there)


def test_fees_are_charged_by_step_and_the_books_still_add_up(sample):
    wanted = {1: D(0), 2: D("5.00"), 3: D("15.00")}
    letters = [*sample.early.letters, *sample.last.letters]
    assert all(made.fee == wanted[made.level] for made in letters)
    charged = sum((made.fee for made in letters), D(0))
    now = sample.ask(account_balance, AccountRole.RECEIVABLE)
    assert now == sample.before + charged
    assert sum(row.total for row in sample.ask(aged, as_of=LAST_DAY)) == now
    sample.desk.holds()


def test_the_run_again_writes_sends_and_prints_nothing(sample):
    assert (sample.again.letters, sample.again.printed, sample.again.refused) == ([], (), [])
    count = sample.ask(lambda s: s.execute(sa.select(sa.func.count(col(Reminder.id)))).scalar_one())
    assert count == len(sample.early.letters) + len(sample.last.letters)
    twice = sa.select(ReminderLine.item_id, ReminderLine.level).where(ReminderLine.level > 0)
    rows = sample.ask(lambda s: s.execute(twice).all())
    assert len(set(rows)) == len(rows)


def test_who_has_an_address_gets_a_mail_and_all_others_stand_in_one_file_to_be_printed(sample):
    assert sample.ask(account).folder
    for made in (sample.early, sample.last):
        mailed = [letter for letter in made.letters if letter.customer.startswith("B")]
        on_paper = tuple(letter.number for letter in made.letters if not letter.customer.startswith("B"))
        assert [letter.to for letter in made.letters if letter.mail_id] == [
            f"{letter.customer.lower()}@example.org" for letter in mailed
        ]
        assert made.printed == on_paper
        assert made.file is not None
        data = made.file.read_bytes()
        text = "\n".join(page.extract_text() for page in pypdf.PdfReader(made.file).pages)
        assert all(number in text for number in on_paper)
        logged = sample.ask(
            lambda s, m=made: s.exec(
                select(PaperLog).where(PaperLog.kind == "reminder", PaperLog.file_name == m.file.name)
            ).all()
        )
        assert {row.number for row in logged} == set(on_paper)
        assert {row.way for row in logged} == {PaperWay.PRINTED}
        (digest,) = {row.sha256 for row in logged}
        assert kept_path(sample.desk.store.url, digest).read_bytes() == data
    states = sample.ask(lambda s: s.exec(select(OutgoingMail.state)).all())
    assert set(states) == {"sent"}


def test_interest_until_the_last_day_is_simple_and_proposed_only(sample):
    gross = dict(sample.ask(lambda s: s.execute(select(Invoice.customer_reference, Invoice.gross)).all()))
    wanted = D(0)
    for order in rows_of(FOLDER, "orders"):
        shipped = day_of(order["shippedDate"])
        if shipped is None or (
            order["customerID"] == CONTESTED and order["orderID"] in {o for o, *_ in sample.open[CONTESTED]}
        ):
            continue
        days = min((LAST_DAY - shipped).days - 30, 15)  # late payers pay 15 days late
        if days > 0:
            wanted += (gross[order["orderID"]] * 8 * days / 36500).quantize(D("0.01"), ROUND_HALF_UP)
    assert sample.interest == wanted > 0
