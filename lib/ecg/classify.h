/* The class of a beat: normal, ventricular or atrial premature. What it looks at, how it decides and how good it is
stands at the head of classify.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecg/atrial.h"
#include "ecg/locate.h"
#include "ecg/shape.h"

enum { ECG_KINDS = 10, ECG_CLASSIFY_RR = 8 };

/* Beats of one shape. */
struct ecg_kind {
    double count; /* beats of it; what is long ago counts less */
    double early; /* mean of the RR before it over the usual RR */
    struct ecg_width width;
};

/* A beat is ventricular from these odds on (log, the classes weighed as in training): 9 to 11. At even odds a little
   more of what is called so is right, and a little less is found. */
#define ECG_VENTRICULAR (-0.2)

/* What a beat is judged by. "Normal" means the kind of beats taken for this person's normal ones. */
enum ecg_feature {
    ECG_F_BEST,         /* correlation of the QRS with the normal one in the lead where it is highest */
    ECG_F_WORST,        /* and where it is lowest */
    ECG_F_STRANGE,      /* log of the size of what differs over that usual of normal beats */
    ECG_F_END,          /* log of the size of what differs from R on over the normal beat's size there */
    ECG_F_EFFECTIVE,    /* log of the width (see shape.h) over the normal one */
    ECG_F_SPREAD,       /* likewise */
    ECG_F_EFFECTIVE_MS, /* the width itself, in tenths of a second */
    ECG_F_EARLY,        /* RR before over the usual RR */
    ECG_F_IRREGULAR,    /* median change of RR over the usual RR */
    ECG_F_KIND_NORMAL,  /* 1: its kind is the normal one */
    ECG_F_KIND_WIDTH,   /* log of its kind's width over the normal one */
    ECG_F_KIND_EARLY,   /* how early its kind comes */
    ECG_F_KIND_COUNT,   /* log of how many of its kind there were; beyond a few, more say no more */
    ECG_F_NOISE,        /* size of the noise over the QRS, in the best lead */
    ECG_F_ROUGH,        /* log of how jagged the signal is before the QRS, over the size of the normal QRS */
    ECG_FEATURES
};

struct ecg_classifier {
    size_t lead_count;
    double fs_hz;
    float *shapes; /* lent: one for each kind, and the beat's own */
    struct ecg_kind kinds[ECG_KINDS];
    int normal;                    /* the kind taken for normal, -1: none yet */
    int last_kind;                 /* of the beat before, -1: none */
    bool residue_known;            /* the next two are */
    float residue[ECG_MAX_LEADS];  /* sum of squares by which a normal QRS differs from the normal shape */
    float size[ECG_MAX_LEADS];     /* sum of squares of the normal QRS */
    double rr_ms[ECG_CLASSIFY_RR]; /* a ring */
    size_t rr_at, rr_count;
    struct ecg_atrial atrial;
    int shift;                    /* of the last beat against the normal shape */
    bool like_normal;             /* the last beat's QRS is a normal one in some lead */
    bool judged;                  /* the last beat's features are there */
    float features[ECG_FEATURES]; /* of the last beat */
};

/* How many floats the shapes take. */
size_t ecg_classifier_floats(size_t lead_count);

/* `shapes` stays the caller's and lives as long as the classifier. */
void ecg_classifier_init(struct ecg_classifier *classifier, size_t lead_count, double fs_hz, float *shapes);

/* Forget the signal. */
void ecg_classifier_reset(struct ecg_classifier *classifier);

/* The leads as the detector sees them. */
struct ecg_leads_view {
    const float *weight;  /* of each lead */
    const float *typical; /* its usual energy at a QRS */
};

/* The beat at `sample`, `rr_ms` behind the one before (NAN: unknown): its MIT-BIH code, 'N', 'V' or 'A'; 'Q' while
   learning, and when it cannot be told. Beats come in the order of their samples. */
char ecg_classify(struct ecg_classifier *classifier, const struct ecg_history *history,
                  const struct ecg_leads_view *leads, int64_t sample, double rr_ms);
