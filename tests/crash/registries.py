# SPDX-License-Identifier: Apache-2.0
"""A registry that administrators sign, made to fail at each call of what changes it or carries it: the registry, its signatures and
certificates and the highest number ever held are as before or as after; what is left beside is named file by file."""
import contextlib
import hashlib
import os
import re
import shutil
import sqlite3

from points import Job

REGISTRY, DRAFT = "registry.yaml", "registry.draft.yaml"


def digest_of(path):
    """Of a draft without the lines that say when it was made."""
    with open(path, "rb") as f:
        data = f.read()
    if os.path.basename(path) == DRAFT:
        data = re.sub(rb"(?m)^(created|not-after): .*$", b"", data)
    return hashlib.sha256(data).hexdigest()


def footprint(home):
    """Each file that belongs to the registry, and all else that lies in its folders. Of signatures only that they are there: each
    is made at another time, and the program says whether it holds."""
    found = {}
    for name in os.listdir(home):
        if name.startswith(("registry.", ".registry.")) and not name.endswith((".sig", ".lock")) or ".part-" in name:
            found[name] = digest_of(os.path.join(home, name))
    for top in ("registry.sig", "keys"):
        for where, _, names in os.walk(os.path.join(home, top)):
            for name in names:
                path = os.path.join(where, name)
                found[os.path.relpath(path, home)] = "" if name.endswith(".sig") else digest_of(path)
    return found


def held(home):
    """What the ledger says was held, oldest first."""
    path = os.path.join(home, "ledger.sqlite")
    if not os.path.exists(path):
        return []
    with contextlib.closing(sqlite3.connect(path)) as ledger:
        return ledger.execute("SELECT serial, hex(digest) FROM registry ORDER BY id").fetchall()


def in_places(here, there):
    """Certificates that could not be moved into their places, or out of the way, are found by the program where they are."""
    found = {n: d for n, d in here.items() if not n.endswith((".next", ".import"))}
    for name in here.keys() - found.keys():
        place = re.sub(r"(next|import)$", "pgp", name)
        if place not in found or here[name] == there.get(place):
            found[place] = here[name]
    return found


def differences(here, there):
    return sorted(f"{'+' if n not in there else '-' if n not in here else '~'}{n}"
                  for n in here.keys() | there.keys() if here.get(n) != there.get(n))


class Signed(Job):
    """In force is what was before, or what comes."""
    target = "unused"
    on_registry = True
    decides = REGISTRY  # the file with which it is done
    again = ()          # the command once more, when it is done already; None where that would be another change

    def __init__(self, lab, home, name, *words):
        super().__init__(lab, home)
        self.name, self.what = name, words
        self.before, done = self.copy(), self.copy()
        lab.must(done, *words)
        self.after = done
        self.looks = {"before": self.look(self.before), "after": self.look(done)}
        self.prints = {"before": footprint(self.before), "after": footprint(done)}
        self.rows = {"before": held(self.before), "after": held(done)}

    def copy(self):
        """With the ledger that the first command at a station makes."""
        home = self.lab.copy_home(self.home, self.lab.new_folder())
        self.touch(home)
        return home

    def touch(self, home):
        """A command that may write, which notes what it finds in force, and does nothing else."""
        self.lab.run(home, "registry", "import", os.path.join(home, "nothing"))

    def prepare(self):
        folder = self.lab.new_folder()
        for name in ("p", "to"):
            os.mkdir(os.path.join(folder, name))
        return folder, self.lab.copy_home(self.before, folder), os.path.join(folder, "p")

    def words(self, _path):
        return self.what

    def home_in(self, folder):
        return os.path.join(folder, os.path.basename(self.home))

    def look(self, home):
        return self.remember(home, ("station.yaml", "registry.yaml", "registry.sig", "keys"), self.follows)

    def follows(self, home):
        """Which registry the program follows, having looked at its signatures and certificates."""
        done = self.lab.run(home, "registry", "verify")
        return (done.json["serial"], done.json["digest"], done.json["signed"]) if done.status == 0 else str(done)

    def is_there(self, folder):
        path = os.path.join(self.home_in(folder), self.decides)
        return os.path.exists(path) and digest_of(path) == self.prints["after"][self.decides]

    def rows_fault(self, home, when):
        return None if held(home) == self.rows[when] else f"the ledger says {held(home)}, {when} it is {self.rows[when]}"

    def fault_of(self, home, when, loosely=False):
        """None where the home is as it is at that time, to the last file."""
        here, there = footprint(home), self.prints[when]
        wrong = differences(in_places(here, there) if loosely else here, there)
        return f"files differ from {when}: {wrong}" if wrong else None

    def final_fault(self, folder):
        """Whatever happened: the next command follows the old or the new one, and remembers that."""
        home, when = self.home_in(folder), "after" if self.is_there(folder) else "before"
        seen = self.look(home)
        if seen != self.looks[when]:
            return f"not as {when}: {seen}"
        if held(home) != self.rows[when]:
            self.touch(home)
        return self.rows_fault(home, when)

    def failure_fault(self, done, folder, exits):
        home, there = self.home_in(folder), self.is_there(folder)
        if done.status == 0:
            return self.fault_of(home, "after", True) if there else "said that all is well, and nothing changed"
        told = "may not outlast" in ((done.json or {}).get("error", {}).get("message") or "")
        if told != there:
            return f"{'said that it may be done' if told else 'changed, and did not say so'}: {done}"
        wrong = done.clean_failure(*exits)
        if wrong or told:
            return wrong
        wrong = self.fault_of(home, "before") or self.rows_fault(home, "before")
        return wrong and f"{wrong}: {done}"

    def forget_parts(self, home):
        """Files that a killed run did not finish."""
        for name in footprint(home):
            if ".part-" in name:
                os.unlink(os.path.join(home, name))

    def retry_fault(self, folder, home, private):
        was_there = self.is_there(folder)
        self.forget_parts(home)
        if not was_there or self.again is not None:
            done = self.lab.run(home, *(was_there and self.again or self.what), private=private)
            if done.status != 0:
                return f"{'done already, and once more gave' if was_there else 'the retry failed:'} {done}"
        if not self.is_there(folder):
            return "done once more, and not as after"
        return self.final_fault(folder) or (None if was_there else self.fault_of(home, "after"))


class Sign(Signed):
    """Once more would be the registry of another year. The signature is kept with the draft before that takes force."""
    again = None

    def __init__(self, *args):
        super().__init__(*args)
        self.signature = {n: d for n, d in self.prints["after"].items() if n.endswith(".sig")}

    def fault_of(self, home, when, loosely=False):
        wrong = super().fault_of(home, when, loosely)
        if wrong and when == "before":
            wrong = differences(footprint(home), self.prints[when] | self.signature)
        return wrong


class First(Signed):
    """--fingerprint is for the first one alone: whoever retries is told so, and takes the file in again without it."""

    def __init__(self, lab, home, name, *words):
        super().__init__(lab, home, name, *words)
        self.again = ("registry", "import", words[-1])


class Prepare(Signed):
    """A change at an administrator's station: what is in force stays, and a draft is there or not."""
    decides = DRAFT
    again = ("registry", "diff")  # the same change once more is refused, as there is nothing to change


class Export(Signed):
    """The station is only read; the file is there whole or not at all."""
    target = "out"

    def __init__(self, lab, home, made):
        super().__init__(lab, home, "registry export", "registry", "export", "-o", os.path.join(lab.new_folder(), "out"))
        with open(made, "rb") as f:
            self.made = f.read()

    def words(self, path):
        return ["registry", "export", "-o", path]

    def is_there(self, folder):
        return os.path.lexists(os.path.join(folder, "to", self.target))

    def final_fault(self, folder):
        return self.whole_fault(os.path.join(folder, "to", self.target)) if self.is_there(folder) else None

    def whole_fault(self, path):
        with open(path, "rb") as f:
            return None if f.read() == self.made else "the file is not the registry"

    def failure_fault(self, done, folder, exits):
        left = self.beside(folder)
        wrong = self.fault_of(self.home_in(folder), "before") or (f"left {left}: {done}" if left else None)
        if wrong or done.status == 0:
            return wrong or (None if self.is_there(folder) else "said that all is well, and nothing is there")
        return done.clean_failure(*exits) or ("failed, and the file is there" if self.is_there(folder) else None)

    def retry_fault(self, folder, home, private):
        path = os.path.join(folder, "to", self.target + ".again" if self.is_there(folder) else self.target)
        done = self.lab.run(home, *self.words(path), private=private)
        return f"the retry failed: {done}" if done.status != 0 else self.whole_fault(path) or self.fault_of(home, "before")


def registries(lab, renewed):
    """renewed: a later certificate of carol. Number 2 changes one certificate, brings one and takes one away."""
    card = {name: os.path.join(lab.root, f"{name}.card") for name in ("carol", "ann", "dan")}
    alice, files = lab.copy_home(lab.alice, lab.new_folder("one")), [os.path.join(lab.root, f"file.{n}") for n in (1, 2)]
    lab.take_card("dan", lab.make_station("dan", "--no-passphrase"))
    for name in ("carol", "ann"):
        lab.know(alice, name)
    lab.must(alice, "registry", "sign", "--found", "hq")
    lab.must(alice, "registry", "export", "-o", files[0])
    pinned = ["registry", "import", "--fingerprint", lab.fingerprints["alice"], files[0]]
    bob = lab.copy_home(lab.bob, lab.new_folder("one"))
    lab.must(bob, *pinned)
    draft = lab.copy_home(alice, lab.new_folder("draft"))
    for words in (["renew", "carol", renewed], ["remove", "ann", "--yes"], ["set", "bob", "--approvals", "2"],
                  ["add", card["dan"], "--as", "dan", "--fingerprint", lab.fingerprints["dan"]]):
        lab.must(draft, "partner", *words)
    signed = lab.copy_home(draft, lab.new_folder("signed"))
    lab.must(signed, "registry", "sign")
    lab.must(signed, "registry", "export", "-o", files[1])
    shutil.rmtree(signed)
    return (First(lab, lab.bob, "registry import, the first", *pinned),
            Signed(lab, bob, "registry import, the next", "registry", "import", files[1]),
            Sign(lab, draft, "registry sign", "registry", "sign"), Export(lab, alice, files[0]),
            Prepare(lab, alice, "partner set, a draft", "partner", "set", "bob", "--approvals", "2"))
