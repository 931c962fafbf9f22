/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A phone at 192.168.1.2 and a server in conversation. The phone's tag is "near"; what its bindings look like outside
 * follows from its being alone: every port is its own. */
#ifndef TESTS_ENGINE_CONVERSATION_H
#define TESTS_ENGINE_CONVERSATION_H

#include "harness.h"

extern struct harness *plane;
extern sipalg_endpoint phone, server;

int conversation_setup(void **state);

/* A body, with its headers; valid until the next one. `more`: further lines. */
const char *sdp(const char *address, unsigned port, const char *more);
const char *own(unsigned port); /* the phone's */
const char *theirs(void);       /* the far end's */

/* In what follows, `rest` is the end of the message: further headers, the empty line, the body; or "". */

/* The phone asks … */
void asks(const char *method, unsigned cseq, const char *far_tag, const char *rest);

/* … and gets an answer. */
void hears(unsigned status, unsigned cseq, const char *method, const char *far_tag, const char *rest);

/* The phone is asked, by one whose tag is "far", … */
void is_asked(const char *method, unsigned cseq, bool in_dialog, const char *rest);

/* … and answers. */
void answers(unsigned status, unsigned cseq, const char *method, const char *rest);

#define CONTACT_IN "Contact: <sip:a@192.168.1.2>\n"
#define CONTACT_OUT "Contact: <sip:a@203.0.113.1>"

void registers(unsigned cseq, const char *contact, const char *rest);
void is_registered(unsigned status, unsigned cseq, const char *contact, const char *rest);

/* True when the plane has a binding for that port of the phone. */
bool is_open(unsigned port);

#endif
