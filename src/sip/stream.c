/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sipalg/stream.h"

#include "base/characters.h"
#include "sip/message.h"

enum {
	TLS_HANDSHAKE = 0x16, /* the content type of a hello's record (RFC 8446 5.1) … */
	TLS_MAJOR = 0x03,     /* … and the first byte of its version */
};

/* Where the next byte stands. Up to VERSION_END it decides whether this is SIP at all. */
enum place {
	PLACE_START = 0,
	PLACE_TLS,          /* behind what may be a TLS record's type */
	PLACE_METHOD,       /* or the "SIP" of a status line */
	PLACE_STATUS,       /* in the "/2.0 " of a status line */
	PLACE_SCHEME_START, /* of the Request-URI (RFC 3986 3.1) */
	PLACE_SCHEME,
	PLACE_URI,
	PLACE_VERSION,
	PLACE_VERSION_END,
	PLACE_LINE,       /* in a line, where only its end matters */
	PLACE_LINE_START, /* behind a line end */
	PLACE_LINE_CR,    /* behind the CR of what may be the empty line */
	PLACE_END,        /* behind the empty line */
	PLACE_NONE,       /* this is no start line */
};

/* ---- The start line, byte by byte ---- */

static bool is_letter(char byte)
{
	char small = (char)(byte | 0x20);
	return small >= 'a' && small <= 'z';
}

static bool is_line_end(char byte)
{
	return byte == '\r' || byte == '\n';
}

/* Matches the next byte with "SIP/2.0 " in any case. */
static bool version_match(sipalg_stream *stream, char byte)
{
	static const char version[] = "sip/2.0 ";
	char wanted = version[stream->matched++];
	return wanted == (is_letter(wanted) ? (char)(byte | 0x20) : byte);
}

static enum place start_step(const sipalg_stream *stream, char byte)
{
	if (byte == TLS_HANDSHAKE && stream->kind == SIPALG_STREAM_UNDECIDED)
		return PLACE_TLS;
	return character_is(byte, CHARACTER_TOKEN) ? PLACE_METHOD : PLACE_NONE;
}

/* `seen` bytes stand before this one. A stream that has proved to be SIP may bring odd URIs, as datagrams do. */
static enum place method_step(sipalg_stream *stream, struct text seen, char byte)
{
	if (character_is(byte, CHARACTER_TOKEN))
		return PLACE_METHOD;
	if (byte == ' ')
		return stream->kind == SIPALG_STREAM_SIP ? PLACE_URI : PLACE_SCHEME_START;
	if (byte != '/' || !text_is_word(seen, TEXT("sip")))
		return PLACE_NONE;
	stream->matched = (uint8_t)(seen.length + 1);
	return PLACE_STATUS;
}

static enum place status_step(sipalg_stream *stream, char byte)
{
	if (!version_match(stream, byte))
		return PLACE_NONE;
	return stream->matched == sizeof("SIP/2.0 ") - 1 ? PLACE_LINE : PLACE_STATUS;
}

static enum place scheme_step(char byte)
{
	if (byte == ':')
		return PLACE_URI;
	return is_letter(byte) || character_is_digit(byte) || byte == '+' || byte == '-' || byte == '.' ? PLACE_SCHEME
	                                                                                                : PLACE_NONE;
}

static enum place uri_step(sipalg_stream *stream, char byte)
{
	stream->matched = 0;
	if (byte == ' ')
		return PLACE_VERSION;
	return is_line_end(byte) ? PLACE_NONE : PLACE_URI;
}

/* Blanks within the URI (RFC 4475 3.1.2.9) are left to the message's reader, once the stream is known. */
static enum place version_step(sipalg_stream *stream, char byte)
{
	if (!version_match(stream, byte))
		return stream->kind == SIPALG_STREAM_SIP ? uri_step(stream, byte) : PLACE_NONE;
	return stream->matched == sizeof("SIP/2.0") - 1 ? PLACE_VERSION_END : PLACE_VERSION;
}

/* The line goes on, ends, or, behind a line end, is the empty one. */
static enum place line_step(enum place place, char byte)
{
	if (byte == '\n')
		return place == PLACE_LINE ? PLACE_LINE_START : PLACE_END;
	return byte == '\r' && place == PLACE_LINE_START ? PLACE_LINE_CR : PLACE_LINE;
}

static enum place step(sipalg_stream *stream, struct text seen, char byte)
{
	enum place place = (enum place)stream->place;
	switch (place) {
	case PLACE_START:
		return start_step(stream, byte);
	case PLACE_METHOD:
		return method_step(stream, seen, byte);
	case PLACE_STATUS:
		return status_step(stream, byte);
	case PLACE_SCHEME_START:
		return is_letter(byte) ? PLACE_SCHEME : PLACE_NONE;
	case PLACE_SCHEME:
		return scheme_step(byte);
	case PLACE_URI:
		return uri_step(stream, byte);
	case PLACE_VERSION:
		return version_step(stream, byte);
	case PLACE_VERSION_END:
		return character_is(byte, CHARACTER_BLANK) ? line_step(PLACE_LINE, byte) : version_step(stream, byte);
	case PLACE_LINE:
	case PLACE_LINE_START:
	case PLACE_LINE_CR:
		return line_step(place, byte);
	case PLACE_TLS:
	case PLACE_END:
	case PLACE_NONE:
		break;
	}
	return PLACE_NONE;
}

/* ---- The header ---- */

static bool is_decided(enum place place)
{
	return place >= PLACE_LINE && place <= PLACE_END;
}

/* Looks at what has not been looked at yet, up to the end of the header. Only line ends matter behind the start line,
 * so the search leaps from one to the next. */
static void header_look(sipalg_stream *stream, struct text text)
{
	while (stream->seen < text.length && stream->place != PLACE_END && stream->place != PLACE_NONE) {
		if (stream->place == PLACE_LINE)
			stream->seen += (uint32_t)text_find(text_from(text, stream->seen), '\n');
		if (stream->seen == text.length)
			return;
		if (stream->place == PLACE_TLS) {
			stream->kind = text.start[stream->seen] == TLS_MAJOR ? SIPALG_STREAM_TLS : SIPALG_STREAM_OTHER;
			return;
		}
		stream->place = (uint8_t)step(stream, text_first(text, stream->seen), text.start[stream->seen]);
		stream->seen++;
		if (is_decided((enum place)stream->place))
			stream->kind = SIPALG_STREAM_SIP;
	}
}

/* ---- Pieces ---- */

static sipalg_piece take(enum sipalg_piece_kind kind, size_t length)
{
	return (sipalg_piece){ .kind = length > 0 ? kind : SIPALG_PIECE_NONE, .length = length };
}

/* From here on everything passes. One that never began like SIP is in no trouble. */
static sipalg_piece abandon(sipalg_stream *stream, enum sipalg_stream_trouble trouble, size_t length)
{
	if (stream->kind == SIPALG_STREAM_SIP)
		stream->trouble = (uint8_t)trouble;
	stream->kind = SIPALG_STREAM_OTHER;
	return take(SIPALG_PIECE_PASS, length);
}

static sipalg_piece finish(sipalg_stream *stream, enum sipalg_piece_kind kind, size_t length)
{
	stream->seen = stream->length = 0;
	stream->place = PLACE_START;
	return take(kind, length);
}

/* The header is whole: how long is the message? */
static sipalg_piece frame(sipalg_stream *stream, struct text text)
{
	uint64_t body_length;
	size_t header_length = stream->seen;
	if (!sip_header_frame(text_first(text, header_length), &body_length))
		return abandon(stream, SIPALG_STREAM_LENGTH_BAD, text.length);
	if (body_length <= SIPALG_MESSAGE_MAX - header_length) {
		stream->length = (uint32_t)(header_length + body_length);
		return take(SIPALG_PIECE_NONE, 0);
	}
	sipalg_piece piece = finish(stream, SIPALG_PIECE_HEADER, header_length);
	stream->body_left = body_length;
	piece.body_left = (size_t)body_length;
	return piece;
}

static sipalg_piece read_header(sipalg_stream *stream, struct text text)
{
	header_look(stream, text_first(text, SIPALG_MESSAGE_MAX));
	if (stream->kind == SIPALG_STREAM_TLS || stream->kind == SIPALG_STREAM_OTHER)
		return take(SIPALG_PIECE_PASS, text.length);
	if (stream->place == PLACE_NONE)
		return abandon(stream, SIPALG_STREAM_NO_START_LINE, text.length);
	if (stream->place == PLACE_END)
		return frame(stream, text);
	if (stream->seen == SIPALG_MESSAGE_MAX)
		return abandon(stream, SIPALG_STREAM_HEADER_TOO_LONG, text.length);
	return take(SIPALG_PIECE_NONE, 0);
}

static sipalg_piece pass_body(sipalg_stream *stream, size_t length)
{
	if (length > stream->body_left)
		length = (size_t)stream->body_left;
	stream->body_left -= length;
	return take(SIPALG_PIECE_PASS, length);
}

static size_t count_line_ends(struct text text)
{
	size_t count = 0;
	while (count < text.length && is_line_end(text.start[count]))
		count++;
	return count;
}

sipalg_piece sipalg_stream_next(sipalg_stream *stream, const uint8_t *bytes, size_t length)
{
	struct text text = { (const char *)bytes, length };
	if (stream->kind == SIPALG_STREAM_TLS || stream->kind == SIPALG_STREAM_OTHER)
		return take(SIPALG_PIECE_PASS, length);
	if (stream->body_left > 0)
		return pass_body(stream, length);
	if (stream->seen == 0 && count_line_ends(text) > 0)
		return take(SIPALG_PIECE_PASS, count_line_ends(text));
	if (stream->length == 0) {
		sipalg_piece piece = read_header(stream, text);
		if (piece.kind != SIPALG_PIECE_NONE)
			return piece;
	}
	if (stream->length == 0 || length < stream->length)
		return take(SIPALG_PIECE_NONE, 0);
	return finish(stream, SIPALG_PIECE_MESSAGE, stream->length);
}

void sipalg_stream_give_up(sipalg_stream *stream)
{
	if (stream->kind != SIPALG_STREAM_TLS && stream->kind != SIPALG_STREAM_OTHER)
		(void)abandon(stream, SIPALG_STREAM_GIVEN_UP, 0);
}

/* ---- Words ---- */

const char *sipalg_stream_kind_word(enum sipalg_stream_kind kind)
{
	static const char *const words[] = {
		[SIPALG_STREAM_UNDECIDED] = "undecided",
		[SIPALG_STREAM_SIP] = "sip",
		[SIPALG_STREAM_TLS] = "tls",
		[SIPALG_STREAM_OTHER] = "other",
	};
	return words[kind];
}

const char *sipalg_stream_trouble_word(enum sipalg_stream_trouble trouble)
{
	static const char *const words[] = {
		[SIPALG_STREAM_NO_TROUBLE] = "none",       [SIPALG_STREAM_HEADER_TOO_LONG] = "header-too-long",
		[SIPALG_STREAM_LENGTH_BAD] = "length-bad", [SIPALG_STREAM_NO_START_LINE] = "no-start-line",
		[SIPALG_STREAM_GIVEN_UP] = "given-up",
	};
	return words[trouble];
}
