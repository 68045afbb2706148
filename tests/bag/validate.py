#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""validate.py [--strict] BAG…: is this folder a BagIt bag, and whole? Written from RFC 8493 (1.0) and the drafts before it (0.93 to
0.97), for tests; it shares no code with valise and needs nothing but Python.

Prints one line a bag: "valid", "warning" or "invalid", the path, the reasons. Exit status 1 where one is invalid. A warning is of a
bag that is valid all the same: it holds what it lists, but another system or program may stumble over it. With --strict warnings
count as faults, and so do fetch.txt and tag files that no tag manifest lists: for bags that one has just made.

What the RFC leaves to whoever reads, and how it is read here:
- a path that leaves the bag, or is one on some other system (C:\\, \\\\server, %NAME%\\), is refused everywhere
- a file that is listed, absent, and there under a name that is equal but for case or normalisation, with the same digest, is a name
  listed twice that this file system cannot tell apart, or the other way round: a warning
- an absent file of no bytes with a name that desktops make and tools leave out (.DS_Store) is a warning"""
import codecs
import hashlib
import os
import re
import sys
import unicodedata

VERSIONS = {(0, 93), (0, 94), (0, 95), (0, 96), (0, 97), (1, 0)}
ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
DESKTOP_FILES = {".DS_Store", "Thumbs.db", "desktop.ini"}
FOREIGN_PATH = re.compile(r"[A-Za-z]:|\\|~|/|%[A-Za-z]+%")
LINE_ENDS = re.compile("\r\n|\r|\n")


class Invalid(Exception):
    pass


def lines_of(text):
    lines = LINE_ENDS.split(text)
    return lines[:-1] if lines[-1] == "" else lines


def folded(path):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def digest_of(algorithm, path):
    state = hashlib.new(algorithm)
    with open(path, "rb") as f:
        while piece := f.read(1 << 20):
            state.update(piece)
    return state.hexdigest()


class Bag:
    def __init__(self, root):
        self.root, self.warnings = root, []
        self.version, self.encoding = None, None
        self.listed = {}  # manifest -> {path: digest}
        self.twins = set()  # files that stand for a listed one whose name differs in case or normalisation

    def warn(self, text):
        self.warnings.append(text)

    def path(self, name):
        return os.path.join(self.root, *name.split("/"))

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    # --- bagit.txt ---

    def declaration(self):
        if not os.path.isfile(self.path("bagit.txt")):
            raise Invalid("bagit.txt is missing")
        data = self.read("bagit.txt")
        if data.startswith(codecs.BOM_UTF8):
            raise Invalid("bagit.txt begins with a byte order mark")
        try:
            lines = lines_of(data.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise Invalid("bagit.txt is not UTF-8") from error
        if len(lines) != 2:
            raise Invalid(f"bagit.txt has {len(lines)} lines")
        version = re.fullmatch(r"BagIt-Version: ([0-9]+)\.([0-9]+)", lines[0])
        encoding = re.fullmatch(r"Tag-File-Character-Encoding: (\S+)", lines[1])
        if not version or not encoding:
            raise Invalid("bagit.txt is not in its form")
        self.version = (int(version.group(1)), int(version.group(2)))
        if self.version not in VERSIONS:
            raise Invalid(f"unknown version {lines[0]}")
        try:
            self.encoding = codecs.lookup(encoding.group(1)).name
        except LookupError as error:
            raise Invalid(f"unknown encoding {encoding.group(1)}") from error

    def text(self, name):
        try:
            return self.read(name).decode(self.encoding)
        except UnicodeDecodeError as error:
            raise Invalid(f"{name} is not {self.encoding}") from error

    # --- what is there ---

    def files_below(self, folder):
        found = {}
        for where, folders, files in os.walk(self.path(folder) if folder else self.root):
            for name in folders + files:
                full = os.path.join(where, name)
                if os.path.islink(full) or (name in files and not os.path.isfile(full)):
                    raise Invalid(f"{os.path.relpath(full, self.root)} is a link or no file")
            for name in files:
                full = os.path.join(where, name)
                found[os.path.relpath(full, self.root)] = os.path.getsize(full)
        return found

    # --- manifests ---

    def decode_path(self, path):
        """Only line ends, and from 1.0 on the percent sign, are ever encoded."""
        known = {"0D": "\r", "0A": "\n"} | ({"25": "%"} if self.version >= (1, 0) else {})
        return re.sub("%(0[DdAa]|25)", lambda m: known.get(m.group(1).upper(), m.group(0)), path)

    def check_path(self, path, where):
        decoded = self.decode_path(path)
        plain = re.sub(r"^(\./)+", "", decoded)
        if FOREIGN_PATH.match(plain) or any(part in ("", ".", "..") for part in plain.split("/")):
            raise Invalid(f"{where}: {path!r} leaves the bag")
        if plain != decoded:
            self.warn(f"{where}: {path!r} begins with ./")
        return plain

    def manifest(self, name, algorithm):
        entries = {}
        for number, line in enumerate(lines_of(self.text(name)), 1):
            where = f"{name}, line {number}"
            parts = re.fullmatch(r"([0-9A-Fa-f]+)[ \t]+(\*?)(.+)", line)
            if not parts:
                raise Invalid(f"{where}: no digest and path")
            digest = parts.group(1).lower()
            if len(digest) != 2 * hashlib.new(algorithm).digest_size:
                raise Invalid(f"{where}: no {algorithm} digest")
            if parts.group(2):
                self.warn(f"{where}: written by a checksum tool")
            path = self.check_path(parts.group(3), where)
            if path in entries:
                if entries[path] != digest or self.version >= (1, 0):
                    raise Invalid(f"{where}: {path!r} stands there twice")
                self.warn(f"{where}: {path!r} stands there twice")
            entries[path] = digest
        names = {}
        for path in entries:
            if names.setdefault(folded(path), path) != path:
                self.warn(f"{name}: {names[folded(path)]!r} and {path!r} are one name on some systems")
        return entries

    def manifests(self, prefix):
        found = {}
        for name in sorted(os.listdir(self.root)):
            match = re.fullmatch(prefix + r"-([A-Za-z0-9]+)\.txt", name)
            if match and match.group(1).lower() not in ALGORITHMS:
                raise Invalid(f"{name}: unknown algorithm")
            if match:
                found[name] = (match.group(1).lower(), self.manifest(name, match.group(1).lower()))
        return found

    def compare(self, name, algorithm, entries, there):
        """Each listed file against its digest. Returns those that are absent and may be, with their sizes."""
        excused = {}
        by_name = {folded(path): path for path in there}
        for path, digest in entries.items():
            if path in there:
                if digest_of(algorithm, self.path(path)) != digest:
                    raise Invalid(f"{name}: {path!r} is not as listed")
                continue
            twin = by_name.get(folded(path))
            if twin is not None and digest_of(algorithm, self.path(twin)) == digest:
                self.warn(f"{name}: {path!r} is there as {twin!r}")
                self.twins.add(twin)
            elif os.path.basename(path) in DESKTOP_FILES and digest == hashlib.new(algorithm).hexdigest():
                self.warn(f"{name}: {path!r} is missing, as such files often are")
                excused[path] = 0
            else:
                raise Invalid(f"{name}: {path!r} is missing")
        return excused

    def payload(self):
        if not os.path.isdir(self.path("data")):
            raise Invalid("data/ is missing")
        there = self.files_below("data")
        found = self.manifests("manifest")
        if not found:
            raise Invalid("there is no payload manifest")
        covered, excused = set(), {}
        for name, (algorithm, entries) in found.items():
            for path in entries:
                if not path.startswith("data/"):
                    raise Invalid(f"{name}: {path!r} is not below data/")
            excused |= self.compare(name, algorithm, entries, there)
            covered |= set(entries)
            if self.version >= (1, 0) and (unlisted := set(there) - set(entries) - self.twins):
                raise Invalid(f"{name} does not list {sorted(unlisted)[0]!r}")
            self.listed[name] = entries
        if unlisted := set(there) - covered - self.twins:
            raise Invalid(f"no manifest lists {sorted(unlisted)[0]!r}")
        return there | excused

    def tags(self):
        there = self.files_below("")
        listed = set()
        for name, (algorithm, entries) in self.manifests("tagmanifest").items():
            for path in entries:
                if path.startswith("tagmanifest-") or (self.version >= (1, 0) and path.startswith("data/")):
                    raise Invalid(f"{name}: {path!r} has no place there")
            self.compare(name, algorithm, entries, there)
            listed |= set(entries)
        return {p for p in there if not p.startswith(("data/", "tagmanifest-"))} - listed

    # --- bag-info.txt, fetch.txt ---

    def info(self, payload):
        if not os.path.isfile(self.path("bag-info.txt")):
            return {}
        found, label = {}, None
        for number, line in enumerate(lines_of(self.text("bag-info.txt").lstrip("\ufeff")), 1):
            if line[:1] in (" ", "\t") and label is not None:
                found[label][-1] += " " + line.strip()
                continue
            space = "" if self.version >= (1, 0) else r"[ \t]*"
            match = re.fullmatch(rf"([^:\s][^:]*?){space}:[ \t]*(.*)", line)
            if not match and line.strip():
                raise Invalid(f"bag-info.txt, line {number}: no label and value")
            if match:
                label = match.group(1).lower()
                found.setdefault(label, []).append(match.group(2))
        self.oxum(found.get("payload-oxum", []), payload)
        return found

    def oxum(self, values, payload):
        if len(values) > 1:
            raise Invalid("bag-info.txt: several values of Payload-Oxum")
        for value in values:
            match = re.fullmatch(r"([0-9]+)\.([0-9]+)", value.strip())
            if not match:
                raise Invalid("bag-info.txt: Payload-Oxum is not BYTES.FILES")
            if (int(match.group(1)), int(match.group(2))) != (sum(payload.values()), len(payload)):
                raise Invalid(f"Payload-Oxum tells {value}, there are {sum(payload.values())}.{len(payload)}")

    def fetch(self):
        if not os.path.exists(self.path("fetch.txt")):
            return False
        for number, line in enumerate(lines_of(self.text("fetch.txt")), 1):
            parts = line.split(None, 2)
            if len(parts) != 3 or not re.fullmatch("-|[0-9]+", parts[1]):
                raise Invalid(f"fetch.txt, line {number}: no URL, length and path")
            path = self.check_path(parts[2], f"fetch.txt, line {number}")
            if not path.startswith("data/") or not all(path in entries for entries in self.listed.values()):
                raise Invalid(f"fetch.txt, line {number}: {path!r} is not in the manifests")
        return True

    def check(self):
        """What else is worth a fault where one is strict."""
        self.declaration()
        payload = self.payload()
        unlisted = self.tags()
        self.info(payload)
        extra = ["there is a fetch.txt"] if self.fetch() else []
        return extra + [f"no tag manifest lists {path!r}" for path in sorted(unlisted)]


def judge(root, strict=False):
    """("valid" | "warning" | "invalid", [reason…])"""
    bag = Bag(root)
    try:
        extra = bag.check()
    except Invalid as fault:
        return "invalid", [str(fault)]
    except OSError as fault:
        return "invalid", [f"cannot be read: {fault}"]
    if strict and (extra or bag.warnings):
        return "invalid", extra + bag.warnings
    return ("warning" if bag.warnings else "valid"), bag.warnings


def main():
    words = sys.argv[1:]
    strict = "--strict" in words
    bad = 0
    for root in (w for w in words if w != "--strict"):
        verdict, reasons = judge(root, strict)
        bad += verdict == "invalid"
        print(": ".join([verdict, root, *reasons[:3]]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
