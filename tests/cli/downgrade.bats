#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# AUTHORISATION of valise-labels(5), its first half: what the ledger remembers, and that the same bytes do not go lower.

load helper
load policy

setup() {
	load_helper_setup
	home alice bob dora
	mkdir a
	echo one >a/one.txt
}

# sent LABEL… : alice sends the folder a to bob so.
sent() {
	local options=() label
	for label in "$@"; do
		options+=(--label "$label")
	done
	ok alice pack --to bob "${options[@]}" -o "$((++bundles)).valise" a
}

# Bob knows alice as somebody who may have what he got.
bob_sends() {
	entry bob alice ceilings '["pd/personal", "tlp/red"]'
	entry bob alice communities '["first"]'
}

@test "the same bytes do not go lower, under whatever name and to whomever" {
	sent TLP:AMBER PD:NONE
	refused downgrade --to bob "${GREEN[@]}" a
	says "a/one.txt: the same bytes were TLP:AMBER on $(date -u +%Y-%m-%d), by the word of this station; now TLP:GREEN"
	says "valise label --authorise"
	mkdir b
	cp a/one.txt b/other.dat
	touch -d 2001-01-01 b/other.dat
	refused downgrade --to bob "${GREEN[@]}" b
	says "b/other.dat: the same bytes were TLP:AMBER"
	refused downgrade --to bob "${GREEN[@]}" b/other.dat
	refused downgrade --to dora --label TLP:CLEAR --label PD:NONE b
	says "now TLP:CLEAR"
	# one among many that nobody ever saw
	echo new >b/a-new
	echo newer >b/z-new
	refused downgrade --to bob "${GREEN[@]}" b
	says "b/other.dat"
	# the rule of a label file is no word of an originator
	labels b <<-END
		default: {labels: ["TLP:AMBER", "PD:NONE"]}
		rules: [{match: "other.dat", labels: ["TLP:GREEN"]}]
	END
	refused downgrade --to bob b
	says "b/other.dat"
}

@test "as high or higher is fine, and the higher one is remembered" {
	entry alice bob ceilings '["pd/personal", "tlp/red"]'
	sent TLP:GREEN PD:NONE
	sent TLP:GREEN PD:NONE
	sent TLP:AMBER PD:ANONYMISED
	refused downgrade --to bob --label TLP:GREEN --label PD:ANONYMISED a
	says "a/one.txt: the same bytes were TLP:AMBER"
	sent TLP:RED PD:ANONYMISED
	refused downgrade --to bob --label TLP:AMBER --label PD:ANONYMISED a
	says "a/one.txt: the same bytes were TLP:RED"
	refused downgrade --to bob --label TLP:RED --label PD:NONE a
	says "a/one.txt: the same bytes were PD:ANONYMISED"
	says "now PD:NONE"
	sent TLP:RED PD:ANONYMISED
}

@test "a label of a scheme that need not be there stays; one more is fine" {
	sent TLP:GREEN PD:NONE PAP:AMBER
	refused downgrade --to bob "${GREEN[@]}" a
	says "the same bytes were PAP:AMBER"
	says "now without a label of Permissible Actions Protocol"
	refused downgrade --to bob "${GREEN[@]}" --label PAP:GREEN a
	says "now PAP:GREEN"
	sent TLP:GREEN PD:NONE PAP:RED
}

@test "of a set each label stays" {
	local record
	record='controller: "A", contact: "a@a.example", data-protection-officer: "dpo", purposes: "p", data-subjects: "s",
	    data-categories: "c", approximate-number: "10", recipients: "agencies", third-country: "none",
	    legal-basis: "eu-gdpr:A6-1-e", retention: "P6M"'
	entry alice bob jurisdiction '"BE"'
	station alice ceilings '["pd/personal", "pdcat/child", "pdcat/contact", "tlp/red"]'
	entry alice bob ceilings '["pd/personal", "pdcat/child", "pdcat/contact", "tlp/amber"]'
	labels a <<-END
		default: {labels: ["TLP:GREEN", "PD:PERSONAL", "PDCAT:CHILD"], record: "r"}
		records: {r: {$record}}
	END
	sent
	sed -i 's/PDCAT:CHILD/PDCAT:CONTACT/' a/.valise-labels.yaml
	refused downgrade --to bob a
	says "the same bytes were PDCAT:CHILD"
	sed -i 's/"PDCAT:CONTACT"/&, "PDCAT:CHILD"/' a/.valise-labels.yaml
	sent
}

@test "who received is bound as well, by the sender's word" {
	sent TLP:AMBER PD:NONE
	ok bob unpack -o out 1.valise
	bob_sends
	fails 5 downgrade bob pack --to alice "${GREEN[@]}" out/a
	says "a/one.txt: the same bytes were TLP:AMBER on $(date -u +%Y-%m-%d), by the word of alice; now TLP:GREEN"
	says "ask alice for an authorisation"
	noted bob downgrade
	mv out/a/one.txt mine.txt
	fails 5 downgrade bob pack --to alice "${GREEN[@]}" mine.txt
	ok bob pack --to alice --label TLP:AMBER --label PD:NONE -o back.valise mine.txt
	ok alice unpack -o back back.valise
}

@test "who took single files out is bound as well" {
	sent TLP:AMBER PD:NONE
	ok bob unpack -o part 1.valise a/one.txt
	bob_sends
	fails 5 downgrade bob pack --to alice "${GREEN[@]}" part/a/one.txt
	says "by the word of alice"
}

@test "a label file cannot name another originator than him from whom the bytes came" {
	sent TLP:AMBER PD:NONE
	ok bob unpack -o out 1.valise
	bob_sends
	labels out/a <<-'END'
		default: {labels: ["TLP:AMBER", "PD:NONE"], originator: "0123456789ABCDEF0123456789ABCDEF01234567"}
	END
	fails 5 label bob pack --to alice out/a
	says "its originator is alice, from whom these bytes came"
}

@test "bytes that one had first, and then got from another: his word goes on with them" {
	bob_sends
	ok bob pack --to alice --label TLP:GREEN --label PD:NONE -o own.valise a/one.txt
	sent TLP:AMBER PD:NONE
	ok bob unpack -o out 1.valise
	ok bob pack --to alice --label TLP:AMBER --label PD:NONE -o back.valise out/a/one.txt
	ok alice unpack -o got back.valise
	grep -q "\"originator\": \"$(fpr alice)\"" got/MANIFEST.yaml || fail "the originator is lost"
}

@test "what was only listed or refused binds nobody" {
	sent TLP:AMBER PD:NONE
	ok bob list 1.valise
	bob_sends
	station bob ceilings '["tlp/green"]'
	fails 5 ceiling bob unpack -o out 1.valise
	ok bob pack --to alice "${GREEN[@]}" -o b.valise a
}

@test "the word of the originator goes on with what is sent on" {
	sent TLP:AMBER PD:NONE
	ok bob unpack -o out 1.valise
	ok bob partner add "$CAST/dora.card" --as dora --fingerprint "$(fpr dora)" --community first --ceiling TLP:AMBER
	ok bob pack --to dora --label TLP:AMBER --label PD:NONE -o on.valise out/a
	ok dora partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" --community first --ceiling TLP:AMBER
	station dora ceilings '["tlp/amber"]'
	ok dora unpack -o got on.valise
	fails 5 downgrade dora pack --to bob "${GREEN[@]}" got/a
	says "by the word of alice"
	says "ask alice for an authorisation"
}

@test "an empty file is everybody's; one that was changed is another" {
	: >a/empty
	sent TLP:AMBER PD:NONE
	: >other-empty
	ok alice pack --to dora --label TLP:CLEAR --label PD:NONE -o b.valise other-empty
	echo more >>a/one.txt
	ok alice pack --to dora --label TLP:CLEAR --label PD:NONE -o c.valise a
}

@test "a bundle that was declared void still counts; one that was refused or only shown does not" {
	ok alice pack --to bob --label TLP:AMBER --label PD:NONE --dry-run a
	refused ceiling --to bob --label TLP:RED --label PD:NONE a
	sent TLP:GREEN PD:NONE
	ok_json alice pack --to bob --label TLP:AMBER --label PD:NONE -o void.valise a
	ok alice ledger void "$(jq -r .bundle <<<"$output")" --reason "wrong label"
	refused downgrade --to bob "${GREEN[@]}" a
	says "TLP:AMBER"
}

@test "the dry run says so too" {
	sent TLP:AMBER PD:NONE
	fails 5 downgrade alice pack --to bob "${GREEN[@]}" --dry-run a
}

@test "a label of a scheme that is gone counts as given up" {
	cat >"$T/alice/schemes/house.yaml" <<-'END'
		valise-scheme: 1
		id: "house"
		version: "1"
		title: "Levels of this house"
		exclusive: true
		required: false
		ceiling: false
		combine: "max"
		labels:
		  - {id: "open", rank: 0, text: "HOUSE:OPEN"}
		  - {id: "closed", rank: 10, text: "HOUSE:CLOSED"}
	END
	sent TLP:GREEN PD:NONE HOUSE:CLOSED
	rm "$T/alice/schemes/house.yaml"
	refused downgrade --to bob "${GREEN[@]}" a
	says "the same bytes were house/closed"
	says "which no scheme here knows"
}

@test "labels of who may have it: fewer is fine, one more or none is not" {
	local who
	for who in alice bob; do
		cat >"$T/$who/schemes/desk.yaml" <<-'END'
			valise-scheme: 1
			id: "desk"
			version: "1"
			title: "Desks that may have it"
			exclusive: false
			required: false
			ceiling: false
			combine: "intersection"
			labels:
			  - {id: "one", text: "DESK:ONE"}
			  - {id: "two", text: "DESK:TWO"}
			  - {id: "three", text: "DESK:THREE"}
		END
	done
	sent TLP:GREEN PD:NONE DESK:ONE DESK:TWO
	refused downgrade --to bob "${GREEN[@]}" --label DESK:ONE --label DESK:THREE a
	says "now also DESK:THREE"
	refused downgrade --to bob "${GREEN[@]}" a
	says "now without a label of Desks that may have it"
	sent TLP:GREEN PD:NONE DESK:ONE
	ok bob unpack -o out 2.valise
}
