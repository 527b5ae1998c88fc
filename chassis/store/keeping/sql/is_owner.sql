-- Whether this role is the owner of the archive, or a member of it.
SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'archive'::regclass
