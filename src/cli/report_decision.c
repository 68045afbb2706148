/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report_decision.h"

static const struct {
	const char *word, *shown;
	enum style style;
} outcomes[] = {
	[POLICY_ALLOWS] = {"allowed", "allowed", STYLE_GOOD},
	[POLICY_REFUSES] = {"refused", "REFUSED", STYLE_BAD},
	[POLICY_NOT_CONCERNED] = {"not-concerned", "not concerned", STYLE_DIM},
};

static const char *who_of(const struct policy_finding *finding, const char *const *names)
{
	return finding->recipient < 0 ? "here" : names[finding->recipient];
}

static void report_one(struct cli *cli, const struct screen *screen, const struct policy_finding *finding)
{
	struct terminal *terminal = &cli->terminal;
	char line[64];
	(void)snprintf(line, sizeof line, "%-14s", policy_rule_name(finding->rule));
	(void)fprintf(screen->file, "    %s%s%s", line,
				  styled(terminal, screen, outcomes[finding->outcome].style, outcomes[finding->outcome].shown),
				  finding->why.message[0] != '\0' ? ": " : "\n");
	if (finding->why.message[0] != '\0')
		screen_wrap(screen, 30, 18, safe(terminal, finding->why.message));
	if (finding->outcome == POLICY_REFUSES && finding->why.hint[0] != '\0') {
		(void)fprintf(screen->file, "%18s", "");
		screen_wrap(screen, 18, 18, ring_keep(terminal, safe(terminal, finding->why.hint)));
	}
}

/* One verdict for all rules about one recipient. */
static bool is_refused(const struct policy_report *report, int64_t recipient)
{
	for (uint32_t i = 0; i < report->count; i++)
		if (report->findings[i].recipient == recipient && report->findings[i].outcome == POLICY_REFUSES)
			return true;
	return false;
}

void report_decisions(struct cli *cli, const struct screen *screen, const struct policy_report *report,
					  const char *const *names)
{
	for (uint32_t i = 0; i < report->count; i++) {
		const struct policy_finding *finding = &report->findings[i];
		if (i == 0 || finding->recipient != report->findings[i - 1].recipient) {
			bool refused = is_refused(report, finding->recipient);
			(void)fprintf(
				screen->file, "  %s: %s\n", safe(&cli->terminal, who_of(finding, names)),
				styled(&cli->terminal, screen, refused ? STYLE_BAD : STYLE_GOOD, refused ? "REFUSED" : "allowed"));
		}
		if (finding->outcome != POLICY_NOT_CONCERNED || cli->verbosity == VERBOSE)
			report_one(cli, screen, finding);
	}
}

struct json *decisions_json(const struct policy_report *report, const char *const *names)
{
	struct json *array = json_array_new();
	for (uint32_t i = 0; i < report->count; i++) {
		const struct policy_finding *finding = &report->findings[i];
		struct json *json = json_object_new();
		json_set_text(json, "who", who_of(finding, names));
		json_set_text(json, "rule", policy_rule_name(finding->rule));
		json_set_text(json, "text", policy_rule_text(finding->rule));
		json_set_text(json, "decision", outcomes[finding->outcome].word);
		json_set_text(json, "why", finding->why.message[0] != '\0' ? finding->why.message : NULL);
		if (finding->outcome == POLICY_REFUSES) {
			json_set_text(json, "code", err_name(finding->why.code));
			json_set_text(json, "hint", finding->why.hint);
		}
		json_add(array, json);
	}
	return array;
}
