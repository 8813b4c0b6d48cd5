"""What a line of a bank statement most likely is: proposals with a score and its reasons. Pure: it books nothing.

A proposal pays instalments of one customer, or is a payment that was written down already, a payment that bounced, or
a charge on an account of the ledger. Rule: docs/rules/bank.md, "Proposals".
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from o2c_tui.rules.allocation import OpenItem, oldest_first, propose
from o2c_tui.rules.names import folded, likeness
from o2c_tui.rules.statements import account_key
from o2c_tui.texts import N_

ZERO = Decimal(0)
SURE, LIKELY = 80, 50  # scores from which a proposal is called so
MOST_CANDIDATES = 8  # customers that are tried for one line
NEAR_DAYS = 10  # between a payment that was written down and its line
BOUNCE_DAYS = 90
MOST_CHARGE = Decimal(25)  # that a bank may have kept of a payment, in the company's currency


@dataclass(frozen=True)
class Owed:
    """One open instalment; `names` are what else it is called by: its orders' numbers, the customer's own."""

    id: int
    customer_id: int
    number: str
    due_on: date
    open_amount: Decimal
    dated_on: date | None = None
    discount: Decimal = ZERO  # what may be kept back until `discount_on`
    discount_on: date | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Payer:
    """A customer as a bank may know it."""

    id: int
    name: str
    accounts: tuple[str, ...] = ()
    more_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Posted:
    """A payment in the books that no line was matched with, or (`matched`) one that may have bounced."""

    id: int
    number: str
    customer_id: int
    on: date
    amount: Decimal
    reference: str = ""
    matched: bool = False


@dataclass(frozen=True)
class Learned:
    """A rule that earlier decisions taught."""

    id: int
    field: str  # counterparty, counterparty_account, text
    pattern: str
    customer_id: int | None
    account_id: int | None
    times: int


@dataclass(frozen=True)
class Line:
    """A line of a statement that nobody has decided on."""

    id: int
    on: date
    amount: Decimal
    text: str = ""
    reference: str = ""
    counterparty: str = ""
    counterparty_account: str = ""


@dataclass(frozen=True)
class Reason:
    """Why a line is proposed so: a word of REASON_WORDS, and what it is said of."""

    code: str
    value: str = ""


REASON_WORDS = {
    "exact": N_("amount exact"),
    "sum": N_("amount is the sum of {value}"),
    "discount": N_("amount less the discount"),
    "tolerance": N_("amount but for {value}"),
    "charge": N_("{value} less: a bank charge?"),
    "part": N_("part of what is open"),
    "over": N_("{value} more than is open"),
    "oldest": N_("amount fits nothing; the oldest first"),
    "number": N_("names {value}"),
    "mangled": N_("names {value}, damaged"),
    "order": N_("names {value}"),
    "hint": N_("ends of numbers fit"),
    "account": N_("from the customer's account"),
    "name": N_("the payer's name fits"),
    "alike": N_("payer's name resembles the customer's"),
    "in_text": N_("the customer's name stands in the text"),
    "learned": N_("decided so before: {value}"),
    "only": N_("nothing else has this amount"),
    "near_due": N_("near the due date"),
    "clash": N_("but it names {value}"),
    "other_payer": N_("but another customer has the payer's name"),
    "posted": N_("written down already: {value}"),
    "bounced": N_("came back: {value}"),
    "changed": N_("{value} changed by the bank"),
    "fee_words": N_("reads like a charge of the bank"),
}
_WEIGHT = {
    "exact": 42, "sum": 38, "discount": 40, "tolerance": 34, "charge": 24, "part": 12, "over": 12, "oldest": 0,
    "number": 42, "mangled": 34, "order": 36, "hint": 10, "account": 34, "name": 30, "alike": 18, "in_text": 20,
    "only": 8, "near_due": 4, "clash": -22, "other_payer": -25,
}  # fmt: skip
_WHOLE = ("exact", "sum", "discount", "tolerance")  # settle what they pay
_FEE_WORDS = re.compile(
    r"\b(bank fees?|fees?|charges?|commission|account maintenance|entgelt|kontof\w+|geb\w*hr(en)?|frais|spesen)\b|手续费|服务费|账户管理费"
)
_MONTHS = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "januar",
        "februar",
        "marz",
        "mai",
        "juni",
        "juli",
        "oktober",
        "dezember",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "okt",
        "nov",
        "dec",
        "dez",
    ]
)
_BACK_WORDS = re.compile(
    r"\b(return(ed)?|reject(ed)?|charge ?back|bounced|unpaid|reversal|storno|r\w*cklast\w*|retoure?|rejet)\b|退回|退汇"
)


@dataclass(frozen=True)
class MatchProposal:
    """What a line may be. `shares` by instalment, with what is kept back of each besides; `rest` stays unapplied."""

    score: int  # 0 to 100
    reasons: tuple[Reason, ...]
    customer_id: int | None = None
    shares: Mapping[int, Decimal] = field(default_factory=dict)
    discounts: Mapping[int, Decimal] = field(default_factory=dict)
    differences: Mapping[int, Decimal] = field(default_factory=dict)
    charges: Mapping[int, Decimal] = field(default_factory=dict)
    rest: Decimal = ZERO
    account_id: int | None = None
    payment_id: int | None = None
    bounced_id: int | None = None
    is_fee: bool = False  # for the account of bank charges
    sure: bool = False

    @property
    def mark(self) -> str:
        """sure, likely or maybe."""
        return "sure" if self.sure else "likely" if self.score >= LIKELY else "maybe"


# -- the numbers that a text names -------------------------------------------------------------------------------------

_CONFUSED = str.maketrans("OQDILSBZG", "000115826")


def _compact(text: str) -> str:
    return account_key(text)


@dataclass(frozen=True)
class _Number:
    prefix: str  # letters and year: INV26
    serial: str  # digits as written: 0001
    keys: tuple[int, ...]  # instalments
    number: str


class Numbers:
    """Numbers of documents, found in what people and machines make of them."""

    def __init__(self, named: Iterable[tuple[str, int]]) -> None:
        found: dict[str, tuple[str, list[int]]] = {}
        for number, key in named:
            compact = _compact(number)
            if compact:
                found.setdefault(compact, (number, []))[1].append(key)
        self.exact: dict[str, _Number] = {}
        self.by_serial: dict[tuple[str, int], _Number] = {}
        self.by_confused: dict[tuple[str, int], _Number] = {}
        self.by_digits: dict[str, list[_Number]] = defaultdict(list)
        self.free: dict[str, _Number] = {}  # numbers of the customers' own making
        for compact, (number, keys) in found.items():
            parts = re.fullmatch(r"(.*\D\d*)[^0-9A-Z]+(\d{1,9})", number.strip().upper())
            if parts is None:
                if len(compact) >= 4:
                    self.free[compact] = _Number("", compact, tuple(keys), number)
                continue
            told = _Number(_compact(parts.group(1)), parts.group(2), tuple(keys), number)
            self.exact[compact] = told
            self.by_serial[told.prefix, int(told.serial)] = told
            self.by_confused[told.prefix.translate(_CONFUSED), int(told.serial)] = told
            self.by_digits[re.sub(r"\D", "", compact)].append(told)
        self.prefixes = sorted({number.prefix for number in self.exact.values()})
        self.confused = sorted({prefix.translate(_CONFUSED) for prefix in self.prefixes})

    def named_in(self, text: str, *, loose: bool = True) -> list[tuple[str, _Number]]:
        """(how surely, number) of all that a text names: number, or mangled; confused signs and bare digits if `loose`."""
        upper = unicodedata.normalize("NFKC", text).upper()
        compact = _compact(upper)
        found: dict[str, tuple[str, _Number]] = {}
        for prefix in self.prefixes:
            self._scan(compact, prefix, self.by_serial, found, "number", "mangled")
        runs = re.findall(r"[0-9A-Z]+", upper)
        for prefix in {number.prefix for _how, number in found.values()}:  # INV26-0001, 0002 and 3
            for run in re.findall(r"(?<![0-9A-Z.-])\d{1,9}(?![0-9A-Z-])", upper):
                told = self.by_serial.get((prefix, int(run)))
                if told is not None and len(run) == len(told.serial):
                    found.setdefault(told.number, ("mangled", told))
        if not found and loose:
            for prefix in self.confused:
                self._scan(compact.translate(_CONFUSED), prefix, self.by_confused, found, "mangled", "mangled")
        if not found and loose:
            for n in range(len(runs)):
                for length in (1, 2, 3):
                    joined = "".join(runs[n : n + length])
                    told_here = self.by_digits.get(joined, []) if joined.isdigit() and len(joined) >= 5 else []
                    if len(told_here) == 1:
                        found[told_here[0].number] = ("mangled", told_here[0])
        if self.free:
            for n in range(len(runs)):
                for length in (1, 2, 3, 4):
                    told = self.free.get("".join(runs[n : n + length]))
                    if told is not None:
                        found[told.number] = ("number", told)
        return list(found.values())

    @staticmethod
    def _scan(
        compact: str,
        prefix: str,
        known: Mapping[tuple[str, int], _Number],
        found: dict[str, tuple[str, _Number]],
        whole: str,
        shortened: str,
    ) -> None:
        """Each place where a prefix stands, and the number its digits make: as long as it is known, zeros lost or not."""
        at = compact.find(prefix)
        while at >= 0:
            digits = re.match(r"\d{1,12}", compact[at + len(prefix) :])
            if digits is not None:
                told = digits.group()
                for n in range(len(told), 0, -1):
                    number = known.get((prefix, int(told[:n])))
                    if number is not None and n == len(number.serial):
                        found[number.number] = (whole, number)
                        break
                else:
                    number = known.get((prefix, int(told)))
                    if number is not None:
                        found.setdefault(number.number, (shortened, number))
            at = compact.find(prefix, at + len(prefix))


# -- all that is known -------------------------------------------------------------------------------------------------


class Known:
    """Everything a line can be matched with. What proposals take of an instalment is no longer there for the next."""

    def __init__(
        self,
        owed: Sequence[Owed],
        payers: Sequence[Payer],
        learned: Sequence[Learned] = (),
        posted: Sequence[Posted] = (),
        *,
        tolerance: Decimal = ZERO,
        most_charge: Decimal = MOST_CHARGE,
    ) -> None:
        self.owed = {item.id: item for item in owed}
        self.left = {item.id: item.open_amount for item in owed}
        self.tolerance, self.most_charge = tolerance, most_charge
        self.by_customer: dict[int, list[Owed]] = defaultdict(list)
        self.by_amount: dict[Decimal, list[Owed]] = defaultdict(list)
        for item in owed:
            self.by_customer[item.customer_id].append(item)
            for amount in {item.open_amount, item.open_amount - item.discount}:
                self.by_amount[amount.normalize()].append(item)
        self.numbers = Numbers((item.number, item.id) for item in owed)
        self.orders = Numbers((name, item.id) for item in owed for name in item.names)
        self.payers = {payer.id: payer for payer in payers}
        self.names: dict[str, list[int]] = defaultdict(list)
        self.words: dict[str, list[int]] = defaultdict(list)
        self.accounts: dict[str, int] = {}
        seen = Counter(
            word for payer in payers for name in (payer.name, *payer.more_names) for word in set(folded(name).split())
        )
        for payer in payers:
            for account in payer.accounts:
                self.accounts[account_key(account)] = payer.id
            for name in (payer.name, *payer.more_names):
                plain = folded(name)
                if not plain:
                    continue
                self.names[plain].append(payer.id)
                for word in sorted(set(plain.split()), key=lambda word: (seen[word], word))[:2]:  # the rarest
                    self.words[word].append(payer.id)
        self.learned = {(rule.field, rule.pattern): rule for rule in learned}
        self.posted: dict[Decimal, list[Posted]] = defaultdict(list)
        for payment in posted:
            self.posted[payment.amount.normalize()].append(payment)
        self.used: set[int] = set()  # payments that a line was proposed for

    def take(self, proposal: MatchProposal) -> None:
        """Mark what a proposal takes."""
        for key in proposal.shares:
            self.left[key] -= sum(
                (
                    part.get(key, ZERO)
                    for part in (proposal.shares, proposal.discounts, proposal.differences, proposal.charges)
                ),
                ZERO,
            )
        for payment in (proposal.payment_id, proposal.bounced_id):
            if payment is not None:
                self.used.add(payment)

    def takes_no_more(self, proposal: MatchProposal) -> bool:
        """Whether all that a proposal takes is still there."""
        whole = all(
            sum(
                (
                    part.get(key, ZERO)
                    for part in (proposal.shares, proposal.discounts, proposal.differences, proposal.charges)
                ),
                ZERO,
            )
            <= self.left[key]
            for key in proposal.shares
        )
        return whole and not {proposal.payment_id, proposal.bounced_id} & self.used


def patterns(line: Line) -> list[tuple[str, str]]:
    """What a rule can know a line by, the surest first: (field, pattern)."""
    found = []
    if line.counterparty_account:
        found.append(("counterparty_account", account_key(line.counterparty_account)))
    if plain := folded(line.counterparty):
        found.append(("counterparty", plain))
    if not found:
        words = [word for word in folded(re.sub(r"\w*\d\w*", " ", line.text)).split() if word not in _MONTHS]
        if words:
            found.append(("text", " ".join(words)[:80]))
    return found


# -- proposals ---------------------------------------------------------------------------------------------------------


def proposals(line: Line, known: Known, most: int = 3) -> list[MatchProposal]:
    """What a line may be, the likeliest first."""
    found = [*_as_posted(line, known), *_as_learned_account(line, known)]
    if line.amount > ZERO:
        found += _as_payments(line, known)
    else:
        found += _as_bounced(line, known)
        if not any(p.account_id for p in found) and _FEE_WORDS.search(_words(line).casefold()):
            found.append(MatchProposal(45, (Reason("fee_words"),), is_fee=True))
    found.sort(key=lambda p: (-p.score, len(p.shares), tuple(p.shares)))
    return [_judged(p, found) for p in found[:most]]


def propose_all(lines: Sequence[Line], known: Known) -> dict[int, list[MatchProposal]]:
    """Proposals for many lines that together never take more than is open: the surest line chooses first."""
    first = {line.id: proposals(line, known) for line in lines}
    order = sorted(lines, key=lambda n: (-(first[n.id][0].score if first[n.id] else 0), n.on, n.id))
    told = {}
    for line in order:
        mine = first[line.id]
        if mine and not known.takes_no_more(mine[0]):
            mine = proposals(line, known)
        else:
            mine = [p for n, p in enumerate(mine) if not n or known.takes_no_more(p)]
        if mine:
            known.take(mine[0])
        told[line.id] = mine
    return told


def _figure(value: Decimal) -> str:
    """An amount in a reason: without the zeros that stored figures carry, but with both digits of its cents."""
    if value == value.to_integral():
        return format(value.to_integral(), "f")
    cents = round(value, 2)
    return format(cents if cents == value else value.normalize(), "f")


def _words(line: Line) -> str:
    return f"{line.text} {line.reference}"


def _judged(proposal: MatchProposal, all_of_line: Sequence[MatchProposal]) -> MatchProposal:
    """Sure only where the reasons carry it and nothing else comes near."""
    others = [p for p in all_of_line if p is not proposal]
    near = any(p.score > proposal.score - 12 for p in others)
    codes = {reason.code for reason in proposal.reasons}
    named = bool(codes & {"number", "order", "mangled"})
    payer = bool(codes & {"account", "name", "learned"})
    sure = proposal.score >= SURE and not near and not codes & {"clash", "other_payer", "charge", "over"}
    if proposal.shares:
        sure = sure and bool(codes & set(_WHOLE)) and (named or (payer and "only" in codes))
    return replace(proposal, sure=sure)


def _payers_of(line: Line, known: Known) -> dict[int, Reason]:
    """Customers that the payer may be, with the reason."""
    found: dict[int, Reason] = {}
    for pattern in patterns(line):
        rule = known.learned.get(pattern)
        if rule is not None and rule.customer_id is not None:
            found.setdefault(rule.customer_id, Reason("learned", line.counterparty or line.counterparty_account))
    account = known.accounts.get(account_key(line.counterparty_account)) if line.counterparty_account else None
    if account is not None:
        found.setdefault(account, Reason("account"))
    plain = folded(line.counterparty)
    for key in known.names.get(plain, ()) if plain else ():
        found.setdefault(key, Reason("name"))
    if plain and not found:
        near = {key for word in plain.split() for key in known.words.get(word, ())}
        near |= {key for word in plain.split() for key in _starting(known, word)}
        scored = sorted(
            ((max(likeness(plain, folded(n)) for n in _names(known.payers[key])), key) for key in near), reverse=True
        )
        for score, key in scored[:3]:
            if score >= 90:
                found.setdefault(key, Reason("name"))
            elif score >= 50:
                found.setdefault(key, Reason("alike"))
    if not found:
        there = set(folded(f"{_words(line)} {line.counterparty}").split())
        for word in sorted(there):
            for key in known.words.get(word, ()):
                if any(set(folded(name).split()) <= there for name in _names(known.payers[key])):
                    found.setdefault(key, Reason("in_text"))
    return dict(list(found.items())[:MOST_CANDIDATES])


def _names(payer: Payer) -> tuple[str, ...]:
    return (payer.name, *payer.more_names)


def _starting(known: Known, word: str) -> Iterable[int]:
    """Customers with a name whose rarest word a cut-off word begins."""
    if len(word) < 5:
        return ()
    return [key for other, keys in known.words.items() if other != word and other.startswith(word) for key in keys]


def _as_payments(line: Line, known: Known) -> list[MatchProposal]:
    """Instalments that money pays: those that are named, those of the payer, those of the amount."""
    named: dict[int, dict[int, Reason]] = defaultdict(dict)  # customer → instalment → why
    for how, number in known.numbers.named_in(_words(line)):
        for key in number.keys:
            named[known.owed[key].customer_id][key] = Reason(how, number.number)
    for how, number in known.orders.named_in(_words(line), loose=not named):
        for key in number.keys:
            reason = Reason("order" if how == "number" else "mangled", number.number)
            named[known.owed[key].customer_id].setdefault(key, reason)
    payers = _payers_of(line, known)
    customers = dict.fromkeys((*named, *payers))
    alone = not customers
    if alone:
        fits = [item for item in known.by_amount.get(line.amount.normalize(), ()) if known.left[item.id]]
        customers = dict.fromkeys(item.customer_id for item in fits[:MOST_CANDIDATES])
    found = []
    for customer in list(customers)[:MOST_CANDIDATES]:
        told = _for_customer(line, known, customer, named.get(customer, {}))
        if told is None:
            continue
        reasons = list(told.reasons)
        if customer in payers:
            reasons.append(payers[customer])
        elif payers and any(reason.code in ("account", "name", "learned") for reason in payers.values()):
            reasons.append(Reason("other_payer"))
        elsewhere = [r.value for other, keys in named.items() if other != customer for r in keys.values()]
        if elsewhere:
            reasons.append(Reason("clash", elsewhere[0]))
        found.append(_scored(replace(told, reasons=tuple(reasons)), known, line))
    return found


def _scored(proposal: MatchProposal, known: Known, line: Line) -> MatchProposal:
    score = 0
    for reason in proposal.reasons:
        if reason.code == "learned":
            score += 36
        else:
            score += _WEIGHT.get(reason.code, 0)
    dues = [known.owed[key].due_on for key in proposal.shares]
    if dues and min(abs((line.on - due).days) for due in dues) <= 10:
        score += _WEIGHT["near_due"]
    return replace(proposal, score=max(1, min(100, score)))


def _for_customer(line: Line, known: Known, customer: int, named: Mapping[int, Reason]) -> MatchProposal | None:
    """What a line pays of one customer's instalments; what it names comes first."""
    there = [item for item in known.by_customer.get(customer, ()) if known.left[item.id] > ZERO]
    mine = [item for item in there if item.id in named]
    why = list({named[item.id].value: named[item.id] for item in mine}.values())
    if mine:
        told = _whole(line, known, mine) or _nearly(line, known, mine)
        if told is not None:
            return replace(told, reasons=(*told.reasons, *why))
    told = _whole(line, known, there) if there else None
    if told is not None:
        taken = [named[key] for key in told.shares if key in named]
        clash = [] if taken or not why else [Reason("clash", why[0].value)]
        same = Counter((known.left[i.id]) for i in there)
        only = len(told.shares) == 1 and all(same[known.left[key]] == 1 for key in told.shares)
        only = only or len(told.shares) == len(there)
        serials = {run for run in re.findall(r"\d{3,}", _words(line))}
        hint = any(re.sub(r".*\D", "", known.owed[key].number) in serials for key in told.shares)
        more = [*taken, *clash, *([Reason("only")] if only else []), *([Reason("hint")] if hint and not taken else [])]
        return replace(told, reasons=(*told.reasons, *more))
    if mine:
        return replace(_rest(line, known, mine), reasons=(*_rest(line, known, mine).reasons, *why))
    if not there:
        return None
    return _nearly(line, known, there, single=True) or _rest(line, known, there)


def _items(line: Line, known: Known, some: Sequence[Owed], *, early: bool) -> list[OpenItem]:
    """The instalments as the search for sums takes them; `early` less the discount they offer on the line's day."""
    return [
        OpenItem(
            item.id, item.due_on, known.left[item.id] - (_discount(line, known, item) if early else ZERO), item.number
        )
        for item in some
    ]


def _discount(line: Line, known: Known, item: Owed) -> Decimal:
    offered = item.discount_on is not None and line.on <= item.discount_on and known.left[item.id] == item.open_amount
    return item.discount if offered else ZERO


def _whole(line: Line, known: Known, some: Sequence[Owed]) -> MatchProposal | None:
    """Instalments that the amount settles to the cent, with or without their discount, or within the tolerance."""
    for early in (False, True):
        if early and not any(_discount(line, known, item) for item in some):
            continue
        told = propose([i for i in _items(line, known, some, early=early) if i.open_amount > ZERO], line.amount)
        if told.reason in ("exact", "sum"):
            kept = {}
            if early:
                kept = {key: part for key in told.shares if (part := _discount(line, known, known.owed[key]))}
            value = str(len(told.shares)) if told.reason == "sum" else ""
            reasons = (Reason("discount"),) if kept else (Reason(told.reason, value),)
            return MatchProposal(0, reasons, some[0].customer_id, told.shares, kept)
    for group in (*([item] for item in some), list(some)):
        short = sum((known.left[item.id] for item in group), ZERO) - line.amount
        if short and abs(short) <= known.tolerance:
            shares = {item.id: known.left[item.id] for item in group}
            if short < ZERO:
                reason = Reason("tolerance", _figure(-short))
                return MatchProposal(0, (reason,), group[0].customer_id, shares, rest=-short)
            last = max(shares, key=lambda key: shares[key])
            if shares[last] > short:
                shares[last] -= short
                reason = Reason("tolerance", _figure(short))
                return MatchProposal(0, (reason,), group[0].customer_id, shares, differences={last: short})
    return None


def _nearly(line: Line, known: Known, some: Sequence[Owed], *, single: bool = False) -> MatchProposal | None:
    """Instalments that lack so little that a bank on the way may have kept it."""
    for group in (*([item] for item in some), *([] if single else [list(some)])):
        wanted = sum((known.left[item.id] for item in group), ZERO)
        short = wanted - line.amount
        if ZERO < short <= min(known.most_charge, wanted / 10):
            shares = {item.id: known.left[item.id] for item in group}
            last = max(shares, key=lambda key: shares[key])
            if shares[last] <= short:
                continue
            shares[last] -= short
            reason = Reason("charge", _figure(short))
            return MatchProposal(0, (reason,), group[0].customer_id, shares, charges={last: short})
    return None


def _rest(line: Line, known: Known, some: Sequence[Owed]) -> MatchProposal:
    """The oldest first; what is too much stays unapplied."""
    shares = oldest_first(_items(line, known, some, early=False), line.amount)
    rest = line.amount - sum(shares.values(), ZERO)
    if rest:
        reason = Reason("over", _figure(rest))
    else:
        reason = Reason("part") if len(some) == 1 else Reason("oldest")
    return MatchProposal(0, (reason,), some[0].customer_id, shares, rest=rest)


def _as_posted(line: Line, known: Known) -> list[MatchProposal]:
    """Payments (or refunds) in the books that no line was matched with yet, of this amount and about this day."""
    payers = _payers_of(line, known) if known.posted else {}
    found = []
    for payment in known.posted.get(line.amount.normalize(), ()):
        if payment.matched or payment.id in known.used or abs((line.on - payment.on).days) > NEAR_DAYS:
            continue
        reasons = [Reason("posted", payment.number)]
        score = 62 - abs((line.on - payment.on).days)
        reference = _compact(payment.reference)
        if payment.customer_id in payers:
            reasons.append(payers[payment.customer_id])
            score += 32
        elif payers:
            score -= 20
        if len(reference) >= 4 and reference in _compact(_words(line)):
            reasons.append(Reason("number", payment.reference))
            score += 28
        found.append(MatchProposal(min(score, 100), tuple(reasons), payment.customer_id, payment_id=payment.id))
    return found


def _as_bounced(line: Line, known: Known) -> list[MatchProposal]:
    """Payments that came in before and may have gone back with this line."""
    payers = _payers_of(line, known)
    back = bool(_BACK_WORDS.search(_words(line).casefold()))
    found = []
    for payment in known.posted.get((-line.amount).normalize(), ()):
        if payment.id in known.used or not 0 <= (line.on - payment.on).days <= BOUNCE_DAYS:
            continue
        mine = payment.customer_id in payers
        reference = _compact(payment.reference)
        named = len(reference) >= 4 and reference in _compact(_words(line))
        if not (back or mine or named):
            continue
        reasons = [Reason("bounced", payment.number), *([payers[payment.customer_id]] if mine else [])]
        score = 30 + 25 * back + 25 * mine + 15 * named
        found.append(MatchProposal(min(score, 100), tuple(reasons), payment.customer_id, bounced_id=payment.id))
    return found


def _as_learned_account(line: Line, known: Known) -> list[MatchProposal]:
    """The account of the ledger that lines like this were booked on before."""
    for pattern in patterns(line):
        rule = known.learned.get(pattern)
        if rule is not None and rule.account_id is not None:
            value = line.counterparty or line.text[:30]
            return [
                MatchProposal(min(70 + 10 * rule.times, 95), (Reason("learned", value),), account_id=rule.account_id)
            ]
    return []
