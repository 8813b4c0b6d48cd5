"""Where the books lie: engines, the Store, triggers, migrations, backup."""
