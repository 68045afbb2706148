# SPDX-License-Identifier: Apache-2.0
"""Changes of the registry, made to fail at each of their calls in turn: the registry and the certificates that it speaks of are as
before or as after, never between."""
import os
import shutil
import subprocess

from points import Job

VOLATILE = ("added", "revoked", "days-left", "key-days-left")


class Change(Job):
    target = "unused"

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
        """What the registry says, and whether each certificate is the one that it speaks of."""
        done = self.lab.run(home, "partner", "list")
        if done.status != 0:
            return str(done)
        return [{k: v is not None if k in VOLATILE else v for k, v in p.items()} | {"end": p.get("key-days-left", 0) // 365}
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
        told = "may not outlast" in ((done.json or {}).get("error", {}).get("message") or "")
        if told != self.is_there(folder):
            return f"{'said that it may be done' if told else 'changed, and did not say so'}: {done}"
        left = [n for n in self.beside(folder) if not told or not n.endswith(".next")]
        return done.clean_failure(*exits) or (f"left {left}: {done}" if left else None)


def renewed_certificate(lab):
    """bob's key with a later end."""
    home, path = os.path.join(lab.new_folder(), "g"), os.path.join(lab.root, "bob.new.pgp")
    shutil.copytree(os.path.join(lab.bob, "gnupg"), home, ignore=shutil.ignore_patterns("S.*"))
    gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    fingerprint = lab.fingerprints["bob"]
    for what in ([fingerprint, "9y"], [fingerprint, "9y", "*"]):
        subprocess.run([*gpg, "--quick-set-expire", *what], check=True, capture_output=True)
    subprocess.run([*gpg, "--output", path, "--export", fingerprint], check=True, capture_output=True)
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, capture_output=True)
    return path


def changes(lab):
    third = lab.make_station("carol", "--no-passphrase")
    card = os.path.join(lab.root, "carol.card")
    fingerprint = lab.must(third, "card", "-o", card).json["fingerprint"]
    revocation = os.path.join(lab.bob, "gnupg", "openpgp-revocs.d", f"{lab.fingerprints['bob']}.rev")
    return (Change(lab, "add", card, "--as", "carol", "--fingerprint", fingerprint),
            Change(lab, "set", "bob", "--approvals", "2"),
            Change(lab, "renew", "bob", renewed_certificate(lab)),
            Change(lab, "revoke", "bob", "--certificate", revocation),
            Change(lab, "remove", "bob", "--yes"))
