#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A bundle in several files: made, verified by itself and together, unpacked from a list, from a folder and from one drive; and
# what goes wrong among many files.

load helper

SIZE=1200000 # one chunk each

# Made once: three bundles of alice for bob, each of four chunks, as volumes in a folder of its own, and the folder inside.
setup_file() {
	export READY=$BATS_FILE_TMPDIR
	make_cast
	local T=$READY run
	cp -a "$CAST/alice" "$T/alice"
	mkdir -p "$T/work/reports"
	cd "$T/work" || return 1
	head -c 3500000 /dev/urandom >reports/image.bin
	echo small >reports/note.txt
	for run in set other; do
		mkdir "$T/$run"
		v alice --quiet pack --to bob "${LABELS[@]}" --parity none --volume-size $SIZE -o "$T/$run/b.valise" reports >"$T/$run.paths"
	done
	v alice --quiet pack --to bob "${LABELS[@]}" --parity none -o "$T/whole.valise" reports
}

setup() {
	load_helper_setup
	home bob carol
	cp -a "$READY/set" "$READY/other" .
	cp "$READY/whole.valise" .
	REPORTS=$READY/work/reports
}

@test "pack: volumes no larger than was said, each under its name; their paths on standard output, as JSON beside the first" {
	cp -a "$READY/alice" "$T/alice"
	cp -a "$REPORTS" .
	[ "$(cat "$READY/set.paths")" = "$(printf '%s\n' "$READY"/set/b.{1,2,3,4}of4.valise)" ]
	mkdir out
	ok_json alice pack --to bob "${LABELS[@]}" --parity none --volume-size 2300K -o out/ reports
	holds '.volumes | length == 2'
	holds '.path == .volumes[0].file and (.path | endswith(".1of2.valise"))'
	[ "$(ls -A out | wc -l)" -eq 2 ]
	local sum=0 size
	for file in out/*; do
		size=$(stat -c %s "$file")
		[ "$size" -le 2300000 ] || fail "$file has $size bytes"
		sum=$((sum + size))
	done
	holds --argjson sum "$sum" '.["file-bytes"] == $sum'
	ok carol verify out/*
	# what fits into one file stays one, and has no number
	ok_json alice pack --to bob "${LABELS[@]}" --parity none --volume-size dvd -o one.valise reports
	holds --arg path "$T/work/one.valise" '.path == $path and .volumes == [{file: $path}]'
	ok alice pack --to bob "${LABELS[@]}" --parity none --volume-size $SIZE -o named reports
	[ "$output" = "$(printf '%s\n' "$T/work/named".{1,2,3,4}of4.valise)" ]
}

@test "pack: sizes that are none, that are too small, names that are taken; nothing is left" {
	cp -a "$READY/alice" "$T/alice"
	cp -a "$REPORTS" .
	local size least
	for size in 0 4g 1.5G 4GB -1 '' 99999999T; do
		fails 2 usage alice pack --to bob "${LABELS[@]}" --parity none "--volume-size=$size" -o x.valise reports
	done
	fails 8 limit alice pack --to bob "${LABELS[@]}" --parity none --volume-size 100K -o x.valise reports
	least=$(jq -r '.error.hint | capture("is (?<n>[0-9]+)").n' <<<"$output")
	fails 8 limit alice pack --to bob "${LABELS[@]}" --parity none --volume-size $((least - 1)) -o x.valise reports
	: >x.2of4.valise
	fails 7 exists alice pack --to bob "${LABELS[@]}" --parity none --volume-size "$least" -o x.valise reports
	rm x.2of4.valise
	ok alice pack --to bob "${LABELS[@]}" --parity none --volume-size "$least" -o x.valise reports
	fails 8 limit alice pack --to bob "${LABELS[@]}" --parity 20% --volume-size 100K -o w.valise reports
	least=$(jq -r '.error.hint | capture("is (?<n>[0-9]+)").n' <<<"$output")
	ok alice pack --to bob "${LABELS[@]}" --parity 20% --volume-size "$least" -o w.valise reports
	# also padded, where the size is known beforehand
	ok alice pack --to bob "${LABELS[@]}" --parity none --pad --volume-size 1300K -o padded.valise reports
	for file in padded.*; do [ "$(stat -c %s "$file")" -le 1300000 ] || fail "$file"; done
	ok carol verify padded.*
}

@test "a volume and its parity file together are no larger than was said; each is mended by its own" {
	cp -a "$READY/alice" "$T/alice"
	local share file sum
	for share in 10% 2.5% 100%; do
		mkdir out
		ok_json alice pack --to bob "${LABELS[@]}" --parity $share --volume-size 2500K -o out/p.valise "$REPORTS"
		holds '.volumes | length > 1'
		holds --arg path "$T/work/out/$(basename "$(jq -r '.volumes[0].file' <<<"$output")").parity" '.parity == $path'
		for file in out/*.valise; do
			sum=$(($(stat -c %s "$file") + $(stat -c %s "$file.parity")))
			[ "$sum" -le 2500000 ] || fail "$file with its parity: $sum bytes"
		done
		ok carol verify out
		mv out "out-$share"
	done
	# a lost run in each of them
	for file in out-10%/*.valise; do
		dd if=/dev/zero of="$file" bs=4096 seek=20 count=10 conv=notrunc status=none
	done
	captured v carol --json verify out-10%
	[ "$status" -eq 4 ]
	holds '.bundles[0].repair != null'
	fails 4 damaged bob unpack -o one out-10%
	ok_json bob unpack --repair -o one out-10%
	holds '.notices | map(select(contains("was mended"))) | length == 2'
	diff -r "$REPORTS" one/reports
}

@test "verify: one volume is good by itself and incomplete; all of them are one bundle, in any order" {
	captured v carol --json verify set/b.2of4.valise
	[ "$status" -eq 4 ]
	holds '.bundles[0] | .verdict == "incomplete" and .good == false and .error.code == "chunks-missing"
		and .integrity["bad-members"] == 0 and .integrity["missing-chunks"] == 3
		and .integrity.missing == [{"first":0,"last":0},{"first":2,"last":3}]
		and [.volumes[] | [.file, .["first-chunk"], .chunks]] == [["set/b.2of4.valise", 1, 1]]'
	holds '.error.hint | contains("b.1of4.valise, b.3of4.valise, b.4of4.valise")'
	ok_json carol verify set/b.3of4.valise set/b.1of4.valise set/b.4of4.valise set/b.2of4.valise
	holds '.bundles | length == 1 and .[0].good and .[0].integrity["missing-chunks"] == 0'
	holds '[.bundles[0].volumes[] | .["first-chunk"]] == [0, 1, 2, 3]'
	ok carol verify set/*
	says GOOD
	says "b.4of4.valise, chunks 3 to 3"
	captured v carol verify set/b.[13]of4.valise
	[ "$status" -eq 4 ]
	says INCOMPLETE
	says "b.2of4.valise, b.4of4.valise"
}

@test "verify: files of several bundles get a verdict a bundle; a folder stands for what it holds" {
	captured v carol --json verify set/b.1of4.valise other/* whole.valise whole.valise set/b.[34]of4.valise
	[ "$status" -eq 4 ]
	holds '[.bundles[].verdict] == ["incomplete", "good", "good", "good"]'
	holds '.bundles[0].volumes | length == 3'
	mkdir stick
	cp set/* whole.valise stick/
	: >stick/notes.txt
	: >stick/._b.1of4.valise
	ok_json carol verify stick
	holds '.bundles | length == 2'
	# a folder without any, or none at all, keeps nobody from the verdict on the others
	mkdir empty
	fails 8 not-a-bundle carol verify empty
	holds '.bundles == [.bundles[0]] and (.bundles[0] | .file == "empty" and .verdict == "unknown" and (.good | not)
		and .error.code == "not-a-bundle") and (.error.message | test("^there is no bundle in the folder empty$"))'
	captured v carol --json verify whole.valise empty set empty
	[ "$status" -eq 8 ] || fail "wanted not-a-bundle"
	holds '[.bundles[] | [.file, .verdict]] == [["whole.valise", "good"], ["empty", "unknown"], ["set/b.1of4.valise", "good"],
		["empty", "unknown"]]'
	captured v carol verify empty whole.valise
	[ "$status" -eq 8 ] || fail "wanted not-a-bundle"
	says "NOT JUDGED  there is no bundle in the folder empty"
	says "GOOD"
	# a damaged one is told by its name, and is of no bundle if its cover cannot be read
	flip stick/b.2of4.valise $(($(member_at stick/b.2of4.valise payload/0000000001) + 1000))
	truncate -s 100000 stick/b.3of4.valise
	captured v carol --json verify stick
	[ "$status" -eq 4 ]
	holds '[.bundles[] | select(.file | endswith("b.1of4.valise")) | .integrity.damage[0] |
		.file, .member] == ["stick/b.2of4.valise", "payload/0000000001"]'
	holds '[.bundles[] | select(.file | endswith("b.3of4.valise")) | .error.code] == ["truncated"]'
}

@test "verify: the cover of every volume is looked at, not of the first alone" {
	local name
	for name in keys/0000.pgp manifest/0000000000 SHA256SUMS "signatures/$(fpr alice).sig"; do
		cp -r set bad
		flip bad/b.3of4.valise $(($(member_at bad/b.3of4.valise "$name") + 40))
		captured v carol --json verify bad
		[ "$status" -eq 4 ] || fail "$name: $status"
		holds '.bundles[0].integrity.damage | length == 1 and .[0].file == "bad/b.3of4.valise"'
		rm -r bad
	done
}

@test "unpack: from a list in any order, from a folder, and list from one volume" {
	ok bob unpack -o one set/b.4of4.valise set/b.2of4.valise set/b.1of4.valise set/b.3of4.valise
	diff -r "$REPORTS" one/reports
	ok bob unpack --again -o two set
	diff -r "$REPORTS" two/reports
	ok bob unpack --again set/*
	[ "$output" = "$T/work/b" ] || fail "the folder is named after the stem"
	ok_json bob list set/b.3of4.valise
	holds '.entries | length == 3'
	ok bob unpack -o part set/*.valise reports/note.txt
	cmp part/reports/note.txt "$REPORTS/note.txt"
	[ ! -e part/reports/image.bin ]
	# a file needs the volumes that it lies in, and no others
	ok bob unpack -o last set/b.4of4.valise reports/note.txt
	fails 4 chunks-missing bob unpack -o no set/b.4of4.valise reports/image.bin
}

@test "unpack: what is missing is told by range and by name, and nothing is written" {
	fails 4 chunks-missing bob unpack -o out set/b.1of4.valise set/b.4of4.valise
	holds '.error.message | contains("1 to 2")'
	holds '.error.hint | contains("b.2of4.valise, b.3of4.valise")'
	mv set/b.4of4.valise elsewhere.valise
	fails 4 chunks-missing bob unpack -o out set/b.1of4.valise elsewhere.valise
	holds '.error.hint | contains("b.2of4.valise, b.3of4.valise, b.4of4.valise")'
	ok bob unpack -o out set/*.valise elsewhere.valise
	diff -r "$REPORTS" out/reports
}

@test "unpack: what was left out of a folder as damaged is told where something is missing" {
	dd if=/dev/zero of=set/b.2of4.valise bs=512 count=3 conv=notrunc status=none
	fails 4 chunks-missing bob unpack -o out set
	holds '.error.hint | contains("b.2of4.valise") and contains("valise repair")'
	holds '.notices | length == 1 and (.[0] | startswith("left out: set/b.2of4.valise"))'
	captured v bob unpack -o out set
	[ "$status" -eq 4 ] && [ ! -e out ]
	says "note: left out: set/b.2of4.valise"
}

@test "volumes of two bundles mixed, and stale ones of another packing, are told by name" {
	cp whole.valise set/z.valise
	fails 4 foreign-volume bob unpack -o out set/b.1of4.valise set/z.valise
	says "set/z.valise is of another bundle"
	# Of a folder nobody said that it holds one bundle alone.
	fails 2 usage bob unpack -o out set
	says "there are 2 bundles"
	says "set/b.1of4.valise, set/z.valise"
	holds '.error.hint | contains("name the file")'
	fails 2 usage bob list set
	mkdir two
	cp whole.valise two/a.valise
	cp other/b.1of4.valise two/
	fails 2 usage carol copy --volume-size none two set
	says "two/a.valise, two/b.1of4.valise"
	fails 4 foreign-volume bob list set/b.1of4.valise set/z.valise
	rm set/z.valise
	cp other/b.3of4.valise set/
	fails 4 foreign-volume bob unpack -o out set/b.*
	says "set/b.3of4.valise is named as a volume of the same bundle"
	fails 2 usage bob unpack -o out set
	captured v carol --json verify set
	[ "$status" -eq 4 ]
	holds '[.bundles[] | .verdict] == ["incomplete", "incomplete"]'
}

@test "a volume twice under two names, a wrong total, names with spaces and line ends" {
	cp set/b.2of4.valise set/copy.valise
	ok_json bob unpack -o one set
	holds '.notices | any(contains("is a repeat") and contains("copy.valise"))'
	diff -r "$REPORTS" one/reports
	ok_json carol verify set
	holds '.bundles[0] | .good and (.volumes | length == 5) and (.notices | any(contains("is a repeat")))'
	rm set/copy.valise
	mv set/b.1of4.valise set/b.1of3.valise
	mv set/b.2of4.valise "set/with space.2of9.valise"
	mv set/b.3of4.valise $'set/line\nend\e[31m.valise'
	mv set/b.4of4.valise set/-x.valise
	ok bob unpack --again -o two set
	diff -r "$REPORTS" two/reports
	ok carol verify set/*
	says 'line\x0Aend\x1B[31m.valise'
	(cd set && ok bob unpack --again -o ../three -- *)
	diff -r "$REPORTS" three/reports
}

@test "one file with other signatures speaks for itself alone" {
	local sig
	sig="signatures/$(fpr alice).sig"
	# It comes first, and is larger than the good one with the same chunks.
	mkdir new
	ok carol copy --parity none --volume-size 2400K set/b.*.valise new/
	mv new/b.1of2.valise set/z.valise
	flip set/z.valise $(($(member_at set/z.valise "$sig") + 80))
	ok_json carol verify set
	holds '.bundles | length == 1 and (.[0] | .good and (.volumes | length == 4)
		and (.notices | any(startswith("left out: set/z.valise has other signatures"))))'
	ok_json bob unpack -o one set
	holds '.notices | any(startswith("left out: set/z.valise"))'
	diff -r "$REPORTS" one/reports
	# What only it holds is read from it all the same, and it is the one that is blamed.
	mkdir bad
	cp set/z.valise set/b.3of4.valise set/b.4of4.valise bad
	captured v carol --json verify bad
	[ "$status" -eq 4 ] || fail "wanted damage"
	holds '.bundles[0] | .integrity.damage | length == 1 and .[0].file == "bad/z.valise" and .[0].member == "signatures"'
	ok bob unpack --again -o two bad
	diff -r "$REPORTS" two/reports
	# Nobody's signatures count: the file whose they are is named.
	rm bad/b.*
	cp bad/z.valise bad/y.valise
	captured v carol --json verify bad
	[ "$status" -eq 3 ] || [ "$status" -eq 8 ] || fail "wanted bad signatures"
	says "bad/y.valise"
}

@test "unpack: what is inside may be named as a volume is" {
	cp -a "$READY/alice" "$T/alice"
	mkdir papers
	echo inner >papers/x.1of2.valise
	echo other >papers/y.txt
	ok alice pack --to bob "${LABELS[@]}" -o outer.valise papers
	rm -r papers
	ok bob unpack -o one outer.valise papers/x.1of2.valise
	[ "$(cat one/papers/x.1of2.valise)" = inner ] && [ ! -e one/papers/y.txt ] || fail "another file"
	# Beside a volume one that is not there is missed.
	fails 7 io bob unpack -o two set/b.1of4.valise set/b.5of5.valise
}

@test "one file under many names is taken once; links in a folder are not followed" {
	local n
	for n in 1 2 3 4 5 6; do
		ln set/b.2of4.valise set/again$n.valise
		ln -s b.3of4.valise set/link$n.valise
	done
	ok_json carol verify set
	holds '.bundles | length == 1 and (.[0] | .good and (.volumes | length == 4)
		and ([.notices[] | select(contains("is a repeat: it is the same file as"))] | length == 6)
		and ([.notices[] | select(startswith("left out") and contains("symbolic link"))] | length == 6))'
	ok_json bob unpack -o one set
	holds '[.notices[] | select(contains("the same file"))] | length == 6'
	diff -r "$REPORTS" one/reports
	# Named by hand a link is followed; what it leads to counts once.
	ok_json bob unpack --again -o two set/b.*.valise set/link1.valise
	holds '[.notices[] | select(contains("link1.valise is a repeat"))] | length == 1'
	mkdir links
	ln -s ../set/b.1of4.valise links/b.1of4.valise
	fails 8 not-a-bundle carol verify links
	fails 8 not-a-bundle bob unpack -o three links
}

@test "a folder has a limit" {
	mkdir many
	(cd many && seq -f '%g.valise' 20001 | xargs touch)
	fails 8 limit carol verify many
	fails 8 limit bob unpack -o one many
	ok_json carol ledger list
	holds '[.entries[] | select(.event == "verified" or .event == "verify")] | length == 0'
}

@test "devices, FIFOs, sockets, links to nothing and a huge sparse file among volumes" {
	mkfifo set/fifo.valise
	ln -s nothing set/link.valise
	mkdir set/folder.valise
	truncate -s 16000G set/sparse.valise 2>/dev/null || truncate -s 1000G set/sparse.valise
	ok_json bob unpack -o one set
	holds '.notices | map(select(startswith("left out"))) | length == 4'
	diff -r "$REPORTS" one/reports
	captured v bob --json unpack -o two set/sparse.valise
	[ "$status" -eq 8 ] && holds '.error.code == "not-a-bundle"'
	rm set/sparse.valise # nobody wants its digest
	fails 8 not-a-bundle bob unpack -o two set/b.1of4.valise set/fifo.valise
	fails 7 io bob unpack -o two set/b.1of4.valise set/b.5of5.valise
	fails 8 not-a-bundle bob unpack -o two /dev/null
	fails 8 not-a-bundle bob list /dev/zero
	captured v carol --json verify set
	[ "$status" -eq 8 ]
	holds '[.bundles[] | select(.good)] | length == 1'
}

@test "volumes are received once, whatever they are called; another split of the same bundle is the same" {
	ok bob unpack -o one set
	mv set/b.1of4.valise set/a.valise
	fails 5 replay bob unpack -o two set
}

@test "copy: split, joined, split anew by a courier; what is joined is the bundle byte for byte" {
	mkdir a b c d
	ok_json carol copy --parity none --volume-size $SIZE whole.valise a/
	holds '.copies | length == 4 and all(.[]; .judged and .how == "written")'
	[ "$(ls -A a)" = $'whole.1of4.valise\nwhole.2of4.valise\nwhole.3of4.valise\nwhole.4of4.valise' ]
	for file in a/*; do [ "$(stat -c %s "$file")" -le $SIZE ] || fail "$file"; done
	ok carol copy --parity none --volume-size 2300K a/whole.4of4.valise a/whole.1of4.valise a/whole.3of4.valise a/whole.2of4.valise b/
	[ "$output" = "$(printf '%s\n' "$T/work/b/whole".{1,2}of2.valise)" ]
	ok carol verify b
	ok carol copy --parity none --volume-size none b c
	cmp whole.valise c/whole.valise
	ok carol copy --parity none --volume-size auto whole.valise d
	cmp whole.valise d/whole.valise
	ok bob unpack -o out b
	diff -r "$REPORTS" out/reports
	# without a station nobody is asked; what is copied is the same
	mkdir e
	ok - copy --parity none --volume-size none a e
	cmp whole.valise e/whole.valise
	says "NOT CHECKED"
}

@test "copy: what cannot be dealt out leaves nothing" {
	mkdir a
	fails 4 chunks-missing carol copy --parity none --volume-size none set/b.[124]of4.valise a
	fails 4 foreign-volume carol copy --parity none --volume-size none set/b.1of4.valise whole.valise a
	fails 8 limit carol copy --parity none --volume-size 100K whole.valise a
	fails 2 usage carol copy --parity none --volume-size x whole.valise a
	: >a/whole.3of4.valise
	fails 7 exists carol copy --parity none --volume-size $SIZE whole.valise a
	rm a/*
	local least
	captured v carol --json copy --parity none --volume-size 100K whole.valise a
	least=$(jq -r '.error.hint | capture("is (?<n>[0-9]+) bytes").n' <<<"$output")
	fails 8 limit carol copy --parity none --volume-size $((least - 1)) whole.valise a
	ok carol copy --parity none --volume-size "$least" whole.valise a
	rm a/*
	# a damaged chunk is not passed on, unless another copy of it is good
	cp whole.valise bad.valise
	flip bad.valise $(($(member_at bad.valise payload/0000000002) + 1000))
	fails 4 damaged carol copy --parity none --volume-size $SIZE bad.valise a
	says payload/0000000002
	ok carol copy --parity none --volume-size none bad.valise whole.valise a
	cmp whole.valise a/bad.valise
}

# feed STEP…: unpacks what is in drive/ at a terminal.
feed() {
	status=0
	output=$("$ROOT/tests/lab/talk" "$@" -- "$VALISE" --home "$T/bob" unpack -o "$OUT" drive/b.1of4.valise) || status=$?
	stderr=
}

@test "one drive: the next medium is asked for by name, in any order; repeats, foreign and stale ones are told" {
	need python3
	OUT=out
	mkdir drive
	cp set/b.1of4.valise drive/
	feed 'expect:b.2of4.valise, b.3of4.valise, b.4of4.valise' \
		'do:rm drive/*; cp set/b.4of4.valise drive/' 'send:' 'expect:b.2of4.valise, b.3of4.valise (chunks 1 to 2)' \
		'send:' 'expect:is a repeat' 'expect:Still missing: b.2of4.valise' \
		'do:rm drive/*; cp whole.valise drive/' 'send:' 'expect:is of another bundle' 'expect:Still missing' \
		'do:rm drive/*; cp other/b.2of4.valise drive/' 'send:' 'expect:one of another packing' 'expect:Still missing' \
		'do:rm drive/*' 'send:' 'expect:there is no bundle in the folder' 'expect:Still missing' \
		'send:set/b.3of4.valise' 'expect:Still missing: b.2of4.valise (chunks 1)' \
		'do:cp set/b.2of4.valise drive/' 'send:drive'
	[ "$status" -eq 0 ] || fail "status"
	diff -r "$REPORTS" out/reports
	[ "$(find . -name '.*part*' | wc -l)" -eq 0 ]
}

@test "one drive: its media are let go of, as what they hold is copied beside the folder first" {
	need python3
	OUT=$T/work/out
	local drive elsewhere=
	for drive in /dev/shm /tmp /var/tmp; do
		[ ! -w "$drive" ] || [ "$(stat -c %d "$drive")" = "$(stat -c %d .)" ] || elsewhere=$drive
	done
	[ -n "$elsewhere" ] || not_permitted "no other file system"
	drive=$(mktemp -d "$elsewhere/valise-test-XXXXXX")
	ln -s "$drive" drive
	cp set/b.1of4.valise drive/
	# what was read is overwritten in place: a file that is still open would change with it
	feed 'expect:Still missing' "do:head -c 1000000 /dev/zero | dd of=drive/b.1of4.valise conv=notrunc status=none; rm drive/*; cp set/b.[23]of4.valise drive/" \
		'send:' 'expect:Still missing' "do:for f in drive/*; do head -c 1000000 /dev/zero | dd of=\$f conv=notrunc status=none; done; cp set/b.4of4.valise drive/" 'send:'
	rm -r "$drive"
	[ "$status" -eq 0 ] || fail "status"
	diff -r "$REPORTS" out/reports
}

# While the next medium is waited for, the first one can be written to: what was verified before is what is used.
@test "one drive: a volume that changes after it was verified" {
	need python3
	OUT=out
	local name at
	for name in payload/0000000000 manifest/0000000000 SHA256SUMS waybill.yaml keys/0000.pgp "signatures/$(fpr alice).sig"; do
		rm -rf drive && mkdir drive
		cp set/b.1of4.valise drive/
		at=$(($(member_at drive/b.1of4.valise "$name") + 40))
		feed 'expect:Still missing' "do:printf XX | dd of=drive/b.1of4.valise bs=1 seek=$at conv=notrunc status=none" 'send:set'
		if [ "$status" -eq 0 ]; then
			[ "$name" != payload/0000000000 ] || fail "took bytes that are not as signed"
			diff -r "$REPORTS" out/reports || fail "$name: another folder"
			rm -r out "$T/bob" && home bob
		else
			[ "$status" -eq 4 ] || [ "$status" -eq 3 ] || [ "$status" -eq 8 ] || fail "$name: $status"
		fi
		[ ! -e out ]
		[ "$(find . -name '.*part*' | wc -l)" -eq 0 ]
	done
}

@test "one drive: Ctrl-C and the end of input leave nothing" {
	need python3
	OUT=out
	mkdir drive
	cp set/b.1of4.valise drive/
	feed 'expect:Still missing' 'key:C-c'
	[ "$status" -eq 130 ] || fail "status"
	feed 'expect:Still missing' 'key:C-d'
	[ "$status" -eq 4 ] || fail "status"
	says "b.2of4.valise"
	[ ! -e out ]
	[ "$(find . -name '.*part*' | wc -l)" -eq 0 ]
	ok bob unpack -o out set
}
