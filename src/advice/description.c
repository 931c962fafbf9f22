/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/description.h"

#include <expat.h>
#include <string.h>
#include <strings.h>

enum { CONTENT_MAX = 256 };

struct reader {
	XML_Parser parser;
	struct evidence *evidence;
	int kind; /* of the element that is open; -1: none that counts */
	char content[CONTENT_MAX];
	size_t length;
};

static int kind_of(const char *element)
{
	static const struct {
		const char *name;
		enum evidence_kind kind;
	} elements[] = {
		{ "manufacturer", EVIDENCE_MANUFACTURER },  { "modelName", EVIDENCE_MODEL },
		{ "modelNumber", EVIDENCE_MODEL_NUMBER },   { "modelDescription", EVIDENCE_MODEL_DESCRIPTION },
		{ "friendlyName", EVIDENCE_FRIENDLY_NAME },
	};
	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
		if (strcmp(elements[i].name, element) == 0)
			return (int)elements[i].kind;
	return -1;
}

static void XMLCALL begin(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *reader = context;
	(void)attributes;
	reader->kind = kind_of(name);
	reader->length = 0;
}

/* Devices within the root device come later: the first of each kind is kept. */
static void XMLCALL end(void *context, const XML_Char *name)
{
	struct reader *reader = context;
	(void)name;
	if (reader->kind >= 0)
		evidence_keep(reader->evidence, (enum evidence_kind)reader->kind,
		              (struct text){ reader->content, reader->length });
	reader->kind = -1;
}

static void XMLCALL content(void *context, const XML_Char *bytes, int length)
{
	struct reader *reader = context;
	size_t room = CONTENT_MAX - reader->length, taken = (size_t)length < room ? (size_t)length : room;
	if (reader->kind < 0)
		return;
	memcpy(reader->content + reader->length, bytes, taken);
	reader->length += taken;
}

/* A description needs no document type; entities in one are an attack. */
static void XMLCALL refuse(void *context, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                           int has_internal_subset)
{
	struct reader *reader = context;
	(void)name;
	(void)system;
	(void)public;
	(void)has_internal_subset;
	XML_StopParser(reader->parser, XML_FALSE);
}

void description_read(struct text xml, struct evidence *evidence)
{
	struct reader reader = { .parser = XML_ParserCreate(NULL), .evidence = evidence, .kind = -1 };
	if (reader.parser == NULL)
		return;
	XML_SetUserData(reader.parser, &reader);
	XML_SetElementHandler(reader.parser, begin, end);
	XML_SetCharacterDataHandler(reader.parser, content);
	XML_SetStartDoctypeDeclHandler(reader.parser, refuse);
	(void)XML_Parse(reader.parser, xml.start, (int)xml.length, XML_TRUE);
	XML_ParserFree(reader.parser);
}

static const char *find(struct text text, const char *word)
{
	size_t length = strlen(word);
	for (size_t i = 0; i + length <= text.length; i++)
		if (strncasecmp(text.start + i, word, length) == 0)
			return text.start + i;
	return NULL;
}

void title_read(struct text html, struct evidence *evidence)
{
	const char *start = find(html, "<title");
	if (start == NULL)
		return;
	struct text rest = text_from(html, (size_t)(start - html.start));
	const char *begin_of_title = memchr(rest.start, '>', rest.length);
	if (begin_of_title == NULL)
		return;
	rest = text_from(rest, (size_t)(begin_of_title - rest.start) + 1);
	const char *end_of_title = find(rest, "</title");
	if (end_of_title != NULL)
		evidence_keep(evidence, EVIDENCE_HTTP_TITLE, text_first(rest, (size_t)(end_of_title - rest.start)));
}
