"""What leaves the house: papers logged and kept, mails carried out of the outbox."""
