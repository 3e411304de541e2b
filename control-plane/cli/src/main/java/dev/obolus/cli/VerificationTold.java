// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.fsck.Plain;
import dev.obolus.audit.fsck.Verification;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a verification found, in words, a line each.
 *
 * @param oneRecord whether one record was asked for
 * @param evidence whether an export was verified
 * @param publicKeys whether the log's public keys were at hand
 */
record VerificationTold(
    Verification found, boolean oneRecord, boolean evidence, boolean publicKeys) {
  private static final int FIRST = 10;

  String text() {
    String seen =
        String.format(
            Locale.ROOT,
            "%s in %s, %.1f s%n",
            counted(found.records(), "record"),
            counted(found.chains(), "chain"),
            found.took().toMillis() / 1000.0);
    if (found.before() > 0) {
      seen += String.format(Locale.ROOT, "%,d more were checked before%n", found.before());
    }
    String open =
        found.openPermits().isEmpty()
            ? ""
            : counted(found.openPermits().size(), "permit")
                + " without an outcome: under way, or left by a gateway that died\n";
    String undestroyed =
        found.undestroyed().isEmpty()
            ? ""
            : "erased on record, and their keys are still there: "
                + String.join(
                    " ", found.undestroyed().stream().map(one -> one.key().hex()).toList())
                + "; a gateway destroys them within minutes, or its log says why not\n";
    String signed =
        found
            .signed()
            .map(newest ->
                String.format(
                    Locale.ROOT,
                    "under a checkpoint of %,d entries%s; %,d records are newer (pending)%n",
                    newest.size(),
                    trustedBy(newest),
                    found.pending()))
            .orElse("");
    String unkeyed =
        found.keyed() || (publicKeys && (evidence || found.signed().isPresent()))
            ? ""
            : "Without the root key only hashes and links were checked: somebody who recomputed"
                + " them all would not be found.\n";
    return switch (found.state()) {
      case VERIFIED -> "VERIFIED: " + seen + signed + pruned() + undestroyed + open + unkeyed;
      case PENDING ->
          found.records() + found.before() == 0
              ? "PENDING: nothing to verify yet: the log is empty.\n"
              : found.awaited().isEmpty()
                  ? "PENDING: " + seen + uncovered()
                  : "PENDING: " + seen + awaited() + signed;
      case PRUNED -> "PRUNED: " + gone() + unkeyed;
      case BROKEN ->
          "BROKEN: "
              + found.firstBad().map(Verification.Bad::sentence).orElse("")
              + "\n"
              + seen
              + unkeyed;
    };
  }

  private String uncovered() {
    if (oneRecord) {
      return "no checkpoint covers it yet.\n";
    }
    if (found.signed().isPresent()) {
      return evidence
          ? "no checkpoint covered any of them when the export was written: write it anew.\n"
          : "no checkpoint covers any of them yet.\n";
    }
    return "no checkpoint was signed yet.\n";
  }

  /** What a checkpoint must still say; the first of each erasure. */
  private String awaited() {
    StringBuilder lines = new StringBuilder();
    found.awaited().stream()
        .collect(
            Collectors.groupingBy(
                one -> "record " + one.bySeq() + " of chain " + one.by(),
                TreeMap::new,
                Collectors.toList()))
        .forEach((erasure, records) ->
            lines
                .append(counted(records.size(), "record"))
                .append(records.size() == 1 ? " lacks" : " lack")
                .append(" the key to stored values, as ")
                .append(erasure)
                .append(" says, which no checkpoint covers yet: ")
                .append(
                    records.stream()
                        .limit(FIRST)
                        .map(one -> one.chain() + "/" + one.seq())
                        .collect(Collectors.joining(" ")))
                .append(records.size() > FIRST ? " …" : "")
                .append('\n'));
    return lines + "verify again: a second later that is signed, or it is broken\n";
  }

  /** Of the one record that was asked for: what is proven of it, and no more. */
  private String gone() {
    StringBuilder lines = new StringBuilder("the record is not there any more\n");
    for (Verification.Pruned prune : found.pruned()) {
      lines.append(
          String.format(
              Locale.ROOT,
              "it is one of %s of %d, of tenants %s, that record %d of chain %s names; proposed by"
                  + " %s%n",
              counted(prune.records(), "record"),
              prune.epoch(),
              Plain.line(String.join(" ", prune.tenants().stream().sorted().toList())),
              prune.bySeq(),
              prune.by(),
              Plain.line(String.join(", agreed to by ", prune.people()))));
    }
    found
        .signed()
        .ifPresent(newest ->
            lines.append(
                String.format(
                    Locale.ROOT,
                    "the log signed a note of that prune, and both records' hashes lead to the root"
                        + " that it signed, of %,d entries%n",
                    newest.size())));
    return lines + "what stood in the record is not shown by this\n";
  }

  /** What is not there any more, by record and month. */
  private String pruned() {
    StringBuilder lines = new StringBuilder();
    found.pruned().stream()
        .collect(
            Collectors.groupingBy(
                part ->
                    String.format(
                        Locale.ROOT,
                        part.removed()
                            ? "of %d were pruned, as record %d of chain %s says%s"
                            : "of %d are to be pruned, as record %d of chain %s says, and are"
                                + " still there%s",
                        part.epoch(),
                        part.bySeq(),
                        part.by(),
                        part.outside()
                            ? "; who agreed to it are another tenant's people, whose words are not in"
                                + " the file"
                            : ""),
                TreeMap::new,
                Collectors.summingLong(Verification.Pruned::records)))
        .forEach((what, records) ->
            lines.append(counted(records, "record")).append(' ').append(what).append('\n'));
    return lines.toString();
  }

  private static String counted(long number, String what) {
    return String.format(Locale.ROOT, number == 1 ? "%,d %s" : "%,d %ss", number, what);
  }

  private static String trustedBy(Verification.Signed newest) {
    return newest.witnesses().entrySet().stream()
            .map(witness -> ", cosigned by " + witness.getKey() + " at " + witness.getValue())
            .collect(Collectors.joining())
        + newest.stamps().entrySet().stream()
            .map(stamp ->
                ", dated by "
                    + stamp.getKey()
                    + " at "
                    + stamp.getValue().size()
                    + " ("
                    + stamp.getValue().at()
                    + ")")
            .collect(Collectors.joining());
  }
}
