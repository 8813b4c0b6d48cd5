"""Documents written as files for people: the PDF into the export folder, its path said."""

from collections.abc import Sequence

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.screens.base import DeskScreen
from o2c_tui.texts import _


async def write_documents(screen: DeskScreen, kind: str, keys: Sequence[int]) -> None:
    """Write the PDFs of some documents; says where they are."""
    import asyncio

    from o2c_tui.documents.files import write_pdf_of

    screen.busy(_("Writing the PDF…"))
    try:
        paths = [await asyncio.to_thread(write_pdf_of, screen.desk.store, kind, key) for key in keys]
    except (TradeError, TroubleError) as error:
        screen.say_refusal(error)
        return
    if len(paths) == 1:
        screen.ok(_("PDF: {path}").format(path=paths[0]))
    else:
        screen.ok(_("{n} PDFs in {folder}").format(n=len(paths), folder=paths[0].parent))
