/* The clerk: looks in the database for what is asked of virtual patients and passes it on to the ward. The ward itself
never waits for the database.

An anomaly is passed on first and taken out of the database then. What is being taken out is remembered until
the database has said that it is done; so an answer that is lost on the way neither loses an
anomaly nor injects it twice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "live.h"
#include "live_bell.h"
#include "live_orders.h"
#include "store/virtual.h"

enum { LOOK_MS = 1000, PASSED_MAX = 1000 };

/* A patient the ward has been told of. */
struct known {
    struct known *next;
    char patient[NEWS_PATIENT_SIZE];
    bool seen; /* in the list that is being read */
};

struct clerk {
    struct live *live;
    struct known *known;
    int64_t passed[PASSED_MAX], passed_us[PASSED_MAX]; /* commands passed on and not yet taken out */
    size_t passed_count;
};

static struct order *new_order(enum order_kind kind, const char *patient)
{
    struct order *order = calloc(1, sizeof *order);
    if (!order)
        return NULL;
    order->kind = kind;
    snprintf(order->patient, sizeof order->patient, "%s", patient);
    return order;
}

static void give(struct clerk *clerk, struct order *order)
{
    if (order)
        mailbox_post(clerk->live->ward_orders, &order->mail);
}

static struct known *find_known(const struct clerk *clerk, const char *patient)
{
    struct known *known = clerk->known;
    while (known && strcmp(known->patient, patient) != 0)
        known = known->next;
    return known;
}

static void see_patient(void *context, const struct virtual_row *row)
{
    struct clerk *clerk = context;
    struct known *known = find_known(clerk, row->patient);
    if (known) {
        known->seen = true;
        return;
    }
    known = calloc(1, sizeof *known);
    struct order *order = new_order(ORDER_ADD, row->patient);
    if (!known || !order) {
        free(known);
        free(order);
        return;
    }
    memcpy(known->patient, order->patient, sizeof known->patient);
    known->seen = true;
    known->next = clerk->known;
    clerk->known = known;
    snprintf(order->session, sizeof order->session, "%s", row->session_id);
    snprintf(order->name, sizeof order->name, "%s", row->name);
    order->session_key = row->session_key;
    order->start_us = row->start_us;
    order->seed = row->seed;
    order->heart_rate_bpm = row->heart_rate_bpm;
    give(clerk, order);
}

static void dismiss_unseen(struct clerk *clerk)
{
    for (struct known **link = &clerk->known; *link;) {
        struct known *known = *link;
        if (known->seen) {
            known->seen = false;
            link = &known->next;
            continue;
        }
        *link = known->next;
        give(clerk, new_order(ORDER_REMOVE, known->patient));
        free(known);
    }
}

static bool was_passed(const struct clerk *clerk, int64_t command_id)
{
    for (size_t i = 0; i < clerk->passed_count; i++)
        if (clerk->passed[i] == command_id)
            return true;
    return false;
}

/* What is asked of a patient the ward does not know yet waits for the next look. */
static void see_order(void *context, const struct virtual_order *row)
{
    struct clerk *clerk = context;
    if (was_passed(clerk, row->command_id) || clerk->passed_count == PASSED_MAX || !find_known(clerk, row->patient))
        return;
    struct order *order = new_order(ORDER_ANOMALY, row->patient);
    if (!order)
        return;
    snprintf(order->anomaly, sizeof order->anomaly, "%s", row->anomaly);
    order->time_us = clock_now_us();
    clerk->passed[clerk->passed_count] = row->command_id;
    clerk->passed_us[clerk->passed_count++] = order->time_us;
    give(clerk, order);
}

static hl_result pass_orders(struct clerk *clerk, struct db *db)
{
    hl_result code = virtual_orders(db, see_order, clerk);
    if (code == HL_OK && clerk->passed_count > 0)
        code = virtual_orders_done(db, clerk->passed, clerk->passed_us, clerk->passed_count);
    if (code == HL_OK)
        clerk->passed_count = 0;
    return code;
}

static void look(struct clerk *clerk, struct db *db)
{
    if (virtual_load(db, see_patient, clerk) != HL_OK) {
        for (struct known *known = clerk->known; known; known = known->next)
            known->seen = false;
        return;
    }
    dismiss_unseen(clerk);
    if (pass_orders(clerk, db) != HL_OK)
        log_warning("what is asked of virtual patients cannot be read");
}

void *clerk_main(void *argument)
{
    struct clerk clerk = {.live = argument};
    struct db *db = NULL;
    if (db_open(clerk.live->database, LIVE_PATIENCE_MS, &db) != HL_OK) {
        log_error("out of memory");
        exit(1);
    }
    while (!atomic_load(&clerk.live->stopping)) {
        look(&clerk, db);
        bell_wait(clerk.live->ward_bell, LOOK_MS);
    }
    db_close(db);
    while (clerk.known) {
        struct known *known = clerk.known;
        clerk.known = known->next;
        free(known);
    }
    return NULL;
}
