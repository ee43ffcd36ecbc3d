/* The pairing is that of the reference comparison program of EC57: both lists are walked together; the earlier of the
two next beats pairs with the other one when that lies within the window, unless the beat that follows the earlier one
in its own list lies nearer. */
#include "compare.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define WINDOW_S 0.150
#define ROUNDING 1e-9

static const char *const members[] = {
    [CLASS_N] = "NLRB", [CLASS_S] = "AaJSejn", [CLASS_V] = "VrE", [CLASS_F] = "F", [CLASS_Q] = "/fQ?",
};

enum beat_class class_of(char mnemonic)
{
    for (unsigned class = 0; mnemonic && class < sizeof members / sizeof members[0]; class ++)
        if (strchr(members[class], mnemonic))
            return (enum beat_class) class;
    return CLASS_NONE;
}

static bool is_excluded(struct spans excluded, double t_s)
{
    for (size_t i = 0; i < excluded.count; i++)
        if (t_s >= excluded.items[i].from_s && t_s < excluded.items[i].to_s)
            return true;
    return false;
}

/* `early` is not later than `late`; `next` follows `early` in its own list, NULL: nothing does. */
static bool pairs(const struct mark *early, const struct mark *late, const struct mark *next)
{
    double apart_s = late->t_s - early->t_s;
    if (apart_s > WINDOW_S + ROUNDING)
        return false;
    return !next || apart_s <= fabs(next->t_s - late->t_s) + ROUNDING;
}

static const struct mark *at(struct marks marks, size_t i)
{
    return i < marks.count ? &marks.items[i] : NULL;
}

struct counting {
    struct spans excluded;
    struct tally *tally;
};

/* Either may be NULL, not both. */
static void count(const struct counting *counting, const struct mark *reference, const struct mark *found)
{
    if (!is_excluded(counting->excluded, reference ? reference->t_s : found->t_s))
        counting->tally->beats[reference ? reference->class : CLASS_NONE][found ? found->class : CLASS_NONE]++;
}

void compare(struct marks reference, struct marks found, struct spans excluded, struct tally *tally)
{
    const struct counting counting = {excluded, tally};
    size_t r = 0;
    size_t f = 0;
    while (r < reference.count || f < found.count) {
        const struct mark *one = at(reference, r);
        const struct mark *other = at(found, f);
        bool reference_first = one && (!other || one->t_s <= other->t_s);
        bool pair = one && other &&
                    (reference_first ? pairs(one, other, at(reference, r + 1)) : pairs(other, one, at(found, f + 1)));
        bool use_one = pair || reference_first;
        bool use_other = pair || !reference_first;
        count(&counting, use_one ? one : NULL, use_other ? other : NULL);
        r += use_one;
        f += use_other;
    }
}

void tally_add(struct tally *sum, const struct tally *part)
{
    for (int reference = 0; reference < CLASS_COUNT; reference++)
        for (int found = 0; found < CLASS_COUNT; found++)
            sum->beats[reference][found] += part->beats[reference][found];
}

static struct score score_of(unsigned long right, unsigned long missed, unsigned long false_)
{
    return (struct score){
        .right = right,
        .missed = missed,
        .false_ = false_,
        .sensitivity = right + missed ? (double)right / (double)(right + missed) : (double)NAN,
        .predictivity = right + false_ ? (double)right / (double)(right + false_) : (double)NAN,
    };
}

struct score score_qrs(const struct tally *tally)
{
    unsigned long right = 0;
    unsigned long missed = 0;
    unsigned long false_ = 0;
    for (int class = 0; class < CLASS_NONE; class ++) {
        for (int found = 0; found < CLASS_NONE; found++)
            right += tally->beats[class][found];
        missed += tally->beats[class][CLASS_NONE];
        false_ += tally->beats[CLASS_NONE][class];
    }
    return score_of(right, missed, false_);
}

static struct score score_class(const struct tally *tally, enum beat_class class, const bool counts_as_false[])
{
    unsigned long missed = 0;
    unsigned long false_ = 0;
    for (int other = 0; other < CLASS_COUNT; other++) {
        if (other != (int)class)
            missed += tally->beats[class][other];
        if (counts_as_false[other])
            false_ += tally->beats[other][class];
    }
    return score_of(tally->beats[class][class], missed, false_);
}

struct score score_veb(const struct tally *tally)
{
    static const bool counts[CLASS_COUNT] = {[CLASS_N] = true, [CLASS_S] = true, [CLASS_NONE] = true};
    return score_class(tally, CLASS_V, counts);
}

struct score score_sveb(const struct tally *tally)
{
    static const bool counts[CLASS_COUNT] = {[CLASS_N] = true, [CLASS_V] = true, [CLASS_F] = true, [CLASS_NONE] = true};
    return score_class(tally, CLASS_S, counts);
}
