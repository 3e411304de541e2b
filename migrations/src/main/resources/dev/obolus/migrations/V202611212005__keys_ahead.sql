-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- A key for next month, asked for before its turn, may lie unused until just after it.
CREATE OR REPLACE FUNCTION audit_answer_key(asked bytea, for_chain bytea, said bytea, refused text, seconds integer)
  RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE obolus.audit_key_request
     SET chain = for_chain, answer = said, refusal = refused,
         expires_at = make_interval(secs => least(seconds, 600))
           + CASE WHEN said IS NULL THEN clock_timestamp()
                  ELSE greatest(clock_timestamp(),
                                least(make_timestamptz(epoch / 100, epoch % 100, 1, 0, 0, 0, 'UTC'),
                                      clock_timestamp() + interval '31 days')) END
   WHERE id = asked AND answer IS NULL AND refusal IS NULL;
  RETURN FOUND;
END $$;

-- Takes back what was issued to a gateway that is enrolled no more, or under keys that have changed
-- since: the chain cannot be opened after that. Emits how many. It only ever shortens.
CREATE FUNCTION audit_withdraw_keys(still_enrolled text[]) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  gone bigint;
BEGIN
  UPDATE obolus.audit_key_request AS asked SET expires_at = '-infinity'
   WHERE expires_at > clock_timestamp() AND enrolment <> ALL (still_enrolled)
     AND NOT EXISTS (SELECT FROM obolus.audit_head AS head WHERE head.chain = asked.chain);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION audit_withdraw_keys(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_withdraw_keys(text[]) TO obolus_gateway;
CREATE INDEX audit_key_request_expires ON audit_key_request (expires_at);
