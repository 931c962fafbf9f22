/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sipalg reflect`: the far end, which tells exactly what has reached it. */
#ifndef REFLECT_REFLECT_H
#define REFLECT_REFLECT_H

/* Runs until SIGTERM or SIGINT; the exit code. */
int reflect_main(int argc, char **argv);

#endif
