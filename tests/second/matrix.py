# SPDX-License-Identifier: Apache-2.0
"""The fault matrix: one fault at each of the nine stages, and every pair; of a pair the earlier stage's error is told."""
from bundle import file
from container import Member, altered, header
from vector import STAGES

# stage: (the error, the step that is spoiled, how). All steps differ, so that any two faults fit into one bundle.


def spoil_header(members):
    member = members[-2]
    return members[:-2] + [Member(member.name, member.content,
                                  altered(header(member.name, len(member.content)),
                                          {100: b"0000644"}))] + members[-1:]


def spoil_signature(made, waybill):
    fpr, signature = made[0]
    return [(fpr, signature[:-1] + bytes([signature[-1] ^ 1]))]


FAULTS = {
    "container": ("container", "blocks", spoil_header, "a header of mode 0644"),
    "signature": ("bad-signature", "signatures", spoil_signature, "a signature with a wrong bit"),
    "waybill": ("waybill", "waybill", lambda fields: fields + [("priority", "high")],
                "an unknown key in the waybill"),
    "list": ("sums", "sums", lambda text: text.replace(b"\n", b"\r\n"), "CRLF in the list"),
    "key": ("slot", "slot_text", lambda text, person: text.replace("valise-key 1", "valise-key 2"),
            "another magic in the slot"),
    "key-check": ("key-check", "waybill_end", lambda text: text[:-78] + b'key-check: "' + b"0" * 64 + b'"\n',
                  "a key check of zeros"),
    "manifest": ("manifest", "manifest", lambda fields: fields[:5] + [("comment", "x")] + fields[5:],
                 "an unknown key in the manifest"),
    "policy": ("ceiling", None, None, "a label above this station's ceiling"),
    "payload": ("payload", "archive", lambda archive: archive[:-1] + b"\x01", "a byte behind the archive's end"),
}


def vectors(book):
    for number, first in enumerate(STAGES):
        one(book, f"matrix-{first}", [first])
        for second in STAGES[number + 1:]:
            one(book, f"matrix-{first}-{second}", [first, second])


def one(book, name, stages):
    hooks = {FAULTS[s][1]: FAULTS[s][2] for s in stages if FAULTS[s][1]}
    maker = book.maker(name, **hooks)
    if "policy" in stages:
        maker.entries = [file("a.txt", b"hello", labels=("pd/none", "tlp/red"))]
    what = " and ".join(FAULTS[s][3] for s in stages)
    book.bad(name, what[0].upper() + what[1:] + ".", stages[0], FAULTS[stages[0]][0], maker)

