#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# approve: what a packer or a courier puts beside a bundle, or into it, to make an approver's station do something else.

load helper
load approve

@test "a link in the place of the folder of messages: nothing behind it is deleted, or read" {
	v alice --quiet pack --to bob "${LABELS[@]}" -o b.valise reports
	mv b.valise b.valise-pending
	ln -s "$T/alice/keys" b.approve
	ok alice approve --yes b.valise-pending # signed already: only the name was missing
	[ -e "$T/alice/keys/$(fpr_of alice).pgp" ] && [ -h b.approve ] && [ -e b.valise ]
	rm b.approve
	pending c
	mv c.approve elsewhere
	ln -s elsewhere c.approve
	fails 6 not-for-us ann approve --yes c.valise-pending
}

@test "a link in the place of a message is not followed" {
	local message
	pending b
	message=b.approve/$(fpr_of ann).pgp
	mv "$message" real
	ln -s ../real "$message"
	fails 7 io ann approve --yes b.valise-pending
	rm "$message"
	mkfifo "$message"
	fails 7 io ann approve --yes b.valise-pending
}

@test "a folder of messages that is exchanged for a link while it is read: nothing behind the link is deleted" {
	need expect
	pending b
	run --separate-stderr expect -f - -- "$VALISE" --home "$T/ann" approve b.valise-pending <<TCL
set stty_init "rows 60 cols 110"
set timeout 60
eval spawn -noecho \$argv
expect "to sign it:"
exec mv b.approve b.old
exec ln -s $T/ann/keys b.approve
send "approve\r"
expect eof
lassign [wait] pid spawned os status
exit \$status
TCL
	[ "$status" -eq 0 ]
	[ -e "$T/ann/keys/$(fpr_of ann).pgp" ]
	[ ! -e "b.old/$(fpr_of ann).pgp" ] # the message that was read is what goes
	[ -e b.valise ]
}

@test "a person is not two for a space: names that read alike are refused, and count once where they are" {
	fails 2 usage new init --name "Bob Brisk " --organisation "Agency B" --no-passphrase
	fails 2 usage new init --name $'Bob\u00a0Brisk' --organisation "Agency B" --no-passphrase
	fails 2 usage new init --name "Bob Brisk" --organisation " Agency B" --no-passphrase
	fails 2 usage alice partner set abe --person "Ann  Able"
	fails 2 usage alice partner set abe --person $'Ann\u3000Able'
	sed $'s/^name: .*/name: "Ann\u00a0Able"/' "$(card_of abe)" >"$T/abe.card"
	v alice --quiet partner remove --yes abe
	fails 8 document alice partner add "$T/abe.card" --as abe --fingerprint "$(fpr_of abe)" --role approve
	# a letter of another width is the same letter to whoever reads it
	know alice abe --role approve --ceiling TLP:RED
	v alice --quiet partner set abe --person $'\uff21nn Able'
	rule alice "tlp/amber: 3"
	fails 9 partner alice pack --to bob "${AMBER[@]}" -o b.valise reports
}

# A journal as valise-format(5) has it. journal BEFORE FROM NEW_END: of pending bundle b
journal() {
	python3 - "$@" <<'PY' >b.valise-pending.journal
import hashlib, sys
before, start, end = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].encode()
known = hashlib.sha256(open("b.valise-pending", "rb").read()[before:start]).hexdigest()
body = f"{before:020d} {start:020d} {known}\n".encode() + end
sys.stdout.buffer.write(b"valise-journal 1\n" + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
PY
}

@test "a journal of nothing is obeyed by nobody" {
	pending b
	journal 0 0 "another file"
	fails 3 approvals carol verify b.valise-pending
	ok ann approve --yes b.valise-pending
	ok carol verify b.valise
	[ "$(ls)" = $'b.valise\nreports' ]
}

@test "who only reads finishes no journal, and says that there is one" {
	pending b
	journal 0 512 "what approve would write"
	fails 3 approvals carol verify b.valise-pending
	holds '.error.hint | contains("valise approve")'
	fails 3 approvals bob unpack b.valise-pending
	holds '.error.hint | contains("cut off")'
	fails 3 approvals bob list b.valise-pending
}

@test "something else under the journal's name blocks nobody who reads, and no approval follows it" {
	local make
	pending b
	for make in "mkdir" "mkfifo" "ln -s $T/ann/station.yaml" "ln -s /dev/zero"; do
		$make b.valise-pending.journal
		fails 3 approvals carol verify b.valise-pending
		fails 7 exists ann approve --yes b.valise-pending
		rm -r b.valise-pending.journal
	done
	if [ "$(id -u)" -eq 0 ]; then # one of another owner than the bundle's
		journal 0 512 "what approve would write"
		chown 65534 b.valise-pending.journal
		fails 7 exists ann approve --yes b.valise-pending
		rm b.valise-pending.journal
	fi
	ok ann approve --yes b.valise-pending
}

@test "a recipient whom the approver's own registry revoked, or lets end, is refused; what else it says is told" {
	pending b
	ok_json ann approve --yes --extract-to look b.valise-pending
	holds '.notices | any(contains("by the registry of this station it would not be sent") and contains("bob"))'
	pending c
	v ann --quiet partner revoke bob --reason "left, key stolen"
	fails 5 recipient ann approve --yes c.valise-pending
	holds '.error.message | contains("left, key stolen")'
	v abe --quiet partner set bob --role carry
	fails 5 recipient abe approve --yes c.valise-pending
	v abe --quiet partner remove --yes bob
	ok_json abe approve --yes c.valise-pending
	holds --arg bob "$(fpr_of bob)" '.notices | any(contains($bob) and contains("does not know"))'
}

@test "what leaves in the clear is shown to whoever packs and to whoever approves" {
	cat >reports/.valise-labels.yaml <<-'END'
		valise-labels: 1
		handling: "Hand over to Jan Jansen"
		rules:
		- match: "**"
		  labels: ["TLP:AMBER", "PD:NONE"]
	END
	ok alice pack --dry-run --to bob reports
	says "Hand over to Jan Jansen"
	says "everybody who holds the bundle can read this"
	v alice --quiet pack --to bob -o b.valise reports
	v alice --quiet pack --to bob -o c.valise reports
	ok ann approve --yes b.valise-pending
	says "Hand over to Jan Jansen"
	says "everybody who holds the bundle can read this"
	ok_json abe approve --yes c.valise-pending
	holds '."handling-outside" == "Hand over to Jan Jansen"'
}

@test "complete from outside: whoever has rules by label, and cannot see the labels, does not say so" {
	v alice --quiet pack --to bob "${LABELS[@]}" -o b.valise reports
	mv b.valise b.valise-pending
	rule ann "tlp/green: 2"
	fails 6 not-for-us ann approve --yes b.valise-pending
	ok abe approve --yes b.valise-pending
}

@test "an approver who may not hold it gets no key to it" {
	v alice --quiet partner set abe --ceiling TLP:GREEN
	ok_json alice pack --to bob "${AMBER[@]}" -o b.valise reports
	holds '[.approvers[].alias] == ["ann"]'
	holds '.notices | any(contains("abe cannot approve this") and contains("TLP:GREEN"))'
	[ "$(ls b.approve)" = "$(fpr_of ann).pgp" ]
	v alice --quiet partner set ann --ceiling none
	fails 9 partner alice pack --to bob "${AMBER[@]}" -o c.valise reports
	ok_json alice pack --dry-run --to bob "${AMBER[@]}" reports
	holds '.notices | any(contains("ann cannot approve this"))'
}

@test "a name with escape sequences: as it is to a pipe, harmless at a terminal" {
	need expect
	local name=$'b\e]0;pwned\a'
	pending b
	pending c
	mv b.valise-pending "$name.valise-pending"
	mv b.approve "$name.approve"
	ok ann approve --yes "$name.valise-pending"
	[ "$output" = "$PWD/$name.valise" ] && [ -e "$output" ]
	mv "$name.valise" b.valise
	mv c.valise-pending "$name.valise-pending"
	mv c.approve "$name.approve"
	run --separate-stderr expect -f - -- "$VALISE" --color never --home "$T/ann" approve --yes "$name.valise-pending" <<'TCL'
set stty_init "rows 60 cols 200"
set timeout 60
eval spawn -noecho $argv
expect eof
lassign [wait] pid spawned os status
exit $status
TCL
	[ "$status" -eq 0 ]
	says '\x1B]0;pwned\x07.valise'
	! grep -qF $'\e]0;' <<<"$output"
}
