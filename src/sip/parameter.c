/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/parameter.h"

#include "sip/uri.h"

bool sip_parameter_find(struct text parameters, struct text name, struct text *value)
{
	struct sip_parameter parameter;
	if (parameters.length == 0)
		return false;
	struct cursor cursor = cursor_of(parameters);
	while (parameter_take(&cursor, &parameter) == SIP_PARAMETER_READ) {
		if (parameter.name.length == name.length && text_equal_nocase(parameter.name, name)) {
			*value = parameter.value;
			return true;
		}
	}
	return false;
}
