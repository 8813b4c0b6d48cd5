"""The editor of a plan of recurring invoices: to whom and how often above, what is billed in the lines."""

from collections.abc import Callable
from typing import Any

from textual import work

from o2c_tui.errors import BadValueError, ConflictError
from o2c_tui.screens.draft_model import DraftModel
from o2c_tui.screens.editing import InvoiceEditor
from o2c_tui.screens.plan_model import PlanModel
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import EntrySheet, FieldSpec


class PlanEditor(InvoiceEditor):
    """Type a plan: what is billed again and again, to whom, how often. Ctrl+S saves it."""

    ABOUT = N_(
        "How often a plan bills, from which day on and until when; its days are counted from the first, so that the 31st\nstays the end of a month. Terms that are empty are the customer's. A line is SERVICE*QTY @PRICE -DISC% #note;\nan item without a price takes that of the day. A line of text: Tab to its description, then quantity and price."
    )

    def __init__(self, plan_id: int = 0, *, of: str = "", kept: int | None = None) -> None:
        """`of` is the number of an invoice or order whose lines it bills: a new plan, or this one from now on."""
        super().__init__(document_id=plan_id, kept=kept)
        self.kind, self.of = "recurring", of

    def new_model(self) -> DraftModel:
        return PlanModel(self.desk)

    @property
    def plan(self) -> PlanModel:
        """What is typed."""
        assert isinstance(self.model, PlanModel)
        return self.model

    def head_fields(self) -> list[list[FieldSpec]]:
        return [
            [
                FieldSpec("customer", N_("Customer"), width=10, code=True, beside=20),
                FieldSpec("code", N_("Plan"), width=12, fixed=bool(self.document_id)),
            ],
            [
                FieldSpec("times", N_("Every"), width=4),
                FieldSpec("every", N_("Unit"), width=6, beside=4),
                FieldSpec("starts_on", N_("First day"), width=10),
                FieldSpec("until_on", N_("Last day"), width=10),
            ],
            [
                FieldSpec("reference", N_("Reference"), width=16),
                FieldSpec("note", N_("Note"), width=16),
                FieldSpec("term", N_("Terms"), width=5),
                FieldSpec("discount", N_("Dsc%"), width=5),
            ],
        ]

    def _have_rate(self) -> None:
        """Each invoice takes the rate of its own day."""

    def _load_stored(self) -> None:
        from o2c_tui.services.recurring_plans import plan_of_document, setup_of

        if self.document_id:
            told, self.version = self.desk.read_now(setup_of, self.document_id)
            self.plan.take_setup(told)
        if self.of:
            made = self.desk.read_now(plan_of_document, self.of, today=self.desk.today())
            (self.plan.take_lines if self.document_id else self.plan.take_setup)(made)

    def opened(self) -> None:
        """A plan of a document is there already: say whose lines they are."""
        self.title_line.set(detail=self.plan.state.code, state="")
        if self.of and self.plan.state.lines:
            self.ok(_("These are the lines of {number}. Ctrl+S saves the plan.").format(number=self.of))

    # -- keys --------------------------------------------------------------------------------------------------------

    def key_label(self, action: str) -> str | None:
        return None if action == "next_step" else super().key_label(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A plan has no next step of its own: its list writes what is due."""
        return False if action == "next_step" else super().check_action(action, parameters)

    def menu(self) -> list[tuple[str, str]]:
        return [entry for entry in super().menu() if entry[0] != "next_step"]

    def on_entry_sheet_left(self, event: EntrySheet.Left) -> None:
        self.hint(_("Ctrl+S saves."))

    def verb(self) -> Callable[..., Any]:
        from o2c_tui.services.recurring import save_recurring

        return save_recurring

    def saving(self) -> tuple[Any, dict[str, Any]]:
        from o2c_tui.queries.recurring import is_taken

        setup = self.plan.setup()
        if self.document_id:
            return setup, {"version": self.version}
        if self.desk.read_now(is_taken, setup.code):
            raise BadValueError(N_("There is a plan {code} already."), field="code", code=setup.code)
        return setup, {}

    @work(group="write")
    async def _save(self, *, go_on: bool) -> None:
        saved = await self._saved()
        if saved is None:
            return
        below: Any = self.app.screen_stack[-2]
        self.dismiss(None)
        tell = getattr(below, "opened_by", None) or below.ok  # a document is read anew
        tell(_("{code} saved.").format(code=saved.code))

    async def _show_both(self, error: ConflictError) -> None:
        from o2c_tui.services.recurring_plans import setup_of

        found = await self.attempt(self.desk.read(setup_of, self.document_id))
        if found is not None:
            theirs = PlanModel(self.desk)
            theirs.take_setup(found[0])
            self._choose(theirs, found[1])
