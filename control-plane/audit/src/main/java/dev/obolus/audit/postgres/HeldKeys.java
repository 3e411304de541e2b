// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.IssuedKey;
import dev.obolus.audit.chain.Keyring;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Keys made here: this process holds the root key. */
record HeldKeys(Keyring keyring, SecureRandom random) implements ChainKeys {

  @Override
  public Mono<IssuedKey> next(LogSession session, int epoch, List<Keyring.Earlier> newest) {
    return Mono.fromCallable(() -> {
      byte[] id = new byte[ChainId.LENGTH];
      random.nextBytes(id);
      return keyring.issue(new ChainId(Bytes.of(id)), epoch, newest);
    });
  }

  @Override
  public Mono<Boolean> ahead(LogSession session, int epoch) {
    return Mono.just(true);
  }

  @Override
  public boolean isReadyFor(int epoch) {
    return true;
  }

  @Override
  public Optional<Keyring> held() {
    return Optional.of(keyring);
  }
}
