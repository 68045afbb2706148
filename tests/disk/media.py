# SPDX-License-Identifier: Apache-2.0
"""Media: copy and pack onto small ext4, FAT and exFAT file systems that are full, read-only, failing, forgetful, pulled out."""
import os
import shutil
import signal
import subprocess

from lab import LABELS, same_tree
from mounts import MIB, Fuse, quiet

EIO, ENOSPC, EROFS = 5, 28, 30
NAME = "b.valise"


class Media:
    def __init__(self, lab, tally, disk_of):
        """disk_of(mib): a small disk as tests/disk/run makes it."""
        self.lab, self.tally, self.disk_of = lab, tally, disk_of
        self.reports = os.path.join(lab.root, "reports")
        self.small, self.large = os.path.join(lab.new_folder("s"), NAME), os.path.join(lab.new_folder("s"), NAME)
        shutil.copy(os.path.join(lab.root, "good.valise"), self.small)
        big = lab.new_folder("big")
        with open(os.path.join(big, "a.bin"), "wb") as f:
            for _ in range(20):
                f.write(os.urandom(MIB))
        lab.must(lab.copy_home(lab.alice, lab.new_folder()), "pack", "--to", "bob", *LABELS, "--parity", "none", "--yes", "-o", self.large,
                 big)

    def copy(self, bundle, folder, *more, **settings):
        return self.lab.run(self.lab.courier, "copy", *more, bundle, folder, **settings)

    @staticmethod
    def same(a, b):
        return quiet("cmp", "-s", a, b).returncode == 0

    def copied_fault(self, done, bundle, disk, how=None):
        if done.status != 0:
            return f"failed: {done}"
        if how and done.json["copies"][0]["how"] != how:
            return f"expected {how}, got {done.json['copies'][0]['how']}"
        if not self.same(bundle, disk.path(NAME)):
            return "the copy is not what was copied"
        return None

    # --- a disk of the kernel's own ---

    def full(self):
        for leave in (0, 8 << 10, 200 << 10, 2 * MIB):
            disk = self.disk_of(12)
            disk.fill(leave)
            done = self.copy(self.small, disk.folder)
            wrong = done.clean_failure(7) or (None if done.code == "no-space" else f"another error: {done}")
            wrong = wrong or (f"left {disk.names()}" if disk.names() else None)
            disk.empty()
            wrong = wrong or self.copied_fault(self.copy(self.small, disk.folder), self.small, disk, "written")
            self.tally.check(f"copy with {leave} bytes left ({disk.kind})", wrong)
            disk.end()

    def filled_meanwhile(self):
        """There was room when it began; then another one took it. What was safe stays, and is taken up."""
        disk = self.disk_of(48)
        fill = f"dd if=/dev/zero of={disk.path('ballast')} bs=64k status=none; sync -f {disk.folder}"
        faults = {"LAB_CLASSES": "w", "LAB_FILE": f"{NAME}.part", "LAB_AT": 19, "LAB_ACTION": "run", "LAB_COMMAND": fill}
        done = self.copy(self.large, disk.folder, faults=faults)
        wrong = done.clean_failure(7) or (None if done.code == "no-space" else f"another error: {done}")
        wrong = wrong or (None if disk.names() == [f"{NAME}.part"] else f"left {disk.names()}")
        wrong = wrong or (None if f"{NAME}.part" in done.json["error"]["hint"] else f"does not say what stays: {done.json}")
        disk.empty()
        again = self.copy(self.large, disk.folder)
        wrong = wrong or self.copied_fault(again, self.large, disk, "resumed")
        wrong = wrong or (None if again.json["copies"][0]["kept-bytes"] >= 8 * MIB else f"kept too little: {again.json}")
        self.tally.check(f"copy to a disk that fills meanwhile, and once more ({disk.kind})", wrong)
        disk.end()

    def read_only(self):
        disk = self.disk_of(12)
        if not disk.read_only(True):
            self.tally.skip("copy to a read-only medium", "cannot remount")
        else:
            done = self.copy(self.small, disk.folder)
            told = "only be read" in ((done.json or {}).get("error", {}).get("message") or "")
            wrong = done.clean_failure(7) or (None if told and not disk.names() else f"{done}, {disk.names()}")
            self.tally.check(f"copy to a read-only medium ({disk.kind})", wrong)
        disk.end()

    def every_call(self):
        """Each call that touches the medium fails in turn, in each way; writes may also do half of what they are asked."""
        disk = self.disk_of(12)
        log, classes = os.path.join(self.lab.new_folder(), "calls"), "wsnctxar"
        scope = {"LAB_CLASSES": classes, "LAB_FILE": NAME + ".part"}
        done = self.copy(self.small, disk.folder, faults={"LAB_LOG": log, **scope})
        wrong = self.copied_fault(done, self.small, disk)
        self.tally.check("copy, its calls counted", wrong)
        os.unlink(disk.path(NAME))
        with open(log, encoding="utf-8") as f:
            calls = [line.split(" ")[1:3] for line in f]
        points = [(n, kind, call, errno) for n, (kind, call) in enumerate(calls, 1)
                  for errno in (EIO, *((ENOSPC, EROFS) if kind in "wsnct" else ()))]
        for n, kind, call, errno in points:
            done = self.copy(self.small, disk.folder, faults={**scope, "LAB_AT": n, "LAB_ACTION": errno})
            left = [name for name in disk.names() if name != NAME]
            # What cannot be asked for, or was asked for twice, need not stop it.
            wrong = self.copied_fault(done, self.small, disk) if done.status == 0 else done.clean_failure(7)
            if done.status != 0 and NAME in disk.names():
                wrong = wrong or "failed, and the copy has its name"
            self.tally.check(f"copy, {os.strerror(errno)} at call {n}, {kind} {call}", wrong or (f"left {left}" if left else None))
            for name in disk.names():
                os.unlink(disk.path(name))
        print(f"copy: {len(points)} failures at {len(calls)} calls")
        done = self.copy(self.small, disk.folder, faults={"LAB_CLASSES": "w", "LAB_AT": 1, "LAB_STICKY": 1, "LAB_ACTION": "short"})
        self.tally.check("copy, all writes are short", self.copied_fault(done, self.small, disk, "written"))
        disk.end()

    def forgetful(self):
        """What is read back is not what was written: at once, and no name for it."""
        disk = self.disk_of(12)
        size = os.path.getsize(self.small)
        for at in (100, 3000, size // 2, size - 3000):
            faults = {"LAB_TWICE": f"{NAME}.part", "LAB_ALWAYS": 1, "LAB_FROM": at, "LAB_TO": at + 1}
            done = self.copy(self.small, disk.folder, faults=faults)
            told = "does not give back" in ((done.json or {}).get("error", {}).get("message") or "")
            wrong = done.clean_failure(7) or (None if told else f"says otherwise: {done}")
            self.tally.check(f"copy to a medium with another byte {at}", wrong or (f"left {disk.names()}" if disk.names() else None))
        disk.end()

    def source_changes(self):
        """What is copied is cut short, written over or replaced while it is: bytes that are not as signed never get a name."""
        size = os.path.getsize(self.large)
        rows = [("cut short", "truncate -s 1000000 {}", ("damaged", "truncated")),
                ("written over", f"dd if=/dev/zero of={{}} bs=1M seek={size // MIB - 3} count=1 conv=notrunc status=none", ("damaged",)),
                ("replaced", "cp {0} {0}.new; dd if=/dev/zero of={0}.new bs=1M count=9 conv=notrunc status=none; mv {0}.new {0}", ())]
        for name, command, codes in rows:
            work, out = self.lab.new_folder("s"), self.lab.new_folder("o")
            source = os.path.join(work, NAME)
            shutil.copy(self.large, source)
            faults = {"LAB_CLASSES": "w", "LAB_FILE": f"{NAME}.part", "LAB_AT": 2, "LAB_ACTION": "run", "LAB_COMMAND": command.format(source)}
            done = self.copy(source, out, faults=faults)
            if codes:
                wrong = done.clean_failure(4) or (None if done.code in codes else f"another error: {done}")
                wrong = wrong or (f"left {os.listdir(out)}" if os.listdir(out) else None)
            else:  # the file that was open is the one that was judged
                wrong = str(done) if done.status != 0 else None if self.same(self.large, os.path.join(out, NAME)) else "another file"
            wrong = wrong or ("it was not changed" if self.same(self.large, source) else None)
            self.tally.check(f"copy, its source is {name} meanwhile", wrong)

    # --- taken out and put back ---

    @staticmethod
    def wait_for(process, words):
        """What it says on standard error until it says so, or ends."""
        said = ""
        while words not in said:
            line = process.stderr.readline()
            if not line:
                break
            said += line
        return said

    @staticmethod
    def end_of(process):
        """Its output; one that waits for what does not come is ended."""
        try:
            return process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.communicate()

    def replug(self, name, disk, swap, expected, spoil=None):
        """swap(): what a person does when asked to."""
        command = [self.lab.valise, "--home", self.lab.courier, "--json", "copy", "--replug", self.small, disk.folder]
        private = self.lab.new_folder("p")
        with subprocess.Popen(command, env=self.lab.environment(private), cwd=self.lab.root, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            asked = self.wait_for(process, "take the medium")
            if "take the medium" in asked:
                swap(spoil)
            out, err = self.end_of(process)
        said = f"{process.returncode} {out} {asked}{err}"
        if spoil is not None:
            wrong = None if process.returncode == 7 and "does not give back" in out else said
        else:
            wrong = None if process.returncode == 0 and f'"replugged": "{expected}"' in out.replace('":"', '": "') else said
        self.tally.check(f"copy --replug, {name} ({disk.kind})", wrong)

    def replugging(self):
        disk = self.disk_of(12)
        if disk.kind != "ext4":
            self.tally.skip("copy --replug", "no loop devices")
            disk.end()
            return

        def out_and_back(spoil):
            quiet("umount", disk.folder)
            if spoil is not None:
                spoil()
            quiet("mount", "-o", "loop", disk.image, disk.folder)

        def spoil():
            with open(disk.image, "r+b") as f, open(self.small, "rb") as bundle:
                data, middle = f.read(), bundle.read()[70_000:70_400]
                f.seek(data.index(middle))
                f.write(bytes(400))

        self.replug("the disk itself was out", disk, out_and_back, "was-out")
        self.replug("and came back with other bytes", disk, out_and_back, "", spoil)
        disk.end()

    def replug_interrupted(self):
        disk = self.disk_of(12)
        command = [self.lab.valise, "--home", self.lab.courier, "--json", "copy", "--replug", self.small, disk.folder]
        with subprocess.Popen(command, env=self.lab.environment(self.lab.new_folder("p")), cwd=self.lab.root, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            self.wait_for(process, "take the medium")
            process.send_signal(signal.SIGINT)
            self.end_of(process)
        there = self.same(self.small, disk.path(NAME))
        self.tally.check("copy --replug, Ctrl-C instead", None if process.returncode == 130 and there else f"{process.returncode} {there}")
        disk.end()

    def pulled_disk(self):
        probe = self.disk_of(12)
        kind = probe.kind
        probe.end()
        if kind != "ext4":
            self.tally.skip("a disk that is pulled out", "no loop devices")
            return
        self.pulled(lambda: self.disk_of(48))
        self.pulled_from_pack(lambda: self.disk_of(48))

    # --- parity, and what is mended by it ---

    def repair(self, *words, **settings):
        return self.lab.run(self.lab.courier, "repair", *words, **settings)

    def mended(self, medium):
        """Written without gaps, read back, and the same as on any disk; another byte read back, and there is nothing."""
        work = self.lab.new_folder("s")
        bundle, parity = os.path.join(work, NAME), f"{NAME}.parity"
        shutil.copy(self.small, bundle)
        self.lab.must(self.lab.courier, "repair", "--parity", "10%", bundle)
        done = self.repair("--parity", "10%", "-o", medium.folder + "/", bundle)
        wrong = None if done.status == 0 and self.same(bundle + ".parity", medium.path(parity)) else f"not the same: {done}"
        self.tally.check(f"a parity file to {medium.kind}", wrong)
        for name in medium.names():
            os.unlink(medium.path(name))
        for at in (30, 40_000, os.path.getsize(bundle + ".parity") - 30):
            faults = {"LAB_TWICE": f"{parity}.part-", "LAB_ALWAYS": 1, "LAB_FROM": at, "LAB_TO": at + 1}
            self.not_given_back(f"a parity file to {medium.kind} with another byte {at}", medium,
                                self.repair("--parity", "10%", "-o", medium.folder + "/", bundle, faults=faults))
        with open(bundle, "r+b") as f:
            f.seek(200_000)
            f.write(bytes(512))
        # Read for the second time, once it was judged.
        faults = {"LAB_TWICE": f"{NAME}.part-", "LAB_FROM": 300_000, "LAB_TO": 300_001}
        self.not_given_back(f"a bundle mended onto {medium.kind} with another byte", medium,
                            self.repair("-o", medium.folder + "/", bundle, faults=faults))
        with open(bundle, "r+b") as f:
            f.seek(1_000_000)
            f.write(bytes(200_000))
        done = self.repair("-o", medium.folder + "/", bundle)
        wrong = str(done) if done.status != 0 else None if self.same(self.small, medium.path(NAME)) else "another file"
        wrong = wrong or (None if self.same(bundle + ".parity", medium.path(parity)) else f"another parity file: {medium.names()}, {done}")
        self.tally.check(f"a bundle mended onto {medium.kind}", wrong)
        for name in medium.names():
            os.unlink(medium.path(name))

    def parity_volumes(self, medium):
        """Likewise; and a volume that they give back there."""
        work = self.lab.new_folder("s")
        self.lab.must(self.lab.courier, "copy", self.large, work, "--volume-size", "16M", "--parity", "none")
        volumes = sorted(os.path.join(work, name) for name in os.listdir(work))
        self.lab.must(self.lab.courier, "repair", "--parity-volumes", "1", "-o", work + "/", *volumes)
        made, = (os.path.join(work, name) for name in os.listdir(work) if name.endswith(".valise-parity"))
        name, size = os.path.basename(made), os.path.getsize(made)
        for at in (30, 1_000_000, size - 30):
            faults = {"LAB_TWICE": f"{name}.part-", "LAB_ALWAYS": 1, "LAB_FROM": at, "LAB_TO": at + 1}
            self.not_given_back(f"a parity volume to {medium.kind} with another byte {at}", medium,
                                self.repair("--parity-volumes", "1", "-o", medium.folder + "/", *volumes, faults=faults))
        done = self.repair("--parity-volumes", "1", "-o", medium.folder + "/", *volumes)
        wrong = None if done.status == 0 and self.same(made, medium.path(name)) else f"not the same: {done}"
        self.tally.check(f"a parity volume to {medium.kind}", wrong)
        os.unlink(medium.path(name))
        # The FAT driver gives less than there is to a read that begins in the last cluster, where that is the second half of a page.
        if medium.kind == "exfat":
            self.given_back(medium, volumes, made)

    def given_back(self, medium, volumes, made):
        lost = volumes.pop(1)
        faults = {"LAB_TWICE": f"{os.path.basename(lost)}.part-", "LAB_FROM": 300_000, "LAB_TO": 300_001}
        self.not_given_back(f"a volume given back to {medium.kind} with another byte", medium,
                            self.repair("-o", medium.folder + "/", *volumes, made, faults=faults))
        done = self.repair("-o", medium.folder + "/", *volumes, made)
        wrong = None if done.status == 0 and self.same(lost, medium.path(os.path.basename(lost))) else f"not the same: {done}"
        self.tally.check(f"a volume given back to {medium.kind}", wrong)
        for left in medium.names():
            os.unlink(medium.path(left))

    def not_given_back(self, name, medium, done):
        told = "does not give back" in ((done.json or {}).get("error", {}).get("message") or "")
        wrong = done.clean_failure(7) or (None if told else f"says otherwise: {done}")
        self.tally.check(name, wrong or (f"left {medium.names()}" if medium.names() else None))

    def dealt_out(self, medium):
        done = self.copy(self.large, medium.folder, "--volume-size", "12M")
        wrong = str(done) if done.status != 0 else None
        wrong = wrong or (None if len(medium.names()) == 4 else f"there: {medium.names()}")
        for name in medium.names():
            if not wrong and name.endswith(".valise"):
                there = os.path.join(self.lab.new_folder("s"), name)
                shutil.copy(medium.path(name), there)
                made = self.repair("--parity", "10%", there)
                wrong = None if self.same(there + ".parity", medium.path(name) + ".parity") else f"parity of {name}: {made}"
        for name in medium.names():
            os.unlink(medium.path(name))
        self.tally.check(f"copy to {medium.kind} in volumes, with parity files", wrong)

    # --- file systems of media ---

    def on_media(self, kind):
        medium = Fuse(self.lab, kind)
        if medium.fault:
            self.tally.skip(f"{kind} file systems", medium.fault.strip())
            return
        try:
            self.plain(medium)
            self.packed(medium)
            self.mended(medium)
            self.parity_volumes(medium)
            self.dealt_out(medium)
            self.small_rooms(medium)
            self.forgets(medium)
        finally:
            medium.end()
        self.pulled(lambda: Fuse(self.lab, kind))
        self.pulled_from_pack(lambda: Fuse(self.lab, kind))
        self.pulled_between(kind)

    def plain(self, medium):
        done = self.copy(self.large, medium.folder)
        wrong = self.copied_fault(done, self.large, medium, "written")
        wrong = wrong or (None if done.json["medium"]["by-program"] else f"does not see what drives it: {done.json['medium']}")
        self.tally.check(f"copy to {medium.kind}", wrong)
        done = self.copy(self.large, medium.folder)
        self.tally.check(f"copy to {medium.kind}, again", self.copied_fault(done, self.large, medium, "was-there"))
        os.unlink(medium.path(NAME))

    def packed(self, medium):
        home = self.lab.copy_home(self.lab.alice, self.lab.new_folder())
        done = self.lab.pack(home, medium.folder + "/", self.reports)
        wrong = None if done.status == 0 else str(done)
        wrong = wrong or (None if done.json["read-back"] else "it was not read back")
        if not wrong:
            out = os.path.join(self.lab.new_folder(), "out")
            opened = self.lab.run(self.lab.copy_home(self.lab.bob, self.lab.new_folder()), "unpack", "-o", out, done.json["path"])
            wrong = None if opened.status == 0 and same_tree(self.reports, os.path.join(out, "reports")) else f"unpack: {opened}"
        self.tally.check(f"pack to {medium.kind}", wrong or (f"{medium.names()}" if len(medium.names()) != 2 else None))
        for name in medium.names():
            os.unlink(medium.path(name))

    def small_rooms(self, medium):
        """Told before the first byte: too large for what is free; and on FAT, for any file."""
        rows = [(60 * MIB, "there is room for", "no-space")]
        if medium.kind == "fat":
            rows.append((4 << 30, "holds no file of more than 4294967295", "no-space"))
        for size, words, code in rows:
            sparse = os.path.join(self.lab.new_folder(), NAME)
            with open(sparse, "wb") as f:
                f.truncate(size)
            done = self.copy(sparse, medium.folder)
            told = words in ((done.json or {}).get("error", {}).get("message") or "")
            wrong = done.clean_failure(7) or (None if done.code == code and told else f"says otherwise: {done}")
            self.tally.check(f"copy {size} bytes to {medium.kind}", wrong or (f"left {medium.names()}" if medium.names() else None))

    def forgets(self, medium):
        home = self.lab.copy_home(self.lab.alice, self.lab.new_folder())
        faults = {"LAB_TWICE": ".part-", "LAB_ALWAYS": 1, "LAB_FROM": 100_000, "LAB_TO": 100_001}
        done = self.lab.pack(home, medium.path(NAME), self.reports, faults=faults)
        told = "does not give back" in ((done.json or {}).get("error", {}).get("message") or "")
        wrong = done.clean_failure(7) or (None if told else f"says otherwise: {done}")
        self.tally.check(f"pack to {medium.kind} with another byte", wrong or (f"left {medium.names()}" if medium.names() else None))
        again = self.lab.pack(home, medium.path(NAME), self.reports)
        self.tally.check(f"pack to {medium.kind} once more", None if again.status == 0 and again.json["to"][0]["sequence"] == 1 else str(again))
        for name in medium.names():
            os.unlink(medium.path(name))

    @staticmethod
    def put_back(medium):
        """None, or what is wrong: nothing may be written to the folder of this machine where it had been."""
        medium.settle()
        beneath = medium.names()
        return f"wrote {beneath} where the medium had been" if beneath else medium.mount()

    def pulled(self, make):
        """It goes away while it is written to; put back in, the same command goes on or begins anew."""
        for at in (1, 12, 19):
            medium = make()
            faults = {"LAB_CLASSES": "w", "LAB_FILE": f"{NAME}.part", "LAB_AT": at, "LAB_ACTION": "run", "LAB_COMMAND": medium.leave()}
            done = self.copy(self.large, medium.folder, faults=faults)
            # A lazy unmounting lets those go on who have the file open; then the folder is not there to name it in.
            wrong = done.clean_failure(7) if done.status != 0 else None
            wrong = wrong or self.put_back(medium)
            if not wrong and NAME in medium.names() and not self.same(self.large, medium.path(NAME)):
                wrong = "half a file has the final name"
            wrong = wrong or self.copied_fault(self.copy(self.large, medium.folder), self.large, medium)
            left = [] if wrong else [n for n in medium.names() if n not in (NAME, NAME + ".parity")]
            self.tally.check(f"copy to {medium.kind}, pulled out at write {at}, and put back", wrong or (f"left {left}" if left else None))
            medium.end()

    def pulled_from_pack(self, make):
        """What was packed onto it has its name and is whole, or has none; the next bundle can be packed."""
        medium, home = make(), self.lab.copy_home(self.lab.alice, self.lab.new_folder())
        faults = {"LAB_CLASSES": "w", "LAB_FILE": ".part-", "LAB_AT": 3, "LAB_ACTION": "run", "LAB_COMMAND": medium.leave()}
        done = self.lab.pack(home, medium.path(NAME), "--parity", "20%", self.reports, faults=faults)
        wrong = done.clean_failure(7) if done.status != 0 else None
        if wrong is None and medium.names():
            wrong = f"beneath the medium lies {medium.names()}"
        wrong = wrong or self.put_back(medium)
        for name, found in (("first", NAME), ("next", "next.valise")):
            if wrong or (name == "first" and NAME not in medium.names()):
                continue
            if name == "next":
                again = self.lab.pack(home, medium.path(found), self.reports)
                wrong = None if again.status == 0 else f"the next: {again}"
            judged = self.lab.run(self.lab.courier, "verify", medium.path(found))
            wrong = wrong or (None if judged.status == 0 else f"the {name} bundle: {judged}")
        self.tally.check(f"pack to {medium.kind}, pulled out at a write, and put back", wrong)
        medium.end()

    def pulled_between(self, kind):
        """It leaves after the first of two: the second does not go into the folder that is left of it."""
        medium = Fuse(self.lab, kind)
        second = os.path.join(self.lab.new_folder("s"), "c.valise")
        shutil.copy(self.small, second)
        faults = {"LAB_CLASSES": "n", "LAB_FILE": f"{NAME}.part", "LAB_AT": 1, "LAB_ACTION": "run", "LAB_COMMAND": medium.leave()}
        done = self.lab.run(self.lab.courier, "copy", self.small, second, medium.folder, faults=faults)
        wrong = done.clean_failure(7) or (None if not os.path.ismount(medium.folder) else "it did not leave")
        self.tally.check(f"copy of two to {kind}, pulled out between them", wrong or (f"left {medium.names()}" if medium.names() else None))
        medium.end()

    def killed_driver(self, kind):
        """The program that drives it dies, as a stick does that is pulled without a word: every call fails from then on."""
        for at in (1, 12, 19):
            medium = Fuse(self.lab, kind)
            if medium.fault:
                return
            kill = f"fuser -k -KILL -s {medium.loop or medium.image}; true"
            faults = {"LAB_CLASSES": "w", "LAB_FILE": f"{NAME}.part", "LAB_AT": at, "LAB_ACTION": "run", "LAB_COMMAND": kill}
            done = self.copy(self.large, medium.folder, faults=faults)
            wrong = done.clean_failure(7)
            quiet("umount", "-l", medium.folder)
            medium.settle()
            if kind == "fat":
                quiet("fsck.fat", "-a", "-w", medium.image)
            wrong = wrong or medium.mount()
            wrong = wrong or ("a file has the final name" if NAME in medium.names() else None)
            again = self.copy(self.large, medium.folder)
            if again.status == 7 and not medium.names():  # the file system forgot where the file was; then it begins anew
                again = self.copy(self.large, medium.folder)
            wrong = wrong or self.copied_fault(again, self.large, medium)
            self.tally.check(f"copy to {kind}, its driver dies at write {at}", wrong)
            medium.end()

    def each(self, *steps):
        """One step that breaks off is a failure, and the others are done."""
        self.tally.each(lambda step: step(), steps, jobs=1)

    def all(self):
        self.each(self.full, self.filled_meanwhile, self.read_only, self.every_call, self.forgetful, self.source_changes,
                  self.replugging, self.replug_interrupted, self.pulled_disk)
        for kind in ("fat", "exfat"):
            self.each(lambda kind=kind: self.on_media(kind), lambda kind=kind: self.killed_driver(kind))
