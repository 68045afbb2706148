#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second implementation of parity files, from valise-format(5), PARITY, alone: slow, and sharing nothing with the program.

make FILE PERMILLE OUT: the parity file of a file. header BYTES PERMILLE OUT: only a header that tells such sizes, at the front of
OUT. alike BYTES PERMILLE OUT SLICE: header and table of a file of so many bytes, all of whose slices, of parity as well, are as
SLICE says, up to its length zeros; with a length that has room for parity, and nothing there. new BYTES PERMILLE OUT: the parity file of a file of so many bytes. check FILE PARITY: whether that is its parity file."""
import hashlib
import struct
import sys

POLYNOMIAL = 0xC96C5795D7870F42
CRC = []
for _i in range(256):
    _c = _i
    for _ in range(8):
        _c = _c >> 1 ^ (POLYNOMIAL if _c & 1 else 0)
    CRC.append(_c)


def crc(data, value=0):
    value ^= (1 << 64) - 1
    for byte in data:
        value = value >> 8 ^ CRC[(value ^ byte) & 255]
    return value ^ (1 << 64) - 1


def product(a, b):
    result = 0
    while b:
        if b & 1:
            result ^= a
        a <<= 1
        if a & 256:
            a ^= 0x11D
        b >>= 1
    return result


INVERSE = [0] * 256
for _i in range(1, 256):
    INVERSE[_i] = next(j for j in range(1, 256) if product(_i, j) == 1)
TIMES = [bytes(product(a, b) for b in range(256)) for a in range(256)]


def up(a, b):
    return -(-a // b)


class Shape:
    def __init__(self, length, permille):
        self.length, self.permille = length, permille
        self.slice = 512
        while length > self.slice << (13 if self.slice < 4096 else 18):
            self.slice *= 2
        self.slices = up(length, self.slice)
        self.rows = up(self.slices, 126000 // (1000 + permille))
        self.columns = up(self.slices, self.rows)
        run = length * permille // 1000
        self.parity = up(1 if run == 0 else up(run - 1, self.slice) + 1, self.rows)
        self.blocks = up(self.slices + self.parity * self.rows, 62)

    def header(self, table):
        told = b"valise-parity 1\n" + struct.pack("<QIIIIII", self.length, self.permille, self.slice, self.rows, self.columns,
                                                   self.parity, 0)
        told = (told + table).ljust(504, b"\0")
        return told + struct.pack("<Q", crc(told))


def parity_of(columns, count):
    out = []
    for p in range(count):
        total = 0
        for d, column in enumerate(columns):
            total ^= int.from_bytes(column.translate(TIMES[INVERSE[len(columns) + p ^ d]]), "little")
        out.append(total.to_bytes(len(columns[0]), "little"))
    return out


def table_of(s, sums, table):
    blocks, start = [], crc(table[:8])
    for n in range(s.blocks):
        block = sums[n * 496:(n + 1) * 496].ljust(496, b"\0") + struct.pack("<Q", n)
        blocks.append(block + struct.pack("<Q", crc(block, start)))
    return b"".join(blocks)


def make(data, permille):
    s = Shape(len(data), permille)
    column = s.rows * s.slice
    padded = data.ljust(s.columns * column, b"\0")
    parity = parity_of([padded[i:i + column] for i in range(0, len(padded), column)], s.parity)
    slices = [padded[i * s.slice:(i + 1) * s.slice] for i in range(s.slices)]
    slices += [column[i:i + s.slice] for column in parity for i in range(0, len(column), s.slice)]
    sums = b"".join(struct.pack("<Q", crc(one)) for one in slices)
    table = hashlib.sha256(sums).digest()
    blocks = table_of(s, sums, table)
    header, half = s.header(table), s.parity // 2
    return header + blocks + b"".join(parity[:half]) + header + b"".join(parity[half:]) + blocks + header


def main():
    what, one, two, three = (sys.argv[1:] + ["", ""])[:4]
    if what == "make":
        with open(one, "rb") as f, open(three, "wb") as g:
            g.write(make(f.read(), int(two)))
    elif what == "header":
        length, permille = int(one), int(two)
        shape = Shape(min(length, 1 << 43), min(permille, 1000))
        shape.length, shape.permille = length, permille  # what cannot be is told all the same
        with open(three, "r+b") as f:
            f.write(shape.header(bytes(32)))
    elif what == "alike":
        s = Shape(int(one), int(two))
        with open(sys.argv[5], "rb") as f:
            slice_sum = crc(f.read(s.slice).ljust(s.slice, b"\0"))
        sums = struct.pack("<Q", slice_sum) * (s.slices + s.parity * s.rows)
        table = hashlib.sha256(sums).digest()
        with open(three, "wb") as f:
            f.write(s.header(table) + table_of(s, sums, table))
            f.truncate(1536 + 2 * 512 * s.blocks + s.parity * s.rows * s.slice)
    elif what == "new":
        with open(three, "wb") as f:
            f.write(make(bytes(range(250)) * (int(one) // 250), int(two)))
    elif what == "check":
        with open(one, "rb") as f, open(two, "rb") as g:
            data, found = f.read(), g.read()
            permille = struct.unpack_from("<I", found, 24)[0]
            if make(data, permille) != found:
                sys.exit("another parity file")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
