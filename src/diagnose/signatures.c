/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose SIP ALG does what was found, where that is publicly known: a row without a source has no place here. */
#include "diagnose/state.h"

static const struct signature {
	enum fault_kind fault;
	const char *words; /* stand in the message as it came out, or in what is said of it */
	const char *who, *because, *advice, *source;
} signatures[] = {
	{ FAULT_SDP_LINE_ADDED, "i=(o=IN IP", "FortiGate's SIP ALG or session helper",
	  "by default it keeps the address that it replaced in such an i= line", "fortigate",
	  "https://docs2.fortinet.com/document/fortigate/6.0.0/handbook/430064/nat-with-ip-address-conservation" },
	{ FAULT_RPORT_HIDDEN, ";received=", "Linux's nf_nat_sip, which many routers are built on",
	  "it puts the phone's own address and port into received= and rport= of answers", "nf_nat_sip",
	  "https://github.com/torvalds/linux/blob/master/net/netfilter/nf_nat_sip.c" },
};

static bool shows(const struct cause_found *cause, const struct signature *signature)
{
	size_t length = strlen(signature->words);
	const char *message = cause->message[SIDE_RECEIVED];
	return cause->fault == signature->fault && cause->confidence == CONFIDENCE_CERTAIN &&
	       (strstr(cause->detail, signature->words) != NULL ||
	        (message != NULL && memmem(message, cause->length[SIDE_RECEIVED], signature->words, length) != NULL));
}

void diagnosis_recognise(const struct diagnosis *diagnosis, struct report *report)
{
	const struct causes *causes = &diagnosis->causes;
	for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
		const struct signature *signature = &signatures[i];
		size_t found = 0;
		while (found < causes->count && !shows(&causes->list[found], signature))
			found++;
		if (found < causes->count)
			report_add_note(report,
			                "This looks like %s, because %s (%s). `sipalg advice %s` says where its switch "
			                "is.",
			                signature->who, signature->because, signature->source, signature->advice);
	}
}
