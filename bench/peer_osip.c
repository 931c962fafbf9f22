/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libosip2: the whole message into its objects, the body into an sdp_message_t. */
#include "peer.h"

#include <osipparser2/osip_parser.h>
#include <osipparser2/sdp_message.h>

#include <stdio.h>
#include <stdlib.h>

static void start(void)
{
	if (parser_init() != 0)
		exit(1);
}

static sdp_message_t *parse_sdp(const osip_message_t *sip)
{
	osip_body_t *body;
	sdp_message_t *sdp;
	if (osip_message_get_body(sip, 0, &body) < 0 || sdp_message_init(&sdp) != 0)
		return NULL;
	if (sdp_message_parse(sdp, body->body) == 0)
		return sdp;
	sdp_message_free(sdp);
	return NULL;
}

static void report(const osip_message_t *sip, sdp_message_t *sdp, struct peer_reading *reading)
{
	if (MSG_IS_REQUEST(sip))
		snprintf(reading->start, sizeof(reading->start), "%s", sip->sip_method);
	else
		snprintf(reading->start, sizeof(reading->start), "%d", sip->status_code);
	snprintf(reading->call_id, sizeof(reading->call_id), "%s@%s", sip->call_id->number, sip->call_id->host);
	if (sdp)
		reading->media_port = (uint16_t)strtoul(sdp_message_m_port_get(sdp, 0), NULL, 10);
}

static bool parse(const struct peer_message *message, struct peer_reading *reading)
{
	osip_message_t *sip;
	if (osip_message_init(&sip) != 0)
		return false;
	bool is_read = osip_message_parse(sip, message->bytes, message->length) == 0;
	if (is_read) {
		sdp_message_t *sdp = parse_sdp(sip);
		if (reading)
			report(sip, sdp, reading);
		if (sdp)
			sdp_message_free(sdp);
	}
	osip_message_free(sip);
	return is_read;
}

const struct peer peer = { "libosip2", start, parse, NULL };
