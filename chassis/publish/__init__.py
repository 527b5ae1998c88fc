"""From the archive to the bus: events, outbox, relay."""
