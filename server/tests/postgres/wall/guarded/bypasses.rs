//! What could bypass the wall.

/// What is done, the words it is refused with, and how it is undone. `{other}` is a role that is
/// there for this.
pub(super) const BYPASSES: &[[&str; 3]] = &[
    // The role's own attributes.
    [
        "ALTER ROLE {app} SUPERUSER",
        "the role {app} is a superuser",
        "ALTER ROLE {app} NOSUPERUSER",
    ],
    [
        "ALTER ROLE {app} BYPASSRLS",
        "the role {app} has BYPASSRLS",
        "ALTER ROLE {app} NOBYPASSRLS",
    ],
    [
        "ALTER ROLE {app} REPLICATION",
        "the role {app} has REPLICATION",
        "ALTER ROLE {app} NOREPLICATION",
    ],
    [
        "ALTER ROLE {app} CREATEROLE",
        "the role {app} has CREATEROLE",
        "ALTER ROLE {app} NOCREATEROLE",
    ],
    [
        "ALTER ROLE {app} CREATEDB",
        "the role {app} has CREATEDB",
        "ALTER ROLE {app} NOCREATEDB",
    ],
    // What it could become.
    [
        "GRANT {owner} TO {app}",
        "a member of {owner}, which owns the schema",
        "REVOKE {owner} FROM {app}",
    ],
    [
        "GRANT {other} TO {app}; GRANT {owner} TO {other}",
        "a member of {owner}, which owns the schema",
        "REVOKE {other} FROM {app}; REVOKE {owner} FROM {other}",
    ],
    [
        "GRANT {owner} TO {app} WITH ADMIN OPTION",
        "a member of {owner}, which owns the schema",
        "REVOKE {owner} FROM {app}",
    ],
    [
        "GRANT postgres TO {app}",
        "a member of postgres, a superuser",
        "REVOKE postgres FROM {app}",
    ],
    [
        "ALTER ROLE {other} BYPASSRLS; GRANT {other} TO {app}",
        "a member of {other}, which has BYPASSRLS",
        "ALTER ROLE {other} NOBYPASSRLS; REVOKE {other} FROM {app}",
    ],
    [
        "ALTER ROLE {other} CREATEROLE; GRANT {other} TO {app}",
        "a member of {other}, which has CREATEROLE",
        "ALTER ROLE {other} NOCREATEROLE; REVOKE {other} FROM {app}",
    ],
    [
        "GRANT pg_execute_server_program TO {app}",
        "pg_execute_server_program, which reaches the files of the server",
        "REVOKE pg_execute_server_program FROM {app}",
    ],
    [
        "GRANT pg_read_server_files TO {app}",
        "pg_read_server_files, which reaches the files of the server",
        "REVOKE pg_read_server_files FROM {app}",
    ],
    [
        "GRANT pg_write_all_data TO {app}",
        "pg_write_all_data, which may write to every table",
        "REVOKE pg_write_all_data FROM {app}",
    ],
    // What it owns.
    [
        "ALTER TABLE document OWNER TO {app}",
        "the role {app} owns the table document",
        "ALTER TABLE document OWNER TO {owner}; \
         GRANT SELECT, INSERT, DELETE, \
         UPDATE (version, open, vehicle, customer, body) ON document TO {app}",
    ],
    [
        "ALTER DATABASE {db} OWNER TO {app}",
        "the role {app} owns the database {db}",
        "ALTER DATABASE {db} OWNER TO postgres; REVOKE ALL ON DATABASE {db} FROM {app}; \
         GRANT CONNECT ON DATABASE {db} TO {app}",
    ],
    [
        "CREATE SCHEMA elsewhere; ALTER SCHEMA elsewhere OWNER TO {app}",
        "the role {app} owns the schema elsewhere",
        "DROP SCHEMA elsewhere",
    ],
    // The wall.
    [
        "ALTER TABLE document DISABLE ROW LEVEL SECURITY",
        "row-level security does not hold for the table document",
        "ALTER TABLE document ENABLE ROW LEVEL SECURITY",
    ],
    [
        "ALTER TABLE document NO FORCE ROW LEVEL SECURITY",
        "row-level security does not hold for the table document",
        "ALTER TABLE document FORCE ROW LEVEL SECURITY",
    ],
    [
        "CREATE POLICY open ON document USING (true)",
        "the policy open on document is none that redtag-server made",
        "DROP POLICY open ON document",
    ],
    [
        "ALTER POLICY document_wall ON document USING (true)",
        "the policy document_wall on document was altered",
        "ALTER POLICY document_wall ON document USING (shop = this_shop())",
    ],
    [
        "ALTER POLICY document_wall ON document WITH CHECK (true)",
        "the policy document_wall on document was altered",
        "ALTER POLICY document_wall ON document WITH CHECK (shop = this_shop())",
    ],
    [
        "ALTER POLICY document_wall ON document TO {other}",
        "the policy document_wall on document was altered",
        "ALTER POLICY document_wall ON document TO PUBLIC",
    ],
    [
        "DROP POLICY head_wall ON head",
        "the policy head_wall on head is missing",
        "CREATE POLICY head_wall ON head USING (shop = this_shop()) WITH CHECK (shop = this_shop())",
    ],
    [
        "CREATE TABLE naked (shop uuid, id uuid)",
        "row-level security does not hold for the table naked",
        "DROP TABLE naked",
    ],
    [
        "CREATE TABLE aside (id uuid)",
        "the table aside in the schema redtag is none that redtag-server made",
        "DROP TABLE aside",
    ],
    [
        "CREATE MATERIALIZED VIEW copied AS SELECT * FROM document",
        "the table copied in the schema redtag is none that redtag-server made",
        "DROP MATERIALIZED VIEW copied",
    ],
    [
        "CREATE OR REPLACE FUNCTION every_shop() RETURNS boolean LANGUAGE sql STABLE \
         PARALLEL SAFE RETURN true",
        "the function every_shop, which the wall stands on, was altered",
        "CREATE OR REPLACE FUNCTION every_shop() RETURNS boolean LANGUAGE sql STABLE \
         PARALLEL SAFE RETURN coalesce(current_setting('app.every_shop', true), '') = 'on'",
    ],
    [
        "CREATE FUNCTION mighty() RETURNS bigint LANGUAGE sql SECURITY DEFINER \
         RETURN (SELECT count(*) FROM document)",
        "the function mighty in the schema redtag runs as its owner",
        "DROP FUNCTION mighty",
    ],
    [
        "CREATE VIEW peeping AS SELECT * FROM document",
        "the view peeping reads as its owner",
        "ALTER VIEW peeping SET (security_invoker = true)",
    ],
    [
        "ALTER TABLE event DISABLE TRIGGER event_kept",
        "the trigger event_kept on event is missing or disabled",
        "ALTER TABLE event ENABLE TRIGGER event_kept",
    ],
    [
        "CREATE OR REPLACE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RETURN new; END $$",
        "the function kept, which the wall stands on, was altered",
        "CREATE OR REPLACE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION '% is append-only', TG_TABLE_NAME \
         USING ERRCODE = 'integrity_constraint_violation'; END $$",
    ],
    [
        "CREATE OR REPLACE TRIGGER payload_kept BEFORE DELETE ON payload FOR EACH ROW \
         WHEN (old.body = '') EXECUTE FUNCTION kept()",
        "the trigger payload_kept on payload was altered",
        "CREATE OR REPLACE TRIGGER payload_kept BEFORE DELETE ON payload FOR EACH ROW \
         EXECUTE FUNCTION kept()",
    ],
    [
        "CREATE TRIGGER mine AFTER INSERT ON document FOR EACH ROW EXECUTE FUNCTION kept()",
        "the trigger mine on document is none that redtag-server made",
        "DROP TRIGGER mine ON document",
    ],
    [
        "CREATE RULE mine AS ON INSERT TO document DO ALSO NOTHING",
        "the rule mine on document turns statements into others",
        "DROP RULE mine ON document",
    ],
    // Rights.
    [
        "GRANT TRUNCATE ON document TO {app}",
        "must not, TRUNCATE, TRIGGER or REFERENCES on document",
        "REVOKE TRUNCATE ON document FROM {app}",
    ],
    [
        "GRANT TRIGGER ON document TO PUBLIC",
        "must not, TRUNCATE, TRIGGER or REFERENCES on document",
        "REVOKE TRIGGER ON document FROM PUBLIC",
    ],
    [
        "GRANT REFERENCES (id) ON document TO {app}",
        "must not, TRUNCATE, TRIGGER or REFERENCES on document",
        "REVOKE REFERENCES (id) ON document FROM {app}",
    ],
    [
        "GRANT DELETE ON head TO {app}",
        "must not, DELETE on head",
        "REVOKE DELETE ON head FROM {app}",
    ],
    [
        "GRANT UPDATE ON payload TO {app}",
        "UPDATE of seq on payload",
        "REVOKE UPDATE ON payload FROM {app}; GRANT UPDATE (body, digest) ON payload TO {app}",
    ],
    [
        "REVOKE INSERT ON document FROM {app}",
        "may not do what it must, INSERT on document",
        "GRANT INSERT ON document TO {app}",
    ],
    [
        "REVOKE UPDATE (body) ON document FROM {app}",
        "may not do what it must, UPDATE of body on document",
        "GRANT UPDATE (body) ON document TO {app}",
    ],
    [
        "REVOKE EXECUTE ON FUNCTION this_shop() FROM {app}",
        "the role may not call this_shop",
        "GRANT EXECUTE ON FUNCTION this_shop() TO {app}",
    ],
    [
        "GRANT CREATE ON SCHEMA redtag TO {app}",
        "the role may make things in the schema redtag",
        "REVOKE CREATE ON SCHEMA redtag FROM {app}",
    ],
    [
        "GRANT CREATE ON DATABASE {db} TO {app}",
        "the role may make schemas in the database {db}",
        "REVOKE CREATE ON DATABASE {db} FROM {app}",
    ],
    [
        "ALTER ROLE {app} IN DATABASE {db} SET search_path = public",
        "the search path is public",
        "ALTER ROLE {app} IN DATABASE {db} SET search_path = redtag, pg_temp",
    ],
    [
        "ALTER DATABASE {db} SET app.every_shop = on",
        "app.every_shop is set for every connection",
        "ALTER DATABASE {db} RESET app.every_shop",
    ],
    [
        "ALTER ROLE {app} IN DATABASE {db} SET role = {other}; GRANT {other} TO {app}",
        "the connection was made as {app} and acts as {other}",
        "ALTER ROLE {app} IN DATABASE {db} RESET role; REVOKE {other} FROM {app}",
    ],
];
