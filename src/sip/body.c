/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/body.h"

#include "sip/multipart.h"
#include "sip/parameter.h"
#include "sip/uri.h"

enum content {
	CONTENT_OTHER = 0,
	CONTENT_SDP,
	CONTENT_MULTIPART,
	CONTENT_SEALED, /* signed or encrypted: RFC 8551, RFC 1847 */
};

static const struct {
	struct text type, subtype;
	enum content content;
} contents[] = {
	{ { "application", 11 }, { "sdp", 3 }, CONTENT_SDP },
	{ { "multipart", 9 }, { "mixed", 5 }, CONTENT_MULTIPART },
	{ { "multipart", 9 }, { "alternative", 11 }, CONTENT_MULTIPART },
	{ { "multipart", 9 }, { "related", 7 }, CONTENT_MULTIPART },
	{ { "multipart", 9 }, { "signed", 6 }, CONTENT_SEALED },
	{ { "multipart", 9 }, { "encrypted", 9 }, CONTENT_SEALED },
	{ { "application", 11 }, { "pkcs7-mime", 10 }, CONTENT_SEALED },
	{ { "application", 11 }, { "x-pkcs7-mime", 12 }, CONTENT_SEALED },
};

/* type / subtype; what stands behind them goes to *parameters. */
static enum content content_read(struct text value, struct text *parameters)
{
	if (text_equal(value, TEXT("application/sdp")))
		return CONTENT_SDP;
	struct cursor cursor = cursor_of(value);
	cursor_skip_blanks(&cursor);
	struct text type = cursor_take_class(&cursor, CHARACTER_TOKEN);
	cursor_skip_blanks(&cursor);
	if (!cursor_take_byte(&cursor, '/'))
		return CONTENT_OTHER;
	cursor_skip_blanks(&cursor);
	struct text subtype = cursor_take_class(&cursor, CHARACTER_TOKEN);
	*parameters = cursor_rest(cursor);
	for (size_t index = 0; index < sizeof(contents) / sizeof(contents[0]); index++)
		if (text_is_word(subtype, contents[index].subtype) && text_is_word(type, contents[index].type))
			return contents[index].content;
	return CONTENT_OTHER;
}

/* ---- Walking down ---- */

/* The multipart bodies that enclose the part being read, outermost first. */
struct walk {
	struct multipart levels[SIPALG_MULTIPART_DEPTH_MAX];
	size_t depth;
	size_t part_count;
	struct sip_body *body;
};

static bool walk_add_sdp(struct walk *walk, struct text sdp)
{
	if (walk->body->sdp_count == SIP_BODY_SDP_MAX)
		return false;
	walk->body->sdp[walk->body->sdp_count++] = sdp;
	return true;
}

static bool walk_descend(struct walk *walk, struct text body, struct text parameters)
{
	struct text boundary;
	if (walk->depth == SIPALG_MULTIPART_DEPTH_MAX || !sip_parameter_find(parameters, TEXT("boundary"), &boundary))
		return false;
	return multipart_begin(body, boundary, &walk->levels[walk->depth++]) != MULTIPART_BAD;
}

/* False: what is there cannot be read, or is more than the limits allow. */
static bool walk_meet(struct walk *walk, struct text content_type, struct text body)
{
	struct text parameters;
	switch (content_read(content_type, &parameters)) {
	case CONTENT_SDP:
		return walk_add_sdp(walk, body);
	case CONTENT_MULTIPART:
		return walk_descend(walk, body, parameters);
	case CONTENT_SEALED:
		walk->body->is_sealed = true;
		return true;
	case CONTENT_OTHER:
		break;
	}
	return true;
}

static bool walk_down(struct walk *walk)
{
	struct multipart_part part;
	while (walk->depth > 0 && !walk->body->is_sealed) {
		switch (multipart_next(&walk->levels[walk->depth - 1], &part)) {
		case MULTIPART_BAD:
			return false;
		case MULTIPART_NONE:
			walk->depth--;
			break;
		case MULTIPART_PART:
			if (walk->part_count++ == SIPALG_MULTIPART_PARTS_MAX)
				return false;
			if (!part.is_encoded && !walk_meet(walk, part.content_type, part.body))
				return false;
			break;
		}
	}
	return true;
}

/* ---- Digest with integrity ---- */

/* Takes the next name=value of a comma-separated list (RFC 7616 3.4) off. False: none, or it cannot be read. */
static bool credential_take(struct cursor *cursor, struct sip_parameter *credential)
{
	cursor_skip_blanks(cursor);
	credential->name = cursor_take_class(cursor, CHARACTER_TOKEN);
	cursor_skip_blanks(cursor);
	if (credential->name.length == 0 || !cursor_take_byte(cursor, '='))
		return false;
	cursor_skip_blanks(cursor);
	return parameter_value_take(cursor, &credential->value) && (list_comma_take(cursor) || cursor_is_end(*cursor));
}

/* True also when the credentials cannot be read to their end: they may cover the body then. */
static bool covers_body(struct text credentials)
{
	struct sip_parameter credential;
	struct cursor cursor = cursor_of(credentials);
	if (!text_is_word(cursor_take_class(&cursor, CHARACTER_TOKEN), TEXT("digest")))
		return false;
	while (credential_take(&cursor, &credential))
		if (text_is_word(credential.name, TEXT("qop")))
			return !text_is_word(credential.value, TEXT("auth"));
	return !cursor_is_end(cursor);
}

static bool is_covered_by_digest(const struct sip_message *message)
{
	if (message->first[SIP_HEADER_AUTHORIZATION] == 0 && message->first[SIP_HEADER_PROXY_AUTHORIZATION] == 0)
		return false;
	for (size_t index = 0; index < message->header_count; index++) {
		const struct sip_header *header = &message->headers[index];
		if ((header->kind == SIP_HEADER_AUTHORIZATION || header->kind == SIP_HEADER_PROXY_AUTHORIZATION) &&
		    covers_body(header->value))
			return true;
	}
	return false;
}

/* ---- The body ---- */

static bool is_encoded(const struct sip_message *message)
{
	return message->first[SIP_HEADER_CONTENT_ENCODING] != 0 &&
	       !text_is_word(sip_message_header(message, SIP_HEADER_CONTENT_ENCODING), TEXT("identity"));
}

bool sip_body_may_hold_sdp(const struct sip_message *message)
{
	struct text parameters;
	if (message->first[SIP_HEADER_CONTENT_TYPE] == 0)
		return false;
	enum content content = content_read(sip_message_header(message, SIP_HEADER_CONTENT_TYPE), &parameters);
	return content == CONTENT_SDP || content == CONTENT_MULTIPART;
}

bool sip_body_find_sdp(const struct sip_message *message, struct sip_body *body)
{
	struct walk walk; /* the levels are written as they are entered */
	walk.depth = walk.part_count = 0;
	walk.body = body;
	body->sdp_count = 0;
	body->is_sealed = false;
	if (message->body.length == 0 || message->first[SIP_HEADER_CONTENT_TYPE] == 0)
		return true;
	if (is_encoded(message) || is_covered_by_digest(message)) {
		body->is_sealed = true;
		return true;
	}
	bool read = walk_meet(&walk, sip_message_header(message, SIP_HEADER_CONTENT_TYPE), message->body) &&
	            walk_down(&walk);
	if (!read || body->is_sealed)
		body->sdp_count = 0;
	return read;
}
