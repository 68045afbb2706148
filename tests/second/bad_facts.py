# SPDX-License-Identifier: Apache-2.0
"""Markings, records and releasability that break the rules of the manifest."""
from bundle import LABELS, file
from bad_manifest import change, replaced
from good_facts import RECORD, every_fact, record

WITH_LABELS = {"labels": [[label, "option"] for label in LABELS]}


def vectors(book):
    releasable(book)
    shapes(book)
    lists(book)
    texts(book)
    records(book)
    named(book)
    policy(book)


def releasable(book):
    for name, what, value in (
            ("order", "not sorted", ["US", "BE"]), ("double", "one twice", ["US", "US"]),
            ("case", "in lower case", ["us"]), ("long", "of three letters", ["USA"]), ("digit", "with a digit", ["U1"]),
            ("text", "no list", "US"), ("many", "65 of them", codes(65))):
        change(book, f"releasable-{name}", f"The bundle's jurisdictions: {what}.", "releasable-to", value)


def codes(count):
    return [a + b for a in "UVW" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"][:count]


def marking(book, name, what, facts, known=()):
    """One file whose marking is not as it must be; the bundle's jurisdictions fit."""
    maker = book.maker(f"bad-marking-{name}", manifest=replaced("releasable-to", []))
    maker.records, maker.entries = list(known), [file("a.txt", facts=facts)]
    book.bad(maker.name, what, "manifest", "manifest", maker)


def shapes(book):
    for name, what, value in (("list", "A marking that is a list, as in drafts.", [WITH_LABELS["labels"]]),
                              ("text", "A marking that is a text.", ["tlp/amber"]),
                              ("unlabelled", "A marking without labels.", [{"caveats": ["x"]}]),
                              ("no-labels", "A marking whose list of labels is empty.", [{"labels": []}])):
        maker = book.maker(f"bad-marking-{name}", manifest=replaced("markings", value))
        book.bad(maker.name, what, "manifest", "manifest", maker)
    marking(book, "unknown-key", "An unknown key in a marking.", {"colour": "red"})
    maker = book.maker("bad-marking-double-key", manifest_text=lambda t: t.replace(b'"copy": "1"',
        b'"copy": "1", "copy": "2"'))
    maker.entries = [file("a.txt", facts={"copy": "1"})]
    book.bad(maker.name, "A key twice in a marking.", "manifest", "manifest", maker)
    many = [[f"s/l-{n:02}", "option"] for n in range(33)]
    marking(book, "33-labels", "33 labels.", {"labels": many})
    marking(book, "label-fields", "A label without its origin.", {"labels": [["tlp/amber"]]})
    maker = book.maker("bad-marking-fact-twice")
    maker.hooks["manifest"] = lambda fields: [(k, v * 2 if k == "markings" else v) for k, v in fields]
    maker.entries = [file("a.txt", facts={"copy": "1"})]
    book.bad(maker.name, "The same facts in two markings.", "manifest", "manifest", maker)


def lists(book):
    """Each list of a marking, spoiled in each way."""
    for key, name, good in (("handle-as", "handle-as", ["pap/amber", "pap/red"]),
                            ("releasable-to", "releasable", ["BE", "US"]), ("caveats", "caveats", ["a", "b"])):
        marking(book, f"{name}-empty", f"An empty list of {key}.", {key: []})
        marking(book, f"{name}-text", f"{key} is a text.", {key: good[0]})
        marking(book, f"{name}-empty-text", f"An empty text in {key}.", {key: [""]})
        marking(book, f"{name}-double", f"One twice in {key}.", {key: [good[0], good[0]]})
        if key != "caveats":
            marking(book, f"{name}-order", f"{key} not sorted.", {key: good[::-1]})
    marking(book, "handle-as-form", "handle-as with a text that is no scheme/id.", {"handle-as": ["PAP:AMBER"]})
    marking(book, "handle-as-many", "33 labels in handle-as.", {"handle-as": [f"s/l-{n:02}" for n in range(33)]})
    marking(book, "releasable-case", "A jurisdiction in lower case.", {"releasable-to": ["us"]})
    marking(book, "releasable-long", "A jurisdiction of three letters.", {"releasable-to": ["USA"]})
    marking(book, "releasable-many", "65 jurisdictions.", {"releasable-to": codes(65)})
    marking(book, "caveats-apart", "One caveat twice, apart.", {"caveats": ["a", "b", "a"]})
    marking(book, "caveats-many", "17 caveats.", {"caveats": [str(n) for n in range(17)]})
    marking(book, "caveats-long", "A caveat of 129 bytes.", {"caveats": ["c" * 129]})
    marking(book, "caveats-control", "A caveat with a control character.", {"caveats": ["a\x1b[2J"]})
    marking(book, "caveats-bidi", "A caveat with an invisible character.", {"caveats": ["a\u202eb"]})


def texts(book):
    fpr = book.cast.grace.fpr
    for name, what, value in (("empty", "empty", ""), ("name", "a name", "grace"),
                              ("case", "in lower case", fpr.lower()),
                              ("short", "of 39 digits", fpr[:-1]), ("list", "a list", [fpr])):
        marking(book, f"originator-{name}", f"An originator that is {what}.", {"originator": value})
    for key in ("registration", "copy"):
        for name, what, value in (("empty", "empty", ""), ("long", "of 65 bytes", "1" * 65),
                                  ("control", "with a control character", "1\n2"), ("list", "a list", ["1"])):
            marking(book, f"{key}-{name}", f"The {key} number: {what}.", {key: value})
    for name, what, value in (("empty", "no time", ""), ("day", "a day", "2027-01-01"),
                              ("zone", "a time with a zone", "2027-01-01T00:00:00+01:00"),
                              ("fraction", "a time with a fraction", "2027-01-01T00:00:00.5Z"),
                              ("no-day", "a day that is none", "2027-02-30T00:00:00Z"),
                              ("early", "before the year 2000", "1999-12-31T23:59:59Z"),
                              ("number", "a number", 1798761600)):
        marking(book, f"expires-{name}", f"An end that is {what}.", {"expires": value})


def records(book):
    """One file that names r1; the records are not as they must be."""
    def bad(name, what, value, **hooks):
        maker = book.maker(f"bad-record-{name}", **hooks)
        maker.records, maker.entries = value, [file("a.txt", facts={"record": "r1"})]
        book.bad(maker.name, what, "manifest", "manifest", maker)
    for key in [key for key in RECORD if not key.startswith("transfer-")]:
        bad(f"without-{key}", f"A record without {key}.", [{k: v for k, v in RECORD.items() if k != key}])
    bad("text", "A record that is a text.", ["r1"])
    bad("list", "A record that is a list.", [["r1"]])
    bad("unknown-key", "An unknown key in a record.", [record(owner="x")])
    bad("double-key", "A key twice in a record.", [RECORD],
        manifest_text=lambda t: t.replace(b'"retention":', b'"contact": "x", "retention":'))
    bad("empty", "An empty text in a record.", [record(purposes="")])
    bad("empty-optional", "An empty text where it could be left out.", [{**RECORD, "article-9-basis": ""}])
    bad("long", "A text of 1,025 bytes in a record.", [record(purposes="p" * 1025)])
    bad("control", "A control character in a record.", [record(contact="a\x1bb")])
    bad("bidi", "An invisible character in a record.", [record(contact="a\u202eb")])
    bad("number", "A text that is a mapping.", [record(recipients={"a": "b"})])
    bad("order", "Records not sorted.", [record(id="r2"), RECORD])
    bad("double", "A record twice.", [RECORD, RECORD])
    bad("same-id", "Two records of one id.", [RECORD, record(contact="b@example.org")])
    bad("unused", "A record that no marking names.", [RECORD, record(id="r2")])
    bad("none", "A marking names a record, and there is none.", [])
    bad("other", "A marking names another record than there is.", [record(id="r")])
    change(book, "records-text", "Records that are a text.", "records", "r1")
    change(book, "records-unused", "A record, though no marking names any.", "records", [RECORD])


def named(book):
    """Ids of records that may not be, in record and marking alike."""
    for name, what, value in (("empty", "empty", ""), ("case", "in upper case", "R1"), ("dash", "a dash first", "-1"),
                              ("space", "with a space", "r 1"), ("slash", "with a slash", "r/1"),
                              ("long", "of 64 bytes", "r" * 64)):
        maker = book.maker(f"bad-record-id-{name}")
        maker.records, maker.entries = [record(id=value)], [file("a.txt", facts={"record": value})]
        book.bad(maker.name, f"The id of a record: {what}.", "manifest", "manifest", maker)
    facts = every_fact(book.cast)
    marking(book, "record-list", "A marking with a list of records.", {**facts, "record": ["r1"]}, [RECORD])
    marking(book, "record-empty", "A marking with an empty id of a record.", {"record": ""})


def policy(book):
    """What all files have in common does not follow from them."""
    def bad(name, what, error, sets, value=None):
        maker = book.maker(f"bad-releasable-{name}", **({"manifest": replaced("releasable-to", value)}
                                                        if value is not None else {}))
        maker.entries = [file(f"{n}.txt", b"n", facts={"releasable-to": s} if s else {}) for n, s in enumerate(sets)]
        book.bad(maker.name, what, "policy", error, maker)
    both = [["BE", "NL", "US"], ["NL", "US"]]
    bad("more", "The bundle is said to be releasable to more than its files have in common.", "manifest", both,
        ["BE", "NL", "US"])
    bad("less", "The bundle is said to be releasable to less than its files have in common.", "manifest", both, ["US"])
    bad("unsaid", "Files name jurisdictions, the bundle names none.", "manifest", both, [])
    bad("invented", "No file names a jurisdiction, the bundle does.", "manifest", [None], ["US"])
    bad("one-silent", "One file names jurisdictions, the other does not.", "release", [["US"], None])
    bad("nobody", "Two files may go to nobody together.", "release", [["NL"], ["US"]])
    for name, label, what in (("own", "tlp/clear", "a lower one of its own scheme"),
                              ("unknown", "pap/nothing", "one that its scheme does not have")):
        maker = book.maker(f"bad-handle-as-{name}")
        maker.entries = [file("n.txt", b"n", facts={"handle-as": [label]})]
        book.bad(maker.name, f"A label is said to count as {what}.", "policy", "manifest", maker)
