"""From the archive to the bus: events, their numbers, the relay."""
