"""What a run left behind, and what is wrong with it."""
