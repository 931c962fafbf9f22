/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk.h"

#include "support.h"

#include "sdp/sdp.h"
#include "sip/body.h"
#include "sip/message.h"
#include "sip/via.h"

/* Every entry of a list takes a byte at least, so more entries than bytes mean that a reader stands still. */
static void check_progress(struct text whole, struct text rest, size_t entries)
{
	assert_true(is_slice_of(whole, rest));
	assert_true(entries <= whole.length);
}

static void check_host(struct text whole, const struct sip_host *host)
{
	assert_true(is_slice_of(whole, host->name));
	assert_true(!host->is_address || host->name.length > 0);
	assert_true(!host->is_address || !sipalg_address_is_none(&host->address) ||
	            memchr(host->name.start, ':', host->name.length));
}

void walk_uri(struct text text)
{
	struct sip_uri uri;
	if (!sip_uri_parse(text, &uri))
		return;
	assert_true(is_slice_of(text, uri.user));
	assert_true(is_slice_of(text, uri.port_text));
	assert_true(is_slice_of(text, uri.parameters));
	assert_true(is_slice_of(text, uri.headers));
	assert_true(is_slice_of(text, uri.transport));
	assert_int_equal(uri.port == 0, uri.port_text.length == 0);
	assert_true(uri.scheme == SIP_SCHEME_OTHER || uri.host.name.length > 0);
	check_host(text, &uri.host);
	check_host(text, &uri.maddr);
}

void walk_name_addrs(struct text text)
{
	struct text rest = text, value;
	struct sip_name_addr entry;
	size_t entries = 0;
	while (sip_name_addr_next(&rest, &entry)) {
		check_progress(text, rest, ++entries);
		assert_true(is_slice_of(text, entry.uri));
		assert_true(is_slice_of(text, entry.parameters));
		assert_int_equal(entry.is_star, entry.uri.length == 0);
		walk_uri(entry.uri);
		if (sip_parameter_find(entry.parameters, TEXT("tag"), &value))
			assert_true(is_slice_of(entry.parameters, value));
	}
	assert_true(is_slice_of(text, rest));
}

void walk_vias(struct text text)
{
	struct text rest = text;
	struct sip_via via;
	size_t entries = 0;
	while (sip_via_next(&rest, &via)) {
		check_progress(text, rest, ++entries);
		assert_true(is_slice_of(text, via.transport) && via.transport.length > 0);
		assert_true(is_slice_of(text, via.port_text));
		assert_true(is_slice_of(text, via.parameters));
		assert_true(is_slice_of(text, via.branch));
		assert_int_equal(via.port == 0, via.port_text.length == 0);
		check_host(text, &via.host);
		check_host(text, &via.maddr);
	}
	assert_true(is_slice_of(text, rest));
}

static void check_media(struct text text, const struct sdp_media *media)
{
	assert_true(is_slice_of(text, media->kind));
	assert_true(is_slice_of(text, media->port_text) && media->port_text.length > 0);
	assert_true(is_slice_of(text, media->protocol) && media->protocol.length > 0);
	assert_true(media->connection_count <= SDP_CONNECTIONS_MAX);
	for (size_t index = 0; index < media->connection_count; index++)
		check_host(text, &media->connections[index].host);
	assert_true(is_slice_of(text, media->rtcp.port_text));
	check_host(text, &media->rtcp.address.host);
}

void walk_sdp(struct text text)
{
	static struct sdp sdp;
	if (sdp_parse(text, &sdp) != SDP_WHOLE)
		return;
	check_host(text, &sdp.origin.host);
	assert_true(sdp.connection_count <= SDP_CONNECTIONS_MAX);
	for (size_t index = 0; index < sdp.connection_count; index++)
		check_host(text, &sdp.connections[index].host);
	assert_true(sdp.media_count <= SIPALG_SDP_MEDIA_MAX);
	for (size_t index = 0; index < sdp.media_count; index++)
		check_media(text, &sdp.media[index]);
	assert_true(sdp.candidate_count <= SIPALG_SDP_CANDIDATES_MAX);
	for (size_t index = 0; index < sdp.candidate_count; index++) {
		check_host(text, &sdp.candidates[index].host);
		assert_true(is_slice_of(text, sdp.candidates[index].port_text));
		assert_true(sdp.candidates[index].media < sdp.media_count ||
		            sdp.candidates[index].media == SDP_CANDIDATE_SESSION);
	}
}

static void walk_header(struct text whole, const struct sip_header *header)
{
	assert_true(is_slice_of(whole, header->value));
	assert_int_not_equal(header->kind, SIP_HEADER_OTHER);
	if (header->kind == SIP_HEADER_VIA)
		walk_vias(header->value);
	else
		walk_name_addrs(header->value);
}

static void walk_body(const struct sip_message *message)
{
	struct sip_body body;
	if (!sip_body_find_sdp(message, &body))
		assert_int_equal(body.sdp_count, 0);
	assert_true(body.sdp_count <= SIP_BODY_SDP_MAX);
	for (size_t index = 0; index < body.sdp_count; index++) {
		assert_true(is_slice_of(message->body, body.sdp[index]));
		walk_sdp(body.sdp[index]);
	}
}

void walk_message(struct text text)
{
	static struct sip_message message;
	if (sip_message_parse(text, &message) != SIP_WHOLE)
		return;
	assert_true(is_slice_of(text, message.method_name) && message.method_name.length > 0);
	assert_true(is_slice_of(text, message.request_uri));
	assert_true(is_slice_of(text, message.body));
	assert_int_equal(message.is_request, message.status == 0);
	assert_true(message.header_count <= SIPALG_HEADERS_MAX);
	for (size_t index = 0; index < message.header_count; index++)
		walk_header(text, &message.headers[index]);
	walk_uri(message.request_uri);
	walk_body(&message);
}
