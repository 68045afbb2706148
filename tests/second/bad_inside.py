# SPDX-License-Identifier: Apache-2.0
"""Slots, key checks, chunks and frames that are not as they must be, rightly signed."""
from bundle import CHUNK, file, subkey
from cast import utc
from pgp import Generator, packet, sign
import frames
import slots


def vectors(book):
    slot_packets(book)
    slot_texts(book)
    slot_inside(book)
    key_checks(book)
    chunks(book)
    zstd(book)


def slot_packets(book):
    cast = book.cast

    def form(name, what, change, error="slot", verify=None):
        """change(slot, maker) returns the member."""
        maker = book.maker(f"bad-slot-{name}", slots=lambda made, maker: [change(made[0], maker)])
        book.bad(maker.name, what, "key", error, maker, verify or error)

    def again(maker, person=cast.bob, hidden=False):
        return slots.pkesk(person.encryption, bytes(32), maker.generator, hidden)
    form("literal-behind", "A literal packet behind the encrypted data.", lambda s, m: s + slots.literal(b"hello"))
    form("marker-first", "A marker packet first.", lambda s, m: packet(10, b"PGP") + s)
    form("two-pkesk", "A second encrypted session key, for somebody not named.", lambda s,
         m: again(m, cast.mallory) + s)
    form("two-pkesk-same", "A second encrypted session key for the same recipient.", lambda s, m: again(m) + s)
    form("password", "A session key by password beside the recipient's.", lambda s, m: password() + s)
    form("password-only", "A session key by password alone.", lambda s, m: password() + tail(s))
    form("no-pkesk", "Encrypted data alone.", lambda s, m: tail(s))
    form("no-data", "A session key alone.", lambda s, m: s[:-len(tail(s))])
    form("two-data", "Encrypted data twice.", lambda s, m: s + tail(s))
    form("order", "Encrypted data before the session key.", lambda s, m: tail(s) + s[:-len(tail(s))])
    form("old-data", "Encrypted data without integrity protection (tag 9).", lambda s,
         m: s[:-len(tail(s))] + packet(9, b"x" * 240))
    form("plain", "A literal packet with the text: not encrypted at all.", lambda s,
         m: slots.literal(m.slot_text(cast.bob).encode()))
    form("armor", "ASCII armor.", lambda s, m: b"-----BEGIN PGP MESSAGE-----\n\nwcBMA==\n-----END PGP MESSAGE-----\n")
    form("trailing", "A byte behind the packets.", lambda s, m: s + b"\0")
    form("short", "The last byte is missing.", lambda s, m: s[:-1])
    form("partial", "A partial length.", lambda s, m: s[:-len(tail(s))] + partial(tail(s)))
    form("pkesk-version", "A session key packet of version 2.", lambda s, m: s[:2] + b"\x02" + s[3:])
    form("pkesk-algorithm", "A session key packet for ElGamal.", lambda s, m: s[:11] + b"\x10" + s[12:])
    form("data-version", "Encrypted data of version 3.", lambda s, m: s[:-len(tail(s))] + data_version(tail(s), 3))
    form("key-id-zero", "A key id of zero, though `to` names the recipient.", lambda s, m: s[:3] + bytes(8) + s[11:])
    form("one-byte", "A slot of one byte.", lambda s, m: b"\0")
    # Rightly formed, but not for the recipient that the waybill names.
    form("someone-else", "Encrypted to somebody else than `to` says.",
         lambda s, m: slots.encrypt(cast.mallory.encryption, m.slot_text(cast.bob).encode(), m.generator),
         "not-for-us", "ok")
    maker = book.maker("bad-not-for-us")
    maker.recipients = [cast.grace]
    book.bad(maker.name, "For another station.", "key", "not-for-us", maker)
    maker = book.maker("bad-not-for-us-hidden")
    maker.recipients, maker.hidden = [cast.grace, cast.mallory], True
    book.bad(maker.name, "For other stations, hidden.", "key", "not-for-us", maker)
    maker = book.maker("bad-slot-hidden-named", waybill=lambda f: [x for x in f if x[0] != "to"])
    book.bad(maker.name, "Recipients hidden by the waybill, but not by the slot.", "key", "slot", maker, "slot")


def tail(slot):
    """The second packet of a slot."""
    first = slots.packet(*next(slots.packets(slot)))
    return slot[len(first):]


def password():
    """A session key that a password gives (tag 3)."""
    return packet(3, b"\x04\x09\x03\x08" + b"saltsalt" + b"\x60")


def partial(whole):
    (tag, body), = slots.packets(whole)
    return bytes([0xC0 | tag, 0xE7]) + body[:128] + bytes([len(body) - 128]) + body[128:]


def data_version(whole, version):
    (tag, body), = slots.packets(whole)
    return packet(tag, bytes([version]) + body[1:])


def slot_texts(book):
    def text(name, what, change, error="slot"):
        """A text of another length is seen by the courier too: the packet around it has another."""
        maker = book.maker(f"bad-slot-text-{name}", slot_text=lambda t, person: change(t))
        same = len(change(maker.slot_text(None))) == 208
        book.bad(maker.name, what, "key", error, maker, "ok" if same else error)

    def row(number, new):
        def do(whole):
            rows = whole.split("\n")
            rows[number] = new(rows[number]) if callable(new) else new
            return "\n".join(rows)
        return do
    text("other-bundle", "The slot of another bundle.", row(1, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10"))
    text("magic", "Another magic.", row(0, "valise-key 2"))
    text("short", "207 bytes.", lambda t: t[:-1])
    text("long", "209 bytes.", lambda t: t + "\n")
    text("huge", "A text of 3 KiB.", lambda t: t + "x" * 2800)
    text("empty", "No text.", lambda t: "")
    text("crlf", "CRLF.", lambda t: t.replace("\n", "\r\n"))
    text("sequence-0", "Sequence 0.", row(2, "0000000000"))
    text("sequence-sign", "A sequence with a sign.", row(2, "+000000001"))
    text("sequence-space", "A sequence with spaces.", row(2, "         1"))
    text("previous-upper", "The previous digest in upper case.", row(3, "A" * 64))
    text("previous-not-hex", "A previous digest that is not hexadecimal.", row(3, "g" * 64))
    text("key-upper", "The key in upper case.", row(5, lambda k: "A" + k[1:].upper()))
    text("key-not-hex", "A key that is not hexadecimal.", row(5, "x" * 64))
    text("secret-id-upper", "A secret id in upper case.", row(4, "ABCDEF0123456789"))
    text("separator", "A space for an LF.", lambda t: t.replace("\n", " ", 1))
    text("secret", "A pre-shared secret that this station does not have.", row(4, "0123456789abcdef"),
         "secret-unavailable")
    maker = book.maker("bad-slot-text-other-key", slot_text=lambda t, person: row(5, "0" * 63 + "1")(t))
    book.bad(maker.name, "Another key than the one that the waybill commits to.", "key-check", "key-check", maker)


def slot_inside(book):
    """Packets inside the encrypted data that are not one literal packet."""
    def inside(name, what, build, verify="slot"):
        def change(made, maker):
            session, text = maker.generator.take(32), maker.slot_text(None).encode()
            return [slots.pkesk(book.cast.bob.encryption, session, maker.generator) + build(session, text, maker)]
        maker = book.maker(f"bad-slot-inside-{name}", slots=change)
        book.bad(maker.name, what, "key", "slot", maker, verify)

    def sealed(build):
        return lambda session, text, maker: slots.sealed(session, build(text), maker.generator)
    inside("compressed", "Compressed.", sealed(lambda t: packet(8, b"\0" + slots.literal(t))))
    inside("two-literals", "Two literal packets.", sealed(lambda t: slots.literal(t) + slots.literal(t)))
    inside("two-halves", "The text in two literal packets.",
           sealed(lambda t: slots.literal(t[:100]) + slots.literal(t[100:])))
    inside("signed", "A signed message.", sealed(lambda t: signed(book.cast.alice.primary, t)))
    inside("nothing", "No packet.", sealed(lambda t: b""))
    inside("bomb", "A literal packet of 3 KiB of zeros.", sealed(lambda t: slots.literal(bytes(3072))))

    def broken(session, text, maker):
        whole = bytearray(slots.sealed(session, slots.literal(text), maker.generator))
        whole[100] ^= 1
        return bytes(whole)
    inside("tampered", "One bit of the encrypted data is wrong, though signed so.", broken, "ok")


def signed(key, text):
    one_pass = packet(4, b"\x03\0\x08" + bytes([key.algorithm]) + key.id + b"\x01")
    return one_pass + slots.literal(text) + sign(key, text, utc("2026-02-20T09:00:00Z"))


def key_checks(book):
    cast = book.cast

    def check(name, what, **more):
        maker = book.maker(f"bad-key-check-{name}", **more)
        book.bad(maker.name, what, "key-check", "key-check", maker)
        return maker
    check("zeros", "A key check of zeros.", waybill_end=lambda t: t[:-78] + b'key-check: "' + b"0" * 64 + b'"\n')
    check("one-bit", "One digit of the key check is wrong.", waybill_end=lambda t: t[:-3] + (b"0" if t[-3:-2] != b"0"
        else b"1") + t[-2:])
    # Another partner who may send puts his name on a payload that he cannot read.
    maker = book.maker("bad-key-check-other-sender", waybill_end=lambda t: t.replace(cast.alice.fpr.encode(),
        cast.grace.fpr.encode()))
    maker.signers = [(cast.grace.primary, cast.grace.fpr, maker.created)]
    book.bad(maker.name, "A partner who may send, but does not know the key, put his name for alice's and signed.",
             "key-check", "key-check", maker)
    maker = book.maker("bad-key-check-other-time", waybill_end=lambda t: t.replace(b'not-after: "2026-05-20',
        b'not-after: "2026-05-21'))
    book.bad(maker.name, "The sender's key without the bundle's: not-after moved and signed again.", "key-check",
             "key-check", maker)


def two_chunks(book, name, **hooks):
    maker = book.maker(name, **hooks)
    maker.entries = [file("zeros", bytes(CHUNK) + b"end")]
    return maker


def chunks(book):
    def bad(name, what, maker, stage="payload", error="chunk"):
        book.bad(maker.name, what, stage, error, maker)

    def one(kind, do):
        return lambda made, which: do(made) if which == kind else made

    def sealing(kind, do):
        return lambda how, which, number: do(how, number) if which == kind else how
    other = book.maker("bad-chunk-spliced-source")
    other.make()
    for kind in ("payload", "manifest"):
        name = f"bad-chunk-{kind}"
        bad(name, f"A {kind} chunk of another bundle.", book.maker(f"{name}-spliced",
            chunks=one(kind, lambda m, k=kind: [other.keep[f"{k}/0000000000"]])), kind)
        bad(name, f"A {kind} chunk not marked as last.", book.maker(f"{name}-not-last",
            seal=sealing(kind, lambda h, n: (h[0][:8] + bytes(4), h[1]))), kind)
        bad(name, f"A {kind} chunk with another number.", book.maker(f"{name}-number",
            seal=sealing(kind, lambda h, n: (b"\x01" + h[0][1:], h[1]))), kind)
        bad(name, f"A {kind} chunk with another bundle id as associated data.",
            book.maker(f"{name}-associated", seal=sealing(kind, lambda h,
                                                          n: (h[0], b"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10"))), kind)
        bad(name, f"A {kind} chunk without associated data.",
            book.maker(f"{name}-no-associated", seal=sealing(kind, lambda h, n: (h[0], None))), kind)
        bad(name, f"One bit of a {kind} chunk is wrong, though signed so.",
            book.maker(f"{name}-bit", chunks=one(kind, lambda m: [m[0][:-1] + bytes([m[0][-1] ^ 1])])), kind)
        bad(name, f"A {kind} chunk of noise.", book.maker(f"{name}-noise",
                                                          chunks=one(kind, lambda m: [Generator("noise").take(400)])),
                                                          kind)
    bad("", "Payload and manifest chunks encrypted with each other's subkeys.",
        book.maker("bad-chunk-subkeys", chunks=crossed(book)), "manifest")
    bad("", "Two payload chunks swapped.", two_chunks(book, "bad-chunk-swapped",
                                                      chunks=one("payload", lambda m: m[::-1])))
    bad("", "The first of two chunks is marked as last too.", two_chunks(
        book, "bad-chunk-two-last", seal=sealing("payload", lambda h, n: (h[0][:8] + b"\x01" + bytes(3), h[1]))))
    bad("", "The mark of the last chunk on the first.", two_chunks(
        book, "bad-chunk-last-moved", seal=sealing("payload", lambda h,
                                                   n: (h[0][:8] + bytes([n == 0]) + bytes(3), h[1]))))
    bad("", "The first chunk twice.", two_chunks(book, "bad-chunk-twice",
                                                 chunks=one("payload", lambda m: [m[0], m[0]])))
    maker = book.maker("bad-chunk-dropped", archive=lambda a: a.ljust(CHUNK + 512, b"\0"),
                       chunks=one("payload", lambda m: m[:1]),
                       waybill=lambda f: [(k, {"chunks": 1, "payload-bytes": CHUNK}.get(k, v)) for k, v in f])
    bad("", "The last chunk (of zeros) dropped, and the waybill shortened.", maker, "manifest", "manifest")
    for name, size in (("more", 2561), ("less", 2559)):
        maker = book.maker(f"bad-payload-bytes-{name}", waybill=lambda f,
                           size=size: [(k, size if k == "payload-bytes" else v) for k, v in f])
        bad("", f"payload-bytes tells a byte {name} than there is.", maker)
    # A chunk may take 1 MiB + 4 KiB + 16 as soon as the waybill says that chunks are of 1 MiB.
    maker = book.maker("bad-chunk-over-limit", chunks=one("payload", lambda m: [bytes(CHUNK + CHUNK // 256 + 17)]))
    bad("", "A chunk longer than chunk-bytes allows.", maker, "list", "sums")


def crossed(book):
    def do(made, kind):
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
        maker = book.maker("bad-chunk-subkeys")
        wrong = ChaCha20Poly1305(subkey(maker.key, 2 if kind == "payload" else 1))
        return [wrong.encrypt(b"\0" * 8 + b"\x01\0\0\0", frames.frame(b"x"), maker.id.encode())]
    return do


def zstd(book):
    def bad(name, what, make, kinds=("payload", "manifest")):
        for kind in kinds:
            def change(framed, which, number, piece, kind=kind):
                return make(piece) if which == kind else framed
            maker = book.maker(f"bad-frame-{name}-{kind}", frame=change)
            book.bad(maker.name, what, kind, "chunk", maker)
    both = ("payload", "manifest")
    bad("two", "Two frames.", lambda p: frames.frame(p[:100]) + frames.frame(p[100:]))
    bad("skippable-first", "A skippable frame first.", lambda p: frames.skippable() + frames.frame(p), both)
    bad("skippable-last", "A skippable frame behind.", lambda p: frames.frame(p) + frames.skippable(), both[:1])
    bad("empty-behind", "An empty frame behind.", lambda p: frames.frame(p) + frames.frame(b""), both[:1])
    bad("trailing", "A byte behind the frame.", lambda p: frames.frame(p) + b"\0", both[:1])
    bad("dictionary", "A dictionary id.", lambda p: frames.frame(p, dictionary=7), both[:1])
    bad("no-size", "No content size.", lambda p: frames.frame(p, size=None), both)
    bad("size-more", "A content size that is a byte too much.", lambda p: frames.frame(p, size=len(p) + 1), both[:1])
    bad("size-less", "A content size that is a byte too little.", lambda p: frames.frame(p, size=len(p) - 1),
        both[:1])
    bad("size-huge", "A content size of 4 GiB.", lambda p: frames.MAGIC + b"\xa0\xff\xff\xff\xff" + frames.blocks(p),
        both)
    bad("window", "A window of 8 MiB.", lambda p: frames.frame(p, window=13 << 3), both)
    bad("bomb", "32 MiB of zeros in a frame that declares the right size.", lambda p: frames.bomb(len(p), 32 << 20),
        both)
    bad("bomb-honest", "32 MiB of zeros, and declared so.", lambda p: frames.bomb(32 << 20, 32 << 20), both)
    bad("short", "The last byte is missing.", lambda p: frames.frame(p)[:-1], both[:1])
    bad("reserved-block", "A block of the reserved kind.",
        lambda p: frames.MAGIC + b"\x60" + (len(p) - 256).to_bytes(2, "little") + frames.block(3, 1, b"x", True),
        both[:1])
    bad("old", "The magic number of an old version.", lambda p: b"\x27" + frames.frame(p)[1:], both[:1])
    bad("none", "Not compressed, though the waybill says so.", lambda p: p, both)
