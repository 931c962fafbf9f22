/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/description.h"

#include "base/cursor.h"
#include "sip/body.h"

#include <stdlib.h>

enum { DISCARD_PORT = 9 }; /* candidates trickle later (RFC 8838 4) */

static void read_stream(const struct sdp *sdp, const struct sdp_media *media, struct stream_told *stream)
{
	const struct sdp_address *address = sdp_connection_of(sdp, media);
	*stream = (struct stream_told){ .end = { .port = media->port, .protocol = SIPALG_PROTOCOL_UDP } };
	if (address != NULL && address->host.is_address)
		stream->end.address = address->host.address;
	stream->direction = media->has_direction ? media->direction : sdp->direction;
	stream->is_rtp = text_begins_word(media->protocol, TEXT("rtp/")) ||
	                 text_begins_word(media->protocol, TEXT("udp/tls/rtp/"));
}

/* Whether a candidate is where the first stream says that it is. */
static bool has_default_candidate(const struct sdp *sdp, const struct stream_told *stream)
{
	for (size_t i = 0; i < sdp->candidate_count; i++) {
		const struct sdp_candidate *candidate = &sdp->candidates[i];
		if (candidate->is_alternative || !candidate->host.is_address)
			return true; /* a name (mDNS): nobody can tell */
		if (candidate->port == stream->end.port &&
		    sipalg_address_equal(&candidate->host.address, &stream->end.address))
			return true;
	}
	return sdp->candidate_count == 0;
}

/* 0.0.0.0 and ::, which say "not yet". */
static bool is_unspecified(const sipalg_address *address)
{
	sipalg_address zero = sipalg_address_from_ipv4(0);
	return sipalg_address_is_none(address) || sipalg_address_equal(address, &zero);
}

static bool has_line(struct text text, struct text wanted)
{
	struct cursor cursor = cursor_of(text), line;
	while (cursor_take_any_line(&cursor, &line))
		if (text_equal(cursor_trimmed(line), wanted))
			return true;
	return false;
}

struct description *description_take(const struct sip_message *message)
{
	struct sip_body body;
	struct sdp sdp;
	if (message->body.length == 0 || !sip_body_find_sdp(message, &body) || body.sdp_count == 0 ||
	    sdp_parse(body.sdp[0], &sdp) != SDP_WHOLE)
		return NULL;
	struct description *description = calloc(1, sizeof *description);
	if (description == NULL)
		return NULL;
	for (size_t i = 0; i < sdp.media_count && i < STREAMS_TOLD_MAX; i++)
		read_stream(&sdp, &sdp.media[i], &description->streams[description->count++]);
	description->has_ice = sdp.has_ice;
	description->ice_mismatch = has_line(body.sdp[0], TEXT("a=ice-mismatch"));
	const struct stream_told *first = &description->streams[0];
	description->ice_without_default = sdp.has_ice && description->count > 0 && first->end.port > DISCARD_PORT &&
	                                   !is_unspecified(&first->end.address) && !has_default_candidate(&sdp, first);
	return description;
}
