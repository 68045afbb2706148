# SPDX-License-Identifier: Apache-2.0
"""Changes of the registry, made to fail at each of their calls in turn: the registry and the certificates that it speaks of are as
before or as after, never between."""
import os
import re
import shutil
import subprocess

from points import Job
from registries import registries

# Days, between the two years of a new key and the end of a renewed one. No border may be near: what is asked in the second in which a
# key is made has a day more.
LATE = 1500
VOLATILE = ("added", "revoked", "days-left", "key-days-left")


class Change(Job):
    target = "unused"
    on_registry = True
    told = "may not outlast"  # what an error says where the change is done all the same

    def __init__(self, lab, name, *words):
        super().__init__(lab, lab.alice)
        self.name, self.what = f"partner {name}", ["partner", name, *words]
        self.before = self.state(lab.copy_home(self.home, lab.new_folder()))
        done = lab.copy_home(self.home, lab.new_folder())
        lab.must(done, *self.what)
        self.after = self.state(done)

    def words(self, _path):
        return self.what

    @staticmethod
    def home_in(folder):
        return os.path.join(folder, "alice")

    def state(self, home):
        return self.remember(home, ("station.yaml", "registry.yaml", "keys"), self.ask_state)

    def ask_state(self, home):
        """What the registry says, and whether each certificate is the one that it speaks of."""
        done = self.lab.run(home, "partner", "list")
        if done.status != 0:
            return str(done)
        return [{k: v is not None if k in VOLATILE else v for k, v in p.items()} | {"late": p.get("key-days-left", 0) > LATE}
                for p in done.json["partners"]]

    def final_fault(self, folder):
        state = self.state(self.home_in(folder))
        return None if state in (self.before, self.after) else f"neither as before nor as after: {state}"

    def is_there(self, folder):
        return self.state(self.home_in(folder)) == self.after

    def beside(self, folder):
        """What no registry speaks of."""
        home = self.home_in(folder)
        return sorted(n for where in (home, os.path.join(home, "keys")) for n in os.listdir(where) if ".part-" in n or n.endswith(".next"))

    def retry_fault(self, folder, home, private):
        """Once more: it is done now, or was done and that is told."""
        was_there = self.is_there(folder)
        done = self.lab.run(home, *self.what, private=private)
        if done.status != 0 and not was_there:
            return f"the retry failed: {done}"
        if done.status not in (0, 2, 7, 9):
            return f"done already, and once more gave {done}"
        return None if self.is_there(folder) else f"not as after: {self.state(home)}"

    def failure_fault(self, done, folder, exits):
        """A failure changed nothing and left nothing; where the disk failed behind the last step it says that it may be done."""
        if done.status == 0:
            return None if self.is_there(folder) else "said that all is well, and nothing changed"
        told = re.search(self.told, (done.json or {}).get("error", {}).get("message") or "") is not None
        if told != self.is_there(folder):
            return f"{'said that it may be done' if told else 'changed, and did not say so'}: {done}"
        left = [n for n in self.beside(folder) if not told or not n.endswith((".next", ".part-new"))]
        return done.clean_failure(*exits) or (f"left {left}: {done}" if left else None)


class Rotate(Change):
    """The station itself takes another key: it has the old one or the new one, and all that belongs to it."""

    def __init__(self, lab):
        Job.__init__(self, lab, lab.alice)
        self.name, self.what = "init --rotate", ["init", "--rotate", "--no-passphrase"]
        self.old = lab.fingerprints["alice"]
        self.before, self.after = ("old", 2), ("new", 4)
        self.told = "may not outlast|the new key is in use, but .* cannot be removed"

    @staticmethod
    def home_files(home, folder):
        path = os.path.join(home, folder)
        return os.listdir(path) if os.path.isdir(path) else []

    def state(self, home):
        secrets = len(self.home_files(home, "gnupg/private-keys-v1.d"))
        return self.remember(home, ("station.yaml", "keys"), self.whose), secrets

    def whose(self, home):
        """Whose key the card is of; the rotation belongs to the new one."""
        done = self.lab.run(home, "card")
        if done.status != 0:
            return str(done)
        which = "old" if done.json["fingerprint"] == self.old else "new"
        given = self.lab.run(home, "card", "--rotation")
        return which if given.status == (9 if which == "old" else 0) else str(given)

    def final_fault(self, folder):
        """A command that was killed may leave the secret halves of a key that is nobody's, with a note for the next one."""
        home = self.home_in(folder)
        state = self.state(home)
        noted = "note" in self.home_files(home, "gnupg.part-new")
        fine = state in (self.before, self.after) or (state[0] == "old" and noted)
        return None if fine else f"neither old nor new: {state}, {'' if noted else 'not '}noted"

    def beside(self, folder):
        """In keys/ each key of the station has a certificate and nobody else; what is not done has a name that says so."""
        home = self.home_in(folder)
        keys = self.home_files(home, "keys")
        known = [n for n in keys if self.is_there(folder) or n.split(".")[0] in self.lab.fingerprints.values()]
        revocations = [] if self.is_there(folder) else [n for n in self.home_files(home, "gnupg/openpgp-revocs.d") if self.old not in n]
        return sorted(set(keys) - set(known) | {n for n in [*os.listdir(home), *known] if ".part-" in n} | set(revocations))

    def failure_fault(self, done, folder, exits):
        wrong = super().failure_fault(done, folder, (*exits, 6))
        state = self.state(self.home_in(folder))
        return wrong or (None if state in (self.before, self.after) else f"secret keys were left: {state}")

    def retry_fault(self, folder, home, private):
        """Whatever was left of another key is gone with the next rotation."""
        was_there, unfinished = self.is_there(folder), [n for n in os.listdir(home) if ".part-" in n]
        if was_there and not unfinished:
            return None
        done = self.lab.run(home, *self.what, private=private)
        if done.status != 0:
            return f"the retry failed: {done}"
        state, want = self.state(home), ("new", 6 if was_there else 4)
        if state != want or os.path.exists(os.path.join(home, "gnupg.part-new")):
            return f"rotated once more, and it is {state} with {os.listdir(home)}"
        certificates = [n for n in self.home_files(home, "keys") if n.endswith(".pgp")]
        return None if len(certificates) == (4 if was_there else 3) else f"certificates were left: {certificates}"


def renewed_certificate(lab, name, station):
    """A station's key with a later end."""
    home, path = os.path.join(lab.new_folder(), "g"), os.path.join(lab.root, f"{name}.new.pgp")
    shutil.copytree(os.path.join(station, "gnupg"), home, ignore=shutil.ignore_patterns("S.*"))
    gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    fingerprint = lab.fingerprints[name]
    for what in ([fingerprint, "3400d"], [fingerprint, "3400d", "*"]):
        subprocess.run([*gpg, "--quick-set-expire", *what], check=True, capture_output=True)
    subprocess.run([*gpg, "--output", path, "--export", fingerprint], check=True, capture_output=True)
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, capture_output=True)
    return path


def changes(lab):
    third = lab.make_station("carol", "--no-passphrase")
    card = os.path.join(lab.root, "carol.card")
    lab.take_card("carol", third)
    revocation = os.path.join(lab.bob, "gnupg", "openpgp-revocs.d", f"{lab.fingerprints['bob']}.rev")
    return (Change(lab, "add", card, "--as", "carol", "--fingerprint", lab.fingerprints["carol"]),
            Change(lab, "set", "bob", "--approvals", "2"),
            Change(lab, "renew", "bob", renewed_certificate(lab, "bob", lab.bob)),
            Change(lab, "revoke", "bob", "--certificate", revocation),
            Change(lab, "remove", "bob", "--yes"), Rotate(lab),
            *registries(lab, renewed_certificate(lab, "carol", third)))
