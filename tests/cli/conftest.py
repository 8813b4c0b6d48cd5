"""A home of one's own for each test of the command line, and a demo company made once."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from o2c_tui import texts
from o2c_tui.cli import main
from o2c_tui.storage.store import Store
from tests.conftest import NOW
from tests.storage.whole_books import whole_books

DAY = "2026-11-24"


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Its JSON."""
        return json.loads(self.out)


Command = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without books, in English."""
    monkeypatch.setenv("O2C_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("O2C_DATABASE_URL", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def o2c(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command `o2c`, in this process."""

    def run(*words: Any) -> Said:
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        finally:
            texts.use("en")
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def made_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company of seed 1, made once a run."""
    folder = tmp_path_factory.mktemp("demo")
    path = folder / "books.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("O2C_HOME", str(folder))
        assert main(["--today", DAY, "--database", str(path), "demo", "--no-run", "--documents", "60"]) == 0
    return path


@pytest.fixture
def demo(made_demo: Path, home: Path) -> Path:
    """The demo company in its default place."""
    shutil.copy(made_demo, home / "books.sqlite")
    return home / "books.sqlite"


@pytest.fixture
def lived_in(home: Path) -> Path:
    """Books in which every kind of document and record has rows."""
    store = Store.open(str(home / "books.sqlite"), clock=lambda: NOW)
    whole_books(store)
    store.close()
    return home / "books.sqlite"


@pytest.fixture(scope="session")
def made_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small books, made once a run."""
    folder = tmp_path_factory.mktemp("books")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("O2C_HOME", str(folder))
        for verb, words in (
            ("create_company", {"setup": COMPANY}),
            ("save_party", {"setup": {"code": "ACME", "name": "Acme Works", "bill_to": "1 Mill Lane"}}),
            ("save_item", {"setup": {"code": "BOLT", "name": "Hex bolt", "sale_price": "10"}}),
            ("save_item", {"setup": {"code": "NUT", "name": "Hex nut", "sale_price": 0.1}}),
            ("receive_goods", {"draft": {"lines": [{"item": "BOLT", "quantity": 100, "unit_cost": "4"}]}}),
        ):
            assert main(["--today", DAY, "do", verb, json.dumps(words)]) == 0
    return folder / "books.sqlite"


@pytest.fixture
def books(made_books: Path, home: Path) -> Path:
    """Small books of one's own: EUR, 20 % tax, customer ACME, items BOLT and NUT, 100 bolts in stock."""
    shutil.copy(made_books, home / "books.sqlite")
    return home / "books.sqlite"


COMPANY = {
    "name": "Test Trading",
    "currency": "EUR",
    "taxes": [{"code": "VAT20", "name": "VAT", "rates": {"2020-01-01": "0.2"}}],
    "default_tax_code": "VAT20",
    "warehouses": [["MAIN", "Main warehouse"], ["SHOP", "Shop"]],
}


def step(o2c: Command, verb: str, *options: str, **words: Any) -> Any:
    """One step of the trade; its result."""
    said = o2c("--today", DAY, "do", verb, json.dumps(words), *options)
    assert said.code == 0, said.out + said.err
    return said.data["result"]


def invoiced(o2c: Command, quantity: Any = 2, **line: Any) -> dict[str, Any]:
    """An order delivered and invoiced; the numbers and keys of all three."""
    order = step(
        o2c, "save_order", draft={"customer": "ACME", "lines": [{"item": "BOLT", "quantity": quantity, **line}]}
    )
    confirmed = step(o2c, "confirm_order", order_id=order["id"])
    delivered = step(o2c, "ship_order", order_id=confirmed["number"])
    billed = step(o2c, "invoice_order", order_id=confirmed["number"])
    return {"order": confirmed, "delivery": delivered, "invoice": billed}
