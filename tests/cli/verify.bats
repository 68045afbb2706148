#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# verify: what a courier and others see, with and without a station.

load helper

setup() {
	load_helper_setup
	home bob carol
	plain
}

@test "a courier sees green: who, for whom, until when, what was checked, and what is not proven" {
	ok carol verify plain.valise
	[ "$(head -n 1 <<<"$output" | cut -c1-4)" = GOOD ]
	says "Alice Ardent (Agency A)"
	says "Bob Brisk (Agency B)"
	says "expires in"
	says "not proven"
	! grep -qiE 'TLP|reports|INC-2026' <<<"$(said)"
	ok_json carol verify plain.valise
	holds --arg from "$(fpr alice)" --arg to "$(fpr bob)" '.bundles | length == 1 and (.[0] | .good and .from.fingerprint == $from
		and .to[0].fingerprint == $to and .to[0].self == false and .signers[0].standing == "counts"
		and .["approvals-counted"] == 1 and .integrity["bad-members"] == 0)'
	holds --arg size "$(stat -c %s plain.valise)" '.bundles[0]["file-bytes"] == ($size | tonumber)'
	holds --arg digest "$(tar xOf plain.valise waybill.yaml | sha256sum | cut -d' ' -f1)" '.bundles[0].digest == $digest'
}

@test "the receiver is told that it is for this station; the sender can verify too" {
	ok_json bob verify plain.valise
	holds '.bundles[0].to[0].self'
	ok alice verify plain.valise
}

@test "with a card and no home at all; nothing is written anywhere" {
	local before
	before=$(snapshot "$T/user"; snapshot .)
	PRELUDE=(env -u HOME)
	ok - verify --card "$CAST/alice.card" --fingerprint "$(fpr alice)" plain.valise
	says "Alice Ardent"
	[ "$before" = "$(snapshot "$T/user"; snapshot .)" ]
	fails 3 fingerprint - verify --card "$CAST/alice.card" --fingerprint "$(fpr bob)" plain.valise
	fails 2 usage - verify --card "$CAST/alice.card" plain.valise
	fails 2 usage - verify --fingerprint "$(fpr alice)" plain.valise
	fails 3 unknown-signer - verify --card "$CAST/bob.card" --fingerprint "$(fpr bob)" plain.valise
	fails 7 io - verify --card nothing.card --fingerprint "$(fpr bob)" plain.valise
}

@test "a read-only home verifies, and says that nothing was recorded" {
	chmod -R a-w "$T/carol"
	if [ "$(id -u)" -eq 0 ]; then
		chmod -R a+rX "$T/carol" "$CAST/plain.valise"
		chown -R nobody "$T/carol"
		as_nobody "$T/tmp"
		chmod 777 "$T/tmp"
		chmod a+r plain.valise
	fi
	ok carol verify plain.valise
	says "nothing was recorded"
	ok_json carol verify plain.valise
	holds '.bundles[0].notices | length == 1'
}

@test "several bundles: each is judged, the first failure decides" {
	cp plain.valise bad.valise
	flip bad.valise "$(member_at bad.valise payload/0000000000)"
	head -c 5000 plain.valise >cut.valise
	run --separate-stderr v carol --json verify plain.valise bad.valise cut.valise nothing.valise plain.valise
	[ "$status" -eq 4 ]
	holds '[.bundles[] | .error.code // "ok"] == ["ok", "damaged", "truncated", "io", "ok"] and .error.code == "damaged"'
	run --separate-stderr v carol verify plain.valise bad.valise
	[ "$(grep -cE '^(GOOD|BAD) ' <<<"$output")" -eq 2 ]
}

@test "damage is named: which member, where" {
	local name
	for name in valise keys/0000.pgp payload/0000000000 manifest/0000000000; do
		cp plain.valise bad.valise
		flip bad.valise "$(member_at bad.valise "$name")"
		[ "$name" = valise ] || {
			fails 4 damaged carol verify bad.valise
			holds --arg name "$name" '.bundles[0].integrity.damage[0].member == $name'
			says "$name"
		}
	done
	cp plain.valise bad.valise
	flip bad.valise "$(member_at bad.valise SHA256SUMS)"
	fails 4 damaged carol verify bad.valise
	cp plain.valise bad.valise
	flip bad.valise $(($(member_at bad.valise waybill.yaml) + 40))
	fails 3 bad-signature carol verify bad.valise
	# what the waybill says is not shown as if it were true
	! grep -q "$(fpr bob)" <<<"$output"
}

@test "no bundle: other files, folders, nothing" {
	fails 7 io carol verify nothing.valise
	mkdir folder
	fails 8 not-a-bundle carol verify folder
	: >empty
	fails 8 not-a-bundle carol verify empty
	head -c 100000 /dev/urandom >noise
	fails 8 not-a-bundle carol verify noise
	head -c 100000 /dev/zero >zeros
	fails 8 not-a-bundle carol verify zeros
	tar cf other.tar plain.valise
	fails 8 not-a-bundle carol verify other.tar
	mkfifo fifo
	fails 8 not-a-bundle carol verify fifo
	fails 2 usage carol verify
}

# A pipe, a device and a file of holes: reading them to the end, or waiting for their other side, would take for ever.
@test "what is no file, or of absurd length, is judged at once, also among good ones and in folders" {
	local name
	mkfifo fifo.valise
	truncate -s 16T sparse.valise 2>/dev/null || truncate -s 7T sparse.valise
	cp plain.valise front.valise && { truncate -s 16T front.valise 2>/dev/null || truncate -s 7T front.valise; }
	ln -s /dev/zero zero.valise
	mkdir folder.valise stick
	captured timeout 60 "$VALISE" --home "$T/carol" --json verify fifo.valise sparse.valise front.valise zero.valise folder.valise \
		/dev/null plain.valise
	[ "$status" -eq 8 ] || fail "wanted exit status 8"
	holds '[.bundles[] | .error.code // "ok"] == ["not-a-bundle", "not-a-bundle", "container", "not-a-bundle", "not-a-bundle",
		"not-a-bundle", "ok"]'
	mv fifo.valise sparse.valise front.valise zero.valise folder.valise stick
	cp plain.valise stick
	captured timeout 60 "$VALISE" --home "$T/carol" --json verify stick
	[ "$status" -eq 8 ] || fail "wanted exit status 8"
	holds '[.bundles[] | select(.good).file] == ["stick/plain.valise"] and (.bundles | length == 5)'
	for name in fifo sparse front zero folder; do
		captured timeout 60 "$VALISE" --home "$T/bob" --json unpack -o out "stick/$name.valise"
		[ "$status" -eq 8 ] && [ ! -e out ] || fail "$name"
	done
	rm stick/sparse.valise stick/front.valise
}

@test "names with spaces, line ends, and bytes that are no text" {
	local name
	for name in "with space.valise" $'line\nend.valise' $'\xff\xfe.valise' $'a\e[31m.valise' ' ' '-x'; do
		cp plain.valise "./$name"
		ok carol verify -- "$name"
		! grep -qP '\x1b' <<<"$(said)" || fail "a control character came through"
		ok_json carol verify -- "$name"
		holds '.bundles | length == 1 and .[0].good'
		ok bob unpack --again -o out -- "$name"
		rm -rf out "./$name"
	done
}

@test "something behind the end, and a second bundle behind the first" {
	cp plain.valise longer.valise
	printf x >>longer.valise
	fails 8 container carol verify longer.valise
	cat plain.valise plain.valise >twice.valise
	fails 8 container carol verify twice.valise
}

@test "cut anywhere" {
	local size at
	size=$(stat -c %s plain.valise)
	for at in 1024 1536 5000 $((size - 1024)) $((size - 512)) $((size - 1)); do
		head -c "$at" plain.valise >cut.valise
		run --separate-stderr v carol --json verify cut.valise
		[ "$status" -eq 4 ] && holds '.error.code == "truncated"' || fail "cut at $at"
	done
}

@test "a stranger signed, a courier signed, nobody signed" {
	ok nora init --name Nora --organisation N --verify-only
	fails 3 unknown-signer nora verify plain.valise
	ok nora partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)" --role carry,approve
	fails 3 unfit-signer nora verify plain.valise
	unbuild plain.valise b
	mv b/signatures/* "b/signatures/$(fpr bob).sig"
	build b ../renamed.valise
	fails 3 bad-signature carol verify renamed.valise
}

@test "another slot than one for the recipient: the courier notices" {
	home dora
	echo open >news # the reports were TLP:GREEN
	ok alice pack --to dora --label TLP:CLEAR --label PD:NONE -o d.valise news
	unbuild plain.valise a
	unbuild d.valise d
	cp d/keys/0000.pgp a/keys/0000.pgp
	build a ../mixed.valise
	run --separate-stderr v carol --json verify mixed.valise
	[ "$status" -eq 4 ] || fail "a slot of another bundle"
	holds '.error.code == "damaged"'
}

@test "time: not yet, no longer, and a clock that stands wrong" {
	need faketime
	PRELUDE=("$ROOT/tests/lab/at" -12h)
	run --separate-stderr v carol --json verify plain.valise
	[ "$status" -eq 0 ] || fail "twelve hours are within the skew"
	PRELUDE=("$ROOT/tests/lab/at" -3d)
	run --separate-stderr v carol --json verify plain.valise
	[ "$status" -ne 0 ] || fail "three days before it was made"
	# here the key itself is younger than that clock
	holds '.error.code | IN("clock", "signature-time", "unfit-signer")'
	PRELUDE=("$ROOT/tests/lab/at" +89d)
	ok carol verify plain.valise
	PRELUDE=("$ROOT/tests/lab/at" +91d)
	fails 5 expired carol verify plain.valise
	says "expired"
}

@test "the outcome is in the courier's ledger" {
	ok carol verify plain.valise
	head -c 5000 plain.valise >cut.valise
	fails 4 truncated carol verify cut.valise
	ok_json carol ledger list
	holds '[.entries[].event] | length == 2'
	holds '.entries | map(select(.event == "refused")) | length == 1'
}

@test "written by hand with tar, the container is the same bytes" {
	unbuild plain.valise b
	build b ../again.valise
	cmp plain.valise again.valise
}

@test "parity is no bundle, and not bad for that" {
	cp plain.valise p.valise
	ok carol repair --parity 10% p.valise
	fails 8 not-a-bundle carol verify p.valise.parity
	says "valise repair"
	cp p.valise.parity p.p1of1.valise-parity
	fails 8 not-a-bundle carol verify p.p1of1.valise-parity
	says "valise repair"
	cp p.valise.parity other
	fails 8 not-a-bundle carol verify other
	says "valise pack"
}
