"""What consultation decides: each kind of thing is a package with the same files."""
