#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# backup and restore: a whole station in one file and back, on a machine that has nothing but the file and the passphrase.

load helper

WORDS="five dice words ünd more"

# backup WHO FILE ARGUMENT…: with the passphrase $WORDS; fills $output.
backup() {
	local who=$1 file=$2
	shift 2
	ok_json "$who" --passphrase-fd 4 backup -o "$file" "$@" 4<<<"$WORDS"
}

restore() { # WHO FILE
	ok_json "$1" --passphrase-fd 4 restore "$2" 4<<<"$WORDS"
}

# refused STATUS CODE WHO FILE: restoring must fail so and leave nothing.
refused() {
	fails "$1" "$2" "$3" --passphrase-fd 4 restore "$4" 4<<<"$WORDS"
	[ ! -e "$T/$3" ] || fail "something is at the place of the home"
	[ -z "$(hidden)" ] || fail "left: $(hidden)"
}

hidden() {
	find "$T" -name '.valise-*' -o -name '*.part-*' | grep -v -e '/\.valise-labels' || true
}

# A backup made by hand of the files in work/by_hand, or of a tar archive: forge FILE [TAR]
forge() {
	local tar=${2:-}
	if [ -z "$tar" ]; then
		tar=$T/work/forged.tar
		(cd by_hand && tar --format=ustar -cf "$tar" -- *)
	fi
	sealed "$1" <"$tar"
}

# A GnuPG home of the test's own; teardown ends its agent.
gpg_home() {
	[ -e "$HOME/.gnupg" ] || mkdir -m 700 "$HOME/.gnupg"
}

# Standard input under the passphrase: sealed FILE
sealed() {
	gpg_home
	gpg --batch --quiet --yes --pinentry-mode loopback --passphrase-fd 5 --compress-algo none --cipher-algo AES256 \
		--s2k-count 65536 --symmetric -o "$1" 5<<<"$WORDS"
}

opened() { # FILE
	gpg_home
	gpg --batch --quiet --pinentry-mode loopback --passphrase-fd 5 --decrypt "$1" 5<<<"$WORDS"
}

# An archive in the one form, of a list that standard input gives and with contents that fit: archive FILE [ROW:CHANGE]
archive() {
	/usr/bin/python3 - "$@" <<'PY'
import hashlib, json, sys

out, change = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""

def header(name, size, mode, kind, mtime):
    block = bytearray(512)
    def put(at, text): block[at:at + len(text)] = text
    put(0, name.encode()); put(100, b"%07o" % mode); put(108, b"0000000"); put(116, b"0000000")
    if name == "valise-backup.yaml": put(329, b"0000000"); put(337, b"0000000")
    put(124, b"%011o" % size); put(136, b"%011o" % mtime); put(148, b" " * 8); put(156, kind); put(257, b"ustar\x0000")
    put(148, b"%06o\0" % sum(block))
    return bytes(block)

def padded(data): return data + bytes(-len(data) % 512)

rows = [("folder", "home", b""), ("file", "home/station.yaml", b"valise-station: 1\n")]
if change == "dots": rows.append(("file", "home/../evil", b"evil"))
if change == "absolute": rows.append(("file", "/evil", b"evil"))
if change == "orphan": rows.append(("file", "home/zone/evil", b"evil"))
if change == "below-file": rows.append(("file", "home/station.yaml/evil", b"evil"))
if change == "twice": rows.append(rows[1])
if change == "outside": rows.insert(0, ("file", "evil", b"evil"))
if change == "escape": rows.append(("file", "home/z\x1b[31m", b"evil"))
listed = "valise-backup: 1\n" if change != "version" else "valise-backup: 2\n"
listed += 'created: "2026-11-01T00:00:00Z"\ntool: "by hand"\nname: "N"\norganisation: "O"\nfingerprint: ""\nentries:\n'
for kind, path, data in rows:
    more = "" if kind == "folder" else ', "%d", "%s"' % (len(data), hashlib.sha256(data).hexdigest())
    listed += "  - [\"%s\", %s%s]\n" % (kind, json.dumps(path), more)
if change == "huge": listed = listed.replace('"18"', '"1125899906842624"')
if change == "unknown-key": listed += 'surprise: "1"\n'
listed = listed.encode()
tar = header("valise-backup.yaml", len(listed), 0o444, b"0", 0) + padded(listed)
for number, (kind, path, data) in enumerate(rows):
    folder = kind == "folder"
    flag, size = (b"5" if folder else b"0"), len(data)
    if number == 1 and change in ("symlink", "device", "hardlink"):
        flag = {"symlink": b"2", "device": b"3", "hardlink": b"1"}[change]
    if number == 1 and change == "huge": size = 1 << 32
    if number == 1 and change == "content": data = b"valise-station: 2\n"
    tar += header(path + ("/" if folder else ""), size, 0o755 if folder else 0o644, flag, 1793491200) + padded(data)
tar += bytes(1024)
if change == "behind": tar += b"x" * 512
if change == "no-end": tar = tar[:-512]
if change == "padding": tar = tar[:-1025] + b"x" + tar[-1024:]
open(out, "wb").write(tar)
PY
}

@test "there and back on a bare machine, then at work" {
	home alice bob
	reports
	ok alice pack --to bob "${LABELS[@]}" -o before.valise reports
	backup alice "$T/work/a.backup"
	holds --arg fpr "$(fpr alice)" '.fingerprint == $fpr and .name == "Alice Ardent" and .partners == 2 and .files > 5'
	holds '.notices == [] and ."ledger-newest" != null and (.created | test("Z$"))'
	[ "$(stat -c %a a.backup)" = 600 ] || fail "others may read the backup"
	ok bob pack --to alice --label TLP:CLEAR --label PD:NONE -o answer.valise reports
	# Another machine: the file and the words, another HOME, another place for data.
	mkdir -p "$T/bare/home" "$T/bare/data"
	mv "$T/alice" "$T/gone"
	export HOME=$T/bare/home XDG_DATA_HOME=$T/bare/data
	restore - a.backup
	holds --arg home "$T/bare/data/valise" --arg fpr "$(fpr alice)" '.home == $home and .fingerprint == $fpr'
	holds '.partners == 2 and ."ledger-newest" != null and (.tool | startswith("valise ")) and (.notices | length) >= 3'
	[ "$(stat -c %a "$T/bare/data/valise")" = 700 ] || fail "others may look into the home"
	[ -z "$(find "$T/bare/data/valise" -perm /077)" ] || fail "others may read something"
	[ -z "$(hidden)" ] || fail "left: $(hidden)"
	ok - unpack -o in answer.valise
	diff -r reports in/reports
	ok - pack --to bob "${LABELS[@]}" -o after.valise reports
	ok bob unpack -o out after.valise
	diff -r reports out/reports
	run --separate-stderr v - --json doctor
	holds '.findings | map(select(.level == "broken")) == []'
	unset XDG_DATA_HOME
}

@test "what was there is there again, byte for byte; locks, sockets and temporaries are not" {
	home alice
	mkdir "$T/alice/secrets" "$T/alice/empty"
	echo 'a secret' >"$T/alice/secrets/bob"
	printf '#!/bin/sh\n' >"$T/alice/gnupg/pinentry.sh"
	chmod 700 "$T/alice/gnupg/pinentry.sh"
	long=$(printf 'ä%.0s' {1..60})
	echo long >"$T/alice/schemes/$long.txt"
	touch "$T/alice/lock" "$T/alice/gnupg/pubring.kbx.lock" "$T/alice/keys/.x.part-0011" "$T/alice/gnupg/random_seed" \
		"$T/alice/gnupg/.#lk0x0.host.1"
	/usr/bin/python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind("S.gpg-agent")' 2>/dev/null
	mv S.gpg-agent "$T/alice/gnupg/"
	backup alice a.backup
	restore anna a.backup
	[ -x "$T/anna/gnupg/pinentry.sh" ] || fail "not executable any more"
	[ -d "$T/anna/empty" ] || fail "an empty folder is missing"
	[ "$(cat "$T/anna/schemes/$long.txt")" = long ] || fail "the long name"
	for file in lock gnupg/pubring.kbx.lock keys/.x.part-0011 gnupg/random_seed gnupg/S.gpg-agent 'gnupg/.#lk0x0.host.1'; do
		[ -e "$T/alice/$file" ] && [ ! -e "$T/anna/$file" ] || fail "$file"
		rm "$T/alice/$file"
	done
	rm -f "$T"/a*/ledger.* "$T"/a*/*.lock
	diff -r "$T/alice" "$T/anna" || fail "they differ"
}

@test "numbers go on behind a gap, once, and both ledgers tell" {
	home alice bob
	reports
	ok alice pack --to bob "${LABELS[@]}" -o 1.valise reports
	backup alice a.backup
	ok_json alice ledger list
	holds '.entries[-1].event == "backed-up"'
	ok alice pack --to bob "${LABELS[@]}" -o 2.valise reports
	restore anna a.backup
	ok_json anna ledger list
	holds '.entries[-1].event == "restored" and (.entries[-1].text | contains("backup made at"))'
	ok anna pack --to bob "${LABELS[@]}" -o 3.valise reports
	ok anna pack --to bob "${LABELS[@]}" -o 4.valise reports
	for bundle in 1 2 3 4; do ok_json bob unpack -o "out$bundle" $bundle.valise; done
	ok_json bob ledger list
	holds '[.entries[] | select(.event == "received") | .sequence] == [1, 2, 1002, 1003]'
	echo other >other.txt
	ok anna pack --to dora --label TLP:CLEAR --label PD:NONE -o 5.valise other.txt
	ok_json anna ledger list
	holds '[.entries[] | select(.alias == "dora") | .sequence] == [1]'
}

@test "a bundle of which nobody knows whether it left is not forgotten" {
	home alice
	reports
	ok alice pack --to bob "${LABELS[@]}" -o 1.valise reports
	sqlite3 "$T/alice/ledger.sqlite" "UPDATE sent SET state = 'sealing'" 2>/dev/null || /usr/bin/python3 - "$T/alice/ledger.sqlite" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1]); db.execute("UPDATE sent SET state = 'sealing'"); db.commit()
PY
	backup alice a.backup
	rm 1.valise
	restore anna a.backup
	ok_json anna ledger list
	holds '[.entries[] | select(.event == "sealing")] | length == 1'
	ok anna pack --to bob "${LABELS[@]}" -o 2.valise reports
	ok_json anna ledger list
	holds '[.entries[] | select(.alias == "bob") | [.event, .sequence]] == [["sealing", 1], ["sent", 1002]]'
}

@test "a courier's station, without a key" {
	home carol
	backup carol c.backup
	holds '.fingerprint == null and ."ledger-newest" == null'
	restore cora c.backup
	holds '.fingerprint == null'
	plain
	ok cora verify plain.valise
}

@test "a key with a passphrase stays so, and the backup does not ask for it" {
	ok greta --passphrase-fd 4 init --name G --organisation O 4<<<"the key's own words"
	backup greta g.backup
	restore gina g.backup
	grep -rq protected-private-key "$T/gina/gnupg/private-keys-v1.d" || fail "not protected any more"
	! grep -rqaF "$WORDS" "$T/gina" "$T/work" "$T/tmp" || fail "the passphrase was written somewhere"
}

@test "gpg and tar open it by hand" {
	home alice
	backup alice a.backup
	gpg_home
	gpg --list-packets --batch --pinentry-mode loopback --passphrase-fd 5 a.backup 5<<<"$WORDS" >packets 2>&1
	grep -q 'cipher 9,.*s2k 3, hash 10' packets || fail "not AES-256, iterated SHA-512: $(cat packets)"
	grep -q 'count 65011712' packets || fail "a passphrase is tried too fast: $(cat packets)"
	mkdir out
	opened a.backup | tar x -C out
	cmp "$T/alice/station.yaml" out/home/station.yaml
	diff -r "$T/alice/keys" out/home/keys
	grep -q '^valise-backup: 1$' out/valise-backup.yaml
	sed -nE 's/^  - \["(file|executable)", "([^"]+)", "[0-9]+", "([0-9a-f]{64})"\]$/\3  \2/p' out/valise-backup.yaml >sums
	(cd out && sha256sum --strict --quiet -c ../sums) || fail "the list is not of these files"
	[ "$(wc -l <sums)" -eq "$(find out/home -type f | wc -l)" ] || fail "files are not in the list"
	opened a.backup | sealed again.backup
	restore anna again.backup
}

@test "another passphrase: exit 6" {
	home alice
	backup alice a.backup
	fails 6 key-unavailable anna --passphrase-fd 4 restore a.backup 4<<<"five dice words and less"
	fails 6 key-unavailable anna restore a.backup
	fails 6 key-unavailable alice backup -o b.backup
	fails 2 usage alice --passphrase-fd 4 backup -o b.backup 4<<<"short"
}

@test "cut, changed, lengthened anywhere: exit 4, and nothing is left" {
	home carol
	backup carol c.backup
	local size at
	size=$(stat -c %s c.backup)
	for at in 10 20 1000 $((size / 2)) $((size - 1)); do
		head -c "$at" c.backup >cut.backup
		refused 4 truncated cora cut.backup
	done
	for at in 1000 $((size / 2)) $((size - 1)); do
		cp c.backup changed.backup
		flip changed.backup "$at"
		refused 4 damaged cora changed.backup
	done
	{ cat c.backup; echo more; } >longer.backup
	refused 4 damaged cora longer.backup
	cat c.backup c.backup >twice.backup
	refused 4 damaged cora twice.backup
}

@test "what is no backup: exit 8" {
	plain
	: >empty
	echo text >text
	sealed words.backup <text
	gpg --enarmor <words.backup >armored.asc 2>/dev/null || fail "enarmor"
	refused 8 backup anna armored.asc
	refused 8 backup anna empty
	refused 8 backup anna text
	refused 8 backup anna plain.valise
	refused 8 backup anna "$T/work"
	refused 8 backup anna words.backup
	head -c 2000000 /dev/zero | gpg --batch --quiet --pinentry-mode loopback --passphrase-fd 5 --compress-algo zlib \
		--symmetric -o bomb.backup 5<<<"$WORDS"
	refused 8 backup anna bomb.backup
	refused 7 io anna missing.backup
}

@test "archives that somebody made by hand: only the one form, nothing outside" {
	local change
	archive good.tar
	sealed good.backup <good.tar
	refused 9 station anna good.backup # well-formed, but no station is in it
	for change in dots absolute orphan below-file twice outside escape unknown-key symlink device hardlink huge content behind \
		no-end padding; do
		archive "$change.tar" "$change"
		sealed "$change.backup" <"$change.tar"
		refused 8 backup anna "$change.backup"
		[ -z "$(find "$T" -name evil)" ] || fail "$change wrote something"
	done
	archive version.tar version
	sealed version.backup <version.tar
	refused 8 version anna version.backup
	mkdir -p by_hand/home && echo x >by_hand/home/station.yaml
	forge plain.backup
	refused 8 backup anna plain.backup
}

@test "a station that would not work is neither backed up nor restored" {
	home alice
	mkdir "$T/keys"
	mv "$T"/alice/gnupg/private-keys-v1.d/* "$T/keys"
	fails 6 key-unavailable alice --passphrase-fd 4 backup -o a.backup 4<<<"$WORDS"
	mv "$T"/keys/* "$T/alice/gnupg/private-keys-v1.d"
	backup alice a.backup
	mkdir out
	opened a.backup >a.tar
	tar x -C out -f a.tar
	/usr/bin/python3 - a.tar <<'PY'
import sys
data = open(sys.argv[1], "rb").read()
assert data.count(b"fingerprint: \"") >= 2
at = data.index(b"fingerprint: \"") + 14
open("other.tar", "wb").write(data[:at] + b"0" * 40 + data[at + 40:])
PY
	sealed other.backup <other.tar
	refused 8 backup anna other.backup
	ln -s /etc/passwd "$T/alice/schemes/link"
	fails 5 content alice --passphrase-fd 4 backup -o b.backup 4<<<"$WORDS"
	says "schemes/link"
}

@test "no home is written over, and no file" {
	home alice bob
	backup alice a.backup
	fails 7 exists bob --passphrase-fd 4 restore a.backup 4<<<"$WORDS"
	mkdir "$T/full" "$T/hollow"
	echo mine >"$T/full/note"
	fails 7 exists full --passphrase-fd 4 restore a.backup 4<<<"$WORDS"
	restore hollow a.backup
	fails 7 exists alice --passphrase-fd 4 backup -o a.backup 4<<<"$WORDS"
	fails 2 usage alice --passphrase-fd 4 backup -o "$T/alice/inside.backup" 4<<<"$WORDS"
	fails 2 usage alice --passphrase-fd 4 backup 4<<<"$WORDS"
	fails 9 no-station nowhere --passphrase-fd 4 backup -o b.backup 4<<<"$WORDS"
}

@test "while another valise works on the station: busy" {
	home alice
	local lock
	for lock in lock registry.lock; do
		exec 7>"$T/alice/$lock"
		flock -n 7
		fails 7 busy alice --passphrase-fd 4 backup -o a.backup 4<<<"$WORDS"
		says "wait until it is done"
		! grep -q packing <<<"$output" || fail "nobody packs"
		exec 7>&-
	done
}

@test "a home that cannot be written" {
	home alice
	[ "$(id -u)" -eq 0 ] && chown -R 65534 "$T/alice"
	as_nobody "$T/alice"
	chmod 555 "$T/alice"
	chmod 777 "$T/work"
	backup alice "$T/work/a.backup"
	holds '.notices | length == 1'
}

# Ends valise before its Nth system call of a kind: killed CALL N ARGUMENT…
killed() {
	local call=$1 number=$2
	shift 2
	run strace -qq -e trace="$call" -e inject="$call:signal=KILL:when=$number" -o /dev/null "$VALISE" "$@" 4<<<"$WORDS"
	[ "$status" -eq 137 ] || fail "was not killed at $call $number"
}

@test "killed at any step: a whole home or none, and the same command works" {
	need strace
	home carol
	backup carol c.backup
	strace -qq -e trace=none true 2>/dev/null || not_permitted ptrace
	local call
	for call in mkdir:1 mkdirat:1 mkdirat:2 syncfs:1 rename:1; do
		killed "${call%:*}" "${call#*:}" --home "$T/cora" --passphrase-fd 4 restore c.backup
		[ ! -e "$T/cora" ] || fail "a home after $call"
		find "$T" -maxdepth 1 -name '.valise-restore-*' -exec rm -r {} +
		rm -rf "$T"/tmp/*
	done
	# behind the rename: at the first sync after it
	strace -qq -e trace=fsync,rename -o calls "$VALISE" --home "$T/clara" --passphrase-fd 4 restore c.backup 4<<<"$WORDS"
	killed fsync $(($(sed '/^rename/q' calls | grep -c ^fsync) + 1)) --home "$T/cora" --passphrase-fd 4 restore c.backup
	rm -rf "$T"/tmp/*
	ok cora ledger list
	ok cora partner list
	for call in pwrite64:1 pwrite64:9 fsync:1 renameat2:1; do
		killed "${call%:*}" "${call#*:}" --home "$T/carol" --passphrase-fd 4 backup -o d.backup
		[ ! -e d.backup ] || fail "half a backup after $call"
		find . "$T/carol" -name '*.part-*' -exec rm {} +
		rm -rf "$T"/tmp/*
	done
	backup carol d.backup
}

@test "a full disk: no half backup" {
	home alice
	mkdir full
	mount -t tmpfs -o size=16k tmpfs full 2>/dev/null || not_permitted "a mount"
	fails 7 no-space alice --passphrase-fd 4 backup -o full/a.backup 4<<<"$WORDS"
	local left
	left=$(ls -A full)
	umount full
	[ -z "$left" ] || fail "left: $left"
}

# At a terminal: the answers, one a line, in $ANSWERS; then the command.
at_terminal() {
	need expect
	output=$(TERM=dumb ANSWERS=$ANSWERS expect -f - -- "$@" <<'TCL'
set timeout 60
log_user 1
eval spawn -noecho $argv
foreach answer [split $env(ANSWERS) "\n"] {
	expect -re {(backup|more): $} {} timeout {exit 99} eof {exit 98}
	send -- [expr {$answer eq "\003" ? $answer : "$answer\r"}]
}
expect eof
lassign [wait] pid spawned os status
exit $status
TCL
	) && status=0 || status=$?
}

@test "at a terminal it is asked for twice, and not shown" {
	home carol
	ANSWERS="$WORDS"$'\n'"$WORDS" at_terminal "$VALISE" --home "$T/carol" backup -o c.backup
	[ "$status" -eq 0 ] || fail "status $status"
	[[ $output != *"$WORDS"* ]] || fail "the passphrase was shown"
	ANSWERS="$WORDS"$'\n'"something else" at_terminal "$VALISE" --home "$T/carol" backup -o d.backup
	[ "$status" -eq 2 ] || fail "status $status"
	[ ! -e d.backup ]
	ANSWERS=$WORDS at_terminal "$VALISE" --home "$T/cora" restore c.backup
	[ "$status" -eq 0 ] || fail "status $status"
	ANSWERS=$'\003' at_terminal "$VALISE" --home "$T/carl" restore c.backup
	[ "$status" -eq 130 ] || fail "status $status"
	[ ! -e "$T/carl" ]
}

@test "what people read" {
	home alice
	ok alice --passphrase-fd 4 backup -o a.backup 4<<<"$WORDS"
	[ "$output" = "$T/work/a.backup" ] || fail "standard output"
	says "Alice Ardent"
	says "read back"
	ok anna --passphrase-fd 4 restore a.backup 4<<<"$WORDS"
	says "$(sed -n 's/^\(....\).*/\1/p' "$CAST/alice.fpr")"
	says "numbers go on 1000 further"
	says "never work with the old home"
}

@test "settings of gpg that came with a backup run nothing: they lie beside those of a new station" {
	home alice
	printf '#!/bin/sh\ntouch %q\nexec gpg-agent "$@"\n' "$T/ran" >"$T/agent"
	chmod 755 "$T/agent"
	printf 'agent-program %s\n' "$T/agent" >>"$T/alice/gnupg/gpg.conf"
	cp "$T/alice/gnupg/gpg.conf" changed
	backup alice a.backup
	rm -f "$T/ran"
	restore anna a.backup
	holds '.notices | any(contains("gpg.conf.from-backup"))'
	[ ! -e "$T/ran" ]
	cmp "$T/anna/gnupg/gpg.conf" "$ROOT/keys/gpg.conf"
	cmp "$T/anna/gnupg/gpg-agent.conf" "$ROOT/keys/gpg-agent.conf"
	cmp "$T/anna/gnupg/gpg.conf.from-backup" changed
	[ ! -e "$T/anna/gnupg/gpg-agent.conf.from-backup" ]
	ok anna doctor
}
