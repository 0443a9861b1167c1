"""Calls, tokens and handovers in one SQL database. SQLite, so that nothing needs to be installed or run beside the server."""
