/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every bound of the gateway, with its unit and its reason. */
#ifndef SIPALG_LIMITS_H
#define SIPALG_LIMITS_H

enum {
	/* ---- One message ---- */
	SIPALG_MESSAGE_MAX = 65535,     /* bytes: a UDP datagram holds no more; of a longer message on a stream only the
	                                 * header is held, since no session description is so long */
	SIPALG_DATAGRAM_MAX = 65503,    /* bytes: what IPv4 and UDP leave of it for a message, less the four that a
	                                 * packet in a netlink attribute loses to its header */
	SIPALG_EDITS_MAX = 256,         /* edits of one message */
	SIPALG_REPLACEMENT_MAX = 54,    /* bytes: an IPv6 address (45), "]:65535" and two to spare */
	SIPALG_HEADERS_MAX = 128,       /* headers of one message that the gateway has to look at */
	SIPALG_LIST_MAX = 64,           /* entries of one comma-separated header */
	SIPALG_SDP_MEDIA_MAX = 32,      /* m= lines of one SDP */
	SIPALG_SDP_CANDIDATES_MAX = 96, /* a=candidate lines of one SDP */
	SIPALG_MULTIPART_DEPTH_MAX = 3, /* multipart bodies within each other (RFC 2046 5.1) */
	SIPALG_MULTIPART_PARTS_MAX = 16,

	/* ---- What an engine holds ---- */
	SIPALG_PREFIXES_MAX = 64,
	SIPALG_LABEL_MAX = 64,        /* bytes of a Call-ID or address of record kept for display */
	SIPALG_LEG_MEDIA_MAX = 16,    /* media bindings of one call leg: RTP and RTCP of eight streams */
	SIPALG_LEG_DIALOGS_MAX = 6,   /* dialogs of one leg that may be confirmed at once (forking) */
	SIPALG_ENDED_LEGS_MAX = 1024, /* legs remembered after their end; more would only be cold memory */
	SIPALG_PEERS_MAX = 16,        /* servers admitted to one signalling binding: all trunks of a PBX; one more takes
	                               * the place of the one that was spoken to longest ago */
	SIPALG_HOST_REGISTRATIONS = 4, /* registrations one host may have for each binding that it may have: a PBX has
	                                * many accounts on one socket */
	SIPALG_COMMANDS_MAX = 1024,    /* commands waiting to be taken; one message gives far fewer */

	/* ---- Ports ---- */
	SIPALG_PORT_MIN = 1024, /* no hole is opened on the router's own service ports */
	SIPALG_PORT_MAX = 65535,
	SIPALG_PORT_TRIES_MAX = 4096, /* ports looked at for one binding before it is refused */
	SIPALG_PORT_SIP = 5060,       /* RFC 3261 19.1.2 */

	/* ---- Seconds ---- */
	SIPALG_TRANSACTION_S = 32,     /* 64*T1, RFC 3261 17.1.1.2 */
	SIPALG_UNANSWERED_S = 30,      /* the normal timeout of an unanswered UDP flow */
	SIPALG_EARLY_S = 660,          /* ringing without a word: above any sensible Timer C (RFC 3261 16.6 item 11) */
	SIPALG_EARLY_MAX_S = 3600,     /* … even when the INVITE's Expires asks for more */
	SIPALG_SESSION_MARGIN_S = 60,  /* grace after Session-Expires (RFC 4028 10) */
	SIPALG_MEDIA_IDLE_S = 600,     /* a confirmed call without media for so long is looked into */
	SIPALG_HELD_MAX_S = 43200,     /* a call on hold without session timer is kept for so long */
	SIPALG_WORDLESS_MAX_S = 86400, /* media alone keep a call for so long after its last re-INVITE or UPDATE */
	SIPALG_REGISTRATION_S = 3600,  /* when nobody says how long (RFC 3261 10.3 item 6) */
	SIPALG_REGISTRATION_MAX_S = 2592000, /* longer grants are taken as this (30 days) */
	SIPALG_GRACE_S = 32,                 /* a refresh may take a transaction's time */
	SIPALG_QUARANTINE_S = 120,           /* before an outside port goes to another host (RFC 6888 REQ-8) */
	SIPALG_LEASE_MAX_S = 3600, /* longest lease given to the plane: what a dead daemon leaves ends after it */
};

#endif
