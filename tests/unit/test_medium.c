/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/secret.h"
#include "media/direct.h"
#include "media/medium.h"
#include "media/mounts.h"
#include "media/paced.h"
#include "ops/copy.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static char *dir;

static int setup(void **state)
{
	struct err err = ERR_INIT;
	return secret_library_init(&err) < 0 ? -1 : io_make_private_dir(&dir, &err);
}

static int teardown(void **state)
{
	io_remove_tree(AT_FDCWD, dir);
	free(dir);
	return 0;
}

/* --- mountinfo --- */

static void lines_of_the_kernel(void **state)
{
	char line[] =
		"36 35 8:17 / /media/my\\040stick\\134x rw,nosuid,nodev shared:1 master:2 - vfat /dev/sdb1 rw,errors=remount-ro";
	struct mount_line mount;
	assert_true(mount_line_parse(&mount, line));
	assert_int_equal(mount.number, 36);
	assert_int_equal(mount.device, makedev(8, 17));
	assert_string_equal(mount.point, "/media/my stick\\x");
	assert_string_equal(mount.system, "vfat");
	assert_string_equal(mount.source, "/dev/sdb1");
	assert_false(mount.read_only);
	char without_tags[] = "1 0 0:24 / /a ro - tmpfs none rw";
	assert_true(mount_line_parse(&mount, without_tags));
	assert_true(mount.read_only);
	char super[] = "1 0 0:24 / /a rw - iso9660 /dev/sr0 ro,relatime";
	assert_true(mount_line_parse(&mount, super));
	assert_true(mount.read_only);
}

static void lines_that_are_none(void **state)
{
	static const char *const texts[] = {"",
										"36",
										"36 35 8:17 / /a rw",
										"36 35 8:17 / /a rw -",
										"36 35 8:17 / /a rw - vfat",
										"36 35 8:17 / /a rw - vfat /dev/sdb1",
										"x 35 8:17 / /a rw - vfat /dev/sdb1 rw",
										"36 35 817 / /a rw - vfat /dev/sdb1 rw"};
	for (size_t i = 0; i < COUNT(texts); i++) {
		char line[100];
		struct mount_line mount;
		(void)snprintf(line, sizeof line, "%s", texts[i]);
		if (mount_line_parse(&mount, line))
			fail_msg("taken: %s", texts[i]);
	}
}

static void file_systems(void **state)
{
	static const struct {
		const char *name;
		bool travels, by_program;
		uint64_t file_max;
	} rows[] = {
		{"vfat", true, false, UINT32_MAX},
		{"msdos", true, false, UINT32_MAX},
		{"fuse.fusefat", true, true, UINT32_MAX},
		{"exfat", true, false, MEDIUM_NO_LIMIT},
		{"fuse.exfat", true, true, MEDIUM_NO_LIMIT},
		{"fuseblk", true, true, MEDIUM_NO_LIMIT},
		{"ntfs3", true, false, MEDIUM_NO_LIMIT},
		{"udf", true, false, MEDIUM_NO_LIMIT},
		{"fuse.sshfs", false, true, MEDIUM_NO_LIMIT},
		{"ext4", false, false, MEDIUM_NO_LIMIT},
		{"tmpfs", false, false, MEDIUM_NO_LIMIT},
		{"fusectl", false, false, MEDIUM_NO_LIMIT},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (system_is_for_travel(rows[i].name) != rows[i].travels ||
			system_is_by_program(rows[i].name) != rows[i].by_program ||
			system_file_max(rows[i].name) != rows[i].file_max)
			fail_msg("%s is judged wrongly", rows[i].name);
}

/* --- disks --- */

static void make(const char *fmt, const char *text)
{
	char path[400];
	(void)snprintf(path, sizeof path, "%s/%s", dir, fmt);
	for (char *at = path + strlen(dir) + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		(void)mkdir(path, 0700);
		*at = '/';
	}
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	(void)fprintf(file, "%s\n", text);
	assert_int_equal(fclose(file), 0);
}

static void point_to(const char *link, const char *target)
{
	char from[400], to[400];
	(void)snprintf(from, sizeof from, "%s/%s", dir, link);
	(void)snprintf(to, sizeof to, "%s/%s", dir, target);
	assert_int_equal(symlink(to, from), 0);
}

/* A stick with a partition, an encrypted one on it, a card, soldered-in flash, a disk. */
static void what_can_be_taken_out(void **state)
{
	make("devices/usb1/1-1/block/sdb/removable", "0");
	make("devices/usb1/1-1/block/sdb/diskseq", "77");
	make("devices/usb1/1-1/block/sdb/sdb1/partition", "1");
	make("devices/virtual/block/dm-0/removable", "0");
	make("devices/virtual/block/dm-0/diskseq", "78");
	make("devices/virtual/block/dm-0/slaves/.x", "");
	make("devices/soc/mmc_host/mmc0/block/mmcblk0/removable", "0");
	make("devices/soc/mmc_host/mmc0/block/mmcblk0/device/type", "SD");
	make("devices/soc/mmc_host/mmc1/block/mmcblk1/device/type", "MMC");
	make("devices/pci/ata1/block/sda/removable", "0");
	make("devices/pci/ata2/block/sr0/removable", "1");
	make("dev/block/x", "");
	point_to("devices/virtual/block/dm-0/slaves/sdb1", "devices/usb1/1-1/block/sdb/sdb1");
	point_to("dev/block/8:17", "devices/usb1/1-1/block/sdb/sdb1");
	point_to("dev/block/253:0", "devices/virtual/block/dm-0");
	point_to("dev/block/179:0", "devices/soc/mmc_host/mmc0/block/mmcblk0");
	point_to("dev/block/179:8", "devices/soc/mmc_host/mmc1/block/mmcblk1");
	point_to("dev/block/8:0", "devices/pci/ata1/block/sda");
	point_to("dev/block/11:0", "devices/pci/ata2/block/sr0");
	static const struct {
		unsigned major, minor;
		bool known, removable;
		uint64_t sequence;
	} rows[] = {{8, 17, true, true, 77}, {253, 0, true, true, 77}, {179, 0, true, true, 0}, {179, 8, true, false, 0},
				{8, 0, true, false, 0},  {11, 0, true, true, 0},   {99, 9, false, false, 0}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct disk disk = disk_of_device(dir, makedev(rows[i].major, rows[i].minor));
		if (disk.known != rows[i].known || disk.removable != rows[i].removable || disk.sequence != rows[i].sequence)
			fail_msg("%u:%u: known %d, removable %d, sequence %llu", rows[i].major, rows[i].minor, disk.known,
					 disk.removable, (unsigned long long)disk.sequence);
	}
}

static void the_place_that_we_are_in(void **state)
{
	auto_medium medium = {0};
	struct stat st;
	assert_int_equal(stat(dir, &st), 0);
	expect_ok(medium_look_at(&medium, dir, err));
	assert_int_equal(medium.device, st.st_dev);
	assert_true(medium.point[0] == '/' && medium.system[0] != '\0');
	assert_true(medium.free_bytes > 0 && !medium.read_only);
	struct medium none;
	expect_failure(medium_look_at(&none, "/nonexistent-folder", err), ERR_IO, "nonexistent", "nowhere");
	auto_medium proc = {0};
	expect_ok(medium_look_at(&proc, "/proc", err));
	assert_string_equal(proc.system, "proc");
	assert_false(proc.for_travel);
}

static void what_has_no_room(void **state)
{
	struct medium medium = {.system = (char *)"vfat", .free_bytes = 1 << 20, .file_max = 1 << 19};
	expect_ok(medium_check_room(&medium, 1 << 20, 1 << 19, "/m", err));
	expect_failure(medium_check_room(&medium, (1 << 20) + 1, 1, "/m", err), ERR_NO_SPACE, "room for 1048576", "full");
	expect_failure(medium_check_room(&medium, 1 << 20, (1 << 19) + 1, "/m", err), ERR_NO_SPACE,
				   "no file of more than 524288 bytes", "large");
	medium.read_only = true;
	expect_failure(medium_check_room(&medium, 1, 1, "/m", err), ERR_IO, "only be read", "read-only");
}

/* --- writing and reading --- */

/* Each byte tells where it stands. */
static unsigned char byte_at(uint64_t at)
{
	return (unsigned char)(at * 2654435761u >> 13);
}

static int make_file(uint64_t len)
{
	char path[300];
	(void)snprintf(path, sizeof path, "%s/f%llu", dir, (unsigned long long)len);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	struct paced paced = paced_begin(fd);
	enum { PIECE = 700001 };
	auto_free unsigned char *bytes = malloc(PIECE);
	for (uint64_t at = 0; at < len;) {
		const size_t n = len - at < PIECE ? (size_t)(len - at) : PIECE;
		for (size_t i = 0; i < n; i++)
			bytes[i] = byte_at(at + i);
		expect_ok(io_pwrite_all(fd, bytes, n, at, err));
		at += n;
		expect_ok(paced_reach(&paced, at, err));
		assert_true(paced.done <= paced.begun && paced.begun <= at && at - paced.done < 3 * (uint64_t)PACED_WINDOW);
	}
	expect_ok(paced_finish(&paced, err));
	return fd;
}

static void expect_bytes(struct direct *direct, const struct direct_room *room, uint64_t at, size_t len, size_t want)
{
	const unsigned char *bytes = NULL;
	size_t got = 0;
	expect_ok(direct_read(direct, room, at, len, &bytes, &got, err));
	assert_int_equal(got, want);
	for (size_t i = 0; i < got; i++)
		if (bytes[i] != byte_at(at + i))
			fail_msg("another byte at %llu", (unsigned long long)(at + i));
}

static void what_was_written_is_read_from_anywhere(void **state)
{
	enum { LONGEST = 3 << 20 };
	static const uint64_t lens[] = {0, 1, 4095, 4096, 4097, 33 << 20 | 511};
	auto_direct_room room = {0};
	expect_ok(direct_room_make(&room, LONGEST, err));
	for (size_t i = 0; i < COUNT(lens); i++) {
		auto_fd int fd = make_file(lens[i]);
		auto_direct *direct = NULL;
		expect_ok(direct_open(&direct, fd, err));
		static const uint64_t starts[] = {0, 1, 511, 512, 4095, 4096, 5000, 8 << 20, (33 << 20) + 500};
		static const size_t wants[] = {1, 512, 4096, 5001, LONGEST};
		for (size_t s = 0; s < COUNT(starts); s++)
			for (size_t w = 0; w < COUNT(wants); w++) {
				const uint64_t left = starts[s] < lens[i] ? lens[i] - starts[s] : 0;
				expect_bytes(direct, &room, starts[s], wants[w], left < wants[w] ? (size_t)left : wants[w]);
			}
		const unsigned char *bytes = NULL;
		size_t got = 0;
		expect_failure(direct_read(direct, &room, 0, LONGEST + 1, &bytes, &got, err), ERR_INTERNAL, "longer", "room");
	}
}

/* --- names --- */

static void names_for_media(void **state)
{
	static const char *const rows[][2] = {
		{"out/20261128-agency-b-0007-9f1c2a34.valise", "20261128-agency-b-0007-9f1c2a34.valise"},
		{"B.VALISE", "b.valise"},
		{"my report (2).valise", "my-report-2-.valise"},
		{"a--b.2of4.valise", "a--b.2of4.valise"},
		{"\xc3\x9c"
		 "bung.valise",
		 "bung.valise"},
		{"-x.valise", "x.valise"},
		{"a\nb_c", "a-b_c"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_free char *name = NULL;
		expect_ok(copy_name(&name, rows[i][0], err));
		assert_string_equal(name, rows[i][1]);
	}
	char *name = NULL;
	expect_failure(copy_name(&name, ".hidden", err), ERR_USAGE, "no name", "hidden");
	expect_failure(copy_name(&name, "\xc3\x9c", err), ERR_USAGE, "no name", "nothing left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_the_kernel),
		cmocka_unit_test(lines_that_are_none),
		cmocka_unit_test(file_systems),
		cmocka_unit_test(what_can_be_taken_out),
		cmocka_unit_test(the_place_that_we_are_in),
		cmocka_unit_test(what_has_no_room),
		cmocka_unit_test(what_was_written_is_read_from_anywhere),
		cmocka_unit_test(names_for_media),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
