#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# scan: what is on this stick, for whoever it is handed to.

load helper

setup() {
	load_helper_setup
	home bob carol
	plain
	mkdir stick
}

# A volume of a bundle: volume FILE FIRST LAST OUT
volume() {
	/usr/bin/python3 - "$@" <<'PY'
import sys
data, first, last = open(sys.argv[1], "rb").read(), int(sys.argv[2]), int(sys.argv[3])
at, out, places, payload = 0, b"", {}, 0
while data[at]:
    name = data[at:at + 100].rstrip(b"\0").decode()
    end = at + 512 + (int(data[at + 124:at + 135], 8) + 511) // 512 * 512
    kind = name.split("/")[0]
    if kind != "payload" or first <= int(name[8:]) <= last:
        places.setdefault(kind, len(out))
        out += data[at:end]
    at = end
words = ("manifest", "manifest"), ("sums", "SHA256SUMS"), ("waybill", "waybill.yaml"), ("signatures", "signatures"), ("trailer", "trailer")
text = "valise-trailer 1\n" + "".join(f"{word} {places[kind]:020}\n" for word, kind in words)
out = out[:places["trailer"] + 512] + text.encode().ljust(512, b"\n") + bytes(1024)
open(sys.argv[4], "wb").write(out)
PY
}

# A bundle of seven chunks: seven.valise
seven() {
	mkdir data
	head -c 6500000 /dev/urandom >data/noise
	seal alice -o seven.valise data >/dev/null
}

# Exit status 10, and what was found is told all the same.
needs_attention() {
	captured v "$@"
	[ "$status" -eq 10 ] || fail "wanted attention: valise $*"
}

@test "a courier sees from whom, for whom, how large, and what was not checked; nothing changes" {
	local before
	cp plain.valise stick/
	before=$(world)
	ok carol scan stick
	says "alice"
	says "bob"
	says "signed, not checked"
	says "whole"
	says "stick/plain.valise"
	says "not checked"
	! grep -qiE 'TLP|reports|INC-2026' <<<"$(said)"
	ok_json carol scan stick
	holds '.station and .complete and (.bundles | length == 1)'
	holds --arg from "$(fpr alice)" --arg to "$(fpr bob)" '.bundles[0] | .state == "not-checked" and .from.fingerprint == $from
		and .from.alias == "alice" and .to[0].fingerprint == $to and .to[0].alias == "bob" and (.["for-us"] | not)
		and .received == null and .sequence == 0 and .missing == [] and .chunks == .["chunks-present"] and .volumes == 1'
	holds --arg size "$(stat -c %s plain.valise)" --arg digest "$(tar xOf plain.valise waybill.yaml | sha256sum | cut -d' ' -f1)" \
		'.bundles[0] | .digest == $digest and .["file-bytes"] == ($size | tonumber) and .volumes[0].file == "stick/plain.valise"
		and .volumes[0].signers[0].standing == "counts"'
	[ "$before" = "$(world)" ] || fail "something changed"
	ok carol --quiet scan stick
	[ "$(wc -l <<<"$output")" -eq 2 ]
}

@test "the receiver sees what is for him, and what he has already, with its number" {
	cp plain.valise stick/renamed.bin
	ok_json bob scan stick
	holds '.bundles[0] | .["for-us"] and .to[0].self and .received == null'
	ok bob scan stick
	says "this station"
	ok bob unpack -o out plain.valise
	ok_json bob scan stick
	holds '.bundles[0] | .received != null and .sequence == 1 and .state == "not-checked"'
	ok bob scan stick
	says "received as number 1"
}

@test "without a station: the keys, as words, and nothing that a stranger's waybill says" {
	cp plain.valise stick/
	ok - scan stick
	says "signed by unknown"
	says "there is no station here"
	says "$(sed 's/..../& /g; s/ $//' "$CAST/alice.fpr")"
	! grep -qF "$(fpr bob | cut -c1-4)" <<<"$output" || fail "tells the recipient of a waybill that nobody vouches for"
	ok_json - scan stick
	holds --arg from "$(fpr alice)" '(.station | not) and (.bundles[0] | .state == "unknown-signer" and (has("from") | not)
		and (has("to") | not) and (has("created") | not) and .volumes[0].signers[0].fingerprint == $from
		and .volumes[0].signers[0].name == null and .volumes[0].error.code == "unknown-signer")'
	fails 9 no-station nobody scan stick
	[ -z "$(find "$T/user" -mindepth 1)" ] || fail "a home was made"
}

@test "a read-only home" {
	cp plain.valise stick/
	chmod -R a-w "$T/carol"
	if [ "$(id -u)" -eq 0 ]; then
		chmod -R a+rX "$T/carol" stick
		chown -R nobody "$T/carol"
		as_nobody "$T/tmp"
		chmod 777 "$T/tmp"
	fi
	ok_json carol scan stick
	holds '.bundles[0].state == "not-checked" and .bundles[0].from.alias == "alice"'
}

@test "the current folder, several folders, folders in folders; what is no folder" {
	mkdir -p stick/a/b other
	cp plain.valise stick/a/b/one.valise
	cp plain.valise other/two.valise
	ok_json carol scan stick other
	holds '[.bundles[].volumes[].file] == ["other/two.valise", "stick/a/b/one.valise"] and .bundles[0]["volumes-present"] == 1'
	cd stick
	ok_json carol scan
	holds '[.bundles[].volumes[].file] == ["./a/b/one.valise"]'
	cd ..
	fails 2 usage carol scan plain.valise
	fails 7 io carol scan nothing
	ok carol scan stick/a/b/..
	mkdir empty
	ok_json carol scan empty
	holds '.bundles == [] and .complete'
	ok carol scan empty
	says "No bundle was found"
}

@test "volumes belong together by their waybill, and are counted by their chunks, never by their names" {
	seven
	volume seven.valise 0 1 stick/z.valise
	volume seven.valise 2 3 stick/photo.jpg
	volume seven.valise 6 6 stick/1of2.valise
	cp stick/photo.jpg stick/copy.valise
	ok_json carol scan stick
	holds '.bundles | length == 1'
	holds '.bundles[0] | .chunks == 7 and .["chunks-present"] == 5 and .missing == [{first: 4, last: 5}] and .["volumes-present"] == 3
		and (.volumes | length == 4) and ([.volumes[] | [.["first-chunk"], .chunks]] == [[0, 2], [2, 2], [2, 2], [6, 1]])'
	ok carol scan stick
	says "3 of at least 4"
	says "of 7 chunks 4 to 5"
	volume seven.valise 4 5 stick/last
	ok_json carol scan stick
	holds '.bundles[0] | .missing == [] and .["volumes-present"] == 4'
	ok carol scan stick
	says "4 of 4"
	# they overlap, and the whole lies there as well
	cp seven.valise stick/
	volume seven.valise 1 4 stick/over
	ok carol scan stick
	says "whole, 7 files"
	rm stick/*
	volume seven.valise 3 6 stick/b
	ok_json carol scan stick
	holds '.bundles[0].missing == [{first: 0, last: 2}]'
}

@test "volumes of two bundles do not mix" {
	seven
	mv seven.valise one.valise && rm -rf data seven.valise.parity
	seven
	volume one.valise 0 3 stick/x.1of2.valise
	volume seven.valise 4 6 stick/x.2of2.valise
	ok_json carol scan stick
	holds '(.bundles | length == 2) and all(.bundles[]; (.missing | length) == 1)'
}

@test "a volume twice under two names, a wrong total, a stale one, names with spaces and line ends" {
	seven
	volume seven.valise 0 3 stick/x.1of2.valise
	cp stick/x.1of2.valise $'stick/x 1\nof 9.valise'
	volume seven.valise 4 6 stick/x.2of9.valise
	cp seven.valise.parity stick/x.2of9.valise.parity
	rm -rf data && mv seven.valise first.valise && rm -f seven.valise.parity
	seven
	volume seven.valise 0 3 stick/x.3of2.valise
	ok_json carol scan stick
	holds '(.bundles | length == 2) and ([.bundles[] | [(.volumes | length), .["volumes-present"], .["chunks-present"], (.missing | length)]]
		| sort == [[1, 1, 4, 1], [3, 2, 7, 0]])'
	holds '[.bundles[].volumes[] | select(.parity != null) | [.file, .parity]] == [["stick/x.2of9.valise", "stick/x.2of9.valise.parity"]]'
	holds '[.bundles[].volumes[].file] | any(. == "stick/x 1\nof 9.valise")'
	ok carol scan stick
	says 'x 1\x0Aof 9.valise'
}

@test "the payload is not read, unless --check says so" {
	seven
	cp seven.valise stick/
	flip stick/seven.valise "$(member_at stick/seven.valise payload/0000000003)"
	ok_json carol scan stick
	holds '.bundles[0].state == "not-checked"'
	needs_attention carol --json scan --check stick
	holds '.bundles[0].state == "damaged" and .bundles[0].volumes[0].error.code == "damaged" and .error.code == "attention"'
	holds '.bundles[0].volumes[0].error.message | contains("payload/0000000003")'
	needs_attention carol scan --check stick
	says "DAMAGED"
	says "payload/0000000003"
	cp seven.valise stick/
	ok_json carol scan --check stick
	holds '.bundles[0].state == "good"'
	ok carol scan --check stick
	! grep -q 'not checked' <<<"$output" || fail "says that something was not checked"
	volume seven.valise 1 2 stick/seven.valise
	ok_json carol scan --check stick
	holds '.bundles[0] | .state == "good" and .missing == [{first: 0, last: 0}, {first: 3, last: 6}]'
}

@test "what is damaged at its ends, cut, or no bundle, is told with its reason, and the others are seen" {
	head -c 5000 plain.valise >stick/cut.valise
	cp plain.valise stick/sums.valise
	flip stick/sums.valise "$(member_at stick/sums.valise SHA256SUMS)"
	cp plain.valise stick/sealed.valise
	flip stick/sealed.valise "$(member_at stick/sealed.valise waybill.yaml)"
	cp plain.valise stick/front.valise
	dd if=/dev/zero of=stick/front.valise bs=512 count=1 conv=notrunc status=none
	: >stick/empty.valise
	echo "just text" >stick/text.valise-pending
	echo "other" >stick/readme.txt
	cp plain.valise stick/
	needs_attention carol --json scan stick
	holds '[.bundles[].volumes[] | {(.file): [.state, .error.code // "ok"]}] | add == {
		"stick/cut.valise": ["damaged", "container"], "stick/sums.valise": ["damaged", "damaged"],
		"stick/sealed.valise": ["refused", "bad-signature"], "stick/front.valise": ["damaged", "not-a-bundle"],
		"stick/empty.valise": ["damaged", "not-a-bundle"], "stick/text.valise-pending": ["damaged", "not-a-bundle"],
		"stick/plain.valise": ["not-checked", "ok"]}'
	# of the two that are of one bundle the worse decides
	holds '.bundles | length == 6 and (map(select(.volumes | length == 2)) | .[0].state == "damaged")'
	holds '.["passed-over"]["other-files"] == 1 and .error.code == "attention" and .complete'
	needs_attention carol scan stick
	says "stick/sums.valise: "
	says "1 other file"
}

@test "a lost end of the payload is damage, and it is still known whose bundle it is" {
	seven
	cp seven.valise stick/
	dd if=/dev/zero of=stick/seven.valise bs=512 seek=$((($(member_at seven.valise payload/0000000006) - 512) / 512)) count=1 \
		conv=notrunc status=none
	needs_attention carol --json scan stick
	holds '.bundles[0] | .state == "damaged" and .from.alias == "alice" and .volumes[0].error.code == "container"'
}

@test "expired; a key that was revoked; nobody's" {
	home alice
	seal alice --expires 1d -o stick/short.valise "$ROOT/tests/data/reports" >/dev/null
	need faketime
	PRELUDE=(faketime -f +3d)
	ok_json carol scan stick
	holds '.bundles[0] | .state == "expired" and .from.alias == "alice" and .volumes[0].error.code == "expired"'
	PRELUDE=()
	v carol --quiet partner revoke alice --reason lost
	needs_attention carol --json scan stick
	holds '.bundles[0] | .state == "refused" and .volumes[0].error.code == "unfit-signer" and (has("from") | not)'
}

@test "names that would speak to the terminal are shown, and found" {
	local name=$'stick/a\e[31m\n\xe2\x80\xaeb.valise'
	cp plain.valise "$name"
	cp plain.valise $'stick/ leading space \xff'
	ok carol scan stick
	! grep -qP '\x1b|\x{202e}' <<<"$output" || fail "a control character came through"
	says 'stick/a\x1B[31m\x0A\u{202E}b.valise'
	says 'stick/ leading space \xFF'
	[ "$(grep -c valise <<<"$output")" -ge 1 ]
	ok_json carol scan stick
	holds '.bundles | length == 1 and (.[0].volumes | length == 2)'
	holds --arg name "$name" '[.bundles[0].volumes[].file] | any(. == $name)'
}

@test "links, FIFOs, devices, sockets and files that are longer than any medium: told, not followed, not read" {
	cp plain.valise outside.valise
	ln -s ../outside.valise stick/link.valise
	ln -s .. stick/up
	ln -s / stick/root
	mkfifo stick/fifo stick/fifo.valise
	truncate -s 16T stick/sparse.valise 2>/dev/null || truncate -s 7T stick/sparse.valise
	truncate -s 16T stick/sparse 2>/dev/null || truncate -s 7T stick/sparse
	[ "$(id -u)" -ne 0 ] || mknod stick/null c 1 3 2>/dev/null || true
	mkdir stick/folder.valise
	needs_attention carol --json scan stick
	holds '[.bundles[] | {(.volumes[0].file): [.state, .volumes[0].error.code]}] | add == {
		"stick/link.valise": ["unreadable", "content"], "stick/fifo.valise": ["unreadable", "content"],
		"stick/sparse.valise": ["unreadable", "limit"]}'
	holds '.["passed-over"] | .links == 3 and .specials >= 2 and .["other-files"] == 1'
	needs_attention carol scan stick
	says "it is named as a bundle and is a symbolic"
	says "a FIFO"
	says "3 symbolic links, not followed"
}

@test "what waits, what lies beside, and what a cut-off command left" {
	mkdir stick/.out.part-0123456789ab
	cp plain.valise stick/.out.part-0123456789ab/inside.valise
	head -c 3000 plain.valise >stick/.plain.valise.part-00ffee112233
	cp plain.valise stick/.hidden.valise
	echo parity >stick/.hidden.valise.parity
	head -c 2000 plain.valise >stick/other.valise.part
	ok_json carol scan stick
	holds '.bundles | length == 1 and .[0].volumes[0].file == "stick/.hidden.valise" and .[0].volumes[0].parity == "stick/.hidden.valise.parity"'
	holds '.["parity-files"] == [{file: "stick/.hidden.valise.parity", "file-bytes": 7}]'
	holds '[.unfinished[] | [.file, .["file-bytes"], .folder, .copy]] == [["stick/.out.part-0123456789ab", 0, true, false],
		["stick/.plain.valise.part-00ffee112233", 3000, false, false], ["stick/other.valise.part", 2000, false, true]]'
	ok carol scan stick
	says "whole, parity"
	says "unfinished"
}

@test "where it ends before all was seen it says so" {
	local deep=stick/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/
	mkdir -p "$deep"
	cp plain.valise "$deep/far.valise"
	cp plain.valise stick/near.valise
	needs_attention carol --json scan stick
	holds '(.complete | not) and .["passed-over"]["too-deep"] == 1 and (.bundles | length == 1)'
	needs_attention carol scan stick
	says "NOT SEEN"
	rm -r stick/d
	mkdir stick/shut
	as_nobody stick/shut
	if [ "$(id -u)" -eq 0 ]; then
		chmod 700 stick/shut
		chown root stick/shut
		chmod -R a+rX "$T/carol" stick/near.valise stick
		chmod 700 stick/shut
		chown -R nobody "$T/carol"
	else
		chmod 000 stick/shut
	fi
	needs_attention carol --json scan stick
	holds '(.complete | not) and .["passed-over"]["unreadable-folders"] == 1 and (.bundles | length == 1)'
}

@test "what belongs to the kernel is passed over" {
	[ -r /proc/self/status ] || not_permitted "/proc"
	ok_json carol scan /proc/self/fdinfo
	holds '.bundles == [] and .["passed-over"]["kernel-folders"] == 1 and .["passed-over"]["other-files"] == 0'
}

@test "--all: what is mounted and can be carried away; no folder goes with it" {
	fails 2 usage carol scan --all stick
	captured v carol --json scan --all
	[ "$status" -eq 0 ] || [ "$status" -eq 10 ]
	holds '(.media | type == "array") and all(.media[]; (.["mounted-at"] | type) == "string")'
	need fusefat mkfs.vfat
	[ -w /dev/fuse ] || not_permitted "FUSE"
	truncate -s 64M image && mkfs.vfat image >/dev/null
	mkdir mnt
	fusefat -o rw+ image "$T/work/mnt" 2>/dev/null || not_permitted "FUSE mounts"
	cp plain.valise mnt/a.valise
	captured v carol --json scan --all
	fusermount -u mnt
	holds --arg at "$T/work/mnt" '[.media[] | select(.["mounted-at"] == $at)] | length == 1'
	holds --arg file "$T/work/mnt/a.valise" '[.bundles[].volumes[] | select(.file == $file)][0].state == "not-checked"'
}
