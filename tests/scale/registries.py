# SPDX-License-Identifier: Apache-2.0
"""A registry of many partners, all with real certificates: founded, carried to another station, changed, carried again; and imports
that are cut off, after which a station holds what it held or what came."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab"))
import crowd  # noqa: E402  pylint: disable=wrong-import-position

GPG_CALLS_MAX = 40  # in one import, however many partners there are
CANCELLED = 130


class Import:
    """One station that takes in one file."""

    def __init__(self, lab, name, home, *words):
        self.lab, self.name, self.home, self.words = lab, name, home, ("registry", "import", *words)
        self.before = self.look(home)
        self.done = self.fresh()
        lab.must(self.done, *self.words)
        self.after = self.look(self.done)

    def fresh(self):
        return self.lab.copy_home(self.home, self.lab.new_folder())

    def look(self, home):
        """What is in force, and the certificates that lie there in their places."""
        shown = self.lab.must(home, "partner", "list").json["partners"]
        return ([(p["alias"], p["fingerprint"], p["ceilings"], p["key"]) for p in shown],
                {name for name in os.listdir(os.path.join(home, "keys")) if name.endswith(".pgp")})

    def beside(self, home):
        return [name for name in os.listdir(os.path.join(home, "keys")) if not name.endswith(".pgp")]

    def calls(self):
        """What changes the home, call by call, and with which of them it is done."""
        home, log = self.fresh(), os.path.join(self.lab.new_folder(), "calls")
        done = self.lab.run(home, *self.words, faults={"LAB_LOG": log, "LAB_CLASSES": "nsc"})
        with open(log, encoding="utf-8", errors="replace") as f:
            lines = [line.rstrip("\n").split(" ", 3) for line in f]
        renames = [int(line[0]) for line in lines if line[1] == "n" and line[3].startswith(".registry.yaml.part-")]
        return len(lines), renames[-1] if done.status == 0 and renames else 0

    def points(self):
        """Some before it is done, its last step, and some after."""
        last, decides = self.calls()
        return decides, [decides // 2, decides - 1, decides, decides + 1, decides + (last - decides) // 2]

    def fault(self, point, action, decides):
        """None where all is well after this happened before call number point."""
        home = self.fresh()
        done = self.lab.run(home, *self.words, faults={"LAB_AT": point, "LAB_CLASSES": "nsc", "LAB_ACTION": action})
        if action == "int" and done.status not in (0, CANCELLED):
            return f"interrupted: {done}"
        is_in_force = point > decides if action == "kill" else done.status == 0
        state = self.look(home)
        if state[0] != (self.after if is_in_force else self.before)[0]:
            return f"not as {'after' if is_in_force else 'before'}: {done}"
        if done.status == CANCELLED and (state != self.before or self.beside(home)):
            return f"interrupted, and left {self.beside(home)[:3]}"
        return self.retry_fault(home, is_in_force)

    def retry_fault(self, home, is_in_force):
        again = self.lab.run(home, *self.words)
        if again.status != 0 and not is_in_force:
            return f"the retry failed: {again}"
        if self.look(home)[0] != self.after[0]:
            return "a retry does not lead to what comes"
        shutil.rmtree(home)
        return None

    def gpg_calls(self):
        """How often gpg was started; None where nobody may look."""
        log = os.path.join(self.lab.new_folder(), "trace")
        command = ["strace", "-f", "-qq", "-o", log, "-e", "trace=execve", self.lab.valise, "--home", self.fresh(), "--json", *self.words]
        try:
            done = subprocess.run(command, env=self.lab.environment(self.lab.new_folder()), stdin=subprocess.DEVNULL, capture_output=True,
                                  check=False)
            with open(log, encoding="utf-8", errors="replace") as f:
                return sum("gpg" in line and line.rstrip().endswith("= 0") for line in f) if done.returncode == 0 else None
        except FileNotFoundError:
            return None


class Registries:
    def __init__(self, lab, tally, count):
        self.lab, self.tally, self.count = lab, tally, count

    def found(self):
        """alice's registry as file 1, and with ten changes as file 2."""
        lab = self.lab
        home = lab.copy_home(lab.alice, lab.new_folder("hq"))
        files = [os.path.join(lab.root, f"{self.count}.registry.{n}") for n in (1, 2)]
        crowd.join(home, self.count)
        lab.must(home, "registry", "sign", "--found", "hq")
        lab.must(home, "registry", "export", "-o", files[0])
        for n, (fpr, card) in enumerate(crowd.strangers(3)):
            path = os.path.join(lab.root, f"stranger{n}.card")
            with open(path, "w", encoding="utf-8") as f:
                f.write(card)
            lab.must(home, "partner", "add", path, "--as", f"stranger{n}", "--fingerprint", fpr)
        for n in range(1, 6):
            lab.must(home, "partner", "set", f"p{n:04}", "--ceiling", "TLP:GREEN")
        for n in (6, self.count):
            lab.must(home, "partner", "remove", f"p{n:04}", "--yes")
        lab.must(home, "registry", "sign")
        lab.must(home, "registry", "export", "-o", files[1])
        return files

    def cut_off(self, job):
        decides, points = job.points()
        self.tally.check(f"{job.name}: one step decides", None if decides > 0 else "no such step")
        cases = [(point, action) for point in points for action in ("kill", "int")]
        self.tally.each(lambda case: self.tally.check(f"{job.name}, {case[1]} at call {case[0]}, {decides} decides",
                                                      job.fault(*case, decides)), cases)

    def count_gpg(self, job):
        calls = job.gpg_calls()
        if calls is None:
            self.tally.skip(f"{job.name}: calls of gpg", "no strace")
        else:
            self.tally.check(f"{job.name}: gpg is not called for each certificate",
                             None if calls <= GPG_CALLS_MAX else f"{calls} calls for {self.count} partners")

    def run(self):
        lab = self.lab
        one, two = self.found()
        first = Import(lab, "the first import", lab.bob, "--fingerprint", lab.fingerprints["alice"], one)
        later = Import(lab, "a later import", first.done, two)
        told = [len(job.after[0]) for job in (first, later)]
        self.tally.check("all partners are there", None if told == [self.count + 2, self.count + 3] else f"{told}")
        keys = {key for _, _, _, key in later.after[0]}
        self.tally.check("all keys are good", None if keys <= {"good"} else f"{keys}")
        for job in (first, later):
            self.tally.check(f"{job.name} leaves nothing beside", job.beside(job.done) and f"{job.beside(job.done)[:3]}")
            self.count_gpg(job)
            self.cut_off(job)
