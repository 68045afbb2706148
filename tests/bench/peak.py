# SPDX-License-Identifier: Apache-2.0
"""How much memory a program and all that it starts hold at once."""
import os
import threading

PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY_S = 0.004


def children():
    """parent -> [process], of all processes."""
    tree = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", "rb") as f:
                tree.setdefault(int(f.read().rpartition(b")")[2].split()[1]), []).append(int(pid))
        except OSError:
            pass
    return tree


def read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as f:
            return f.read()
    except OSError:
        return b""


def resident(pid):
    """Its own pages and its share of those that several processes have."""
    for line in read(pid, "smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) << 10
    fields = read(pid, "statm").split()
    return int(fields[1]) * PAGE if len(fields) > 1 else 0


class Peak:
    """Looks every few milliseconds; the largest process's own high-water mark, which the kernel keeps, cannot be missed.
    private: agents are no children of ours, but their homes lie there."""

    def __init__(self, private):
        self.bytes, self.private = 0, private.encode()

    def watch(self, pid):
        threading.Thread(target=self.look, args=(pid,), daemon=True).start()

    def members(self, pid):
        tree, found = children(), [pid]
        for one in found:
            found.extend(tree.get(one, ()))
        agents = [p for p in tree.get(1, ()) if self.private in read(p, "cmdline") or b"/valise-" in read(p, "cmdline")]
        return found + [p for p in agents if p not in found]

    def look(self, pid):
        marks = {}
        wait = threading.Event()
        while os.path.exists(f"/proc/{pid}/stat") and b") Z" not in read(pid, "stat"):
            now = 0
            for one in self.members(pid):
                size = resident(one)
                now += size
                for line in read(one, "status").splitlines():
                    if line.startswith(b"VmHWM:"):
                        marks[one] = max(marks.get(one, 0), int(line.split()[1]) << 10)
            self.bytes = max(self.bytes, now, *marks.values()) if marks else max(self.bytes, now)
            wait.wait(EVERY_S)
