/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../tests/unit/walk.h"
#include "reader.h"

FUZZ_READER(walk_uri)
