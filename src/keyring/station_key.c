/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/station_key.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

/* Where gpg itself would look. */
static int adopt_home(char **out, struct err *err)
{
	const char *named = getenv("GNUPGHOME"), *home = getenv("HOME");
	if (named != NULL && named[0] != '\0') {
		*out = strdup(named);
		return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
	}
	if (home != NULL && home[0] != '\0')
		return path_join(out, home, ".gnupg", err);
	(void)err_set(err, ERR_KEY_UNAVAILABLE, "neither GNUPGHOME nor HOME says where the key to adopt is");
	return err_hint(err, "set GNUPGHOME to the GnuPG home that the key is in");
}

static int adopt_key(struct gpg *gpg, const struct fingerprint *fpr, struct err *err)
{
	auto_free char *from = NULL;
	if (adopt_home(&from, err) < 0)
		return -1;
	return gpg_adopt(gpg, from, fpr, err);
}

int station_key_get(struct gpg *gpg, const struct station_key_source *source, struct fingerprint *out, struct err *err)
{
	auto_buf user_id = {0};
	*out = source->adopt;
	if (source->key == STATION_KEY_ADOPT)
		return adopt_key(gpg, &source->adopt, err);
	return buf_printf(&user_id, err, "%s (%s)", source->party->name, source->party->organisation) < 0
			   ? -1
			   : gpg_generate(gpg, user_id.data, source->protection, out, err);
}
