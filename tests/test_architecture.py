"""The house kept in order: who imports whom, what is loaded when, and what no file may hold."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "o2c_tui"
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))

# folder or module → what it may import of ours (an arrow also grants what the folder it points to may import)
MAP: dict[str, tuple[str, ...]] = {
    "texts": (),
    "safe_text": (),
    "whole_files": (),
    "errors": ("texts",),
    "config": ("errors",),
    "money": ("errors",),
    "rules": ("money", "errors"),
    "models": ("rules",),
    "storage": ("models",),
    "queries": ("storage",),
    "services": ("queries",),
    "integrations": ("queries", "whole_files"),
    "reports": ("queries", "safe_text"),
    "documents": ("queries", "config", "safe_text", "whole_files"),
    "sending": ("services", "documents", "integrations"),
    "terminal": ("texts", "safe_text"),
    "widgets": ("terminal", "rules", "safe_text"),
    "screens": ("widgets", "sending", "services", "reports", "documents", "integrations", "config"),
    "app": ("screens",),
    "command_line": ("sending", "services", "reports", "documents", "integrations", "config", "safe_text"),
    "cli": ("command_line",),
}


def home_of(module: str) -> str:
    """The entry of the map that a module belongs to."""
    return module.removeprefix("o2c_tui.").split(".")[0]


def granted(home: str) -> set[str]:
    """All that a folder may import: what its arrows point to, and what those may import."""
    allowed = {home}
    todo = list(MAP[home])
    while todo:
        target = todo.pop()
        if target not in allowed:
            allowed.add(target)
            todo += MAP[target]
    return allowed


def imports_of(path: Path, *, typing_too: bool = False) -> set[str]:
    """The modules of ours that a file imports, in functions too; for type checkers only where `typing_too`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not typing_too:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                node.body = [ast.Pass()]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("o2c_tui"):
            base = node.module.removeprefix("o2c_tui").strip(".")
            found |= {base or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.removeprefix("o2c_tui.") for a in node.names if a.name.startswith("o2c_tui.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_follow_the_map(path):
    home = home_of(".".join(path.relative_to(PACKAGE).with_suffix("").parts))
    if home == "__init__":
        return
    wrong = {name for name in imports_of(path) if name.split(".")[0] not in granted(home)}
    assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}, which the map does not grant {home}"


def modules_after(statement: str) -> set[str]:
    """The modules loaded in a fresh interpreter after a statement."""
    code = f"import sys; {statement}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def loaded_by(statement: str) -> set[str]:
    """The top modules loaded in a fresh interpreter after a statement."""
    return {name.split(".")[0] for name in modules_after(statement)}


def test_the_command_line_never_loads_textual():
    statement = (
        "from o2c_tui import cli; from o2c_tui.command_line import lists, looking, opening, papers, reporting, steps, upkeep; "
        "from o2c_tui.services import registry, by_json, importing, demo; "
        "from o2c_tui.queries import verify; from o2c_tui.reports import card; from o2c_tui.documents import files"
    )
    assert "textual" not in loaded_by(statement)


def test_the_first_screen_and_the_lists_do_not_wait_for_the_mapper():
    heavy = {"sqlmodel", "sqlalchemy", "pydantic", "reportlab", "alembic", "babel", "psycopg"}
    assert not heavy & loaded_by(
        "import o2c_tui.app, o2c_tui.screens.home, o2c_tui.screens.desk, o2c_tui.screens.lists, o2c_tui.screens.list_columns"
    )


def test_a_first_quotation_loads_no_table_of_another_trade():
    loaded = modules_after(
        "import o2c_tui.screens.editing, o2c_tui.screens.draft_model, o2c_tui.storage.store, o2c_tui.storage.migrate; "
        "import o2c_tui.queries.editing, o2c_tui.queries.pick, o2c_tui.services.keeping, o2c_tui.services.quoting"
    )
    others = {"bank", "closing", "mail", "purchase", "receipt", "reminder", "warehouse", "tables"}
    assert not {f"o2c_tui.models.{name}" for name in others} & loaded


def test_a_module_of_tables_names_the_modules_its_rows_point_to():
    # a row whose foreign table is not loaded could not be written, and no test would see it: here all are loaded
    from sqlmodel import SQLModel

    from o2c_tui.models.tables import MODULES as TABLES

    home = {
        kind.__table__.name: module  # type: ignore[attr-defined]
        for module in TABLES
        for kind in vars(module).values()
        if isinstance(kind, type) and hasattr(kind, "__table__") and kind.__module__ == module.__name__
    }
    wanted: dict[object, set[object]] = {module: set() for module in TABLES}
    for table in SQLModel.metadata.tables.values():
        wanted[home[table.name]] |= {home[key.column.table.name] for key in table.foreign_keys}
    for module, targets in wanted.items():
        assert set(getattr(module, "POINTS_TO", ())) == targets - {module}, module


def test_bare_usage_of_the_command_line_loads_nothing_heavy():
    assert not {"sqlalchemy", "pydantic", "textual", "rich"} & loaded_by("from o2c_tui import cli; cli.parser()")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_says_what_it_is_for(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} has no docstring"
    if path.name == "__init__.py":
        assert len(tree.body) == 1, f"{path.relative_to(ROOT)} holds more than a docstring"


INNER = [
    p for p in MODULES if p.relative_to(PACKAGE).parts[0] in ("rules", "models", "queries", "services", "money.py")
]


@pytest.mark.parametrize("path", INNER, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_money_is_never_a_float_and_no_rule_reads_the_clock(path):
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("float", "date.today", "datetime.now", "datetime.today", "time.time"), (
                f"{path.relative_to(ROOT)}:{node.lineno} calls {called}"
            )


def tracked() -> list[Path]:
    """The text files of the project."""
    done = subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, check=False)
    if done.returncode:
        pytest.skip("no checkout to ask for its files")
    names = [name for name in done.stdout.decode().split("\0") if name]
    return [ROOT / n for n in names if not n.endswith((".ttf", ".mo", ".png", ".svg", ".raw"))]


def test_no_machine_path_and_no_registry_address_is_committed():
    home = re.compile(r"(?<![\w.])/(?:root|home/\w+|work|Users/\w+)/")
    registry = re.compile(r"https?://[^\s\"')]*(?:pypi\.|pythonhosted|npmjs)")
    wrong = []
    for path in tracked():
        if not path.exists() or path == Path(__file__).resolve():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        wrong += [f"{path.name}: {found.group()}" for found in (*home.finditer(text), *registry.finditer(text))]
    assert not wrong


def test_what_people_typed_is_never_shown_as_markup():
    """Widgets of Textual that parse markup are not given texts; ours draw strips of plain segments."""
    parsing = {"Static", "Label", "Button", "OptionList", "DataTable", "Markdown", "RichLog", "Select", "Tree"}
    wrong = []
    for path in MODULES:
        if path.relative_to(PACKAGE).parts[0] not in ("screens", "widgets"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "textual.widgets":
                wrong += [f"{path.name}: {a.name}" for a in node.names if a.name in parsing]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "notify":
                wrong.append(f"{path.name}:{node.lineno} notify")
    assert not wrong


def test_no_screen_gives_a_key_another_meaning():
    from o2c_tui.widgets.keys import redefined

    wrong = []
    for path in sorted((PACKAGE / "screens").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == "BINDINGS" for t in node.targets
            ):
                wrong.append(f"{path.name}: BINDINGS of its own")
    assert not wrong
    from o2c_tui.widgets.frame import FramedScreen

    assert redefined(FramedScreen.BINDINGS) == []


def test_the_chinese_catalogue_is_whole_and_compiled():
    done = subprocess.run([sys.executable, "tools/catalogues.py", "--check"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import catalogues
    finally:
        sys.path.pop(0)
    catalog = catalogues.updated("zh_CN", catalogues.collected())
    stored = catalogues.place("zh_CN").with_suffix(".mo").read_bytes()
    assert catalogues.compiled(catalog) == stored, "run make catalogues"
