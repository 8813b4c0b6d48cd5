"""Alerts are seen."""

from o2c_tui.storage.schema_steps import add_column

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Alerts are seen: when, and by whom. Those there are count as unread."""
    add_column("stock_alert", "seen_on", "DATE")
    add_column("stock_alert", "seen_by", "TEXT", default="''")
