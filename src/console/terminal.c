/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/terminal.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_WHEN_UNKNOWN = 80, WIDTH_MIN = 40 };

static size_t terminal_width(void)
{
	struct winsize size = { 0 };
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH_WHEN_UNKNOWN;
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
}

/* NO_COLOR: https://no-color.org, counts when set and not empty. */
struct terminal terminal_find(void)
{
	const char *no_color = getenv("NO_COLOR"), *kind = getenv("TERM");
	bool is_terminal = isatty(STDOUT_FILENO) == 1;
	bool dumb = kind == NULL || strcmp(kind, "dumb") == 0;
	return (struct terminal){
		.colours = is_terminal && !dumb && (no_color == NULL || no_color[0] == '\0'),
		.width = is_terminal ? terminal_width() : SIZE_MAX,
		.arrow = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "\xe2\x86\x92" : "->",
	};
}

const char *terminal_style(const struct terminal *terminal, enum style style)
{
	static const char codes[STYLE_COUNT][8] = {
		"\033[0m", "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[33m"
	};
	return terminal->colours ? codes[style] : "";
}

const char *duration_text(uint64_t seconds, char out[DURATION_TEXT_MAX])
{
	uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
	if (days > 0)
		snprintf(out, DURATION_TEXT_MAX, "%" PRIu64 " d %" PRIu64 " h", days, hours % 24);
	else if (hours > 0)
		snprintf(out, DURATION_TEXT_MAX, "%" PRIu64 " h %" PRIu64 " min", hours, minutes % 60);
	else if (minutes > 0)
		snprintf(out, DURATION_TEXT_MAX, "%" PRIu64 " min %" PRIu64 " s", minutes, seconds % 60);
	else
		snprintf(out, DURATION_TEXT_MAX, "%" PRIu64 " s", seconds);
	return out;
}

const char *count_text(uint64_t count, char out[COUNT_TEXT_MAX])
{
	char digits[COUNT_TEXT_MAX];
	int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
	char *at = out;
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}
