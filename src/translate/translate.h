/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sipalg translate`: what the gateway would do to the traffic of a capture. */
#ifndef TRANSLATE_TRANSLATE_H
#define TRANSLATE_TRANSLATE_H

/* argv[0] is "translate". Returns the exit status: 0 it was translated, 1 not, or not to its end, 2 wrong use. */
int translate_main(int argc, char **argv);

#endif
