"""How somebody outside is told: one port, and an adapter for each way."""
