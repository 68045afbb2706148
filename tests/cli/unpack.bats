#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# list and unpack: where to, what is refused before anything is written, replay, clocks and overrides.

load helper

setup() {
	load_helper_setup
	home bob
	plain
}

@test "unpack: the whole folder, under the bundle's stem" {
	ok bob unpack plain.valise
	[ "$output" = "$T/work/plain" ]
	diff -r "$ROOT/tests/data/reports" plain/reports
	[ "$(ls plain | tr '\n' ' ')" = "MANIFEST.html MANIFEST.yaml reports " ]
	[ "$(stat -c %a plain)" = 700 ]
	grep -q '^GOOD' <<<"$stderr" || fail "the verdict belongs on standard error"
}

@test "unpack: JSON" {
	ok_json bob unpack -o out plain.valise
	holds --arg path "$T/work/out" '.path == $path and .complete and .["unpacked-files"] == 11 and .sequence == 1
		and .["received-before"] == false and .marks == ["pd/none", "tlp/green"] and .signers[0].standing == "counts"'
}

@test "unpack: names for the folder where the bundle's is not tame" {
	local name id
	id=$(tar xOf plain.valise waybill.yaml | sed -n 's/^bundle: "\(.*\)"/\1/p')
	for name in '-x.valise' '.hidden.valise' 'with space.valise' 'ünicode.valise' '.valise'; do
		cp plain.valise "./$name"
		ok bob unpack --again -- "$name"
		[ "$output" = "$T/work/$id" ] || fail "for $name"
		rm -r "./$id"
	done
	cp plain.valise bundle
	fails 7 exists bob unpack --again bundle
	ok bob unpack --again ./plain.valise
	[ -d plain ]
}

@test "unpack: a destination that exists is left alone, whatever it is" {
	mkdir folder
	: >file
	ln -s nowhere link
	ln -s folder to-folder
	local there
	for there in folder folder/ file link to-folder; do
		fails 7 exists bob unpack -o "$there" plain.valise
	done
	fails 7 io bob unpack -o missing/out plain.valise
	fails 7 io bob unpack -o file/out plain.valise
	fails 2 usage bob unpack -o "" plain.valise
	ok bob unpack -o folder/new/ plain.valise
	[ -d folder/new/reports ]
}

@test "unpack: a destination that cannot be written" {
	mkdir closed
	chmod a+r plain.valise
	as_nobody closed
	chown -R nobody "$T/bob" 2>/dev/null || true
	fails 7 io bob unpack -o closed/out plain.valise
}

@test "unpack: single files, and folders with all below them" {
	ok_json bob unpack -o some plain.valise reports/indicators/2026-w47.csv 'reports/пример'
	holds '.complete == false'
	[ "$(find some/reports -type f | wc -l)" -eq 3 ]
	cmp some/reports/indicators/2026-w47.csv "$ROOT/tests/data/reports/indicators/2026-w47.csv"
	diff -r "some/reports/пример" "$ROOT/tests/data/reports/пример"
	ok bob unpack -o folder plain.valise reports/
	diff -r "$ROOT/tests/data/reports" folder/reports
	fails 2 usage bob unpack -o other plain.valise reports/nothing
	fails 2 usage bob unpack -o other plain.valise report
	fails 2 usage bob unpack -o other plain.valise ../reports
	# none of that was the reception
	ok_json bob unpack -o whole plain.valise
	holds '.["received-before"] == false'
}

@test "unpack: replay is refused, --again is not; another name does not help" {
	ok bob unpack -o one plain.valise
	fails 5 replay bob unpack -o two plain.valise
	says "--again"
	cp plain.valise renamed.valise
	fails 5 replay bob unpack renamed.valise
	ok_json bob unpack --again -o two plain.valise
	holds '.["received-before"]'
	diff -r -x MANIFEST.html one two # it tells when it was received
	ok_json bob list plain.valise
	holds '.["received-before"]'
	ok bob unpack -o three plain.valise reports/samples
}

@test "unpack: what failed is not received" {
	cp plain.valise bad.valise
	flip bad.valise $(($(member_at bad.valise payload/0000000000) + 100))
	fails 4 damaged bob unpack -o out bad.valise
	head -c 6000 plain.valise >cut.valise
	fails 4 truncated bob unpack -o out cut.valise
	mkdir out
	fails 7 exists bob unpack -o out plain.valise
	rmdir out
	ok bob unpack -o out plain.valise
}

@test "unpack: one bit anywhere, and nothing is written" {
	local name at
	for name in valise keys/0000.pgp payload/0000000000 manifest/0000000000 SHA256SUMS waybill.yaml trailer \
		"signatures/$(fpr alice).sig"; do
		for at in $(member_at plain.valise "$name") $(($(member_at plain.valise "$name") - 512 + 30)); do
			cp plain.valise bad.valise
			flip bad.valise "$at"
			run --separate-stderr v bob --json unpack -o out bad.valise
			[[ $status =~ ^[348]$ ]] || fail "one bit at $at, in $name"
			[ ! -e out ] || fail "something was written: one bit at $at, in $name"
			[ "$(find . -name '.*part*' | wc -l)" -eq 0 ] || fail "a rest: one bit at $at, in $name"
		done
	done
}

@test "not for us: another recipient, a courier" {
	home dora carol
	fails 6 not-for-us dora unpack -o out plain.valise
	says "1 recipient "
	fails 6 not-for-us dora list plain.valise
	fails 6 not-for-us carol unpack -o out plain.valise
	fails 6 not-for-us alice unpack -o out plain.valise
}

@test "not signed by a partner" {
	ok nora init --name Nora --organisation N --no-passphrase
	fails 3 unknown-signer nora unpack -o out plain.valise
	fails 3 unknown-signer nora list plain.valise
}

@test "this station may not hold such labels: refused before the payload is read" {
	ok alice pack --to bob --label TLP:AMBER --label PD:NONE -o amber.valise "$ROOT/tests/data/reports"
	sed -i 's|"tlp/amber"|"tlp/green"|' "$T/bob/station.yaml"
	# the payload is damaged as well, and the ceiling is told first
	flip amber.valise $(($(member_at amber.valise payload/0000000000) + 9))
	fails 5 ceiling bob unpack -o out amber.valise
	says "this station"
	ok_json bob ledger list
	holds '.entries | map(select(.event == "refused")) | length == 1'
}

@test "this station's limits: number of files, bytes" {
	sed -i 's|^max-files: .*|max-files: 5|' "$T/bob/station.yaml"
	run --separate-stderr v bob --json unpack -o out plain.valise
	[ "$status" -eq 5 ] || [ "$status" -eq 8 ] || fail "more files than max-files"
	sed -i 's|^max-files: .*|max-files: 1000|; s|^max-bytes: .*|max-bytes: 1000|' "$T/bob/station.yaml"
	run --separate-stderr v bob --json unpack -o out plain.valise
	[ "$status" -eq 5 ] || [ "$status" -eq 8 ] || fail "more bytes than max-bytes"
	[ ! -e out ]
}

@test "a scheme that means something else here" {
	cat >"$T/bob/schemes/extra.yaml" <<-'YAML'
		valise-scheme: 1
		id: "tlp"
		version: "9"
	YAML
	run --separate-stderr v bob --json unpack -o out plain.valise
	[ "$status" -eq 9 ] || fail "a scheme file that is wrong"
	holds '.error.code == "scheme"'
}

@test "expired: refused, or overridden by name, with a reason, in the ledger" {
	need faketime
	PRELUDE=("$ROOT/tests/lab/at" +91d)
	fails 5 expired bob unpack -o out plain.valise
	says "--override expired --reason"
	fails 2 usage bob unpack -o out --override expired plain.valise
	fails 2 usage bob unpack -o out --override expired --reason "" plain.valise
	fails 2 usage bob unpack -o out --override replay --reason x plain.valise
	fails 2 usage bob unpack -o out --reason x plain.valise
	fails 5 expired bob unpack -o out --override clock --reason "wrong rule" plain.valise
	ok bob unpack -o out --override expired --reason "came late, agreed by phone" plain.valise
	says "overridden"
	diff -r "$ROOT/tests/data/reports" out/reports
	ok_json bob ledger list
	holds '[.entries[] | tostring | contains("agreed by phone")] | any'
}

@test "a clock before the latest time this ledger has seen: refused, or overridden" {
	need faketime
	ok alice pack --to bob "${LABELS[@]}" -o second.valise "$ROOT/tests/data/reports"
	PRELUDE=("$ROOT/tests/lab/at" +40d)
	ok bob unpack -o one plain.valise
	PRELUDE=()
	fails 5 clock bob unpack -o two second.valise
	says "--override clock"
	ok bob unpack -o two --override clock --reason "clock was wrong last week" second.valise
}

@test "equivocation: one id, two bundles" {
	# the sender's own key signs a second waybill with the same id
	ok bob unpack -o one plain.valise
	need xxd
	unbuild plain.valise b
	sed -i 's/^handling: ""/handling: "x"/' b/waybill.yaml
	cp -a "$T/alice/gnupg" "$T/user/.gnupg"
	gpg --homedir "$T/user/.gnupg" --batch --quiet --yes --digest-algo SHA512 -u "$(fpr alice)" \
		-o "b/signatures/$(fpr alice).sig" -b b/waybill.yaml
	build b ../second.valise
	run --separate-stderr v bob --json unpack -o two second.valise
	# not even that gets so far: the key check covers the waybill
	[ "$status" -eq 3 ] && holds '.error.code == "key-check"' || fail "a waybill that was changed and signed"
}

@test "gaps in the sequence are told" {
	ok alice pack --to bob "${LABELS[@]}" -o second.valise "$ROOT/tests/data/reports"
	ok alice pack --to bob "${LABELS[@]}" -o third.valise "$ROOT/tests/data/reports"
	ok bob unpack -o one plain.valise
	ok_json bob unpack -o three third.valise
	holds '.sequence == 3 and .["missing-before"] == 1 and (.notices | length) >= 1'
	ok_json bob unpack -o two second.valise
	holds '.["missing-before"] == 0'
}

@test "list: labels, sizes, paths; needs no space and counts as no reception" {
	ok bob list plain.valise
	grep -q 'reports/indicators/collect.sh\*' <<<"$output"
	grep -q 'TLP:GREEN' <<<"$output"
	grep -q '^GOOD' <<<"$stderr"
	ok_json bob list plain.valise
	holds '.entries | length == 17 and (map(select(.type == "file")) | length) == 10
		and (map(select(.type == "executable")) | length) == 1'
	holds --arg sum "$(sha256sum <"$ROOT/tests/data/reports/2026-w47/weekly-summary.md" | cut -d' ' -f1)" \
		'.entries[] | select(.path == "reports/2026-w47/weekly-summary.md").sha256 == $sum'
	ok_json bob unpack -o out plain.valise
	holds '.["received-before"] == false'
}

@test "list: does not read the payload" {
	cp plain.valise bad.valise
	flip bad.valise $(($(member_at bad.valise payload/0000000000) + 100))
	ok bob list bad.valise
	says "payload was not read"
	flip bad.valise $(($(member_at bad.valise manifest/0000000000) + 10))
	fails 4 damaged bob list bad.valise
}

@test "list and unpack: none is a mistake" {
	fails 2 usage bob list
	fails 2 usage bob unpack
}

@test "the file system is full: told, and nothing is left" {
	mkdir disk
	if ! mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
		not_permitted "mounting a small file system"
	fi
	mkdir big
	head -c 300000 /dev/urandom >big/noise
	ok alice pack --to bob "${LABELS[@]}" -o big.valise big
	run --separate-stderr v bob --json unpack -o disk/out big.valise
	local seen=$status left
	left=$(ls -A disk)
	run --separate-stderr v alice --json pack --to bob "${LABELS[@]}" -o disk/b.valise big
	left+=$(ls -A disk)
	umount disk
	[ "$seen" -eq 7 ] && [ "$status" -eq 7 ] || fail "exit statuses $seen and $status"
	holds '.error.code == "no-space"'
	[ -z "$left" ] || fail "left: $left"
	ok bob unpack -o out big.valise
}

@test "Ctrl-C while packing leaves nothing, and the next one works" {
	mkdir big
	head -c 200M /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null >big/noise || head -c 200M /dev/urandom >big/noise
	local before pid tries=0
	before=$(snapshot .)
	"$VALISE" --home "$T/alice" --quiet pack --to bob "${LABELS[@]}" -o big.valise big 3>&- 2>err &
	pid=$!
	until compgen -G '.big.valise.part-*' >/dev/null || [ $((tries += 1)) -gt 2000 ]; do sleep 0.005; done
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ "$status" -eq 130 ] || [ -f big.valise ] || fail "no clean end"
	rm -f err big.valise
	[ "$before" = "$(snapshot .)" ] || fail "left: $(ls -A)"
	ok alice pack --to bob "${LABELS[@]}" -o big.valise "$ROOT/tests/data"
}
