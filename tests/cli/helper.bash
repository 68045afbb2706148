# SPDX-License-Identifier: Apache-2.0
# What the command-line tests share. Each test gets a folder $T of its own: work/ (where it stands), user/ ($HOME), tmp/
# ($TMPDIR), and copies of the stations that it asks for. The stations are made once, as keys take time:
#
# All of them are of the community "first", within which TLP:GREEN stays.
#
#   alice  Agency A, NL; up to TLP:RED and PD:PERSONAL. Partners: bob (TLP:AMBER, PD:PERSONAL), dora (lowest only)
#   bob    Agency B, US; up to TLP:AMBER and PD:PERSONAL. Partners: alice
#   dora   Agency D; no ceilings. Partners: alice
#   carol  a courier, verify-only. Partners: alice (send), bob (receive)

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
VALISE=${VALISE:-$ROOT/build/release/valise}
TEST_WORK=${VALISE_TEST_WORK:-$BATS_RUN_TMPDIR}
CAST=$TEST_WORK/cast
LABELS=(--label TLP:GREEN --label PD:NONE)
export LC_ALL=C.UTF-8 TZ=UTC
unset VALISE_HOME XDG_DATA_HOME XDG_RUNTIME_DIR GNUPGHOME GPG_TTY NO_COLOR FAKETIME

# --- each test ---

# A file that sets up more calls this first.
load_helper_setup() {
	# Else bats notes where it stands at each command of each function below; a failure then names the line of the test.
	set +T
	PRELUDE=()
	T=$(mktemp -d "$TEST_WORK/XXXXXX")
	mkdir "$T/work" "$T/tmp" "$T/user"
	export HOME=$T/user TMPDIR=$T/tmp
	cd "$T/work" || return 1
	make_cast
}

setup() {
	load_helper_setup
}

teardown() {
	local left agents
	left=$(ls -A "$T/tmp")
	# Agents of tests that use gpg themselves; those of valise must be gone by now.
	find "$T" -type d -name '.gnupg' -exec gpgconf --homedir {} --kill all \; 2>/dev/null
	agents=$(pgrep -af "gpg-agent --homedir $T/" | grep -v '/\.gnupg ') || true
	cd /
	chmod -R u+rwX "$T" 2>/dev/null
	rm -rf "$T"
	[ -z "$left" ] || { echo "left in TMPDIR: $left"; return 1; }
	[ -z "$agents" ] || { echo "agents left: $agents"; return 1; }
}

fail() {
	printf '%s\n' "$@" >&2
	printf 'status: %s\noutput: %s\nstderr: %s\n' "${status:-}" "${output:-}" "${stderr:-}" >&2
	return 1
}

# A tool that a test needs: where it is missing the test is skipped, and fails where CI=true.
need() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null && continue
		[ -z "${CI:-}" ] || fail "$tool is missing"
		skip "$tool is missing"
	done
}

# Something that this machine does not permit (namespaces, mounts): skipped also in CI, as no package mends it.
not_permitted() {
	skip "not permitted here: $1"
}

# --- running valise ---

# By a person without a terminal, in a home. v WHO ARGUMENT…; WHO "-" gives no --home.
v() {
	local home=()
	[ "$1" = - ] || home=(--home "$T/$1")
	shift
	setsid -w timeout 120 "${PRELUDE[@]}" "$VALISE" "${home[@]}" "$@" </dev/null
}

# From now on valise runs as somebody who may not write to FOLDER…: root may everything, so it becomes nobody.
as_nobody() {
	if [ "$(id -u)" -eq 0 ]; then
		chmod 755 "$T" "$TEST_WORK"
		chmod 777 "$T/tmp"
		chmod 755 "$@"
		cp "$VALISE" "$T/valise" && VALISE=$T/valise
		PRELUDE=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	else
		chmod 555 "$@"
	fi
}

# $status, $output and $stderr as `run --separate-stderr` of bats fills them, without the processes that it starts: what a test
# takes is mostly the starting of processes.
captured() {
	"$@" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" && status=0 || status=$?
	read_all output "$BATS_TEST_TMPDIR/stdout"
	read_all stderr "$BATS_TEST_TMPDIR/stderr"
}

# Like $(<FILE), without another process: read_all VARIABLE FILE
read_all() {
	local text
	IFS= read -r -d '' text <"$2" || true
	while [[ $text == *$'\n' ]]; do text=${text%$'\n'}; done
	printf -v "$1" %s "$text"
}

# It must succeed. Fills $output, $stderr.
ok() {
	captured v "$@"
	[ "$status" -eq 0 ] || fail "should have succeeded: valise $*"
}

# It must succeed; $output is one JSON object. WHO ARGUMENT…
ok_json() {
	local who=$1
	shift
	ok "$who" --json "$@"
	jq -e -s 'length == 1 and (.[0] | type) == "object"' <<<"$output" >/dev/null || fail "not one JSON object"
}

# Something about the last JSON must hold: a jq expression.
holds() {
	jq -e "$@" <<<"$output" >/dev/null || fail "does not hold: $*"
}

# fails STATUS CODE WHO ARGUMENT…: it must fail so, say so as JSON, and leave everything as it was. The ledger may note the
# refusal; nothing else in the home changes either.
fails() {
	local want=$1 code=$2 who=$3 before after
	shift 3
	before=$(world)
	captured v "$who" --json "$@"
	[ "$status" -eq "$want" ] || fail "wanted exit status $want: valise $*"
	jq -e -s --arg code "$code" --argjson want "$want" 'length == 1 and (.[0].error | .code == $code and .exit == $want
		and (.message | length > 0) and (.hint | type == "string"))' <<<"$output" >/dev/null ||
		fail "wanted one JSON object that tells the error $code: valise $*"
	after=$(world)
	[ "$before" = "$after" ] || fail "something changed: valise $*" "$(diff <(echo "$before") <(echo "$after"))"
}

# Names, types, modes, sizes, link targets and digests of all below $T, but for ledgers.
world() {
	snapshot "$T" -name 'ledger.sqlite*' -o -name lock ! -type d -o
}

# snapshot FOLDER [EXPRESSION -o]: what find finds so is left out. Of ledgers there is no digest.
snapshot() {
	local where=$1 shown='%y %m %s %p -> %l \n'
	shift
	find "$where" "$@" -type d -printf 'd %m - %p -> \n' -o ! -type f -printf "$shown" -o -name 'ledger.sqlite*' -printf "$shown" -o \
		-printf "$shown" -exec sha256sum {} + 2>/dev/null | LC_ALL=C sort
}

# What a person reads on both streams.
said() {
	printf '%s\n%s\n' "$output" "$stderr"
}

says() {
	grep -qF -- "$1" <<<"$(said)" || fail "does not say: $1"
}

# --- the cast ---

make_cast() {
	[ ! -e "$CAST/done" ] || return 0
	(
		flock 9
		[ -e "$CAST/done" ] || (make_cast_now) >"$TEST_WORK/cast.log" 2>&1 || {
			cat "$TEST_WORK/cast.log"
			exit 1
		}
	) 9>"$TEST_WORK/cast.lock"
}

# Of what a function does that is asked whether it succeeds, `set -e` stops nothing: each step ends it itself.
in_cast() {
	local who=$1
	shift
	"$VALISE" --quiet --home "$CAST/$who" "$@" || exit 1
}

make_cast_now() {
	local who
	mkdir -p "$CAST"
	in_cast alice init --name "Alice Ardent" --organisation "Agency A" --jurisdiction NL --no-passphrase \
		--community first --ceiling TLP:RED --ceiling PD:PERSONAL
	in_cast bob init --name "Bob Brisk" --organisation "Agency B" --jurisdiction US --no-passphrase \
		--community first --ceiling TLP:AMBER --ceiling PD:PERSONAL
	in_cast dora init --name "Dora Dee" --organisation "Agency D" --community first --no-passphrase
	in_cast carol init --name "Carol Swift" --organisation "Courier Service" --verify-only
	for who in alice bob dora; do
		in_cast "$who" card -o "$CAST/$who.card"
		sed -n 's/^fingerprint: "\(.*\)"/\1/p' "$CAST/$who.card" >"$CAST/$who.fpr"
	done
	in_cast alice partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" --ceiling TLP:AMBER \
		--ceiling PD:PERSONAL --community first
	in_cast alice partner add "$CAST/dora.card" --as dora --fingerprint "$(fpr dora)" --community first
	in_cast bob partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)"
	in_cast dora partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)"
	in_cast carol partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)" --role send
	in_cast carol partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" --role receive
	cp -a "$CAST/alice" "$CAST/alice-sent"
	in_cast alice-sent pack --to bob --label TLP:GREEN --label PD:NONE -o "$CAST/plain.valise" \
		"$ROOT/tests/data/reports"
	touch "$CAST/done"
}

fpr() {
	cat "$CAST/$1.fpr"
}

# Fresh copies of stations: home alice bob …
home() {
	local who
	for who in "$@"; do
		[ -e "$T/$who" ] || cp -a "$CAST/$who" "$T/$who"
	done
}

# edit_registry WHO OPTION…: sed over its registry.yaml, as a person would edit it; with the next number, as the ledger may know this one.
edit_registry() {
	local file=$T/$1/registry.yaml number
	shift
	number=$(sed -n 's/^serial: //p' "$file")
	sed -i "$@" "$file"
	sed -i "s/^serial: .*/serial: $((number + 1))/" "$file"
}

# The bundle plain.valise of alice for bob, in the work folder; alice's station as it is after sending it.
plain() {
	cp "$CAST/plain.valise" .
	[ -e "$T/alice" ] || cp -a "$CAST/alice-sent" "$T/alice"
}

# A small folder to pack: reports/
reports() {
	cp -a "$ROOT/tests/data/reports" reports
}

# Packs for bob with low labels; prints the path. seal WHO ARGUMENT…
seal() {
	local who=$1
	shift
	v "$who" --quiet pack --to bob "${LABELS[@]}" "$@"
}

# Change one bit of a file: flip FILE OFFSET
flip() {
	local byte
	byte=$(xxd -s "$2" -l 1 -p "$1")
	printf '%02x' $((0x$byte ^ 1)) | xxd -r -p | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Offset of the content of a member: member_at FILE NAME
member_at() {
	/usr/bin/python3 - "$1" "$2" <<'PY'
import sys
data, name = open(sys.argv[1], "rb").read(), sys.argv[2].encode()
at = 0
while data[at:at + 100].rstrip(b"\0") != name:
    at += 512 + (int(data[at + 124:at + 135], 8) + 511) // 512 * 512
print(at + 512)
PY
}

# Takes a bundle apart into a folder, and builds one from it: unbuild FILE DIR; build DIR FILE
unbuild() {
	mkdir "$2" && tar xf "$1" -C "$2" && chmod -R u+w "$2"
}

build() {
	(cd "$1" && tar --format=ustar --owner=0 --group=0 --numeric-owner --mode=0444 --mtime=@0 -b1 -cf "$2" \
		valise keys/* payload/* manifest/* SHA256SUMS waybill.yaml signatures/* trailer)
}
