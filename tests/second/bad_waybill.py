# SPDX-License-Identifier: Apache-2.0
"""Waybills and lists of digests that break their rules, rightly signed."""
from bundle import file, sha256


def vectors(book):
    keys(book)
    values(book)
    yaml(book)
    ends(book)
    lists(book)
    against_container(book)


def bad(book, name, what, error="waybill", **hooks):
    book.bad(f"bad-waybill-{name}", what, "waybill", error, book.maker(f"bad-waybill-{name}", **hooks))


def replaced(key, value):
    return lambda fields: [(k, value if k == key else v) for k, v in fields]


def line(key, text):
    """The line of a key written otherwise, raw."""
    def do(whole):
        return b"\n".join(text if row.startswith(key + b":") else row for row in whole.split(b"\n"))
    return do


def keys(book):
    for key in ("bundle", "created", "not-after", "from", "approvals", "handling", "compression", "chunk-bytes",
                "chunks", "payload-bytes", "sums"):
        bad(book, f"without-{key}", f"`{key}` is missing.", waybill=lambda f, key=key: [x for x in f if x[0] != key])
        if key in ("bundle", "from", "approvals", "sums"):
            bad(book, f"double-{key}", f"`{key}` stands there twice.", waybill=lambda f,
                key=key: f + [x for x in f if x[0] == key])
    bad(book, "unknown-key", "An unknown key.", waybill=lambda f: f + [("priority", "high")])
    bad(book, "key-case", "A key in another case.", waybill=lambda f: [("From" if k == "from" else k, v) for k,
        v in f])
    bad(book, "anchors-key", "A key of later times.", waybill=lambda f: f + [("volumes", 1)])


def values(book):
    fpr = book.cast.bob.fpr
    wrong = {
        "bundle-upper": ("bundle", "9F1C2A34-5D0B-4C55-8A64-0D5A1F3F4F10"),
        "bundle-version-1": ("bundle", "9f1c2a34-5d0b-1c55-8a64-0d5a1f3f4f10"),
        "bundle-variant": ("bundle", "9f1c2a34-5d0b-4c55-ca64-0d5a1f3f4f10"),
        "bundle-short": ("bundle", "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f1"),
        "created-date": ("created", "2026-02-20"), "created-zone": ("created", "2026-02-20T09:00:00+00:00"),
        "created-fraction": ("created", "2026-02-20T09:00:00.0Z"),
        "created-space": ("created", "2026-02-20 09:00:00Z"), "created-day": ("created", "2026-02-30T09:00:00Z"),
        "created-second": ("created", "2026-02-20T09:00:60Z"),
        "created-1999": ("created", "1999-12-31T23:59:59Z"), "created-list": ("created", ["2026-02-20T09:00:00Z"]),
        "not-after-same": ("not-after", "2026-02-20T09:00:00Z"),
        "not-after-before": ("not-after", "2026-02-19T09:00:00Z"),
        "not-after-367-days": ("not-after", "2027-02-22T09:00:00Z"),
        "not-after-366-days-1": ("not-after", "2027-02-21T09:00:01Z"),
        "from-name": ("from", "alice"), "from-address": ("from", "alice@example.org"),
        "from-lower": ("from", book.cast.alice.fpr.lower()),
        "from-short": ("from", book.cast.alice.fpr[:39]), "from-key-id": ("from", book.cast.alice.fpr[-16:]),
        "from-list": ("from", [book.cast.alice.fpr]),
        "from-spaces": ("from", " ".join(book.cast.alice.fpr[i:i + 4] for i in range(0, 40, 4))),
        "to-empty": ("to", []), "to-text": ("to", fpr), "to-twice": ("to", [fpr, fpr]), "to-name": ("to", ["bob"]),
        "to-nested": ("to", [[fpr]]),
        "approvals-0": ("approvals", 0), "approvals-17": ("approvals", 17), "approvals-text": ("approvals", "one"),
        "approvals-list": ("approvals", [1]),
        "handling-long": ("handling", "x" * 1025), "handling-line": ("handling", "two\nlines"),
        "handling-list": ("handling", ["x"]),
        "handling-delete": ("handling", "a\x7fb"), "handling-bidi": ("handling", "a\u202eb"),
        "handling-invisible": ("handling", "a\u200bb"),
        "compression-gzip": ("compression", "gzip"), "compression-case": ("compression", "ZSTD"),
        "compression-empty": ("compression", ""),
        "chunk-bytes-2-mib": ("chunk-bytes", 2097152), "chunk-bytes-1": ("chunk-bytes", 1),
        "chunk-bytes-0": ("chunk-bytes", 0),
        "chunks-0": ("chunks", 0), "chunks-many": ("chunks", 1048577), "chunks-huge": ("chunks", 10 ** 30),
        "payload-bytes-0": ("payload-bytes", 0), "payload-bytes-more": ("payload-bytes", 1048577),
        "payload-bytes-2-64": ("payload-bytes", 2 ** 64 + 2560),
        "sums-short": ("sums", "0" * 63), "sums-upper": ("sums", "A" * 64),
        "sums-prefix": ("sums", "sha256:" + "0" * 57)}
    for name, (key, value) in wrong.items():
        bad(book, name, f"`{key}` has a value that it may not have ({name}).", waybill=replaced(key, value))
    for name, text in (("plus", b"+1"), ("minus", b"-1"), ("leading-zero", b"01"), ("octal", b"0o1"),
                       ("hexadecimal", b"0x1"), ("float", b"1.0"),
                       ("exponent", b"1e0"), ("underscore", b"1_0"), ("sexagesimal", b"0:01"), ("null", b"~"),
                       ("true", b"true"), ("empty", b"")):
        bad(book, f"number-{name}", f"A number written as {text.decode() or 'nothing'}.",
            waybill_text=line(b"approvals", b"approvals: " + text))


def yaml(book):
    fpr = book.cast.bob.fpr.encode()
    for name, what, key, text in (
            ("anchor", "An anchor.", b"handling", b'handling: &a "x"'),
            ("alias", "An anchor and an alias.", b"handling", b'handling: &a "x"\n"compression": *a'),
            ("alias-alone", "An alias to nothing.", b"handling", b"handling: *a"),
            ("tag", "A tag.", b"handling", b'handling: !!str "x"'),
            ("tag-local", "A local tag.", b"handling", b'handling: !x "x"'),
            ("tag-plain", "The non-specific tag.", b"handling", b'handling: ! "x"'),
            ("merge-key", "A merge key.", b"handling", b'handling: ""\n<<: {}'),
            ("nul", "An escaped NUL.", b"handling", b'handling: "a\\0b"'),
            ("c1", "An escaped control character beyond ASCII.", b"handling", b'handling: "a\\x85b"'),
            ("nul-at-end", "An escaped NUL at the end.", b"handling", b'handling: "a\\0"'),
            ("escape", "An escaped ESC.", b"handling", b'handling: "\\e[2J"'),
            ("nul-key", "A key with an escaped NUL.", b"handling", b'"handling\\0x": ""'),
            ("list-key", "A key that is a list.", b"handling", b'handling: ""\n? [a]\n: b'),
            ("map-value", "A map for a text.", b"handling", b"handling: {a: b}"),
            ("map-key", "A key that is a map.", b"handling", b'handling: ""\n{a: b}: c'),
            ("depth-17", "Seventeen levels deep.", b"to", b"to: " + b"[" * 17 + fpr + b"]" * 17),
            ("unclosed", "A list that does not end.", b"to", b'to: ["' + fpr + b'"'),
            ("tab", "A tab for indentation.", b"to", b'to:\n\t- "' + fpr + b'"'),
            ("second-document", "A second document.", b"handling", b'handling: ""\n---'),
            ("end-mark", "The mark of a document's end.", b"handling", b'handling: ""\n...'),
            ("directive", "A directive.", b"handling", b'handling: ""\n...\n%YAML 1.1\n---'),
            ("utf-8", "Bytes that are not UTF-8.", b"handling", b'handling: "caf\xe9"'),
            ("surrogate", "A surrogate in UTF-8.", b"handling", b'handling: "\xed\xa0\x80"'),
            ("utf-8-long", "UTF-8 longer than needed.", b"handling", b'handling: "\xc0\xaf"'),
            ("nul-byte", "A NUL byte.", b"handling", b'handling: "a\0b"'),
            ("escape-byte", "An ESC byte.", b"handling", b'handling: "\x1b[2J"'),
            ("bom-inside", "A byte order mark inside.", b"handling", b'\xef\xbb\xbfhandling: ""')):
        bad(book, f"yaml-{name}", what, waybill_text=line(key, text))
    bad(book, "brackets", "Nearly 64 KiB of opening brackets.",
        waybill_text=lambda t: t + b"to2: " + b"[" * (65536 - len(t) - 5 - 78 - 1) + b"\n")
    bad(book, "flow", "The whole document in flow style: its first line is another.",
        waybill_text=lambda t: b"{" + t.replace(b"\n", b",\n") + b"}\n")


def ends(book):
    def first(old, new):
        return lambda text: text.replace(old, new, 1)
    kind = b"valise-waybill: 1\n"
    for name, what, text, error in (("card", "A card, signed by alice.", b"valise-card: 1\n", "waybill"),
                                    ("manifest", "A manifest, signed by alice.", b"valise-manifest: 2\n", "waybill"),
                                    ("kind-version", "A waybill of version 2.", b"valise-waybill: 2\n", "version"),
                                    ("kind-quoted", "The kind in quotes.", b'valise-waybill: "1"\n', "waybill"),
                                    ("kind-spaces", "Two spaces in the kind.", b"valise-waybill:  1\n", "waybill"),
                                    ("kind-crlf", "The kind ends with CRLF.", b"valise-waybill: 1\r\n", "waybill"),
                                    ("bom", "A byte order mark.", b"\xef\xbb\xbf" + kind, "waybill"),
                                    ("comment-first", "A comment before the kind.", b"# hello\n" + kind, "waybill"),
                                    ("dashes-first", "A document mark before the kind.", b"---\n" + kind, "waybill"),
                                    ("no-kind", "No kind.", b"", "waybill")):
        bad(book, name, what, error, waybill_text=first(kind, text))
    bad(book, "whole-card", "Alice's whole card for a waybill, signed by her.",
        waybill_end=lambda t: book.cast.alice.card().encode())
    bad(book, "text", "Some other text that alice signed.", waybill_end=lambda t: b"I, alice, like trains.\n")
    bad(book, "one-byte", "A waybill of one byte.", waybill_end=lambda t: b"\n")
    last = "key-check is not the last line as it must be"
    bad(book, "key-check-first", f"{last}: handling stands behind it.", waybill_end=lambda t: t + b'handling: ""\n',
        waybill=lambda f: [x for x in f if x[0] != "handling"])
    bad(book, "key-check-missing", "No key-check.", waybill_end=lambda t: t[:-78])
    bad(book, "key-check-double", "key-check twice.", waybill_end=lambda t: t + t[-78:])
    bad(book, "key-check-plain", f"{last}: without quotes.", waybill_end=lambda t: t[:-78] + t[-78:].replace(b'"',
        b""))
    bad(book, "key-check-single", f"{last}: in single quotes.",
        waybill_end=lambda t: t[:-78] + t[-78:].replace(b'"', b"'"))
    bad(book, "key-check-upper", "key-check in upper case.",
        waybill_end=lambda t: t[:-78] + b'key-check: "' + b"A" * 64 + b'"\n')
    bad(book, "key-check-comment", f"{last}: a remark behind it.", waybill_end=lambda t: t + b"# bye\n")
    bad(book, "empty-line-last", f"{last}: an empty line behind it.", waybill_end=lambda t: t + b"\n")
    bad(book, "no-line-end", f"{last}: no LF.", waybill_end=lambda t: t[:-1])
    bad(book, "crlf", "CRLF throughout but in the kind.", waybill_end=lambda t: t[:18] + t[18:].replace(b"\n",
        b"\r\n"))


def lists(book):
    def bad_list(name, what, change, error="sums"):
        book.bad(f"bad-list-{name}", what, "list", error, book.maker(f"bad-list-{name}", sums=change))
    bad_list("crlf", "CRLF in SHA256SUMS.", lambda t: t.replace(b"\n", b"\r\n"))
    bad_list("upper", "Digests in upper case.", lambda t: b"".join(r[:64].upper() + r[64:]
        for r in t.splitlines(True)))
    bad_list("backslash", "A line in the form for odd names.", lambda t: b"\\" + t)
    bad_list("backslash-name", "A backslash for a slash.", lambda t: t.replace(b"keys/", b"keys\\"))
    bad_list("blank", "A blank line between.", lambda t: t.replace(b"\n", b"\n\n", 1))
    bad_list("blank-last", "A blank line at the end.", lambda t: t + b"\n")
    bad_list("blank-first", "A blank line at the start.", lambda t: b"\n" + t)
    bad_list("extra", "A line for a member that is not there.", lambda t: t + b"0" * 64 + b"  manifest/0000000001\n")
    bad_list("extra-waybill", "A line for the waybill.", lambda t: t + b"0" * 64 + b"  waybill.yaml\n")
    bad_list("missing", "The line of the payload is missing.",
             lambda t: b"".join(r for r in t.splitlines(True) if b"payload" not in r))
    bad_list("missing-slot", "The line of the slot is missing.",
             lambda t: b"".join(r for r in t.splitlines(True) if b"keys/" not in r))
    bad_list("missing-manifest", "The line of the manifest is missing.",
             lambda t: b"".join(r for r in t.splitlines(True) if b"manifest" not in r))
    bad_list("no-line-end", "No LF at the end.", lambda t: t[:-1])
    bad_list("swapped", "Two lines in another order.", lambda t: b"".join([t.splitlines(True)[i]
        for i in (0, 2, 1, 3)]))
    bad_list("star", "The mark of binary mode.", lambda t: t.replace(b"  ", b" *"))
    bad_list("one-space", "One space between.", lambda t: t.replace(b"  ", b" "))
    bad_list("dot", "A member named ./valise.", lambda t: t.replace(b"  valise", b"  ./valise"))
    bad_list("name", "A member under another name of the same length.",
             lambda t: t.replace(b"keys/0000.pgp", b"keys/0001.pgp"))
    bad_list("tagged", "The other form, with SHA256 before.",
             lambda t: b"".join(b"SHA256 (%s) = %s\n" % (r[66:-1], r[:64]) for r in t.splitlines(True)))
    bad_list("not-hex", "A digest that is not hexadecimal.", lambda t: b"g" + t[1:])
    bad_list("nul", "A NUL for a space.", lambda t: t[:64] + b"\0" + t[65:])
    bad_list("one-byte", "A list of one byte.", lambda t: b"\n")
    book.bad("bad-list-other", "Another list than the signed one.", "list", "damaged",
             book.maker("bad-list-other", waybill=lambda f: [(k, sha256(b"") if k == "sums" else v) for k, v in f]))
    damage(book)


def damage(book):
    """Digests that do not match, rightly signed: what medium and courier do, seen at the member's own stage."""
    for name, stage in (("valise", "list"), ("keys", "key"), ("manifest", "manifest"), ("payload", "payload")):
        def zero(text, name=name):
            return b"".join(b"0" * 64 + r[64:] if r[66:].startswith(name.encode()) else r
                            for r in text.splitlines(True))
        book.bad(f"bad-digest-{name}", f"The signed list has another digest for {name}.", stage, "damaged",
                 book.maker(f"bad-digest-{name}", sums=zero), verify="damaged")


def against_container(book):
    """Rules that tie the waybill to the members."""
    cast = book.cast
    maker = book.maker("bad-waybill-to-more", waybill=replaced("to", [cast.bob.fpr, cast.grace.fpr]))
    book.bad(maker.name, "Two recipients, one slot.", "list", "sums", maker)
    maker = book.maker("bad-waybill-to-fewer", waybill=replaced("to", [cast.bob.fpr]))
    maker.recipients = [cast.bob, cast.grace]
    book.bad(maker.name, "One recipient, two slots.", "list", "sums", maker)

    def chunks(count):
        return lambda fields: [(k, {"chunks": count, "payload-bytes": (count - 1) * (1 << 20) + 2560}.get(k, v))
                               for k, v in fields]
    maker = book.maker("bad-waybill-chunks-fewer", waybill=chunks(1))
    maker.entries = [file("zeros", bytes((1 << 20) + 5))]
    book.bad(maker.name, "One chunk told, two there.", "list", "sums", maker)
    maker = book.maker("bad-waybill-chunks-more", waybill=chunks(2))
    book.bad(maker.name, "Two chunks told, one there and listed.", "list", "sums", maker)
