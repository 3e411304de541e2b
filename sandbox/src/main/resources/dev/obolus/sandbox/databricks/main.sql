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
  RETURN pg_catalog.strpos(t, part) > 0 OR part = '';
CREATE FUNCTION spark.startswith(t text, part text) RETURNS boolean LANGUAGE sql IMMUTABLE
  RETURN pg_catalog.starts_with(t, part);
CREATE FUNCTION spark.endswith(t text, part text) RETURNS boolean LANGUAGE sql IMMUTABLE
  RETURN pg_catalog."right"(t, char_length(part)) = part;

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
