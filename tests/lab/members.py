# SPDX-License-Identifier: Apache-2.0
"""Where the members of a good bundle lie: just enough of ustar for tests that spoil one on purpose."""
from typing import NamedTuple

BLOCK = 512


class Member(NamedTuple):
    name: str
    header: int   # offset of its header
    content: int  # of its first byte
    size: int
    end: int      # of what follows its padding


def members_of(data):
    found, at = [], 0
    while data[at:at + 1] not in (b"", b"\0"):
        header = data[at:at + BLOCK]
        name = header[:100].rstrip(b"\0").decode()
        size = int(header[124:135], 8)
        end = at + BLOCK + -(-size // BLOCK) * BLOCK
        found.append(Member(name, at, at + BLOCK, size, end))
        at = end
    return found
