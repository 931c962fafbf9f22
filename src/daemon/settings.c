/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/settings.h"

#include "console/values.h"
#include "host/user.h"

#include <grp.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct setting_row settings_table[SETTING_COUNT] = {
	[SETTING_LAN] = {"lan", "INTERFACE[,...]", "interfaces the phones are behind (default: those with a private network)", false},
	[SETTING_WAN] = {"wan", "INTERFACE[,...]", "interfaces to the outside (default: that of the default route)", false},
	[SETTING_INSIDE] = {"inside", "NETWORK[,...]", "networks routed behind the LAN, besides the LAN's own", false},
	[SETTING_OUTSIDE] = {"outside", "ADDRESS", "outside address (default: read from the WAN interface)", false},
	[SETTING_IPV6] = {"ipv6", "auto|routed|nat66|off", "how IPv6 goes outside (default: auto, as the router's rules say)", false},
	[SETTING_ROUTED] = {"routed", "NETWORK[,...]", "inside networks that are not translated, whatever the rules say", false},
	[SETTING_NETMAP] = {"netmap", "INSIDE=OUTSIDE[,...]", "inside networks whose prefix becomes another", false},
	[SETTING_NPTV6] = {"nptv6", "INSIDE=OUTSIDE[,...]", "the same, by RFC 6296", false},
	[SETTING_SERVER] = {"server", "NETWORK[,...]", "servers that may send SIP to a phone unasked", false},
	[SETTING_OFF] = {"off", "NETWORK[,...]", "hosts and networks to leave alone", false},
	[SETTING_SIP_PORT] = {"sip-port", "PORT[,...]", "ports that carry SIP, besides what is recognised as SIP (default: 5060)", false},
	[SETTING_TCP] = {"tcp", "yes|no", "read SIP over TCP too (default: yes)", true},
	[SETTING_OUTSIDE_PORTS] = {"outside-ports", "FIRST-LAST", "outside ports to choose from (default: 1024-65535)", false},
	[SETTING_RESERVE] = {"reserve", "PORT[-PORT][,...]", "outside ports never to choose", false},
	[SETTING_NARROW_MEDIA] = {"narrow-media", "yes|no", "admit media from the answered address only (default: no)", true},
	[SETTING_HAIRPIN_MEDIA] = {"hairpin-media", "yes|no", "media between phones inside goes by this router, not directly (default: no)", true},
	[SETTING_MEDIA_IDLE] = {"media-idle", "SECONDS", "a call without media for so long has ended; 0: never (default: 600)", false},
	[SETTING_REGISTRATION_GRACE] = {"registration-grace", "SECONDS", "a registration lives so much longer than granted (default: 32)", false},
	[SETTING_BINDINGS] = {"bindings", "NUMBER", "bindings there may be at once", false},
	[SETTING_HOST_BINDINGS] = {"host-bindings", "NUMBER", "bindings one inside host may have", false},
	[SETTING_CALLS] = {"calls", "NUMBER", "calls there may be at once", false},
	[SETTING_REGISTRATIONS] = {"registrations", "NUMBER", "registrations there may be at once", false},
	[SETTING_CONNECTIONS] = {"connections", "NUMBER", "TCP connections read at once; more pass as through plain NAT (default: 32768)", false},
	[SETTING_QUEUE] = {"queue", "NUMBER", "number of the netfilter queue; 0: a free one (default: 0)", false},
	[SETTING_SOCKET] = {"socket", "PATH", "control socket (default: " SETTINGS_SOCKET_PATH ")", false},
	[SETTING_GROUP] = {"group", "GROUP", "group that may use the control socket (default: root alone)", false},
	[SETTING_USER] = {"user", "USER", "whom to become once all is open (default: sipalg, else nobody)", false},
	[SETTING_SANDBOX] = {"sandbox", "yes|no", "give up files, rights and system calls (default: yes)", true},
	[SETTING_STATE] = {"state", "PATH|none", "file that remembers what is switched off (default: " SETTINGS_STATE_PATH ")", false},
	[SETTING_JOURNAL] = {"journal", "KIB", "memory that `sipalg explain` looks back into; 0: none (default: 4096)", false},
};
/* clang-format on */

void settings_defaults(struct settings *settings)
{
	memset(settings, 0, sizeof *settings);
	sipalg_settings_defaults(&settings->engine);
	settings->sip_ports[0] = SIPALG_PORT_SIP;
	settings->sip_port_count = 1;
	settings->tcp = true;
	settings->connections = SETTINGS_CONNECTIONS;
	settings->group = (gid_t)-1;
	user_find_default(&settings->user, &settings->user_group);
	settings->sandbox = true;
	settings->journal_kib = SETTINGS_JOURNAL_KIB;
	snprintf(settings->socket, sizeof settings->socket, "%s", SETTINGS_SOCKET_PATH);
	snprintf(settings->state, sizeof settings->state, "%s", SETTINGS_STATE_PATH);
}

/* ---- Values that are lists ---- */

static bool list_full(struct problem *problem, const char *name, size_t room)
{
	return problem_say(problem, "%s takes at most %zu entries; leave some out or write wider ones", name, room);
}

static bool add_interfaces(struct interface_list *list, const char *name, struct value text, struct problem *problem)
{
	struct value entry;
	while (value_next(&text, &entry)) {
		if (list->count == SETTINGS_INTERFACES_MAX)
			return list_full(problem, name, SETTINGS_INTERFACES_MAX);
		if (!value_read_interface(entry, list->names[list->count]))
			return problem_say(problem, "%s: \"%.*s\" cannot be an interface; `ip -brief link` lists yours",
			                   name, (int)entry.length, entry.start);
		list->count++;
	}
	return true;
}

static bool add_prefixes(sipalg_prefix *prefixes, size_t *count, size_t room, const char *name, struct value text,
                         struct problem *problem)
{
	struct value entry;
	while (value_next(&text, &entry)) {
		if (*count == room)
			return list_full(problem, name, room);
		if (!sipalg_prefix_read(entry.start, entry.length, &prefixes[*count]))
			return problem_say(problem,
			                   "%s: \"%.*s\" is no address or network; write it as 192.168.1.5 or "
			                   "192.168.1.0/24",
			                   name, (int)entry.length, entry.start);
		(*count)++;
	}
	return true;
}

static bool set_ipv6(struct settings *settings, struct value text, struct problem *problem)
{
	static const char *const words[SETTINGS_IPV6_COUNT] = { "auto", "routed", "nat66", "off" };
	for (enum settings_ipv6 word = SETTINGS_IPV6_AUTO; word < SETTINGS_IPV6_COUNT; word++)
		if (strlen(words[word]) == text.length && memcmp(words[word], text.start, text.length) == 0) {
			settings->ipv6 = word;
			return true;
		}
	return problem_say(problem, "ipv6: \"%.*s\" is no such way; write auto, routed, nat66 or off", (int)text.length,
	                   text.start);
}

/* "fd00:1::/64=2001:db8:1::/64" */
static bool read_pair(struct value text, sipalg_prefix *inside, sipalg_prefix *outside)
{
	const char *sign = memchr(text.start, '=', text.length);
	if (sign == NULL)
		return false;
	size_t before = (size_t)(sign - text.start);
	return sipalg_prefix_read(text.start, before, inside) &&
	       sipalg_prefix_read(sign + 1, text.length - before - 1, outside) && inside->length == outside->length &&
	       sipalg_address_is_ipv4(&inside->address) == sipalg_address_is_ipv4(&outside->address);
}

static bool add_pairs(struct prefix_pairs *pairs, const char *name, struct value text, struct problem *problem)
{
	struct value entry;
	while (value_next(&text, &entry)) {
		if (pairs->count == SETTINGS_PAIRS_MAX)
			return list_full(problem, name, SETTINGS_PAIRS_MAX);
		if (!read_pair(entry, &pairs->list[pairs->count].inside, &pairs->list[pairs->count].outside))
			return problem_say(problem,
			                   "%s: \"%.*s\" is no pair of networks of one length; write it as "
			                   "fd00:1::/64=2001:db8:1::/64",
			                   name, (int)entry.length, entry.start);
		pairs->count++;
	}
	return true;
}

static bool add_sip_ports(struct settings *settings, struct value text, struct problem *problem)
{
	struct value entry;
	while (value_next(&text, &entry)) {
		uint32_t port;
		if (settings->sip_port_count == SETTINGS_SIP_PORTS_MAX)
			return list_full(problem, "sip-port", SETTINGS_SIP_PORTS_MAX);
		if (!value_read_number(entry, 1, UINT16_MAX, &port))
			return problem_say(problem, "sip-port: \"%.*s\" is no port; write a number from 1 to 65535",
			                   (int)entry.length, entry.start);
		settings->sip_ports[settings->sip_port_count++] = (uint16_t)port;
	}
	return true;
}

static bool add_reserved(struct settings *settings, struct value text, struct problem *problem)
{
	struct value entry;
	while (value_next(&text, &entry)) {
		if (settings->reserved_count == SETTINGS_RESERVED_MAX)
			return list_full(problem, "reserve", SETTINGS_RESERVED_MAX);
		if (!value_read_ports(entry, 1, &settings->reserved[settings->reserved_count]))
			return problem_say(problem, "reserve: \"%.*s\" is no port; write 8080 or 10000-20000",
			                   (int)entry.length, entry.start);
		settings->reserved_count++;
	}
	return true;
}

/* ---- Single values ---- */

static bool set_number(uint32_t *number, const char *name, uint32_t smallest, uint32_t largest, struct value text,
                       struct problem *problem)
{
	if (value_read_number(text, smallest, largest, number))
		return true;
	return problem_say(problem, "%s: \"%.*s\" cannot be used; write a number from %u to %u", name, (int)text.length,
	                   text.start, smallest, largest);
}

static bool set_outside(struct settings *settings, struct value text, struct problem *problem)
{
	sipalg_address address;
	if (!sipalg_address_read(text.start, text.length, &address) || !sipalg_address_is_ipv4(&address) ||
	    sipalg_address_to_ipv4(&address) == 0)
		return problem_say(problem,
		                   "outside: \"%.*s\" is no IPv4 address; write the router's one, as 203.0.113.1",
		                   (int)text.length, text.start);
	settings->outside = address;
	return true;
}

static bool set_outside_ports(struct settings *settings, struct value text, struct problem *problem)
{
	struct port_range range;
	if (!value_read_ports(text, SIPALG_PORT_MIN, &range) || range.first == range.last)
		return problem_say(problem, "outside-ports: \"%.*s\" is no range; write FIRST-LAST, both from %d to %d",
		                   (int)text.length, text.start, SIPALG_PORT_MIN, SIPALG_PORT_MAX);
	settings->engine.port_min = range.first;
	settings->engine.port_max = range.last;
	return true;
}

static bool set_path(char path[VALUE_PATH_MAX], const char *name, struct value text, struct problem *problem)
{
	return value_read_path(text, path) ||
	       problem_say(problem, "%s: \"%.*s\" cannot be used; write a path from / on of at most %d bytes", name,
	                   (int)text.length, text.start, VALUE_PATH_MAX - 1);
}

static bool set_state(struct settings *settings, struct value text, struct problem *problem)
{
	if (text.length == strlen("none") && memcmp(text.start, "none", text.length) == 0) {
		settings->state[0] = '\0';
		return true;
	}
	return set_path(settings->state, "state", text, problem);
}

static bool set_group(struct settings *settings, struct value text, struct problem *problem)
{
	char name[64];
	snprintf(name, sizeof name, "%.*s", (int)text.length, text.start);
	const struct group *group = text.length < sizeof name ? getgrnam(name) : NULL;
	uint32_t number;
	if (group != NULL)
		settings->group = group->gr_gid;
	else if (value_read_number(text, 0, INT32_MAX, &number))
		settings->group = number;
	else
		return problem_say(problem, "group: there is no group \"%.*s\"; make it with `groupadd %.*s`",
		                   (int)text.length, text.start, (int)text.length, text.start);
	return true;
}

static bool set_user(struct settings *settings, struct value text, struct problem *problem)
{
	return user_find(text.start, text.length, &settings->user, &settings->user_group) ||
	       problem_say(problem, "user: there is no user \"%.*s\"; make it with `useradd --system %.*s`",
	                   (int)text.length, text.start, (int)text.length, text.start);
}

/* ---- By name ---- */

static bool set_switch(struct settings *settings, enum setting setting, struct value text, struct problem *problem)
{
	bool *yes = setting == SETTING_TCP             ? &settings->tcp
	            : setting == SETTING_NARROW_MEDIA  ? &settings->engine.narrow_media
	            : setting == SETTING_HAIRPIN_MEDIA ? &settings->engine.hairpin_media
	                                               : &settings->sandbox;
	return value_read_yes_no(text, yes) || problem_say(problem, "%s: \"%.*s\" says neither; write yes or no",
	                                                   settings_table[setting].name, (int)text.length, text.start);
}

static bool set_queue(struct settings *settings, struct value text, struct problem *problem)
{
	uint32_t number;
	if (!set_number(&number, settings_table[SETTING_QUEUE].name, 0, UINT16_MAX, text, problem))
		return false;
	settings->queue = (uint16_t)number;
	return true;
}

static bool set_networks(struct settings *settings, enum setting setting, struct value text, struct problem *problem)
{
	const char *name = settings_table[setting].name;
	if (setting == SETTING_SERVER)
		return add_prefixes(settings->servers, &settings->server_count, SETTINGS_SERVERS_MAX, name, text,
		                    problem);
	if (setting == SETTING_ROUTED)
		return add_prefixes(settings->routed, &settings->routed_count, SIPALG_PREFIXES_MAX, name, text,
		                    problem);
	if (setting == SETTING_INSIDE)
		return add_prefixes(settings->inside, &settings->inside_count, SIPALG_PREFIXES_MAX, name, text,
		                    problem);
	return add_prefixes(settings->off, &settings->off_count, SIPALG_PREFIXES_MAX, name, text, problem);
}

static bool set_limit(struct settings *settings, enum setting setting, struct value text, struct problem *problem)
{
	sipalg_settings *engine = &settings->engine;
	uint32_t *number = setting == SETTING_BINDINGS        ? &engine->bindings_max
	                   : setting == SETTING_HOST_BINDINGS ? &engine->host_bindings_max
	                   : setting == SETTING_CALLS         ? &engine->calls_max
	                   : setting == SETTING_CONNECTIONS   ? &settings->connections
	                                                      : &engine->registrations_max;
	return set_number(number, settings_table[setting].name, 1, SETTINGS_OBJECTS_MAX, text, problem);
}

static bool set_value(struct settings *settings, enum setting setting, struct value text, struct problem *problem)
{
	const char *name = settings_table[setting].name;
	switch (setting) {
	case SETTING_LAN:
		return add_interfaces(&settings->lan, name, text, problem);
	case SETTING_WAN:
		return add_interfaces(&settings->wan, name, text, problem);
	case SETTING_INSIDE:
	case SETTING_ROUTED:
	case SETTING_SERVER:
	case SETTING_OFF:
		return set_networks(settings, setting, text, problem);
	case SETTING_OUTSIDE:
		return set_outside(settings, text, problem);
	case SETTING_IPV6:
		return set_ipv6(settings, text, problem);
	case SETTING_NETMAP:
		return add_pairs(&settings->netmap, name, text, problem);
	case SETTING_NPTV6:
		return add_pairs(&settings->nptv6, name, text, problem);
	case SETTING_SIP_PORT:
		return add_sip_ports(settings, text, problem);
	case SETTING_OUTSIDE_PORTS:
		return set_outside_ports(settings, text, problem);
	case SETTING_RESERVE:
		return add_reserved(settings, text, problem);
	case SETTING_MEDIA_IDLE:
		return set_number(&settings->engine.media_idle_s, name, 0, SETTINGS_SECONDS_MAX, text, problem);
	case SETTING_REGISTRATION_GRACE:
		return set_number(&settings->engine.registration_grace_s, name, 0, SETTINGS_SECONDS_MAX, text, problem);
	case SETTING_BINDINGS:
	case SETTING_HOST_BINDINGS:
	case SETTING_CALLS:
	case SETTING_REGISTRATIONS:
	case SETTING_CONNECTIONS:
		return set_limit(settings, setting, text, problem);
	case SETTING_QUEUE:
		return set_queue(settings, text, problem);
	case SETTING_SOCKET:
		return set_path(settings->socket, name, text, problem);
	case SETTING_GROUP:
		return set_group(settings, text, problem);
	case SETTING_USER:
		return set_user(settings, text, problem);
	case SETTING_TCP:
	case SETTING_NARROW_MEDIA:
	case SETTING_HAIRPIN_MEDIA:
	case SETTING_SANDBOX:
		return set_switch(settings, setting, text, problem);
	case SETTING_STATE:
		return set_state(settings, text, problem);
	case SETTING_JOURNAL:
		return set_number(&settings->journal_kib, name, 0, SETTINGS_JOURNAL_KIB_MAX, text, problem);
	case SETTING_COUNT:
		break;
	}
	return false;
}

/* A list said by a higher source begins anew. */
static void empty_list(struct settings *settings, enum setting setting)
{
	size_t *counts[SETTING_COUNT] = {
		[SETTING_LAN] = &settings->lan.count,          [SETTING_WAN] = &settings->wan.count,
		[SETTING_INSIDE] = &settings->inside_count,    [SETTING_SERVER] = &settings->server_count,
		[SETTING_OFF] = &settings->off_count,          [SETTING_SIP_PORT] = &settings->sip_port_count,
		[SETTING_RESERVE] = &settings->reserved_count, [SETTING_ROUTED] = &settings->routed_count,
		[SETTING_NETMAP] = &settings->netmap.count,    [SETTING_NPTV6] = &settings->nptv6.count,
	};
	if (counts[setting] != NULL)
		*counts[setting] = 0;
}

static enum setting setting_find(const char *name)
{
	enum setting setting = 0;
	while (setting < SETTING_COUNT && strcmp(settings_table[setting].name, name) != 0)
		setting++;
	return setting;
}

static bool unknown_name(const char *name, struct problem *problem)
{
	const char *nearest = value_nearest(name, &settings_table[0].name, SETTING_COUNT, sizeof settings_table[0]);
	if (nearest != NULL)
		return problem_say(problem, "there is no setting \"%s\"; did you mean \"%s\"?", name, nearest);
	return problem_say(problem, "there is no setting \"%s\"; `sipalg help run` lists them", name);
}

bool settings_set(struct settings *settings, enum settings_source source, const char *name, const char *value,
                  struct problem *problem)
{
	enum setting setting = setting_find(name);
	struct value text = { value, strlen(value) }, entry, rest = text;
	if (setting == SETTING_COUNT)
		return unknown_name(name, problem);
	if (!value_next(&rest, &entry))
		return problem_say(problem, "%s needs a value: %s", name, settings_table[setting].argument);

	struct settings changed = *settings;
	if (settings->source[setting] != source)
		empty_list(&changed, setting);
	changed.source[setting] = source;
	if (!set_value(&changed, setting, text, problem))
		return false;
	if (source >= settings->source[setting])
		*settings = changed;
	return true;
}

/* ---- Together ---- */

static bool interfaces_check(const struct settings *settings, struct problem *problem)
{
	for (size_t i = 0; i < settings->lan.count; i++)
		for (size_t j = 0; j < settings->wan.count; j++)
			if (strcmp(settings->lan.names[i], settings->wan.names[j]) == 0)
				return problem_say(problem,
				                   "%s is named by both lan and wan; take it out of one of them",
				                   settings->lan.names[i]);
	return true;
}

static bool outside_check(const struct settings *settings, struct problem *problem)
{
	char text[SIPALG_ADDRESS_TEXT_MAX];
	for (size_t i = 0; i < settings->inside_count; i++) {
		if (!sipalg_prefix_contains(&settings->inside[i], &settings->outside))
			continue;
		sipalg_address_write(&settings->outside, text);
		return problem_say(problem, "outside address %s lies in a network named by inside; correct one of them",
		                   text);
	}
	return true;
}

static bool ports_check(const struct settings *settings, struct problem *problem)
{
	uint32_t first = settings->engine.port_min, last = settings->engine.port_max;
	for (size_t i = 0; i < settings->reserved_count; i++)
		if (settings->reserved[i].first <= first && settings->reserved[i].last >= last)
			return problem_say(
			        problem,
			        "reserve %u-%u leaves nothing of outside-ports %u-%u; make one of them smaller",
			        settings->reserved[i].first, settings->reserved[i].last, first, last);
	return true;
}

bool settings_check(const struct settings *settings, struct problem *problem)
{
	if (settings->engine.host_bindings_max > settings->engine.bindings_max)
		return problem_say(problem,
		                   "host-bindings %u is more than bindings %u; make it smaller or bindings larger",
		                   settings->engine.host_bindings_max, settings->engine.bindings_max);
	return interfaces_check(settings, problem) && outside_check(settings, problem) &&
	       ports_check(settings, problem);
}
