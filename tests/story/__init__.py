"""The demo's story: what it tells, and that it could have been so."""
