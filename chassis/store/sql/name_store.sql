-- What is another after the store was restored or replaced: the server's start, the database, the file of its cases, its epoch.
SELECT pg_postmaster_start_time(), oid, pg_relation_filenode('state'), (SELECT epoch FROM store_identity)
FROM pg_database WHERE datname = current_database()
