"""Orders are amended: a revision on orders and their lines; the guards let its facts be put anew."""

from o2c_tui.storage.schema_steps import add_column

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Orders are amended."""
    add_column("sales_order", "revision", "SMALLINT", default="1")
    add_column("sales_order", "amended_on", "DATE")
    add_column("sales_order_line", "revision", "SMALLINT", default="1")
