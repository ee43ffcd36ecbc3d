/* Reading PhysioNet WFDB records: the header (.hea), the signal files it names, and annotation files (.atr and others).

Written from the published format descriptions (header(5), signal(5), annot(5)), because the reference library is not
packaged everywhere and trusts its input. Nothing in a header is believed: counts have limits, files must be regular
files beside the header, and a signal file shorter than the header promises is refused with the count that is there.
Samples are read in blocks by position, so a day of signal needs no more memory than a second.

Read: one segment, one sample per frame, formats 16, 24, 32, 61, 80, 160, 212, 310, 311, LF or CRLF header lines.
Not read (HL_UNSUPPORTED, saying which): multi-segment records, several samples per frame, skewed signals, other
formats. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "ecg/chunk.h"

enum {
    WFDB_MAX_SIGNALS = 64,
    WFDB_MAX_COMMENTS = 1024,
    WFDB_MAX_HEADER_BYTES = 1 << 20,
    WFDB_MAX_ANNOTATION_BYTES = 1 << 26,
};

#define WFDB_MISSING INT32_MIN /* what wfdb_read_adu gives where no sample was taken */

/* What the physical values of a signal are. */
enum wfdb_quantity {
    WFDB_MILLIVOLTS = 0, /* a voltage; values are given in mV whatever the header's unit was (nV, uV, mV, V) */
    WFDB_COUNTS,         /* gain 0 or none: uncalibrated, values are the converter's counts as they stand */
    WFDB_OTHER,          /* calibrated in another unit (mmHg, bpm ...); values are in `units` */
};

struct wfdb_signal {
    char file[80];            /* beside the header; no folder in it */
    char name[64];            /* the description; "signal 3" when there is none. Cut when longer */
    char units[24];           /* as the header writes it, "mV" when it writes none */
    double gain_adu_per_unit; /* finite; 0 when uncalibrated; negative in an inverted signal */
    double baseline_adu;      /* the count that means 0 units */
    enum wfdb_quantity quantity;
    int format;           /* 16, 212 ... */
    int64_t offset_bytes; /* of the first sample in `file` */
    int resolution_bits;  /* 0: not said */
    int32_t first_adu;    /* declared value of sample 0; only with has_first */
    int32_t checksum;     /* declared sum of all samples modulo 2^16; only with has_checksum */
    bool has_first;
    bool has_checksum;
    bool has_lead; /* the name is that of a lead; `lead` is valid only then */
    enum ecg_lead lead;
};

struct wfdb_files;

/* An open record. Visible to be read; made and freed only by the functions below. */
struct wfdb_record {
    char name[64];
    double fs_hz;         /* samples per second of each signal, > 0 */
    int64_t sample_count; /* of each signal */
    size_t signal_count;  /* 0 .. WFDB_MAX_SIGNALS */
    struct wfdb_signal signals[WFDB_MAX_SIGNALS];

    /* When recording began. Headers name no zone; it is taken as UTC. Needs both a time and a date in the header. */
    bool has_start;
    int64_t start_us;

    size_t comment_count;
    const char *comments[WFDB_MAX_COMMENTS]; /* without '#' and the blanks around */

    /* The signals that become leads of a chunk: known names, each lead once (the first that bears it), all of one
       unit: millivolts when any of them is calibrated, else counts. */
    size_t lead_count;
    size_t lead_signals[ECG_MAX_LEADS]; /* indexes into `signals` */
    enum ecg_units lead_units;

    struct wfdb_files *files; /* NULL when only a header was parsed */
    char *text;               /* what the comments point into */
};

/* Open PATH.hea and the signal files it names. `record_path` is the path without ".hea" (with it is taken too).
   On success the caller owns *out and ends it with wfdb_close; on failure *out is NULL.
   HL_NOT_FOUND, HL_IO, HL_INVALID (malformed or truncated), HL_UNSUPPORTED, HL_TOO_LARGE, HL_NO_MEMORY; `error->field`
   names the file. A record whose header gives no length has the length of its signal files. */
HL_MUST_CHECK hl_result wfdb_open(const char *record_path, struct wfdb_record **out, struct hl_error *error);

/* The header alone, from memory: no file is touched, samples cannot be read. sample_count is 0 when the header does not
   say. Ownership and errors as wfdb_open. */
HL_MUST_CHECK hl_result wfdb_header_parse(const char *text, size_t length, struct wfdb_record **out,
                                          struct hl_error *error);

/* NULL is allowed. */
void wfdb_close(struct wfdb_record *record);

/* Samples first .. first+count-1 of every signal s into out[s][0 .. count-1] in physical values (enum wfdb_quantity
   says which), NAN where missing. `out` has signal_count entries; a NULL entry skips that signal. HL_INVALID when the
   range does not lie inside the record. */
HL_MUST_CHECK hl_result wfdb_read(struct wfdb_record *record, int64_t first, size_t count, float *const out[],
                                  struct hl_error *error);

/* The same as raw counts, WFDB_MISSING where missing. */
HL_MUST_CHECK hl_result wfdb_read_adu(struct wfdb_record *record, int64_t first, size_t count, int32_t *const out[],
                                      struct hl_error *error);

/* What reading every sample showed about one signal. */
struct wfdb_check {
    int32_t first_adu;     /* as stored */
    uint16_t checksum;     /* as computed */
    bool first_matches;    /* true also when the header declares none */
    bool checksum_matches; /* likewise */
    int64_t missing_count; /* samples marked as missing */
};

/* Read the whole record and compare it with its header; `checks` has signal_count entries. HL_OK means that the reading
   worked, not that all matched: some databases publish checksums of 0, so the caller decides. */
HL_MUST_CHECK hl_result wfdb_verify(struct wfdb_record *record, struct wfdb_check checks[], struct hl_error *error);

/* Samples first .. first+count-1 of the leads as a chunk. `record_start_us` is the time given to sample 0 of the record
   (microseconds since 1970 UTC); the chunk's own time follows from it and `first`, so that chunks never drift.
   `buffer` has room for lead_count * count floats, stays the caller's, and out->samples point into it.
   HL_UNSUPPORTED when no signal is a known lead. */
HL_MUST_CHECK hl_result wfdb_chunk(struct wfdb_record *record, int64_t first, size_t count, int64_t record_start_us,
                                   float *buffer, size_t buffer_floats, struct ecg_chunk *out, struct hl_error *error);

/* One kind of annotation, by the codes of MIT-BIH. */
struct wfdb_code {
    unsigned type;    /* 1 .. 49, the number in the file; never changes meaning */
    char mnemonic;    /* 'N', 'V', '+' ... */
    bool is_beat;     /* marks a heart beat; false for rhythm, noise, waves, flutter waves, comments */
    const char *text; /* "premature ventricular contraction" */
};

/* NULL when there is no such code. */
const struct wfdb_code *wfdb_code_by_type(unsigned type);
const struct wfdb_code *wfdb_code_by_mnemonic(char mnemonic);

struct wfdb_annotation {
    int64_t sample; /* since the record began, in ticks of time_resolution_hz when that is not 0; may be < 0 */
    unsigned type;  /* wfdb_code.type; 42 .. 49 are the annotator's own */
    char mnemonic;  /* that of the type, ' ' for a type without one */
    bool is_beat;
    int subtype;     /* -128 .. 127, 0 when not given */
    int channel;     /* 0 .. 255: the signal it is about; stays until changed */
    int number;      /* -128 .. 127; stays until changed */
    const char *aux; /* text such as "(AFIB"; NULL when none */
};

struct wfdb_annotations {
    size_t count;
    struct wfdb_annotation *items; /* in the order of the file */
    double time_resolution_hz;     /* ticks per second if the file states its own; 0: the record's samples */
    char *aux_pool;                /* what aux points into */
};

/* Read PATH.ANNOTATOR ("100", "atr"). On success the caller owns *out and ends it with wfdb_annotations_free. Errors as
   wfdb_open; a file that ends before its end mark is HL_INVALID, naming how many annotations were whole. */
HL_MUST_CHECK hl_result wfdb_annotations_read(const char *record_path, const char *annotator,
                                              struct wfdb_annotations **out, struct hl_error *error);

/* The same from memory. */
HL_MUST_CHECK hl_result wfdb_annotations_parse(const uint8_t *bytes, size_t length, struct wfdb_annotations **out,
                                               struct hl_error *error);

/* NULL is allowed. */
void wfdb_annotations_free(struct wfdb_annotations *annotations);
