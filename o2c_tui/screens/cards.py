"""The cards of a customer or supplier and of an item: seen, changed, made."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from o2c_tui.errors import BadValueError
from o2c_tui.models.item import ITEM_WORDS, TRACKING_WORDS, Item
from o2c_tui.models.party import CREDIT_WORDS, Address, AddressKind, Party
from o2c_tui.queries.exposure import exposure_of
from o2c_tui.queries.receivables import unused_credit
from o2c_tui.queries.why_parts import Subject
from o2c_tui.rules import entry
from o2c_tui.rules.initials import suggest_code
from o2c_tui.rules.numbers_of_others import is_iban, is_vat_number, looks_like_vat, written_iban
from o2c_tui.rules.values import LAST_DAY
from o2c_tui.screens.asking import ROW_FIGURES, Asked
from o2c_tui.screens.base import quantity
from o2c_tui.screens.desk import Desk
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.simple_model import FormModel, same_of, words_for
from o2c_tui.services.parties import PartySetup, save_party
from o2c_tui.services.setup import ItemSetup, save_item
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import FieldSpec

_YES_NO = {"no": N_("no"), "yes": N_("yes")}


def _figure(text: str) -> str:
    return quantity(entry.places(entry.number(text), 6)) if text else "0"


def _plain_figure(text: str) -> Decimal:
    return entry.number(text) if text else Decimal(0)


def _doubt_vat(text: str) -> str:
    wrong = looks_like_vat(text) and not is_vat_number(text)
    return _("{number} is no VAT number: its check digits do not agree.").format(number=text) if wrong else ""


def _doubt_iban(text: str) -> str:
    return "" if is_iban(text) else _("{number} is no IBAN: its check digits do not agree.").format(number=text)


class _Taken:
    """Codes that are taken, asked one at a time."""

    def __init__(self, session: Session, model: Any) -> None:
        self.session, self.model = session, model

    def __contains__(self, code: object) -> bool:
        return self.session.exec(select(self.model).where(self.model.code == code)).first() is not None


def _suggest(session: Session, model: Any, name: str) -> str:
    return suggest_code(name, _Taken(session, model))


class PartyCard(FormScreen):
    """A customer or supplier."""

    ABOUT = N_(
        "Name, addresses, terms and credit of a customer or supplier.\nAddress lines are parted by ' / '. Documents that exist keep what they copied."
    )

    IS_LIVE = True
    MENU = (("statement", N_("Statement of account")), *FormScreen.MENU)

    def __init__(self, code: str, *, supplier: bool = False, kept: int | None = None) -> None:
        super().__init__(kept=kept)
        self.code, self.supplier = code, supplier
        self.KEEPS = "supplier" if supplier else "customer"

    def make_model(self) -> FormModel:
        values = {
            "code": self.code,
            "credit_mode": "off",
            "credit_limit": "0",
            "hold_orders": "no",
            "hold_shipping": "no",
            "no_reminders": "no",
            "monthly_invoice": "no",
        }
        if self.code:
            self.before = self.stored()
            values |= self.before
        model = FormModel(
            values,
            needed=("name",),
            checks={
                "credit_mode": same_of(CREDIT_WORDS),
                "credit_limit": _figure,
                "hold_orders": same_of(_YES_NO),
                "hold_shipping": same_of(_YES_NO),
                "no_reminders": same_of(_YES_NO),
                "monthly_invoice": same_of(_YES_NO),
                "reminder_profile": str.upper,
                "code": str.upper,
                "term": str.upper,
                "tax_code": str.upper,
                "currency": str.upper,
                "tax_exempt_until": self._day,
                "iban": written_iban,
            },
            doubts={"tax_id": _doubt_vat, "iban": _doubt_iban},
        )
        return model

    def action_statement(self) -> None:
        """The statement of this customer's account."""
        from o2c_tui.screens.receivables import show_statement

        show_statement(self, self.code)

    def _day(self, text: str) -> str:
        return entry.day(text, self.desk.today()).isoformat() if text else ""

    def stored(self) -> dict[str, str]:
        return self.desk.read_now(self._read)  # type: ignore[no-any-return]

    def _read(self, session: Session) -> dict[str, str]:
        party = session.exec(select(Party).where(Party.code == self.code)).one()
        self.version, self.kept_at = party.version, party.id
        found = {
            name: str(getattr(party, name) or "")
            for name in (
                "name",
                "contact",
                "email",
                "phone",
                "tax_id",
                "term",
                "tax_code",
                "language",
                "currency",
                "hold_reason",
                "note",
                "tax_exempt_until",
                "tax_exempt_note",
                "reminder_profile",
            )
        }
        found["iban"] = written_iban(party.iban)
        found["no_reminders"] = "yes" if party.no_reminders else "no"
        found["monthly_invoice"] = "yes" if party.monthly_invoice else "no"
        found["credit_mode"] = str(party.credit_mode)
        found["credit_limit"] = quantity(party.credit_limit)
        found["hold_orders"] = "yes" if party.hold_orders else "no"
        found["hold_shipping"] = "yes" if party.hold_shipping else "no"
        found["owes"] = self.figure_in(exposure_of(session, party.id))
        if party.currency:
            found["owes"] = f"{self.own_currency} {found['owes']}"
        credit = unused_credit(session, party.id)
        for name in ("ahead", "free"):
            parts = [self.figure_in(part, one.currency) for one in credit if (part := getattr(one, name))]
            found[name] = " + ".join(parts) or "-"
        for address in session.exec(
            select(Address).where(Address.party_id == party.id).order_by(col(Address.id).desc())
        ):
            key = "bill_to" if address.kind == AddressKind.BILL_TO else "ship_to"
            found[key] = " / ".join(address.text.split("\n"))
            found["country"] = address.country
        return found

    def fields(self) -> list[list[FieldSpec]]:
        rows = [
            [FieldSpec("name", N_("Name"), width=50)],
            [
                FieldSpec("code", N_("Code"), width=14, fixed=bool(self.code)),
                FieldSpec("tax_id", N_("Tax number"), width=18),
            ],
            [FieldSpec("bill_to", N_("Bill to"), width=60)],
            [FieldSpec("ship_to", N_("Ship to"), width=60)],
            [FieldSpec("country", N_("Country"), width=20), FieldSpec("currency", N_("Currency"), width=4)],
            [FieldSpec("contact", N_("Contact"), width=24), FieldSpec("phone", N_("Phone"), width=18)],
            [FieldSpec("email", N_("E-mail"), width=30), FieldSpec("language", N_("Language"), width=6)],
            [FieldSpec("term", N_("Terms"), width=10), FieldSpec("tax_code", N_("Tax code"), width=10)],
        ]
        if not self.supplier:
            rows += [
                [
                    FieldSpec("tax_exempt_until", N_("Exempt until"), width=11),
                    FieldSpec("tax_exempt_note", N_("Certificate"), width=18),
                ],
                [FieldSpec("iban", N_("IBAN"), width=42)],
                [
                    FieldSpec("credit_mode", N_("Credit"), width=6, beside=16),
                    FieldSpec("credit_limit", N_("Limit"), width=14),
                ],
                [
                    FieldSpec("owes", N_("Exposure"), width=14, fixed=True),
                    FieldSpec("free", N_("Credit left"), width=14, fixed=True),
                ],
                [
                    FieldSpec("ahead", N_("Paid ahead"), width=14, fixed=True),
                    FieldSpec("monthly_invoice", N_("Monthly"), width=4),
                ],
                [
                    FieldSpec("hold_orders", N_("No new orders"), width=4),
                    FieldSpec("hold_shipping", N_("No shipping"), width=4),
                ],
                [FieldSpec("hold_reason", N_("Reason"), width=50)],
                [
                    FieldSpec("no_reminders", N_("No reminders"), width=4),
                    FieldSpec("reminder_profile", N_("Reminded by"), width=12),
                ],
            ]
        rows.append([FieldSpec("note", N_("Note"), width=60)])
        return rows

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(
            place=_("SUPPLIER") if self.supplier else _("CUSTOMER"),
            detail=self.code,
            mode=_("EDIT") if self.code else _("NEW"),
        )
        words_for(self.form, "credit_mode", CREDIT_WORDS)

    def after_taken(self) -> None:
        words_for(self.form, "credit_mode", CREDIT_WORDS)
        if not self.code and not self.form.values.get("code") and self.form.values.get("name"):
            self.form.values["code"] = self.desk.read_now(_suggest, Party, self.form.values["name"])

    async def save(self) -> str:
        v = self.form.values
        texts = {
            name: v.get(name, "")
            for name in ("tax_id", "contact", "email", "phone", "language", "term", "tax_code", "hold_reason", "note")
        }
        if not self.supplier:
            texts |= {"iban": v.get("iban", ""), "tax_exempt_note": v.get("tax_exempt_note", "")}
        until = v.get("tax_exempt_until", "")
        setup = PartySetup(
            code=v.get("code", ""),
            name=v.get("name", ""),
            is_customer=not self.supplier,
            is_supplier=self.supplier,
            bill_to="\n".join(part.strip() for part in v.get("bill_to", "").split(" / ")),
            ship_to="\n".join(part.strip() for part in v.get("ship_to", "").split(" / ")) if v.get("ship_to") else None,
            country=v.get("country", ""),
            credit_mode=next((m for m in CREDIT_WORDS if m == v.get("credit_mode")), None),
            credit_limit=_plain_figure(v.get("credit_limit", "")),
            hold_orders=v.get("hold_orders") == "yes",
            hold_shipping=v.get("hold_shipping") == "yes",
            currency=v.get("currency", ""),
            tax_exempt_until=date.fromisoformat(until) if until else LAST_DAY,
            no_reminders=None if self.supplier else v.get("no_reminders") == "yes",
            monthly_invoice=None if self.supplier else v.get("monthly_invoice") == "yes",
            reminder_profile=None if self.supplier else v.get("reminder_profile", ""),
            **texts,  # type: ignore[arg-type]
        )
        done = await self.desk.write(save_party, setup, version=self.version, key=self.saying, accepted=None)
        return _("{code} saved.").format(code=done.code)

    def asked(self) -> Sequence[Asked]:
        """On the credit of a customer: what is owed and exposed."""
        if self.entry.buffer is None and self.entry.cell in ("credit_mode", "credit_limit") and self.kept_at:
            subject = Subject("customer", self.kept_at)
            return [Asked(subject, figure, about=self.code) for figure in ROW_FIGURES["customer"]]
        return super().asked()

    def action_new(self) -> None:
        """A quotation for this customer."""
        from o2c_tui.screens.opening import new_editor

        self.app.push_screen(new_editor("quotation", self.code))

    def key_label(self, action: str) -> str | None:
        return _("Quote") if action == "new" else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A new quotation, and an account, need a customer that exists."""
        if action in ("new", "statement"):
            return bool(self.code) and not self.supplier
        return super().check_action(action, parameters)


_ROWS = (
    ("item_units", N_("Units")),
    ("item_codes", N_("Barcodes and others' codes")),
    ("item_suppliers", N_("Suppliers and their prices")),
    ("item_parts", N_("Parts of the kit")),
    ("item_rules", N_("Reorder rules by warehouse")),
    ("item_lots", N_("Lots and their expiry")),
)


class ItemCard(FormScreen):
    """An item."""

    ABOUT = N_(
        "Name, price, tax, unit and tracking of an item; sold in: the unit (F9) in which lines begin. A service has no stock. F9 opens what belongs to it: units, codes,\nsuppliers' prices, parts of a kit, reorder rules, lots. Documents that exist keep their prices and texts.\nAn item that is not active is not offered any more; what was begun with it goes on."
    )

    KEEPS = "item"
    IS_LIVE = True
    MENU = (
        *((f"rows('{kind}')", words) for kind, words in _ROWS),
        *FormScreen.MENU,
    )

    def __init__(self, code: str, *, kept: int | None = None) -> None:
        super().__init__(kept=kept)
        self.code = code

    def make_model(self) -> FormModel:
        values = {
            "code": self.code,
            "kind": "stocked",
            "unit": "pc",
            "sale_price": "",
            "whole_units": "no",
            "reorder_point": "0",
            "tracking": "none",
            "weight": "0",
            "tolerance": "0",
            "active": "yes",
        }
        if self.code:
            self.before = self.stored()
            values |= self.before
        return FormModel(
            values,
            needed=("name", "sale_price"),
            checks={
                "kind": same_of(ITEM_WORDS),
                "whole_units": same_of(_YES_NO),
                "active": same_of(_YES_NO),
                "tracking": same_of(TRACKING_WORDS),
                "sale_price": self._price,
                "reorder_point": _figure,
                "weight": _figure,
                "tolerance": _figure,
                "code": str.upper,
                "tax_code": str.upper,
                "supplier": str.upper,
            },
        )

    def stored(self) -> dict[str, str]:
        return self.desk.read_now(self._read)  # type: ignore[no-any-return]

    @staticmethod
    def _price(text: str) -> str:
        value = entry.places(entry.number(text), 6)
        if value < 0:
            raise BadValueError(N_("The price cannot be less than 0."))
        return quantity(value)

    def _read(self, session: Session) -> dict[str, str]:
        item = session.exec(select(Item).where(Item.code == self.code)).one()
        self.version, self.kept_at = item.version, item.id
        found = {
            name: str(getattr(item, name) or "")
            for name in ("name", "unit", "sale_unit", "tax_code", "barcode", "category", "note")
        }
        found["kind"], found["sale_price"] = str(item.kind), quantity(item.sale_price)
        found["whole_units"] = "yes" if item.whole_units else "no"
        found["active"], found["tracking"] = "yes" if item.active else "no", str(item.tracking)
        for name in ("reorder_point", "weight", "tolerance"):
            found[name] = quantity(getattr(item, name))
        supplier = session.get(Party, item.supplier_id) if item.supplier_id else None
        found["supplier"] = supplier.code if supplier else ""
        return found

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [FieldSpec("name", N_("Name"), width=50)],
            [
                FieldSpec("code", N_("Code"), width=14, fixed=bool(self.code)),
                FieldSpec("kind", N_("Kind"), width=8, beside=12),
            ],
            [
                FieldSpec("sale_price", N_("Price"), width=14),
                FieldSpec("unit", N_("Unit"), width=6),
                FieldSpec("sale_unit", N_("Sold in"), width=6),
            ],
            [
                FieldSpec("tax_code", N_("Tax code"), width=10),
                FieldSpec("whole_units", N_("Whole units only"), width=4),
            ],
            [FieldSpec("barcode", N_("Barcode"), width=20), FieldSpec("category", N_("Category"), width=14)],
            [FieldSpec("supplier", N_("Supplier"), width=10), FieldSpec("reorder_point", N_("Reorder at"), width=10)],
            [
                FieldSpec("tracking", N_("Tracked"), width=8, beside=16),
                FieldSpec("weight", N_("Weight kg"), width=10),
            ],
            [FieldSpec("active", N_("Active"), width=4), FieldSpec("tolerance", N_("Over-receipt %"), width=6)],
            [FieldSpec("note", N_("Note"), width=60)],
        ]

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(place=_("ITEM"), detail=self.code, mode=_("EDIT") if self.code else _("NEW"))
        self._say_words()

    def _say_words(self) -> None:
        words_for(self.form, "kind", ITEM_WORDS)
        words_for(self.form, "tracking", TRACKING_WORDS)

    def menu(self) -> list[tuple[str, str]]:
        """What belongs to this item comes first; parts only of a kit, lots only where they are told apart."""
        v = self.form.values
        left = {"item_parts": v.get("kind") != "kit", "item_lots": v.get("tracking") == "none"}
        if v.get("kind") != "stocked":
            left |= dict.fromkeys(("item_suppliers", "item_rules", "item_lots"), True)
        return [(does, words) for does, words in super().menu() if not left.get(does[6:-2])]

    def action_rows(self, kind: str) -> None:
        """Rows that belong to this item."""
        from o2c_tui.screens.item_rows import SCREENS

        if self.kept_at is None or self.kept_at <= 0 or not self.code:
            self.hint(_("Save the item first (Ctrl+S)."))
            return
        self.app.push_screen(SCREENS[kind](self.kept_at))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.code and self.model is not None:
            before = self.version
            stored = self.stored()  # rows that were saved have raised the version
            if all(self.before.get(key) == value for key, value in stored.items()):
                return
            self.version = before

    def after_taken(self) -> None:
        self._say_words()
        if not self.code and not self.form.values.get("code") and self.form.values.get("name"):
            self.form.values["code"] = self.desk.read_now(_suggest, Item, self.form.values["name"])

    async def save(self) -> str:
        v = self.form.values
        setup = ItemSetup(
            code=v.get("code", ""),
            name=v.get("name", ""),
            kind=next(k for k in ITEM_WORDS if k == v["kind"]),
            unit=v.get("unit", ""),
            sale_unit=v.get("sale_unit", ""),
            whole_units=v.get("whole_units") == "yes",
            sale_price=_plain_figure(v.get("sale_price", "")),
            tax_code=v.get("tax_code", ""),
            barcode=v.get("barcode", ""),
            category=v.get("category", ""),
            reorder_point=_plain_figure(v.get("reorder_point", "")),
            tracking=next(t for t in TRACKING_WORDS if t == v["tracking"]),
            weight=_plain_figure(v.get("weight", "")),
            tolerance=_plain_figure(v.get("tolerance", "")),
            active=v.get("active") != "no",
            supplier=v.get("supplier") or None,
            note=v.get("note", ""),
        )
        done = await self.desk.write(save_item, setup, version=self.version, key=self.saying, accepted=None)
        return _("{code} saved.").format(code=done.code)


def card_kept(desk: Desk, kind: str, place: int) -> FormScreen:
    """The card of a record (its id), or of a new one that was kept (its place below 0)."""
    if kind == "settings":
        from o2c_tui.screens.settings import Settings

        return Settings()

    def code_of(session: Session) -> str:
        record = session.get(Item, place) if kind == "item" else session.get(Party, place)
        return str(record.code) if record is not None else ""

    code = desk.read_now(code_of) if place > 0 else ""
    if kind == "item":
        return ItemCard(code, kept=place)
    return PartyCard(code, supplier=kind == "supplier", kept=place)
