-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- A gateway that does not hold the root key asks the log's signer for the key of each chain that it
-- opens. What is in these rows is signed, encrypted for the asking process, or public.
CREATE TABLE audit_key_request (
  id         bytea       PRIMARY KEY CHECK (octet_length(id) = 16),
  enrolment  text        NOT NULL CHECK (length(enrolment) = 8),
  epoch      integer     NOT NULL,
  public_key bytea       NOT NULL CHECK (octet_length(public_key) = 44),
  mac        bytea       NOT NULL CHECK (octet_length(mac) = 32),
  asked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  chain      bytea       UNIQUE CHECK (octet_length(chain) = 16),
  answer     bytea,
  refusal    text,
  expires_at timestamptz
);
CREATE INDEX audit_key_request_open ON audit_key_request (asked_at)
  WHERE answer IS NULL AND refusal IS NULL;

-- Answers a request, once. How long the key may lie unused is counted from here, by this clock.
CREATE FUNCTION audit_answer_key(asked bytea, for_chain bytea, said bytea, refused text, seconds integer)
  RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE obolus.audit_key_request
     SET chain = for_chain, answer = said, refusal = refused,
         expires_at = clock_timestamp() + make_interval(secs => least(seconds, 600))
   WHERE id = asked AND answer IS NULL AND refusal IS NULL;
  RETURN FOUND;
END $$;
REVOKE ALL ON FUNCTION audit_answer_key(bytea, bytea, bytea, text, integer) FROM PUBLIC;

-- A chain is opened before its key expires, or never. SQLSTATE OB003.
CREATE FUNCTION audit_key_in_time() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM obolus.audit_key_request
              WHERE chain = NEW.chain AND expires_at < clock_timestamp()) THEN
    RAISE EXCEPTION 'the key of this chain has expired' USING ERRCODE = 'OB003';
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION audit_key_in_time() FROM PUBLIC;

CREATE TRIGGER audit_key_in_time BEFORE INSERT ON audit_head
  FOR EACH ROW EXECUTE FUNCTION audit_key_in_time();

GRANT SELECT, INSERT (id, enrolment, epoch, public_key, mac) ON audit_key_request TO obolus_gateway;
GRANT EXECUTE ON FUNCTION audit_answer_key(bytea, bytea, bytea, text, integer) TO obolus_gateway;
