#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hidden recipients: nothing outside tells for whom a bundle is, and each of them opens it as any other.

load helper

crowd() {
	/usr/bin/python3 -c 'import cryptography' 2>/dev/null || need python3-cryptography
	/usr/bin/python3 "$ROOT/tests/lab/crowd.py" "$@"
}

LABELS=(--label TLP:CLEAR --label PD:NONE) # what everybody may hold

setup() {
	load_helper_setup
	home alice bob dora carol
	reports
}

hide() { # ALIASES ARGUMENT…
	v alice --quiet pack --hide-recipients --to "$1" "${LABELS[@]}" "${@:2}" reports
}

# The 8 bytes of each slot that name a key, behind header and version.
key_ids() {
	local slot
	rm -rf taken && unbuild "$1" taken
	for slot in taken/keys/*.pgp; do
		/usr/bin/python3 - "$slot" <<'PY'
import sys
data = open(sys.argv[1], "rb").read()
at = 2 if data[0] & 0x40 else 1 + (1 << (data[0] & 3))
print(data[at + 1:at + 9].hex())
PY
	done
}

@test "two hidden recipients: both open it, and nothing outside names them" {
	local file
	file=$(hide bob,dora)
	[[ $(basename "$file") =~ ^[0-9]{8}-[0-9a-f]{8}\.valise$ ]] || fail "the name tells: $file"
	[ "$(key_ids "$file")" = $'0000000000000000\n0000000000000000' ] || fail "a slot names a key"
	! grep -q '^to:' taken/waybill.yaml
	! grep -qaiF -e "$(fpr bob)" -e "$(fpr dora)" -r taken || fail "a recipient's fingerprint is outside"
	for who in bob dora; do
		ok_json $who list "$file"
		holds '.sequence == 1'
		ok $who unpack -o "out-$who" "$file"
		diff -r reports "out-$who/reports"
	done
}

@test "one hidden recipient: no alias and no number in the name" {
	[[ $(basename "$(hide bob)") =~ ^[0-9]{8}-[0-9a-f]{8}\.valise$ ]]
}

@test "the courier is told what stays unverifiable" {
	local file
	file=$(hide bob)
	ok carol verify "$file"
	says "the sender hid the recipients"
	says "for whom it is"
	ok_json carol verify "$file"
	holds '.bundles[0] | .["recipients-hidden"] and .to == []'
	fails 6 not-for-us carol unpack "$file"
}

@test "who is not among them is told so, and nothing is left" {
	local file
	file=$(hide dora)
	fails 6 not-for-us bob unpack "$file"
	says "the sender hid for whom it is"
	fails 6 not-for-us bob list "$file"
}

@test "the sender's ledger knows, and the channels go on" {
	local first second
	first=$(hide bob,dora)
	ok_json alice ledger list
	holds '[.. | objects | select(has("sequence")) | .alias] | index("bob") and index("dora")'
	second=$(seal alice -o named.valise reports)
	ok_json bob unpack -o one "$first"
	holds '.sequence == 1'
	ok_json bob unpack -o two "$second"
	holds '.sequence == 2 and (.notices | map(select(test("follows another|have not arrived"))) | length == 0)'
	fails 5 replay bob unpack -o three "$first"
}

@test "what pack shows and answers says that they are hidden" {
	ok_json alice pack --hide-recipients --dry-run --to bob "${LABELS[@]}" reports
	holds '.["recipients-hidden"] and .to[0].alias == "bob"'
	ok_json alice pack --to bob "${LABELS[@]}" -o plain.valise reports
	holds '.["recipients-hidden"] == false'
	ok_json alice pack --hide-recipients --to bob "${LABELS[@]}" -o hidden.valise reports
	holds '.["recipients-hidden"]'
}

@test "the order of the slots is not that of the command line" {
	local order
	crowd join "$T/alice" 16
	hide "$(seq -s, -f 'p%04g' 16)" -o b.valise
	order=$(crowd order b.valise 16)
	[ "$(tr ' ' '\n' <<<"$order" | sort -n | tr '\n' ' ')" = "$(seq -s ' ' 16) " ] || fail "not one slot each: $order"
	[ "$order" != "$(seq -s ' ' 16)" ] || fail "in the order of the command line"
	v alice --quiet pack --to "$(seq -s, -f 'p%04g' 16)" "${LABELS[@]}" -o named.valise reports
	[ "$(crowd order named.valise 16)" = "$(seq -s ' ' 16)" ] || fail "named slots have another order"
}

@test "200 recipients in one bundle, named and hidden" {
	local all
	crowd join "$T/alice" 199
	all=$(seq -s, -f 'p%04g' 199),bob
	for how in "" --hide-recipients; do
		ok_json alice pack $how --to "$all" "${LABELS[@]}" -o "b$how.valise" reports
		holds '.to | length == 200'
		ok carol verify "b$how.valise"
		ok bob unpack -o "out$how" "b$how.valise"
		diff -r reports "out$how/reports"
	done
}

@test "a partner whose certificate is not what the registry says is named, one among many" {
	crowd join "$T/alice" 12
	local victim
	victim=$(v alice --json partner show p0007 | jq -r .partner.fingerprint)
	printf 'x' >>"$T/alice/keys/$victim.pgp"
	fails 3 certificate alice pack --hide-recipients --to "$(seq -s, -f 'p%04g' 12)" "${LABELS[@]}" -o b.valise reports
	says p0007
}

# --- passphrases ---

WORDS="a good passphrase"

# greta's key has a passphrase. The slots before hers are others': 6 strangers.
guarded() {
	"$VALISE" --quiet --home "$T/greta" --passphrase-fd 4 init --name Greta --organisation G --community first 4<<<"$WORDS" >/dev/null
	v greta card -o greta.card
	v bob card -o bob.card
	local greta
	greta=$(sed -n 's/^fingerprint: "\(.*\)"/\1/p' greta.card)
	v alice --quiet partner add greta.card --as greta --fingerprint "$greta" --community first
	v greta --quiet partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)"
	crowd join "$T/alice" 6
	hide "$(seq -s, -f 'p%04g' 6),greta" -o b.valise
	hide bob,dora -o others.valise
}

# A pinentry that counts how often it is asked, and answers with $1: the passphrase, or nothing to cancel.
counting_pinentry() {
	cat >"$T/pinentry" <<SH
#!/bin/sh
echo "OK ready"
while read -r command rest; do
	case \$command in
	GETPIN)
		echo asked >>"$T/asked"
		[ -n "$1" ] && echo "D $1" && echo OK || echo "ERR 83886179 cancelled" ;;
	BYE) echo OK; exit ;;
	*) echo OK ;;
	esac
done
SH
	chmod 755 "$T/pinentry"
	echo "pinentry-program $T/pinentry" >>"$T/greta/gnupg/gpg-agent.conf"
}

# As a person at a terminal: only then a pinentry is used.
at_terminal() {
	need script
	: >"$T/asked"
	status=0
	output=$(script -qec "$(printf '%q ' "$VALISE" --home "$T/greta" "$@")" /dev/null </dev/null) || status=$?
	asked=$(wc -l <"$T/asked")
}

@test "a passphrase is asked for once, however many slots are tried" {
	guarded
	counting_pinentry "$WORDS"
	at_terminal unpack -o out b.valise
	[ "$status" -eq 0 ] || fail "status $status"
	diff -r reports out/reports
	[ "$asked" -eq 1 ] || fail "asked $asked times"
	at_terminal unpack -o other others.valise
	[ "$status" -eq 6 ] && [ "$asked" -eq 1 ] || fail "status $status, asked $asked times"
	says "not among the 2 recipients"
}

@test "a passphrase that is not given is told as that, not as a bundle for others" {
	guarded
	fails 6 key-unavailable greta unpack b.valise
	fails 6 key-unavailable greta --passphrase-fd 4 unpack b.valise 4<<<wrong
	fails 6 not-for-us greta --passphrase-fd 4 unpack others.valise 4<<<"$WORDS"
	ok greta --passphrase-fd 4 unpack -o out b.valise 4<<<"$WORDS"
	counting_pinentry ""
	at_terminal unpack -o again --again b.valise
	[ "$status" -eq 130 ] && [ "$asked" -eq 1 ] || fail "status $status, asked $asked times"
	[ ! -e again ]
}

@test "sealed for a key that the recipient no longer packs with" {
	local only_bob
	hide bob,dora -o old.valise
	ok bob init --rotate --no-passphrase
	# a sender who was not told yet
	ok alice pack --hide-recipients --to dora,bob "${LABELS[@]}" -o late.valise reports
	for bundle in old late; do
		ok_json bob list $bundle.valise
		ok bob unpack -o "out-$bundle" $bundle.valise
		diff -r reports "out-$bundle/reports"
	done
	ok bob card --rotation -o bob.rotation
	ok alice partner renew bob bob.rotation
	ok alice pack --hide-recipients --to bob,dora "${LABELS[@]}" -o new.valise reports
	[ "$(key_ids new.valise)" = $'0000000000000000\n0000000000000000' ] || fail "a slot names a key"
	ok_json bob unpack -o out-new new.valise
	holds '.sequence == 3 and ."missing-before" == 0 and .notices == []'
	ok dora unpack -o dora new.valise
	# who has had two keys, and is among the recipients with neither
	cp -a "$CAST/dora" "$T/stranger"
	ok stranger init --rotate --no-passphrase
	only_bob=$(hide bob)
	fails 6 not-for-us stranger list "$only_bob"
}

@test "more than 200 recipients are not hidden, and more than 200 hidden slots are not tried" {
	/usr/bin/python3 -c 'import cryptography' 2>/dev/null || need python3-cryptography
	fails 2 usage alice pack --hide-recipients --to "$(seq -s, -f 'x%g' 201)" "${LABELS[@]}" -o n.valise reports
	holds '.error.message | contains("200")'
	PYTHONPATH=$ROOT/tests/second /usr/bin/python3 - <<'PY'
import time
from cast import Cast
from bundle import Maker
cast = Cast()
open("sender.card", "w").write(cast.alice.card())
open("sender.fpr", "w").write(cast.alice.fpr)
made = Maker(cast, "many", slots=lambda slots, _: [slots[0]] * 201)
made.recipients, made.hidden = [cast.mallory], True
made.created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
made.not_after = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
open("many.valise", "wb").write(made.make())
PY
	v bob --quiet partner add sender.card --as sender --fingerprint "$(cat sender.fpr)"
	fails 8 limit bob list many.valise
	ok bob verify many.valise
}
