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
    purchase,
    quotation,
    receipt,
    receivable,
    stock,
    warehouse,
)

MODULES = (
    company,
    party,
    item,
    quotation,
    order,
    purchase,
    delivery,
    receipt,
    stock,
    warehouse,
    invoice,
    receivable,
    ledger,
    audit,
)
