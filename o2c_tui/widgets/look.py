"""How the screens look: four themes, two sets of signs, one table of meanings.

Calm on purpose: two greys, one accent, colour only where it means something, and meaning never by colour alone.
Blue says good or done, orange says late, short or wrong (red and green are the pair most often confused). The fine
signs are one cell wide only in some terminals, so they are chosen after the terminal was measured.
"""

import os
from dataclasses import dataclass
from functools import cache

from rich.color import Color
from rich.style import Style
from textual.theme import Theme

DARK, LIGHT, CONTRAST, MONO = "o2c-dark", "o2c-light", "o2c-contrast", "o2c-mono"
THEME_NAMES = (DARK, LIGHT, CONTRAST, MONO)


_OWN_NAMES_OF_TEXTUAL = (
    "ansi-background", "ansi-foreground", "border", "border-blurred", "block-cursor-foreground",
    "block-cursor-background", "input-cursor-background", "input-cursor-foreground", "input-selection-background",
    "input-selection-foreground", "screen-selection-background", "screen-selection-foreground",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme: ground and text, two greys, the accent, and the two colours that mean something.

    Numbers of the 256-colour palette: every terminal over SSH has them, and they cost half the bytes of full colour.
    """

    ground: int
    band: int  # every second row of a list, and the title line
    lit: int  # the cursor row
    text: int
    lit_text: int
    dim: int
    accent: int
    good: int
    bad: int
    field: int  # behind what can be typed over
    rule: int
    chip: int  # behind a word that means something
    dark: bool = True


PALETTES = {
    DARK: Palette(234, 235, 24, 252, 231, 247, 110, 110, 215, 236, 239, 238),
    LIGHT: Palette(231, 255, 153, 235, 16, 241, 25, 25, 94, 254, 250, 253, dark=False),
    CONTRAST: Palette(16, 16, 226, 231, 16, 252, 153, 153, 222, 234, 244, 236),
}


def _hex(number: int) -> str:
    return Color.from_ansi(number).get_truecolor().hex


def themes() -> list[Theme]:
    """The themes to register with the app."""
    made = [
        Theme(
            name=name,
            primary=_hex(p.accent),
            secondary=_hex(p.dim),
            accent=_hex(p.accent),
            warning=_hex(p.bad),
            error=_hex(p.bad),
            success=_hex(p.good),
            foreground=_hex(p.text),
            background=_hex(p.ground),
            surface=_hex(p.band),
            panel=_hex(p.band),
            dark=p.dark,
        )
        for name, p in PALETTES.items()
    ]
    plain = "ansi_default"
    made.append(
        Theme(
            name=MONO,
            primary=plain,
            secondary=plain,
            accent=plain,
            warning=plain,
            error=plain,
            success=plain,
            foreground=plain,
            background=plain,
            surface=plain,
            panel=plain,
            boost=plain,
            ansi=True,
            variables={
                **dict.fromkeys(_OWN_NAMES_OF_TEXTUAL, plain),
                "input-cursor-text-style": "reverse",
            },
        )
    )
    return made


def theme_of_environment(wanted: str = "") -> str:
    """The theme to start with: no colour codes at all where NO_COLOR asks for none, else `wanted`, else dark."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return MONO
    return wanted if wanted in THEME_NAMES else DARK


@dataclass(frozen=True, slots=True)
class Look:
    """One finished style for each role; widgets draw with these and know no colours."""

    text: Style
    band: Style  # every second row
    lit: Style  # the row under the cursor
    rule: Style  # lines between parts of the screen
    dim: Style  # headings, hints, what matters less
    strong: Style
    accent: Style
    good: Style
    bad: Style
    title: Style
    title_dim: Style
    title_chosen: Style
    field: Style  # where something can be typed
    tab: Style | None  # the chosen view in the title line; None: brackets show it
    key: Style  # the name of a key in the key bar
    chip: Style | None  # the ground behind a word that means something; None: no ground

    def chip_of(self, name: str) -> Style | None:
        """The chip of a meaning ("good", "bad"); None where there is none."""
        return _on(getattr(self, name), self.chip) if self.chip is not None and name in ("good", "bad") else None

    def on(self, style: Style, ground: Style) -> Style:
        """`style` on the background of `ground`."""
        return _on(style, ground)


@cache
def _on(style: Style, ground: Style) -> Style:
    return style + Style(bgcolor=ground.bgcolor) if ground.bgcolor is not None else style


@cache
def look_of(theme: str) -> Look:
    """The styles of a theme, by its name."""
    p = PALETTES.get(theme)
    if p is None:
        plain, bold, reverse = Style(), Style(bold=True), Style(reverse=True)
        return Look(
            text=plain, band=plain, lit=reverse, rule=plain, dim=plain, strong=bold, accent=bold, good=plain, bad=bold,
            title=reverse, title_dim=reverse, title_chosen=Style(reverse=True, bold=True), field=plain, tab=None,
            key=bold, chip=None,
        )  # fmt: skip
    ground, band = Color.from_ansi(p.ground), Color.from_ansi(p.band)

    def style(colour: int, on: Color = ground, *, bold: bool | None = None) -> Style:
        return Style(color=Color.from_ansi(colour), bgcolor=on, bold=bold)

    return Look(
        text=style(p.text),
        band=style(p.text, band),
        lit=style(p.lit_text, Color.from_ansi(p.lit)),
        rule=style(p.rule),
        dim=style(p.dim),
        strong=style(p.text, bold=True),
        accent=style(p.accent),
        good=style(p.good),
        bad=style(p.bad),
        title=style(p.text, band, bold=True),
        title_dim=style(p.dim, band),
        title_chosen=style(p.accent, band, bold=True),
        field=style(p.text, Color.from_ansi(p.field)),
        tab=Style(color=ground, bgcolor=Color.from_ansi(p.accent), bold=True),
        key=style(p.accent),
        chip=style(p.text, Color.from_ansi(p.chip)),
    )


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs of one look."""

    fine: bool
    cut: str  # at the end of a text that was cut
    cursor: str
    mark: str
    warn: str
    rule: str
    beside: str  # between the list and the side pane
    up: str  # sorted upwards
    down: str
    dot: str
    arrow: str
    times: str
    none: str  # an empty figure
    full: str  # a filled cell of a bar
    held: str  # a cell of a bar that is spoken for
    eighths: str  # the last cell of a bar, by eighths

    def bar(self, share: float, width: int) -> str:
        """A bar of `width` cells filled to `share` (0 to 1)."""
        eighths = round(max(0.0, min(1.0, share)) * width * 8)
        whole, rest = divmod(eighths, 8)
        last = self.eighths[rest] if self.fine and rest else "" if rest < 4 else self.full
        return (self.full * whole + last)[:width].ljust(width)


FINE = Glyphs(True, "…", "▸", "*", "!", "─", "│", "▴", "▾", "·", "→", "×", "–", "█", "░", " ▏▎▍▌▋▊▉")
PLAIN = Glyphs(False, "~", ">", "*", "!", "-", "|", "^", "v", ".", "->", "x", "-", "#", "=", "")


def glyphs_at_start(setting: str = "auto", *, utf8: bool, language: str = "en") -> Glyphs:
    """The signs to begin with, before the terminal has said how wide it draws them.

    `setting` is "auto", "fine" or "plain"; the variable O2C_GLYPHS goes before it. On "auto" a Chinese login starts
    plain, since its terminal probably draws these signs two cells wide.
    """
    setting = os.environ.get("O2C_GLYPHS") or setting
    if setting in ("fine", "plain"):
        return FINE if setting == "fine" else PLAIN
    simple = os.environ.get("TERM") in ("dumb", "linux") or not utf8 or language.startswith("zh")
    return PLAIN if simple else FINE


def glyphs_measured(wide: bool | None) -> Glyphs:
    """The signs after the terminal was measured: fine only where they are known to take one cell."""
    return FINE if wide is False else PLAIN
