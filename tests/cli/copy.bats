#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# copy: byte for byte, read back, under a name for media; who is not known, what is refused, going on after a failure.

load helper

setup() {
	load_helper_setup
	home carol
	plain
	mkdir stick
}

# Nothing but these names is on the stick: on_stick NAME…
on_stick() {
	[ "$(ls -A stick)" = "$(printf '%s\n' "$@" | sort)" ] || fail "on the stick: $(ls -A stick)"
}

@test "a courier's copy is the same file, and what that proves is said" {
	ok carol copy plain.valise stick/
	[ "$output" = "$PWD/stick/plain.valise" ]
	cmp plain.valise stick/plain.valise
	on_stick plain.valise
	says "Alice Ardent (Agency A), whose signature was checked"
	says "every byte that the medium gives back is as it was signed"
	says "whether its own controller answered from its memory"
	! grep -qiE 'TLP|INC-2026' <<<"$(said)"
	ok carol verify stick/plain.valise
	ok_json carol ledger list
	holds --arg path "$PWD/stick/plain.valise" '[.entries[] | select(.event == "copied")] | length == 1 and .[0].text == $path'
}

@test "as JSON" {
	ok_json carol copy plain.valise stick
	holds --arg at "$PWD/stick/plain.valise" --arg from "$(fpr alice)" --arg size "$(stat -c %s plain.valise)" \
		--arg digest "$(tar xOf plain.valise waybill.yaml | sha256sum | cut -d' ' -f1)" '
		(.copies | length == 1) and (.copies[0] | .source == "plain.valise" and .path == $at and .kind == "bundle" and .how == "written"
		and .judged and .from.fingerprint == $from and .digest == $digest and .["file-bytes"] == ($size | tonumber) and .["kept-bytes"] == 0
		and (.["read-back"] == "past-cache" or .["read-back"] == "cache-dropped") and .signers[0].standing == "counts")
		and .replugged == "not-asked" and (.medium | .["mounted-at"][0:1] == "/" and (.["file-system"] | length > 0))'
}

@test "given again it is read back and left alone; another file in its place is kept and told" {
	ok carol copy plain.valise stick
	touch -d '2026-01-01' stick/plain.valise
	ok_json carol copy plain.valise stick
	holds '.copies[0] | .how == "was-there" and .["kept-bytes"] == .["file-bytes"]'
	[ "$(stat -c %Y stick/plain.valise)" = "$(date -d 2026-01-01 +%s)" ]
	flip stick/plain.valise 5000
	fails 7 exists carol copy plain.valise stick
	echo other >stick/plain.valise
	fails 7 exists carol copy plain.valise stick
	rm stick/plain.valise
	ln -s nowhere stick/plain.valise
	fails 7 exists carol copy plain.valise stick
	rm stick/plain.valise
	mkfifo stick/plain.valise
	fails 7 exists carol copy plain.valise stick
}

@test "several, with what lies beside them; a name for media is made of any" {
	cp plain.valise "My Report (1).valise"
	ok carol repair --parity 100% plain.valise
	ok carol repair --parity 10% "My Report (1).valise"
	ok_json carol copy plain.valise "My Report (1).valise" plain.valise.parity stick
	holds '[.copies[].kind] == ["bundle", "beside", "bundle", "beside"] and ([.copies[] | has("digest")] == [true, false, true, false])'
	on_stick plain.valise plain.valise.parity my-report-1-.valise my-report-1-.valise.parity
	cmp plain.valise.parity stick/plain.valise.parity
	cmp plain.valise stick/my-report-1-.valise
	ok_json carol copy plain.valise stick
	holds '[.copies[].how] == ["was-there", "was-there"]'
	flip plain.valise.parity 3000
	fails 7 exists carol copy plain.valise stick
}

# The bundle is on the stick, and nothing else of it: left_out NAME REASON…
left_out() {
	local name=$1
	shift
	ok_json carol copy plain.valise stick
	holds --arg name "$name" --arg why "$*" '(.copies | length == 1) and (.notices | length == 1)
		and (.notices[0] | startswith("not copied: " + $name + ": ") and contains($why))'
	on_stick plain.valise
	rm stick/plain.valise
}

@test "what lies beside and is no parity file stays where it is: links, other files, wrong lengths, holes" {
	local beside=plain.valise.parity
	ok carol repair --parity 10% plain.valise
	mv $beside good
	echo "of this machine alone" >secret.txt
	ln -s "$PWD/secret.txt" $beside
	left_out $beside "a symbolic link"
	fails 8 parity carol copy $beside stick
	fails 8 parity carol copy plain.valise $beside stick
	ln -sf good $beside
	left_out $beside "a symbolic link"
	rm $beside
	cp secret.txt $beside
	left_out $beside "not a parity file"
	fails 8 parity carol copy $beside stick
	cp secret.txt some.valise-parity
	fails 8 parity carol copy some.valise-parity stick
	ln -sf secret.txt some.valise-parity
	fails 8 parity carol copy some.valise-parity stick
	cp good $beside
	cat secret.txt >>$beside
	left_out $beside "by its header should be"
	rm $beside
	mkfifo $beside
	left_out $beside "not a file"
	rm $beside
	truncate -s 15T $beside || truncate -s 7T $beside
	left_out $beside "not a parity file"
	# As long as it should be, with its headers, and nothing between them.
	head -c 512 good >$beside
	truncate -s "$(stat -c %s good)" $beside
	left_out $beside "holes"
	# Of another file.
	PYTHONPATH="$ROOT/tests/second" python3 - $beside <<-'END'
		import os, sys, parity
		open(sys.argv[1], "wb").write(parity.make(os.urandom(5000), 100))
	END
	left_out $beside "of another file"
	! grep -rq "of this machine" stick || fail "a secret is on the stick"
}

@test "one header of three is enough for a parity file, wherever it is" {
	local size keep
	ok carol repair --parity 100% plain.valise
	mv plain.valise.parity good
	size=$(stat -c %s good)
	for keep in 0 1 2; do
		python3 - good plain.valise.parity $keep <<-'END'
			import sys
			data = bytearray(open(sys.argv[1], "rb").read())
			places = [at for at in range(0, len(data), 512) if data[at:at + 16] == b"valise-parity 1\n"]
			assert len(places) == 3
			for number, at in enumerate(places):
			    if number != int(sys.argv[3]):
			        data[at:at + 512] = b"\1" * 512
			open(sys.argv[2], "wb").write(data)
		END
		ok_json carol copy plain.valise stick
		holds --argjson size "$size" '[.copies[]["file-bytes"]][1] == $size and .notices == []'
		cmp plain.valise.parity stick/plain.valise.parity
		rm stick/*
	done
}

@test "parity volumes are carried where they are such, and as long as they tell" {
	local file=v.p1of1.valise-parity
	head -c 2000000 /dev/urandom >large.bin
	seal alice --parity none --volume-size 1300000 -o v.valise large.bin
	ok carol repair --parity-volumes 1 v.*of*.valise
	ok carol copy $file stick
	cmp $file stick/$file
	rm stick/*
	# The copy of the list at the end is enough.
	flip $file 30
	ok carol copy $file stick
	cmp $file stick/$file
	rm stick/*
	echo more >>$file
	fails 8 parity carol copy $file stick
}

@test "a sender whom nobody here knows, and no station at all: copied, and told" {
	home dora
	edit_registry carol '/alice/,$d' 2>/dev/null || true
	rm -rf "$T/carol" && v carol init --verify-only --name "Cal" --organisation "Couriers"
	ok carol copy plain.valise stick
	says "NOT CHECKED"
	! grep -q "as it was signed" <<<"$(said)" || fail "claims too much"
	cmp plain.valise stick/plain.valise
	rm stick/plain.valise
	ok_json carol copy plain.valise stick
	holds '.copies[0] | .judged == false and .signers[0].standing == "unknown"'
	rm stick/plain.valise
	ok_json - copy plain.valise stick
	holds '(.copies[0].judged == false) and (.notices[0] | contains("no station"))'
	cmp plain.valise stick/plain.valise
	fails 9 no-station nowhere copy plain.valise stick
}

@test "what is known to be wrong is not carried: damage, a bad signature, a revoked sender, one that waits" {
	cp plain.valise bad.valise
	flip bad.valise "$(member_at bad.valise payload/0000000000)"
	fails 4 damaged carol copy bad.valise stick
	! on_stick bad.valise 2>/dev/null
	cp plain.valise bad.valise
	flip bad.valise "$(($(member_at bad.valise "$(tar tf plain.valise | grep signatures)") + 80))"
	captured v carol --json copy bad.valise stick
	[ "$status" -eq 3 ] || [ "$status" -eq 8 ] || fail "a broken signature gave $status"
	truncate -s -1024 bad.valise
	fails 4 truncated carol copy bad.valise stick
	head -c 2000 /dev/urandom >noise.valise
	fails 8 not-a-bundle carol copy noise.valise stick
	cp plain.valise waits.valise-pending
	fails 3 approvals carol copy waits.valise-pending stick
	v carol --quiet partner revoke alice --reason "left"
	fails 3 unfit-signer carol copy plain.valise stick
	[ -z "$(ls -A stick)" ]
}

@test "two sources of one name are told before the first byte; the same one twice is copied once" {
	cp plain.valise Plain.valise
	fails 2 usage carol copy plain.valise Plain.valise stick
	holds '.error.message | contains("plain.valise and Plain.valise would both be called")'
	[ -z "$(ls -A stick)" ]
	mkdir other
	cp plain.valise other/
	fails 2 usage carol copy plain.valise other/plain.valise stick
	ln -s ../plain.valise other/link.valise
	mv other/link.valise other/plain.valise
	ok_json carol copy plain.valise other/plain.valise ./plain.valise stick
	holds '.copies | length == 1'
	on_stick plain.valise
}

@test "what is refused before the first byte is in the ledger, once, as is all else" {
	cp plain.valise waits.valise-pending
	fails 3 approvals carol copy waits.valise-pending stick
	fails 7 io carol copy plain.valise nowhere
	fails 7 io carol copy nothing.valise stick
	cp plain.valise bad.valise
	flip bad.valise "$(member_at bad.valise payload/0000000000)"
	fails 4 damaged carol copy bad.valise stick
	fails 8 limit carol copy --volume-size 10K plain.valise stick
	ok_json carol ledger list
	holds '[.entries[] | select(.event == "refused" and .verb == "copy") | .code] == ["approvals", "io", "io", "damaged", "limit"]
		and ([.entries[] | select(.code == "damaged") | .bundle] | all(. != null))'
}

@test "what is dealt out anew gets parity files, within the named size; each mends its own" {
	local file
	head -c 3000000 /dev/urandom >large.bin
	seal alice --parity none -o l.valise large.bin
	mkdir one whole few
	ok_json carol copy --volume-size 1500000 l.valise stick
	holds '[.copies[].kind] == ["bundle", "bundle", "bundle", "beside", "beside", "beside"]
		and all(.copies[]; .how == "written" and (.["read-back"] == "past-cache" or .["read-back"] == "cache-dropped"))'
	on_stick l.{1,2,3}of3.valise l.{1,2,3}of3.valise.parity
	for file in stick/*.valise; do
		[ $(($(stat -c %s "$file") + $(stat -c %s "$file.parity"))) -le 1500000 ] || fail "$file and its parity are too large"
		cp "$file" "$file.parity" one/
		cp "one/$(basename "$file")" keep
		dd if=/dev/zero of="one/$(basename "$file")" bs=1000 seek=300 count=80 conv=notrunc status=none
		ok carol repair -o mended "one/$(basename "$file")"
		cmp mended "$file"
		rm mended mended.parity
	done
	# Nobody asks for the usual share where --parity says another; joined to one file there is one.
	ok carol copy --volume-size 1500000 --parity none l.valise few
	[ "$(ls -A few)" = "$(printf 'l.%sof3.valise\n' 1 2 3)" ]
	ok_json carol copy --volume-size none --parity 5% few whole
	holds '[.copies[].kind] == ["bundle", "beside"]'
	cmp l.valise whole/l.valise
	ok carol repair --parity 5% l.valise
	cmp l.valise.parity whole/l.valise.parity
	# One of both names is taken: then there is nothing.
	rm whole/l.valise
	fails 7 exists carol copy --volume-size none few whole
	fails 2 usage carol copy --parity 5% l.valise whole
	fails 2 usage carol copy --parity 500% --volume-size none few whole
}

@test "device nodes, FIFOs and files that say to be of terabytes are no sources" {
	local node file
	for node in /dev/null /dev/zero /dev/full; do
		fails 8 not-a-bundle carol copy $node stick
		fails 8 not-a-bundle carol copy --volume-size none $node stick
	done
	mkfifo pipe.valise
	fails 8 not-a-bundle carol copy --volume-size none pipe.valise stick
	cp plain.valise long.valise
	for file in sparse.valise long.valise; do
		truncate -s 15T $file || truncate -s 7T $file
		captured v carol --json copy $file stick
		[ "$status" -eq 7 ] && holds '.error.code == "no-space" and (.error.message | contains("there is room for"))'
		[ -z "$(ls -A stick)" ]
		captured v carol --json copy --volume-size none $file stick
		[ "$status" -ne 0 ] && [ -z "$(ls -A stick)" ] || fail "$file was joined"
	done
}

@test "names with spaces, newlines and other bytes; what cannot be named is told" {
	local name
	for name in " a b .valise" $'two\nlines.valise' $'\e[31mred.valise' $'\xff\xfe.valise'; do cp plain.valise "$name"; done
	ok carol repair --parity 10% $'two\nlines.valise'
	ok_json carol copy " a b .valise" $'two\nlines.valise' $'\e[31mred.valise' stick
	holds '[.copies[].source] == [" a b .valise", "two\nlines.valise", "two\nlines.valise.parity", "\u001b[31mred.valise"]'
	on_stick 31mred.valise a-b-.valise two-lines.valise two-lines.valise.parity
	fails 2 usage carol copy $'\xff\xfe.valise' stick
}

@test "wrong words, places and sources" {
	fails 2 usage carol copy plain.valise
	fails 2 usage carol copy plain.valise plain.valise
	fails 7 io carol copy plain.valise nowhere/
	fails 7 io carol copy nothing.valise stick
	fails 8 not-a-bundle carol copy stick stick
	mkfifo pipe.valise
	fails 8 not-a-bundle carol copy pipe.valise stick
	cp plain.valise .hidden
	fails 2 usage carol copy .hidden stick
	mkdir ro
	as_nobody ro
	chmod -R a+rX "$T"
	[ "$(id -u)" -ne 0 ] || chown -R nobody "$T/carol"
	fails 7 io carol copy plain.valise ro
}

@test "on the disk of the machine there is nothing to take out" {
	local disk
	for disk in "$T" /tmp /var/tmp; do
		[ "$(findmnt -n -o TARGET --target "$disk")" != / ] || break
	done
	[ "$(findmnt -n -o TARGET --target "$disk")" = / ] || skip "all folders for tests have mounts of their own"
	disk=$(mktemp -d "$disk/vc-XXXXXX")
	captured v carol --json copy --replug plain.valise "$disk"
	[ "$status" -eq 2 ] && [ -z "$(ls -A "$disk")" ] || fail "wanted a usage error, and nothing there"
	rmdir "$disk"
}

@test "what an attempt before left is taken up, whatever it is" {
	local size
	size=$(stat -c %s plain.valise)
	# The good beginning of it: only what follows is written.
	head -c $((size - 3000)) plain.valise >stick/plain.valise.part
	ok_json carol copy plain.valise stick
	holds '.copies[0] | .how == "resumed" and .["kept-bytes"] > 0 and .["kept-bytes"] < .["file-bytes"]'
	on_stick plain.valise
	cmp plain.valise stick/plain.valise
	# One that is longer, with other bytes throughout.
	rm stick/plain.valise
	head -c $((size + 5000)) /dev/urandom >stick/plain.valise.part
	ok_json carol copy plain.valise stick
	holds '.copies[0] | .how == "written" and .["kept-bytes"] == 0'
	cmp plain.valise stick/plain.valise
	# All of it, with one bit wrong.
	rm stick/plain.valise
	cp plain.valise stick/plain.valise.part
	flip stick/plain.valise.part "$(member_at plain.valise manifest/0000000000)"
	ok carol copy plain.valise stick
	cmp plain.valise stick/plain.valise
}

@test "what somebody laid in the place of an attempt is not touched" {
	echo "mine" >victim
	ln -s ../victim stick/plain.valise.part
	fails 7 io carol copy plain.valise stick
	rm stick/plain.valise.part
	ln victim stick/plain.valise.part
	fails 7 exists carol copy plain.valise stick
	rm stick/plain.valise.part
	mkdir stick/plain.valise.part
	fails 7 io carol copy plain.valise stick
	[ "$(cat victim)" = mine ]
}

@test "another copy of the same is told" {
	touch stick/plain.valise.part
	exec 8<>stick/plain.valise.part
	flock 8
	fails 7 busy carol copy plain.valise stick
	exec 8>&-
	ok carol copy plain.valise stick
}

@test "where a damaged bundle is not copied its parity file is told" {
	cp plain.valise p.valise
	ok carol repair --parity 10% p.valise
	truncate -s -1 p.valise
	fails 4 truncated carol copy p.valise stick/
	says "valise repair p.valise"
	[ -z "$(ls stick)" ]
	rm p.valise.parity
	fails 4 truncated carol copy p.valise stick/
	! says "valise repair"
}
