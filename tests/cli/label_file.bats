#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Label files: where they are looked for, what they decide, and what is said where they are wrong.

load helper

setup() {
	load_helper_setup
	home alice
	mkdir -p a/raw b
	echo one >a/one.txt
	echo '{}' >a/raw/two.json
	echo three >b/three.txt
}

# labels FOLDER: its label file from standard input, behind the first line.
labels() {
	{ echo "valise-labels: 1"; cat; } >"$1/.valise-labels.yaml"
}

# carries BUNDLE PATH WORDS: what an entry carries, "label origin, …".
carries() {
	ok_json bob list "$1"
	holds --arg path "$2" --arg want "$3" \
		'[.entries[] | select(.path == $path).labels[] | .label + " " + .origin] | sort | join(", ") == $want'
}

@test "each file gets what the last rule says, and the label file stays behind" {
	home bob
	labels a <<-END
		purpose: "incident 17"
		default: {labels: ["TLP:GREEN", "PD:NONE"]}
		rules:
		  - {match: "*.json", labels: ["TLP:CLEAR"]}
		  - {match: "raw/", labels: ["TLP:AMBER"]}
	END
	ok_json alice pack --to bob -o a.valise a
	holds '.marks == ["pd/none", "tlp/amber"] and .purpose == "incident 17" and .files == 2 and .notices == []'
	carries a.valise a/one.txt "pd/none label-file, tlp/green label-file"
	carries a.valise a/raw/two.json "pd/none label-file, tlp/amber label-file"
	ok bob unpack -o out a.valise
	diff -r --exclude=.valise-labels.yaml a out/a
	[ ! -e out/a/.valise-labels.yaml ]
}

@test "each folder has its own; --label supplies and raises, and lowers nothing" {
	home bob
	labels a <<<'default: {labels: ["TLP:CLEAR", "PD:NONE", "PAP:AMBER"]}'
	ok alice pack --to bob --label TLP:GREEN --label PD:NONE --label PAP:GREEN -o a.valise a b
	says "--label PAP:GREEN lowers nothing"
	says "2 files (the first is a/one.txt)"
	carries a.valise a/one.txt "pap/amber label-file, pd/none label-file, tlp/green option"
	carries a.valise b/three.txt "pap/green option, pd/none option, tlp/green option"
}

@test "--label-file takes the place of all, relative to each PATH" {
	home bob
	labels a <<<'default: {labels: ["TLP:RED", "PD:PERSONAL"]}'
	labels b <<-END
		default: {labels: ["TLP:AMBER", "PD:NONE"]}
		rules:
		  - {match: "one.txt", labels: ["TLP:GREEN"]}
		  - {match: "three.txt", labels: ["TLP:CLEAR"]}
	END
	mv b/.valise-labels.yaml given.yaml
	ok alice pack --to bob --label-file given.yaml -o a.valise a b
	says "a/.valise-labels.yaml is not used"
	carries a.valise a/one.txt "pd/none label-file, tlp/green label-file"
	carries a.valise b/three.txt "pd/none label-file, tlp/clear label-file"
	ok alice pack --to bob --label-file given.yaml -o b.valise b/three.txt
	carries b.valise three.txt "pd/none label-file, tlp/clear label-file"
	fails 7 io alice pack --to bob --label-file nothing.yaml a
	fails 7 io alice pack --to bob --label-file b a
	fails 7 io alice pack --to bob --label-file /dev/null a
	: >empty.yaml
	fails 9 label-file alice pack --to bob --label-file empty.yaml a
}

@test "rules that match nothing are told" {
	labels a <<-END
		default: {labels: ["TLP:GREEN", "PD:NONE"]}
		rules:
		  - match: "*.cvs"
		    labels: ["TLP:CLEAR"]
	END
	ok alice pack --to bob -o a.valise a
	says 'a/.valise-labels.yaml: line 4: "*.cvs" matched no file'
}

@test "what is not named stays unlabelled: there is no default but a written one" {
	labels a <<<'rules: [{match: "*.txt", labels: ["TLP:GREEN", "PD:NONE"]}]'
	fails 5 unlabelled alice pack --to bob a
	says "a/raw/two.json"
	labels a <<<''
	fails 5 unlabelled alice pack --to bob a
}

@test "ceilings hold for what a rule gives one file" {
	labels a <<-END
		default: {labels: ["TLP:CLEAR", "PD:NONE"]}
		rules: [{match: "raw/two.json", labels: ["TLP:RED"]}]
	END
	fails 5 ceiling alice pack --to bob a
	says "TLP:RED"
}

@test "a nested one, one that is no file, one given as PATH" {
	labels a <<<'default: {labels: ["TLP:GREEN", "PD:NONE"]}'
	labels a/raw <<<'default: {labels: ["TLP:CLEAR"]}'
	fails 5 content alice pack --to bob a
	says "a/raw/.valise-labels.yaml"
	says "with raw/ in front"
	rm a/raw/.valise-labels.yaml
	fails 2 usage alice pack --to bob a/.valise-labels.yaml
	says "--label-file"
	mv a/.valise-labels.yaml real.yaml
	ln -s ../real.yaml a/.valise-labels.yaml
	fails 5 content alice pack --to bob a
	rm a/.valise-labels.yaml
	mkdir a/.valise-labels.yaml
	fails 5 content alice pack --to bob a
	rmdir a/.valise-labels.yaml
	mkfifo a/.valise-labels.yaml
	fails 5 content alice pack --to bob a
}

# wrong STATUS CODE TEXT WORDS…: a label file with this text is refused, and WORDS are said.
wrong() {
	local status_wanted=$1 code=$2 word
	labels a <<<"$3"
	fails "$status_wanted" "$code" alice pack --to bob a
	says "a/.valise-labels.yaml: line 2"
	shift 3
	for word in "$@"; do
		says "$word"
	done
}

@test "bad label files are refused with file, line, column, and what to write" {
	wrong 9 label-file 'labels: ["TLP:RED"]' "column 1" 'unknown key "labels"' "rules"
	wrong 9 label-file 'rules: [{match: "*", lables: ["TLP:RED"]}]' "column 22" "not-inspected"
	wrong 9 label-file 'default: {labels: "TLP:RED"}' "column 19" "must be a list"
	wrong 9 label-file 'rules: [{match: "../*", labels: ["TLP:RED"]}]' "column 17" "leaves the folder"
	wrong 9 label-file 'rules: [{match: "/etc/*", labels: ["TLP:RED"]}]' "leaves the folder"
	wrong 9 label-file 'default: &a {labels: [*a]}' "anchors"
	wrong 9 label-file 'default: {labels: [*a]}' "aliases"
	wrong 5 label 'default: {labels: ["TLP:BLUE"]}' "column 20" "TLP:GREEN"
	wrong 5 label 'default: {labels: ["tlp:red"]}' "column 20" "write TLP:RED"
	wrong 5 label 'default: {labels: ["TLP: RED"]}' "column 20" "write TLP:RED"
	wrong 5 label 'default: {labels: ["TLP:ROJO"]}' "column 20" "TLP:RED"
	wrong 5 label 'default: {labels: ["tlp:ex:chr"]}' "column 20" "TLP:CLEAR"
	wrong 5 label 'default: {labels: ["TLP:RED", "TLP:AMBER"]}' "column 31" "keep one of them"
	wrong 9 label-file 'handling: "holds TLP:RED"' "column 11" "take the label out"
	wrong 9 label-file 'default: {record: "r1"}' "column 19" "records"
}

@test "100,000 rules are refused quickly; 10,000 are taken" {
	{ echo "rules:"; seq -f '- {match: "f%.0f", labels: ["TLP:RED"]}' 90000; } | labels a
	fails 9 label-file alice pack --to bob a
	says "more than 10000 rules"
	says "line 10003"
	{ echo 'default: {labels: ["TLP:GREEN", "PD:NONE"]}'; echo "rules:"
		seq -f '- {match: "f%.0f", labels: ["TLP:RED"]}' 10000; } | labels a
	ok alice pack --to bob -o a.valise a
	says "and 9980 more rules matched no file"
}

@test "handling is for the courier, outside of the encryption" {
	home bob
	labels a <<-END
		handling: "Two persons, at any time."
		default: {labels: ["TLP:GREEN", "PD:NONE"]}
	END
	ok alice pack --to bob -o a.valise a
	tar xOf a.valise waybill.yaml | grep -q '^handling: "Two persons, at any time."$'
	ok_json bob verify a.valise
	holds '.bundles[0].handling == "Two persons, at any time."'
	ok bob unpack -o out a.valise
}

@test "the templates label what they are for" {
	mkdir case
	cp "$ROOT/manifests/templates/incident.yaml" case/.valise-labels.yaml
	mkdir case/indicators case/raw
	echo x | tee case/indicators/a.csv case/summary.md case/report.md >case/raw/log
	fails 5 ceiling alice pack --to bob case
	says "TLP:AMBER+STRICT"
	sed -i 's/AMBER+STRICT/AMBER/' case/.valise-labels.yaml
	ok_json alice pack --to bob --dry-run case
	holds '.marks == ["pap/red", "pd/none", "tlp/amber"] and .purpose == "incident report" and .notices == []'
	holds '[.entries[] | select(.path == "case/summary.md").labels[].label] | sort == ["pap/clear", "pd/none", "tlp/clear"]'
	mkdir -p people/cases
	echo x | tee people/cases/1 >people/readme
	cp "$ROOT/manifests/templates/personal.yaml" people/.valise-labels.yaml
	fails 5 ceiling alice pack --to bob people
	says "TLP:AMBER+STRICT"
}
