#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# PERSONAL DATA of valise-labels(5): the processing record of what is about people, and recipients in third countries.

load helper
load policy

setup() {
	load_helper_setup
	home alice bob dora
	mkdir a
	echo one >a/one.txt
	echo two >a/two.txt
	labelled='"TLP:GREEN", "PD:PERSONAL"'
	cat >whole <<-'END'
		  r1:
		    controller: "Agency A"
		    contact: "response@agency-a.example"
		    data-protection-officer: "dpo@agency-a.example"
		    purposes: "finding out how accounts were taken over"
		    data-subjects: "owners of accounts"
		    data-categories: "names, addresses of devices"
		    approximate-number: "1200"
		    recipients: "agencies that work on the same case"
		    third-country: "none"
		    legal-basis: "eu-gdpr:A6-1-e"
		    retention: "P6M"
	END
}

# record [SED-EXPRESSION…] [+ LINE…]: all files are labelled $labelled, with the whole record as changed by sed, and these
# lines more.
record() {
	local edits=()
	while [ $# -gt 0 ] && [ "$1" != + ]; do
		edits+=(-e "$1")
		shift
	done
	[ $# -eq 0 ] || shift
	{
		printf 'default: {labels: [%s], record: "r1"}\nrecords:\n' "$labelled"
		sed "${edits[@]:--e;}" whole
		[ $# -eq 0 ] || printf '    %s\n' "$@"
	} | labels a
}

# Bob is where no transfer needs a reason.
near() {
	entry alice bob jurisdiction '"BE"'
}

# --- the record ---

@test "the record: missing, whole, and what needs none" {
	near
	refused personal-data --to bob --label TLP:GREEN --label PD:PERSONAL a
	says "a/one.txt: PD:PERSONAL needs a processing record (GDPR Art. 30(1); Regulation (EU) 2018/1725 Art. 31(1))"
	says 'record: "…"'
	ok alice pack --to bob --label TLP:GREEN --label PD:ANONYMISED --dry-run a
	labels a <<-END
		default: {labels: ["TLP:GREEN", "PD:NONE"]}
		rules: [{match: "two.txt", labels: ["PD:PERSONAL"]}]
	END
	refused personal-data --to bob a
	says "a/two.txt: PD:PERSONAL needs a processing record"
	record
	ok alice pack --to bob -o a.valise a
	ok bob unpack -o out a.valise
}

@test "the record: each field that is blank" {
	local field article
	near
	while read -r field article; do
		record "s/^    $field: .*/    $field: \"  \"/"
		refused personal-data --to bob a
		says "a/one.txt: the processing record \"r1\" does not say $field (GDPR Art. $article;"
		says "fill it in the record of the label file: $field"
	done <<-'END'
		controller 30(1)(a)
		contact 30(1)(a)
		data-protection-officer 30(1)(a)
		purposes 30(1)(b)
		data-subjects 30(1)(c)
		data-categories 30(1)(c)
		approximate-number 30(1)(c)
		recipients 30(1)(d)
		third-country 30(1)(e)
		legal-basis 6(1)
		retention 30(1)(f)
	END
}

@test "the record: each field that is missing" {
	local field
	near
	for field in $(sed -n 's/^    \([a-z-]*\): .*/\1/p' whole); do
		record "/^    $field: /d"
		fails 9 label-file alice pack --to bob a
		says "a/.valise-labels.yaml: line"
		says "$field"
	done
	record + 'colour: "red"'
	fails 9 label-file alice pack --to bob a
	says 'unknown key "colour"'
	record 's/^  r1:/  r2:/'
	fails 9 label-file alice pack --to bob a
	says "r1"
}

# malformed FIELD VALUE WORDS: the record is refused for this value, and WORDS are said.
malformed() {
	record "s|^    $1: .*|    $1: \"$2\"|"
	refused personal-data --to bob a
	says "the processing record \"r1\""
	says "$1"
	says "\"$2\""
	says "$3"
}

@test "the record: numbers, times and terms are what they must be" {
	local value
	near
	for value in many "1 200" 1,200 -1 1e3 99999999999999999999; do
		malformed approximate-number "$value" "must be a number in digits"
	done
	for value in "six months" P P6 6M P1M1Y PT P1.5Y 2027-02-30 2027-1-1 P6M2027-01-01; do
		malformed retention "$value" "must be a duration (P6M) or a day (2027-12-31)"
	done
	for value in consent eu-gdpr:A6-1 eu-gdpr:A6-1-g EU-GDPR:A6-1-e eu-gdpr:A9-2-a eudpr:5-1-f; do
		malformed legal-basis "$value" "there is no legal-basis"
		says "write one of the terms of valise-labels(5)"
	done
	for value in P1Y6M P4W 2027-12-31; do
		record "s|^    retention: .*|    retention: \"$value\"|"
		ok alice pack --to bob --dry-run a
	done
	for value in eu-gdpr:A6-1-a eu-gdpr:A6-1-e-public-interest eudpr:5-1-e; do
		record "s|^    legal-basis: .*|    legal-basis: \"$value\"|"
		ok alice pack --to bob --dry-run a
	done
}

@test "the record: who holds the key to pseudonyms; special categories; convictions" {
	near
	labelled='"TLP:GREEN", "PD:PSEUDONYMISED"'
	record
	refused personal-data --to bob a
	says 'does not say re-identification-key-holder (GDPR Art. 4(5)'
	record + 're-identification-key-holder: "the registry of Agency A"'
	ok alice pack --to bob --dry-run a

	station alice ceilings '["pd/personal", "pdcat/art10-criminal", "pdcat/art9-health", "tlp/red"]'
	entry alice bob ceilings '["pd/personal", "pdcat/art10-criminal", "pdcat/art9-health", "tlp/amber"]'
	labelled='"TLP:GREEN", "PD:PERSONAL", "PDCAT:HEALTH"'
	record
	refused personal-data --to bob a
	says 'does not say article-9-basis (GDPR Art. 9(2)'
	record + 'article-9-basis: "eu-gdpr:A6-1-e"'
	refused personal-data --to bob a
	says 'there is no article-9-basis "eu-gdpr:A6-1-e"'
	record + 'article-9-basis: "eu-gdpr:A9-2-g"'
	ok alice pack --to bob --dry-run a

	labelled='"TLP:GREEN", "PD:PERSONAL", "PDCAT:CRIMINAL"'
	record + 'article-9-basis: "eu-gdpr:A9-2-g"'
	refused personal-data --to bob a
	says 'does not say article-10-basis (GDPR Art. 10'
	record + 'article-10-basis: "eudpr:11-law"'
	ok alice pack --to bob --dry-run a
}

# --- third countries ---

# Fields of a transfer to bob, who is in the United States: by TERM.
transfer() {
	local term=$1
	shift
	record + "transfer-mechanism: \"$term\"" 'transfer-reference: "paper of 2026-03-01"' "$@"
}

# dora sends: her registry gets bob by the options given, and she may hold and label all that is needed.
dora_knows_bob() {
	station dora ceilings '["pd/personal", "tlp/red"]'
	station dora jurisdiction '"NL"'
	ok dora partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" --community first --ceiling TLP:AMBER \
		--ceiling PD:PERSONAL "$@"
}

@test "third country: no mechanism, none that there is, none that is permitted" {
	record
	refused personal-data --to bob a
	says 'a/one.txt: bob is in a third country (US), and the processing record "r1" does not say transfer-mechanism'
	says "GDPR Art. 44 to 49"
	says "for bob none is permitted in the registry yet"
	transfer eu-gdpr:A47-1
	refused personal-data --to bob a
	says 'there is no transfer-mechanism "eu-gdpr:A47-1"'
	transfer eu-gdpr:A46-3-b
	refused personal-data --to bob a
	says "eu-gdpr:A46-3-b (administrative arrangement, authorised, GDPR Art. 46(3)(b)) is not permitted in the entry of bob"
	says "have the administrator of the registry permit it for bob"
}

@test "third country: permitted with partner add --mechanism, and that term only" {
	dora_knows_bob --mechanism "eu-gdpr:A46-3-b=arrangement of 2026-03-01" --mechanism "eudpr:48-3-a=clauses, No. 12"
	record
	fails 5 personal-data dora pack --to bob a
	says "permitted for bob: eu-gdpr:A46-3-b, eudpr:48-3-a"
	# the same in the other law is not that term
	transfer eudpr:48-3-b
	fails 5 personal-data dora pack --to bob a
	says "is not permitted in the entry of bob"
	record + 'transfer-mechanism: "eu-gdpr:A46-3-b"'
	fails 5 personal-data dora pack --to bob a
	says "does not say transfer-reference (GDPR Art. 30(1)(e)"
	transfer eu-gdpr:A46-3-b
	ok dora pack --to bob -o a.valise a
	ok bob partner add "$CAST/dora.card" --as dora --fingerprint "$(fpr dora)"
	ok bob unpack -o out a.valise
}

@test "third country: each record of the bundle, each recipient" {
	entry alice bob mechanisms '{"eu-gdpr:A46-2-a": "treaty"}'
	entry alice dora ceilings '["pd/personal", "tlp/green"]'
	{
		printf 'default: {labels: [%s], record: "r1"}\nrules: [{match: "two.txt", record: "r2"}]\nrecords:\n' "$labelled"
		cat whole
		printf '    transfer-mechanism: "eu-gdpr:A46-2-a"\n    transfer-reference: "treaty"\n'
		sed 's/^  r1:/  r2:/' whole
	} | labels a
	refused personal-data --to bob a
	says 'a/two.txt: bob is in a third country (US), and the processing record "r2" does not say transfer-mechanism'
	transfer eu-gdpr:A46-2-a
	ok alice pack --to bob --dry-run a
	# where the jurisdiction is not known, it is one
	refused personal-data --to bob,dora a
	says "eu-gdpr:A46-2-a (legal instrument between public bodies, GDPR Art. 46(2)(a)) is not permitted in the entry of dora"
	record
	refused personal-data --to dora a
	says "dora counts as in a third country, since nobody said its jurisdiction"
	says '`jurisdiction` in the partner'"'"'s entry of the registry'
	entry alice dora jurisdiction '"EU"'
	ok alice pack --to dora --dry-run a
	station alice jurisdiction '""'
	refused personal-data --to dora a
	says "since this station does not say its own jurisdiction"
	# outside of the EEA only one's own is none
	station alice jurisdiction '"US"'
	refused personal-data --to dora a
	ok alice pack --to bob --dry-run a
}

@test "third country: the Data Privacy Framework is for companies in the United States" {
	local term
	for term in gdpr:45-3-dpf eudpr:47-1-dpf; do
		transfer "$term"
		entry alice bob mechanisms "{\"$term\": \"list of 2026\"}"
		entry alice bob sector '"public"'
		refused personal-data --to bob a
		says "$term (EU-US Data Privacy Framework"
		says "covers certified companies in the United States, and bob is a public body"
		says "eu-gdpr:A46-2-a"
		entry alice bob sector '"private"'
		ok alice pack --to bob --dry-run a
		entry alice bob jurisdiction '"CA"'
		refused personal-data --to bob a
		says "is for recipients in US, and bob is not known to be one"
		entry alice bob jurisdiction '"US"'
	done
	# there is no other decision on that country, but there are on others
	transfer eu-gdpr:A45-3
	entry alice bob mechanisms '{"eu-gdpr:A45-3": "decision"}'
	entry alice bob sector '"public"'
	refused personal-data --to bob a
	says "bob is a public body"
	entry alice bob jurisdiction '"JP"'
	ok alice pack --to bob --dry-run a
}

@test "third country: nobody said that bob is a company" {
	dora_knows_bob --mechanism "gdpr:45-3-dpf=list of 2026"
	transfer gdpr:45-3-dpf
	fails 5 personal-data dora pack --to bob a
	says "bob is a public body"
	rm -r "$T/dora"
	home dora
	dora_knows_bob --mechanism "gdpr:45-3-dpf=list of 2026" --sector private
	ok dora pack --to bob --dry-run a
}

@test "third country: a derogation has a reason" {
	entry alice bob mechanisms '{"eu-gdpr:A49-1-d": "case 17"}'
	transfer eu-gdpr:A49-1-d
	refused personal-data --to bob a
	says "does not say derogation-reason (GDPR Art. 49(1) and (6)"
	transfer eu-gdpr:A49-1-d 'derogation-reason: "the attack goes on, and no other way is in force"'
	ok alice pack --to bob -o a.valise a
}

# --- the receiver ---

@test "a receiver does not judge the transfer again, but whether it may hold them" {
	entry alice bob mechanisms '{"eu-gdpr:A46-2-a": "treaty"}'
	transfer eu-gdpr:A46-2-a
	ok alice pack --to bob -o a.valise a
	station bob jurisdiction '"CA"'
	ok bob unpack -o out a.valise
	station bob ceilings '["tlp/red"]'
	fails 5 ceiling bob unpack -o again --again a.valise
	says "may not hold PD:PERSONAL, which is on a/one.txt"
}
