/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function per statement of the scenario language. */
#include "lab/step_options.h"
#include "lab/world.h"

#include <string.h>

struct statement {
	struct store *store;
	struct scenario *scenario;
	struct line line;
	struct words *words;
	struct lines block;
};

static const char *word(const struct statement *statement, size_t index)
{
	return index < statement->words->count ? statement->words->list[index] : "";
}

static bool word_is(const struct statement *statement, size_t index, const char *text)
{
	return strcmp(word(statement, index), text) == 0;
}

/* What follows the first word, as written. */
static const char *rest_of_line(const struct statement *statement)
{
	const char *text = statement->line.text + strlen(word(statement, 0));
	return text + strspn(text, " \t");
}

static struct step *step_add(struct statement *statement, enum step_kind kind)
{
	struct scenario *scenario = statement->scenario;
	if (scenario->step_count == scenario->step_room) {
		struct step *old = scenario->steps;
		scenario->step_room = scenario->step_room ? scenario->step_room * 2 : 32;
		scenario->steps = store_take(statement->store, scenario->step_room * sizeof(*scenario->steps));
		if (scenario->step_count > 0)
			memcpy(scenario->steps, old, scenario->step_count * sizeof(*old));
	}
	struct step *step = &scenario->steps[scenario->step_count++];
	*step = (struct step){ .kind = kind, .line = statement->line };
	return step;
}

/* ---- Words about the scenario ---- */

static const char *title_parse(struct statement *statement)
{
	statement->scenario->title = rest_of_line(statement);
	return NULL;
}

static const char *fault_parse(struct statement *statement)
{
	statement->scenario->faults = rest_of_line(statement);
	return NULL;
}

static const char *about_parse(struct statement *statement)
{
	struct scenario *scenario = statement->scenario;
	struct writer writer;
	writer_open(&writer);
	fprintf(writer.stream, "%s%s%s", scenario->about, scenario->about[0] ? " " : "", rest_of_line(statement));
	for (size_t i = 0; i < statement->block.count; i++)
		fprintf(writer.stream, " %s", statement->block.list[i].text);
	scenario->about = writer_close(&writer, statement->store).start;
	return NULL;
}

static const char *known_parse(struct statement *statement)
{
	enum known known = word_is(statement, 1, "fails")    ? KNOWN_FAILS
	                   : word_is(statement, 1, "passes") ? KNOWN_PASSES
	                                                     : KNOWN_NOTHING;
	if (known == KNOWN_NOTHING)
		return "say: kernel fails, kernel passes, plain fails or plain passes";
	if (word_is(statement, 0, "kernel"))
		statement->scenario->kernel_known = known;
	else
		statement->scenario->plain_known = known;
	return NULL;
}

static const char *only_parse(struct statement *statement)
{
	statement->scenario->only_sipalg = word_is(statement, 1, "sipalg");
	return statement->scenario->only_sipalg ? NULL : "say: only sipalg";
}

static const char *party_parse(struct statement *statement)
{
	struct scenario *scenario = statement->scenario;
	sipalg_endpoint endpoint;
	size_t count = statement->words->count;
	bool tcp = count == 4 && word_is(statement, 3, "tcp");
	if ((count != 3 && !tcp) || !endpoint_read(word(statement, 2), &endpoint))
		return "say: phone NAME ADDRESS:PORT (or server, or media), and tcp if it speaks SIP over TCP; an IPv6 "
		       "address stands in brackets";
	endpoint.protocol = tcp ? SIPALG_PROTOCOL_TCP : SIPALG_PROTOCOL_UDP;
	if (scenario_party(scenario, bytes_of(word(statement, 1))))
		return "this name is taken";
	if (scenario->party_count == SCENARIO_PARTIES_MAX)
		return "too many parties";
	if (word_is(statement, 0, "phone") != endpoint_is_inside(endpoint))
		return "a phone's address is inside (192.168.1.x, 192.168.2.x, 2001:db8:1::x, fd00:1::x), a server's "
		       "outside "
		       "(203.0.113.x, 2001:db8:ffff::x)";
	scenario->parties[scenario->party_count++] = (struct party){ word(statement, 1), endpoint };
	return NULL;
}

/* ---- Messages ---- */

static const char *options_parse(struct statement *statement, struct step *step, size_t index)
{
	return step_options_read(statement->store, statement->words, index, step);
}

static const char *send_parse(struct statement *statement)
{
	struct step *step = step_add(statement, STEP_SEND);
	step->from = word(statement, 0);
	step->to = word(statement, 2);
	step->block = statement->block;
	const char *wrong = options_parse(statement, step, 3);
	if (wrong)
		return wrong;
	if (!step->file && !(step->flags & FLAG_AGAIN) && step->block.count == 0)
		return "the message is missing: write it below, indented";
	return NULL;
}

/* One line below a receive statement: WHERE OLD => NEW. */
static const char *replacement_parse(struct store *store, struct step *step, const char *text)
{
	size_t where = strcspn(text, " \t");
	const char *old = text + where + strspn(text + where, " \t");
	const char *arrow = strstr(old, " => ");
	if (where == 0 || !arrow || arrow == old)
		return "say: WHERE OLD => NEW, for example: Contact 192.168.1.2 => 203.0.113.1";
	if (step->replacement_count == SCENARIO_REPLACEMENTS_MAX)
		return "too many replacements";
	const char *end = arrow;
	while (end > old && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	struct replacement *replacement = &step->replacements[step->replacement_count++];
	replacement->where = store_text(store, (struct bytes){ text, where });
	replacement->old = store_text(store, (struct bytes){ old, (size_t)(end - old) });
	replacement->new = arrow + 4 + strspn(arrow + 4, " \t");
	return NULL;
}

static const char *receive_parse(struct statement *statement)
{
	struct step *step = step_add(statement, STEP_RECEIVE);
	step->to = word(statement, 0);
	step->from = word(statement, 2);
	const char *wrong = options_parse(statement, step, 3);
	for (size_t i = 0; !wrong && i < statement->block.count; i++)
		if (statement->block.list[i].text[0] != '\0')
			wrong = replacement_parse(statement->store, step, statement->block.list[i].text);
	return wrong;
}

/* s => a 200 OK [tag TAG] [for TEXT] [cut …] [held] */
static const char *reply_parse(struct statement *statement)
{
	struct step *step = step_add(statement, STEP_REPLY);
	struct writer writer;
	step->from = word(statement, 0);
	step->to = word(statement, 2);
	step->block = statement->block;
	const char *wrong = NULL;
	writer_open(&writer);
	for (size_t i = 3; i < statement->words->count && !wrong; i++) {
		if (word_is(statement, i, "tag") && i + 1 < statement->words->count)
			step->tag = word(statement, ++i);
		else if (word_is(statement, i, "for") && i + 1 < statement->words->count)
			step->request = word(statement, ++i);
		else if (word_is(statement, i, "cut") || word_is(statement, i, "held")) {
			wrong = step_option_read(statement->store, statement->words, &i, step);
			i--;
		} else
			fprintf(writer.stream, "%s%s", i == 3 ? "" : " ", word(statement, i));
	}
	step->status = writer_close(&writer, statement->store).start;
	if (!wrong && strlen(step->status) < 3)
		wrong = "say: NAME => NAME 200 OK";
	return wrong;
}

static const char *media_parse(struct statement *statement)
{
	if (!word_is(statement, 2, "->"))
		return "say: rtp FROM -> TO [from SOURCE] [at WHERE] [never arrives]";
	struct step *step = step_add(statement, STEP_MEDIA);
	step->from = word(statement, 1);
	step->to = word(statement, 3);
	return options_parse(statement, step, 4);
}

/* scan x -> 203.0.113.1 [but 5060,{rtp}] */
static const char *scan_parse(struct statement *statement)
{
	struct step *step = step_add(statement, STEP_SCAN);
	size_t count = statement->words->count;
	step->from = word(statement, 1);
	step->to = store_format(statement->store, "%s:%d", word(statement, 3), SCAN_PORT_FIRST);
	if (count == 6 && word_is(statement, 4, "but"))
		step->but = word(statement, 5);
	return word_is(statement, 2, "->") && (count == 4 || step->but) ? NULL
	                                                                : "say: scan NAME -> ADDRESS [but PORT,…]";
}

/* ---- Connections ---- */

static const struct connection_verb {
	const char *word;
	enum step_kind kind;
	bool alone; /* nobody stands behind it */
} connection_verbs[] = {
	{ "connects", STEP_CONNECT, false }, { "closes", STEP_CLOSE, false },  { "resets", STEP_RESET, false },
	{ "pauses", STEP_PAUSE, false },     { "reads", STEP_READ, false },    { "stuck", STEP_STUCK, false },
	{ "refuses", STEP_REFUSE, true },    { "listens", STEP_LISTEN, true },
};

static const struct connection_verb *connection_verb_find(const struct words *words)
{
	for (size_t i = 0; words->count >= 2 && i < sizeof(connection_verbs) / sizeof(connection_verbs[0]); i++)
		if (strcmp(words->list[1], connection_verbs[i].word) == 0)
			return &connection_verbs[i];
	return NULL;
}

/* a connects s [as NAME] [from SOURCE] [at WHO] [refused | never arrives]; a closes s [on NAME] … */
static const char *connection_parse(struct statement *statement, const struct connection_verb *verb)
{
	struct step *step = step_add(statement, verb->kind);
	step->from = word(statement, 0);
	if (!verb->alone && statement->words->count < 3)
		return store_format(statement->store, "say: NAME %s NAME", verb->word);
	step->to = verb->alone ? "" : word(statement, 2);
	return options_parse(statement, step, verb->alone ? 2 : 3);
}

/* ---- Time, router, checks ---- */

static const char *duration_read(const char *text, uint32_t *milliseconds)
{
	static const struct {
		const char *unit;
		uint32_t factor;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	size_t digits = strspn(text, "0123456789");
	uint32_t number = 0;
	if (bytes_number((struct bytes){ text, digits }, &number))
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (strcmp(text + digits, units[i].unit) == 0 && number <= UINT32_MAX / units[i].factor) {
				*milliseconds = number * units[i].factor;
				return NULL;
			}
	return "a time is a number with its unit: 300ms, 5s, 30m, 2h";
}

static const char *wait_parse(struct statement *statement)
{
	struct step *step = step_add(statement, STEP_WAIT);
	const char *wrong = duration_read(word(statement, 1), &step->wait_ms);
	statement->scenario->wait_ms += step->wait_ms;
	return wrong;
}

static const char *timeout_parse(struct statement *statement, uint32_t *seconds)
{
	uint32_t milliseconds = 0;
	const char *wrong = duration_read(word(statement, 2), &milliseconds);
	*seconds = milliseconds / 1000;
	return wrong;
}

/* What can happen to the router while it runs. */
static bool is_router_event(const struct statement *statement)
{
	static const char *const plain[] = { "off",     "on",     "stop",  "kill",
		                             "start",   "reload", "flush", "conntrack-flush",
		                             "failover" };
	static const char *const link[] = { "down", "up", "gone", "back" };
	if (word_is(statement, 1, "address"))
		return strncmp(word(statement, 2), LAB_WAN_PREFIX, strlen(LAB_WAN_PREFIX)) == 0 &&
		       (statement->words->count == 3 || word_is(statement, 3, "softly"));
	if (word_is(statement, 1, "network"))
		return word_is(statement, 2, "gone") || word_is(statement, 2, "back");
	if (word_is(statement, 1, "mtu"))
		return (word_is(statement, 2, "wan") || word_is(statement, 2, "lan")) && statement->words->count == 4;
	for (size_t i = 0; i < sizeof(link) / sizeof(link[0]); i++)
		if (word_is(statement, 1, "link") && word_is(statement, 2, link[i]))
			return true;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (word_is(statement, 1, plain[i]))
			return true;
	return false;
}

static const char *router_parse(struct statement *statement)
{
	struct router_setup *setup = &statement->scenario->setup;
	uint32_t number = 0;
	if (word_is(statement, 1, "udp-timeout"))
		return timeout_parse(statement, &setup->udp_timeout_s);
	if (word_is(statement, 1, "udp-stream-timeout"))
		return timeout_parse(statement, &setup->udp_stream_timeout_s);
	if (word_is(statement, 1, "snat"))
		setup->snat = true;
	else if (word_is(statement, 1, "firewall"))
		setup->firewall = word_is(statement, 2, "strict") ? FIREWALL_STRICT : FIREWALL_USUAL;
	else if (word_is(statement, 1, "second-wan"))
		setup->second_wan = true;
	else if (word_is(statement, 1, "input") && word_is(statement, 2, "strict"))
		setup->closed_input = true;
	else if (word_is(statement, 1, "ip6") && word_is(statement, 2, "masquerade"))
		setup->ip6 = SIPALG_TRANSLATION_PORTS;
	else if (word_is(statement, 1, "ip6") && word_is(statement, 2, "prefix"))
		setup->ip6 = SIPALG_TRANSLATION_PREFIX;
	else if (word_is(statement, 1, "options"))
		setup->options = *statement->words;
	else if (word_is(statement, 1, "nat-priority") && bytes_number(bytes_of(word(statement, 2)), &number))
		setup->nat_priority = (int)number;
	else if (is_router_event(statement))
		step_add(statement, STEP_ROUTER)->words = *statement->words;
	else
		return "say: router udp-timeout TIME, udp-stream-timeout TIME, snat, nat-priority NUMBER, firewall, "
		       "firewall strict, input strict, second-wan, ip6 masquerade, ip6 prefix, options WORD…, or while "
		       "it runs: "
		       "router address 203.0.113.x [softly], link down|up|gone|back, mtu wan|lan N, reload, flush, "
		       "conntrack-flush, failover, network gone|back, "
		       "off [PHONE], on [PHONE], stop, kill, start";
	return NULL;
}

static const char *reason_parse(struct statement *statement)
{
	step_add(statement, STEP_REASON)->words = *statement->words;
	return statement->words->count == 2 ? NULL : "say: reason WORD, for example: reason edited";
}

static const char *expect_parse(struct statement *statement)
{
	step_add(statement, STEP_EXPECT)->words = *statement->words;
	return statement->words->count >= 3 ? NULL
	                                    : "say: expect {name} even, odd, = NUMBER, != NUMBER or = NUMBER + 1";
}

/* let {rtcp} = {rtp} + 1 */
static const char *let_parse(struct statement *statement)
{
	const char *name = word(statement, 1);
	size_t length = strlen(name);
	struct step *step = step_add(statement, STEP_LET);
	if (statement->words->count != 6 || !word_is(statement, 2, "=") || !word_is(statement, 4, "+") || length < 3 ||
	    name[0] != '{' || name[length - 1] != '}')
		return "say: let {name} = NUMBER + NUMBER";
	step->words = *statement->words;
	step->words.list[1] = store_text(statement->store, (struct bytes){ name + 1, length - 2 });
	return NULL;
}

const char *statement_parse(struct store *store, struct scenario *scenario, struct line line, struct words *words,
                            struct lines block)
{
	static const struct {
		const char *word;
		const char *(*parse)(struct statement *);
	} statements[] = {
		{ "title", title_parse },   { "fault", fault_parse },   { "about", about_parse },
		{ "kernel", known_parse },  { "plain", known_parse },   { "phone", party_parse },
		{ "server", party_parse },  { "media", party_parse },   { "rtp", media_parse },
		{ "wait", wait_parse },     { "router", router_parse }, { "reason", reason_parse },
		{ "expect", expect_parse }, { "let", let_parse },       { "only", only_parse },
		{ "scan", scan_parse },
	};
	struct statement statement = { store, scenario, line, words, block };
	if (scenario->step_count >= SCENARIO_STEPS_MAX)
		return "too many steps";
	if (words->count >= 3 && strcmp(words->list[1], "->") == 0)
		return send_parse(&statement);
	if (words->count >= 3 && strcmp(words->list[1], "<-") == 0)
		return receive_parse(&statement);
	if (words->count >= 3 && strcmp(words->list[1], "=>") == 0)
		return reply_parse(&statement);
	const struct connection_verb *verb = connection_verb_find(words);
	if (verb)
		return connection_parse(&statement, verb);
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		if (strcmp(words->list[0], statements[i].word) == 0)
			return statements[i].parse(&statement);
	return "no such statement (see: sipalg lab --help)";
}
