/* `make accuracy`: scores the analysis on recorded hearts, prints the tables and writes them, with what they mean, to
the file named on the command line. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "section.h"
#include "train.h"
#include "train_waves.h"

static const char preamble[] =
    "# How accurate the analysis is\n"
    "\n"
    "Written by `make accuracy`; do not edit. It feeds recorded hearts to the analysis sample by sample, as a live\n"
    "signal comes, and compares what it says with what cardiologists marked.\n"
    "\n"
    "**These records were also developed against**: the thresholds were chosen on them, so expect a little less on\n"
    "hearts that nobody here has seen. Half an hour each of fourteen people is not everybody.\n"
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
    "- Lobachevsky University Electrocardiography Database 1.0.1, doi:10.13026/eegm-h675. Kalyakulina AI, Yusipov II,\n"
    "  Moskalenko VA, Nikolskiy AV, Kosonogov KA, Osipov GV, Zolotykh NYu, Ivanchenko MV. LUDB: A New Open-Access\n"
    "  Validation Tool for Electrocardiogram Delineation Algorithms. IEEE Access 8:186181-186190 (2020). Records 1 2 "
    "8\n"
    "  10 13 22 24 33 34 35 38 41 44 45 56 60 63 70 128 132 135 142 157 184.\n"
    "- The 4th China Physiological Signal Challenge 2021 1.0.0. Wang X, Ma C, Zhang X, Gao H, Clifford GD, Liu C "
    "(2021).\n"
    "  Records data_101_6 data_101_8 data_101_9 data_84_2 data_84_3 data_21_7.\n"
    "- PhysioNet/Computing in Cardiology Challenge 2021 1.0.3. Reyna MA, Sadr N, Perez Alday EA, et al. Will Two Do?\n"
    "  Varying Dimensions in Electrocardiography. Computing in Cardiology 48 (2021). Challenge 2017 1.0.0. Clifford "
    "GD,\n"
    "  Liu C, Moody B, et al. Computing in Cardiology 44 (2017), doi:10.22489/CinC.2017.065-469.\n"
    "- PhysioNet: Goldberger AL, Amaral LAN, Glass L, Hausdorff JM, Ivanov PCh, Mark RG, Mietus JE, Moody GB, Peng "
    "C-K,\n"
    "  Stanley HE. PhysioBank, PhysioToolkit, and PhysioNet. Circulation 101(23):e215-e220 (2000).\n"
    "\n"
    "The records are not part of this repository. `HEARTLINE_DATA` names the folder that holds them (`mitdb/`, "
    "`nstdb/`,\n"
    "`qtdb/`, `ludb/`, `cpsc2021/`, `challenge-2017/`, `challenge-2021/`); it is `../shared/data` when unset.\n";

static int write_out(const struct buf *out, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file || fwrite(out->data, 1, out->length, file) != out->length || fclose(file) != 0) {
        fprintf(stderr, "accuracy: cannot write %s\n", path);
        return 1;
    }
    return 0;
}

/* All sections, or the one asked for. */
static int score(const char *only, const char *path)
{
    struct hl_error error = {0};
    struct buf out = {0};
    unsigned broken = 0;
    buf_text(&out, preamble);
    size_t from = out.length;
    for (size_t i = 0; i < section_count; i++) {
        if (only && strcmp(only, sections[i].name) != 0)
            continue;
        hl_result result = sections[i].run(false, &out, &broken, &error);
        if (result == HL_OK)
            continue;
        fprintf(stderr, "accuracy: %s: %s%s%s\n", sections[i].name, hl_strerror(result), error.detail[0] ? ": " : "",
                error.detail);
        buf_free(&out);
        return 1;
    }
    size_t to = out.length;
    buf_text(&out, sources);
    int code = buf_ok(&out) && broken == 0 ? 0 : 1;
    if (buf_ok(&out))
        printf("%.*s", (int)(to - from), out.data + from);
    if (buf_ok(&out) && path && write_out(&out, path) != 0)
        code = 1;
    buf_free(&out);
    return code;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--train") == 0)
        return train(argv[2]);
    if (argc == 3 && strcmp(argv[1], "--train-waves") == 0)
        return train_waves(argv[2]);
    if (argc == 3 && strcmp(argv[1], "--section") == 0)
        return score(argv[2], NULL);
    if (argc > 2) {
        fprintf(stderr, "usage: accuracy [FILE.md] | --section NAME | --train FILE.h | --train-waves FILE.h\n");
        return 2;
    }
    return score(NULL, argc == 2 ? argv[1] : NULL);
}
