/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab: phones, a router and a provider in network namespaces of this machine, playing text scenarios. */
#ifndef LAB_LAB_H
#define LAB_LAB_H

/* `sipalg lab`: argv[0] is "lab". Returns the exit status: 0 every scenario passed with sipalg, 1 one did not, 2 wrong
 * use, 3 the machine cannot run the lab. */
int lab_main(int argc, char **argv);

#endif
