// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static dev.obolus.connector.obo.ScriptedEntra.issued;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedAccess.AccessRefused;
import dev.obolus.connector.Purge;
import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A person is frozen while Entra hangs, over the wire. */
final class RevocationTest {
  private static final String TENANT = "0b010500-0000-4000-8000-000000000001";

  @TempDir Path folder;
  private final ScriptedEntra entra = new ScriptedEntra();
  private final Wiring wiring = new Wiring();
  private CachedDelegatedAccess provider = access(new Unasked());

  @BeforeEach
  void start() throws IOException {
    Path secret = folder.resolve("secret");
    Files.writeString(secret, "secret");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    provider = access(wiring.entra(entra.authority(), "gateway", new SecretCredential(secret)));
  }

  @AfterEach
  void stop() {
    entra.close();
  }

  @Test
  void whatEntraAnswersAfterTheRevocationReachesNoSourceAndIsNotKept() throws Exception {
    var hanging = Sinks.<ScriptedEntra.Answer>one();
    var asked = new CountDownLatch(1);
    entra.script =
        _ -> {
          asked.countDown();
          return hanging.asMono();
        };
    var sourceCalls = new AtomicInteger();
    var waiting =
        alice().call("s/.default", _ -> Mono.fromSupplier(sourceCalls::incrementAndGet)).toFuture();
    assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();

    provider.purge(new Purge.Person(TENANT, "alice"));
    assertThat(hanging.tryEmitValue(issued("too late")).isSuccess()).isTrue();

    assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            AccessRefused.class,
            refused -> assertThat(refused.failure()).isEqualTo(new TokenRejected("revoked")));
    assertThat(sourceCalls).hasValue(0);
    entra.script = _ -> Mono.just(issued("fresh"));
    assertThat(
            alice()
                .call("s/.default", token -> Mono.just(token.authorizationHeader()))
                .block(Duration.ofSeconds(10)))
        .isEqualTo("Bearer fresh");
  }

  private DelegatedAccess alice() {
    return provider.forSubject(
        new Subject(
            TENANT,
            "alice",
            "agent",
            Set.of(),
            new SubjectToken("assertion", Instant.now().plusSeconds(600))),
        new ConnectorId("databricks-sales"),
        new Correlation("r", "t"));
  }

  private CachedDelegatedAccess access(OboExchange exchange) {
    return wiring.cached(exchange, 100, System::nanoTime).provider();
  }

  private static final class Unasked implements OboExchange {
    @Override
    public Mono<Exchanged> exchange(Request request) {
      return Mono.error(new IllegalStateException("not started"));
    }
  }
}
