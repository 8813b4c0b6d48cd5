"""Documents written as files for people: the PDF into the export folder, its path said."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.screens.base import DeskScreen
from o2c_tui.texts import N_, _

if TYPE_CHECKING:
    from o2c_tui.storage.store import Store

KINDS = (  # what F7 makes a paper of
    "quotation", "order", "delivery", "invoice", "payment", "return",
    "purchase", "receipt", "supplier_return", "transfer", "stocktake",
)  # fmt: skip


def choose_paper(screen: DeskScreen, kind: str, rows: Sequence[tuple[int, str]]) -> None:
    """Write the papers of some documents (key, state); where there are several kinds of paper, ask by number first."""
    from o2c_tui.queries.papers import papers_of
    from o2c_tui.screens.ask import ask

    common = [papers_of(kind, state) for _key, state in rows]
    choices = {name: words for name, words in common[0].items() if all(name in papers for papers in common)}
    keys = [key for key, _state in rows]
    if not choices:
        screen.warn(_("These have no paper in common: mark documents of one state."))
    elif len(choices) == 1:
        _write(screen, kind, keys, next(iter(choices)))
    else:
        ask(screen, N_("Which paper?"), lambda name: _write(screen, kind, keys, name), choices)


def _write(screen: DeskScreen, kind: str, keys: Sequence[int], name: str | None) -> None:
    if name is not None:
        screen.run_worker(write_documents(screen, kind, keys, name), group="write")


async def write_documents(screen: DeskScreen, kind: str, keys: Sequence[int], name: str = "") -> None:
    """Write the PDFs of some documents, or one pick list of all; says where they are."""
    import asyncio

    from o2c_tui.documents.files import write_pdf_of, write_pick_list

    def written(store: "Store") -> list[Path]:
        if name == "pick":
            return [write_pick_list(store, keys)]
        return [write_pdf_of(store, kind, key, name=name) for key in keys]

    screen.busy(_("Writing the PDF…"))
    try:
        paths = await asyncio.to_thread(written, screen.desk.store)
    except (TradeError, TroubleError) as error:
        screen.say_refusal(error)
        return
    if len(paths) == 1:
        screen.ok(_("{name} is in {folder}").format(name=paths[0].name, folder=paths[0].parent))
    else:
        screen.ok(_("{n} PDFs in {folder}").format(n=len(paths), folder=paths[0].parent))
