"""What the bulletin judges: cases, each one small row, and the days of a jurisdiction, counted of those rows."""
