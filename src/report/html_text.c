/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/html.h"

#include "report/letters.h"

static void write_letter(FILE *out, struct text rest, struct letter letter)
{
	static const char special[] = "<>&\"'";
	static const char *const names[] = { "&lt;", "&gt;", "&amp;", "&quot;", "&#39;" };
	char shown[LETTER_TEXT_MAX];
	const char *found = letter.code != 0 && letter.code < 0x80 ? strchr(special, (int)letter.code) : NULL;
	if (found != NULL) {
		fputs(names[found - special], out);
	} else if (letter_is_visible(letter)) {
		fwrite(rest.start, 1, letter.length, out);
	} else {
		letter_write(rest, letter, true, shown);
		fprintf(out, "<i class=\"escape\">%s</i>", shown);
	}
}

void html_bytes(FILE *out, struct text text)
{
	while (!text_is_empty(text)) {
		struct letter letter = letter_next(text);
		write_letter(out, text, letter);
		text = text_from(text, letter.length);
	}
}

void html_text(FILE *out, const char *text)
{
	html_bytes(out, (struct text){ text, strlen(text) });
}

/* In a picture there is no room for escapes in another style. */
size_t html_text_cut(FILE *out, const char *text, size_t letters_max)
{
	struct text rest = { text, strlen(text) };
	size_t letters = 0;
	for (; !text_is_empty(rest) && letters < letters_max; letters++) {
		struct letter letter = letter_next(rest);
		if (letter_is_visible(letter))
			write_letter(out, rest, letter);
		else
			fputs("?", out);
		rest = text_from(rest, letter.length);
	}
	if (!text_is_empty(rest))
		fputs("\xe2\x80\xa6", out);
	return letters + !text_is_empty(rest);
}

void html_element(FILE *out, const char *element, const char *class, const char *text)
{
	if (class != NULL)
		fprintf(out, "<%s class=\"%s\">", element, class);
	else
		fprintf(out, "<%s>", element);
	html_text(out, text);
	fprintf(out, "</%s>\n", element);
}
