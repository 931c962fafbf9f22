/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP URIs (RFC 3261 19.1, 25.1) and what surrounds them in Contact and its like (name-addr / addr-spec). */
#ifndef SIP_URI_H
#define SIP_URI_H

#include "base/text.h"
#include "sipalg/address.h"

enum sip_scheme {
	SIP_SCHEME_OTHER = 0, /* tel:, http:, urn: …: has no host the gateway may change; only `scheme` is filled */
	SIP_SCHEME_SIP,
	SIP_SCHEME_SIPS,
};

/* host, as a URI, a Via or SDP names it. */
struct sip_host {
	struct text name; /* as written; an IPv6 reference without its brackets */
	/* `is_address`: `address` holds it, a literal IPv4 or IPv6 address. An IPv6 reference that is none, or an
	 * IPv4-mapped one, is a name. */
	sipalg_address address;
	bool is_address;
};

struct sip_uri {
	enum sip_scheme scheme;
	struct text user; /* userinfo before '@', password included, as written; empty: none */
	struct sip_host host;
	struct text port_text;  /* digits; empty: no port was written */
	uint16_t port;          /* 0: none was written */
	struct text parameters; /* from the first ';' to '?' or the end, with the ';' */
	struct text headers;    /* behind '?' */
	struct sip_host maddr;  /* the maddr parameter's host; empty name: none */
	struct text transport;  /* the transport parameter's value; empty: none */
};

/* Reads one URI that fills `text`. userinfo may hold any character the grammar allows, ';', '?' and escapes included.
 * False: not a URI, or a sip(s) URI with no readable host or a port out of 1..65535. */
SIPALG_MUST_USE
bool sip_uri_parse(struct text text, struct sip_uri *uri);

/* One entry of Contact, Record-Route, Route, Path, Service-Route, From, To. */
struct sip_name_addr {
	bool is_star;           /* Contact: * */
	struct text uri;        /* without <> */
	struct text parameters; /* header parameters from the first ';' on, with it */
};

/* Takes the next entry of a comma-separated header value off *rest. False: none is left, or what is left cannot be
 * read; the two differ in `*rest`, which is empty only in the first case. In a bare URI (no <>) everything from ';' on
 * belongs to the header (RFC 3261 20); with '?' it cannot be read. Quoted display names may hold anything, '<', ',' and
 * escaped quotes included. Empty parameters (";;") are passed over; an empty entry (",,") cannot be read. */
SIPALG_MUST_USE
bool sip_name_addr_next(struct text *rest, struct sip_name_addr *entry);

/* Finds a parameter by name (given small, written in any case) in a list of the form ;a=b;c;d="e;f". False: there is
 * none. *value is empty for a parameter without value, and comes without quotes. Blanks and folds round ';' and '=' are
 * allowed. */
SIPALG_MUST_USE
bool sip_parameter_find(struct text parameters, struct text small, struct text *value);

#endif
