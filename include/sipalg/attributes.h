/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the compiler is told about declarations. */
#ifndef SIPALG_ATTRIBUTES_H
#define SIPALG_ATTRIBUTES_H

/* The result says whether anything was done: ignoring it is an error. */
#define SIPALG_MUST_USE __attribute__((warn_unused_result))

#endif
