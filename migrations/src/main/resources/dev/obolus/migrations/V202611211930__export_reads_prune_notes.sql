-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
-- An export carries the log's notes of prunes, and is written with the console's rights. A note is
-- signed for strangers: no personal value is in it.
GRANT SELECT ON audit_prune_note TO obolus_console;
