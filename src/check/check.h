/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sipalg check`: what on the way to a far end changes SIP, and what that breaks. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

/* The exit code: 0 nothing found, 1 something found, 2 could not tell or wrong use. */
int check_main(int argc, char **argv);

#endif
