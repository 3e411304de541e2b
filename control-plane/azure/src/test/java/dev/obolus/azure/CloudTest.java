// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CloudTest {
  private static final Map<String, String> CLOUDS =
      Map.of(
          "https://login.microsoftonline.com", "https://ours.vault.azure.net",
          "https://login.microsoftonline.us", "https://ours.vault.usgovcloudapi.net",
          "https://login.partner.microsoftonline.cn", "https://ours.vault.azure.cn",
          "http://127.0.0.1:8082", "http://127.0.0.1:8082");

  @Test
  void eachCloudHasItsOwnVaultsAndNoOthers() {
    CLOUDS.forEach((authority, own) ->
        CLOUDS
            .values()
            .forEach(vault ->
                assertThat(cloud(authority).isVault(URI.create(vault)))
                    .as(authority + " " + vault)
                    .isEqualTo(vault.equals(own))));
  }

  @Test
  void whatOnlyLooksLikeAVaultIsNone() {
    for (String address :
        List.of(
            "http://ours.vault.azure.net",
            "https://ours.vault.azure.net:8443",
            "https://somebody@ours.vault.azure.net",
            "https://vault.azure.net",
            "https://.vault.azure.net",
            "https://ours.vault.azure.net.example.com",
            "https://oursvault.azure.net",
            "https://a.b.vault.azure.net",
            "https://ours.managedhsm.azure.net",
            "https://ours.vault.azure.net.")) {
      assertThat(cloud("https://login.microsoftonline.com").isVault(URI.create(address)))
          .as(address)
          .isFalse();
    }
    assertThat(cloud("http://127.0.0.1:8082").isVault(URI.create("http://127.0.0.1:8083")))
        .isFalse();
  }

  @Test
  void recordsGoToTheCloudsOwnMonitorOnly() {
    Cloud there = cloud("https://login.microsoftonline.com");
    assertThat(
            there.isIngestion(URI.create("https://x-1a2b.westeurope-1.ingest.monitor.azure.com/d")))
        .isTrue();
    for (String address :
        List.of(
            "http://x.ingest.monitor.azure.com",
            "https://x.ingest.monitor.azure.us",
            "https://x.ingest.monitor.azure.com.example.com",
            "https://x.ingest.monitor.azure.com:8443",
            "https://monitor.azure.com")) {
      assertThat(there.isIngestion(URI.create(address))).as(address).isFalse();
    }
    assertThat(cloud("http://127.0.0.1:8082").isIngestion(URI.create("http://127.0.0.1:9/x")))
        .isTrue();
  }

  private static Cloud cloud(String authority) {
    return Cloud.of(URI.create(authority));
  }
}
