"""Beneath the lines: sums with the tax of each rate, the payment schedule, what a payment went to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from o2c_tui.documents.chinese_amount import in_words
from o2c_tui.documents.layout import MM
from o2c_tui.documents.paper import Paper, capped
from o2c_tui.documents.pay_code import SIDE, draw_code
from o2c_tui.documents.words import Speech
from o2c_tui.money import show_money
from o2c_tui.queries.document_view import ZERO, DocumentKind, DocumentView, TaxGroupView
from o2c_tui.texts import N_

_FEW = 6  # instalments that stand beside the totals
_PAYABLE = (DocumentKind.INVOICE, DocumentKind.DEPOSIT_INVOICE, DocumentKind.STATEMENT, DocumentKind.REMINDER)
_IN_WORDS = (DocumentKind.INVOICE, DocumentKind.DEPOSIT_INVOICE, DocumentKind.RECEIPT)


def totals(paper: Paper, view: DocumentView, speech: Speech) -> None:
    """Net, tax and total on the right, the total last and largest; where rates differ, their table on the left."""
    layout, size = paper.layout, paper.layout.text_size
    x, top, y = paper.right - layout.totals_width, paper.y, paper.y
    rows = _sums(view, speech)
    for label, amount in rows:
        label_lines = paper.lines(label, layout.totals_width * 0.6, size)
        below = paper.stack(x, y, label_lines, size, layout.muted)
        paper.stack(paper.right, y, [speech.money(amount)], size, layout.ink, right=True)
        y = below + 0.7 * MM
    if rows:
        y += 0.8 * MM
    if view.deductions:
        y = _deductions(paper, view, speech, y)
    paper.rule(x, y, layout.totals_width, layout.accent, 1.1)
    y += 2 * MM
    total = speech.money(view.gross)
    free = layout.totals_width - paper.face(True).width(total, layout.total_size) - 2 * MM
    label_lines = paper.lines(f"{speech.say(speech.kind.total)} {view.currency}", free, layout.total_size, True)
    paper.stack(x, y, label_lines, layout.total_size, layout.ink, bold=True)
    paper.stack(paper.right, y, [total], layout.total_size, layout.ink, bold=True, right=True)
    y += len(label_lines) * layout.total_size * layout.leading + 0.8 * MM
    remark = N_("Prices include tax.") if view.prices_include_tax and view.tax_groups else view.remark
    if remark:
        told = paper.lines(speech.say(remark), layout.totals_width, layout.small_size)
        y = paper.stack(x, y, told, layout.small_size, layout.muted)
    if view.home is not None:
        y = paper.stack(x, y, _at_home(paper, view, speech), layout.small_size, layout.muted)
    if view.language.startswith("zh") and view.kind in _IN_WORDS and 0 <= view.digits <= 2:
        words = speech.say(N_("Amount in words: {words}"), words=in_words(view.gross, view.currency))
        y = paper.stack(x, y, paper.lines(words, layout.totals_width, size), size, layout.ink)
    paper.y = max(y, _beside(paper, view, speech, top))


def _at_home(paper: Paper, view: DocumentView, speech: Speech) -> list[str]:
    """Of an invoice in another currency: the rate, and its tax in the company's."""
    home = view.home
    assert home is not None
    rate = speech.quantity(home.rate)
    told = [speech.say(N_("1 {currency} = {rate} {own}"), currency=view.currency, rate=rate, own=home.currency)]
    if home.tax:
        tax = show_money(home.tax, home.digits, view.language)
        told.append(speech.say(N_("Tax {currency} {amount}"), currency=home.currency, amount=tax))
    return [line for text in told for line in paper.lines(text, paper.layout.totals_width, paper.layout.small_size)]


def _deductions(paper: Paper, view: DocumentView, speech: Speech, y: float) -> float:
    """What deposit invoices billed ahead, each with its number, date and tax, beneath the whole; the y beneath comes back."""
    layout, size = paper.layout, paper.layout.text_size
    x = paper.right - layout.totals_width
    whole = view.gross + sum((part.net + part.tax for part in view.deductions), ZERO)
    paper.rule(x, y, layout.totals_width, layout.rule)
    y += 1.4 * MM
    paper.stack(x, y, [speech.say(N_("Total"))], size, layout.ink, bold=True)
    y = paper.stack(paper.right, y, [speech.money(whole)], size, layout.ink, bold=True, right=True) + 1.4 * MM
    y = paper.stack(x, y, [speech.say(N_("Less billed ahead"))], layout.small_size, layout.accent, bold=True) + 0.6 * MM
    for part in view.deductions:
        label = speech.say(N_("{number} of {day}"), number=part.number, day=speech.day(part.on))
        label_lines = paper.lines(label, layout.totals_width * 0.68, size)
        below = paper.stack(x, y, label_lines, size, layout.muted)
        paper.stack(paper.right, y, [speech.money(-(part.net + part.tax))], size, layout.ink, right=True)
        told = speech.say(N_("net {net}, tax {tax}"), net=speech.money(part.net), tax=speech.money(part.tax))
        y = paper.stack(x, below, [told], layout.small_size, layout.muted) + 0.8 * MM
    return y + 0.6 * MM


def _beside(paper: Paper, view: DocumentView, speech: Speech, y: float) -> float:
    """Left of the totals: the tax of each rate, a short payment schedule, where to pay. The y beneath comes back."""
    layout = paper.layout
    end = paper.right - layout.totals_width - 9 * MM
    if _by_rate(view):
        y = _tax_table(paper, y, end, view.tax_groups, speech) + 4 * MM
    if _scheduled(view) and len(view.instalments) <= _FEW:
        rows = [(speech.day(part.due_on), "", speech.money(part.amount)) for part in view.instalments]
        titles = (speech.say(N_("Payable on")), "", speech.say(N_("Amount {currency}"), currency=view.currency))
        y = _three_columns(paper, y, end, [titles, *rows]) + 4 * MM
    if view.kind in _PAYABLE and view.company.bank_lines:
        size = layout.small_size
        y = paper.stack(paper.left, y, [speech.say(N_("Please pay to"))], size, layout.accent, bold=True) + 0.4 * MM
        beside = SIDE + 1 * MM if view.pay_code else 0
        bank = capped(paper.lines("\n".join(view.company.bank_lines), end - paper.left - beside, size), 6)
        if view.pay_code:
            draw_code(paper, view.pay_code, paper.left - 2 * MM, y)
            bank += ["", *paper.lines(speech.say(N_("Scan to pay")), end - paper.left - beside, size)]
        below = paper.stack(paper.left + beside, y, bank, size, layout.ink)
        y = max(below, y + SIDE) if view.pay_code else below
    return y


def _scheduled(view: DocumentView) -> bool:
    """Whether the due date alone does not say when to pay what."""
    return len(view.instalments) > 1 or bool(view.instalments and not view.due_on)


def _by_rate(view: DocumentView) -> bool:
    """Whether tax needs a table: several rates, or tax inside the prices."""
    return len(view.tax_groups) > 1 or (view.prices_include_tax and bool(view.tax_groups))


def _sums(view: DocumentView, speech: Speech) -> list[tuple[str, Decimal]]:
    """What leads to the total, as stored: nothing is computed again but the sum before the discount."""
    rows: list[tuple[str, Decimal]] = [(speech.say(label), amount) for label, amount in view.sums]
    if view.discount:
        before = (view.net + view.tax if view.prices_include_tax else view.net) + view.discount
        rows += [(speech.say(N_("Subtotal")), before), (speech.say(N_("Discount")), -view.discount)]
    cash = [(speech.say(N_("Cash rounding")), view.cash_difference)] if view.cash_difference else []
    if view.prices_include_tax or not (view.tax_groups or view.tax):
        return rows + cash
    rows.append((speech.say(N_("Net")), view.net))
    if len(view.tax_groups) == 1:
        rows.append((_tax_label(view.tax_groups[0], speech), view.tax_groups[0].tax))
    else:
        rows.append((speech.say(N_("Tax")), view.tax))
    return rows + cash


def _tax_label(group: TaxGroupView, speech: Speech) -> str:
    """The tax's own name, with its rate unless the name tells it."""
    rate, label = speech.percent(group.rate), group.label
    return label if rate in label.replace(" ", "") else f"{label} {rate}".strip()


def _tax_table(paper: Paper, y: float, end: float, groups: Sequence[TaxGroupView], speech: Speech) -> float:
    """The tax of each rate, up to `end`; the y beneath comes back."""
    titles = (speech.say(N_("Tax rate")), speech.say(N_("Net")), speech.say(N_("Tax")))
    rows = [(_tax_label(group, speech), speech.money(group.net), speech.money(group.tax)) for group in groups]
    return _three_columns(paper, y, end, [titles, *rows])


def _three_columns(paper: Paper, y: float, end: float, rows: Sequence[tuple[str, str, str]]) -> float:
    """A small table of a label and two figures, its titles first; the y beneath comes back."""
    layout, size = paper.layout, paper.layout.small_size
    middle = paper.left + (end - paper.left) * 0.7
    for n, (label, first, second) in enumerate(rows):
        colour, bold = (layout.accent, True) if n == 0 else (layout.ink, False)
        lines = paper.lines(label, (end - paper.left) * 0.4, size, bold)
        below = paper.stack(paper.left, y, lines, size, colour, bold=bold)
        paper.stack(middle, y, [first], size, colour, bold=bold, right=True)
        paper.stack(end, y, [second], size, colour, bold=bold, right=True)
        y = below + 0.6 * MM
        if n == 0:
            paper.rule(paper.left, y + 0.2 * MM, end - paper.left, layout.rule)
            y += 1.1 * MM
    return y


def ages(paper: Paper, view: DocumentView, speech: Speech) -> None:
    """What is open by age, side by side across the sheet; nothing where there is none."""
    if not view.ages:
        return
    layout, size = paper.layout, paper.layout.text_size
    step = (paper.right - paper.left) / len(view.ages)
    paper.y += layout.gap
    paper.need(3 * size * layout.leading + 4 * MM)
    paper.rule(paper.left, paper.y, paper.right - paper.left, layout.rule)
    paper.y += 2 * MM
    for n, (label, amount) in enumerate(view.ages, 1):
        told = paper.lines(speech.tell(label), step - 2 * MM, layout.small_size, True)[:1]
        paper.stack(paper.left + n * step, paper.y, told, layout.small_size, layout.accent, bold=True, right=True)
        beneath = paper.y + layout.small_size * layout.leading + 0.8 * MM
        paper.stack(paper.left + n * step, beneath, [speech.money(amount)], size, layout.ink, right=True)
    paper.y += layout.small_size * layout.leading + size * layout.leading + 2 * MM


def schedule(paper: Paper, view: DocumentView, speech: Speech) -> None:
    """When which part is due, where the parts are too many to stand beside the totals."""
    if not _scheduled(view) or len(view.instalments) <= _FEW:
        return
    paper.y += paper.layout.gap
    rows = [(speech.day(part.due_on), "", speech.money(part.amount)) for part in view.instalments]
    _small_table(paper, view, speech, N_("Payment schedule"), (N_("Due date"), "", N_("Amount {currency}")), rows)


def shares(paper: Paper, view: DocumentView, speech: Speech) -> None:
    """Which invoices a payment or a credit went to, and what of a payment is left on account."""
    if not view.allocations and view.kind != DocumentKind.RECEIPT:
        return
    paper.y += paper.layout.gap
    rows = [
        (part.number, speech.day(part.due_on) if part.due_on else "", speech.money(part.amount))
        for part in view.allocations
    ]
    rest = view.gross - sum((part.amount for part in view.allocations), ZERO)
    if rest and view.kind == DocumentKind.RECEIPT:
        rows.append((speech.say(N_("On account")), "", speech.money(rest)))
    headings = (N_("Invoice no."), N_("Due date"), N_("Amount {currency}"))
    _small_table(paper, view, speech, N_("Allocated to"), headings, rows)


def _small_table(
    paper: Paper,
    view: DocumentView,
    speech: Speech,
    title: str,
    headings: tuple[str, str, str],
    rows: list[tuple[str, str, str]],
) -> None:
    """Three columns beneath a title; rows go on to the next sheet where they must."""
    layout, size = paper.layout, paper.layout.text_size
    width = 92 * MM
    step = size * layout.leading + 0.9 * MM
    paper.need(5 * step)
    paper.y = paper.stack(paper.left, paper.y, [speech.say(title)], size, layout.ink, bold=True) + 1 * MM
    titles = [speech.say(heading, currency=view.currency) for heading in headings]
    places = ((paper.left, False), (paper.left + width * 0.42, False), (paper.left + width, True))
    for n, row in enumerate([tuple(titles), *rows]):
        paper.need(step)
        colour, bold, height = (layout.accent, True, layout.small_size) if n == 0 else (layout.ink, False, size)
        for (x, right), text in zip(places, row, strict=True):
            fitted = paper.lines(text, width * 0.4, height, bold)[:1]
            paper.stack(x, paper.y, fitted, height, colour, bold=bold, right=right)
        paper.y += step - 0.2 * MM
        if n == 0:
            paper.rule(paper.left, paper.y - 0.8 * MM, width, layout.rule)
