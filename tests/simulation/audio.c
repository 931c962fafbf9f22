/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTP: what one end sends to where the other says it listens arrives there. */
#include "simulation.h"

static bool side_is_settled(const struct simulation *simulation, const struct side *side)
{
	return side->stage == STAGE_UP && !side->client && !side->awaits_ack &&
	       now_of(simulation) - side->changed_ns >= SETTLED_S * SIPALG_SECOND_NS;
}

static bool link_is_settled(const struct simulation *simulation, const struct link *link)
{
	return side_is_settled(simulation, &link->sides[PHONE]) &&
	       side_is_settled(simulation, &link->sides[PROVIDER]) && !link->reinvite_is_forwarded;
}

static bool side_is_silent(const struct side *side)
{
	return side->holds || side->is_held;
}

static bool link_is_silent(const struct link *link)
{
	return side_is_silent(&link->sides[PHONE]) || side_is_silent(&link->sides[PROVIDER]);
}

static void expect_audio(struct simulation *simulation, uint32_t number, bool arrives, const char *way)
{
	const struct link *link = &simulation->links[number];
	char ends[4][URI_MAX];
	simulation->talks++;
	if (!arrives)
		note(simulation, "no audio %s: link %u of phone %u (kind %d): %s hears of %s, %s of %s", way, number,
		     link->phone, (int)link->kind, endpoint_text(&link->sides[PHONE].media, ends[0]),
		     endpoint_text(&link->sides[PHONE].far_media, ends[1]),
		     endpoint_text(&link->sides[PROVIDER].media, ends[2]),
		     endpoint_text(&link->sides[PROVIDER].far_media, ends[3]));
	expect(&simulation->harness, arrives);
}

/* With the provider, or somebody outside. */
static void talk_outside(struct simulation *simulation, uint32_t number)
{
	struct link *link = &simulation->links[number];
	const struct side *near = &link->sides[PHONE], *far = &link->sides[PROVIDER];
	const struct phone *phone = &simulation->phones[link->phone];
	struct nat *nat = &simulation->nat;
	uint64_t now_ns = now_of(simulation);
	sipalg_endpoint arrived = { 0 };
	if (phone->is_off && near->changed_ns >= phone->switched_ns)
		link->is_lost = true;
	(void)nat_outbound(nat, now_ns, near->media, near->far_media);
	expect_audio(simulation, number, endpoint_equal(near->far_media, far->media), "out");
	if (link->is_lost || !sipalg_address_equal(&far->far_media.address, &nat->outside))
		return;
	bool arrives = nat_inbound(nat, now_ns, far->media, far->far_media, &arrived);
	if (arrives && !endpoint_equal(arrived, near->media)) {
		char text[URI_MAX];
		note(simulation, "what comes from outside arrives at %s", endpoint_text(&arrived, text));
	}
	expect_audio(simulation, number, arrives && endpoint_equal(arrived, near->media), "in");
	expect(&simulation->harness, far->far_media.port % 2 == 0); /* RTCP has the next one (RFC 3550 11) */
	link->talks++;
}

/* Two phones with each other, at once or around the gateway. */
static void talk_inside(struct simulation *simulation, uint32_t number, uint32_t partner)
{
	const struct side *here = &simulation->links[number].sides[PHONE];
	const struct side *there = &simulation->links[partner].sides[PHONE];
	struct nat *nat = &simulation->nat;
	sipalg_endpoint arrived = here->far_media;
	bool arrives = true;
	if (simulation->links[number].is_lost || simulation->links[partner].is_lost)
		return;
	if (!endpoint_is_inside(here->far_media)) {
		if (!sipalg_address_equal(&here->far_media.address, &nat->outside))
			return;
		sipalg_endpoint outside = nat_outbound(nat, now_of(simulation), here->media, here->far_media);
		arrives = nat_inbound(nat, now_of(simulation), outside, here->far_media, &arrived);
	}
	expect_audio(simulation, number, arrives && endpoint_equal(arrived, there->media), "between phones");
}

static void link_look(struct simulation *simulation, uint32_t number)
{
	const struct link *link = &simulation->links[number];
	uint32_t partner = link->kind == CALL_DIRECT ? link->partner : 0;
	if (!link_is_settled(simulation, link) || link_is_silent(link) || link->is_left)
		return;
	if (!partner)
		talk_outside(simulation, number);
	else if (link_is_settled(simulation, &simulation->links[partner]))
		talk_inside(simulation, number, partner);
}

void link_talk(struct simulation *simulation, uint32_t number)
{
	const struct link *link = &simulation->links[number];
	if (link->sides[PHONE].stage == STAGE_OVER || link->sides[PROVIDER].stage == STAGE_OVER)
		return;
	event_add(simulation, EVENT_TALK, 5000 + chance_of(simulation, 10000), number, 0, NULL);
	link_look(simulation, number);
}

/* Media flow all the time, though they are looked at now and then: what is up at this moment has its flows. */
void link_forget(struct simulation *simulation, uint32_t number)
{
	struct link *link = &simulation->links[number];
	link_look(simulation, number);
	if (!link->talks || link_is_silent(link) || !link_is_settled(simulation, link))
		link->is_lost = true;
}

/* ---- At the end ---- */

void simulation_check_end(struct simulation *simulation)
{
	struct harness *harness = &simulation->harness;
	for (uint32_t link = 1; link <= simulation->link_count; link++) {
		for (int side = PHONE; side <= PROVIDER; side++) {
			enum stage stage = simulation->links[link].sides[side].stage;
			if (stage != STAGE_IDLE && stage != STAGE_OVER)
				note(simulation, "link %u has not ended: side %d, stage %d", link, side, (int)stage);
			expect(harness, stage == STAGE_IDLE || stage == STAGE_OVER);
		}
	}
	harness_wait_for_the_end(harness);
	harness_wait(harness, NAT_UDP_STREAM_TIMEOUT_S);
	for (size_t i = 0; i < NAT_BINDINGS_MAX; i++)
		expect(harness, simulation->nat.bindings[i].deadline_ns <= harness->now_ns);
	for (size_t i = 0; i < NAT_FLOWS_MAX; i++)
		expect(harness, simulation->nat.flows[i].deadline_ns <= harness->now_ns);
}
