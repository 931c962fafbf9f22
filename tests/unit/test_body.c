/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"
#include "walk.h"

#include "sip/body.h"

#define HEAD                                                                                                           \
	"INVITE sip:c@d SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"          \
	"Call-ID: x@y\r\nCSeq: 7 INVITE\r\n"

static bool find(const char *headers, const char *body, struct sip_body *found)
{
	static char bytes[8192];
	static struct sip_message message;
	snprintf(bytes, sizeof(bytes), "%s%s\r\n%s", HEAD, headers, body);
	assert_int_equal(sip_message_parse(text_of(bytes), &message), SIP_WHOLE);
	return sip_body_find_sdp(&message, found);
}

static void sdp_is_found_by_its_type(void **state)
{
	static const struct {
		const char *header;
		size_t count;
	} cases[] = {
		{ "Content-Type: application/sdp\r\n", 1 },
		{ "c:Application/SDP\r\n", 1 },
		{ "C:\r\n application / sdp ; charset=utf-8\r\n", 1 },
		{ "Content-Type: application/sdpx\r\n", 0 },
		{ "Content-Type: xapplication/sdp\r\n", 0 },
		{ "Content-Type: text/sdp\r\n", 0 },
		{ "Content-Type: message/sipfrag\r\n", 0 },
		{ "Content-Type: application/trickle-ice-sdpfrag\r\n", 0 },
		{ "Content-Type: sdp\r\n", 0 },
		{ "Content-Type:\r\n", 0 },
		{ "", 0 },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		struct sip_body body;
		assert_true(find(cases[index].header, "v=0\r\n", &body));
		if (body.sdp_count != cases[index].count)
			fail_msg("%s: %zu", cases[index].header, body.sdp_count);
		assert_false(body.is_sealed);
		if (body.sdp_count == 1)
			assert_text(body.sdp[0], "v=0\r\n");
	}
}

static void an_empty_body_holds_nothing(void **state)
{
	struct sip_body body;
	(void)state;
	assert_true(find("Content-Type: application/sdp\r\nContent-Length: 0\r\n", "v=0\r\n", &body));
	assert_int_equal(body.sdp_count, 0);
}

static void sealed_bodies_are_told(void **state)
{
	static const struct {
		const char *headers;
		bool is_sealed;
	} cases[] = {
		{ "Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n", true },
		{ "Content-Type: application/sdp\r\ne: Identity\r\n", false },
		{ "Content-Type: multipart/signed;boundary=x\r\n", true },
		{ "Content-Type: multipart/encrypted;boundary=x\r\n", true },
		{ "Content-Type: application/PKCS7-mime; smime-type=enveloped-data\r\n", true },
		{ "c: application/sdp\r\nAuthorization: Digest username=\"a\", qop=auth-int, nc=1\r\n", true },
		{ "c: application/sdp\r\nAuthorization: Digest username=\"a\",qop=\"auth-int\"\r\n", true },
		{ "c: application/sdp\r\nProxy-Authorization: digest QOP = Auth-Int\r\n", true },
		{ "c: application/sdp\r\nProxy-Authorization: Digest username=\"a, qop=auth-int\", qop=auth\r\n",
		  false },
		{ "c: application/sdp\r\nProxy-Authorization: Digest username=\"a\"\r\n", false },
		{ "c: application/sdp\r\nAuthorization: Digest realm=\"x\",qop=auth,uri=\"sip:a@b;c=d,e\"\r\n"
		  "Authorization: Digest qop=auth-int\r\n",
		  true },
		{ "c: application/sdp\r\nAuthorization: Basic YTpi\r\n", false },
		{ "c: application/sdp\r\nAuthorization: Digest username=\"a, qop=auth\r\n", true }, /* cannot be read */
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		struct sip_body body;
		assert_true(find(cases[index].headers, "v=0\r\n", &body));
		if (body.is_sealed != cases[index].is_sealed || body.sdp_count != (cases[index].is_sealed ? 0 : 1))
			fail_msg("%s: sealed %d, %zu", cases[index].headers, body.is_sealed, body.sdp_count);
	}
}

static void parts_are_exact(void **state)
{
	static const char mixed[] =
	        "preamble\r\n--not\r\n--b-1 \t\r\nContent-Type: application/sdp\r\n\r\nv=0\r\ns=1\r\n"
	        "\r\n--b-1\r\ncontent-TYPE:\r\n Application/Sdp;x=y\r\nContent-Disposition: session\r\n"
	        "\r\nv=0\r\ns=2\r\n--b-1\nContent-Type: application/sdp\n\nv=0\ns=3\n--b-1x\n\n--b-1\r\n\r\n"
	        "v=0\r\n--b-1--\r\nepilogue\r\n--b-1\r\n";
	static const char *const types[] = {
		"Content-Type: multipart/mixed;boundary=b-1\r\n",
		"Content-Type: Multipart/Alternative ; charset=x ; BOUNDARY = \"b-1\"\r\n",
		"c: multipart/related;type=\"application/sdp\";boundary=b-1\r\n",
	};
	(void)state;
	for (size_t index = 0; index < sizeof(types) / sizeof(types[0]); index++) {
		struct sip_body body;
		assert_true(find(types[index], mixed, &body));
		assert_false(body.is_sealed);
		assert_int_equal(body.sdp_count, 3);
		assert_text(body.sdp[0], "v=0\r\ns=1\r\n"); /* the line end before the delimiter is the delimiter's */
		assert_text(body.sdp[1], "v=0\r\ns=2");
		assert_text(body.sdp[2], "v=0\ns=3\n--b-1x\n");
	}
}

static void parts_may_be_empty_or_without_headers(void **state)
{
	struct sip_body body;
	(void)state;
	assert_true(find("c: multipart/mixed;boundary=b\r\n", "--b\r\n--b\r\nContent-Type: application/sdp\r\n--b--",
	                 &body));
	assert_int_equal(body.sdp_count, 1);
	assert_text(body.sdp[0], "");
	assert_true(find("c: multipart/mixed;boundary=b\r\n", "--b--", &body));
	assert_int_equal(body.sdp_count, 0);
}

static void encoded_parts_are_passed_over(void **state)
{
	static const char mixed[] =
	        "--b\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: Base64\r\n\r\ndj0w\r\n"
	        "--b\r\nContent-Encoding: gzip\r\nContent-Type: application/sdp\r\n\r\nx\r\n"
	        "--b\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: BINARY\r\n\r\ny\r\n"
	        "--b--\r\n";
	struct sip_body body;
	(void)state;
	assert_true(find("c: multipart/mixed;boundary=b\r\n", mixed, &body));
	assert_int_equal(body.sdp_count, 1);
	assert_text(body.sdp[0], "y");
}

static const char nested[] = "--a\r\nContent-Type: multipart/alternative;boundary=b\r\n\r\n"
                             "--b\r\nContent-Type: multipart/related;boundary=\"c d\"\r\n\r\n"
                             "--c d\r\nContent-Type: application/sdp\r\n\r\n1\r\n--c d--\r\n"
                             "--b\r\nContent-Type: application/sdp\r\n\r\n2\r\n--b--\r\n"
                             "--a\r\nContent-Type: application/sdp\r\n\r\n3\r\n--a--\r\n";

static void bodies_may_be_nested(void **state)
{
	struct sip_body body;
	(void)state;
	assert_true(find("c: multipart/mixed;boundary=a\r\n", nested, &body));
	assert_int_equal(body.sdp_count, 3);
	assert_text(body.sdp[0], "1");
	assert_text(body.sdp[1], "2");
	assert_text(body.sdp[2], "3");
}

static void a_sealed_part_seals_the_body(void **state)
{
	struct sip_body body;
	(void)state;
	assert_true(find("c: multipart/mixed;boundary=a\r\n",
	                 "--a\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
	                 "--a\r\nContent-Type: application/pkcs7-mime\r\n\r\nx\r\n--a--",
	                 &body));
	assert_true(body.is_sealed);
	assert_int_equal(body.sdp_count, 0);
}

static void what_cannot_be_taken_apart_is_reported(void **state)
{
	static const struct {
		const char *headers, *body;
	} cases[] = {
		{ "c: multipart/mixed\r\n", "--a--" },              /* no boundary */
		{ "c: multipart/mixed;boundary=\"\"\r\n", "----" }, /* an empty one */
		{ "c: multipart/mixed;boundary=a\r\n", "x\r\n" },   /* no delimiter */
		{ "c: multipart/mixed;boundary=a\r\n",
		  "--a\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n" }, /* not closed */
		{ "c: multipart/mixed;boundary=a\r\n",
		  "--a\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\n\r\n--a--" }, /* the inner one is not
		                                                                                  closed */
		{ "c: multipart/mixed;boundary=a\r\n", "--a\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n"
		                                       "--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n"
		                                       "--c\r\nContent-Type: multipart/mixed;boundary=d\r\n\r\n"
		                                       "--d--\r\n--c--\r\n--b--\r\n--a--" }, /* four levels */
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		struct sip_body body;
		if (find(cases[index].headers, cases[index].body, &body))
			fail_msg("%s: was read", cases[index].body);
		assert_int_equal(body.sdp_count, 0);
	}
}

static void many_parts(char *out, size_t size, size_t parts, const char *type)
{
	size_t length = 0;
	for (size_t index = 0; index < parts; index++)
		length += (size_t)snprintf(out + length, size - length, "--a\r\nContent-Type: %s\r\n\r\nx\r\n", type);
	snprintf(out + length, size - length, "--a--");
}

static void parts_are_counted(void **state)
{
	static const char type[] = "c: multipart/mixed;boundary=a\r\n";
	char bytes[2048];
	struct sip_body body;
	(void)state;
	many_parts(bytes, sizeof(bytes), SIP_BODY_SDP_MAX, "application/sdp");
	assert_true(find(type, bytes, &body));
	assert_int_equal(body.sdp_count, SIP_BODY_SDP_MAX);
	many_parts(bytes, sizeof(bytes), SIP_BODY_SDP_MAX + 1, "application/sdp");
	assert_false(find(type, bytes, &body));
	assert_int_equal(body.sdp_count, 0);
	many_parts(bytes, sizeof(bytes), SIPALG_MULTIPART_PARTS_MAX, "text/plain");
	assert_true(find(type, bytes, &body));
	many_parts(bytes, sizeof(bytes), SIPALG_MULTIPART_PARTS_MAX + 1, "text/plain");
	assert_false(find(type, bytes, &body));
}

static void any_input_is_survived(void **state)
{
	char bytes[4096];
	(void)state;
	snprintf(bytes, sizeof(bytes),
	         "%sc: multipart/mixed;boundary=a\r\nAuthorization: Digest a=\"b\",qop=auth\r\n\r\n%s", HEAD, nested);
	try_everything(text_of(bytes), walk_message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sdp_is_found_by_its_type),
		cmocka_unit_test(an_empty_body_holds_nothing),
		cmocka_unit_test(sealed_bodies_are_told),
		cmocka_unit_test(parts_are_exact),
		cmocka_unit_test(parts_may_be_empty_or_without_headers),
		cmocka_unit_test(encoded_parts_are_passed_over),
		cmocka_unit_test(bodies_may_be_nested),
		cmocka_unit_test(a_sealed_part_seals_the_body),
		cmocka_unit_test(what_cannot_be_taken_apart_is_reported),
		cmocka_unit_test(parts_are_counted),
		cmocka_unit_test(any_input_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
