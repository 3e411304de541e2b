// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.testing;

import dev.obolus.sandbox.postgres.TestPostgres;

/** On the embedded PostgreSQL. */
class PostgresAuditLogContractTest extends PostgresContract {

  @Override
  Place place() {
    TestPostgres.Database database = TestPostgres.fresh();
    return new Place(database.host(), database.port(), database.name());
  }
}
