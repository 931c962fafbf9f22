/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/parameter.h"

#include "sip/uri.h"

bool sip_parameter_find(struct text parameters, struct text small, struct text *value)
{
	struct sip_parameter parameter;
	if (parameters.length == 0)
		return false;
	struct cursor cursor = cursor_of(parameters);
	while (parameter_take(&cursor, &parameter) == SIP_PARAMETER_READ) {
		if (text_is_word(parameter.name, small)) {
			*value = parameter.value;
			return true;
		}
	}
	return false;
}
