#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Run by the PostgreSQL image when it makes a new cluster: the three roles and the database. What
# each role may do is granted by the migrations, which the owner runs.
set -eu
for role in obolus_owner obolus_gateway obolus_console; do
  psql -v ON_ERROR_STOP=1 -q --username "$POSTGRES_USER" -v role="$role" -v password="$(cat "/keys/$role.password")" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
SQL
done
psql -v ON_ERROR_STOP=1 -q --username "$POSTGRES_USER" <<'SQL'
CREATE DATABASE obolus OWNER obolus_owner;
REVOKE ALL ON DATABASE obolus FROM PUBLIC;
GRANT CONNECT ON DATABASE obolus TO obolus_gateway, obolus_console;
SQL
