"""The questions: one SELECT to frozen rows; each figure's one definition."""
