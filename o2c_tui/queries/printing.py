"""A stored document as its reader on paper sees it: the view that a PDF is made of.

Everything comes from the document's own snapshot; the company's letterhead is that of today.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError
from o2c_tui.models.audit import AuditEntry
from o2c_tui.models.bank import BankAccount
from o2c_tui.models.base import AMOUNT
from o2c_tui.models.invoice import Invoice, InvoiceLine
from o2c_tui.models.item import PaymentTerm
from o2c_tui.models.ledger import Account, AccountRole, JournalEntry, JournalLine, SourceKind
from o2c_tui.models.party import Party
from o2c_tui.models.receivable_adjustment import ADJUSTMENT_WORDS, AdjustmentKind
from o2c_tui.money import Rounding
from o2c_tui.queries.document_view import (
    AllocationView,
    CompanyView,
    DeductionView,
    DocumentKind,
    DocumentView,
    HomeView,
    InstalmentView,
    LineView,
    PartyView,
    Said,
    TaxGroupView,
    Telling,
)
from o2c_tui.queries.documents import NUMBERED, Document, document
from o2c_tui.queries.lookups import addresses, the_company
from o2c_tui.queries.settling import tax_state
from o2c_tui.rules.epc import grouped, pay_text
from o2c_tui.rules.exchange import in_base
from o2c_tui.rules.pricing import LineInput, line_amount
from o2c_tui.rules.statements import account_key
from o2c_tui.rules.tax_parts import groups_of, taxes_in
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

ZERO = Decimal(0)
CENT = Decimal("0.01")
_KINDS = {
    "quotation": DocumentKind.QUOTATION,
    "order": DocumentKind.ORDER_CONFIRMATION,
    "delivery": DocumentKind.DELIVERY_NOTE,
    "invoice": DocumentKind.INVOICE,
    "payment": DocumentKind.RECEIPT,
    "receivable_adjustment": DocumentKind.ACCOUNT_ADVICE,
}
_DATES = {
    "quotation": "quoted_on",
    "order": "ordered_on",
    "delivery": "shipped_on",
    "invoice": "invoiced_on",
    "payment": "received_on",
    "receivable_adjustment": "adjusted_on",
}
_BEFORE = {
    "quotation": N_("Quotation no."),
    "order": N_("Order no."),
    "delivery": N_("Delivery no."),
    "invoice": N_("Invoice no."),
}


def pro_forma(session: Session, kind: str, key: int) -> DocumentView:
    """An order or a quotation as a pro-forma invoice: what will be billed, for customs or to be paid ahead. It posts nothing."""
    view = printed(session, kind, key)
    number: tuple[str, Telling] = (_BEFORE[kind], view.number)
    return replace(
        view,
        kind=DocumentKind.PRO_FORMA,
        references=(number, *view.references),
        valid_until=None,
        remark=N_("This is no invoice: nothing is owed by it, and it gives no right to deduct tax."),
    )


def printed(session: Session, kind: str, key: int) -> DocumentView:
    """One document as it goes to the customer, in the customer's language.

    Raises:
        NotFoundError: there is none. BadValueError: this kind is not printed.
    """
    if kind not in _KINDS:
        raise BadValueError(N_("This kind of document is not printed."))
    found = document(session, kind, key)
    if kind == "order":  # a line that an amendment gave up is no part of what is confirmed
        found = replace(found, lines=tuple(line for line in found.lines if line["quantity"]))
    head = found.head
    company = the_company(session)
    party = session.get(Party, head["customer_id"])
    assert party is not None
    bill_to, ship_to = addresses(session, party)
    credit = kind == "invoice" and head["kind"] == "credit_note"
    deductions = _deductions(session, found) if kind == "invoice" else ()
    if deductions:
        found = replace(found, lines=tuple(line for line in found.lines if line["deducts_line_id"] is None))
    lines, discount = _lines(found) if "prices_include_tax" in head else (_plain_lines(found), ZERO)
    refund = kind == "payment" and head["amount"] < 0 and head["reverses_id"] is None
    own = _invoice_kind(head) if kind == "invoice" else DocumentKind.REFUND if refund else _KINDS[kind]
    advised = _advised(session, found) if kind == "receivable_adjustment" else {}
    draft = found.state in ("draft", "picked", "packed")
    return DocumentView(
        kind=own,
        number=head["number"] or "–",
        date=head[_DATES[kind]],
        company=letterhead(session),
        bill_to=head.get("bill_to") or (head.get("ship_to") if kind == "delivery" else "") or bill_to,
        ship_to=head.get("ship_to") or (ship_to if kind == "delivery" else ""),
        currency=head.get("currency") or company.currency,
        digits=head.get("digits", company.digits),
        revision=head.get("revision", 1) if head.get("revision", 1) > 1 else 0,
        customer=PartyView(party.code, party.tax_id, party.contact),
        valid_until=head.get("valid_until"),
        amended_on=head.get("amended_on"),
        due_on=head.get("due_on") if not credit else None,
        references=(*advised.get("references", ()), *_references(found)),
        lines=lines,
        net=advised.get("net", head.get("net", ZERO)) + sum((part.net for part in deductions), ZERO),
        tax=advised.get("tax", head.get("tax", ZERO)) + sum((part.tax for part in deductions), ZERO),
        gross=abs(head.get("gross", head.get("amount", ZERO))),
        cash_difference=head.get("cash_difference", ZERO),
        discount=discount,
        tax_groups=advised.get("tax_groups", ()) or _taxes(found),
        tax_reasons=_reasons(found),
        instalments=tuple(InstalmentView(part.due_on, part.amount) for part in found.instalments) if not credit else (),
        deductions=deductions,
        allocations=tuple(AllocationView(share.number, share.due_on, share.amount) for share in found.shares)
        if kind in ("payment", "receivable_adjustment")
        else (),
        notes="\n".join(part for part in (head.get("note", ""), head.get("reason", "") if credit else "") if part),
        terms=term_name(session, head.get("term", "")),
        language=head.get("language") or party.language or company.language,
        home=_home(session, found) if kind == "invoice" and head["rate"] else None,
        pay_code=_pay_code(session, head, draft=draft) if kind == "invoice" and not credit else "",
        watermark=N_("DRAFT") if draft else N_("VOID") if found.state == "cancelled" else "",
        chain_mark=chain_mark(session, kind, key),
        prices_include_tax=head.get("prices_include_tax", False),
        show_prices=kind != "delivery",
    )


def _invoice_kind(head: Mapping[str, Any]) -> DocumentKind:
    kinds = {"credit_note": DocumentKind.CREDIT_NOTE, "deposit": DocumentKind.DEPOSIT_INVOICE}
    return kinds.get(head["kind"], DocumentKind.INVOICE)


def _deductions(session: Session, found: Document) -> tuple[DeductionView, ...]:
    """The deposits that an invoice takes off (or the credit note of one gives back), each with all its taxes."""
    keys = {line["deducts_line_id"]: line for line in found.lines if line["deducts_line_id"] is not None}
    own = [line for line in keys.values() if line["credits_line_id"] == line["deducts_line_id"]]
    if not keys or own:
        return ()
    query = (
        sa.select(col(InvoiceLine.id), col(Invoice.number), col(Invoice.invoiced_on))
        .join(Invoice, col(Invoice.id) == col(InvoiceLine.invoice_id))
        .where(col(InvoiceLine.id).in_(sorted(keys)))
        .order_by(col(Invoice.id), col(InvoiceLine.id))
    )
    sums: dict[tuple[str, date], tuple[Decimal, Decimal]] = {}
    for key, number, on in session.execute(query):
        net, tax = sums.get((number, on), (ZERO, ZERO))
        sums[number, on] = (net - keys[key]["net"], tax - keys[key]["tax"])
    return tuple(DeductionView(number, on, net, tax) for (number, on), (net, tax) in sums.items())


def default_account(session: Session) -> BankAccount | None:
    """The bank account that invoices print; None where there is none with a number."""
    query = select(BankAccount).where(
        col(BankAccount.is_default).is_(True), col(BankAccount.active).is_(True), BankAccount.iban != ""
    )
    return session.exec(query).first()


def _pay_code(session: Session, head: Mapping[str, Any], *, draft: bool) -> str:
    """What the code for paying says: of a posted invoice in euro, where the default account is in euro and has an IBAN."""
    company = the_company(session)
    place = default_account(session)
    if draft or place is None or head["currency"] != "EUR" or (place.currency or company.currency) != "EUR":
        return ""
    if not (place.iban[:2].isalpha() and place.iban[2:4].isdigit()):
        return ""
    return pay_text(place.holder or company.name, place.iban, head["gross"], head["number"] or "", place.bic)


def _home(session: Session, found: Document) -> HomeView:
    """An invoice in another currency in the company's: its rate, and its tax as it is booked (of a draft: as it would be)."""
    company, head = the_company(session), found.head
    query = (
        sa.select(sa.func.sum(col(JournalLine.amount), type_=AMOUNT))
        .join(JournalEntry, col(JournalEntry.id) == col(JournalLine.entry_id))
        .join(Account, col(Account.id) == col(JournalLine.account_id))
        .where(
            col(JournalEntry.source) == SourceKind.INVOICE,
            col(JournalEntry.source_id) == found.id,
            col(Account.role) == AccountRole.TAX,
        )
    )
    booked = session.execute(query).scalar_one() if found.state == "posted" else None
    tax = (
        in_base(head["tax"], head["rate"], company.digits, Rounding(company.rounding))
        if booked is None
        else abs(booked)
    )
    return HomeView(company.currency, head["rate"], tax, company.digits)


def _advised(session: Session, found: Document) -> dict[str, Any]:
    """What an account advice says besides: why, of which invoice, and the tax in it by rate."""
    head = found.head
    words = ADJUSTMENT_WORDS[AdjustmentKind(head["kind"])]
    told: list[tuple[str, Telling]] = [(N_("Reason"), Said(words))]
    groups: tuple[TaxGroupView, ...] = ()
    invoice = session.get(Invoice, head["invoice_id"]) if head["invoice_id"] is not None else None
    if invoice is not None:
        told.append((N_("Invoice no."), invoice.label))
    if invoice is not None and head["tax"]:
        sign = 1 if head["amount"] > 0 else -1
        groups = tuple(
            TaxGroupView(part.code, (part.rate * 100).normalize(), sign * (part.gross - part.tax), sign * part.tax)
            for part in tax_state(session, invoice).taken.get(found.id, ())
            if part.gross
        )
    net = abs(head["amount"]) - abs(head["tax"])
    return {"references": tuple(told), "tax_groups": groups, "net": net, "tax": abs(head["tax"])}


def letterhead(session: Session) -> CompanyView:
    """The company as it stands on every paper, as of today."""
    company = the_company(session)
    lines = [line for line in company.bank.split("\n") if line]
    place = default_account(session)
    if place is not None and account_key(place.iban) not in account_key(company.bank):
        whose = "" if company.bank else place.bank or place.name
        told = (whose, f"IBAN {grouped(place.iban)}", f"BIC {place.bic}" if place.bic else "")
        lines += [line for line in told if line]
    return CompanyView(
        company.name,
        "\n".join(part for part in (company.address, company.country) if part),
        company.tax_id,
        tuple(lines),
        "\n".join(part for part in (company.phone, company.email) if part),
        company.logo,
    )


def _lines(found: Document) -> tuple[tuple[LineView, ...], Decimal]:
    """The priced lines, and the document's own discount, which the lines carry shares of."""
    head = found.head
    rounding, digits = Rounding(head["rounding"]), head["digits"]
    bases = [line["net"] + line["tax"] if line["tax_included"] else line["net"] for line in found.lines]
    full = [
        line_amount(
            LineInput(line["quantity"], line["unit_price"], line["discount_percent"], line["discount_amount"]),
            digits,
            rounding,
        )
        for line in found.lines
    ]
    discount = sum(full, ZERO) - sum(bases, ZERO)
    if discount <= CENT * len(bases):  # cents of parts, no discount
        full, discount = bases, ZERO
    return tuple(_line(line, amount) for line, amount in zip(found.lines, full, strict=True)), discount


def _line(line: Mapping[str, Any], amount: Decimal) -> LineView:
    taxes = taxes_in(line["tax_parts"])
    rates = [part.rate for part in taxes] or [line["tax_rate"]]
    return LineView(
        line["position"],
        line["item"],
        line["description"],
        line["quantity"],
        line["unit"],
        line["unit_price"],
        line["discount_percent"],
        amount,
        "+".join(f"{(rate * 100).normalize():f}" for rate in rates) + "%" if line["tax_code"] else "",
        line["note"],
    )


def _plain_lines(found: Document) -> tuple[LineView, ...]:
    return tuple(
        LineView(line["position"], line["item"], line["description"], line["quantity"], line["unit"])
        for line in found.lines
    )


def _taxes(found: Document) -> tuple[TaxGroupView, ...]:
    groups = groups_of(line for line in found.lines if line.get("tax_code"))
    return tuple(
        TaxGroupView(group.code, (group.rate * 100).normalize(), group.net, group.tax)
        for group in sorted(groups, key=lambda group: (group.code, group.rate))
    )


def _reasons(found: Document) -> tuple[Said, ...]:
    """Why no tax is due, each reason once, as the lines keep it; beneath it the number of a certificate."""
    told: dict[Said, None] = {}
    for line in found.lines:
        reason, _, certificate = line.get("tax_reason", "").partition("\n")
        if reason:
            told[Said(reason)] = None
        if certificate:
            told[Said(N_("Certificate no. {number}"), (("number", certificate),))] = None
    return tuple(told)


def _references(found: Document) -> tuple[tuple[str, Telling], ...]:
    told: list[tuple[str, Telling]] = []
    reference = found.head.get("customer_reference") or found.head.get("reference")
    if reference:
        told.append((N_("Reference"), reference))
    seen = set()
    for link in found.chain:
        if (link.kind, link.id) == (found.kind, found.id):
            continue
        before = {"order": ("quotation",), "delivery": ("order",), "invoice": ("order", "delivery"), "payment": ()}
        if link.kind in before.get(found.kind, ()) and link.kind in _BEFORE and link.kind not in seen:
            same = [
                other.number
                for other in found.chain
                if other.kind == link.kind and other.state not in ("draft", "cancelled")
            ]
            if same:
                told.append((_BEFORE[link.kind], ", ".join(same[:4]) + (" …" if len(same) > 4 else "")))
            seen.add(link.kind)
    if found.head.get("credits_id"):
        credited = [
            link.number for link in found.chain if link.kind == "invoice" and link.id == found.head["credits_id"]
        ]
        told += [(N_("Invoice no."), number) for number in credited]
    return tuple(told) + carriage(found.head)


def carriage(head: Mapping[str, Any]) -> tuple[tuple[str, Telling], ...]:
    """Who carries the goods, and in how many packages of what weight, as far as that was said."""
    told: list[tuple[str, Telling]] = [
        (N_("Carrier"), head.get("carrier", "")),
        (N_("Tracking no."), head.get("tracking", "")),
    ]
    if head.get("packages"):
        told.append((N_("Packages"), Decimal(head["packages"])))
    if head.get("weight"):
        told.append((N_("Weight"), Said("{weight} kg", (("weight", head["weight"]),))))
    return tuple(fact for fact in told if fact[1])


def term_name(session: Session, code: str) -> str:
    """A payment term as it is printed."""
    if not code:
        return ""
    term = session.exec(select(PaymentTerm).where(PaymentTerm.code == code)).one_or_none()
    return term.name if term is not None else code


def chain_mark(session: Session, kind: str, key: int) -> str:
    """The short form of the audit entry that posted the document, or its last revision; nothing for a draft."""
    number = col(AuditEntry.id)
    query = (
        sa.select(col(AuditEntry.hash))
        .where(
            col(AuditEntry.kind) == table_of(NUMBERED[kind]).name,
            col(AuditEntry.document_id) == key,
            col(AuditEntry.facts) != "",
        )
        .order_by(number.desc() if kind == "order" else number)
        .limit(1)
    )
    found = session.execute(query).scalar_one_or_none()
    return found.hex()[:12] if found else ""
