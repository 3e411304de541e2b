-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- A record of two to three kilobytes, most of it ciphertext, was compressed in vain and then moved
-- out of its row: a second table and index to write at each commit and to read at each
-- verification. Rows of up to a page now stay whole; what is longer moves out as it is.

ALTER TABLE audit_record
  ALTER COLUMN canonical SET STORAGE EXTERNAL,
  ALTER COLUMN person_value SET STORAGE EXTERNAL,
  ALTER COLUMN statement_value SET STORAGE EXTERNAL,
  ALTER COLUMN obligations_value SET STORAGE EXTERNAL,
  ALTER COLUMN inputs_value SET STORAGE EXTERNAL;

DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'obolus.audit_record'::regclass LOOP
    EXECUTE format('ALTER TABLE %s SET (toast_tuple_target = 8160)', part);
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION audit_ensure_epoch(wanted integer) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  starts date;
  part   text;
BEGIN
  IF wanted IS NULL OR wanted / 100 NOT BETWEEN 2000 AND 9999 OR wanted % 100 NOT BETWEEN 1 AND 12 THEN
    RAISE EXCEPTION 'not an epoch: %', wanted USING ERRCODE = 'OB002';
  END IF;
  starts := make_date(wanted / 100, wanted % 100, 1);
  part := 'audit_record_' || wanted;
  IF to_regclass('obolus.' || part) IS NOT NULL THEN
    RETURN;
  END IF;
  IF starts NOT BETWEEN (now() AT TIME ZONE 'UTC')::date - 62 AND (now() AT TIME ZONE 'UTC')::date + 62 THEN
    RAISE EXCEPTION 'not the present epoch: %', wanted USING ERRCODE = 'OB002';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('obolus.audit_ensure_epoch'));
  EXECUTE format(
    'CREATE TABLE IF NOT EXISTS obolus.%I PARTITION OF obolus.audit_record FOR VALUES FROM (%s) TO (%s) WITH (toast_tuple_target = 8160)',
    part, wanted, wanted + 1);
END $$;
