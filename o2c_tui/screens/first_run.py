"""The first run: the language, then the demo company or one's own. Everything has a default and can wait."""

from datetime import date
from decimal import Decimal
from typing import Any

from textual import work

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.rules import entry
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.texts import N_, _, use
from o2c_tui.widgets.confirm import Menu
from o2c_tui.widgets.entry import FieldSpec

DEMO_DOCUMENTS = 400


class FirstRun(FormScreen):
    """No company yet."""

    PLACE = N_("WELCOME")
    ABOUT = N_(
        "Choose the demo company to try everything, or name your own.\nAll but the name has a default and can be changed later in the settings."
    )

    def make_model(self) -> FormModel:
        values = {"name": "", "currency": "EUR", "country": "", "tax": "20", "warehouse": "MAIN", "term": "30"}
        return FormModel(
            values,
            needed=("name",),
            checks={"currency": str.upper, "warehouse": str.upper, "tax": _percent, "term": _days},
        )

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [FieldSpec("name", N_("Company"), width=50)],
            [FieldSpec("currency", N_("Currency"), width=5), FieldSpec("country", N_("Country"), width=20)],
            [FieldSpec("tax", N_("Tax %"), width=6), FieldSpec("term", N_("Days to pay"), width=5)],
            [FieldSpec("warehouse", N_("Warehouse"), width=10)],
        ]

    def on_mount(self) -> None:
        super().on_mount()
        self.app.push_screen(Menu("1 English   2 中文", ["English", "中文"]), self._language_chosen)

    def _language_chosen(self, number: int | None) -> None:
        self.language = ("en", "zh_CN")[number or 0]
        use(self.language)
        self.title_line.set(place=_(self.PLACE))
        self.refresh_keys()
        self.refresh(layout=True)
        choices = [_("Try the demo company (made-up data)"), _("Set up my company"), _("Leave")]
        self.app.push_screen(Menu(_("No company yet"), choices), self._way_chosen)

    language = "en"

    def _way_chosen(self, number: int | None) -> None:
        if number == 0:
            self.make_demo()
        elif number == 1:
            self.hint(_("Name your company; Tab goes on; Ctrl+S opens the books."))
        else:
            self.dismiss(False)

    @work(group="write")
    async def make_demo(self) -> None:
        """The demo company, made through the verbs."""
        import asyncio

        from o2c_tui.services.demo import make_demo

        self.busy(_("Making the demo company…"))
        try:
            await asyncio.to_thread(make_demo, self.desk.store, documents=DEMO_DOCUMENTS, today=self.desk.today())
        except (TradeError, TroubleError) as error:
            self.say_refusal(error)
            return
        self._keep_language()
        self.dismiss(True)

    def _keep_language(self) -> None:
        from o2c_tui.services.keeping import save_preferences

        self.desk.store.write_now(save_preferences, self.desk.login, {"language": self.language}, accepted=None)

    async def save(self) -> str:
        from o2c_tui.services.setup import CompanySetup, create_company
        from o2c_tui.services.tax_codes import TaxSetup, TermSetup

        v = self.form.values
        rate = entry.number(v["tax"]) / 100 if v["tax"] else Decimal(0)
        code = f"TAX{v['tax']}".replace(".", "") if rate else "NONE"
        days = int(v["term"])
        setup = CompanySetup(
            v["name"],
            v["currency"],
            country=v["country"],
            language=self.language,
            taxes=(TaxSetup(code, _("Tax"), {date(2000, 1, 1): rate}),),
            default_tax_code=code,
            terms=(
                TermSetup(
                    f"{days}D", _("{n} days net").format(n=days), ({"kind": "rest", "value": "0", "days": days},)
                ),
            ),
            default_term=f"{days}D",
            warehouses=((v["warehouse"], _("Main warehouse")),),
        )
        await self.desk.write(create_company, setup, key=self.saying)
        self._keep_language()
        return _("The books are open. F6 makes something new; n c and n i customers and items first.")

    def action_back(self) -> None:
        """Leave without books."""
        self.dismiss(False)


def _percent(text: str) -> str:
    from o2c_tui.errors import BadValueError

    value: Any = entry.number(text.rstrip("%")) if text else Decimal(0)
    if not 0 <= value <= 100:
        raise BadValueError(N_("A tax rate must be from 0 to 100 percent."))
    return format(value.normalize(), "f")


def _days(text: str) -> str:
    from o2c_tui.errors import BadValueError

    if not text.isdigit() or int(text) > 365:
        raise BadValueError(N_("Give a number of days from 0 to 365."))
    return str(int(text))
