#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What may be packed, under which name, and comes out as it was.

load helper

setup() {
	load_helper_setup
	home alice bob
}

pack() {
	ok alice pack --to bob "${LABELS[@]}" -o b.valise "$@"
}

refused() { # STATUS CODE PATH…
	local status=$1 code=$2
	shift 2
	fails "$status" "$code" alice pack --to bob "${LABELS[@]}" -o b.valise "$@"
}

there_and_back() { # PATH…
	pack "$@"
	ok bob unpack -o out b.valise
}

@test "the project's reports come out byte for byte, with times and execute bits" {
	reports
	touch -d '2001-02-03 04:05:06.789' reports/samples/empty.log
	touch -d '1965-01-02 03:04:05' reports/samples
	there_and_back reports
	diff -r reports out/reports
	[ -x out/reports/indicators/collect.sh ]
	[ "$(stat -c %Y out/reports/samples/empty.log)" = "$(stat -c %Y reports/samples/empty.log)" ]
	[ "$(stat -c %Y out/reports/samples)" = "$(stat -c %Y reports/samples)" ]
	[ -z "$(find out -perm /077)" ] || fail "readable by others"
}

@test "the reports of VALISE_TEST_REPORTS come out as they were" {
	[ -d "${VALISE_TEST_REPORTS:-}" ] || skip "VALISE_TEST_REPORTS names no folder of real reports"
	cp -rL "$VALISE_TEST_REPORTS" real
	chmod -R u+w real
	there_and_back real
	diff -r real out/real
}

@test "a PATH is stored under its last component, whatever is around it" {
	mkdir -p a/b/c
	echo 1 >a/b/c/one
	there_and_back a/b/../b/c///
	[ -f out/c/one ]
	rm -r out b.valise
	cd a/b
	ok alice pack --to bob "${LABELS[@]}" -o ../../b.valise .
	cd ../..
	ok bob unpack -o out b.valise
	[ -f out/b/c/one ]
	rm -r out b.valise
	cd a/b/c
	ok alice pack --to bob "${LABELS[@]}" -o ../../../b.valise ..
	cd ../../..
	ok bob unpack -o out b.valise
	[ -f out/b/c/one ]
}

@test "several paths: files and folders side by side" {
	mkdir -p one two/deep
	echo 1 >one/a
	echo 2 >two/deep/b
	echo 3 >three
	there_and_back one two/deep three
	[ "$(cat out/one/a out/deep/b out/three)" = $'1\n2\n3' ]
	[ ! -e out/two ]
}

@test "two paths with one name, also after folding case and NFC" {
	mkdir -p a b
	echo 1 >a/same
	echo 2 >b/same
	refused 2 usage a/same b/same
	echo 3 >b/SAME
	refused 2 usage a/same b/SAME
	printf 1 >a/$'caf\u00e9'
	printf 2 >b/$'cafe\u0301'
	refused 2 usage a/$'caf\u00e9' b/$'cafe\u0301'
	refused 2 usage a/same a/same
}

@test "inside a folder, names that collide elsewhere" {
	mkdir a
	echo 1 >a/readme
	echo 2 >a/README
	refused 5 content a
	rm a/README
	printf 2 >a/straße
	printf 2 >a/STRASSE
	refused 5 content a
}

@test "MANIFEST. at the top is kept for valise" {
	echo 1 >MANIFEST.txt
	refused 2 usage MANIFEST.txt
	mv MANIFEST.txt manifest.TXT
	refused 2 usage manifest.TXT
	mkdir in
	mv manifest.TXT in/MANIFEST.txt
	there_and_back in
	[ -f out/in/MANIFEST.txt ]
}

@test "a PATH that is a link is followed, under the link's name" {
	mkdir real
	echo 1 >real/file
	ln -s real link
	ln -s real/file single
	there_and_back link single
	[ -f out/link/file ] && [ ! -L out/link ] && [ ! -L out/single ]
	[ "$(cat out/single)" = 1 ]
	ln -s nowhere dangling
	refused 7 io dangling
}

@test "inside a folder: link, FIFO, socket, device, hard link are refused, and named" {
	mkdir a
	echo 1 >a/file
	ln -s file a/link
	refused 5 content a
	says "a/link"
	rm a/link
	ln -s /etc a/out
	refused 5 content a
	rm a/out
	mkfifo a/fifo
	refused 5 content a
	says "a/fifo"
	rm a/fifo
	(cd a && /usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")')
	refused 5 content a
	says "a/socket"
	rm a/socket
	if mknod a/device c 1 3 2>/dev/null; then
		refused 5 content a
		says "a/device"
		rm a/device
	fi
	ln a/file hard
	refused 5 content a
	says "a/file"
	rm hard
	pack a
}

@test "a device, a FIFO or the root itself as PATH" {
	mkfifo fifo
	refused 5 content fifo
	refused 5 content /dev/null
	refused 2 usage /
	refused 7 io nothing-here
	refused 7 io ""
}

@test "dot files, empty files and empty folders travel" {
	mkdir -p a/.hidden/empty a/void
	: >a/.profile
	: >a/nothing
	there_and_back a
	diff -r a out/a
	[ -d out/a/.hidden/empty ] && [ -d out/a/void ] && [ -f out/a/.profile ]
}

@test "nothing to pack: no file at all" {
	mkdir -p a/b
	refused 5 content a
}

@test "names in the scripts of the world" {
	mkdir a
	local name
	for name in 'отчёт.txt' '报告.txt' 'レポート' '보고서' 'تقرير' 'דוח' 'रिपोर्ट' 'รายงาน' 'Ἔκθεσις' 'báo cáo' 'ሪፖርት' '🧳📄' \
		"with 'quotes' \"and\" \\ back" '-starts-with-dash' ' leading space' 'trailing space ' 'a*?[b]{c}' '%00%n%s' '~' '#x' \
		'$(touch x)' '`id`' 'COM1' 'con.txt' 'a:b|c<d>e'; do
		printf '%s' "$name" >"a/$name"
	done
	there_and_back a
	diff -r a out/a
	[ "$(ls a | wc -l)" = "$(ls out/a | wc -l)" ]
	ok bob list b.valise
	says "レポート"
}

@test "composed and decomposed names stay as they are" {
	mkdir a
	printf 1 >a/$'e\u0301'
	printf 2 >a/$'\u00f6'
	there_and_back a
	[ -f out/a/$'e\u0301' ] && [ -f out/a/$'\u00f6' ]
}

@test "a name of 255 bytes, a path of 1,024, and 64 deep; one more is refused" {
	local long deep i
	long=$(printf 'ü%.0s' {1..127})x
	[ "$(printf %s "$long" | wc -c)" -eq 255 ]
	mkdir a
	echo 1 >"a/$long"
	# 4 × 255 + 3 slashes + "a" is one too many; so the last is shorter
	deep=a/$(printf 'd%.0s' {1..255})/$(printf 'e%.0s' {1..255})/$(printf 'f%.0s' {1..255})
	mkdir -p "$deep"
	echo 2 >"$deep/$(printf 'g%.0s' {1..254})"
	[ "$(printf %s "$deep/$(printf 'g%.0s' {1..254})" | wc -c)" -eq 1024 ]
	there_and_back a
	diff -r a out/a
	rm -r b.valise
	echo 3 >"$deep/$(printf 'h%.0s' {1..255})"
	refused 5 content a
	rm -r a
	deep=a$(printf '/d%.0s' {1..62})
	mkdir -p "$deep"
	echo 1 >"$deep/f"
	rm -rf out
	there_and_back a
	diff -r a out/a
	rm b.valise
	mkdir "$deep/one"
	echo 1 >"$deep/one/more"
	refused 5 content a
}

@test "names that would fool a reader are refused, and shown escaped" {
	mkdir a
	local name
	for name in $'a\nb' $'a\033[31mb' $'a\tb' $'a\x7fb' $'a\u202eb' $'a\u200bb' $'a\ufeffb' $'bad\xff' $'\xc3\x28' $'a\u0085b' \
		$'a\u2066b'; do
		echo 1 >"a/$name"
		refused 5 content a
		! grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80[\x8b\xae]|\xe2\x81\xa6' <<<"$stderr" || fail "a control character got through"
		rm "a/$name"
	done
}

@test "a file that cannot be read" {
	reports
	chmod 000 reports/indicators/2026-w47.csv
	as_nobody .
	chmod 755 .
	cp -a "$CAST/alice" "$T/alice-nobody"
	chown -R nobody "$T/alice-nobody" 2>/dev/null || true
	fails 7 io alice-nobody pack --to bob "${LABELS[@]}" -o "$T/tmp/b.valise" reports
	says "2026-w47.csv"
	chmod 644 reports/indicators/2026-w47.csv
	chmod 000 reports/samples
	fails 7 io alice-nobody pack --to bob "${LABELS[@]}" -o "$T/tmp/b.valise" reports
	says "samples"
}
