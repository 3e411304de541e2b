-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Obolus authors
--
-- Freezes have no table of their own, which somebody with a gateway's password could change: the
-- log is the list. Each gateway reads it several times a second, so that its few rows are found at
-- once; other rows have no place in this index and pay for it only a comparison.
CREATE INDEX audit_record_frozen ON audit_record (chain, seq) WHERE event IN ('frozen', 'unfrozen');
