"""The lists of mails (what waits, what is in doubt, what failed or came back, what went) and of reminders.

Rule: docs/rules/mail.md.
"""

import sqlalchemy as sa
from sqlmodel import col

from o2c_tui.models.mail import MailState, OutgoingMail
from o2c_tui.models.party import Party
from o2c_tui.models.reminder import Reminder
from o2c_tui.queries.list_spec import ListSpec
from o2c_tui.queries.rows import MailRow, ReminderRow
from o2c_tui.storage.rows import table_of

_state = col(OutgoingMail.state)

OUTBOX: dict[str, ListSpec] = {
    "reminder": ListSpec(
        ReminderRow,
        (
            col(Reminder.id),
            col(Reminder.number),
            col(Party.name),
            col(Reminder.reminded_on),
            col(Reminder.level),
            col(Reminder.email),
            col(Reminder.currency),
            col(Reminder.total),
            col(Reminder.fee),
            col(Reminder.by),
        ),
        sa.join(Reminder, Party, col(Party.id) == col(Reminder.customer_id)),
        (col(Reminder.number), col(Reminder.email)),
        customer_id=col(Reminder.customer_id),
        day=col(Reminder.reminded_on),
        total=col(Reminder.total),
        by=col(Reminder.by),
        flags={
            "printed": lambda today: col(Reminder.email) == "",
            "mailed": lambda today: col(Reminder.email) != "",
            "last": lambda today: col(Reminder.level) >= 3,
        },
    ),
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
