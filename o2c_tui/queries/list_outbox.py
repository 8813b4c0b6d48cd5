"""The list of mails: what waits, what is in doubt, what failed or came back, what went.

Rule: docs/rules/mail.md.
"""

import sqlalchemy as sa
from sqlmodel import col

from o2c_tui.models.mail import MailState, OutgoingMail
from o2c_tui.queries.list_spec import ListSpec
from o2c_tui.queries.rows import MailRow
from o2c_tui.storage.rows import table_of

_state = col(OutgoingMail.state)

OUTBOX: dict[str, ListSpec] = {
    "mail": ListSpec(
        MailRow,
        (
            col(OutgoingMail.id),
            col(OutgoingMail.made_at),
            col(OutgoingMail.to),
            col(OutgoingMail.subject),
            col(OutgoingMail.file_name),
            _state,
            col(OutgoingMail.tries),
            col(OutgoingMail.next_try_at),
            col(OutgoingMail.taken_at),
            col(OutgoingMail.trouble),
            col(OutgoingMail.by),
        ),
        table_of(OutgoingMail),
        (col(OutgoingMail.to), col(OutgoingMail.subject), col(OutgoingMail.file_name)),
        customer_id=col(OutgoingMail.customer_id),
        by=col(OutgoingMail.by),
        state=_state,
        flags={
            "open": lambda today: sa.and_(_state == MailState.WAITING, col(OutgoingMail.taken_at).is_(None)),
            "doubtful": lambda today: sa.and_(_state == MailState.WAITING, col(OutgoingMail.taken_at).is_not(None)),
            "trouble": lambda today: _state.in_((MailState.FAILED, MailState.BOUNCED)),
        },
    ),
}
