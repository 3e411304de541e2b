// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

/** The one rule of RFC 6901 that matters here. */
final class JsonPointers {
  private JsonPointers() {}

  static String escape(String token) {
    String brief = token.length() > 64 ? token.substring(0, 64) : token;
    return brief.replace("~", "~0").replace("/", "~1");
  }
}
