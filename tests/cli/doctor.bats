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
	says "correct that line"
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
	edit_registry alice 's|^\( *ceilings: \[\).*tlp/amber.*|\1"eu/secret"]|'
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

@test "a table of equivalences that is signed by a key whose time ends: told by the rotation, and sixty days ahead" {
	need faketime
	home alice
	table <<-END
		  - {from: "tlp/red", to: "pap/red", basis: "agreement 7", since: "2026-01-01T00:00:00Z"}
	END
	ok_json alice init --rotate --no-passphrase --overlap 90d
	holds '.["equivalence-signed-by-former"] == true'
	run --separate-stderr v alice --json doctor
	sees equivalence ok "1 entries"
	holds '[.findings[] | select(.topic == "equivalence" and .level == "attention")] == []'
	PRELUDE=("$ROOT/tests/lab/at" +31d)
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees equivalence attention "counts 58 more days"
	PRELUDE=("$ROOT/tests/lab/at" +91d)
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	sees equivalence broken equivalence.yaml
	PRELUDE=()
	ok alice scheme sign table.yaml
	ok_json alice init --rotate --no-passphrase
	holds '.["equivalence-signed-by-former"] == true'
	rm "$T/alice/equivalence.yaml"
	ok_json alice init --rotate --no-passphrase
	holds '.["equivalence-signed-by-former"] == false'
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

# instead FILE TEXT: from now on valise runs where this file of the machine says TEXT; FILE may be one of /proc.
instead() {
	printf '%s\n' "$2" >"$T/instead"
	PRELUDE=(unshare --user --map-root-user --mount sh -c 'mount --bind "$0" "$1" && shift && exec "$@"' "$T/instead" "$1")
	"${PRELUDE[@]}" true 2>/dev/null || not_permitted "a mount over $1"
}

@test "a program in the agent's settings that is not there" {
	home alice
	echo "pinentry-program /nowhere/pinentry" >>"$T/alice/gnupg/gpg-agent.conf"
	echo "scdaemon-program  /nowhere/scdaemon " >>"$T/alice/gnupg/gpg-agent.conf"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	sees pinentry broken /nowhere/pinentry
	sees agent broken /nowhere/scdaemon
	cp "$CAST/alice/gnupg/gpg-agent.conf" "$T/alice/gnupg/"
	echo "pinentry-program /bin/sh" >>"$T/alice/gnupg/gpg-agent.conf"
	run --separate-stderr v alice --json doctor
	holds '.findings | any(.topic == "pinentry" and .level == "broken") | not'
}

@test "settings that lost what protects them" {
	home alice
	run --separate-stderr v alice --json doctor
	finding settings ok
	sed -i 's/^weak-digest SHA1/#&/; s/^no-armor$/  no-armor  /' "$T/alice/gnupg/gpg.conf"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees settings attention 'weak-digest SHA1'
	sees settings attention ': 1,'
	rm "$T/alice/gnupg/gpg.conf"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees settings attention "gnupg/gpg.conf"
}

@test "settings of the whole machine" {
	home alice
	mkdir -p "$T/etc"
	echo 'use-keyboxd' >"$T/etc/common.conf"
	: >"$T/etc/gpg.conf"
	PRELUDE=(unshare --user --map-root-user --mount sh -c
		'mkdir -p "$0/upper/gnupg" "$0/work" && cp "$0"/*.conf "$0/upper/gnupg" &&
		mount -t overlay overlay -o "lowerdir=/etc,upperdir=$0/upper,workdir=$0/work" /etc && exec "$@"' "$T/etc")
	"${PRELUDE[@]}" test -e /etc/gnupg/common.conf 2>/dev/null || not_permitted "an overlay over /etc"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees gpg.conf attention /etc/gnupg/gpg.conf
	sees gpg.conf attention /etc/gnupg/common.conf
}

@test "others may look into a folder of the home" {
	home alice
	chmod 750 "$T/alice/gnupg"
	mkdir -m 755 "$T/alice/secrets"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees home attention "folder gnupg "
	sees home attention "folder secrets "
}

@test "what killed commands left, in the home and beside it" {
	home alice
	touch "$T/alice/keys/.x.pgp.part-0a1b"
	mkdir -p "$T/.valise-restore-abcdef/gnupg" "$T/.valise-init-abcdef"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees leftovers attention "1 temporary files"
	sees leftovers attention "2 half stations"
	rm -r "$T"/.valise-*
}

@test "what killed commands left deeper in the home, and a secret under a wrong name" {
	home alice
	run --separate-stderr v alice --json doctor
	holds '[.findings[] | select(.topic == "leftovers" or .topic == "secrets")] == []'
	local fpr
	fpr=$(fpr bob)
	mkdir -p "$T/alice/registry.sig/0123"
	touch "$T/alice/registry.sig/0123/.y.sig.part-0a1b"
	# bob's own certificate waits rightly, another does not
	cp "$T/alice/keys/$fpr.pgp" "$T/alice/keys/$fpr.next"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees leftovers attention "1 temporary files"
	holds '.findings | any(.text | contains("that wait")) | not'
	echo x >"$T/alice/keys/$fpr.import"
	cp "$T/alice/keys/$fpr.pgp" "$T/alice/keys/${fpr/[0-9]/A}.next"
	run --separate-stderr v alice --json doctor
	sees leftovers attention "2 certificates that wait"
	mkdir -m 700 "$T/alice/secrets"
	touch "$T/alice/secrets/notes.txt"
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	sees secrets broken "secrets/notes.txt"
}

@test "little memory that can be locked" {
	home alice
	PRELUDE=(sh -c 'ulimit -l 64 && exec "$@"' --)
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees memory attention "64 KiB"
}

@test "swap space in the clear, and none" {
	home alice
	local heading='Filename				Type		Size		Used		Priority'
	instead /proc/swaps "$heading"$'\n''/dev/null                               partition	8388604		0		-2'
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	finding swap attention
	instead /proc/swaps "$heading"
	run --separate-stderr v alice --json doctor
	finding swap ok
}

@test "crashes that go to a program" {
	home alice
	instead /proc/sys/kernel/core_pattern '|/usr/share/apport/apport -p%p'
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 10 ]
	sees "core dumps" attention apport
	instead /proc/sys/kernel/core_pattern '|/usr/lib/systemd/systemd-coredump %P %u %g'
	run --separate-stderr v alice --json doctor
	finding "core dumps" ok
}

@test "a full file system under the home" {
	home alice
	PRELUDE=(unshare --user --map-root-user --mount sh -c
		'mkdir "$0.small" && mount -t tmpfs -o size=8m tmpfs "$0.small" && cp -a "$0/." "$0.small" && chmod 700 "$0.small" && exec "$@"' "$T/alice")
	"${PRELUDE[@]}" true 2>/dev/null || not_permitted "a mount"
	rmdir "$T/alice.small"
	run --separate-stderr v alice.small --json doctor
	rmdir "$T/alice.small"
	[ "$status" -eq 10 ]
	finding space attention
}

@test "a clock that fell back behind what the ledger has seen" {
	need faketime
	plain
	PRELUDE=("$ROOT/tests/lab/at" -2h)
	run --separate-stderr v alice --json doctor
	sees clock attention "the ledger has seen"
	PRELUDE=("$ROOT/tests/lab/at" -3d)
	run --separate-stderr v alice --json doctor
	[ "$status" -eq 9 ]
	sees clock broken "bundles are refused"
}

@test "where sockets and random numbers come from" {
	home alice
	run --separate-stderr v alice --json doctor
	finding sockets ok
	finding entropy ok
	[ -z "$(ls -A "$T/tmp")" ] || fail "left in TMPDIR"
}
