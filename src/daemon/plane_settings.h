/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the settings is for the plane. */
#ifndef DAEMON_PLANE_SETTINGS_H
#define DAEMON_PLANE_SETTINGS_H

#include "daemon/settings.h"
#include "plane/netfilter/plane.h"

void plane_settings_from(const struct settings *settings, struct plane_settings *plane);

#endif
