# SPDX-License-Identifier: Apache-2.0
"""What media are for, made to fail at each call: a bundle packed onto one, copied, split anew, mended, its lost volumes
given back."""
import os
import shutil

from points import Copy, Job, Pack, Repair

VOLUME_SIZE = "1280000"  # of a bundle of two chunks: each for itself


def bytes_of(path):
    with open(path, "rb") as f:
        return f.read()


def mounts_as_media(lab):
    """What is mounted, all of it said to be exFAT on no disk of this machine."""
    path = os.path.join(lab.root, "mounts")
    with open("/proc/self/mountinfo", encoding="utf-8") as f, open(path, "w", encoding="utf-8") as g:
        for line in f:
            words = line.split(" ")
            kind = words.index("-") + 1
            words[2], words[kind], words[kind + 1] = "0:0", "exfat", "none"
            g.write(" ".join(words))
    return path


class PackToMedium(Pack):
    """Written at the pace of the medium, and read back before it has its name."""
    name, target = "pack to a medium", "b.valise"
    everywhere = True

    def __init__(self, lab, source):
        super().__init__(lab, source)
        self.setting = {"LAB_MOUNTS": mounts_as_media(lab)}

    def count(self, classes, **more):
        folder, home, private = self.prepare()
        done = self.attempt(folder, home, private, {})
        assert done.json["read-back"] == "past-cache" or done.json["read-back"] == "cache-dropped", f"not read back: {done.json}"
        shutil.rmtree(folder)
        return super().count(classes, **more)


class Several(Job):
    """Files that are made together: after a failure all or none, after a kill some, each whole, and the same command goes on or says
    what is in its way."""
    everywhere = True

    def __init__(self, lab, home, made):
        super().__init__(lab, home)
        self.made = {os.path.basename(path): bytes_of(path) for path in made}

    def found(self, folder):
        return [n for n in self.made if os.path.lexists(os.path.join(folder, "to", n))]

    def is_there(self, folder):
        return len(self.found(folder)) == len(self.made)

    def beside(self, folder):
        mine = self.made if self.is_there(folder) else {}
        return sorted(n for n in os.listdir(os.path.join(folder, "to")) if n not in mine)

    def final_fault(self, folder):
        broken = [n for n in self.found(folder) if bytes_of(os.path.join(folder, "to", n)) != self.made[n]]
        return f"not as they were: {broken}" if broken else None

    def retry_fault(self, folder, home, private):
        found, words = self.found(folder), self.words(os.path.join(folder, "to", "any"))
        done = self.lab.run(home, *words, private=private)
        if found and done.status == 7 and done.code == "exists":
            for name in found:
                os.unlink(os.path.join(folder, "to", name))
            done = self.lab.run(home, *words, private=private)
        if done.status != 0:
            return f"the retry failed, {found} were there: {done}"
        return self.final_fault(folder) or (None if self.is_there(folder) else f"made only {self.found(folder)}")


class CopySplit(Several):
    name, target = "copy in volumes", "any"

    def __init__(self, lab, bundle, made):
        super().__init__(lab, lab.bob, made)
        self.bundle = bundle

    def words(self, path):
        return ["copy", "--volume-size", VOLUME_SIZE, self.bundle, os.path.dirname(path)]


class RepairVolumes(Several):
    name, target = "repair of volumes", "any"

    def __init__(self, lab, given, made):
        super().__init__(lab, lab.bob, made)
        self.given = given

    def words(self, path):
        return ["repair", "-o", os.path.dirname(path), *self.given]


def media_jobs(lab, reports, bundle):
    """bundle: the reports, sealed, with a parity file."""
    split, more = lab.new_folder("split"), lab.new_folder("more")
    lab.must(lab.courier, "copy", "--volume-size", VOLUME_SIZE, bundle, split)
    made = sorted(os.path.join(split, name) for name in os.listdir(split))
    volumes = [path for path in made if path.endswith(".valise")]
    lab.must(lab.courier, "repair", "--parity-volumes", "2", "-o", more, *volumes)
    given = sorted(os.path.join(more, name) for name in os.listdir(more))
    return (PackToMedium(lab, reports), Copy(lab, bundle), CopySplit(lab, bundle, made),
            Repair(lab, bundle), RepairVolumes(lab, given, volumes))
