-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- What the query grammar asks for, as columns: copies of sealed fields, derived again by every
-- verification, as the earlier ones are.
--
-- No index comes with them. Every search is bounded in time by audit_record_at and looks at so many
-- rows at once (audit_look_back, audit_look_ahead), newest first, so what an index would save is a
-- part of one short scan; what it would cost is paid by every commit: a further B-tree 15 to 25 % of
-- the rows a second at 64 to 256 rows a batch, a GIN index over the arrays more, since a record has
-- several labels. A BRIN index by time finds nothing that the B-tree by time does not, and says
-- nothing of agents or labels, which are as mixed in each block as in the whole table. Decisions are
-- found by audit_record_decision, places by the primary key.

ALTER TABLE audit_record
  ADD COLUMN agent        text,
  ADD COLUMN action       text,
  ADD COLUMN action_class text,
  ADD COLUMN lane         text,
  ADD COLUMN labels       text[] NOT NULL DEFAULT '{}',
  ADD COLUMN purpose      text,
  ADD COLUMN conversation text,
  ADD COLUMN token_id     text,
  ADD COLUMN revision     text,
  ADD COLUMN took_us      bigint;

-- A field of canonical bytes: after four bytes, for each number (2), kind (1), length (4), content.
CREATE FUNCTION audit_sealed_field(canonical bytea, wanted integer) RETURNS bytea
  LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  at   integer := 4;
  size integer;
BEGIN
  WHILE at + 7 <= octet_length(canonical) LOOP
    size := ('x' || encode(substring(canonical FROM at + 4 FOR 4), 'hex'))::bit(32)::integer;
    IF get_byte(canonical, at) * 256 + get_byte(canonical, at + 1) = wanted THEN
      RETURN substring(canonical FROM at + 8 FOR size);
    END IF;
    at := at + 7 + size;
  END LOOP;
  RETURN NULL;
END $$;

-- Text that PostgreSQL can hold: U+FFFD for U+0000.
CREATE FUNCTION audit_sealed_text(canonical bytea, wanted integer) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN position('\x00'::bytea IN field) = 0 THEN convert_from(field, 'UTF8')
              ELSE (SELECT convert_from(string_agg(
                             CASE WHEN get_byte(field, i) = 0 THEN '\xefbfbd'::bytea
                                  ELSE substring(field FROM i + 1 FOR 1) END, ''::bytea ORDER BY i),
                           'UTF8')
                      FROM generate_series(0, octet_length(field) - 1) AS i) END
    FROM (SELECT obolus.audit_sealed_field(canonical, wanted) AS field) AS found
$$;

-- The labels of field 29, of each resource and then of its columns, each once.
CREATE FUNCTION audit_sealed_labels(canonical bytea) RETURNS text[]
  LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(array_agg(label ORDER BY first), '{}')
    FROM (SELECT label, min(ARRAY[r, c, l]) AS first
            FROM json_array_elements(
                   replace(obolus.audit_sealed_text(canonical, 29), '\u0000', '\ufffd')::json)
                   WITH ORDINALITY AS resource(touched, r),
                 LATERAL (SELECT 0::bigint AS c, touched AS labelled
                          UNION ALL
                          SELECT c, one FROM json_array_elements(touched -> 'columns')
                                          WITH ORDINALITY AS col(one, c)) AS part,
                 json_array_elements_text(labelled -> 'labels') WITH ORDINALITY AS own(label, l)
           GROUP BY label) AS once
$$;

UPDATE audit_record
   SET agent        = obolus.audit_sealed_text(canonical, 20),
       action       = coalesce(obolus.audit_sealed_text(canonical, 26),
                               obolus.audit_sealed_text(canonical, 73)),
       action_class = obolus.audit_sealed_text(canonical, 27),
       lane         = obolus.audit_sealed_text(canonical, 23),
       labels       = obolus.audit_sealed_labels(canonical),
       purpose      = obolus.audit_sealed_text(canonical, 30),
       conversation = obolus.audit_sealed_text(canonical, 31),
       token_id     = obolus.audit_sealed_text(canonical, 33),
       revision     = obolus.audit_sealed_text(canonical, 39),
       took_us      = ('x' || encode(obolus.audit_sealed_field(canonical, 41), 'hex'))::bit(64)::bigint;

DROP FUNCTION audit_sealed_labels(bytea);
DROP FUNCTION audit_sealed_text(bytea, integer);
DROP FUNCTION audit_sealed_field(bytea, integer);

CREATE OR REPLACE VIEW audit_log WITH (security_barrier) AS
  SELECT epoch, chain, seq, tenant, tenant_seq, event_id, key_id, at_us, code, event, effect,
         decision_id, person, client, connector, resources, reasons, canonical, leaf, prev_mac, mac,
         agent, action, action_class, lane, labels, purpose, conversation, token_id, revision,
         took_us
    FROM audit_record;
GRANT SELECT ON audit_log TO obolus_gateway, obolus_console;

-- A search goes through the log in stretches of so many rows. These tell where a stretch ends: the
-- time of the row so many before (after) a time, or nothing where there are fewer. They read the
-- index by time, which a query through the view cannot read in order, and tell times only.
CREATE FUNCTION audit_look_back(before_us bigint, so_many integer) RETURNS bigint
  LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT at_us FROM obolus.audit_record WHERE at_us <= before_us
   ORDER BY at_us DESC OFFSET least(so_many, 100000) LIMIT 1
$$;
CREATE FUNCTION audit_look_ahead(after_us bigint, so_many integer) RETURNS bigint
  LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT at_us FROM obolus.audit_record WHERE at_us >= after_us
   ORDER BY at_us OFFSET least(so_many, 100000) LIMIT 1
$$;
REVOKE ALL ON FUNCTION audit_look_back(bigint, integer), audit_look_ahead(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_look_back(bigint, integer), audit_look_ahead(bigint, integer)
  TO obolus_gateway, obolus_console;
