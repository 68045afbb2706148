# SPDX-License-Identifier: Apache-2.0
"""A medium of a known speed: a file system on a loop device over memory, held to so many bytes a second both ways.

By the block controller of control groups, version 1, at its root: there it also holds what the kernel writes out by itself."""
import contextlib
import os
import subprocess

MEMORY = "/dev/shm"
LIMITS = ["/sys/fs/cgroup/blkio/blkio.throttle.read_bps_device", "/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device"]


def missing():
    """Why there can be none here; None where there can."""
    if os.geteuid() != 0:
        return "it takes root"
    if not all(os.access(path, os.W_OK) for path in LIMITS):
        return "no block controller of version 1"
    return None


def told(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Stick:
    def __init__(self, folder, size_bytes, bytes_a_second):
        self.folder, self.size, self.speed = folder, size_bytes, bytes_a_second
        self.image = os.path.join(MEMORY, f"valise-bench-{os.getpid()}.img")
        self.loop, self.ends = None, contextlib.ExitStack()

    def hold(self, bytes_a_second):
        device = os.stat(self.loop).st_rdev
        for path in LIMITS:
            with open(path, "w", encoding="ascii") as f:
                f.write(f"{os.major(device)}:{os.minor(device)} {bytes_a_second}\n")

    def __enter__(self):
        with self.ends:
            with open(self.image, "wb") as f:
                self.ends.callback(os.unlink, self.image)
                f.truncate(self.size)
            told("mkfs.ext4", "-q", "-F", "-m", "0", self.image)
            self.loop = told("losetup", "--find", "--show", self.image)
            self.ends.callback(told, "losetup", "--detach", self.loop)
            self.ends.callback(self.hold, 0)
            self.hold(self.speed)
            told("mount", self.loop, self.folder)
            self.ends.callback(told, "umount", self.folder)
            self.ends = self.ends.pop_all()
        return self

    def __exit__(self, *_):
        self.ends.close()
