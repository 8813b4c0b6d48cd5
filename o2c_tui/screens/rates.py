"""Exchange rates: one entered or put right. The list of them is screens/lists.py."""

from datetime import date
from decimal import Decimal
from typing import Any

from o2c_tui.rules import entry
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.list_words import source_word
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import FieldSpec


class RateCard(FormScreen):
    """What a currency is worth from a day on."""

    PLACE = N_("EXCHANGE RATE")
    ABOUT = N_(
        "What one unit of a currency is worth in the company's, from its day on until the next rate.\nDocuments take the newest on or before their own date and keep it; what is changed here changes none of them.\nA bank often tells it the other way round: type 1/1.0870, and it is turned."
    )
    KEEPS = "rate"

    def __init__(self, currency: str = "", valid_on: date | None = None, *, kept: int | None = None) -> None:
        super().__init__(kept=kept)
        self.currency, self.valid_on = currency, valid_on

    def make_model(self) -> FormModel:
        values = {"currency": self.currency, "valid_on": self.desk.today().isoformat(), "rate": "", "origin": "typed"}
        if self.currency:
            self.before = self.stored()
            values |= self.before
        return FormModel(
            values,
            needed=("currency", "rate"),
            checks={"currency": self._code, "valid_on": self._day, "rate": _rate},
        )

    @staticmethod
    def _code(text: str) -> str:
        from o2c_tui.money import digits_of

        digits_of(text.upper())
        return text.upper()

    def _day(self, text: str) -> str:
        return (entry.day(text, self.desk.today()) if text else self.desk.today()).isoformat()

    def stored(self) -> dict[str, str]:
        def read(session: Any) -> Any:
            from o2c_tui.queries.exchange import known_rate

            return known_rate(session, self.currency, self.valid_on or self.desk.today())

        found = self.desk.read_now(read)
        self.version, self.kept_at = found.version, found.id
        return {
            "currency": found.currency,
            "valid_on": found.valid_on.isoformat(),
            "rate": format(found.rate.normalize(), "f"),
            "origin": source_word(found.source),
        }

    def fields(self) -> list[list[FieldSpec]]:
        fixed = bool(self.currency)
        return [
            [FieldSpec("currency", N_("Currency"), width=4, code=True, fixed=fixed)],
            [FieldSpec("valid_on", N_("From day"), width=10, fixed=fixed)],
            [FieldSpec("rate", N_("Rate"), width=16, beside=30)],
            [FieldSpec("origin", N_("Source"), width=16, fixed=True)],
        ]

    def on_mount(self) -> None:
        super().on_mount()
        self.title_line.set(detail=self.currency, mode=_("EDIT") if self.currency else _("NEW"))
        self.after_taken()

    def after_taken(self) -> None:
        v = self.form.values
        facts = self.desk.facts
        if v["currency"] and v["rate"] and facts is not None:
            self.form.words["rate"] = f"1 {v['currency']} = {v['rate']} {facts.currency}"
        else:
            self.form.words["rate"] = ""

    async def save(self) -> str:
        from o2c_tui.services.exchanging import save_rate

        v = self.form.values
        done = await self.desk.write(
            save_rate,
            v["currency"],
            Decimal(v["rate"]),
            on=date.fromisoformat(v["valid_on"]),
            version=self.version,
            key=self.saying,
            accepted=None,
        )
        return _("{currency} from {day}: {rate}").format(
            currency=done.currency, day=done.valid_on, rate=format(done.rate.normalize(), "f")
        )


def _rate(text: str) -> str:
    """A rate as typed, or turned round: 1/1.0870."""
    from o2c_tui.queries.exchange import check_rate

    over, _slash, under = text.partition("/")
    value = entry.number(over)
    if under.strip() and entry.number(under):
        value = round(value / entry.number(under), 6)
    return format(check_rate(value.normalize()), "f")


def rate_kept(desk: Any, place: int) -> RateCard:
    """The card of a stored rate (its id), or of a new one that was kept (below 0)."""
    from o2c_tui.models.currency import ExchangeRate

    found = desk.read_now(lambda session: session.get(ExchangeRate, place)) if place > 0 else None
    return RateCard(found.currency, found.valid_on, kept=place) if found is not None else RateCard(kept=place)
