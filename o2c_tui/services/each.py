"""One verb for many records, each in a transaction of its own: what one refuses does not stop the others.

Rule: docs/rules/invoices.md, "Collective invoices".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from o2c_tui.errors import Notice, TradeError

if TYPE_CHECKING:
    from o2c_tui.storage.store import Store

GoingOn = Callable[[int, int], bool]  # told how many of how many are done; says whether to go on


@dataclass(frozen=True)
class Job:
    """One record's turn: how people call it, what its verb is told, and what came of it.

    Tried: what it would do (`result`), or why it would not (`refusal`), and its warnings. Done: the same of the real step.
    """

    label: str
    words: Mapping[str, Any] = field(default_factory=dict)
    result: Any = None
    refusal: TradeError | None = None
    warnings: tuple[Notice, ...] = ()
    key: str = ""  # said twice, done once

    @property
    def codes(self) -> frozenset[str]:
        """The warnings that were shown."""
        return frozenset(notice.code for notice in self.warnings)


def try_each(
    store: "Store", verb: Callable[..., Any], jobs: Iterable[Job], *, going_on: GoingOn | None = None, **shared: Any
) -> list[Job]:
    """Run the verb for each and take it back: what it would do, or why not. `shared` is said to all."""
    found = []
    wanted = list(jobs)
    for n, job in enumerate(wanted):
        if going_on is not None and not going_on(n, len(wanted)):
            break
        told = store.preview_now(verb, **{**shared, **job.words})
        found.append(replace(job, result=told.result, refusal=told.refusal, warnings=told.warnings))
    return found


def do_each(
    store: "Store",
    verb: Callable[..., Any],
    jobs: Sequence[Job],
    *,
    going_on: GoingOn | None = None,
    accepted: frozenset[str] | None = frozenset(),
    **shared: Any,
) -> list[Job]:
    """Run the verb for each and commit it; who is refused is left out, with the reason.

    Warnings that a job was tried with are taken, and those named in `accepted` (None: all). A run that was broken off
    is simply repeated: the verbs do nothing twice.

    Raises:
        TroubleError: the books cannot be written.
    """
    done = []
    for n, job in enumerate(jobs):
        if going_on is not None and not going_on(n, len(jobs)):
            break
        codes = None if accepted is None else accepted | job.codes
        try:
            result = store.write_now(verb, key=job.key or None, accepted=codes, **{**shared, **job.words})
        except TradeError as error:
            done.append(replace(job, result=None, refusal=error))
            continue
        done.append(replace(job, result=result, refusal=None))
    return done
