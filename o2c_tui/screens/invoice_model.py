"""An invoice without an order while it is typed: services, and lines of text that have no item."""

from dataclasses import replace
from typing import Any

from o2c_tui.errors import BadValueError
from o2c_tui.screens.draft_model import DraftLine, DraftModel
from o2c_tui.texts import N_
from o2c_tui.widgets.entry import Taken


class InvoiceModel(DraftModel):
    """The model behind the editor of invoices: goods are refused at once, a line may begin with its text."""

    def _take_item(self, row: int, text: str) -> Taken:
        from o2c_tui.queries.editing import item_now
        from o2c_tui.rules import entry

        if text.strip():
            item = self.desk.read_now(item_now, entry.line(text).item, self.state.warehouse, self.state.customer)
            if item.facts.needs_stock:
                raise BadValueError(
                    N_("{item} is kept in stock. Sell it by an order, so that it is delivered."), item=item.facts.code
                )
        return super()._take_item(row, text)

    def _take_value(self, row: int, key: str, text: str) -> Taken:
        if row >= len(self.state.lines) and key == "description":
            if not text:
                return Taken()
            self._remember()
            self.state.lines.append(DraftLine(description=text))
            return Taken()
        if row < len(self.state.lines) and key == "description" and not text and not self.state.lines[row].item:
            raise BadValueError(N_("A line without an item needs its text; Ctrl+X removes the line."))
        taken = super()._take_value(row, key, text)
        if key == "quantity" and not self.state.lines[row].item and not self.state.lines[row].price:
            return replace(taken, go="next", cell="price")  # a line of text has no price of its own
        return taken

    def take_document(self, document: Any) -> None:
        super().take_document(document)
        for line, stored in zip(self.state.lines, document.lines, strict=True):
            if not line.item and not line.price:
                line.price = format(stored["unit_price"], "f")
        self._shown = None
