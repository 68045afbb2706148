# SPDX-License-Identifier: Apache-2.0
"""Files that are no bundles, or bundles in a form that is not the only one."""
from container import Member, altered, header, padding, tar_header, trailer, pax_record
from pgp import Generator


def vectors(book):
    no_bundles(book)
    cut_short(book)
    wrong_members(book)
    wrong_headers(book)
    wrong_ends(book)
    volumes(book)


def plain(book):
    return book.maker("good-plain").make()


def bad(book, name, what, error="container", **hooks):
    book.bad(name, what, "container", error, book.maker(name, **hooks))


def no_bundles(book):
    book.bad("bad-noise", "Random bytes: no tar.", "container", "not-a-bundle", Generator("noise").take(4096))
    book.bad("bad-text", "A text file.", "container", "not-a-bundle", b"valise 1\n" * 200)
    other = tar_header(b"hello.txt", 6) + b"hello\n" + padding(6) + bytes(1024)
    book.bad("bad-other-tar", "A tar that is no bundle.", "container", "not-a-bundle", other)
    book.bad("bad-zeros", "Zero bytes: an empty tar.", "container", "not-a-bundle", bytes(10240))

    def magic(text):
        return lambda members: [Member("valise", text)] + members[1:]
    bad(book, "bad-version-2", "A bundle of version 2.", "version", members=magic(b"valise 2\n"))
    bad(book, "bad-magic-case", "Magic in another case.", "not-a-bundle", members=magic(b"Valise 1\n"))
    bad(book, "bad-magic-long", "Magic with a byte too many.", members=magic(b"valise 1\n\n"))


def cut_short(book):
    whole, maker, at = plain(book), book.maker("good-plain"), 0
    members = []
    maker.hooks["blocks"] = lambda m: members.extend(m) or m
    maker.make()
    for member in members:
        at += len(member.bytes())
        name = member.name.replace("/", "-").split(".")[0].split("-")[0].lower()
        book.bad(f"bad-cut-after-{name}", f"The file ends after {member.name}.", "container", "truncated", whole[:at])
    book.bad("bad-cut-header", "The file ends within a header.", "container", "truncated", whole[:1024 + 100])
    book.bad("bad-cut-content", "The file ends within a slot.", "container", "truncated", whole[:1024 + 512 + 100])
    book.bad("bad-cut-one-block", "One zero block at the end instead of two.", "container", "truncated", whole[:-512])
    book.bad("bad-cut-one-byte", "The last byte is missing.", "container", "truncated", whole[:-1])


def wrong_members(book):
    names = {"valise": 0, "slots": 1, "payload": 2, "manifest": 3, "sums": 4, "waybill": 5, "signatures": 6}
    for name, number in names.items():
        error = "not-a-bundle" if name == "valise" else "container"
        bad(book, f"bad-without-{name}", f"{name} missing.", error, members=lambda m, n=number: m[:n] + m[n + 1:])
        bad(book, f"bad-double-{name}", f"{name} twice.", members=lambda m, n=number: m[:n + 1] + m[n:])
    bad(book, "bad-without-trailer", "No trailer.", trailer=lambda text: None)
    bad(book, "bad-double-trailer", "Two trailers.", blocks=lambda m: m + m[-1:])

    def swap(a, b):
        def do(members):
            members = list(members)
            members[a], members[b] = members[b], members[a]
            return members
        return do
    bad(book, "bad-order-chunks", "The manifest before the payload.", members=swap(2, 3))
    bad(book, "bad-order-waybill", "The waybill before SHA256SUMS.", members=swap(4, 5))
    bad(book, "bad-order-signature", "The signature before the waybill.", members=swap(5, 6))
    bad(book, "bad-order-first", "A slot before the magic.", "not-a-bundle", members=swap(0, 1))

    def rename(number, name):
        def do(members):
            members = list(members)
            members[number] = Member(name, members[number].content)
            return members
        return do
    for name, number, other in (("slot", 1, "keys/0001.pgp"), ("slot-width", 1, "keys/00000.pgp"),
                                ("payload", 2, "payload/1"),
                                ("manifest", 3, "manifest/0000000001"), ("sums", 4, "SHA256SUM"),
                                ("waybill", 5, "Waybill.yaml"),
                                ("waybill-dot", 5, "./waybill.yaml"),
                                ("signature", 6, "signatures/" + "A" * 39 + ".sig"),
                                ("signature-case", 6, f"signatures/{book.cast.alice.fpr.lower()}.sig"),
                                ("signature-path", 6, f"signatures/../{book.cast.alice.fpr}.sig")):
        bad(book, f"bad-renamed-{name}", f"A member is called {other}.", members=rename(number, other))

    def unsorted(members):
        return members[:6] + [Member(f"signatures/{fpr}.sig", members[6].content) for fpr in ("F" * 40, "E" * 40)]
    bad(book, "bad-unsorted-signatures", "Signatures not sorted by name.", members=unsorted)
    bad(book, "bad-17-signatures", "Seventeen signatures.",
        members=lambda m: m[:6] + [Member("signatures/%040d.sig" % i, m[6].content) for i in range(17)])
    sizes(book)


def sizes(book):
    def resize(number, size):
        def do(members):
            members = list(members)
            members[number] = Member(members[number].name, members[number].content[:size].ljust(size, b"x"))
            return members
        return do
    for name, number, size in (("slot", 1, 4097), ("waybill", 5, 65537), ("signature", 6, 2049), ("payload", 2, 16),
                               ("manifest", 3, 16),
                               ("no-slot", 1, 0), ("no-sums", 4, 0), ("no-waybill", 5, 0), ("no-signature", 6, 0)):
        bad(book, f"bad-size-{name}", f"A member of {size} bytes, outside its limits.", members=resize(number, size))
    for name, number, size in (("sums", 4, (128 << 20) + 1), ("payload", 2, (4 << 20) + (16 << 10) + 17),
                               ("octal-max", 2, 8 ** 11 - 1)):
        def claim(members, number=number, size=size):
            member = members[number]
            return members[:number] + [Member(member.name, member.content,
                                              header(member.name, size))] + members[number + 1:]
        bad(book, f"bad-claims-{name}", f"A header that claims {size} bytes, outside the limits.", members=claim)
    bad(book, "bad-trailer-long", "A trailer of 513 bytes.", trailer=lambda text: text + b"\n")


def wrong_headers(book):
    def change(changes, number=2, checksum=True):
        def do(members):
            member = members[number]
            head = altered(header(member.name, len(member.content)), changes(member) if callable(changes)
                           else changes, checksum)
            return members[:number] + [Member(member.name, member.content, head)] + members[number + 1:]
        return do
    kinds = {
        "mode": ({100: b"0000644"}, "mode 0644"), "mode-setuid": ({100: b"0004444"}, "a setuid bit"),
        "owner": ({108: b"0001750"}, "an owner"), "group": ({116: b"0001750"}, "a group"),
        "time": ({136: b"15110000000"}, "a time"),
        "size-base-256": (lambda m: {124: b"\x80" + len(m.content).to_bytes(11, "big")}, "the size in base 256"),
        "size-spaces": (lambda m: {124: b"%11o " % len(m.content)}, "the size with spaces"),
        "size-short": (lambda m: {124: (b"%o\0" % len(m.content)).ljust(12, b"\0")},
                       "the size without leading zeros"),
        "magic-gnu": ({257: b"ustar  \0"}, "the magic of GNU tar"),
        "magic-none": ({257: bytes(8)}, "no magic: the oldest tar"),
        "type-zero": ({156: b"\0"}, "the old type of a regular file"),
        "type-link": ({156: b"1"}, "the type of a hard link"),
        "type-symlink": ({156: b"2", 157: b"/etc/passwd"}, "the type of a symbolic link"),
        "type-folder": ({156: b"5"}, "the type of a folder"),
        "type-fifo": ({156: b"6"}, "the type of a FIFO"), "type-contiguous": ({156: b"7"},
            "the type of a contiguous file"),
        "link-name": ({157: b"x"}, "a link name"), "user": ({265: b"root"}, "a user name"),
        "device": ({329: bytes(8)}, "no device number"),
        "prefix": ({345: b"."}, "a prefix"), "slack": ({90: b"x"}, "a byte behind the name"),
        "tail": ({511: b"x"}, "a byte at the header's end")}
    for name, (changes, what) in kinds.items():
        bad(book, f"bad-header-{name}", f"A payload header with {what}.", members=change(changes))
    bad(book, "bad-header-checksum", "A wrong checksum.", members=change({148: b"000000\0 "}, checksum=False))
    bad(book, "bad-header-checksum-form", "A right checksum in another form.",
        members=change(lambda m: {148: b"%7o\0" % int(header(m.name, len(m.content))[148:154], 8)}, checksum=False))
    bad(book, "bad-header-first", "A first header that is not canonical.", members=change({100: b"0000644"}, 0))
    bad(book, "bad-header-waybill", "A waybill header that is not canonical.",
        members=change({136: b"15110000000"}, 5))
    bad(book, "bad-header-trailer", "A trailer header that is not canonical.", blocks=change({100: b"0000644"}, 7))
    extra_headers(book)
    for name, number in (("slot", 1), ("payload", 2), ("signature", 6)):
        bad(book, f"bad-padding-{name}", f"A padding byte behind the {name} that is not zero.",
            members=spoil_padding(number))


def spoil_padding(number):
    def do(members):
        member = members[number]
        pad = padding(len(member.content))
        return members[:number] + [Member(member.name, member.content, None,
                                          pad[:-1] + b"\x01")] + members[number + 1:]
    return do


def extra_headers(book):
    record = pax_record(b"comment", b"hidden")
    long_name = b"waybill.yaml\0"
    for name, what, content, kind in (("pax", "A pax header", record, b"x"),
                                      ("pax-global", "A global pax header", record, b"g"),
                                      ("gnu-long-name", "A GNU long name", long_name, b"L")):
        def put(members, content=content, kind=kind):
            return members[:5] + [Member("pax", content, tar_header(b"pax", len(content), 0o444,
                kind=kind))] + members[5:]
        bad(book, f"bad-{name}", f"{what} before the waybill.", members=put)


def wrong_ends(book):
    whole = plain(book)
    for name, what, more in (("byte", "A zero byte behind the end.", b"\0"),
                             ("block", "A third zero block.", bytes(512)),
                             ("text", "Text behind the end.", b"PS: hello\n"),
                             ("record", "Filled to 10,240 bytes as tar does.", bytes(-len(whole) % 10240)),
                             ("tar", "A second bundle behind the first.", whole)):
        book.bad(f"bad-behind-{name}", what, "container", "container", whole + more)
    book.bad("bad-end-not-zero", "A byte in the end blocks that is not zero.", "container", "container",
             whole[:-700] + b"\x01" + whole[-699:])
    texts = {"inside": lambda t: t.replace(t[18 + 9:18 + 29], b"%020d" % 2048, 1), "late": lambda t: shifted(t, 512),
             "zero": lambda t: t[:18 + 9] + b"0" * 20 + t[18 + 29:],
             "version": lambda t: t.replace(b"trailer 1", b"trailer 2"),
             "crlf": lambda t: t.replace(b"\n", b"\r\n")[:512], "fill": lambda t: t.rstrip(b"\n").ljust(512, b"\0"),
             "width": lambda t: t.replace(b" 0", b" ", 1).ljust(512, b"\n"),
             "sign": lambda t: t.replace(b" 0", b" +", 1)}
    for name, change in texts.items():
        bad(book, f"bad-trailer-{name}", f"A trailer that is wrong ({name}).", trailer=change)


def shifted(text, by):
    """All offsets of the trailer moved."""
    lines = text.rstrip(b"\n").split(b"\n")
    lines[1:] = [line[:-20] + b"%020d" % (int(line[-20:]) + by) for line in lines[1:]]
    return b"\n".join(lines).ljust(512, b"\n")


def volumes(book):
    def drop(*numbers):
        gone = ["payload/%010d" % n for n in numbers]
        return lambda members: [m for m in members if m.name not in gone]

    def three(name, **hooks):
        from bundle import file
        maker = book.maker(name, **hooks)
        maker.entries = [file("zeros", bytes((2 << 20) + 5))]
        return maker
    for name, what, gone in (("first", "A volume with the last two of three chunks.", (0,)),
                             ("last", "A volume with the first of three chunks.", (1, 2))):
        book.bad(f"bad-volume-{name}", what, "payload", "chunks-missing",
                 three(f"bad-volume-{name}", members=drop(*gone)), verify="chunks-missing")
    book.bad("bad-volume-gap", "The middle of three chunks is missing: no contiguous run.", "container", "container",
             three("bad-volume-gap", members=drop(1)))
