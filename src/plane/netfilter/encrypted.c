/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/encrypted.h"

static struct plane_encrypted *find(struct encrypted *encrypted, const sipalg_address *phone,
                                    const sipalg_endpoint *server)
{
	for (size_t index = 0; index < encrypted->count; index++)
		if (sipalg_address_equal(&encrypted->pairs[index].phone, phone) &&
		    sipalg_endpoint_equal(&encrypted->pairs[index].server, server))
			return &encrypted->pairs[index];
	return NULL;
}

static struct plane_encrypted *oldest(struct encrypted *encrypted)
{
	struct plane_encrypted *oldest = &encrypted->pairs[0];

	for (size_t index = 1; index < encrypted->count; index++)
		if (encrypted->pairs[index].last_ns < oldest->last_ns)
			oldest = &encrypted->pairs[index];
	return oldest;
}

void encrypted_note(struct encrypted *encrypted, uint64_t now_ns, const sipalg_address *phone,
                    const sipalg_endpoint *server)
{
	struct plane_encrypted *pair = find(encrypted, phone, server);

	if (pair == NULL) {
		pair = encrypted->count < ENCRYPTED_MAX ? &encrypted->pairs[encrypted->count++] : oldest(encrypted);
		*pair = (struct plane_encrypted){ .phone = *phone, .server = *server };
	}
	pair->connections++;
	pair->last_ns = now_ns;
	encrypted->connections++;
}
