/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_NAMES_H
#define VALISE_FORMAT_NAMES_H

/* How the files of valise are called. A name is a hint: what a file is stands in it. */

#define BUNDLE_SUFFIX ".valise"                      /* STEM.valise; of a volume STEM.2of4.valise */
#define PENDING_SUFFIX BUNDLE_SUFFIX "-pending"      /* STEM.valise-pending: it waits for approval */
#define PARITY_SUFFIX ".parity"                      /* BUNDLE.parity, behind the whole name */
#define PARITY_VOLUME_SUFFIX BUNDLE_SUFFIX "-parity" /* STEM.p1of2.valise-parity */
#define PART_SUFFIX ".part"                          /* NAME.part: what `copy` has of it so far, and goes on from */
#define TEMPORARY_MARK ".part-"                      /* .NAME.part-TOKEN: hidden, and gone with whoever makes it */

#endif
