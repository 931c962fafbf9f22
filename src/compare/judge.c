/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare/judge.h"

#include "compare/compare.h"

#include <stdarg.h>
#include <stdio.h>

/* The part of a message that a detail quotes. */
enum { QUOTE_MAX = 48 };

#define QUOTE(text) (int)((text).length < QUOTE_MAX ? (text).length : QUOTE_MAX), (text).start ? (text).start : ""

/* What a change is when it is not the translation of our own address. */
static const uint8_t faults_of_places[PLACE_COUNT] = {
	[PLACE_REQUEST_URI] = FAULT_REQUEST_URI_REWRITTEN,
	[PLACE_VIA] = FAULT_HALF_REWRITTEN,
	[PLACE_CONTACT] = FAULT_CONTACT_UNREACHABLE,
	[PLACE_RECORD_ROUTE] = FAULT_HALF_REWRITTEN,
	[PLACE_ROUTE] = FAULT_HALF_REWRITTEN,
	[PLACE_PATH] = FAULT_HALF_REWRITTEN,
	[PLACE_MADDR] = FAULT_HALF_REWRITTEN,
	[PLACE_FROM_TO] = FAULT_FROM_TO_REWRITTEN,
	[PLACE_SDP_ORIGIN] = FAULT_SDP_ORIGIN_ALTERED,
	[PLACE_SDP_CONNECTION] = FAULT_SDP_ADDRESS_WRONG,
	[PLACE_SDP_RTCP] = FAULT_SDP_ADDRESS_WRONG,
	[PLACE_SDP_CANDIDATE] = FAULT_ICE_MISMATCH,
	[PLACE_SDP_PORT] = FAULT_SDP_PORT_WRONG,
	[PLACE_START_LINE] = FAULT_MESSAGE_CORRUPTED,
	[PLACE_BRANCH] = FAULT_BRANCH_REWRITTEN,
	[PLACE_RPORT] = FAULT_RPORT_HIDDEN,
	[PLACE_TAG] = FAULT_TAG_REWRITTEN,
	[PLACE_DISPLAY_NAME] = FAULT_DISPLAY_NAME_REWRITTEN,
	[PLACE_USER] = FAULT_MESSAGE_CORRUPTED,
	[PLACE_CALL_ID] = FAULT_CALL_ID_REWRITTEN,
	[PLACE_CSEQ] = FAULT_MESSAGE_CORRUPTED,
	[PLACE_MAX_FORWARDS] = FAULT_MAX_FORWARDS_LOWERED,
	[PLACE_TIMER] = FAULT_TIMER_ALTERED,
	[PLACE_OTHER_HEADER] = FAULT_MESSAGE_CORRUPTED,
	[PLACE_HEADER_ADDED] = FAULT_HEADER_ADDED,
	[PLACE_HEADER_REMOVED] = FAULT_HEADER_REMOVED,
	[PLACE_ORDER] = FAULT_HEADERS_REORDERED,
	[PLACE_FORM] = FAULT_HEADER_RECASED,
	[PLACE_SYNTAX] = FAULT_MESSAGE_CORRUPTED,
	[PLACE_SDP_OTHER] = FAULT_OTHER_BODY_ALTERED,
	[PLACE_SDP_LINE_ADDED] = FAULT_SDP_LINE_ADDED,
	[PLACE_SDP_LINE_REMOVED] = FAULT_OTHER_BODY_ALTERED,
	[PLACE_BODY] = FAULT_OTHER_BODY_ALTERED,
	[PLACE_BODY_APPENDED] = FAULT_BODY_JUNK,
	[PLACE_BODY_END] = FAULT_BODY_TRUNCATED,
	[PLACE_CONTENT_LENGTH] = FAULT_CONTENT_LENGTH_WRONG,
	[PLACE_EXCESS] = FAULT_BODY_JUNK,
};

void charges_add(struct charges *charges, enum fault_kind fault, const char *format, ...)
{
	va_list arguments;
	for (size_t i = 0; i < charges->count; i++)
		if (charges->list[i].fault == fault)
			return;
	if (charges->count == CHARGES_MAX)
		return;
	struct charge *charge = &charges->list[charges->count++];
	charge->fault = fault;
	va_start(arguments, format);
	vsnprintf(charge->detail, sizeof charge->detail, format, arguments);
	va_end(arguments);
}

/* RFC 1918, RFC 6598, RFC 3927, RFC 4193: nobody outside reaches such an address. */
static bool is_private(const sipalg_address *address)
{
	static const char *const networks[] = { "10.0.0.0/8",    "172.16.0.0/12",  "192.168.0.0/16",
		                                "100.64.0.0/10", "169.254.0.0/16", "fc00::/7" };
	for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
		sipalg_prefix prefix;
		if (sipalg_prefix_read(networks[i], strlen(networks[i]), &prefix) &&
		    sipalg_prefix_contains(&prefix, address))
			return true;
	}
	return false;
}

enum owner judge_owner(const struct judge *judge, const sipalg_address *address)
{
	if (sipalg_address_is_none(address))
		return OWNER_NOBODY;
	if (sipalg_address_equal(address, &judge->inside))
		return OWNER_INSIDE;
	for (size_t i = 0; i < judge->outside_count; i++)
		if (sipalg_address_equal(address, &judge->outsides[i]))
			return OWNER_OUTSIDE;
	if (!is_private(address))
		return OWNER_NOBODY;
	return judge->neighbours ? OWNER_INSIDE : OWNER_BETWEEN;
}

bool judge_is_translated(const struct judge *judge, const struct change *change)
{
	enum owner to = judge_owner(judge, &change->to.address);
	return judge_owner(judge, &change->from.address) == OWNER_INSIDE &&
	       (to == OWNER_OUTSIDE || to == OWNER_BETWEEN);
}

/* Places whose translation is an ALG's work and may be right. */
static bool may_be_translated(enum place place)
{
	return place_is_address(place) && place != PLACE_REQUEST_URI && place != PLACE_FROM_TO;
}

static bool is_multipart(struct text message)
{
	struct message_lines lines;
	lines_read(message, &lines);
	const struct header_line *type = lines_find(&lines, SIP_HEADER_CONTENT_TYPE);
	return type != NULL && text_begins_word(type->value, TEXT("multipart/"));
}

/* ":70000" somewhere. */
static bool names_no_port(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		uint64_t port;
		size_t digits = 0;
		struct text rest = text_from(text, i + 1);
		while (digits < rest.length && rest.start[digits] >= '0' && rest.start[digits] <= '9')
			digits++;
		if (text.start[i] == ':' && digits > 0 &&
		    (!text_read_number(text_first(rest, digits), UINT16_MAX, &port) || port == 0))
			return true;
	}
	return false;
}

static enum fault_kind fault_of_change(const struct change *change, bool multipart)
{
	if (change->place == PLACE_SYNTAX && names_no_port(change->after) && !names_no_port(change->before))
		return FAULT_CONTACT_PORT_WRONG;
	if (multipart &&
	    (change->place == PLACE_CONTENT_LENGTH || change->place == PLACE_BODY || change->place == PLACE_BODY_END))
		return FAULT_MULTIPART_BROKEN;
	return (enum fault_kind)faults_of_places[change->place];
}

static void change_charge(const struct change *change, bool multipart, struct charges *charges)
{
	enum fault_kind fault = fault_of_change(change, multipart);
	struct text before = text_trim(change->before), after = text_trim(change->after);
	if (change->place == PLACE_EXCESS)
		charges_add(charges, fault, "\"%.*s\" stands behind the end and is counted as part of the body",
		            QUOTE(before));
	else if (change->place == PLACE_CONTENT_LENGTH)
		charges_add(charges, fault, "\"%.*s\", which is not how long the body is", QUOTE(after));
	else if (change->before.start == NULL)
		charges_add(charges, fault, "%s: \"%.*s\"", place_words(change->place), QUOTE(after));
	else if (change->after.start == NULL)
		charges_add(charges, fault, "%s: \"%.*s\"", place_words(change->place), QUOTE(before));
	else
		charges_add(charges, fault, "%s: \"%.*s\" became \"%.*s\"", place_words(change->place), QUOTE(before),
		            QUOTE(after));
}

/* The connection address that holds for a stream was translated, so its port may be. */
static bool port_is_translated(const struct judge *judge, const struct changes *changes, const struct change *port)
{
	const struct change *connection = changes_find_at(changes, PLACE_SDP_CONNECTION, port->index);
	if (connection == NULL)
		connection = changes_find_at(changes, PLACE_SDP_CONNECTION, CHANGE_SESSION);
	bool parity = (port->from.port & 1) == (port->to.port & 1);
	return connection != NULL && judge_is_translated(judge, connection) && parity && port->to.port >= 1024;
}

/* a=rtcp without an address follows the connection's. */
static bool rtcp_is_translated(const struct changes *changes, const struct change *rtcp)
{
	return sipalg_address_is_none(&rtcp->from.address) && sipalg_address_is_none(&rtcp->to.address) &&
	       changes_find(changes, PLACE_SDP_CONNECTION) != NULL;
}

static bool is_translation(const struct judge *judge, const struct changes *changes, const struct change *change)
{
	if (change->place == PLACE_SDP_PORT)
		return port_is_translated(judge, changes, change);
	if (change->place == PLACE_SDP_RTCP && rtcp_is_translated(changes, change))
		return true;
	return may_be_translated(change->place) && judge_is_translated(judge, change);
}

/* How many Vias a message has. */
static size_t count_vias(struct text message)
{
	struct message_lines lines;
	size_t count = 0;
	lines_read(message, &lines);
	for (size_t i = 0; i < lines.count; i++)
		count += lines.list[i].kind == SIP_HEADER_VIA;
	return count;
}

/* A proxy puts its own Via before the others, and takes it off again (RFC 3261 16.6, 16.7): that it was added is the
 * fault, not that the others stand in another place now. */
static bool is_of_via(const struct change *change)
{
	return change->place == PLACE_VIA || change->place == PLACE_BRANCH || change->place == PLACE_RPORT ||
	       (change->place == PLACE_HEADER_REMOVED && text_begins_word(change->before, TEXT("via")));
}

static bool is_via_moved(const struct changes *changes, struct text sent, struct text received)
{
	return changes->count > 0 && count_vias(sent) != count_vias(received);
}

/* What is to be judged. */
struct differences {
	struct changes changes;
	bool multipart, via_moved;
};

static void find_differences(struct text sent, struct text received, struct differences *found)
{
	compare_messages(sent, received, &found->changes);
	found->multipart = found->changes.count > 0 && is_multipart(sent);
	found->via_moved = is_via_moved(&found->changes, sent, received);
}

void judge_outbound(const struct judge *judge, struct text sent, struct text received, struct charges *charges)
{
	struct differences found;
	memset(charges, 0, sizeof *charges);
	find_differences(sent, received, &found);
	for (size_t i = 0; i < found.changes.count; i++) {
		const struct change *change = &found.changes.list[i];
		if (found.via_moved && is_of_via(change))
			continue;
		if (!is_translation(judge, &found.changes, change)) {
			change_charge(change, found.multipart, charges);
			continue;
		}
		charges->rewritten = true;
		if (judge_owner(judge, &change->to.address) == OWNER_BETWEEN)
			charges->second_nat = true;
	}
	if (charges->rewritten)
		judge_halves(judge, sent, received, &found.changes, charges);
}

/* What came as the far end wrote it, though it is not what we had written. A phone throws an answer away whose Via is
 * not its own (RFC 3261 18.1.2), and looks for its own Contact in the answer to a REGISTER (10.2.4). A Request-URI
 * is the Contact as the far end knows it: it need not come back. */
static bool must_be_restored(enum place place)
{
	return place == PLACE_VIA || place == PLACE_CONTACT;
}

static void wish_judge(const struct change *wish, const struct changes *real, bool multipart, struct charges *charges)
{
	const struct change *change = changes_find_at(real, wish->place, wish->index);
	if (change == NULL && !must_be_restored(wish->place))
		return;
	if (must_be_restored(wish->place))
		charges_add(charges, FAULT_NOT_RESTORED, "%s: the phone wrote \"%.*s\" and gets \"%.*s\"",
		            place_words(wish->place), QUOTE(wish->before), QUOTE(wish->after));
	else
		change_charge(change, multipart, charges);
}

void judge_inbound(const struct judge *judge, struct text wished, struct text sent, struct text received,
                   struct charges *charges)
{
	struct changes wishes, real;
	(void)judge;
	memset(charges, 0, sizeof *charges);
	compare_messages(wished, received, &wishes);
	compare_messages(sent, received, &real);
	bool multipart = wishes.count > 0 && is_multipart(sent);
	charges->restored = real.count > 0 && wishes.count < real.count;
	for (size_t i = 0; i < wishes.count; i++)
		wish_judge(&wishes.list[i], &real, multipart, charges);
}

static bool is_put_back(const struct judge *judge, const struct change *change)
{
	return judge_owner(judge, &change->from.address) == OWNER_OUTSIDE &&
	       judge_owner(judge, &change->to.address) == OWNER_INSIDE;
}

/* A port goes with the address that holds for its stream. */
static bool port_is_put_back(const struct judge *judge, const struct changes *changes, const struct change *port)
{
	const struct change *connection = changes_find_at(changes, PLACE_SDP_CONNECTION, port->index);
	if (connection == NULL)
		connection = changes_find_at(changes, PLACE_SDP_CONNECTION, CHANGE_SESSION);
	return connection != NULL && is_put_back(judge, connection);
}

static bool is_return(const struct judge *judge, const struct changes *changes, const struct change *change)
{
	if (change->place == PLACE_SDP_PORT)
		return port_is_put_back(judge, changes, change);
	if (change->place == PLACE_SDP_RTCP && rtcp_is_translated(changes, change))
		return true;
	return place_is_address(change->place) && is_put_back(judge, change);
}

void judge_return(const struct judge *judge, struct text sent, struct text received, struct charges *charges)
{
	struct differences found;
	memset(charges, 0, sizeof *charges);
	find_differences(sent, received, &found);
	for (size_t i = 0; i < found.changes.count; i++) {
		const struct change *change = &found.changes.list[i];
		if (is_return(judge, &found.changes, change) || (found.via_moved && is_of_via(change)))
			charges->restored = true;
		else
			change_charge(change, found.multipart, charges);
	}
}
