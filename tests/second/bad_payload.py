# SPDX-License-Identifier: Apache-2.0
"""Archives of a hostile partner with valid keys: rightly signed, encrypted and listed, but not what the manifest lists."""
from bundle import file, folder
from container import Entry, pax_record


def vectors(book):
    added(book)
    changed(book)
    attributes(book)
    ends(book)


def bad(book, name, what, error="payload", honest=None, **hooks):
    maker = book.maker(f"bad-payload-{name}", **hooks)
    maker.entries = honest or maker.entries
    book.bad(maker.name, what, "payload", error, maker)


def odd(path, kind, link=b"", **more):
    return Entry(path, None, kind=kind, link=link, **more)


def added(book):
    """An entry more than the manifest lists."""
    extra = {
        "dot-dot": (file("../evil", b"x"), "a path that leads out"),
        "dot-dot-deep": (file("reports/../../evil", b"x"), "a path that leads out on a detour"),
        "absolute": (file("/tmp/valise-evil", b"x"), "an absolute path"),
        "more": (file("reports/b.txt", b"x"), "a file that is not listed"),
        "folder-more": (folder("secret"), "a folder that is not listed"),
        "double": (file("reports/a.txt", b"hello"), "the same entry again"),
        "double-other": (file("reports/a.txt", b"other"), "the same path with other content"),
        "double-dot": (file("./reports/a.txt", b"hello"), "the same path with a dot before"),
        "symlink": (odd("reports/link", b"2", b"/etc/passwd"), "a symbolic link"),
        "symlink-same": (odd("reports", b"2", b"/tmp"), "a symbolic link in place of its folder"),
        "hard-link": (odd("reports/link", b"1", b"reports/a.txt"), "a hard link"),
        "hard-link-out": (odd("reports/link", b"1", b"../../etc/passwd"), "a hard link that leads out"),
        "fifo": (odd("reports/pipe", b"6"), "a FIFO"), "character-device": (odd("reports/null", b"3"),
            "a character device"), "block-device": (odd("reports/disk", b"4"), "a block device"),
        "case": (file("reports/A.TXT", b"x"), "a name that differs in case alone"),
        "control": (file("reports/\x1b[2J", b"x"), "a control character"),
        "bidi": (file("reports/\u202egpj.exe", b"x"), "a name that shows backwards"),
        "not-utf-8": (file("reports/\udcff", b"x"), "a name that is not UTF-8"),
        "global-header": (odd("pax", b"g"), "a global header"),
        "volume-label": (odd("label", b"V"), "a volume label"),
        "unknown-type": (odd("reports/x", b"Z"), "an entry of unknown type")}
    for name, (entry, what) in extra.items():
        bad(book, name, f"The archive has {what}.", entries=lambda e, entry=entry: e + [entry])
    bad(book, "more-first", "The archive has a file that is not listed before the others.",
        entries=lambda e: [file("0", b"x")] + e)
    bad(book, "evil-first", "The archive begins with a symbolic link named as the folder that follows.",
        entries=lambda e: [odd("reports", b"2", b"/tmp")] + e[1:])


def longer(archive):
    """Zeros behind the end, so that what the manifest lists could be there."""
    return archive.ljust(4096, b"\0")


def changed(book):
    two = [folder("reports"), file("reports/a.txt"), file("reports/b.txt", b"world")]
    bad(book, "fewer", "A listed file is missing.", entries=lambda e: e[:-1], archive=longer)
    bad(book, "fewer-folder", "A listed folder is missing.", entries=lambda e: e[1:], archive=longer)
    bad(book, "none", "An archive without entries.", entries=lambda e: [], archive=longer)
    bad(book, "order", "Entries in another order.", honest=two, entries=lambda e: [e[0], e[2], e[1]])
    bad(book, "other-name", "Another name.", entries=lambda e: [e[0], file("reports/b.txt")])
    bad(book, "other-content", "Other content of the same size.",
        entries=lambda e: [e[0], file("reports/a.txt", b"HELLO")])
    bad(book, "longer", "Content with a byte more.", entries=lambda e: [e[0], file("reports/a.txt", b"hello!")])
    bad(book, "shorter", "Content with a byte less.", entries=lambda e: [e[0], file("reports/a.txt", b"hell")])
    bad(book, "empty", "No content.", entries=lambda e: [e[0], file("reports/a.txt", b"")])
    bad(book, "folder-for-file", "A folder for a file.", entries=lambda e: [e[0], folder("reports/a.txt")])
    bad(book, "file-for-folder", "A file for a folder.", entries=lambda e: [file("reports", b""), e[1]])
    bad(book, "symlink-for-file", "A symbolic link for a file.",
        entries=lambda e: [e[0], odd("reports/a.txt", b"2", b"/etc/passwd")])
    bad(book, "hard-link-for-file", "A hard link to another listed file for a file.", honest=[file("a"), file("b")],
        entries=lambda e: [e[0], odd("b", b"1", b"a")])
    bad(book, "time", "Another time.", entries=lambda e: [e[0], file("reports/a.txt", mtime=1764000001)])
    bad(book, "time-folder", "Another time of a folder.", entries=lambda e: [folder("reports", 1764000001), e[1]])
    bad(book, "time-fraction", "A time with a fraction.", entries=fraction)
    bad(book, "executable", "Executable, though listed as a file.",
        entries=lambda e: [e[0], file("reports/a.txt", executable=True)])
    bad(book, "not-executable", "Not executable, though listed so.", honest=[file("run", b"#!", executable=True)],
        entries=lambda e: [file("run", b"#!")])
    bad(book, "offset-gap", "The manifest's offset leaves a gap between two entries.", manifest=offset_in_manifest(1024))
    bad(book, "offset", "The manifest tells another offset.", honest=[file("é"), file("ü")],
        manifest=offset_in_manifest(2560))


def offset_in_manifest(offset):
    """The offset of the last entry as the manifest tells it."""
    return lambda fields: [(k, v[:-1] + [v[-1][:3] + [offset] + v[-1][4:]] if k == "entries" else v) for k,
                           v in fields]


def fraction(entries):
    return [entries[0], Entry("reports/a.txt", b"hello", pax=pax_record(b"mtime", b"1764000000.5"))]


def attributes(book):
    def last(**more):
        return lambda e: [e[0], Entry("reports/a.txt", b"hello", **more)]
    for name, what, mode in (("setuid", "A setuid bit.", 0o4755), ("setgid", "A setgid bit.", 0o2644),
                             ("sticky", "A sticky bit.", 0o1644),
                             ("writable", "Writable by all.", 0o666), ("private", "Mode 0600.", 0o600)):
        bad(book, f"mode-{name}", what, entries=last(mode=mode))
    bad(book, "mode-folder", "A folder of mode 0777.", entries=lambda e: [Entry("reports", mode=0o777), e[1]])
    bad(book, "owner", "An owner and group.", entries=last(owner=1000))
    bad(book, "owner-pax", "An owner's name in an extended header.", entries=last(pax=pax_record(b"uname", b"root")))
    bad(book, "attribute", "An extended attribute.",
        entries=last(pax=pax_record(b"LIBARCHIVE.xattr.security.capability", b"AQAAAgAgAAAAAAAAAAAAAAAAAAA=")))
    bad(book, "acl", "An access control list.", entries=last(pax=pax_record(b"SCHILY.acl.access",
        b"user::rw-,group::r--,other::r--,user:root:rwx,mask::rwx")))
    bad(book, "link-pax", "A link path in an extended header of a file.",
        entries=last(pax=pax_record(b"linkpath", b"/etc/passwd")))
    bad(book, "path-pax-nul", "A path in an extended header with a NUL in it.",
        entries=last(pax=pax_record(b"path", b"reports/a.txt\0/evil")))
    bad(book, "comment-pax", "A comment in an extended header that the entry does not need.",
        entries=last(pax=pax_record(b"comment", b"hidden")))
    bad(book, "path-pax-needless", "The entry's own path in an extended header that it does not need.",
        entries=last(pax=pax_record(b"path", b"reports/a.txt")))
    bad(book, "path-pax-other", "A path in an extended header that leads out.",
        entries=last(pax=pax_record(b"path", b"../evil")))
    bad(book, "path-nul", "A header whose path goes on behind a NUL is a shorter path.",
        entries=last(raw_name=b"reports/a\0.txt"))
    bad(book, "size-pax", "A size in an extended header that is not the content's.",
        entries=last(pax=pax_record(b"size", b"6")))
    bad(book, "size-huge", "A header that claims 8 GiB.", entries=last(size=8 ** 11 - 1))
    bad(book, "sparse", "A sparse file of another form.", entries=last(pax=pax_record(b"GNU.sparse.major",
        b"1") + pax_record(b"GNU.sparse.minor", b"0")
                                                                  + pax_record(b"GNU.sparse.realsize",
                                                                      b"1000000") + pax_record(b"GNU.sparse.name",
                                                                          b"reports/a.txt")))


def ends(book):
    bad(book, "end-byte", "A byte behind the end that is not zero.", archive=lambda a: a[:-1] + b"\x01")
    bad(book, "end-none", "No zero blocks at the end.", archive=lambda a: a[:-1024])
    bad(book, "end-one-block", "One zero block at the end.", archive=lambda a: a[:-512])
    bad(book, "end-tar", "A second archive behind the first.", archive=lambda a: a + a)
    bad(book, "end-cut", "The archive ends within a file.", archive=lambda a: a[:-1400])
    bad(book, "zeros", "Zero bytes only: an empty archive.", archive=lambda a: bytes(len(a)))
    bad(book, "checksum", "A header with a wrong checksum.", archive=lambda a: a[:148] + b"000000\0 " + a[156:])
    bad(book, "gzip", "Another format: gzip.", archive=lambda a: b"\x1f\x8b\x08" + a[3:])
    bad(book, "cpio", "Another format: cpio.", archive=lambda a: b"070701" + a[6:])
    bad(book, "noise", "No archive.", archive=lambda a: b"not an archive at all".ljust(len(a), b"x"))
