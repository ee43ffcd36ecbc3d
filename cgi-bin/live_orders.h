/* What travels between the clerk, the ward and the writer. Each piece is allocated by the sender and freed by the
receiver. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/mailbox.h"
#include "ecg/lead.h"
#include "sim/heart.h"
#include "store/results.h"
#include "stream/news.h"

enum order_kind { ORDER_ADD, ORDER_REMOVE, ORDER_ANOMALY };

/* clerk -> ward */
struct order {
    struct mail mail;
    enum order_kind kind;
    char patient[NEWS_PATIENT_SIZE];
    char session[NEWS_SESSION_SIZE]; /* ORDER_ADD, and the rest of it: */
    char name[804];                  /* 200 characters of UTF-8 */
    int64_t session_key, start_us;
    int64_t seed;
    double heart_rate_bpm;
    char anomaly[NEWS_WORD_SIZE]; /* ORDER_ANOMALY, and: */
    int64_t time_us;              /* under which it stands in the patient's events */
};

enum { ROW_SIGNAL_SECONDS = 4 };

enum row_kind { ROW_SIGNAL, ROW_BEAT, ROW_FINDING };

/* ward -> writer: signal of all twelve leads, a beat with its waves, or anything else that was found. */
struct row {
    struct mail mail;
    enum row_kind kind;
    int64_t session_key;
    int64_t time_us; /* of the first sample, or of the R peak */
    int64_t n;
    union {
        struct {
            double fs_hz;
            size_t sample_count, capacity; /* of each lead */
        } signal;
        struct {
            bool truth; /* known to the simulator; otherwise found */
            char code;
            enum ecg_lead lead;
            float amplitude;
            double rr_ms, heart_rate_bpm;
            bool has_waves;
            struct stored_waves waves;
        } beat;
        struct {
            enum finding kind;
            size_t length; /* of the JSON that lies in `samples` */
        } finding;
    };
    float samples[]; /* lead l begins at l * capacity */
};

/* How much memory a row takes, for the writer's bound. */
size_t row_bytes(const struct row *row);
