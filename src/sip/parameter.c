/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/parameter.h"

#include "sip/uri.h"

bool sip_parameter_find(struct text parameters, struct text name, struct text *value)
{
	struct sip_parameter parameter;
	while (parameters.length > 0 && parameter_take(&parameters, &parameter) == SIP_PARAMETER_READ) {
		if (text_equal_nocase(parameter.name, name)) {
			*value = parameter.value;
			return true;
		}
	}
	return false;
}
