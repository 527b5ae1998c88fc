"""The servers of a run, the bad links to them, and their databases put back."""
