# SPDX-License-Identifier: Apache-2.0
"""Good bundles that are judged one after the other: replays, equivocation, sequences."""
from bundle import file, sha256


def vectors(book):
    first = book.maker("pair-first")
    first.entries = [file("a.txt", b"first")]
    book.good(first.name, "The first bundle of a channel.", first)
    second = book.maker("pair-first")  # the same id and key, another content: what a dishonest sender does
    second.name, second.entries = "pair-equivocation", [file("a.txt", b"other")]
    book.good(second.name,
              "Same sender and bundle id as pair-first, other content: equivocation when unpacked after it.", second,
              after={"pair-first": "equivocation"})
    again = book.maker("pair-first")
    again.entries = [file("a.txt", b"first")]
    again.name = "pair-replay"
    book.good(again.name, "pair-first, byte for byte, under another file name: a replay when unpacked after it.",
              again,
              after={"pair-first": "replay"})
    foreign = book.maker("pair-first")
    foreign.name, foreign.sender, foreign.entries = "pair-other-sender", book.cast.grace, [file("a.txt", b"mine")]
    book.good(foreign.name, "Another sender's bundle of the same id: nobody can block an id.", foreign,
              after={"pair-first": "ok"})
    next_one = book.maker("pair-next")
    next_one.entries, next_one.sequence = [file("b.txt", b"second")], 2
    next_one.previous = sha256(first.keep["waybill.yaml"])
    book.good(next_one.name, "The bundle after pair-first on its channel, naming it.", next_one,
              after={"pair-first": "ok"})
    gap = book.maker("pair-gap")
    gap.entries, gap.sequence, gap.previous = [file("c.txt", b"fourth")], 4, "1" * 64
    book.good(gap.name, "Sequence 4 after sequence 1: a gap that is told, and no refusal.", gap,
              after={"pair-first": "ok"})
