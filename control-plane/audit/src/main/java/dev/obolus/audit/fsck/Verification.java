// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a verification found. Of one record that was pruned it holds that prune, and counts no
 * records.
 *
 * @param state {@code PENDING} if there was nothing to verify yet, or nothing that is signed, or if
 *     something is sound only if an erasure is that nobody signed yet
 * @param keyed whether MACs were recomputed; without the key only hashes and links were
 * @param records how many were checked before the end, or before the first bad one
 * @param before how many an earlier verification had checked, where this one went on from it
 * @param pending how many of them are newer than the newest checkpoint
 * @param signed the newest checkpoint, once the tree was found sound
 * @param pruned what is not there because a sealed record says so, or may go
 * @param openPermits permits without an outcome: under way, or left by a gateway that died
 * @param undestroyed keys that sound records call erased and that are still there: a gateway
 *     destroys them within minutes, or says why it cannot
 * @param awaited the records that lack a key because an erasure says so that no checkpoint covers
 *     yet; 1,000 at most
 */
public record Verification(
    State state,
    boolean keyed,
    long records,
    long before,
    long pending,
    long chains,
    Optional<Signed> signed,
    Optional<Bad> firstBad,
    List<Pruned> pruned,
    List<OpenPermit> openPermits,
    List<Undestroyed> undestroyed,
    List<Awaited> awaited,
    Duration took) {

  public Verification {
    pruned = List.copyOf(pruned);
    openPermits = List.copyOf(openPermits);
    undestroyed = List.copyOf(undestroyed);
    awaited = List.copyOf(awaited);
  }

  /**
   * The newest checkpoint.
   *
   * @param witnesses the trusted witnesses, each with the size that it cosigned last
   * @param stamps the trusted time-stamping authorities, each with what it dated last
   */
  public record Signed(long size, Map<String, Long> witnesses, Map<String, Stamp> stamps) {
    public Signed {
      witnesses = Map.copyOf(witnesses);
      stamps = Map.copyOf(stamps);
    }
  }

  /** A checkpoint of that size existed then. */
  public record Stamp(long size, Instant at) {}

  /** How it ended. */
  public enum State {
    VERIFIED,
    PENDING,
    BROKEN,
    /** The one record that was asked for is not there any more, and a sound prune names it. */
    PRUNED
  }

  /**
   * The first record at fault.
   *
   * @param sentence for a person; {@link Plain}, whatever the record holds
   */
  public record Bad(ChainId chain, long seq, Fault fault, String sentence) {
    public Bad {
      sentence = Plain.line(sentence);
    }
  }

  /**
   * Records of a chain that a sealed and signed record of a prune names.
   *
   * @param epoch their month
   * @param tenants whose records it names
   * @param first the first of them
   * @param records how many
   * @param by the record that names them
   * @param people the pseudonyms of who proposed it and of who agreed
   * @param removed whether they are gone; if not, the prune was not carried out yet
   * @param outside whether the words of the two people who agreed to it are not in what was handed
   *     over, as records of a tenant that is left out
   */
  public record Pruned(
      ChainId chain,
      int epoch,
      Set<String> tenants,
      long first,
      long last,
      long records,
      ChainId by,
      long bySeq,
      List<String> people,
      boolean removed,
      boolean outside) {
    public Pruned {
      tenants = Set.copyOf(tenants);
      people = List.copyOf(people);
    }
  }

  /**
   * A record whose values' key is gone.
   *
   * @param tenant the record's
   * @param by the erasure that names the key, and its number
   */
  public record Awaited(String tenant, ChainId chain, long seq, ChainId by, long bySeq) {}

  /**
   * A key that is erased on record and still there.
   *
   * @param tenant the erasure's
   * @param key its name
   */
  public record Undestroyed(String tenant, Bytes key, ChainId by, long bySeq) {}

  public record OpenPermit(String tenant, ChainId chain, long seq, String decisionId) {}
}
