"""What consultation decides, each kind of thing in a package with the same files."""
