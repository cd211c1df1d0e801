"""PostgreSQL: the embedded server, the pool, migrations, and the outbox with its relay."""
