// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.policy.Decision;
import dev.obolus.policy.Reason;
import dev.obolus.policy.Verdict;
import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import dev.obolus.terms.ResourceName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is combined, nothing that any judgement asked is lost. */
class CombinationTest {
  private static final int ROUNDS = 500;
  private static final List<Judgement.Effect> EFFECTS = List.of(Judgement.Effect.values());

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theStrongestEffectWinsInWhateverOrder(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      List<Judgement> judgements = judgements(random);
      Judgement.Effect strongest =
          judgements.stream().map(Judgement::effect).max(Comparator.naturalOrder()).orElseThrow();
      Decision decision = Combination.of(judgements);
      assertThat(decision.effect()).isEqualTo(strongest.word());
      Collections.shuffle(judgements, random);
      assertThat(Combination.of(judgements).effect()).isEqualTo(strongest.word());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void mergedObligationsAskAtLeastAsMuchAsEachOfThem(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      List<Obligation> asked = obligations(random);
      List<Obligation> merged = Combination.merge(asked);
      asked.forEach(each -> assertThat(merged).anyMatch(one -> covers(one, each)));
      assertThat(merged).allMatch(one -> asked.stream().anyMatch(each -> covers(one, each)));
      assertThat(merged.stream().map(CombinationTest::target)).doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9})
  void mergingIsTheSameInWhateverOrderAndTwice(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      List<Obligation> asked = obligations(random);
      List<Obligation> shuffled = new ArrayList<>(asked);
      Collections.shuffle(shuffled, random);
      assertThat(conjuncts(Combination.merge(shuffled)))
          .isEqualTo(conjuncts(Combination.merge(asked)));
      assertThat(Combination.merge(Combination.merge(asked))).isEqualTo(Combination.merge(asked));
    }
  }

  private static boolean covers(Obligation merged, Obligation asked) {
    return switch (asked) {
      case Obligation.RowFilter(ResourceName resource, Predicate predicate) ->
          merged instanceof Obligation.RowFilter(ResourceName at, Predicate all)
              && at.equals(resource)
              && conjuncts(all).contains(predicate);
      case Obligation.ColumnMask(ResourceName resource, String column, Mask mask) ->
          merged instanceof Obligation.ColumnMask(ResourceName at, String name, Mask stronger)
              && at.equals(resource)
              && name.equals(column)
              && strength(stronger) >= strength(mask);
      case Obligation.MaxRows(int rows) ->
          merged instanceof Obligation.MaxRows(int least) && least <= rows;
      case Obligation.MaxBytes(long bytes) ->
          merged instanceof Obligation.MaxBytes(long least) && least <= bytes;
    };
  }

  private static int strength(Mask mask) {
    return switch (mask) {
      case Mask.Nullify _ -> 1000;
      case Mask.Replace _ -> 999;
      case Mask.Partial(int keep) -> 100 - keep;
    };
  }

  private static String target(Obligation obligation) {
    return switch (obligation) {
      case Obligation.RowFilter filter -> "filter " + filter.resource();
      case Obligation.ColumnMask mask -> "mask " + mask.resource() + " " + mask.column();
      case Obligation.MaxRows _ -> "rows";
      case Obligation.MaxBytes _ -> "bytes";
    };
  }

  private static Set<Predicate> conjuncts(Predicate predicate) {
    return predicate instanceof Predicate.And(List<Predicate> all)
        ? new HashSet<>(all)
        : Set.of(predicate);
  }

  /** Filters and masks of equal strength may differ in order only. */
  private static Set<Object> conjuncts(List<Obligation> merged) {
    Set<Object> all = new HashSet<>();
    for (Obligation each : merged) {
      switch (each) {
        case Obligation.RowFilter(ResourceName resource, Predicate predicate) ->
            all.add(Map.entry(resource, conjuncts(predicate)));
        case Obligation.ColumnMask(ResourceName resource, String column, Mask mask) ->
            all.add(resource + column + strength(mask));
        default -> all.add(each);
      }
    }
    return all;
  }

  private static List<Judgement> judgements(Random random) {
    List<Judgement> judgements = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(5); i++) {
      Judgement.Effect effect = EFFECTS.get(random.nextInt(EFFECTS.size()));
      judgements.add(
          new Judgement(
              effect,
              List.of(new Reason("T-00" + i, "t", Reason.About.REQUEST, "", Map.of())),
              effect == Judgement.Effect.ALLOW ? obligations(random) : List.of(),
              effect == Judgement.Effect.STEP_UP ? Set.of("c" + i) : Set.of(),
              Optional.of(new ResourceName("r" + i)),
              true,
              new Verdict.Labels(Set.of(), Map.of()),
              Optional.empty()));
    }
    return judgements;
  }

  private static List<Obligation> obligations(Random random) {
    List<Obligation> obligations = new ArrayList<>();
    for (int i = random.nextInt(8); i > 0; i--) {
      ResourceName resource = new ResourceName("r" + random.nextInt(2));
      obligations.add(
          switch (random.nextInt(4)) {
            case 0 -> new Obligation.RowFilter(resource, predicate(random));
            case 1 -> new Obligation.ColumnMask(resource, "c" + random.nextInt(2), mask(random));
            case 2 -> new Obligation.MaxRows(1 + random.nextInt(1000));
            default -> new Obligation.MaxBytes(1 + random.nextInt(1000));
          });
    }
    return obligations;
  }

  private static Predicate predicate(Random random) {
    return new Predicate.Comparison(
        "c", Predicate.Operator.EQ, new Predicate.Literal.Text("v" + random.nextInt(3)));
  }

  private static Mask mask(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> new Mask.Nullify();
      case 1 -> new Mask.Replace("x");
      default -> new Mask.Partial(random.nextInt(5));
    };
  }
}
