"""What a service keeps, and the one transaction in which it changes."""
