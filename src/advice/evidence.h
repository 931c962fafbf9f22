/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a router has said of itself, and which entries of the catalogue fit. */
#ifndef ADVICE_EVIDENCE_H
#define ADVICE_EVIDENCE_H

#include "advice/catalogue.h"
#include "base/text.h"

enum { EVIDENCE_TEXT_MAX = 96, RECOGNISED_MAX = 3 };

enum evidence_kind {
	EVIDENCE_MANUFACTURER = 0, /* UPnP description */
	EVIDENCE_MODEL,
	EVIDENCE_MODEL_NUMBER,
	EVIDENCE_MODEL_DESCRIPTION,
	EVIDENCE_FRIENDLY_NAME,
	EVIDENCE_SSDP_SERVER,
	EVIDENCE_HTTP_SERVER,
	EVIDENCE_HTTP_REALM,
	EVIDENCE_HTTP_TITLE,
	EVIDENCE_MAC_VENDOR,
	EVIDENCE_COUNT,
};

struct evidence {
	char address[64]; /* of the gateway */
	char mac[24];     /* "": not known */
	char texts[EVIDENCE_COUNT][EVIDENCE_TEXT_MAX];
};

/* "UPnP manufacturer", "HTTP Server" … */
const char *evidence_title(enum evidence_kind kind);

/* Keeps a text, if none of its kind is there yet: letters that cannot be shown become blanks, blanks at its ends and in
 * a row go. */
void evidence_keep(struct evidence *evidence, enum evidence_kind kind, struct text text);

/* The maker of the card with this address ("00:11:22:33:44:55"); "": it is not among those that are known. */
void evidence_find_mac_vendor(struct evidence *evidence);

/* The entries whose names the router has said, the longest name first; else, if only the card's maker is known, those
 * of that vendor. `why` gets the text in which it was found. Returns how many. */
size_t evidence_recognise(const struct evidence *evidence, const struct catalogue *catalogue,
                          const struct router *routers[RECOGNISED_MAX], const char *why[RECOGNISED_MAX]);

#endif
