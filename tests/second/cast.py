# SPDX-License-Identifier: Apache-2.0
"""The people of the vectors: their keys, certificates and cards."""
import base64
import struct
from calendar import timegm
from time import strptime

from pgp import (Generator, new_cv25519, new_ed25519, new_rsa, packet, sign, subpacket)

CERTIFY_SIGN, SIGN, ENCRYPT = 0x03, 0x02, 0x0C


def utc(text):
    return timegm(strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


BORN = "2026-01-01T00:00:00Z"


class Person:
    """One certificate: a primary key that signs, a subkey to encrypt to, perhaps another to sign with."""

    def __init__(self, name, organisation, jurisdiction, kind="person", rsa=False, signer=False, expires=None, shown=None):
        self.name, self.organisation, self.jurisdiction, self.kind = name, organisation, jurisdiction, kind
        self.shown = shown or name.capitalize()  # the card's word for who is behind the key
        self.uid = f"{name.capitalize()} ({organisation}) <{name}@example.org>".encode()
        self.generator, self.born, self.expires = Generator("key " + name), utc(BORN), expires
        make, make_subkey = (new_rsa, new_rsa) if rsa else (new_ed25519, new_cv25519)
        self.primary = make(self.generator, self.born)
        self.encryption = make_subkey(self.generator, self.born)
        self.signer = new_ed25519(self.generator, self.born) if signer else None
        self.fpr = self.primary.fpr

    def common(self, flags):
        """Hashed subpackets of a self-signature, as gpg writes them."""
        out = subpacket(33, b"\x04" + bytes.fromhex(self.fpr)) + subpacket(2, struct.pack(">I", self.born))
        out += subpacket(27, bytes([flags]))
        if self.expires:
            out += subpacket(9, struct.pack(">I", utc(self.expires) - self.born))
        return out

    def own_signature(self, about, kind, hashed):
        return sign(self.primary, self.primary.framed + about, self.born, kind, hashed=hashed)

    def uid_signature(self):
        hashed = self.common(CERTIFY_SIGN) + subpacket(11, b"\x09\x08\x07") + subpacket(21, b"\x0a\x09\x08")
        hashed += subpacket(22, b"\0") + subpacket(30, b"\x01")
        return self.own_signature(b"\xb4" + struct.pack(">I", len(self.uid)) + self.uid, 0x13, hashed)

    def subkey_signature(self, key, flags):
        hashed = self.common(flags)
        if flags == SIGN:  # a key that signs must agree to belong to the primary key
            fields = subpacket(33, b"\x04" + bytes.fromhex(key.fpr)) + subpacket(2, struct.pack(">I", self.born))
            back = sign(key, self.primary.framed + key.framed, self.born, 0x19, hashed=fields)
            hashed += b"\xff" + struct.pack(">I", len(back[2:]) + 1) + b"\x20" + back[2:]
        return self.own_signature(key.framed, 0x18, hashed)

    def revocation(self, time):
        hashed = subpacket(33, b"\x04" + bytes.fromhex(self.fpr)) + subpacket(2, struct.pack(">I", utc(time)))
        return sign(self.primary, self.primary.framed, utc(time), 0x20, hashed=hashed + subpacket(29, b"\x02stolen"))

    def certificate(self, revoked=None, secret=False):
        body = (lambda key: key.secret_body()) if secret else (lambda key: key.body)
        out = packet(5 if secret else 6, body(self.primary))
        out += self.revocation(revoked) if revoked else b""
        out += packet(13, self.uid) + self.uid_signature()
        for key, flags in ((self.encryption, ENCRYPT), (self.signer, SIGN)):
            if key:
                out += packet(7 if secret else 14, body(key)) + self.subkey_signature(key, flags)
        return out

    def card(self, **changes):
        fields = {"name": self.shown, "organisation": self.organisation, "kind": self.kind,
                  "jurisdiction": self.jurisdiction, "fingerprint": self.fpr, "created": "2026-01-01T00:00:00Z",
                  "certificate": base64.b64encode(self.certificate()).decode()}
        fields.update(changes)
        return "valise-card: 1\n" + "".join(f'{key}: "{value}"\n' for key, value in fields.items())


class Cast:
    def __init__(self):
        a, b = ("Agency A", "NL"), ("Agency B", "US")
        self.alice = Person("alice", *a, signer=True)
        self.bob = Person("bob", *b, kind="station")
        self.carol = Person("carol", "Courier C", "BE")
        self.dave = Person("dave", *a)
        self.grace = Person("grace", *a, rsa=True)
        self.mallory = Person("mallory", "Nobody", "XX")
        self.rex = Person("rex", *a)
        self.eve = Person("eve", *a, expires="2026-02-15T00:00:00Z")
        self.frank = Person("frank", *b)
        self.amy = Person("amy", *a, shown="Alice")  # another key of alice
        self.everybody = [self.alice, self.bob, self.carol, self.dave, self.grace, self.mallory, self.rex, self.eve, self.frank,
                          self.amy]

    def files(self):
        """Relative path -> bytes: certificates, secret keys, cards."""
        out = {}
        for person in self.everybody:
            revoked = "2026-02-10T00:00:00Z" if person is self.rex else None
            out[f"keys/{person.name}.pgp"] = person.certificate(revoked)
            out[f"keys/{person.name}.secret.pgp"] = person.certificate(revoked, secret=True)
            out[f"keys/{person.name}.card.yaml"] = person.card().encode()
        out["keys/rex-before.pgp"] = self.rex.certificate()  # as it was when the station met him
        return out
