"""What is deployed: the files of `deploy`, and the whole system in containers."""
