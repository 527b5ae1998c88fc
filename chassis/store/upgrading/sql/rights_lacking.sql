-- The statements that make a role's rights to each table and sequence here what they should be; none where they are.
WITH wanted AS (
    SELECT oid, relkind = 'S' AS is_sequence, relacl, CASE
        WHEN relkind = 'S' THEN '{SELECT,UPDATE,USAGE}'
        WHEN relname = ANY ($2::text[]) THEN '{SELECT}'
        WHEN relname = ANY ($3::text[]) THEN '{INSERT,SELECT}'
        ELSE '{DELETE,INSERT,SELECT,UPDATE}' END::text[] AS rights
    FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'S') AND NOT relispartition
), found AS (
    SELECT wanted.*, ARRAY(
        SELECT privilege_type FROM aclexplode(relacl) WHERE grantee = $1::text::regrole ORDER BY privilege_type
    ) AS given
    FROM wanted
)
SELECT format('REVOKE ALL ON %1$s %2$s FROM %3$I; GRANT %4$s ON %1$s %2$s TO %3$I',
              CASE WHEN is_sequence THEN 'SEQUENCE' ELSE 'TABLE' END, oid::regclass, $1::text, array_to_string(rights, ', '))
FROM found WHERE given <> rights
