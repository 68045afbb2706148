/* SPDX-License-Identifier: Apache-2.0 */
/* A key that stands twice in one object: programs take the first or the last, and where a label hangs on it they read
 * two labels. Elsewhere it is nobody's business here. */
#include "inspect/json_labels_parts.h"

/* Two programs read two labels where one takes the first and the other the last. */
int json_refuse_twice(enum key key, unsigned line, unsigned column, struct err *err)
{
	(void)err_set(err, ERR_CONTENT,
				  "line %u, column %u: the key \"%s\" stands here a second time in one object, and two programs may "
				  "read two labels",
				  line, column, json_label_keys[key]);
	return err_hint(err, "keep the one that is right, delete the other, and pack again");
}

/* Whether a label is at stake under this key of the object at depth. */
static bool decides_label(const struct json_labels *labels, unsigned depth, enum key key)
{
	switch (key) {
	case KEY_DOCUMENT:
		return is_top(labels, depth);
	case KEY_DISTRIBUTION:
		return above(labels, depth, 1) == KEY_DOCUMENT;
	case KEY_TLP:
		return is_top(labels, depth) || above(labels, depth, 1) == KEY_DEFINITION ||
			   (above(labels, depth, 1) == KEY_DISTRIBUTION && above(labels, depth, 2) == KEY_DOCUMENT);
	case KEY_UPPER_TLP:
	case KEY_TITLE_TLP:
		return is_top(labels, depth);
	case KEY_LABEL:
		return is_csaf_tlp(labels, depth);
	case KEY_NAME:
		return above(labels, depth, 1) == KEY_TAG;
	case KEY_OBJECT_MARKING_REFS:
	case KEY_GRANULAR_MARKINGS:
	case KEY_MARKING_REF:
	case KEY_TAG:
	case KEY_TLP_2_0:
		return true;
	default:
		return false;
	}
}

static bool decides_definition(enum key key)
{
	return key == KEY_ID || key == KEY_NAME || key == KEY_DEFINITION || key == KEY_EXTENSIONS;
}

int json_on_key(void *ctx, unsigned depth, unsigned number, const struct json_scan_text *text, struct err *err)
{
	struct json_labels *labels = ctx;
	struct frame *frame = &labels->frames[depth];
	const enum key key = (enum key)number;
	unsigned line, column;
	(void)text;
	if ((frame->seen >> key & 1) == 0) {
		frame->seen |= 1u << key;
		return 0;
	}
	const bool decides = decides_label(labels, depth, key);
	if (!decides && (frame->twice != KEY_NONE || !decides_definition(key)))
		return 0;
	json_scan_where(labels->scan, &line, &column);
	if (decides)
		return json_refuse_twice(key, line, column, err);
	frame->twice = key; /* whether it matters is known when the object ends */
	frame->twice_line = line;
	frame->twice_column = column;
	return 0;
}
