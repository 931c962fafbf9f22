/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka.h with what it needs before it. */
#ifndef TESTS_PLANE_CMOCKA_ALL_H
#define TESTS_PLANE_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
