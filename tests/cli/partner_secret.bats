#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Secrets that two stations share beforehand: made, carried as words, compared, mixed into slots, rolled over, removed.

load helper

LABELS=(--label TLP:CLEAR --label PD:NONE) # what everybody may hold

setup() {
	load_helper_setup
	home alice bob dora
	reports
}

# fails, with words on standard input: fails_typed WORDS STATUS CODE WHO ARGUMENT…
fails_typed() {
	local words=$1 want=$2 code=$3 who=$4 before
	shift 4
	before=$(world)
	run --separate-stderr typed "$words" "$who" --json "$@"
	[ "$status" -eq "$want" ] || fail "wanted exit status $want: valise $*"
	[ "$(jq -r .error.code <<<"$output")" = "$code" ] || fail "wanted the error $code: valise $*"
	[ "$before" = "$(world)" ] || fail "something changed: valise $*"
}

typed() {
	local words=$1 who=$2
	shift 2
	setsid -w timeout 120 "$VALISE" --home "$T/$who" "$@" <<<"$words"
}

# A new secret of alice with a partner; the words go into $words.
make_secret() {
	words=$(v alice --json partner secret new "$1" | jq -r .secret.words)
}

# With what is world() counted: alice's lock file comes with her first change.
touch_locks() {
	local who
	for who in alice bob dora; do
		: >"$T/$who/lock"
	done
}

@test "made here, typed there: the bundle opens, and not before" {
	make_secret bob
	ok alice --quiet pack --to bob "${LABELS[@]}" -o b.valise reports
	fails 6 secret-unavailable bob unpack -o out b.valise
	says "valise partner secret add alice"
	fails 6 secret-unavailable bob list b.valise
	ok alice verify b.valise
	run --separate-stderr typed "$words" bob partner secret add alice
	[ "$status" -eq 0 ] || fail "add"
	ok_json bob unpack -o out b.valise
	holds '.["pre-shared-secret"]'
	diff -r reports out/reports
	# and the other way, with the same secret
	ok bob --quiet pack --to alice "${LABELS[@]}" -o back.valise reports
	ok alice unpack -o back back.valise
}

@test "the words are on standard output, in rows, and nowhere in the home" {
	ok alice partner secret new bob
	[ "$(wc -l <<<"$output")" -eq 9 ] || fail "not 9 rows"
	grep -qE '^ 1  [a-z]+ [a-z]+ [a-z]+ [a-z]+$' <<<"$output"
	local first
	first=$(sed -n 's/^ 1  //p' <<<"$output")
	! grep -rqaF "$first" "$T/alice" || fail "the words are in the home"
	[ "$(stat -c %a "$T/alice/secrets")" = 700 ]
	[ "$(stat -c %a "$T"/alice/secrets/*)" = 600 ]
	run --separate-stderr typed "$output" bob partner secret add alice # rows, numbers and all
	[ "$status" -eq 0 ] || fail "the rows were not taken as they are"
}

@test "words that cannot be shown: no secret is made" {
	touch_locks
	mkdir -m 700 "$T/alice/secrets"
	local before
	before=$(world)
	run --separate-stderr bash -c 'exec "$1" --home "$2" partner secret new bob >/dev/full' - "$VALISE" "$T/alice"
	[ "$status" -eq 7 ] || fail "status $status"
	[ "$before" = "$(world)" ] || fail "something is left"
}

@test "the check value is the same at both ends, and another with another partner" {
	local here there
	make_secret bob
	typed "$words" bob --quiet partner secret add alice
	here=$(v alice --json partner secret show-check bob | jq -r '.secrets[0].check')
	there=$(v bob --json partner secret show-check alice | jq -r '.secrets[0].check')
	[[ $here =~ ^([0-9a-f]{4}\ ){3}[0-9a-f]{4}$ ]] || fail "no check value: $here"
	[ "$here" = "$there" ]
	# under the wrong partner
	typed "$words" dora --quiet partner secret add alice
	there=$(v dora --json partner secret show-check alice | jq -r '.secrets[0].check')
	[ "$here" != "$there" ] || fail "a secret that was typed at the wrong station is not noticed"
	ok alice partner secret show-check bob
	says "$here"
	! grep -qE "$(head -c 20 <<<"$words")" <<<"$(said)"
}

@test "mistyped words: a wrong one, one too few, two swapped, of a fingerprint, none; nothing is kept" {
	make_secret bob
	touch_locks
	local first rest
	read -r first rest <<<"$words"
	fails_typed "zorro $rest" 2 usage bob partner secret add alice
	says "word 1"
	fails_typed "$rest" 2 usage bob partner secret add alice
	fails_typed "$words $first" 2 usage bob partner secret add alice
	fails_typed "" 2 usage bob partner secret add alice
	fails_typed "$(head -c 6000 /dev/zero | tr '\0' x)" 2 usage bob partner secret add alice
	fails_typed "$(awk '{t=$1;$1=$3;$3=t;print}' <<<"$words")" 2 usage bob partner secret add alice
	fails_typed "$(v bob card 2>&1 >/dev/null | grep -oE '[a-z]+' | tail -21)" 2 usage bob partner secret add alice
	! grep -qaF "$rest" <<<"$(said)" || fail "the words are in a message"
	[ ! -e "$T/bob/secrets" ]
	typed "$words" bob --quiet partner secret add alice
	fails_typed "$words" 7 exists bob partner secret add alice
}

@test "a bundle for somebody with and somebody without a secret is refused" {
	make_secret bob
	fails 5 recipient alice pack --to bob,dora "${LABELS[@]}" -o b.valise reports
	says "valise partner secret new dora"
	fails 5 recipient alice pack --dry-run --to dora,bob "${LABELS[@]}" reports
	ok_json alice pack --to dora "${LABELS[@]}" -o d.valise reports
	holds '.["pre-shared-secret"] == false'
}

@test "two recipients with different secrets both open it, hidden or not; each needs his own" {
	local bobs doras how
	make_secret bob && bobs=$words
	make_secret dora && doras=$words
	for how in "" --hide-recipients; do
		ok_json alice pack $how --to bob,dora "${LABELS[@]}" -o "b$how.valise" reports
		holds '.["pre-shared-secret"]'
	done
	typed "$doras" bob --quiet partner secret add alice # somebody mixed the papers up
	fails 6 secret-unavailable bob unpack -o out b.valise
	typed "$bobs" bob --quiet partner secret add alice
	typed "$doras" dora --quiet partner secret add alice
	for how in "" --hide-recipients; do
		ok bob unpack -o "bob$how" "b$how.valise"
		ok dora unpack -o "dora$how" "b$how.valise"
		diff -r reports "dora$how/reports"
	done
}

@test "roll-over: the newest is packed with, the old one opens what is under way until it is removed" {
	local old new id
	make_secret bob && old=$words
	typed "$old" bob --quiet partner secret add alice
	v alice --quiet pack --to bob "${LABELS[@]}" -o old.valise reports
	make_secret bob && new=$words
	v alice --quiet pack --to bob "${LABELS[@]}" -o new.valise reports
	fails 6 secret-unavailable bob unpack -o out new.valise
	typed "$new" bob --quiet partner secret add alice
	ok bob unpack -o new new.valise
	ok bob list old.valise
	ok_json bob partner secret show-check alice
	holds '[.secrets[] | .packs] == [false, true] and [.secrets[] | .number] == [1, 2]'
	id=$(jq -r '.secrets[0].id' <<<"$output")
	fails 2 usage bob partner secret remove alice
	says "show-check"
	fails 9 partner bob partner secret remove alice 0123456789abcdef
	ok_json bob partner secret remove alice "$id"
	holds --arg id "$id" '.removed == $id'
	fails 6 secret-unavailable bob unpack -o old old.valise
	ok_json bob partner show alice
	holds --arg id "$id" '.partner.secrets | length == 1 and (index($id) | not)'
	ok bob partner secret remove alice
	fails 9 partner bob partner secret show-check alice
	says "valise partner secret new alice"
}

@test "a bundle without, where a secret is kept, is told" {
	make_secret bob
	ok bob --quiet pack --to alice "${LABELS[@]}" -o b.valise reports
	ok_json alice unpack -o out b.valise
	holds '.["pre-shared-secret"] == false and (.notices | map(select(test("without the pre-shared secret"))) | length == 1)'
}

@test "whoever removed the last secret packs without, and is told" {
	make_secret bob
	ok alice partner secret remove bob
	says "sealed without"
	ok alice --quiet pack --to bob "${LABELS[@]}" -o b.valise reports
	ok bob unpack -o out b.valise
}

@test "unknown partners, actions and options; a station without a key; a name that nobody wrote" {
	touch_locks
	fails 9 partner alice partner secret new nobody
	fails 9 partner alice partner secret show-check bob
	fails 9 partner alice partner secret remove bob
	fails 2 usage alice partner secret make bob
	fails 2 usage alice partner secret new
	fails 2 usage alice partner secret new bob extra
	fails 2 usage alice partner secret new bob --yes
	home carol
	: >"$T/carol/lock"
	fails 9 station carol partner secret new bob
	make_secret bob
	mv "$T/alice/secrets/"*.pgp "$T/alice/secrets/renamed.pgp"
	fails 9 station alice pack --to bob "${LABELS[@]}" -o b.valise reports
	says "renamed.pgp"
}

@test "a secret under another's name, or another's file: refused, not used" {
	local file
	make_secret bob
	file=$(basename "$T"/alice/secrets/*)
	mv "$T/alice/secrets/$file" "$T/alice/secrets/$(fpr dora)${file#"$(fpr bob)"}"
	fails 9 station alice pack --to dora "${LABELS[@]}" -o b.valise reports
	[ ! -e b.valise ]
	rm "$T"/alice/secrets/*
	make_secret bob
	file=$(echo "$T"/alice/secrets/*)
	printf 'junk' >"$file"
	fails 9 station alice pack --to bob "${LABELS[@]}" -o b.valise reports
}

# --- passphrases ---

@test "a passphrase protects the secrets, and one command asks for it once" {
	need script
	local greta asked
	"$VALISE" --quiet --home "$T/greta" --passphrase-fd 4 init --name Greta --organisation G 4<<<"good words" >/dev/null
	v greta card -o greta.card
	greta=$(sed -n 's/^fingerprint: "\(.*\)"/\1/p' greta.card)
	v alice --quiet partner add greta.card --as greta --fingerprint "$greta"
	v greta --quiet partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)"
	make_secret greta
	typed "$words" greta --quiet partner secret add alice # needs no passphrase
	fails 6 key-unavailable greta partner secret show-check alice
	fails 6 key-unavailable greta pack --to alice "${LABELS[@]}" -o b.valise reports
	cat >"$T/pinentry" <<SH
#!/bin/sh
echo "OK ready"
while read -r command rest; do
	case \$command in
	GETPIN) echo asked >>"$T/asked"; echo "D good words"; echo OK ;;
	BYE) echo OK; exit ;;
	*) echo OK ;;
	esac
done
SH
	chmod 755 "$T/pinentry"
	echo "pinentry-program $T/pinentry" >>"$T/greta/gnupg/gpg-agent.conf"
	: >"$T/asked"
	script -qec "$(printf '%q ' "$VALISE" --home "$T/greta" pack --yes --to alice "${LABELS[@]}" -o b.valise reports)" /dev/null </dev/null
	[ "$(wc -l <"$T/asked")" -eq 1 ] || fail "packing asked $(wc -l <"$T/asked") times"
	ok alice unpack -o out b.valise
	v alice --quiet pack --to greta "${LABELS[@]}" -o g.valise reports
	: >"$T/asked"
	script -qec "$(printf '%q ' "$VALISE" --home "$T/greta" unpack -o back g.valise)" /dev/null </dev/null
	[ "$(wc -l <"$T/asked")" -eq 1 ] || fail "unpacking asked $(wc -l <"$T/asked") times"
	diff -r reports back/reports
}

# --- at a terminal ---

@test "typed at a terminal, line by line" {
	need expect
	make_secret bob
	WORDS=$words expect -f - -- "$VALISE" --home "$T/bob" partner secret add alice <<'TCL' >screen || fail "$(cat screen)"
set timeout 60
eval spawn -noecho $argv
expect -re {33 words}
set n 0
foreach word $env(WORDS) {
	if {$n % 4 == 0} { expect -re {> $} {} timeout {exit 99} }
	incr n
	if {$n % 4 == 0 || $n == 33} { send -- "$word\r" } else { send -- "$word " }
}
expect eof
lassign [wait] pid spawned os status
exit $status
TCL
	grep -q "Taken in" screen
	ok alice --quiet pack --to bob "${LABELS[@]}" -o b.valise reports
	ok bob unpack -o out b.valise
}

# --- after another key ---

# The secret words of alice and bob, kept at both; then a station takes another key, and the other takes that in.
share_with_bob() {
	make_secret bob
	typed "$words" bob --quiet partner secret add alice
}

turn() { # WHO PARTNER OPTION…
	ok "$1" init --rotate --no-passphrase "${@:3}"
	rm -f "$1.rotation"
	ok "$1" card --rotation -o "$1.rotation"
	ok "$2" partner renew "$1" "$1.rotation" --yes
}

# Both ways with the secret, and the check value is one at both stations.
still_shared() { # NAME
	local here there
	ok_json alice pack --to bob "${LABELS[@]}" -o "to-$1.valise" reports
	holds '.["pre-shared-secret"]'
	ok_json bob unpack -o "to-$1" "to-$1.valise"
	holds '.["pre-shared-secret"]'
	ok_json bob pack --to alice "${LABELS[@]}" -o "from-$1.valise" reports
	holds '.["pre-shared-secret"]'
	ok_json alice unpack -o "from-$1" "from-$1.valise"
	holds '.["pre-shared-secret"]'
	diff -r reports "from-$1/reports"
	here=$(v alice --json partner secret show-check bob | jq -c '.secrets | map([.check, .packs])')
	there=$(v bob --json partner secret show-check alice | jq -c '.secrets | map([.check, .packs])')
	[ -n "$here" ] && [ "$here" = "$there" ] || fail "check values differ: $here, $there"
}

@test "after another key: a secret stays, in both directions, whoever rotated" {
	share_with_bob
	ok alice pack --to bob "${LABELS[@]}" -o under-way.valise reports
	turn alice bob
	ok_json bob unpack -o under-way under-way.valise
	holds '.["pre-shared-secret"]'
	still_shared alice
	ok bob pack --to alice "${LABELS[@]}" -o under-way-2.valise reports
	turn bob alice
	still_shared both
	ok_json alice unpack -o under-way-2 under-way-2.valise
	holds '.["pre-shared-secret"]'
	# hidden, and again
	turn alice bob
	ok alice pack --hide-recipients --to bob "${LABELS[@]}" -o hidden.valise reports
	ok_json bob unpack -o hidden hidden.valise
	holds '.["pre-shared-secret"]'
}

@test "after another key: the one who was not told yet reads on, and the secret is found by its partner" {
	local id
	share_with_bob
	id=$(v bob --json partner secret show-check alice | jq -r '.secrets[0].id')
	ok alice init --rotate --no-passphrase
	ok bob pack --to alice "${LABELS[@]}" -o to-old.valise reports
	ok_json alice unpack -o to-old to-old.valise
	holds '.["pre-shared-secret"]'
	ok alice card --rotation -o alice.rotation
	ok bob partner renew alice alice.rotation
	ok_json bob partner show alice
	holds --arg id "$id" '.partner.secrets == [$id]'
	ok bob partner show alice
	says "$id, packed with"
	ok_json bob partner secret remove alice
	holds --arg id "$id" '.removed == $id'
	fails 9 partner bob partner secret show-check alice
}

@test "after another key: a new secret is packed with, and the one of the former key is for reading" {
	local old new
	share_with_bob
	old=$(v alice --json partner secret show-check bob | jq -r '.secrets[0].id')
	ok bob pack --to alice "${LABELS[@]}" -o with-old.valise reports
	turn bob alice
	make_secret bob
	ok_json alice partner secret show-check bob
	new=$(jq -r '.secrets[1].id' <<<"$output")
	holds --arg old "$old" '[.secrets[] | .packs] == [false, true] and .secrets[0].id == $old'
	fails 2 usage alice partner secret remove bob
	ok_json alice pack --to bob "${LABELS[@]}" -o with-new.valise reports
	fails 6 secret-unavailable bob unpack -o with-new with-new.valise
	says "$new"
	typed "$words" bob --quiet partner secret add alice
	ok bob unpack -o with-new with-new.valise
	ok alice unpack -o with-old with-old.valise
	ok alice partner secret remove bob "$old"
	ok_json alice partner secret show-check bob
	holds --arg new "$new" '[.secrets[].id] == [$new]'
}

@test "a secret is its key's: who has another key under the same alias is sealed for without it, and that is told" {
	make_secret bob
	v alice --quiet partner remove --yes bob
	v alice --quiet partner remove --yes dora
	v alice --quiet partner add "$CAST/dora.card" --as bob --fingerprint "$(fpr dora)"
	ok_json alice pack --to bob "${LABELS[@]}" -o b.valise reports
	holds --arg key "$(fpr bob)" '.notices | any(contains($key) and contains("pre-shared secret"))'
}
