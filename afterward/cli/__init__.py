"""The operator's command line: `afterward`."""

from afterward.cli.app import app

__all__ = ["app"]
