// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.StoredTree.Place;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Prunes in what was handed over without the database: told of every record, it knows their
 * records, the two people's words and which records are there. As in the log itself only those
 * count whose two words stand and, for whoever holds the log's public keys, of which the log signed
 * a note. Keeps some bytes for each gap between records, whatever their numbers. Not for several
 * threads.
 */
final class HandedPrunes {
  private static final byte[] PRUNED = "OBO3004A".getBytes(StandardCharsets.US_ASCII);

  /** A record of a prune. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Sealed(Parsed record, byte[] leaf) {}

  private final Optional<PublicKeys> trusted;
  private final Map<Place, Sealed> sealed = new LinkedHashMap<>();
  private final Map<Place, Parsed> words = new HashMap<>();
  private final Map<ChainId, Numbers> there = new HashMap<>();

  /**
   * @param trusted the log's public keys; without them notes are only compared
   */
  HandedPrunes(Optional<PublicKeys> trusted) {
    this.trusted = trusted;
  }

  /** The next record that is there, with its leaf. */
  void take(ChainId chain, long seq, byte[] leaf, Parsed record) throws Malformed {
    there.computeIfAbsent(chain, any -> new Numbers()).add(seq);
    if (record.holds(Parsed.CODE, PRUNED)) {
      Sealed _ = sealed.put(new Place(chain, seq), new Sealed(Parsed.of(record.source()), leaf));
    } else if (PruneWord.may(record)) {
      Parsed _ = words.put(new Place(chain, seq), Parsed.of(record.source()));
    }
  }

  /** The numbers of the chain's records that are there. */
  Numbers there(ChainId chain) {
    return there.getOrDefault(chain, new Numbers());
  }

  /**
   * Those that count, when everything was told.
   *
   * @param notes the log's notes, by the record that each is of
   * @param outside places of words that are in the log, and not in what was handed over
   */
  Prunes counting(Map<Place, String> notes, Set<Place> outside) throws Found {
    for (Place at : notes.keySet()) {
      if (!sealed.containsKey(at)) {
        throw new Found(
            at.chain(), new Faulty(Fault.PRUNE, at.seq(), "there is a note of it alone"));
      }
    }
    Map<Place, Sealed> waiting = new LinkedHashMap<>(sealed);
    for (Map.Entry<Place, Sealed> entry : sealed.entrySet()) {
      if (!noted(
          entry.getKey(), entry.getValue(), Optional.ofNullable(notes.get(entry.getKey())))) {
        Sealed _ = waiting.remove(entry.getKey());
      }
    }
    Prunes prunes = new Prunes();
    while (takeAgreed(waiting, prunes, outside)) {
      // what one of them removed may be the words of another
    }
    return prunes;
  }

  private boolean noted(Place at, Sealed prune, Optional<String> note) throws Found {
    try {
      if (note.isPresent()) {
        Prunes.noted(at, prune.leaf(), prune.record(), note.get(), trusted);
      }
      return note.isPresent() || trusted.isEmpty();
    } catch (Faulty e) {
      throw new Found(at.chain(), e);
    } catch (Malformed e) {
      throw unreadable(at);
    }
  }

  /** Takes those of which both words stand; answers whether there was one. */
  private boolean takeAgreed(Map<Place, Sealed> waiting, Prunes prunes, Set<Place> outside)
      throws Found {
    boolean taken = false;
    for (Iterator<Map.Entry<Place, Sealed>> all = waiting.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Place, Sealed> entry = all.next();
      Place at = entry.getKey();
      try {
        List<PruneWord> two = PruneWord.of(entry.getValue().record());
        if (!two.isEmpty() && two.stream().allMatch(word -> stands(word, prunes, outside))) {
          boolean left = two.stream().anyMatch(word -> outside.contains(word.at()));
          prunes.take(at.chain(), at.seq(), entry.getValue().record(), left);
          all.remove();
          taken = true;
        }
      } catch (Malformed e) {
        throw unreadable(at);
      }
    }
    return taken;
  }

  private boolean stands(PruneWord word, Prunes sooner, Set<Place> outside) {
    Place at = word.at();
    if (there(at.chain()).has(at.seq())) {
      Parsed said = words.get(at);
      return said != null && word.saidBy(said);
    }
    return outside.contains(at) || sooner.concern(at.chain(), at.seq());
  }

  private static Found unreadable(Place at) {
    return new Found(at.chain(), new Faulty(Fault.UNREADABLE, at.seq(), "a prune"));
  }
}
