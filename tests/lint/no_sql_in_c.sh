#!/bin/bash
# Statements live in sql/queries; a C file only names them. Transaction words and COPY by name of a query are allowed.
cd "$(dirname "$0")/../.." || exit 1
words='SELECT +[^"]|INSERT +INTO|UPDATE +[a-z_."]+ +SET|DELETE +FROM|(CREATE|ALTER|DROP) +(TABLE|INDEX|VIEW|ROLE)'
pattern="\"[^\"]*\\<($words)"
! grep -nE "$pattern" lib/*/*.[ch] cgi-bin/*.[ch]
