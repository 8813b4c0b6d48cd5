"""Getting paid: currencies, deposits, recurring invoices, adjustments, reminders, mails, the bank, closing."""

import sqlalchemy as sa
from alembic import op

from o2c_tui.storage.schema_steps import add_choice, add_column, replace_check, widen_choice

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ACCOUNT_ROLES = (
    "bank", "cash", "receivable", "inventory", "goods_received_not_billed", "payable", "tax", "input_tax", "opening",
    "revenue", "cost_of_sales", "stock_differences", "deposits", "discounts", "fees", "bad_debts", "bank_charges",
    "small_differences", "exchange", "cash_rounding", "withheld_tax", "none",
)  # fmt: skip
SOURCES = (
    "receipt", "delivery", "return", "invoice", "payment", "supplier_bill", "supplier_return", "stocktake", "adjustment",
    "receivable_adjustment", "bank",
)  # fmt: skip
ONE_SOURCE = (
    "(CASE WHEN invoice_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN payment_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN adjustment_id IS NULL THEN 0 ELSE 1 END) = 1"
)


def upgrade() -> None:
    """Getting paid."""
    _new_tables()
    _more_columns()
    op.execute("UPDATE receivable_item SET base_open = open")
    replace_check("receivable_item", "one_source", ONE_SOURCE)
    op.create_index("ix_receivable_item_customer_id", "receivable_item", ["customer_id", "dated_on"])
    op.drop_index("ix_receivable_item_open", "receivable_item")
    op.create_index(
        "ix_receivable_item_open",
        "receivable_item",
        ["customer_id", "due_on", "open", "dated_on", "currency", "base_open"],
        sqlite_where=sa.text("open <> 0"),
        postgresql_where=sa.text("open <> 0"),
    )
    for name, table, column in (
        ("ix_invoice_order", "invoice", "order_id"),
        ("ix_invoice_replaces", "invoice", "replaces_id"),
        ("ix_invoice_recurring", "invoice", "recurring_id"),
        ("ix_receivable_item_adjustment", "receivable_item", "adjustment_id"),
    ):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, table, [column], sqlite_where=there, postgresql_where=there)
    widen_choice("account", "role", ACCOUNT_ROLES, check="accountrole")
    widen_choice("journal_entry", "source", SOURCES, check="sourcekind")
    widen_choice("invoice", "kind", ("invoice", "credit_note", "deposit"), check="invoicekind")


def _more_columns() -> None:
    add_choice(
        "tax_code", "kind", ("standard", "exempt", "reverse_charge", "export"), check="taxkind", default="standard"
    )
    add_column("company", "cash_step", "BIGINT", default="0")
    add_column("company", "small_difference", "BIGINT", default="0")
    add_column("company", "interest_percent", "BIGINT", default="0")
    add_column("company", "reminder_profile", "TEXT", default="''")
    add_column("company", "soft_locked_until", "DATE")
    add_column("company", "locked_until", "DATE")
    add_column("company", "keep_papers", "BOOLEAN", default="true")
    add_column("invoice", "rate", "BIGINT", default="0")
    add_column("invoice", "cash_step", "BIGINT", default="0")
    add_column("invoice", "cash_difference", "BIGINT", default="0")
    add_column("invoice", "order_id", "INTEGER", points_to="sales_order")
    add_column("invoice", "replaces_id", "INTEGER", points_to="invoice")
    add_column("invoice", "recurring_id", "INTEGER", points_to="recurring_invoice")
    add_column("invoice_line", "tax_parts", "TEXT", default="''")
    add_column("invoice_line", "tax_reason", "TEXT", default="''")
    add_column("invoice_line", "deducts_line_id", "INTEGER", points_to="invoice_line")
    add_column("invoice_line", "base_net", "BIGINT")
    add_column("invoice_line", "base_tax", "BIGINT")
    add_column("invoice_line", "by_amount", "BOOLEAN", default="false")
    add_column("invoice_line", "deducted_net", "BIGINT", default="0")
    add_column("invoice_line", "deducted_tax", "BIGINT", default="0")
    add_column("journal_line", "currency", "TEXT", default="''")
    add_column("journal_line", "currency_amount", "BIGINT", default="0")
    add_column("party", "tax_exempt_until", "DATE")
    add_column("party", "tax_exempt_note", "TEXT", default="''")
    add_column("party", "monthly_invoice", "BOOLEAN", default="false")
    add_column("party", "reminder_profile", "TEXT", default="''")
    add_column("party", "no_reminders", "BOOLEAN", default="false")
    add_column("party", "iban", "TEXT", default="''")
    add_column("payment", "rate", "BIGINT", default="0")
    add_column("payment", "order_id", "INTEGER", points_to="sales_order")
    add_column("payment", "charge", "BIGINT", default="0")
    add_column("payment_allocation", "base_debit", "BIGINT")
    add_column("payment_allocation", "base_credit", "BIGINT")
    add_column("quotation", "rate", "BIGINT", default="0")
    add_column("quotation", "cash_step", "BIGINT", default="0")
    add_column("quotation", "cash_difference", "BIGINT", default="0")
    add_column("quotation_line", "tax_parts", "TEXT", default="''")
    add_column("quotation_line", "tax_reason", "TEXT", default="''")
    add_column("receivable_item", "adjustment_id", "INTEGER", points_to="receivable_adjustment")
    add_column("receivable_item", "currency", "TEXT", default="''")
    add_column("receivable_item", "base_amount", "BIGINT")
    add_column("receivable_item", "base_open", "BIGINT", default="0")
    add_column("sales_order", "rate", "BIGINT", default="0")
    add_column("sales_order", "cash_step", "BIGINT", default="0")
    add_column("sales_order", "cash_difference", "BIGINT", default="0")
    add_column("sales_order", "paid_ahead", "BIGINT", default="0")
    add_column("sales_order", "deposited", "BIGINT", default="0")
    add_column("sales_order_line", "tax_parts", "TEXT", default="''")
    add_column("sales_order_line", "tax_reason", "TEXT", default="''")
    add_column("tax_code", "parts", "TEXT", default="''")


def _new_tables() -> None:
    op.create_table(
        "closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("day", "month", "year", name="closingkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("run", sa.SmallInteger(), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.Column("chain_seq", sa.Integer(), nullable=False),
        sa.Column("chain_hash", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
        sa.UniqueConstraint("kind", "to_on", "run", name=op.f("uq_closing_kind_to_on_run")),
    )
    op.create_table(
        "exchange_rate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate")),
        sa.UniqueConstraint("currency", "valid_on", name=op.f("uq_exchange_rate_currency_valid_on")),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("code", "language", name=op.f("uq_letter_code_language")),
    )
    op.create_table(
        "mail_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column(
            "security",
            sa.Enum(
                "none", "starttls", "tls", name="mailsecurity", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=False),
        sa.Column("copy_to", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_account_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_account")),
    )
    op.create_table(
        "month_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_task")),
        sa.UniqueConstraint("month", "code", name=op.f("uq_month_task_month_code")),
    )
    op.create_table(
        "reminder_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gap_days", sa.SmallInteger(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_profile")),
        sa.UniqueConstraint("code", name=op.f("uq_reminder_profile_code")),
    )
    op.create_table(
        "adjustment_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "discount",
                "small_difference",
                "bad_debt",
                "bank_charge",
                "withheld_tax",
                "reminder_fee",
                "interest",
                "other",
                name="adjustmentkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("with_tax", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_adjustment_reason_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment_reason")),
        sa.UniqueConstraint("code", name=op.f("uq_adjustment_reason_code")),
    )
    op.create_table(
        "bank_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_bank_account_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("code", name=op.f("uq_bank_account_code")),
    )
    op.create_table(
        "bank_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("learned_on", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_bank_rule_account_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["party.id"], name=op.f("fk_bank_rule_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_rule")),
        sa.UniqueConstraint("field", "pattern", name=op.f("uq_bank_rule_field_pattern")),
    )
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "failed",
                "bounced",
                "withdrawn",
                name="mailstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["party.id"], name=op.f("fk_outgoing_mail_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_mail_message_id")),
    )
    op.create_index("ix_outgoing_mail_document", "outgoing_mail", ["kind", "document_id"], unique=False)
    op.create_index(
        "ix_outgoing_mail_waiting",
        "outgoing_mail",
        ["next_try_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "recurring_invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column(
            "every",
            sa.Enum("week", "month", "year", name="every", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("times", sa.SmallInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("customer_reference", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("discount_percent", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["party.id"], name=op.f("fk_recurring_invoice_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurring_invoice")),
        sa.UniqueConstraint("code", name=op.f("uq_recurring_invoice_code")),
    )
    op.create_index(
        "ix_recurring_invoice_next",
        "recurring_invoice",
        ["next_on"],
        unique=False,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "reminder_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["reminder_profile.id"], name=op.f("fk_reminder_step_profile_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_step")),
        sa.UniqueConstraint("profile_id", "level", name=op.f("uq_reminder_step_profile_id_level")),
    )
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bank_account_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("opening", sa.BigInteger(), nullable=True),
        sa.Column("closing", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_account.id"], name=op.f("fk_bank_statement_bank_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
    )
    op.create_index("ix_bank_statement_account", "bank_statement", ["bank_account_id", "to_on"], unique=False)
    op.create_table(
        "paper_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "saved", "printed", "mailed", name="paperway", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("left_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["outgoing_mail.id"], name=op.f("fk_paper_log_mail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_log")),
    )
    op.create_index("ix_paper_log_document", "paper_log", ["kind", "document_id"], unique=False)
    op.create_table(
        "recurring_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recurring_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("discount_percent", sa.BigInteger(), nullable=False),
        sa.Column("tax_code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_recurring_line_item_id")),
        sa.ForeignKeyConstraint(
            ["recurring_id"], ["recurring_invoice.id"], name=op.f("fk_recurring_line_recurring_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurring_line")),
        sa.UniqueConstraint("recurring_id", "position", name=op.f("uq_recurring_line_recurring_id_position")),
    )
    op.create_table(
        "bank_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("bank_account_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("counterparty_account", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "matched", "ignored", name="banklinestate", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bank_account_id"], ["bank_account.id"], name=op.f("fk_bank_line_bank_account_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["party.id"], name=op.f("fk_bank_line_customer_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_line_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint("identity", name=op.f("uq_bank_line_identity")),
    )
    op.create_index("ix_bank_line_account", "bank_line", ["bank_account_id", "booked_on", "id"], unique=False)
    op.create_index(
        "ix_bank_line_open",
        "bank_line",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["party.id"], name=op.f("fk_dispute_customer_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_dispute_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    op.create_index(
        "ix_dispute_open",
        "dispute",
        ["invoice_id"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "payment_promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["party.id"], name=op.f("fk_payment_promise_customer_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_payment_promise_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_promise")),
    )
    op.create_index(
        "ix_payment_promise_open",
        "payment_promise",
        ["customer_id"],
        unique=False,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "receivable_adjustment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "posted",
                name="receivableadjustmentstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "discount",
                "small_difference",
                "bad_debt",
                "bank_charge",
                "withheld_tax",
                "reminder_fee",
                "interest",
                "other",
                name="adjustmentkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("adjusted_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("digits", sa.SmallInteger(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.BigInteger(), nullable=False),
        sa.Column("reversed_by", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_receivable_adjustment_account_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["party.id"], name=op.f("fk_receivable_adjustment_customer_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_receivable_adjustment_invoice_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_receivable_adjustment_payment_id")),
        sa.ForeignKeyConstraint(
            ["reason_id"], ["adjustment_reason.id"], name=op.f("fk_receivable_adjustment_reason_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["receivable_adjustment.id"], name=op.f("fk_receivable_adjustment_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivable_adjustment")),
        sa.UniqueConstraint("number", name=op.f("uq_receivable_adjustment_number")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_receivable_adjustment_reverses_id")),
    )
    op.create_index(
        "ix_receivable_adjustment_customer_id", "receivable_adjustment", ["customer_id", "id"], unique=False
    )
    op.create_index(
        "ix_receivable_adjustment_invoice_id",
        "receivable_adjustment",
        ["invoice_id"],
        unique=False,
        sqlite_where=sa.text("invoice_id IS NOT NULL"),
        postgresql_where=sa.text("invoice_id IS NOT NULL"),
    )
    op.create_index(
        "ix_receivable_adjustment_payment_id",
        "receivable_adjustment",
        ["payment_id"],
        unique=False,
        sqlite_where=sa.text("payment_id IS NOT NULL"),
        postgresql_where=sa.text("payment_id IS NOT NULL"),
    )
    op.create_table(
        "bank_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("adjustment_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("matched_on", sa.Date(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_bank_match_account_id")),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["receivable_adjustment.id"], name=op.f("fk_bank_match_adjustment_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line.id"], name=op.f("fk_bank_match_line_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_bank_match_payment_id")),
        sa.ForeignKeyConstraint(["undoes_id"], ["bank_match.id"], name=op.f("fk_bank_match_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_match")),
    )
    op.create_index("ix_bank_match_line_id", "bank_match", ["line_id"], unique=False)
    op.create_index(
        "ix_bank_match_payment_id",
        "bank_match",
        ["payment_id"],
        unique=False,
        sqlite_where=sa.text("payment_id IS NOT NULL"),
        postgresql_where=sa.text("payment_id IS NOT NULL"),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("digits", sa.SmallInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("fee_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["party.id"], name=op.f("fk_reminder_customer_id")),
        sa.ForeignKeyConstraint(["fee_id"], ["receivable_adjustment.id"], name=op.f("fk_reminder_fee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("number", name=op.f("uq_reminder_number")),
    )
    op.create_index("ix_reminder_customer_id", "reminder", ["customer_id", "id"], unique=False)
    op.create_table(
        "reminder_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("open", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["receivable_item.id"], name=op.f("fk_reminder_line_item_id")),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminder.id"], name=op.f("fk_reminder_line_reminder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_line")),
        sa.UniqueConstraint("reminder_id", "position", name=op.f("uq_reminder_line_reminder_id_position")),
    )
    op.create_index("ix_reminder_line_item_id", "reminder_line", ["item_id", "level"], unique=False)
