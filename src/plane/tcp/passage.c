/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One direction of a connection: bytes are read, messages cut out of them and put to the hook, and what became of them
 * is written, as much as there is by one write. */
#include "plane/tcp/state.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* What one write carries. Pieces point to what was read, or to relay.edited. */
struct gathering {
	struct iovec pieces[RELAY_PIECES_MAX];
	size_t count;
	size_t edited; /* bytes of relay.edited that are in use */
};

static struct side *near_end(struct connection *connection, const struct way *way)
{
	return &connection->sides[way->index];
}

static struct side *far_end(struct connection *connection, const struct way *way)
{
	return &connection->sides[1 - way->index];
}

static bool is_foreign(const struct way *way)
{
	return way->stream.kind == SIPALG_STREAM_TLS || way->stream.kind == SIPALG_STREAM_OTHER;
}

/* Something it waited for has come: what it waits for now, it waits for from now on. */
static void way_moved(struct way *way)
{
	list_remove(&way->age);
	way->aging = AGES_NONE;
}

/* ---- Writing ---- */

/* Returns how many bytes the far end took. */
static size_t send_pieces(struct connection *connection, const struct way *way, struct iovec *pieces, size_t count)
{
	const struct msghdr header = { .msg_iov = pieces, .msg_iovlen = count };
	struct side *far = far_end(connection, way);
	ssize_t taken = sendmsg(far->descriptor, &header, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (taken >= 0)
		return (size_t)taken;
	if (errno != EAGAIN && errno != EINTR)
		connection->broken = true;
	return 0;
}

/* True: nothing waits any more. */
static bool waiting_write(struct relay *relay, struct connection *connection, struct way *way)
{
	struct side *far = far_end(connection, way);
	struct iovec piece = { way->waiting.bytes + way->waiting.start, way->waiting.length };
	size_t taken;

	if (way->waiting.length == 0)
		return true;
	if (!far->writable)
		return false;
	taken = send_pieces(connection, way, &piece, 1);
	buffer_drop(&relay->buffers, &way->waiting, taken);
	if (taken > 0)
		way_moved(way);
	far->writable = way->waiting.length == 0;
	return far->writable;
}

static void gathering_write(struct relay *relay, struct connection *connection, struct way *way,
                            struct gathering *gathering)
{
	size_t taken;

	if (gathering->count == 0)
		return;
	taken = send_pieces(connection, way, gathering->pieces, gathering->count);
	for (size_t index = 0; index < gathering->count; index++) {
		const struct iovec *piece = &gathering->pieces[index];
		size_t skipped = taken < piece->iov_len ? taken : piece->iov_len;

		taken -= skipped;
		if (!buffer_append(&relay->buffers, &way->waiting, (const uint8_t *)piece->iov_base + skipped,
		                   piece->iov_len - skipped))
			connection->broken = true;
	}
	if (way->waiting.length > 0)
		far_end(connection, way)->writable = false;
	gathering->count = gathering->edited = 0;
}

/* ---- Deciding ---- */

static void gathering_add(struct gathering *gathering, const uint8_t *bytes, size_t length)
{
	struct iovec *last = gathering->count == 0 ? NULL : &gathering->pieces[gathering->count - 1];

	if (last != NULL && (const uint8_t *)last->iov_base + last->iov_len == bytes)
		last->iov_len += length;
	else
		gathering->pieces[gathering->count++] = (struct iovec){ (void *)bytes, length };
}

static sipalg_packet packet_of(const struct connection *connection, const struct way *way, const uint8_t *bytes,
                               const sipalg_piece *piece)
{
	const struct relay_route *route = &connection->route;
	bool outbound = (route->direction == SIPALG_OUTBOUND) == (way->index == 0);

	return (sipalg_packet){
		.bytes = bytes,
		.length = piece->length,
		.body_left = piece->body_left,
		.source = outbound ? route->phone : route->server,
		.destination = outbound ? route->server : route->phone,
		.direction = outbound ? SIPALG_OUTBOUND : SIPALG_INBOUND,
		.outside = route->outside,
		.other_outside = route->other_outside,
		.mapping = route->mapping,
	};
}

static void message_add(struct relay *relay, struct connection *connection, const struct way *way, const uint8_t *bytes,
                        const sipalg_piece *piece, struct gathering *gathering)
{
	sipalg_packet packet = packet_of(connection, way, bytes, piece);
	uint8_t *edited = relay->edited + gathering->edited;
	sipalg_verdict verdict;

	relay->hooks.message(relay->hooks.context, relay->now_ns, &packet, &verdict);
	relay->counters.messages++;
	connection->messages++;
	if (verdict.bytes == bytes || verdict.length > RELAY_EDITED_MAX) {
		gathering_add(gathering, bytes, piece->length);
		return;
	}
	relay->counters.rewritten++;
	memcpy(edited, verdict.bytes, verdict.length); /* the hook's bytes end with its next call */
	gathering->edited += verdict.length;
	gathering_add(gathering, edited, verdict.length);
}

static void count_kind(struct relay *relay, struct connection *connection, const struct way *way)
{
	if (way->stream.trouble != SIPALG_STREAM_NO_TROUBLE)
		relay->counters.given_up++;
	else if (!connection->counted && way->stream.kind == SIPALG_STREAM_TLS)
		relay->counters.encrypted++;
	else if (!connection->counted)
		relay->counters.foreign++;
	connection->counted = true;
}

/* Decides about bytes and writes them. Returns how many were decided about: those are written or wait. */
static size_t pass_on(struct relay *relay, struct connection *connection, struct way *way, const uint8_t *bytes,
                      size_t length)
{
	bool was_foreign = is_foreign(way);
	struct gathering gathering;
	size_t done = 0;

	gathering.count = gathering.edited = 0;
	way->stopped = false;
	while (done < length && !way->stopped) {
		sipalg_piece piece = sipalg_stream_next(&way->stream, bytes + done, length - done);

		if (piece.kind == SIPALG_PIECE_NONE)
			break;
		if (piece.kind == SIPALG_PIECE_PASS || !relay->parsing)
			gathering_add(&gathering, bytes + done, piece.length);
		else
			message_add(relay, connection, way, bytes + done, &piece, &gathering);
		done += piece.length;
		if (gathering.count == RELAY_PIECES_MAX || gathering.edited + RELAY_EDITED_MAX > RELAY_WRITE_MAX) {
			gathering_write(relay, connection, way, &gathering);
			way->stopped = way->waiting.length > 0;
		}
	}
	gathering_write(relay, connection, way, &gathering);
	if (done > 0)
		way_moved(way);
	if (!was_foreign && is_foreign(way))
		count_kind(relay, connection, way);
	return done;
}

static void held_pass_on(struct relay *relay, struct connection *connection, struct way *way)
{
	size_t done = pass_on(relay, connection, way, buffer_bytes(&way->held), way->held.length);

	buffer_drop(&relay->buffers, &way->held, done);
}

/* ---- Reading ---- */

static void take_end(struct relay *relay, struct connection *connection, struct way *way)
{
	way->ended = true;
	if (way->held.length == 0)
		return;
	sipalg_stream_give_up(&way->stream); /* nothing will finish it: it goes on as it is */
	held_pass_on(relay, connection, way);
}

/* What lies in relay.received: what the way holds, and `length` bytes more. */
static void take_bytes(struct relay *relay, struct connection *connection, struct way *way, size_t length)
{
	size_t held = way->held.length, done = pass_on(relay, connection, way, relay->received, held + length);
	size_t kept = done > 0 ? 0 : held; /* of the rest, what is in its place already */

	if (done > 0)
		buffer_clear(&relay->buffers, &way->held);
	if (!buffer_append(&relay->buffers, &way->held, relay->received + done + kept, held + length - done - kept))
		connection->broken = true;
}

/* How many bytes may be read, so that there is room for them whatever they are. A buffer may be filled up in any case:
 * so a message can end although others have taken all the room. */
static size_t read_max(const struct relay *relay, const struct way *way)
{
	size_t room = buffers_room(&relay->buffers);

	if (room < RELAY_ROOM_MIN)
		return way->held.capacity - way->held.length;
	return room < RELAY_READ_MAX ? room : RELAY_READ_MAX;
}

static enum progress way_read(struct relay *relay, struct connection *connection, struct way *way)
{
	struct side *near = near_end(connection, way);
	size_t asked = read_max(relay, way);
	ssize_t length;

	if (asked == 0)
		return PROGRESS_STARVED;
	if (way->held.length > 0)
		memcpy(relay->received, buffer_bytes(&way->held), way->held.length);
	length = recv(near->descriptor, relay->received + way->held.length, asked, MSG_DONTWAIT);
	if (length == 0)
		take_end(relay, connection, way);
	if (length < 0 && errno != EAGAIN && errno != EINTR)
		connection->broken = true;
	/* Less than was asked for is all there is, unless an end of data follows or an urgent byte. */
	if (length <= 0 || ((size_t)length < asked && !near->hung_up && !near->urgent))
		near->readable = length < 0 && errno == EINTR;
	if (length > 0)
		take_bytes(relay, connection, way, (size_t)length);
	return near->readable && way->waiting.length == 0 ? PROGRESS_MORE : PROGRESS_IDLE;
}

/* ---- A turn ---- */

static enum progress way_move(struct relay *relay, struct connection *connection, struct way *way)
{
	struct way *back = &connection->ways[1 - way->index];
	enum progress progress = PROGRESS_IDLE;

	/* What answers a stream that is not SIP is not taken for SIP. */
	if (way->stream.kind == SIPALG_STREAM_UNDECIDED && is_foreign(back)) {
		sipalg_stream_give_up(&way->stream);
		way->stopped = true;
	}
	if (way->stopped)
		held_pass_on(relay, connection, way);
	if (is_foreign(way) && way->held.length == 0 && way_splice(relay, connection, way, &progress))
		return progress;
	if (way->ended || !near_end(connection, way)->readable || !far_end(connection, way)->writable)
		return PROGRESS_IDLE;
	return way_read(relay, connection, way);
}

static uint8_t age_of(const struct way *way)
{
	if (way->waiting.length > 0)
		return AGES_BLOCKED;
	if (way->held.length == 0 || way->stopped)
		return AGES_NONE;
	return way->stream.kind == SIPALG_STREAM_UNDECIDED ? AGES_UNDECIDED : AGES_UNFINISHED;
}

static void way_set_age(struct relay *relay, struct way *way)
{
	uint8_t aging = age_of(way);

	if (aging == way->aging)
		return;
	way->aging = aging;
	way->since_ns = relay->now_ns;
	if (aging == AGES_NONE)
		list_remove(&way->age);
	else
		list_append(&relay->ages[aging], &way->age);
}

static void way_close(struct connection *connection, struct way *way)
{
	if (!way->ended || way->closed || way->held.length + way->waiting.length > 0)
		return;
	way->closed = true;
	(void)shutdown(far_end(connection, way)->descriptor, SHUT_WR); /* fails only on what a reset has ended */
}

enum progress way_work(struct relay *relay, struct connection *connection, struct way *way)
{
	enum progress progress = PROGRESS_IDLE;

	if (way->closed)
		return PROGRESS_IDLE;
	if (waiting_write(relay, connection, way))
		progress = way_move(relay, connection, way);
	way_close(connection, way);
	way_set_age(relay, way);
	return progress;
}

void way_give_up(struct relay *relay, struct way *way)
{
	sipalg_stream_give_up(&way->stream);
	relay->counters.given_up++;
	way->stopped = true;
	way_set_age(relay, way);
}

void way_end(struct relay *relay, struct way *way)
{
	list_remove(&way->age);
	buffer_clear(&relay->buffers, &way->held);
	buffer_clear(&relay->buffers, &way->waiting);
	pipe_return(&relay->pipes, &way->pipe);
}
