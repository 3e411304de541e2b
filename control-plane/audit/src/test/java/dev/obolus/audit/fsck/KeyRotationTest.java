// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.Sealable.Handover;
import dev.obolus.audit.chain.Sealable.Head;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorSettings;
import dev.obolus.audit.integrator.IntegratorState;
import dev.obolus.audit.integrator.Publishing;
import dev.obolus.audit.integrator.TreeStore;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A root key that is changed in peace, and one that is revoked in haste. */
class KeyRotationTest {
  @TempDir Path folder;
  private LogFixture fixture;
  private RootKey second;
  private SigningKey signing;

  @BeforeEach
  void aLogUnderTwoRootKeys() throws Exception {
    fixture = LogFixture.fresh(folder);
    second = RootKey.create(folder.resolve("second.key"), new SecureRandom());
    signing = SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
  }

  @Test
  void aRotationIsSealedByTheOldKeyAndTheNewOne() throws Exception {
    ChainId older = write(Keyring.of(fixture.root()));
    ChainId newer = write(new Keyring(second, List.of(fixture.root()), List.of()));
    assertThat(newer).isNotEqualTo(older);
    Verification found = verify(true);
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.state()).isEqualTo(State.VERIFIED);
    Verification.Bad bad = verify(false).firstBad().orElseThrow();
    assertThat(bad.fault()).isEqualTo(Fault.KEY);
  }

  /** Whoever has the new key alone cannot pretend that the old one handed over to it. */
  @Test
  void aHandoverThatTheOldKeyDidNotMakeIsNamed() throws Exception {
    Chain older =
        new Chain("obolus/test", 202611, fixture.root(), new SecureRandom(), Clock.systemUTC());
    Chain newer = new Chain("obolus/test", 202611, second, new SecureRandom(), Clock.systemUTC());
    Head head = new Head(older.id(), 5, Bytes.of(new byte[32]));
    Handover made =
        fixture
            .root()
            .chainKey(202611, older.id())
            .handOver(head, newer.id(), newer.keyCommitment());
    Handover forged =
        new Handover(
            head,
            made.keyId(),
            second
                .chainKey(202611, older.id())
                .handOver(head, newer.id(), newer.keyCommitment())
                .mac());
    KeyHistory history = new KeyHistory(List.of(VerifierKey.read(fixture.rootKeyFile())));
    Chain.Mark before = newer.mark();
    assertThat(history.opening(newer.id(), opening(newer, made))).contains(head.toString());
    newer.rewind(before);
    Parsed pretended = opening(newer, forged);
    assertThatThrownBy(() -> history.opening(newer.id(), pretended))
        .isInstanceOfSatisfying(
            Faulty.class, faulty -> assertThat(faulty.fault()).isEqualTo(Fault.HANDOVER));
  }

  private static Parsed opening(Chain chain, Handover handover) throws Exception {
    Sealable.Open open =
        new Sealable.Open(
            Map.of(), List.of(), chain.keyCommitment(), "-", Optional.of(handover), List.of());
    return Parsed.of(chain.seal(open, Integer.MAX_VALUE).canonical().toArray());
  }

  @Test
  void everyRestartIsHandedOverToo() throws Exception {
    ChainId first = write(Keyring.of(fixture.root()));
    ChainId next = write(Keyring.of(fixture.root()));
    assertThat(predecessor(next)).startsWith(first + " ").contains(" " + fixture.root().id() + "-");
  }

  @Test
  void whatIsSealedWithARevokedKeyAfterwardsIsNamed() throws Exception {
    ChainId honest = write(Keyring.of(fixture.root()));
    integrate();
    ChainId revoking =
        write(new Keyring(second, List.of(fixture.root()), List.of(fixture.root().id())));
    integrate();
    assertThat(verify(true).firstBad()).isEmpty();
    assertThat(predecessorIfAny(revoking)).isEmpty();

    ChainId rogue = write(Keyring.of(fixture.root()));
    assertThat(rogue).isNotEqualTo(honest);
    Verification.Bad bad = verify(true).firstBad().orElseThrow();
    assertThat(bad.fault()).isEqualTo(Fault.REVOKED);
    assertThat(bad.chain()).isEqualTo(rogue);
    assertThat(bad.seq()).isEqualTo(1);
    assertThat(bad.sentence())
        .contains("key " + fixture.root().id() + ", revoked by chain " + revoking);
  }

  @Test
  void nothingUnderARevokedKeyIsSigned() throws Exception {
    ChainId _ = write(Keyring.of(fixture.root()));
    ChainId _ = write(new Keyring(second, List.of(fixture.root()), List.of(fixture.root().id())));
    integrate();
    ChainId rogue = write(Keyring.of(fixture.root()));
    try (Integrator again = integrator()) {
      until(() -> again.state() instanceof IntegratorState.Stopped);
      assertThat(((IntegratorState.Stopped) again.state()).reason())
          .isEqualTo(
              "record 1 of chain "
                  + rogue
                  + " was sealed under root key "
                  + fixture.root().id()
                  + " after it was revoked");
      assertThat(again.alarms()).isEqualTo(1);
    }
    assertThat(inTree(rogue)).isFalse();
  }

  /** By whoever took it over: he has the key of its chain. */
  @Test
  void aGatewayRevokesNothingByItself() throws Exception {
    ChainId taken = ChainId.parse("f7".repeat(16));
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute("SET session_replication_role = replica");
      new StolenKey(fixture.root(), taken).write(connection, List.of(fixture.root().id()));
    }
    try (Integrator signer = integrator(List.of())) {
      until(() -> signer.state() instanceof IntegratorState.Signing);
      ChainId honest = write(Keyring.of(fixture.root()));
      until(() -> inTree(honest, 2));
      assertThat(signer.state()).isInstanceOf(IntegratorState.Signing.class);
      assertThat(signer.alarms()).isEqualTo(1);
    }
    assertThat(inTree(taken)).isFalse();
    assertThat(verify(true).firstBad()).isEmpty();
  }

  @Test
  void theKeyInUseCannotBeRevoked() {
    assertThatThrownBy(() -> new Keyring(second, List.of(), List.of(second.id())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the root key in use is revoked");
  }

  private ChainId write(Keyring keys) {
    try (AuditDatabase log =
        AuditDatabase.open(
            fixture.settings(TestPostgres.GATEWAY),
            fixture.logSettings(),
            keys,
            fixture.encryption(),
            new SecureRandom(),
            Clock.systemUTC())) {
      until(log.log()::ready);
      return append(log, decided("deny")).chain();
    }
  }

  private void integrate() {
    Integrator integrator = integrator();
    until(this::allInTree);
    integrator.close();
  }

  private Integrator integrator() {
    return integrator(List.of(fixture.root().id()));
  }

  private Integrator integrator(List<String> revoked) {
    return Integrator.start(
        () -> fixture.database().as("obolus_gateway"),
        new IntegratorSettings(
            signing,
            List.of(),
            List.of(second, fixture.root()),
            revoked,
            Duration.ofMillis(20),
            Duration.ofMinutes(1),
            false),
        Publishing.nowhere(),
        Clock.systemUTC());
  }

  private boolean inTree(ChainId chain) {
    return inTree(chain, 1);
  }

  private boolean inTree(ChainId chain, long seq) {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new TreeStore(connection).indexOf(chain, seq).isPresent();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean allInTree() {
    try (Connection connection = fixture.database().as("obolus_gateway");
        Statement statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT (SELECT sum(seq) FROM obolus.audit_head) = (SELECT sum(leaves) FROM"
                    + " obolus.audit_tree_span WHERE chain IS NOT NULL)")) {
      return row.next() && row.getBoolean(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private String predecessor(ChainId chain) throws Exception {
    return predecessorIfAny(chain).orElseThrow();
  }

  private Optional<String> predecessorIfAny(ChainId chain) throws Exception {
    try (Connection connection = fixture.database().as("obolus_gateway");
        Statement statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT canonical FROM obolus.audit_record WHERE seq = 1 AND chain = '\\x"
                    + chain
                    + "'")) {
      assertThat(row.next()).isTrue();
      return Parsed.of(row.getBytes(1)).find(Parsed.PREDECESSOR);
    }
  }

  private Verification verify(boolean both) throws Exception {
    VerifierKey older = VerifierKey.read(fixture.rootKeyFile());
    VerifierKey newer = VerifierKey.read(folder.resolve("second.key"));
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      assertThat(new TreeStore(connection).newest()).isNotNull();
      return new AuditVerifier(Optional.empty())
          .with(both ? List.of(older, newer) : List.of(newer))
          .verify(connection);
    }
  }
}
