/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sipalg advice`: where the switch of a router's SIP ALG is. */
#ifndef ADVICE_ADVICE_H
#define ADVICE_ADVICE_H

/* argv[0] is "advice". Returns the exit status: 0 an entry fits, 1 none does, 2 wrong use. */
int advice_main(int argc, char **argv);

#endif
