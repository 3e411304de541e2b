-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- Both of these read bytes that anybody with the gateway's password may have written: whatever they
-- say, the functions end. All erasures on record are looked at together, so that one which was
-- crafted must not hold up the others.
CREATE OR REPLACE FUNCTION audit_destroy_keys(by_chain bytea, by_seq bigint) RETURNS bigint
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
    IF size NOT BETWEEN 0 AND octet_length(bytes) - at - 7 THEN
      RETURN gone;
    ELSIF get_byte(bytes, at) * 256 + get_byte(bytes, at + 1) = 85 THEN
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

CREATE OR REPLACE FUNCTION audit_texts(list bytea) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  at    integer := 1;
  size  integer;
  found text[] := '{}';
BEGIN
  WHILE at + 3 <= octet_length(list) LOOP
    size := ('x' || encode(substring(list FROM at FOR 4), 'hex'))::bit(32)::integer;
    IF size NOT BETWEEN 0 AND octet_length(list) - at - 3 THEN
      RAISE EXCEPTION 'not a list of texts' USING ERRCODE = 'OB003';
    END IF;
    found := found || convert_from(substring(list FROM at + 4 FOR size), 'UTF8');
    at := at + 4 + size;
  END LOOP;
  RETURN found;
END $$;
