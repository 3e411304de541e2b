-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- Who follows the log asks five times a second for the heads of the chains that may still grow, and
-- of those opened a moment ago, which may have ended since: both by an index that no commit touches.

CREATE INDEX audit_head_opened ON audit_head (opened_at);

CREATE OR REPLACE VIEW audit_chain WITH (security_barrier) AS
  SELECT chain, epoch, seq, mac, opened_at, changed_at, ended FROM audit_head;
