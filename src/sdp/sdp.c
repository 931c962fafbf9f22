/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/sdp.h"

#include "sdp/attribute.h"
#include "sdp/fields.h"

/* c=IN IP4 192.0.2.1, with /ttl and /number behind a multicast address (RFC 8866 5.7). */
static enum sdp_result connection_read(struct cursor value, struct sdp *sdp)
{
	struct sdp_media *media = sdp_media_last(sdp);
	size_t *count = media != NULL ? &media->connection_count : &sdp->connection_count;
	struct sdp_address *connections = media != NULL ? media->connections : sdp->connections;
	if (*count == SDP_CONNECTIONS_MAX)
		return SDP_TOO_LARGE;
	if (!sdp_address_take(&value, &connections[*count]) || !sdp_is_end(value))
		return SDP_BAD;
	(*count)++;
	return SDP_WHOLE;
}

/* Goes back to where the last field before the cursor begins. */
static inline void last_field_find(struct cursor *cursor, const char *start)
{
	while (cursor->at != start && character_is(cursor->at[-1], CHARACTER_BLANK))
		cursor->at--;
	while (cursor->at != start && character_is(cursor->at[-1], CHARACTER_FIELD))
		cursor->at--;
}

static void address_clear(struct sdp_address *address, struct text nothing)
{
	address->host.name = nothing;
	address->host.is_address = false;
	address->is_ip4 = false;
	address->is_ip6 = false;
}

/* Goes back over the fields "IN IP4", if that is what stands before the cursor. */
static inline bool ipv4_type_find(struct cursor *cursor, const char *start)
{
	if (cursor->at - start < 8 || memcmp(cursor->at - 8, " IN IP4 ", 8) != 0)
		return false;
	cursor->at -= 7;
	return true;
}

/* o=: the last three fields, since some write blanks into the user name. One that cannot be read names no address. */
static inline void origin_read(struct cursor value, struct sdp_address *origin)
{
	cursor_trim_end(&value);
	struct cursor last = { value.end, value.end };
	last_field_find(&last, value.at);
	if (!ipv4_type_find(&last, value.at)) {
		last_field_find(&last, value.at);
		last_field_find(&last, value.at);
	}
	if (last.at == value.at || !sdp_address_take(&last, origin))
		address_clear(origin, (struct text){ value.at, 0 });
}

static void media_clear(struct sdp_media *media, struct text nothing)
{
	media->connection_count = 0;
	media->rtcp.port_text = nothing;
	media->rtcp.port = 0;
	address_clear(&media->rtcp.address, nothing);
	media->rtcp_mux = media->bundle_only = media->has_direction = false;
	media->direction = SDP_SENDRECV;
}

/* port or port/number. */
static inline bool ports_take(struct cursor *cursor, struct sdp_media *media)
{
	uint32_t count = 1;
	cursor_skip_blanks(cursor);
	if (!sdp_port_take(cursor, &media->port_text, &media->port))
		return false;
	if (cursor_take_byte(cursor, '/') && (!cursor_take_number(cursor, UINT16_MAX, &count) || count == 0))
		return false;
	media->port_count = (uint16_t)count;
	return cursor_begins_class(*cursor, CHARACTER_BLANK);
}

/* m=audio 49170/2 RTP/AVP 31 */
static enum sdp_result media_read(struct cursor value, struct sdp *sdp)
{
	if (sdp->media_count == SIPALG_SDP_MEDIA_MAX)
		return SDP_TOO_LARGE;
	struct sdp_media *media = &sdp->media[sdp->media_count];
	media_clear(media, (struct text){ value.at, 0 });
	media->kind = cursor_take_field(&value);
	if (!ports_take(&value, media))
		return SDP_BAD;
	media->protocol = cursor_take_field(&value);
	if (media->protocol.length == 0)
		return SDP_BAD;
	sdp->media_count++;
	return SDP_WHOLE;
}

static inline enum sdp_result line_read(struct cursor line, struct sdp *sdp)
{
	if (cursor_left(line) < 2 || line.at[1] != '=')
		return SDP_WHOLE;
	struct cursor value = { line.at + 2, line.end };
	switch (*line.at) {
	case 'a':
		return sdp_attribute_read(value, sdp);
	case 'm':
		return media_read(value, sdp);
	case 'c':
		return connection_read(value, sdp);
	case 'o':
		origin_read(value, &sdp->origin);
		return SDP_WHOLE;
	default:
		return SDP_WHOLE;
	}
}

static void sdp_clear(struct sdp *sdp, struct text text)
{
	sdp->whole = text;
	address_clear(&sdp->origin, text_first(text, 0));
	sdp->connection_count = sdp->media_count = sdp->candidate_count = 0;
	sdp->direction = SDP_SENDRECV;
	sdp->has_ice = false;
}

enum sdp_result sdp_parse(struct text text, struct sdp *sdp)
{
	enum sdp_result result = SDP_WHOLE;
	sdp_clear(sdp, text);
	if (text.length == 0)
		return SDP_WHOLE;
	struct cursor line, cursor = cursor_of(text);
	while (result == SDP_WHOLE && cursor_take_any_line(&cursor, &line))
		result = line_read(line, sdp);
	return result;
}
