"""Random walks over books: a few that are always the same in every run, a hundred thousand by `make soak`."""

import os
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from o2c_tui.errors import TradeError
from tests.makers import Desk, open_books
from tests.ready import NOW, new_store

WALKS = int(os.environ.get("O2C_SOAK_WALKS", "100000"))  # by all machines together
MACHINES = 4  # test_abroad, test_books, test_buying, test_house
PART = 200  # walks of one test, so that the soak is shared out and can be followed
STEPS = 20
PROVEN = 10  # of so many walks of a soak one is proven by `verify`, all by the machine's own model
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class Walk(RuleBasedStateMachine):
    """New books that a machine walks over; at the end of a walk they hold all that `verify` asks."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = new_store(f"{self.folder.name}/books.sqlite", clock=lambda: NOW)
        self.desk: Desk = open_books(self.store)

    def teardown(self) -> None:
        self.at_the_end()
        self.store.close()
        self.folder.cleanup()

    def at_the_end(self) -> None:
        self.desk.holds()

    def _try(self, verb, *args, **more):
        """What the verb gives (True where it gives nothing); None if it is refused."""
        try:
            done = self.desk.do(verb, *args, **more)
        except TradeError:
            return None
        return True if done is None else done


def walk(machine: type[Walk], walks: int, steps: int) -> None:
    """So many walks of so many steps, the same ones each time; the model is asked after each step."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            phases=[Phase.generate],  # a walk that fails is printed as it was
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=CHECKS,
        ),
    )


def soak(machine: type[Walk], part: int) -> None:
    """One part of the soak: walks of its own, where the model is asked at the end of each walk only."""

    class Far(machine):  # type: ignore[valid-type,misc]
        walked = 0

        def check_invariants(self, *args: Any) -> None:
            """Most of a walk's time would go into asking."""

        def at_the_end(self) -> None:
            for each in self.invariants:
                each.function(self)
            Far.walked += 1
            if Far.walked % PROVEN == 0:
                super().at_the_end()

    walk(seed(part)(Far), PART, STEPS)
    assert Far.walked >= PART


def soaked(test: Callable[..., Any]) -> Any:
    """Marks a test of one `part`: together the parts are this machine's share of all walks."""
    parts = max(1, -(-WALKS // (MACHINES * PART)))
    return pytest.mark.soak(pytest.mark.parametrize("part", range(parts))(test))
