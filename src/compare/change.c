/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare/change.h"

const char *place_words(enum place place)
{
	static const char *const words[PLACE_COUNT] = {
		[PLACE_NONE] = "",
		[PLACE_REQUEST_URI] = "the Request-URI",
		[PLACE_VIA] = "Via",
		[PLACE_CONTACT] = "Contact",
		[PLACE_RECORD_ROUTE] = "Record-Route",
		[PLACE_ROUTE] = "Route",
		[PLACE_PATH] = "Path",
		[PLACE_MADDR] = "maddr",
		[PLACE_FROM_TO] = "From or To",
		[PLACE_SDP_ORIGIN] = "the session description's o= line",
		[PLACE_SDP_CONNECTION] = "the session description's c= line",
		[PLACE_SDP_RTCP] = "a=rtcp",
		[PLACE_SDP_CANDIDATE] = "a=candidate",
		[PLACE_SDP_PORT] = "the media port",
		[PLACE_START_LINE] = "the first line",
		[PLACE_BRANCH] = "the branch of Via",
		[PLACE_RPORT] = "received and rport of Via",
		[PLACE_TAG] = "a tag",
		[PLACE_DISPLAY_NAME] = "a display name",
		[PLACE_USER] = "the user of a URI",
		[PLACE_CALL_ID] = "Call-ID",
		[PLACE_CSEQ] = "CSeq",
		[PLACE_MAX_FORWARDS] = "Max-Forwards",
		[PLACE_TIMER] = "a timer",
		[PLACE_OTHER_HEADER] = "another part of a header",
		[PLACE_HEADER_ADDED] = "a header that was not sent",
		[PLACE_HEADER_REMOVED] = "a header that is missing",
		[PLACE_ORDER] = "the order of headers",
		[PLACE_FORM] = "the spelling of a header",
		[PLACE_SYNTAX] = "what cannot be read any more",
		[PLACE_SDP_OTHER] = "another line of the session description",
		[PLACE_SDP_LINE_ADDED] = "a line of the session description that was not sent",
		[PLACE_SDP_LINE_REMOVED] = "a line of the session description that is missing",
		[PLACE_BODY] = "a body that is no session description",
		[PLACE_BODY_APPENDED] = "bytes that were appended to the body",
		[PLACE_BODY_END] = "the end of the body, which is missing",
		[PLACE_CONTENT_LENGTH] = "Content-Length",
		[PLACE_EXCESS] = "bytes behind the end",
	};
	return words[place];
}

const struct change *changes_find(const struct changes *changes, enum place place)
{
	for (size_t i = 0; i < changes->count; i++)
		if (changes->list[i].place == place)
			return &changes->list[i];
	return NULL;
}

const struct change *changes_find_at(const struct changes *changes, enum place place, uint8_t index)
{
	for (size_t i = 0; i < changes->count; i++)
		if (changes->list[i].place == place && changes->list[i].index == index)
			return &changes->list[i];
	return NULL;
}

void changes_add(struct changes *changes, const struct change *change)
{
	if (changes->count == CHANGES_MAX)
		changes->overflow = true;
	else
		changes->list[changes->count++] = *change;
}
