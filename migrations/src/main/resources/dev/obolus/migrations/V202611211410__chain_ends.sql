-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- Chains that have ended take nothing more. A chain ends by its own last record, or by a successor
-- that found its gateway gone.

ALTER TABLE audit_head ADD COLUMN ended boolean NOT NULL DEFAULT false;
UPDATE audit_head AS head SET ended = true
  FROM audit_record AS last
 WHERE last.chain = head.chain AND last.seq = head.seq AND last.epoch = head.epoch
   AND last.code = 'OBO0002A';
CREATE INDEX audit_head_open ON audit_head (chain) WHERE NOT ended;

-- Moves the head by compare-and-set. SQLSTATE OB001: the rows do not continue the chain, which
-- also means that another writer has it, or has ended it.
CREATE OR REPLACE FUNCTION audit_advance_head() RETURNS trigger
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
    INSERT INTO obolus.audit_head (chain, epoch, seq, mac, ended)
      SELECT last.chain, last.epoch, last.seq, last.mac, last.code = 'OBO0002A'
        FROM added AS first, added AS last
       WHERE first.seq = 1 AND first.prev_mac = decode(repeat('00', 32), 'hex')
         AND last.seq = batch.last_seq
      ON CONFLICT (chain) DO NOTHING;
  ELSE
    UPDATE obolus.audit_head AS head
       SET seq = last.seq, mac = last.mac, ended = last.code = 'OBO0002A',
           changed_at = clock_timestamp()
      FROM added AS first, added AS last
     WHERE first.seq = batch.first_seq AND last.seq = batch.last_seq
       AND head.chain = first.chain AND head.epoch = first.epoch
       AND head.seq = batch.first_seq - 1 AND head.mac = first.prev_mac
       AND NOT head.ended;
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the records do not continue the chain' USING ERRCODE = 'OB001';
  END IF;
  RETURN NULL;
END $$;

-- A gateway's session holds this advisory lock for as long as it writes the chain.
CREATE FUNCTION audit_chain_lock(chain bytea) RETURNS bigint
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT ('x' || encode(substr(chain, 1, 8), 'hex'))::bit(64)::bigint
$$;

-- Whether some session writes the chain.
CREATE FUNCTION audit_chain_held(chain bytea) RETURNS boolean
  LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM pg_locks
     WHERE locktype = 'advisory' AND objsubid = 1
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND classid = ((obolus.audit_chain_lock($1) >> 32) & 4294967295)::oid
       AND objid = (obolus.audit_chain_lock($1) & 4294967295)::oid)
$$;

-- Ends a chain that nobody holds, by compare-and-set: true for one caller only. To be called in the
-- transaction that adds the tombstone.
CREATE FUNCTION audit_end_chain(left_chain bytea, left_seq bigint, left_mac bytea) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF obolus.audit_chain_held(left_chain) THEN
    RETURN false;
  END IF;
  UPDATE obolus.audit_head SET ended = true
   WHERE chain = left_chain AND seq = left_seq AND mac = left_mac AND NOT ended;
  RETURN FOUND;
END $$;

REVOKE ALL ON FUNCTION audit_chain_lock(bytea), audit_chain_held(bytea),
  audit_end_chain(bytea, bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_chain_lock(bytea), audit_chain_held(bytea),
  audit_end_chain(bytea, bigint, bytea) TO obolus_gateway;
