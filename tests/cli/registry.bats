#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# registry sign, export, import, diff, verify, history: partners that administrators keep, and how they reach other stations.

load helper
load registry

setup() {
	load_helper_setup
	make_governed
}

# --- founding ---

@test "founding: the station is the first administrator, and one signature is in force at once" {
	state plain
	ok_json alice registry sign --found hq
	holds --arg fpr "$(fpr alice)" '.needed == 1 and .signed == 1 and .signers[0].fingerprint == $fpr and .signers[0].counts'
	holds '.difference.added | map(.alias) == ["hq"]'
	ok_json alice partner show hq
	holds '.partner.roles == "send,receive,approve,administer" and .partner.person == "Alice Ardent"'
	grep -q '^administrators-needed: 1$' "$T/alice/registry.yaml"
	[ ! -e "$T/alice/registry.draft.yaml" ]
	ok alice registry verify
	says "GOOD"
	says "Alice Ardent (1 of 1)"
	# its signature is one that gpg takes, over the exact bytes
	bash -c 'cat "$1"/alice/registry.sig/*/*.sig >one.sig' _ "$T"
	mkdir -m 700 "$T/user/.gnupg"
	gpg --batch --quiet --import "$T/alice/keys/$(fpr alice).pgp" 2>/dev/null
	gpg --batch --quiet --verify one.sig "$T/alice/registry.yaml" 2>/dev/null || fail "gpg does not take the signature"
}

@test "founding: in words, before it is signed" {
	state plain
	ok alice registry sign --found hq
	says " brings:"
	says "administrators who must sign: 0 → 1"
	says "+ new  hq"
	says "send,receive,approve,administer"
	says "In force"
}

@test "founding: refusals" {
	state plain
	fails 2 usage alice registry sign
	says "registry sign --found"
	fails 2 usage alice registry export -o x
	fails 7 exists alice registry sign --found bob
	fails 2 usage alice registry sign --found "Dr Bob"
	fails 2 usage alice registry sign --found hq --needed 0
	fails 2 usage alice registry sign --found hq --needed 17
	fails 2 usage alice registry sign --found hq --needed many
	fails 2 usage alice registry sign --found hq --needed 3 # two are there
	says "it names 2"
	fails 2 usage carol registry sign --found courier
	says "no key of its own"
	state one
	fails 2 usage alice registry sign --found again
}

@test "export: one file, which overwrites nothing" {
	state one
	ok_json alice registry export -o out
	holds '.serial == 4 and .draft == false and (.path | endswith("out"))'
	cmp out file.1
	fails 7 exists alice registry export -o out
	fails 2 usage alice registry export
	fails 7 io alice registry export -o no/such/folder/out
	[ "$(tar tf out | sed -n '1,2p')" = $'valise-registry\nregistry.yaml' ]
	tar xOf out registry.yaml | cmp - "$T/alice/registry.yaml"
	[ "$(tar tf out | grep -c '^signatures/')" = 1 ]
	[ "$(tar tf out | grep -c '^certificates/')" = 3 ]
	# whoever follows may pass it on
	ok bob registry export -o passed
	cmp passed file.1
}

# --- the first distribution ---

@test "first import: pinned by an administrator's fingerprint, typed as digits or words" {
	local words
	state plain
	cp "$GOVERNED/one/file.1" .
	fails 2 usage bob registry import file.1
	says "--fingerprint FPR"
	fails 3 fingerprint bob registry import --fingerprint "$(fpr erin)" file.1
	fails 3 registry-signatures bob registry import --fingerprint "$(fpr dora)" file.1
	fails 3 registry-signatures bob registry import --fingerprint "$(fpr bob)" file.1
	fails 2 usage bob registry import --fingerprint 1234 file.1
	ok_json bob registry import --fingerprint "$(fpr alice)" file.1
	holds '.serial == 4 and .signed == 1 and .needed == 1'
	holds --arg digest "$(tar xOf file.1 registry.yaml | sha256sum | cut -c-64)" '.digest == $digest'
	ok bob partner list
	says hq
	! grep -q '^alice' <<<"$output" || fail "the partner of before is still there"
	words=$(v alice --json card | jq -r .words)
	ok dora registry import --fingerprint "$words" file.1
}

@test "first import: in words before it is applied; the courier too; then nothing new" {
	state plain
	cp "$GOVERNED/one/file.1" .
	ok carol registry import --fingerprint "$(fpr alice)" file.1
	says " brings:"
	says "+ new  dora"
	says "~ changed  bob"
	says "In force"
	cmp "$T/carol/registry.yaml" <(tar xOf file.1 registry.yaml)
	fails 2 usage carol registry import --fingerprint "$(fpr alice)" file.1
	local before
	before=$(world)
	ok_json carol registry import file.1
	holds '.serial == 4 and .signed == 1'
	[ "$before" = "$(world)" ] || fail "taking in what is held changed something"
	ok carol registry import file.1
	says "Nothing new"
	plain
	ok carol verify plain.valise
}

@test "import: signatures are on the disk before the registry is in force" {
	need strace
	state next
	strace -qq -y -e trace=fsync,renameat -o calls "$VALISE" --quiet --home "$T/bob" registry import file.2 </dev/null
	local in_force synced
	in_force=$(grep -n '^renameat.*"registry.yaml"' calls | cut -d: -f1)
	synced=$(grep -n '^fsync(.*/registry.sig>)' calls | head -n 1 | cut -d: -f1)
	[ "${synced:-999}" -lt "$in_force" ] || fail "the folder of the signatures is not synced" "$(cat calls)"
}

@test "first import: a file with a certificate for each partner, pinned by digest" {
	local who
	state plain
	cp "$GOVERNED/one/file.1" .
	ok bob registry import --fingerprint "$(fpr alice)" file.1
	for who in alice dora; do
		tar xOf file.1 "certificates/$(fpr $who).pgp" | cmp - "$T/bob/keys/$(fpr $who).pgp"
	done
	tar xOf file.1 "certificates/$(fpr bob).pgp" | cmp - "$T/bob/keys/$(fpr bob).registry.pgp"
	! find "$T/bob/keys" -name '*.next' -o -name '*.import' | grep . || fail "left over"
	flip "$T/bob/keys/$(fpr alice).pgp" 100
	fails 3 certificate bob registry verify
	ok carol registry import --fingerprint "$(fpr alice)" file.1
}

# --- a change ---

@test "a change is a draft: not in force until it is signed" {
	state one
	ok alice partner set bob --ceiling TLP:GREEN
	says "draft of number 5"
	says "registry sign"
	cmp "$T/alice/registry.yaml" <(tar xOf file.1 registry.yaml)
	ok_json alice partner show bob
	holds '.partner.ceilings == ["pd/personal", "tlp/amber"]'
	ok_json alice registry diff
	holds '.difference.added == [] and .difference.removed == [] and [.difference.changed[].alias] == ["bob"]'
	ok alice registry diff
	says "~ changed  bob"
	says "TLP:GREEN"
	# a second change joins the first, under the same number
	ok alice partner set dora --approvals 2
	says "draft of number 5"
	ok_json alice registry diff
	holds '[.difference.changed[].alias] == ["dora", "bob"]' # administrators first
	ok_json alice registry sign
	holds '.serial == 5 and .signed == 1'
	[ ! -e "$T/alice/registry.draft.yaml" ]
	ok_json alice partner show bob
	holds '.partner.ceilings == ["tlp/green"]'
	fails 2 usage alice registry diff
	ok alice registry verify
}

@test "a change by one administrator reaches the others" {
	state one
	ok alice partner set bob --ceiling TLP:GREEN
	ok alice registry sign
	ok alice registry export -o file.2
	ok_json bob registry diff file.2
	holds '[.difference.changed[].alias] == ["bob"]'
	ok_json bob registry verify file.2
	holds '.serial == 5 and .signed == 1'
	ok_json bob partner show bob
	holds '.partner.ceilings == ["pd/personal", "tlp/amber"]'
	ok bob registry import file.2
	says "~ changed  bob"
	ok_json bob partner show bob
	holds '.partner.ceilings == ["tlp/green"]'
	# the other administrator, whose word is enough as well
	ok dora registry import file.2
	ok dora partner remove bob
	says "Once it is in force: its bundles no longer verify here"
	ok dora registry sign
	ok dora registry export -o file.3
	ok alice registry import file.3
	says "- gone  bob"
	[ ! -e "$T/alice/keys/$(fpr bob).pgp" ] || fail "the certificate of a partner who left is still there"
	ok_json alice registry verify
	holds --arg fpr "$(fpr dora)" '.serial == 6 and .signers[0].fingerprint == $fpr'
}

@test "a new partner comes in by a draft, with the certificate" {
	state one
	ok alice partner add "$CAST/erin.card" --as erin --fingerprint "$(fpr erin)" --ceiling TLP:RED --community first
	reports
	fails 9 partner alice pack --to erin "${LABELS[@]}" -o e.valise reports
	ok_json alice partner show erin
	holds '.draft and .partner.alias == "erin"'
	ok alice partner show erin
	says "Not in force yet"
	ok_json alice partner show bob
	holds '.draft == false'
	fails 9 partner alice partner show nobody
	ok alice registry sign
	ok alice pack --to erin "${LABELS[@]}" -o e.valise reports
	ok alice registry export -o file.2
	ok carol registry import file.2
	ok carol verify e.valise
}

@test "another year: signing without a change" {
	state one
	ok_json alice registry sign
	holds '.serial == 5 and .difference == {"added": [], "changed": [], "removed": [], "needed-before": 1, "needed": 1}'
	ok alice registry sign
	says "nothing but its number and its end"
	ok alice registry export -o file.3
	ok bob registry import file.3 # numbers may be left out
	ok_json bob registry verify
	holds '.serial == 6'
}

@test "sign --needed changes how many must" {
	state one
	ok_json alice registry sign --needed 2
	holds '.signed == 1 and .needed == 2'
	cmp "$T/alice/registry.yaml" <(tar xOf file.1 registry.yaml)
	ok alice registry export -o file.2
	says "a draft that is not in force yet, signed by 1 of 2"
	fails 3 registry-signatures bob registry import file.2
	ok dora registry sign file.2
	ok bob registry import file.2
	says "administrators who must sign: 1 → 2"
	grep -q '^administrators-needed: 2$' "$T/bob/registry.yaml"
	ok alice registry import file.2
}

# --- two people ---

@test "two administrators: not in force until both have signed" {
	state plain
	ok_json alice registry sign --found hq --needed 2
	holds '.signed == 1 and .needed == 2'
	! grep -q administrators-needed "$T/alice/registry.yaml" || fail "in force with one signature"
	ok alice registry export -o file.1
	says "a draft that is not in force yet, signed by 1 of 2"
	fails 3 registry-signatures bob registry import --fingerprint "$(fpr alice)" file.1
	says "1 of the 2"
	fails 3 registry-signatures bob registry verify --fingerprint "$(fpr alice)" file.1
	fails 2 usage dora registry sign file.1
	says "--fingerprint FPR"
	cp file.1 half
	ok_json dora registry sign --fingerprint "$(fpr alice)" file.1
	holds '.signed == 2 and .needed == 2'
	[ "$(tar tf file.1 | grep -c '^signatures/')" = 2 ]
	cmp <(tar xOf file.1 registry.yaml) <(tar xOf half registry.yaml)
	ok alice registry import file.1 # what it prepared itself needs no fingerprint
	ok dora registry import --fingerprint "$(fpr alice)" file.1
	ok bob registry import --fingerprint "$(fpr dora)" file.1
	ok bob registry verify
	says "(2 of 2)"
	ok_json bob registry verify
	holds '[.signers[] | select(.counts)] | length == 2'
}

@test "export: what is printed is the path, byte by byte" {
	state one
	v alice --quiet registry export -o $'caf\303\251 \033[1m' >printed
	printf 'caf\303\251 \033[1m\n' | cmp - printed
}

@test "sign FILE: at a path as long as they may be" {
	local deep
	state two
	deep=$(printf 'folder-of-fifty-bytes-in-its-own-name-and-no-more/%.0s' {1..8})
	mkdir -p "$deep"
	ok alice registry sign
	ok alice registry export -o "${deep}a-file"
	ok_json dora registry sign "${deep}a-file"
	holds '.signed == 2'
	[ "$(ls -A "$deep")" = a-file ]
	ok bob registry import "${deep}a-file"
}

@test "two administrators: the next number, in any order" {
	state two
	ok dora partner set bob --ceiling TLP:GREEN
	ok_json dora registry sign
	holds '.signed == 1 and .needed == 2'
	ok dora registry export -o file.2
	ok_json alice registry diff file.2
	holds '[.difference.changed[].alias] == ["bob"]'
	fails 3 registry-signatures alice registry import file.2
	ok_json alice registry sign file.2
	holds '.signed == 2'
	# signing twice changes the count of nobody
	ok_json alice registry sign file.2
	holds '.signed == 2 and (.signers | length) == 2'
	for who in dora bob carol alice; do ok "$who" registry import file.2; done
	[ "$(held alice)" = "$(held bob)" ] && [ "$(held alice)" = "$(held dora)" ]
	fails 2 usage alice registry sign file.2
	says "in force here already"
}

@test "two administrators of one number: neither signs the other's, a later number decides" {
	state two
	ok alice partner set bob --ceiling TLP:GREEN
	ok alice registry sign
	ok alice registry export -o hers
	ok dora partner set bob --ceiling TLP:RED
	ok dora registry sign
	ok dora registry export -o his
	cp his his.before
	fails 3 registry-fork alice registry sign his
	says "this station signed another registry as number 5"
	says "later number"
	cmp his his.before
	fails 3 registry-fork dora registry sign hers
	# what one signed is changed under the next number
	ok alice partner set bob --approvals 2
	says "draft of number 6"
	ok_json alice registry sign
	holds '.serial == 6 and .signed == 1'
	ok alice registry export -o next
	ok dora registry sign next
	for who in alice dora bob carol; do ok "$who" registry import next; done
	[ "$(held alice)" = "$(held bob)" ] && [ "$(held alice)" = "$(held dora)" ]
}

@test "two administrators: one's own draft, signed and then another of its number" {
	state two
	ok alice partner set bob --ceiling TLP:GREEN
	ok alice registry sign
	ok alice registry sign # the same once more is no other
	rm -r "$T/alice/registry.sig"/*/ && cp -a "$GOVERNED/two/alice/registry.sig" "$T/alice"
	ok alice partner set bob --ceiling TLP:RED
	says "draft of number 5"
	fails 3 registry-fork alice registry sign
	says "registry sign --needed 2 (as many as must sign now"
	[ "$(ls "$T/alice/registry.sig" | wc -l)" = 1 ] || fail "signed all the same"
	ok_json alice registry sign --needed 2
	holds '.serial == 6 and .signed == 1 and [.difference.changed[].alias] == ["bob"]'
}

@test "a change of administrators is signed by the old and the new" {
	state two
	ok alice partner add "$CAST/erin.card" --as erin --fingerprint "$(fpr erin)" --role send,administer
	ok alice partner set dora --role send,receive
	ok alice registry sign
	ok alice registry export -o file.2
	cp file.2 old
	fails 3 registry-signatures bob registry import file.2
	ok dora registry sign old # alice and dora: enough of the old, one of the new
	fails 3 registry-signatures bob registry import old
	says "1 of the 2 administrators of its own"
	cp -a "$T/erin" "$T/erin.before"
	ok erin registry sign --fingerprint "$(fpr alice)" file.2 # alice and erin: enough of the new, one of the old
	fails 3 registry-signatures bob registry import file.2
	says "1 of the 2 administrators of the registry held"
	ok dora registry sign file.2
	ok bob registry import file.2
	ok erin registry import --fingerprint "$(fpr alice)" file.2
	ok alice registry import file.2
	ok dora registry import file.2
	fails 5 governed dora partner set bob --approvals 2
	ok erin partner set bob --approvals 2
}

@test "what an administrator prepared himself is not dropped without a word" {
	state two
	ok alice partner set bob --ceiling TLP:GREEN
	ok alice registry sign
	ok dora partner set bob --ceiling TLP:RED
	cp -a "$T/dora" "$T/dora.before"
	ok_json dora registry import file.1 # what is held drops nothing
	holds '."dropped-draft" == null'
	ok alice registry export -o file.2
	ok dora registry sign file.2
	ok alice registry import file.2 # nor does what is prepared here
	! grep -q "will be dropped" <<<"$stderr$output" || fail "drops what it takes in"
	ok dora registry import file.2
	says "your draft of number 5 will be dropped"
	rm -r "$T/dora" && mv "$T/dora.before" "$T/dora"
	ok dora registry sign # another number 5
	ok_json dora registry import file.2
	holds '."dropped-draft" == 5 and .serial == 5'
	[ ! -e "$T/dora/registry.draft.yaml" ]
}

@test "what is changed while a founding waits goes into it" {
	state plain
	ok_json alice registry sign --found hq --needed 2
	holds '.serial == 4'
	ok_json alice registry sign --found hq --needed 2 # once more is the same
	holds '.serial == 4 and .signed == 1'
	fails 2 usage alice registry sign --found other --needed 2
	says "prepared already"
	ok alice partner set bob --ceiling TLP:GREEN
	says "draft of number 5"
	ok alice partner add "$CAST/erin.card" --as erin --fingerprint "$(fpr erin)"
	ok_json alice registry sign
	holds '.serial == 5 and .signed == 1 and .needed == 2'
	ok alice registry export -o file.1
	ok dora registry sign --fingerprint "$(fpr alice)" file.1
	ok alice registry import file.1
	ok_json alice partner show bob
	holds '.partner.ceilings == ["tlp/green"]'
	ok alice partner show erin
}

# --- a station that follows ---

@test "who follows changes no partner himself, and is told whom to ask" {
	state one
	fails 5 governed bob partner add "$CAST/erin.card" --as erin --fingerprint "$(fpr erin)"
	says "Alice Ardent (Agency A)"
	says "Dora Dee (Agency D)"
	says "registry import"
	fails 5 governed bob partner set dora --approvals 2
	fails 5 governed bob partner remove dora
	fails 5 governed bob partner revoke dora --reason "gone"
	fails 5 governed carol partner remove dora
	fails 5 governed bob registry sign
	fails 5 governed bob registry sign --found mine
	ok alice registry sign
	ok alice registry export -o file.2
	fails 5 governed bob registry sign file.2
}

@test "stations that follow exchange bundles" {
	state one
	reports
	ok alice pack --to bob "${LABELS[@]}" -o b.valise reports
	ok bob unpack b.valise -o got
	ok carol verify b.valise
	fails 5 ceiling bob pack --to dora --label TLP:AMBER --label PD:NONE -o d.valise reports
	ok bob pack --to hq "${LABELS[@]}" -o back.valise reports
	ok alice unpack back.valise -o back
}

@test "after its end: pack refuses, verify warns, the next one mends it" {
	state one
	reports
	PRELUDE=("$ROOT/tests/lab/at" +340d)
	ok alice pack --to bob "${LABELS[@]}" -o b.valise reports
	says "ends at"
	ok bob registry verify
	says "ends at"
	ok carol verify b.valise
	says "ends at"
	PRELUDE=("$ROOT/tests/lab/at" +367d)
	fails 5 expired alice pack --to bob "${LABELS[@]}" -o late.valise reports
	says "registry of partners is over since"
	says "valise registry sign"
	fails 10 attention bob registry verify
	holds '.serial == 4 and .signed == 1'
	run --separate-stderr v bob registry verify
	[ "$status" -eq 10 ] || fail "an end that nobody notices"
	says "GOOD"
	says "the registry of partners is over since"
	says "registry import FILE"
	ok erin registry verify # keeps its partners itself: nothing ends
	run --separate-stderr v carol verify b.valise
	says "registry of partners is over since"
	ok alice registry sign
	ok alice registry export -o file.2
	ok carol registry import file.2
	run --separate-stderr v carol verify b.valise
	! grep -q "registry of partners is over" <<<"$stderr$output" || fail "warns of a registry that is new"
	fails 5 expired erin registry import --fingerprint "$(fpr alice)" file.1
}

# --- looking ---

@test "history: each that was held, with who signed it" {
	state next
	ok_json alice registry history
	holds '[.registries[].serial] | (. == (sort | reverse) or . == sort) and length >= 2'
	holds '[.registries[] | select(.signers != null)] | length == 2'
	holds '[.registries[].digest] | length == (unique | length)'
	ok bob registry import file.2
	ok bob registry history
	says "Alice Ardent"
	says "Dora Dee"
	says "SIGNED BY"
	fails 2 usage bob registry history surplus
}

@test "diff and verify change nothing" {
	local before
	state two
	cp "$GOVERNED/next/file.2" .
	before=$(world)
	ok bob registry diff file.2
	says "~ changed  bob"
	ok bob registry verify file.2
	says "(2 of 2)"
	ok bob registry verify
	ok bob registry diff file.1
	says "no difference"
	[ "$before" = "$(world)" ] || fail "something changed"
	fails 7 io bob registry verify no.such.file
	fails 7 io bob registry import no.such.file
}

# --- keys that partners had before ---

# bob takes another key, and alice his rotation; what he sealed by the old one is old.valise, by the new one new.valise
bob_turns() { # OPTION…
	reports
	ok bob pack --to hq "${LABELS[@]}" --expires 300d -o old.valise reports
	ok bob init --rotate --no-passphrase "$@"
	BOBS_NEW=$(v bob --json card | jq -r .fingerprint)
	ok bob card --rotation -o bob.rotation
	ok alice partner renew bob bob.rotation
	ok alice registry sign
	ok alice registry export -o file.2
	ok bob pack --to hq "${LABELS[@]}" --expires 300d -o new.valise reports
}

@test "a former key crosses in the file, and counts at every station until its end" {
	need faketime
	state one
	bob_turns --overlap 30d
	[ "$(tar tf file.2 | grep -c '^certificates/')" = 4 ]
	cmp <(tar xOf file.2 "certificates/$(fpr bob).pgp") "$T/alice/keys/$(fpr bob).pgp"
	ok carol verify old.valise
	fails 3 unknown-signer carol verify new.valise
	ok_json carol registry import file.2
	holds --arg new "$BOBS_NEW" '[.difference.changed[] | select(.alias == "bob").fields[]] | index("fingerprint") and index("former")'
	for who in dora bob; do ok $who registry import file.2; done
	for who in carol dora; do
		ok_json $who partner show bob
		holds --arg old "$(fpr bob)" --arg new "$BOBS_NEW" '.partner | .fingerprint == $new and .former[0].fingerprint == $old'
		ok $who registry verify
	done
	for bundle in old new; do ok carol verify $bundle.valise; done
	ok alice unpack -o old old.valise
	# a station whose first registry this is
	ok erin registry import --fingerprint "$(fpr alice)" file.2
	for bundle in old new; do ok erin verify $bundle.valise; done
	# what a station lost of it is noticed
	cp -a "$T/erin" "$T/robbed"
	rm "$T/robbed/keys/$(fpr bob).pgp"
	fails 9 registry robbed registry verify
	PRELUDE=("$ROOT/tests/lab/at" +31d)
	for who in carol erin; do
		fails 3 unfit-signer $who verify old.valise
		ok $who verify new.valise
		ok $who registry verify
	done
	fails 3 unfit-signer alice unpack -o more old.valise
	ok alice list old.valise
	ok alice unpack --again -o again old.valise
	diff -r reports again/reports
}

@test "a former key that was stolen is revoked at every station by the next number" {
	state one
	bob_turns
	for who in dora carol bob; do ok $who registry import file.2; done
	ok carol verify old.valise
	ok alice partner revoke bob --certificate "$T/bob/gnupg/openpgp-revocs.d/$(fpr bob).rev" --reason stolen
	says "draft of number 6"
	ok alice verify old.valise # in force when it is signed
	ok alice partner set dora --approvals 2
	ok alice registry diff
	says "revoked"
	ok alice registry sign
	ok alice registry export -o file.3
	fails 3 unfit-signer alice verify old.valise
	ok_json carol registry import file.3
	holds '.difference.changed[] | select(.alias == "bob").fields == ["former"]'
	ok dora registry import file.3
	ok bob registry import file.3
	for who in carol dora; do
		fails 3 unfit-signer $who verify old.valise
		ok $who verify new.valise
		ok $who registry verify
		ok_json $who partner show bob
		holds '.partner | .revoked == null and .former[0].revoked != null and .former[0]."revoked-reason" == "stolen"'
	done
	ok erin registry import --fingerprint "$(fpr alice)" file.3
	fails 3 unfit-signer erin verify old.valise
}

# --- an administrator's own key ---

# alice, who administers as hq, takes another key: $NEW; her draft knows it.
alice_turns() {
	ok_json alice init --rotate --no-passphrase
	holds '.administers'
	NEW=$(jq -r .fingerprint <<<"$output")
	ok alice card --rotation -o alice.rotation
	ok_json alice partner renew hq alice.rotation
	holds --arg old "$(fpr alice)" --arg new "$NEW" '.partner.fingerprint == $new and .partner.former[0].fingerprint == $old'
}

@test "an administrator's key: the founder alone takes another one" {
	need faketime
	state one
	reports
	ok alice pack --to bob "${LABELS[@]}" -o old.valise reports
	ok alice init --rotate --no-passphrase --overlap 30d
	says "registry sign"
	ok alice partner set bob --approvals 2 # the registry knows the old key, which still administers
	ok alice card --rotation -o alice.rotation
	ok_json alice partner renew hq alice.rotation
	NEW=$(jq -r .partner.fingerprint <<<"$output")
	ok_json alice registry sign
	holds --arg old "$(fpr alice)" --arg new "$NEW" '.signed == 1 and .needed == 1
		and ([.signers[] | select(.counts).fingerprint] | sort) == ([$old, $new] | sort)'
	ok alice registry export -o file.2
	[ "$(tar tf file.2 | grep -c '^signatures/')" = 2 ]
	for who in bob dora carol; do
		ok $who registry import file.2
		ok_json $who partner show hq
		holds --arg new "$NEW" '.partner | .fingerprint == $new and (.roles | contains("administer")) and .former[0].revoked == null'
	done
	ok alice pack --to bob "${LABELS[@]}" -o new.valise reports
	ok alice doctor
	for bundle in old new; do ok carol verify $bundle.valise; done
	# the next number by the new key alone
	ok alice partner set bob --approvals 1
	ok_json alice registry sign
	holds --arg new "$NEW" '[.signers[].fingerprint] == [$new]'
	ok alice registry export -o file.3
	ok bob registry import file.3
	# and the one that brought it holds when the old key's time is over, also for a new station
	PRELUDE=("$ROOT/tests/lab/at" +31d)
	ok carol registry verify
	ok carol registry import file.3
	ok erin registry import --fingerprint "$NEW" file.2
	cp -a "$GOVERNED/plain/erin" "$T/erin2"
	fails 3 registry-signatures erin2 registry import --fingerprint "$(fpr alice)" file.2
}

@test "an administrator's key: where two must sign, the other one does as well" {
	state two
	alice_turns
	ok_json alice registry sign
	holds '.signed == 1 and .needed == 2'
	ok alice registry export -o file.2
	fails 3 registry-signatures bob registry import file.2
	ok_json dora registry sign file.2
	holds '.signed == 2'
	for who in alice dora bob carol; do ok $who registry import file.2; done
	ok bob registry verify
	says "(2 of 2)"
	# both keys are one person
	ok alice partner set bob --approvals 2
	ok_json alice registry sign
	holds '.signed == 1'
	ok alice registry export -o file.3
	ok dora registry sign file.3
	ok bob registry import file.3
}

@test "an administrator's key: one that others took out, or whose time is over, does not come in" {
	need faketime
	state two
	ok alice init --rotate --no-passphrase --overlap 10d
	ok alice card --rotation -o alice.rotation
	cp -a "$T/dora" "$T/late"
	# another administrator may take it in as well
	ok dora partner renew hq alice.rotation
	ok dora registry sign
	ok dora registry export -o file.2
	ok alice registry sign file.2
	ok bob registry import file.2
	PRELUDE=("$ROOT/tests/lab/at" +11d)
	fails 5 expired late partner renew hq alice.rotation
	fails 5 expired alice partner renew hq alice.rotation
}

@test "founding after another key: what the former one sealed is verified where the registry rules" {
	state plain
	reports
	ok alice pack --to bob "${LABELS[@]}" -o old.valise reports
	ok alice init --rotate --no-passphrase
	NEW=$(v alice --json card | jq -r .fingerprint)
	ok alice registry sign --found hq
	ok_json alice partner show hq
	holds --arg old "$(fpr alice)" '.partner.former[0].fingerprint == $old'
	ok alice registry verify
	ok alice registry export -o out
	ok bob registry import --fingerprint "$NEW" out
	ok carol registry import --fingerprint "$NEW" out
	ok carol verify old.valise
	ok bob unpack -o got old.valise
	ok alice registry sign
	ok alice registry export -o out.2
	ok bob registry import out.2
	ok alice registry import out.2
}
