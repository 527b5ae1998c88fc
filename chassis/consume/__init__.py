"""From the bus to a worker: fetching, assignment, watermarks, reading, dispatching."""
