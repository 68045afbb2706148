# SPDX-License-Identifier: Apache-2.0
"""make_vectors.py [--check] DIR: writes the vectors into DIR, byte for byte the same each time, or compares them.

With --check nothing is written; exit 1 names what differs. The bytes depend on this program's text alone: no clock, no
random numbers, no compressor.
"""
import importlib
import os
import sys

import shared
from cast import Cast
from vector import Book

MODULES = ["good", "good_facts", "hidden", "shared", "pairs", "bad_container", "bad_signature", "bad_waybill", "bad_inside", "bad_manifest",
           "bad_facts", "bad_payload", "matrix"]


def build():
    """Relative path -> bytes of everything that is generated."""
    cast = Cast()
    out, book = {**cast.files(), **shared.files()}, Book(cast)
    for name in MODULES:
        importlib.import_module(name).vectors(book)
    names = [v.name for v in book.vectors]
    if len(set(names)) != len(names):
        raise SystemExit("two vectors of one name: " + ", ".join(n for n in set(names) if names.count(n) > 1))
    for vector in book.vectors:
        out[f"bundles/{vector.name}.valise"] = vector.data
    out["vectors.jsonl"] = "".join(vector.line() + "\n" for vector in book.vectors).encode()
    return out


def committed(folder):
    """What lies in the generated parts of the folder."""
    found = {}
    for part in ("keys", "bundles"):
        for name in sorted(os.listdir(os.path.join(folder, part))) if os.path.isdir(os.path.join(folder,
            part)) else []:
            with open(os.path.join(folder, part, name), "rb") as f:
                found[f"{part}/{name}"] = f.read()
    index = os.path.join(folder, "vectors.jsonl")
    if os.path.exists(index):
        with open(index, "rb") as f:
            found["vectors.jsonl"] = f.read()
    return found


def main(arguments):
    check = arguments[:1] == ["--check"]
    if len(arguments) != 1 + check:
        print(__doc__.split("\n", maxsplit=1)[0], file=sys.stderr)
        return 2
    folder, made = arguments[-1], build()
    if check:
        found = committed(folder)
        wrong = [name for name in sorted(set(made) | set(found)) if made.get(name) != found.get(name)]
        for name in wrong:
            print(f"{name}: {'missing' if name not in found else 'left over' if name not in made else 'differs'}")
        print(f"{len(made) - len(set(wrong) & set(made))} files as committed, {len(wrong)} not")
        return 1 if wrong else 0
    for name in set(committed(folder)) - set(made):
        os.remove(os.path.join(folder, name))
    for name, data in made.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
    print(f"{len(made)} files, {sum(map(len, made.values()))} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
