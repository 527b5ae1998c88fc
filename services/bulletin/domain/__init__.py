"""What the bulletin judges: a `case`, a `consultation` and a `delivery`, each one small row, a `day` of a jurisdiction,
counted of those rows, and a `public_day`, drawn from the day.

Each is a package with the same files; its row, which the days are counted of and build upon, is its `read_model`. How
both editions of a day are said is in `editions`.
"""
