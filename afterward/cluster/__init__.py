"""Servers that are there already, made ready for the services: who may do what on the bus."""
