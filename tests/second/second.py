# SPDX-License-Identifier: Apache-2.0
"""second.py open [--gnupg HOME] BUNDLE SECRETKEYFILE SENDERCERT OUTDIR [SECRET FINGERPRINT]

BUNDLE may be several files with colons between: volumes, in any order.
Verifies a bundle with the sender's certificate, opens it with the recipient's secret key, and unpacks it into OUTDIR,
which must not exist. The keys are binary OpenPGP files, the secret key without a passphrase; with --gnupg both may be "-"
and gpg does that part with the keys of HOME. A bundle with a pre-shared secret needs that, a file with 64 hex digits, and
the recipient's fingerprint. open_bundle() is the whole of it; the rest are helpers.
Labels, ceilings and replays are the station's business and are not looked at.
"""
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from calendar import timegm
from time import strptime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

import container
import frames
import pgp
import plain
import shared
import slots
from bundle import common, key_check, nonce, sha256, subkey


MARKING_KEYS = {"labels", "handle-as", "releasable-to", "caveats", "originator", "registration", "copy", "record",
                "expires"}


class Files:
    """Keys in files."""

    def __init__(self, secret, certificate):
        self.secret, self.certificate = secret, certificate

    def verify(self, name, signature, waybill):
        with open(self.certificate, "rb") as f:
            return pgp.verify(f.read(), signature, waybill)

    def decrypt(self, slot):
        with open(self.secret, "rb") as f:
            return slots.decrypt(slot, pgp.read_keys(f.read()))


class Gnupg:
    """Keys in a home of gpg."""

    def __init__(self, home):
        self.command = ["gpg", "--homedir", home, "--batch", "--quiet", "--no-tty", "--status-fd", "2"]

    def run(self, *arguments, data):
        done = subprocess.run([*self.command, *arguments], input=data, capture_output=True, check=False)
        if done.returncode:
            raise ValueError("gpg: " + done.stderr.decode("utf-8", "replace"))
        return done

    def verify(self, name, signature, waybill):
        with tempfile.NamedTemporaryFile() as f:
            f.write(signature)
            f.flush()
            status = self.run("--verify", f.name, "-", data=waybill).stderr.decode()
        fields = next(line.split() for line in status.splitlines() if line.startswith("[GNUPG:] VALIDSIG"))
        return fields[-1], int(fields[4])

    def decrypt(self, slot):
        return self.run("--decrypt", data=slot).stdout


def utc(text):
    return timegm(strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def need(condition, what):
    if not condition:
        raise ValueError(what)


def open_bundle(data, keys, secrets=()):
    """secrets: pairs of a pre-shared secret and the recipient's fingerprint. The story of valise-format(5), ORDER OF TRUST: returns the manifest and the archive."""
    members = container.read_members(data)
    parts, names = {n: d for n, d, _ in members}, [n for n, _, _ in members]
    kinds = {k: [n for n in names if n.startswith(k)] for k in ("keys/", "payload/", "manifest/", "signatures/")}
    listed = ["valise"] + kinds["keys/"] + kinds["payload/"] + kinds["manifest/"]
    need(names == listed + ["SHA256SUMS", "waybill.yaml"] + kinds["signatures/"] + ["trailer"],
         "members out of order")
    need(parts["valise"] == b"valise 1\n", "another version")
    need(parts["trailer"] == container.trailer([container.Member(n, d) for n, d, _ in members[:-1]]), "wrong trailer")

    text, signed = parts["waybill.yaml"], {}
    for name in kinds["signatures/"]:
        try:
            signed.update([keys.verify(name, parts[name], text)])
        except (ValueError, KeyError) as error:
            print(f"{name}: not counted: {error}", file=sys.stderr)
    need(signed, "no signature that counts")
    waybill = plain.load(text, "valise-waybill: 1")
    need(utc(waybill["created"]) <= signed.get(waybill["from"], -1) <= utc(waybill["not-after"]),
         "not signed by its sender in time")

    sums = parts["SHA256SUMS"]
    need(sha256(sums) == waybill["sums"], "another list than the signed one")
    need(sums == "".join(f"{sha256(parts[n])}  {n}\n" for n in listed).encode(), "bytes are not as signed")
    slot, key = open_slot([parts[n] for n in kinds["keys/"]], keys, waybill["bundle"], secrets)
    need(text[-78:] == f'key-check: "{key_check(key, text[:-78])}"\n'.encode(), "wrong key check")

    manifest = open_chunks([parts[n] for n in kinds["manifest/"]], subkey(key, 2), waybill)
    payload = open_chunks([parts[n] for n in kinds["payload/"]], subkey(key, 1), waybill)
    manifest = plain.load(manifest, "valise-manifest: 2")
    need(manifest["bundle"] == waybill["bundle"], "the manifest of another bundle")
    check_facts(manifest)
    need(len(payload) == waybill["payload-bytes"] and len(kinds["payload/"]) == waybill["chunks"], "another payload")
    return manifest, payload, slot


def check_facts(manifest):
    """What files carry: known keys, nothing empty, numbers and records that are there, and nothing that nobody uses."""
    markings, records = manifest["markings"], [record["id"] for record in manifest["records"]]
    for marking in markings:
        need(marking.get("labels") and set(marking) <= MARKING_KEYS and all(marking.values()), "a malformed marking")
    need(records == sorted({m["record"] for m in markings if "record" in m}), "records other than those named")
    need(manifest["releasable-to"] == common(markings), "releasable to others than the files")
    carried = {line[7] for line in manifest["entries"] if line[0] != "folder"}
    need(carried == set(range(len(markings))), "markings other than those carried")


def open_slot(candidates, keys, bundle, secrets):
    """The first slot that we can read: its lines and the bundle key."""
    for candidate in candidates:
        try:
            lines = keys.decrypt(candidate).decode().split("\n")
        except (ValueError, LookupError):
            continue
        need(len(lines) == 7 and lines[:2] == ["valise-key 1", bundle], "a slot of another bundle")
        return lines, unmix(bytes.fromhex(lines[5]), lines[4], bundle, secrets)
    raise ValueError("no slot for this key")


def unmix(key, wanted, bundle, secrets):
    """The bundle key, out of a slot's key and the id of the pre-shared secret that it names."""
    if wanted == shared.NONE:
        return key
    for secret, recipient in secrets:
        if shared.secret_id(secret) == wanted:
            return shared.mix(key, secret, bundle, recipient)
    raise ValueError(f"the pre-shared secret {wanted} is not here")


def open_chunks(chunks, key, waybill):
    out, limit = [], waybill["chunk-bytes"]
    for number, chunk in enumerate(chunks):
        piece = ChaCha20Poly1305(key).decrypt(nonce(number, number == len(chunks) - 1), chunk,
                                              waybill["bundle"].encode())
        out.append(frames.unfold(piece, limit) if waybill["compression"] == "zstd" else piece)
    return b"".join(out)


def unpack(manifest, payload, folder):
    """Writes the archive's entries, which must be the manifest's. Paths were checked by neither before: so here."""
    os.mkdir(folder, 0o700)
    with tarfile.open(fileobj=io.BytesIO(payload), mode="r:") as archive:
        entries = archive.getmembers()
        need([e.name for e in entries] == [e[1] for e in manifest["entries"]], "other entries than listed")
        for entry, line in zip(entries, manifest["entries"]):
            need(not {"", ".", ".."} & set(entry.name.split("/")), "a path that leads elsewhere")
            path = os.path.join(folder, entry.name)
            if line[0] == "folder":
                need(entry.type == tarfile.DIRTYPE, "another type than listed")
                os.mkdir(path, 0o755)
                continue
            content = archive.extractfile(entry).read() if entry.type == tarfile.REGTYPE else None
            need(content is not None and sha256(content) == line[5] and len(content) == line[4],
                 f"{entry.name}: other content")
            with open(path, "xb") as f:
                f.write(content)
            os.chmod(path, 0o755 if line[0] == "executable" else 0o644)
        for line in reversed(manifest["entries"]):
            os.utime(os.path.join(folder, line[1]), (line[2], line[2]))


def read_hex(path):
    with open(path, encoding="ascii") as f:
        return bytes.fromhex(f.read())


def read_bundle(paths):
    volumes = []
    for path in paths:
        with open(path, "rb") as f:
            volumes.append(f.read())
    return volumes[0] if len(volumes) == 1 else container.join(volumes)


def main(arguments):
    gnupg = None
    if arguments[1:2] == ["--gnupg"]:
        gnupg, arguments = arguments[2], arguments[:1] + arguments[3:]
    if arguments[:1] != ["open"] or len(arguments) not in (5, 7):
        print(__doc__.split("\n", maxsplit=1)[0], file=sys.stderr)
        return 2
    _, bundle, secret, certificate, folder = arguments[:5]
    try:
        secrets = [(read_hex(arguments[5]), arguments[6])] if arguments[5:] else []
        manifest, payload, _ = open_bundle(read_bundle(bundle.split(":")), Gnupg(gnupg) if gnupg else Files(secret, certificate),
                                           secrets)
        unpack(manifest, payload, folder)
    except (ValueError, OSError, KeyError, IndexError, InvalidTag, tarfile.TarError) as error:
        print(f"refused: {error or type(error).__name__}", file=sys.stderr)
        return 1
    print(f"{manifest['files']} files, {manifest['bytes']} bytes, bundle {manifest['bundle']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
