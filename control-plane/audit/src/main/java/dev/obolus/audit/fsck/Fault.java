// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

/** What can be wrong with a record, in words. */
public enum Fault {
  MISSING("is missing"),
  DUPLICATE("is there twice"),
  LEAF("does not hash to its leaf: its bytes or its leaf were changed"),
  UNREADABLE("is not of the format"),
  PLACE("was sealed for another place"),
  PREVIOUS("does not follow the record before it"),
  MAC("was not sealed with the chain's key"),
  KEY("was sealed under a root key that this verifier does not hold"),
  OPENING("does not open its chain"),
  AFTER_CLOSE("stands after the chain's last record"),
  ENDED("is called the last of its chain, and no record ends the chain"),
  COLUMN("has a search column that says something else than its bytes"),
  TENANT_SEQ("breaks the count of its tenant's records"),
  VALUE("has a hidden value that is not the one it was sealed with"),
  VALUE_KEY("is hidden under a key that is gone, and no record says that it was erased"),
  COMMITMENT("has a personal value that is not the one committed to"),
  VALUE_MISSING("lacks a personal value that it is committed to"),
  VALUE_EXTRA("has a personal value that it is not committed to"),
  TRUNCATED("was cut off: the chain is known to have been longer"),
  HEAD("is not the chain's head as it was recorded elsewhere"),
  ENTRY("is not the entry that the tree holds for it"),
  TREE("stands in a tree that is not as it was made"),
  ROOT("stands among entries that are not those that were signed"),
  SIGNATURE("stands under a checkpoint that was not signed with the log's keys"),
  HANDOVER("was not handed over to by the chain that it names"),
  MANIFEST("stands in a file that is not the one its manifest tells of"),
  REVOKED("was sealed with a key after that key was revoked"),
  PRUNE("tells of a prune that is not as the log shows it"),
  PRUNED_OTHERWISE("is missing, and what is missing is not what the record of a prune names");

  private final String words;

  Fault(String words) {
    this.words = words;
  }

  /** Says it of a record: "record 7 of chain … is missing". */
  String sentence(String chain, long seq, String detail) {
    String said = "record " + seq + " of chain " + chain + " " + words;
    return detail.isEmpty() ? said : said + " (" + detail + ")";
  }
}
