"""What left a layer is found without reading all that ever left: an index on consumptions by layer."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index; no row changes."""
    op.create_index("ix_consumption_layer_id", "consumption", ["layer_id"])
