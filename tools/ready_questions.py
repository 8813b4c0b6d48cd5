"""Write o2c_tui/queries/ready.json: the SQL that the first screens put to the bare driver (see queries/ready.py).

python tools/ready_questions.py [--check]
"""

import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

PLACE = Path(__file__).resolve().parents[1] / "o2c_tui" / "queries" / "ready.json"
DAY, LOGIN = date(2222, 6, 15), "the person who asks"  # stand for the day and the person; put back as names


def sql_of(query: Any) -> str:
    """A statement as SQLite takes it: its constants in it, the day and the person as names."""
    options = {"literal_binds": True, "render_postcompile": True}
    text = str(query.compile(dialect=sqlite.dialect(paramstyle="named"), compile_kwargs=options))  # type: ignore[no-untyped-call]

    def name(found: re.Match[str]) -> str:
        days = (date.fromisoformat(found[1]) - DAY).days
        return f":day_{'m' if days < 0 else ''}{abs(days)}"

    text = re.sub(r"'(222[12]-\d\d-\d\d)'", name, text).replace(f"'{LOGIN}'", ":login")
    return re.sub(r"\s+", " ", text).strip()


def made() -> dict[str, Any]:
    """All of the file."""
    from o2c_tui.queries import collective, home, lateness, lists, receivables
    from o2c_tui.rules.rhythm import month_over
    from o2c_tui.screens.home import TASKS
    from o2c_tui.screens.list_kinds import KINDS

    asked = {name: sql_of(query) for name, query in home.questions(DAY, LOGIN).items()}
    over = month_over(DAY)  # lies another number of days back on each day, so it has a name of its own
    asked["monthly"] = sql_of(collective.customers_question(over)).replace(f":day_m{(DAY - over).days}", ":month_over")
    asked["who"] = sql_of(home.who_question(LOGIN))
    filters = {
        kind.kind: ["", *(text for _words, text in kind.views), *(text for *_, where, text in TASKS if where == place)]
        for place, kind in KINDS.items()
    }
    ages = {"sums": sql_of(receivables.ages_question(DAY)), "newest": sql_of(receivables.NEWEST_ALLOCATION)}
    late = sql_of(lateness.late_question(DAY))
    return {
        "home": asked,
        "ages": ages,
        "late": late,
        "lists": {kind: _list(lists, kind, texts) for kind, texts in filters.items()},
    }


def _list(lists: Any, kind: str, filters: list[str]) -> dict[str, Any]:
    spec = lists.SPECS[kind]
    rows = sa.select(*spec.columns).select_from(spec.source).where(sa.literal_column("1 = 1"), *spec.always)
    start = sql_of(rows)
    views = {}
    for text in dict.fromkeys(filters):
        conditions = lists.filtered(spec, text, today=DAY, login=LOGIN)[len(spec.always) :]
        whole = sql_of(rows.where(*conditions))
        assert whole.startswith(start)
        views[text] = whole[len(start) :]
    counted = lists.count_query(spec, [sa.literal_column("1 = 1"), *spec.always])
    columns = {
        name: str(column.compile(dialect=sqlite.dialect()))  # type: ignore[no-untyped-call]
        for name, column in zip(spec.row._fields, spec.columns, strict=True)
        if isinstance(column, sa.orm.InstrumentedAttribute)
    }
    return {"row": spec.row.__name__, "rows": start, "count": sql_of(counted), "views": views, "columns": columns}


def text() -> str:
    """The file's text."""
    return json.dumps(made(), ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write it, or say that it is old."""
    if "--check" in sys.argv:
        sys.exit(0 if PLACE.read_text(encoding="utf-8") == text() else "queries/ready.json is old: run this tool")
    PLACE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
