/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/fetch.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { CONNECT_MS = 1500, WHOLE_MS = 2500, REDIRECTS_MAX = 3 };

/* A redirection, or a description's address, may name any host: only the gateway is spoken to. */
static curl_socket_t open_to_gateway(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	const struct gateway *gateway = context;
	struct sockaddr_in to;
	if (purpose != CURLSOCKTYPE_IPCXN || address->family != AF_INET || address->addrlen < sizeof to)
		return CURL_SOCKET_BAD;
	memcpy(&to, &address->addr, sizeof to);
	if (to.sin_addr.s_addr != gateway->address.s_addr)
		return CURL_SOCKET_BAD;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* What goes beyond the limit ends the transfer; what came stays. */
static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct page *page = context;
	size_t length = size * count, room = FETCH_MAX - page->length, taken = length < room ? length : room;
	memcpy(page->body + page->length, bytes, taken);
	page->length += taken;
	page->body[page->length] = '\0';
	return taken;
}

static void keep_header(char kept[FETCH_HEADER_MAX], const char *start, size_t length)
{
	while (length > 0 && *start == ' ') {
		start++;
		length--;
	}
	length = length < FETCH_HEADER_MAX ? length : FETCH_HEADER_MAX - 1;
	memcpy(kept, start, length);
	kept[length] = '\0';
	kept[strcspn(kept, "\r\n")] = '\0';
}

static void keep_realm(struct page *page, struct text line)
{
	static const char realm[] = "realm=\"";
	const char *at = memmem(line.start, line.length, realm, sizeof realm - 1);
	if (at == NULL)
		return;
	struct text rest = text_from(line, (size_t)(at - line.start) + sizeof realm - 1);
	size_t end = text_find(rest, '"');
	if (end < rest.length)
		keep_header(page->realm, rest.start, end);
}

void page_read_header(struct page *page, struct text line)
{
	static const char server[] = "Server:", challenge[] = "WWW-Authenticate:";
	struct text value = text_from(line, sizeof server - 1);
	if (line.length > sizeof server && strncasecmp(line.start, server, sizeof server - 1) == 0)
		keep_header(page->server, value.start, value.length);
	if (line.length > sizeof challenge && strncasecmp(line.start, challenge, sizeof challenge - 1) == 0)
		keep_realm(page, line);
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
	page_read_header(context, (struct text){ bytes, size * count });
	return size * count;
}

/* Routers have certificates of their own making: what is read is not trusted anyhow. */
static bool prepare(CURL *curl, const struct gateway *gateway, const char *url, struct page *page)
{
	void *speaker = (void *)(uintptr_t)gateway;
	return curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)WHOLE_MS) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_to_gateway) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, speaker) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, page) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HEADERDATA, page) == CURLE_OK;
}

bool page_fetch(const struct gateway *gateway, const char *url, struct page *page)
{
	CURL *curl = curl_easy_init();
	*page = (struct page){ .body = malloc(FETCH_MAX + 1) };
	if (curl == NULL || page->body == NULL || !prepare(curl, gateway, url, page)) {
		curl_easy_cleanup(curl);
		return false;
	}
	page->body[0] = '\0';
	CURLcode result = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	return result == CURLE_OK || page->length > 0 || page->server[0] != '\0' || page->realm[0] != '\0';
}

void page_clear(struct page *page)
{
	free(page->body);
	*page = (struct page){ 0 };
}
