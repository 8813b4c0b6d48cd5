"""Map files: TOML that says which column of a file is which of our fields."""

import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from o2c_tui.errors import FileImportError, TroubleError, os_words
from o2c_tui.texts import N_


def read_toml(path: Path) -> dict[str, Any]:
    """What a map file says.

    Raises:
        TroubleError: it cannot be read. FileImportError: it is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TroubleError(N_("{path} cannot be read: {why_word}."), path=path, why_word=os_words(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileImportError(N_("The map {path} cannot be read: {why}."), path=path.name, why=error) from error


def check_names(path: Path, names: Iterable[str], known: Collection[str]) -> None:
    """Refuse a name that means nothing here.

    Raises:
        FileImportError: names it, and those there are.
    """
    for name in names:
        if name not in known:
            raise FileImportError(
                N_("The map {path} names '{name}'; there are: {names}."),
                path=path.name,
                name=name,
                names=", ".join(known),
            )
