// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.export.HttpSink;
import dev.obolus.azure.AppTokens;
import dev.obolus.azure.Cloud;
import dev.obolus.azure.Http;
import dev.obolus.azure.vault.KeyVault;
import dev.obolus.azure.vault.VaultId;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a command does in its own name in Azure; nothing is asked before it is needed. */
final class OwnTokens implements AutoCloseable {
  private final AzureOptions options;
  private final Http http = new Http();
  private @Nullable AppTokens tokens;

  OwnTokens(AzureOptions options) {
    this.options = options;
  }

  private AppTokens tokens() throws Unavailable {
    AppTokens known = tokens;
    if (known == null) {
      try {
        known = new AppTokens(options.require(), http, InstantSource.system());
      } catch (IllegalArgumentException e) {
        throw new Unavailable(String.valueOf(e.getMessage()).replace("obolus.azure.", "--azure-"));
      }
      tokens = known;
    }
    return known;
  }

  /** Tokens for Azure Monitor, which go to hosts that are Azure Monitor's. */
  HttpSink.Bearer forIngestion(URI address) throws Unavailable {
    AppTokens own = tokens();
    Cloud cloud = own.cloud();
    if (!cloud.isIngestion(address)) {
      throw new Unavailable("not a data collection endpoint of this cloud: " + address.getHost());
    }
    return anew ->
        Optional.of(
            own.await(anew ? own.renewed(cloud.monitor()) : own.token(cloud.monitor())).reveal());
  }

  /** The text of a secret in Key Vault. */
  String secret(String identifier) throws IOException, Unavailable {
    try {
      VaultId secret = VaultId.parse(identifier, VaultId.Kind.SECRET, tokens().cloud());
      return new KeyVault(tokens(), http).secret(secret);
    } catch (IllegalArgumentException e) {
      throw new Unavailable(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    AppTokens known = tokens;
    if (known != null) {
      known.close();
    }
    http.close();
  }
}
