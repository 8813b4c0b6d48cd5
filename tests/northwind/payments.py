"""Northwind's payments as banks tell them: a statement a month in each form in turn, some lines clean, some not; seeded."""

import random
import unicodedata
from calendar import monthrange
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.integrations.bank_files import read_bank_file
from o2c_tui.models.bank import BankLine
from o2c_tui.models.order import SalesOrder
from o2c_tui.models.party import Party
from o2c_tui.models.receivable import Payment, ReceivableItem
from o2c_tui.queries.bank_proposals import ProposedLine, proposed_lines
from o2c_tui.rules.statements import Statement, StatementLine
from o2c_tui.services.bank_matching import LineMatch, MatchPart, as_match, match_lines
from o2c_tui.services.banking import BankAccountSetup, import_statements, save_bank_account
from tests.bank_files import MAP, camt, csv_of, mt940, ofx
from tests.northwind.replay import LAST_DAY, Replay

D = Decimal
IBAN = "DE89370400440532013000"
FORMS = ("camt053", "mt940", "ofx", "csv")
CLEAN = ("number", "number_and_order", "number_alone", "name_and_number")
DIRTY = (
    "spaces", "no_zeros", "ocr", "digits", "wrong_number", "no_number", "cut_name", "order", "customer_order", "fee",
    "part", "two", "two_one_named",
)  # fmt: skip


@dataclass
class Due:
    """One payment that a customer makes: what it is for, and what the bank will tell of it."""

    on: date
    customer: str
    name: str
    shares: dict[int, Decimal]
    amount: Decimal
    kind: str
    text: str
    shown_name: str
    account: str = ""


@dataclass
class Counted:
    """How well lines of one sort were proposed."""

    lines: int = 0
    right: int = 0
    sure: int = 0
    sure_wrong: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class PaidByBank(Replay):
    """The replay in which money comes by bank statements."""

    def __init__(self, folder: Path, store: Any, files: Path, seed: int = 7) -> None:
        super().__init__(folder, store)
        self.files, self.random = files, random.Random(seed)
        self.due: list[Due] = []
        self.waiting: dict[str, Due] = {}  # of a customer whose next invoice is paid with this one
        self.balance = D("25000.00")
        self.number = 0
        self.counted: dict[str, Counted] = {}
        self.by_form: Counter[str] = Counter()
        self.by_kind: dict[str, Counted] = {}
        self.booked_alone = 0
        day = date(1996, 7, 31)
        while day < LAST_DAY:
            self._at(day, 2, self._statement)
            year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
            day = date(year, month, monthrange(year, month)[1])
        self._at(LAST_DAY, 2, self._statement)

    def _set_up(self) -> None:
        super()._set_up()
        setup = BankAccountSetup("MAIN", "Bank", iban=IBAN)
        self.store.write_now(save_bank_account, setup, by="replay", today=date(1996, 6, 1))

    # -- what customers pay ------------------------------------------------------------------------------------------

    def _pay(self, session: Session, order: dict[str, str], billed: Any, on: date) -> None:
        items = session.exec(select(ReceivableItem).where(ReceivableItem.invoice_id == billed.invoice_id)).all()
        shares = {item.id: item.open for item in items}
        party = session.exec(select(Party).where(Party.code == order["customerID"])).one()
        sales = session.exec(select(SalesOrder).where(SalesOrder.customer_reference == order["orderID"])).one()
        kind = self.random.choice(CLEAN if self.random.random() < 0.6 else DIRTY)
        held = self.waiting.pop(party.code, None)
        number, amount = billed.number, billed.gross
        due = Due(on, party.code, party.name, shares, amount, kind, f"Invoice {number}", party.name)
        if self.random.random() < 0.5:
            due.account = f"GB{11 + len(party.code)}TEST{sum(map(ord, party.code)):014}"
        serial = number.partition("-")[2]
        texts = {
            "number": f"Invoice {number}",
            "number_and_order": f"{number} your order {sales.number}",
            "number_alone": number,
            "name_and_number": f"Payment for {number} with thanks",
            "spaces": f"inv {number[3:5]} {serial[:2]} {serial[2:]}",
            "no_zeros": f"Rechnung {number[:5]}/{int(serial)}",
            "ocr": number.replace("I", "l").replace("0", "O"),
            "digits": f"Re. {number[3:]} skonto 0",
            "wrong_number": f"Invoice {number[:5]}-9{serial[1:]}",
            "no_number": "payment",
            "cut_name": f"Invoice {number}",
            "order": f"Order {sales.number}",
            "customer_order": f"PO {order['orderID']} paid",
        }
        due.text = texts.get(kind, due.text)
        if kind == "cut_name":
            plain = unicodedata.normalize("NFKD", party.name).encode("ascii", "ignore").decode()
            due.shown_name, due.text, due.account = plain.upper()[:18], "payment", ""
        if kind == "customer_order":
            due.shown_name = ""
        if kind == "fee":
            fee = D(self.random.randrange(500, 1500)) / 100
            if fee < amount / 20:
                due.amount -= fee
            else:
                due.kind = "number"
        if kind == "part":
            self._in_parts(due, number)
            return
        if kind in ("two", "two_one_named") and held is None:
            due.text = number
            self.waiting[party.code] = due
            return
        if held is not None:
            both = {**held.shares, **due.shares}
            text = f"{held.text} {number}" if held.kind == "two" else f"{held.text} u.a."
            due = replace(due, shares=both, amount=held.amount + amount, text=text, kind=held.kind)
            due.shown_name, due.account = party.name, held.account
        self.due.append(due)

    def _in_parts(self, due: Due, number: str) -> None:
        """Half now, the rest at once after it."""
        (key,) = due.shares
        half = (due.amount / 2).quantize(D("0.01"))
        for part, text in ((half, f"{number} part 1"), (due.amount - half, f"{number} rest")):
            self.due.append(replace(due, amount=part, shares={key: part}, text=text))

    # -- what the bank tells -----------------------------------------------------------------------------------------

    def _statement(self, session: Session, on: date) -> None:
        """A month's statement: written in one form, read, taken in, proposed for, and decided by somebody who knows."""
        mine = sorted((due for due in self.due if due.on <= on), key=lambda due: due.on)
        self.due = [due for due in self.due if due.on > on]
        form = FORMS[self.number % len(FORMS)]
        self.number += 1
        first = on.replace(day=1)
        lines = [
            StatementLine(due.on, due.amount, due.on, "USD", due.text, "", "", due.shown_name, due.account, n + 1)
            for n, due in enumerate(mine)
        ]
        fee = StatementLine(on, D("-12.50"), on, "USD", f"Account fee {on:%B}", line=len(lines) + 1)
        lines.append(fee)
        closing = self.balance + sum((line.amount for line in lines), D(0))
        statement = Statement(
            form, tuple(lines), IBAN, "USD", str(self.number), min((d.on for d in mine), default=first), on,
            self.balance, closing,
        )  # fmt: skip
        self.balance = closing
        file = self.files / f"{self.number:02}.{form}"
        writer = {"camt053": camt, "mt940": mt940, "ofx": lambda s: ofx(s, xml=self.number % 8 > 3), "csv": csv_of}[
            form
        ]
        file.write_bytes(writer(statement))
        map_file = self.files / "bank.toml"
        map_file.write_text(MAP)
        read = read_bank_file(file, map_file if form == "csv" else None)
        words: dict[str, Any] = {"by": "replay", "today": on, "now": datetime.combine(on, time(9), UTC)}
        paid_before = len(session.exec(select(Payment.id)).all())
        done = import_statements(session, read.statements, file_name=file.name, **words)
        assert done.new == len(lines), file
        told = proposed_lines(session)
        self.booked_alone += len(session.exec(select(Payment.id)).all()) - paid_before
        order = {row.id: row.position for row in session.exec(select(BankLine).order_by(col(BankLine.id)))}
        told.sort(key=lambda one: order[one.line.id])
        self._decide(session, told, [*mine, None], words)

    def _decide(
        self, session: Session, told: list[ProposedLine], truth: list[Due | None], words: dict[str, Any]
    ) -> None:
        matches = []
        for one, due in zip(told, truth, strict=True):
            if due is None:
                matches.append(LineMatch(one.line.id, (MatchPart(account="bank_charges"),)))
                continue
            assert one.line.amount == due.amount
            right = _is_right(one, due)
            sort = "clean" if due.kind in CLEAN else "dirty"
            for counted in (
                self.counted.setdefault(sort, Counted()),
                self.by_kind.setdefault(due.kind, Counted()),
            ):
                counted.lines += 1
                counted.right += right
                best = one.best
                sure = best is not None and best.mark == "sure"
                counted.sure += sure
                what = f"{due.kind} {due.on} {due.customer} {due.amount} '{one.line.words}'"
                if not right:
                    counted.wrong.append(what)
                if sure and not right:
                    counted.sure_wrong.append(what)
            if right:
                matches.append(as_match(one))
            else:
                open_now = {key: _open(session, key) for key in due.shares}
                shares = {key: min(part, open_now[key]) for key, part in due.shares.items()}
                total = sum(shares.values(), D(0))
                if total > due.amount:
                    last = max(shares, key=lambda key: shares[key])
                    shares[last] -= total - due.amount
                matches.append(LineMatch(one.line.id, (MatchPart(customer=due.customer, shares=shares),)))
        match_lines(session, matches, **words)


def _open(session: Session, key: int) -> Decimal:
    item = session.get(ReceivableItem, key)
    assert item is not None
    return item.open


def _is_right(one: ProposedLine, due: Due) -> bool:
    """Whether the first proposal pays what the customer meant, of the right customer."""
    best = one.best
    if best is None or best.customer != due.customer:
        return False
    return {pay.item_id for pay in best.pays} == set(due.shares)
