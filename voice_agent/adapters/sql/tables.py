"""The tables.

A database from before is completed when it is opened: nothing is ever taken away, so an older version goes on working.
"""

from sqlalchemy import Boolean, Column, Connection, Float, Index, Integer, MetaData, String, Table, Text, false, inspect
from sqlalchemy.schema import CreateColumn

metadata = MetaData()

calls = Table(
    "calls",
    metadata,
    Column("call", String, primary_key=True),
    Column("carrier", String, nullable=False),
    Column("carrier_call", String, nullable=False),
    Column("state", String, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("disposition", String),
    Index("calls_by_carrier", "carrier", "carrier_call"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", String, primary_key=True),
    Column("binding", String, nullable=False),
    Column("expires", Float, nullable=False, index=True),
)

seen_keys = Table(
    "seen_keys",
    metadata,
    Column("key", String, primary_key=True),
    Column("seen", Float, nullable=False, index=True),
)

handovers = Table(
    "handovers",
    metadata,
    Column("call", String, primary_key=True),
    Column("carrier", String, nullable=False),
    Column("carrier_call", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("brief", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("since", Float, nullable=False),
    Column("agent", String, nullable=False),
    Column("ring_until", Float),
    Column("tried", Text, nullable=False, server_default="[]"),
    Column("exhausted", Boolean, nullable=False, server_default=false()),
    Column("taken", Float),
    Column("joined", Float),
    Column("ended", Float),
    Index("handovers_by_urgency", "state", "priority", "since"),
    Index("handovers_by_end", "queue", "state", "ended"),
)

agents = Table(
    "agents_on_duty",
    metadata,
    Column("agent", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("queues", Text, nullable=False),
    Column("since", Float, nullable=False),
    Column("seen", Float, nullable=False),
    Column("missed", Boolean, nullable=False),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("call", String, primary_key=True),
    Column("queue", String, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("brief", Text, nullable=False),
    Column("since", Float, nullable=False),
    Column("number", String, nullable=False),  # empty once it has been dealt with
)

changes = Table(
    "handover_changes",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("call", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("agent", String, nullable=False),
    # A number is never given twice, even when old rows are gone: readers remember the last one they saw.
    sqlite_autoincrement=True,
)

callers = Table(
    "callers",
    metadata,
    Column("carrier", String, primary_key=True),
    Column("carrier_call", String, primary_key=True),
    Column("caller", String, nullable=False, index=True),  # a keyed hash, never a number
    Column("since", Float, nullable=False),
)

tiers = Table(
    "tiers",
    metadata,
    Column("caller", String, primary_key=True),  # the same hash
    Column("tier", String, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("call", String, primary_key=True),
    Column("started", Float, nullable=False, index=True),
    Column("ended", Float, nullable=False),
    Column("disposition", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("time_to_escalation_s", Float),
    Column("waiting_s", Float),
    Column("repeat_contact", Boolean),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("call", String, primary_key=True),
    Column("agent", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("disposition", String, nullable=False),
    Column("brief_useful", Boolean),
    Column("escalation_right", Boolean),
    Column("notes", Text, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("key", String, primary_key=True),  # the name in small letters: SQLite folds the case of ASCII only
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("queues", String, nullable=False),
    Column("password", String, nullable=False),
    Column("changed", Float, nullable=False),
    Column("phone", String, nullable=False, server_default=""),
)

deeds = Table(
    "audit_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("who", String, nullable=False),
    Column("what", String, nullable=False),
    Column("about", String, nullable=False),
    sqlite_autoincrement=True,
)


def make_tables(connection: Connection) -> None:
    """Every table, column and index that is not there. A column that was added later has a default, or may be null."""
    metadata.create_all(connection)
    found = inspect(connection)
    for table in metadata.sorted_tables:
        there = {column["name"] for column in found.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                added = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ADD COLUMN {added}')
        for index in table.indexes:
            index.create(connection, checkfirst=True)
