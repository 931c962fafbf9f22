/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The torture messages of RFC 4475, both ways: as they are, none of this network's business; and with a phone's address
 * in Via and Contact. */
#include "world.h"

#include <dirent.h>

#include "sip/message.h"
#include "sip/uri.h"
#include "sip/via.h"

enum { HOSTS_MAX = 512 };

typedef void visit_message(struct harness *harness, const char *name, struct text message);

static void visit_all(struct harness *harness, visit_message *visit)
{
	DIR *folder = opendir(TEST_DATA "/rfc4475");
	assert_non_null(folder);
	size_t count = 0;
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		size_t length = strlen(entry->d_name);
		if (length < 4 || strcmp(entry->d_name + length - 4, ".sip") != 0)
			continue;
		char path[512];
		snprintf(path, sizeof(path), "rfc4475/%s", entry->d_name);
		struct text message = data_read(path);
		visit(harness, entry->d_name, message);
		free((char *)message.start);
		count++;
	}
	closedir(folder);
	assert_int_equal(count, 49); /* RFC 4475 3 */
}

static sipalg_endpoint phone_endpoint(void)
{
	return endpoint_of("192.168.1.2", SIPALG_PORT_SIP);
}

/* ---- As they are ---- */

static void pass_unchanged(struct harness *harness, const char *name, struct text message)
{
	sipalg_endpoint phone = phone_endpoint(), server = server_endpoint();
	(void)name;
	harness_out(harness, &phone, &server, message);
	assert_same(harness, letter_text(&harness->sent), message);
	harness_in(harness, &server, &phone, message);
	assert_same(harness, letter_text(&harness->sent), message);
	assert_int_equal(harness->binding_count, 0);
}

static void messages_of_others_stay(void **state)
{
	visit_all(*state, pass_unchanged);
	harness_wait_for_the_end(*state);
}

/* … cut anywhere. */
static void cut(struct harness *harness, const char *name, struct text message)
{
	for (size_t length = 0; length < message.length; length += 1 + length / 64)
		pass_unchanged(harness, name, text_first(message, length));
}

static void messages_that_are_cut_stay(void **state)
{
	visit_all(*state, cut);
}

/* ---- With a phone's address ---- */

/* The hosts in the topmost Via and in every SIP Contact, in the order in which they stand. */
static size_t find_hosts(struct text text, struct text hosts[HOSTS_MAX])
{
	static struct sip_message message;
	size_t count = 0;
	bool has_via = false;
	if (sip_message_parse(text, &message) != SIP_WHOLE)
		return 0;
	for (size_t i = 0; i < message.header_count; i++) {
		struct text rest = message.headers[i].value;
		struct sip_via via;
		struct sip_name_addr entry;
		struct sip_uri uri;
		if (message.headers[i].kind == SIP_HEADER_VIA && !has_via) {
			has_via = sip_via_next(&rest, &via);
			if (has_via)
				hosts[count++] = via.host.name;
		}
		while (message.headers[i].kind == SIP_HEADER_CONTACT && sip_name_addr_next(&rest, &entry))
			if (sip_uri_parse(entry.uri, &uri) && uri.scheme == SIP_SCHEME_SIP)
				hosts[count++] = uri.host.name;
	}
	return count;
}

static void put_hosts(struct letter *letter, struct text text, const char *address)
{
	struct text hosts[HOSTS_MAX];
	size_t count = find_hosts(text, hosts), from = 0;
	letter_clear(letter);
	for (size_t i = 0; i < count; i++) {
		size_t at = text_offset(text, hosts[i]);
		assert_true(at >= from);
		letter_add_text(letter, text_first(text_from(text, from), at - from));
		letter_add(letter, "%s", address);
		from = at + hosts[i].length;
	}
	letter_add_text(letter, text_from(text, from));
}

/* Messages with such an address that pass unchanged all the same, and why. */
static const struct {
	const char *name;
	enum sipalg_reason reason;
} exceptions[] = {
	{ "regbadct.sip", SIPALG_REASON_MALFORMED }, /* a Contact that cannot be read (3.1.2.11) */
};

static enum sipalg_reason expected_reason(const char *name)
{
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (strcmp(exceptions[i].name, name) == 0)
			return exceptions[i].reason;
	return SIPALG_REASON_EDITED;
}

static size_t changed;

/* What was made of a request is answered: the phone gets back what it wrote. */
static void answer(struct harness *harness, const struct letter *written, const struct letter *seen)
{
	static struct letter echo, wanted;
	sipalg_endpoint phone = phone_endpoint(), server = server_endpoint();
	struct text none = { "", 0 };
	provider_response(&echo, letter_text(seen), 200, 1, 60, none);
	provider_response(&wanted, letter_text(written), 200, 1, 60, none);
	harness_in(harness, &server, &phone, letter_text(&echo));
	assert_same(harness, letter_text(&harness->sent), letter_text(&wanted));
}

static void pass_with_address(struct harness *harness, const char *name, struct text message)
{
	static struct letter written, wanted, seen;
	sipalg_endpoint phone = phone_endpoint(), server = server_endpoint();
	struct text hosts[HOSTS_MAX];
	if (!find_hosts(message, hosts) || memcmp(message.start, "SIP/2.0", 7) == 0)
		return;
	put_hosts(&written, message, "192.168.1.2");
	put_hosts(&wanted, message, "203.0.113.1");
	harness_out(harness, &phone, &server, letter_text(&written));
	letter_copy(&seen, letter_text(&harness->sent));
	if (expected_reason(name) != SIPALG_REASON_EDITED) {
		assert_reason(harness, expected_reason(name));
		return;
	}
	assert_same(harness, letter_text(&seen), letter_text(&wanted));
	answer(harness, &written, &seen);
	changed++;
	harness_wait(harness, 86400); /* each has the ports for itself */
}

static void a_phones_messages_are_changed(void **state)
{
	changed = 0;
	visit_all(*state, pass_with_address);
	assert_true(changed > 15);
	harness_wait_for_the_end(*state);
}

int main(void)
{
#define TORTURE_TEST(test) cmocka_unit_test_setup_teardown(test, harness_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		TORTURE_TEST(messages_of_others_stay),
		TORTURE_TEST(messages_that_are_cut_stay),
		TORTURE_TEST(a_phones_messages_are_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
