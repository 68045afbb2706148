# SPDX-License-Identifier: Apache-2.0
# What the tests of approvals share.

# Beside the cast: ann and abe of Agency A, who know alice and one another; alice2, another key of alice; all may approve. Made
# once: these stations' registries are long to write.
setup_file() {
	export READY=$BATS_FILE_TMPDIR
	make_cast
	local T=$READY who
	cp -a "$CAST/alice" "$CAST/bob" "$CAST/carol" "$T"
	for who in "ann:Ann Able" "abe:Abe Apt" "alice2:ALICE Ardent"; do
		v "${who%%:*}" --quiet init --name "${who#*:}" --organisation "Agency A" --jurisdiction NL --no-passphrase \
			--community first --ceiling TLP:RED --ceiling PD:PERSONAL
		v "${who%%:*}" --quiet card -o "$T/${who%%:*}.card"
	done
	for who in ann abe; do
		know alice "$who" --role approve --ceiling TLP:RED --ceiling PD:PERSONAL
		know bob "$who" --role approve
		know carol "$who" --role approve
		know "$who" alice --role send
		know "$who" bob --role receive
	done
	know ann abe --role approve
	know abe ann --role approve
	rule alice "tlp/amber: 2"
}

setup() {
	load_helper_setup
	local who
	for who in alice bob carol ann abe alice2; do cp -a "$READY/$who" "$T/$who"; done
	reports
}

card_of() {
	[ -e "$READY/$1.card" ] && echo "$READY/$1.card" || echo "$CAST/$1.card"
}

fpr_of() {
	sed -n 's/^fingerprint: "\(.*\)"/\1/p' "$(card_of "$1")"
}

know() { # WHO WHOM OPTION…
	local who=$1 whom=$2
	shift 2
	v "$who" --quiet partner add "$(card_of "$whom")" --as "$whom" --fingerprint "$(fpr_of "$whom")" "$@"
}

rule() { # WHO RULES
	sed -i "s|^approvals: .*|approvals: {$2}|" "$T/$1/station.yaml"
	grep -qF "approvals: {$2}" "$T/$1/station.yaml"
}

AMBER=(--label TLP:AMBER --label PD:NONE)

pending() { # NAME OPTION…
	local name=$1
	shift
	v alice --quiet pack --to bob "${AMBER[@]}" "$@" -o "$name.valise" reports
}
