# SPDX-License-Identifier: Apache-2.0
"""Makes bundles after valise-format(5), good ones, and bad ones by hooks that spoil one step.

A hook is a function that takes what a step made and returns what to use instead; later steps build on it, so that a
spoiled list is rightly signed. Steps in order: entries archive manifest manifest_text frame seal chunks slot_text slots
listed sums waybill waybill_text waybill_end signatures members trailer file.
"""
import hashlib
import json
import uuid

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

import container
import frames
import shared
import slots
from cast import utc
from pgp import Generator, sign

CREATED, NOT_AFTER = "2026-02-20T09:00:00Z", "2026-05-20T09:00:00Z"
CHUNK = 1 << 20
RANKS = {
    "tlp": ("max", "yes", "yes", "yes", {"clear": 0, "green": 10, "amber": 20, "amber-strict": 30, "red": 40}),
    "pap": ("max", "yes", "no", "no", {"clear": 0, "green": 10, "amber": 20, "red": 30}),
    "pd": ("max", "yes", "yes", "yes", {"none": 0, "anonymised": 10, "pseudonymised": 20, "personal": 30}),
    "pdcat": ("union", "no", "no", "yes", dict.fromkeys((
        "art9-ethnic", "art9-political", "art9-belief", "art9-union", "art9-genetic", "art9-biometric", "art9-health",
        "art9-sex", "art10-criminal", "child", "net-identifier", "contact", "credential"), "-"))}
# What a label asks for: the lines that follow its own in the text of the semantic digest.
ASKED = {
    "tlp/green": ["recipients shared-community"], "tlp/amber-strict": ["recipients one-organisation"],
    "tlp/red": ["recipient-kind person"], "pd/pseudonymised": ["needs key-holder", "needs record"], "pd/personal": ["needs record"]}
for category in RANKS["pdcat"][4]:
    article = category.removeprefix("art").split("-")[0] if category.startswith("art") else None
    ASKED[f"pdcat/{category}"] = [f"needs article-{article}-basis"] * bool(article) + ["implies pd/pseudonymised"]
VERSIONS = {"tlp": "2.0", "pap": "1.0", "pd": "1", "pdcat": "1"}
LABELS = ("pd/none", "tlp/amber")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def semantic_digest(scheme):
    combine, exclusive, required, ceiling, labels = RANKS[scheme]
    text = f"valise-scheme-semantics 1\nid {scheme}\ncombine {combine}\nexclusive {exclusive}\n"
    text += f"required {required}\nceiling {ceiling}\n"
    for name, rank in sorted(labels.items()):
        text += "".join(f"{line}\n" for line in [f"label {name} {rank}", *ASKED.get(f"{scheme}/{name}", [])])
    return sha256(text.encode())


def subkey(key, number):
    """crypto_kdf of libsodium, context "valise-1"."""
    return hashlib.blake2b(b"", digest_size=32, key=key, salt=number.to_bytes(8, "little") + bytes(8),
                           person=b"valise-1" + bytes(8)).digest()


def key_check(key, before):
    return hashlib.blake2b(before, digest_size=32, key=subkey(key, 3)).hexdigest()


def nonce(number, last):
    return number.to_bytes(8, "little") + bytes([last, 0, 0, 0])


def padme(length):
    exponent = length.bit_length() - 1
    low = exponent - exponent.bit_length()
    return -(-length >> low) << low if low > 0 else length


def flow(value):
    """YAML that is JSON: strings in double quotes, numbers plain."""
    return json.dumps(value, ensure_ascii=False)


def document(fields):
    """fields: a list of (key, value); lists of lists or of mappings go one to a line."""
    out = ""
    for key, value in fields:
        if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
            out += f"{key}:\n" + "".join(f"- {flow(item)}\n" for item in value)
        else:
            out += f"{key}: {flow(value)}\n"
    return out


def common(markings):
    """What the jurisdictions of all these markings have in common; none where nobody names any."""
    named = [set(marking["releasable-to"]) for marking in markings if marking.get("releasable-to")]
    return sorted(set.intersection(*named)) if named else []


def folder(path, mtime=1764000000):
    return container.Entry(path, None, mtime)


def file(path, data=b"hello", **more):
    return container.Entry(path, data, **more)


class Maker:
    """One bundle to be made; everything has a default, everything can be spoiled."""

    def __init__(self, cast, name, **hooks):
        self.cast, self.name, self.hooks = cast, name, hooks
        self.generator = Generator("bundle " + name)
        self.id = str(uuid.UUID(bytes=self.generator.take(16), version=4))
        self.key = self.generator.take(32)
        self.sender, self.recipients, self.hidden = cast.alice, [cast.bob], False
        self.signers = None  # [(key, primary fingerprint, time)]; default: the sender
        self.entries = [folder("reports"), file("reports/a.txt")]
        self.created, self.not_after, self.approvals, self.handling = CREATED, NOT_AFTER, 1, ""
        self.purpose, self.supersedes, self.compression, self.pad = "weekly incident reports", "", "zstd", False
        self.schemes, self.records = ["pd", "tlp"], []
        self.sequence, self.previous, self.secrets, self.old_packets = 1, "0" * 64, {}, False
        self.keep = {}  # what the steps made, for bundles that are built of two

    def hook(self, step, value, *more):
        return self.hooks[step](value, *more) if step in self.hooks else value

    # The inside.

    def labels(self, entry):
        return LABELS if entry.labels is None else entry.labels

    def make_archive(self, entries):
        offsets = container.archive(entries)[1]  # the manifest's: honest, whatever a hook does to the archive
        data = container.archive(self.hook("entries", list(entries)))[0]
        if self.pad:
            data += bytes(padme(len(data)) - len(data))
        return self.hook("archive", data), offsets

    def marking(self, entry):
        """What the file carries; facts may replace the labels, to say where they come from."""
        return {"labels": [[label, "option"] for label in self.labels(entry)], **entry.facts}

    def manifest_fields(self, entries, offsets):
        markings = sorted({flow(self.marking(e)) for e in entries if e.is_file()})
        lines = []
        for entry, offset in zip(entries, offsets):
            if entry.is_file():
                lines.append(["executable" if entry.executable else "file", entry.path, entry.mtime, offset,
                              len(entry.data), sha256(entry.data), entry.media,
                              markings.index(flow(self.marking(entry)))])
            else:
                lines.append(["folder", entry.path, entry.mtime, offset])
        files = [e for e in entries if e.is_file()]
        return [("valise-manifest", 2), ("bundle", self.id), ("tool", "second 1"), ("purpose", self.purpose),
                ("handling", self.handling), ("supersedes", self.supersedes),
                ("recipients", sorted(p.fpr for p in self.recipients) if self.hidden else []),
                ("schemes", [[s, VERSIONS[s], semantic_digest(s)] for s in self.schemes]),
                ("marks", self.marks(files)), ("releasable-to", common(map(json.loads, markings))), ("voided", []),
                ("records", self.records), ("markings", [json.loads(marking) for marking in markings]),
                ("files", len(files)), ("bytes", sum(len(e.data) for e in files)), ("entries", lines)]

    def marks(self, files):
        highest = {}
        for entry in files:
            for label in self.labels(entry):
                scheme, name = label.split("/")
                rank = RANKS.get(scheme, (0, 0, 0, 0, {}))[4].get(name, 0)
                highest[scheme] = max(highest.get(scheme, (-1, "")), (rank, label))
        return sorted(label for _, label in highest.values())

    def make_manifest(self, offsets):
        fields = self.manifest_fields(self.entries, offsets)
        text = self.hook("manifest_text", document(self.hook("manifest", fields)).encode())
        return text + b"\n" * (padme(len(text)) - len(text)) if self.pad else text

    def make_chunks(self, kind, data):
        """kind: "payload" or "manifest"."""
        cipher = ChaCha20Poly1305(subkey(self.key, 1 if kind == "payload" else 2))
        pieces, out = [data[i:i + CHUNK] for i in range(0, len(data), CHUNK)], []
        for number, piece in enumerate(pieces):
            framed = frames.frame(piece) if self.compression == "zstd" else piece
            framed = self.hook("frame", framed, kind, number, piece)
            how = self.hook("seal", (nonce(number, number == len(pieces) - 1), self.id.encode()), kind, number)
            out.append(cipher.encrypt(how[0], framed, how[1]))
        return self.hook("chunks", out, kind)

    # The outside.

    def slot_text(self, person):
        secret, secret_id, key = self.secrets.get(person.fpr) if person else None, shared.NONE, self.key
        if secret:
            secret_id, key = shared.secret_id(secret), shared.mix(self.key, secret, self.id, person.fpr)
        return f"valise-key 1\n{self.id}\n{self.sequence:010}\n{self.previous}\n{secret_id}\n{key.hex()}\n"

    def make_slots(self):
        out = []
        for person in self.recipients:
            text = self.hook("slot_text", self.slot_text(person), person).encode()
            out.append(slots.encrypt(person.encryption, text, self.generator, self.hidden, self.old_packets))
        return self.hook("slots", out, self)

    def waybill_fields(self, sums, chunks, payload):
        fields = [("valise-waybill", 1), ("bundle", self.id), ("created", self.created),
                  ("not-after", self.not_after),
                  ("from", self.sender.fpr), ("to", [p.fpr for p in self.recipients]), ("approvals", self.approvals),
                  ("handling", self.handling), ("compression", self.compression), ("chunk-bytes", CHUNK),
                  ("chunks", chunks), ("payload-bytes", payload), ("sums", sha256(sums))]
        return [f for f in fields if not (self.hidden and f[0] == "to")]

    def make_waybill(self, sums, chunks, payload):
        fields = self.hook("waybill", self.waybill_fields(sums, chunks, payload))
        text = self.hook("waybill_text", document(fields).encode())
        text += f'key-check: "{key_check(self.key, text)}"\n'.encode()
        return self.hook("waybill_end", text)

    def make_signatures(self, waybill):
        signers = self.signers or [(self.sender.primary, self.sender.fpr, self.created)]
        made = [(fpr, sign(key, waybill, utc(time), old=self.old_packets)) for key, fpr, time in signers]
        return sorted(self.hook("signatures", made, waybill))

    def make(self):
        payload, offsets = self.make_archive(self.entries)
        manifest = self.make_manifest(offsets)
        chunks = self.make_chunks("payload", payload)
        members = [("valise", b"valise 1\n")]
        members += [("keys/%04d.pgp" % i, slot) for i, slot in enumerate(self.make_slots())]
        members += [("payload/%010d" % i, chunk) for i, chunk in enumerate(chunks)]
        members += [("manifest/%010d" % i, chunk) for i, chunk in enumerate(self.make_chunks("manifest", manifest))]
        members = self.hook("listed", members)
        sums = self.hook("sums", "".join(f"{sha256(data)}  {name}\n" for name, data in members).encode())
        waybill = self.make_waybill(sums, len(chunks), len(payload))
        members += [("SHA256SUMS", sums), ("waybill.yaml", waybill)]
        members += [(f"signatures/{fpr}.sig", made) for fpr, made in self.make_signatures(waybill)]
        self.keep = dict(members)
        return self.contain([container.Member(name, data) for name, data in members])

    def contain(self, members):
        members = self.hook("members", members)
        hint = self.hook("trailer", container.trailer(members))
        members = members + ([container.Member("trailer", hint)] if hint is not None else [])
        members = self.hook("blocks", members)
        return self.hook("file", b"".join(m.bytes() for m in members) + bytes(1024))
