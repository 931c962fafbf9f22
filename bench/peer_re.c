/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libre: sip_msg_decode() decodes Via, From, To and CSeq; Contact is decoded on demand, the body by a session. */
#include "peer.h"

#include <re/re.h>

#include <stdio.h>
#include <stdlib.h>

static struct sa local_address;

static void start(void)
{
	if (libre_init() != 0 || sa_set_str(&local_address, "127.0.0.1", 9) != 0)
		exit(1);
}

static bool decode_contact(const struct sip_msg *sip)
{
	const struct sip_hdr *contact = sip_msg_hdr(sip, SIP_HDR_CONTACT);
	struct sip_addr address;
	return !contact || sip_addr_decode(&address, &contact->val) == 0;
}

static struct sdp_session *decode_sdp(const struct sip_msg *sip)
{
	struct sdp_session *session;
	if (mbuf_get_left(sip->mb) == 0 || sdp_session_alloc(&session, &local_address) != 0)
		return NULL;
	if (sdp_decode(session, sip->mb, true) == 0)
		return session;
	mem_deref(session);
	return NULL;
}

static void report(const struct sip_msg *sip, const struct sdp_session *session, struct peer_reading *reading)
{
	if (sip->req)
		re_snprintf(reading->start, sizeof(reading->start), "%r", &sip->met);
	else
		re_snprintf(reading->start, sizeof(reading->start), "%u", sip->scode);
	re_snprintf(reading->call_id, sizeof(reading->call_id), "%r", &sip->callid);
	if (session) {
		const struct sdp_media *media = list_ledata(list_head(sdp_session_medial(session, false)));
		reading->media_port = sa_port(sdp_media_raddr(media));
	}
}

static bool parse(const struct peer_message *message, struct peer_reading *reading)
{
	struct mbuf *buffer = mbuf_alloc(message->length);
	struct sip_msg *sip;
	if (!buffer || mbuf_write_mem(buffer, (const uint8_t *)message->bytes, message->length) != 0)
		return false;
	mbuf_set_pos(buffer, 0);
	bool is_read = sip_msg_decode(&sip, buffer) == 0;
	if (is_read) {
		is_read = decode_contact(sip);
		struct sdp_session *session = decode_sdp(sip);
		if (reading)
			report(sip, session, reading);
		mem_deref(session);
		mem_deref(sip);
	}
	mem_deref(buffer);
	return is_read;
}

const struct peer peer = { "libre", start, parse, NULL };
