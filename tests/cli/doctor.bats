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
	PRELUDE=("$ROOT/tests/lab/at" +700d)
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	finding "own key" attention
	PRELUDE=("$ROOT/tests/lab/at" +800d)
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

# sees TOPIC LEVEL WORDS: a finding of this kind says so.
sees() {
	holds --arg topic "$1" --arg level "$2" --arg words "$3" \
		'.findings | any(.topic == $topic and .level == $level and (.text | contains($words)))'
}

@test "an accreditation for a scheme that does not exist" {
	home alice
	sed -i 's/^accreditations: .*/accreditations: {"eu": "No. 12", "eux": "No. 13"}/' "$T/alice/station.yaml"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees schemes attention '"eux"'
	holds '.findings | map(select(.text | contains("\"eu\""))) == []'
}

@test "ceilings of schemes that are not enabled here" {
	home alice
	sed -i 's|^ceilings: .*|ceilings: ["eu/secret", "tlp/red"]|' "$T/alice/station.yaml"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	sees ceilings broken "eu/secret"
	cp "$CAST/alice/station.yaml" "$T/alice/"
	sed -i 's|^\( *ceilings: \[\).*tlp/amber.*|\1"eu/secret"]|' "$T/alice/registry.yaml"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees partners attention "the ceilings of bob"
}

# table: a table of equivalences from standard input, signed by alice, in force there.
table() {
	{ printf 'valise-equivalence: 1\ncreated: "2026-01-01T00:00:00Z"\nentries:\n'; cat; } >table.yaml
	ok alice scheme sign table.yaml
}

@test "a table of equivalences: none, good, ended, changed, of schemes that are gone" {
	home alice
	run --separate-stderr v alice --json doctor
	holds '.findings | map(select(.topic == "equivalence")) == []'
	table <<-END
		  - {from: "tlp/red", to: "pap/red", basis: "agreement 7", since: "2026-01-01T00:00:00Z"}
	END
	run --separate-stderr v alice --json doctor
	sees equivalence ok "1 entries"
	cp "$T/alice/equivalence.yaml" good.yaml
	table <<-END
		  - {from: "tlp/red", to: "pap/red", basis: "agreement 7", since: "2026-01-01T00:00:00Z"}
		  - {from: "pap/red", to: "tlp/red", basis: "agreement 7", since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z"}
	END
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees equivalence attention "1 of 2 entries have ended, the first from pap/red to tlp/red"
	sed 's/agreement 7/agreement 8/' good.yaml >"$T/alice/equivalence.yaml"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	sees equivalence broken equivalence.yaml
	cp "$CAST/alice/station.yaml" "$T/alice/"
	sed -i 's/^accreditations: .*/accreditations: {"eu": "No. 12"}/' "$T/alice/station.yaml"
	table <<-END
		  - {from: "eu/secret", to: "tlp/red", basis: "agreement 9", since: "2026-01-01T00:00:00Z"}
	END
	cp "$CAST/alice/station.yaml" "$T/alice/"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees equivalence attention eu/secret
}

# without FILE: from now on valise runs where this file of the machine is of no use.
without() {
	[ -e "$1" ] || return 0
	printf '\034\004\036\361useless' >"$T/useless" # begins as a database of libmagic
	chmod 600 "$T/useless"
	PRELUDE=(unshare --user --map-root-user --mount sh -c 'mount --bind "$0" "$1" && shift && exec "$@"' "$T/useless"
		"$(readlink -f "$1")")
	"${PRELUDE[@]}" true || not_permitted "a mount namespace"
}

@test "without pdftotext, labels inside of PDF files are not seen" {
	home alice
	need pdftotext
	run --separate-stderr v alice --json doctor
	sees pdf ok pdftotext
	without /usr/bin/pdftotext
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees pdf attention "PDF files are not seen"
}

@test "without the database of libmagic, types cannot be restricted" {
	home alice
	without /usr/share/misc/magic.mgc
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees "media types" attention "libmagic"
	sed -i 's|^pack-types: .*|pack-types: ["text/*"]|' "$T/alice/station.yaml"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	sees "media types" broken "libmagic"
}
