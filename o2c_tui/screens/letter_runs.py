"""A run of letters at the desk: shown before it goes, and what came of it."""

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from o2c_tui.safe_text import fit
from o2c_tui.screens.base import DeskScreen
from o2c_tui.texts import _
from o2c_tui.widgets.confirm import MANY, Confirm, Line

if TYPE_CHECKING:
    from o2c_tui.sending.letter_run import LetterRun


def who(screen: DeskScreen, code: str, name: str) -> str:
    """A customer in a line of a preview, so that what follows stands under each other."""
    cut = screen.o2c.glyphs.cut
    return f"{fit(code, 9, cut=cut)} {fit(name, 20, cut=cut)}"


def confirm_letters(
    screen: DeskScreen,
    heading: str,
    lines: Sequence[Line],
    letters: int,
    does: str,
    send: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    """Show the letters that would go, and send them on Enter; of many, their number is typed first."""

    def go(yes: bool | None) -> None:
        if yes:
            screen.run_worker(send(), group="write")

    sheet = Confirm(heading, lines, does=does, type_in=str(letters) if letters > MANY else "", possible=bool(letters))
    screen.app.push_screen(sheet, go)


def say_run(screen: DeskScreen, done: "LetterRun", text: str, mailed: int) -> None:
    """Say what went, with the file of what is to be printed, and the first of what did not go."""
    if done.file is not None:
        text += f" ({done.file.name})"
    complaints = done.complaints(_)
    if complaints:
        screen.warn(f"{text}. {complaints[0]}")
    elif mailed and done.sent is None:
        screen.ok(text + ". " + _("They wait in the outbox: no mail server is named yet."))
    else:
        screen.ok(text + ".")
