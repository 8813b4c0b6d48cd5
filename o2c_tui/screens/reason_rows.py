"""The reasons of adjustments of customers' accounts: each its account, its limit, whether it takes tax along."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from o2c_tui.errors import BadValueError
from o2c_tui.rules import entry
from o2c_tui.screens.base import amount
from o2c_tui.screens.item_rows import yes_or_empty
from o2c_tui.screens.rows_sheet import RowColumn, Rows, RowsScreen
from o2c_tui.screens.simple_model import same_of
from o2c_tui.texts import N_, _
from o2c_tui.widgets.entry import CellSpec, Hit


def _words() -> dict[str, str]:
    from o2c_tui.models.receivable_adjustment import ADJUSTMENT_WORDS

    return {str(kind): words for kind, words in ADJUSTMENT_WORDS.items()}


def _kind(text: str) -> str:
    return _(_words()[same_of(_words())(text)])


class ReasonRows(RowsScreen):
    """Every reason there is, line by line."""

    PLACE = N_("REASONS")
    ABOUT = N_(
        "A reason chooses the account of a write-off and how much one may take on one invoice; beyond that only an owner may.\nWithout an account the usual one of its kind is meant; without a limit there is none. With tax: the tax in it is no longer due.\nA small difference is limited by the setting of that name. Ctrl+X takes a reason out of use; what was posted with it stays."
    )
    KEEPS = "reasons"

    def __init__(self) -> None:
        super().__init__(1)  # of the one company

    @property
    def called(self) -> str:
        return _("Reasons")

    def columns(self) -> Sequence[RowColumn]:
        return (
            RowColumn(CellSpec("code", N_("Code"), width=9), lambda text: text.upper()),
            RowColumn(CellSpec("name", N_("Name"), width=16, share=1)),
            RowColumn(CellSpec("kind", N_("Kind"), width=16), _kind, hits=self._kinds),
            RowColumn(CellSpec("account", N_("Account"), width=7, code=True), hits=self._accounts),
            RowColumn(CellSpec("most", N_("At most"), width=9, right=True), self._limit),
            RowColumn(CellSpec("with_tax", N_("With tax"), width=8), yes_or_empty),
        )

    def _limit(self, text: str) -> str:
        if not text:
            return ""
        value = entry.places(entry.number(text), self.digits)
        if value < 0:
            raise BadValueError(N_("The limit must be 0 or an amount."))
        return amount(value, self.digits) if value else ""

    def _kinds(self, text: str) -> Sequence[Hit]:
        words = [_(word) for word in _words().values()]
        return [Hit(word) for word in words if text.casefold() in word.casefold()]

    def _accounts(self, text: str) -> Sequence[Hit]:
        from o2c_tui.queries.settling import accounts_for_reasons

        found = self.desk.read_now(accounts_for_reasons)
        return [Hit(code, _(name)) for code, name in found if text.casefold() in f"{code} {_(name)}".casefold()][:8]

    def stored(self) -> Rows:
        from o2c_tui.queries.settling import reasons

        found = self.desk.read_now(reasons)
        self.version, self.label = sum(reason.version for reason in found), ""
        return [
            {
                "code": reason.code,
                "name": _(reason.name),
                "kind": _(_words()[reason.kind]),
                "account": reason.account,
                "most": amount(reason.most, self.digits) if reason.most else "",
                "with_tax": _("yes") if reason.with_tax else "",
            }
            for reason in found
        ]

    def saving(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        from o2c_tui.models.receivable_adjustment import AdjustmentKind
        from o2c_tui.queries.settling import USUAL_REASONS
        from o2c_tui.services.reasons import ReasonSetup, save_reasons

        usual = {_(name): name for _code, name, *_more in USUAL_REASONS}
        setups = tuple(
            ReasonSetup(
                row["code"],
                usual.get(row["name"], row["name"]),
                AdjustmentKind(same_of(_words())(row["kind"])),
                row["account"],
                entry.number(row["most"]) if row["most"] else Decimal(0),
                bool(row["with_tax"]),
            )
            for row in self.rows.rows
        )
        return save_reasons, (setups,)
