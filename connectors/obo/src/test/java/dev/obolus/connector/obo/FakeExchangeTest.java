// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

final class FakeExchangeTest extends OboExchangeContract {
  @Override
  OboExchange exchange() {
    return new FakeExchange();
  }
}
