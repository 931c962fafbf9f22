/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/run.h"
#include "host/clock.h"
#include "host/memory.h"
#include "daemon/control.h"
#include "daemon/journal.h"
#include "host/notify.h"
#include "daemon/plane_settings.h"
#include "host/sandbox.h"
#include "daemon/snapshot.h"
#include "daemon/switches.h"
#include "plane/netfilter/plane.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { WAKE_S = 10 };

struct warnings {
	char lines[CONTROL_WARNINGS_MAX][PROBLEM_TEXT_MAX];
	size_t count;
};

struct daemon {
	const struct settings *settings;
	sipalg_engine *engine;
	void *memory;
	size_t memory_size;
	struct journal *journal;
	struct snapshot snapshot;
	struct switches switches;
	struct plane *plane;
	struct control *control;
	struct sandbox_wish sandbox;
	int signals;
	uint64_t started_ns;
	bool advising;                  /* lines said now are advice, to be shown by `sipalg show` too */
	struct warnings warnings, told; /* advice as it is now, and as it was before */
};

static bool complain(const char *line)
{
	fprintf(stderr, "sipalg: %s\n", line);
	return false;
}

/* ---- What the plane tells ---- */

static bool warnings_have(const struct warnings *warnings, const char *line)
{
	for (size_t i = 0; i < warnings->count; i++)
		if (strcmp(warnings->lines[i], line) == 0)
			return true;
	return false;
}

/* What was advised before is not said again. */
static void take_advice(struct daemon *daemon, const char *line)
{
	struct problem warning;

	problem_say(&warning, "%s", line);
	if (!warnings_have(&daemon->told, warning.text))
		complain(line);
	if (daemon->warnings.count < CONTROL_WARNINGS_MAX)
		memcpy(daemon->warnings.lines[daemon->warnings.count++], warning.text, PROBLEM_TEXT_MAX);
}

static void plane_says(void *context, const char *line)
{
	struct daemon *daemon = context;

	if (daemon->advising)
		take_advice(daemon, line);
	else
		complain(line);
}

static void ask_for_advice(void *context)
{
	struct daemon *daemon = context;

	if (daemon->plane == NULL)
		return;
	daemon->told = daemon->warnings;
	daemon->warnings.count = 0;
	daemon->advising = true;
	plane_advise(daemon->plane);
	daemon->advising = false;
}

static void message_handled(void *context, uint64_t now_ns, const sipalg_packet *packet, const sipalg_verdict *verdict)
{
	struct daemon *daemon = context;

	snapshot_mark_changed(&daemon->snapshot, now_ns);
	if (daemon->journal != NULL)
		journal_record(daemon->journal, clock_wall_ns(), packet, verdict);
}

/* ---- What the control asks ---- */

/* The hosts to leave alone: those of the settings and those switched off at run time. */
static bool set_off(struct daemon *daemon, const struct switches *switches)
{
	sipalg_prefix off[2 * SIPALG_PREFIXES_MAX];
	size_t count = daemon->settings->off_count;

	memcpy(off, daemon->settings->off, count * sizeof(off[0]));
	memcpy(off + count, switches->off, switches->off_count * sizeof(off[0]));
	return sipalg_engine_set_off(daemon->engine, off, count + switches->off_count);
}

static bool apply_switches(void *context, const struct switches *switches, struct problem *problem)
{
	struct daemon *daemon = context;
	uint64_t now_ns = clock_now_ns();

	if (!set_off(daemon, switches))
		return problem_say(problem,
		                   "no more than %d hosts and networks can be switched off, those of the "
		                   "configuration counted in: name larger networks",
		                   SIPALG_PREFIXES_MAX);
	plane_carry_out(daemon->plane, now_ns);
	if (plane_switch(daemon->plane, now_ns, !switches->everything_off))
		return true;
	if (set_off(daemon, &daemon->switches))
		plane_carry_out(daemon->plane, now_ns);
	return problem_say(problem, "the kernel refused to change its rules; the daemon's standard error says why");
}

static void add_counter(struct control_status *status, const char *name, uint64_t value)
{
	status->counters[status->counter_count].name = name;
	status->counters[status->counter_count++].value = value;
}

static void fill_counters(struct daemon *daemon, struct control_status *status)
{
	const struct plane_counters *counters = plane_counters(daemon->plane);

	add_counter(status, "queue_wakeups", counters->wakeups);
	add_counter(status, "queue_messages", counters->messages);
	add_counter(status, "queue_rewritten", counters->rewritten);
	add_counter(status, "queue_unfit", counters->unfit);
	add_counter(status, "queue_overruns", counters->overruns);
	add_counter(status, "nft_commits", counters->commits);
	add_counter(status, "nft_commits_failed", counters->commits_failed);
	add_counter(status, "nft_elements", counters->elements);
	add_counter(status, "bindings_refused", counters->bindings_refused);
	add_counter(status, "bindings_restored", counters->restored);
	add_counter(status, "flows_entered", counters->flows_entered);
	add_counter(status, "flows_deleted", counters->flows_deleted);
	add_counter(status, "let_in", counters->let_in);
	add_counter(status, "let_in_refused", counters->let_in_refused);
	add_counter(status, "flow_sweeps", counters->sweeps);
}

static void fill_connections(struct daemon *daemon, struct control_status *status)
{
	const struct relay_counters *counters = plane_relay_counters(daemon->plane);

	status->encrypted = plane_counters(daemon->plane)->encrypted;
	add_counter(status, "tcp_taken", plane_counters(daemon->plane)->connections_taken);
	add_counter(status, "tcp_passed", plane_counters(daemon->plane)->connections_passed);
	add_counter(status, "tcp_encrypted", status->encrypted);
	if (counters == NULL)
		return;
	status->tcp = true;
	status->connections = counters->connections;
	status->connections_max = counters->connections_max;
	add_counter(status, "tcp_connections", counters->connections);
	add_counter(status, "tcp_accepted", counters->accepted);
	add_counter(status, "tcp_refused", counters->refused + counters->refused_full + counters->refused_host);
	add_counter(status, "tcp_unreachable", counters->unreachable);
	add_counter(status, "tcp_resets", counters->resets);
	add_counter(status, "tcp_messages", counters->messages);
	add_counter(status, "tcp_rewritten", counters->rewritten);
	add_counter(status, "tcp_foreign", counters->foreign);
	add_counter(status, "tcp_given_up", counters->given_up);
	add_counter(status, "tcp_waits", counters->waits);
	add_counter(status, "tcp_buffered", counters->buffered);
}

static bool next_connection(void *context, uint32_t *cursor, struct relay_view *view)
{
	const struct daemon *daemon = context;

	return plane_next_connection(daemon->plane, cursor, view);
}

static bool next_encrypted(void *context, uint32_t *cursor, struct plane_encrypted *view)
{
	const struct daemon *daemon = context;

	return plane_next_encrypted(daemon->plane, cursor, view);
}

static void copy_names(struct interface_list *to, const char names[][PLANE_LINK_NAME_MAX], size_t count)
{
	for (to->count = 0; to->count < count && to->count < SETTINGS_INTERFACES_MAX; to->count++)
		memcpy(to->names[to->count], names[to->count], PLANE_LINK_NAME_MAX);
}

static void fill_status(void *context, struct control_status *status)
{
	struct daemon *daemon = context;
	struct plane_view view;

	plane_describe(daemon->plane, &view);
	status->started_ns = daemon->started_ns;
	copy_names(&status->lan, (const char(*)[PLANE_LINK_NAME_MAX])view.lan, view.lan_count);
	copy_names(&status->wan, (const char(*)[PLANE_LINK_NAME_MAX])view.wan, view.wan_count);
	memcpy(status->inside, view.inside, sizeof(status->inside));
	status->inside_count = view.inside_count;
	status->outside = view.outside;
	status->queue = view.queue;
	status->queue_kind = view.native_queue ? "nft queue" : "xt NFQUEUE";
	memcpy(status->warnings, daemon->warnings.lines, sizeof(status->warnings));
	status->warning_count = daemon->warnings.count;
	fill_counters(daemon, status);
	fill_connections(daemon, status);
}

/* ---- Starting ---- */

static bool open_engine(struct daemon *daemon)
{
	sipalg_settings settings = daemon->settings->engine;

	if (getrandom(settings.secret, sizeof(settings.secret), 0) != (ssize_t)sizeof(settings.secret))
		return complain("the kernel gives no random numbers");
	daemon->memory_size = sipalg_engine_size(&settings);
	daemon->memory = mmap(NULL, daemon->memory_size, PROT_READ | PROT_WRITE,
	                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (daemon->memory == MAP_FAILED) {
		daemon->memory = NULL;
		return complain(
		        "there is not enough memory for the tables: lower --bindings, --calls or --registrations");
	}
	daemon->engine = sipalg_engine_create(daemon->memory, &settings);
	return true;
}

/* What the process before this one knew. */
static void load_snapshot(struct daemon *daemon)
{
	const sipalg_counters *counters = sipalg_engine_counters(daemon->engine);
	struct problem problem;

	if (!snapshot_load(&daemon->snapshot, daemon->engine, clock_now_ns(), &problem) && problem.text[0] != '\0')
		complain(problem.text);
	if (counters->calls + counters->registrations > 0)
		fprintf(stderr, "sipalg: goes on with %u calls and %u registrations\n", counters->calls,
		        counters->registrations);
}

static void write_snapshot(struct daemon *daemon, bool whole)
{
	struct problem problem;

	if (!(whole ? snapshot_write : snapshot_work)(&daemon->snapshot, daemon->engine, clock_now_ns(), &problem) &&
	    problem.text[0] != '\0')
		complain(problem.text);
}

static bool open_plane(struct daemon *daemon)
{
	const struct plane_observer observer = { daemon, plane_says, message_handled, ask_for_advice };
	struct plane_settings settings;
	uint64_t now_ns = clock_now_ns();

	plane_settings_from(daemon->settings, &settings);
	daemon->plane = plane_open(&settings, &observer, daemon->engine, now_ns);
	if (daemon->plane == NULL)
		return false;
	ask_for_advice(daemon);
	if (daemon->switches.everything_off)
		complain("switched off: `sipalg on` switches it on");
	return plane_switch(daemon->plane, now_ns, !daemon->switches.everything_off);
}

static bool open_control(struct daemon *daemon)
{
	const struct control_hooks hooks = { .engine = daemon->engine,
		                             .journal = daemon->journal,
		                             .settings = daemon->settings,
		                             .switches = &daemon->switches,
		                             .context = daemon,
		                             .apply_switches = apply_switches,
		                             .status = fill_status,
		                             .next_connection = next_connection,
		                             .next_encrypted = next_encrypted };
	struct problem problem;

	daemon->control = control_open(&hooks, &problem);
	return daemon->control != NULL || complain(problem.text);
}

static bool open_signals(struct daemon *daemon)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	daemon->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return daemon->signals >= 0 || complain(strerror(errno));
}

/* The folders must be there before files are made in them. */
static bool prepare_sandbox(struct daemon *daemon)
{
	const struct settings *settings = daemon->settings;
	struct problem problem;

	daemon->sandbox = (struct sandbox_wish){ .confine = settings->sandbox,
		                                 .administers_network = true,
		                                 .user = settings->user,
		                                 .group = settings->user_group };
	snapshot_open(&daemon->snapshot, settings->socket, settings->user);
	return (sandbox_add_folder(&daemon->sandbox, settings->state, true, &problem) &&
	        sandbox_add_folder(&daemon->sandbox, settings->socket, false, &problem) &&
	        sandbox_add_folder(&daemon->sandbox, daemon->snapshot.path, false, &problem)) ||
	       complain(problem.text);
}

static bool enter_sandbox(struct daemon *daemon)
{
	struct problem problem;

	return sandbox_enter(&daemon->sandbox, &problem) || complain(problem.text);
}

static bool open_all(struct daemon *daemon)
{
	struct problem problem;

	if (!open_signals(daemon) || !open_engine(daemon) || !prepare_sandbox(daemon))
		return false;
	if (!switches_read(&daemon->switches, daemon->settings->state, &problem))
		return complain(problem.text);
	load_snapshot(daemon);
	if (!set_off(daemon, &daemon->switches))
		return complain(
		        "more hosts and networks are switched off than the gateway can hold: name larger networks");
	if (daemon->settings->journal_kib > 0) {
		daemon->journal = journal_create((size_t)daemon->settings->journal_kib * 1024);
		if (daemon->journal == NULL)
			return complain("there is not enough memory for the journal: lower --journal");
	}
	return open_plane(daemon) && open_control(daemon) && enter_sandbox(daemon);
}

static void close_all(struct daemon *daemon)
{
	control_close(daemon->control);
	plane_close(daemon->plane);
	journal_destroy(daemon->journal);
	snapshot_close(&daemon->snapshot);
	if (daemon->memory != NULL)
		munmap(daemon->memory, daemon->memory_size);
	if (daemon->signals >= 0)
		close(daemon->signals);
}

/* ---- Running ---- */

/* Under load it pays to let messages gather: many then share one receive, one transaction and one answer. So whoever
 * runs when a message comes may run on, and whoever waits to run goes first (sched_yield() below); nobody waits when
 * the processor is idle. */
static void be_patient(void)
{
	const struct sched_param param = { 0 };

	(void)sched_setscheduler(0, SCHED_BATCH, &param); /* where it is refused, messages come in smaller bunches */
}

/* How long to wait. Waiting does not go on while the machine sleeps, the clock does: so it is never for long. */
static struct timespec time_left(const struct daemon *daemon)
{
	uint64_t now_ns = clock_now_ns(), latest_ns = now_ns + WAKE_S * SIPALG_SECOND_NS;
	uint64_t deadline_ns = plane_deadline(daemon->plane);

	if (deadline_ns > daemon->snapshot.next_ns)
		deadline_ns = daemon->snapshot.next_ns;
	if (deadline_ns > latest_ns)
		deadline_ns = latest_ns;
	uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
	return (struct timespec){ .tv_sec = (time_t)(left_ns / SIPALG_SECOND_NS),
		                  .tv_nsec = (long)(left_ns % SIPALG_SECOND_NS) };
}

static void run(struct daemon *daemon)
{
	enum { SIGNALS, CONTROL, PLANE };
	struct pollfd descriptors[PLANE + PLANE_DESCRIPTORS_MAX] = {
		[SIGNALS] = { .fd = daemon->signals, .events = POLLIN },
		[CONTROL] = { .fd = control_descriptor(daemon->control), .events = POLLIN },
	};

	for (;;) {
		size_t count = plane_descriptors(daemon->plane, descriptors + PLANE);
		struct timespec left = time_left(daemon);
		int ready = ppoll(descriptors, PLANE + count, &left, NULL);

		if (ready < 0 && errno != EINTR)
			return;
		if (ready < 0)
			continue;
		if (descriptors[SIGNALS].revents != 0)
			return;
		sched_yield();
		plane_work(daemon->plane, descriptors + PLANE, count, clock_now_ns());
		if (descriptors[CONTROL].revents != 0)
			control_handle(daemon->control, clock_now_ns());
		if (daemon->snapshot.next_ns <= clock_now_ns())
			write_snapshot(daemon, false);
	}
}

int daemon_run(const struct settings *settings)
{
	struct daemon daemon = { .settings = settings, .signals = -1, .started_ns = clock_now_ns() };
	bool started;

	memory_prepare();
	started = open_all(&daemon);
	memory_give_back();
	if (started) {
		printf("sipalg: ready\n");
		fflush(stdout);
		notify_manager("READY=1");
		be_patient();
		run(&daemon);
		notify_manager("STOPPING=1");
		write_snapshot(&daemon, true);
	}
	close_all(&daemon);
	return started ? 0 : 1;
}
