/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one thing that is ever added to a message: where the binding of a stream stands already and the port next to it
 * has meanwhile been given to another host, RTCP gets a port elsewhere, and the far end would send to a stranger if it
 * were not told (RFC 3605 2.1). */
#include "engine/engine.h"

#include "base/cursor.h"
#include "rewrite/digits.h"

/* Where the line belongs: before the first attribute of the stream, else before the next stream (RFC 8866 5). */
static struct text find_place(struct text whole, const struct sdp_media *media)
{
	struct cursor line, cursor = cursor_of(text_from(whole, text_offset(whole, media->port_text)));
	(void)cursor_take_any_line(&cursor, &line); /* the rest of m= */
	struct cursor place = cursor;
	while (cursor_take_any_line(&cursor, &line) && !cursor_begins(line, 'a') && !cursor_begins(line, 'm'))
		place = cursor;
	return (struct text){ place.at, 0 };
}

/* As the m= line ends. */
static struct text find_line_end(struct text whole, const struct sdp_media *media)
{
	struct text rest = text_from(whole, text_offset(whole, media->port_text));
	size_t end = text_find(rest, '\n');
	bool has_cr = end == rest.length || (end > 0 && rest.start[end - 1] == '\r');
	return has_cr ? TEXT("\r\n") : TEXT("\n");
}

static size_t append(char *out, size_t length, struct text text)
{
	memcpy(out + length, text.start, text.length);
	return length + text.length;
}

void rtcp_line_add(struct passage *passage, const struct sdp_media *media, uint16_t port)
{
	struct text whole = passage->sdp.whole;
	struct text place = find_place(whole, media), line_end = find_line_end(whole, media);
	bool is_open_ended = place.start[-1] != '\n'; /* the last line of all, without its end */
	char text[2 + sizeof("a=rtcp:") + DIGITS_MAX + 2];
	size_t length = append(text, 0, is_open_ended ? line_end : TEXT(""));
	length = append(text, length, TEXT("a=rtcp:"));
	length += digits_write(port, text + length);
	length = append(text, length, is_open_ended ? TEXT("") : line_end);
	edits_replace(&passage->edits, place, SIPALG_PLACE_SDP_RTCP, text, length);
}
