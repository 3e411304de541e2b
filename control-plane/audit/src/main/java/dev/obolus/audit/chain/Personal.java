// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.Bytes;

/**
 * A personal value as it is stored beside the record: sealed together with its salt. The canonical
 * bytes hold a commitment to the value, and a digest of these bytes.
 *
 * @param tag the committed field
 * @param sealed nonce, ciphertext and tag
 */
public record Personal(Tag tag, Bytes sealed) {
  int length() {
    return sealed.length();
  }
}
