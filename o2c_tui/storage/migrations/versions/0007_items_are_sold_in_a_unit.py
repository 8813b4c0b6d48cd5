"""Items are sold in a unit of their own; a supplier's code is found by an index."""

from alembic import op

from o2c_tui.storage.schema_steps import add_column

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Items are sold in a unit of their own."""
    add_column("item", "sale_unit", "TEXT", default="''")
    op.create_index("ix_supplier_item_supplier_code", "supplier_item", ["supplier_code"])
