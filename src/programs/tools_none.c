/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

const struct program tool_table[] = { { 0 } };
const size_t tool_count = 0;
