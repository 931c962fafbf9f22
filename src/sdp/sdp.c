/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/sdp.h"

#include "sdp/attribute.h"
#include "sdp/fields.h"

/* c=IN IP4 192.0.2.1, with /ttl and /number behind a multicast address (RFC 8866 5.7). */
static enum sdp_result connection_read(struct text value, struct sdp *sdp, struct sdp_media *media)
{
	size_t *count = media != NULL ? &media->connection_count : &sdp->connection_count;
	struct sdp_address *connections = media != NULL ? media->connections : sdp->connections;
	if (*count == SDP_CONNECTIONS_MAX)
		return SDP_TOO_LARGE;
	if (!sdp_address_take(&value, &connections[*count]) || !sdp_is_end(value))
		return SDP_BAD;
	(*count)++;
	return SDP_WHOLE;
}

/* Where the last field of a line begins. */
static size_t last_field_find(struct text value)
{
	size_t start = value.length;
	while (start > 0 && character_is(value.start[start - 1], CHARACTER_FIELD))
		start--;
	return start;
}

/* o=: the last three fields, since some write blanks into the user name. One that cannot be read names no address. */
static void origin_read(struct text value, struct sdp_address *origin)
{
	size_t start = value.length;
	for (int fields = 0; fields < 3; fields++)
		start = last_field_find(text_trim_end(text_first(value, start)));
	struct text last = text_from(value, start);
	if (start == 0 || !sdp_address_take(&last, origin))
		origin->host.name = text_first(value, 0);
}

static void media_clear(struct sdp_media *media, struct text nothing)
{
	media->connection_count = 0;
	media->rtcp.port_text = media->rtcp.address.host.name = nothing;
	media->rtcp.port = 0;
	media->rtcp.address.host.is_address = false;
	media->rtcp_mux = media->bundle_only = media->has_direction = false;
	media->direction = SDP_SENDRECV;
}

/* port or port/number. */
static bool ports_take(struct text *rest, struct sdp_media *media)
{
	uint64_t count = 1;
	text_skip_blanks(rest);
	if (!sdp_port_take(rest, &media->port_text, &media->port))
		return false;
	if (text_take_byte(rest, '/') &&
	    (!text_read_number(text_take_span(rest, CHARACTER_FIELD), UINT16_MAX, &count) || count == 0))
		return false;
	media->port_count = (uint16_t)count;
	return text_span(*rest, CHARACTER_BLANK) > 0;
}

/* m=audio 49170/2 RTP/AVP 31 */
static enum sdp_result media_read(struct text value, struct sdp *sdp)
{
	if (sdp->media_count == SIPALG_SDP_MEDIA_MAX)
		return SDP_TOO_LARGE;
	struct sdp_media *media = &sdp->media[sdp->media_count];
	media_clear(media, text_first(value, 0));
	media->kind = text_take_field(&value);
	if (!ports_take(&value, media))
		return SDP_BAD;
	media->protocol = text_take_field(&value);
	if (media->protocol.length == 0)
		return SDP_BAD;
	sdp->media_count++;
	return SDP_WHOLE;
}

static enum sdp_result line_read(struct text line, struct sdp *sdp)
{
	if (line.length < 2 || line.start[1] != '=')
		return SDP_WHOLE;
	struct text value = { line.start + 2, line.length - 2 };
	switch (line.start[0]) {
	case 'a':
		return sdp_attribute_read(value, sdp);
	case 'm':
		return media_read(value, sdp);
	case 'c':
		return connection_read(value, sdp, sdp_media_last(sdp));
	case 'o':
		origin_read(text_trim_end(value), &sdp->origin);
		return SDP_WHOLE;
	default:
		return SDP_WHOLE;
	}
}

static void sdp_clear(struct sdp *sdp, struct text text)
{
	sdp->whole = text;
	sdp->origin.host.name = text_first(text, 0);
	sdp->origin.host.is_address = sdp->origin.is_ip4 = sdp->origin.is_ip6 = false;
	sdp->connection_count = sdp->media_count = sdp->candidate_count = 0;
	sdp->direction = SDP_SENDRECV;
	sdp->has_ice = false;
}

enum sdp_result sdp_parse(struct text text, struct sdp *sdp)
{
	enum sdp_result result = SDP_WHOLE;
	struct text line, rest = text;
	sdp_clear(sdp, text);
	while (result == SDP_WHOLE && rest.length > 0) {
		if (!text_take_line(&rest, &line))
			line = text_take(&rest, rest.length);
		result = line_read(line, sdp);
	}
	return result;
}
