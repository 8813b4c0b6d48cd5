"""Reasons of an adjustment of a customer's account: which account it goes to, and who may take how much.

Rule: docs/rules/settling.md, "Reasons".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import (
    BadValueError,
    ConflictError,
    DuplicateError,
    MissingValueError,
    NotAllowedError,
    UnknownCodeError,
)
from o2c_tui.models.company import ROLE_WORDS, UserRole
from o2c_tui.models.ledger import Account, AccountRole
from o2c_tui.models.receivable_adjustment import AdjustmentKind, AdjustmentReason, ReceivableAdjustment
from o2c_tui.money import MOST_AMOUNT, is_figure, round_to
from o2c_tui.queries.lookups import the_company, unknown
from o2c_tui.queries.settling import USUAL_ACCOUNT, USUAL_REASONS, ReasonFacts, reasons
from o2c_tui.services.posting import account_for
from o2c_tui.services.records import Record, clean_code, clean_name
from o2c_tui.services.rights import role_of_person
from o2c_tui.storage.chain import created, decide, record
from o2c_tui.texts import N_

ZERO = Decimal(0)
_NEVER = (AccountRole.RECEIVABLE, AccountRole.INVENTORY, AccountRole.GOODS_NOT_BILLED, AccountRole.PAYABLE)


@dataclass(frozen=True)
class ReasonSetup:
    """A reason as entered; None leaves a value as it is where the reason exists."""

    code: str
    name: str | None = None
    kind: AdjustmentKind | None = None
    account: str | None = None  # code; empty: the usual one of its kind
    most: Decimal | None = None  # on one invoice; beyond it only the owner. 0: no limit
    with_tax: bool | None = None
    active: bool | None = None


def save_reason(session: Session, setup: ReasonSetup, *, version: int | None = None, by: str, today: date) -> Record:
    """Make or change a reason of an adjustment; only the owner, since it says how much others may write off.

    Raises:
        NotAllowedError: this person may not. BadValueError: a limit that is no amount, or an account that verbs keep.
        MissingValueError: a new one without a name or kind. ConflictError: somebody else changed it meanwhile.
    """
    _only_owner(session, by)
    reason, is_new = _saved(session, setup, version)
    record(session, "save_reason", reason, by=by)
    return Record(reason.id, reason.code, is_new)


def save_reasons(
    session: Session, setups: Sequence[ReasonSetup], *, version: int | None = None, by: str, today: date
) -> int:
    """All reasons at once, as they stand in the grid; those that are not in it go out of use. Returns how many there are.

    `version` is the sum of the versions of those that were seen.

    Raises: what save_reason raises. DuplicateError: a code stands twice.
    """
    _only_owner(session, by)
    there = {reason.code: reason for reason in reasons(session)}
    if version is not None and version != sum(reason.version for reason in there.values()):
        raise ConflictError(N_("Somebody else has changed the settings meanwhile. Look at them again (F5)."))
    codes = [clean_code(setup.code, field=f"code.{n}") for n, setup in enumerate(setups, 1)]
    changed: AdjustmentReason | None = None
    for n, (code, setup) in enumerate(zip(codes, setups, strict=True), 1):
        if code in codes[: n - 1]:
            raise DuplicateError(N_("{code} stands twice."), field=f"code.{n}", code=code)
        old = there.pop(code, None)
        if old is None or _differs(old, setup):
            changed, _new = _saved(session, setup, None)
    for code in there:
        changed, _new = _saved(session, ReasonSetup(code, active=False), None)
    if changed is not None:
        record(session, "save_reasons", changed, by=by)
    return len(codes)


def _differs(old: ReasonFacts, setup: ReasonSetup) -> bool:
    """Whether a setup says anything else than what stands."""
    names = ("name", "kind", "account", "most", "with_tax", "active")
    return any(getattr(setup, name) not in (None, getattr(old, name)) for name in names)


def _only_owner(session: Session, by: str) -> None:
    role = role_of_person(session, by)
    if role is not UserRole.OWNER:
        raise NotAllowedError(
            N_("{by} ({role_word}) may not change reasons of adjustments; ask an owner."),
            by=by,
            role_word=ROLE_WORDS[role],
        )


def _saved(session: Session, setup: ReasonSetup, version: int | None) -> tuple[AdjustmentReason, bool]:
    """The reason as it is stored now, and whether it was made."""
    company = the_company(session)
    if setup.most is not None and not is_figure(setup.most, company.digits, MOST_AMOUNT):
        raise BadValueError(N_("The limit must be 0 or an amount."), field="most")
    code = clean_code(setup.code)
    values: dict[str, Any] = {
        name: getattr(setup, name)
        for name in ("kind", "most", "with_tax", "active")
        if getattr(setup, name) is not None
    }
    if setup.name is not None:
        values["name"] = clean_name(setup.name)
    if setup.account is not None:
        values["account_id"] = _account(session, setup.account) if setup.account.strip() else None
    reason = session.exec(select(AdjustmentReason).where(AdjustmentReason.code == code)).one_or_none()
    if reason is None and code in {usual for usual, *_ in USUAL_REASONS}:
        reason = _usual(session, code)
        version = None
    is_new = reason is None
    if reason is None:
        if "name" not in values or "kind" not in values:
            raise MissingValueError(N_("A new reason needs a name and a kind."), field="name")
        reason = AdjustmentReason(code=code, **values)
        session.add(reason)
        session.flush()
        created(session, reason)
    else:
        if version is not None and reason.version != version:
            raise ConflictError(
                N_("Somebody else has changed {document} meanwhile. Look at it again (F5), then repeat the step."),
                document=code,
            )
        decide(session, reason, **values)
        reason.version += 1
    return reason, is_new


def _account(session: Session, code: str) -> int:
    account = session.exec(select(Account).where(Account.code == code.strip())).one_or_none()
    if account is None:
        raise unknown(session, Account, N_("account"), code, "account")
    if account.role in _NEVER:
        raise BadValueError(N_("{account} is kept by the documents alone."), field="account", account=account.code)
    return account.id


def _usual(session: Session, code: str) -> AdjustmentReason:
    """A usual reason, written down as it is first needed."""
    told = next(usual for usual in USUAL_REASONS if usual[0] == code)
    reason = AdjustmentReason(code=code, name=told[1], kind=told[2], with_tax=told[3])
    session.add(reason)
    session.flush()
    created(session, reason)
    return reason


def reason_by_code(session: Session, code: str) -> AdjustmentReason:
    """The reason with this code; a usual one is made where it was not there yet.

    Raises:
        UnknownCodeError: there is none. BadValueError: it is out of use.
    """
    wanted = code.strip().upper()
    found = session.exec(select(AdjustmentReason).where(AdjustmentReason.code == wanted)).one_or_none()
    if found is None and wanted in {usual for usual, *_ in USUAL_REASONS}:
        found = _usual(session, wanted)
    if found is None:
        raise UnknownCodeError(
            N_("There is no reason {code}. There are: {codes}."),
            field="reason",
            code=code,
            codes=", ".join(reason.code for reason in reasons(session)),
        )
    if not found.active:
        raise BadValueError(N_("The reason {code} is not used any more."), field="reason", code=found.code)
    return found


def account_of(session: Session, reason: AdjustmentReason) -> int:
    """The account a reason goes to: its own, else the usual one of its kind, opened if it is not there yet."""
    return reason.account_id or account_for(session, USUAL_ACCOUNT[reason.kind])


def check_limit(
    session: Session, reason: AdjustmentReason, amount: Decimal, customer_id: int, invoice_id: int | None, by: str
) -> None:
    """Refuse more than the reason allows to anybody but the owner; what was taken of the same invoice for it counts.

    `amount` in the company's currency.

    Raises:
        NotAllowedError: says the limit.
    """
    limit = the_company(session).small_difference if reason.kind is AdjustmentKind.SMALL_DIFFERENCE else reason.most
    if reason.kind is AdjustmentKind.SMALL_DIFFERENCE and reason.most:
        limit = min(limit, reason.most)
    if not limit and reason.kind is not AdjustmentKind.SMALL_DIFFERENCE:
        return
    if role_of_person(session, by) is UserRole.OWNER:
        return
    before = sa.select(col(ReceivableAdjustment.amount), col(ReceivableAdjustment.rate)).where(
        col(ReceivableAdjustment.reason_id) == reason.id,
        col(ReceivableAdjustment.customer_id) == customer_id,
        col(ReceivableAdjustment.invoice_id) == invoice_id,
    )
    whole = abs(amount)
    if invoice_id is not None:
        parts = [part * (rate or 1) for part, rate in session.execute(before)]
        whole += round_to(abs(sum(parts, ZERO)), the_company(session).digits)
    if whole > limit:
        raise NotAllowedError(
            N_("{reason}: at most {limit} on one invoice, {whole} were asked for; only an owner may do more."),
            field="amount",
            reason=reason.code,
            limit=limit,
            whole=whole,
        )
