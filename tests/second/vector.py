# SPDX-License-Identifier: Apache-2.0
"""What a vector is, and what is expected of who judges it."""
import json
from dataclasses import dataclass, field

from bundle import Maker, sha256

CLOCK = "2026-03-01T12:00:00Z"
STAGES = ("container", "signature", "waybill", "list", "key", "key-check", "manifest", "policy", "payload")

EXITS = {
    "ok": 0, "unsigned": 3, "bad-signature": 3, "unknown-signer": 3, "unfit-signer": 3, "signature-time": 3,
    "approvals": 3, "key-check": 3, "truncated": 4, "damaged": 4, "chunks-missing": 4, "foreign-volume": 4, "unlabelled": 5, "label": 5,
    "ceiling": 5, "expired": 5, "release": 5, "not-for-us": 6, "secret-unavailable": 6, "not-a-bundle": 8, "version": 8,
    "container": 8, "signature-packet": 8, "waybill": 8, "sums": 8, "slot": 8, "manifest": 8, "chunk": 8,
    "payload": 8,
    "limit": 8, "scheme": 9}


@dataclass
class Vector:
    name: str
    what: str
    stage: str
    data: bytes
    verify: str = "ok"
    unpack: str = "ok"
    clock: str = CLOCK
    tree: dict = field(default_factory=dict)
    extra: dict = field(default_factory=dict)

    def line(self):
        expect = {verb: {"exit": EXITS[code], "error": code} for verb, code in
                  (("verify", self.verify), ("unpack", self.unpack))}
        fields = {"name": self.name, "file": f"bundles/{self.name}.valise", "what": self.what, "class": self.stage,
                  "command": expect, "clock": self.clock, "output": "none" if self.unpack != "ok" else "tree"}
        if self.unpack == "ok":
            fields["tree"] = self.tree
        return json.dumps({**fields, **self.extra}, ensure_ascii=False)


def tree_of(entries):
    """path -> sha256, "executable sha256" or "folder"."""
    return {e.path: ("executable " if e.executable else "") + sha256(e.data) if e.is_file() else "folder"
            for e in entries}


def judge(stage, error):
    """(verify, unpack): what a courier can see he must see, the rest only the recipient can."""
    seen = STAGES.index(stage) < STAGES.index("key") or stage == "good"
    return (error if seen else "ok"), error


class Book:
    """The vectors so far."""

    def __init__(self, cast):
        self.cast, self.vectors = cast, []

    def maker(self, name, **hooks):
        return Maker(self.cast, name, **hooks)

    def good(self, name, what, maker=None, verify="ok", clock=CLOCK, **extra):
        maker = maker or self.maker(name)
        data = maker.make()
        self.vectors.append(Vector(name, what, "good", data, verify, "ok", clock, tree_of(maker.entries), extra))

    def bad(self, name, what, stage, error, maker=None, verify=None, clock=CLOCK, **extra):
        """maker: a Maker, or the bytes themselves. verify: the courier's error where it is not the obvious one."""
        data = maker if isinstance(maker, bytes) else maker.make()
        seen, error = judge(stage, error)
        self.vectors.append(Vector(name, what, stage, data, seen if verify is None else verify, error, clock, {},
                                   extra))
