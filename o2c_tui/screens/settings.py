"""Settings: what is one person's own (language, look), and what the company reckons by."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from o2c_tui.rules import entry
from o2c_tui.screens.base import quantity
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.simple_model import FormModel, same_of, words_for
from o2c_tui.texts import LANGUAGES, N_, _, current, use
from o2c_tui.widgets.entry import FieldSpec, Hit
from o2c_tui.widgets.look import CONTRAST, DARK, LIGHT, MONO

if TYPE_CHECKING:
    from o2c_tui.app import O2c

_THEMES = {DARK: N_("dark"), LIGHT: N_("light"), CONTRAST: N_("high contrast"), MONO: N_("without colours")}
_ROWS = {"lit": N_("lit row"), "marker": N_("marker")}
_GLYPHS = {"auto": N_("by itself"), "fine": N_("fine signs"), "plain": N_("plain signs")}
_LINE = {"normal": N_("as it is"), "slow": N_("slow: as little as can be is sent")}
_MOUSE = {"auto": N_("by itself"), "on": N_("on"), "off": N_("off")}
_BELL = {"on": N_("on"), "off": N_("off")}
_TAX = {"document": N_("once per document and rate"), "line": N_("line by line")}
_SHORTAGE = {
    "ask": N_("ask"),
    "reserve": N_("reserve and back-order"),
    "all_or_nothing": N_("all or nothing"),
    "none": N_("reserve nothing"),
}
_PAPERS = {"yes": N_("kept, by their hash"), "no": N_("only noted")}
_POLICY = {"delivered": N_("as delivered"), "ordered": N_("as ordered")}
_CHOICES: dict[str, dict[str, str]] = {
    "language": LANGUAGES,
    "theme": _THEMES,
    "rows": _ROWS,
    "glyphs": _GLYPHS,
    "line": _LINE,
    "mouse": _MOUSE,
    "bell": _BELL,
    "tax_rounding": _TAX,
    "shortage": _SHORTAGE,
    "invoice_policy": _POLICY,
    "keep_papers": _PAPERS,
}
_OWN = ("language", "theme", "rows", "glyphs", "bell", "mouse", "line")
_COMPANY = (
    "name",
    "address",
    "tax_id",
    "email",
    "phone",
    "bank",
    "quotation_days",
    "tax_rounding",
    "shortage",
    "invoice_policy",
    "small_difference",
    "default_term",
    "default_tax_code",
    "cash_step",
    "interest_percent",
    "reminder_profile",
    "keep_papers",
)
_FIGURES = ("cash_step", "small_difference", "interest_percent")


def keep_setting(app: "O2c", **settings: Any) -> None:
    """Keep one person's settings, and go by them at once."""
    from o2c_tui.services.keeping import save_preferences

    app.desk.store.write_now(save_preferences, app.desk.login, settings, accepted=None)
    if app.desk.facts is not None:
        app.desk.facts.settings.update(settings)
    app.language_given = None
    if settings.get("language"):
        use(settings["language"])
    app.apply_settings(app.desk.facts.settings if app.desk.facts is not None else settings)
    app.redraw()
    for screen in app.screen_stack:
        if hasattr(screen, "refresh_keys"):
            screen.refresh_keys()
        screen.refresh(layout=True)


class Settings(FormScreen):
    """One's own settings above, the company's below."""

    PLACE = N_("SETTINGS")
    ABOUT = N_(
        "The rows above the company are yours alone; the rest is the company's and stands in the audit trail.\nAddress and bank lines are parted by ' / '. Documents that exist keep what they froze.\nA slow line: Esc waits longer, no side pane, look-ups after a rest, changes of others only as a mark.\nF9 has the terminal test: which keys arrive, and how signs are drawn."
    )

    KEEPS = "settings"
    MENU = (
        ("terms", N_("Payment terms")),
        ("taxes", N_("Tax codes")),
        ("mail_settings", N_("Mail: server, sender, trial folder")),
        ("letters", N_("Letters: what mails say")),
        ("profiles", N_("Reminders: steps, fees, letters")),
        ("prove", N_("Prove the books")),
        ("test_terminal", N_("Test the terminal")),
        ("reasons", N_("Reasons of write-offs")),
        *FormScreen.MENU,
    )

    def action_mail_settings(self) -> None:
        """Which server mails go through."""
        from o2c_tui.screens.outbox import MailSettings

        self.app.push_screen(MailSettings())

    def action_profiles(self) -> None:
        """By which steps customers are reminded."""
        from o2c_tui.screens.reminding import ProfileList

        self.app.push_screen(ProfileList())

    def action_letters(self) -> None:
        """What mails and reminders say."""
        from o2c_tui.screens.letters import LetterList

        self.app.push_screen(LetterList())

    def action_test_terminal(self) -> None:
        """Which keys arrive, and how signs and colours are drawn."""
        from o2c_tui.screens.terminal_test import TerminalTest

        self.app.push_screen(TerminalTest())

    def action_terms(self) -> None:
        """The payment terms."""
        self.o2c.go_to("terms")

    def action_taxes(self) -> None:
        """The tax codes and their rates."""
        self.o2c.go_to("taxes")

    def action_reasons(self) -> None:
        """Why something need not be paid: accounts and limits."""
        from o2c_tui.screens.reason_rows import ReasonRows

        self.app.push_screen(ReasonRows())

    def action_prove(self) -> None:
        """Recompute every promise of the books."""
        from o2c_tui.screens.proof import Proof

        self.app.push_screen(Proof())

    def __init__(self) -> None:
        super().__init__(kept=1)  # the one company

    def stored(self) -> dict[str, str]:
        self.company = self.desk.read_now(_company)
        self.version = self.company["version"]
        stored = {name: _text(self.company[name]) for name in _COMPANY}
        return {**self.form.values, **stored}

    def make_model(self) -> FormModel:
        own = self.desk.facts.settings if self.desk.facts else {}
        values = {
            "language": current(),
            "theme": self.app.theme,
            "rows": own.get("rows", "lit"),
            "glyphs": own.get("glyphs", "auto"),
            "line": own.get("line", "normal"),
            "mouse": own.get("mouse", "auto"),
            "bell": own.get("bell", "on"),
        }
        self.company = self.desk.read_now(_company)
        values |= {name: _text(self.company[name]) for name in _COMPANY}
        self.version = self.company["version"]
        self.before = dict(values)
        return FormModel(
            values,
            checks={
                **dict.fromkeys(_FIGURES, _step),
                "reminder_profile": str.upper,
                **{key: same_of(words) for key, words in _CHOICES.items()},
            },
            look_up=self._hits,
        )

    def _hits(self, key: str, text: str) -> Sequence[Hit]:
        """The profiles that one can be reminded by."""
        from o2c_tui.queries.reminders import profiles

        word = entry.folded(text).strip().casefold()
        return [
            Hit(found.code, _(found.name))
            for found in self.desk.read_now(profiles)
            if found.active and word in f"{found.code} {_(found.name)}".casefold()
        ]

    company: dict[str, Any]
    before: dict[str, str]

    def fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("language", N_("Language"), width=8, beside=8),
                FieldSpec("theme", N_("Colours"), width=12, beside=14),
            ],
            [
                FieldSpec("rows", N_("Cursor row"), width=8, beside=8),
                FieldSpec("glyphs", N_("Signs"), width=12, beside=14),
            ],
            [
                FieldSpec("bell", N_("Bell"), width=8, beside=8),
                FieldSpec("mouse", N_("Mouse"), width=12, beside=14),
            ],
            [FieldSpec("line", N_("Line speed"), width=8, beside=34)],
            [],
            [FieldSpec("name", N_("Company"), width=50)],
            [FieldSpec("address", N_("Address"), width=60)],
            [FieldSpec("tax_id", N_("Tax number"), width=20), FieldSpec("phone", N_("Phone"), width=20)],
            [FieldSpec("email", N_("E-mail"), width=40)],
            [FieldSpec("bank", N_("Bank lines"), width=60)],
            [
                FieldSpec("quotation_days", N_("Quotations valid, days"), width=5),
                FieldSpec("cash_step", N_("Cash step"), width=6),
            ],
            [FieldSpec("default_term", N_("Terms"), width=10), FieldSpec("default_tax_code", N_("Tax code"), width=10)],
            [FieldSpec("tax_rounding", N_("Tax is rounded"), width=10, beside=28)],
            [FieldSpec("shortage", N_("Short stock"), width=15, beside=26)],
            [
                FieldSpec("invoice_policy", N_("Invoices"), width=10, beside=20),
                FieldSpec("small_difference", N_("Small differences to"), width=9),
            ],
            [
                FieldSpec("reminder_profile", N_("Reminded by"), width=10, beside=20, code=True),
                FieldSpec("interest_percent", N_("Interest a year, %"), width=9),
            ],
            [FieldSpec("keep_papers", N_("Papers"), width=10, beside=28)],
        ]

    def on_mount(self) -> None:
        super().on_mount()
        self.after_taken()
        self.entry.cell = "language"
        self.entry.reload()

    def after_taken(self) -> None:
        for key, words in _CHOICES.items():
            words_for(self.form, key, words)

    async def save(self) -> str:
        from o2c_tui.errors import BadValueError
        from o2c_tui.services.setup import change_company

        v = self.form.values
        changes: dict[str, Any] = {
            name: v[name].replace(" / ", "\n") if name in ("address", "bank") else v[name]
            for name in _COMPANY
            if v[name] != self.before[name]
        }
        if "quotation_days" in changes:
            if not changes["quotation_days"].isdigit():
                raise BadValueError(N_("Give a number of days from 1 to 999."), field="quotation_days")
            changes["quotation_days"] = int(changes["quotation_days"])
        changes |= {name: entry.number(changes[name] or "0") for name in _FIGURES if name in changes}
        if "keep_papers" in changes:
            changes["keep_papers"] = changes["keep_papers"] == "yes"
        if changes:
            await self.desk.write(change_company, changes, version=self.version, key=self.saying)
        own = {name: v[name] for name in _OWN if v[name] != self.before[name]}
        if own:
            keep_setting(self.o2c, **own)
        await self.desk.load_facts()
        return _("Settings saved.")


def _text(value: Any) -> str:
    """A setting as it stands in its field."""
    if isinstance(value, Decimal):
        return quantity(value) if value else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("\n", " / ")


def _step(text: str) -> str:
    """A figure as typed, or nothing."""
    step = entry.number(text) if text else Decimal(0)
    return quantity(step) if step else ""


def _company(session: Any) -> dict[str, Any]:
    from o2c_tui.queries.lookups import the_company

    company = the_company(session)
    return {name: getattr(company, name) for name in (*_COMPANY, "version")}
