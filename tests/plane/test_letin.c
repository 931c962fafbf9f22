/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firewalls that drop what nobody inside asked for, in every kind of network: translated, routed, IPv4 and IPv6. */
#include "cmocka_all.h"

#include "phone.h"
#include "plane/netfilter/letin.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STRICT                                                                                                         \
	"table inet filter { chain forward { type filter hook forward priority 0; policy drop\n"                       \
	"ct state established,related accept\n iifname \"lan\" oifname \"wan\" accept\n }\n }\n"

static char message[WORLD_MESSAGE_MAX], received[WORLD_MESSAGE_MAX];

/* A kind of network. */
struct ground {
	const char *name, *rules;
	const char *phone, *outside; /* what the phone's address is, and what it looks like from outside */
	const char *server, *media, *stranger;
	const char *said; /* what the plane says about it; NULL: it is the usual */
};

static const struct ground grounds[] = {
	{ "IPv4, masquerade",
	  STRICT
	  "table ip nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" masquerade\n }\n }",
	  "10.0.0.5", "203.0.113.1", "203.0.113.2", "203.0.113.9", "203.0.113.66", NULL },
	{ "IPv4, routed", STRICT, "198.51.100.5", "198.51.100.5", "203.0.113.2", "203.0.113.9", "203.0.113.66",
	  "198.51.100.0/24: it is routed" },
	{ "IPv6, routed", STRICT, "2001:db8:1::5", "2001:db8:1::5", "2001:db8:ffff::2", "2001:db8:ffff::9",
	  "2001:db8:ffff::66", "2001:db8:1::/64: it is routed" },
	{ "IPv6, masquerade",
	  STRICT "table inet nat { chain post { type nat hook postrouting priority 100\n"
	         "ip6 saddr fd00::/8 oifname \"wan\" masquerade\n }\n }",
	  "fd00:1::5", "2001:db8:ffff::1", "2001:db8:ffff::2", "2001:db8:ffff::9", "2001:db8:ffff::66",
	  "fd00:1::/64: its hosts share the router's address" },
	{ "IPv6, beside masquerade, but routed",
	  STRICT "table inet nat { chain post { type nat hook postrouting priority 100\n"
	         "ip6 saddr fd00::/8 oifname \"wan\" masquerade\n }\n }",
	  "2001:db8:1::5", "2001:db8:1::5", "2001:db8:ffff::2", "2001:db8:ffff::9", "2001:db8:ffff::66",
	  "2001:db8:1::/64: it is routed" },
	{ "IPv6, another prefix",
	  STRICT "table ip6 nat { chain post { type nat hook postrouting priority 100\n"
	         "ip6 saddr fd00:1::/64 oifname \"wan\" snat prefix to 2001:db8:2::/64\n }\n }",
	  "fd00:1::5", "2001:db8:2::5", "2001:db8:ffff::2", "2001:db8:ffff::9", "2001:db8:ffff::66",
	  "fd00:1::/64: its prefix is translated" },
};

enum { GROUNDS = sizeof(grounds) / sizeof(grounds[0]) };

/* A phone and a provider on a ground. */
struct scene {
	struct world world;
	const struct ground *ground;
	int phone, phone_media, server, server_media, media, stranger;
	sipalg_endpoint from; /* where the server saw the phone's signalling come from */
	uint16_t port;        /* the outside media port */
	char invite[4096];
};

/* Without `claimed` the table belongs to nobody, and everybody may remove it: as on kernels before 6.9. */
static void scene_open_as(struct scene *scene, const struct ground *ground, bool claimed)
{
	struct world *world = &scene->world;

	*scene = (struct scene){ .ground = ground };
	world_open(world, ground->rules);
	world_add_ipv6(world);
	assert_true(claimed || world_command(world, ROUTER, "nft add table inet sipalg"));
	assert_true(world_command(world, PROVIDER,
	                          "ip addr add 203.0.113.66/24 dev eth0; ip route add default via 203.0.113.1"));
	if (strncmp(ground->phone, "198.", 4) == 0)
		assert_true(
		        world_command(world, ROUTER, "ip addr flush dev lan; ip addr add 198.51.100.1/24 dev lan") &&
		        world_command(world, PHONES,
		                      "ip addr add 198.51.100.5/24 dev eth0; ip route replace default via "
		                      "198.51.100.1"));
	snprintf(world->settings.lan[0], sizeof(world->settings.lan[0]), "lan");
	world->settings.lan_count = 1;
	assert_true(world_start(world));
	if (ground->said != NULL && !world_said(world, ground->said))
		fail_msg("%s: said \"%s\" and \"%s\"", ground->name, world->lines[0], world->lines[1]);
	scene->phone = world_socket(world, PHONES, ground->phone, 5060);
	scene->phone_media = world_socket(world, PHONES, ground->phone, 4000);
	scene->server = world_socket(world, PROVIDER, ground->server, 5060);
	scene->server_media = world_socket(world, PROVIDER, ground->server, 9000);
	scene->media = world_socket(world, PROVIDER, ground->media, 9000);
	scene->stranger = world_socket(world, PROVIDER, ground->stranger, 443);
}

static void scene_open(struct scene *scene, const struct ground *ground)
{
	scene_open_as(scene, ground, true);
}

static void scene_close(struct scene *scene)
{
	close(scene->phone);
	close(scene->phone_media);
	close(scene->server);
	close(scene->server_media);
	close(scene->media);
	close(scene->stranger);
	world_close(&scene->world);
}

static void must(const struct scene *scene, bool fine, const char *what)
{
	if (!fine)
		fail_msg("%s: %s", scene->ground->name, what);
}

static void send_in(struct scene *scene, int from, uint16_t port, size_t length)
{
	world_send(from, scene->ground->outside, port, message, length);
}

static bool media_in(struct scene *scene, int from)
{
	memcpy(message, "\x80in", 3);
	send_in(scene, from, scene->port, 3);
	return !world_silent(&scene->world, scene->phone_media);
}

static void request_out(struct scene *scene, size_t length)
{
	world_send(scene->phone, scene->ground->server, 5060, message, length);
	must(scene, world_receive(&scene->world, scene->server, received, &scene->from) > 0, "a request went out");
}

static void response_in(struct scene *scene, size_t length)
{
	send_in(scene, scene->server, scene->from.port, length);
	must(scene, world_receive(&scene->world, scene->phone, received, NULL) > 0, "a response came in");
}

static void call(struct scene *scene)
{
	const struct ground *ground = scene->ground;

	request_out(scene, phone_invite(message, ground->phone, 5060, 4000, "call", 0));
	snprintf(scene->invite, sizeof(scene->invite), "%.4095s", received);
	must(scene, strstr(received, ground->outside) != NULL, "the invitation names the outside address");
	scene->port = message_media_port(received);
	response_in(scene, provider_response(message, scene->invite, "200 OK", ground->media, 9000, 0));
}

static void hang_up(struct scene *scene)
{
	request_out(scene, phone_bye(message, scene->ground->phone, 5060, "call"));
	response_in(scene, provider_response(message, received, "200 OK", NULL, 0, 0));
	for (int tenths = 0; tenths < 15; tenths++) /* a closing waits for others, and flows end with the next walk */
		world_run(&scene->world, 100);
}

static void register_phone(struct scene *scene)
{
	request_out(scene, phone_register(message, scene->ground->phone, 5060, "register"));
	response_in(scene, provider_response(message, received, "200 OK", NULL, 0, 3600));
}

/* An invitation from outside; what arrives is in `received`. */
static bool rings(struct scene *scene, int from, size_t padding)
{
	size_t length = provider_request(message, "INVITE", scene->ground->outside, scene->from.port);

	memset(message + length, ' ', padding);
	send_in(scene, from, scene->from.port, length + padding);
	return world_receive(&scene->world, scene->phone, received, NULL) == (ssize_t)(length + padding) ||
	       strstr(received, "INVITE") == received;
}

static void forget_flows(struct scene *scene)
{
	assert_true(world_command(&scene->world, ROUTER, "conntrack -F 2>/dev/null; conntrack -F -f ipv6 2>/dev/null"));
}

static void play_call(const struct ground *ground)
{
	struct scene scene;
	sipalg_endpoint from;
	char text[SIPALG_ADDRESS_TEXT_MAX];

	scene_open(&scene, ground);
	scene.port = 4000;
	must(&scene, !media_in(&scene, scene.stranger), "closed before the call");
	call(&scene);
	must(&scene, media_in(&scene, scene.media), "media from the answered address");
	must(&scene, media_in(&scene, scene.server_media), "media from an address that nobody named");
	must(&scene, media_in(&scene, scene.stranger), "media from another port below 1024");
	uint64_t let_in = plane_counters(scene.world.plane)->let_in;
	must(&scene, let_in == 2, "two flows were let in");
	must(&scene, media_in(&scene, scene.stranger) && plane_counters(scene.world.plane)->let_in == let_in,
	     "the next packet needs nobody");
	world_send(scene.phone_media, ground->media, 9000, "\x80out", 4);
	must(&scene, world_receive(&scene.world, scene.media, received, &from) == 4, "media goes out");
	sipalg_address_write(&from.address, text);
	must(&scene, strcmp(text, ground->outside) == 0 && from.port == scene.port, "from where the phone said");
	scene.port = (uint16_t)(scene.port + 2);
	must(&scene, !media_in(&scene, scene.stranger), "another port is closed");
	scene.port = (uint16_t)(scene.port - 2);
	hang_up(&scene);
	must(&scene, !media_in(&scene, scene.media), "closed after the call: the answered address");
	must(&scene, !media_in(&scene, scene.server_media), "closed after the call: the one let in");
	must(&scene, !media_in(&scene, scene.stranger), "closed after the call: the other one let in");
	scene_close(&scene);
}

static void test_media_passes_while_the_call_lives(void **state)
{
	(void)state;
	for (size_t index = 0; index < GROUNDS; index++)
		play_call(&grounds[index]);
}

static void play_registration(const struct ground *ground)
{
	struct scene scene;
	char uri[128];

	scene_open(&scene, ground);
	register_phone(&scene);
	forget_flows(&scene);
	must(&scene, !rings(&scene, scene.stranger, 0), "a scanner rings no phone");
	must(&scene, rings(&scene, scene.server, 0), "the registrar reaches the phone");
	snprintf(uri, sizeof(uri),
	         strchr(ground->phone, ':') == NULL ? "INVITE sip:alice@%s:5060 SIP/2.0\r\n"
	                                            : "INVITE sip:alice@[%s]:5060 SIP/2.0\r\n",
	         ground->phone);
	must(&scene, strncmp(received, uri, strlen(uri)) == 0, "by the address that it wrote");
	world_send(scene.phone, ground->server, 5060, message,
	           provider_response(message, received, "180 Ringing", NULL, 0, 0));
	must(&scene, world_receive(&scene.world, scene.server, received, NULL) > 0, "and is answered");
	must(&scene, strstr(received, ground->phone) == NULL || strcmp(ground->phone, ground->outside) == 0,
	     "without a word of the inside");
	forget_flows(&scene);
	must(&scene, rings(&scene, scene.server, 4000), "with a message in fragments, too");
	must(&scene, rings(&scene, scene.server_media, 0), "and from another of its ports");
	scene_close(&scene);
}

static void test_the_registrar_reaches_the_phone(void **state)
{
	(void)state;
	for (size_t index = 0; index < GROUNDS; index++)
		play_registration(&grounds[index]);
}

/* What the daemon knows is lost and read from the kernel; what the kernel knows is lost and put back. */
static void play_life(const struct ground *ground)
{
	struct scene scene;

	scene_open_as(&scene, ground, false);
	register_phone(&scene);
	call(&scene);
	must(&scene, world_command(&scene.world, ROUTER, "nft delete table inet sipalg"), "somebody removes the table");
	world_run(&scene.world, 2300);
	must(&scene, world_said(&scene.world, "put back"), "it is put back");
	forget_flows(&scene);
	must(&scene, media_in(&scene, scene.stranger), "with what the call needs");
	must(&scene, plane_switch(scene.world.plane, world_now_ns(), false), "off");
	must(&scene, !world_command(&scene.world, ROUTER, "nft list table inet sipalg 2>/dev/null"), "is off");
	must(&scene, media_in(&scene, scene.stranger), "a flow that is up goes on");
	must(&scene, plane_switch(scene.world.plane, world_now_ns(), true), "on");
	must(&scene, rings(&scene, scene.server, 0), "and the phone is reached");
	world_stop(&scene.world);
	must(&scene, !world_command(&scene.world, ROUTER, "nft list table inet sipalg 2>/dev/null"), "nothing is left");
	scene_close(&scene);
}

static void test_the_table_is_put_back_and_goes(void **state)
{
	(void)state;
	for (size_t index = 0; index < GROUNDS; index++)
		play_life(&grounds[index]);
}

/* Whoever guesses the port of a call gets in, but not as often as he likes. */
static void test_a_flood_makes_few_flows(void **state)
{
	struct scene scene;
	size_t passed = 0;

	(void)state;
	scene_open(&scene, &grounds[0]);
	call(&scene);
	for (uint16_t port = 20000; port < 20000 + 2 * LETIN_BINDING_MAX; port++) {
		int source = world_socket(&scene.world, PROVIDER, scene.ground->stranger, port);

		passed += media_in(&scene, source);
		close(source);
	}
	assert_int_equal(passed, LETIN_BINDING_MAX);
	assert_int_equal(plane_counters(scene.world.plane)->let_in_refused, LETIN_BINDING_MAX);
	assert_true(media_in(&scene, scene.media)); /* those who are in stay */
	scene_close(&scene);
}

static void test_limits_of_letting_in(void **state)
{
	static struct letin letin;
	uint64_t second = SIPALG_SECOND_NS;
	unsigned int granted = 0;

	(void)state;
	letin.window_max = 3000;
	for (uint32_t binding = 0; binding < 10000; binding++)
		granted += letin_may(&letin, second, binding);
	assert_int_equal(granted, LETIN_SECOND_MAX);
	for (uint32_t binding = 0; binding < 10000; binding++)
		granted += letin_may(&letin, 3 * second, binding);
	assert_int_equal(granted, 3000);
	assert_false(letin_may(&letin, 10 * second, 1));
	assert_true(letin_may(&letin, (LETIN_WINDOW_S + 2) * second, 1));
}

/* A firewall that is loaded while a call is up. */
static void test_a_firewall_that_comes_later(void **state)
{
	static const struct ground open = { "IPv6, open",        "",
		                            "2001:db8:1::5",     "2001:db8:1::5",
		                            "2001:db8:ffff::2",  "2001:db8:ffff::9",
		                            "2001:db8:ffff::66", NULL };
	struct scene scene;

	(void)state;
	scene_open(&scene, &open);
	call(&scene);
	must(&scene, media_in(&scene, scene.stranger), "without a firewall");
	must(&scene, plane_counters(scene.world.plane)->let_in == 0, "nobody is asked");
	assert_true(world_command(&scene.world, ROUTER, "nft -f - <<'END'\n%s\nEND\n", STRICT));
	world_run(&scene.world, 2300);
	forget_flows(&scene);
	must(&scene, media_in(&scene, scene.stranger), "with one");
	must(&scene, plane_counters(scene.world.plane)->let_in == 1, "it is let in");
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_media_passes_while_the_call_lives),
		cmocka_unit_test(test_the_registrar_reaches_the_phone),
		cmocka_unit_test(test_the_table_is_put_back_and_goes),
		cmocka_unit_test(test_a_flood_makes_few_flows),
		cmocka_unit_test(test_limits_of_letting_in),
		cmocka_unit_test(test_a_firewall_that_comes_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
