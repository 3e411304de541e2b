// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.util.Map;

/**
 * How the gateway proves to Entra which application it is.
 *
 * <p>Guarantees: no {@code toString} shows what proves it.
 */
interface ClientCredential {

  /** The form's members for one request to this endpoint. */
  Map<String, String> proof(String tokenEndpoint);

  /** Reads what it was made from again; blocks. True where that has changed. */
  boolean renew();
}
