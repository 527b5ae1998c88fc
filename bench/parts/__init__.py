"""One module for each part of `make bench`: `TITLE`, and `run(bench)`, which returns sections of `latest.json`."""
