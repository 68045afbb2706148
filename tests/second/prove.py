# SPDX-License-Identifier: Apache-2.0
"""prove.py DIR: opens every good vector in DIR twice, with keys in files and with gpg, and compares the trees.

Shows that the vectors are what OpenPGP, tar and zstd of other makers take them for, before any valise judges them.
"""
import json
import os
import subprocess
import sys
import tempfile

from container import Entry
from cast import Cast
from second import Files, Gnupg, open_bundle, read_hex, unpack
from vector import tree_of

SENDERS = {"good-rsa-signer": "grace", "pair-other-sender": "grace"}


def tree(folder):
    """The unpacked folder as the index describes it."""
    entries = []
    for where, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(where, name)
            data = None
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    data = f.read()
            executable = bool(data is not None and os.stat(path).st_mode & 0o111)
            entries.append(Entry(os.path.relpath(path, folder), data, executable=executable))
    return tree_of(entries)


def import_keys(home, folder):
    """A home that knows all certificates and bob's secret key."""
    names = [os.path.join(folder, "keys", n) for n in sorted(os.listdir(os.path.join(folder, "keys")))]
    wanted = [n for n in names if n.endswith(".pgp") and ".secret" not in n] + [os.path.join(folder, "keys/bob.secret.pgp")]
    subprocess.run(["gpg", "--homedir", home, "--batch", "--quiet", "--import", *wanted], check=True, capture_output=True)


def main(folder):
    failed = passed = 0
    secrets = [(read_hex(os.path.join(folder, f"keys/alice-bob.secret-{n}.hex")), Cast().bob.fpr) for n in (1, 2)]
    with open(os.path.join(folder, "vectors.jsonl"), encoding="utf-8") as f:
        vectors = [v for v in map(json.loads, f) if v["class"] == "good"]
    with tempfile.TemporaryDirectory() as work:
        home = os.path.join(work, "gnupg")
        os.mkdir(home, 0o700)
        import_keys(home, folder)
        for number, vector in enumerate(vectors):
            with open(os.path.join(folder, vector["file"]), "rb") as f:
                data = f.read()
            certificate = os.path.join(folder, "keys", SENDERS.get(vector["name"], "alice") + ".pgp")
            for how, keys in (("files", Files(os.path.join(folder, "keys/bob.secret.pgp"), certificate)), ("gpg", Gnupg(home))):
                out = os.path.join(work, f"{number}-{how}")
                try:
                    manifest, payload, _ = open_bundle(data, keys, secrets)
                    unpack(manifest, payload, out)
                    wrong = tree(out) != vector["tree"] and "another tree"
                except (ValueError, KeyError, OSError) as error:
                    wrong = error
                failed, passed = failed + bool(wrong), passed + (not wrong)
                if wrong:
                    print(f"{vector['name']}: {how}: {wrong}")
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
