"""Catalogues: collects the marked texts, brings each language's .po up to date and compiles it.

`python tools/catalogues.py` writes; with `--check` it only says whether anything is missing, and exits 1 then.
"""

import ast
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "o2c_tui"
LANGUAGES = ("zh_CN",)


def collected() -> Catalog:
    """Every marked text of the program: the constant given to `_` or `N_`, inside f-strings too."""
    catalog = Catalog(project="o2c", charset="utf-8", fuzzy=False)
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            marked = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_")
            if marked and node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value:
                catalog.add(str(node.args[0].value))
    return catalog


def place(language: str) -> Path:
    """Where a language's catalogue lies."""
    return SOURCE / "locale" / language / "LC_MESSAGES" / "o2c.po"


def updated(language: str, template: Catalog) -> Catalog:
    """A language's catalogue with every text of today, those gone left out."""
    path = place(language)
    old = read_po(io.BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)
    fresh = Catalog(locale=language, project="o2c", charset="utf-8", fuzzy=False, header_comment="# o2c, " + language)
    for message in sorted((m for m in template if m.id), key=lambda m: str(m.id)):
        known = old.get(message.id)
        fresh.add(message.id, known.string if known is not None else "")
    return fresh


def compiled(catalog: Catalog) -> bytes:
    """The .mo of a catalogue; without dates, so that the same texts give the same bytes."""
    out = io.BytesIO()
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(out, catalog)
    return out.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """Texts without a translation, or whose {placeholders} differ."""
    import string

    def names(text: str) -> set[str]:
        return {name for _t, name, _s, _c in string.Formatter().parse(text) if name}

    return [str(m.id) for m in catalog if m.id and (not m.string or names(str(m.id)) != names(str(m.string)))]


def main() -> int:
    template = collected()
    lacking = 0
    for language in LANGUAGES:
        catalog = updated(language, template)
        bad = missing(catalog)
        lacking += len(bad)
        for text in bad[:40]:
            print(f"{language}: {text!r} is not translated, or its placeholders differ")
        if "--check" not in sys.argv:
            path = place(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            out = io.BytesIO()
            write_po(out, catalog, width=0, omit_header=False, no_location=True)
            lines = [x for x in out.getvalue().decode().splitlines() if "-Date:" not in x and "Generated-By" not in x]
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            path.with_suffix(".mo").write_bytes(compiled(catalog))
        print(f"{language}: {len(catalog)} texts, {len(bad)} missing")
    return 1 if lacking and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
