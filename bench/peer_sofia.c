/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sofia-sip: msg_make() extracts every header; the body goes to its SDP parser. */
#include "peer.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/sdp.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>

#include <stdio.h>

static su_home_t home[1] = { SU_HOME_INIT(home) };

static void start(void)
{
	su_home_init(home);
}

static void report(const sip_t *sip, const sdp_session_t *sdp, struct peer_reading *reading)
{
	if (sip->sip_request)
		snprintf(reading->start, sizeof(reading->start), "%s", sip->sip_request->rq_method_name);
	else
		snprintf(reading->start, sizeof(reading->start), "%d", sip->sip_status->st_status);
	snprintf(reading->call_id, sizeof(reading->call_id), "%s", sip->sip_call_id->i_id);
	if (sdp)
		reading->media_port = (uint16_t)sdp->sdp_media->m_port;
}

static bool parse(const struct peer_message *message, struct peer_reading *reading)
{
	msg_t *msg = msg_make(sip_default_mclass(), 0, message->bytes, (ssize_t)message->length);
	sip_t *sip = msg ? sip_object(msg) : NULL;
	bool is_read = sip && !sip->sip_error && (sip->sip_request || sip->sip_status);
	if (is_read) {
		sdp_parser_t *parser = NULL;
		if (sip->sip_payload)
			parser = sdp_parse(home, sip->sip_payload->pl_data, (issize_t)sip->sip_payload->pl_len, 0);
		if (reading)
			report(sip, parser ? sdp_session(parser) : NULL, reading);
		sdp_parser_free(parser);
	}
	msg_destroy(msg);
	return is_read;
}

const struct peer peer = { "sofia-sip", start, parse, NULL };
