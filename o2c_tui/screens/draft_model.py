"""A quotation or sales order while it is typed: what is in each cell, priced and taxed by the verbs' own sums."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from o2c_tui.errors import BadValueError, TradeError, UnknownCodeError
from o2c_tui.rules import entry
from o2c_tui.screens.base import amount, price, quantity, short_day
from o2c_tui.screens.desk import Desk
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import Hit, Taken

ZERO = Decimal(0)
MOST_STEPS = 300  # of undo


@dataclass
class DraftLine:
    """One line as typed; figures as text so that a draft can be kept as it is."""

    item: str = ""
    description: str = ""
    quantity: str = "1"
    price: str = ""  # empty: the item's
    discount: str = ""
    tax_code: str | None = None
    note: str = ""
    unit: str = ""  # empty: the item's stock unit
    line: int = 0  # of a confirmed order that is amended: the line's position; 0 is a new one


@dataclass
class DraftState:
    """Everything an editor holds."""

    customer: str = ""
    dated_on: str = ""
    until: str = ""  # valid until, or promised on
    reference: str = ""
    term: str = ""
    warehouse: str = ""
    discount: str = ""
    note: str = ""
    ship_to: str = ""  # of an order that is amended; address lines parted by ' / '
    reason: str = ""  # why it is amended
    rate: str = ""  # of another currency, where it was typed
    lines: list[DraftLine] = field(default_factory=list)


class DraftModel:
    """The model behind the editor of one kind ("quotation" or "order")."""

    STATE: type[DraftState] = DraftState

    def __init__(self, desk: Desk, kind: str) -> None:
        from o2c_tui.queries.editing import company_facts

        self.desk, self.kind = desk, kind
        self.company = desk.read_now(company_facts)
        self.state = self.STATE(dated_on=desk.today().isoformat(), warehouse=self.company.warehouse)
        self.customer: Any = None
        self._items: dict[tuple[str, str], Any] = {}
        self._taxes: dict[str, Any] = {}
        self._rates: dict[tuple[str, str], Decimal | None] = {}
        self._past: list[DraftState] = []
        self._future: list[DraftState] = []
        self._shown: tuple[list[dict[str, str]], Any] | None = None

    # -- keeping and giving ----------------------------------------------------------------------------------------

    def as_words(self) -> dict[str, Any]:
        """The draft as it is kept."""
        return asdict(self.state)

    def take_words(self, words: Mapping[str, Any]) -> None:
        """A kept draft again."""
        told = {k: v for k, v in words.items() if k in self.STATE.__dataclass_fields__ and k != "lines"}
        lines = [
            DraftLine(**{k: v for k, v in line.items() if k in DraftLine.__dataclass_fields__})
            for line in words.get("lines", ())
        ]
        self.state = self.STATE(**told, lines=lines)
        self._after_load()

    def take_document(self, document: Any) -> None:
        """A stored draft document."""
        head = document.head
        until = head.get("valid_until") or head.get("promised_on")
        self.state = DraftState(
            customer=document.customer,
            dated_on=str(head[_DATED[self.kind]]),
            until=str(until or ""),
            reference=head["customer_reference"],
            term=head["term"],
            warehouse=head.get("warehouse", ""),
            discount=quantity(head["discount_percent"]) if head["discount_percent"] else "",
            note=head["note"],
            lines=[
                DraftLine(
                    line["item"],
                    line["description"],
                    quantity(line["quantity"]),
                    quantity(line["unit_price"]) if line["price_source"] == "typed" else "",
                    quantity(line["discount_percent"]) if line["discount_percent"] else "",
                    line["tax_code"],
                    line["note"],
                    line["unit"] if line["factor_num"] else "",
                )
                for line in document.lines
            ],
            rate=quantity(head["rate"]) if head.get("rate") else "",
        )
        self._after_load()
        for line in self.state.lines:  # what was not chosen by hand follows customer, item and day again
            item = self._item(line.item)
            if line.tax_code == self._usual_tax(item.facts if item is not None else None):
                line.tax_code = None
        if self.state.rate and self._known_rate() == head["rate"]:
            self.state.rate = ""  # it is the day's, not somebody's own

    def _after_load(self) -> None:
        self.customer = None
        if self.state.customer:
            try:
                self._load_customer(self.state.customer)
            except TradeError:
                self.customer = None
        self._shown = None

    def draft(self) -> Any:
        """What the verb takes.

        Raises:
            TradeError: a cell that is no value.
        """
        from o2c_tui.services.drafting import DocumentDraft, LineDraft

        s, today = self.state, self.desk.today()
        lines = tuple(
            LineDraft(
                line.item,
                entry.number(line.quantity),
                entry.number(line.price) if line.price else None,
                description=line.description,
                discount_percent=entry.number(line.discount) if line.discount else ZERO,
                tax_code=line.tax_code,
                note=line.note,
                unit=self._said_unit(line),
            )
            for line in s.lines
            if line.item or line.description  # a blank line that was put in and not filled is none
        )
        until = entry.day(s.until, today) if s.until else None
        return DocumentDraft(
            s.customer,
            lines,
            dated_on=entry.day(s.dated_on, today) if s.dated_on else None,
            valid_until=until if self.kind == "quotation" else None,
            promised_on=until if self.kind == "order" else None,
            customer_reference=s.reference,
            term=s.term,
            warehouse=s.warehouse,
            note=s.note,
            discount_percent=entry.number(s.discount) if s.discount else ZERO,
            rate=entry.number(s.rate) if s.rate and self.is_foreign else None,
        )

    # -- the currency ------------------------------------------------------------------------------------------------

    @property
    def is_foreign(self) -> bool:
        """Whether the customer's documents are in another currency than the company's."""
        return bool(self.customer is not None and self.customer.currency)

    def _known_rate(self) -> Decimal | None:
        """The rate of the document's day, as it is entered or was imported."""
        from o2c_tui.queries.editing import rate_now

        key = (self.customer.currency, self.state.dated_on)
        if key not in self._rates:
            self._rates[key] = self.desk.read_now(rate_now, key[0], date.fromisoformat(key[1]))
        return self._rates[key]

    @property
    def currency(self) -> Any:
        """What the document is in, with its rate; where none is known, one for one until it is typed."""
        from o2c_tui.money import digits_of
        from o2c_tui.rules.exchange import Currency

        own = self.company
        if not self.is_foreign:
            return Currency(own.currency, own.digits, ZERO, own.digits)
        code = self.customer.currency
        rate = entry.number(self.state.rate) if self.state.rate else self._known_rate()
        return Currency(code, digits_of(code), rate or Decimal(1), own.digits)

    # -- beside another version of the same document -------------------------------------------------------------------

    def differences(self, theirs: "DraftModel") -> list[tuple[str, str, str, str]]:
        """What is not the same in another version: (key, words, mine, theirs); a line is one value."""
        found = []
        for name, words in self.field_words().items():
            mine, other = getattr(self.state, name), getattr(theirs.state, name)
            if mine != other:
                found.append((name, _(words), mine or "-", other or "-"))
        for n in range(max(len(self.state.lines), len(theirs.state.lines))):
            mine, other = _line_words(self, n), _line_words(theirs, n)
            if mine != other:
                found.append((f"lines.{n}", _("Line {n}").format(n=n + 1), mine, other))
        return found

    def field_words(self) -> Mapping[str, str]:
        """What each field of the head is called."""
        return _FIELD_WORDS

    def take_theirs(self, theirs: "DraftModel", keys: Sequence[str]) -> None:
        """Take some fields and lines from another version; undo brings mine back."""
        self._remember()
        numbers = sorted((int(key[6:]) for key in keys if key.startswith("lines.")), reverse=True)
        for key in keys:
            if not key.startswith("lines."):
                setattr(self.state, key, getattr(theirs.state, key))
        mine, other = self.state.lines, theirs.state.lines
        mine += [DraftLine() for _n in range(len(mine), max(numbers, default=-1) + 1)]
        for n in numbers:
            if n < len(other):
                mine[n] = copy.deepcopy(other[n])
            else:
                del mine[n]
        self._after_load()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was entered."""
        return not self.state.customer and not self.state.lines and not self.state.reference

    # -- undo --------------------------------------------------------------------------------------------------------

    def _remember(self) -> None:
        self._past.append(copy.deepcopy(self.state))
        del self._past[:-MOST_STEPS]
        self._future.clear()
        self._shown = None

    def undo(self) -> bool:
        """One step back."""
        return self._swap(self._past, self._future)

    def redo(self) -> bool:
        """One step forward."""
        return self._swap(self._future, self._past)

    def _swap(self, source: list[DraftState], target: list[DraftState]) -> bool:
        if not source:
            return False
        target.append(self.state)
        self.state = source.pop()
        self._after_load()
        return True

    # -- the head ------------------------------------------------------------------------------------------------------

    def field(self, key: str) -> str:
        s = self.state
        if key == "until" and not s.until and self.kind == "quotation":
            try:
                return str(date.fromisoformat(s.dated_on) + timedelta(days=self.company.quotation_days))
            except ValueError:
                return ""
        if key == "term":
            return s.term or (self.customer.term if self.customer else self.company.default_term)
        if key == "rate" and not s.rate and self.is_foreign:
            known = self._known_rate()
            return quantity(known) if known else ""
        return str(getattr(s, key))

    def beside(self, key: str) -> str:
        if key == "rate" and self.is_foreign:
            if not self.field("rate"):
                return _("no rate known: type it")
            return f"1 {self.currency.code} = {self.field('rate')} {self.company.currency}"
        return self.customer.name if key == "customer" and self.customer else ""

    def needs(self, key: str) -> bool:
        if key == "rate":
            return self.is_foreign and not self.field("rate")
        return key == "customer" and not self.state.customer

    def take_field(self, key: str, text: str) -> Taken:
        try:
            return self._take_field(key, text.strip())
        except TradeError as error:
            return Taken("err", error.said(_))

    def _take_field(self, key: str, text: str) -> Taken:
        warning = ""
        if key == "customer":
            code = self._customer_code(text)
            self._remember()
            self.state.customer = code
            self._load_customer(code)
            warning = self._customer_warning()
        elif key in ("dated_on", "until"):
            value = str(entry.day(text, self.desk.today())) if text else ""
            self._remember()
            setattr(self.state, key, value or (self.desk.today().isoformat() if key == "dated_on" else ""))
            self._taxes.clear()
            warning = self._tax_warning() if key == "dated_on" and self.customer else ""
        elif key == "rate":
            from o2c_tui.queries.exchange import check_rate

            told = format(check_rate(entry.places(entry.number(text), 6)).normalize(), "f") if text else ""
            self._remember()
            self.state.rate = told
        elif key == "term":
            from o2c_tui.queries.lookups import term_parts

            self.desk.read_now(term_parts, text.upper())
            self._remember()
            self.state.term = text.upper()
        elif key == "warehouse":
            from o2c_tui.queries.editing import check_warehouse

            code = self.desk.read_now(check_warehouse, text or self.company.warehouse)
            self._remember()
            self.state.warehouse = code
        elif key == "discount":
            if text:
                percent = entry.places(entry.number(text.rstrip("%")), 6)
                if not ZERO <= percent <= 100:
                    raise BadValueError(N_("The discount must be from 0 to 100 percent."))
                text = quantity(percent) if percent else ""
            self._remember()
            self.state.discount = text
        else:
            self._remember()
            setattr(self.state, key, text)
        return Taken("warn" if warning else "ok", warning)

    def _customer_code(self, text: str) -> str:
        from o2c_tui.queries.pick import find_parties

        if not text:
            raise BadValueError(N_("Give a customer: a code, or the beginning of a name. F4 searches."))
        found = self.desk.read_now(find_parties, text, limit=3)
        exact = [hit for hit in found if hit.code == text.upper()]
        if exact or len(found) == 1 or (found and found[0].code.startswith(text.upper())):
            return str((exact or found)[0].code)
        from o2c_tui.queries.editing import customer_facts

        return str(self.desk.read_now(customer_facts, text).code)  # refuses, naming near ones

    def _load_customer(self, code: str) -> None:
        from o2c_tui.queries.editing import customer_facts

        self.customer = self.desk.read_now(customer_facts, code)

    def _customer_warning(self) -> str:
        c = self.customer
        if c.hold:
            return _("{customer} is on hold for orders: {reason}.").format(customer=c.name, reason=c.hold)
        if c.credit_mode != "off" and c.owes > c.credit_limit:
            return _("{customer} owes {owes}; the credit limit is {limit}.").format(
                customer=c.name, owes=amount(c.owes), limit=amount(c.credit_limit)
            )
        return self._tax_warning()

    def _tax_warning(self) -> str:
        """What is to be known of the customer's own tax on the day of the document."""
        c = self.customer
        if c.tax_code and not c.tax_on(self._day()):
            return _("{customer} was exempt until {day}; items bear their own tax again.").format(
                customer=c.name, day=c.tax_until.isoformat()
            )
        if c.vat_wanted and c.tax_on(self._day()):
            return _("Reverse charge asks for the VAT number of {customer}.").format(customer=c.name)
        return ""

    # -- the lines -----------------------------------------------------------------------------------------------------

    def lines(self) -> Sequence[Mapping[str, str]]:
        return self._all()[0]

    @property
    def totals(self) -> Any:
        """Net, tax and gross of what is typed so far (rules.tax.DocumentTotals)."""
        return self._all()[1]

    def margin(self) -> Decimal | None:
        """Estimated margin in percent, from the cost the stock would have now; None where it is not known."""
        net: Decimal = self.totals.net
        cost = ZERO
        if not net:
            return None
        for line in self.state.lines:
            item = self._item(line.item)
            if item is not None and item.facts.needs_stock:
                if item.cost is None:
                    return None
                cost += item.cost * self._in_stock(line, item)
        net = self._in_base(net)
        return (net - cost) * 100 / net

    def _in_base(self, value: Decimal) -> Decimal:
        """An amount of the document in the company's currency."""
        return value * self.currency.rate if self.is_foreign else value

    def _all(self) -> tuple[list[dict[str, str]], Any]:
        if self._shown is None:
            rows, head = self._rows()
            digits = self.currency.digits
            told = self._summed(rows, head)
            shown = []
            for line, row, sums in zip(self.state.lines, rows, told.lines, strict=True):
                shown.append(
                    {
                        "item": line.item,
                        "description": row["description"],
                        "quantity": quantity(row["quantity"]),
                        "unit": row["unit"],
                        "price": price(row["unit_price"], digits) + ("'" if line.price else " "),
                        "discount": quantity(row["discount_percent"]) if row["discount_percent"] else "",
                        "amount": amount(sums.amount, digits),
                        "mark": self._mark(line),
                    }
                )
            self._shown = shown, told
        return self._shown

    def _summed(self, rows: list[dict[str, Any]], head: dict[str, Any]) -> Any:
        from o2c_tui.services.drafting import document_totals

        return document_totals(rows, head)

    def _rows(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        from o2c_tui.services.drafting import LineDraft, line_row

        included = self.customer.prices_include_tax if self.customer else self.company.prices_include_tax
        rows = []
        currency = self.currency
        for position, line in enumerate(self.state.lines, 1):
            item = self._item(line.item)
            draft = LineDraft(
                line.item,
                entry.number(line.quantity),
                entry.number(line.price) if line.price else None,
                description=line.description,
                discount_percent=entry.number(line.discount) if line.discount else ZERO,
            )
            facts = item.facts if item else None
            unit = self._unit(item, line.unit)
            rows.append(
                line_row(
                    position,
                    draft,
                    facts,
                    self._tax(line, facts),
                    prices_include_tax=included,
                    unit=unit,
                    currency=currency,
                )
            )
        head = {
            "prices_include_tax": included,
            "tax_rounding": self.company.tax_rounding,
            "digits": currency.digits,
            "rounding": self.company.rounding,
            "discount_percent": entry.number(self.state.discount) if self.state.discount else ZERO,
            "discount_amount": ZERO,
            "cash_step": ZERO if self.is_foreign else self.company.cash_step,
        }
        return rows, head

    def _item(self, code: str) -> Any:
        if not code:
            return None
        key = (code, self.state.warehouse)
        if key not in self._items:
            from o2c_tui.queries.editing import item_now

            try:
                self._items[key] = self.desk.read_now(item_now, code, self.state.warehouse)
            except UnknownCodeError:
                return None
        return self._items[key]

    def _said_unit(self, line: DraftLine) -> str:
        """The unit of a line by its name, the stock unit too: without one the verb takes the unit it is sold in."""
        item = self._item(line.item)
        return line.unit or (str(item.facts.unit) if item is not None else "")

    def _unit(self, item: Any, name: str) -> Any:
        """The unit of an item that a line is in; None for its stock unit."""
        if item is None or not name:
            return None
        from o2c_tui.queries.lookups import unit_named

        return unit_named(item.facts, {item.facts.id: {u.unit.casefold(): u for u in item.units}}, name)

    def _in_stock(self, line: DraftLine, item: Any) -> Decimal:
        """A line's quantity in stock units."""
        unit = self._unit(item, line.unit)
        wanted = entry.number(line.quantity)
        return wanted if unit is None else wanted * unit.num / unit.den

    def _tax(self, line: DraftLine, facts: Any) -> Any:
        code = line.tax_code
        if code is None:
            code = self._usual_tax(facts)
        if code not in self._taxes:
            from o2c_tui.queries.editing import tax_now

            self._taxes[code] = self.desk.read_now(tax_now, code, self._day())
        return self._taxes[code]

    def _usual_tax(self, facts: Any) -> str:
        """The tax code of a line for which none was chosen."""
        mine: str = self.customer.tax_on(self._day()) if self.customer else ""
        return mine or (facts.tax_code if facts else "") or self.company.default_tax_code

    def _day(self) -> date:
        return date.fromisoformat(self.state.dated_on)

    def _mark(self, line: DraftLine) -> str:
        item = self._item(line.item)
        if item is None or not item.facts.needs_stock:
            return ""
        from o2c_tui.services.drafting import list_price

        wanted = sum((self._in_stock(x, item) for x in self.state.lines if x.item == line.item), ZERO)
        marks = "S" if wanted > item.available + self._own_stock(line.item) else ""
        unit = self._unit(item, line.unit)
        price = self._in_base(entry.number(line.price)) if line.price else list_price(item.facts, unit)
        discount = entry.number(line.discount) if line.discount else ZERO
        cost = item.cost if item.cost is None or unit is None else item.cost * unit.num / unit.den
        if cost is not None and price * (100 - discount) / 100 < cost:
            marks += "P"
        return marks

    def _own_stock(self, item: str) -> Decimal:
        """What this document has of an item already, in stock units."""
        return ZERO

    def stock_words(self, row: int) -> str:
        """What a line's marks mean, in words."""
        if not 0 <= row < len(self.state.lines):
            return ""
        line = self.state.lines[row]
        item = self._item(line.item)
        if item is None or not item.facts.needs_stock:
            return ""
        words = _("{item}: {n} available").format(item=line.item, n=quantity(item.available))
        marks = self._mark(line)
        if "S" in marks and item.facts.stocked:
            words += "; " + self._when(line, item)
        if "P" in marks:
            words += "; " + _("price under cost")
        return words

    def _when(self, line: DraftLine, item: Any) -> str:
        """From which day on so much can be promised, after all that is promised already."""
        from o2c_tui.queries.promise import earliest_at

        today = self.desk.today()
        wanted = self._in_stock(line, item)
        day = self.desk.read_now(earliest_at, item.facts.id, self.state.warehouse, wanted, today=today)
        if day is None:
            return _("so much is not on its way")
        return _("can be promised from {day}").format(day=short_day(day, today))

    def recheck(self) -> None:
        """F5: prices and stock as they are now; typed prices stay."""
        self._items.clear()
        self._taxes.clear()
        self._after_load()

    def take_cell(self, row: int, key: str, text: str) -> Taken:
        try:
            return self._take_item(row, text) if key == "item" else self._take_value(row, key, text.strip())
        except TradeError as error:
            return Taken("err", _("Line {n}: {why}").format(n=row + 1, why=error.said(_)))

    def _take_item(self, row: int, text: str) -> Taken:
        from o2c_tui.queries.editing import item_now

        if not text.strip():
            return Taken(go="stay")
        told = entry.line(text)
        item = self.desk.read_now(item_now, told.item, self.state.warehouse, self.state.customer)
        self._items[item.facts.code, self.state.warehouse] = item
        line = self.state.lines[row] if row < len(self.state.lines) else DraftLine("")
        usual = item.unit
        if line.item == item.facts.code:
            line = copy.copy(line)
        else:
            line, usual = DraftLine(item.facts.code, quantity=line.quantity), item.sold_in
        if told.unit or usual:
            line.unit = self._unit_name(item, told.unit or usual)
        if told.quantity is not None:
            line.quantity = self._quantity(told.quantity, item, line.unit)
        if told.price is not None:
            line.price = format(self._price(told.price), "f")
        if told.discount is not None:
            line.discount = self._discount(told.discount)
        if told.amount is not None:
            line.price = format(self._price(entry.places(told.amount / entry.number(line.quantity), 6)), "f")
        if told.note is not None:
            line.note = told.note
        self._remember()
        if row < len(self.state.lines):
            self.state.lines[row] = line
        else:
            self.state.lines.append(line)
        marks = self._mark(line)
        warning = self.stock_words(row) if marks else ""
        return Taken(
            "warn" if warning else "ok",
            warning,
            "line" if told.is_whole else "next",
            "" if told.is_whole else "quantity",
        )

    def _take_value(self, row: int, key: str, text: str) -> Taken:
        if row >= len(self.state.lines):
            raise BadValueError(N_("Begin the line with an item, as in BOLT-6*100 @0.40."))
        line = copy.copy(self.state.lines[row])
        go = "next"
        if key == "quantity":
            item, (wanted, unit) = self._item(line.item), entry.measured(text)
            if unit:
                line.unit = self._unit_name(item, unit)
            line.quantity, go = self._quantity(entry.places(wanted, 6), item, line.unit), "line"
        elif key == "unit":
            line.unit = self._unit_name(self._item(line.item), text)
            self._quantity(entry.number(line.quantity), self._item(line.item), line.unit)
        elif key == "price":
            line.price = format(self._price(entry.number(text.rstrip("'"))), "f") if text else ""
        elif key == "discount":
            line.discount, go = self._discount(entry.number(text.rstrip("%"))) if text else "", "line"
        else:
            setattr(line, key, text)
        self._remember()
        self.state.lines[row] = line
        marks = self._mark(line)
        warning = self.stock_words(row) if marks and key in ("quantity", "price") else ""
        return Taken("warn" if warning else "ok", warning, go)  # type: ignore[arg-type]

    def _unit_name(self, item: Any, text: str) -> str:
        unit = self._unit(item, text)
        return unit.unit if unit is not None else ""

    def _quantity(self, value: Decimal, item: Any, unit_name: str = "") -> str:
        if not ZERO < value <= Decimal(10) ** 9:
            raise BadValueError(N_("The quantity must be more than 0."))
        unit = self._unit(item, unit_name)
        in_stock = value if unit is None else value * unit.num / unit.den
        whole = [in_stock] if item is not None and item.facts.whole_units else []
        whole += [value] if unit is not None and unit.whole_units else []
        if any(figure != figure.to_integral_value() for figure in whole):
            raise BadValueError(N_("{item} is sold in whole units only."), item=item.facts.code)
        return format(entry.places(value, 6).normalize(), "f")

    @staticmethod
    def _price(value: Decimal) -> Decimal:
        if value < ZERO:
            raise BadValueError(N_("The price cannot be less than 0."))
        return entry.places(value, 6).normalize()

    @staticmethod
    def _discount(value: Decimal) -> str:
        if not ZERO <= value <= 100:
            raise BadValueError(N_("The discount must be from 0 to 100 percent."))
        return format(entry.places(value, 6).normalize(), "f") if value else ""

    def insert_line(self, row: int) -> None:
        self._remember()
        self.state.lines.insert(row, DraftLine())

    def remove_line(self, row: int) -> None:
        self._remember()
        del self.state.lines[row]

    def repeat_line(self, row: int) -> bool:
        if not 0 <= row < len(self.state.lines):
            return False
        self._remember()
        self.state.lines.append(copy.copy(self.state.lines[row]))
        return True

    def paste(self, row: int, table: Sequence[Sequence[str]]) -> Taken:
        from o2c_tui.queries.editing import item_now

        fresh, wrong = [], []
        for cells in table:
            try:
                item = self.desk.read_now(item_now, cells[0].strip(), self.state.warehouse, self.state.customer)
                wanted, unit = entry.measured(cells[1]) if len(cells) > 1 and cells[1].strip() else (Decimal(1), "")
                unit = self._unit_name(item, unit or item.sold_in)
                amount_of = self._quantity(wanted, item, unit)
                price = format(self._price(entry.number(cells[2])), "f") if len(cells) > 2 and cells[2].strip() else ""
                fresh.append(DraftLine(item.facts.code, quantity=amount_of, price=price, unit=unit))
            except TradeError:
                wrong.append(cells[0].strip()[:24])
        self._remember()
        self.state.lines[row:row] = fresh
        if wrong:
            text = _("{n} lines pasted; not taken: {codes}").format(n=len(fresh), codes=", ".join(wrong[:6]))
            return Taken("warn", text)
        return Taken("ok", _("{n} lines pasted.").format(n=len(fresh)))

    def hits(self, key: str, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.pick import find_items, find_parties

        if key == "customer":
            found = self.desk.read_now(find_parties, text)
            return [Hit(h.code, h.name, amount(h.owes, self.company.digits) if h.owes else "") for h in found]
        if key == "item":
            word = entry.folded(text).strip()
            for sign in ("*", "@", "=", "#", " "):
                word = word.split(sign)[0]
            if not word or word != entry.folded(text).strip():
                return ()  # the quantity is being typed: the item is said
            found_items = self.desk.read_now(find_items, word, party=self.state.customer)
            currency = self.currency
            return [
                Hit(
                    h.code,
                    f"{h.name}  ({h.box})" if h.box else h.name,
                    takes=h.scanned,
                    fact=f"{price(currency.price(h.sale_price), currency.digits)}   {_('avail')} {quantity(h.available):>6}"
                    if str(h.kind) == "stocked"
                    else price(currency.price(h.sale_price), currency.digits),
                )
                for h in found_items
            ]
        return ()


_DATED = {"quotation": "quoted_on", "order": "ordered_on", "invoice": "invoiced_on"}
_FIELD_WORDS = {
    "customer": N_("Customer"),
    "dated_on": N_("Date"),
    "until": N_("Until"),
    "reference": N_("Reference"),
    "term": N_("Terms"),
    "warehouse": N_("From"),
    "discount": N_("Dsc%"),
    "note": N_("Note"),
    "ship_to": N_("Delivery address"),
    "rate": N_("Rate"),
}


def _line_words(model: DraftModel, n: int) -> str:
    """A line of a draft in one text, as it could be typed."""
    if n >= len(model.state.lines):
        return "-"
    shown, line = model.lines()[n], model.state.lines[n]
    text = f"{shown['item']}*{shown['quantity']} @{shown['price']}"
    if line.discount:
        text += f" -{line.discount}%"
    return f"{text} #{line.note}" if line.note else text
