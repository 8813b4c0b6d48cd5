"""What F4 tells of what the cursor stands on: why a figure is what it is, or the card of a code.

A screen names them (`asked`), the likeliest first; one is opened at once, several are offered by number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from o2c_tui.queries.why_parts import Subject
from o2c_tui.texts import N_, _

if TYPE_CHECKING:
    from o2c_tui.screens.base import DeskScreen
    from o2c_tui.widgets.entry import EntrySheet

STOCK = ("available", "on_hand", "reserved", "incoming", "back_ordered", "promise", "value")
ROW_FIGURES: dict[str, tuple[str, ...]] = {  # kind of list, or of document → what can be asked of a row
    "quotation": ("total", "tax", "blocked"),
    "order": ("margin", "cost", "uninvoiced", "total", "tax", "blocked"),
    "delivery": ("cost", "blocked"),
    "invoice": ("open", "overdue", "total", "tax", "blocked"),
    "payment": ("open",),
    "purchase": ("total",),
    "receipt": ("total",),
    "bill": ("total",),
    "receivable_adjustment": ("open",),
    "customer": ("exposure", "owed", "overdue"),
    "stock": STOCK,
}
LINE_FIGURES = {"quotation": ("price",), "order": ("price",), "invoice": ("price",)}
CARD_WORDS = {"customer": N_("Card of {code}"), "supplier": N_("Card of {code}"), "item": N_("Stock card of {code}")}


@dataclass(frozen=True)
class Asked:
    """One thing F4 can open: a figure of a subject, or (without a figure) its card or document.

    A subject may be written as people do (ITEM@WAREHOUSE); of a customer's or supplier's card it is the code.
    `ask` puts a question of its own, of what is not in the books yet.
    """

    subject: Subject | str
    figure: str = ""
    card: str = ""  # customer, supplier, item: the kind of card
    about: str = ""  # said in the menu beside the figure
    ask: Callable[..., Any] | None = None

    def words(self) -> str:
        """How the menu calls it."""
        from o2c_tui.queries.why import words_of

        if self.figure:
            return f"{_(words_of(self.figure))}  {self.about}".rstrip()
        return _(CARD_WORDS[self.card]).format(code=self.about or self.subject)


def of_row(kind: str, row: Any) -> list[Asked]:
    """What can be asked of one row of a list."""
    if row is None:
        return []
    if kind == "stock":
        subject = Subject("stock", row.id, row.warehouse_id)
        found = [Asked(subject, figure, about=f"{row.code} @ {row.warehouse}") for figure in ROW_FIGURES[kind]]
        return [*found, Asked(Subject("item", row.id), card="item", about=row.code)]
    if kind == "item":
        return [Asked(Subject("item", row.id), card="item", about=row.code)]
    name = str(getattr(row, "number", None) or getattr(row, "code", ""))
    found = [Asked(Subject(kind, row.id), figure, about=name) for figure in ROW_FIGURES.get(kind, ())]
    if kind in ("customer", "supplier"):
        return [*found, Asked(row.code, card=kind)]
    for party in ("customer", "supplier"):
        code = getattr(row, f"{party}_code", None)
        if code:
            found.append(Asked(code, card=party))
    return found


def of_document(d: Any, line: Any) -> list[Asked]:
    """What can be asked of a document that is shown, its line under the cursor first."""
    found: list[Asked] = []
    place = d.head.get("warehouse_id")
    if line is not None:
        position = line.get("position", 0)
        found += [
            Asked(Subject(d.kind, d.id, position), figure, about=f"{d.label}/{position}")
            for figure in LINE_FIGURES.get(d.kind, ())
        ]
        if place and line.get("item_id") is not None and line.get("stocked"):
            subject = Subject("stock", line["item_id"], place)
            figures = ("available", "back_ordered", "promise") if d.kind in ("quotation", "order") else ("available",)
            found += [Asked(subject, figure, about=line["item"]) for figure in figures]
    found += [Asked(Subject(d.kind, d.id), figure, about=d.label) for figure in ROW_FIGURES.get(d.kind, ())]
    if d.kind in ("quotation", "order", "invoice") and d.head.get("customer_id"):
        found.append(Asked(Subject("customer", d.head["customer_id"]), "exposure", about=d.customer))
    if line is not None and line.get("item_id") is not None and line.get("item"):
        found.append(Asked(Subject("item", line["item_id"]), card="item", about=line["item"]))
    if d.customer:
        buying = d.kind in ("purchase", "receipt", "bill", "supplier_return")
        found.append(Asked(d.customer, card="supplier" if buying else "customer"))
    return found


def of_document_key(kind: str, key: int) -> list[Asked]:
    """What can be asked of a document that a row of a report stands for."""
    if kind not in ("order", "delivery", "invoice", "payment", "receivable_adjustment"):
        return []
    return [Asked(Subject(kind, key), figure) for figure in ROW_FIGURES[kind] if figure != "blocked"]


def of_stock(item_id: int, code: str, places: Sequence[tuple[int, str]]) -> list[Asked]:
    """The figures of an item's stock, warehouse by warehouse."""
    return [
        Asked(Subject("stock", item_id, key), figure, about=f"{code} @ {name}")
        for key, name in places
        for figure in STOCK
    ]


def of_sheet(sheet: "EntrySheet", warehouse: str = "") -> list[Asked]:
    """The card of the code under the cursor of an entry sheet, or what is available of the line's item."""
    if sheet.buffer is not None:
        return []
    value = sheet.value().strip()
    if sheet.cell in CARD_WORDS and value:
        return [Asked(value, card=sheet.cell)]
    lines = sheet.model.lines()
    item = lines[sheet.line].get("item", "").strip() if 0 <= sheet.line < len(lines) else ""
    if not item:
        return []
    if sheet.cell in ("quantity", "available") and warehouse:
        return [Asked(f"{item}@{warehouse}", "available")]
    return [Asked(item, card="item")]


def look_up(screen: "DeskScreen", asked: Sequence[Asked]) -> None:
    """Open the only one, or offer them by number."""
    if len(asked) == 1:
        screen.app.run_worker(open_asked(screen, asked[0]), group="read")
        return
    from o2c_tui.widgets.confirm import Menu

    def take(number: int | None) -> None:
        if number is not None:
            screen.app.run_worker(open_asked(screen, asked[number]), group="read")

    screen.app.push_screen(Menu(_("Why?"), [one.words() for one in asked]), take)


async def open_asked(screen: "DeskScreen", asked: Asked) -> None:
    """Open what was asked for."""
    if asked.figure:
        from o2c_tui.screens.why import WhyScreen

        await screen.app.push_screen(WhyScreen(asked.figure, asked.subject, ask=asked.ask))
        return
    await open_subject(screen, asked.subject, asked.card)


async def open_subject(screen: "DeskScreen", subject: Subject | str, card: str = "") -> None:
    """Open a document, or the card of an item or a party."""
    kind = card or (subject.kind if isinstance(subject, Subject) else "")
    if kind in ("item", "stock"):
        key = subject.id if isinstance(subject, Subject) else await screen.attempt(screen.desk.read(_item_id, subject))
        if key:
            from o2c_tui.screens.stock_card import StockCardScreen

            await screen.app.push_screen(StockCardScreen(key))
        elif key == 0:
            screen.hint(_("No item is called {code}.").format(code=subject))
    elif kind in ("customer", "supplier"):
        code = await screen.attempt(screen.desk.read(_party_code, subject))
        if code:
            from o2c_tui.screens.cards import PartyCard

            await screen.app.push_screen(PartyCard(code, supplier=kind == "supplier"))
    elif isinstance(subject, Subject):
        await screen.o2c.show_document(kind, subject.id)


def _item_id(session: Any, code: str) -> int:
    from o2c_tui.queries.lookups import items_coded

    found = items_coded(session, [code])
    return next((coded.item.id for coded in found.values()), 0)


def _party_code(session: Any, subject: Subject | str) -> str:
    from o2c_tui.models.party import Party
    from o2c_tui.queries.lookups import party_by_code

    if isinstance(subject, str):
        return str(party_by_code(session, subject).code)
    party = session.get(Party, subject.id)
    return str(party.code) if party is not None else ""
