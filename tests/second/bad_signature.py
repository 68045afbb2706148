# SPDX-License-Identifier: Apache-2.0
"""Signatures that are not one plain packet, or do not count."""
import base64
import struct

from bundle import CREATED
from cast import utc
from pgp import HASHES, packet, raw_sign, sign, subpacket

HASHES.setdefault(11, "sha224")
FPR, TIME, ISSUER = 33, 2, 16


def vectors(book):
    forms(book)
    subpackets(book)
    people(book)
    times(book)
    approvals(book)


def fingerprint(key, critical=False):
    return subpacket(FPR, b"\x04" + bytes.fromhex(key.fpr), critical)


def time(text=CREATED, critical=False):
    return subpacket(TIME, struct.pack(">I", utc(text)), critical)


def bad(book, name, what, error, change):
    """change(key, waybill) returns the bytes of alice's signature member."""
    alice = book.cast.alice
    maker = book.maker(name, signatures=lambda made, waybill: [(alice.fpr, change(alice.primary, waybill))])
    book.bad(name, what, "signature", error, maker)


def usual(key, data, **more):
    return sign(key, data, utc(CREATED), **more)


def forms(book):
    def form(name, what, change, error="signature-packet"):
        bad(book, f"bad-signature-{name}", what, error, change)
    form("sha1", "SHA-1.", lambda k, w: usual(k, w, hash_id=2))
    form("sha224", "SHA-224.", lambda k, w: sign_sha224(k, w))
    form("text-mode", "A signature of text (type 0x01).", lambda k, w: usual(k, w.replace(b"\n", b"\r\n"), kind=1))
    form("standalone", "A standalone signature (type 0x02).", lambda k, w: usual(k, b"", kind=2))
    form("version-3", "A version 3 signature.", lambda k, w: usual(k, w, version=3))
    form("two", "Two signatures in one file.", lambda k, w: usual(k, w) * 2)
    form("trailing", "A byte behind the packet.", lambda k, w: usual(k, w) + b"\0")
    form("marker", "A marker packet before the signature.", lambda k, w: packet(10, b"PGP") + usual(k, w))
    form("armor", "ASCII armor.", armor)
    form("inline", "An inline-signed message with the waybill in it.", inline)
    form("inline-other", "An inline-signed message with other text in it.", lambda k, w: inline(k, b"other"))
    form("clear", "A cleartext signature.", lambda k, w: b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n")
    form("literal", "A literal packet and no signature.", lambda k, w: packet(11, b"b\0" + bytes(4) + w))
    form("partial", "A partial length.", lambda k, w: partial(usual(k, w)))
    form("indeterminate", "A length that is not told.", lambda k, w: b"\x8b" + usual(k, w)[2:])
    form("short", "A length beyond the file's end.", lambda k, w: usual(k, w)[:-1])
    form("algorithm", "Public-key algorithm 17 (DSA).", lambda k, w: poke(usual(k, w), 2 + 2, 17))
    form("noise", "No packet at all.", lambda k, w: b"hello, I am a signature\n")
    form("mathematics", "One bit of the number is wrong.", lambda k, w: poke(usual(k, w), -1, usual(k, w)[-1] ^ 1),
         "bad-signature")
    form("other-text", "A signature over another text.", lambda k, w: usual(k, w + b" "), "bad-signature")
    form("other-packet", "A user id signature (0x13).", lambda k, w: usual(k, w, kind=0x13))


def sign_sha224(key, data):
    return usual(key, data, hash_id=11)


def poke(data, at, value):
    data = bytearray(data)
    data[at] = value
    return bytes(data)


def partial(signature):
    body = signature[2:]
    return b"\xc2\xe6" + body[:64] + bytes([len(body) - 64]) + body[64:]


def armor(key, waybill):
    data, crc = usual(key, waybill), 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
    lines = [b"-----BEGIN PGP SIGNATURE-----", b"", base64.b64encode(data),
             b"=" + base64.b64encode(crc.to_bytes(3, "big")),
             b"-----END PGP SIGNATURE-----", b""]
    return b"\n".join(lines)


def inline(key, text):
    one_pass = packet(4, b"\x03\0\x08" + bytes([key.algorithm]) + key.id + b"\x01")
    return one_pass + packet(11, b"b\0" + bytes(4) + text) + usual(key, text)


def subpackets(book):
    def form(name, what, hashed=None, unhashed=None):
        bad(book, f"bad-subpacket-{name}", what, "signature-packet",
            lambda k, w: usual(k, w, hashed=hashed and hashed(k), unhashed=None if unhashed is None else unhashed(k)))
    notation = subpacket(20, b"\x80\0\0\0\0\x03\0\x01a@bx")
    form("notation", "A notation in the hashed part.", lambda k: fingerprint(k) + time() + notation)
    form("notation-critical", "A critical notation.", lambda k: fingerprint(k) + time() + subpacket(20, notation[2:],
        True))
    form("user-id", "The signer's user id.", lambda k: fingerprint(k) + time() + subpacket(28, b"alice@example.org"))
    form("unknown-critical", "A critical subpacket of unknown kind.",
         lambda k: fingerprint(k) + time() + subpacket(99, b"x", True))
    form("expiry", "A signature expiration time.", lambda k: fingerprint(k) + time() + subpacket(3,
        bytes([0, 1, 0, 0])))
    form("issuer-hashed", "The issuer in the hashed part too.",
         lambda k: fingerprint(k) + time() + subpacket(ISSUER, k.id))
    form("time-critical", "A critical creation time.", lambda k: fingerprint(k) + time(critical=True))
    form("fingerprint-critical", "A critical issuer fingerprint.", lambda k: fingerprint(k, True) + time())
    form("two-times", "Two creation times.", lambda k: fingerprint(k) + time() + time("2026-02-21T00:00:00Z"))
    form("no-time", "No creation time.", fingerprint)
    form("no-fingerprint", "No issuer fingerprint.", lambda k: time())
    form("long-length", "A subpacket length in its five-byte form that claims too much.",
         lambda k: fingerprint(k) + time() + b"\xff\xff\xff\xff\xff")
    form("stuffed", "500 bytes of private data in the unhashed part.",
         unhashed=lambda k: subpacket(16, k.id) + b"\xc1\x34\x64" + b"m" * 499)
    form("unhashed-none", "An empty unhashed part.", unhashed=lambda k: b"")
    form("unhashed-time", "A creation time in the unhashed part too.",
         unhashed=lambda k: subpacket(16, k.id) + time())
    form("two-issuers", "Two issuers in the unhashed part.", unhashed=lambda k: subpacket(16, k.id) * 2)
    form("other-issuer", "An issuer that is not the end of the fingerprint.",
         unhashed=lambda k: subpacket(16, bytes(8)))
    form("short-time", "A creation time of three bytes.", lambda k: fingerprint(k) + subpacket(TIME, b"abc"))


def people(book):
    cast = book.cast

    def sender(name, what, error, person, signers=None, stage="signature", created=None):
        maker = book.maker(name)
        maker.sender = person
        maker.created = created or maker.created
        maker.signers = [(p.primary, p.fpr, maker.created) for p in signers] if signers else None
        book.bad(name, what, stage, error, maker)
    sender("bad-signer-unknown", "From a stranger, signed by the stranger.", "unknown-signer", cast.mallory)
    sender("bad-signer-unknown-for-alice", "From alice, signed by a stranger alone.", "unknown-signer", cast.alice,
           [cast.mallory])
    sender("bad-signer-revoked", "From a sender whose key was revoked before.", "unfit-signer", cast.rex)
    sender("bad-signer-revoked-backdated", "The same, dated before the revocation.", "unfit-signer", cast.rex,
           created="2026-02-05T00:00:00Z")
    sender("bad-signer-expired", "From a sender whose key had expired when he signed.", "unfit-signer", cast.eve)
    sender("bad-signer-expired-since", "From a sender whose key has expired since.", "unfit-signer", cast.eve,
           created="2026-02-10T00:00:00Z")
    sender("bad-signer-courier", "From a courier, who may carry but not send.", "unfit-signer", cast.carol)
    sender("bad-signer-approver", "From somebody who may approve but not send.", "unfit-signer", cast.dave)
    sender("bad-from-did-not-sign", "From alice, but only dave signed.", "unsigned", cast.alice, [cast.dave],
           "waybill")
    sender("bad-from-other-sender", "From alice, but signed by grace, who may send.", "unsigned", cast.alice,
           [cast.grace], "waybill")

    def named(name, what, error, key, owner):
        maker = book.maker(name)
        maker.signers = [(key, owner.fpr, maker.created)]
        book.bad(name, what, "signature", error, maker)
    named("bad-name-other-partner", "Signed by alice, in a member named after dave.", "bad-signature",
          cast.alice.primary, cast.dave)
    named("bad-name-alice", "Signed by dave, in a member named after alice.", "bad-signature", cast.dave.primary,
          cast.alice)
    named("bad-name-mallory-as-alice", "Signed by a stranger, in a member named after alice.", "bad-signature",
          cast.mallory.primary, cast.alice)
    named("bad-name-alice-as-mallory", "Signed by alice, in a member named after a stranger.", "unknown-signer",
          cast.alice.primary, cast.mallory)
    resigned(book)


def resigned(book):
    """What a courier can do who may not send: change the waybill and sign it himself."""
    cast = book.cast

    def change(key, value):
        return lambda fields: [(k, value if k == key else v) for k, v in fields]

    def by(name, what, error, key, value, signers, stage="signature"):
        made = []
        def signatures(_, text):
            return [(p.fpr, made[0] if p is cast.alice else usual(p.primary, text)) for p in signers]
        maker = book.maker(name, waybill_end=lambda text: resign(book, made, text, key, value), signatures=signatures)
        book.bad(name, what, stage, error, maker)
    by("bad-courier-from", "A courier changed `from` to himself and signed.", "unfit-signer", "from", cast.carol.fpr,
       [cast.carol])
    by("bad-courier-from-both", "The same, with alice's signature still there: it no longer matches.", "bad-signature",
       "from", cast.carol.fpr, [cast.alice, cast.carol])
    by("bad-courier-to", "A courier changed `to` and signed.", "unfit-signer", "to", [cast.mallory.fpr], [cast.carol])
    by("bad-courier-to-both", "A courier changed `to`, signed, and kept alice's signature.", "bad-signature", "to",
       [cast.mallory.fpr], [cast.alice, cast.carol])
    by("bad-courier-created", "A courier changed `created` and signed.", "unfit-signer", "created",
       "2026-02-21T09:00:00Z", [cast.carol])
    by("bad-sender-created", "Another sender changed `created` and signed: alice did not.", "unsigned", "created",
       "2026-02-21T09:00:00Z", [cast.grace], "waybill")


def resign(book, made, text, key, value):
    """Keeps alice's signature over the waybill as it was; returns the changed waybill, key check untouched."""
    import json
    made.append(usual(book.cast.alice.primary, text))
    lines = [f"{key}: {json.dumps(value)}" if line.startswith(key + ":") else line
             for line in text.decode().splitlines()]
    return ("\n".join(lines) + "\n").encode()


def times(book):
    def timed(name, what, error, when, stage="waybill", verify=None, clock="2026-03-01T12:00:00Z", **fields):
        maker = book.maker(name)
        for field, value in fields.items():
            setattr(maker, field, value)
        maker.signers = [(book.cast.alice.primary, book.cast.alice.fpr, when)]
        book.bad(name, what, stage, error, maker, verify, clock)
    timed("bad-time-before-created", "Signed a second before created.", "signature-time", "2026-02-20T08:59:59Z")
    timed("bad-time-after-end", "Signed a second after not-after.", "signature-time", "2026-02-25T00:00:01Z",
          not_after="2026-02-25T00:00:00Z")
    timed("bad-time-future", "Signed 24 hours and two minutes after the reader's clock.", "signature-time",
          "2026-03-02T12:02:00Z")
    timed("bad-time-created-future", "Created and signed two days after the reader's clock.", "signature-time",
          "2026-03-03T12:00:00Z",
          created="2026-03-03T12:00:00Z")
    timed("bad-expired", "A second after not-after.", "expired", CREATED, "policy", "expired",
          not_after="2026-03-01T11:59:59Z")
    timed("bad-expired-long-ago", "Judged in summer.", "expired", CREATED, "policy", "expired",
          "2026-08-01T00:00:00Z")


def approvals(book):
    cast = book.cast

    def signed(name, what, error, people, approvals=2, stage="waybill", **hooks):
        maker = book.maker(name, **hooks)
        maker.approvals = approvals
        maker.signers = [(p.primary, p.fpr, maker.created) for p in people]
        book.bad(name, what, stage, error, maker)
    signed("bad-approvals-one", "Two people demanded, one signed.", "approvals", [cast.alice])
    signed("bad-approvals-stranger", "Two people demanded, the second is a stranger.", "approvals",
           [cast.alice, cast.mallory])
    signed("bad-approvals-courier", "Two people demanded, the second may only carry.", "approvals",
           [cast.alice, cast.carol])
    signed("bad-approvals-foreign", "Two people demanded, the second is an approver of another organisation.", "approvals",
           [cast.alice, cast.frank])
    signed("bad-approvals-one-person", "Two people demanded, one signed with two keys.", "approvals",
           [cast.alice, cast.amy])
    signed("bad-approvals-sender", "Two people demanded, the second may send and not approve.", "approvals",
           [cast.alice, cast.grace])
    signed("bad-approvals-revoked", "Two people demanded, the second's key is revoked.", "approvals",
           [cast.alice, cast.rex])
    for name, first in (("second", cast.alice), ("first", cast.dave)):  # the bad one of two in either place
        def spoil(made, waybill, first=first):
            return [(fpr, s if fpr == first.fpr else poke(s, -1, s[-1] ^ 1)) for fpr, s in made]
        signed(f"bad-one-of-two-{name}",
               f"Two signed; that of {'dave' if first is cast.alice else 'alice'} does not match.", "bad-signature",
               [cast.alice, cast.dave], 1, "signature", signatures=spoil)
    signed("bad-approvals-three", "Three people demanded, two signed.", "approvals", [cast.alice, cast.dave], 3)
