/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report with everything that a report can hold, hostile bytes included. */
#ifndef TESTS_REPORT_SAMPLE_H
#define TESTS_REPORT_SAMPLE_H

#include "report/report.h"

struct report *sample_create(void);

#endif
