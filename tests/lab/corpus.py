#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""corpus.py [--files 5000] [--seed 1] [--highest TLP:RED] [--list FILE] DIR: reports as agencies exchange them, made from real
advisories where $VALISE_REPORTS (or the folder shared/data/reports beside the repository) holds some in CSAF, else from invented
ones. Form and label vary with the seed: CSAF, STIX 2.0 and 2.1, MISP, Markdown, plain text, HTML, e-mail; about one in eight says
nothing of itself. --list writes "PATH <tab> LABEL" for each, with "-" for none."""
import argparse
import copy
import glob
import html
import json
import os
import random
import textwrap
import uuid

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir)
BESIDE = os.path.join(ROOT, os.pardir, "shared", "data", "reports")
LABELS = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
# Ids of marking definitions: TLP 2.0 as OASIS lists them, and those that STIX itself had for TLP 1.
STIX_2 = dict(zip(LABELS, ("94868c89-83c2-464b-929b-a1a8aa3c8487", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
                           "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "939a9414-2ddd-4d32-a0cd-375ea402b003",
                           "e828b379-4e03-4974-9ac4-e53a884c97c1")))
STIX_1 = {"TLP:CLEAR": "613f2e26-407d-48c7-9eca-b8e91df99dc9", "TLP:GREEN": "34098fce-860f-48ae-8e50-ebd3cc5e41da",
          "TLP:AMBER": "f88d31f6-486f-44da-b317-01333bde0b82", "TLP:RED": "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"}
WORDS = """access account actor address adversary agency analysis attack authentication backup beacon campaign certificate channel
command company configuration control credential data defender detection device disclosure domain download driver encryption endpoint
evidence exploit file firewall firmware forensic gateway hash host impact implant incident indicator infection intrusion key lateral
loader log malware memory mitigation module monitoring network operator packet password patch payload persistence phishing platform
policy privilege process protocol proxy remote report researcher response risk router rule sample script sector segment sensor server
service session signature software source station storage supplier switch system target team threat token traffic update user vendor
version victim vulnerability workstation""".split()
PROSE_BYTES, OBJECTS_BYTES = 17_000, 6_500  # of paragraphs, on average: files of 20 KB


class Source:
    """What reports are made of."""

    def __init__(self, rng):
        self.rng = rng
        self.advisories = sorted(glob.glob(os.path.join(os.environ.get("VALISE_REPORTS", BESIDE), "cisa-csaf", "*", "*.json")))
        self.advisories = [self.load(path) for path in self.advisories] or [self.invent(n) for n in range(100)]
        self.paragraphs = [text for advisory in self.advisories for text in self.texts_of(advisory)]

    @staticmethod
    def load(path):
        with open(path, encoding="utf-8") as f:
            return json.load(f)

    @staticmethod
    def texts_of(node):
        """All that is a sentence or more."""
        if isinstance(node, dict):
            node = list(node.values())
        if isinstance(node, list):
            return [text for child in node for text in Source.texts_of(child)]
        # A label inside of the text itself would be another one than the list tells.
        return [node] if isinstance(node, str) and len(node) > 60 and "tlp" not in node.lower() else []

    def sentence(self):
        return " ".join(self.rng.choices(WORDS, k=self.rng.randint(12, 40))).capitalize() + "."

    def invent(self, number):
        notes = lambda n: [{"category": "general", "title": " ".join(self.rng.choices(WORDS, k=3)).title(),  # noqa: E731
                            "text": self.sentence()} for _ in range(n)]
        vulnerability = lambda: {"cve": f"CVE-2026-{self.rng.randrange(10000, 99999)}", "notes": notes(3),  # noqa: E731
                                 "cwe": {"id": f"CWE-{self.rng.randrange(20, 1300)}", "name": self.rng.choice(WORDS)},
                                 "product_status": {"known_affected": [f"CSAFPID-{n:04}" for n in range(self.rng.randint(1, 60))]},
                                 "remediations": [{"category": "mitigation", "details": self.sentence()} for _ in range(6)],
                                 "scores": [{"cvss_v3": {"baseScore": round(self.rng.uniform(1, 10), 1), "version": "3.1"}}]}
        return {"document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": self.sentence(),
                             "distribution": {"text": "as the label says", "tlp": {"label": "WHITE"}}, "notes": notes(20),
                             "publisher": {"category": "coordinator", "name": "Example CERT", "namespace": "https://cert.example"},
                             "tracking": {"id": f"EX-26-{number:03}", "status": "final", "version": "1"}},
                "product_tree": {"branches": [{"category": "product_name", "name": " ".join(self.rng.choices(WORDS, k=4)),
                                               "product": {"product_id": f"CSAFPID-{n:04}"}} for n in range(60)]},
                "vulnerabilities": [vulnerability() for _ in range(self.rng.randint(1, 8))]}

    def title(self):
        return self.rng.choice(self.advisories)["document"]["title"]

    def body(self, mean_bytes=PROSE_BYTES):
        """Paragraphs of some length: most reports are short, a few are long."""
        left, out = self.rng.expovariate(1 / mean_bytes), []
        while left > 0:
            out.append(self.rng.choice(self.paragraphs))
            left -= len(out[-1].encode()) + 40
        return out or [self.rng.choice(self.paragraphs)]

    def uuid(self):
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))


def dump(rng, document):
    return json.dumps(document, indent=rng.choice((None, None, 2)), ensure_ascii=rng.random() < 0.5) + "\n"


def csaf(source, label):
    document = copy.deepcopy(source.rng.choice(source.advisories))
    document["document"]["tracking"]["id"] += f"-{source.rng.randrange(10000)}"
    document["document"].pop("distribution", None)
    if label:
        word = label[len("TLP:"):]
        newer = word == "AMBER+STRICT" or source.rng.random() < 0.5
        document["document"]["csaf_version"] = "2.1" if newer else "2.0"
        document["document"]["distribution"] = {"tlp": {"label": "WHITE" if word == "CLEAR" and not newer else word}}
    return "json", dump(source.rng, document)


def stix(source, label):
    rng, objects = source.rng, []
    marking = None
    if label:
        ids = STIX_1 if label in STIX_1 and rng.random() < 0.5 else STIX_2
        marking = f"marking-definition--{ids[label]}"
        if rng.random() < 0.25:  # one of its own
            marking = f"marking-definition--{source.uuid()}"
            objects.append({"type": "marking-definition", "spec_version": "2.1", "id": marking, "name": label, "extensions": {
                "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {"tlp_2_0": label[len("TLP:"):].lower()}}})
    granular = rng.random() < 0.2
    for text in source.body(OBJECTS_BYTES):
        one = {"type": "indicator", "spec_version": "2.1", "id": f"indicator--{source.uuid()}", "name": source.title(),
               "created": "2026-11-20T10:00:00.000Z", "modified": "2026-11-20T10:00:00.000Z", "description": text,
               "pattern": f"[ipv4-addr:value = '203.0.113.{rng.randrange(256)}']", "pattern_type": "stix"}
        if marking and granular:
            one["granular_markings"] = [{"marking_ref": marking, "selectors": ["description"]}]
        elif marking:
            one["object_marking_refs"] = [marking]
        objects.append(one)
    return "json", dump(rng, {"type": "bundle", "id": f"bundle--{source.uuid()}", "objects": objects})


def misp(source, label):
    rng = source.rng
    tags = [{"colour": "#FFC000", "name": label.lower() if rng.random() < 0.7 else label}] if label else []
    attributes = [{"uuid": source.uuid(), "type": "ip-dst", "category": "Network activity", "to_ids": True, "comment": text,
                   "value": f"198.51.100.{rng.randrange(256)}", "Tag": [{"name": "type:OSINT"}]} for text in source.body(OBJECTS_BYTES)]
    if tags and rng.random() < 0.3:  # said of what it holds only
        attributes[-1]["Tag"] += tags
        tags = []
    return "json", dump(rng, {"Event": {"info": source.title(), "date": "2026-11-20", "uuid": source.uuid(), "Tag": tags,
                                        "Attribute": attributes}})


def lines(source):
    return "\n\n".join(textwrap.fill(text, 100) for text in source.body()) + "\n"


def markdown(source, label):
    return "md", f"# {source.title()}\n\n" + (f"**{label}**\n\n" if label else "") + lines(source)


def text_file(source, label):
    return "txt", (f"{label}\n\n" if label else "") + f"{source.title()}\n\n" + lines(source)


def web_page(source, label):
    head = f"<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{html.escape(source.title())}</title></head>\n<body>\n"
    said = f"<p class=\"tlp\">{label}</p>\n" if label else ""
    return "html", head + said + "".join(f"<p>{html.escape(text)}</p>\n" for text in source.body()) + "</body></html>\n"


def mail(source, label):
    subject = (f"[{label}] " if label else "") + source.title().replace("\n", " ")
    return "eml", (f"From: desk@cert.example\nTo: desk@partner.example\nSubject: {subject}\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n"
                   f"Message-ID: <{source.uuid()}@cert.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n" + lines(source))


FORMS = {"csaf": (csaf, 40), "stix": (stix, 15), "misp": (misp, 15), "markdown": (markdown, 10), "text": (text_file, 8),
         "html": (web_page, 6), "mail": (mail, 6)}


def make(folder, files=5000, seed=1, highest="TLP:RED"):
    """[(path below folder, label or None)]"""
    rng = random.Random(seed)
    source = Source(rng)
    labels = LABELS[:LABELS.index(highest) + 1]
    names, weights = list(FORMS), [weight for _, weight in FORMS.values()]
    made = []
    for n in range(files):
        form = rng.choices(names, weights)[0]
        label = rng.choice(labels) if rng.random() < 7 / 8 else None
        extension, text = FORMS[form][0](source, label)
        path = os.path.join(f"{n % 50:02}", f"{form}-{n:05}.{extension}")
        os.makedirs(os.path.join(folder, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(folder, path), "w", encoding="utf-8", errors="replace") as f:
            f.write(text)
        made.append((path, label))
    return made


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--highest", choices=LABELS, default=LABELS[-1])
    parser.add_argument("--list")
    parser.add_argument("folder")
    args = parser.parse_args()
    made = make(args.folder, args.files, args.seed, args.highest)
    if args.list:
        with open(args.list, "w", encoding="utf-8") as f:
            f.writelines(f"{path}\t{label or '-'}\n" for path, label in made)


if __name__ == "__main__":
    main()
