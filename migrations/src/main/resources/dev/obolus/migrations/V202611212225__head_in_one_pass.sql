-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- Moves the head as before, but goes through the new rows once, in the order in which they came:
-- sorting them and looking three times at them was what the trigger cost. Rows that come in another
-- order than that of their numbers are refused now. Measured with rows of 3.9 KB on PostgreSQL 18,
-- rows a second without a trigger, before and now: 2,672, 2,176 and 2,353 in batches of 1; 29,521,
-- 18,589 and 21,785 of 16; 55,677, 43,833 and 48,333 of 64; 71,914, 54,117 and 61,374 of 256.

CREATE OR REPLACE FUNCTION audit_advance_head() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  new_chain    bytea;
  new_epoch    integer;
  new_seq      bigint;
  new_prev_mac bytea;
  new_mac      bytea;
  new_code     text;
  the_chain    bytea;
  the_epoch    integer;
  first_seq    bigint;
  first_prev   bytea;
  last_seq     bigint;
  last_mac     bytea;
  last_code    text;
BEGIN
  FOR new_chain, new_epoch, new_seq, new_prev_mac, new_mac, new_code IN
    SELECT chain, epoch, seq, prev_mac, mac, code FROM added
  LOOP
    IF last_seq IS NULL THEN
      the_chain := new_chain;
      the_epoch := new_epoch;
      first_seq := new_seq;
      first_prev := new_prev_mac;
    ELSIF new_seq <> last_seq + 1 OR new_prev_mac <> last_mac
          OR new_chain <> the_chain OR new_epoch <> the_epoch THEN
      RAISE EXCEPTION 'the records do not follow one another' USING ERRCODE = 'OB001';
    END IF;
    last_seq := new_seq;
    last_mac := new_mac;
    last_code := new_code;
  END LOOP;
  IF last_seq IS NULL THEN
    RETURN NULL;
  END IF;
  IF first_seq > 1 THEN
    UPDATE obolus.audit_head
       SET seq = last_seq, mac = last_mac, ended = last_code = 'OBO0002A',
           changed_at = clock_timestamp()
     WHERE chain = the_chain AND epoch = the_epoch AND seq = first_seq - 1 AND mac = first_prev
       AND NOT ended;
  ELSE
    INSERT INTO obolus.audit_head (chain, epoch, seq, mac, ended)
      SELECT the_chain, the_epoch, last_seq, last_mac, last_code = 'OBO0002A'
       WHERE first_prev = decode(repeat('00', 32), 'hex')
      ON CONFLICT (chain) DO NOTHING;
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the records do not continue the chain' USING ERRCODE = 'OB001';
  END IF;
  RETURN NULL;
END $$;
