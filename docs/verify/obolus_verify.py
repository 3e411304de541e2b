#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright the Obolus authors
"""A second verifier of Obolus' audit log, written from docs/audit-format.md alone.

It shares neither code nor language with the product, so that a mistake has to be made twice to go
unseen. Python 3.10 or newer, standard library only.

    obolus_verify.py vectors docs/audit-format-vectors.txt

Exit codes: 0 verified, 1 broken, 2 asked wrongly.
"""

import argparse
import hashlib
import hmac
import json
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
    84: ("reason", TEXT),
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


def pseudonym(root, tenant, object_id):
    parts = [part.encode("utf-8") for part in (tenant, object_id)]
    name = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return "p-" + mac(hkdf(root, domain("pseudonym")), name)[:16].hex()


def commitment(number, salt, content):
    return sha256(domain("commit"), number.to_bytes(2, "big"), salt, content)


# ---------------------------------------------------------------- one chain, record by record


@dataclass
class Record:
    """What stands beside the canonical bytes; `values` maps a field's number to (salt, value)."""

    canonical: bytes
    leaf: bytes
    previous: bytes
    mac: bytes
    values: dict


class ChainCheck:
    """Follows one chain from its first record; with the root key, the MACs too."""

    def __init__(self, root=None):
        self.root = root
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
        if fields["seq"] != self.seq + 1:
            raise Broken(f"it says it is number {fields['seq']}, but {self.seq + 1} is next")
        if record.previous != self.last_mac:
            raise Broken("it does not follow the record before it")
        tenant = fields["tenant"]
        if fields["tenant_seq"] != self.tenant_seqs.get(tenant, 0) + 1:
            raise Broken("a record of its tenant is missing before it")
        if self.key is not None:
            self.check_key(fields, record)
        self.check_values(fields, record.values)
        self.tenant_seqs[tenant] = fields["tenant_seq"]
        self.seq, self.last_mac = fields["seq"], record.mac
        self.closed = fields["code"] == "OBO0002A"
        return fields

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

    @staticmethod
    def check_values(fields, values):
        committed = {
            number for number, (name, kind) in FIELDS.items() if kind == COMMITMENT and name in fields
        }
        for number in sorted(committed | set(values)):
            name = FIELDS[number][0]
            if number not in values:
                raise Broken(f"the value of {name} is missing")
            if number not in committed:
                raise Broken(f"there is a value of {name} that nothing commits to")
            salt, content = values[number]
            if commitment(number, salt, content) != fields[name]:
                raise Broken(f"the value of {name} is not the one committed to")


# ---------------------------------------------------------------- the published vectors


def vectors(path):
    """Checks every line of the vectors' file; the number of records."""
    head, records = {}, []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "record":
                records.append({"values": {}, "code": words[2]})
            elif words[0] == "value":
                content = bytes.fromhex(words[3]) if len(words) > 3 else b""
                records[-1]["values"][int(words[1])] = (bytes.fromhex(words[2]), content)
            elif records:
                records[-1][words[0]] = words[1]
            else:
                head[words[0]] = words[1]
    root = bytes.fromhex(head["root_key"])
    same("root_id", root_id(root), head["root_id"])
    chain = bytes.fromhex(head["chain"])
    key = chain_key(root, int(head["epoch"]), chain)
    same("key_commitment", key_commitment(key).hex(), head["key_commitment"])
    same("pseudonym", pseudonym(root, *head["person"].split("/")), head["pseudonym"])
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
    return len(records)


def same(what, found, wanted):
    if found != wanted:
        raise Broken(f"{what} is {found}, not {wanted}")


def main(arguments):
    parser = argparse.ArgumentParser(description="Verifies Obolus' audit log.")
    actions = parser.add_subparsers(dest="action", required=True)
    published = actions.add_parser("vectors", help="check the published vectors, or copies of them")
    published.add_argument("files", nargs="+")
    asked = parser.parse_args(arguments)
    return max(told(file, vectors) for file in asked.files)


def told(file, verify):
    try:
        print(f"VERIFIED {file}: {verify(file)} records")
        return 0
    except Broken as broken:
        print(f"BROKEN {file}: {broken}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
