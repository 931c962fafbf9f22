/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What session descriptions say about media addresses, and what is done there (RFC 3264, RFC 8839 8.2.2). */
#include "engine/engine.h"

enum {
	PORT_DISCARD = 9,      /* a placeholder, not an endpoint (RFC 8840 4.1, RFC 4145 4.1) */
	MEDIA_PORTS_MAX = 8,   /* of "port/number" */
	PORTS_OF_A_STREAM = 2, /* RTP and RTCP */
};

/* ---- What a stream says ---- */

static bool is_placeholder(const struct sdp_address *address)
{
	const sipalg_address *host = &address->host.address;
	return address->host.is_address &&
	       (sipalg_address_is_none(host) || (sipalg_address_is_ipv4(host) && !sipalg_address_to_ipv4(host)));
}

static size_t connection_count(const struct sdp *sdp, const struct sdp_media *media)
{
	return media->connection_count ? media->connection_count : sdp->connection_count;
}

/* RTP/AVP, RTP/SAVPF, UDP/TLS/RTP/SAVPF and their like. */
static bool is_rtp(const struct sdp_media *media)
{
	struct text rest = media->protocol;
	while (!text_is_empty(rest)) {
		if (text_begins_nocase(rest, TEXT("RTP/")))
			return true;
		rest = text_from(rest, text_find(rest, '/') + 1);
	}
	return false;
}

static bool is_udp(const struct sdp_media *media)
{
	return !text_begins_nocase(media->protocol, TEXT("TCP"));
}

static enum sdp_direction direction_of(const struct sdp *sdp, const struct sdp_media *media)
{
	return media->has_direction ? media->direction : sdp->direction;
}

/* On hold: there are streams, and none of them goes both ways (RFC 3264 8.4, and c=0.0.0.0 of RFC 2543). */
static bool is_held(const struct sdp *sdp)
{
	bool has_stream = false;
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];
		const struct sdp_address *connection = sdp_connection_of(sdp, media);
		if (!media->port)
			continue;
		has_stream = true;
		if (direction_of(sdp, media) == SDP_SENDRECV && !(connection && is_placeholder(connection)))
			return false;
	}
	return has_stream;
}

static bool read_session(struct passage *passage)
{
	if (!sip_body_find_sdp(&passage->message, &passage->body)) {
		passage_refuse(passage, SIPALG_REASON_TOO_LARGE);
		return false;
	}
	return passage->body.sdp_count > 0;
}

static bool parse_session(struct passage *passage, size_t index)
{
	passage->has_sdp = false; /* a description before this one is overwritten */
	enum sdp_result result = sdp_parse(passage->body.sdp[index], &passage->sdp);
	if (result == SDP_TOO_LARGE)
		passage_refuse(passage, SIPALG_REASON_TOO_LARGE);
	if (result != SDP_WHOLE)
		return false;
	passage->has_sdp = true;
	passage->is_held = is_held(&passage->sdp);
	return true;
}

/* ---- Outbound ---- */

/* True for an address of the public internet that is not this network's business: written by a phone that knows better.
 */
static bool is_private_ipv4(uint32_t address)
{
	return address >> 24 == 10 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8 || address >> 16 == 0xa9fe ||
	       address >> 22 == 0x64400000 >> 22 || address >> 24 == 127;
}

/* An offer with a reflexive or relayed candidate, or a public host one, has found its own way through NAT; and one that
 * tells of ICE without any candidate we can read will send them later. Both stay (RFC 8839 8.2.2). */
static bool has_solved_nat(const struct passage *passage)
{
	const struct sdp *sdp = &passage->sdp;
	if (!sdp->has_ice)
		return false;
	bool has_inside = false;
	for (size_t i = 0; i < sdp->candidate_count; i++) {
		const struct sip_host *host = &sdp->candidates[i].host;
		if (!sdp->candidates[i].is_host)
			return true;
		if (!host->is_address || !sipalg_address_is_ipv4(&host->address))
			continue;
		if (passage_is_inside(passage, host))
			has_inside = true;
		else if (!is_private_ipv4(sipalg_address_to_ipv4(&host->address)))
			return true;
	}
	return !has_inside;
}

/* Ports below 1024 stay: no SDP opens a way to an inside service. */
static bool wants_binding(const struct passage *passage, const struct sdp_media *media)
{
	const struct sdp_address *connection = sdp_connection_of(&passage->sdp, media);
	return connection && connection_count(&passage->sdp, media) == 1 &&
	       passage_is_inside(passage, &connection->host) && sipalg_address_is_ipv4(&connection->host.address) &&
	       is_udp(media) && media->port >= SIPALG_PORT_MIN && media->port_count <= MEDIA_PORTS_MAX;
}

static void name_media(struct passage *passage, uint32_t slot, size_t line, bool is_rtcp)
{
	if (passage->media_count == PASSAGE_MEDIA_MAX) {
		passage_refuse(passage, SIPALG_REASON_TOO_LARGE);
		return;
	}
	passage->media[passage->media_count++] =
	        (struct passing_media){ .binding = slot, .line = (uint8_t)line, .is_rtcp = is_rtcp };
}

/* Media from anywhere may come in to the host that speaks for itself, for media servers differ from SIP servers; to
 * another host only from where the answer says. */
static uint32_t bind_media(struct passage *passage, const sipalg_address *host, uint16_t port, uint16_t outside_port,
                           bool with_next)
{
	struct bind_wish wish = { .port = outside_port, .with_next = with_next };
	wish.inside = (sipalg_endpoint){ .address = *host, .port = port, .protocol = SIPALG_PROTOCOL_UDP };
	wish.admits_any =
	        sipalg_address_equal(host, &passage->packet->source.address) && !passage->engine->settings.narrow_media;
	return passage_bind(passage, &wish);
}

static uint16_t outside_port_of(const struct passage *passage, uint32_t slot)
{
	return passage->engine->bindings.list[slot].outside.port;
}

/* a=rtcp says where RTCP goes (RFC 3605); else it is the port after RTP's, unless both share one (RFC 5761). */
static void replace_rtcp(struct passage *passage, const struct sdp_media *media, size_t line,
                         const sipalg_address *host, uint16_t rtp_outside_port)
{
	const struct sdp_rtcp *rtcp = &media->rtcp;
	bool is_written = !text_is_empty(rtcp->port_text);
	if (is_written && !text_is_empty(rtcp->address.host.name)) {
		if (!passage_is_inside(passage, &rtcp->address.host))
			return;
		host = &rtcp->address.host.address;
	}
	if (is_written ? rtcp->port < SIPALG_PORT_MIN : media->rtcp_mux || !is_rtp(media))
		return;
	uint16_t port = is_written ? rtcp->port : (uint16_t)(media->port + 1);
	bool is_next = port == media->port + 1;
	if (!port)
		return;
	uint32_t slot = bind_media(passage, host, port, is_next ? (uint16_t)(rtp_outside_port + 1) : 0, false);
	if (!slot)
		return;
	if (port != media->port)
		name_media(passage, slot, line, true);
	if (!is_written) {
		if (outside_port_of(passage, slot) != rtp_outside_port + 1)
			rtcp_line_add(passage, media, outside_port_of(passage, slot));
		return;
	}
	edits_replace_number(&passage->edits, rtcp->port_text, SIPALG_PLACE_SDP_RTCP, outside_port_of(passage, slot));
	if (!text_is_empty(rtcp->address.host.name))
		passage_replace_host_by_outside(passage, rtcp->address.host.name, SIPALG_PLACE_SDP_RTCP);
}

/* "port/number" are that many streams, each with its RTCP, on ports in a row (RFC 8866 5.14). */
static void bind_further_ports(struct passage *passage, const struct sdp_media *media, size_t line,
                               const sipalg_address *host, uint16_t outside_port)
{
	unsigned step = is_rtp(media) ? PORTS_OF_A_STREAM : 1;
	for (unsigned i = step; i < step * media->port_count; i++) {
		if (media->port + i > SIPALG_PORT_MAX || outside_port + i > SIPALG_PORT_MAX)
			return;
		uint32_t slot =
		        bind_media(passage, host, (uint16_t)(media->port + i), (uint16_t)(outside_port + i), false);
		if (!slot)
			return;
		name_media(passage, slot, line, i % step == 1);
	}
}

static void replace_media(struct passage *passage, size_t line)
{
	const struct sdp_media *media = &passage->sdp.media[line];
	const struct sdp_address *connection = sdp_connection_of(&passage->sdp, media);
	const sipalg_address *host = &connection->host.address;
	bool with_next = is_rtp(media) && !media->rtcp_mux && text_is_empty(media->rtcp.port_text) &&
	                 media->port < SIPALG_PORT_MAX;
	uint32_t slot = bind_media(passage, host, media->port, 0, with_next);
	if (!slot)
		return;
	name_media(passage, slot, line, false);
	uint16_t outside_port = outside_port_of(passage, slot);
	if (outside_port != media->port)
		edits_replace_number(&passage->edits, media->port_text, SIPALG_PLACE_SDP_MEDIA, outside_port);
	passage_replace_host_by_outside(passage, connection->host.name, SIPALG_PLACE_SDP_CONNECTION);
	replace_rtcp(passage, media, line, host, outside_port);
	if (media->port_count > 1)
		bind_further_ports(passage, media, line, host, outside_port);
}

static void replace_candidate(struct passage *passage, const struct sdp_candidate *candidate)
{
	if (!candidate->is_udp || candidate->port < SIPALG_PORT_MIN || !passage_is_inside(passage, &candidate->host))
		return;
	uint32_t slot = bind_media(passage, &candidate->host.address, candidate->port, 0, false);
	if (!slot)
		return;
	name_media(passage, slot, candidate->media, false);
	passage_replace_host_by_outside(passage, candidate->host.name, SIPALG_PLACE_SDP_CANDIDATE);
	edits_replace_number(&passage->edits, candidate->port_text, SIPALG_PLACE_SDP_CANDIDATE,
	                     outside_port_of(passage, slot));
}

/* o= identifies the session and need not be reachable: it follows c= where that is replaced, and keeps doing so while
 * c= is a placeholder or every stream is rejected, so that it stays the same for the whole dialog (RFC 3264 8). */
static bool is_in_call(const struct passage *passage)
{
	const struct calls *calls = &passage->engine->calls;
	uint32_t call = calls_find(calls, &passage->call_id);
	return call && calls_leg_of_phone(calls, call, &passage->packet->source.address, true);
}

static bool origin_follows(const struct passage *passage)
{
	const struct sdp *sdp = &passage->sdp;
	if (!passage_is_inside(passage, &sdp->origin.host))
		return false;
	bool all_placeholders = true, all_rejected = sdp->media_count > 0;
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_address *connection = sdp_connection_of(sdp, &sdp->media[i]);
		if (!connection)
			continue;
		if (sipalg_address_equal(&connection->host.address, &sdp->origin.host.address) &&
		    wants_binding(passage, &sdp->media[i]))
			return true;
		all_placeholders = all_placeholders && is_placeholder(connection);
		all_rejected = all_rejected && !sdp->media[i].port;
	}
	return all_placeholders || (all_rejected && is_in_call(passage));
}

static void replace_session(struct passage *passage)
{
	const struct sdp *sdp = &passage->sdp;
	if (has_solved_nat(passage)) {
		passage->is_public = true;
		return;
	}
	for (size_t i = 0; i < sdp->media_count; i++)
		if (wants_binding(passage, &sdp->media[i]))
			replace_media(passage, i);
	for (size_t i = 0; i < sdp->candidate_count; i++)
		replace_candidate(passage, &sdp->candidates[i]);
	if (origin_follows(passage))
		passage_replace_host_by_outside(passage, sdp->origin.host.name, SIPALG_PLACE_SDP_ORIGIN);
}

/* Each description that can be read is dealt with; the last of them is what the message says about the call, though one
 * that cannot be read may stand behind it. */
static void walk_sessions(struct passage *passage, void (*visit)(struct passage *))
{
	size_t last = SIP_BODY_SDP_MAX;
	if (!read_session(passage))
		return;
	for (size_t i = 0; i < passage->body.sdp_count; i++) {
		if (!parse_session(passage, i))
			continue;
		visit(passage);
		last = i;
	}
	if (!passage->has_sdp && last < SIP_BODY_SDP_MAX)
		(void)parse_session(passage, last);
}

void media_go_out(struct passage *passage)
{
	walk_sessions(passage, replace_session);
}

/* ---- Inbound: descriptions that another phone behind this very NAT had sent ---- */

static uint32_t media_slot(const struct passage *passage, const struct sdp_address *connection, uint16_t port)
{
	if (!connection || !passage_is_outside(passage, &connection->host))
		return 0;
	sipalg_endpoint outside = { .address = passage->outside, .port = port, .protocol = SIPALG_PROTOCOL_UDP };
	return bindings_find_alive_outside(&passage->engine->bindings, &outside);
}

/* The one inside host that stands behind every stream that names the outside address; NULL: there is none, or they
 * differ, and the description stays as it is. */
static const sipalg_address *host_behind(const struct passage *passage)
{
	const struct sdp *sdp = &passage->sdp;
	const sipalg_address *host = NULL;
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];
		const struct sdp_address *connection = sdp_connection_of(sdp, media);
		if (!media->port || !connection || !passage_is_outside(passage, &connection->host))
			continue;
		uint32_t slot = media_slot(passage, connection, media->port);
		if (!slot)
			return NULL;
		const sipalg_address *inside = &passage->engine->bindings.list[slot].inside.address;
		if (host && !sipalg_address_equal(host, inside))
			return NULL;
		host = inside;
	}
	return host;
}

/* On hold with c=0.0.0.0 only o= still names the outside address: the other party of the call is who wrote it. */
static const sipalg_address *host_of_other_leg(const struct passage *passage)
{
	const struct calls *calls = &passage->engine->calls;
	uint32_t call = calls_find(calls, &passage->call_id);
	uint32_t leg = call ? calls_leg_of_phone(calls, call, &passage->packet->destination.address, false) : 0;
	return leg ? &calls->legs[leg].phone : NULL;
}

static void restore_port(struct passage *passage, struct text span, enum sipalg_place place, uint16_t port)
{
	sipalg_endpoint outside = { .address = passage->outside, .port = port, .protocol = SIPALG_PROTOCOL_UDP };
	uint32_t slot = bindings_find_alive_outside(&passage->engine->bindings, &outside);
	if (slot)
		edits_replace_number(&passage->edits, span, place, passage->engine->bindings.list[slot].inside.port);
}

static void restore_media(struct passage *passage, const struct sdp_media *media, const sipalg_address *host)
{
	const struct sdp_address *connection = sdp_connection_of(&passage->sdp, media);
	if (!media->port || !media_slot(passage, connection, media->port))
		return;
	restore_port(passage, media->port_text, SIPALG_PLACE_SDP_MEDIA, media->port);
	passage_replace_host(passage, connection->host.name, SIPALG_PLACE_SDP_CONNECTION, host);
	if (text_is_empty(media->rtcp.port_text))
		return;
	restore_port(passage, media->rtcp.port_text, SIPALG_PLACE_SDP_RTCP, media->rtcp.port);
	if (passage_is_outside(passage, &media->rtcp.address.host))
		passage_replace_host(passage, media->rtcp.address.host.name, SIPALG_PLACE_SDP_RTCP, host);
}

static void restore_candidate(struct passage *passage, const struct sdp_candidate *candidate)
{
	sipalg_endpoint outside = { .address = passage->outside,
		                    .port = candidate->port,
		                    .protocol = SIPALG_PROTOCOL_UDP };
	if (!candidate->is_udp || !candidate->is_host || !passage_is_outside(passage, &candidate->host))
		return;
	uint32_t slot = bindings_find_alive_outside(&passage->engine->bindings, &outside);
	if (!slot)
		return;
	const sipalg_endpoint *inside = &passage->engine->bindings.list[slot].inside;
	passage_replace_host(passage, candidate->host.name, SIPALG_PLACE_SDP_CANDIDATE, &inside->address);
	edits_replace_number(&passage->edits, candidate->port_text, SIPALG_PLACE_SDP_CANDIDATE, inside->port);
}

/* To whom the description is sent back gets its own address again. Another host's is told only where inside hosts
 * reach each other; else the outside address stays, and their media go by the router (RFC 4787 6). */
static bool may_be_told(const struct passage *passage, const sipalg_address *host)
{
	return host && (!passage->engine->settings.hairpin_media ||
	                sipalg_address_equal(host, &passage->packet->destination.address));
}

static void restore_session(struct passage *passage)
{
	const struct sdp *sdp = &passage->sdp;
	const sipalg_address *host = host_behind(passage);
	if (host && !may_be_told(passage, host))
		return;
	for (size_t i = 0; host && i < sdp->media_count; i++)
		restore_media(passage, &sdp->media[i], host);
	for (size_t i = 0; host && i < sdp->candidate_count; i++)
		restore_candidate(passage, &sdp->candidates[i]);
	if (!passage_is_outside(passage, &sdp->origin.host))
		return;
	if (!host && passage->is_held)
		host = host_of_other_leg(passage);
	if (may_be_told(passage, host))
		passage_replace_host(passage, sdp->origin.host.name, SIPALG_PLACE_SDP_ORIGIN, host);
}

void media_come_in(struct passage *passage)
{
	walk_sessions(passage, restore_session);
}
