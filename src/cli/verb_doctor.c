/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/doctor.h"

#include "cli/verbs.h"

#include <string.h>

static const struct {
	const char *word, *shown;
	enum style style;
} levels[] = {
	[FINDING_OK] = {"ok", "ok", STYLE_GOOD},
	[FINDING_ATTENTION] = {"attention", "ATTENTION", STYLE_WARN},
	[FINDING_BROKEN] = {"broken", "BROKEN", STYLE_BAD},
};

static void print_findings(struct cli *cli, const struct findings *findings)
{
	const struct screen *screen = &cli->terminal.out;
	for (size_t i = 0; i < findings->count; i++) {
		const struct doctor_finding *finding = &findings->items[i];
		const char *shown = levels[finding->level].shown;
		if (finding->level == FINDING_OK && cli->verbosity == QUIET)
			continue;
		(void)fprintf(screen->file, "%s%*s %-11s ", styled(&cli->terminal, screen, levels[finding->level].style, shown),
					  (int)(9 - strlen(shown)), "", finding->topic);
		screen_wrap(screen, 22, 22, safe(&cli->terminal, finding->text));
		if (finding->advice[0] == '\0')
			continue;
		(void)fprintf(screen->file, "%22s", "");
		screen_wrap(screen, 22, 22, safe(&cli->terminal, finding->advice));
	}
}

static struct json *findings_json(const struct findings *findings)
{
	struct json *array = json_array_new();
	for (size_t i = 0; i < findings->count; i++) {
		const struct doctor_finding *finding = &findings->items[i];
		struct json *json = json_object_new();
		json_set_text(json, "level", levels[finding->level].word);
		json_set_text(json, "topic", finding->topic);
		json_set_text(json, "text", finding->text);
		json_set_text(json, "advice", finding->advice[0] != '\0' ? finding->advice : NULL);
		json_add(array, json);
	}
	return array;
}

static unsigned long long count_level(const struct findings *findings, enum finding_level level)
{
	unsigned long long count = 0;
	for (size_t i = 0; i < findings->count; i++)
		count += findings->items[i].level == level;
	return count;
}

static int judge(const struct findings *findings, struct err *err)
{
	unsigned long long broken = count_level(findings, FINDING_BROKEN),
					   attention = count_level(findings, FINDING_ATTENTION);
	if (broken > 0)
		(void)err_set(err, ERR_STATION, "broken: %llu; need attention: %llu", broken, attention);
	else if (attention > 0)
		(void)err_set(err, ERR_ATTENTION, "need attention: %llu", attention);
	else
		return 0;
	return err_hint(err, "do what stands beside them");
}

int verb_doctor(struct cli *cli, struct options *options, struct err *err)
{
	(void)options;
	struct findings findings = {0};
	if (doctor_examine(cli->home, &findings, err) < 0)
		return -1;
	if (cli->json != NULL) {
		json_set_text(cli->json, "worst", levels[findings.worst].word);
		json_set(cli->json, "findings", findings_json(&findings));
	} else {
		print_findings(cli, &findings);
	}
	int rc = judge(&findings, err);
	findings_clear(&findings);
	return rc;
}
