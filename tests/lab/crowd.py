#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""crowd.py join HOME COUNT      many partners in the registry of a station, p0001 and so on, without a call of gpg each
   crowd.py order BUNDLE COUNT   for which of them each slot of a bundle is, by number in order of the slots; - for others

Their keys are the same every time: whoever made them can open what was sealed for them. Certificates are real ones; to make
thousands takes a while, so they are kept below build/."""
import base64
import hashlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "..", "..", "build")
sys.path.insert(0, os.path.join(HERE, "..", "second"))
from cast import Person  # noqa: E402  pylint: disable=wrong-import-position
import slots  # noqa: E402  pylint: disable=wrong-import-position


def people(count):
    for n in range(1, count + 1):
        yield f"p{n:04}", Person(f"p{n:04}", f"Agency {n}", "NL")


def cache_path():
    """Named by what the certificates are made of."""
    made_of = hashlib.sha256()
    for name in ("lab/crowd.py", "second/cast.py", "second/pgp.py"):
        with open(os.path.join(HERE, "..", name), "rb") as f:
            made_of.update(f.read())
    return os.path.join(BUILD, f"crowd-{made_of.hexdigest()[:12]}")


def cached():
    try:
        with open(cache_path(), encoding="utf-8") as f:
            return [tuple(line.split()) for line in f]
    except OSError:
        return []


def keep(rows):
    """Best effort, and whole or not: others may do the same now."""
    fresh = f"{cache_path()}.{os.getpid()}"
    try:
        with open(fresh, "w", encoding="utf-8") as f:
            f.writelines(" ".join(row) + "\n" for row in rows)
        os.replace(fresh, cache_path())
    except OSError:
        pass


def certificates(count):
    """Alias, fingerprint and certificate of each."""
    rows = cached()
    if len(rows) < count:
        rows = [(alias, person.fpr, base64.b64encode(person.certificate()).decode()) for alias, person in people(count)]
        keep(rows)
    return [(alias, fpr, base64.b64decode(text)) for alias, fpr, text in rows[:count]]


def entry(alias, fpr, certificate):
    fields = {"alias": alias, "fingerprint": fpr, "name": alias, "organisation": f"Agency {int(alias[1:])}",
              "kind": "station", "jurisdiction": "NL", "person": alias}
    lines = [f'  {key}: "{value}"\n' for key, value in fields.items()]
    lines += ['  roles: ["send", "receive"]\n', "  approvals: 1\n", "  ceilings: []\n", '  communities: ["first"]\n',
              '  added: "2026-01-01T00:00:00Z"\n', '  valid-until: ""\n',
              f'  certificate: "{hashlib.sha256(certificate).hexdigest()}"\n',
              '  key-ends:\n    signs: ""\n    encrypts: ""\n    revoked: false\n']
    return "- " + "".join(lines)[2:]


def join(home, count):
    path = os.path.join(home, "registry.yaml")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    os.makedirs(os.path.join(home, "keys"), mode=0o700, exist_ok=True)
    for alias, fpr, certificate in certificates(count):
        with open(os.path.join(home, "keys", fpr + ".pgp"), "wb") as f:
            f.write(certificate)
        text += entry(alias, fpr, certificate)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def slots_of(path):
    """The contents of keys/NNNN.pgp, in order."""
    with open(path, "rb") as f:
        data = f.read()
    at, out = 512 + 512, []
    while data[at:at + 5] == b"keys/":
        size = int(data[at + 124:at + 135], 8)
        out.append(data[at + 512:at + 512 + size])
        at += 512 + (size + 511) // 512 * 512
    return out


def whose(slot, crowd):
    for number, (_, person) in enumerate(crowd, 1):
        try:
            slots.decrypt(slot, [person.encryption])
            return str(number)
        except LookupError:
            pass
    return "-"


def main():
    verb, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if verb == "join":
        join(path, count)
    else:
        crowd = list(people(count))
        print(" ".join(whose(slot, crowd) for slot in slots_of(path)))


main()
