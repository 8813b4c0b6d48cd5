"""Each key takes effect in the order typed, whatever the one before it set going."""

import asyncio
from typing import Any

from textual import events, work
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from o2c_tui.terminal.gate import GateApp


class Ask(Screen[str]):
    def compose(self) -> ComposeResult:
        yield Input()

    async def on_mount(self) -> None:
        await asyncio.sleep(0.01)  # a screen that must read something first
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class Desk(Screen[None]):
    BINDINGS = [(key, f"do('{key}')", key) for key in ("f2", "f5", "f6", "f8")]

    def __init__(self) -> None:
        super().__init__()
        self.diary: list[str] = []
        self.going = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Input(id="needle")

    async def action_do(self, key: str) -> None:
        if key == "f2":
            self.app.push_screen(Ask(), lambda text: self.diary.append(f"said {text}"))
        elif key == "f5":
            self.look()
        elif key == "f6":
            await asyncio.sleep(0.02)
            self.diary.append("slow action")
        else:
            self.post()

    @work(group="write")
    async def post(self) -> None:
        await asyncio.sleep(0.05)
        self.diary.append("posted")

    @work(group="read")
    async def look(self) -> None:
        await self.going.wait()
        self.diary.append("looked")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.diary.append(event.value)


class Gated(GateApp[None]):
    stopped = 0

    def get_default_screen(self) -> Desk:
        return Desk()

    def held_escape(self) -> bool:
        self.stopped += 1
        return True


def burst(app: GateApp[Any], *keys: str) -> None:
    for key in keys:
        app.take_key(events.Key(key, key if len(key) == 1 else None))


async def test_keys_wait_for_slow_actions_screens_and_writes():
    app = Gated()
    async with app.run_test():
        desk = app.screen
        assert isinstance(desk, Desk)
        burst(app, "f6", "f2", "a", "b", "enter", "f8", "f2", "c", "enter", "f6")
        await app.settled()
        assert desk.diary == ["slow action", "said ab", "posted", "said c", "slow action"]


async def test_without_the_gate_the_same_keys_go_astray():
    class Ungated(Gated):
        async def on_event(self, event: events.Event) -> None:
            await App.on_event(self, event)

    for app, arrived in ((Gated(), "ab"), (Ungated(), "")):
        async with app.run_test() as pilot:
            for key in ("f2", "a", "b"):
                app.post_message(events.Key(key, key if len(key) == 1 else None))
            await pilot.pause(0.3)
            assert isinstance(app.screen, Ask)
            assert app.screen.query_one(Input).value == arrived


async def test_text_does_not_wait_for_the_list_it_narrows_but_commands_do():
    app = Gated()
    async with app.run_test() as pilot:
        desk = app.screen
        assert isinstance(desk, Desk)
        desk.query_one(Input).focus()
        burst(app, "f5", "x", "y", "f6")
        await pilot.pause(0.1)
        assert desk.diary == ["x", "xy"], "the action waits for the reading"
        desk.going.set()
        await app.settled()
        assert desk.diary == ["x", "xy", "looked", "slow action"]


async def test_esc_reaches_the_work_that_holds_the_keys():
    app = Gated()
    async with app.run_test() as pilot:
        desk = app.screen
        assert isinstance(desk, Desk)
        burst(app, "f5", "f6")
        await pilot.pause(0.05)
        burst(app, "escape")
        assert app.stopped == 1
        assert desk.diary == []
        desk.going.set()
        await app.settled()
        assert desk.diary == ["looked", "slow action"]


async def test_dropped_keys_have_no_effect():
    app = Gated()
    async with app.run_test() as pilot:
        desk = app.screen
        assert isinstance(desk, Desk)
        burst(app, "f8")
        while not any(worker.group == "write" for worker in app.workers):
            await pilot.pause()
        burst(app, "f6", "f2", "z")
        app.drop_typeahead()
        await app.settled()
        assert desk.diary == ["posted"]


async def test_the_second_key_of_a_command_goes_to_the_command():
    app = Gated()
    async with app.run_test():
        desk = app.screen
        assert isinstance(desk, Desk)
        taken: list[str] = []
        app.take_next_key(lambda event: taken.append(event.key) is None and event.key == "r")
        burst(app, "r", "f6")
        await app.settled()
        assert (taken, desk.diary) == (["r"], ["slow action"])
