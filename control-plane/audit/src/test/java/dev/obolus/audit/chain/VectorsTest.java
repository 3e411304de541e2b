// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.personal.SealingKeys;
import dev.obolus.audit.personal.Subject;
import dev.obolus.audit.personal.ValueKey;
import dev.obolus.audit.postgres.LogFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

/**
 * The vectors beside {@code docs/audit-format.md}. A difference means that the format has changed:
 * that is a new version, not a new file. (Written anew by {@code -Dobolus.vectors.write}.)
 */
class VectorsTest {
  private static final Path FILE = Path.of("../../docs/audit-format-vectors.txt");
  private static final int EPOCH = 202611;

  @Test
  void sealingGivesTheBytesOfTheVectors() throws Exception {
    String vectors = vectors();
    if (System.getProperty("obolus.vectors.write") != null) {
      assertThat(Files.writeString(FILE, vectors)).isEqualTo(FILE);
    }
    assertThat(vectors).isEqualTo(Files.readString(FILE));
  }

  private static String vectors() {
    byte[] rootBytes = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f".repeat(2));
    RootKey root = RootKey.ofBytes(rootBytes);
    Clock clock = Clock.fixed(Instant.parse("2026-11-21T09:00:00.123456Z"), ZoneOffset.UTC);
    Chain chain = new Chain("obolus/vectors", EPOCH, root, new Counting(), clock);
    StringJoiner out = new StringJoiner("\n", "", "\n");
    out.add(
        "# Made with the root key below, chance that counts up from 0, and a clock that stands.");
    out.add("root_key " + HexFormat.of().formatHex(rootBytes));
    out.add("root_id " + root.id());
    out.add("chain " + chain.id());
    out.add("epoch " + EPOCH);
    out.add("key_commitment " + chain.keyCommitment());
    Person person = new Person(LogFixture.TENANT, "22222222-2222-4222-8222-222222222222");
    out.add("person " + person.tenant() + "/" + person.objectId());
    out.add("handle " + root.handles().apply(Subject.person(person).bytes()));
    Counting chance = new Counting();
    ValueKey name = ValueKey.create(chance);
    ValueKey tenants = ValueKey.create(chance);
    ValueKey persons = ValueKey.create(chance);
    SealingKeys values = new SealingKeys(Optional.of(name), List.of(tenants, persons));
    out.add(
        "# keys that count up: 00…1f of the pseudonym, 20…3f of the tenant, 40…5f of the person");
    out.add("pseudonym " + name.pseudonym());
    out.add("value_key " + tenants.name() + " " + counting(32));
    out.add("value_key " + persons.name() + " " + counting(64));
    for (Sealable what : sealables(chain, values)) {
      record(out, chain, values, chain.seal(what, 1 << 20));
    }
    return out.toString();
  }

  private static List<Sealable> sealables(Chain chain, SealingKeys values) {
    List<Sealable> all = new ArrayList<>();
    Sealable.Head earlier =
        new Sealable.Head(
            dev.obolus.audit.ChainId.parse("ff".repeat(16)), 7, Bytes.ofHex("ab".repeat(32)));
    all.add(
        new Sealable.Open(
            Map.of("issuer", "https://issuer.test", "a \"quoted\"\n name", "ü"),
            List.of(earlier),
            chain.keyCommitment(),
            "202611210900"));
    AuditEvent.Decided some = LogFixture.decided("allow");
    AuditEvent.Decided decided =
        new AuditEvent.Decided(
            "0193a1b2-0000-7000-8000-000000000001",
            some.tenant(),
            some.person(),
            some.actor(),
            some.lane(),
            some.environment(),
            some.connector(),
            some.operation(),
            some.actionClass(),
            some.resources(),
            some.purpose(),
            Optional.empty(),
            some.trace(),
            some.tokenId(),
            "0193a1b2-0000-7000-8000-000000000002",
            some.effect(),
            some.reasons(),
            some.obligationKinds(),
            some.revision(),
            some.evaluator(),
            Duration.ofNanos(123_456),
            Optional.of("SELECT 'Zürich', '\uD83D\uDE00', '\0'"),
            some.obligations(),
            some.policyInputs());
    all.add(new Sealable.Event(decided, values));
    AuditEvent.Conclusion conclusion =
        AuditEvent.Conclusion.of(
            decided,
            new Receipt(chain.id(), 2, "00".repeat(32)),
            12,
            3456,
            Optional.empty(),
            List.of("statement-1", ""),
            Duration.ofMillis(15));
    all.add(
        new Sealable.Event(
            new AuditEvent.Served(conclusion, true, List.of("column_mask")), ValueSeal.NONE));
    all.add(
        new Sealable.Event(
            new AuditEvent.Rejected(
                Instant.EPOCH, Instant.EPOCH.plusSeconds(60), Map.of("token_expired", 7L)),
            ValueSeal.NONE));
    all.add(
        new Sealable.Event(
            new AuditEvent.Erased(
                LogFixture.TENANT,
                some.person().orElseThrow(),
                "client",
                "p-" + "12".repeat(16),
                "asked for",
                chain.id() + " 2",
                List.of(Bytes.ofHex("aa".repeat(32)), Bytes.ofHex("bb".repeat(32)))),
            values));
    all.add(
        new Sealable.Event(
            new AuditEvent.OperatorActed(
                LogFixture.TENANT,
                some.person().orElseThrow(),
                "client",
                "audit.forget",
                "p-" + "12".repeat(16) + " keys " + "34".repeat(16),
                "proposed"),
            values));
    all.add(
        new Sealable.Event(
            new AuditEvent.Frozen(
                LogFixture.TENANT,
                "person",
                some.person(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Instant.EPOCH.plusSeconds(3600)),
                "p-" + "56".repeat(16),
                "a laptop was stolen",
                chain.id() + " 6"),
            values));
    all.add(
        new Sealable.Event(
            new AuditEvent.Frozen(
                "-",
                "agent",
                Optional.empty(),
                Optional.of("0b010500-0000-4000-8000-0000000000b1"),
                Optional.empty(),
                Optional.empty(),
                "p-" + "56".repeat(16),
                "it misbehaves",
                chain.id() + " 6"),
            ValueSeal.NONE));
    all.add(
        new Sealable.Event(
            new AuditEvent.Unfrozen(
                LogFixture.TENANT,
                chain.id() + " 7",
                "p-" + "78".repeat(16),
                "it was found",
                chain.id() + " 6"),
            ValueSeal.NONE));
    all.add(new Sealable.Close("shutdown"));
    return all;
  }

  private static void record(
      StringJoiner out, Chain chain, SealingKeys values, SealedRecord record) {
    out.add("").add("record " + record.seq() + " " + record.code());
    out.add("event_id " + record.eventId());
    out.add("canonical " + record.canonical());
    out.add("leaf " + record.leaf());
    out.add("prev_mac " + record.prevMac());
    out.add("mac " + record.mac());
    for (Personal personal : record.personal()) {
      int field = personal.tag().number();
      byte[] opened =
          values.open(chain.id(), record.seq(), field, personal.sealed().toArray()).orElseThrow();
      out.add("value " + field + " " + personal.sealed());
      out.add("opened " + field + " " + HexFormat.of().formatHex(opened));
    }
  }

  private static String counting(int from) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (from + i);
    }
    return HexFormat.of().formatHex(bytes);
  }

  /** Chance that is none. */
  private static final class Counting extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private int next;

    @Override
    public void nextBytes(byte[] bytes) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) next++;
      }
    }
  }
}
