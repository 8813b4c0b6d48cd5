"""A run of reminders: each letter written in a transaction of its own, then mailed, or put into one file to be printed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from o2c_tui.errors import TradeError
from o2c_tui.queries.reminder_papers import unprinted
from o2c_tui.sending.letter_run import LetterRun
from o2c_tui.sending.papers import print_papers
from o2c_tui.services.reminding import Reminded, remind_customer

if TYPE_CHECKING:
    from o2c_tui.storage.store import Store


@dataclass
class ReminderRun(LetterRun):
    """A run of reminders. `printed` are the numbers of the letters in the file; also those of an earlier run that was
    broken off before it."""

    letters: list[Reminded] = field(default_factory=list)


def run_reminders(
    store: "Store",
    customers: Sequence[str],
    *,
    by: str,
    today: date,
    again: bool = False,
    going_on: Callable[[int, int], bool] | None = None,
) -> ReminderRun:
    """Write a letter to each of some customers and send it; who gets none by now is refused and left out.

    A run that was broken off is simply repeated: what was written is not written again, and letters that found no way
    out yet are printed then.

    Raises:
        TroubleError: the books cannot be written, or a file not.
    """
    run = ReminderRun()
    for n, code in enumerate(customers):
        if going_on is not None and not going_on(n, len(customers)):
            break
        try:
            made = store.write_now(remind_customer, code, again=again, by=by, today=today, accepted=None)
        except TradeError as error:
            run.refused.append(error)
            continue
        run.letters.append(made)
    on_paper = store.read_now(unprinted)
    if on_paper:
        run.file, views = print_papers(store, "reminder", on_paper, by=by)
        run.printed = tuple(view.number for view in views)
    run.send(store, [made.mail_id for made in run.letters if made.mail_id is not None], by=by)
    return run
