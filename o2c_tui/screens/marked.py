"""One step for many marked rows of a list: each tried, shown in one sheet, then done in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.screens.base import DeskScreen, new_key
from o2c_tui.screens.step import Step, date_field, rate_field
from o2c_tui.screens.steps import next_step
from o2c_tui.texts import N_, _
from o2c_tui.widgets.confirm import MANY, Confirm, Line

_Plan = tuple[Any, Step, frozenset[str], str]  # a document, its step, the warnings shown, and the step's key
AWHILE = 20  # rows whose trial takes long enough to say how far it has come


@dataclass
class _Tried:
    """What came of trying the step of each row: what will be done, and a line on each for the sheet."""

    plans: list[_Plan] = field(default_factory=list)
    refused: list[Line] = field(default_factory=list)
    skipped: list[Line] = field(default_factory=list)
    warned: list[Line] = field(default_factory=list)
    fine: list[Line] = field(default_factory=list)


async def do_marked(screen: DeskScreen, kind: str, rows: Sequence[Any]) -> None:
    """One step for many marked rows: a preview row each, then all of them, each in its own transaction."""
    if kind == "alert":
        from o2c_tui.screens.alerts import see

        await see(screen, [row.id for row in rows])
        return
    if kind == "mail":
        from o2c_tui.screens.outbox import send_mails

        screen.run_worker(send_mails(screen, [row.id for row in rows]), group="write")
        return
    if await _as_one(screen, kind, rows):
        return
    tried = await _try_all(screen, kind, rows)
    if tried is None:
        screen.hint(_("Stopped. Nothing was done."))
        return

    def go(yes: bool | None) -> None:
        if yes:
            screen.run_worker(_all(screen, tried.plans), group="write")

    screen.app.push_screen(_sheet(tried, len(rows)), go)


async def _as_one(screen: DeskScreen, kind: str, rows: Sequence[Any]) -> bool:
    """One invoice for deliveries to one customer, one bill for receipts from one supplier; False: each by itself."""
    from o2c_tui.queries.documents import document

    if kind == "delivery" and len({row.customer for row in rows}) == 1 and all(row.state == "shipped" for row in rows):
        await _invoice_together(screen, [await screen.desk.read(document, kind, row.id) for row in rows])
        return True
    if kind == "receipt" and len({row.supplier for row in rows}) == 1 and rows[0].supplier:
        from o2c_tui.screens.bill import BillEditor

        found = [await screen.desk.read(document, kind, row.id) for row in rows]
        if all(next_step(d) is not None for d in found):
            await screen.app.push_screen(BillEditor(found[0].customer, [d.label for d in found]))
            return True
    return False


async def _try_all(screen: DeskScreen, kind: str, rows: Sequence[Any]) -> _Tried | None:
    """Run each step and roll it back; None where the person stopped it."""
    from o2c_tui.queries.documents import document

    tried = _Tried()
    screen.may_stop = True
    for n, row in enumerate(rows, 1):
        if not screen.may_stop:
            return None
        if n > AWHILE and n % 5 == 0:
            screen.busy(_("Trying {n} of {all}   Esc stops").format(n=n, all=len(rows)))
        await _try(screen, await screen.desk.read(document, kind, row.id), tried)
    screen.may_stop = False
    if len(rows) > AWHILE:
        screen.hint("")
    return tried


async def _try(screen: DeskScreen, d: Any, tried: _Tried) -> None:
    name = f"{d.label if d.head.get('number') else _('draft')}  {d.customer_name}"
    step = next_step(d)
    if step is None:
        tried.skipped.append((_("{document}: skipped, no next step").format(document=name), "dim"))
        return
    preview = await screen.desk.preview(step.verb, *step.args, **step.kwargs)
    if preview.refusal is not None:
        tried.refused.append((f"{name}: {preview.refusal.said(_)}", "bad"))
        return
    tried.plans.append((d, step, preview.codes, new_key()))
    does = f"{name}  {screen.o2c.glyphs.arrow} {_(step.title)}"
    notices = _notices(preview)
    if notices:
        tried.warned.append((f"{does}  {notices}", "bad"))
    else:
        tried.fine.append(does)


def _notices(preview: Any) -> str:
    """The warnings of a step, and how many of its lines will wait for stock."""
    notices = "  ".join(notice.said(_) for notice in preview.warnings)
    effects = getattr(preview.result, "lines", ())
    short = sum(1 for line in effects if getattr(line, "back_ordered", 0)) if isinstance(effects, tuple) else 0
    if short:
        notices = f"{notices}  {_('lines waiting for stock: {n}').format(n=short)}".strip()
    return notices


def _sheet(tried: _Tried, marked: int) -> Confirm:
    """What will be done of all that is marked; many invoices are asked for by their number."""
    heading = _("{n} of {all} will be done").format(n=len(tried.plans), all=marked)
    for words, lines in (
        (N_("{n} refused"), tried.refused),
        (N_("{n} skipped"), tried.skipped),
        (N_("{n} with a warning"), tried.warned),
    ):
        if lines:
            heading += "; " + _(words).format(n=len(lines))
    final = sum(step.opens == "invoice" for _d, step, _codes, _key in tried.plans)
    return Confirm(
        heading,
        [*tried.refused, *tried.skipped, *tried.warned, *tried.fine],
        type_in=str(final) if final > MANY else "",
        possible=bool(tried.plans),
    )


async def _all(screen: DeskScreen, plans: Sequence[_Plan]) -> None:
    done, failed = 0, []
    screen.may_stop = len(plans) > 1
    for n, (d, step, codes, key) in enumerate(plans, 1):
        if not screen.may_stop and len(plans) > 1:
            break
        if n > 3:
            screen.busy(_("{n} of {all}   Esc stops after this one").format(n=n, all=len(plans)))
        try:
            await screen.desk.write(step.verb, *step.args, key=key, accepted=codes, **step.kwargs)
            done += 1
            rows = getattr(screen, "list", None)
            if rows is not None:
                rows.marked.pop((d.id, 0), None)
        except (TradeError, TroubleError) as error:
            failed.append(f"{d.label}: {error.said(_)}")
    screen.may_stop = False
    rows = getattr(screen, "list", None)
    if rows is not None:
        await rows.reload()
    left = len(plans) - done - len(failed)
    if failed:
        screen.err(_("{n} done, {m} not: {why}").format(n=done, m=len(failed), why=failed[0]))
    elif left:
        screen.warn(_("{n} done, stopped before the other {m}; they stay marked.").format(n=done, m=left))
    else:
        screen.ok(_("{n} done.").format(n=done))


async def _invoice_together(screen: DeskScreen, found: Sequence[Any]) -> None:
    from o2c_tui.screens.preview import Preview
    from o2c_tui.services.invoicing import invoice_deliveries

    step = Step(
        N_("Invoice"), N_("One invoice"), invoice_deliveries, ([d.id for d in found],),
        opens="invoice", key="invoice_id", does=N_("post the invoice"), fields=(date_field(), *rate_field(found[0])),
    )  # fmt: skip
    await screen.app.push_screen(Preview(found[0], step))
