# SPDX-License-Identifier: Apache-2.0
"""Manifests that break their rules, and contents that this station may not hold."""
import unicodedata

from bundle import LABELS, file, folder, semantic_digest, sha256


def vectors(book):
    keys(book)
    values(book)
    entries(book)
    paths(book)
    yaml(book)
    labels(book)


def bad(book, name, what, error="manifest", stage="manifest", entries=None, setup=None, **hooks):
    maker = book.maker(name, **hooks)
    maker.entries = entries or maker.entries
    if setup:
        setup(maker)
    book.bad(name, what, stage, error, maker)


def replaced(key, value):
    return lambda fields: [(k, (value(v) if callable(value) else value) if k == key else v) for k, v in fields]


def change(book, name, what, key, value, **more):
    bad(book, f"bad-manifest-{name}", what, manifest=replaced(key, value), **more)


def keys(book):
    for key in ("bundle", "tool", "purpose", "handling", "supersedes", "recipients", "schemes", "marks",
                "releasable-to", "voided", "records", "markings", "files", "bytes", "entries"):
        bad(book, f"bad-manifest-without-{key}", f"`{key}` is missing.", manifest=lambda f,
            key=key: [x for x in f if x[0] != key])
    bad(book, "bad-manifest-unknown-key", "An unknown key.", manifest=lambda f: f[:5] + [("comment", "x")] + f[5:])
    bad(book, "bad-manifest-double-key", "`purpose` twice.", manifest=lambda f: f[:5] + [("purpose", "x")] + f[5:])
    bad(book, "bad-manifest-markings-late", "Markings behind the entries.",
        manifest=lambda f: [x for x in f if x[0] != "markings"] + [x for x in f if x[0] == "markings"])
    bad(book, "bad-manifest-records-late", "Records behind the markings.",
        manifest=lambda f: [x for x in f if x[0] not in ("records", "entries")] + [x for x in f if x[0] in ("records",
            "entries")])
    bad(book, "bad-manifest-schemes-late", "Schemes behind the entries.",
        manifest=lambda f: [x for x in f if x[0] != "schemes"] + [x for x in f if x[0] == "schemes"])


def values(book):
    fpr, other = book.cast.bob.fpr, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10"
    for name, what, key, value in (
            ("other-bundle", "The manifest of another bundle.", "bundle", other),
            ("tool-empty", "No tool.", "tool", ""),
            ("tool-control", "A control character in the tool.", "tool", "a\x1b[2Jb"),
            ("tool-long", "A tool of 65 bytes.", "tool", "t" * 65),
            ("purpose-control", "A control character in the purpose.", "purpose", "a\x1b[2Jb"),
            ("purpose-bidi", "An invisible character in the purpose.", "purpose", "a\u202eb"),
            ("purpose-long", "A purpose of 1,025 bytes.", "purpose", "p" * 1025),
            ("handling-other", "Another handling than the waybill's.", "handling", "shred"),
            ("supersedes-text", "supersedes is no bundle id.", "supersedes", "last week's"),
            ("recipients-known", "Recipients, though the waybill has them.", "recipients", [fpr]),
            ("recipients-text", "Recipients that are no list.", "recipients", fpr),
            ("files-more", "A file more counted.", "files", 2), ("files-0", "No file counted.", "files", 0),
            ("files-sign", "A count with a sign.", "files", -1),
            ("bytes-more", "A byte more counted.", "bytes", 6),
            ("bytes-huge", "2^64 bytes more counted.", "bytes", 2 ** 64 + 5),
            ("voided-fields", "A voided bundle of two fields.", "voided", [[fpr, 1]]),
            ("voided-sequence", "A voided bundle of sequence 0.", "voided", [[fpr, 0, "0" * 64]]),
            ("voided-name", "A voided bundle for a name.", "voided", [["bob", 1, "0" * 64]]),
            ("schemes-order", "Schemes not sorted.", "schemes", lambda v: v[::-1]),
            ("schemes-double", "A scheme twice.", "schemes", lambda v: [v[0]] + v),
            ("schemes-fields", "A scheme without its digest.", "schemes", lambda v: [x[:2] for x in v]),
            ("schemes-digest", "A digest of 63 digits.", "schemes", lambda v: [[*v[0][:2], "0" * 63], v[1]]),
            ("marks-order", "Marks not sorted.", "marks", lambda v: v[::-1]),
            ("marks-double", "A mark twice.", "marks", lambda v: [v[0]] + v),
            ("marks-form", "A mark that is no scheme/id.", "marks", ["TLP:AMBER"]),
            ("markings-origin", "A label of unknown origin.", "markings",
             [{"labels": [[x, "guess"] for x in LABELS]}]),
            ("markings-order", "Labels not sorted.", "markings",
             [{"labels": [[x, "option"] for x in LABELS[::-1]]}]),
            ("markings-double", "A label twice.", "markings",
             [{"labels": [[x, "option"] for x in (LABELS[0], *LABELS)]}]),
            ("markings-same", "The same marking twice.", "markings", lambda v: v * 2),
            ("markings-unused", "A marking that no file carries.", "markings",
             lambda v: v + [{"labels": [["pd/none", "option"], ["tlp/clear", "option"]]}]),
            ("markings-none", "No marking for the file to carry.", "markings", [])):
        change(book, name, what, key, value)


def entries(book):
    def entry(name, what, value):
        change(book, f"entry-{name}", what, "entries", value)

    def at(number, field, value):
        def do(lines):
            lines = [list(line) for line in lines]
            lines[number][field] = value
            return lines
        return do
    entry("none", "No entries.", [])
    entry("type", "An entry of unknown type.", at(1, 0, "symlink"))
    entry("type-case", "A type in another case.", at(1, 0, "File"))
    entry("fields-less", "A file without its marking.", lambda v: [v[0], v[1][:-1]])
    entry("fields-more", "A file with a field too much.", lambda v: [v[0], v[1] + [0]])
    entry("folder-fields", "A folder with a size.", lambda v: [v[0] + [0], v[1]])
    entry("text", "An entry that is a text.", lambda v: v + ["z"])
    entry("path-number", "A path that is a list.", at(1, 1, ["a"]))
    entry("time-fraction", "A time with a fraction.", at(1, 2, 1764000000.5))
    entry("time-late", "A time after the year 9999.", at(1, 2, 253402300800))
    entry("time-early", "A time beyond the range below.", at(1, 2, -253402300800))
    entry("offset-sign", "An offset with a sign.", at(1, 3, -512))
    entry("size-sign", "A size with a sign.", at(1, 4, -5))
    entry("digest-short", "A digest of 63 digits.", at(1, 5, "0" * 63))
    entry("digest-upper", "A digest in upper case.", at(1, 5, "A" * 64))
    entry("media-long", "A media type of 128 bytes.", at(1, 6, "m" * 128))
    entry("media-control", "A media type with a control character.", at(1, 6, "text/plain\x1b"))
    entry("offset-far", "An offset behind the archive's end.", at(1, 3, 2560))
    entry("offset-huge", "An offset that no archive has.", at(1, 3, 2 ** 64 - 512))
    entry("offset-odd", "An offset that is no multiple of 512.", at(1, 3, 513))
    entry("offset-same", "The offset of the entry before.", at(1, 3, 0))
    entry("offset-first", "A first entry that is not at 0.", at(0, 3, 512))
    entry("size-far", "A size that ends behind the archive's end.",
          lambda v: [v[0], v[1][:4] + [2049] + v[1][5:]])
    entry("marking-1", "The number of a marking that is not there.", at(1, 7, 1))
    entry("marking-sign", "The number of a marking with a sign.", at(1, 7, -1))
    entry("unsorted", "Entries not sorted.", lambda v: v[::-1])
    entry("double", "The same path twice.", lambda v: v + [v[1]])
    entry("folder-missing", "The folder of a path is no entry.", lambda v: v[1:])
    entry("folder-file", "The folder of a path is a file.", lambda v: [["file",
        *v[1][1:]][:1] + ["reports"] + v[1][2:], v[1]])


def paths(book):
    """Everything is consistent, archive too, but for the path."""
    nfd = unicodedata.normalize("NFD", "é")
    odd = {
        "dot-dot": ["..", "../evil"], "dot-dot-inside": ["a", "a/..", "a/../b"], "dot": ["."],
        "absolute": ["/etc/evil"], "slash-end": ["a/"], "slash-double": ["a", "a//b"],
        "empty": [""], "line": ["a\nb"], "escape": ["a\x1bb"], "delete": ["a\x7fb"], "c1": ["a\x9bb"],
        "nul": ["a\0b"], "bidi-override": ["a\u202egpj.exe"],
        "bidi-isolate": ["a\u2066b"], "arabic-mark": ["a\u061cb"], "zero-width-space": ["a\u200bb"],
        "zero-width-joiner": ["a\u200db"], "left-to-right": ["a\u200eb"],
        "line-separator": ["a\u2028b"], "word-joiner": ["a\u2060b"], "bom": ["a\ufeffb"], "annotation": ["a\ufff9b"],
        "tags": ["a\U000E0041b"],
        "case": ["A.txt", "a.txt"], "case-sharp-s": ["STRASSE", "stra\u00dfe"], "case-greek": ["\u03a3", "\u03c2"],
        "case-folder": ["A", "A/x", "a"],
        "nfc": ["e" + nfd[1:], "\u00e9"], "nfc-case": ["E" + nfd[1:], "\u00e9"],
        "nfc-singleton": ["\u00c5", "\u212b"], "hangul": ["\u1100\u1161", "\uac00"],
        "name-256": ["n" * 256], "components-65": None, "path-1025": None, "manifest": ["MANIFEST.yaml"],
        "manifest-case": ["manifest.Txt"]}
    for name, given in odd.items():
        if name == "components-65":
            given = ["/".join("d" * n) for n in range(1, 66)]
        if name == "path-1025":
            given = ["/".join(["p" * 200] * n) for n in range(1, 6)] + ["/".join(["p" * 200] * 5) + "/" + "q" * 20]
        listed = sorted(given, key=lambda p: p.encode())
        folders = {p for p in listed if any(q.startswith(p + "/") for q in listed)}
        made = [folder(p) if p in folders else file(p, p.encode()) for p in listed]
        shown = " and ".join(repr(p) for p in listed[-2:]) if len(listed[-1]) < 40 else "of too many parts or bytes"
        bad(book, f"bad-path-{name}", f"A path that may not be: {shown}.", entries=made)


def yaml(book):
    def text(name, what, change):
        bad(book, f"bad-manifest-yaml-{name}", what, manifest_text=change)
    kind = b"valise-manifest: 2\n"
    text("kind", "Another kind.", lambda t: t.replace(kind, b"valise-waybill: 1\n"))
    text("no-kind", "No kind.", lambda t: t.replace(kind, b""))
    text("bom", "A byte order mark.", lambda t: b"\xef\xbb\xbf" + t)
    text("anchor", "An anchor and an alias.", lambda t: t.replace(b'handling: ""',
        b'handling: &a ""').replace(b'supersedes: ""', b"supersedes: *a"))
    text("tag", "A tag.", lambda t: t.replace(b"files: 1", b"files: !!int 1"))
    text("merge", "A merge key.", lambda t: t.replace(b"files: 1", b"<<: {files: 1}"))
    text("nul", "An escaped NUL in a path.", lambda t: t.replace(b"reports/a.txt", b"reports/a\\0b"))
    text("utf-8", "A path that is not UTF-8.", lambda t: t.replace(b"reports/a.txt", b"reports/a\xfftx"))
    text("second", "A second document.", lambda t: t + b"---\nx: 1\n")
    text("behind", "A NUL behind the document.", lambda t: t + b"\0")
    text("depth", "17 levels.", lambda t: t.replace(b"recipients: []", b"recipients: " + b"[" * 17 + b"]" * 17))
    text("brackets", "64 KiB of opening brackets.", lambda t: t + b"[" * 65536)
    text("leading-zero", "A number with a leading zero.", lambda t: t.replace(b"files: 1", b"files: 01"))
    text("cut", "The document ends in its middle.", lambda t: t[:len(t) // 2])
    text("one-byte", "A manifest of one byte.", lambda t: b"\n")
    for number, what in ((1, "that of drafts"), (3, "a later one")):
        bad(book, f"bad-manifest-version-{number}", f"A manifest of version {number}, {what}.", "version",
            manifest_text=lambda t, number=number: t.replace(kind, b"valise-manifest: %d\n" % number))


def labels(book):
    def policy(name, what, error, entries, stage="policy", **hooks):
        def setup(maker):
            maker.schemes = hooks.pop("schemes", maker.schemes)
        bad(book, name, what, error, stage, entries, setup, **hooks)

    def one(*labels):
        return [file("a.txt", b"hello", labels=labels)]
    policy("bad-label-none", "A file without any label.", "manifest", one(), "manifest", schemes=[])
    policy("bad-label-no-tlp", "A file without a label of a required scheme.", "unlabelled", one("pd/none"),
           schemes=["pd"])
    policy("bad-label-no-pd", "A file without a personal-data label.", "unlabelled", one("tlp/green"),
           schemes=["tlp"])
    policy("bad-label-two", "Two labels of one exclusive scheme.", "label", one("pd/none", "tlp/amber", "tlp/green"))
    policy("bad-label-two-pd", "Two personal-data labels.", "label", one("pd/none", "pd/personal", "tlp/amber"))
    policy("bad-label-unknown", "A label that the scheme does not have.", "label", one("pd/none", "tlp/purple"))
    policy("bad-label-case", "A label in another case.", "manifest", one("pd/none", "tlp/AMBER"), "manifest")
    policy("bad-label-scheme", "A label of a scheme that is not listed.", "manifest",
           one("aaa/secret", "pd/none", "tlp/amber"))
    policy("bad-label-scheme-unused", "A listed scheme of which no label is used.", "manifest",
           one("pd/none", "tlp/amber"), schemes=["pap", "pd", "tlp"])
    policy("bad-label-some", "One file of two is unlabelled.", "unlabelled",
           [file("a", b"a"), file("b", b"b", labels=("pd/none",))])
    policy("bad-scheme-digest", "A scheme with other ranks than ours.", "scheme", None,
           manifest=replaced("schemes", lambda v: [v[0], [*v[1][:2], sha256(b"other")]]))
    policy("bad-scheme-unknown", "A scheme that this station does not have.", "scheme", None,
           manifest=replaced("schemes", lambda v: [["aaa", "1", sha256(b"aaa")]] + v))
    policy("bad-scheme-swapped", "The digest of another scheme.", "scheme", None,
           manifest=replaced("schemes", lambda v: [[*v[0][:2], semantic_digest("tlp")], v[1]]))
    policy("bad-marks-lower", "Marks below the highest label.", "manifest", None,
           manifest=replaced("marks", ["pd/none", "tlp/green"]))
    policy("bad-marks-higher", "Marks above the highest label.", "manifest", None,
           manifest=replaced("marks", ["pd/personal", "tlp/amber"]))
    policy("bad-marks-missing", "A mark is missing.", "manifest", None, manifest=replaced("marks", ["tlp/amber"]))
    policy("bad-marks-none", "No marks.", "manifest", None, manifest=replaced("marks", []))
    policy("bad-ceiling-red", "TLP:RED at a station cleared to TLP:AMBER.", "ceiling", one("pd/none", "tlp/red"))
    policy("bad-ceiling-strict", "TLP:AMBER+STRICT at a station cleared to TLP:AMBER.", "ceiling",
           one("pd/none", "tlp/amber-strict"))
    policy("bad-ceiling-one-of-two", "One file of two above the ceiling.", "ceiling",
           [file("a", b"a"), file("b", b"b", labels=("pd/none", "tlp/red"))])
