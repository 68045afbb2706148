#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""registry.py apart FILE DIR   an exported registry as a folder: registry.yaml, signatures/<FPR>.sig, certificates/<FPR>.pgp
   registry.py build DIR FILE   a file from such a folder, in the one form that is allowed; what else lies there comes last"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "second"))
from container import BLOCK, Member  # noqa: E402  pylint: disable=wrong-import-position

ORDER = ["valise-registry", "registry.yaml", "signatures", "certificates"]


def apart(path, folder):
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while data[at]:
        name, size = data[at:at + 100].rstrip(b"\0").decode(), int(data[at + 124:at + 135], 8)
        target = os.path.join(folder, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as f:
            f.write(data[at + BLOCK:at + BLOCK + size])
        at += BLOCK + (size + BLOCK - 1) // BLOCK * BLOCK


def place(name):
    top = name.split("/")[0]
    return (ORDER.index(top) if top in ORDER else len(ORDER), name)


def build(folder, path):
    names = sorted((os.path.relpath(os.path.join(where, name), folder) for where, _, files in os.walk(folder) for name in files),
                   key=place)
    with open(path, "wb") as out:
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                out.write(Member(name, f.read()).bytes())
        out.write(bytes(2 * BLOCK))


if __name__ == "__main__":
    {"apart": apart, "build": build}[sys.argv[1]](*sys.argv[2:])
