#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright the Obolus authors
"""A second verifier of Obolus' audit log, written from docs/audit-format.md alone.

It shares neither code nor language with the product, so that a mistake has to be made twice to go
unseen. Python 3.10 or newer, standard library only.

    obolus_verify.py vectors docs/audit-format-vectors.txt docs/audit-tree-vectors.txt \
        docs/audit-prune-vectors.txt
    obolus_verify.py proof a-record.tlog-proof --keys checkpoint.pub
    obolus_verify.py tiles a-folder --keys checkpoint.pub
    obolus_verify.py evidence an-export.jsonl --keys checkpoint.pub [--root-key root.key]

Of signatures it checks Ed25519, by arithmetic of its own. There is no ML-DSA-44 in the standard
library: where such a key is given its line must be there, and the answer says that it was not
checked. Exit codes: 0 verified, 1 broken, 2 asked wrongly.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import sys
from dataclasses import dataclass

TEXT, WHOLE, BYTES, TEXTS, JSON, COMMITMENT = range(1, 7)

# number: (name, kind)
FIELDS = {
    1: ("origin", TEXT), 2: ("chain", BYTES), 3: ("seq", WHOLE), 4: ("tenant", TEXT),
    5: ("tenant_seq", WHOLE), 6: ("event_id", BYTES), 7: ("key_id", TEXT), 8: ("at", WHOLE),
    9: ("code", TEXT), 16: ("decision_id", TEXT), 17: ("person", TEXT),
    18: ("person_value", COMMITMENT), 19: ("client", TEXT), 20: ("agent", TEXT),
    21: ("strength", TEXT), 22: ("via", TEXTS), 23: ("lane", TEXT), 24: ("environment", TEXT),
    25: ("connector", TEXT), 26: ("operation", TEXT), 27: ("action_class", TEXT),
    28: ("resources", TEXTS), 29: ("labels", JSON), 30: ("purpose", TEXT),
    31: ("conversation", TEXT), 32: ("trace", TEXT), 33: ("token_id", TEXT),
    34: ("client_request_id", TEXT), 35: ("effect", TEXT), 36: ("reasons", TEXTS),
    37: ("reason_details", JSON), 38: ("obligation_kinds", TEXTS), 39: ("revision", TEXT),
    40: ("evaluator", TEXT), 41: ("took_us", WHOLE), 42: ("statement", COMMITMENT),
    43: ("obligations", COMMITMENT), 44: ("inputs", COMMITMENT), 48: ("permit_chain", BYTES),
    49: ("permit_seq", WHOLE), 50: ("rows", WHOLE), 51: ("bytes", WHOLE),
    52: ("entra_correlation_id", TEXT), 53: ("upstream_ids", TEXTS), 54: ("truncated", WHOLE),
    55: ("withheld_kinds", TEXTS), 56: ("error_code", TEXT), 57: ("by_source", WHOLE),
    58: ("source_state", TEXT), 64: ("from", WHOLE), 65: ("to", WHOLE), 66: ("counts", JSON),
    72: ("roles", TEXTS), 73: ("action", TEXT), 74: ("about", TEXT), 75: ("result", TEXT),
    76: ("previous_revision", TEXT), 77: ("source", TEXT), 80: ("settings", JSON),
    81: ("earlier_heads", TEXTS), 82: ("key_commitment", BYTES), 83: ("schema_version", TEXT),
    84: ("reason", TEXT), 85: ("erased_keys", BYTES), 86: ("proposal", TEXT),
    88: ("value_keys", BYTES), 89: ("value_digests", BYTES),
    96: ("predecessor", TEXT), 97: ("predecessor_mac", BYTES), 98: ("revoked_keys", TEXTS),
    104: ("pruned_epoch", WHOLE), 105: ("pruned_tenants", TEXTS), 106: ("pruned_chains", TEXTS),
    107: ("pruned_tree", TEXT), 108: ("retention", TEXT), 109: ("approvers", TEXTS),
    110: ("export", TEXT), 111: ("export_sha256", BYTES),
}
ALWAYS = range(1, 10)


class Broken(Exception):
    """What is wrong, in words."""


# ---------------------------------------------------------------- canonical bytes


def canonical(data):
    """The fields of canonical bytes by name; Broken where they are not canonical."""
    if data[:4] != b"OBO\x01":
        raise Broken("it does not begin with OBO, version 1")
    fields, at, last = {}, 4, 0
    while at < len(data):
        if len(data) - at < 7:
            raise Broken("a field is cut short")
        number = int.from_bytes(data[at : at + 2], "big")
        kind = data[at + 2]
        length = int.from_bytes(data[at + 3 : at + 7], "big")
        content = data[at + 7 : at + 7 + length]
        if number <= last:
            raise Broken(f"field {number} stands after field {last}")
        if len(content) != length:
            raise Broken(f"field {number} is cut short")
        name, expected = FIELDS.get(number, (None, None))
        if name is None:
            raise Broken(f"there is no field {number}")
        if kind != expected:
            raise Broken(f"{name} is of kind {kind}, not {expected}")
        fields[name] = value(name, kind, content)
        last, at = number, at + 7 + length
    for number in ALWAYS:
        if FIELDS[number][0] not in fields:
            raise Broken(f"{FIELDS[number][0]} is missing")
    return fields


def value(name, kind, content):
    try:
        if kind == TEXT:
            return content.decode("utf-8", "strict")
        if kind == WHOLE:
            if len(content) != 8:
                raise Broken(f"{name} is not 8 bytes")
            return int.from_bytes(content, "big", signed=True)
        if kind == TEXTS:
            return texts(name, content)
        if kind == JSON:
            return parsed(name, content.decode("utf-8", "strict"))
        if kind == COMMITMENT and len(content) != 32:
            raise Broken(f"{name} is not 32 bytes")
        return content
    except UnicodeDecodeError:
        raise Broken(f"{name} is not UTF-8") from None


def texts(name, content):
    found, at = [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        piece = content[at + 4 : at + 4 + length]
        if len(content) - at < 4 or len(piece) != length:
            raise Broken(f"{name} is cut short")
        found.append(piece.decode("utf-8", "strict"))
        at += 4 + length
    return found


def parsed(name, text):
    """JSON that is exactly what the format would have written."""
    try:
        tree = json.loads(text, object_pairs_hook=lambda pairs: dict(no_duplicates(name, pairs)))
    except json.JSONDecodeError:
        raise Broken(f"{name} is not JSON") from None
    if written(tree) != text:
        raise Broken(f"{name} is not written canonically")
    return tree


def no_duplicates(name, pairs):
    if len({key for key, _ in pairs}) != len(pairs):
        raise Broken(f"{name} has a member twice")
    return pairs


def written(tree):
    if isinstance(tree, dict):
        return "{" + ",".join(quoted(k) + ":" + written(v) for k, v in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(written(item) for item in tree) + "]"
    if isinstance(tree, str):
        return quoted(tree)
    return json.dumps(tree)


def quoted(text):
    out = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif ord(char) < 0x20:
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


# ---------------------------------------------------------------- leaf, MAC, keys, commitments


def domain(name):
    return b"obolus/audit/v1/" + name.encode("ascii") + b"\0"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def hkdf(secret, info):
    """RFC 5869 with SHA-256, no salt, 32 bytes: one block."""
    return mac(mac(bytes(32), secret), info, b"\x01")


def leaf_of(data):
    return sha256(b"\0", data)


def chain_key(root, epoch, chain):
    epoch_key = hkdf(root, domain("epoch") + epoch.to_bytes(4, "big"))
    return hkdf(epoch_key, domain("chain") + chain)


def key_commitment(key):
    return mac(key, domain("key-commitment"))


def entry_mac(key, chain, seq, previous, leaf):
    return mac(key, domain("entry"), chain, seq.to_bytes(8, "big"), previous, leaf)


def root_id(root):
    return mac(hkdf(root, domain("root-id")))[:4].hex()


def person_handle(root, tenant, object_id):
    parts = [part.encode("utf-8") for part in (tenant, object_id)]
    name = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return mac(hkdf(root, domain("subject")), b"\2" + name)


def value_key_name(key):
    return mac(key, domain("value-key"))


def pseudonym(key):
    return "p-" + mac(key, domain("pseudonym"))[:16].hex()


def value_digests(fields):
    """Field number to digest, as a record with hidden values says it."""
    content, found = fields.get("value_digests", b""), {}
    if len(content) % 34 or len(fields.get("value_keys", b"")) % 32:
        raise Broken("value_digests or value_keys is cut short")
    for at in range(0, len(content), 34):
        found[int.from_bytes(content[at : at + 2], "big")] = content[at + 2 : at + 34]
    return found


def commitment(number, salt, content):
    return sha256(domain("commit"), number.to_bytes(2, "big"), salt, content)


# ---------------------------------------------------------------- one chain, record by record


@dataclass
class Record:
    """What stands beside the canonical bytes; `values` maps a field's number to what is stored."""

    canonical: bytes
    leaf: bytes
    previous: bytes
    mac: bytes
    values: dict


class ChainCheck:
    """Follows one chain from its first record; with the root key, the MACs too."""

    def __init__(self, root=None, erased=frozenset(), pruned=frozenset()):
        """`erased` holds the names of keys that sound records of code OBO3003A name, `pruned` the
        tenants of which records may be missing."""
        self.root = root
        self.erased = erased
        self.pruned = pruned
        self.gone = Gone()
        self.chain = None
        self.seq = 0
        self.last_mac = bytes(32)
        self.tenant_seqs = {}
        self.closed = False
        self.key = None

    def take(self, record):
        """The record's fields; Broken where it is not the next of its chain."""
        fields = canonical(record.canonical)
        if leaf_of(record.canonical) != record.leaf:
            raise Broken("the leaf is not that of the record")
        if self.closed:
            raise Broken("it stands after the chain's last record")
        if self.chain is None:
            self.begin(fields)
        if fields["chain"] != self.chain:
            raise Broken("it names another chain")
        self.go_on(record.previous)
        if fields["seq"] != self.seq + 1:
            raise Broken(f"it says it is number {fields['seq']}, but {self.seq + 1} is next")
        if record.previous != self.last_mac:
            raise Broken("it does not follow the record before it")
        tenant = fields["tenant"]
        leap = fields["tenant_seq"] - self.tenant_seqs.get(tenant, 0)
        if leap != 1 and not (leap > 1 and tenant in self.pruned):
            raise Broken("a record of its tenant is missing before it")
        if self.key is not None:
            self.check_key(fields, record)
        self.check_values(fields, record.values)
        self.tenant_seqs[tenant] = fields["tenant_seq"]
        self.seq, self.last_mac = fields["seq"], record.mac
        self.closed = fields["code"] == "OBO0002A"
        return fields

    def skip(self, leaf):
        """The next record was pruned: its leaf is all that there is, in the tree."""
        if self.chain is None or self.closed:
            raise Broken("such a record is never pruned")
        if self.key is not None:
            self.last_mac = entry_mac(self.key, self.chain, self.seq + 1, self.last_mac, leaf)
        self.seq += 1
        self.gone.take(self.seq, leaf)

    def go_on(self, mac_before):
        """After what was pruned: where the chain goes on."""
        if self.gone.open:
            self.gone.end(mac_before)
            if self.key is None:
                self.last_mac = mac_before

    def end(self, head, head_mac):
        """The chain's end, as the head table has it; what was pruned, as a prune's record says it."""
        self.go_on(head_mac)
        if (self.seq, self.last_mac) != (head, head_mac):
            raise Broken("the chain's head is another")
        return " ".join([self.chain.hex(), str(head), head_mac.hex(), self.gone.line()])

    def begin(self, fields):
        if fields["code"] != "OBO0001A":
            raise Broken("the chain does not begin with its open record")
        self.chain = fields["chain"]
        self.epoch = int(fields["key_id"].rpartition("-")[2])
        if self.root is not None:
            self.key = chain_key(self.root, self.epoch, self.chain)

    def check_key(self, fields, record):
        if "key_commitment" in fields and fields["key_commitment"] != key_commitment(self.key):
            raise Broken("the chain was written with another key")
        expected = entry_mac(self.key, self.chain, fields["seq"], record.previous, record.leaf)
        if not hmac.compare_digest(expected, record.mac):
            raise Broken("the MAC is not that of the record")

    def check_values(self, fields, values):
        committed = {
            number for number, (name, kind) in FIELDS.items() if kind == COMMITMENT and name in fields
        }
        digests = value_digests(fields)
        if sorted(digests) != sorted(committed):
            raise Broken("there is a digest for another value than is committed to")
        keys = fields.get("value_keys", b"")
        names = {keys[at : at + 32] for at in range(0, len(keys), 32)}
        if committed and not names:
            raise Broken("no key of its values is named")
        erased = not names.isdisjoint(self.erased)
        for number in sorted(committed | set(values)):
            name = FIELDS[number][0]
            if number not in committed:
                raise Broken(f"there is a value of {name} that nothing commits to")
            if not erased and number not in values:
                raise Broken(f"the value of {name} is missing")
            if not erased and sha256(values[number]) != digests[number]:
                raise Broken(f"the value of {name} is not the one it was sealed with")


class Gone:
    """The records of a chain that are missing, run by run."""

    def __init__(self):
        self.digest = hashlib.sha256()
        self.open = False
        self.first = self.last = self.records = 0

    def take(self, seq, leaf):
        if not self.open:
            self.digest.update(seq.to_bytes(8, "big"))
            self.open = True
        self.digest.update(leaf)
        self.first, self.last = self.first or seq, seq
        self.records += 1

    def end(self, last_mac):
        self.digest.update(self.last.to_bytes(8, "big") + last_mac)
        self.open = False

    def line(self):
        return f"{self.first} {self.last} {self.records} {self.digest.hexdigest()}"


def prune_note(origin, fields, leaf):
    """The text that the log's note of a prune must have."""
    sha, where = fields.get("export_sha256"), fields.get("export", "-")
    lines = [
        "obolus-prune/v1",
        f"origin {origin}",
        f"record {fields['chain'].hex()} {fields['seq']} {leaf.hex()}",
        f"epoch {fields['pruned_epoch']}",
        f"tenants {' '.join(fields['pruned_tenants'])}",
        f"tree {fields['pruned_tree']}",
        f"retention {fields.get('retention', '-')}",
        f"approvers {' '.join(fields['approvers'])}",
        f"export {sha.hex() if sha else '-'} {where}",
    ]
    return "".join(line + "\n" for line in lines + [f"chain {c}" for c in fields["pruned_chains"]])


class Ends:
    """Where chains end, by their own last record or by a tombstone: nothing may follow."""

    def __init__(self):
        self.at = {}

    def take(self, fields):
        if fields["code"] == "OBO0002A":
            self.add(fields["chain"], fields["seq"])
        elif fields["code"] == "OBO0003A":
            heads = fields.get("earlier_heads", [])
            parts = heads[0].split(" ") if len(heads) == 1 else []
            if len(parts) != 3 or len(parts[0]) != 32 or len(parts[2]) != 64:
                raise Broken("a tombstone does not name one place")
            self.add(bytes.fromhex(parts[0]), int(parts[1]), bytes.fromhex(parts[2]))

    def add(self, chain, seq, head_mac=None):
        if seq < self.at.get(chain, (seq + 1, None))[0]:
            self.at[chain] = (seq, head_mac)

    def conclude(self, newest, macs=None):
        """`newest` has each chain's newest record, `macs` its MAC where MACs are known."""
        for chain, (seq, head_mac) in self.at.items():
            if newest.get(chain, 0) > seq:
                raise Broken(f"chain {chain.hex()} goes on after record {seq}, where it ended")
            known = (macs or {}).get(chain)
            if head_mac and known and newest[chain] == seq and known != head_mac:
                raise Broken(f"chain {chain.hex()} does not end as its tombstone says")


def prune_words(fields):
    """What two people must have said: (chain, seq) to (person, result, about); empty for neither."""
    places, people = fields.get("proposal", "").split(" "), fields.get("approvers", [])
    if len(places) != 4 or len(people) != 2 or people[0] == people[1]:
        return {}
    lines = [str(fields["pruned_epoch"]), " ".join(fields["pruned_tenants"])]
    named = "".join(line + "\n" for line in lines + fields["pruned_chains"])
    about = f"{fields['pruned_epoch']} plan {sha256(named.encode()).hex()[:32]}"
    said = zip((places[:2], places[2:]), people, ("proposed", "agreed"), strict=True)
    return {(place[0], int(place[1])): (who, what, about) for place, who, what in said}


# proposed, agreed; in older logs either
WORDS = ("OBO3005H", "OBO3005A", "OBO3002A")


def said(fields):
    """What a record says of a prune, if it is somebody's word for one."""
    if fields["code"] not in WORDS or fields.get("action") != "audit.prune":
        return None
    return fields.get("person"), fields.get("result"), fields.get("about")


class HandedPrunes:
    """Prunes in what was handed over: told of every record, it knows which of them count, and
    whether what is missing is what one of them names."""

    def __init__(self):
        self.sealed = {}
        self.words = {}
        self.newest = {}
        self.gaps = {}
        self.report = []

    def take(self, fields, leaf):
        chain, seq = fields["chain"], fields["seq"]
        before = self.newest.get(chain, 0)
        if seq > before + 1:
            self.gaps.setdefault(chain, []).append((before + 1, seq - 1))
        self.newest[chain] = seq
        if fields["code"] == "OBO3004A":
            self.sealed[chain.hex(), seq] = (fields, leaf)
        elif said(fields):
            self.words[chain.hex(), seq] = said(fields)

    def there(self, chain, seq):
        chain = bytes.fromhex(chain)
        return 0 < seq <= self.newest.get(chain, 0) and not any(
            first <= seq <= last for first, last in self.gaps.get(chain, [])
        )

    def count(self, notes, keys, outside=frozenset()):
        """Keeps those that count: sealed, noted by the log where its keys are known, and said by
        two people. `notes` maps (chain, seq) to a note, `outside` holds places of other tenants'
        words."""
        for place in notes:
            if place not in self.sealed:
                raise Broken(f"there is a note of record {place[1]} of chain {place[0]} alone")
        waiting, self.counting = {}, []
        for place, (fields, leaf) in self.sealed.items():
            if place in notes:
                self.check_note(notes[place], keys, fields, leaf)
            if place in notes or not keys:
                waiting[place] = fields
        taken = True
        while taken:
            taken = [place for place, fields in waiting.items() if self.stand(fields, outside)]
            for place in taken:
                self.counting.append((place, waiting.pop(place)))
        self.outside = {
            place
            for place, fields in self.counting
            if any(word in outside for word in prune_words(fields))
        }

    def check_note(self, note, keys, fields, leaf):
        origin, text = signed_text(note, keys) if keys else unsigned_text(note)
        if text != prune_note(origin, fields, leaf):
            raise Broken(f"the note of record {fields['seq']} of a prune says something else")

    def stand(self, fields, outside):
        words = prune_words(fields)
        return bool(words) and all(
            self.words.get(place) == word
            if self.there(*place)
            else place in outside or self.removed(*place)
            for place, word in words.items()
        )

    def removed(self, chain, seq):
        """Whether it is in the range of what a prune that counts took."""
        return any(line[0] == chain and line[3] <= seq <= line[4] for _, _, line in self.lines())

    def lines(self):
        """Each counting prune's place, fields and parts: chain, head, MAC, first, last, number."""
        for place, fields in self.counting:
            for line in fields["pruned_chains"]:
                chain, head, head_mac, first, last, records, _ = line.split(" ")
                yield place, fields, (chain, int(head), head_mac, int(first), int(last), int(records))

    def tenants(self, chain):
        """Of whom records of the chain may be missing."""
        named = (set(f["pruned_tenants"]) for _, f, line in self.lines() if line[0] == chain.hex())
        return set().union(*named)

    def conclude(self, chain, newest, mac=None):
        """`newest` is the newest record known; `mac` that of the newest that is there."""
        gaps = list(self.gaps.get(chain, []))
        parts = [part for part in self.lines() if part[2][0] == chain.hex()]
        there = self.newest.get(chain, 0)
        for place, _, (_, head, head_mac, *_) in parts:
            if head < newest or (mac and head == there and head_mac != mac.hex()):
                raise Broken(f"record {place[1]} of a prune names another head of {chain.hex()}")
            newest = max(newest, head)
        if there < newest:
            gaps.append((there + 1, newest))
        missing = sum(last - first + 1 for first, last in gaps)
        numbers = (gaps[0][0], gaps[-1][1], missing) if gaps else None
        if gaps and gaps[0][0] == 1:
            raise Broken(f"the first record of chain {chain.hex()} is missing")
        fits = [part for part in parts if part[2][3:] == numbers] if gaps else parts[-1:]
        if gaps and not fits:
            raise Broken(f"{missing} records of chain {chain.hex()} are missing, by no prune")
        for place, fields, line in fits[:1]:
            self.tell(place, fields, line, bool(gaps))

    def look(self, chain, tenants, left):
        """In an export of some tenants: `left` are those with records that a prune takes."""
        parts = [
            part
            for part in self.lines()
            if part[2][0] == chain.hex() and tenants & set(part[1]["pruned_tenants"])
        ]
        gone = [part for part in parts if not tenants & left & set(part[1]["pruned_tenants"])]
        for place, fields, line in (gone or parts)[-1:]:
            self.tell(place, fields, line, bool(gone))

    def tell(self, place, fields, line, gone):
        state = "were pruned" if gone else "are to be pruned and still there"
        by = f"record {place[1]} of chain {place[0]}"
        rest = ", agreed to by another tenant's people" if place in self.outside else ""
        self.report.append(
            f"{line[5]} records {line[3]} to {line[4]} of chain {line[0]}, {fields['pruned_epoch']},"
            f" {state}, by {by}{rest}"
        )


# ---------------------------------------------------------------- the tree, RFC 6962


def node(left, right):
    return sha256(b"\x01", left, right)


def root_of(leaves):
    """The root over leaf hashes; of none, the hash of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root_of(leaves[:split]), root_of(leaves[split:]))


def included(leaf, index, size, path):
    """The root that an inclusion path leads to (RFC 9162, section 2.1.3.2)."""
    if index >= size:
        raise Broken("the proof's index is not below the checkpoint's size")
    place, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise Broken("the proof's path is too long")
        if place & 1 or place == last:
            root = node(step, root)
            while not place & 1 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            root = node(root, step)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise Broken("the proof's path is too short")
    return root


def consistent(first, second, path, first_root, second_root):
    """Whether the smaller tree is the beginning of the larger (RFC 9162, section 2.1.4.2)."""
    if first == second:
        return not path and first_root == second_root
    if first == 0 or not path:
        return False
    steps = list(path)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node(step, old), node(step, new)
            while not place & 1 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            new = node(new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


# ---------------------------------------------------------------- Ed25519, RFC 8032: verifying only

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def ed25519(key, signature, message):
    """Whether the signature is the key's; never raises."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r = unpacked(key), unpacked(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    h = int.from_bytes(digest, "little") % ORDER
    return same_point(times(s, BASE), plus(r, times(h, a)))


def unpacked(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def plus(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = plus(result, point)
        point, number = plus(point, point), number >> 1
    return result


def same_point(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


BASE = unpacked((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


# ---------------------------------------------------------------- keys, notes, checkpoints, proofs

LOG_ED25519, WITNESS_ED25519, ML_DSA = 1, 4, 6


@dataclass(frozen=True)
class Key:
    name: str
    id: bytes
    type: int
    key: bytes


def key_of(line):
    name, key_id, encoded = line.strip().split("+", 2)
    data = base64.b64decode(encoded, validate=True)
    if sha256(name.encode(), b"\n", data)[:4].hex() != key_id:
        raise Broken(f"the key of {name} does not have the id that it names")
    return Key(name, bytes.fromhex(key_id), data[0], data[1:])


def keys_in(path):
    if path is None:
        return []
    with open(path, encoding="utf-8") as lines:
        return [key_of(line) for line in lines if line.strip() and not line.startswith("#")]


@dataclass
class Checkpoint:
    origin: str
    size: int
    root: bytes
    unchecked: int
    signers: set


def checkpoint(note, keys):
    """The checkpoint of a note that is good by these keys."""
    text, gap, lines = note.partition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise Broken("this is no signed note")
    text += "\n"
    parts = text.split("\n")
    if len(parts) != 4 or parts[1] != str(int(parts[1])):
        raise Broken("the note's text is no checkpoint")
    good, unchecked = set(), set()
    for line in lines[:-1].split("\n"):
        dash, name, encoded = line.split(" ")
        data = base64.b64decode(encoded, validate=True)
        for key in keys:
            if dash == "\u2014" and key.name == name and key.id == data[:4]:
                if key.type == ML_DSA:
                    if len(data) != 4 + 8 + 2420:
                        raise Broken(f"the ML-DSA-44 line of {name} has another length")
                    unchecked.add(key)
                elif not signed(key, text, data[4:]):
                    raise Broken(f"the signature of {name} is untrue")
                else:
                    good.add(key)
    wanted = {key for key in keys if key.type == LOG_ED25519 and key.name == parts[0]}
    if not wanted or not wanted & good:
        raise Broken("no signature of a trusted key of the log's")
    also = {key for key in keys if key.type == ML_DSA and key.name == parts[0]}
    if also and not also & unchecked:
        raise Broken("the line of the log's ML-DSA-44 key is missing")
    root = base64.b64decode(parts[2], validate=True)
    return Checkpoint(parts[0], int(parts[1]), root, len(unchecked), good | unchecked)


def signed(key, text, signature):
    if key.type == LOG_ED25519:
        return ed25519(key.key, signature, text.encode())
    if key.type == WITNESS_ED25519 and len(signature) == 72:
        time = int.from_bytes(signature[:8], "big")
        message = f"cosignature/v1\ntime {time}\n{text}"
        return ed25519(key.key, signature[8:], message.encode())
    return False


def unsigned_text(note):
    """The text of a note whose signature nobody here can check, and the name on its second line."""
    text, gap, _ = note.rpartition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < 2:
        raise Broken("this is no signed note")
    return lines[1].removeprefix("origin "), text + "\n"


def signed_text(note, keys):
    """The text of a note that the log signed, by the name that its second line gives."""
    text, gap, lines = note.rpartition("\n\n")
    text += "\n"
    origin = text.split("\n")[1].removeprefix("origin ")
    for line in lines.splitlines():
        dash, name, encoded = line.split(" ")
        data = base64.b64decode(encoded, validate=True)
        for key in keys:
            ours = (key.type, key.name, key.id) == (LOG_ED25519, origin, data[:4])
            if gap and dash == "\u2014" and name == origin and ours:
                if signed(key, text, data[4:]):
                    return origin, text
    raise Broken("the log did not sign this note")


def proof(text, keys):
    """The fields of the record that a proof proves; what it was proved by."""
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("extra "):
        raise Broken("this is no proof of a record")
    record = base64.b64decode(lines[1][6:], validate=True)
    if not lines[2].startswith("index "):
        raise Broken("the proof names no index")
    found = checkpoint(note, keys)
    path = [base64.b64decode(line, validate=True) for line in lines[3:]]
    if included(leaf_of(record), int(lines[2][6:]), found.size, path) != found.root:
        raise Broken("the record is not in the tree that was signed")
    return canonical(record), found


# ---------------------------------------------------------------- tiles with their entries


def tiles(folder, keys):
    """Verifies a folder of tiles, with entries where they are there; words for the answer."""
    with open(os.path.join(folder, "checkpoint"), encoding="utf-8") as note:
        found = checkpoint(note.read(), keys)
    leaves = level(folder, 0, found.size)
    if root_of(leaves) != found.root:
        raise Broken("the tiles do not give the root that was signed")
    above = leaves
    for number in range(1, 8):
        above = [root_of(above[at : at + 256]) for at in range(0, len(above) // 256 * 256, 256)]
        if above and level(folder, number, len(above)) != above:
            raise Broken(f"a tile of level {number} is not what those below it give")
    rest = ", ML-DSA not checked" if found.unchecked else ""
    if not os.path.isdir(os.path.join(folder, "tile", "entries")):
        return f"{found.size} entries of {found.origin}, by their hashes{rest}"
    check = Entries()
    records = check.check(entries(folder, found.size), leaves, notes_in(folder), keys)
    told_of = "".join("\n  " + line for line in check.prunes.report)
    return f"{found.size} entries of {found.origin}, {records} of them records{rest}{told_of}"


def notes_in(folder):
    """The log's notes of prunes by (chain, seq)."""
    notes, there = {}, os.path.join(folder, "prune")
    for name in os.listdir(there) if os.path.isdir(there) else []:
        chain, dash, seq = name.partition("-")
        if dash and seq.isdecimal():
            with open(os.path.join(there, name), encoding="utf-8", newline="") as note:
                notes[chain, int(seq)] = note.read()
    return notes


def tile_path(folder, kind, number, width):
    name = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        name = f"x{number % 1000:03d}/{name}"
    return os.path.join(folder, "tile", str(kind), name + (f".p/{width}" if width < 256 else ""))


def tiles_of(folder, kind, size):
    for number in range((size + 255) // 256):
        width = min(256, size - 256 * number)
        path = tile_path(folder, kind, number, width)
        try:
            with open(path, "rb") as tile:
                yield width, tile.read()
        except FileNotFoundError:
            raise Broken(f"there is no {os.path.relpath(path, folder)}") from None


def level(folder, number, size):
    hashes = []
    for width, data in tiles_of(folder, number, size):
        if len(data) != 32 * width:
            raise Broken(f"a tile of level {number} has the wrong length")
        hashes += [data[at : at + 32] for at in range(0, len(data), 32)]
    return hashes


def entries(folder, size):
    for width, data in tiles_of(folder, "entries", size):
        at = 0
        for _ in range(width):
            length = int.from_bytes(data[at : at + 2], "big")
            yield data[at + 2 : at + 2 + length]
            at += 2 + length
        if at != len(data):
            raise Broken("a bundle of entries has the wrong length")


class Entries:
    """Records dense in their chains, entries of heads true of what stands before them.

    An empty entry is a record that was pruned; of which chain, what follows shows."""

    def __init__(self):
        self.seqs = {}
        self.records = 0
        self.changed = set()
        self.unknown = 0
        self.prunes = HandedPrunes()
        self.ends = Ends()
        self.tenant_seqs = {}
        self.leaps = set()

    def check(self, found, leaves, notes=None, keys=()):
        for index, (entry, leaf) in enumerate(zip(found, leaves, strict=True)):
            if not entry:
                self.unknown += 1
                continue
            if leaf_of(entry) != leaf:
                raise Broken(f"entry {index} is not the one that was signed")
            try:
                self.heads(entry) if entry[:4] == b"OBH\x01" else self.record(entry, leaf)
            except Broken as broken:
                raise Broken(f"entry {index}: {broken}") from None
        self.ends.conclude(self.seqs)
        self.excuse(notes or {}, keys)
        return self.records

    def excuse(self, notes, keys):
        """What is missing must be what a prune that counts names, by number and by tenant."""
        if self.unknown:
            raise Broken("entries are missing that are of no chain")
        self.prunes.count(notes, keys)
        for chain, newest in self.seqs.items():
            self.prunes.conclude(chain, newest)
        for chain, tenant in self.leaps:
            if tenant not in self.prunes.tenants(chain):
                raise Broken(f"a record of tenant {tenant} is missing from chain {chain.hex()}")

    def passed(self, chain, count):
        if count < 0 or count > self.unknown:
            raise Broken("a record of its chain is missing before it")
        self.unknown -= count

    def record(self, entry, leaf):
        fields = canonical(entry)
        chain = fields["chain"]
        self.passed(chain, fields["seq"] - self.seqs.get(chain, 0) - 1)
        self.seqs[chain] = fields["seq"]
        self.records += 1
        self.prunes.take(fields, leaf)
        self.ends.take(fields)
        self.changed.add(chain)
        whose = (chain, fields["tenant"])
        leap = fields["tenant_seq"] - self.tenant_seqs.get(whose, 0)
        if leap < 1:
            raise Broken("it breaks the count of its tenant's records")
        if leap > 1:
            self.leaps.add(whose)
        self.tenant_seqs[whose] = fields["tenant_seq"]

    def heads(self, entry):
        count = int.from_bytes(entry[12:16], "big")
        listed = int.from_bytes(entry[16:20], "big")
        if len(entry) != 20 + 56 * listed or count != len(self.seqs):
            raise Broken("the heads are not all the chains that there are")
        chains = []
        for at in range(20, len(entry), 56):
            chain, seq = entry[at : at + 16], int.from_bytes(entry[at + 16 : at + 24], "big")
            if self.unknown and self.seqs.get(chain, 0) < seq:
                self.passed(chain, seq - self.seqs.get(chain, 0))
                self.seqs[chain] = seq
                self.changed.add(chain)
            if self.seqs.get(chain) != seq:
                raise Broken(f"the head of chain {chain.hex()} is not its newest record")
            chains.append(chain)
        if self.unknown:
            raise Broken("entries are missing that are of no chain")
        if chains != sorted(self.changed):
            raise Broken("the heads are not those that changed")
        self.changed.clear()


# ---------------------------------------------------------------- an evidence export


MEMBERS = ["chain", "seq", "key_id", "prev_mac", "mac", "leaf", "canonical", "record"]


class Manifest:
    """What an export says of itself, signed by one of these keys where there are any."""

    def __init__(self, note, keys):
        text, gap, lines = note.partition("\n\n")
        self.text = text + "\n" if gap else text
        if keys and not any(
            dash == "\u2014" and key.type == LOG_ED25519 and (key.name, key.id) == (name, data[:4])
            and signed(key, self.text, data[4:])
            for dash, name, data in signature_lines(lines)
            for key in keys
        ):
            raise Broken("the manifest was not signed with the log's key")
        self.said, self.chains, self.notes, self.outside = {}, {}, {}, set()
        self.covered = {}
        if not self.text.startswith("obolus-export/v1\n"):
            raise Broken("this is no manifest of an export")
        for line in self.text.splitlines()[1:]:
            what, _, rest = line.partition(" ")
            words = rest.split(" ")
            if what == "chain":
                chain, _, records, _, last, last_mac = words
                self.chains[bytes.fromhex(chain)] = (int(records), int(last), last_mac)
            elif what == "covered":
                self.covered[bytes.fromhex(words[0])] = int(words[1])
            elif what == "prune":
                note = base64.b64decode(words[2], validate=True).decode("utf-8")
                self.notes[words[0], int(words[1])] = note
            elif what == "outside":
                self.outside.add((words[0], int(words[1])))
            else:
                self.said[what] = rest
        self.tenants = set() if self.said["tenants"] == "*" else set(words_of(self.said["tenants"]))


def words_of(text):
    return text.split(" ")


def signature_lines(lines):
    for line in lines.splitlines():
        dash, name, encoded = line.split(" ")
        yield dash, name, base64.b64decode(encoded, validate=True)


class Pending(Exception):
    """Sound, and nothing of it was under a checkpoint yet."""


class EvidenceChain:
    """One chain on its way through a file."""

    def __init__(self, key_id, key):
        self.key_id, self.key = key_id, key
        self.seq, self.mac, self.records = 0, bytes(32), 0
        self.tenant_seqs, self.leaps, self.left = {}, set(), set()

    def take(self, fields, line, leaf):
        previous, own = bytes.fromhex(line["prev_mac"]), bytes.fromhex(line["mac"])
        seq, tenant = fields["seq"], fields["tenant"]
        if seq <= self.seq:
            raise Broken("it is there twice, or out of order")
        if seq == self.seq + 1 and previous != self.mac:
            raise Broken("it does not follow the record before it")
        if fields["key_id"] != self.key_id or line["key_id"] != self.key_id:
            raise Broken("it was sealed under another key than its chain")
        if seq == 1 and fields["code"] != "OBO0001A":
            raise Broken("the chain does not begin with its open record")
        if self.key and "key_commitment" in fields:
            same("key_commitment", fields["key_commitment"], key_commitment(self.key))
        if self.key and entry_mac(self.key, fields["chain"], seq, previous, leaf) != own:
            raise Broken("the MAC is not that of the record")
        leap = fields["tenant_seq"] - self.tenant_seqs.get(tenant, 0)
        if leap < 1 or (leap > 1 and tenant == "-"):
            raise Broken("it breaks the count of its tenant's records")
        if leap > 1:
            self.leaps.add(tenant)
        if fields["code"] != "OBO3003A":
            self.left.add(tenant)
        self.tenant_seqs[tenant] = fields["tenant_seq"]
        self.seq, self.mac, self.records = seq, own, self.records + 1


def evidence(path, keys, roots):
    """Verifies an evidence export and its manifest; words for the answer."""
    with open(path + ".manifest", encoding="utf-8", newline="") as note:
        manifest = Manifest(note.read(), keys)
    if manifest.said["format"] != "evidence":
        raise Broken("only evidence can be verified")
    roots = {root_id(root): root for root in roots}
    chains, prunes, ends, whole, records = {}, HandedPrunes(), Ends(), hashlib.sha256(), 0
    pending = 0
    with open(path, "rb") as file:
        for number, text in enumerate(file, 1):
            whole.update(text)
            records = number
            try:
                chain, seq = evidence_line(text, chains, prunes, ends, roots)
                pending += seq > manifest.covered.get(chain, 0)
            except (Broken, ValueError, KeyError) as broken:
                raise Broken(f"line {number}: {broken}") from None
    if records != int(manifest.said["records"]) or whole.hexdigest() != manifest.said["sha256"]:
        raise Broken("the file is not the one that the manifest tells of")
    ends.conclude(prunes.newest, {chain: stand.mac for chain, stand in chains.items()})
    prunes.count(manifest.notes, keys, manifest.outside if manifest.tenants else frozenset())
    if not manifest.chains.keys() >= chains.keys():
        raise Broken("the manifest does not tell of a chain")
    for chain, part in manifest.chains.items():
        evidence_end(chain, part, chains.get(chain) or EvidenceChain("", None), prunes, manifest)
    known = "" if keys else ", by no public key"
    nothing = records == 0
    if "checkpoint" in manifest.said and keys:
        note = base64.b64decode(manifest.said["checkpoint"], validate=True).decode()
        size = checkpoint(note, keys).size
        if manifest.covered.keys() >= manifest.chains.keys():
            known = f" under a checkpoint of {size} entries; {pending} are newer (pending)"
            nothing = pending == records
    known += "" if roots else ", without the root key"
    told_of = "".join("\n  " + line for line in prunes.report)
    found = f"{records} records in {len(chains)} chains{known}{told_of}"
    if nothing:
        raise Pending(found)
    return found


def evidence_line(text, chains, prunes, ends, roots):
    line = json.loads(text, object_pairs_hook=lambda pairs: dict(no_duplicates("it", pairs)))
    if not isinstance(line, dict) or list(line) != MEMBERS or not text.endswith(b"\n"):
        raise Broken("it is not of the format")
    data = base64.b64decode(line["canonical"], validate=True)
    leaf, fields = leaf_of(data), canonical(data)
    if leaf.hex() != line["leaf"]:
        raise Broken("the leaf is not that of the record")
    if (fields["chain"].hex(), str(fields["seq"])) != (line["chain"], line["seq"]):
        raise Broken("it was sealed for another place")
    chain = fields["chain"]
    if chain not in chains:
        root, dash, epoch = fields["key_id"].rpartition("-")
        if roots and root not in roots:
            raise Broken(f"it was sealed under a root key {root} that is not given")
        key = chain_key(roots[root], int(epoch), chain) if roots else None
        chains[chain] = EvidenceChain(fields["key_id"], key)
    chains[chain].take(fields, line, leaf)
    prunes.take(fields, leaf)
    ends.take(fields)
    return chain, fields["seq"]


def evidence_end(chain, part, stand, prunes, manifest):
    records, last, last_mac = part
    if stand.records != records or stand.seq > last or (not manifest.tenants and stand.seq != last):
        raise Broken(f"of chain {chain.hex()} the manifest tells of other records")
    if stand.seq == last and last_mac != (stand.mac.hex() if last else "-"):
        raise Broken(f"chain {chain.hex()} does not end as the manifest says")
    if manifest.tenants:
        prunes.look(chain, manifest.tenants, stand.left)
    else:
        prunes.conclude(chain, stand.seq, stand.mac)
    for tenant in stand.leaps - prunes.tenants(chain):
        raise Broken(f"a record of tenant {tenant} is missing from chain {chain.hex()}")


# ---------------------------------------------------------------- the published vectors


def vectors(path):
    """Checks every line of a vectors' file; how many records or entries there were."""
    with open(path, encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    if lines[0][0] == "origin":
        return f"{tree_vectors(lines)} entries"
    if any(words[0] == "pruned" for words in lines):
        return f"{prune_vectors(lines)} records pruned"
    return f"{format_vectors(lines)} records"


def format_vectors(lines):
    head, records = {}, []
    for words in lines:
        if words[0] == "record":
            records.append({"values": {}, "opened": {}, "code": words[2]})
        elif words[0] == "value":
            records[-1]["values"][int(words[1])] = bytes.fromhex(words[2])
        elif words[0] == "opened":
            records[-1]["opened"][int(words[1])] = bytes.fromhex(words[2])
        elif words[0] == "value_key":
            same("value_key", value_key_name(bytes.fromhex(words[2])).hex(), words[1])
        elif records:
            records[-1][words[0]] = words[1]
        else:
            head[words[0]] = words[1]
    root = bytes.fromhex(head["root_key"])
    same("root_id", root_id(root), head["root_id"])
    chain = bytes.fromhex(head["chain"])
    key = chain_key(root, int(head["epoch"]), chain)
    same("key_commitment", key_commitment(key).hex(), head["key_commitment"])
    same("handle", person_handle(root, *head["person"].split("/")).hex(), head["handle"])
    same("pseudonym", pseudonym(bytes(range(32))), head["pseudonym"])
    check = ChainCheck(root)
    for number, record in enumerate(records, 1):
        try:
            fields = check.take(
                Record(
                    bytes.fromhex(record["canonical"]),
                    bytes.fromhex(record["leaf"]),
                    bytes.fromhex(record["prev_mac"]),
                    bytes.fromhex(record["mac"]),
                    record["values"],
                )
            )
        except Broken as broken:
            raise Broken(f"record {number}: {broken}") from None
        same("code", fields["code"], record["code"])
        same("opened", sorted(record["opened"]), sorted(record["values"]))
        for field, opened in record["opened"].items():
            name = FIELDS[field][0]
            same(f"commitment of {name}", commitment(field, opened[:16], opened[16:]), fields[name])
    return len(records)


def prune_vectors(lines):
    """A chain of which records were pruned, with the root key and without it."""
    head, chains, note = {}, [[]], ""
    for words in lines:
        if words[0] in ("root_key", "log_key", "chain", "head"):
            head[words[0]] = words[1:]
        elif words[0] == "pruned":
            head["by"] = words[1:]
            chains.append([])
        elif words[0] == "gone":
            chains[-1].append(bytes.fromhex(words[1]))
        elif words[0] == "stays":
            chains[-1].append({})
        elif words[0] == "note":
            note = base64.b64decode(words[1]).decode()
        else:
            chains[-1][-1][words[0]] = bytes.fromhex(words[1])
    root = bytes.fromhex(head["root_key"][0])
    prunes, before = HandedPrunes(), None
    for record in chains[1]:
        fields, leaf = canonical(record["canonical"]), leaf_of(record["canonical"])
        same("chain of the prune", fields["chain"].hex(), head["by"][0])
        same("leaf", leaf, record["leaf"])
        key = chain_key(root, int(fields["key_id"].rpartition("-")[2]), fields["chain"])
        expected = entry_mac(key, fields["chain"], fields["seq"], record["prev_mac"], leaf)
        same("mac", expected, record["mac"])
        same("prev_mac", record["prev_mac"], before or record["prev_mac"])
        before = record["mac"]
        prunes.take(fields, leaf)
    place = (fields["chain"].hex(), fields["seq"])
    prunes.count({place: note}, [key_of(head["log_key"][0])])
    same("prunes that count", [place], [found for found, _ in prunes.counting])
    for word in prune_words(fields):
        alone = HandedPrunes()
        alone.sealed, alone.newest, alone.gaps = prunes.sealed, prunes.newest, prunes.gaps
        alone.words = {place: said for place, said in prunes.words.items() if place != word}
        alone.count({place: note}, [])
        same("prunes that count without a word", [], alone.counting)
    for known in (root, None):
        check = ChainCheck(known, pruned=frozenset(fields["pruned_tenants"]))
        for record in chains[0]:
            if isinstance(record, bytes):
                check.skip(record)
            else:
                check.take(Record(*(record[k] for k in ("canonical", "leaf", "prev_mac", "mac")), {}))
        line = check.end(int(head["head"][0]), bytes.fromhex(head["head"][1]))
        same("chain", head["chain"][0], check.chain.hex())
        same("pruned", [line], fields["pruned_chains"])
    return check.gone.records


def tree_vectors(lines):
    found, leaves, roots, log_keys, witness_keys = [], [], {}, [], []
    for words in lines:
        what, first = words[0], words[1]
        if what == "entry":
            found.append(bytes.fromhex(first))
            leaves.append(leaf_of(found[-1]))
        elif what == "leaf":
            same("leaf", leaves[-1].hex(), first)
        elif what == "root":
            same("root", root_of(leaves[: int(first)]).hex(), words[2])
            roots[int(first)] = bytes.fromhex(words[2])
        elif what == "log_key":
            log_keys.append(key_of(first))
        elif what == "witness_key":
            witness_keys.append(key_of(first))
        elif what in ("checkpoint", "cosigned"):
            keys = log_keys + (witness_keys if what == "cosigned" else [])
            signed_tree = checkpoint(base64.b64decode(first).decode(), keys)
            same("signers", signed_tree.signers, set(keys))
            same("root", signed_tree.root, roots[signed_tree.size])
        elif what == "proof":
            keys = log_keys + witness_keys
            fields, signed_tree = proof(base64.b64decode(first).decode(), keys)
            same("signers", signed_tree.signers, set(keys))
            same("proved", canonical(found[fields["seq"] - 1]), fields)
        elif what == "consistency":
            old, new = int(first), int(words[2])
            path = [bytes.fromhex(word) for word in words[3:]]
            if not consistent(old, new, path, roots[old], roots[new]):
                raise Broken(f"{old} is not shown to be the beginning of {new}")
    Entries().check(found, leaves)
    return len(found)


def same(what, found, wanted):
    if found != wanted:
        raise Broken(f"{what} is {found}, not {wanted}")


def main(arguments):
    parser = argparse.ArgumentParser(description="Verifies Obolus' audit log.")
    actions = parser.add_subparsers(dest="action", required=True)
    published = actions.add_parser("vectors", help="check the published vectors, or copies of them")
    published.add_argument("files", nargs="+")
    for action in ("proof", "tiles", "evidence"):
        offline = actions.add_parser(action, help=f"check {action} by public keys alone")
        offline.add_argument("files", nargs="+")
        wanted = action != "evidence"
        offline.add_argument("--keys", required=wanted, help="the log's public keys, one a line")
        if action == "evidence":
            offline.add_argument("--root-key", help="the root key's file, for MACs")
    asked = parser.parse_args(arguments)
    verify = {
        "vectors": vectors,
        "proof": lambda file: proved(file, keys_in(asked.keys)),
        "tiles": lambda folder: tiles(folder, keys_in(asked.keys)),
        "evidence": lambda file: evidence(file, keys_in(asked.keys), roots_in(asked.root_key)),
    }
    codes = {told(file, verify[asked.action]) for file in asked.files}
    return 1 if 1 in codes else max(codes)


def proved(path, keys):
    with open(path, encoding="utf-8") as file:
        fields, found = proof(file.read(), keys)
    rest = ", ML-DSA not checked" if found.unchecked else ""
    return f"{fields['code']}, chain {fields['chain'].hex()}, seq {fields['seq']}{rest}"


def roots_in(path):
    if path is None:
        return []
    with open(path, encoding="ascii") as file:
        return [bytes.fromhex(file.read().strip())]


def plain(text, keep=""):
    """No character that moves a terminal's cursor, or shows text otherwise than it is."""
    return "".join(c if c.isprintable() or c in keep else ascii(c)[1:-1] for c in text)


def told(file, verify):
    """Whatever is not as it should be is broken, unreadable input too."""
    try:
        found = plain(verify(file), "\n")
        print(f"VERIFIED {plain(file)}: {found}")
        return 0
    except Pending as pending:
        found = plain(str(pending), "\n")
        print(f"PENDING {plain(file)}: {found}")
        return 4
    except (Broken, ValueError, IndexError, KeyError, UnicodeDecodeError) as broken:
        print(f"BROKEN {plain(file)}: {plain(str(broken))}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
