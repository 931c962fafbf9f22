/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare/judge.h"

#include "sdp/sdp.h"
#include "sip/body.h"
#include "sip/via.h"

#include <stdio.h>

/* One message and what became of it. */
struct halves {
	const struct judge *judge;
	const struct changes *changes;
	struct charges *charges;
};

/* What it means when a place keeps our inside address while others lose it. */
static enum fault_kind fault_of_rest(enum place place)
{
	switch (place) {
	case PLACE_CONTACT:
		return FAULT_CONTACT_NOT_REWRITTEN;
	case PLACE_SDP_CONNECTION:
		return FAULT_SDP_NOT_REWRITTEN;
	case PLACE_SDP_RTCP:
		return FAULT_RTCP_IGNORED;
	case PLACE_SDP_CANDIDATE:
		return FAULT_ICE_MISMATCH;
	default:
		return FAULT_HALF_REWRITTEN;
	}
}

/* A place of the message as it was sent that names a host. */
static void mention(const struct halves *halves, enum place place, uint8_t index, const struct sip_host *host)
{
	if (!host->is_address || judge_owner(halves->judge, &host->address) != OWNER_INSIDE ||
	    changes_find_at(halves->changes, place, index) != NULL)
		return;
	charges_add(halves->charges, fault_of_rest(place), "%s still names %.*s, while other places were rewritten",
	            place_words(place), (int)host->name.length, host->name.start);
}

static void mention_vias(const struct halves *halves, struct text value)
{
	struct sip_via via;
	for (uint8_t index = 0; sip_via_next(&value, &via); index++)
		mention(halves, PLACE_VIA, index, &via.host);
}

static void mention_names(const struct halves *halves, enum place place, struct text value)
{
	struct sip_name_addr entry;
	struct sip_uri uri;
	for (uint8_t index = 0; sip_name_addr_next(&value, &entry); index++) {
		if (entry.is_star || !sip_uri_parse(entry.uri, &uri) || uri.scheme == SIP_SCHEME_OTHER)
			continue;
		mention(halves, place, index, &uri.host);
		if (changes_find_at(halves->changes, place, index) != NULL)
			mention(halves, PLACE_MADDR, index, &uri.maddr);
	}
}

static void mention_headers(const struct halves *halves, const struct sip_message *message)
{
	for (size_t i = 0; i < message->header_count; i++) {
		struct text value = message->headers[i].value;
		switch (message->headers[i].kind) {
		case SIP_HEADER_VIA:
			mention_vias(halves, value);
			break;
		case SIP_HEADER_CONTACT:
			mention_names(halves, PLACE_CONTACT, value);
			break;
		case SIP_HEADER_RECORD_ROUTE:
			mention_names(halves, PLACE_RECORD_ROUTE, value);
			break;
		case SIP_HEADER_PATH:
			mention_names(halves, PLACE_PATH, value);
			break;
		default:
			break;
		}
	}
}

/* A stream without c= of its own has the session's. */
static bool session_address_holds(const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++)
		if (sdp->media[i].connection_count == 0 && sdp->media[i].port > 0)
			return true;
	return false;
}

static void mention_description(const struct halves *halves, const struct sdp *sdp)
{
	if (sdp->connection_count > 0 && session_address_holds(sdp))
		mention(halves, PLACE_SDP_CONNECTION, CHANGE_SESSION, &sdp->connections[0].host);
	for (size_t i = 0; i < sdp->media_count; i++) {
		if (sdp->media[i].connection_count > 0 && sdp->media[i].port > 0)
			mention(halves, PLACE_SDP_CONNECTION, (uint8_t)i, &sdp->media[i].connections[0].host);
		if (changes_find(halves->changes, PLACE_SDP_CONNECTION) != NULL)
			mention(halves, PLACE_SDP_RTCP, (uint8_t)i, &sdp->media[i].rtcp.address.host);
	}
}

static bool is_candidate(const struct sdp *sdp, size_t media, const sipalg_address *address, uint16_t port)
{
	for (size_t i = 0; i < sdp->candidate_count; i++) {
		const struct sdp_candidate *candidate = &sdp->candidates[i];
		if (candidate->media == media && candidate->host.is_address && candidate->port == port &&
		    sipalg_address_equal(&candidate->host.address, address))
			return true;
	}
	return false;
}

/* Streams of which c= and m= name one of their candidates; without it ICE ends in ice-mismatch (RFC 8839 4.2.5). */
static size_t defaults_count(const struct sdp *sdp)
{
	size_t count = 0;
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_address *address = sdp_connection_of(sdp, &sdp->media[i]);
		if (address != NULL && address->host.is_address &&
		    is_candidate(sdp, i, &address->host.address, sdp->media[i].port))
			count++;
	}
	return count;
}

/* The one session description of a message. False: it has none, or one that must not be touched. */
static bool description_read(struct text bytes, struct sip_message *message, struct sdp *sdp)
{
	struct sip_body body;
	return sip_message_parse(bytes, message) == SIP_WHOLE && sip_body_find_sdp(message, &body) &&
	       body.sdp_count == 1 && !body.is_sealed && sdp_parse(body.sdp[0], sdp) == SDP_WHOLE;
}

static bool description_changed(const struct changes *changes)
{
	return changes_find(changes, PLACE_SDP_CONNECTION) != NULL || changes_find(changes, PLACE_SDP_PORT) != NULL ||
	       changes_find(changes, PLACE_SDP_CANDIDATE) != NULL;
}

/* Signed messages, and ICE offers that were left alone as a whole, are right as they are: their ends find each other.
 */
static void descriptions_judge(const struct halves *halves, struct text sent, struct text received)
{
	struct sip_message message;
	struct sdp before, after;
	if (!description_read(sent, &message, &before) ||
	    sip_message_header(&message, SIP_HEADER_IDENTITY_INFO).length > 0)
		return;
	if (!before.has_ice)
		mention_description(halves, &before);
	else if (description_changed(halves->changes) && description_read(received, &message, &after) &&
	         defaults_count(&after) < defaults_count(&before))
		charges_add(halves->charges, FAULT_ICE_MISMATCH,
		            "c= and m= were rewritten, and no a=candidate names what they say now");
}

/* Answers without rport go to the port that Via names (RFC 3261 18.2.2), which must be the packet's then. */
static void via_port_judge(const struct halves *halves)
{
	const struct judge *judge = halves->judge;
	const struct change *via = changes_find(halves->changes, PLACE_VIA);
	if (via == NULL || judge->port_seen == 0 || via->from.port != judge->port ||
	    judge_owner(judge, &via->to.address) != OWNER_OUTSIDE)
		return;
	uint16_t port = via->to.port ? via->to.port : 5060;
	if (port != judge->port_seen)
		charges_add(halves->charges, FAULT_HALF_REWRITTEN, "Via names port %u, and the packet comes from %u",
		            port, judge->port_seen);
}

void judge_halves(const struct judge *judge, struct text sent, struct text received, const struct changes *changes,
                  struct charges *charges)
{
	const struct halves halves = { judge, changes, charges };
	struct sip_message message;
	/* In what cannot be read any more nobody knows what stands. */
	if (sip_message_parse(sent, &message) != SIP_WHOLE || changes_find(changes, PLACE_SYNTAX) != NULL)
		return;
	mention_headers(&halves, &message);
	if (changes_find(changes, PLACE_BODY_END) == NULL)
		descriptions_judge(&halves, sent, received);
	via_port_judge(&halves);
}
