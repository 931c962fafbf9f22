/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search for the hop over real routers: network namespaces, the kernel's NAT and its ALG. */
#include "../programs/cmocka_all.h"

#include "world.h"

#include <string.h>

static void expect_altered(const struct report *report, unsigned ttl)
{
	const struct finding *finding = finding_of(report, FAULT_ALG_REWRITES);
	assert_non_null(finding);
	for (size_t i = 0; i < report->hop_count; i++) {
		const struct hop *hop = &report->hops[i];
		assert_int_equal(hop->suspect, hop->ttl == ttl);
		if (hop->ttl < ttl)
			assert_int_not_equal(hop->state, HOP_ALTERED);
	}
	assert_int_equal(hop_at(report, ttl)->state, HOP_ALTERED);
}

static void expect_unaltered(const struct report *report)
{
	for (size_t i = 0; i < report->hop_count; i++) {
		assert_int_not_equal(report->hops[i].state, HOP_ALTERED);
		assert_false(report->hops[i].suspect);
	}
	for (size_t i = 0; i < report->finding_count; i++)
		if (fault_of(report->findings[i].fault)->severity == SEVERITY_FAULT &&
		    report->findings[i].confidence != CONFIDENCE_HINT)
			fail_msg("%s: %s", fault_of(report->findings[i].fault)->name, report->findings[i].detail);
	assert_null(finding_of(report, FAULT_ALG_REWRITES));
}

static const char *const addresses[] = { NULL, "10.1.0.1", "10.22.0.2", "198.51.100.2", "203.0.113.2" };

static void expect_addresses(const struct report *report)
{
	for (unsigned ttl = 1; ttl <= 4; ttl++)
		assert_string_equal(hop_at(report, ttl)->address, addresses[ttl]);
	assert_int_equal(report->hop_count, 4);
}

static void routers_alone_change_nothing(void **state)
{
	(void)state;
	for (int raw = 0; raw <= 1; raw++) {
		struct report *report = world_find(&(struct setup){ .server = SERVER_PLAIN, .unprivileged = !raw });
		expect_addresses(report);
		expect_unaltered(report);
		assert_int_equal(hop_at(report, 2)->state, HOP_AS_SENT);
		assert_int_equal(hop_at(report, 4)->state, HOP_DESTINATION);
		assert_int_equal(report->verdict, VERDICT_NO_ALG);
		report_destroy(report);
	}
}

static void nat_is_no_alg(void **state)
{
	(void)state;
	for (int raw = 0; raw <= 1; raw++) {
		struct report *report = world_find(&(struct setup){
		        .server = SERVER_PLAIN, .unprivileged = !raw, .rules = { [HOST_R1] = NAT("10.22.0.1") } });
		expect_addresses(report);
		expect_unaltered(report);
		assert_non_null(finding_of(report, FAULT_NAT));
		assert_int_equal(report->verdict, VERDICT_NO_ALG);
		report_destroy(report);
	}
}

static void two_nats_are_no_alg(void **state)
{
	(void)state;
	struct report *report = world_find(&(struct setup){
	        .unprivileged = true, .rules = { [HOST_R1] = NAT("10.22.0.1"), [HOST_R2] = NAT("198.51.100.1") } });
	expect_addresses(report);
	expect_unaltered(report);
	assert_int_equal(report->verdict, VERDICT_NO_ALG);
	report_destroy(report);
}

static void an_alg_in_the_first_router_is_found(void **state)
{
	(void)state;
	for (int raw = 0; raw <= 1; raw++) {
		struct report *report = world_find(&(struct setup){
		        .server = SERVER_PLAIN, .unprivileged = !raw, .rules = { [HOST_R1] = NAT("10.22.0.1") ALG } });
		const struct finding *finding = finding_of(report, FAULT_ALG_REWRITES);
		expect_addresses(report);
		expect_altered(report, 2);
		assert_int_equal(finding->confidence, CONFIDENCE_CERTAIN);
		assert_non_null(strstr(finding->detail, "hop 1 (10.1.0.1) changes it"));
		assert_non_null(finding->difference);
		assert_non_null(finding_of(report, FAULT_FROM_TO_REWRITTEN)); /* what this one is known for */
		/* It puts everything back on return, so that only the hops show it … */
		assert_non_null(finding_of(report, FAULT_ALG_UNDOES_ON_RETURN));
		for (size_t i = 0; i < report->finding_count; i++)
			assert_null(strstr(report->findings[i].detail, "copies our Via"));
		/* … and drops what has a session description and no Content-Length. */
		finding = finding_of(report, FAULT_ODD_MESSAGE_DROPPED);
		assert_non_null(finding);
		assert_int_equal(finding->confidence, CONFIDENCE_LIKELY);
		assert_int_equal(report->verdict, VERDICT_ALG_HARMFUL);
		report_destroy(report);
	}
}

static void an_alg_in_the_second_router_is_found(void **state)
{
	(void)state;
	struct report *report =
	        world_find(&(struct setup){ .unprivileged = true, .rules = { [HOST_R2] = NAT("198.51.100.1") ALG } });
	expect_altered(report, 3);
	assert_non_null(strstr(finding_of(report, FAULT_ALG_REWRITES)->detail, "hop 2 (10.22.0.2) changes it"));
	report_destroy(report);
}

static void a_silent_hop_widens_the_range(void **state)
{
	(void)state;
	struct report *report = world_find(&(struct setup){
	        .unprivileged = true, .rules = { [HOST_R1] = NAT("10.22.0.1") ALG, [HOST_R2] = SILENT } });
	assert_int_equal(hop_at(report, 2)->state, HOP_SILENT);
	expect_altered(report, 3);
	assert_non_null(strstr(finding_of(report, FAULT_ALG_REWRITES)->detail, "between hop 1 (10.1.0.1)"));
	report_destroy(report);
}

static void all_silent_is_unknown(void **state)
{
	(void)state;
	struct report *report = world_find(&(struct setup){
	        .server = SERVER_PLAIN,
	        .unprivileged = true,
	        .rules = { [HOST_R1] = NAT("10.22.0.1") ALG SILENT, [HOST_R2] = SILENT, [HOST_R3] = SILENT } });
	assert_int_equal(report->hop_count, 4);
	assert_int_equal(hop_at(report, 4)->state, HOP_DESTINATION);
	assert_int_not_equal(report->verdict, VERDICT_NO_ALG);
	report_destroy(report);
}

/* The host itself quotes what came when nobody listens there. */
static void the_hosts_own_error_is_a_quote_too(void **state)
{
	(void)state;
	struct report *report = world_find(&(struct setup){
	        .unprivileged = true,
	        .rules = { [HOST_R1] = NAT("10.22.0.1") ALG SILENT, [HOST_R2] = SILENT, [HOST_R3] = SILENT } });
	expect_altered(report, 4);
	report_destroy(report);
}

static void short_quotes_tell_by_length(void **state)
{
	(void)state;
	struct report *report = world_find(&(struct setup){
	        .quoting = QUOTING_SHORT, .rules = { [HOST_R1] = NAT("10.22.0.1") ALG, [HOST_R3] = SILENT } });
	expect_altered(report, 2);
	assert_null(finding_of(report, FAULT_CALL_ID_REWRITTEN));
	report_destroy(report);
}

static void short_quotes_of_what_was_sent_are_no_alarm(void **state)
{
	(void)state;
	for (int raw = 0; raw <= 1; raw++) {
		struct report *report = world_find(&(struct setup){
		        .quoting = QUOTING_SHORT, .unprivileged = !raw, .rules = { [HOST_R1] = NAT("10.22.0.1") } });
		expect_unaltered(report);
		if (!raw)
			assert_int_equal(hop_at(report, 2)->state, HOP_TOO_SHORT);
		report_destroy(report);
	}
}

static void extensions_are_no_alteration(void **state)
{
	(void)state;
	for (int raw = 0; raw <= 1; raw++) {
		struct report *report = world_find(&(struct setup){
		        .quoting = QUOTING_MPLS, .unprivileged = !raw, .rules = { [HOST_R1] = NAT("10.22.0.1") } });
		expect_unaltered(report);
		assert_int_equal(hop_at(report, 2)->state, HOP_AS_SENT);
		report_destroy(report);
	}
}

static void extensions_do_not_hide_an_alg(void **state)
{
	(void)state;
	struct report *report = world_find(&(struct setup){
	        .quoting = QUOTING_MPLS, .unprivileged = true, .rules = { [HOST_R1] = NAT("10.22.0.1") ALG } });
	expect_altered(report, 2);
	report_destroy(report);
}

static void ipv6_is_searched_too(void **state)
{
	(void)state;
	for (int raw = 0; raw <= 1; raw++) {
		struct report *report =
		        world_find(&(struct setup){ .server = SERVER_PLAIN, .ipv6 = true, .unprivileged = !raw });
		expect_unaltered(report);
		assert_string_equal(hop_at(report, 2)->address, "2001:db8:2::2");
		assert_int_equal(hop_at(report, 2)->state, HOP_AS_SENT);
		assert_int_equal(report->verdict, VERDICT_NO_ALG);
		report_destroy(report);
	}
}

/* A router that lets no SIP pass. */
static void a_blocked_port_is_found(void **state)
{
	(void)state;
	struct report *report = world_find(&(struct setup){
	        .server = SERVER_PLAIN,
	        .unprivileged = true,
	        .rules = { [HOST_R1] = "table ip block {\nchain forward {\ntype filter hook forward priority 0\n"
	                               "udp dport 5060 drop\n}\n}\n" } });
	const struct finding *finding = finding_of(report, FAULT_SIP_PORT_BLOCKED);
	assert_non_null(finding);
	assert_int_equal(finding->confidence, CONFIDENCE_LIKELY);
	assert_int_equal(report->verdict, VERDICT_FAULTS);
	report_destroy(report);
}

/* What is not answered may well be the server's doing. */
static void a_picky_server_is_no_fault(void **state)
{
	(void)state;
	struct report *report = world_find(&(struct setup){ .server = SERVER_PLAIN_NOT_ODD, .unprivileged = true });
	const struct finding *finding = finding_of(report, FAULT_ODD_MESSAGE_DROPPED);
	assert_non_null(finding);
	assert_int_equal(finding->confidence, CONFIDENCE_HINT);
	assert_int_equal(report->verdict, VERDICT_NO_ALG);
	report_destroy(report);
}

/* Most of the time of some is waiting for hops that say nothing: they can run beside the others. */
int main(int argc, char **argv)
{
	const struct CMUnitTest speaking[] = {
		cmocka_unit_test(routers_alone_change_nothing),
		cmocka_unit_test(nat_is_no_alg),
		cmocka_unit_test(two_nats_are_no_alg),
		cmocka_unit_test(an_alg_in_the_second_router_is_found),
		cmocka_unit_test(short_quotes_tell_by_length),
		cmocka_unit_test(short_quotes_of_what_was_sent_are_no_alarm),
		cmocka_unit_test(extensions_are_no_alteration),
		cmocka_unit_test(extensions_do_not_hide_an_alg),
		cmocka_unit_test(ipv6_is_searched_too),
		cmocka_unit_test(a_picky_server_is_no_fault),
	};
	const struct CMUnitTest silent[] = {
		cmocka_unit_test(an_alg_in_the_first_router_is_found),
		cmocka_unit_test(a_silent_hop_widens_the_range),
		cmocka_unit_test(the_hosts_own_error_is_a_quote_too),
	};
	const struct CMUnitTest dead[] = {
		cmocka_unit_test(all_silent_is_unknown),
		cmocka_unit_test(a_blocked_port_is_found),
	};
	if (argc > 1 && strcmp(argv[1], "silent") == 0)
		return cmocka_run_group_tests(silent, NULL, NULL);
	if (argc > 1 && strcmp(argv[1], "dead") == 0)
		return cmocka_run_group_tests(dead, NULL, NULL);
	return cmocka_run_group_tests(speaking, NULL, NULL);
}
