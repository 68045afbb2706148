#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# scheme: what schemes there are, what they say, checking files, taking in taxonomies.

load helper

setup() {
	load_helper_setup
	home alice
	taxonomies=$(dirname "$ROOT")/shared/data/misp-taxonomies
}

scheme() {
	cat >"$1" <<-'END'
		valise-scheme: 1
		id: "levels"
		version: "1"
		title: "Levels of this house"
		exclusive: true
		required: false
		ceiling: true
		combine: "max"
		labels:
		  - id: "open"
		    rank: 0
		    text: "OPEN"
		  - id: "closed"
		    rank: 10
		    text: "CLOSED"
	END
}

taxonomy() {
	cat >"$1" <<-'END'
		{"namespace": "house", "description": "Rooms", "version": 4, "predicates": [{"value": "attic", "colour": "#FFC000"},
		 {"value": "cellar+stairs", "description": "below"}]}
	END
}

@test "list: shipped schemes, also without a station; those for classified information are disabled" {
	ok - scheme list
	says "Traffic Light Protocol"
	ok_json alice scheme list
	holds '[.schemes[] | select(.state == "enabled") | .id] | contains(["pap", "pd", "tlp"])'
	holds '[.schemes[] | select(.state == "disabled") | .id] | contains(["eu", "nato", "us", "uk"])'
	holds '.schemes[] | select(.id == "tlp") | .required and .exclusive and .shipped and (.semantics | length == 64)'
	fails 9 no-station ghost scheme list
}

@test "show: labels with rank, colour and rule; colours only where they are wanted" {
	ok alice scheme show tlp
	says "TLP:AMBER+STRICT"
	says "only to a person"
	[[ $output != *$'\e['* ]] || fail "colours without a terminal"
	ok alice --color always scheme show tlp
	[[ $output == *$'\e[1;38;5;196;48;5;16mTLP:RED'* ]] || fail "no red on black"
	ok_json alice scheme show tlp
	holds '.scheme.labels[] | select(.id == "tlp/red") | .rank == 40 and .colour == "#FF2B2B" and .background == "#000000"
		and ."recipient-kinds" == ["person"] and (.tags | contains(["tlp:red"]))'
	fails 9 scheme alice scheme show tpl
	says "there are "
}

@test "a disabled scheme is enabled by the paper that station.yaml names" {
	fails 5 label alice pack --to bob "${LABELS[@]}" --label eu/r-ue -o x.valise "$ROOT/tests/data/reports"
	sed -i 's/^accreditations: .*/accreditations: {"eu": "No. 12"}/' "$T/alice/station.yaml"
	ok_json alice scheme list
	holds '.schemes[] | select(.id == "eu") | .state == "accredited" and .accreditation == "No. 12"'
	ok alice scheme show eu
	says "No. 12"
}

@test "check: good files, and bad ones with line and column" {
	scheme levels.yaml
	ok - scheme check levels.yaml
	says "levels.yaml: good: scheme levels, version 1, 2 labels"
	sed 's/rank: 10/rank: 0/' levels.yaml >bad.yaml
	fails 9 scheme - scheme check levels.yaml bad.yaml
	says "bad.yaml: line 14, column"
	printf 'valise-scheme: 2\n' >new.yaml
	fails 8 version - scheme check new.yaml
	fails 7 io - scheme check missing.yaml
}

@test "a scheme file in the home takes part; a broken one names itself" {
	mkdir -p "$T/alice/schemes"
	scheme "$T/alice/schemes/levels.yaml"
	ok_json alice scheme list
	holds '.schemes[] | select(.id == "levels") | .shipped | not'
	echo "colour: 1" >>"$T/alice/schemes/levels.yaml"
	fails 9 scheme alice scheme list
	says "schemes/levels.yaml: line 16, column 1"
}

@test "import: asks for the order; an overlay gives it" {
	taxonomy machinetag.json
	fails 2 usage alice scheme import machinetag.json
	says "which of the 2 labels of house is higher"
	ok alice scheme import --overlay -o ranks.yaml machinetag.json
	fails 9 scheme alice scheme import --ranks ranks.yaml machinetag.json
	says "ranks.yaml: line"
	sed -i -e 's/"house:attic":/& 10/' -e 's/"house:cellar+stairs":/& 0/' ranks.yaml
	ok alice scheme import --ranks ranks.yaml machinetag.json
	[ "$output" = "$T/alice/schemes/house.yaml" ]
	ok_json alice scheme show house
	holds '[.scheme.labels[] | [.id, .rank]] == [["house/attic", 10], ["house/cellar-stairs", 0]]'
	fails 7 exists alice scheme import --ranks ranks.yaml machinetag.json
	ok alice scheme import --as-set --as rooms machinetag.json
	ok_json alice scheme show rooms
	holds '.scheme.combine == "union" and (.scheme.labels | length) == 2'
}

@test "import: what is no taxonomy is refused with line and column" {
	printf '{"namespace": "x",\n "predicates": [}' >bad.json
	fails 8 document - scheme import --as-set -o x.yaml bad.json
	says "bad.json: line 2, column"
	printf '{"namespace": "x", "namespace": "y"}' >twice.json
	fails 8 document - scheme import --as-set -o x.yaml twice.json
	head -c 5000 /dev/zero | tr '\0' '[' >deep.json
	fails 8 document - scheme import --as-set -o x.yaml deep.json
	fails 2 usage - scheme import --as-set --overlay -o x.yaml bad.json
	taxonomy good.json
	fails 7 exists alice scheme import --as-set --as tlp good.json
}

@test "import: every MISP taxonomy that is beside the project loads as a set" {
	[ -d "$taxonomies" ] || skip "no taxonomies beside the project"
	local file count=0
	for file in "$taxonomies"/*/machinetag.json; do
		ok - scheme import --as-set --as "t$count" -o "t$count.yaml" "$file"
		ok - scheme check "t$count.yaml"
		count=$((count + 1))
	done
	[ "$count" -eq 34 ]
	ok_json - scheme import --as-set -o tlp.yaml "$taxonomies/tlp/machinetag.json"
	holds '.labels == 8'
}
