/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipv6.h"

sipalg_endpoint server6;

int ipv6_setup(void **state)
{
	(void)conversation_setup(state);
	server6 = endpoint_of("2001:db8:99::1", 5060);
	return 0;
}

/* The phone's network, and IPv4 behind NAT. */
void live_in(const char *address, const char *inside, enum sipalg_translation translation, const char *outside)
{
	const sipalg_network networks[] = { network_of("192.168.1.0/24", SIPALG_TRANSLATION_PORTS, NULL),
		                            network_of(inside, translation, outside) };
	harness_set_networks(plane, networks, 2);
	phone = endpoint_of(address, 5060);
}

void live_routed(void)
{
	live_in("2001:db8:5::2", "2001:db8:5::/48", SIPALG_TRANSLATION_NONE, NULL);
}

void live_behind_nat66(void)
{
	live_in("fd00:5::2", "fd00:5::/48", SIPALG_TRANSLATION_PORTS, NULL);
}

void live_behind_prefix(void)
{
	live_in("fd00:5::2", "fd00:5::/48", SIPALG_TRANSLATION_PREFIX, "2001:db8:6::/48");
}

static const sipalg_endpoint *server_of(const sipalg_endpoint *near)
{
	return sipalg_address_is_ipv4(&near->address) ? &server : &server6;
}

void goes_out(const char *message, const char *expected)
{
	static struct letter given, wanted;
	letter_write(&given, "%s", message);
	letter_write(&wanted, "%s", expected);
	harness_out(plane, &phone, server_of(&phone), letter_text(&given));
	assert_same(plane, letter_text(&plane->sent), letter_text(&wanted));
}

void comes_in(const char *message, const char *expected)
{
	static struct letter given, wanted;
	letter_write(&given, "%s", message);
	letter_write(&wanted, "%s", expected);
	harness_in(plane, server_of(&phone), &phone, letter_text(&given));
	assert_same(plane, letter_text(&plane->sent), letter_text(&wanted));
}

const struct plane_binding *binding_of(const char *address, uint16_t port)
{
	sipalg_endpoint inside = endpoint_of(address, port);
	return harness_binding_inside(plane, &inside);
}

bool is_open_to(const char *address, uint16_t port, const char *peer)
{
	sipalg_endpoint endpoint = endpoint_of(peer, 0);
	const struct plane_binding *binding = binding_of(address, port);
	return binding && plane_admits(binding, &endpoint.address);
}

/* An INVITE of the phone with that description; no Contact, so that media are all there is to see. */
void offers(const char *description, const char *expected)
{
	static char message[8192], wanted[8192];
	const char *head = "INVITE sip:b@x SIP/2.0\nVia: SIP/2.0/UDP phone.invalid;branch=1\n" DIALOG("1 INVITE") BODY;
	snprintf(message, sizeof(message), "%s%s", head, description);
	snprintf(wanted, sizeof(wanted), "%s%s", head, expected);
	goes_out(message, wanted);
}

void offers_unchanged(const char *description)
{
	offers(description, description);
}
