#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# AUTHORISATION of valise-labels(5), its second half: label --authorise makes the originator's word that labels may go
# lower, and pack --authorisation takes it where it counts.

load helper
load policy

# Alice sent a/one.txt to bob as TLP:AMBER, and bob may send to alice and to dora.
setup() {
	load_helper_setup
	home alice bob dora
	mkdir a
	echo one >a/one.txt
	ok alice pack --to bob --label TLP:AMBER --label PD:NONE -o 1.valise a
	AUTHORISE=(label --authorise --from TLP:AMBER --lower-to TLP:GREEN --reason "the incident is closed")
	entry bob alice communities '["first"]'
	entry bob alice ceilings '["pd/personal", "tlp/red"]'
}

lower() { # FILE [PATH]: alice packs it as TLP:GREEN by this authorisation
	ok alice pack --to bob "${GREEN[@]}" --authorisation "$1" -o "$((++bundles))-low.valise" "${2:-a}"
}

# not_covered FILE [PATH]: it counts, and does not help here.
not_covered() {
	refused downgrade --to bob "${GREEN[@]}" --authorisation "$1" "${2:-a}"
	says "which no authorisation given here covers"
}

# by_hand WHO [SED-EXPRESSION…]: an authorisation of alice's for a/one.txt as valise-labels(5) has it, changed by sed,
# signed by WHO.
by_hand() {
	local who=$1 edits=() digest edit
	shift
	for edit in "$@"; do
		edits+=(-e "$edit")
	done
	digest=$(sha256sum <a/one.txt)
	{
		printf 'valise-authorisation: 1\nby: "%s"\n' "$(fpr alice)"
		printf 'created: "%s"\nnot-after: "%s"\n' "$(day "-1 day")" "$(day "+30 days")"
		printf 'reason: "closed"\nfrom: ["tlp/amber"]\nto: ["tlp/green"]\nfiles:\n  - "%s"\n' "${digest%% *}"
	} | sed "${edits[@]:--e;}" >body
	signed "$who" body
	rm body
}

day() {
	date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ
}

# refused_as STATUS CODE FILE WORDS: pack does not take this authorisation at all.
refused_as() {
	fails "$1" "$2" alice pack --to bob "${GREEN[@]}" --authorisation "$3" a
	says "$3"
	says "$4"
}

# --- by the verb ---

@test "the originator's word lowers a label, for as often as it is used" {
	ok_json alice "${AUTHORISE[@]}" -o green.yaml a
	holds '.files == 1 and .from == ["tlp/amber"] and .to == ["tlp/green"]'
	grep -q '^reason: "the incident is closed"$' green.yaml
	grep -q "$(sha256sum <a/one.txt | cut -d' ' -f1)" green.yaml
	refused downgrade --to bob "${GREEN[@]}" a
	lower green.yaml
	lower green.yaml
	cp a/one.txt elsewhere
	lower green.yaml elsewhere
	# both are remembered now
	refused downgrade --to bob "${GREEN[@]}" a
	ok bob unpack -o out 1-low.valise
}

@test "not lower than it says, and no other bytes" {
	station alice ceilings '["pd/personal", "tlp/red"]'
	ok alice "${AUTHORISE[@]}" -o green.yaml a
	refused downgrade --to bob --label TLP:CLEAR --label PD:NONE --authorisation green.yaml a
	says "the same bytes were TLP:AMBER"
	says "now TLP:CLEAR, which no authorisation given here covers"
	echo other >b.txt
	ok alice pack --to bob --label TLP:AMBER --label PD:NONE -o b.valise b.txt
	not_covered green.yaml b.txt
	cp b.txt a/two.txt
	not_covered green.yaml
	says "a/two.txt"
	ok alice "${AUTHORISE[@]}" -o more.yaml b.txt
	ok alice pack --to bob "${GREEN[@]}" --authorisation green.yaml --authorisation more.yaml -o c.valise a
}

@test "each label that is given up is named" {
	ok alice pack --to bob --label TLP:AMBER --label PD:NONE --label PAP:RED -o 2.valise a
	ok alice "${AUTHORISE[@]}" -o green.yaml a
	not_covered green.yaml
	says "PAP:RED"
	ok alice label --authorise --from TLP:AMBER --from PAP:RED --lower-to TLP:GREEN --reason "closed" -o both.yaml a
	lower both.yaml
}

@test "without --from: what is remembered by this station's word" {
	ok_json alice label --authorise --lower-to TLP:GREEN --reason "closed" -o green.yaml a
	holds '.from == ["tlp/amber"]'
	lower green.yaml
	ok bob unpack -o out 1.valise
	fails 5 downgrade bob label --authorise --lower-to TLP:GREEN --reason "closed" -o own.yaml out/a
	says "by the word of alice, who alone may lower it"
	says "ask alice for an authorisation"
	echo new >new
	fails 2 usage alice label --authorise --lower-to TLP:GREEN --reason "closed" -o new.yaml new
	says "--from"
}

@test "what makes no sense is not signed" {
	fails 2 usage alice label --authorise --from TLP:AMBER --lower-to TLP:RED --reason "closed" -o x.yaml a
	says "TLP:RED is not below TLP:AMBER"
	fails 2 usage alice label --authorise --from TLP:AMBER --lower-to TLP:AMBER --reason "closed" -o x.yaml a
	fails 2 usage alice label --authorise --from TLP:AMBER --lower-to PD:NONE --reason "closed" -o x.yaml a
	says "what may stand instead of TLP:AMBER is not said"
	fails 2 usage alice label --authorise --from TLP:AMBER --lower-to TLP:GREEN -o x.yaml a
	fails 2 usage alice "${AUTHORISE[@]}" --reason "" -o x.yaml a
	fails 2 usage alice "${AUTHORISE[@]}" a
	fails 2 usage alice "${AUTHORISE[@]}" --expires 367d -o x.yaml a
	fails 2 usage alice "${AUTHORISE[@]}" -o x.yaml
	fails 5 label alice label --authorise --from TLP:AMBRE --lower-to TLP:GREEN --reason "closed" -o x.yaml a
	: >there.yaml
	fails 7 exists alice "${AUTHORISE[@]}" -o there.yaml a
	home carol
	fails 9 station carol "${AUTHORISE[@]}" -o x.yaml a
}

@test "at the receiver: the sender's word counts, his own does not" {
	ok bob unpack -o out 1.valise
	fails 5 downgrade bob pack --to alice "${GREEN[@]}" out/a
	ok bob "${AUTHORISE[@]}" -o own.yaml out/a
	fails 5 downgrade bob pack --to alice "${GREEN[@]}" --authorisation own.yaml out/a
	says "by the word of alice; now TLP:GREEN, which no authorisation given here covers"
	ok alice "${AUTHORISE[@]}" -o green.yaml a
	ok bob pack --to alice "${GREEN[@]}" --authorisation green.yaml -o back.valise out/a
	ok bob pack --to alice "${GREEN[@]}" --authorisation own.yaml --authorisation green.yaml -o again.valise out/a
	entry bob alice roles '["receive"]'
	fails 3 unfit-signer bob pack --to alice "${GREEN[@]}" --authorisation green.yaml out/a
	says "lacks the role"
}

@test "an originator that the label file names is the one whose word it takes" {
	echo hers >hers.txt
	mkdir c && mv hers.txt c/
	labels c <<<'default: {labels: ["TLP:AMBER", "PD:NONE"], originator: "dora"}'
	ok alice pack --to bob -o c.valise c
	rm c/.valise-labels.yaml
	ok alice "${AUTHORISE[@]}" -o alice.yaml c
	not_covered alice.yaml c
	says "by the word of dora"
	ok dora "${AUTHORISE[@]}" -o dora.yaml c
	lower dora.yaml c
}

@test "it ends, and is not good before it begins" {
	need faketime
	ok alice "${AUTHORISE[@]}" --expires 2d -o green.yaml a
	PRELUDE=("$ROOT/tests/lab/at" +3d)
	fails 5 expired alice pack --to bob "${GREEN[@]}" --authorisation green.yaml a
	says "green.yaml: was good until"
	says "ask"
	PRELUDE=()
	lower green.yaml
}

# --- by hand: what the program would not make ---

@test "one that gpg signed is as good" {
	by_hand alice >green.yaml
	lower green.yaml
}

@test "altered, unsigned, cut, or signed by somebody else" {
	by_hand alice >green.yaml
	sed 's|tlp/green|tlp/clear|' green.yaml >altered.yaml
	refused_as 3 bad-signature altered.yaml "does not match"
	sed '$d' green.yaml >unsigned.yaml
	refused_as 8 document unsigned.yaml "its last line is not: signature:"
	head -c -3 green.yaml >cut.yaml
	refused_as 8 document cut.yaml "last line"
	{ cat green.yaml; echo 'to: ["tlp/clear"]'; } >longer.yaml
	refused_as 8 document longer.yaml "its last line is not: signature:"
	{ cat green.yaml; tail -n 1 green.yaml; } >twice.yaml
	refused_as 3 bad-signature twice.yaml "does not match"
	# dora signs what says that it is alice's
	by_hand dora >dora.yaml
	refused_as 3 unsigned dora.yaml "says that it is by $(fpr alice), and Dora Dee signed it"
	says "only the originator may authorise"
	fails 7 io alice pack --to bob "${GREEN[@]}" --authorisation nothing.yaml a
	mkdir folder
	fails 7 io alice pack --to bob "${GREEN[@]}" --authorisation folder a
}

@test "signed by a stranger" {
	home carol
	ok nora init --name Nora --organisation N --no-passphrase
	ok nora "${AUTHORISE[@]}" -o nora.yaml a
	refused_as 3 unknown-signer nora.yaml "nobody in the registry"
}

@test "signed outside of the time that it names" {
	by_hand alice "s|^not-after: .*|not-after: \"$(day "-1 hour")\"|" >past.yaml
	refused_as 3 signature-time past.yaml "outside the time that it allows"
	by_hand alice "s|^created: .*|created: \"$(day "+2 days")\"|" >early.yaml
	refused_as 3 signature-time early.yaml "outside the time that it allows"
}

# malformed WORDS SED-EXPRESSION…: one changed so is refused, and says WORDS behind the file's name.
malformed() {
	local words=$1
	shift
	by_hand alice "$@" >bad.yaml
	refused_as 8 document bad.yaml "bad.yaml: $words"
}

@test "what breaks the form" {
	by_hand alice 's|^valise-authorisation: 1|valise-authorisation: 2|' >new.yaml
	refused_as 8 version new.yaml "new.yaml"
	malformed '"not-after" must be after "created", by at most 366 days' "s|^not-after: .*|not-after: \"$(day "+400 days")\"|"
	malformed "line 5, column" 's|^reason: .*|reason: ""|'
	malformed "line 6, column" 's|^from: .*|from: []|'
	malformed "line 6, column" 's|^from: .*|from: ["tlp/red", "tlp/amber"]|'
	malformed "line 6, column" 's|^from: .*|from: ["TLP:AMBER"]|'
	malformed "line 8, column 1: unknown key \"colour\"" 's|^to: .*|&\ncolour: 1|'
	malformed "line" '/^to: /d'
	malformed "line" '/^files:/d; /^  - /d'
	malformed "line 10, column" 's|^  - .*|&\n&|'
	malformed "line 9, column" 's|^  - "..|  - "|'
	# lines in another order and remarks are form only
	by_hand alice '/^reason/d; s|^to: .*|&\nreason: "closed" # at last|' >other.yaml
	lower other.yaml
}
