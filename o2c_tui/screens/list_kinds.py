"""The lists there are: what each is called, its saved views, what can be made from it."""

from dataclasses import dataclass

from o2c_tui.texts import N_


@dataclass(frozen=True)
class ListKind:
    """One kind of list: what it is called, its rows' kind in queries, its views and what can be made or opened."""

    title: str
    kind: str
    views: tuple[tuple[str, str], ...]  # (words, filter)
    new: str = ""  # kind of editor
    empty: str = N_("Nothing fits.")
    about: str = ""  # what the help says first; what all lists can follows


KINDS: dict[str, ListKind] = {
    "quotations": ListKind(
        N_("QUOTATIONS"),
        "quotation",
        (
            (N_("Open"), "status:open"),
            (N_("Draft"), "is:draft"),
            (N_("Sent"), "status:sent"),
            (N_("Expired"), "is:expired"),
            (N_("All"), ""),
        ),
        "quotation",
        N_("No quotation fits. F6 makes a new one; 5 shows all."),
    ),
    "orders": ListKind(
        N_("SALES ORDERS"),
        "order",
        (
            (N_("To deliver"), "status:open"),
            (N_("Draft"), "is:draft"),
            (N_("Late"), "is:late"),
            (N_("Uninvoiced"), "is:uninvoiced"),
            (N_("All"), ""),
        ),
        "order",
        N_("No sales order fits. F6 makes a new one; 5 shows all."),
    ),
    "deliveries": ListKind(
        N_("DELIVERIES"),
        "delivery",
        ((N_("To invoice"), "status:open"), (N_("To pick"), "is:draft"), (N_("All"), ""), (N_("To ship"), "is:leaving")),
        empty=N_("No delivery fits. They are made from sales orders with F8; 3 shows all."),
    ),
    "invoices": ListKind(
        N_("INVOICES"),
        "invoice",
        ((N_("Open"), "status:open"), (N_("Late"), "is:late"), (N_("Draft"), "is:draft"), (N_("Credits"), "is:credit"), (N_("All"), "")),
        "invoice",
        N_("No invoice fits. F8 makes them from deliveries and orders, F6 without an order; 5 shows all."),
    ),
    "payments": ListKind(
        N_("PAYMENTS"),
        "payment",
        ((N_("All"), ""), (N_("Unapplied"), "status:open"), (N_("Reversed"), "is:reversed"), (N_("Paid ahead"), "is:ahead"), (N_("Refunds"), "is:refund")),
        "payment",
        N_("No payment fits. F6 takes one in."),
    ),
    "settlements": ListKind(
        N_("ACCOUNT ADJUSTMENTS"),
        "receivable_adjustment",
        ((N_("All"), ""), (N_("Discounts"), "is:discount"), (N_("Charged"), "is:charged"), (N_("Open"), "is:open"), (N_("Reversed"), "is:reversed")),
        empty=N_("No adjustment fits. F9 on an invoice writes something off; 1 shows all."),
        about=N_("Discounts, write-offs, charges, fees and interest on customers' accounts. Enter opens one, F9 takes it back."),
    ),
    "receipts": ListKind(N_("GOODS RECEIPTS"), "receipt", ((N_("All"), ""),), "receipt", N_("No receipt fits. F6 takes goods in.")),
    "purchases": ListKind(
        N_("PURCHASE ORDERS"), "purchase",
        ((N_("To come"), "is:open"), (N_("Late"), "is:late"), (N_("Unbilled"), "is:unbilled"), (N_("Draft"), "is:draft"), (N_("All"), "")),
        "purchase", N_("No purchase order fits. F6 makes a new one; 5 shows all."),
    ),
    "bills": ListKind(
        N_("SUPPLIER BILLS"), "bill", ((N_("All"), ""), (N_("Draft"), "is:draft"), (N_("Credits"), "is:credit")),
        "bill", N_("No bill fits. F6 types one; F8 on a goods receipt bills it."),
    ),
    "transfers": ListKind(
        N_("TRANSFERS"), "transfer", ((N_("Under way"), "is:open"), (N_("Late"), "is:late"), (N_("Draft"), "is:draft"), (N_("All"), "")),
        "transfer", N_("No transfer fits. F6 makes a new one; 4 shows all."),
    ),
    "stocktakes": ListKind(
        N_("STOCKTAKES"), "stocktake", ((N_("Being counted"), "is:open"), (N_("All"), "")),
        "stocktake", N_("No count fits. F6 begins one; 2 shows all."),
    ),
    "adjustments": ListKind(
        N_("STOCK ADJUSTMENTS"), "adjustment", ((N_("All"), ""), (N_("Gains"), "is:gain"), (N_("Losses"), "is:loss")),
        "adjustment", N_("No adjustment fits. F6 puts stock right."),
    ),
    "lots": ListKind(
        N_("LOTS"), "lot",
        ((N_("Here"), "is:open"), (N_("Expiring"), "is:expiring"), (N_("Expired"), "is:expired"), (N_("Gone"), "is:gone"), (N_("All"), "")),
        empty=N_("No lot fits. They come with goods received of items that are tracked; 5 shows all."),
    ),
    "bins": ListKind(
        N_("BINS"), "location", ((N_("All"), ""), (N_("With goods"), "is:open"), (N_("Empty"), "is:empty"), (N_("Not used"), "is:inactive")),
        "location", N_("No bin fits. F6 makes a new one."),
    ),
    "rates": ListKind(
        N_("EXCHANGE RATES"), "rate", ((N_("All"), ""), (N_("Last month"), "is:recent"), (N_("Typed"), "is:typed")),
        "rate", N_("No rate fits. F6 enters one; o2c import ecb FILE takes those that are published."),
        about=N_("What one unit of another currency is worth in the company's, from a day on. Documents keep the rate of theirs."),
    ),
    "terms": ListKind(
        N_("PAYMENT TERMS"), "term", ((N_("All"), ""), (N_("Not used"), "is:inactive")),
        "term", N_("No payment term fits. F6 makes a new one."),
        about=N_("When invoices are due, in which instalments, with which discount. An invoice keeps the days it was posted with."),
    ),
    "taxes": ListKind(
        N_("TAX CODES"), "tax", ((N_("All"), ""), (N_("Not taxed"), "is:untaxed"), (N_("Not used"), "is:inactive")),
        "tax", N_("No tax code fits. F6 makes a new one."),
        about=N_("Taxes with their rates by day, their kind and printed reason. What was posted keeps its rate."),
    ),
    "warehouses": ListKind(
        N_("WAREHOUSES"), "warehouse", ((N_("All"), ""), (N_("Stores"), "is:store"), (N_("Not used"), "is:inactive")),
        "warehouse", N_("No warehouse fits. F6 makes a new one."),
    ),
    "stock": ListKind(
        N_("STOCK"),
        "stock",
        ((N_("All"), ""), (N_("Low"), "is:low"), (N_("Nothing free"), "is:short"), (N_("Reserved"), "is:reserved")),
        "receipt",
        N_("No stock fits. F6 takes goods in."),
    ),
    "alerts": ListKind(
        N_("STOCK ALERTS"), "alert", ((N_("Unread"), "is:unseen"), (N_("Standing"), "is:open"), (N_("All"), "")),
        empty=N_("No alert fits. An item that comes to its reorder point raises one; 3 shows all."),
    ),
    "reminders": ListKind(
        N_("REMINDERS"), "reminder", ((N_("All"), ""), (N_("Mailed"), "is:mailed"), (N_("Printed"), "is:printed"), (N_("Third step"), "is:last")),
        empty=N_("No reminder fits. F7 in the receivables (g r) writes them."),
        about=N_("Letters that were written, the newest first. Enter reads one and leads to its invoices; F7 saves, prints or mails it."),
    ),
    "outbox": ListKind(
        N_("OUTBOX"), "mail",
        ((N_("To send"), "is:open"), (N_("In doubt"), "is:doubtful"), (N_("Trouble"), "is:trouble"), (N_("Sent"), "status:sent"), (N_("All"), "")),
        empty=N_("No mail fits. F7 on a document writes one; 5 shows all."),
        about=N_("Mails that wait, went, came back or are in doubt. F8 sends what waits; Enter reads one, with what the server said."),
    ),
    "items": ListKind(N_("ITEMS"), "item", ((N_("All"), ""), (N_("Services"), "is:service"), (N_("Kits"), "is:kit"), (N_("Tracked"), "is:tracked"), (N_("Not used"), "is:inactive")), "item", N_("No item fits. F6 makes a new one.")),
    "customers": ListKind(
        N_("CUSTOMERS"), "customer", ((N_("All"), ""), (N_("Owing"), "is:open"), (N_("On hold"), "is:hold")), "customer",
        N_("No customer fits. F6 makes a new one."),
    ),
    "suppliers": ListKind(N_("SUPPLIERS"), "supplier", ((N_("All"), ""),), "supplier", N_("No supplier fits. F6 makes a new one.")),
}  # fmt: skip
