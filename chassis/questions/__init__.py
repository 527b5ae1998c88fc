"""Questions that others may ask a service over HTTP: who may ask what, the answer, and a record of who has read it."""
