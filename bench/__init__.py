"""`make bench`: how fast, beside what others would build it with, and what it costs as everything grows."""
