/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the compiler is told about declarations. */
#ifndef SIPALG_ATTRIBUTES_H
#define SIPALG_ATTRIBUTES_H

/* The result says whether anything was done: ignoring it is an error. */
#define SIPALG_MUST_USE __attribute__((warn_unused_result))

/* Each caller gets its own copy: a processor learns the ways through it for each by itself. */
#define SIPALG_INLINE __attribute__((always_inline)) static inline

#endif
