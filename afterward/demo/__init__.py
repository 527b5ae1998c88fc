"""The demo: Shanghai, autumn 2020, run on a whole stack from raw reports, and compared with what was published."""
