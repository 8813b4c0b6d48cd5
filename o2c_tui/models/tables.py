"""Every table of the books, imported in one place: for migrations, triggers, audit and verify."""

from o2c_tui.models import (
    audit,
    company,
    delivery,
    invoice,
    item,
    ledger,
    order,
    party,
    quotation,
    receipt,
    receivable,
    stock,
)

MODULES = (company, party, item, quotation, order, delivery, receipt, stock, invoice, receivable, ledger, audit)
