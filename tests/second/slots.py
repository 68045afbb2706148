# SPDX-License-Identifier: Apache-2.0
"""OpenPGP encryption to one key: what lies in keys/NNNN.pgp. Reading and writing."""
import hashlib
import struct

from pgp import (AES256, ECDH, OID_CV25519, RSA, X25519PrivateKey, X25519PublicKey, Cipher, aes_key_unwrap,
                 aes_key_wrap,
                 algorithms, fixed, modes, mpi, mpis, packet, packets, raw_public)


def cfb(key, data, decrypt=False):
    """OpenPGP's CFB of tag 18 is plain CFB with an initial vector of zeros."""
    worker = Cipher(algorithms.AES(key), modes.CFB(bytes(16)))
    worker = worker.decryptor() if decrypt else worker.encryptor()
    return worker.update(data) + worker.finalize()


def wrap_key(key, shared):
    """The key-encryption key of RFC 6637 for the SHA-256 and AES-128 that our Cv25519 keys name."""
    oid = bytes([len(OID_CV25519)]) + OID_CV25519
    param = oid + bytes([ECDH]) + key.public[-4:] + b"Anonymous Sender    " + bytes.fromhex(key.fpr)
    return hashlib.sha256(b"\0\0\0\x01" + shared + param).digest()[:16]


def session_block(session, cipher=AES256):
    return bytes([cipher]) + session + struct.pack(">H", sum(session) & 0xFFFF)


def pkesk(key, session, generator, hidden=False, old=False):
    """The session key, encrypted to one key (tag 1, version 3)."""
    block = session_block(session)
    if key.algorithm == RSA:
        n = int.from_bytes(mpis(key.public, 2)[0][0], "big")
        fill = bytes(b or 1 for b in generator.take((n.bit_length() + 7) // 8 - len(block) - 3))
        body = mpi(pow(int.from_bytes(b"\0\x02" + fill + b"\0" + block, "big"), 65537, n))
    else:
        ours = X25519PrivateKey.from_private_bytes(generator.take(32))
        point = mpis(key.public[1 + len(OID_CV25519):], 1)[0][0][1:]
        shared = ours.exchange(X25519PublicKey.from_public_bytes(point))
        block += bytes([8 - len(block) % 8]) * (8 - len(block) % 8)
        wrapped = aes_key_wrap(wrap_key(key, shared), block)
        body = mpi(b"\x40" + raw_public(ours)) + bytes([len(wrapped)]) + wrapped
    key_id = bytes(8) if hidden else key.id
    return packet(1, b"\x03" + key_id + bytes([key.algorithm]) + body, old)


def literal(data, old=False):
    return packet(11, b"b\0" + bytes(4) + data, old)


def sealed(session, inside, generator):
    """Encrypted data with integrity protection (tag 18, version 1) around packets."""
    prefix = generator.take(16)
    plain = prefix + prefix[14:] + inside + b"\xd3\x14"
    plain += hashlib.sha1(plain).digest()
    return packet(18, b"\x01" + cfb(session, plain))


def encrypt(key, text, generator, hidden=False, old=False):
    session = generator.take(32)
    return pkesk(key, session, generator, hidden, old) + sealed(session, literal(text), generator)


def open_session(body, keys):
    """The session key out of a tag 1 packet, by whichever of the secret keys fits."""
    for key in keys:
        if body[9] != key.algorithm or body[1:9] not in (key.id, bytes(8)) or key.secret is None:
            continue
        try:
            block = unwrap(key, body[10:])
        except Exception:  # another recipient's, where recipients are hidden
            continue
        size = {7: 16, 8: 24, 9: 32}.get(block[0], 0)
        if struct.pack(">H", sum(block[1:1 + size]) & 0xFFFF) == block[1 + size:3 + size]:
            return block[1:1 + size]
    raise LookupError("this slot is for another key")


def unwrap(key, body):
    if key.algorithm == RSA:
        n, _, d, _, _ = key.secret
        plain = pow(int.from_bytes(mpis(body, 1)[0][0], "big"), d, n).to_bytes((n.bit_length() + 7) // 8, "big")
        return plain[plain.index(b"\0", 2) + 1:]
    (point,), rest = mpis(body, 1)
    shared = X25519PrivateKey.from_private_bytes(key.secret).exchange(X25519PublicKey.from_public_bytes(point[1:]))
    return aes_key_unwrap(wrap_key(key, shared), rest[1:1 + rest[0]])


def decrypt(slot, keys):
    """The text of a slot, which is two packets and nothing else."""
    (tag, first), (tag2, second) = packets(slot)
    if tag != 1 or tag2 != 18 or first[0] != 3 or second[0] != 1:
        raise ValueError("not one encrypted session key and one encrypted-data packet of version 1")
    plain = cfb(open_session(first, keys), second[1:], decrypt=True)
    if hashlib.sha1(plain[:-20]).digest() != plain[-20:] or plain[14:16] != plain[16:18]:
        raise ValueError("the slot was tampered with")
    (tag, body), = packets(plain[18:-22])
    if tag != 11:
        raise ValueError("the slot holds no literal packet")
    return body[6 + body[1]:]
