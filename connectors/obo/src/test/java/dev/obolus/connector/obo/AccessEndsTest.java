// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DelegatedAccess.AccessRefused;
import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** What Entra takes away ends here within the time that an exchanged token is kept at most. */
final class AccessEndsTest {
  /** As {@link Wiring} caps it. */
  private static final Duration CAP = Duration.ofMinutes(30);

  private static final String ALICE = "0b010500-0000-4000-8000-0000000000c1";
  private static final String GATEWAY = "0b010500-0000-4000-8000-0000000000a1";

  @TempDir static Path data;
  private static Sandbox sandbox;

  private final AtomicLong passed = new AtomicLong();

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), data);
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @BeforeEach
  void reset() {
    sandbox.entra().reset();
  }

  @Test
  void afterARuleChangesToBlock() {
    CachedDelegatedAccess provider = provider();
    String assertion = sandbox.userToken("alice", "finance-copilot");
    String token = use(provider, assertion);
    var _ =
        sandbox
            .entra()
            .rules()
            .add(Map.of("user", "alice", "resource", "databricks", "then", "block"));

    assertThat(use(provider, assertion)).isEqualTo(token);
    passed.addAndGet(CAP.plusSeconds(1).toNanos());
    assertThatThrownBy(() -> use(provider, assertion)).isInstanceOf(AccessRefused.class);
  }

  @Test
  void afterAUserIsRevoked() {
    CachedDelegatedAccess provider = provider();
    String assertion = sandbox.userToken("alice", "finance-copilot");
    String token = use(provider, assertion);
    sandbox.entra().standing().revoke(Directory.user("alice").orElseThrow(), Instant.now());

    assertThat(use(provider, assertion)).isEqualTo(token);
    passed.addAndGet(CAP.plusSeconds(1).toNanos());
    assertThatThrownBy(() -> use(provider, assertion)).isInstanceOf(AccessRefused.class);
  }

  private CachedDelegatedAccess provider() {
    var wiring = new Wiring(() -> Instant.now().plusNanos(passed.get()));
    var secret = new SecretCredential(data.resolve("gateway-client.secret"));
    OboExchange exchange = wiring.entra(URI.create(sandbox.url()), GATEWAY, secret);
    return wiring.cached(exchange, 100, passed::get).provider();
  }

  private static String use(CachedDelegatedAccess provider, String assertion) {
    var subject =
        new Subject(
            "0b010500-0000-4000-8000-000000000001",
            ALICE,
            "agent",
            Set.of(),
            new SubjectToken(assertion, Instant.now().plus(Duration.ofHours(2))));
    return Objects.requireNonNull(
        provider
            .forSubject(subject, new ConnectorId("databricks-sales"), new Correlation("r", "t"))
            .call(OboExchangeContract.SCOPE, token -> Mono.just(token.authorizationHeader()))
            .block(Duration.ofSeconds(30)));
  }
}
