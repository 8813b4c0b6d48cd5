"""The archive: the files that left the house, beside the books, each named by the hash of its bytes.

A later version of the program may draw other bytes of the same document; what went out stays what it was.
Rule: docs/rules/mail.md, "Papers".
"""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from o2c_tui.config import places
from o2c_tui.documents.files import write_file
from o2c_tui.queries.lookups import the_company
from o2c_tui.storage.places import is_postgres, sqlite_path

if TYPE_CHECKING:
    from o2c_tui.storage.store import Store


def archive_folder(url: str) -> Path:
    """Where the papers of these books are kept."""
    if is_postgres(url):
        name = url.partition("?")[0].rpartition("/")[2]
        return places().data / "papers" / (re.sub(r"[^\w.-]", "-", name) or "books")
    path = Path(sqlite_path(url))
    return path.with_name(f"{path.stem}-papers")


def kept_path(url: str, sha256: str) -> Path:
    """Where the file with this hash lies, if it was kept."""
    return archive_folder(url) / sha256[:2] / f"{sha256}.pdf"


def keep_paper(store: "Store", data: bytes) -> str:
    """Keep a file that leaves the house, unless the company keeps none; returns the hash of its bytes.

    Raises:
        TroubleError: it cannot be written.
    """
    digest = hashlib.sha256(data).hexdigest()
    if store.read_now(lambda session: the_company(session).keep_papers):
        target = kept_path(store.url, digest)
        if not target.exists():
            write_file(data, "", target)
    return digest
