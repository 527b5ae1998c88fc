"""The operator's command line: `afterward`, whose verbs are put together in `app`."""
