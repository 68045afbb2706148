#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# repair, pack --parity, verify of what is damaged, unpack --repair.

load helper

setup() {
	load_helper_setup
	home alice bob carol
}

# A bundle of some 400 KB with its parity file, in the work folder: b.valise, b.valise.parity; the good ones as b.good, b.goodparity
packed() {
	mkdir reports
	head -c 300000 /dev/urandom >reports/a.bin
	echo text >reports/b.txt
	seal alice --parity 10% -o b.valise reports >packed
	cp b.valise b.good
	cp b.valise.parity b.goodparity
}

# A file, random bytes from OFFSET on: spoil FILE OFFSET BYTES
spoil() {
	head -c "$3" /dev/urandom | dd of="$1" bs=64K oflag=seek_bytes seek="$2" conv=notrunc status=none
}

size() {
	stat -c %s "$1"
}

mended() { # NEW FILE
	cmp "$1" b.good || fail "$1 is not the bundle that was packed"
	cmp "$1.parity" b.goodparity || fail "$1.parity is not the one that was made"
}

@test "pack writes a parity file beside a bundle where it is asked to, and of its own only beside large ones" {
	packed
	[ "$(cat packed)" = "$PWD/b.valise" ]
	[ "$(ls)" = "$(printf '%s\n' b.good b.goodparity b.valise b.valise.parity packed reports)" ]
	python3 "$ROOT/tests/second/parity.py" check b.valise b.valise.parity
	[ "$(size b.valise.parity)" -lt $(($(size b.valise) / 5)) ]
	ok_json alice pack --to bob "${LABELS[@]}" -o small.valise reports/b.txt
	holds '.parity == null'
	[ ! -e small.valise.parity ]
	head -c 1100000 /dev/urandom >large.bin
	ok_json alice pack --to bob "${LABELS[@]}" -o large.valise large.bin
	holds --arg path "$PWD/large.valise.parity" '.parity == $path'
	[ -s large.valise.parity ]
	ok_json alice pack --to bob "${LABELS[@]}" --parity none -o none.valise large.bin
	[ ! -e none.valise.parity ]
}

@test "a share that is none, and a parity file that is there already" {
	local share
	mkdir reports && echo text >reports/a
	for share in 10 0% 101% -5% '' half; do
		fails 2 usage alice pack --to bob "${LABELS[@]}" --parity "$share" -o x.valise reports
	done
	echo mine >x.valise.parity
	fails 7 exists alice pack --to bob "${LABELS[@]}" --parity 10% -o x.valise reports
	[ "$(cat x.valise.parity)" = mine ]
}

@test "an undamaged bundle: said so, judged, nothing made" {
	local before
	packed
	before=$(ls)
	ok carol repair b.valise
	says "Nothing is damaged"
	says "Alice Ardent"
	[ "$before" = "$(ls)" ]
	ok_json carol repair b.valise
	holds '.repair.whole and .repair["parity-whole"] and .path == null'
}

@test "a lost tenth, wherever it lies, is given back byte for byte" {
	local at size run
	packed
	size=$(size b.valise)
	run=$((size / 10))
	for at in 0 511 100000 $((size / 2 + 77)) $((size - run)); do
		cp b.good b.valise
		spoil b.valise "$at" "$run"
		fails_to_verify
		ok_json carol repair -o new.valise b.valise
		holds --arg path "$PWD/new.valise" '.path == $path and .repair["can-be-mended"] and .repair["lost-slices"] > 50'
		mended new.valise
		ok carol verify new.valise
		rm new.valise new.valise.parity
	done
}

fails_to_verify() {
	captured v carol --json verify b.valise
	[ "$status" -ne 0 ]
	holds '.bundles[0].repair["can-be-mended"] and (.error.hint | test("valise repair b.valise"))'
}

@test "cut short, made longer, shifted, swapped" {
	local size
	packed
	size=$(size b.valise)
	head -c $((size - size / 10)) b.good >b.valise
	ok carol repair -o cut.valise b.valise && mended cut.valise
	(cat b.good; head -c 70000 /dev/urandom) >b.valise
	ok carol repair -o longer.valise b.valise && mended longer.valise
	(head -c 9999 b.good; printf 'inserted'; tail -c +10000 b.good) >b.valise
	ok_json carol repair -o shifted.valise b.valise && mended shifted.valise
	holds '.repair["lost-slices"] <= 1 and .repair["moved-slices"] > 500'
	(head -c 30000 b.good; tail -c +31001 b.good) >b.valise
	ok carol repair -o lacking.valise b.valise && mended lacking.valise
	cp b.good b.valise
	dd if=b.good of=b.valise bs=512 skip=40 seek=100 count=20 conv=notrunc status=none
	dd if=b.good of=b.valise bs=512 skip=100 seek=40 count=20 conv=notrunc status=none
	ok_json carol repair -o swapped.valise b.valise && mended swapped.valise
	holds '.repair["lost-slices"] == 0 and .repair["moved-slices"] == 40'
}

@test "too much is lost: an honest refusal, and nothing is made" {
	packed
	spoil b.valise 50000 100000
	fails 4 damaged carol repair b.valise
	captured v carol --json repair b.valise
	holds '.repair["can-be-mended"] == false and .repair["hopeless-slices"] > 0'
	captured v carol --json verify b.valise
	holds '.bundles[0].repair["can-be-mended"] == false and (.error.hint | test("cannot give back"))'
	fails 4 damaged bob unpack --repair -o out b.valise
}

@test "the parity file damaged as well, or alone" {
	local size
	packed
	size=$(size b.valise.parity)
	spoil b.valise.parity 0 $((size / 10))
	spoil b.valise 100000 8000
	ok carol repair -o front.valise b.valise && mended front.valise
	cp b.goodparity b.valise.parity
	head -c $((size - 9000)) b.goodparity >b.valise.parity
	ok carol repair -o end.valise b.valise && mended end.valise
	spoil b.valise.parity 0 500
	ok carol repair -o middle.valise b.valise && mended middle.valise
	# Both copies of a part of its list: what the lost sums are of is given back as well.
	spoil b.valise.parity 600 1
	ok carol repair -o list.valise b.valise && mended list.valise
	cp b.good b.valise
	ok carol repair b.valise
	says "Nothing is damaged"
	says "parity file is damaged itself"
}

@test "the parity file of another bundle, of nothing, or none" {
	packed
	seal alice --parity 10% -o other.valise reports >/dev/null
	spoil b.valise 100000 8000
	fails 4 damaged carol repair --parity-file other.valise.parity b.valise
	says "another bundle"
	: >empty && head -c 40000 /dev/urandom >noise
	mkfifo fifo
	for file in empty noise b.good; do
		fails 8 parity carol repair --parity-file "$file" b.valise
	done
	fails 8 parity carol repair --parity-file fifo b.valise
	fails 8 parity carol repair --parity-file /dev/zero b.valise
	fails 8 parity carol repair --parity-file . b.valise
	fails 7 io carol repair --parity-file nothing b.valise
	fails 8 not-a-bundle carol repair --parity-file b.valise.parity fifo
	rm b.valise.parity
	fails 7 io carol repair b.valise
	says "parity file"
}

@test "a parity file can only give back what verifies" {
	packed
	# Parity of an altered bundle, made by hand from the one that is there: mended, it is not what was signed.
	flip b.valise 100000
	mkdir other && cp b.valise other/b.valise
	python3 "$ROOT/tests/second/parity.py" make other/b.valise 100 other/b.valise.parity
	spoil other/b.valise 200000 5000
	fails 4 damaged carol repair other/b.valise
	says "does not verify"
}

@test "whom to believe: a card, nobody, somebody unknown" {
	packed
	spoil b.valise 100000 8000
	ok - repair --card "$CAST/alice.card" --fingerprint "$(fpr alice)" -o card.valise b.valise && mended card.valise
	fails 3 unknown-signer - repair --card "$CAST/bob.card" --fingerprint "$(fpr bob)" -o no.valise b.valise
	home dora
	fails 9 no-station nobody repair b.valise
	fails 2 usage - repair --fingerprint "$(fpr alice)" b.valise
}

@test "names: by default beside where one stands; a folder; what is there is never replaced" {
	packed
	spoil b.valise 100000 8000
	ok carol repair b.valise
	[ "$output" = "$PWD/b-repaired.valise" ]
	mended b-repaired.valise
	fails 7 exists carol repair b.valise
	mkdir in
	ok carol repair -o in/ b.valise
	mended in/b.valise
	# A parity file that stands in the way is no reason to go without the bundle.
	echo mine >odd.valise.parity
	ok carol repair -o odd.valise b.valise
	says "no new parity file"
	cmp odd.valise b.good && [ "$(cat odd.valise.parity)" = mine ]
	mkdir "a b"$'\n'c && cp b.valise "a b"$'\n'c/x.valise && cp b.goodparity "a b"$'\n'c/x.valise.parity
	ok carol repair -o "new "$'\n'"name" "a b"$'\n'c/x.valise
	mended "new "$'\n'"name"
}

@test "a name that would write to the terminal is not kept" {
	local odd=$'x\e[2J\nMended.valise'
	packed
	spoil b.valise 100000 8000
	cp b.valise "$odd" && cp b.valise.parity "$odd.parity"
	ok carol repair "$odd"
	[ "$output" = "$PWD/x-2j-mended-repaired.valise" ]
	mended x-2j-mended-repaired.valise
	mkdir in
	ok carol repair -o in/ "$odd"
	[ "$output" = "$PWD/in/x-2j-mended.valise" ]
	# What is refused of a mended one tells of the file by its name.
	python3 "$ROOT/tests/second/parity.py" make b.valise 100 b.valise.parity
	spoil b.valise 200000 5000
	fails 4 damaged bob unpack --repair -o out b.valise
	! grep -q /proc/self <<<"$(said)" || fail "tells of a descriptor"
}

@test "parity for a bundle that has none; for a damaged one there is none to be had" {
	packed
	rm b.valise.parity
	ok carol repair --parity 10% b.valise
	[ "$output" = "$PWD/b.valise.parity" ]
	cmp b.valise.parity b.goodparity
	fails 7 exists carol repair --parity 10% b.valise
	ok carol repair --parity 50% -o more.valise.parity b.valise
	[ "$(size more.valise.parity)" -gt $(($(size b.valise) / 2)) ]
	fails 2 usage carol repair --parity 10% -o odd.name b.valise
	fails 2 usage carol repair --parity none b.valise
	fails 2 usage carol repair --parity 10% --parity-file more.valise.parity b.valise
	rm b.valise.parity
	spoil b.valise 100000 10
	fails 4 damaged carol repair --parity 10% b.valise
}

@test "unpack --repair does all in one go" {
	packed
	spoil b.valise 0 20000
	ok bob unpack --repair -o out b.valise
	says "mended"
	diff -r reports out/reports
	[ "$(ls)" = "$(printf '%s\n' b.good b.goodparity b.valise b.valise.parity out packed reports)" ]
	[ -z "$(find . -name '.?*')" ]
	cp b.good b.valise
	ok bob unpack --again --repair -o again b.valise
	! grep -q mended <<<"$(said)"
	rm b.valise.parity
	ok bob unpack --again --repair -o third b.valise
	spoil b.valise 100000 10
	fails 4 damaged bob unpack --again --repair -o fourth b.valise
}

@test "files of absurd length cost nothing" {
	packed
	truncate -s 16T b.valise 2>/dev/null || truncate -s 8T b.valise
	ok carol repair -o long.valise b.valise && mended long.valise
	cp b.good b.valise
	spoil b.valise 100000 8000
	truncate -s 8T b.valise.parity
	ok carol repair -o parity.valise b.valise && mended parity.valise
	: >b.valise.parity && truncate -s 8T b.valise.parity
	refuses 8 parity
	# A header by hand that tells of terabytes, over a file of holes.
	python3 "$ROOT/tests/second/parity.py" header $((1 << 42)) 100 b.valise.parity
	refuses 4 damaged
	truncate -s 2T b.valise
	refuses 4 damaged
	python3 "$ROOT/tests/second/parity.py" header $((1 << 60)) 100 b.valise.parity
	refuses 8 parity
	python3 "$ROOT/tests/second/parity.py" header 400000 4000000000 b.valise.parity
	refuses 8 parity
	rm b.valise b.valise.parity
}

# --- what lies beside it is anybody's ---

@test "a good bundle is good: the parity file of another neither replaces nor refuses it" {
	local id
	packed
	ok_json carol verify b.valise
	id=$(jq -r '.bundles[0].bundle' <<<"$output")
	seal alice --parity 100% -o other.valise reports >/dev/null
	seal alice --parity 10% -o third.valise reports >/dev/null
	for parity in other third; do
		cp $parity.valise.parity b.valise.parity
		ok carol repair b.valise
		says "Nothing is damaged"
		says "parity file is of another bundle"
		[ "$output" = "" ] && [ ! -e b-repaired.valise ]
		ok_json bob unpack --again --repair -o out-$parity b.valise
		holds --arg id "$id" '.bundle == $id'
	done
	# Damaged it is no other bundle either: its waybill still tells which one it is.
	cp other.valise.parity b.valise.parity
	spoil b.valise 100000 8000
	fails 8 parity carol repair b.valise
	says "of another bundle"
	fails 8 parity bob unpack --again --repair -o no b.valise
	says "of another bundle"
	rm b.valise.parity
	cp b.good b.valise
	ok carol repair b.valise
	says "no parity"
}

@test "mended, it is told which bundle it is" {
	packed
	spoil b.valise 100000 8000
	ok carol repair -o new.valise b.valise
	says "It is bundle $(v carol --json verify new.valise | jq -r '.bundles[0].bundle'), created 20"
}

@test "the parity file of a volume does not cut a whole bundle down to it" {
	local first
	head -c 3500000 /dev/urandom >large.bin
	seal alice --parity none -o w.valise large.bin >/dev/null
	mkdir parts
	ok carol copy --parity none --volume-size 1300000 w.valise parts/
	first=$(echo parts/w.1of*.valise)
	ok carol repair --parity 100% "$first"
	cp "$first.parity" w.valise.parity
	ok carol repair w.valise
	says "Nothing is damaged"
	! grep -q "one volume of several" <<<"$(said)" || fail "taken for a volume"
	flip w.valise 700000
	fails 8 parity carol repair w.valise
	says "of a volume of the bundle"
	# The volume itself is mended as ever.
	flip "$first" 70000
	ok carol repair -o first.valise "$first"
	says "one volume of several"
}

@test "of a stranger's bundle no damage is looked for, and the advice stays" {
	packed
	captured v - --json verify --card "$CAST/bob.card" --fingerprint "$(fpr bob)" b.valise
	holds '.error.code == "unknown-signer"'
	local hint
	hint=$(jq -r .error.hint <<<"$output")
	flip b.valise 100000
	captured v - --json verify --card "$CAST/bob.card" --fingerprint "$(fpr bob)" b.valise
	[ "$status" -eq 3 ]
	holds --arg hint "$hint" '.error.code == "unknown-signer" and .error.hint == $hint and .bundles[0].repair == null'
}

@test "a short file and a short parity file that tell of gigabytes: none is written" {
	printf valise >b.valise
	truncate -s 600 b.valise
	python3 "$ROOT/tests/second/parity.py" alike $((4 << 30)) 1 b.valise.parity /dev/null
	(ulimit -f 200000 && refuses 4 damaged)
	# With parity that is nothing but a hole.
	python3 "$ROOT/tests/second/parity.py" alike $((4 << 30)) 1000 b.valise.parity /dev/null
	(ulimit -f 200000 && refuses 4 damaged)
	head -c 32768 /dev/urandom >slice
	python3 "$ROOT/tests/second/parity.py" alike $((4 << 30)) 1000 b.valise.parity slice
	(printf x; cat slice) >b.valise
	(ulimit -f 200000 && refuses 4 damaged)
	rm b.valise.parity
}

@test "islands in a file that is nearly all holes, and a parity file that tells of it: looked at in no time" {
	packed
	python3 "$ROOT/tests/second/parity.py" alike $((1 << 43)) 1 b.valise.parity /dev/null
	python3 - <<-'END'
		import os
		fd = os.open("b.valise", os.O_WRONLY)
		os.ftruncate(fd, 1 << 43)
		for i in range(1, 2500):
		    os.pwrite(fd, b"x", (i << 25) + 4096 * (i % 8000))
	END
	captured timeout 60 "$VALISE" --home "$T/carol" --json verify b.valise
	[ "$status" -eq 8 ]
	holds '.bundles[0].repair["can-be-mended"] == false'
	rm b.valise
}

@test "what lies beside a damaged bundle is looked at for parity and may be anything: nobody waits for it" {
	local what
	packed
	spoil b.valise 100000 8000
	rm b.valise.parity
	seal alice --parity 10% -o other.valise reports >/dev/null
	for what in 'mkfifo P' 'ln -s /dev/zero P' 'ln -s /dev/null P' 'mkdir P' 'ln -s P P' ': >P' 'truncate -s 7T P' \
		'cp other.valise.parity P' 'cp b.good P' '(head -c 1000 b.goodparity; truncate -s 7T P) >P'; do
		(eval "${what//P/b.valise.parity}")
		captured timeout 60 "$VALISE" --home "$T/carol" --json verify b.valise
		[ "$status" -eq 4 ] && holds '.error.code == "damaged" and (.error.hint | length > 0)' || fail "verify: $what"
		captured timeout 60 "$VALISE" --home "$T/bob" --json unpack --repair -o out b.valise
		[ "$status" -ne 0 ] && [ ! -e out ] || fail "unpack: $what"
		holds '(.error.code | IN("damaged", "parity")) and (.error.hint | length > 0)'
		captured timeout 60 "$VALISE" --home "$T/carol" --json repair b.valise
		[ "$status" -ne 0 ] && [ ! -e b-repaired.valise ] || fail "repair: $what"
		holds '(.error.code | IN("damaged", "parity", "io")) and (.error.hint | length > 0)'
		rm -r b.valise.parity
	done
}

@test "what is refused says what to do next: --repair where parity lies beside it, one file and no folder, parity volumes" {
	packed
	spoil b.valise 100000 8000
	mkdir lost && cp b.valise lost/
	fails 4 damaged bob unpack -o out b.valise
	holds '.error.hint | contains("beside b.valise: with --repair")'
	fails 4 damaged bob unpack -o out lost/b.valise
	holds '.error.hint | contains("copy the bundle again")'
	ok bob unpack --repair -o out b.valise
	fails 8 not-a-bundle carol repair lost
	holds '.error.hint | contains("name one file")'
	fails 7 io carol repair lost/b.2of3.valise
	holds '.error.hint | contains("parity volumes")'
	cp b.good b.valise
	flip b.valise $(($(member_at b.valise "signatures/$(fpr alice).sig") + 100))
	captured v bob --json unpack -o no b.valise
	holds '.error.code == "bad-signature" and (.error.hint | contains("--repair") | not)'
}

@test "no bundle at all, devices, names with spaces and line ends" {
	local name
	packed
	for name in /dev/null /dev/zero . reports reports/b.txt; do
		captured timeout 60 "$VALISE" --home "$T/carol" --json repair -o new.valise "$name"
		[ "$status" -ne 0 ] && holds '.error.code | IN("not-a-bundle", "io")' || fail "$name"
	done
	[ ! -e new.valise ]
	spoil b.valise 100000 8000
	for name in "with space.valise" $'line\nend.valise' ' ' '-x'; do
		cp b.valise "./$name" && cp b.goodparity "./$name.parity"
		ok carol repair -o new.valise -- "$name"
		mended new.valise
		ok bob unpack --again --repair -o out -- "$name"
		diff -r reports out/reports
		rm -r new.valise new.valise.parity out "./$name" "./$name.parity"
	done
}

# As `fails`, which would read all of the files.
refuses() { # STATUS CODE
	captured v carol --json repair b.valise
	[ "$status" -eq "$1" ] || fail "wanted exit status $1"
	holds --arg code "$2" '.error.code == $code'
	[ ! -e b-repaired.valise ] || fail "made something"
}

# --- volumes ---

# Four volumes without parity files of their own: v.1of4.valise …; the good ones in good/
volumes() {
	head -c 3500000 /dev/urandom >large.bin
	seal alice --parity none --volume-size 1300000 -o v.valise large.bin >made
	mkdir good && cp v.*of*.valise good/
	set -- v.*of*.valise
	count=$#
	[ "$count" -ge 3 ]
}

@test "parity volumes give back any of the volumes, as many as there are of them" {
	volumes
	ok carol repair --parity-volumes 2 v.*of*.valise
	says "has $(size v.p1of2.valise-parity) bytes"
	[ "$output" = "$(printf '%s\n' "$PWD"/v.p{1,2}of2.valise-parity)" ]
	rm "v.1of$count.valise" "v.3of$count.valise"
	mkdir new
	ok_json carol repair -o new v.*.valise v.p*.valise-parity
	holds '.["volumes-lost"] == 2 and (.made | length == 2)'
	cmp "new/v.1of$count.valise" "good/v.1of$count.valise"
	cmp "new/v.3of$count.valise" "good/v.3of$count.valise"
	# One that is damaged counts as lost; one of another bundle is told and of no account.
	cp good/v.*.valise .
	flip "v.2of$count.valise" 700000
	plain
	mkdir again
	ok carol repair -o again/ v.p2of2.valise-parity plain.valise v.*.valise
	says "plain.valise is damaged, is there twice, or is of another bundle"
	cmp "again/v.2of$count.valise" "good/v.2of$count.valise"
}

@test "too many volumes are lost, or none" {
	volumes
	ok carol repair --parity-volumes 1 v.*of*.valise
	ok_json carol repair v.*.valise v.*.valise-parity
	holds '.["volumes-lost"] == 0 and .made == []'
	rm "v.1of$count.valise" "v.2of$count.valise"
	fails 4 damaged carol repair v.*.valise v.p1of1.valise-parity
	fails 2 usage carol repair --parity-volumes 0 v.*.valise
	fails 2 usage carol repair --parity-volumes 1 --parity 10% v.*.valise
	fails 2 usage carol repair v.*.valise
	plain
	fails 4 foreign-volume carol repair --parity-volumes 1 plain.valise v.*.valise
	# nor is any parity made of a part of them, or of one twice
	fails 4 chunks-missing carol repair --parity-volumes 1 v.*.valise
	says "v.1of$count.valise, v.2of$count.valise"
	cp good/v.*.valise .
	cp "v.2of$count.valise" again.valise
	fails 2 usage carol repair --parity-volumes 1 v.*.valise again.valise
	says "is a repeat"
	fails 2 usage carol repair --parity-volumes 1 v.*.valise "v.1of$count.valise"
}

@test "many volumes are taken in their own order, whatever order their names are given in" {
	head -c 12100000 /dev/urandom >large.bin
	seal alice --parity none --volume-size 1300000 -o v.valise large.bin >made
	mkdir good new
	cp v.*.valise good/
	[ "$(ls good | wc -l)" -eq 12 ]
	ok carol repair --parity-volumes 2 v.*.valise
	rm v.2of12.valise v.11of12.valise
	ok_json carol repair -o new v.*
	holds '.["volumes-lost"] == 2'
	[ "$(ls new)" = "$(printf '%s\n' v.11of12.valise v.2of12.valise)" ]
	cmp new/v.2of12.valise good/v.2of12.valise
	cmp new/v.11of12.valise good/v.11of12.valise
	# renamed, and parity volumes of others among them
	mv v.1of12.valise z.valise
	rm v.12of12.valise
	cp new/* .
	head -c 1100000 /dev/urandom >other.bin
	seal alice --parity none --volume-size 1300000 -o o.valise other.bin >made
	ok carol repair --parity-volumes 1 o.*valise
	mkdir again
	ok carol repair -o again o.p1of1.valise-parity z.valise v.*
	says "o.p1of1.valise-parity is damaged, is there twice, or is of another bundle"
	[ "$(ls again)" = v.12of12.valise ] || fail "made $(ls again)"
	cmp again/v.12of12.valise good/v.12of12.valise
}

@test "pack makes parity volumes with the volumes; no file is larger than was said, and any that are lost come back" {
	local file sum
	head -c 3500000 /dev/urandom >large.bin
	mkdir out good
	ok_json alice pack --to bob "${LABELS[@]}" --volume-size 1300000 --parity-volumes 2 -o out/v.valise large.bin
	count=$(jq '.volumes | length' <<<"$output")
	holds --arg at "$PWD/out/v" '[.["parity-volumes"][].file] == [$at + ".p1of2.valise-parity", $at + ".p2of2.valise-parity"]'
	[ "$count" -ge 4 ]
	for file in out/*.valise; do
		sum=$(($(size "$file") + $(size "$file.parity")))
		[ "$sum" -le 1300000 ] || fail "$file with its parity: $sum bytes"
	done
	for file in out/*; do [ "$(size "$file")" -le 1300000 ] || fail "$file: $(size "$file") bytes"; done
	# where there is no parity file the lists of the parity volumes are what room is kept for
	ok alice pack --to bob "${LABELS[@]}" --parity none --volume-size 1150000 --parity-volumes 1 -o w.valise large.bin
	for file in w.*; do [ "$(size "$file")" -le 1150000 ] || fail "$file: $(size "$file") bytes"; done
	mv out/*.valise good/
	cp good/v.[12]of* out/
	mkdir new
	ok_json carol repair -o new out/v.*.valise out/v.*.valise-parity
	holds --argjson lost $((count - 2)) '.["volumes-lost"] == $lost'
	for file in new/*; do cmp "$file" "good/${file#new/}"; done
	ok carol verify out/*.valise new/*.valise
	fails 2 usage alice pack --to bob "${LABELS[@]}" --parity-volumes 2 -o x.valise large.bin
	fails 2 usage alice pack --to bob "${LABELS[@]}" --volume-size none --parity-volumes 2 -o x.valise large.bin
	fails 2 usage alice pack --to bob "${LABELS[@]}" --volume-size cd --parity-volumes 255 -o x.valise large.bin
	: >x.p2of2.valise-parity
	fails 7 exists alice pack --to bob "${LABELS[@]}" --volume-size 1300000 --parity-volumes 2 -o x.valise large.bin
}

@test "a bundle is delivered without its parity file where that cannot be written, unless it was asked for" {
	head -c 1100000 /dev/urandom >large.bin
	echo mine >x.valise.parity
	fails 7 exists alice pack --to bob "${LABELS[@]}" --parity 10% -o x.valise large.bin
	ok_json alice pack --to bob "${LABELS[@]}" -o x.valise large.bin
	holds '.parity == null and (.notices | map(select(contains("x.valise.parity exists already"))) | length == 1)'
	ok carol verify x.valise
	[ "$(cat x.valise.parity)" = mine ]
	[ "$(ls)" = "$(printf '%s\n' large.bin x.valise x.valise.parity)" ]
}

@test "where no volume is lost it is the signatures that say so" {
	volumes
	ok carol repair --parity-volumes 1 v.*of*.valise
	ok_json carol repair v.*
	holds '.["volumes-lost"] == 0'
	ok carol partner remove alice --yes
	fails 3 unknown-signer carol repair v.*
}

@test "parity volumes of another bundle replace nothing, and refuse nothing" {
	local others before
	volumes
	head -c 3500000 /dev/urandom >other.bin
	seal alice --parity none --volume-size 1300000 -o o.valise other.bin >/dev/null
	others=$(ls o.*of*.valise | wc -l)
	ok carol repair --parity-volumes "$others" o.*of*.valise
	before=$(ls)
	fails 8 parity carol repair v.*of*.valise o.p*.valise-parity
	says "are of another bundle"
	fails 8 parity carol repair v.*of*.valise o.p1of*.valise-parity
	says "are of another bundle"
	[ "$before" = "$(ls)" ]
	# All volumes lost, and as many parity volumes as there were: they come back.
	mkdir new
	ok carol repair -o new o.p*.valise-parity
	says "It is bundle"
	cmp "new/o.1of$others.valise" "o.1of$others.valise"
}

@test "of two sets of parity volumes the one that gives back what is lost is taken" {
	volumes
	mkdir one two new
	ok carol repair --parity-volumes 1 -o one v.*of*.valise
	ok carol repair --parity-volumes 2 -o two v.*of*.valise
	rm v.1of*.valise v.2of*.valise
	ok_json carol repair -o new v.*of*.valise one/* two/*
	holds '.["volumes-lost"] == 2'
	for file in new/*; do cmp "$file" "good/${file#new/}"; done
	[ "$(ls new | wc -l)" = 2 ]
}
