-- The three roles of Heartline, made by the superuser once and again without harm. Nobody has a password: everyone comes
-- over the Unix socket and is known by the operating system (peer).
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['heartline_owner', 'heartline_app', 'heartline_read'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', wanted);
        END IF;
    END LOOP;
END
$$;

COMMENT ON ROLE heartline_owner IS 'Owns the database and its schema; used by heartline migrate only.';
COMMENT ON ROLE heartline_app IS 'The workers: reads and writes rows, cannot change the schema.';
COMMENT ON ROLE heartline_read IS 'People in psql: reads, never writes.';

SELECT 'CREATE DATABASE heartline OWNER heartline_owner ENCODING ''UTF8'' LC_COLLATE ''C.UTF-8'' LC_CTYPE ''C.UTF-8'' TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'heartline')
\gexec

REVOKE ALL ON DATABASE heartline FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE heartline TO heartline_app;
GRANT CONNECT, TEMPORARY ON DATABASE heartline TO heartline_read;

-- A client waits five seconds for an answer; a statement that takes longer than that answers nobody.
ALTER ROLE heartline_app SET statement_timeout = '5s';
