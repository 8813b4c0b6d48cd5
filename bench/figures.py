"""What every part measures with: figures told as they come, and how long a piece of work takes."""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from o2c_tui.storage.places import HEAD

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
D = Decimal
told: list[dict[str, Any]] = []


def tell(what: str, value: Any, unit: str = "", goal: str = "") -> None:
    """One figure, at once and for the end."""
    shown = round(value, 3) if isinstance(value, float) else value
    told.append({"what": what, "value": shown, "unit": unit, "goal": goal})
    print(f"{what:<66} {shown!s:>10} {unit:<5} {goal}", flush=True)


def kept(name: str) -> Path:
    """Where large books of this schema are kept from run to run."""
    return Path(tempfile.gettempdir()) / f"o2c-bench-{HEAD}-{name}.sqlite"


def timed(work: Callable[[], Any], times: int = 15) -> float:
    """Median wall milliseconds of a piece of work, after a first run."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def fastest(work: Callable[[], Any], times: int = 15) -> float:
    """Least processor milliseconds of a piece of work, after a first run: what it costs, whoever else is at work."""
    work()
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append((time.process_time() - start) * 1000)
    return min(taken)
