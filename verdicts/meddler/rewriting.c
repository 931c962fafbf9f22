/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rewriting.h"

#include <string.h>

struct place {
	enum rewriting what;
	const char *name, *compact;
};

static const struct place places[] = {
	{ REWRITE_VIA, "Via", "v" },     { REWRITE_CONTACT, "Contact", "m" }, { REWRITE_ROUTES, "Record-Route", "" },
	{ REWRITE_ROUTES, "Route", "" }, { REWRITE_ROUTES, "Path", "" },      { REWRITE_ROUTES, "Service-Route", "" },
};

/* Of a line with a name-addr only what stands behind the display name; of a Via only the sent-by. */
static struct span where_to_send(const struct draft *draft, struct span line, enum rewriting what)
{
	struct span bracket = draft_find(draft, line, what == REWRITE_VIA ? ";" : "<");
	if (bracket.length == 0)
		return line;
	if (what == REWRITE_VIA)
		return (struct span){ line.start, bracket.start - line.start };
	return (struct span){ bracket.start, line.start + line.length - bracket.start };
}

static void headers_rewrite(struct draft *draft, unsigned int what, const char *from, const char *to)
{
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct span line = { 0, 0 };
		while ((what & places[i].what) != 0 &&
		       (line = draft_header(draft, line.start + (line.length > 0), places[i].name, places[i].compact))
		                       .length > 0)
			draft_replace_all(draft, where_to_send(draft, line, places[i].what), from, to);
	}
}

static bool sdp_is_left_alone(const struct draft *draft, unsigned int what)
{
	return (what & REWRITE_SDP) == 0 ||
	       ((what & REWRITE_ICE) == 0 && draft_body_line(draft, 0, "a=candidate:").length > 0);
}

static void lines_rewrite(struct draft *draft, const char *beginning, const char *from, const char *to)
{
	struct span line = { 0, 0 };
	while ((line = draft_body_line(draft, line.start + (line.length > 0), beginning)).length > 0)
		draft_replace_all(draft, line, from, to);
}

/* Every connection address, be it this network's or not. */
static void connections_take(struct draft *draft, const char *to)
{
	static const char beginning[] = "c=IN IP4 ";
	struct span line = { 0, 0 };
	while ((line = draft_body_line(draft, line.start + (line.length > 0), beginning)).length > 0) {
		struct span address = { line.start + strlen(beginning), 0 };
		while (draft->bytes[address.start + address.length] > ' ')
			address.length++;
		draft_replace(draft, address, to, strlen(to));
	}
}

static void sdp_rewrite(struct draft *draft, unsigned int what, const char *from, const char *to)
{
	size_t before = draft->length;
	if (sdp_is_left_alone(draft, what))
		return;
	lines_rewrite(draft, "c=", from, to);
	lines_rewrite(draft, "o=", from, to);
	if ((what & REWRITE_RTCP) != 0)
		lines_rewrite(draft, "a=rtcp:", from, to);
	if ((what & REWRITE_FOREIGN) != 0)
		connections_take(draft, to);
	draft_length_add(draft, (long)draft->length - (long)before);
}

void rewrite_out(struct draft *draft, unsigned int what, const char *inside, const char *outside)
{
	headers_rewrite(draft, what, inside, outside);
	sdp_rewrite(draft, what, inside, outside);
}

/* What the other end says back: its answer's Via and the Request-URI of its requests, which is our Contact. */
void rewrite_in(struct draft *draft, unsigned int what, const char *inside, const char *outside)
{
	bool response = draft->length > 8 && memcmp(draft->bytes, "SIP/2.0 ", 8) == 0;
	struct span first = { 0, 0 };
	if (what == REWRITE_NOTHING)
		return;
	first.length = draft_find(draft, (struct span){ 0, draft->length }, "\n").start;
	if (!response)
		draft_replace_all(draft, first, outside, inside);
	headers_rewrite(draft, response ? what : what & ~(unsigned int)REWRITE_VIA & ~(unsigned int)REWRITE_CONTACT,
	                outside, inside);
}
