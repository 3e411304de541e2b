-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- Records that were kept long enough may leave the log: those that a sealed record names, once the
-- log has signed a note of it. The record, the note, every leaf of the tree and the heads stay.

-- A note of each record of code OBO3004A, made when the record entered the tree. Kept forever.
CREATE TABLE audit_prune_note (
  chain     bytea  NOT NULL CHECK (octet_length(chain) = 16),
  seq       bigint NOT NULL CHECK (seq >= 1),
  signed_us bigint NOT NULL,
  note      text   NOT NULL,
  PRIMARY KEY (chain, seq)
);
GRANT INSERT, SELECT ON audit_prune_note TO obolus_gateway;

-- A verification looks for these first.
CREATE INDEX audit_record_pruned ON audit_record (chain, seq) WHERE event = 'pruned';

-- A field's content in canonical bytes: 7 bytes of number, kind and length stand before each.
CREATE FUNCTION audit_field(canonical bytea, number integer) RETURNS bytea
  LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  at   integer := 4;
  size integer;
BEGIN
  WHILE at + 7 <= octet_length(canonical) LOOP
    size := ('x' || encode(substring(canonical FROM at + 4 FOR 4), 'hex'))::bit(32)::integer;
    IF size < 0 OR get_byte(canonical, at) * 256 + get_byte(canonical, at + 1) > number THEN
      RETURN NULL;
    ELSIF get_byte(canonical, at) * 256 + get_byte(canonical, at + 1) = number THEN
      RETURN substring(canonical FROM at + 8 FOR size);
    END IF;
    at := at + 7 + size;
  END LOOP;
  RETURN NULL;
END $$;

-- The texts of a list: four bytes of length stand before each.
CREATE FUNCTION audit_texts(list bytea) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  at    integer := 1;
  size  integer;
  found text[] := '{}';
BEGIN
  WHILE at + 3 <= octet_length(list) LOOP
    size := ('x' || encode(substring(list FROM at FOR 4), 'hex'))::bit(32)::integer;
    found := found || convert_from(substring(list FROM at + 4 FOR size), 'UTF8');
    at := at + 4 + size;
  END LOOP;
  RETURN found;
END $$;

-- Removes what the record at that place names, and nothing else: records of the tenants in field
-- 105, of the chains in field 106, of the epoch in field 104, but no erasure. All of it or, if
-- anything is otherwise than the record says, nothing (SQLSTATE OB003). Doing it again does no harm.
-- For the owner, and for whom the owner grants it; never for a gateway. What stays of the month is
-- set aside and put back, so that the disk's room comes free at once; only that month is locked.
CREATE FUNCTION audit_prune(by_chain bytea, by_seq bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  SET lock_timeout = '30s' AS $$
DECLARE
  sealed  bytea;
  month   integer;
  tenants text[];
  part    text;
  columns text;
  gone    bigint;
BEGIN
  SELECT canonical INTO sealed FROM obolus.audit_record
   WHERE chain = by_chain AND seq = by_seq AND code = 'OBO3004A' AND event = 'pruned';
  IF sealed IS NULL OR NOT EXISTS (
       SELECT FROM obolus.audit_prune_note AS note WHERE note.chain = by_chain AND note.seq = by_seq) THEN
    RAISE EXCEPTION 'there is no signed record of a prune at that place' USING ERRCODE = 'OB003';
  END IF;
  month := ('x' || encode(obolus.audit_field(sealed, 104), 'hex'))::bit(64)::bigint;
  tenants := array_remove(obolus.audit_texts(obolus.audit_field(sealed, 105)), '-');
  part := 'audit_record_' || month;
  IF month >= to_char(now() AT TIME ZONE 'UTC', 'YYYYMM')::integer
     OR to_regclass('obolus.' || part) IS NULL THEN
    RAISE EXCEPTION 'that month cannot be pruned: %', month USING ERRCODE = 'OB003';
  END IF;
  EXECUTE format('LOCK TABLE obolus.%I IN ACCESS EXCLUSIVE MODE', part);

  CREATE TEMP TABLE audit_prune_chain ON COMMIT DROP AS
    SELECT decode(split_part(line, ' ', 1), 'hex') AS chain, split_part(line, ' ', 2)::bigint AS head,
           decode(split_part(line, ' ', 3), 'hex') AS mac, split_part(line, ' ', 4)::bigint AS first_seq,
           split_part(line, ' ', 5)::bigint AS last_seq, split_part(line, ' ', 6)::bigint AS records
      FROM unnest(obolus.audit_texts(obolus.audit_field(sealed, 106))) AS line;
  EXECUTE format(
    'CREATE TEMP TABLE audit_prune_kept ON COMMIT DROP AS SELECT * FROM obolus.%I AS r'
    || ' WHERE NOT (r.tenant = ANY ($1) AND r.event <> ''erased'''
    || ' AND r.chain IN (SELECT chain FROM pg_temp.audit_prune_chain))', part)
    USING tenants;
  EXECUTE format(
    'SELECT (SELECT count(*) FROM obolus.%I) - (SELECT count(*) FROM pg_temp.audit_prune_kept)', part)
    INTO gone;
  IF EXISTS (
       SELECT FROM pg_temp.audit_prune_chain AS named
         LEFT JOIN obolus.audit_head AS head
           ON head.chain = named.chain AND head.seq = named.head AND head.mac = named.mac
          AND head.epoch = month AND head.ended
        WHERE head.chain IS NULL OR named.records IS DISTINCT FROM named.head
              - (SELECT count(*) FROM pg_temp.audit_prune_kept AS kept WHERE kept.chain = named.chain)) THEN
    RAISE EXCEPTION 'the log is not as the record of the prune says' USING ERRCODE = 'OB003';
  END IF;
  IF gone > 0 THEN
    EXECUTE format('TRUNCATE obolus.%I', part);
    SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
     WHERE attrelid = 'obolus.audit_record'::regclass AND attnum > 0 AND NOT attisdropped
       AND attgenerated = '';
    EXECUTE format('INSERT INTO obolus.%I (%s) SELECT %s FROM pg_temp.audit_prune_kept',
                   part, columns, columns);
  END IF;
  DROP TABLE pg_temp.audit_prune_kept, pg_temp.audit_prune_chain;
  RETURN gone;
END $$;

REVOKE ALL ON FUNCTION audit_field(bytea, integer), audit_texts(bytea), audit_prune(bytea, bigint)
  FROM PUBLIC;

-- A partition is made apart and attached then, so that neither a long verification nor the writers of
-- the present month stand in its way: to make it in place would lock the whole log.
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
  IF to_regclass('obolus.' || part) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format(
    'CREATE TABLE obolus.%I (LIKE obolus.audit_record INCLUDING ALL EXCLUDING INDEXES)'
    || ' WITH (toast_tuple_target = 8160)', part);
  EXECUTE format(
    'ALTER TABLE obolus.audit_record ATTACH PARTITION obolus.%I FOR VALUES FROM (%s) TO (%s)',
    part, wanted, wanted + 1);
END $$;
