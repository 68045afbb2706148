# SPDX-License-Identifier: Apache-2.0
"""One verb, made to fail at each of its calls in turn. A job knows how to run it, what must be true afterwards, and how to retry."""
import hashlib
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab"))
from lab import LABELS, same_tree  # noqa: E402  pylint: disable=wrong-import-position

ENOSPC, EIO, EROFS = 28, 5, 30
CHANGING = "wsnct"  # calls that change what is on the disk
FAILING = CHANGING + "x"


TRACED = ("write,pwrite64,writev,pwritev,fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,"
          "unlinkat,mkdir,mkdirat,rmdir,ftruncate,truncate,utimensat,fallocate,copy_file_range,sendfile,open,openat,openat2,clone,clone3")


def count_traced(lines):
    """Calls that change something, by the first process of the log and its threads."""
    ours, count = {lines[0].split()[0]}, 0
    for line in lines:
        pid, _, call = line.partition(" ")
        name = call.strip().partition("(")[0]
        thread = re.search(r"CLONE_THREAD.*= (\d+)", call)
        if pid in ours and thread:
            ours.add(thread.group(1))
        if pid not in ours or not name.isidentifier() or name.startswith("clone"):
            continue
        if name.startswith("open") and "O_CREAT" not in call:
            continue
        if "write" in name and re.search(r"\(\d+<(pipe:|socket:|/dev/(?!shm/))", call):
            continue
        count += 1
    return count


def files_below(home, tops):
    """(path, bytes) of each file, but those that a killed run did not finish and those that only lock."""
    for top in tops:
        path = os.path.join(home, top)
        found = [path] if os.path.isfile(path) else [os.path.join(where, n) for where, _, names in os.walk(path) for n in names]
        for name in sorted(found):
            if ".part-" not in os.path.basename(name) and not name.endswith(".lock"):
                with open(name, "rb") as f:
                    yield os.path.relpath(name, home), f.read()


class Job:
    """Base: a fresh copy of the station for each case, so that no case depends on another."""
    on_registry = False  # whether it changes or carries the registry, and is quick
    everywhere = False  # killed and failed at each of its calls, of which there are few
    setting = {}        # of the preload, in each of its runs

    def __init__(self, lab, home):
        self.lab, self.home = lab, home
        self.all_calls = None
        self.seen = {}

    def remember(self, home, tops, look):
        """What look() says of a home, asked once for all homes that have the same files below tops."""
        digest = hashlib.sha256()
        for name, data in files_below(home, tops):
            digest.update(f"{name} {len(data)} ".encode() + data)
        key = digest.digest()
        if key not in self.seen:
            self.seen[key] = look(home)
        return self.seen[key]

    def calls(self, classes):
        """Those of a run that nothing disturbs: [(number among these classes, (class, name, file))]."""
        if self.all_calls is None:
            self.all_calls = self.count(FAILING + "or")
        return list(enumerate([c for c in self.all_calls if c[0] in classes], 1))

    def prepare(self):
        """A folder with a station in it, and where private folders go; kept until the case is done."""
        folder = self.lab.new_folder()
        private = os.path.join(folder, "p")
        os.mkdir(private)
        os.mkdir(os.path.join(folder, "to"))
        return folder, self.lab.copy_home(self.home, folder), private

    def attempt(self, folder, home, private, faults):
        return self.lab.run(home, *self.words(os.path.join(folder, "to", self.target)), private=private, faults={**self.setting, **faults})

    def count(self, classes, **more):
        """The calls of a run that nothing disturbs: [(class, name, file)]."""
        folder, home, private = self.prepare()
        log = os.path.join(folder, "calls")
        done = self.attempt(folder, home, private, {"LAB_LOG": log, "LAB_CLASSES": classes, **more})
        if done.status != 0:
            sys.exit(f"{self.name} does not work undisturbed: {done}")
        with open(log, encoding="utf-8", errors="replace") as f:
            calls = [line.rstrip("\n").split(" ", 3)[1:] for line in f]
        shutil.rmtree(folder)
        return calls

    def count_by_strace(self):
        """The same number of calls, told by the kernel; None where it does not let us look."""
        folder, home, private = self.prepare()
        log, target = os.path.join(folder, "strace"), os.path.join(folder, "to", self.target)
        command = ["strace", "-f", "-y", "-qq", "-o", log, "-e", f"trace={TRACED}", self.lab.valise, "--home", home, "--json",
                   *self.words(target)]
        try:
            done = subprocess.run(command, env=self.lab.environment(private, self.setting or None), stdin=subprocess.DEVNULL, capture_output=True, check=False)
        except FileNotFoundError:
            return None
        if done.returncode != 0 or not os.path.exists(log):
            return None
        with open(log, encoding="utf-8", errors="replace") as f:
            lines = f.read().splitlines()
        shutil.rmtree(folder)
        return count_traced(lines)

    def count_allocations(self):
        folder, home, private = self.prepare()
        log = os.path.join(folder, "calls")
        self.attempt(folder, home, private, {"LAB_MALLOC_LOG": log})
        with open(log, encoding="utf-8") as f:
            count = int(f.read().split()[-1])
        shutil.rmtree(folder)
        return count

    def beside(self, folder):
        """What lies where the result goes, other than the result, and the parity file that comes after it."""
        mine = [self.target, self.target + ".parity"] if self.is_there(folder) else []
        return sorted(n for n in os.listdir(os.path.join(folder, "to")) if n not in mine)

    def is_there(self, folder):
        return os.path.lexists(os.path.join(folder, "to", self.target))

    def final_fault(self, folder):
        """None where the final name is absent or whole."""
        return self.whole_fault(os.path.join(folder, "to", self.target)) if self.is_there(folder) else None

    def retry_fault(self, folder, home, private):
        """A plain retry, after looking at what is there: to another name where the first attempt had made it."""
        was_there = self.is_there(folder)
        path = os.path.join(folder, "to", self.target + ".again" if was_there else self.target)
        done = self.lab.run(home, *self.words(path), private=private)
        if was_there:
            return self.second_fault(done, home, path)
        if done.status != 0:
            return f"the retry failed: {done}"
        return self.whole_fault(path) or self.ledger_fault(home, 1)

    def clean(self, folder):
        shutil.rmtree(folder)  # an agent whose home goes away goes as well


class Pack(Job):
    name, target = "pack", "b.valise"

    def __init__(self, lab, source):
        super().__init__(lab, lab.alice)
        self.source = source

    def words(self, path):
        return ["pack", "--to", "bob", *LABELS, "--yes", "-o", path, self.source]

    def whole_fault(self, path):
        done = self.lab.run(self.lab.courier, "verify", path)
        return None if done.status == 0 else f"a bundle is there that does not verify: {done}"

    def second_fault(self, done, home, path):
        """The first bundle counts: the next has number 2."""
        if done.status != 0:
            return f"packing once more failed: {done}"
        return self.whole_fault(path) or self.ledger_fault(home, 2)

    def ledger_fault(self, home, files):
        """As many bundles as there are files, numbered from 1 without gap or double."""
        rows = self.lab.sent(home)
        want = [(n, "sent") for n in range(1, files + 1)]
        return None if sorted(rows) == want else f"the ledger tells {sorted(rows)}, expected {want}"


class PackVolumes(Pack):
    """Names are given one by one, the first volume's last: where that is there, all are. Killed between, those behind it may be
    there: each whole for itself, the others told as missing, and nothing sent. Parity comes after them."""
    name, target = "pack volumes", "b.1of2.valise"
    SIZE = "1350000"

    def words(self, path):
        whole = path.replace(".1of2.valise", ".valise")
        return ["pack", "--to", "bob", *LABELS, "--yes", "--volume-size", self.SIZE, "--parity-volumes", "1", "-o", whole, self.source]

    @staticmethod
    def names(folder):
        return sorted(n for n in os.listdir(os.path.join(folder, "to")) if n.endswith("of2.valise"))

    def beside(self, folder):
        mine = ["b.2of2.valise", "b.2of2.valise.parity", "b.p1of1.valise-parity"] if self.is_there(folder) else []
        return [n for n in super().beside(folder) if n not in mine]

    def whole_fault(self, path):
        done = self.lab.run(self.lab.courier, "verify", path, path.replace(".1of2.", ".2of2."))
        return None if done.status == 0 else f"the first volume is there, and not all verify: {done}"

    def final_fault(self, folder):
        if self.is_there(folder):
            return super().final_fault(folder)
        for name in self.names(folder):
            done = self.lab.run(self.lab.courier, "verify", os.path.join(folder, "to", name))
            if done.status != 4 or done.code != "chunks-missing":
                return f"{name} is there without the first, and does not say so: {done}"
        return None

    def retry_fault(self, folder, home, private):
        """Under another name where one of them is taken, as the person does who is told of it."""
        path, was_there = os.path.join(folder, "to", self.target), self.is_there(folder)
        if self.names(folder):
            done = self.lab.run(home, *self.words(path), private=private)
            if done.status != 7 or done.code != "exists":
                return f"the same name once more gave {done}"
            path = os.path.join(folder, "again", self.target)
            os.mkdir(os.path.dirname(path))
        done = self.lab.run(home, *self.words(path), private=private)
        if done.status != 0:
            return f"the retry failed: {done}"
        return self.whole_fault(path) or self.ledger_fault(home, 2 if was_there else 1)


class Unpack(Job):
    name, target = "unpack", "out"

    def __init__(self, lab, source, bundle):
        super().__init__(lab, lab.bob)
        self.source, self.bundle = source, bundle

    def words(self, path):
        return ["unpack", "-o", path, self.bundle]

    def whole_fault(self, path):
        same = same_tree(self.source, os.path.join(path, os.path.basename(self.source)))
        return None if same else "the unpacked folder is not what was packed"

    def second_fault(self, done, home, path):
        """What was received once is received: again only where asked for."""
        if done.status != 5 or done.code != "replay":
            return f"unpacked already, and unpacking once more gave {done}"
        if os.path.lexists(path):
            return "a refused bundle was unpacked"
        done = self.lab.run(home, "unpack", "--again", "-o", path, self.bundle)
        if done.status != 0:
            return f"unpack --again failed: {done}"
        return self.whole_fault(path) or self.ledger_fault(home, 1)

    def ledger_fault(self, home, _):
        entries = self.lab.must(home, "ledger", "list").json["entries"]
        rows = [(e["sequence"], e["event"]) for e in entries if e["event"] in ("received", "unpacking")]
        return None if rows == [(1, "received")] else f"the ledger tells {rows}, expected one reception"


class Copy(Job):
    """What was stopped is taken up by the same command; what is there already is read back."""
    name, target = "copy", "b.valise"
    everywhere = True

    def __init__(self, lab, bundle):
        super().__init__(lab, lab.bob)
        self.bundle = os.path.join(lab.new_folder("source"), self.target)
        shutil.copy(bundle, self.bundle)

    def words(self, path):
        return ["copy", self.bundle, os.path.dirname(path)]

    def whole_fault(self, path):
        same = subprocess.run(["cmp", self.bundle, path], capture_output=True, check=False).returncode == 0
        return None if same else "the copy is not what was copied"

    def retry_fault(self, folder, home, private):
        path = os.path.join(folder, "to", self.target)
        was_there = self.is_there(folder)
        done = self.lab.run(home, *self.words(path), private=private)
        if done.status != 0:
            return f"the retry failed: {done}"
        how = done.json["copies"][0]["how"]
        if (how == "was-there") != was_there:
            return f"the copy was {'' if was_there else 'not '}there, and the retry says: {how}"
        left = self.beside(folder)
        return f"left {left}" if left else self.whole_fault(path)


class Repair(Job):
    """A new file is there as the old one was sealed, or none is; the damaged one and its parity file stay as they are."""
    name, target = "repair", "b.valise"
    everywhere = True
    LOST = (300_000, 40_000)  # a run of bytes: where, how many

    def __init__(self, lab, bundle):
        super().__init__(lab, lab.bob)
        self.bundle, self.damaged = bundle, os.path.join(lab.new_folder("damaged"), "d.valise")
        shutil.copy(bundle, self.damaged)
        shutil.copy(bundle + ".parity", self.damaged + ".parity")
        with open(self.damaged, "r+b") as f:
            f.seek(self.LOST[0])
            f.write(bytes(self.LOST[1]))
        self.given = self.read_given()

    def read_given(self):
        return [open(self.damaged + suffix, "rb").read() for suffix in ("", ".parity")]  # pylint: disable=consider-using-with

    def words(self, path):
        return ["repair", "-o", path, self.damaged]

    def whole_fault(self, path):
        same = subprocess.run(["cmp", self.bundle, path], capture_output=True, check=False).returncode == 0
        return None if same else "what was mended is not as it was sealed"

    def final_fault(self, folder):
        return super().final_fault(folder) or (None if self.read_given() == self.given else "what was given was changed")

    def retry_fault(self, folder, home, private):
        path = os.path.join(folder, "to", self.target + ".again" if self.is_there(folder) else self.target)
        done = self.lab.run(home, *self.words(path), private=private)
        return f"the retry failed: {done}" if done.status != 0 else self.whole_fault(path)


class PackToApprove(Pack):
    """A bundle that waits, and the folder beside it: both or none, and what is there can be approved."""
    name, target = "pack for two", "b.valise-pending"

    def __init__(self, lab, source):
        super().__init__(lab, source)
        self.home = lab.two_alice

    @staticmethod
    def stem(path):
        """Of the target, and of the name that a retry gives it."""
        return os.path.join(os.path.dirname(path), "again" if path.endswith(".again") else "b")

    def words(self, path):
        return ["pack", "--to", "bob", *LABELS, "--yes", "-o", self.stem(path) + ".valise", self.source]

    def beside(self, folder):
        mine = ["b.approve"] if self.is_there(folder) else []
        return [n for n in super().beside(folder) if n not in mine]

    def whole_fault(self, path):
        """On a copy, as approving it takes the name away."""
        copy, stem = self.lab.new_folder(), self.stem(path)
        shutil.copy(stem + ".valise-pending", os.path.join(copy, "b.valise-pending"))
        shutil.copytree(stem + ".approve", os.path.join(copy, "b.approve"))
        done = self.lab.run(self.lab.ann, "approve", "--yes", os.path.join(copy, "b.valise-pending"))
        if done.status != 0:
            return f"a bundle waits that cannot be approved: {done}"
        wrong = super().whole_fault(os.path.join(copy, "b.valise"))
        shutil.rmtree(copy)
        return wrong

    def ledger_fault(self, home, files):
        rows = self.lab.sent(home)
        want = [(n, "pending") for n in range(1, files + 1)]
        return None if sorted(rows) == want else f"the ledger tells {sorted(rows)}, expected {want}"


class Approve(Job):
    """The end of a file is replaced: it waits, or it is signed; whoever comes next finishes what was begun."""
    name, target = "approve", "b.valise"

    def __init__(self, lab, waiting):
        super().__init__(lab, lab.ann)
        self.waiting, self.looked = waiting, 0

    def prepare(self):
        folder, home, private = super().prepare()
        shutil.rmtree(os.path.join(folder, "to"))
        shutil.copytree(self.waiting, os.path.join(folder, "to"))
        return folder, home, private

    def words(self, path):
        return ["approve", "--yes", path + "-pending"]

    def beside(self, folder):
        """A journal may stay where the disk takes nothing more: it is what the retry needs."""
        mine = [] if self.is_there(folder) else ["b.approve", "b.valise-pending", "b.valise-pending.journal"]
        return [n for n in super().beside(folder) if n not in mine]

    def whole_fault(self, path):
        done = self.lab.run(self.lab.courier, "verify", path)
        return None if done.status == 0 else f"a bundle is there that does not verify: {done}"

    def waiting_fault(self, path):
        """Every other time somebody else looks first, who changes nothing, and may be told that it was cut off."""
        self.looked += 1
        if self.looked % 2:
            return None
        was_cut_off = os.path.lexists(path + "-pending.journal")
        done = self.lab.run(self.lab.courier, "verify", path + "-pending")
        if was_cut_off:
            return None if os.path.lexists(path + "-pending.journal") else f"verify took the journal away: {done}"
        return None if done.status == 0 or done.code == "approvals" else f"what waits is broken: {done}"

    def retry_fault(self, folder, home, private):
        path = os.path.join(folder, "to", self.target)
        was_there = self.is_there(folder)
        wrong = None if was_there else self.waiting_fault(path)
        if wrong:
            return wrong
        done = self.lab.run(home, *self.words(path), private=private)
        if was_there and (done.status != 7 or done.code != "exists"):
            return f"approved already, and once more gave {done}"
        if not was_there and done.status != 0:
            return f"the retry failed: {done}"
        left = self.beside(folder)
        return f"left {left}" if left and not was_there else self.whole_fault(path)
