"""The replayed books, made once a process for all that asks of them; who writes into them takes a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from o2c_tui.storage.store import Store
from tests.northwind.replay import FOLDER, Replay
from tests.ready import ready


def replayed(path: Path) -> None:
    """Northwind's books, from the first quotation to the last day."""
    store = Store.open(str(path))
    Replay(FOLDER, store).run()
    store.close()


@pytest.fixture(scope="session")
def northwind() -> Path:
    """The file of the replayed books."""
    return ready("northwind", replayed)


@pytest.fixture(scope="module")
def books(northwind: Path) -> Iterator[Store]:
    """The replayed books, to be read."""
    store = Store.open(str(northwind))
    yield store
    store.close()
