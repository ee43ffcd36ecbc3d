/* Beats: tables of what was found and what it was called, by signal, by record, and class against class; with a floor
under each figure (table.c). */
#include "beats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "table.h"

static const char preamble[] =
    "## Beats\n"
    "\n"
    "Se: of the beats there were, the share that was found; +P: of the beats told, the share that was right. A beat\n"
    "counts as found within 150 ms of its reference, each is used once, the first five minutes (learning time) and\n"
    "ventricular flutter or fibrillation are left out (ANSI/AAMI EC57). VEB and SVEB: the same for ventricular and\n"
    "supraventricular ectopic beats by their class. Where there are fewer than 20 such beats, nothing is said.\n"
    "119e06 and 119e00 are one of the fourteen with recorded electrode-motion noise added, sel100 is a part of "
    "another\n"
    "one. The weights that name ventricular beats were learnt on the fourteen; judged instead by weights learnt on "
    "the\n"
    "other thirteen, each record's found and classified beats came to a VEB Se / +P of 95.4 / 96.6 % with one lead "
    "and\n"
    "95.7 / 97.0 % with both (`build/accuracy --train FILE` learns anew and prints these figures). Those are the ones\n"
    "to expect elsewhere.\n"
    "\n";

enum { BEATS_MIN = 20 };

/* A dash where there are too few beats to say anything. */
static void put_score(struct buf *out, struct score score)
{
    if (score.right + score.missed < BEATS_MIN) {
        buf_text(out, "- | - |");
        return;
    }
    buf_printf(out, "%.2f | ", 100.0 * score.sensitivity);
    if (isnan(score.predictivity))
        buf_text(out, "- |");
    else
        buf_printf(out, "%.2f |", 100.0 * score.predictivity);
}

static void put_tally(struct buf *out, const struct tally *tally)
{
    struct score qrs = score_qrs(tally);
    buf_printf(out, " %lu | %lu | %lu | ", qrs.right + qrs.missed, qrs.missed, qrs.false_);
    put_score(out, qrs);
    buf_char(out, ' ');
    put_score(out, score_veb(tally));
    buf_char(out, ' ');
    put_score(out, score_sveb(tally));
}

static const char *title_of(const char *set)
{
    for (size_t i = 0; i < set_count; i++)
        if (strcmp(sets[i].name, set) == 0)
            return sets[i].title;
    return set;
}

#define COLUMNS "beats | missed | false | QRS Se | QRS +P | VEB Se | VEB +P | SVEB Se | SVEB +P |"
#define RULES   "---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"

static void put_rows(struct buf *out, const struct measured *measured)
{
    buf_text(out, "### By signal\n\n| records | rate, Hz | leads | " COLUMNS
                  " R peak off, ms | told after, ms (p95, p99) |\n");
    buf_text(out, "| --- | --- | --- | " RULES " ---: | --- |\n");
    for (size_t i = 0; i < row_count; i++) {
        const struct outcome *outcome = &measured->rows[i];
        buf_printf(out, "| %s | ", title_of(rows[i].set));
        if (rows[i].fs_hz > 0.0)
            buf_printf(out, "%g", rows[i].fs_hz);
        else
            buf_text(out, "as recorded");
        buf_printf(out, " | %s |", rows[i].leads ? "first" : "all");
        put_tally(out, &outcome->tally);
        buf_printf(out, " %.1f | %u, %u |\n", outcome->off_sum_ms / (double)outcome->off_count,
                   outcome_delay_ms(outcome, 0.95), outcome_delay_ms(outcome, 0.99));
    }
    buf_char(out, '\n');
}

static void put_records(struct buf *out, const struct measured *measured)
{
    buf_printf(out, "### By record: %s, as recorded, all leads\n\n| record | " COLUMNS "\n| --- | " RULES "\n",
               sets[0].title);
    for (size_t i = 0; sets[0].paths[i]; i++) {
        buf_printf(out, "| %s |", strrchr(sets[0].paths[i], '/') + 1);
        put_tally(out, &measured->records[i].tally);
        buf_char(out, '\n');
    }
    buf_char(out, '\n');
}

static void put_classes(struct buf *out, const struct measured *measured)
{
    static const char *const names[CLASS_COUNT] = {"N", "S", "V", "F", "Q", "none"};
    struct tally sum = {0};
    for (size_t i = 0; sets[0].paths[i]; i++)
        tally_add(&sum, &measured->records[i].tally);
    buf_text(out,
             "### What was called what: the same records\n\nRows are the reference, columns what was told.\n\n|  |");
    for (int found = 0; found < CLASS_COUNT; found++)
        buf_printf(out, " %s |", names[found]);
    buf_text(out, "\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (int reference = 0; reference < CLASS_COUNT; reference++) {
        buf_printf(out, "| %s |", names[reference]);
        for (int found = 0; found < CLASS_COUNT; found++)
            buf_printf(out, " %lu |", sum.beats[reference][found]);
        buf_char(out, '\n');
    }
    buf_char(out, '\n');
}

/* ---- floors ---- */

static void check(const struct row *row, const struct tally *tally, unsigned *broken)
{
    static const char *const names[] = {"QRS Se", "QRS +P", "VEB Se", "VEB +P", "SVEB Se", "SVEB +P"};
    struct figures are = figures_of(tally);
    const double figures[] = {are.qrs_se, are.qrs_p, are.veb_se, are.veb_p, are.sveb_se, are.sveb_p};
    const struct figures *floor = &row->floor;
    const double floors[] = {floor->qrs_se, floor->qrs_p, floor->veb_se, floor->veb_p, floor->sveb_se, floor->sveb_p};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char what[96];
        snprintf(what, sizeof what, "%s at %g Hz, %zu leads: %s", row->set, row->fs_hz, row->leads, names[i]);
        section_floor(what, floors[i], figures[i], broken);
    }
}

static bool was_measured(const struct row *row, size_t first_set)
{
    for (size_t set = first_set; set < set_count; set++)
        if (strcmp(row->set, sets[set].name) == 0)
            return true;
    return false;
}

hl_result beats_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error)
{
    size_t first_set = quick ? 1 : 0;
    struct measured measured;
    hl_result result = measure(first_set, &measured, error);
    if (result != HL_OK)
        return result;
    for (size_t i = 0; i < row_count; i++)
        if (was_measured(&rows[i], first_set))
            check(&rows[i], &measured.rows[i].tally, broken);
    buf_text(markdown, preamble);
    put_rows(markdown, &measured);
    put_records(markdown, &measured);
    put_classes(markdown, &measured);
    measured_free(&measured);
    return HL_OK;
}
