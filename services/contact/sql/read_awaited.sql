-- Of some cases the attempts that the delivery worker may begin.
SELECT key, awaited FROM contact_case WHERE key = ANY ($1)
