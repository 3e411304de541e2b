-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- The audit log. Gateways may add records through the parent table and read; nothing else. The
-- head of each chain is moved by a trigger alone, which refuses what does not continue it.

-- One row a record. What was hashed is "canonical", byte for byte; the columns before it are for
-- searching and are derived from it again by every verification. The columns after "mac" hold the
-- personal values with their salts: the canonical bytes hold only commitments to them.
CREATE TABLE audit_record (
  epoch             integer  NOT NULL,
  chain             bytea    NOT NULL CHECK (octet_length(chain) = 16),
  seq               bigint   NOT NULL CHECK (seq >= 1),
  tenant            text     NOT NULL,
  tenant_seq        bigint   NOT NULL CHECK (tenant_seq >= 1),
  event_id          uuid     NOT NULL,
  key_id            text     NOT NULL,
  at_us             bigint   NOT NULL,
  code              text     NOT NULL,
  event             text     NOT NULL,
  effect            text,
  decision_id       text,
  person            text     NOT NULL,
  client            text,
  connector         text,
  resources         text[]   NOT NULL,
  reasons           text[]   NOT NULL,
  canonical         bytea    NOT NULL,
  leaf              bytea    NOT NULL CHECK (octet_length(leaf) = 32),
  prev_mac          bytea    NOT NULL CHECK (octet_length(prev_mac) = 32),
  mac               bytea    NOT NULL CHECK (octet_length(mac) = 32),
  person_value      bytea,
  person_salt       bytea,
  statement_value   bytea,
  statement_salt    bytea,
  obligations_value bytea,
  obligations_salt  bytea,
  inputs_value      bytea,
  inputs_salt       bytea,
  PRIMARY KEY (chain, seq, epoch)
) PARTITION BY RANGE (epoch);

CREATE INDEX audit_record_at ON audit_record (at_us);
CREATE INDEX audit_record_decision ON audit_record (decision_id) WHERE decision_id IS NOT NULL;

-- One row a chain: its newest record. Updated in place at every commit, hence the fill factor.
CREATE TABLE audit_head (
  chain      bytea       PRIMARY KEY CHECK (octet_length(chain) = 16),
  epoch      integer     NOT NULL,
  seq        bigint      NOT NULL,
  mac        bytea       NOT NULL,
  opened_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

-- Moves the head by compare-and-set. SQLSTATE OB001: the rows do not continue the chain, which
-- also means that another writer has it.
CREATE FUNCTION audit_advance_head() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  batch record;
BEGIN
  SELECT count(*) AS rows, count(DISTINCT chain) AS chains, count(DISTINCT epoch) AS epochs,
         min(seq) AS first_seq, max(seq) AS last_seq,
         bool_and(prev_mac = before) AS linked
    INTO batch
    FROM (SELECT chain, epoch, seq, prev_mac,
                 coalesce(lag(mac) OVER (ORDER BY seq), prev_mac) AS before
            FROM added) AS linking;
  IF batch.rows = 0 THEN
    RETURN NULL;
  END IF;
  IF batch.chains <> 1 OR batch.epochs <> 1 OR NOT batch.linked
     OR batch.last_seq - batch.first_seq + 1 <> batch.rows THEN
    RAISE EXCEPTION 'the records do not follow one another' USING ERRCODE = 'OB001';
  END IF;
  IF batch.first_seq = 1 THEN
    INSERT INTO obolus.audit_head (chain, epoch, seq, mac)
      SELECT last.chain, last.epoch, last.seq, last.mac
        FROM added AS first, added AS last
       WHERE first.seq = 1 AND first.prev_mac = decode(repeat('00', 32), 'hex')
         AND last.seq = batch.last_seq
      ON CONFLICT (chain) DO NOTHING;
  ELSE
    UPDATE obolus.audit_head AS head
       SET seq = last.seq, mac = last.mac, changed_at = clock_timestamp()
      FROM added AS first, added AS last
     WHERE first.seq = batch.first_seq AND last.seq = batch.last_seq
       AND head.chain = first.chain AND head.epoch = first.epoch
       AND head.seq = batch.first_seq - 1 AND head.mac = first.prev_mac;
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the records do not continue the chain' USING ERRCODE = 'OB001';
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION audit_advance_head() FROM PUBLIC;

CREATE TRIGGER audit_advance_head AFTER INSERT ON audit_record
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION audit_advance_head();

-- A gateway may not create tables; it asks for the partition of an epoch (a month of UTC, written
-- yyyymm) that is now or next.
CREATE FUNCTION audit_ensure_epoch(wanted integer) RETURNS void
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
    'CREATE TABLE IF NOT EXISTS obolus.%I PARTITION OF obolus.audit_record FOR VALUES FROM (%s) TO (%s)',
    part, wanted, wanted + 1);
END $$;
REVOKE ALL ON FUNCTION audit_ensure_epoch(integer) FROM PUBLIC;

-- What readers see: no personal value and no salt. The barrier keeps a reader's own functions from
-- being run on rows that the view's condition would withhold.
CREATE VIEW audit_log WITH (security_barrier) AS
  SELECT epoch, chain, seq, tenant, tenant_seq, event_id, key_id, at_us, code, event, effect,
         decision_id, person, client, connector, resources, reasons, canonical, leaf, prev_mac, mac
    FROM audit_record;

CREATE VIEW audit_chain WITH (security_barrier) AS
  SELECT chain, epoch, seq, mac, opened_at, changed_at FROM audit_head;

CREATE VIEW schema_version WITH (security_barrier) AS
  SELECT max(version) AS version FROM flyway_schema_history WHERE success AND version IS NOT NULL;

GRANT USAGE ON SCHEMA obolus TO obolus_gateway, obolus_console;
GRANT INSERT, SELECT ON audit_record TO obolus_gateway;
GRANT SELECT ON audit_head TO obolus_gateway;
GRANT EXECUTE ON FUNCTION audit_ensure_epoch(integer) TO obolus_gateway;
GRANT SELECT ON audit_log, audit_chain, schema_version TO obolus_gateway, obolus_console;
