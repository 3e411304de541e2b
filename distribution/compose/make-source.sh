#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Run by the PostgreSQL image when it makes the offline world's cluster: the database that stands in
# for a catalogue, and its owner, who makes a role for each person.
set -eu
psql -v ON_ERROR_STOP=1 -q --username "$POSTGRES_USER" -v password="$(cat /keys/sandbox_owner.password)" <<'SQL'
CREATE ROLE sandbox_owner LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE main OWNER sandbox_owner;
REVOKE ALL ON DATABASE main FROM PUBLIC;
SQL
