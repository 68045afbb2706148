# SPDX-License-Identifier: Apache-2.0
"""What media do to files, by a seed; and that a repair ends with the very bytes, or with an honest refusal and nothing made.

Each kind of damage is a generator of (what it is, whether it must be mended, bundle, parity file)."""
import os
import random
import shutil

SHARES = {"2%": 20, "10%": 100, "40%": 400}
FILES = {"reports/a.bin": 700_000, "reports/b.txt": 100}


def overwritten(data, at, fresh):
    return data[:at] + fresh + data[at + len(fresh):]


def bit_flips(source, data, most):
    changed = bytearray(data)
    count = source.randint(1, 40)
    for _ in range(count):
        changed[source.randrange(len(data))] ^= 1 << source.randrange(8)
    return f"{count} bits flipped", most >= 40 * 512 * 8, bytes(changed)


def zeroed_sectors(source, data, most):
    size = source.choice((512, 4096))
    count = source.randint(1, max(1, len(data) // size // 100))
    for _ in range(count):
        at = source.randrange(len(data) // size) * size
        data = overwritten(data, at, bytes(min(size, len(data) - at)))
    return f"{count} sectors of {size} zeroed", count * (size + 512) <= most and count == 1, data


def lost_run(source, data, most):
    length = source.randint(512, most)
    at = source.choice((0, len(data) - length, source.randrange(len(data) - length)))
    fresh = source.choice((bytes(length), source.randbytes(length), b"\xff" * length))
    return f"{length} bytes lost at {at}", True, overwritten(data, at, fresh)


def lost_share(source, data, most):
    at = source.choice((0, len(data) - most, source.randrange(len(data) - most)))
    return f"the whole share, {most} bytes, lost at {at}", True, overwritten(data, at, source.randbytes(most))


def too_long_a_run(source, data, most):
    length = source.randint(most + 1, min(len(data), 3 * most))
    at = source.randrange(len(data) - length + 1)
    return f"{length} bytes lost at {at}, more than the share", False, overwritten(data, at, source.randbytes(length))


def truncated(source, data, most):
    length = source.randint(1, most)
    return f"{length} bytes cut off", True, data[:-length]


def cut_anywhere(source, data, _):
    length = source.randrange(len(data))
    return f"cut to {length} bytes", False, data[:length]


def swapped_sectors(source, data, most):
    size, count = source.choice((512, 4096)), source.randint(1, 6)
    changed = bytearray(data)
    for _ in range(count):
        a, b = (source.randrange(len(data) // size) * size for _ in range(2))
        changed[a:a + size], changed[b:b + size] = changed[b:b + size], changed[a:a + size]
    return f"{count} pairs of sectors of {size} swapped", True, bytes(changed)


def duplicated_sectors(source, data, most):
    size, count = source.choice((512, 4096)), source.randint(1, 6)
    for _ in range(count):
        a, b = (source.randrange(len(data) // size) * size for _ in range(2))
        data = overwritten(data, b, data[a:a + size])
    return f"{count} sectors of {size} written twice", count * (size + 512) <= most and count == 1, data


def shifted_tail(source, data, most):
    at = source.randrange(len(data))
    if source.random() < 0.5:
        length = source.choice((1, 7, 512, 4096, source.randint(1, 5000)))
        return f"{length} bytes put in at {at}", True, data[:at] + source.randbytes(length) + data[at:]
    length = source.randint(1, max(1, most - 1024))
    return f"{length} bytes taken out at {at}", True, data[:at] + data[at + length:]


def stuck_block(source, data, most):
    size = source.choice((512, 4096, 16384))
    at = source.randrange(len(data) // size) * size
    count = source.randint(1, max(1, most // size - 1))
    fresh = (data[at:at + size] * (count + 1))[:len(data) - at]
    return f"the block of {size} at {at} read {count} times more", (count + 1) * size <= most, overwritten(data, at, fresh)


KINDS = (bit_flips, zeroed_sectors, lost_run, lost_share, too_long_a_run, truncated, cut_anywhere, swapped_sectors,
         duplicated_sectors, shifted_tail, stuck_block)


def cases(bundles, count, source):
    """bundles: share -> (bundle, parity file)."""
    for n in range(count):
        share = source.choice(list(bundles))
        data, parity = bundles[share]
        kind = KINDS[n % len(KINDS)]
        most = len(data) * SHARES[share] // 1000
        what, must, damaged = kind(source, data, most)
        if n // len(KINDS) % 3 == 2:  # the parity file lies on the same medium
            more, _, parity = source.choice(KINDS)(source, parity, len(parity) * SHARES[share] // 1000)
            what, must = f"{what}; of its parity file, {more}", False
        yield f"mend, {share}: {what}", must, share, damaged, parity


class Mending:
    def __init__(self, lab, tally):
        self.lab, self.tally = lab, tally
        self.mended = self.refused = 0
        self.good = {}

    def prepare(self, source_folder):
        for share in SHARES:
            path = os.path.join(self.lab.root, f"mend{SHARES[share]}.valise")
            done = self.lab.run(self.lab.alice, "pack", "--to", "bob", "--label", "TLP:AMBER", "--label", "PD:NONE", "--yes",
                                "--parity", share, "-o", path, source_folder)
            assert done.status == 0, str(done)
            with open(path, "rb") as f, open(path + ".parity", "rb") as g:
                self.good[share] = f.read(), g.read()

    def fault_of(self, done, must, share, new, folder, inputs):
        """None where the outcome is one of the two that are allowed."""
        left = sorted(set(os.listdir(folder)) - inputs)
        if done.status != 0:
            wrong = done.clean_failure(3, 4, 8)
            if wrong or left or done.left:
                return wrong or f"left {left} {done.left}"
            self.refused += 1
            return f"could not be mended: {done}" if must else None
        was_whole = done.json["repair"]["whole"]
        if was_whole != (done.json["path"] is None) or left != ([] if was_whole else ["new.valise", "new.valise.parity"]):
            return f"made {left}: {done.json}"
        if not was_whole:
            with open(new, "rb") as f, open(new + ".parity", "rb") as g:
                if (f.read(), g.read()) != self.good[share]:
                    return "MENDED TO ANOTHER FILE"
        self.mended += 1
        return None

    def one(self, case):
        name, must, share, damaged, parity = case
        folder = self.lab.new_folder("m")
        path, new = os.path.join(folder, "b.valise"), os.path.join(folder, "new.valise")
        with open(path, "wb") as f, open(path + ".parity", "wb") as g:
            f.write(damaged)
            g.write(parity)
        inputs = set(os.listdir(folder))
        done = self.lab.run(self.lab.courier, "repair", "-o", new, path)
        wrong = self.fault_of(done, must, share, new, folder, inputs)
        if done.status == 0 and done.json["repair"]["whole"] and damaged != self.good[share][0]:
            wrong = "another file was said to be whole"
        self.tally.check(name, wrong)
        shutil.rmtree(folder)

    def run(self, count, seed):
        source = random.Random(seed)
        left = cases(self.good, count, source)
        for first in range(0, count, 100):
            self.tally.each(self.one, [next(left) for _ in range(min(100, count - first))])
        print(f"{count} damaged bundles: {self.mended} mended, {self.refused} refused; seed {seed}", flush=True)
