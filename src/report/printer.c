/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/printer.h"

#include "report/letters.h"
#include "report/words.h"

#include <inttypes.h>

enum { PROSE_WIDTH_MAX = 100 };

struct printer printer_create(const struct terminal *terminal, bool everything, FILE *out)
{
	return (struct printer){
		.terminal = terminal,
		.out = out,
		.width = terminal->width < PROSE_WIDTH_MAX ? terminal->width : PROSE_WIDTH_MAX,
		.plain_only = terminal->arrow[0] == '-',
		.everything = everything,
	};
}

const char *printer_style(const struct printer *printer, enum style style)
{
	return terminal_style(printer->terminal, style);
}

void printer_blanks(const struct printer *printer, size_t count)
{
	fprintf(printer->out, "%*s", (int)count, "");
}

/* `out` may be NULL: then the columns are only counted. */
static size_t put_text(const struct printer *printer, struct text text, FILE *out)
{
	char shown[LETTER_TEXT_MAX];
	size_t columns = 0;
	while (!text_is_empty(text)) {
		struct letter letter = letter_next(text);
		columns += letter_write(text, letter, printer->plain_only, shown);
		if (out != NULL)
			fputs(shown, out);
		text = text_from(text, letter.length);
	}
	return columns;
}

size_t printer_text(const struct printer *printer, const char *text)
{
	return put_text(printer, (struct text){ text, strlen(text) }, printer->out);
}

static struct text next_word(struct text rest)
{
	const char *blank = memchr(rest.start, ' ', rest.length);
	return blank == NULL ? rest : text_first(rest, (size_t)(blank - rest.start));
}

void printer_paragraph(const struct printer *printer, size_t indent, const char *label, size_t hang, const char *text)
{
	struct text rest = { text, strlen(text) };
	printer_blanks(printer, indent);
	size_t column = indent + printer_text(printer, label);
	bool begun = false;
	if (column < hang) {
		printer_blanks(printer, hang - column);
		column = hang;
	}
	while (!text_is_empty(rest)) {
		struct text word = next_word(rest);
		size_t columns = put_text(printer, word, NULL);
		if (begun && column + 1 + columns > printer->width) {
			fputc('\n', printer->out);
			printer_blanks(printer, hang);
			column = hang;
		} else if (begun) {
			fputc(' ', printer->out);
			column++;
		}
		column += put_text(printer, word, printer->out);
		begun = true;
		rest = text_from(rest, word.length + 1);
	}
	fputc('\n', printer->out);
}

static void print_hop(const struct printer *printer, const struct hop *hop)
{
	enum style style = hop->suspect || hop->state == HOP_ALTERED ? STYLE_BAD : STYLE_PLAIN;
	fprintf(printer->out, "  %3u  %s", hop->ttl, printer_style(printer, style));
	size_t column = printer_text(printer, hop->address != NULL ? hop->address : "*");
	if (hop->name != NULL) {
		fputs(" (", printer->out);
		column += 3 + printer_text(printer, hop->name);
		fputc(')', printer->out);
	}
	printer_blanks(printer, column < 40 ? 40 - column : 1);
	if (hop->delay_us > 0)
		fprintf(printer->out, "%4" PRIu64 ".%01u ms  ", hop->delay_us / 1000,
		        (unsigned)(hop->delay_us % 1000 / 100));
	else
		printer_blanks(printer, 11);
	fprintf(printer->out, "%s%s\n", hop_state_sentence(hop->state), printer_style(printer, STYLE_PLAIN));
	if (hop->detail != NULL)
		printer_paragraph(printer, 7, "", 7, hop->detail);
	if (hop->suspect)
		printer_paragraph(printer, 7, "", 7, "^ what changes SIP is this hop, or stands right before it");
}

void printer_hops(const struct printer *printer, const struct hop *hops, size_t count)
{
	for (size_t i = 0; i < count; i++)
		print_hop(printer, &hops[i]);
}
