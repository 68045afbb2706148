# SPDX-License-Identifier: Apache-2.0
"""What media are for, made to fail at each call: a bundle packed onto one, copied, mended."""
import os
import shutil

from points import Copy, Pack, Repair


def mounts_as_media(lab):
    """What is mounted, all of it said to be exFAT on no disk of this machine."""
    path = os.path.join(lab.root, "mounts")
    with open("/proc/self/mountinfo", encoding="utf-8") as f, open(path, "w", encoding="utf-8") as g:
        for line in f:
            words = line.split(" ")
            words[2], words[words.index("-") + 1] = "0:0", "exfat"
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


def media_jobs(lab, reports, bundle):
    """bundle: the reports, sealed, with a parity file."""
    return PackToMedium(lab, reports), Copy(lab, bundle), Repair(lab, bundle)
