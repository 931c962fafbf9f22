/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reader.h"

enum { INPUT_MAX = 1 << 20 };

/* Without a test running, cmocka ends the program when an assertion fails: it shall abort, for libFuzzer to see. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return setenv("CMOCKA_TEST_ABORT", "1", 1);
}

void read_guarded(const uint8_t *data, size_t size, void (*reader)(struct text text))
{
	static struct guarded guarded;
	if (guarded.pages == NULL)
		guarded = guarded_open(INPUT_MAX);
	if (size <= INPUT_MAX)
		reader(guarded_put(&guarded, (struct text){ (const char *)data, size }));
}
