"""What the engine is compared with: the same job, written as each of these recommends, each in one process."""
