# SPDX-License-Identifier: Apache-2.0
"""Bundles that must be accepted, whose files carry facts beside their labels."""
from bundle import LABELS, file, folder

RECORD = {"id": "r1", "controller": "Agency A", "contact": "office@a.example.org",
          "data-protection-officer": "dpo@a.example.org", "purposes": "incident response",
          "data-subjects": "users of the mail service", "data-categories": "addresses, times of access",
          "approximate-number": "200", "recipients": "Agency B", "third-country": "US",
          "legal-basis": "eu-gdpr:A6-1-e", "retention": "P1Y", "transfer-mechanism": "eu-gdpr:A46-2-a",
          "transfer-reference": "Arrangement of 2025-12-01"}
FULL_RECORD = {**RECORD, "id": "r2", "derogation-reason": "none is used", "article-9-basis": "eu-gdpr:A9-2-g",
               "article-10-basis": "eudpr:11-law", "re-identification-key-holder": "Agency A, registry"}
UNTIL = "2027-01-01T00:00:00Z"


def record(**changes):
    return {**RECORD, **changes}


def every_fact(cast):
    """All but the labels, in the order of writing."""
    return {"handle-as": ["pap/amber"], "releasable-to": ["NL", "US"], "caveats": ["by hand only", "ORCON"],
            "originator": cast.grace.fpr, "registration": "2026-17", "copy": "2 of 3", "record": "r1",
            "expires": UNTIL}


def vectors(book):
    whole(book)
    single(book)
    records(book)
    forms(book)


def whole(book):
    maker = book.maker("good-facts")
    maker.records = [RECORD]
    maker.entries = [folder("reports"), file("reports/a.txt", facts=every_fact(book.cast)),
                     file("reports/b.txt", b"b", facts={"releasable-to": ["BE", "US"]}),
                     file("reports/c.txt", b"c", facts=every_fact(book.cast))]
    book.good(maker.name, "Every fact that a marking may hold, a marking with one, and a marking that two files share.",
              maker)
    maker = book.maker("good-facts-any-order")
    maker.records = [dict(reversed(RECORD.items()))]
    facts = {**every_fact(book.cast), "labels": [[label, "option"] for label in LABELS]}
    maker.entries = [file("a.txt", facts=dict(reversed(facts.items())))]
    book.good(maker.name, "The keys of marking and record in another order than a writer would choose.", maker)


def single(book):
    facts = every_fact(book.cast)
    del facts["record"]
    for key, value in facts.items():
        maker = book.maker(f"good-fact-{key}")
        maker.entries = [file("a.txt", facts={key: value})]
        book.good(maker.name, f"One fact, {key}.", maker)
    maker = book.maker("good-fact-tells-apart")
    maker.entries = [file(f"{n}.txt", b"n", facts=facts) for n, facts in enumerate((
        {}, {"copy": "1"}, {"registration": "1"}, {"caveats": ["1"]}, {"caveats": ["1", "2"]}, {"caveats": ["2", "1"]},
        {"expires": UNTIL}))]
    book.good(maker.name, "Markings of the same labels that differ in one fact each, the order of caveats included.",
              maker)


def records(book):
    maker = book.maker("good-records")
    maker.records = [RECORD, FULL_RECORD]
    maker.entries = [file(f"{n}.txt", b"n", labels=("pd/personal", "tlp/amber"), facts={"record": name})
                     for n, name in enumerate(("r1", "r2", "r1"))]
    book.good(maker.name, "Personal data under two records, one with every key.", maker)
    maker = book.maker("good-record-longest")
    name = "0" + "-" * 62
    maker.records = [record(id=name, contact="c" * 1024, purposes="ü" * 512)]
    maker.entries = [file("a.txt", facts={"record": name})]
    book.good(maker.name, "A record with an id of 63 bytes and texts of 1,024.", maker)


def forms(book):
    maker = book.maker("good-marking-origins")
    maker.entries = [file("a", facts={"labels": [["pd/none", "default"], ["tlp/amber", "label-file"]]}),
                     file("b", facts={"labels": [["pd/none", "option"], ["tlp/amber", "detected"]]})]
    book.good(maker.name, "Labels of each origin; the same labels of other origins are another marking.", maker)
    maker = book.maker("good-facts-longest")
    codes = [a + b for a in "UVW" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"][:64]
    maker.entries = [file("a.txt", facts={
        "releasable-to": codes, "caveats": [f"{n:02}".ljust(128, "c") for n in range(16)], "registration": "r" * 64,
        "copy": "c" * 64})]
    book.good(maker.name, "64 jurisdictions, 16 caveats of 128 bytes, numbers of 64.", maker)
    maker = book.maker("good-facts-text")
    caveats = ["\"quoted\" \\ {not: a mapping} [nor a list] # é 日本", "yes", "1"]
    maker.entries = [file("a.txt", facts={"caveats": caveats, "registration": "017", "copy": "null"})]
    book.good(maker.name, "Facts with characters and words that mean something in YAML.", maker)
