/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/plane_settings.h"

#include <string.h>

static void moved_from(const struct prefix_pairs *pairs, enum sipalg_translation translation,
                       struct plane_settings *plane)
{
	for (size_t index = 0; index < pairs->count && plane->moved_count < SIPALG_PREFIXES_MAX; index++)
		plane->moved[plane->moved_count++] = (sipalg_network){ .inside = pairs->list[index].inside,
			                                               .translation = translation,
			                                               .outside = pairs->list[index].outside };
}

static void translations_from(const struct settings *settings, struct plane_settings *plane)
{
	static const enum plane_ipv6 ipv6[SETTINGS_IPV6_COUNT] = {
		[SETTINGS_IPV6_AUTO] = PLANE_IPV6_AUTO,
		[SETTINGS_IPV6_ROUTED] = PLANE_IPV6_ROUTED,
		[SETTINGS_IPV6_NAT66] = PLANE_IPV6_NAT66,
		[SETTINGS_IPV6_OFF] = PLANE_IPV6_OFF,
	};

	plane->ipv6 = ipv6[settings->ipv6];
	memcpy(plane->routed, settings->routed, sizeof(plane->routed));
	plane->routed_count = settings->routed_count;
	moved_from(&settings->netmap, SIPALG_TRANSLATION_PREFIX, plane);
	moved_from(&settings->nptv6, SIPALG_TRANSLATION_PREFIX_NEUTRAL, plane);
}

void plane_settings_from(const struct settings *settings, struct plane_settings *plane)
{
	memset(plane, 0, sizeof(*plane));
	for (; plane->lan_count < settings->lan.count && plane->lan_count < PLANE_LINKS_MAX; plane->lan_count++)
		memcpy(plane->lan[plane->lan_count], settings->lan.names[plane->lan_count], PLANE_LINK_NAME_MAX);
	for (; plane->wan_count < settings->wan.count && plane->wan_count < PLANE_LINKS_MAX; plane->wan_count++)
		memcpy(plane->wan[plane->wan_count], settings->wan.names[plane->wan_count], PLANE_LINK_NAME_MAX);
	memcpy(plane->inside, settings->inside, sizeof(plane->inside));
	plane->inside_count = settings->inside_count;
	translations_from(settings, plane);
	memcpy(plane->servers, settings->servers, sizeof(plane->servers));
	plane->server_count = settings->server_count;
	plane->outside = settings->outside;
	for (; plane->port_count < settings->sip_port_count && plane->port_count < PLANE_PORTS_MAX; plane->port_count++)
		plane->ports[plane->port_count] = settings->sip_ports[plane->port_count];
	for (; plane->reserved_count < settings->reserved_count && plane->reserved_count < PLANE_RESERVED_MAX;
	     plane->reserved_count++)
		plane->reserved[plane->reserved_count] =
		        (struct plane_port_range){ settings->reserved[plane->reserved_count].first,
			                           settings->reserved[plane->reserved_count].last };
	if (settings->source[SETTING_QUEUE] != SETTINGS_BY_DEFAULT)
		plane->queue = settings->queue;
	plane->without_tcp = !settings->tcp;
	plane->connections_max = settings->connections;
}
