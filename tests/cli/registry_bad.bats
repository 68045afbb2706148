#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Registries that a station must not follow, whoever made them: each is refused by name, and the home stays as it was.

load helper
load registry

setup() {
	load_helper_setup
	make_governed
}

# --- making them ---

# Number 2 as a folder x/: its parts, to be changed.
apart() {
	rm -rf x
	"$ROOT/tests/lab/registry.py" apart "${1:-$GOVERNED/next/file.2}" x
}

# From x/ with the signatures that lie there: build_file FILE
build_file() {
	"$ROOT/tests/lab/registry.py" build x "$1"
}

# Number 2, changed and signed by both administrators: forged FILE SED-EXPRESSION…
forged() {
	local file=$1
	shift
	apart
	cp x/registry.yaml before.yaml
	sed -i -E "$@" x/registry.yaml
	! cmp -s before.yaml x/registry.yaml || fail "nothing was changed"
	signed_by alice dora
	build_file "$file"
}

# refused STATUS CODE FILE: for one who follows, to take in, to look at, and to sign
refused() {
	fails "$1" "$2" bob registry import "$3"
	fails "$1" "$2" bob registry diff "$3"
	fails "$1" "$2" bob registry verify "$3"
	fails "$1" "$2" carol registry import "$3"
	fails "$1" "$2" dora registry sign "$3"
}

@test "what is built here is what valise makes" {
	state two
	apart
	build_file same
	cmp same "$GOVERNED/next/file.2"
	signed_by alice dora
	build_file signed
	ok bob registry import signed
}

# --- the order ---

@test "an older one" {
	state next
	ok bob registry import file.2
	fails 3 registry-rollback bob registry import file.1
	says "number 5 was held here"
	fails 3 registry-rollback bob registry verify file.1
	fails 3 registry-rollback bob registry diff file.1
	fails 3 registry-rollback alice registry sign file.1
	fails 3 registry-rollback bob registry import --yes file.1
	ok bob registry verify
	forged low 's/^serial: .*/serial: 1/'
	fails 3 registry-rollback bob registry import low
}

@test "a station's own registry, put back by hand: refused at once and by every command" {
	state plain
	cp "$T/alice/registry.yaml" older
	ok alice partner revoke bob --reason "left"
	says "Nothing can be packed"
	cp "$T/alice/registry.yaml" newer
	cp older "$T/alice/registry.yaml"
	reports
	fails 3 registry-rollback alice partner list
	says "was held"
	says "from a backup"
	fails 3 registry-rollback alice partner show bob
	fails 3 registry-rollback alice partner set bob --approvals 2
	fails 3 registry-rollback alice partner add "$CAST/bob.card" --as again --fingerprint "$(fpr bob)"
	fails 3 registry-rollback alice partner remove bob
	fails 3 registry-rollback alice partner revoke dora
	fails 3 registry-rollback alice partner secret show-check bob
	fails 3 registry-rollback alice pack --to bob "${LABELS[@]}" -o b.valise reports
	fails 3 registry-rollback alice registry history
	fails 3 registry-rollback alice registry sign --found hq
	fails 3 registry-rollback alice init --rotate --no-passphrase
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	holds '.findings | any(.topic == "registry" and .level == "broken" and (.text | contains("was held")))'
	# nor another one of the same number
	sed 's/approvals: 1/approvals: 2/' newer >"$T/alice/registry.yaml"
	fails 3 registry-fork alice partner list
	cp newer "$T/alice/registry.yaml"
	ok alice partner list
	# and what is moved away is begun anew
	cp older "$T/alice/registry.yaml" && mv "$T/alice/registry.yaml" away
	ok alice partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)"
	ok alice partner list
}

@test "two of one number, and one that does not follow" {
	state next
	cp -a "$T/bob" "$T/bob.before"
	v bob --quiet registry import file.2
	forged other 's/approvals: 1/approvals: 2/'
	fails 3 registry-fork bob registry import other
	says "does not follow"
	fails 3 registry-fork alice registry sign other
	rm -r "$T/bob" && mv "$T/bob.before" "$T/bob"
	forged loose "s/^previous: .*/previous: \"$(printf 'a%.0s' {1..64})\"/"
	fails 3 registry-fork bob registry import loose
	fails 3 registry-fork carol registry verify loose
	forged zero "s/^previous: .*/previous: \"$(printf '0%.0s' {1..64})\"/"
	fails 3 registry-fork bob registry import zero
	ok bob registry import file.2
}

@test "another domain" {
	state two
	forged foreign 's/^domain: .*/domain: "11111111-2222-4333-8444-555555555555"/'
	refused 3 registry-domain foreign
	v erin --quiet registry sign --found erin
	v erin --quiet registry export -o erins
	refused 3 registry-signatures erins
	fails 2 usage bob registry import --fingerprint "$(fpr erin)" erins
	says "first registry alone"
	fails 2 usage bob registry import --fingerprint "$(fpr alice)" "$GOVERNED/next/file.2"
}

# --- signatures ---

@test "signed by too few, by nobody, or by others" {
	state two
	apart
	signed_by alice
	build_file half
	fails 3 registry-signatures bob registry import half
	says "1 of the 2 administrators of the registry held"
	fails 3 registry-signatures carol registry import half
	fails 3 registry-signatures bob registry verify half
	signed_by
	build_file none
	refused 3 registry-signatures none
	signed_by erin
	build_file stranger
	refused 3 registry-signatures stranger
	signed_by bob
	build_file partner
	refused 3 registry-signatures partner
	signed_by alice erin
	build_file with-stranger
	fails 3 registry-signatures bob registry import with-stranger
	signed_by alice bob
	build_file with-partner
	fails 3 registry-signatures bob registry import with-partner
	says "1 of the 2"
	# and a stranger's signature beside enough others harms nobody
	signed_by alice dora erin
	build_file three
	ok_json bob registry import three
	holds '.signed == 2 and (.signers | length) == 2 and .["left-out"] == 1'
}

@test "two keys of one person count once" {
	state two
	v alice --quiet partner add "$CAST/amy.card" --as amy --fingerprint "$(fpr amy)" --role send,administer
	v alice --quiet registry sign
	v alice --quiet registry export -o amys
	v dora --quiet registry sign amys
	for who in alice dora bob; do v "$who" --quiet registry import amys; done
	v alice --quiet registry sign
	v alice --quiet registry export -o twice
	apart twice
	signed_by alice amy
	build_file twice
	fails 3 registry-signatures bob registry import twice
	says "1 of the 2"
	# nor would both be enough to go on without her
	fails 2 usage alice partner remove dora
	says "it names 1"
	signed_by amy dora
	build_file good
	ok bob registry import good
}

@test "signed before it was made, or by a clock that is ahead" {
	state two
	apart
	signed_by alice dora -- --faked-system-time "$(date -u -d '-30 days' +%Y%m%dT%H%M%S)" --ignore-time-conflict --ignore-valid-from
	[ "$(ls x/signatures | wc -l)" = 2 ]
	build_file early
	fails 3 registry-signatures bob registry import early
	signed_by alice dora -- --faked-system-time "$(date -u -d '+30 days' +%Y%m%dT%H%M%S)"
	build_file ahead
	fails 3 registry-signatures bob registry import ahead
}

@test "altered after it was signed" {
	state two
	apart
	sed -i 's/tlp\/green/tlp\/amber/' x/registry.yaml
	build_file altered
	refused 3 bad-signature altered
	apart
	mv "x/signatures/$(fpr alice).sig" sig
	mv "x/signatures/$(fpr dora).sig" "x/signatures/$(fpr alice).sig"
	mv sig "x/signatures/$(fpr dora).sig"
	build_file swapped
	run --separate-stderr v bob --json registry import swapped
	[ "$status" -eq 3 ] || [ "$status" -eq 8 ] || fail "signatures under each other's names were taken"
	apart
	echo "no signature" >"x/signatures/$(fpr alice).sig"
	build_file junk
	refused 8 signature-packet junk
}

@test "over, or from the future" {
	state two
	cp "$GOVERNED/next/file.2" .
	PRELUDE=("$ROOT/tests/lab/at" +367d)
	fails 5 expired bob registry import file.2
	fails 5 expired bob registry verify file.2
	fails 5 expired dora registry sign file.2
	PRELUDE=("$ROOT/tests/lab/at" -3d)
	run --separate-stderr v carol --json registry import file.2
	[ "$status" -ne 0 ] || fail "taken by a clock that is days behind"
}

# --- what it says ---

@test "a number of administrators that cannot be met" {
	state two
	fails 2 usage alice registry sign --needed 3
	says "it names 2"
	fails 2 usage alice partner set dora --role send
	fails 2 usage alice partner remove dora
	fails 2 usage alice partner revoke dora --reason "left"
	forged three 's/^administrators-needed: 2/administrators-needed: 3/'
	refused 8 document three
	forged none '/^administrators-needed: /d'
	refused 8 document none
	ok alice registry sign --needed 1
}

@test "one alias twice, one key under two partners" {
	state two
	fails 7 exists alice partner add "$CAST/erin.card" --as bob --fingerprint "$(fpr erin)"
	fails 7 exists alice partner add "$CAST/bob.card" --as bob-again --fingerprint "$(fpr bob)"
	fails 7 exists alice partner set bob --as dora
	v alice --quiet partner add "$CAST/erin.card" --as erin --fingerprint "$(fpr erin)"
	fails 7 exists alice partner add "$CAST/amy.card" --as erin --fingerprint "$(fpr amy)"
	fails 7 exists alice partner add "$CAST/erin.card" --as erin-again --fingerprint "$(fpr erin)"
	forged alias 's/^- alias: "dora"/- alias: "bob"/'
	refused 8 document alias
	says "two partners have the alias bob"
	forged key "s/fingerprint: \"$(fpr dora)\"/fingerprint: \"$(fpr bob)\"/"
	refused 8 document key
	says "same fingerprint"
	forged unsorted 's/^- alias: "bob"/- alias: "zoe"/'
	refused 8 document unsorted
	forged unknown 's/^created:/colour: "red"\ncreated:/'
	refused 8 document unknown
	forged escape 's/"Bob Brisk"/"Bob\\e[2J"/'
	refused 8 document escape
}

# --- certificates ---

@test "other certificates than the registry speaks of" {
	state two
	apart
	sed -n 's/^certificate: "\(.*\)"/\1/p' "$CAST/erin.card" | base64 -d >erin.pgp
	cp erin.pgp "x/certificates/$(fpr dora).pgp"
	build_file other
	refused 3 certificate other
	apart
	mv "x/certificates/$(fpr dora).pgp" one && mv "x/certificates/$(fpr bob).pgp" "x/certificates/$(fpr dora).pgp"
	mv one "x/certificates/$(fpr bob).pgp"
	build_file swapped
	refused 3 certificate swapped
	apart
	rm "x/certificates/$(fpr bob).pgp"
	build_file missing
	refused 3 certificate missing
	apart
	cp erin.pgp "x/certificates/$(fpr erin).pgp"
	build_file more
	refused 3 certificate more
}

# --- the file ---

@test "cut short, wherever" {
	local size at
	state two
	size=$(stat -c %s "$GOVERNED/next/file.2")
	for at in 512 513 1024 1500 1537 $((size / 2)) $((size - 1537)) $((size - 1025)) $((size - 1024)) $((size - 512)) $((size - 1)); do
		head -c "$at" "$GOVERNED/next/file.2" >short
		fails 4 truncated bob registry import short
	done
	fails 4 truncated alice registry sign short
	fails 4 truncated bob registry verify short
}

@test "not in its one form" {
	local at
	state two
	apart
	echo more >x/more
	build_file more
	refused 8 container more
	apart
	cp "x/certificates/$(fpr bob).pgp" x/certificates/bob.pgp
	build_file name
	fails 8 container bob registry import name
	cat "$GOVERNED/next/file.2" /dev/zero 2>/dev/null | head -c $(($(stat -c %s "$GOVERNED/next/file.2") + 512)) >zeros
	fails 8 container bob registry import zeros
	(cat "$GOVERNED/next/file.2" && echo) >newline
	fails 8 container bob registry import newline
	cat "$GOVERNED/next/file.2" "$GOVERNED/next/file.2" >twice
	fails 8 container bob registry import twice
	# the header of registry.yaml, byte by byte where tar would look away; and padding
	for at in $((1024 + 99)) $((1024 + 106)) $((1024 + 146)) $((1024 + 156)) $((1024 + 265)) $((1024 + 500)) $((512 + 400)); do
		cp "$GOVERNED/next/file.2" odd
		flip odd "$at"
		fails 8 container bob registry import odd
	done
	apart
	printf 'valise-registry 2\n' >x/valise-registry
	build_file newer
	refused 8 version newer
}

@test "something else" {
	state two
	: >empty
	echo "valise-registry: 1" >text
	head -c 511 "$GOVERNED/next/file.2" >short
	cp "$T/alice/registry.yaml" naked
	for file in empty text short naked "$CAST/bob.card" "$CAST/plain.valise"; do
		fails 8 document bob registry import "$file"
	done
	mkdir folder
	fails 7 io bob registry import folder
	fails 7 io bob registry import no/such/file
}

# --- the home itself ---

@test "a registry that was edited in the home by hand" {
	state two
	reports
	sed -i 's/approvals: 1/approvals: 2/' "$T/bob/registry.yaml"
	fails 3 registry-fork bob partner list
	fails 3 registry-fork bob pack --to hq "${LABELS[@]}" -o b.valise reports
	fails 3 registry-fork bob registry verify
	fails 3 registry-fork bob registry export -o out
}

@test "a registry that was put back to an older one" {
	state next
	reports
	cp "$T/bob/registry.yaml" old.yaml
	cp -a "$T/bob/registry.sig" old.sig
	v bob --quiet registry import file.2
	cp old.yaml "$T/bob/registry.yaml"
	cp -a old.sig/. "$T/bob/registry.sig/"
	fails 3 registry-rollback bob pack --to hq "${LABELS[@]}" -o b.valise reports
	fails 3 registry-rollback bob registry verify
	fails 3 registry-rollback bob registry history
	says "put back number "
	says "valise registry import FILE"
	# nothing else comes in over it: neither the older one, nor a newer one, which nobody here can judge
	fails 3 registry-rollback bob registry import file.1
	ok alice registry sign
	ok alice registry export -o file.3
	ok dora registry sign file.3
	fails 3 registry-rollback bob registry import file.3
	fails 3 registry-rollback bob registry import --fingerprint "$(fpr alice)" file.3
	cp file.2 altered
	flip altered $(($(member_at altered registry.yaml) + 200))
	fails 3 registry-rollback bob registry import altered
	# the very one that was held, for whose bytes the ledger vouches
	ok_json bob registry import file.2
	holds '."put-back" and .serial == '"$(tar xOf file.2 registry.yaml | sed -n 's/^serial: //p')"' and .signed == 2'
	cmp "$T/bob/registry.yaml" <(tar xOf file.2 registry.yaml)
	ok bob registry verify
	says "(2 of 2)"
	ok bob pack --to hq "${LABELS[@]}" -o b.valise reports
	ok_json bob registry import file.2
	holds 'has("put-back") | not'
	ok bob registry import file.3
}

@test "put back: an unreadable one, one that is gone, and certificates with it" {
	local what
	state two
	cp -a "$T/bob" "$T/before"
	for what in garbage empty gone foreign; do
		rm -rf "$T/bob" && cp -a "$T/before" "$T/bob"
		rm -rf "$T/bob/keys/$(fpr dora).pgp" "$T/bob/registry.sig"
		case $what in
		garbage) echo "valise-registry: 1" >"$T/bob/registry.yaml" ;;
		empty) : >"$T/bob/registry.yaml" ;;
		gone) rm "$T/bob/registry.yaml" ;;
		foreign) cp "$GOVERNED/plain/bob/registry.yaml" "$T/bob/registry.yaml" ;;
		esac
		ok bob registry import file.1
		says "Put back as the ledger remembers it"
		cmp "$T/bob/registry.yaml" "$T/before/registry.yaml"
		cmp "$T/bob/keys/$(fpr dora).pgp" "$T/before/keys/$(fpr dora).pgp"
		ok bob registry verify
		says "(2 of 2)"
		[ "$(find "$T/bob" -name '*.next' -o -name '*.import')" = "" ] || fail "left over"
	done
	# signatures that were tampered with are not kept, whatever the bytes
	echo "valise-registry: 1" >"$T/bob/registry.yaml"
	cp file.1 bent
	flip bent $(($(member_at bent "signatures/$(fpr alice).sig") + 80))
	fails 3 bad-signature bob registry import bent
	# a twin that never held it is not spared the fingerprint
	cp -a "$GOVERNED/plain/erin" "$T/fresh"
	fails 2 usage fresh registry import file.1
}

@test "a draft that was spoiled does not stop the station" {
	state two
	reports
	echo "nonsense" >"$T/alice/registry.draft.yaml"
	fails 9 registry alice registry sign
	fails 9 registry alice registry diff
	ok alice pack --to bob "${LABELS[@]}" -o b.valise reports
}

@test "a signature that is gone" {
	state two
	rm "$T"/bob/registry.sig/*/"$(fpr dora).sig"
	fails 3 registry-signatures bob registry verify
	ok bob registry export -o out
	cp -a "$GOVERNED/plain/erin" "$T/erin.fresh"
	fails 3 registry-signatures erin.fresh registry import --fingerprint "$(fpr alice)" out
}

@test "a registry that no longer speaks of administrators, or is not there" {
	state two
	reports
	sed -i '/^administrators-needed: /d' "$T/bob/registry.yaml"
	fails 3 registry-rollback bob pack --to hq "${LABELS[@]}" -o b.valise reports
	fails 3 registry-rollback bob registry verify
	fails 3 registry-rollback bob registry sign --found mine
	cp "$GOVERNED/plain/bob/registry.yaml" "$T/bob/registry.yaml"
	fails 3 registry-rollback bob registry verify
	cp -a "$T/bob" "$T/gone"
	rm "$T/gone/registry.yaml" # names nobody: nobody is trusted, and nothing older than what was held comes in
	fails 9 partner gone pack --to hq "${LABELS[@]}" -o b.valise reports
	v erin --quiet registry sign --found erin
	cp "$T/erin/registry.yaml" "$T/bob/registry.yaml"
	cp -a "$T/erin/registry.sig/." "$T/bob/registry.sig/"
	cp "$GOVERNED/plain/erin/keys/$(fpr erin).pgp" "$T/bob/keys/"
	fails 3 registry-domain bob registry verify
	ok bob registry import file.1 # as the hint says
	ok bob registry verify
}

# --- two at once ---

@test "two commands at once: the second is told so" {
	state two
	cp "$GOVERNED/next/file.2" .
	exec 8>"$T/alice/registry.lock" 9>"$T/bob/registry.lock"
	flock 8
	flock 9
	fails 7 busy alice partner set bob --approvals 2
	says "another valise is changing the registry"
	fails 7 busy alice registry sign
	fails 7 busy bob registry import file.2
	flock -u 8
	flock -u 9
	exec 8>&- 9>&-
	ok bob registry import file.2
	ok alice partner set bob --approvals 2
}
