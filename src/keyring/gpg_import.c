/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg_internal.h"

#include "format/pgp.h"

#include <string.h>

/* Many certificates at once. To start gpg costs more than to read a certificate, so all go in one stream, and what gpg
 * tells of each is the evidence that it is there. */

static int gather(struct buf *out, const struct gpg_certificate *all, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (pgp_check_certificate((const unsigned char *)all[i].bytes.data, all[i].bytes.len, err) < 0 ||
			buf_append(out, all[i].bytes.data, all[i].bytes.len, err) < 0)
			return err_wrap(err, "key %s: ", all[i].expected.hex);
	return 0;
}

static bool came_in(const struct _gpgme_op_import_result *result, const struct fingerprint *expected)
{
	for (gpgme_import_status_t one = result->imports; one != NULL; one = one->next)
		if (one->result == 0 && one->fpr != NULL && strcmp(one->fpr, expected->hex) == 0)
			return true;
	return false;
}

static int check_all(const struct _gpgme_op_import_result *result, const struct gpg_certificate *all, size_t count,
					 struct err *err)
{
	if (result == NULL || result->considered == 0)
		return err_set(err, ERR_GNUPG, "gpg did not answer when it was given %zu certificates", count);
	if (result->secret_read != 0)
		return err_set(err, ERR_CERTIFICATE, "a secret key where a certificate is expected");
	if (result->considered < 0 || (size_t)result->considered != count || result->no_user_id != 0)
		return err_set(err, ERR_CERTIFICATE, "gpg took %d of %zu certificates, %d without a user id",
					   result->considered, count, result->no_user_id);
	for (size_t i = 0; i < count; i++)
		if (!came_in(result, &all[i].expected))
			return err_set(err, ERR_CERTIFICATE, "gpg does not take the certificate of the key %s",
						   all[i].expected.hex);
	return 0;
}

int gpg_import_all(struct gpg *gpg, const struct gpg_certificate *all, size_t count, struct err *err)
{
	auto_buf stream = {0};
	auto_gpgme_data data = NULL;
	if (count == 0)
		return 0;
	if (gather(&stream, all, count, err) < 0 || gpg_data_borrow(&data, stream.data, stream.len, err) < 0)
		return -1;
	gpg_forget(gpg);
	gpg->home.agent_used |= gpg->may_ask;
	gpgme_error_t cause = gpgme_op_import(gpg->ctx, data);
	if (cause != 0)
		return gpg_fail(gpg, err, ERR_CERTIFICATE, cause, "gpg does not take %zu certificates", count);
	if (check_all(gpgme_op_import_result(gpg->ctx), all, count, err) < 0)
		return -1;
	return gpg_home_commit(&gpg->home, err) < 0 || gpg_find_all(gpg, err) < 0 ? -1 : 0;
}
