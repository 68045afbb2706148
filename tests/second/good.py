# SPDX-License-Identifier: Apache-2.0
"""Bundles that must be accepted."""
import unicodedata

from bundle import file, folder
from pgp import sign
from cast import utc

LONG = "n" * 251 + ".txt"


def deep_path():
    """Folders and a file whose path has exactly 1,024 bytes."""
    parts, paths = ["p" * 200] * 5 + ["q" * (1024 - 5 * 201)], []
    for count in range(1, 7):
        paths.append("/".join(parts[:count]))
    return [folder(p) for p in paths[:-1]] + [file(paths[-1], b"deep")]


def in_order(entries):
    return sorted(entries, key=lambda e: e.path.encode())


def scripts():
    """File names in several scripts, composed, decomposed, and beyond the basic plane."""
    names = ["Ελληνικά.txt", "Русский.txt", "العربية.txt", "日本語.txt", "한국어.txt", "ไทย.txt", "हिन्दी.txt",
             "emoji-\U0001F5C4.txt",
             "naïve café.txt", unicodedata.normalize("NFD", "décomposé") + ".txt",
             "space and 'quotes' \"double\" \\.txt",
             "- dash.txt", "#hash: colon.txt", "~", "null", "yes", "1e3", ".hidden"]
    return in_order([folder("names")] + [file("names/" + n, n.encode()) for n in names])


def vectors(book):
    shapes(book)
    names(book)
    people(book)
    forms(book)


def shapes(book):
    book.good("good-plain", "One folder with one file of five bytes.")
    maker = book.maker("good-single-file")
    maker.entries = [file("note.txt", b"one file, no folder\n")]
    book.good(maker.name, "One file without a folder.", maker)
    maker = book.maker("good-nested")
    maker.entries = in_order([folder("a"), folder("a/b"), folder("a/b/c"), file("a/b/c/deep.txt", b"deep\n"),
                              file("a/z.bin", b"\0\1\2"),
                              file("a-b.txt", b"sorts between a and a/\n"), folder("z")])
    book.good(maker.name, "Nested folders, and names where the order of bytes is not that of folders.", maker)
    maker = book.maker("good-empty-file")
    maker.entries = [folder("d"), folder("d/empty"), file("d/void", b"")]
    book.good(maker.name, "An empty folder and an empty file.", maker)
    maker = book.maker("good-folder-only")
    maker.entries, maker.schemes = [folder("only")], []
    book.good(maker.name, "No file at all: no markings, no marks, no schemes.", maker)
    maker = book.maker("good-executable")
    maker.entries = [folder("bin"), file("bin/data", b"#"), file("bin/run", b"#!/bin/sh\n", executable=True)]
    book.good(maker.name, "An executable file beside one that is not.", maker)
    maker = book.maker("good-two-chunks")
    maker.entries = [file("zeros", bytes(1 << 20) + b"end")]
    book.good(maker.name, "A payload of two chunks; the second is short.", maker)
    maker = book.maker("good-exact-chunks")
    maker.entries = [file("zeros", bytes((2 << 20) - 512 - 1024))]
    book.good(maker.name, "A payload of exactly two full chunks.", maker)
    maker = book.maker("good-times")
    maker.entries = [file("a-before-1970", b"old", mtime=-86400), file("b-epoch", b"zero", mtime=0),
                     file("c-after-2038", b"late", mtime=4102444800)]
    book.good(maker.name, "Times before 1970, at 0 and after 2038.", maker)


def names(book):
    maker = book.maker("good-scripts")
    maker.entries = scripts()
    book.good(maker.name, "Names in many scripts, and names that YAML or a shell would take for something else.",
              maker)
    maker = book.maker("good-name-255")
    maker.entries = [file(LONG, b"long name")]
    book.good(maker.name, "A name of 255 bytes.", maker)
    maker = book.maker("good-path-1024")
    maker.entries = deep_path()
    book.good(maker.name, "A path of 1,024 bytes.", maker)
    maker = book.maker("good-depth-64")
    paths = ["/".join("d" * n) for n in range(1, 64)]
    maker.entries = [folder(p) for p in paths] + [file(paths[-1] + "/f", b"64")]
    book.good(maker.name, "A path of 64 components.", maker)


def people(book):
    cast = book.cast
    maker = book.maker("good-two-recipients")
    maker.recipients = [cast.grace, cast.bob]
    book.good(maker.name, "Two recipients, one with an RSA key; ours is the second slot.", maker)
    maker = book.maker("good-hidden")
    maker.recipients, maker.hidden = [cast.grace, cast.bob], True
    book.good(maker.name, "Hidden recipients: no `to`, key ids of zero.", maker)
    maker = book.maker("good-two-signers")
    maker.approvals = 2
    maker.signers = [(p.primary, p.fpr, maker.created) for p in (cast.alice, cast.dave)]
    book.good(maker.name, "Two people demanded, two signed.", maker)
    maker = book.maker("good-unknown-extra-signer")
    maker.signers = [(p.primary, p.fpr, maker.created) for p in (cast.alice, cast.mallory)]
    book.good(maker.name, "A stranger signed too: told, not counted, changes nothing.", maker)
    maker = book.maker("good-foreign-extra-signer")
    maker.signers = [(p.primary, p.fpr, maker.created) for p in (cast.alice, cast.frank)]
    book.good(maker.name, "An approver of another organisation signed too, where one is enough: told, not counted.", maker)
    maker = book.maker("good-three-signers")
    maker.approvals = 2
    maker.signers = [(p.primary, p.fpr, maker.created) for p in (cast.alice, cast.amy, cast.dave)]
    book.good(maker.name, "Two people demanded: alice with two keys, and dave.", maker)
    maker = book.maker("good-signing-subkey")
    maker.signers = [(cast.alice.signer, cast.alice.fpr, maker.created)]
    book.good(maker.name, "Signed by a signing subkey; the member is named after the primary key.", maker)
    maker = book.maker("good-rsa-signer")
    maker.sender = cast.grace
    book.good(maker.name, "Signed by an RSA key.", maker)
    for name, other, what in (("revoked", cast.rex, "Somebody whose key is revoked"),
                              ("courier", cast.carol, "A courier, who may not send,")):
        maker = book.maker(f"good-{name}-extra-signer")
        maker.signers = [(p.primary, p.fpr, maker.created) for p in (cast.alice, other)]
        book.good(maker.name, f"{what} signed too: told, not counted.", maker)
    maker = book.maker("good-signature-at-end")
    maker.signers = [(cast.alice.primary, cast.alice.fpr, "2026-03-01T23:00:00Z")]
    book.good(maker.name, "Signed eleven hours after the reader's clock: within the 24 hours.", maker)


def forms(book):
    maker = book.maker("good-uncompressed")
    maker.compression = "none"
    book.good(maker.name, "Compression none.", maker)
    maker = book.maker("good-padded")
    maker.compression, maker.pad = "none", True
    maker.entries = [file("data", bytes(range(256)) * 20)]
    book.good(maker.name, "Padded: archive and manifest continued to their Padmé lengths.", maker)
    maker = book.maker("good-old-packets")
    maker.old_packets = True
    book.good(maker.name, "OpenPGP packets with headers of the old form, as gpg writes most of them.", maker)
    maker = book.maker("good-windowed-frame", frame=windowed)
    book.good(maker.name, "Zstandard frames with a window descriptor instead of a single segment.", maker)
    maker = book.maker("good-pap")
    maker.schemes = ["pap", "pd", "tlp"]
    maker.entries = [file("a", b"a", labels=("pap/red", "pd/none", "tlp/clear")), file("b", b"b")]
    book.good(maker.name, "Two different markings, a scheme without ceilings, marks from both.", maker)
    maker = book.maker("good-waybill-style", waybill_text=restyle)
    maker.handling = "hand to the duty officer, büro 4"
    book.good(maker.name, "A waybill in another order and with other quotes than a writer would choose.", maker)
    maker = book.maker("good-purpose")
    maker.purpose = "\"ünï\" \\ \U0001F5C4 # - [a]: {b} & * ! | > % @ ` é".ljust(1000, "x")
    book.good(maker.name, "A long purpose, with characters that mean something in YAML.", maker)
    maker = book.maker("good-two-manifest-chunks", manifest_text=lambda text: text.replace(b"files: 1\n",
        b"files: 1\n#" + b"=" * (1 << 20) + b"\n"))
    book.good(maker.name, "A manifest of two chunks (a comment of 1 MiB).", maker)
    maker = book.maker("good-hash-512", signatures=lambda made, waybill: [
        (book.cast.alice.fpr, sign(book.cast.alice.primary, waybill, utc("2026-02-20T09:00:00Z"), hash_id=10))])
    book.good(maker.name, "A signature with SHA-512.", maker)
    maker = book.maker("good-last-day")
    maker.not_after = "2026-03-01T12:00:30Z"
    book.good(maker.name, "Judged half a minute before not-after.", maker)
    maker = book.maker("good-longest-life")
    maker.not_after = "2027-02-21T09:00:00Z"
    book.good(maker.name, "not-after is 366 days after created.", maker)


def windowed(framed, kind, number, piece):
    import frames
    return frames.frame(piece, window=0x50)  # 1 MiB


def restyle(text):
    lines = text.decode().splitlines()
    head, rest = lines[0], sorted(lines[1:], reverse=True)
    rest = [line.replace('"zstd"', "zstd").replace('created: "', "created: '").replace('00Z"', "00Z'")
            for line in rest]
    rest = [line.replace("not-after: \"", "not-after: '") for line in rest]
    return "\n".join([head, "# a remark"] + rest).encode() + b"\n"
