/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first line is the value of Content-Type, the rest the body. */
#include "../../tests/unit/walk.h"
#include "reader.h"

#include "sipalg/limits.h"

static void read_body(struct text text)
{
	static char bytes[SIPALG_MESSAGE_MAX];
	const char *end = text.length > 0 ? memchr(text.start, '\n', text.length) : NULL;
	if (end == NULL)
		return;
	size_t type_length = (size_t)(end - text.start), body_length = text.length - type_length - 1;
	int length = snprintf(
	        bytes, sizeof bytes,
	        "MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z\r\nFrom: <sip:a@b>;tag=1\r\n"
	        "To: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nContent-Type: %.*s\r\nContent-Length: %zu\r\n\r\n",
	        (int)type_length, text.start, body_length);
	if (length <= 0 || (size_t)length + body_length > sizeof bytes)
		return;
	memcpy(bytes + length, end + 1, body_length);
	walk_message((struct text){ bytes, (size_t)length + body_length });
}

FUZZ_READER(read_body)
