-- $1 version, $2 file name, $3 SHA-256 of the file
insert into schema_migrations (version, name, sha256) values ($1, $2, $3);
