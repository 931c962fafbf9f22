/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a probe's message for the way it goes, and sends it. */
#ifndef CHECK_PROBE_SEND_H
#define CHECK_PROBE_SEND_H

#include "check/address_text.h"
#include "check/exchange.h"
#include "sip/uri.h"

enum { FIELD_MAX = 1024 };

/* The values of all blanks, with room for their texts. */
struct fields {
	struct blanks blanks;
	char mark[MARK_LENGTH + 1], call[MARK_LENGTH + 1];
	char in[ADDRESS_TEXT_MAX], ip[ADDRESS_TEXT_MAX], address[SIPALG_ADDRESS_TEXT_MAX];
	char srv[ADDRESS_TEXT_MAX], srvip[ADDRESS_TEXT_MAX];
	char expires[8], port[8], other[8], sport[8], mport[8];
	char rtp[4][8], rtcp[2][8];
	char contact[ADDRESS_TEXT_MAX], outside[ADDRESS_TEXT_MAX];
	char via[FIELD_MAX], via_port[8];
};

/* The values that any message has. `from` is ours. */
void fields_begin(struct fields *fields, const struct exchange *exchange, const sipalg_endpoint *from,
                  enum reflect_place place);
/* "{call}": the mark of the message that began it. */
void fields_set_call(struct fields *fields, const struct exchange *exchange, const struct passage *beginning);
void fields_set_number(struct fields *fields, const char *name, char room[8], uint16_t number);
/* Media ports: four pairs from this one on are bound when the pattern names them. False: no ports are left. */
bool fields_bind_media(struct fields *fields, struct exchange *exchange, const char *pattern);

/* Composes and sends; *other* is the flow that "{other}" names, NULL: the same. NULL: no room. */
struct passage *probe_send(struct exchange *exchange, const struct probe *probe, struct flow *flow,
                           enum reflect_place place, const struct flow *other);

/* Notes a message for a connection, which its user has to send. NULL: no room. */
struct passage *probe_note(struct exchange *exchange, const struct probe *probe, struct connection *connection);

/* Composes with these values. NULL: no room. */
struct passage *fields_send(struct exchange *exchange, const struct probe *probe, const struct fields *fields,
                            struct flow *flow, enum reflect_place place);

/* The far end answers a message that has arrived, with a probe of the arrival table. NULL: it cannot be read, or there
 * is no room. */
struct passage *answer_ask(struct exchange *exchange, const struct probe *probe, const struct passage *request);
/* … only composes the answer: as it is sent, and as we wish to get it. */
bool answer_compose(const struct exchange *exchange, const struct probe *probe, const struct passage *request,
                    struct composed *sent, struct composed *wished);

/* We answer a request of the far end's that has arrived. NULL: it cannot be read, or there is no room. */
struct passage *reply_send(struct exchange *exchange, const struct probe *probe, const struct passage *request);

/* The far end sends a request: to the port that `way` names. `known` is a message of ours that has arrived and names
 * our Contact; NULL: none, we are where we are seen. */
struct passage *request_ask(struct exchange *exchange, const struct probe *probe, const struct reflect_way *way,
                            struct flow *flow, const struct passage *known);
bool request_compose(const struct exchange *exchange, const struct probe *probe, const struct reflect_way *way,
                     const sipalg_endpoint *own, const struct passage *known, struct composed *sent,
                     struct composed *wished);

/* "host:port" of the first Contact of a message; false: there is none that can be read. */
bool contact_find(struct text message, struct text *hostport, struct sip_uri *uri);

#endif
