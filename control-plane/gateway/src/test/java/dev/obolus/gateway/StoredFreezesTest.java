// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Erasable;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.Revealed;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.gateway.StoredFreezes.Row;
import dev.obolus.gateway.freeze.Freeze.Place;
import dev.obolus.gateway.freeze.FreezeRecords.Begun;
import dev.obolus.gateway.freeze.FreezeRecords.Reading;
import dev.obolus.gateway.freeze.FreezeRecords.Unsure;
import dev.obolus.gateway.freeze.Scope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What a record that says it is a freeze is taken for. */
class StoredFreezesTest {
  private static final Place PLACE = new Place(ChainId.parse("0c".repeat(16)), 7);
  private static final int TENANT = 4;
  private static final int CODE = 9;
  private static final int CONNECTOR = 25;
  private static final int ABOUT = 74;
  private static final Row PERSON = row(Map.of(CODE, "OBO3006A", TENANT, "t", ABOUT, "person"));

  @Test
  void onlyAnswersOfTheKeysMakeAPersonUnreadable() throws Exception {
    for (Revealed gone :
        List.of(new Revealed.Erased(), new Revealed.Altered(), new Revealed.Nothing())) {
      Begun begun = (Begun) freezes(Mono.just(gone)).sealed(PLACE, PERSON);
      assertThat(begun.readable()).isFalse();
      assertThat(begun.freeze().scope()).isEqualTo(new Scope.Tenant("t"));
    }
    Revealed there = new Revealed.Value("t/alice", Bytes.of(new byte[16]));
    Begun begun = (Begun) freezes(Mono.just(there)).sealed(PLACE, PERSON);
    assertThat(begun.readable()).isTrue();
    assertThat(begun.freeze().scope()).isEqualTo(new Scope.Person("t", "alice"));

    StoredFreezes vaultAway = freezes(Mono.error(new IllegalStateException("the vault")));
    assertThatThrownBy(() -> vaultAway.sealed(PLACE, PERSON))
        .isInstanceOf(ExecutionException.class);
    assertThat(vaultAway.unsure(PLACE, PERSON)).isInstanceOf(Unsure.class);
  }

  @Test
  void aRowThatCannotBeReadFreezesOnlyIfItWasSealed() throws Exception {
    StoredFreezes freezes = freezes(Mono.never());
    Row garbage = new Row("frozen", Bytes.of(new byte[] {1, 2, 3}));
    Row connector = row(Map.of(CODE, "OBO3006A", ABOUT, "connector", CONNECTOR, "No Name"));
    for (Row row : List.of(garbage, connector)) {
      assertThat(freezes.unsure(PLACE, row)).isInstanceOf(Unsure.class);
      Begun begun = (Begun) freezes.sealed(PLACE, row);
      assertThat(begun.readable()).isFalse();
      assertThat(begun.freeze().scope()).isEqualTo(new Scope.Everything());
    }
    Reading end = freezes.sealed(PLACE, row(Map.of(CODE, "OBO3007A", ABOUT, "no place")));
    assertThat(end).isInstanceOf(Unsure.class);
  }

  private static StoredFreezes freezes(Mono<Revealed> revealed) {
    LogConnection nowhere =
        new LogConnection(
            new DatabaseSettings(
                "127.0.0.1", 1, "none", "none", Path.of("none"), DatabaseSettings.Tls.PLAIN));
    return new StoredFreezes(
        nowhere,
        new StoredLogVerification(new AuditVerifier(Optional.empty()), Optional.empty(), nowhere),
        new PersonalValues() {
          @Override
          public Mono<Revealed> reveal(Set<String> tenants, ChainId chain, long seq, Field field) {
            return revealed;
          }

          @Override
          public Mono<Erasable> find(Person person, List<String> addresses) {
            return Mono.never();
          }

          @Override
          public Mono<Boolean> destroy(Receipt erasure) {
            return Mono.never();
          }
        });
  }

  private static Row row(Map<Integer, String> texts) {
    ByteBuffer out = ByteBuffer.allocate(1_000).put(new byte[] {'O', 'B', 'O', 1});
    new TreeMap<>(texts)
        .forEach((tag, text) -> {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          out.putShort(tag.shortValue()).put((byte) 1).putInt(bytes.length).put(bytes);
        });
    byte[] canonical = new byte[out.position()];
    out.flip().get(canonical);
    String event = "OBO3006A".equals(texts.get(CODE)) ? "frozen" : "unfrozen";
    return new Row(event, Bytes.of(canonical));
  }
}
