#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A station whose key is on a smart card: reached through gpg-agent, played by SoftHSM and gnupg-pkcs11-scd.

load helper

# Once for the file: the token, and tina's station with its key, which bob and alice know, and which knows them.
setup_file() {
	export READY=$BATS_FILE_TMPDIR
	missing=$(missing_tools)
	[ -z "$missing" ] || return 0
	make_cast
	make_tina >"$READY/log" 2>&1 || { cat "$READY/log"; return 1; }
}

missing_tools() {
	local tool
	for tool in softhsm2-util pkcs11-tool gnupg-pkcs11-scd openssl script; do
		command -v "$tool" >/dev/null || echo "$tool"
	done
}

make_tina() {
	set -e
	export SOFTHSM2_CONF=$READY/token/softhsm2.conf
	"$ROOT/tests/lab/token" "$READY/token" "Tina Token" >"$READY/fpr"
	local T=$READY who
	cp -a "$CAST/alice" "$CAST/bob" "$T"
	GNUPGHOME=$READY/token/gnupg v tina --quiet init --name "Tina Token" --organisation "Agency A" --jurisdiction NL \
		--community first --ceiling TLP:AMBER --adopt "$(cat "$READY/fpr")"
	v tina --quiet card -o "$READY/tina.card"
	for who in alice bob; do
		v "$who" --quiet partner add "$READY/tina.card" --as tina --fingerprint "$(cat "$READY/fpr")" --community first \
			--ceiling TLP:AMBER --role send,receive,approve
		v tina --quiet partner add "$CAST/$who.card" --as "$who" --fingerprint "$(fpr "$who")" --community first --ceiling TLP:AMBER
	done
	v bob --quiet pack --to tina "${LABELS[@]}" -o "$READY/for-tina.valise" "$ROOT/tests/data/reports"
}

setup() {
	load_helper_setup
	need softhsm2-util pkcs11-tool gnupg-pkcs11-scd openssl script
	local who
	for who in alice bob tina; do cp -a "$READY/$who" "$T/$who"; done
	cp "$READY/for-tina.valise" .
	export SOFTHSM2_CONF=$READY/token/softhsm2.conf
	echo 123456 >"$READY/token/pin"
	rm -f "$READY/token/asked"
	reports
}

# The card's daemon ends when its agent is gone: while it lives, its socket is bound. The folder it made for that socket is
# its own business, and stays where the card's library ends it badly.
eval "$(declare -f teardown | sed 's/^teardown /end_of_test /')"
teardown() {
	local tries=0
	while grep -q "$T/tmp/gnupg-pkcs11-scd" /proc/net/unix; do
		[ $((tries += 1)) -lt 600 ] || { echo "the card's daemon is still there"; return 1; }
		sleep 0.05
	done
	rm -rf "$T"/tmp/gnupg-pkcs11-scd.*
	end_of_test
}

# At a terminal, where the pinentry is asked: at_terminal WHO ARGUMENT…
at_terminal() {
	local who=$1
	shift
	output=$(timeout 120 script -qec "$(printf '%q ' "$VALISE" --home "$T/$who" "$@")" /dev/null </dev/null) && status=0 || status=$?
}

# The same without a terminal: the PIN from a descriptor.
with_pin() { # PIN COMMAND…
	local pin=$1
	shift
	"$@" 4<<<"$pin"
}

@test "init --adopt takes the stub and what reaches the card, and nothing else of the other home's settings" {
	local conf=$T/tina/gnupg/gpg-agent.conf
	grep -lq shadowed-private-key "$T"/tina/gnupg/private-keys-v1.d/*.key
	[ "$(find "$T/tina/gnupg/private-keys-v1.d" -name '*.key' | wc -l)" -eq 2 ]
	grep -q "^scdaemon-program $(command -v gnupg-pkcs11-scd)$" "$conf"
	grep -q "pinentry-program $READY/token/pinentry$" "$conf"
	! grep -q 'cache-ttl [79]$' "$conf" || fail "took another setting"
	grep -q '^default-cache-ttl 120$' "$conf" || fail "the station's own settings are gone"
	cmp "$T/tina/gnupg/gnupg-pkcs11-scd.conf" "$READY/token/gnupg/gnupg-pkcs11-scd.conf"
	[ -z "$(find "$T/tina/gnupg" -perm /077 ! -type l)" ] || fail "others can read it"
	ok_json tina card
	holds --arg fpr "$(cat "$READY/fpr")" '.fingerprint == $fpr'
}

@test "pack, verify, list, unpack, with the PIN from a descriptor" {
	with_pin 123456 ok tina --passphrase-fd 4 pack --to bob "${LABELS[@]}" -o there.valise reports
	ok bob verify there.valise
	ok bob unpack -o there there.valise
	diff -r reports there/reports
	with_pin 123456 ok tina --passphrase-fd 4 list for-tina.valise
	with_pin 123456 ok tina --passphrase-fd 4 unpack -o here for-tina.valise
	diff -r reports here/reports
}

@test "pack and unpack at a terminal: the pinentry asks for the PIN" {
	at_terminal tina pack --yes --to bob "${LABELS[@]}" -o there.valise reports
	[ "$status" -eq 0 ] || fail "pack"
	[ "$(wc -l <"$READY/token/asked")" -eq 1 ] || fail "asked $(wc -l <"$READY/token/asked") times"
	ok bob verify there.valise
	at_terminal tina unpack -o here for-tina.valise
	[ "$status" -eq 0 ] || fail "unpack"
	diff -r reports here/reports
}

@test "hidden recipients: another's slot is not a card that failed, and ours is found behind it" {
	v alice --quiet partner add "$ROOT/tests/vectors/keys/grace.card.yaml" --as grace --community first --ceiling TLP:AMBER \
		--fingerprint "$(sed -n 's/^fingerprint: "\(.*\)"/\1/p' "$ROOT/tests/vectors/keys/grace.card.yaml")" # RSA, as the card's
	local to
	v alice --quiet pack --hide-recipients --to grace "${LABELS[@]}" -o grace.valise reports
	with_pin 123456 fails 6 not-for-us tina --passphrase-fd 4 unpack -o here grace.valise
	for to in grace,tina tina,bob tina; do
		v alice --quiet pack --hide-recipients --to "$to" "${LABELS[@]}" -o "$to.valise" reports
		with_pin 123456 ok tina --passphrase-fd 4 unpack -o "$to" "$to.valise"
		diff -r reports "$to/reports"
	done
	with_pin 999999 fails 6 key-unavailable tina --passphrase-fd 4 unpack -o here grace.valise
	at_terminal tina unpack -o there --again grace,tina.valise
	[ "$status" -eq 0 ] || fail "at a terminal"
}

@test "nobody to ask: told at once, and nothing is made" {
	fails 6 key-unavailable tina pack --to bob "${LABELS[@]}" -o there.valise reports
	fails 6 key-unavailable tina unpack -o here for-tina.valise
	[ ! -e "$READY/token/asked" ] || fail "the pinentry was asked"
}

@test "a wrong PIN is given once, not until the card is locked" {
	local conf=$T/tina/gnupg/gpg-agent.conf log=$T/agent.log
	printf 'debug 1024\nlog-file %s\n' "$log" >>"$conf"
	with_pin 999999 run --separate-stderr v tina --json --passphrase-fd 4 pack --to bob "${LABELS[@]}" -o there.valise reports
	[ "$status" -eq 6 ] && [ "$(jq -r .error.code <<<"$output")" = key-unavailable ] || fail "pack"
	# "D 999999" on its way from the agent to the card's daemon
	[ "$(grep -c -- '-> \[ 44 20 39 39 39 39 39 39 00' "$log")" -eq 1 ] || fail "not given once"
	[ ! -e there.valise ]
}

@test "the card is not in the reader, or its daemon is not there" {
	export SOFTHSM2_CONF=$READY/token/empty.conf
	with_pin 123456 fails 6 key-unavailable tina --passphrase-fd 4 pack --to bob "${LABELS[@]}" -o there.valise reports
	with_pin 123456 fails 6 key-unavailable tina --passphrase-fd 4 list for-tina.valise
	export SOFTHSM2_CONF=$READY/token/softhsm2.conf
	sed -i 's|^scdaemon-program .*|scdaemon-program /nowhere/scdaemon|' "$T/tina/gnupg/gpg-agent.conf"
	with_pin 123456 fails 6 key-unavailable tina --passphrase-fd 4 pack --to bob "${LABELS[@]}" -o there.valise reports
	says "smart card"
	with_pin 123456 fails 6 key-unavailable tina --passphrase-fd 4 unpack -o here for-tina.valise
}

@test "approve: the second signature from a card" {
	"$VALISE" help 2>&1 | grep -q '^ *approve ' || skip "no verb approve"
	sed -i 's|^approvals: .*|approvals: {tlp/green: 2}|' "$T/alice/station.yaml"
	ok alice pack --to bob "${LABELS[@]}" -o b.valise reports
	with_pin 123456 ok tina --passphrase-fd 4 approve --yes b.valise-pending
	ok bob verify b.valise
}
