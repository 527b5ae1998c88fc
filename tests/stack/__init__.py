"""The launchers of the embedded stack, on real processes."""
