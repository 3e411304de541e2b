-- SPDX-License-Identifier: Apache-2.0
-- The sandbox's data: made up, the same on every machine.

-- Functions that mean at Databricks something else than in PostgreSQL.
CREATE SCHEMA spark;
CREATE FUNCTION spark.concat(VARIADIC parts text[]) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN array_position(parts, NULL) IS NULL THEN array_to_string(parts, '') END;
CREATE FUNCTION spark.repeat(t text, n integer) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN pg_catalog.repeat(t, n);
CREATE FUNCTION spark.length(t text) RETURNS integer LANGUAGE sql IMMUTABLE
  RETURN char_length(t);
CREATE FUNCTION spark."left"(t text, n integer) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN n <= 0 THEN '' ELSE pg_catalog."left"(t, n) END;
CREATE FUNCTION spark."right"(t text, n integer) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN n <= 0 THEN '' ELSE pg_catalog."right"(t, n) END;
CREATE FUNCTION spark.substring(t text, start integer, n integer) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN start > 0 THEN pg_catalog.substr(t, start, greatest(n, 0)) END;
CREATE FUNCTION spark.contains(t text, part text) RETURNS boolean LANGUAGE sql IMMUTABLE
  RETURN pg_catalog.strpos(t, part) > 0;
CREATE FUNCTION spark.startswith(t text, part text) RETURNS boolean LANGUAGE sql IMMUTABLE
  RETURN pg_catalog.starts_with(t, part);
CREATE FUNCTION spark.endswith(t text, part text) RETURNS boolean LANGUAGE sql IMMUTABLE
  RETURN pg_catalog."right"(t, char_length(part)) = part;

CREATE OPERATOR spark.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_catalog.textcat);

-- CAST(… AS STRING): a type without its own line here is refused, not guessed.
CREATE FUNCTION spark.string(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN v;
CREATE FUNCTION spark.string(v integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN v::text;
CREATE FUNCTION spark.string(v bigint) RETURNS text LANGUAGE sql IMMUTABLE RETURN v::text;
CREATE FUNCTION spark.string(v numeric) RETURNS text LANGUAGE sql IMMUTABLE RETURN v::text;
CREATE FUNCTION spark.string(v boolean) RETURNS text LANGUAGE sql IMMUTABLE RETURN v::text;
CREATE FUNCTION spark.string(v date) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN to_char(v, 'YYYY-MM-DD');
CREATE FUNCTION spark.string(v timestamptz) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN rtrim(rtrim(to_char(v AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.');

-- CAST(… AS BIGINT) and its like cut off what follows the point; PostgreSQL would round.
CREATE FUNCTION spark.whole(v text) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN btrim(v)::bigint;
CREATE FUNCTION spark.whole(v numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN trunc(v);
CREATE FUNCTION spark.whole(v boolean) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN v::integer;

CREATE FUNCTION spark.round(v numeric) RETURNS numeric LANGUAGE sql IMMUTABLE
  RETURN pg_catalog.round(v);
CREATE FUNCTION spark.round(v numeric, n integer) RETURNS numeric LANGUAGE sql IMMUTABLE
  RETURN pg_catalog.round(v, n);

-- The sum of whole numbers is one; PostgreSQL makes it a decimal.
CREATE FUNCTION spark.sum_step(total bigint, n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN n IS NULL THEN total ELSE coalesce(total, 0) + n END;
CREATE FUNCTION spark.sum_step(total bigint, n integer) RETURNS bigint LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN n IS NULL THEN total ELSE coalesce(total, 0) + n END;
CREATE AGGREGATE spark.sum(bigint) (SFUNC = spark.sum_step, STYPE = bigint);
CREATE AGGREGATE spark.sum(integer) (SFUNC = spark.sum_step, STYPE = bigint);
CREATE AGGREGATE spark.sum(numeric) (SFUNC = pg_catalog.numeric_add, STYPE = numeric);

-- The average of decimals has four places more than they; that of whole numbers is a double.
CREATE FUNCTION spark.avg_step(state numeric[], n numeric) RETURNS numeric[] LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN n IS NULL THEN state ELSE ARRAY[coalesce(state[1], 0) + n, coalesce(state[2], 0) + 1] END;
CREATE FUNCTION spark.avg_step(state numeric[], n bigint) RETURNS numeric[] LANGUAGE sql IMMUTABLE
  RETURN spark.avg_step(state, n::numeric);
CREATE FUNCTION spark.avg_decimal(state numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE
  RETURN pg_catalog.round(state[1] / state[2], scale(state[1]) + 4);
CREATE FUNCTION spark.avg_double(state numeric[]) RETURNS double precision LANGUAGE sql IMMUTABLE
  RETURN (state[1] / state[2])::double precision;
CREATE AGGREGATE spark.avg(numeric) (
  SFUNC = spark.avg_step, STYPE = numeric[], FINALFUNC = spark.avg_decimal);
CREATE AGGREGATE spark.avg(bigint) (
  SFUNC = spark.avg_step, STYPE = numeric[], FINALFUNC = spark.avg_double);

CREATE SCHEMA sales;
CREATE SCHEMA hr;

CREATE TABLE sales.customers (
  id bigint PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  country text NOT NULL,
  segment text NOT NULL,
  region text NOT NULL,
  since date NOT NULL);

INSERT INTO sales.customers
SELECT n,
       (ARRAY['Nordwind', 'Halvorsen', 'Meridian', 'Castell', 'Brightwater', 'Okafor', 'Tanaka', 'Silva', 'Lindqvist', 'Marlowe'])[1 + n % 10]
         || ' ' || (ARRAY['Logistics', 'Foods', 'Instruments', 'Textiles', 'Energy', 'Optics', 'Marine'])[1 + n % 7],
       (ARRAY['orders', 'purchasing', 'office', 'buying'])[1 + n % 4] || n || '@'
         || (ARRAY['nordwind', 'halvorsen', 'meridian', 'castell', 'brightwater', 'okafor', 'tanaka', 'silva', 'lindqvist', 'marlowe'])[1 + n % 10]
         || '.example',
       (ARRAY['Germany', 'United States', 'Japan', 'Norway', 'Brazil', 'Singapore'])[1 + n % 6],
       (ARRAY['enterprise', 'mid-market', 'public sector', 'small business'])[1 + n % 4],
       (ARRAY['EMEA', 'AMER', 'APAC'])[1 + n % 3],
       date '2019-01-15' + n * 37
  FROM generate_series(1, 60) AS n;

CREATE TABLE sales.orders (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES sales.customers,
  region text NOT NULL,
  email text NOT NULL,
  product text NOT NULL,
  amount numeric(12, 2) NOT NULL,
  currency text NOT NULL,
  status text NOT NULL,
  ordered_at timestamptz NOT NULL);

INSERT INTO sales.orders
SELECT 10000 + n,
       c.id,
       c.region,
       c.email,
       (ARRAY['Pressure gauge', 'Cold chain pallet', 'Deck sensor', 'Fibre reel', 'Lens array', 'Valve kit'])[1 + n % 6],
       round((40 + (n * 7919) % 9600 + ((n * 31) % 100) / 100.0)::numeric, 2),
       CASE c.region WHEN 'EMEA' THEN 'EUR' WHEN 'AMER' THEN 'USD' ELSE 'JPY' END,
       (ARRAY['shipped', 'shipped', 'shipped', 'open', 'returned'])[1 + n % 5],
       timestamptz '2026-07-01 08:00:00+00' + (n * interval '5 hours 17 minutes')
  FROM generate_series(1, 480) AS n
  JOIN sales.customers AS c ON c.id = 1 + (n * 13) % 60;

CREATE TABLE sales.forecast (
  region text NOT NULL,
  quarter text NOT NULL,
  amount numeric(12, 2) NOT NULL,
  currency text NOT NULL,
  PRIMARY KEY (region, quarter));

INSERT INTO sales.forecast
SELECT r, '2027-Q' || q, 900000 + q * 41000 + length(r) * 12500,
       CASE r WHEN 'EMEA' THEN 'EUR' WHEN 'AMER' THEN 'USD' ELSE 'JPY' END
  FROM unnest(ARRAY['EMEA', 'AMER', 'APAC']) AS r, generate_series(1, 4) AS q;

CREATE TABLE hr.salaries (
  employee_id bigint PRIMARY KEY,
  name text NOT NULL,
  salary numeric(12, 2) NOT NULL,
  currency text NOT NULL);

INSERT INTO hr.salaries
SELECT n,
       (ARRAY['Amara', 'Jonas', 'Mei', 'Paulo', 'Ingrid', 'Tariq', 'Noor', 'Erik'])[1 + n % 8] || ' '
         || (ARRAY['Adeyemi', 'Berg', 'Chen', 'Duarte', 'Ek', 'Farouk'])[1 + n % 6],
       48000 + (n * 3571) % 52000,
       (ARRAY['EUR', 'USD', 'JPY'])[1 + n % 3]
  FROM generate_series(1, 40) AS n;
