/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fuzz target is a function that takes any bytes. Checks that fail abort, also those of the test programs' own
 * helpers. */
#ifndef FUZZ_READER_H
#define FUZZ_READER_H

#include "../../tests/unit/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Hands the bytes to the reader, with a page behind them that may not be touched. */
void read_guarded(const uint8_t *data, size_t size, void (*reader)(struct text text));

/* A target that is one reader. */
#define FUZZ_READER(reader)                                                                                            \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                                                   \
	{                                                                                                              \
		read_guarded(data, size, reader);                                                                      \
		return 0;                                                                                              \
	}

#endif
