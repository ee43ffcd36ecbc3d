/* `make accuracy`: scores the analysis on recorded hearts, prints the tables and writes them, with what they mean, to
the file named on the command line. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "table.h"
#include "train.h"

static const char preamble[] =
    "# How accurate the analysis is\n"
    "\n"
    "Written by `make accuracy`; do not edit. It feeds recorded hearts to the analysis sample by sample, as a live\n"
    "signal comes, and compares the beats it tells with those that cardiologists marked, by the rules of ANSI/AAMI\n"
    "EC57: a beat counts as found within 150 ms of its reference, each is used once, the first five minutes (learning\n"
    "time) and ventricular flutter or fibrillation are left out. Se: of the beats there were, the share that was\n"
    "found; +P: of the beats told, the share that was right. VEB and SVEB: the same for ventricular and\n"
    "supraventricular ectopic beats by their class. Where there are fewer than 20 such beats, nothing is said.\n"
    "\n"
    "**These records were also developed against**: the thresholds were chosen on them, so expect a little less on\n"
    "hearts that nobody here has seen. Half an hour each of fourteen people is not everybody. 119e06 and 119e00 are\n"
    "one of the fourteen with recorded electrode-motion noise added, sel100 is a part of another one. The weights "
    "that\n"
    "name ventricular beats were learnt on the fourteen; judged instead by weights learnt on the other thirteen, each\n"
    "record's found and classified beats came to a VEB Se / +P of 93.3 / 96.1 % with one lead and 92.6 / 94.0 % with\n"
    "both (`build/accuracy --train FILE` learns anew and prints these figures). Those are the ones to expect "
    "elsewhere.\n"
    "\n";

static const char sources[] =
    "## Where the hearts come from\n"
    "\n"
    "- MIT-BIH Arrhythmia Database 1.0.0, doi:10.13026/C2F305. Moody GB, Mark RG. The impact of the MIT-BIH "
    "Arrhythmia\n"
    "  Database. IEEE Eng in Med and Biol 20(3):45-50 (2001). Records 100 101 103 105 106 108 114 119 200 203 207 208\n"
    "  222 228.\n"
    "- MIT-BIH Noise Stress Test Database 1.0.0, doi:10.13026/C2HS3T. Moody GB, Muldrow WE, Mark RG. A noise stress "
    "test\n"
    "  for arrhythmia detectors. Computers in Cardiology 11:381-384 (1984). Records 119e06 and 119e00.\n"
    "- QT Database 1.0.0, doi:10.13026/C24K53. Laguna P, Mark RG, Goldberger AL, Moody GB. A Database for Evaluation "
    "of\n"
    "  Algorithms for Measurement of QT and Other Waveform Intervals in the ECG. Computers in Cardiology 24:673-676\n"
    "  (1997). Record sel100.\n"
    "- PhysioNet: Goldberger AL, Amaral LAN, Glass L, Hausdorff JM, Ivanov PCh, Mark RG, Mietus JE, Moody GB, Peng "
    "C-K,\n"
    "  Stanley HE. PhysioBank, PhysioToolkit, and PhysioNet. Circulation 101(23):e215-e220 (2000).\n"
    "\n"
    "The records are not part of this repository. `HEARTLINE_DATA` names the folder that holds them (`mitdb/`,\n"
    "`nstdb/`, `qtdb/`); it is `../shared/data` when unset.\n";

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
    buf_text(out, "## By signal\n\n| records | rate, Hz | leads | " COLUMNS
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
    buf_printf(out, "## By record: %s, as recorded, all leads\n\n| record | " COLUMNS "\n| --- | " RULES "\n",
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
             "## What was called what: the same records\n\nRows are the reference, columns what was told.\n\n|  |");
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

static int write_out(const struct buf *out, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file || fwrite(out->data, 1, out->length, file) != out->length || fclose(file) != 0) {
        fprintf(stderr, "accuracy: cannot write %s\n", path);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct hl_error error = {0};
    struct measured measured;
    struct buf out = {0};
    if (argc == 3 && strcmp(argv[1], "--train") == 0)
        return train(argv[2]);
    if (argc > 2) {
        fprintf(stderr, "usage: accuracy [FILE.md] | --train FILE.h\n");
        return 2;
    }
    hl_result result = measure(0, &measured, &error);
    if (result != HL_OK) {
        fprintf(stderr, "accuracy: %s%s%s\n", hl_strerror(result), error.detail[0] ? ": " : "", error.detail);
        return 1;
    }
    buf_text(&out, preamble);
    put_rows(&out, &measured);
    put_records(&out, &measured);
    put_classes(&out, &measured);
    size_t tables_end = out.length;
    buf_text(&out, sources);
    measured_free(&measured);
    int code = buf_ok(&out) ? 0 : 1;
    if (code == 0)
        printf("%.*s", (int)(tables_end - (sizeof preamble - 1)), out.data + (sizeof preamble - 1));
    if (code == 0 && argc == 2)
        code = write_out(&out, argv[1]);
    buf_free(&out);
    return code;
}
