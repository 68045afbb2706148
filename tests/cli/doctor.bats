#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# doctor: fit for work, or what is wrong. It changes nothing.

load helper

finding() { # TOPIC LEVEL
	holds --arg topic "$1" --arg level "$2" '.findings | map(select(.topic == $topic and .level == $level)) | length >= 1'
}

@test "a healthy station" {
	home alice
	local before
	before=$(snapshot "$T/alice")
	run --separate-stderr v alice --json doctor
	# what this machine itself may be told about: swap, locked memory
	[ "$status" -eq 0 ] || [ "$status" -eq 10 ]
	holds '.findings | map(select(.level == "broken")) == []'
	finding gnupg ok
	finding ledger ok
	finding "own key" ok
	[ "$before" = "$(snapshot "$T/alice")" ] || fail "doctor changed the home"
	run --separate-stderr v alice doctor
	says "Alice Ardent"
}

@test "no station at all" {
	run --separate-stderr v nowhere --json doctor
	[ "$status" -eq 9 ]
	holds '.error.exit == 9 and (.findings | map(select(.level == "broken")) | length >= 1)'
	[ ! -e "$T/nowhere" ]
}

@test "others may read the home" {
	home alice
	chmod 755 "$T/alice"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	finding home attention
}

@test "station.yaml or registry.yaml are wrong" {
	home alice
	echo 'surprise: 1' >>"$T/alice/station.yaml"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	finding station broken
	cp "$CAST/alice/station.yaml" "$T/alice/"
	: >"$T/alice/registry.yaml"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	finding registry broken
}

@test "a partner's certificate was changed" {
	home alice
	printf x >>"$T/alice/keys/$(fpr bob).pgp"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ] || [ "$status" -eq 10 ]
	says "bob"
}

@test "keys that end soon, or have ended" {
	need faketime
	home alice
	PRELUDE=(faketime -f +700d)
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	finding "own key" attention
	PRELUDE=(faketime -f +800d)
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ] || [ "$status" -eq 10 ]
	holds '.findings | map(select(.topic == "own key" and .level != "ok")) | length >= 1'
}

@test "the own secret key is gone" {
	home alice
	rm "$T/alice/gnupg/private-keys-v1.d/"*
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ] || [ "$status" -eq 10 ]
	holds '.findings | map(select(.topic == "own key" and .level != "ok")) | length >= 1'
}

@test "the ledger is broken" {
	home alice
	head -c 4096 /dev/urandom >"$T/alice/ledger.sqlite"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	finding ledger broken
}

@test "a courier's station needs no key" {
	home carol
	run --separate-stderr v carol --json doctor
	[ "$status" -eq 0 ] || [ "$status" -eq 10 ]
	holds '.findings | map(select(.level == "broken")) == []'
}

@test "--quiet shows only what needs a person" {
	home alice
	run --separate-stderr v alice --quiet doctor
	! grep -q '^ok ' <<<"$output"
}
