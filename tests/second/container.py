# SPDX-License-Identifier: Apache-2.0
"""The outer tar of valise-format(5), which has one form only, and the archive inside, which has more."""
import struct

BLOCK = 512


def header(name, size):
    """The header of a bundle's member: a function of name and size alone."""
    return tar_header(name.encode(), size, mode=0o444)


def tar_header(name, size, mode=0o644, mtime=0, kind=b"0", link=b"", prefix=b"", owner=0):
    head = bytearray(BLOCK)
    for at, text in ((0, name), (100, b"%07o" % mode), (108, b"%07o" % owner), (116, b"%07o" % owner),
                     (124, b"%011o" % size), (136, b"%011o" % mtime), (156, kind), (157, link),
                     (257, b"ustar\x0000"), (329, b"%07o" % 0), (337, b"%07o" % 0), (345, prefix)):
        head[at:at + len(text)] = text
    return with_checksum(head)


def with_checksum(head):
    head = bytearray(head)
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


def altered(head, changes, checksum=True):
    """A header with bytes replaced ({offset: bytes}); the checksum follows unless told otherwise."""
    head = bytearray(head)
    for at, text in changes.items():
        head[at:at + len(text)] = text
    return with_checksum(head) if checksum else bytes(head)


def padding(size):
    return bytes(-size % BLOCK)


class Member:
    """A member as it is written: its header and padding can be spoiled."""

    def __init__(self, name, content, head=None, pad=None):
        self.name, self.content, self.head, self.pad = name, content, head, pad

    def bytes(self):
        head = header(self.name, len(self.content)) if self.head is None else self.head
        return head + self.content + (padding(len(self.content)) if self.pad is None else self.pad)


def trailer(members, before=0):
    """The 512 bytes that tell where the members behind the payload begin."""
    offsets, at = {}, before
    for member in members:
        kind = {"manifest": "manifest", "SHA256SUMS": "sums", "waybill.yaml": "waybill", "signatures": "signatures",
                "trailer": "trailer"}.get(member.name.split("/")[0])
        offsets.setdefault(kind, at)
        at += len(member.bytes())
    offsets["trailer"] = at
    lines = "".join("%s %020d\n" % (kind, offsets.get(kind, 0))
                    for kind in ("manifest", "sums", "waybill", "signatures", "trailer"))
    return ("valise-trailer 1\n" + lines).encode().ljust(BLOCK, b"\n")


def read_members(data):
    """The members of a canonical container as [(name, content, offset)], or ValueError."""
    out, at = [], 0
    while data[at:at + BLOCK] != bytes(BLOCK):
        name = data[at:at + 100].rstrip(b"\0").decode()
        size = int(data[at + 124:at + 135], 8)
        end = at + BLOCK + size
        if data[at:at + BLOCK] != header(name, size) or data[end:end + -size % BLOCK] != padding(size):
            raise ValueError(f"{name}: not canonical")
        out.append((name, data[at + BLOCK:end], at))
        at = end + -size % BLOCK
    if data[at:] != bytes(2 * BLOCK):
        raise ValueError("no proper end")
    return out


def join(volumes):
    """One bundle of its volumes, given as bytes in any order: all but the payload is that of the first."""
    sets = [read_members(data) for data in volumes]
    covers = {content for members in sets for name, content, _ in members if name == "waybill.yaml"}
    if len(covers) != 1:
        raise ValueError("volumes of several bundles")
    payload = {name: content for members in sets for name, content, _ in members if name.startswith("payload/")}
    chunks = [Member(*item) for item in sorted(payload.items())]
    others = [Member(name, content) for name, content, _ in sets[0] if not name.startswith("payload/")]
    front = [m for m in others if m.name == "valise" or m.name.startswith("keys/")]
    members = front + chunks + others[len(front):-1]
    return b"".join(m.bytes() for m in [*members, Member("trailer", trailer(members))]) + bytes(2 * BLOCK)


# The archive inside.

def pax_record(key, value):
    body = b" " + key + b"=" + value + b"\n"
    size = len(body) + 1
    while len(str(size)) + len(body) != size:
        size = len(str(size)) + len(body)
    return str(size).encode() + body


def split_name(name):
    """(prefix, name) as ustar wants it, or None."""
    if len(name) <= 100:
        return b"", name
    for cut in range(len(name) - 101, min(len(name), 156)):
        if cut > 0 and name[cut:cut + 1] == b"/" and 0 < len(name) - cut - 1 <= 100:
            return name[:cut], name[cut + 1:]
    return None


class Entry:
    """A file or folder to be archived and listed; the fields after data are for hostile archives."""

    def __init__(self, path, data=None, mtime=1764000000, executable=False, labels=None, media="text/plain", facts=None,
                 **odd):
        self.path, self.data, self.mtime, self.executable = path, data, mtime, executable
        self.labels, self.media, self.facts, self.odd = labels, media, facts or {}, odd

    def is_file(self):
        return self.data is not None

    def archived(self):
        """The entry's header or headers, content and padding."""
        name = self.odd.get("raw_name", self.path.encode("utf-8", "surrogateescape"))
        name += b"/" if not self.is_file() and "kind" not in self.odd else b""
        data = self.data or b""
        mode = self.odd.get("mode", 0o755 if self.executable or not self.is_file() else 0o644)
        kind = self.odd.get("kind", b"0" if self.is_file() else b"5")
        size, records = self.odd.get("size", len(data)), self.odd.get("pax", b"")
        parts = split_name(name) if name.isascii() else None
        if parts is None:
            parts, records = (b"", name[:100]), records + pax_record(b"path", name)
        if self.mtime < 0:
            records += pax_record(b"mtime", str(self.mtime).encode())
        out = b""
        if records:
            out = tar_header(b"PaxHeader/entry", len(records), 0o644, kind=b"x") + records + padding(len(records))
        out += tar_header(parts[1], size, mode, max(self.mtime, 0), kind, self.odd.get("link", b""), parts[0],
                          self.odd.get("owner", 0))
        return out + data + padding(len(data))


def archive(entries):
    """The payload, and where in it each entry begins."""
    out, offsets = b"", []
    for entry in entries:
        offsets.append(len(out))
        out += entry.archived()
    return out + bytes(2 * BLOCK), offsets
