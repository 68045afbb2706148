#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# approve: the second signature, and all who demand it.

load helper
load approve

@test "what needs two people waits: a pending name, and a message for each approver" {
	ok_json alice pack --to bob "${AMBER[@]}" -o b.valise reports
	holds '.path | endswith("/b.valise-pending")'
	holds '.["approve-folder"] | endswith("/b.approve")'
	holds '.approvals == 2 and ([.approvers[].alias] == ["abe", "ann"])'
	[ "$(ls)" = $'b.approve\nb.valise-pending\nreports' ]
	[ "$(ls b.approve | sort)" = "$(printf '%s.pgp\n' "$(fpr_of ann)" "$(fpr_of abe)" | sort)" ]
	ok_json alice ledger list
	holds '[.entries[].event] == ["pending"]'
	# courier and receiver are told that it waits
	fails 3 approvals carol verify b.valise-pending
	holds '.bundles[0].verdict == "pending" and .bundles[0]["approvals-demanded"] == 2 and .bundles[0]["approvals-counted"] == 1'
	fails 3 approvals bob unpack b.valise-pending
	fails 3 approvals bob list b.valise-pending
	# no other label asks for it
	mkdir other && echo other >other/file
	ok_json alice pack --to bob "${LABELS[@]}" -o c.valise other
	holds '.path | endswith("/c.valise")'
	holds '.["approve-folder"] == null and .approvals == 1 and .approvers == []'
}

@test "the last signature gives the final name, and everybody takes it" {
	pending b
	ok_json ann approve --yes b.valise-pending
	holds '.complete and .["approvals-counted"] == 2 and (.path | endswith("/b.valise"))'
	holds '[.to[].name] == ["Bob Brisk"] and .marks == ["pd/none", "tlp/amber"] and ([.entries[].path] | index("reports") == 0)'
	holds '[.signers[] | select(.standing == "counts")] | length == 2'
	[ "$(ls)" = $'b.valise\nreports' ]
	ok_json carol verify b.valise
	holds '.bundles[0].good and ([.bundles[0].signers[].standing] == ["counts", "counts"])'
	ok bob unpack b.valise
	diff -r b/reports reports
	ok_json alice ledger list
	holds '.entries | length == 1 and .[0].event == "sent" and (.[0].text | endswith("/b.valise"))'
	ok_json ann ledger list
	holds '[.entries[].event] == ["approved"]'
	# tar, gpg and sha256sum are content with it as well
	unbuild b.valise parts
	(cd parts && sha256sum --strict --quiet -c SHA256SUMS)
	# nothing else has changed but the end: the payload was not copied
	fails 7 exists ann approve --yes b.valise-pending
}

@test "three people: it waits for the third, and each message goes with its signature" {
	rule alice "tlp/amber: 3"
	pending b
	ok_json abe approve --yes b.valise-pending
	holds '.complete == false and .["approvals-counted"] == 2 and .["approvals-demanded"] == 3'
	[ "$(ls b.approve)" = "$(fpr_of ann).pgp" ]
	fails 3 approvals carol verify b.valise-pending
	fails 3 approvals abe approve --yes b.valise-pending
	ok_json ann approve --yes b.valise-pending
	holds '.complete'
	[ "$(ls)" = $'b.valise\nreports' ]
	ok_json carol verify b.valise
	holds '.bundles[0].signers | length == 3'
}

@test "at a terminal: what leaves is shown, and the word is typed" {
	need expect
	pending b
	run --separate-stderr expect -f - -- "$VALISE" --home "$T/ann" approve b.valise-pending <<'TCL'
set stty_init "rows 60 cols 110"
set timeout 60
eval spawn -noecho $argv
expect "to sign it:"
send "yes\r"
expect eof
lassign [wait] pid spawned os status
exit $status
TCL
	[ "$status" -eq 5 ]
	says "Bob Brisk (Agency B)"
	says "TLP:AMBER"
	says "reports/2026-w47/weekly-summary.md"
	says "not approved"
	[ -e b.valise-pending ] && [ "$(ls b.approve | wc -l)" -eq 2 ]
	run --separate-stderr expect -f - -- "$VALISE" --home "$T/ann" approve b.valise-pending <<'TCL'
set stty_init "rows 60 cols 110"
set timeout 60
eval spawn -noecho $argv
expect "to sign it:"
send "approve\r"
expect eof
lassign [wait] pid spawned os status
exit $status
TCL
	[ "$status" -eq 0 ]
	[ -e b.valise ]
}

@test "without a terminal --yes is demanded" {
	pending b
	fails 2 usage ann approve b.valise-pending
}

@test "--extract-to: all files, before anything is asked; the folder is whole or not there" {
	pending b
	mkdir taken
	fails 7 exists ann approve --yes --extract-to taken b.valise-pending
	ok_json ann approve --yes --extract-to look/ b.valise-pending
	holds '."extracted-to" | endswith("/look")'
	diff -r look/reports reports
	ok_json ann ledger list
	holds '[.entries[].event] == ["approved"]'
}

@test "who may not approve is refused by name, and nothing is signed" {
	pending b
	# the packer, and another key of the packer's
	fails 3 approvals alice approve --yes b.valise-pending
	know alice2 alice --role send
	fails 3 approvals alice2 approve --yes b.valise-pending
	# another organisation
	fails 3 approvals bob approve --yes b.valise-pending
	# a colleague without a message, and one who does not know the sender
	rm "b.approve/$(fpr_of ann).pgp"
	fails 6 not-for-us ann approve --yes b.valise-pending
	v abe --quiet partner set alice --role receive
	fails 3 unfit-signer abe approve --yes b.valise-pending
	v abe --quiet partner remove --yes alice
	fails 3 unknown-signer abe approve --yes b.valise-pending
	# no key of one's own, no such name
	fails 9 station carol approve --yes b.valise-pending
	cp b.valise-pending other
	fails 2 usage ann approve --yes other
	fails 7 io ann approve --yes nothing.valise-pending
	ln -s b.valise-pending link.valise-pending
	fails 7 io ann approve --yes link.valise-pending
}

@test "a message of another bundle opens nothing" {
	pending b
	pending c
	cp "c.approve/$(fpr_of ann).pgp" "b.approve/$(fpr_of ann).pgp"
	fails 8 slot ann approve --yes b.valise-pending
	cp "c.approve/$(fpr_of abe).pgp" "b.approve/$(fpr_of ann).pgp"
	fails 6 key-unavailable ann approve --yes b.valise-pending
	head -c 100 "c.approve/$(fpr_of ann).pgp" >"b.approve/$(fpr_of ann).pgp"
	fails 8 slot ann approve --yes b.valise-pending
}

@test "a packer who leaves the key of another folder is found out" {
	pending b
	# what a lying packer would leave: the right digest, and a key that is not this bundle's
	unbuild b.valise-pending parts
	printf 'valise-approve 1\n%s\n%064d\n' "$(sha256sum <parts/waybill.yaml | cut -d' ' -f1)" 7 >text
	mkdir -m 700 "$T/user/.gnupg"
	gpg --homedir "$T/user/.gnupg" --quiet --batch --import "$T/ann/keys/$(fpr_of ann).pgp"
	gpg --homedir "$T/user/.gnupg" --quiet --batch --trust-model always --compress-algo none --output sealed \
		--recipient "$(fpr_of ann)" --encrypt text
	cp sealed "b.approve/$(fpr_of ann).pgp"
	rm -r parts text sealed
	fails 3 key-check ann approve --yes b.valise-pending
}

@test "what is damaged is not signed" {
	pending b
	for member in payload/0000000000 keys/0000.pgp manifest/0000000000; do
		cp b.valise-pending keep
		flip b.valise-pending $(($(member_at b.valise-pending $member) + 40))
		fails 4 damaged ann approve --yes b.valise-pending
		mv keep b.valise-pending
	done
	flip b.valise-pending $(($(member_at b.valise-pending waybill.yaml) + 40))
	fails 3 bad-signature ann approve --yes b.valise-pending
}

@test "an approver holds it too: its own ceiling, its own limits" {
	sed -i 's|^ceilings: .*|ceilings: ["tlp/green"]|' "$T/ann/station.yaml"
	pending b
	fails 5 ceiling ann approve --yes b.valise-pending
	sed -i 's|^max-files: .*|max-files: 2|' "$T/abe/station.yaml"
	fails 8 limit abe approve --yes b.valise-pending
}

@test "after its end nobody signs" {
	need faketime
	pending b --expires 2d
	PRELUDE=(faketime -f +5d)
	run --separate-stderr v ann --json approve --yes b.valise-pending
	[ "$status" -eq 5 ]
	holds '.error.code == "expired"'
	[ -e b.valise-pending ] && [ "$(ls b.approve | wc -l)" -eq 2 ]
}

@test "where nobody could approve nothing is packed" {
	v alice --quiet partner set ann --role receive
	v alice --quiet partner revoke abe --reason "left"
	fails 9 partner alice pack --to bob "${AMBER[@]}" -o b.valise reports
	holds '.error.message | contains("tlp/amber") and contains("Agency A")'
	# another key of the packer, a colleague of another organisation
	know alice alice2 --role approve --ceiling TLP:RED
	v alice --quiet partner set bob --role receive,approve
	fails 9 partner alice pack --to bob "${AMBER[@]}" -o b.valise reports
	# a dry run tells it, and shows the rest
	ok_json alice pack --dry-run --to bob "${AMBER[@]}" reports
	holds '.notices | any(contains("could approve"))'
}

@test "two keys of one person are one: three people are not two colleagues, one with two keys" {
	rule alice "tlp/amber: 3"
	v alice --quiet partner set abe --person "ann able"
	fails 9 partner alice pack --to bob "${AMBER[@]}" -o b.valise reports
}

@test "a rule that names no label lets nothing through" {
	rule alice "tlp/rot: 2"
	fails 5 label alice pack --to bob "${LABELS[@]}" -o b.valise reports
	run --separate-stderr v alice doctor
	[ "$status" -eq 9 ]
	says "tlp/rot"
}

@test "special categories: one rule for all labels that begin so" {
	rule alice '"pdcat/art9-*": 2'
	ok_json alice pack --dry-run --to bob --label TLP:GREEN --label PD:NONE reports
	holds '.approvals == 1'
	run --separate-stderr v alice --json pack --dry-run --to bob --label TLP:GREEN --label PD:PSEUDONYMISED \
		--label PDCAT:HEALTH reports
	holds '.approvals == 2'
}

@test "names: -o gives the final one" {
	fails 2 usage alice pack --to bob "${AMBER[@]}" -o b.tar reports
	fails 2 usage alice pack --to bob "${AMBER[@]}" -o b.valise-pending reports
	fails 2 usage alice pack --to bob "${LABELS[@]}" -o b.valise-pending reports
	touch b.valise
	fails 7 exists alice pack --to bob "${AMBER[@]}" -o b.valise reports
	mv b.valise b.valise-pending
	fails 7 exists alice pack --to bob "${AMBER[@]}" -o b.valise reports
	rm b.valise-pending
	mkdir b.approve
	touch b.approve/notes
	fails 7 exists alice pack --to bob "${AMBER[@]}" -o b.valise reports
	# what a pack that was killed left goes
	mv b.approve/notes "b.approve/$(fpr_of ann).pgp"
	pending b
	[ "$(ls b.approve | wc -l)" -eq 2 ]
	touch b.valise
	fails 7 exists ann approve --yes b.valise-pending
	mkdir out
	ok alice pack --to bob "${AMBER[@]}" -o out/ reports
	[[ $output == */out/*.valise-pending ]]
}

@test "the default name, in the folder where one stands" {
	ok alice pack --to bob "${AMBER[@]}" reports
	[[ $output =~ ^$T/work/[0-9]{8}-bob-0001-[0-9a-f]{8}\.valise-pending$ ]]
}

@test "one at a time: who approves keeps others out" {
	pending b
	exec 8<b.valise-pending
	flock 8
	fails 7 busy ann approve --yes b.valise-pending
	exec 8<&-
	ok ann approve --yes b.valise-pending
}

@test "a journal that is not whole, or of another file, is thrown away by whoever approves" {
	pending b
	echo "valise-journal 1" >b.valise-pending.journal
	fails 3 approvals carol verify b.valise-pending
	fails 3 approvals bob list b.valise-pending
	head -c 5000 /dev/urandom >b.valise-pending.journal
	ok ann approve --yes b.valise-pending
	[ "$(ls)" = $'b.valise\nreports' ]
}

@test "signed by all, and the name did not come: once more gives it, by whoever" {
	pending b
	cp b.valise-pending keep
	ok ann approve --yes b.valise-pending
	mv b.valise b.valise-pending
	ok_json carol verify b.valise-pending
	holds '.bundles[0].notices | any(contains("no final name yet"))'
	ok_json alice approve --yes b.valise-pending
	holds '.complete'
	[ -e b.valise ]
}

@test "an approver's own rule asks for more than the packer's: it is to be packed anew, and nobody is skipped" {
	rule ann "tlp/amber: 3"
	pending b
	fails 3 approvals ann approve --yes b.valise-pending
	holds '(.error.message | contains("demands 3 people")) and (.error.hint | contains("pack anew with 3"))'
	ok_json ann ledger list
	holds '.entries | last | .event == "refused" and .code == "approvals"'
	ok_json abe approve --yes b.valise-pending
	holds '.complete and .["approvals-counted"] == 2'
	# its registry's number for the packer is no other
	v abe --quiet partner set alice --approvals 3
	pending c
	fails 3 approvals abe approve --yes c.valise-pending
	rule alice "tlp/amber: 3"
	pending d
	ok_json ann approve --yes d.valise-pending
	holds '.complete == false and .["approvals-demanded"] == 3'
	ok_json abe approve --yes d.valise-pending
	holds '.complete and .["approvals-counted"] == 3'
}

@test "signed by enough without us, and without a name: who was asked looks and signs, who was not gives the name" {
	local who
	pending b
	for who in ann alice; do cp b.valise-pending "$who.valise-pending" && cp -r b.approve "$who.approve"; done
	ok abe approve --yes b.valise-pending
	for who in ann alice; do cp b.valise "$who.valise-pending"; done
	ok_json ann approve --yes ann.valise-pending
	holds '.complete and .["approvals-counted"] == 3 and (.entries | length > 0)'
	ok_json alice approve --yes alice.valise-pending
	holds '.complete and .["approvals-counted"] == 2 and .entries == null'
	[ "$(ls)" = $'alice.valise\nann.valise\nb.valise\nreports' ]
}

@test "the reader demands the greatest: its registry's number for the sender" {
	v bob --quiet partner set alice --approvals 2
	v carol --quiet partner set alice --approvals 2
	v alice --quiet pack --to bob "${LABELS[@]}" -o one.valise reports
	fails 3 approvals carol verify one.valise
	holds '.bundles[0].verdict == "bad"'
	fails 3 approvals bob unpack one.valise
	pending b
	ok ann approve --yes b.valise-pending
	ok carol verify b.valise
	ok bob unpack b.valise
}

@test "the reader demands the greatest: its own rule by label, for list and unpack" {
	v alice --quiet pack --to bob "${LABELS[@]}" -o one.valise reports
	rule bob "tlp/green: 2"
	ok bob verify one.valise # its labels are not told outside
	fails 3 approvals bob list one.valise
	fails 3 approvals bob unpack one.valise
	fails 3 approvals bob unpack one.valise reports/2026-w47
	pending b
	ok ann approve --yes b.valise-pending
	ok bob list b.valise
	ok bob unpack b.valise
	rule bob "tlp/green: 3"
	fails 3 approvals bob list b.valise
}

@test "at the reader a colleague's key of another organisation, or of the same person, does not count" {
	pending b
	ok ann approve --yes b.valise-pending
	v carol --quiet partner set ann --person "alice ardent"
	fails 3 approvals carol verify b.valise
	holds '.bundles[0]["approvals-counted"] == 1 and .bundles[0].verdict == "bad"'
	v carol --quiet partner set ann --person "Ann Able" --role send
	fails 3 approvals carol verify b.valise
	v carol --quiet partner remove --yes ann
	fails 3 approvals carol verify b.valise
	holds '[.bundles[0].signers[].standing] | sort == ["counts", "unknown"]'
	# a card of Ann's that claims another organisation
	sed 's/^organisation: .*/organisation: "Agency B"/' "$(card_of ann)" >"$T/ann.card"
	v carol --quiet partner add "$T/ann.card" --as ann --fingerprint "$(fpr_of ann)" --role approve
	fails 3 approvals carol verify b.valise
	holds '[.bundles[0].signers[].standing] | sort == ["counts", "foreign"]'
	v carol --quiet partner set ann --role send
	run --separate-stderr v carol --json verify b.valise
	holds '[.bundles[0].signers[].standing] | sort == ["counts", "role"]'
}

@test "a bundle that nobody approved is ended by voiding it" {
	pending b
	local id
	ok_json alice ledger list
	id=$(jq -r '.entries[0].bundle' <<<"$output")
	ok alice ledger void "$id" --reason "not approved"
	ok_json alice ledger list
	holds '[.entries[].event] == ["pending", "void"]'
	# its number is told as void by the next
	mkdir other && echo other >other/file
	ok alice pack --to bob "${LABELS[@]}" -o c.valise other
	ok_json bob list c.valise
	holds '.sequence == 2 and ."missing-before" == 0'
}

@test "scan: what waits for a signature is told as that" {
	mkdir stick
	pending stick/b
	captured v carol --json scan stick
	[ "$status" -eq 0 ]
	holds '.bundles[0] | .state == "pending" and .["approvals-demanded"] == 2 and .["approvals-counted"] == 1
		and .volumes[0].error == null and (.volumes[0].note | contains("1 of 2"))'
	ok carol scan stick
	says "pending"
	# under a final name it is one that lacks a signature
	cp stick/b.valise-pending stick/c.valise && rm -r stick/b.*
	captured v carol --json scan stick
	[ "$status" -eq 10 ]
	holds '.bundles[0] | .state == "refused" and .volumes[0].error.code == "approvals"'
}

@test "what others must sign is one file until they have" {
	fails 2 usage alice pack --to bob "${AMBER[@]}" --volume-size 2M -o b.valise reports
	says "valise copy --volume-size"
	ok alice pack --to bob "${AMBER[@]}" --volume-size none -o b.valise reports
	[ -e b.valise-pending ]
}
