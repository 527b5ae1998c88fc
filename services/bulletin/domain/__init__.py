"""What the bulletin judges: a `case`, a `consultation` and a `delivery`, each one small row, and a `day` of a
jurisdiction, counted of those rows.

Each is a package with the same files; its row, which the days are counted of and build upon, is its `read_model`.
"""
