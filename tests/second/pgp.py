# SPDX-License-Identifier: Apache-2.0
"""As much of OpenPGP (RFC 4880, 6637, 9580) as a bundle needs, reading and writing, and everything from a seed.

Writing: version 4 keys (Ed25519 + Cv25519, RSA), their self-signatures, detached signatures, and slots (a public-key
encrypted session key and an encrypted-data packet of version 1). Reading: the same, for people who hold an unprotected
secret key. Certificates given to verify() are trusted as a whole: a stranger's subkey in them is not looked for.
"""
import hashlib
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RSA, ECDH, EDDSA = 1, 18, 22
HASHES = {2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512"}
DIGEST_INFO = {  # PKCS #1 prefixes of a digest
    2: "3021300906052b0e03021a05000414", 8: "3031300d060960864801650304020105000420",
    9: "3041300d060960864801650304020205000430", 10: "3051300d060960864801650304020305000440"}
OID_ED25519 = bytes.fromhex("2b06010401da470f01")
OID_CV25519 = bytes.fromhex("2b060104019755010501")
AES256 = 9


class Generator:
    """Bytes that depend on a label alone. Never for real keys."""

    def __init__(self, label):
        self.label, self.count, self.pool = label.encode(), 0, b""

    def take(self, length):
        while len(self.pool) < length:
            self.pool += hashlib.sha256(b"valise vectors\0" + self.label + struct.pack(">Q", self.count)).digest()
            self.count += 1
        out, self.pool = self.pool[:length], self.pool[length:]
        return out


# Packets.

def packet(tag, body, old=False):
    """One packet with a definite length, in the new or the old form of the header."""
    size = len(body)
    if old:
        if size < 256:
            return bytes([0x80 | tag << 2, size]) + body
        if size < 65536:
            return bytes([0x81 | tag << 2]) + struct.pack(">H", size) + body
        return bytes([0x82 | tag << 2]) + struct.pack(">I", size) + body
    head = bytes([0xC0 | tag])
    if size < 192:
        return head + bytes([size]) + body
    if size < 8384:
        return head + struct.pack(">H", size - 192 + 0xC000) + body
    return head + b"\xff" + struct.pack(">I", size) + body


def packets(data):
    """Yields (tag, body); partial lengths are joined."""
    at = 0
    while at < len(data):
        head, at, body = data[at], at + 1, b""
        if not head & 0x80:
            raise ValueError("not an OpenPGP packet")
        if not head & 0x40:
            width = (1, 2, 4, 0)[head & 3]
            size = int.from_bytes(data[at:at + width], "big") if width else len(data) - at
            body, at = data[at + width:at + width + size], at + width + size
            yield head >> 2 & 15, body
            continue
        more = True
        while more:
            size, at, more = new_length(data, at)
            body, at = body + data[at:at + size], at + size
        if at > len(data):
            raise ValueError("packet cut short")
        yield head & 63, body


def new_length(data, at):
    first = data[at]
    if first < 192:
        return first, at + 1, False
    if first < 224:
        return (first - 192 << 8) + data[at + 1] + 192, at + 2, False
    if first < 255:
        return 1 << (first & 31), at + 1, True
    return int.from_bytes(data[at + 1:at + 5], "big"), at + 5, False


def mpi(value):
    if isinstance(value, bytes):
        value = int.from_bytes(value, "big")
    bits = value.bit_length()
    return struct.pack(">H", bits) + value.to_bytes((bits + 7) // 8, "big")


def mpis(data, count):
    """Reads count big numbers as bytes; returns them and what follows."""
    out = []
    for _ in range(count):
        size = (struct.unpack_from(">H", data)[0] + 7) // 8
        out.append(data[2:2 + size])
        data = data[2 + size:]
    return out, data


def fixed(value, length=32):
    return value.rjust(length, b"\0")


# Keys.

class Key:
    """A primary key or subkey, with its secret part where it is known."""

    def __init__(self, algorithm, created, public, secret=None):
        self.algorithm, self.created, self.public, self.secret = algorithm, created, public, secret
        self.body = b"\x04" + struct.pack(">IB", created, algorithm) + public
        framed = b"\x99" + struct.pack(">H", len(self.body)) + self.body
        self.framed, self.fpr = framed, hashlib.sha1(framed).hexdigest().upper()
        self.id = bytes.fromhex(self.fpr)[-8:]

    def secret_body(self):
        numbers = b"".join(mpi(n) for n in self.secret_numbers())
        return self.body + b"\0" + numbers + struct.pack(">H", sum(numbers) & 0xFFFF)

    def secret_numbers(self):
        if self.algorithm != RSA:
            return [self.secret[::-1] if self.algorithm == ECDH else self.secret]
        n, e, d, p, q = self.secret
        return [d, p, q, pow(p, -1, q)]


def raw_public(secret):
    return secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def new_ed25519(generator, created):
    seed = generator.take(32)
    point = raw_public(Ed25519PrivateKey.from_private_bytes(seed))
    return Key(EDDSA, created, bytes([len(OID_ED25519)]) + OID_ED25519 + mpi(b"\x40" + point), seed)


def new_cv25519(generator, created):
    scalar = bytearray(generator.take(32))
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    point = raw_public(X25519PrivateKey.from_private_bytes(bytes(scalar)))
    public = bytes([len(OID_CV25519)]) + OID_CV25519 + mpi(b"\x40" + point) + b"\x03\x01\x08\x07"
    return Key(ECDH, created, public, bytes(scalar))


def is_prime(n):
    """Miller and Rabin with the first primes as bases: enough for keys that guard nothing."""
    small = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]
    if any(n % s == 0 for s in small):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in small:
        x = pow(base, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def new_rsa(generator, created, bits=2048):
    def prime():
        n = int.from_bytes(generator.take(bits // 16), "big") | 3 << bits // 2 - 2 | 1
        while n % 65537 == 1 or not is_prime(n):
            n += 2
        return n
    p, q = sorted((prime(), prime()))
    n, d = p * q, pow(65537, -1, (p - 1) * (q - 1))
    return Key(RSA, created, mpi(n) + mpi(65537), (n, 65537, d, p, q))


# Signatures.

def subpacket(kind, data, critical=False):
    return bytes([len(data) + 1, kind | (0x80 if critical else 0)]) + data


def raw_sign(key, digest, hash_id):
    if key.algorithm == EDDSA:
        made = Ed25519PrivateKey.from_private_bytes(key.secret).sign(digest)
        return mpi(made[:32]) + mpi(made[32:])
    n, _, d, _, _ = key.secret
    return mpi(pow(int.from_bytes(pkcs1_digest(n, digest, hash_id), "big"), d, n))


def pkcs1_digest(n, digest, hash_id):
    tail = bytes.fromhex(DIGEST_INFO[hash_id]) + digest
    return b"\0\x01" + b"\xff" * ((n.bit_length() + 7) // 8 - len(tail) - 3) + b"\0" + tail


def sign(key, data, time, kind=0, hash_id=8, hashed=None, unhashed=None, version=4, old=False):
    """A signature packet over data, with exactly the subpackets that the format allows unless others are given."""
    if version == 3:
        return sign_v3(key, data, time, kind, hash_id)
    if hashed is None:
        hashed = subpacket(33, b"\x04" + bytes.fromhex(key.fpr)) + subpacket(2, struct.pack(">I", time))
    if unhashed is None:
        unhashed = subpacket(16, key.id)
    head = bytes([4, kind, key.algorithm, hash_id]) + struct.pack(">H", len(hashed)) + hashed
    digest = hashlib.new(HASHES[hash_id], data + head + b"\x04\xff" + struct.pack(">I", len(head))).digest()
    return packet(2, head + struct.pack(">H", len(unhashed)) + unhashed + digest[:2] + raw_sign(key, digest, hash_id),
                  old)


def sign_v3(key, data, time, kind, hash_id):
    tail = bytes([kind]) + struct.pack(">I", time)
    digest = hashlib.new(HASHES[hash_id], data + tail).digest()
    return packet(2, b"\x03\x05" + tail + key.id + bytes([key.algorithm, hash_id]) + digest[:2]
                  + raw_sign(key, digest, hash_id))


def verify(certificate, signature, data):
    """Checks one signature packet over data with the keys of a certificate; returns (primary fingerprint, time)."""
    (tag, body), = packets(signature)
    hashed_end = 6 + struct.unpack_from(">H", body, 4)[0]
    unhashed_end = hashed_end + 2 + struct.unpack_from(">H", body, hashed_end)[0]
    if tag != 2 or body[0] != 4 or body[1] != 0 or body[3] not in (8, 9, 10):
        raise ValueError("not one plain version 4 signature")
    fields = dict(subpackets(body[6:hashed_end]))
    keys = read_keys(certificate)
    key = next((k for k in keys if bytes.fromhex(k.fpr) == fields[33][1:]), None)
    if key is None or key.algorithm != body[2]:
        raise ValueError("signed by another key")
    head = body[:hashed_end] + b"\x04\xff" + struct.pack(">I", hashed_end)
    digest = hashlib.new(HASHES[body[3]], data + head).digest()
    if not raw_verify(key, digest, body[3], body[unhashed_end + 2:]):
        raise ValueError("bad signature")
    return keys[0].fpr, struct.unpack(">I", fields[2])[0]


def subpackets(data):
    at = 0
    while at < len(data):
        size, at, _ = new_length(data, at)
        yield data[at] & 127, data[at + 1:at + size]
        at += size


def raw_verify(key, digest, hash_id, numbers):
    if key.algorithm == EDDSA:
        (r, s), _ = mpis(numbers, 2)
        (point,), _ = mpis(key.public[1 + len(OID_ED25519):], 1)
        try:
            Ed25519PublicKey.from_public_bytes(point[1:]).verify(fixed(r) + fixed(s), digest)
        except InvalidSignature:
            return False
        return True
    (n, e), _ = mpis(key.public, 2)
    (s,), _ = mpis(numbers, 1)
    n, e, s = (int.from_bytes(x, "big") for x in (n, e, s))
    return pow(s, e, n) == int.from_bytes(pkcs1_digest(n, digest, hash_id), "big")


# Reading keys.

def read_keys(data):
    """The keys of a certificate or of an unprotected secret key, primary first."""
    keys = []
    for tag, body in packets(data):
        if tag in (6, 14, 5, 7):
            keys.append(read_key(body, secret=tag in (5, 7)))
    return keys


def read_key(body, secret):
    created, algorithm = struct.unpack_from(">IB", body, 1)
    rest = body[6:]
    if algorithm == RSA:
        numbers, after = mpis(rest, 2)
    elif algorithm in (EDDSA, ECDH):
        _, after = mpis(rest[1 + rest[0]:], 1)
        after = after[1 + after[0]:] if algorithm == ECDH else after
    else:
        raise ValueError(f"public-key algorithm {algorithm}: use --gnupg")
    public = rest[:len(rest) - len(after)]
    if not secret:
        return Key(algorithm, created, public)
    if after[0] != 0:
        raise ValueError("this secret key is protected: use --gnupg")
    if algorithm == RSA:
        (d, p, q, _), _ = mpis(after[1:], 4)
        return Key(algorithm, created, public, tuple(int.from_bytes(x, "big") for x in (*numbers, d, p, q)))
    (value,), _ = mpis(after[1:], 1)
    return Key(algorithm, created, public, fixed(value)[::-1] if algorithm == ECDH else fixed(value))
