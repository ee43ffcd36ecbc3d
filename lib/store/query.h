/* What one file of sql/queries/ becomes.

Each NAME.sql there holds one statement; sql/embed.sh turns it into `const struct db_query query_NAME`, declared in the
generated header "queries.h". The name is also the name under which a connection prepares it. */
#pragma once

struct db_query {
    const char *name; /* the file's name without .sql: unique, a C identifier, at most 63 bytes */
    const char *text; /* the statement without comment lines and without its last semicolon; parameters are $1, .. */
};
