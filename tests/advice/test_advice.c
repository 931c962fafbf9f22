/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../report/cmocka_all.h"

#include "advice/description.h"
#include "advice/embedded.h"
#include "advice/search.h"
#include "advice/ssdp.h"
#include "advice/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct catalogue catalogue;
static struct hit hits[ROUTERS_MAX];

static int open_catalogue(void **state)
{
	struct problem problem;
	(void)state;
	return catalogue_open(&catalogue, &problem) ? 0 : -1;
}

static int close_catalogue(void **state)
{
	(void)state;
	catalogue_close(&catalogue);
	return 0;
}

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static bool ends_like_a_sentence(const char *text)
{
	size_t length = strlen(text);
	return length > 4 && text[length - 1] == '.' && text[0] >= 'A' && text[0] <= 'Z';
}

static void check_entry(const struct router *router)
{
	bool is_address = strncmp(router->source, "https://", 8) == 0 || strncmp(router->source, "http://", 7) == 0;
	assert_true(is_address || strcmp(router->source, "") == 0 ||
	            strcmp(router->source, "a VoIP provider's list of router settings") == 0);
	assert_true(json_array_size(router->names) > 0);
	for (size_t i = 0; i < json_array_size(router->steps); i++) {
		const char *step = catalogue_item(router->steps, i);
		assert_true(ends_like_a_sentence(step));
	}
	for (size_t i = 0; i < json_array_size(router->commands); i++)
		assert_null(strpbrk(catalogue_item(router->commands, i), "\n\r\t"));
	if (router->note[0] != '\0')
		assert_true(ends_like_a_sentence(router->note));
	if (strcmp(router->kind, "none") == 0)
		assert_int_equal(json_array_size(router->commands), 0);
}

/* Every entry is whole, is the only one with its name, and is what one finds by that name. */
static void test_entries(void **state)
{
	(void)state;
	assert_true(catalogue.count >= 63);
	for (size_t i = 0; i < catalogue.count; i++) {
		const struct router *router = &catalogue.routers[i];
		char query[256];
		check_entry(router);
		for (size_t j = 0; j < i; j++)
			assert_false(strcmp(router->vendor, catalogue.routers[j].vendor) == 0 &&
			             strcmp(router->product, catalogue.routers[j].product) == 0);
		snprintf(query, sizeof query, "%s %s", router->vendor, router->product);
		assert_true(search_find(&catalogue, query, hits) > 0);
		if (hits[0].router != router)
			fail_msg("\"%s\" finds %s %s", query, hits[0].router->vendor, hits[0].router->product);
	}
}

/* No two entries are recognised by the same words, and each is recognised by its own. */
static void test_recognise_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < catalogue.count; i++) {
		const struct router *router = &catalogue.routers[i];
		for (size_t k = 0; k < json_array_size(router->recognise); k++) {
			const struct router *found[RECOGNISED_MAX];
			const char *why[RECOGNISED_MAX];
			struct evidence evidence = { 0 };
			const char *name = catalogue_item(router->recognise, k);
			assert_true(strlen(name) >= 3);
			evidence_keep(&evidence, EVIDENCE_MODEL, text_of(name));
			assert_true(evidence_recognise(&evidence, &catalogue, found, why) > 0);
			if (found[0] != router)
				fail_msg("\"%s\" is %s %s", name, found[0]->vendor, found[0]->product);
		}
	}
}

static void test_damaged(void **state)
{
	(void)state;
	static const char *const damaged[] = {
		"",
		"[",
		"{}x",
		"[{}]",
		"[3]",
		"[{\"vendor\":\"A\",\"product\":\"B\",\"kind\":\"switch\"}]",
		"[{\"vendor\":\"A\",\"product\":\"B\",\"kind\":\"odd\",\"steps\":[\"x\"]}]",
		"[{\"vendor\":\"A\",\"product\":\"B\",\"kind\":\"switch\",\"steps\":[3]}]",
		"[{\"vendor\":\"A\",\"product\":\"B\",\"kind\":\"switch\",\"steps\":[\"x\"],\"stepps\":[]}]",
	};
	struct catalogue other;
	struct problem problem;
	for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
		assert_false(catalogue_read(&other, damaged[i], strlen(damaged[i]), &problem));
	static const char fine[] = "[{\"vendor\":\"A\",\"product\":\"B\",\"kind\":\"switch\",\"steps\":[\"x\"]}]";
	assert_true(catalogue_read(&other, fine, sizeof fine - 1, &problem));
	catalogue_close(&other);
}

/* What people type, and the entry they should see first; NULL: none fits. */
static void test_search(void **state)
{
	(void)state;
	static const struct {
		const char *query, *vendor, *product;
	} table[] = {
		{ "asus rt-ax88u", "Asus", "ASUSWRT" },
		{ "RT-AC68U", "Asus", "ASUSWRT" },
		{ "ASUS Merlin", "Asus", "Asuswrt-Merlin" },
		{ "tplink archer c7", "TP-Link", "newer models" },
		{ "tp link omada", "TP-Link", "Omada gateways" },
		{ "TP-Link ER605", "TP-Link", "Omada gateways" },
		{ "sonicwal", "SonicWall", "SonicOS 6.5 and later" },
		{ "netgaer", "Netgear", "home routers" },
		{ "how do I turn off sip alg on my netgear router?", "Netgear", "home routers" },
		{ "netgear poe switch", "Netgear", "ProSafe PoE switches" },
		{ "dlink dir-615", "D-Link", "home routers" },
		{ "fortigate 6.0", "Fortinet", "FortiGate with FortiOS 6.2.2 and later" },
		{ "session helper", "Fortinet", "FortiGate with FortiOS 6.2.2 and later" },
		{ "sip transformations", "SonicWall", "SonicOS 6.5 and later" },
		{ "at&t", "AT&T", "BGW320" },
		{ "att bgw320", "AT&T", "BGW320" },
		{ "cisco asa 5506", "Cisco", "ASA" },
		{ "meraki", "Cisco", "Meraki MX" },
		{ "vmg1312", "Zyxel", "VMG8324 and its kin" },
		{ "nf_nat_sip", "Linux", "any distribution" },
		{ "unifi dream machine", "Ubiquiti", "UniFi Dream Machine (UDM)" },
		{ "unifi usg", "Ubiquiti", "UniFi controller (USG)" },
		{ "fritz box", NULL, NULL },
		{ "speedport", NULL, NULL },
		{ "qwertyuiop", NULL, NULL },
		{ "sip alg", NULL, NULL },
		{ "", NULL, NULL },
		{ "\xff\xfe \033[31m", NULL, NULL },
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		size_t count = search_find(&catalogue, table[i].query, hits);
		if (table[i].vendor == NULL && count > 0)
			fail_msg("\"%s\" finds %s %s", table[i].query, hits[0].router->vendor, hits[0].router->product);
		if (table[i].vendor == NULL)
			continue;
		if (count == 0)
			fail_msg("\"%s\" finds nothing", table[i].query);
		if (strcmp(hits[0].router->vendor, table[i].vendor) != 0 ||
		    strcmp(hits[0].router->product, table[i].product) != 0)
			fail_msg("\"%s\" finds %s %s", table[i].query, hits[0].router->vendor, hits[0].router->product);
		for (size_t j = 1; j < count; j++)
			assert_true(hits[j].score <= hits[j - 1].score);
	}
}

static void test_words(void **state)
{
	(void)state;
	struct words words = { 0 };
	words_add(&words, "TP-Link C7 (v2)");
	static const char *const expected[] = { "tplink", "tp", "link", "c7", "v2" };
	assert_int_equal(words.count, 5);
	for (size_t i = 0; i < words.count; i++)
		assert_string_equal(words.at[i].text, expected[i]);
	assert_true(words.at[0].joined && words.at[1].group == words.at[0].group);
	char *many = malloc(200001);
	memset(many, 'a', 200000);
	many[200000] = '\0';
	words_add(&words, many);
	for (size_t i = 0; i < 200000; i += 2)
		many[i] = ' ';
	words_add(&words, many);
	for (size_t i = 1; i < 200000; i += 2)
		many[i] = '-';
	words_add(&words, many);
	assert_true(words.count <= WORDS_MAX);
	free(many);
	assert_true(word_likeness("zyxel", "zyxel") > word_likeness("zyx", "zyxel"));
	assert_true(word_likeness("zyxle", "zyxel") > 0);
	assert_true(word_likeness("2133", "2132") <= 0);
}

/* ---- What a router says ---- */

static const char asus[] =
        "<?xml version=\"1.0\"?>\n"
        "<root xmlns=\"urn:schemas-upnp-org:device-1-0\"><specVersion><major>1</major></specVersion>\n"
        "<device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>\n"
        "<friendlyName>RT-AX88U-1234</friendlyName><manufacturer>ASUSTeK Computer Inc.</manufacturer>\n"
        "<modelDescription>ASUS &amp; Router</modelDescription><modelName>RT-AX88U</modelName>\n"
        "<deviceList><device><manufacturer>Somebody</manufacturer></device></deviceList>\n"
        "</device></root>\n";

static void test_description(void **state)
{
	(void)state;
	struct evidence evidence = { 0 };
	const struct router *found[RECOGNISED_MAX];
	const char *why[RECOGNISED_MAX];
	description_read(text_of(asus), &evidence);
	assert_string_equal(evidence.texts[EVIDENCE_MANUFACTURER], "ASUSTeK Computer Inc.");
	assert_string_equal(evidence.texts[EVIDENCE_MODEL], "RT-AX88U");
	assert_string_equal(evidence.texts[EVIDENCE_MODEL_DESCRIPTION], "ASUS & Router");
	assert_true(evidence_recognise(&evidence, &catalogue, found, why) > 0);
	assert_string_equal(found[0]->vendor, "Asus");
	assert_string_equal(found[0]->product, "ASUSWRT");
}

/* Cut anywhere, and with every byte changed: nothing but what was said comes out, and nothing breaks. */
static void test_hostile_pages(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof asus; length++) {
		struct evidence evidence = { 0 };
		char *copy = malloc(length + 1);
		memcpy(copy, asus, length);
		description_read((struct text){ copy, length }, &evidence);
		title_read((struct text){ copy, length }, &evidence);
		free(copy);
	}
	static const char bomb[] = "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\">"
	                           "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>"
	                           "<root><device><modelName>&b;</modelName></device></root>";
	struct evidence evidence = { 0 };
	description_read(text_of(bomb), &evidence);
	assert_string_equal(evidence.texts[EVIDENCE_MODEL], "");
	static const char file[] = "<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><root><modelName>x</modelName></root>";
	description_read(text_of(file), &evidence);
	assert_string_equal(evidence.texts[EVIDENCE_MODEL], "");
	title_read(text_of("<html><TITLE lang=x> Open\nWrt  \033[31m - LuCI </Title>"), &evidence);
	assert_string_equal(evidence.texts[EVIDENCE_HTTP_TITLE], "Open Wrt [31m - LuCI");
}

static void test_evidence_texts(void **state)
{
	(void)state;
	struct evidence evidence = { 0 };
	char endless[4096];
	memset(endless, 'x', sizeof endless);
	evidence_keep(&evidence, EVIDENCE_MODEL, (struct text){ endless, sizeof endless });
	assert_int_equal(strlen(evidence.texts[EVIDENCE_MODEL]), EVIDENCE_TEXT_MAX - 1);
	evidence_keep(&evidence, EVIDENCE_MODEL, text_of("second"));
	assert_int_equal(evidence.texts[EVIDENCE_MODEL][0], 'x');
	evidence_keep(&evidence, EVIDENCE_HTTP_SERVER, text_of("  a\xff\xe2\x80\xae b\xc3\xb6 "));
	assert_string_equal(evidence.texts[EVIDENCE_HTTP_SERVER], "a b\xc3\xb6");
	evidence_keep(&evidence, EVIDENCE_HTTP_REALM, text_of(" \t "));
	assert_string_equal(evidence.texts[EVIDENCE_HTTP_REALM], "");
}

static void test_mac_vendors(void **state)
{
	(void)state;
	struct evidence evidence = { .mac = "00:0C:6E:12:34:56" };
	const struct router *found[RECOGNISED_MAX];
	const char *why[RECOGNISED_MAX];
	evidence_find_mac_vendor(&evidence);
	assert_string_equal(evidence.texts[EVIDENCE_MAC_VENDOR], "Asus");
	assert_true(evidence_recognise(&evidence, &catalogue, found, why) > 0);
	assert_string_equal(found[0]->vendor, "Asus");
	evidence = (struct evidence){ .mac = "02:00:00:00:00:01" };
	evidence_find_mac_vendor(&evidence);
	assert_string_equal(evidence.texts[EVIDENCE_MAC_VENDOR], "");
	assert_int_equal(evidence_recognise(&evidence, &catalogue, found, why), 0);
	/* Each vendor of the table is one of the catalogue's. */
	struct text rest = { (const char *)embedded_mac_vendors, embedded_mac_vendors_length };
	size_t vendors = 0;
	while (!text_is_empty(rest)) {
		const char *end = memchr(rest.start, '\n', rest.length), *colon;
		struct text line = text_first(rest, end != NULL ? (size_t)(end - rest.start) : rest.length);
		bool known = false;
		rest = text_from(rest, line.length + 1);
		colon = memchr(line.start, ':', line.length);
		if (line.start[0] == '#' || line.start[0] == '\t')
			continue;
		assert_non_null(colon);
		for (size_t i = 0; i < catalogue.count; i++)
			known = known ||
			        (strlen(catalogue.routers[i].vendor) == (size_t)(colon - line.start) &&
			         memcmp(catalogue.routers[i].vendor, line.start, (size_t)(colon - line.start)) == 0);
		assert_true(known);
		vendors++;
	}
	assert_true(vendors > 20);
}

static void test_ssdp(void **state)
{
	(void)state;
	static const char answer[] = "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nserver:  ASUSWRT UPnP/1.1 \r\n"
	                             "Location: http://192.168.1.1:1900/desc.xml\r\nST: upnp:rootdevice\r\n\r\n";
	for (size_t length = 0; length <= sizeof answer - 1; length++) {
		struct ssdp_answers answers = { 0 };
		struct evidence evidence = { 0 };
		char *copy = malloc(length + 1);
		memcpy(copy, answer, length);
		ssdp_read((struct text){ copy, length }, &answers, &evidence);
		ssdp_read((struct text){ copy, length }, &answers, &evidence);
		free(copy);
		if (length < sizeof answer - 1)
			continue;
		assert_int_equal(answers.count, 1);
		assert_string_equal(answers.locations[0], "http://192.168.1.1:1900/desc.xml");
		assert_string_equal(evidence.texts[EVIDENCE_SSDP_SERVER], "ASUSWRT UPnP/1.1");
	}
	struct ssdp_answers answers = { 0 };
	struct evidence evidence = { 0 };
	ssdp_read(text_of("NOTIFY * HTTP/1.1\r\nLOCATION: http://x/\r\n\r\n"), &answers, &evidence);
	assert_int_equal(answers.count, 0);
	for (int i = 0; i < 20; i++) {
		char many[80];
		snprintf(many, sizeof many, "HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1/%d\r\n\r\n", i);
		ssdp_read(text_of(many), &answers, &evidence);
	}
	assert_int_equal(answers.count, SSDP_LOCATIONS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),       cmocka_unit_test(test_recognise_names),
		cmocka_unit_test(test_damaged),       cmocka_unit_test(test_search),
		cmocka_unit_test(test_words),         cmocka_unit_test(test_description),
		cmocka_unit_test(test_hostile_pages), cmocka_unit_test(test_evidence_texts),
		cmocka_unit_test(test_mac_vendors),   cmocka_unit_test(test_ssdp),
	};
	return cmocka_run_group_tests(tests, open_catalogue, close_catalogue);
}
