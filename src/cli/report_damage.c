/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report_damage.h"

#include "cli/show.h"

static const char *outlook(const struct parity_survey *survey)
{
	if (survey->whole)
		return "nothing to mend";
	return survey->possible ? "can be mended" : "more is lost than the parity can give back";
}

static void report_lengths(const struct screen *screen, const struct mending_facts *facts)
{
	if (facts->found_bytes != facts->shape.file_bytes)
		report_rowf(screen, "length", "%s, where it was %s", show_bytes(facts->found_bytes).text,
					show_bytes(facts->shape.file_bytes).text);
}

void report_damage(const struct screen *screen, const struct parity_survey *survey)
{
	const struct mending_facts *facts = &survey->facts;
	report_row(screen, "repair", outlook(survey));
	report_lengths(screen, facts);
	if (facts->bad_slices > 0)
		report_rowf(screen, "not in place", "%s of %s, the first at %s", show_bytes(facts->bad_bytes).text,
					show_bytes(facts->shape.file_bytes).text, show_count(facts->first_bad).text);
	if (facts->moved > 0)
		report_rowf(screen, "moved", "%s of %u bytes, found elsewhere in the file",
					show_number_of(facts->moved, "slice").text, facts->shape.slice_bytes);
	if (facts->lost > 0)
		report_rowf(screen, "lost", "%s of %s", show_count(facts->lost).text,
					show_number_of(facts->shape.data_slices, "slice").text);
	if (facts->hopeless > 0)
		report_rowf(screen, "beyond repair", "%s", show_number_of(facts->hopeless, "slice").text);
	if (!survey->parity_whole)
		report_rowf(screen, "parity file", "damaged itself: %s, %s of its lists",
					show_number_of(facts->bad_parity, "slice").text, show_number_of(facts->bad_blocks, "block").text);
}

struct json *repair_json(const struct parity_survey *survey)
{
	const struct mending_facts *facts = &survey->facts;
	struct json *json = json_object_new();
	json_set_bool(json, "whole", survey->whole);
	json_set_bool(json, "can-be-mended", survey->possible);
	json_set_bool(json, "parity-whole", survey->parity_whole);
	json_set_int(json, "file-bytes", (int64_t)facts->shape.file_bytes);
	json_set_int(json, "found-bytes", (int64_t)facts->found_bytes);
	json_set_int(json, "slice-bytes", facts->shape.slice_bytes);
	json_set_int(json, "slices", facts->shape.data_slices);
	json_set_int(json, "bad-slices", facts->bad_slices);
	json_set_int(json, "bad-bytes", (int64_t)facts->bad_bytes);
	json_set_int(json, "moved-slices", facts->moved);
	json_set_int(json, "lost-slices", facts->lost);
	json_set_int(json, "hopeless-slices", facts->hopeless);
	json_set_int(json, "bad-parity-slices", facts->bad_parity);
	json_set_int(json, "bad-parity-blocks", facts->bad_blocks);
	return json;
}
