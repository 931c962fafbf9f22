/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ring of items that hold their own links: an item is in one list at most, and leaves it without a search. */
#ifndef PLANE_TCP_LIST_H
#define PLANE_TCP_LIST_H

#include <stdbool.h>

struct list {
	struct list *previous, *next;
};

/* An empty list, or an item that is in none. */
static inline void list_reset(struct list *list)
{
	list->previous = list->next = list;
}

static inline bool list_is_empty(const struct list *list)
{
	return list->next == list;
}

/* Fine for an item that is in no list. */
static inline void list_remove(struct list *item)
{
	item->previous->next = item->next;
	item->next->previous = item->previous;
	list_reset(item);
}

/* Puts the item last, and out of the list where it was. */
static inline void list_append(struct list *list, struct list *item)
{
	list_remove(item);
	item->previous = list->previous;
	item->next = list;
	list->previous->next = item;
	list->previous = item;
}

#endif
