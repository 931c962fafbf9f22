/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/named.h"

struct collection {
	uint16_t *ports;
	size_t count, max;
};

static void collect(struct collection *collection, uint64_t port)
{
	if (port < NAMED_PORT_MIN || port > UINT16_MAX || collection->count == collection->max)
		return;
	for (size_t i = 0; i < collection->count; i++)
		if (collection->ports[i] == port)
			return;
	collection->ports[collection->count++] = (uint16_t)port;
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_hexadecimal(char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F') || byte == ':';
}

/* The number with which the text begins; 0: none. */
static uint64_t leading_port(struct text text)
{
	size_t length = 0;
	uint64_t port = 0;
	while (length < text.length && is_digit(text.start[length]))
		length++;
	return text_read_number(text_first(text, length), UINT16_MAX, &port) ? port : 0;
}

static bool next_occurrence(struct text *rest, struct text sought)
{
	const char *found = rest->length > 0 ? memmem(rest->start, rest->length, sought.start, sought.length) : NULL;
	if (found == NULL)
		return false;
	*rest = text_from(*rest, (size_t)(found - rest->start));
	return true;
}

/* "10.0.0.1" is not in "110.0.0.1" and not in "10.0.0.12". */
static bool stands_alone(struct text whole, struct text at, size_t length)
{
	size_t offset = text_offset(whole, at);
	char before = offset > 0 ? whole.start[offset - 1] : ' ', after = at.length > length ? at.start[length] : ' ';
	bool ends = !is_digit(after) && after != '.';
	return ends && !is_digit(before) && before != '.' && !(is_hexadecimal(before) && before != ':');
}

static void collect_behind_address(struct collection *collection, struct text whole, struct text address)
{
	for (struct text rest = whole; next_occurrence(&rest, address); rest = text_from(rest, address.length)) {
		struct text behind = text_from(rest, address.length);
		if (!stands_alone(whole, rest, address.length))
			continue;
		if (behind.length > 0 && behind.start[0] == ']')
			behind = text_from(behind, 1);
		if (behind.length > 0 && (behind.start[0] == ':' || behind.start[0] == ' '))
			collect(collection, leading_port(text_from(behind, 1)));
	}
}

static bool take_line(struct text *rest, struct text *line)
{
	if (rest->length == 0)
		return false;
	*line = text_first(*rest, text_find(*rest, '\n'));
	*rest = text_from(*rest, line->length + 1);
	return true;
}

static bool is_connection_to(struct text line, struct text address)
{
	struct text rest = line;
	return text_begins_word(line, TEXT("c=")) && next_occurrence(&rest, address) &&
	       stands_alone(line, rest, address.length);
}

static void collect_media_line(struct collection *collection, struct text line)
{
	if (text_begins_word(line, TEXT("a=rtcp:")))
		collect(collection, leading_port(text_from(line, strlen("a=rtcp:"))));
	if (!text_begins_word(line, TEXT("m=")))
		return;
	uint64_t port = leading_port(text_from(line, text_find(line, ' ') + 1));
	collect(collection, port);
	collect(collection, port > 0 ? port + 1 : 0);
}

static void collect_media(struct collection *collection, struct text whole, struct text address)
{
	struct text rest = whole, line;
	bool named = false;
	while (!named && take_line(&rest, &line))
		named = is_connection_to(line, address);
	rest = whole;
	while (named && take_line(&rest, &line))
		collect_media_line(collection, line);
}

size_t named_ports_find(struct text message, const sipalg_address *address, uint16_t *ports, size_t max)
{
	char written[SIPALG_ADDRESS_TEXT_MAX];
	struct text text = { written, sipalg_address_write(address, written) };
	struct collection collection = { ports, 0, max };
	collect_behind_address(&collection, message, text);
	collect_media(&collection, message, text);
	return collection.count;
}
