"""Taking a step: ask what it needs, show what it will do, then do it."""

from typing import Any

from o2c_tui.screens.base import DeskScreen
from o2c_tui.screens.step import Step
from o2c_tui.screens.steps import next_step
from o2c_tui.texts import _


async def take_next_step(screen: DeskScreen, kind: str, key: int) -> None:
    """F8 on a document: show what the next step does; a payment opens its own screen."""
    if kind in ("item", "stock"):
        from o2c_tui.screens.stock_card import StockCardScreen

        await screen.app.push_screen(StockCardScreen(key, reserve=True))
        return
    if kind == "alert":
        from o2c_tui.screens.alerts import see

        await see(screen, [key])
        return
    if kind == "mail":
        from o2c_tui.screens.outbox import send_mails

        screen.run_worker(send_mails(screen, ()), group="write")
        return
    from o2c_tui.queries.documents import document

    found = await screen.attempt(screen.desk.read(document, kind, key))
    if found is None:
        return
    step = next_step(found)
    if step is not None:
        await begin_step(screen, found, step)
    elif found.kind == "invoice" and found.head["open"] > 0:
        from o2c_tui.screens.payment import PaymentScreen

        await screen.app.push_screen(PaymentScreen(found.customer, invoice=found))
    else:
        screen.hint(_("{document} is done: there is no next step.").format(document=found.label))


async def begin_step(screen: DeskScreen, document: Any, step: Step) -> None:
    """Ask what the step needs, then show its preview."""
    from o2c_tui.screens.preview import Preview

    argument, question = step.ask
    if step.shown_by is not None:
        await step.shown_by(screen, document)
        return
    if not argument:
        await screen.app.push_screen(Preview(document, step))
        return
    from o2c_tui.screens.ask import ask

    choices = step.choices
    if step.reasons:
        from o2c_tui.queries.settling import reasons

        told = await screen.attempt(screen.desk.read(reasons))
        choices = {reason.code: f"{_(reason.name)}  ({reason.code})" for reason in told or ()}

    def answered(answer: Any) -> None:
        if answer:
            screen.app.push_screen(Preview(document, step, {argument: answer}))

    ask(screen, question, answered, choices)


async def choose_step(screen: DeskScreen, kind: str, key: int) -> None:
    """The other steps of a document that stands in a list, by number."""
    from o2c_tui.queries.documents import document
    from o2c_tui.screens.steps import other_steps
    from o2c_tui.widgets.confirm import Menu

    found = await screen.attempt(screen.desk.read(document, kind, key))
    if found is None:
        return
    steps = other_steps(found)
    if not steps:
        screen.hint(_("{document} has no other step.").format(document=found.label))
        return

    def take(number: int | None) -> None:
        if number is not None:
            screen.app.run_worker(begin_step(screen, found, steps[number]), group="read")

    screen.app.push_screen(Menu(found.label, [step.words for step in steps]), take)
