"""The command line: a place, a document, a customer, an item, or a short command; the best hit is chosen already."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from textual import events

from o2c_tui.errors import TradeError
from o2c_tui.rules.entry import folded
from o2c_tui.texts import LANGUAGES, N_, _
from o2c_tui.widgets.confirm import Sheet
from o2c_tui.widgets.editbuffer import EditBuffer
from o2c_tui.widgets.frame import AfterRest
from o2c_tui.widgets.keys import GO_TO, MORE_PLACES

if TYPE_CHECKING:
    from o2c_tui.app import O2c

MOST = 9
_NEW = {
    "nq": ("quotation", N_("New quotation")),
    "no": ("order", N_("New sales order")),
    "np": ("payment", N_("Payment received")),
    "nr": ("receipt", N_("Goods receipt")),
    "nc": ("customer", N_("New customer")),
    "ni": ("item", N_("New item")),
    "nv": ("supplier", N_("New supplier")),
    "nu": ("purchase", N_("Purchase order")),
    "nb": ("bill", N_("Supplier bill")),
    "nf": ("transfer", N_("Transfer")),
    "nn": ("stocktake", N_("Stocktake")),
    "nj": ("adjustment", N_("Stock adjustment")),
}


@dataclass(frozen=True)
class Found:
    """One hit: what it is, and what Enter does."""

    words: str
    do: Callable[[], None]


class CommandLine(Sheet[None]):
    """Type a few letters; Enter goes there."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = _("Go to: a place, a number, a customer, an item; nq acme, no, np, >60, set lang zh")
        self.hint = _("Enter goes there     Up and Down choose     Esc = back")
        self.buffer = EditBuffer()
        self.found: list[Found] = []
        self.chosen = 0
        self._o2c: O2c | None = None
        self._searches = AfterRest(self, self._search_and_show)

    @property
    def o2c(self) -> "O2c":
        """The app; it stays when this sheet is closed."""
        if self._o2c is None:
            self._o2c = cast("O2c", self.app)
        return self._o2c

    def on_mount(self) -> None:
        super().on_mount()
        self.search()

    def wanted(self) -> int:
        return MOST + 1

    def rows(self, height: int) -> list[tuple[str, str]]:
        rows = [(f"> {self.buffer.text}_", "strong")]
        rows += [
            (f"  {n}  {hit.words}", "lit" if n - 1 == self.chosen else "text") for n, hit in enumerate(self.found, 1)
        ]
        if not self.found and self.buffer.text.strip():
            rows.append((_("  Nothing is called that. Try fewer letters."), "dim"))
        return rows[:height]

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            return
        event.stop()  # an answer is not for the screen below
        if event.key in ("enter", "up", "down"):
            self._searches.now()
        if event.key == "enter":
            if self.found:
                self.take(self.found[min(self.chosen, len(self.found) - 1)])
            return
        if event.key in ("up", "down"):
            self.chosen = max(0, min(len(self.found) - 1, self.chosen + (1 if event.key == "down" else -1)))
        elif event.character is not None and event.is_printable:
            self.buffer.type(event.character)
            self._searches.soon()
        elif self.buffer.key(event.key):
            self._searches.soon()
        self.redraw()

    def on_paste(self, event: events.Paste) -> None:
        self.buffer.type(" ".join(event.text.split()))
        self._searches.soon()
        self.redraw()

    def action_goto(self) -> None:
        """F10 again closes it."""
        self.dismiss(None)

    def take(self, hit: Found) -> None:
        """Go there."""
        self.dismiss(None)
        self.app.call_next(hit.do)

    # -- finding -------------------------------------------------------------------------------------------------------

    def _search_and_show(self) -> None:
        self.search()
        self.redraw()

    def search(self) -> None:
        """What fits the words typed."""
        text = folded(self.buffer.text).strip()
        self.chosen = 0
        self.found = self._commands(text) if text else self._places("")
        if not text:
            return
        if not any(hit.words.startswith("!") for hit in self.found):
            self.found = [*self.found, *self._places(text), *self._reports(text)][:MOST]
        self._search_books(text)

    def _search_books(self, text: str) -> None:
        from o2c_tui.queries.finding import find_document
        from o2c_tui.queries.pick import find_items, find_parties

        if self._commands(text) and not text.isdigit():
            return
        desk = self.o2c.desk
        try:
            documents = desk.read_now(find_document, text, limit=5)
            parties = desk.read_now(find_parties, text, limit=4)
            items = desk.read_now(find_items, text, limit=4)
        except TradeError:
            return
        exact_item = [hit for hit in items if hit.code == text.upper()]
        exact_party = [hit for hit in parties if hit.code == text.upper()]
        exact_document = [hit for hit in documents if hit.number == text.upper()]
        ordered = [
            *(self._document(hit) for hit in exact_document),
            *(self._item(hit) for hit in exact_item),
            *(self._party(hit) for hit in exact_party),
            *self.found,
            *(self._party(hit) for hit in parties if hit not in exact_party),
            *(self._item(hit) for hit in items if hit not in exact_item),
            *(self._document(hit) for hit in documents if hit not in exact_document),
        ]
        self.found = ordered[:MOST]

    def _document(self, hit: Any) -> Found:
        app = self.o2c

        def go() -> None:
            app.run_worker(app.show_document(hit.kind, hit.id), group="read")

        return Found(f"{hit.number}   {_(_KINDS[hit.kind])}", go)

    def _party(self, hit: Any) -> Found:
        def go() -> None:
            from o2c_tui.screens.cards import PartyCard

            self.o2c.push_screen(PartyCard(hit.code))

        return Found(f"{hit.code}   {hit.name}", go)

    def _item(self, hit: Any) -> Found:
        def go() -> None:
            from o2c_tui.screens.stock_card import StockCardScreen

            self.o2c.push_screen(StockCardScreen(hit.id))

        return Found(f"{hit.code}   {hit.name}", go)

    def _places(self, text: str) -> list[Found]:
        hits = []
        places = [*((letter, *told) for letter, told in GO_TO.items()), *((" ", *told) for told in MORE_PLACES.items())]
        for letter, place, name in places:
            words = _(name)
            if (
                not text
                or letter == text
                or place.startswith(text.casefold())
                or words.casefold().startswith(text.casefold())
            ):
                hits.append(Found(f"{letter}   {words}", lambda place=place: self.o2c.go_to(place)))  # type: ignore[misc]
        return hits[:MOST]

    def _reports(self, text: str) -> list[Found]:
        """Reports by their command's name, or the beginning of a word of their title."""
        from o2c_tui.reports.kinds import KINDS
        from o2c_tui.screens.reports import ReportScreen

        def opens(name: str) -> Callable[[], None]:
            def go() -> None:
                self.o2c.push_screen(ReportScreen(name))

            return go

        wanted = text.casefold()
        return [
            Found(f"    {_('Report')}: {_(kind.title)}", opens(kind.name))
            for kind in KINDS
            if kind.name.startswith(wanted) or _begins(_(kind.title).casefold(), wanted)
        ]

    def _commands(self, text: str) -> list[Found]:
        word, _blank, rest = text.partition(" ")
        word, rest = word.casefold(), rest.strip()
        if word in _NEW:
            return [self._new(word, rest)]
        if word == "pay" and rest:
            return [Found(_("Payment from {who}").format(who=rest), lambda: self._pay(rest))]
        if word[:1] == ">" and word[1:].isdigit():
            views = {30: 3, 60: 4, 90: 5}
            view = views.get(int(word[1:]), 2)
            return [Found(_("Receivables over {n} days").format(n=word[1:]), lambda: self._receivables(view))]
        if len(text) == 1 and text in "123456789":  # the number of a place, as they stand there at first
            return self._places("")[int(text) - 1 : int(text)]
        if word == "set" and rest.startswith("lang"):
            wanted = rest.removeprefix("lang").strip()
            language = next((code for code in LANGUAGES if wanted and code.startswith(wanted)), None)
            if language is not None:
                return [Found(_("Language: {name}").format(name=LANGUAGES[language]), lambda: self._language(language))]
        if word == "set" and (own := _own_setting(rest)) is not None:
            name, value, words = own
            return [Found(words, lambda: self._set(name, value))]
        if word == "terminal":
            return [Found(_("Test the terminal"), self._terminal)]
        if word == "log":
            return [Found(_("The last messages"), self._log)]
        if word == "verify":
            return [Found(_("Prove the books"), self._prove)]
        if word == "quit":
            return [Found(_("Leave; drafts stay"), lambda: self.o2c.exit())]
        return []

    def _new(self, word: str, rest: str) -> Found:
        kind, words = _NEW[word]

        def go() -> None:
            from o2c_tui.screens.opening import new_editor

            self.o2c.push_screen(
                new_editor(kind, rest.upper() if kind in ("quotation", "order", "invoice", "payment") else "")
            )

        return Found(f"{word}   {_(words)} {rest}".rstrip(), go)

    def _pay(self, rest: str) -> None:
        from o2c_tui.screens.payment import PaymentScreen

        who, _blank, amount = rest.partition(" ")
        screen = PaymentScreen(who.upper())
        self.o2c.push_screen(screen, None)
        if amount.strip():

            def fill() -> None:
                screen.pay.take_field("amount", amount.strip())
                screen.entry.to_start()
                screen.entry.reload()

            self.o2c.call_after_refresh(fill)

    def _receivables(self, view: int) -> None:
        from o2c_tui.screens.receivables import Receivables

        self.o2c.push_screen(Receivables(view))

    def _language(self, language: str) -> None:
        from o2c_tui.screens.settings import keep_setting

        keep_setting(self.o2c, language=language)

    def _prove(self) -> None:
        from o2c_tui.screens.proof import Proof

        self.o2c.push_screen(Proof())

    def _set(self, name: str, value: str) -> None:
        from o2c_tui.screens.settings import keep_setting

        keep_setting(self.o2c, **{name: value})

    def _terminal(self) -> None:
        from o2c_tui.screens.terminal_test import TerminalTest

        self.o2c.push_screen(TerminalTest())

    def _log(self) -> None:
        from o2c_tui.widgets.confirm import Reading

        self.o2c.push_screen(Reading(_("The last messages"), list(self.o2c.messages) or [_("Nothing was said yet.")]))


_OWN = {  # `set NAME VALUE` → the setting, its value, and how it is called
    "slow on": ("line", "slow", N_("Slow line: on")),
    "slow off": ("line", "normal", N_("Slow line: off")),
    "mouse on": ("mouse", "on", N_("Mouse: on")),
    "mouse off": ("mouse", "off", N_("Mouse: off")),
    "bell on": ("bell", "on", N_("Bell: on")),
    "bell off": ("bell", "off", N_("Bell: off")),
}


def _own_setting(rest: str) -> tuple[str, str, str] | None:
    words = " ".join(rest.split()).casefold()
    found = [told for name, told in _OWN.items() if words and name.startswith(words)]
    return (found[0][0], found[0][1], _(found[0][2])) if len(found) == 1 else None


def _begins(title: str, wanted: str) -> bool:
    """Whether a title goes on as was typed from the beginning of one of its words."""
    words = title.split()
    return any(" ".join(words[n:]).startswith(wanted) for n in range(len(words)))


_KINDS = {
    "quotation": N_("Quotation"),
    "order": N_("Sales order"),
    "delivery": N_("Delivery"),
    "return": N_("Return"),
    "invoice": N_("Invoice"),
    "payment": N_("Payment"),
    "receipt": N_("Goods receipt"),
    "purchase": N_("Purchase order"),
    "bill": N_("Supplier bill"),
    "supplier_return": N_("Return to supplier"),
    "transfer": N_("Transfer"),
    "adjustment": N_("Stock adjustment"),
    "stocktake": N_("Stocktake"),
    "receivable_adjustment": N_("Account adjustment"),
    "reminder": N_("Reminder"),
}
