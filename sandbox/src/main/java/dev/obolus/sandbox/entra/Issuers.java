// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

/**
 * Who a tenant's tokens say they are from; the same under every address. Only a test in the same
 * process can have the stand-in speak as one of Entra's clouds: outside, everything that trusts it
 * must know it by its own, reserved host.
 */
public enum Issuers {
  SANDBOX("https://" + Directory.ISSUER_HOST + "/", "https://" + Directory.ISSUER_HOST + "/"),
  PUBLIC("https://sts.windows.net/", "https://login.microsoftonline.com/"),
  US_GOVERNMENT("https://sts.windows.net/", "https://login.microsoftonline.us/"),
  CHINA("https://sts.chinacloudapi.cn/", "https://login.partner.microsoftonline.cn/");

  private final String first;
  private final String second;

  Issuers(String first, String second) {
    this.first = first;
    this.second = second;
  }

  /** Of version 1.0 tokens; Entra has a host of its own for these. */
  public String v1(String tenant) {
    return first + tenant + "/";
  }

  public String v2(String tenant) {
    return second + tenant + "/v2.0";
  }
}
