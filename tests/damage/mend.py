# SPDX-License-Identifier: Apache-2.0
"""What media do to files, by a seed; and that a repair ends with the very bytes, or with an honest refusal and nothing made.

Each kind of damage is a generator of (what it is, whether it must be mended, bundle, parity file)."""
import os
import random
import shutil
import sys

from members import members_of

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "second"))
from parity import Shape  # noqa: E402  pylint: disable=wrong-import-position

SHARES = {"2%": 20, "10%": 100, "40%": 400}
FILES = {"reports/a.bin": 700_000, "reports/b.txt": 100}


class Image:
    """A file as it lies on a medium. Each kind of damage changes it once, at a place of the wished kind, and notes which bytes are lost."""

    def __init__(self, source, data, most, spots, where):
        self.source, self.data, self.most, self.spots, self.where = source, data, most, spots, where
        self.lost = []       # (from, how many)
        self.moved = False   # whether bytes stand elsewhere

    def place(self, length, unit=1):
        """Where something of this length goes, on the border of a unit."""
        room = len(self.data) - length
        at = {"front": 0, "middle": room // 2, "end": room}.get(self.where)
        if self.where == "header":  # over one of the file's small parts, or a piece of it
            at = self.source.choice(self.spots) + self.source.randrange(512) - self.source.randrange(length)
        elif at is None:
            at = self.source.randrange(room + 1)
        return min(max(at, 0), room) // unit * unit

    def overwrite(self, at, fresh):
        self.data = self.data[:at] + fresh + self.data[at + len(fresh):]
        self.lost.append((at, len(fresh)))

    def cut(self, length):
        self.lost.append((length, len(self.data) - length))
        self.data = self.data[:length]


def bit_flips(source, image):
    count, spread = source.randint(1, 40), source.choice((1, 4096, len(image.data)))
    first = image.place(spread)
    for _ in range(count):
        at = first + source.randrange(spread)
        image.overwrite(at, bytes([image.data[at] ^ 1 << source.randrange(8)]))
    return f"{count} bits flipped in {spread} bytes"


def zeroed_sectors(source, image):
    size = source.choice((512, 4096))
    count = source.randint(1, max(1, len(image.data) // size // 100))
    for n in range(count):
        at = image.place(size, size) if n == 0 else source.randrange(len(image.data) // size) * size
        image.overwrite(at, bytes(size))
    return f"{count} sectors of {size} zeroed"


def lost_run(source, image):
    length = source.randint(512, max(512, image.most))
    image.overwrite(image.place(length), source.choice((bytes(length), source.randbytes(length), b"\xff" * length)))
    return f"{length} bytes lost"


def lost_share(source, image):
    image.overwrite(image.place(image.most), source.randbytes(image.most))
    return f"the whole share, {image.most} bytes, lost"


def too_long_a_run(source, image):
    length = source.randint(image.most + 1, min(len(image.data), 3 * image.most))
    image.overwrite(image.place(length), source.randbytes(length))
    return f"{length} bytes lost, more than the share"


def truncated(source, image):
    length = source.randint(1, image.most)
    image.cut(len(image.data) - length)
    return f"{length} bytes cut off"


def cut_anywhere(_, image):
    image.cut(image.place(1))
    return f"cut to {len(image.data)} bytes"


def swapped_sectors(source, image):
    size, count = source.choice((512, 4096)), source.randint(1, 6)
    image.moved = True
    for n in range(count):
        a = image.place(size, size) if n == 0 else source.randrange(len(image.data) // size) * size
        b = source.randrange(len(image.data) // size) * size
        here, there = image.data[a:a + size], image.data[b:b + size]
        image.overwrite(a, there)
        image.overwrite(b, here)
    return f"{count} pairs of sectors of {size} swapped"


def duplicated_sectors(source, image):
    size, count = source.choice((512, 4096)), source.randint(1, 6)
    for n in range(count):
        b = image.place(size, size) if n == 0 else source.randrange(len(image.data) // size) * size
        a = source.randrange(len(image.data) // size) * size
        image.overwrite(b, image.data[a:a + size])
    return f"{count} sectors of {size} written twice"


def shifted_tail(source, image):
    image.moved = True
    if source.random() < 0.5:
        length, at = source.choice((1, 7, 512, 4096, source.randint(1, 5000))), image.place(1)
        image.data = image.data[:at] + source.randbytes(length) + image.data[at:]
        image.lost.append((at, 1))
        return f"{length} bytes put in"
    length = source.randint(1, max(1, image.most - 1024))
    at = image.place(length)
    image.data = image.data[:at] + image.data[at + length:]
    image.lost.append((at, length))
    return f"{length} bytes taken out"


def stuck_block(source, image):
    size = source.choice((512, 4096, 16384))
    count = source.randint(1, max(1, image.most // size - 1))
    length = min(size * (count + 1), len(image.data) // size * size)
    at = image.place(length, size)
    image.overwrite(at + size, (image.data[at:at + size] * count)[:len(image.data) - at - size])
    return f"the block of {size} read {count} times more"


KINDS = (bit_flips, zeroed_sectors, lost_run, lost_share, too_long_a_run, truncated, cut_anywhere, swapped_sectors,
         duplicated_sectors, shifted_tail, stuck_block)
PLACES = ("anywhere", "front", "header", "middle", "end")


class Pair:
    """A bundle and its parity file, as they were made."""

    def __init__(self, path, permille):
        with open(path, "rb") as f, open(path + ".parity", "rb") as g:
            self.data, self.parity = f.read(), g.read()
        self.permille, self.shape = permille, Shape(len(self.data), permille)
        self.headers = [m.header for m in members_of(self.data)]
        self.table, column = 512 * self.shape.blocks, self.shape.rows * self.shape.slice
        self.column_at = [512 + self.table + p * column + (512 if p >= self.shape.parity // 2 else 0)
                          for p in range(self.shape.parity)]
        self.header_at = (0, self.column_at[self.shape.parity // 2] - 512, len(self.parity) - 512)
        self.table_at = (512, len(self.parity) - 512 - self.table)

    def image(self, source, where):
        return Image(source, self.data, len(self.data) * self.permille // 1000, self.headers, where)

    def parity_image(self, source, where):
        """Half the share of it, that something can be mended with the other half."""
        most = len(self.parity) * self.permille // 2000
        return Image(source, self.parity, most, (*self.header_at, *self.table_at), where)

    def slices(self, runs, start=0, count=None):
        """Numbers of those, from `start` on in the file, that runs of bytes touch."""
        found, size = set(), self.shape.slice
        for at, length in runs:
            first, behind = max(at - start, 0) // size, -(-(at + length - start) // size)
            found.update(range(first, min(behind, self.shape.slices if count is None else count)))
        return found

    def parity_is_enough(self, image, parity):
        """Whether all that is lost can be given back: counted, not asked of the program."""
        touched = lambda at, length: any(a < at + length and at < a + n for a, n in parity.lost)  # noqa: E731
        if len(parity.data) != len(self.parity) or all(touched(at, 512) for at in self.header_at):
            return False
        for n in range(self.shape.blocks):
            if all(touched(at + 512 * n, 512) for at in self.table_at):
                return False
        # What moved is found again, but of zeros, which are everywhere, it is not known which they were.
        left = [self.shape.parity - (2 if image.moved else 0)] * self.shape.rows
        for number in self.slices(image.lost):
            left[number % self.shape.rows] -= 1
        for start in self.column_at:
            for number in self.slices(parity.lost, start, self.shape.rows):
                left[number] -= 1
        return min(left) >= 0


def cases(pairs, count, source):
    """pairs: share -> Pair. Every kind at every place; of six rounds one spoils the parity file as well, and one that alone."""
    for n in range(count):
        share, kind, where = source.choice(list(pairs)), KINDS[n % len(KINDS)], PLACES[n // len(KINDS) % len(PLACES)]
        pair, turn = pairs[share], n // len(KINDS) % 6
        image, parity = pair.image(source, where), pair.parity_image(source, where)
        told = []
        if turn != 5:
            told.append(f"{kind(source, image)}, {where}")
        if turn in (2, 5):  # it lies on the same medium
            kind = kind if turn == 5 else source.choice(KINDS)
            told.append(f"of its parity file, {kind(source, parity)}, {where}")
        must = pair.parity_is_enough(image, parity) or not image.lost
        if not must and not parity.lost and kind in (lost_run, lost_share, truncated):
            raise AssertionError(f"{told}: that is within the share")
        yield f"mend, {share}: {'; '.join(told)}", must, share, image.data, parity.data


class Mending:
    def __init__(self, lab, tally):
        self.lab, self.tally = lab, tally
        self.mended = self.refused = self.whole = self.must = 0
        self.good = {}

    def prepare(self, source_folder):
        for share in SHARES:
            path = os.path.join(self.lab.root, f"mend{SHARES[share]}.valise")
            done = self.lab.run(self.lab.alice, "pack", "--to", "bob", "--label", "TLP:AMBER", "--label", "PD:NONE", "--yes",
                                "--parity", share, "-o", path, source_folder)
            assert done.status == 0, str(done)
            self.good[share] = Pair(path, SHARES[share])

    def fault_of(self, done, must, share, new, folder, inputs):
        """None where the outcome is one of the two that are allowed."""
        left = sorted(set(os.listdir(folder)) - inputs)
        if done.status != 0:
            wrong = done.clean_failure(3, 4, 8)
            if wrong or left or done.left:
                return wrong or f"left {left} {done.left}"
            self.refused += 1
            return f"could not be mended: {done}" if must else None
        was_whole = done.json["path"] is None
        if was_whole != done.json.get("repair", {"whole": True})["whole"] or left != ([] if was_whole else ["new.valise", "new.valise.parity"]):
            return f"made {left}: {done.json}"
        if not was_whole:
            with open(new, "rb") as f, open(new + ".parity", "rb") as g:
                if (f.read(), g.read()) != (self.good[share].data, self.good[share].parity):
                    return "MENDED TO ANOTHER FILE"
            self.mended += 1
        self.whole += was_whole
        self.must += must
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
        if done.status == 0 and done.json["path"] is None and damaged != self.good[share].data:
            wrong = "another file was said to be whole"
        self.tally.check(name, wrong)
        shutil.rmtree(folder)

    def run(self, count, seed):
        source = random.Random(seed)
        left = cases(self.good, count, source)
        for first in range(0, count, 100):
            self.tally.each(self.one, [next(left) for _ in range(min(100, count - first))])
            if first % 1000 == 900:
                print(f"{first + 100} damaged", flush=True)
        print(f"{count} damaged: {self.mended} mended, {self.whole} whole but for their parity file, {self.refused} refused; "
              f"{self.must} had to be mended; seed {seed}", flush=True)
