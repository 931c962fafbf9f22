/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a router's pages say about it: the description of a UPnP device (XML, by expat), the title of a page. */
#ifndef ADVICE_DESCRIPTION_H
#define ADVICE_DESCRIPTION_H

#include "advice/evidence.h"

/* The root device's manufacturer and model (UPnP Device Architecture 1.1, 2.3). What is not well-formed, or has a
 * document type with entities, is read as far as it goes. */
void description_read(struct text xml, struct evidence *evidence);

void title_read(struct text html, struct evidence *evidence);

#endif
