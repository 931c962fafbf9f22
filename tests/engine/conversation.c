/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conversation.h"

struct harness *plane;
sipalg_endpoint phone, server;

int conversation_setup(void **state)
{
	(void)harness_setup(state);
	plane = *state;
	phone = endpoint_of("192.168.1.2", 5060);
	server = server_endpoint();
	return 0;
}

static char body[1024];

const char *sdp(const char *address, unsigned port, const char *more)
{
	snprintf(body, sizeof(body),
	         "Content-Type: application/sdp\nContent-Length: #\n\nv=0\no=- 1 1 IN IP4 %s\nc=IN IP4 %s\nt=0 0\n"
	         "m=audio %u RTP/AVP 0\n%s",
	         address, address, port, more);
	return body;
}

const char *own(unsigned port)
{
	return sdp("192.168.1.2", port, "");
}

const char *theirs(void)
{
	return sdp("198.51.100.9", 30000, "");
}

static void send_letter(bool goes_out, const struct letter *letter)
{
	if (goes_out)
		harness_out(plane, &phone, &server, letter_text(letter));
	else
		harness_in(plane, &server, &phone, letter_text(letter));
}

void asks(const char *method, unsigned cseq, const char *far_tag, const char *rest)
{
	static struct letter letter;
	letter_write(
	        &letter,
	        "%s sip:b@198.51.100.1 SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2;branch=z%u\nFrom: <sip:a@x>;tag=near\n"
	        "To: <sip:b@x>%s%s\nCall-ID: call\nCSeq: %u %s\nContact: <sip:a@192.168.1.2>\n%s",
	        method, cseq, *far_tag ? ";tag=" : "", far_tag, cseq, method, *rest ? rest : "\n");
	send_letter(true, &letter);
}

void hears(unsigned status, unsigned cseq, const char *method, const char *far_tag, const char *rest)
{
	static struct letter letter;
	letter_write(&letter,
	             "SIP/2.0 %u R\nVia: SIP/2.0/UDP 203.0.113.1;branch=z%u\nFrom: <sip:a@x>;tag=near\n"
	             "To: <sip:b@x>%s%s\nCall-ID: call\nCSeq: %u %s\nContact: <sip:b@198.51.100.1>\n%s",
	             status, cseq, *far_tag ? ";tag=" : "", far_tag, cseq, method, *rest ? rest : "\n");
	send_letter(false, &letter);
}

void is_asked(const char *method, unsigned cseq, bool in_dialog, const char *rest)
{
	static struct letter letter;
	letter_write(&letter,
	             "%s sip:a@203.0.113.1 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1;branch=y%u\nFrom: <sip:b@x>;tag=far\n"
	             "To: <sip:a@x>%s\nCall-ID: call\nCSeq: %u %s\nContact: <sip:b@198.51.100.1>\n%s",
	             method, cseq, in_dialog ? ";tag=near" : "", cseq, method, *rest ? rest : "\n");
	send_letter(false, &letter);
}

void answers(unsigned status, unsigned cseq, const char *method, const char *rest)
{
	static struct letter letter;
	letter_write(&letter,
	             "SIP/2.0 %u R\nVia: SIP/2.0/UDP 198.51.100.1;branch=y%u\nFrom: <sip:b@x>;tag=far\n"
	             "To: <sip:a@x>;tag=near\nCall-ID: call\nCSeq: %u %s\nContact: <sip:a@192.168.1.2>\n%s",
	             status, cseq, cseq, method, *rest ? rest : "\n");
	send_letter(true, &letter);
}

bool is_open(unsigned port)
{
	sipalg_endpoint inside = phone;
	inside.port = (uint16_t)port;
	return harness_binding_inside(plane, &inside) != NULL;
}

void registers(unsigned cseq, const char *contact, const char *rest)
{
	static struct letter letter;
	letter_write(&letter,
	             "REGISTER sip:x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2;branch=r%u\nFrom: <sip:a@x>;tag=1\n"
	             "To: <sip:a@x>\nCall-ID: reg\nCSeq: %u REGISTER\n%s%s\n",
	             cseq, cseq, contact, rest);
	send_letter(true, &letter);
}

void is_registered(unsigned status, unsigned cseq, const char *contact, const char *rest)
{
	static struct letter letter;
	letter_write(&letter,
	             "SIP/2.0 %u R\nVia: SIP/2.0/UDP 203.0.113.1;branch=r%u\nFrom: <sip:a@x>;tag=1\n"
	             "To: <sip:a@x>;tag=2\nCall-ID: reg\nCSeq: %u REGISTER\n%s%s\n",
	             status, cseq, cseq, contact, rest);
	send_letter(false, &letter);
}
