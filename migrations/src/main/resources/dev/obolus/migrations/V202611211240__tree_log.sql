-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- One Merkle log over all chains. A gateway may add and read, nothing else: the primary keys keep a
-- second integrator from writing another history of the same size.

-- Which entries of the tree are which records: leaves first_index, first_index + 1, … are the
-- records first_seq, first_seq + 1, … of one chain; or one leaf is the heads' entry, kept here.
CREATE TABLE audit_tree_span (
  first_index bigint   PRIMARY KEY CHECK (first_index >= 0),
  leaves      integer  NOT NULL CHECK (leaves >= 1),
  chain       bytea    CHECK (octet_length(chain) = 16),
  first_seq   bigint   CHECK (first_seq >= 1),
  last_mac    bytea    CHECK (octet_length(last_mac) = 32),
  heads       bytea,
  CHECK ((chain IS NULL) = (heads IS NOT NULL)),
  CHECK ((chain IS NULL) = (first_seq IS NULL) AND (chain IS NULL) = (last_mac IS NULL)),
  CHECK (chain IS NOT NULL OR leaves = 1)
);
CREATE UNIQUE INDEX audit_tree_span_chain ON audit_tree_span (chain, first_seq) WHERE chain IS NOT NULL;

-- Full tiles, as C2SP tlog-tiles numbers them. Unfinished ones follow from the records.
CREATE TABLE audit_tile (
  level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
  tile   bigint   NOT NULL CHECK (tile >= 0),
  hashes bytea    NOT NULL CHECK (octet_length(hashes) = 8192),
  PRIMARY KEY (level, tile)
);
ALTER TABLE audit_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Every checkpoint that was signed, as a signed note. One of a size.
CREATE TABLE audit_checkpoint (
  size      bigint PRIMARY KEY CHECK (size >= 1),
  signed_us bigint NOT NULL,
  note      text   NOT NULL
);

-- What witnesses answered: signature lines to be put under the note of that size.
CREATE TABLE audit_cosignature (
  size        bigint NOT NULL REFERENCES audit_checkpoint,
  witness     text   NOT NULL,
  received_us bigint NOT NULL,
  lines       text   NOT NULL,
  PRIMARY KEY (size, witness)
);

-- RFC 3161 time stamps over the note of that size.
CREATE TABLE audit_timestamp (
  size        bigint NOT NULL REFERENCES audit_checkpoint,
  authority   text   NOT NULL,
  received_us bigint NOT NULL,
  token       bytea  NOT NULL,
  PRIMARY KEY (size, authority)
);

GRANT INSERT, SELECT ON audit_tree_span, audit_tile, audit_checkpoint, audit_cosignature, audit_timestamp
  TO obolus_gateway;
