"""Launchers of the embedded stack: PostgreSQL and a Kafka bus, detached processes of one data directory."""
