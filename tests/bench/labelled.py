# SPDX-License-Identifier: Apache-2.0
"""A folder of many small files and its label file: 100 folders with a rule each, ten groups that cut across them, and 90 files by
name. Every folder and group together is a marking of its own."""
import os

FOLDERS, GROUPS, NAMED = 100, 10, 90
LABEL_FILE = ".valise-labels.yaml"
# Everybody who gets the files is in one of the last two; some files could go further.
COUNTRIES = [f"{a}{b}" for a in "CDEG" for b in "ABCDEFGHIJ"] + ["BE", "FR"]
RECORD = {"controller": "Agency A", "contact": "privacy at agency-a.example", "data-protection-officer": "D. P. Officer",
          "purposes": "finding out how accounts were taken over", "data-subjects": "owners of accounts",
          "data-categories": "names, addresses of devices", "approximate-number": "1200", "recipients": "agencies",
          "third-country": "none", "legal-basis": "eu-gdpr:A6-1-e", "retention": "P1Y",
          "re-identification-key-holder": "Agency A"}


def path_of(n):
    return f"{n % FOLDERS:03}/g{n // FOLDERS % GROUPS}-{n:06}.txt"


def words(items):
    return "[" + ", ".join(f'"{i}"' for i in items) + "]"


def folder_rule(n):
    tlp, pd = ("TLP:CLEAR", "TLP:AMBER", "TLP:RED")[n % 3], ("PD:NONE", "PD:PSEUDONYMISED", "PD:PERSONAL")[n // 3 % 3]
    record = "" if pd == "PD:NONE" else f', record: "r{n % 10}"'
    return f'  - {{match: "{n:03}/", labels: {words([tlp, pd])}, registration: "R-{n:03}"{record}}}\n'


def group_rule(n):
    countries = sorted(set(COUNTRIES[4 * n:4 * n + 4] + COUNTRIES[-2:]))
    return f'  - {{match: "g{n}-*.txt", labels: ["PAP:AMBER"], releasable-to: {words(countries)}}}\n'


def label_file():
    rules = [folder_rule(n) for n in range(FOLDERS)] + [group_rule(n) for n in range(GROUPS)]
    rules += [f'  - {{match: "{path_of(n * 7)}", caveats: ["attachment {n}"]}}\n' for n in range(NAMED)]
    record = ", ".join(f'{key}: "{value}"' for key, value in RECORD.items())
    return ('valise-labels: 1\ndefault: {not-inspected: "speed of labels alone"}\nrules:\n' + "".join(rules) + "records:\n" +
            "".join(f"  r{n}: {{{record}}}\n" for n in range(10)))


def make_labelled(folder, files):
    for n in range(FOLDERS):
        os.makedirs(os.path.join(folder, f"{n:03}"))
    for n in range(files):
        with open(os.path.join(folder, path_of(n)), "wb", buffering=0) as f:
            f.write(b"report %06d\n" % n)
    with open(os.path.join(folder, LABEL_FILE), "w", encoding="utf-8") as f:
        f.write(label_file())
