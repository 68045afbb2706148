#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The rules of valise-labels(5), of labels and of those who may have them, as sender and receiver hold them.

load helper
load policy

setup() {
	load_helper_setup
	home alice bob dora
	mkdir a
	echo one >a/one.txt
	echo two >a/two.txt
}

@test "ceiling: of every recipient, and of the sender itself" {
	refused ceiling --to bob --label TLP:AMBER+STRICT --label PD:NONE a
	says "bob may hold TLP:AMBER at most, and a/one.txt is TLP:AMBER+STRICT"
	says "raise the ceiling of bob (valise partner set bob --ceiling"
	entry alice dora ceilings '["tlp/green"]'
	refused ceiling --to bob,dora --label TLP:AMBER --label PD:NONE a
	says "dora may hold TLP:GREEN at most, and a/one.txt is TLP:AMBER"
	refused ceiling --to dora,bob --label TLP:AMBER --label PD:NONE a
	says "dora may hold"
	station alice ceilings '["pd/none", "tlp/green"]'
	refused ceiling --to bob --label TLP:AMBER --label PD:NONE a
	says "this station may hold TLP:GREEN at most, and a/one.txt is TLP:AMBER"
	says "station.yaml"
	ok alice pack --to bob,dora --label TLP:GREEN --label PD:NONE -o a.valise a
}

@test "ceiling: who has none may hold what has rank 0; it is the file above it that is named" {
	ok alice pack --to dora --label TLP:CLEAR --label PD:NONE --label PAP:RED --dry-run a
	labels a <<-END
		default: {labels: ["TLP:CLEAR", "PD:NONE"]}
		rules: [{match: "two.txt", labels: ["TLP:AMBER"]}]
	END
	refused ceiling --to dora a
	says "dora has no ceiling for"
	says "(tlp) and may not hold TLP:AMBER, which is on a/two.txt"
	labels a <<<'default: {labels: ["TLP:CLEAR", "PD:ANONYMISED"]}'
	refused ceiling --to dora a
	says "may not hold PD:ANONYMISED"
	# of its files none is above, together they are: the mark of each scheme for itself
	labels a <<-END
		default: {labels: ["TLP:CLEAR", "PD:ANONYMISED"]}
		rules: [{match: "two.txt", labels: ["TLP:AMBER", "PD:NONE"]}]
	END
	ok alice pack --to bob -o a.valise a
	ok_json bob list a.valise
	holds '.marks == ["pd/anonymised", "tlp/amber"]'
}

@test "ceiling: of the receiving station, as it is when it unpacks" {
	ok alice pack --to bob --label TLP:AMBER --label PD:ANONYMISED -o a.valise a
	station bob ceilings '["pd/personal", "tlp/green"]'
	turned_away ceiling a.valise
	says "this station may hold TLP:GREEN at most, and a/one.txt is TLP:AMBER"
	says "ask the sender to leave out"
	station bob ceilings '["tlp/amber"]'
	turned_away ceiling a.valise
	says "(pd) and may not hold PD:ANONYMISED"
	station bob ceilings '["pd/anonymised", "tlp/amber"]'
	ok bob unpack -o out a.valise
}

@test "ceiling: what is no ceiling" {
	fails 5 label alice partner add "$CAST/alice.card" --as self --fingerprint "$(fpr alice)" --ceiling PAP:RED
	says "has no ceilings"
	fails 5 label alice partner add "$CAST/alice.card" --as self --fingerprint "$(fpr alice)" --ceiling TLP:RED \
		--ceiling TLP:GREEN
	says "two ceilings for"
	station alice ceilings '["tlp/blue"]'
	fails 5 label alice pack --to bob "${GREEN[@]}" a
	says "tlp/blue"
}

@test "audience: TLP:RED goes to persons, at both ends" {
	local kind
	high alice bob
	entry alice bob ceilings '["pd/personal", "tlp/red"]'
	for kind in organisation role station; do
		entry alice bob kind "\"$kind\""
		refused recipient --to bob --label TLP:RED --label PD:NONE a
		says "TLP:RED is for recipients of kind person only, and bob is of kind $kind (a/one.txt)"
		says "name a partner of kind person after --to"
	done
	ok alice pack --to bob --label TLP:AMBER --label PD:NONE --dry-run a
	entry alice bob kind '"person"'
	entry alice dora ceilings '["tlp/red"]'
	entry alice dora kind '"role"'
	refused recipient --to bob,dora --label TLP:RED --label PD:NONE a
	says "dora is of kind role"
	# the sender is the source: of what kind he is does not matter
	station alice kind '"station"'
	ok alice pack --to bob --label TLP:RED --label PD:NONE -o a.valise a
	station bob kind '"station"'
	turned_away recipient a.valise
	says "this station is of kind station"
	says '`kind` in station.yaml'
	station bob kind '"person"'
	ok bob unpack -o out a.valise
}

@test "audience: TLP:AMBER+STRICT is for one organisation, byte for byte" {
	local strict=(--label TLP:AMBER+STRICT --label PD:NONE) other
	entry alice bob ceilings '["tlp/amber-strict"]'
	entry alice dora ceilings '["tlp/amber-strict"]'
	for other in "Agency D" "agency B" "AgencyB" "Agency B."; do
		entry alice dora organisation "\"$other\""
		refused recipient --to bob,dora "${strict[@]}" a
		says "TLP:AMBER+STRICT is for one organisation, and dora ($other) is of another than bob (Agency B): a/one.txt"
		says "make a bundle for each organisation"
	done
	ok alice pack --to bob,dora --label TLP:AMBER --label PD:NONE --dry-run a
	entry alice dora organisation '"Agency B"'
	ok alice pack --to dora "${strict[@]}" --dry-run a
	ok alice pack --to bob,dora "${strict[@]}" -o a.valise a
}

@test "audience: TLP:GREEN stays within a community that all share with the sender" {
	entry alice dora ceilings '["tlp/green"]'
	entry alice bob communities '[]'
	refused recipient --to bob "${GREEN[@]}" a
	says "TLP:GREEN stays within a community, and bob shares none with this station (a/one.txt)"
	says '`communities` in station.yaml'
	refused recipient --to dora,bob "${GREEN[@]}" a
	says "bob"
	entry alice bob communities '["first-b"]'
	refused recipient --to bob "${GREEN[@]}" a
	# each shares one, all of them none
	station alice communities '["first", "second"]'
	entry alice bob communities '["second"]'
	ok alice pack --to bob "${GREEN[@]}" --dry-run a
	ok alice pack --to dora "${GREEN[@]}" --dry-run a
	refused recipient --to bob,dora "${GREEN[@]}" a
	says "no community holds dora and the recipients before it (a/one.txt)"
	# they share one with each other that is not the sender's
	entry alice bob communities '["second", "third"]'
	entry alice dora communities '["first", "third"]'
	refused recipient --to bob,dora "${GREEN[@]}" a
	entry alice dora communities '["second"]'
	ok alice pack --to bob,dora "${GREEN[@]}" -o a.valise a
	station alice communities '[]'
	refused recipient --to bob "${GREEN[@]}" a
	# who receives knows of no community of the others
	station bob communities '[]'
	ok bob unpack -o out a.valise
}

@test "audience: judged for each label, also below the mark" {
	entry alice bob communities '[]'
	labels a <<-END
		default: {labels: ["TLP:AMBER", "PD:NONE"]}
		rules: [{match: "two.txt", labels: ["TLP:GREEN"]}]
	END
	refused recipient --to bob a
	says "TLP:GREEN stays within a community, and bob shares none with this station (a/two.txt)"
	labels a <<<'default: {labels: ["TLP:AMBER", "PD:NONE"]}'
	ok alice pack --to bob -o a.valise a
}

@test "labelled: one of each required scheme, one of an exclusive one, and what it brings with it" {
	refused unlabelled --to bob --label TLP:GREEN a
	says "a/one.txt: carries no label of"
	says "(pd)"
	refused unlabelled --to bob a
	says "(tlp)"
	says "add --label"
	refused label --to bob "${GREEN[@]}" --label PAP:RED --label PAP:GREEN a
	says "PAP:GREEN"
	refused label --to bob "${GREEN[@]}" --label PDCAT:HEALTH a
	says "a/one.txt: carries PDCAT:HEALTH, and so must carry PD:PSEUDONYMISED or a higher one"
	says "add --label PD:PSEUDONYMISED"
}

@test "releasable: in the set, not in it, in none" {
	labels a <<<'default: {labels: ["TLP:GREEN", "PD:NONE"], releasable-to: ["BE", "US"]}'
	entry alice dora ceilings '["tlp/green"]'
	refused release --to bob,dora a
	says "nobody said what jurisdiction dora is of, and the files may go to BE, US only"
	says '`jurisdiction` stands in its entry of the registry'
	entry alice dora jurisdiction '"NL"'
	refused release --to bob,dora a
	says "dora is of NL, and the files may go to BE, US only"
	ok_json alice pack --to bob -o a.valise a
	station bob jurisdiction '"CA"'
	turned_away release a.valise
	says "this station is of CA, and the files may go to BE, US only"
	says '`jurisdiction` in station.yaml'
	station bob jurisdiction '""'
	turned_away release a.valise
	says "nobody said what jurisdiction this station is of"
	station bob jurisdiction '"US"'
	ok bob unpack -o out a.valise
}

@test "releasable: EU is not short for its members" {
	labels a <<<'default: {labels: ["TLP:GREEN", "PD:NONE"], releasable-to: ["EU"]}'
	entry alice bob jurisdiction '"BE"'
	refused release --to bob a
	says "bob is of BE, and the files may go to EU only"
	entry alice bob jurisdiction '"EU"'
	ok alice pack --to bob --dry-run a
}

@test "releasable: silence is not all; nothing in common is nobody" {
	labels a <<-END
		default: {labels: ["TLP:GREEN", "PD:NONE"]}
		rules: [{match: "two.txt", releasable-to: ["US"]}]
	END
	refused release --to bob a
	says "a/one.txt: does not say to whom it may be released, and a/two.txt does"
	says "say it for every file"
	labels a <<-END
		default: {labels: ["TLP:GREEN", "PD:NONE"], releasable-to: ["BE", "NL"]}
		rules: [{match: "two.txt", releasable-to: ["US"]}]
	END
	refused release --to bob a
	says "may be released to nobody to whom all the other files may"
	says "pack it apart"
	labels a <<-END
		default: {labels: ["TLP:GREEN", "PD:NONE"], releasable-to: ["BE", "US"]}
		rules: [{match: "two.txt", releasable-to: ["CA", "US"]}]
	END
	ok alice pack --to bob -o a.valise a
	entry alice bob jurisdiction '"BE"'
	refused release --to bob a
	says "may go to US only"
}

@test "label expiry: past, before the bundle's end, and just behind it" {
	local soon
	soon=$(date -u -d '+10 days -1 hour' +%Y-%m-%dT%H:%M:%SZ)
	labels a <<<'default: {labels: ["TLP:GREEN", "PD:NONE"], expires: "2026-01-01T00:00:00Z"}'
	refused expired --to bob a
	says "a/one.txt: its labels were good until 2026-01-01T00:00:00Z"
	says '`expires` in the label file'
	labels a <<-END
		default: {labels: ["TLP:GREEN", "PD:NONE"]}
		rules: [{match: "two.txt", expires: "$soon"}]
	END
	refused expired --to bob a
	says "a/two.txt: its labels are good until $soon, and the bundle would be until"
	says "--expires 9d"
	refused expired --to bob --expires 11d a
	ok alice pack --to bob --expires 9d -o a.valise a
	ok bob unpack -o out a.valise
}

@test "label expiry: an override of the bundle's end is none of the label's" {
	need faketime
	local soon
	soon=$(date -u -d '+10 days -1 hour' +%Y-%m-%dT%H:%M:%SZ)
	labels a <<<"default: {labels: [\"TLP:GREEN\", \"PD:NONE\"], expires: \"$soon\"}"
	ok alice pack --to bob --expires 1d -o a.valise a
	PRELUDE=("$ROOT/tests/lab/at" +5d)
	fails 5 expired bob unpack -o out a.valise
	PRELUDE=("$ROOT/tests/lab/at" +12d)
	fails 5 expired bob unpack -o out --override expired --reason "the stick came late" a.valise
	says "its labels were good until $soon"
	says "for a new bundle"
	[ ! -e out ]
	PRELUDE=("$ROOT/tests/lab/at" +5d)
	ok bob unpack -o out --override expired --reason "the stick came late" a.valise
}
