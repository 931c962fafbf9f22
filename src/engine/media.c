/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What session descriptions say about media addresses, and what is done there (RFC 3264, RFC 8839 8.2.2). */
#include "engine/engine.h"

enum {
	PORT_DISCARD = 9,      /* a placeholder, not an endpoint (RFC 8840 4.1, RFC 4145 4.1) */
	MEDIA_PORTS_MAX = 8,   /* of "port/number" */
	PORTS_OF_A_STREAM = 2, /* RTP and RTCP */
	CANDIDATE_PINHOLES_MAX = SIPALG_LEG_MEDIA_MAX / 2,
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
		if (text_begins_word(rest, TEXT("rtp/")))
			return true;
		rest = text_from(rest, text_find(rest, '/') + 1);
	}
	return false;
}

static bool is_udp(const struct sdp_media *media)
{
	return !text_begins_word(media->protocol, TEXT("tcp"));
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

/* Which families of address the phone has brought through NAT by itself: with a reflexive or relayed candidate of that
 * family, or a public host one that is not inside; and an offer that tells of ICE without any inside candidate of the
 * family will send them later, or does without (RFC 8839 8.2.2). One of IPv6 says nothing about IPv4, nor the other way
 * round. */
static bool is_way_through(const struct passage *passage, const struct sdp_candidate *candidate)
{
	return !candidate->is_host ||
	       (!passage_is_inside(passage, &candidate->host) && !address_is_local(&candidate->host.address) &&
	        address_is_forwarded(&candidate->host.address));
}

static void find_solved(struct passage *passage)
{
	const struct sdp *sdp = &passage->sdp;
	bool has_inside[2] = { false, false }, has_way[2] = { false, false };
	if (!sdp->has_ice)
		return;
	for (size_t i = 0; i < sdp->candidate_count; i++) {
		const struct sdp_candidate *candidate = &sdp->candidates[i];
		if (candidate->is_alternative)
			continue;
		if (!candidate->host.is_address) { /* mDNS, or a name of either family */
			has_way[0] |= !candidate->is_host;
			has_way[1] |= !candidate->is_host;
			continue;
		}
		bool is_ipv4 = sipalg_address_is_ipv4(&candidate->host.address);
		has_inside[is_ipv4] |= passage_is_inside(passage, &candidate->host);
		has_way[is_ipv4] |= is_way_through(passage, candidate);
	}
	for (int family = 0; family < 2; family++)
		passage->is_solved[family] = has_way[family] || !has_inside[family];
	passage->is_public |= passage->is_solved[0] && passage->is_solved[1];
}

static bool is_routed(const struct network *network)
{
	return network->translation == SIPALG_TRANSLATION_NONE;
}

/* True for an inside address that is to be bound. In a routed network nothing is edited, so nothing can be spoilt. */
static bool wants_host(const struct passage *passage, const struct sip_host *host)
{
	const struct network *network = host->is_address ? passage_network_of(passage, &host->address) : NULL;
	return network && (!passage->sdp.has_ice || is_routed(network) ||
	                   !passage->is_solved[sipalg_address_is_ipv4(&host->address)]);
}

/* Ports below 1024 stay: no SDP opens a way to an inside service. */
static bool wants_binding(const struct passage *passage, const struct sdp_media *media)
{
	const struct sdp_address *connection = sdp_connection_of(&passage->sdp, media);
	return connection && connection_count(&passage->sdp, media) == 1 && is_udp(media) &&
	       media->port >= SIPALG_PORT_MIN && media->port_count <= MEDIA_PORTS_MAX &&
	       wants_host(passage, &connection->host);
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
	wish.is_own = sipalg_address_equal(host, &passage->packet->source.address);
	wish.admits_any = wish.is_own && !passage->engine->settings.narrow_media;
	return passage_bind(passage, &wish);
}

static const sipalg_endpoint *outside_of(const struct passage *passage, uint32_t slot)
{
	return &passage->engine->bindings.list[slot].outside;
}

/* a=rtcp says where RTCP goes (RFC 3605); else it is the port after RTP's, unless both share one (RFC 5761). */
static void replace_rtcp(struct passage *passage, const struct sdp_media *media, size_t line,
                         const sipalg_address *host, uint16_t rtp_outside_port)
{
	const struct sdp_rtcp *rtcp = &media->rtcp;
	bool is_written = !text_is_empty(rtcp->port_text);
	if (is_written && !text_is_empty(rtcp->address.host.name)) {
		if (!wants_host(passage, &rtcp->address.host))
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
	const sipalg_endpoint *outside = outside_of(passage, slot);
	if (!is_written) {
		if (outside->port != rtp_outside_port + 1)
			rtcp_line_add(passage, media, outside->port);
		return;
	}
	passage_replace_port(passage, rtcp->port_text, SIPALG_PLACE_SDP_RTCP, port, outside->port);
	if (!text_is_empty(rtcp->address.host.name))
		passage_replace_host(passage, &rtcp->address.host, SIPALG_PLACE_SDP_RTCP, &outside->address);
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
	const sipalg_endpoint *outside = outside_of(passage, slot);
	passage_replace_port(passage, media->port_text, SIPALG_PLACE_SDP_MEDIA, media->port, outside->port);
	passage_replace_host(passage, &connection->host, SIPALG_PLACE_SDP_CONNECTION, &outside->address);
	replace_rtcp(passage, media, line, host, outside->port);
	if (media->port_count > 1)
		bind_further_ports(passage, media, line, host, outside->port);
}

/* RTP of an alternative has its RTCP on the next port, as that of m= has. */
static bool has_next(const struct passage *passage, const struct sdp_candidate *candidate)
{
	if (!candidate->is_alternative)
		return false;
	const struct sdp_media *media = &passage->sdp.media[candidate->media];
	return is_rtp(media) && !media->rtcp_mux && text_is_empty(media->rtcp.port_text) &&
	       candidate->port < SIPALG_PORT_MAX;
}

static void replace_candidate(struct passage *passage, const struct sdp_candidate *candidate)
{
	enum sipalg_place place = candidate->is_alternative ? SIPALG_PLACE_SDP_ALTERNATIVE : SIPALG_PLACE_SDP_CANDIDATE;
	const sipalg_address *host = &candidate->host.address;
	bool with_next = has_next(passage, candidate);
	uint32_t slot = bind_media(passage, host, candidate->port, 0, with_next);
	if (!slot)
		return;
	name_media(passage, slot, candidate->media, false);
	const sipalg_endpoint *outside = outside_of(passage, slot);
	passage_replace_host(passage, &candidate->host, place, &outside->address);
	passage_replace_port(passage, candidate->port_text, place, candidate->port, outside->port);
	if (!with_next)
		return;
	slot = bind_media(passage, host, (uint16_t)(candidate->port + 1), (uint16_t)(outside->port + 1), false);
	if (slot)
		name_media(passage, slot, candidate->media, true);
}

static bool wants_candidate(const struct passage *passage, const struct sdp_candidate *candidate)
{
	return candidate->is_udp && candidate->port >= SIPALG_PORT_MIN && wants_host(passage, &candidate->host);
}

/* What has to be translated comes first; pinholes for candidates are opened while the leg has room to own them, for
 * ICE finds its way with fewer, too. */
static void replace_candidates(struct passage *passage)
{
	const struct sdp *sdp = &passage->sdp;
	bool has_pinholes = false;
	for (size_t i = 0; i < sdp->candidate_count; i++) {
		if (!wants_candidate(passage, &sdp->candidates[i]))
			continue;
		if (is_routed(passage_network_of(passage, &sdp->candidates[i].host.address)))
			has_pinholes = true;
		else
			replace_candidate(passage, &sdp->candidates[i]);
	}
	for (size_t i = 0; has_pinholes && i < sdp->candidate_count; i++)
		if (passage->media_count < CANDIDATE_PINHOLES_MAX && wants_candidate(passage, &sdp->candidates[i]) &&
		    is_routed(passage_network_of(passage, &sdp->candidates[i].host.address)))
			replace_candidate(passage, &sdp->candidates[i]);
}

/* o= identifies the session and need not be reachable: it follows c= where that is replaced, or is a placeholder. What
 * was done first is done for the whole call, so that it stays the same wherever c= points later (RFC 3264 8). */
static bool origin_follows(struct passage *passage)
{
	const struct sdp *sdp = &passage->sdp;
	const struct leg *leg = dialogs_leg_of_sender(passage);
	if (leg && leg->origin != LEG_ORIGIN_UNKNOWN)
		return leg->origin == LEG_ORIGIN_FOLLOWS;
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
	return all_placeholders || (all_rejected && leg);
}

static void replace_origin(struct passage *passage)
{
	const struct sip_host *host = &passage->sdp.origin.host;
	sipalg_address outside;
	if (!wants_host(passage, host))
		return;
	passage->origin = origin_follows(passage) ? LEG_ORIGIN_FOLLOWS : LEG_ORIGIN_STAYS;
	if (passage->origin == LEG_ORIGIN_FOLLOWS && passage_find_outside(passage, &host->address, &outside))
		passage_replace_host(passage, host, SIPALG_PLACE_SDP_ORIGIN, &outside);
}

static void replace_session(struct passage *passage)
{
	const struct sdp *sdp = &passage->sdp;
	find_solved(passage);
	for (size_t i = 0; i < sdp->media_count; i++)
		if (wants_binding(passage, &sdp->media[i]))
			replace_media(passage, i);
	replace_candidates(passage);
	replace_origin(passage);
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

static uint32_t media_slot(const struct passage *passage, const struct sip_host *host, uint16_t port)
{
	sipalg_endpoint outside = { .address = host->address, .port = port, .protocol = SIPALG_PROTOCOL_UDP };
	return passage_is_outside(passage, host) ? bindings_find_alive_outside(&passage->engine->bindings, &outside)
	                                         : 0;
}

static const sipalg_endpoint *inside_of(const struct passage *passage, uint32_t slot)
{
	return &passage->engine->bindings.list[slot].inside;
}

/* The one inside host that stands behind every stream of a family that names an outside address; NULL: there is none,
 * or they differ, and what the description says of that family stays as it is. */
static const sipalg_address *host_behind(const struct passage *passage, bool is_ipv4)
{
	const struct sdp *sdp = &passage->sdp;
	const sipalg_address *host = NULL;
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];
		const struct sdp_address *connection = sdp_connection_of(sdp, media);
		if (!media->port || !connection || !passage_is_outside(passage, &connection->host) ||
		    sipalg_address_is_ipv4(&connection->host.address) != is_ipv4)
			continue;
		uint32_t slot = media_slot(passage, &connection->host, media->port);
		if (!slot)
			return NULL;
		const sipalg_address *inside = &inside_of(passage, slot)->address;
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
	uint32_t call = calls_find(calls, passage->call_id);
	uint32_t leg = call ? calls_leg_of_phone(calls, call, &passage->packet->destination.address, false) : 0;
	return leg ? &calls->legs[leg].phone : NULL;
}

static void restore_port(struct passage *passage, const struct sip_host *host, struct text span,
                         enum sipalg_place place, uint16_t port)
{
	uint32_t slot = media_slot(passage, host, port);
	if (slot)
		passage_replace_port(passage, span, place, port, inside_of(passage, slot)->port);
}

static void restore_media(struct passage *passage, const struct sdp_media *media, const sipalg_address *host)
{
	const struct sip_host *connection = &sdp_connection_of(&passage->sdp, media)->host;
	if (!media->port || !media_slot(passage, connection, media->port))
		return;
	restore_port(passage, connection, media->port_text, SIPALG_PLACE_SDP_MEDIA, media->port);
	passage_replace_host(passage, connection, SIPALG_PLACE_SDP_CONNECTION, host);
	if (text_is_empty(media->rtcp.port_text))
		return;
	const struct sip_host *rtcp = &media->rtcp.address.host;
	bool is_named = passage_is_outside(passage, rtcp);
	restore_port(passage, is_named ? rtcp : connection, media->rtcp.port_text, SIPALG_PLACE_SDP_RTCP,
	             media->rtcp.port);
	if (is_named)
		passage_replace_host(passage, rtcp, SIPALG_PLACE_SDP_RTCP, host);
}

static void restore_candidate(struct passage *passage, const struct sdp_candidate *candidate)
{
	enum sipalg_place place = candidate->is_alternative ? SIPALG_PLACE_SDP_ALTERNATIVE : SIPALG_PLACE_SDP_CANDIDATE;
	uint32_t slot =
	        candidate->is_udp && candidate->is_host ? media_slot(passage, &candidate->host, candidate->port) : 0;
	if (!slot)
		return;
	const sipalg_endpoint *inside = inside_of(passage, slot);
	passage_replace_host(passage, &candidate->host, place, &inside->address);
	passage_replace_port(passage, candidate->port_text, place, candidate->port, inside->port);
}

/* To whom the description is sent back gets its own address again. Another host's is told only where inside hosts
 * reach each other; else the outside address stays, and their media go by the router (RFC 4787 6). */
static bool may_be_told(const struct passage *passage, const sipalg_address *host)
{
	return host && (!passage->engine->settings.hairpin_media ||
	                sipalg_address_equal(host, &passage->packet->destination.address));
}

static void restore_origin(struct passage *passage, const sipalg_address *const hosts[2])
{
	const struct sip_host *origin = &passage->sdp.origin.host;
	if (!passage_is_outside(passage, origin))
		return;
	bool is_ipv4 = sipalg_address_is_ipv4(&origin->address);
	const sipalg_address *host = hosts[is_ipv4];
	if (!host && passage->is_held)
		host = host_of_other_leg(passage);
	if (may_be_told(passage, host) && sipalg_address_is_ipv4(host) == is_ipv4)
		passage_replace_host(passage, origin, SIPALG_PLACE_SDP_ORIGIN, host);
}

static void restore_session(struct passage *passage)
{
	const struct sdp *sdp = &passage->sdp;
	const sipalg_address *hosts[2] = { host_behind(passage, false), host_behind(passage, true) };
	for (int family = 0; family < 2; family++)
		if (hosts[family] && !may_be_told(passage, hosts[family]))
			return;
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_address *connection = sdp_connection_of(sdp, &sdp->media[i]);
		bool is_ipv4 = connection && sipalg_address_is_ipv4(&connection->host.address);
		if (!connection || !connection->host.is_address)
			continue;
		if (hosts[is_ipv4])
			restore_media(passage, &sdp->media[i], hosts[is_ipv4]);
		passage->is_direct |=
		        sdp->media[i].port && (hosts[is_ipv4] || passage_is_inside(passage, &connection->host));
	}
	for (size_t i = 0; (hosts[0] || hosts[1]) && i < sdp->candidate_count; i++)
		restore_candidate(passage, &sdp->candidates[i]);
	restore_origin(passage, hosts);
}

void media_come_in(struct passage *passage)
{
	walk_sessions(passage, restore_session);
}
