/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare/compare.h"

#include "base/characters.h"
#include "sip/parameter.h"
#include "sip/uri.h"
#include "sip/via.h"

/* Two values of one header, and where what is found goes. */
struct value_pair {
	struct changes *changes;
	enum place place; /* of its addresses */
	uint8_t index;
};

static void add(const struct value_pair *pair, enum place place, struct text before, struct text after)
{
	const struct change change = { .place = place, .index = pair->index, .before = before, .after = after };
	changes_add(pair->changes, &change);
}

/* Equal but for blanks. */
static bool blanks_alone_differ(struct text left, struct text right)
{
	for (;;) {
		while (left.length > 0 && character_is(*left.start, CHARACTER_BLANK))
			left = text_from(left, 1);
		while (right.length > 0 && character_is(*right.start, CHARACTER_BLANK))
			right = text_from(right, 1);
		if (left.length == 0 || right.length == 0)
			return left.length == right.length;
		if (*left.start != *right.start)
			return false;
		left = text_from(left, 1);
		right = text_from(right, 1);
	}
}

static struct spot spot_of(const struct sip_host *host, uint16_t port)
{
	struct spot spot = { .port = port };
	if (host->is_address)
		spot.address = host->address;
	return spot;
}

/* From the host's first byte to the port's last. */
static struct text hostport_text(const struct sip_host *host, struct text port)
{
	struct text text = host->name;
	if (port.length > 0)
		text.length = text_offset(host->name, port) + port.length;
	return text;
}

static void hosts_compare(const struct value_pair *pair, enum place place, const struct sip_host *before,
                          struct text before_port, const struct sip_host *after, struct text after_port)
{
	uint64_t from = 0, to = 0;
	if (text_equal(before->name, after->name) && text_equal(before_port, after_port))
		return;
	(void)(text_read_number(before_port, UINT16_MAX, &from) && text_read_number(after_port, UINT16_MAX, &to));
	if (from == 0 && !text_read_number(after_port, UINT16_MAX, &to))
		to = 0;
	const struct change change = {
		.place = place,
		.index = pair->index,
		.before = hostport_text(before, before_port),
		.after = hostport_text(after, after_port),
		.from = spot_of(before, (uint16_t)from),
		.to = spot_of(after, (uint16_t)to),
	};
	changes_add(pair->changes, &change);
}

/* What a change of this parameter is. */
static enum place parameter_place(struct text name)
{
	static const struct {
		struct text name;
		enum place place;
	} known[] = {
		{ TEXT("branch"), PLACE_BRANCH }, { TEXT("rport"), PLACE_RPORT },   { TEXT("received"), PLACE_RPORT },
		{ TEXT("tag"), PLACE_TAG },       { TEXT("expires"), PLACE_TIMER }, { TEXT("maddr"), PLACE_NONE },
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_is_word(name, known[i].name))
			return known[i].place;
	return PLACE_OTHER_HEADER;
}

/* Finds a parameter by a name in any case; false: there is none. */
static bool parameter_find(struct text parameters, struct text name, struct sip_parameter *found)
{
	struct cursor cursor = cursor_of(parameters);
	while (parameter_take(&cursor, found) == SIP_PARAMETER_READ)
		if (text_equal_in_any_case(found->name, name))
			return true;
	return false;
}

static void parameter_compare(const struct value_pair *pair, const struct sip_parameter *parameter, struct text others,
                              bool arrived)
{
	struct sip_parameter other;
	const struct text none = { NULL, 0 };
	enum place place = parameter_place(parameter->name);
	if (place == PLACE_NONE)
		return;
	if (!parameter_find(others, parameter->name, &other))
		add(pair, place, arrived ? none : parameter->name, arrived ? parameter->name : none);
	else if (!arrived && !text_equal(parameter->value, other.value))
		add(pair, place, parameter->value, other.value);
	else if (!arrived && !text_equal(parameter->name, other.name))
		add(pair, PLACE_FORM, parameter->name, other.name);
}

static void parameters_compare(const struct value_pair *pair, struct text before, struct text after)
{
	struct sip_parameter parameter;
	struct cursor sent = cursor_of(before), received = cursor_of(after);
	if (text_equal(before, after))
		return;
	while (parameter_take(&sent, &parameter) == SIP_PARAMETER_READ)
		parameter_compare(pair, &parameter, after, false);
	while (parameter_take(&received, &parameter) == SIP_PARAMETER_READ)
		parameter_compare(pair, &parameter, before, true);
}

static void vias_compare(struct value_pair *pair, struct text before, struct text after)
{
	struct sip_via sent, received;
	struct text rest = before, whole = after;
	for (; sip_via_next(&before, &sent); pair->index++) {
		if (!sip_via_next(&after, &received)) {
			add(pair, PLACE_SYNTAX, rest, whole);
			return;
		}
		if (!text_equal(sent.transport, received.transport))
			add(pair, PLACE_OTHER_HEADER, sent.transport, received.transport);
		hosts_compare(pair, PLACE_VIA, &sent.host, sent.port_text, &received.host, received.port_text);
		parameters_compare(pair, sent.parameters, received.parameters);
	}
	if (after.length > 0)
		add(pair, PLACE_SYNTAX, rest, whole);
}

static void uris_compare(const struct value_pair *pair, struct text before, struct text after)
{
	struct sip_uri sent, received;
	if (text_equal(before, after))
		return;
	if (!sip_uri_parse(before, &sent) || sent.scheme == SIP_SCHEME_OTHER) {
		add(pair, PLACE_OTHER_HEADER, before, after);
		return;
	}
	if (!sip_uri_parse(after, &received) || received.scheme == SIP_SCHEME_OTHER) {
		add(pair, PLACE_SYNTAX, before, after);
		return;
	}
	if (sent.scheme != received.scheme || !text_equal(sent.headers, received.headers))
		add(pair, PLACE_OTHER_HEADER, before, after);
	if (!text_equal(sent.user, received.user))
		add(pair, PLACE_USER, sent.user, received.user);
	hosts_compare(pair, pair->place, &sent.host, sent.port_text, &received.host, received.port_text);
	const struct text none = { NULL, 0 };
	if (sent.maddr.name.length > 0 && received.maddr.name.length > 0)
		hosts_compare(pair, PLACE_MADDR, &sent.maddr, none, &received.maddr, none);
	parameters_compare(pair, sent.parameters, received.parameters);
}

/* Names, URIs and parameters of a list; `entry` is where it begins in either. */
static void names_compare(struct value_pair *pair, struct text before, struct text after)
{
	struct sip_name_addr sent, received;
	struct text whole = before, other = after, before_start, after_start;
	for (;; pair->index++) {
		before_start = before;
		after_start = after;
		if (!sip_name_addr_next(&before, &sent))
			break;
		if (!sip_name_addr_next(&after, &received) || sent.is_star != received.is_star) {
			add(pair, PLACE_SYNTAX, whole, other);
			return;
		}
		if (sent.is_star)
			continue;
		struct text name = text_trim(text_first(before_start, text_offset(before_start, sent.uri)));
		struct text other_name = text_trim(text_first(after_start, text_offset(after_start, received.uri)));
		if (!text_equal(name, other_name))
			add(pair, blanks_alone_differ(name, other_name) ? PLACE_FORM : PLACE_DISPLAY_NAME, name,
			    other_name);
		uris_compare(pair, sent.uri, received.uri);
		parameters_compare(pair, sent.parameters, received.parameters);
	}
	if (after.length > 0)
		add(pair, PLACE_SYNTAX, whole, other);
}

/* What a changed value of a header without addresses is. */
static enum place plain_place(const struct header_line *line)
{
	switch (line->kind) {
	case SIP_HEADER_CALL_ID:
		return PLACE_CALL_ID;
	case SIP_HEADER_CSEQ:
		return PLACE_CSEQ;
	case SIP_HEADER_EXPIRES:
	case SIP_HEADER_SESSION_EXPIRES:
		return PLACE_TIMER;
	default:
		break;
	}
	if (text_is_word(line->name, TEXT("min-se")))
		return PLACE_TIMER;
	return text_is_word(line->name, TEXT("max-forwards")) ? PLACE_MAX_FORWARDS : PLACE_OTHER_HEADER;
}

static enum place address_place(enum sip_header_kind kind)
{
	static const uint8_t places[SIP_HEADER_KIND_COUNT] = {
		[SIP_HEADER_CONTACT] = PLACE_CONTACT,    [SIP_HEADER_FROM] = PLACE_FROM_TO,
		[SIP_HEADER_TO] = PLACE_FROM_TO,         [SIP_HEADER_RECORD_ROUTE] = PLACE_RECORD_ROUTE,
		[SIP_HEADER_ROUTE] = PLACE_ROUTE,        [SIP_HEADER_PATH] = PLACE_PATH,
		[SIP_HEADER_SERVICE_ROUTE] = PLACE_PATH,
	};
	return (enum place)places[kind];
}

/* Its number follows the body; only how it is written can be wrong here. */
static void lengths_compare(const struct value_pair *pair, struct text before, struct text after)
{
	uint64_t sent, received;
	if (!text_read_number(after, UINT32_MAX, &received))
		add(pair, PLACE_SYNTAX, before, after);
	else if (text_read_number(before, UINT32_MAX, &sent) && sent == received)
		add(pair, PLACE_FORM, before, after);
}

void compare_values(const struct header_line *sent, const struct header_line *received, struct changes *changes)
{
	struct value_pair pair = { .changes = changes, .place = address_place(sent->kind) };
	size_t count = changes->count;
	if (blanks_alone_differ(sent->value, received->value)) {
		add(&pair, PLACE_FORM, sent->value, received->value);
		return;
	}
	if (sent->kind == SIP_HEADER_VIA)
		vias_compare(&pair, sent->value, received->value);
	else if (sent->kind == SIP_HEADER_CONTENT_LENGTH)
		lengths_compare(&pair, sent->value, received->value);
	else if (pair.place != PLACE_NONE)
		names_compare(&pair, sent->value, received->value);
	else
		add(&pair, plain_place(sent), sent->value, received->value);
	if (changes->count == count && !changes->overflow && sent->kind != SIP_HEADER_CONTENT_LENGTH)
		add(&pair, PLACE_OTHER_HEADER, sent->value, received->value);
}
