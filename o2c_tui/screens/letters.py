"""The letters: what mails, reminders and statements say, by kind and language."""

from typing import Any

from textual import work

from o2c_tui.screens.desk import Desk
from o2c_tui.screens.form import FormScreen
from o2c_tui.screens.kept import Kept
from o2c_tui.screens.listed import ListedScreen
from o2c_tui.screens.simple_model import FormModel
from o2c_tui.screens.text_model import TEXT, TextModel
from o2c_tui.texts import LANGUAGES, N_, _
from o2c_tui.widgets.entry import FieldSpec
from o2c_tui.widgets.listing import Column, WindowedList


class LetterList(ListedScreen):
    """The letters, in each language."""

    PLACE = N_("LETTERS")
    ABOUT = N_(
        "What mails and reminders say, by kind and language. Enter opens one; what you save goes before what comes\nwith the program. F6 writes one in another language, or under a code of your own.\nNames in braces are filled: {number}, {total}, {due}, {customer} … F1 in a letter lists them."
    )

    def __init__(self) -> None:
        super().__init__()
        self.rows: WindowedList[Any] = WindowedList(
            [
                Column(N_("Letter"), lambda row: row.code, width=18),
                Column(N_("Language"), lambda row: LANGUAGES.get(row.language, row.language), width=9),
                Column(N_("Subject"), lambda row: row.subject, width=30, share=1),
                Column("", lambda row: _("own") if row.own else "", width=6),
            ],
            key=lambda row: (row.code, row.language),
            empty=N_("One moment…"),
        )

    @work(group="read", exclusive=True)
    async def load(self) -> None:
        """Read the letters."""
        from o2c_tui.queries.letters import letters

        found = await self.attempt(self.desk.read(letters))
        if found is not None:
            await self.rows.show_rows(found)
            self.totals.set("", _("{n} in all").format(n=len(found)))
            self.refresh_keys()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if not self.rows.is_empty:
            self.load()

    def on_windowed_list_opened(self, event: WindowedList.Opened) -> None:
        self.app.push_screen(LetterCard(event.row.code, event.row.language))

    def action_new(self) -> None:
        """One in another language, or under a code of its own."""
        row = self.rows.row
        self.app.push_screen(LetterCard(row.code if row is not None else "", ""))

    def action_reload(self) -> None:
        """Read again."""
        self.load()


class LetterCard(FormScreen):
    """A letter in one language."""

    PLACE = N_("LETTER")
    ABOUT = N_(
        "Names in braces are filled: {company} {bank} {customer} {contact} {document} {number} {reference}\n{date} {due} {total} {open}; in reminders also {overdue} {days} {items} {fee} {pay_by}.\nA line whose names all have nothing to say is left out. Insert puts a line in, Ctrl+X takes one out."
    )
    COLUMNS = TEXT
    KEEPS = "letter"

    def __init__(self, code: str, language: str, *, kept: int | None = None) -> None:
        super().__init__(kept=kept)
        self.code, self.language = code, language

    def make_model(self) -> FormModel:
        return TextModel(self.stored(), needed=("code", "language", "subject"))

    def stored(self) -> dict[str, str]:
        from o2c_tui.queries.letters import letter

        values = {"code": self.code, "language": self.language, "subject": "", "body": ""}
        if self.code:
            found = self.desk.read_now(letter, self.code, self.language or "en")
            values |= {"subject": found.subject, "body": found.body}
            self.version = found.version if found.language == self.language else None
        return values

    def labels(self) -> dict[str, str]:
        return {**super().labels(), "body": N_("Text")}

    def fields(self) -> list[list[FieldSpec]]:
        fixed = bool(self.language)
        return [
            [
                FieldSpec("code", N_("Letter"), width=20, fixed=fixed),
                FieldSpec("language", N_("Language"), width=8, fixed=fixed),
            ],
            [FieldSpec("subject", N_("Subject"), width=60)],
        ]

    def on_mount(self) -> None:
        super().on_mount()
        if self.code and self.language:  # its text is read from the top
            self.entry.line, self.entry.cell = 0, "text"
            self.entry.reload()
        if self.kept_at is None:
            self.hint(_("Enter takes a line, Insert puts one in; F1 lists the names in braces."))

    async def save(self) -> str:
        from o2c_tui.services.mailing import save_letter

        v = self.form.values
        await self.desk.write(save_letter, v["code"], v["language"], v["subject"], v["body"], version=self.version)
        return _("{code} saved.").format(code=v["code"])


def letter_kept(desk: Desk, place: int) -> LetterCard:
    """A letter that was being written."""
    values = (Kept(desk, "letter", place).read() or {}).get("values", {})
    return LetterCard(values.get("code", ""), values.get("language", ""), kept=place)
