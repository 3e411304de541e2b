// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.postgres.PostgresAuditFeed.Pace;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/**
 * Whatever several gateways write at one time, ending and starting as they like, each follower is
 * told of every record once and in its chain's order: in the writer's process or another, quick or
 * slow, with room for much or little, from the beginning or from the middle.
 */
class FeedPropertyTest {
  private static final int STEPS = 40;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyRecordIsToldOnceAndInOrder(int seed) throws Exception {
    Random random = new Random(seed);
    LogFixture fixture = LogFixture.fresh(folder);
    List<AuditDatabase> gateways = new ArrayList<>();
    List<Following> followers = new ArrayList<>();
    try (AuditViews console = AuditViews.open(fixture.settings(TestPostgres.CONSOLE))) {
      AuditDatabase first = fixture.openReady();
      gateways.add(first);
      followers.add(new Following(console.feed(), Map.of()));
      followers.add(new Following(first.feed(), Map.of()));
      followers.add(new Following(cramped(fixture, console, first), Map.of()));
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(8)) {
          case 0 -> gateways.add(fixture.openReady());
          case 1 -> {
            if (gateways.size() > 1) {
              gateways.remove(1).close();
            }
          }
          case 2 -> {
            if (followers.size() < 8) {
              followers.add(
                  new Following(
                      first.feed(),
                      someOf(get(console.reader().heads()), random),
                      Duration.ofMillis(random.nextInt(2))));
            }
          }
          default -> write(gateways, random);
        }
      }
      Map<ChainId, Long> heads = get(console.reader().heads());
      followers.forEach(follower -> follower.isWholeTo(heads));
    } finally {
      followers.forEach(Following::close);
      gateways.forEach(AuditDatabase::close);
    }
  }

  /** Follows in the writer's process with hardly any memory. */
  private static PostgresAuditFeed cramped(
      LogFixture fixture, AuditViews console, AuditDatabase gateway) {
    return new PostgresAuditFeed(
        (PostgresAuditReader) console.reader(),
        gateway.log().committed(),
        new HintListener(Connections.to(fixture.settings(TestPostgres.CONSOLE), "listening")),
        new Pace(Duration.ofMillis(20), Duration.ofMillis(100)),
        4096);
  }

  private static Map<ChainId, Long> someOf(Map<ChainId, Long> heads, Random random) {
    Map<ChainId, Long> some = new HashMap<>();
    heads.forEach((chain, head) -> some.put(chain, random.nextLong(head + 1)));
    return some;
  }

  private static void write(List<AuditDatabase> gateways, Random random) {
    int records = 1 + random.nextInt(120);
    List<Receipt> receipts =
        get(
            Flux.range(0, records)
                .flatMap(
                    i ->
                        gateways
                            .get(i % gateways.size())
                            .log()
                            .append(decided(i % 3 == 0 ? "deny" : "allow")),
                    1 + random.nextInt(40))
                .collectList());
    assertThat(receipts).hasSize(records);
  }
}
