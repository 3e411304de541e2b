-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- Personal values are stored encrypted from here on: nonce, ciphertext and tag in the "_value"
-- columns, the salt inside. Their keys lie here, each wrapped by a key-encryption key that the
-- database never sees. Keep this table out of long-lived backups, or rotate the key-encryption key:
-- the documents say how.
CREATE TABLE audit_value_key (
  name       bytea       PRIMARY KEY CHECK (octet_length(name) = 32),
  subject    bytea       NOT NULL CHECK (octet_length(subject) = 32),
  period     integer     NOT NULL,
  kek        text        NOT NULL,
  wrapped    bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (subject, period)
);

-- Keys are destroyed only by the record that says so: code OBO3003A, their names in field 85 of its
-- bytes (7 bytes of number, kind and length before each field). Who writes a false one leaves it in
-- the log, where a verification finds it.
CREATE FUNCTION audit_destroy_keys(by_chain bytea, by_seq bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  bytes  bytea;
  at     integer := 4;
  size   integer;
  gone   bigint := 0;
BEGIN
  SELECT canonical INTO bytes FROM obolus.audit_record
   WHERE chain = by_chain AND seq = by_seq AND code = 'OBO3003A';
  WHILE at + 7 <= octet_length(bytes) LOOP
    size := ('x' || encode(substring(bytes FROM at + 4 FOR 4), 'hex'))::bit(32)::integer;
    IF get_byte(bytes, at) * 256 + get_byte(bytes, at + 1) = 85 THEN
      DELETE FROM obolus.audit_value_key
       WHERE name IN (SELECT substring(bytes FROM at + 8 + 32 * i FOR 32)
                        FROM generate_series(0, size / 32 - 1) AS i);
      GET DIAGNOSTICS gone = ROW_COUNT;
      RETURN gone;
    END IF;
    at := at + 7 + size;
  END LOOP;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION audit_destroy_keys(bytea, bigint) FROM PUBLIC;

-- A verification looks for these first.
CREATE INDEX audit_record_erased ON audit_record (chain, seq) WHERE event = 'erased';

GRANT SELECT, INSERT, UPDATE (kek, wrapped) ON audit_value_key TO obolus_gateway;
GRANT EXECUTE ON FUNCTION audit_destroy_keys(bytea, bigint) TO obolus_gateway;
