"""What ends a document: terms and notes as running text, and lines to sign on where somebody signs."""

from __future__ import annotations

from o2c_tui.documents.layout import MM
from o2c_tui.documents.paper import Paper
from o2c_tui.documents.words import Speech
from o2c_tui.queries.document_view import DocumentKind
from o2c_tui.texts import N_

_RECEIVED = N_("Goods received complete and undamaged")
_SIGNED = {
    DocumentKind.QUOTATION: (N_("We accept this quotation"),),
    DocumentKind.DELIVERY_NOTE: (_RECEIVED,),
    DocumentKind.SUPPLIER_RETURN: (_RECEIVED,),
    DocumentKind.TRANSFER_NOTE: (N_("Handed over"), _RECEIVED),
    DocumentKind.GOODS_RECEIPT: (N_("Goods received and checked"),),
    DocumentKind.CUSTOMER_RETURN: (N_("Goods taken back and checked"),),
    DocumentKind.PICK_LIST: (N_("Picked and checked"),),
    DocumentKind.COUNT_SHEET: (N_("Counted by"),),
    DocumentKind.SUPPLIER_BILL: (N_("Checked and approved"),),
    DocumentKind.SUPPLIER_CREDIT: (N_("Checked and approved"),),
    DocumentKind.ADJUSTMENT: (N_("Checked and approved"),),
    DocumentKind.COUNT_DIFFERENCES: (N_("Differences approved"),),
}


def prose(paper: Paper, speech: Speech, title: str, text: str) -> None:
    """A titled text over the sheet's width, going on to the next sheet where it must."""
    layout, size = paper.layout, paper.layout.small_size + 0.6
    step = size * layout.leading
    lines = paper.lines(text.strip(), paper.right - paper.left, size)
    paper.need(3 * step + 1 * MM)
    paper.y = paper.stack(paper.left, paper.y, [speech.say(title)], size, layout.accent, bold=True) + 0.5 * MM
    for line in lines:
        paper.need(step)
        paper.y = paper.stack(paper.left, paper.y, [line], size, layout.ink)


def opening(paper: Paper, text: str) -> None:
    """What a letter says before its lines, over the sheet's width."""
    layout, size = paper.layout, paper.layout.small_size + 1.2
    step = size * layout.leading
    for line in text.strip().split("\n"):
        for part in paper.lines(line, paper.right - paper.left, size) or [""]:
            paper.need(step)
            paper.y = paper.stack(paper.left, paper.y, [part], size, layout.ink)
    paper.y += layout.gap


def signed(kind: DocumentKind) -> tuple[str, ...]:
    """What is signed for on this kind of document, each by somebody of its own."""
    return _SIGNED.get(kind, ())


def signatures(paper: Paper, speech: Speech, sentence: str) -> None:
    """Place, name and signature, to be filled in by hand."""
    layout, size = paper.layout, paper.layout.small_size
    paper.y = paper.stack(paper.left, paper.y, [speech.say(sentence)], size + 0.6, layout.ink, bold=True) + 12 * MM
    gap = 6 * MM
    width = (paper.right - paper.left - 2 * gap) / 3
    for n, label in enumerate((N_("Place, date"), N_("Full name"), N_("Signature, stamp"))):
        x = paper.left + n * (width + gap)
        paper.rule(x, paper.y, width, layout.muted, 0.5)
        paper.stack(x, paper.y + 0.8 * MM, [speech.say(label)], size, layout.muted)
    paper.y += size * layout.leading + 1 * MM
