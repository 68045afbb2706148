#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The rules of schemes beside the three of every file: who has them, numbers that they ask for, sets of labels, and labels
# that count as those of another scheme.

load helper
load policy

setup() {
	load_helper_setup
	home alice bob dora
	mkdir a
	echo one >a/one.txt
	echo two >a/two.txt
}

# accredit WHO SCHEME…: these of the schemes that are shipped disabled are enabled there, and no others.
accredit() {
	local who=$1 scheme papers=
	shift
	for scheme in "$@"; do
		papers+="${papers:+, }\"$scheme\": \"No. 12\""
	done
	station "$who" accreditations "{$papers}"
}

# classified LABELS [FACTS]: the label file of a.
classified() {
	labels a <<<"default: {labels: [\"TLP:GREEN\", \"PD:NONE\", $1]${2:+, $2}}"
}

# Alice and bob have eu, up to secret.
both_have_eu() {
	accredit alice eu
	accredit bob eu
	station alice ceilings '["eu/secret", "tlp/red"]'
	station bob ceilings '["eu/secret", "tlp/red"]'
	entry alice bob ceilings '["eu/secret", "tlp/amber"]'
}

levels() {
	cat >"$T/$1/schemes/levels.yaml" <<-END
		valise-scheme: 1
		id: "levels"
		version: "$2"
		title: "Levels of this house"
		exclusive: true
		required: false
		ceiling: true
		combine: "max"
		labels:
		  - {id: "open", rank: 0, text: "$4"}
		  - {id: "closed", rank: $3, text: "LV:CLOSED"}
	END
}

# --- numbers ---

@test "numbers: what a label asks for is beside it, for each file" {
	both_have_eu
	classified '"eu/confidential"'
	refused requirement --to bob a
	says "a/one.txt: CONFIDENTIEL UE/EU CONFIDENTIAL needs a registration number"
	says 'give it one in the label file: registration: "…"'
	classified '"eu/confidential"' 'copy: "3"'
	refused requirement --to bob a
	says "a registration number"
	classified '"eu/secret"' 'registration: "SN 17/26"'
	refused requirement --to bob a
	says "a/one.txt: SECRET UE/EU SECRET needs a copy number"
	says 'copy: "…"'
	labels a <<-END
		default: {labels: ["TLP:GREEN", "PD:NONE", "eu/confidential"], registration: "SN 17/26"}
		rules: [{match: "two.txt", labels: ["eu/secret"]}]
	END
	refused requirement --to bob a
	says "a/two.txt: SECRET UE/EU SECRET needs a copy number"
	classified '"eu/restricted"'
	ok alice pack --to bob --dry-run a
	classified '"eu/secret"' 'registration: "SN 17/26", copy: "3"'
	ok alice pack --to bob -o a.valise a
	ok bob unpack -o out a.valise
}

# --- who has the scheme ---

@test "schemes: a label of one that is not enabled is none" {
	classified '"eu/restricted"'
	fails 5 label alice pack --to bob a
	says "eu"
	accredit alice eu
	refused ceiling --to bob a
	says "this station has no ceiling for EU classified information (eu) and may not hold RESTREINT UE/EU RESTRICTED"
	station alice ceilings '["eu/restricted", "tlp/red"]'
	refused ceiling --to bob a
	says "bob has no ceiling for EU classified information (eu)"
	entry alice bob ceilings '["eu/restricted", "tlp/amber"]'
	ok alice pack --to bob -o a.valise a
}

@test "schemes: a receiver without it refuses and names it" {
	both_have_eu
	classified '"eu/restricted"'
	ok alice pack --to bob -o a.valise a
	accredit bob
	station bob ceilings '["tlp/red"]'
	fails 9 scheme bob unpack -o out a.valise
	says 'the sender uses the scheme "eu", version 2013/488/EU, which is not here'
	noted bob scheme
	accredit bob eu
	turned_away ceiling a.valise
	says "this station has no ceiling for EU classified information (eu) and may not hold RESTREINT UE/EU RESTRICTED"
	station bob ceilings '["eu/restricted", "tlp/red"]'
	ok bob unpack -o out a.valise
}

@test "schemes: other ranks are refused with both versions, another version is fine" {
	levels alice 7 10 LV:OPEN
	levels bob 8 20 LV:OPEN
	station alice ceilings '["levels/closed", "tlp/red"]'
	station bob ceilings '["levels/closed", "tlp/red"]'
	entry alice bob ceilings '["levels/closed", "tlp/amber"]'
	classified '"LV:CLOSED"'
	ok alice pack --to bob -o a.valise a
	fails 9 scheme bob unpack -o out a.valise
	says 'the scheme "levels" has other ranks or rules at the sender (version 7) than here (version 8)'
	says "agree with the sender"
	noted bob scheme
	levels bob 9 10 "open to all"
	ok bob unpack -o out a.valise
}

# --- sets ---

record='records: {r: {controller: "A", contact: "a@a.example", data-protection-officer: "dpo", purposes: "p",
  data-subjects: "s", data-categories: "c", approximate-number: "10", recipients: "agencies", third-country: "none",
  legal-basis: "eu-gdpr:A6-1-e", retention: "P6M", article-9-basis: "eu-gdpr:A9-2-g"}}'

# About people, with these labels more.
people() {
	{ printf 'default: {labels: ["TLP:GREEN", "PD:PERSONAL", %s], record: "r"}\n' "$1"; echo "$record"; } | labels a
}

@test "a set has no highest label: each must be allowed by name, at each end" {
	entry alice bob jurisdiction '"BE"'
	people '"PDCAT:CONTACT"'
	refused ceiling --to bob a
	says "this station has no ceiling for Personal-data categories (pdcat) and may not hold PDCAT:CONTACT"
	station alice ceilings '["pd/personal", "pdcat/art9-health", "pdcat/child", "pdcat/contact", "tlp/red"]'
	refused ceiling --to bob a
	says "bob has no ceiling for Personal-data categories (pdcat) and may not hold PDCAT:CONTACT"
	entry alice bob ceilings '["pd/personal", "pdcat/child", "pdcat/contact", "tlp/amber"]'
	people '"PDCAT:CONTACT", "PDCAT:HEALTH"'
	refused ceiling --to bob a
	says "bob may hold PDCAT:CHILD, PDCAT:CONTACT of Personal-data categories only, and a/one.txt is PDCAT:HEALTH"
	people '"PDCAT:CONTACT", "PDCAT:CHILD"'
	station bob ceilings '["pd/personal", "pdcat/contact", "tlp/red"]'
	ok alice pack --to bob -o a.valise a
	turned_away ceiling a.valise
	says "this station may hold PDCAT:CONTACT of Personal-data categories only, and a/one.txt is PDCAT:CHILD"
	station bob ceilings '["pd/personal", "pdcat/child", "pdcat/contact", "tlp/red"]'
	ok bob unpack -o out a.valise
}

@test "a set: the bundle counts as all labels together" {
	entry alice bob jurisdiction '"BE"'
	entry alice bob ceilings '["pd/personal", "pdcat/child", "pdcat/contact", "tlp/amber"]'
	station alice ceilings '["pd/personal", "pdcat/child", "pdcat/contact", "tlp/red"]'
	{
		echo 'default: {labels: ["TLP:GREEN", "PD:PERSONAL", "PDCAT:CHILD"], record: "r"}'
		echo 'rules: [{match: "two.txt", labels: ["PDCAT:CONTACT"]}]'
		echo "$record"
	} | labels a
	ok_json alice pack --to bob --dry-run a
	holds '.marks == ["pd/personal", "pdcat/child", "pdcat/contact", "tlp/green"]'
}

# --- equivalence ---

# table WHO [SIGNER]: entries from standard input become the table of WHO, signed.
table() {
	local by=${2:-$1}
	{ printf 'valise-equivalence: 1\ncreated: "%s"\nentries:\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"; cat; } >body
	signed "$by" body >"$T/$1/equivalence.yaml"
	rm body
}

us_to_eu='  - {from: "us/secret", to: "eu/secret", basis: "agreement of 2007", since: "2007-04-30T00:00:00Z"}'

# Alice has both schemes; bob may hold what the EU calls SECRET.
us_secret_for_eu() {
	accredit alice eu us
	station alice ceilings '["eu/secret", "tlp/red", "us/secret"]'
	entry alice bob ceilings '["eu/secret", "tlp/amber"]'
	classified '"us/secret"'
}

@test "equivalence: without an entry refused, naming both" {
	us_secret_for_eu
	refused ceiling --to bob a
	says "bob has no ceiling for US classified national security information (us)"
	says "no equivalence in force from SECRET to a scheme of its ceilings (eu: SECRET UE/EU SECRET)"
	# not the other way round, not before it begins, not after it ended, and not by two steps
	table alice <<<'  - {from: "eu/secret", to: "us/secret", basis: "b", since: "2007-04-30T00:00:00Z"}'
	refused ceiling --to bob a
	table alice <<<'  - {from: "us/secret", to: "eu/secret", basis: "b", since: "2126-01-01T00:00:00Z"}'
	refused ceiling --to bob a
	table alice <<<'  - {from: "us/secret", to: "eu/secret", basis: "b", since: "2007-01-01T00:00:00Z", until: "2026-01-01T00:00:00Z"}'
	refused ceiling --to bob a
	accredit alice eu nato us
	table alice <<-'END'
		  - {from: "us/secret", to: "nato/secret", basis: "b", since: "2007-04-30T00:00:00Z"}
		  - {from: "nato/secret", to: "eu/secret", basis: "b", since: "2007-04-30T00:00:00Z"}
	END
	refused ceiling --to bob a
	says "no equivalence in force from SECRET"
}

@test "equivalence: what a label counts as is compared, and the file keeps its own" {
	us_secret_for_eu
	table alice <<<"$us_to_eu"
	ok alice pack --to bob -o a.valise a
	entry alice bob ceilings '["eu/confidential", "tlp/amber"]'
	refused ceiling --to bob a
	says "bob may hold CONFIDENTIEL UE/EU CONFIDENTIAL at most, and a/one.txt is SECRET, which counts as SECRET UE/EU SECRET (eu)"
	# the receiver goes by its own table
	accredit bob eu us
	station bob ceilings '["eu/secret", "tlp/red"]'
	turned_away ceiling a.valise
	says "no equivalence in force from SECRET"
	table bob <<<"$us_to_eu"
	ok_json bob list a.valise
	holds '.marks == ["pd/none", "tlp/green", "us/secret"]'
	ok bob unpack -o out a.valise
}

@test "equivalence: a lower label is asked for itself, whatever stands beside it" {
	us_secret_for_eu
	station alice ceilings '["eu/secret", "tlp/red", "us/top-secret"]'
	table alice <<<'  - {from: "us/top-secret", to: "eu/secret", basis: "b", since: "2007-04-30T00:00:00Z"}'
	labels a <<-'END'
		default: {labels: ["TLP:GREEN", "PD:NONE", "us/secret"], registration: "R1", copy: "1"}
		rules: [{match: "one.txt", labels: ["us/top-secret"]}]
	END
	refused ceiling --to bob a
	says "no equivalence in force from SECRET"
}

@test "equivalence: a table whose signature does not count stops the work" {
	us_secret_for_eu
	table alice dora <<<"$us_to_eu"
	fails 3 unfit-signer alice pack --to bob a
	says "equivalence.yaml: Dora Dee signed it, who lacks the role that this needs: administer"
	table alice <<<"$us_to_eu"
	sed -i 's|2007-04-30|2008-04-30|' "$T/alice/equivalence.yaml"
	fails 3 bad-signature alice pack --to bob a
	says "equivalence.yaml"
	sed -i '$d' "$T/alice/equivalence.yaml"
	run --separate-stderr v alice --json pack --to bob a
	[ "$status" -ne 0 ] || fail "a table without a signature"
	says "equivalence.yaml"
	# it stops also what needs no table
	labels a <<<'default: {labels: ["TLP:GREEN", "PD:NONE"]}'
	run --separate-stderr v alice --json pack --to bob a
	[ "$status" -ne 0 ] || fail "a table without a signature"
	entry alice dora roles '["send", "receive", "administer"]'
	table alice dora <<<"$us_to_eu"
	ok alice pack --to bob -o a.valise a
}
