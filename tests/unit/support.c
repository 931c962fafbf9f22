/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <sys/mman.h>
#include <unistd.h>

struct guarded guarded_open(size_t length_max)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (length_max / page + 1) * page;
	char *pages = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(pages != MAP_FAILED);
	assert_int_equal(mprotect(pages + page, size, PROT_READ | PROT_WRITE), 0);
	return (struct guarded){ pages + page, size };
}

void guarded_close(struct guarded *guarded)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	assert_int_equal(munmap(guarded->pages - page, guarded->size + 2 * page), 0);
}

struct text guarded_put(struct guarded *guarded, struct text text)
{
	assert_true(text.length <= guarded->size);
	char *start = guarded->pages + guarded->size - text.length;
	if (text.length > 0)
		memcpy(start, text.start, text.length);
	return (struct text){ start, text.length };
}

struct text guarded_put_first(struct guarded *guarded, struct text text)
{
	assert_true(text.length <= guarded->size);
	memcpy(guarded->pages, text.start, text.length);
	return (struct text){ guarded->pages, text.length };
}

static void try_changed(struct text copy, try_reader *reader)
{
	static const char hostile[] = "\0\r\n\t \"<>,;:@[]\\/=*?%-.09aA\x7f\x80\xff";
	char *bytes = (char *)copy.start;
	for (size_t at = 0; at < copy.length; at++) {
		char original = bytes[at];
		for (size_t index = 0; index < sizeof(hostile) - 1; index++) {
			bytes[at] = hostile[index];
			reader(copy);
		}
		bytes[at] = original;
	}
}

void try_everything(struct text text, try_reader *reader)
{
	struct guarded guarded = guarded_open(text.length);
	for (size_t length = 0; length <= text.length; length++)
		reader(guarded_put(&guarded, text_first(text, length)));
	for (size_t from = 0; from <= text.length; from++)
		reader(guarded_put_first(&guarded, text_from(text, from)));
	try_changed(guarded_put(&guarded, text), reader);
	guarded_close(&guarded);
}

bool is_slice_of(struct text whole, struct text part)
{
	uintptr_t begin = (uintptr_t)whole.start, at = (uintptr_t)part.start;
	if (part.start == NULL)
		return part.length == 0;
	return at >= begin && at - begin <= whole.length && part.length <= whole.length - (at - begin);
}

void assert_text_at(struct text text, const char *string, const char *file, int line)
{
	size_t length = strlen(string);
	if (text.length == length && (length == 0 || memcmp(text.start, string, length) == 0))
		return;
	print_error("read \"%.*s\", expected \"%s\"\n", (int)text.length, text.start ? text.start : "", string);
	_fail(file, line);
}

struct text data_read(const char *name)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("%s: cannot be opened", path);
	char *bytes = malloc(UINT16_MAX);
	assert_non_null(bytes);
	size_t length = fread(bytes, 1, UINT16_MAX, file);
	fclose(file);
	return (struct text){ bytes, length };
}
