"""The published language of Afterward: what crosses the bus, and nothing else.

Imports pydantic and the standard library only, so that an integrator can copy this folder and read every topic with it.
"""
