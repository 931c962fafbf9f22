/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a programmer may rely on, checked in every build; input never triggers it. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define check(condition) ((condition) ? (void)0 : __builtin_trap())

#endif
