/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/attribute.h"

#include "sdp/fields.h"

/* a=rtcp:10051 IN IP4 192.0.2.1 (RFC 3605 2.1). It is an attribute of media; two in one would contradict. */
static enum sdp_result rtcp_read(struct cursor value, struct sdp_media *media)
{
	if (media == NULL)
		return SDP_WHOLE;
	if (media->rtcp.port_text.length > 0 || !sdp_port_take(&value, &media->rtcp.port_text, &media->rtcp.port))
		return SDP_BAD;
	if (sdp_is_end(value))
		return SDP_WHOLE;
	if (!cursor_begins_class(value, CHARACTER_BLANK))
		return SDP_BAD;
	cursor_skip_blanks(&value);
	return sdp_address_take(&value, &media->rtcp.address) && sdp_is_end(value) ? SDP_WHOLE : SDP_BAD;
}

/* foundation component transport priority address port "typ" type … (RFC 8839 5.1). */
static bool candidate_fields_read(struct cursor value, struct sdp_candidate *candidate)
{
	struct text foundation = cursor_take_field(&value);
	struct text component = cursor_take_field(&value);
	struct text transport = cursor_take_field(&value);
	struct text priority = cursor_take_field(&value);
	sdp_host_read(cursor_take_field(&value), &candidate->host);
	cursor_skip_blanks(&value);
	if (foundation.length == 0 || component.length == 0 || priority.length == 0 ||
	    !sdp_port_take(&value, &candidate->port_text, &candidate->port) ||
	    !cursor_begins_class(value, CHARACTER_BLANK))
		return false;
	bool has_type = text_is_word(cursor_take_field(&value), TEXT("typ"));
	struct text type = cursor_take_field(&value);
	candidate->is_udp = text_is_word(transport, TEXT("udp"));
	candidate->is_host = text_is_word(type, TEXT("host"));
	return has_type && type.length > 0;
}

/* number addrtype address port, and perhaps more (RFC 6947 4.1); an address of another family is a name. */
static bool alternative_fields_read(struct cursor value, struct sdp_candidate *candidate)
{
	struct text number = cursor_take_field(&value);
	struct text family = cursor_take_field(&value);
	sdp_host_read(cursor_take_field(&value), &candidate->host);
	bool is_ipv4 = text_is_word(family, TEXT("ip4"));
	if (candidate->host.is_address && sipalg_address_is_ipv4(&candidate->host.address) != is_ipv4)
		candidate->host.is_address = false;
	cursor_skip_blanks(&value);
	candidate->is_udp = candidate->is_host = true;
	return number.length > 0 && (is_ipv4 || text_is_word(family, TEXT("ip6"))) &&
	       sdp_port_take(&value, &candidate->port_text, &candidate->port) &&
	       (cursor_is_end(value) || cursor_begins_class(value, CHARACTER_BLANK));
}

static enum sdp_result candidate_read(struct cursor value, struct sdp *sdp,
                                      bool (*fields_read)(struct cursor, struct sdp_candidate *))
{
	if (sdp->candidate_count == SIPALG_SDP_CANDIDATES_MAX)
		return SDP_TOO_LARGE;
	struct sdp_candidate *candidate = &sdp->candidates[sdp->candidate_count];
	candidate->media = sdp->media_count == 0 ? SDP_CANDIDATE_SESSION : (uint8_t)(sdp->media_count - 1);
	candidate->is_alternative = fields_read == alternative_fields_read;
	if (fields_read(value, candidate))
		sdp->candidate_count++;
	return SDP_WHOLE;
}

static void direction_set(enum sdp_direction direction, struct sdp *sdp, struct sdp_media *media)
{
	if (media == NULL) {
		sdp->direction = direction;
		return;
	}
	media->has_direction = true;
	media->direction = direction;
}

/* Attributes without a value. */
static void property_read(struct text name, struct sdp *sdp, struct sdp_media *media)
{
	if (text_equal(name, TEXT("sendrecv")))
		direction_set(SDP_SENDRECV, sdp, media);
	else if (text_equal(name, TEXT("sendonly")))
		direction_set(SDP_SENDONLY, sdp, media);
	else if (text_equal(name, TEXT("recvonly")))
		direction_set(SDP_RECVONLY, sdp, media);
	else if (text_equal(name, TEXT("inactive")))
		direction_set(SDP_INACTIVE, sdp, media);
	else if (text_equal(name, TEXT("ice-lite")))
		sdp->has_ice = true;
	else if (media != NULL && (text_equal(name, TEXT("rtcp-mux")) || text_equal(name, TEXT("rtcp-mux-only"))))
		media->rtcp_mux = true;
	else if (media != NULL && text_equal(name, TEXT("bundle-only")))
		media->bundle_only = true;
}

/* Names are compared as they are: attribute names are case-sensitive (RFC 8866 5.13). */
enum sdp_result sdp_attribute_take(struct cursor attribute, struct sdp *sdp)
{
	struct text name = cursor_take_class(&attribute, CHARACTER_TOKEN);
	if (!cursor_take_byte(&attribute, ':')) {
		property_read(name, sdp, sdp_media_last(sdp));
		return SDP_WHOLE;
	}
	if (text_equal(name, TEXT("candidate"))) {
		sdp->has_ice = true;
		return candidate_read(attribute, sdp, candidate_fields_read);
	}
	if (text_equal(name, TEXT("rtcp")))
		return rtcp_read(attribute, sdp_media_last(sdp));
	if (text_equal(name, TEXT("altc")) && sdp->media_count > 0)
		return candidate_read(attribute, sdp, alternative_fields_read);
	sdp->has_ice |= text_equal(name, TEXT("ice-ufrag"));
	return SDP_WHOLE;
}
