"""A labelled line of text: a document's head, a preview's effects."""

from o2c_tui.safe_text import fit, shown
from o2c_tui.widgets.frame import OneLine, Part
from o2c_tui.widgets.look import Glyphs, Look


class Told(OneLine):
    """One line of what the step makes, changes or checks."""

    def __init__(self) -> None:
        super().__init__()
        self.label, self.text, self.style = "", "", "text"

    def tell(self, label: str, text: str, style: str = "text") -> None:
        """Say this."""
        self.label, self.text, self.style = label, text, style
        self.notify_change()

    def says(self) -> object:
        return self.label, self.text, self.style

    def parts(self, look: Look, glyphs: Glyphs, width: int) -> list[Part]:
        label = fit(self.label, 10)
        return [
            (f" {label}", look.dim),
            (fit(shown(self.text), max(0, width - 11), cut=glyphs.cut), getattr(look, self.style)),
        ]
