// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

/** Who a tenant's tokens say they are from; the same under every address. */
public final class Issuers {
  private static final String BASE = "https://" + Directory.ISSUER_HOST + "/";

  private Issuers() {}

  /** Of version 1.0 tokens; Entra has a host of its own for these. */
  public static String v1(String tenant) {
    return BASE + tenant + "/";
  }

  public static String v2(String tenant) {
    return BASE + tenant + "/v2.0";
  }
}
