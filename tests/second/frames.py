# SPDX-License-Identifier: Apache-2.0
"""Zstandard frames (RFC 8878) of raw and run-length blocks only: their bytes depend on no version of any compressor."""
import re
import struct
import subprocess

MAGIC = b"\x28\xb5\x2f\xfd"
BLOCK_MAX = 128 * 1024


def block(kind, size, data, last):
    return struct.pack("<I", size << 3 | kind << 1 | last)[:3] + data


def blocks(data):
    """Runs of one byte become run-length blocks, the rest raw ones."""
    cuts, at = [], 0
    for run in re.finditer(rb"(.)\1{31,}", data, re.DOTALL):
        cuts += [(0, data[at:run.start()]), (1, run.group())]
        at = run.end()
    cuts.append((0, data[at:]))
    parts = [(kind, piece[i:i + BLOCK_MAX]) for kind, piece in cuts for i in range(0, len(piece), BLOCK_MAX)]
    parts = parts or [(0, b"")]
    out = b""
    for number, (kind, piece) in enumerate(parts):
        out += block(kind, len(piece), piece[:1] if kind else piece, number == len(parts) - 1)
    return out


def frame(data, size="right", dictionary=None, window=None):
    """One frame. size: the declared content size, None for none; window: a window descriptor byte instead of one segment."""
    size = len(data) if size == "right" else size
    single = window is None
    flag = 0 if size is None else 2 if not single or size > 65535 + 256 else 1 if size >= 256 else 0
    if size is None and single:
        window, single = 0x50, False  # 1 MiB
    head = bytes([flag << 6 | single << 5 | (1 if dictionary is not None else 0)])
    head += b"" if single else bytes([window])
    head += bytes([dictionary]) if dictionary is not None else b""
    if size is not None:
        head += (size - 256 if flag == 1 else size).to_bytes((1, 2, 4)[flag], "little")
    return MAGIC + head + blocks(data)


def skippable(data=b"hidden"):
    return struct.pack("<II", 0x184D2A50, len(data)) + data


def bomb(declared, real):
    """A frame that declares one size and unfolds to another."""
    parts = [BLOCK_MAX] * (real // BLOCK_MAX)
    body = b"".join(block(1, n, b"\0", i == len(parts) - 1) for i, n in enumerate(parts))
    return MAGIC + b"\xa0" + struct.pack("<I", declared) + body


def unfold(data, limit):
    """Decompresses one frame with the zstd command; more than limit bytes is refused."""
    done = subprocess.run(["zstd", "-dcq", "--no-progress", f"--memory={8 << 20}"], input=data, capture_output=True,
                          check=False)
    if done.returncode or len(done.stdout) > limit:
        raise ValueError("a chunk does not decompress as it must")
    return done.stdout
