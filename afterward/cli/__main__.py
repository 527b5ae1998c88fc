"""`python -m afterward.cli`: the same as the command `afterward`."""

from afterward.cli.app import app

app()
