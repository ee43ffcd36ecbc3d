/* Comparing found beats with reference beats as ANSI/AAMI EC57 (Testing and reporting performance results of cardiac
rhythm and ST-segment measurement algorithms) says: a found beat within 150 ms of a reference beat is that beat, each is
used at most once, and what lies in the learning time or in ventricular flutter and fibrillation is not counted. */
#pragma once

#include <stddef.h>

/* The classes of EC57. */
enum beat_class {
    CLASS_N,    /* normal, bundle branch block: N L R B */
    CLASS_S,    /* supraventricular ectopic, premature or escape: A a J S e j n */
    CLASS_V,    /* ventricular ectopic: V r E */
    CLASS_F,    /* fusion of ventricular and normal: F */
    CLASS_Q,    /* paced, fusion of paced and normal, not classified: / f Q ? */
    CLASS_NONE, /* no beat: missed, or found where there is none */
    CLASS_COUNT
};

/* CLASS_NONE for a code that marks no beat. */
enum beat_class class_of(char mnemonic);

struct mark {
    double t_s;
    enum beat_class class;
};

/* In the order of time. */
struct marks {
    const struct mark *items;
    size_t count;
};

/* Half open: from_s counts as inside, to_s does not. */
struct span {
    double from_s, to_s;
};

struct spans {
    const struct span *items;
    size_t count;
};

/* How often a beat of the reference's class (first index) was found as what (second index). */
struct tally {
    unsigned long beats[CLASS_COUNT][CLASS_COUNT];
};

/* Adds to *tally. A pair is judged by its reference's time. */
void compare(struct marks reference, struct marks found, struct spans excluded, struct tally *tally);

void tally_add(struct tally *sum, const struct tally *part);

/* Right ones of all there are, and of all claimed; percent is up to the reader. NAN when there is nothing to judge by.
   EC57: a reference F or Q that was called V is no false V, a reference Q called S no false S. */
struct score {
    unsigned long right, missed, false_;
    double sensitivity, predictivity; /* 0 .. 1 */
};

struct score score_qrs(const struct tally *tally);
struct score score_veb(const struct tally *tally);
struct score score_sveb(const struct tally *tally);
