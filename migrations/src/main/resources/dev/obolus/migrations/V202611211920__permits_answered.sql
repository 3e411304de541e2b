-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- How far a chain that has ended was looked through, from its newest record to its first, for
-- permits without an outcome: each from here on has one. At 1 nothing is left to look for.
ALTER TABLE audit_head ADD COLUMN answered_from bigint NOT NULL DEFAULT 9223372036854775807;
CREATE INDEX audit_head_unanswered ON audit_head (chain) WHERE answered_from > 1;

-- Looks by compare-and-set: true for one caller only. To be called in the transaction that adds the
-- outcomes. An index, and no more: a permit that is passed over is listed by every verification.
CREATE FUNCTION audit_permits_answered(of_chain bytea, before bigint, after bigint)
  RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE obolus.audit_head SET answered_from = after
   WHERE chain = of_chain AND ended AND answered_from = before AND after BETWEEN 1 AND before - 1;
  RETURN FOUND;
END $$;
REVOKE ALL ON FUNCTION audit_permits_answered(bytea, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_permits_answered(bytea, bigint, bigint) TO obolus_gateway;
