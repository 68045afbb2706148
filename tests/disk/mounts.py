# SPDX-License-Identifier: Apache-2.0
"""What is mounted for a test, and taken away again."""
import os
import subprocess
import time

MIB = 1 << 20


def quiet(*command):
    return subprocess.run(command, capture_output=True, check=False, text=True)


class Mounted:
    """What is mounted now: ended by whoever mounted it, and at the end by everybody's, whatever went wrong."""
    now = []

    def __init__(self):
        self.now.append(self)

    def end(self):
        if self in self.now:
            self.now.remove(self)
            self.take_away()

    def take_away(self):
        raise NotImplementedError

    @classmethod
    def end_all(cls):
        for one in list(cls.now):
            one.end()


class Fuse(Mounted):
    """A file system of media, driven by a program: "fat" or "exfat"."""
    TOOLS = {"fat": ("mkfs.vfat", "fusefat"), "exfat": ("mkfs.exfat", "mount.exfat-fuse")}

    def __init__(self, lab, kind, mib=40):
        super().__init__()
        self.kind, self.folder = kind, lab.new_folder("m")
        self.image = self.folder + ".img"
        with open(self.image, "wb") as f:
            f.truncate(mib * MIB)
        self.loop = None  # the exFAT one wants a disk
        self.fault = self.make() or self.mount()

    def make(self):
        done = quiet(self.TOOLS[self.kind][0], self.image)
        return None if done.returncode == 0 else done.stderr or "no such file system can be made"

    def mount(self):
        words = ["fusefat", "-o", "rw+", self.image, self.folder]
        if self.kind == "exfat":
            self.loop = quiet("losetup", "--find", "--show", self.image).stdout.strip() or None
            words = ["mount.exfat-fuse", self.loop or self.image, self.folder]
        done = quiet(*words)
        if done.returncode != 0 or not os.path.ismount(self.folder):
            return done.stderr or done.stdout or "cannot be mounted"
        return None

    def path(self, name):
        return os.path.join(self.folder, name)

    def names(self):
        return sorted(os.listdir(self.folder))

    def leave(self):
        """The medium is gone while it is written to."""
        return f"umount -l {self.folder}"

    def settle(self):
        """Its program ends some time after the medium is gone; the image is its own until then."""
        for _ in range(200):
            if quiet("fuser", "-s", self.loop or self.image).returncode != 0:
                break
            time.sleep(0.05)
        if self.loop is not None:
            quiet("losetup", "--detach", self.loop)
            self.loop = None

    def take_away(self):
        quiet("umount", "-l", self.folder)
        self.settle()
        os.unlink(self.image)
