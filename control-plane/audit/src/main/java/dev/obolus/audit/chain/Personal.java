// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.Bytes;

/**
 * A personal value and its salt, stored beside the record and never in its canonical bytes.
 *
 * @param tag the committed field that it opens
 */
public record Personal(Tag tag, Bytes value, Bytes salt) {
  int length() {
    return value.length() + salt.length();
  }
}
