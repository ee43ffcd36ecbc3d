/* What the analysis costs: virtual hearts with twelve leads at 500 Hz and every stage on, fed in portions of 200 ms as
a live signal comes. Prints one line of JSON: how many such patients one core keeps up with in real time, what memory
each takes, and how often memory was asked for once it runs (never, or something is wrong).

    bench-analysis [SECONDS]

The C library's malloc is counted by standing before it. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ecg/pipeline.h"
#include "sim/heart.h"

enum { LEADS = ECG_STANDARD_LEADS, FS_HZ = 500, RECORD_S = 120, PORTION = FS_HZ / 5 };
enum { RECORD = RECORD_S * FS_HZ };

/* ---- memory asked for ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static unsigned long asked;
static size_t asked_bytes;

void *malloc(size_t size)
{
    asked++;
    asked_bytes += size;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    asked++;
    asked_bytes += count * size;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    asked++;
    asked_bytes += size;
    return __libc_realloc(old, size);
}

/* ---- the signal ---- */

static float record[LEADS][RECORD];

static int make_record(void)
{
    struct sim_params params;
    struct sim_heart *heart = NULL;
    sim_params_default(&params);
    params.fs_hz = FS_HZ;
    if (sim_heart_new(&params, &heart, NULL) != HL_OK)
        return 1;
    for (size_t second = 0; second < RECORD_S; second++) {
        float *at[LEADS];
        for (size_t lead = 0; lead < LEADS; lead++)
            at[lead] = record[lead] + second * FS_HZ;
        if (second % 10 == 5 && sim_heart_inject(heart, SIM_ANOMALY_PVC, NULL) != HL_OK)
            return 1;
        sim_heart_run(heart, at, FS_HZ, NULL);
    }
    sim_heart_free(heart);
    return 0;
}

/* ---- the measurement ---- */

struct told {
    unsigned long beats, waves, measurements, hrv, episodes;
};

static void on_beat(void *context, const struct ecg_beat *beat)
{
    (void)beat;
    ((struct told *)context)->beats++;
}

static void on_waves(void *context, const struct ecg_beat_waves *waves)
{
    (void)waves;
    ((struct told *)context)->waves++;
}

static void on_measurements(void *context, const struct ecg_measurements *measurements)
{
    (void)measurements;
    ((struct told *)context)->measurements++;
}

static void on_hrv(void *context, const struct ecg_hrv *hrv)
{
    (void)hrv;
    ((struct told *)context)->hrv++;
}

static void on_episode(void *context, const struct ecg_episode *episode)
{
    (void)episode;
    ((struct told *)context)->episodes++;
}

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void feed_record(struct ecg_pipeline *pipeline, const struct ecg_sink *sink)
{
    for (size_t from = 0; from < RECORD; from += PORTION) {
        const float *at[LEADS];
        for (size_t lead = 0; lead < LEADS; lead++)
            at[lead] = record[lead] + from;
        ecg_pipeline_feed(pipeline, at, PORTION, sink);
    }
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 5.0;
    struct ecg_config config = {.fs_hz = FS_HZ, .units = ECG_UNITS_MV, .lead_count = LEADS};
    struct told told = {0};
    struct ecg_sink sink = {
        .context = &told,
        .beat = on_beat,
        .waves = on_waves,
        .measurements = on_measurements,
        .hrv = on_hrv,
        .episode = on_episode,
    };
    struct ecg_pipeline *pipeline = NULL;
    for (unsigned lead = 0; lead < LEADS; lead++)
        config.leads[lead] = (enum ecg_lead)lead;
    if (make_record() != 0)
        return 1;
    size_t before_bytes = asked_bytes;
    if (ecg_pipeline_new(&config, &pipeline, NULL) != HL_OK)
        return 1;
    size_t patient_bytes = asked_bytes - before_bytes;
    feed_record(pipeline, &sink); /* learns the heart; what follows is the steady state */
    unsigned long before = asked;
    double fed_s = 0.0;
    double from = cpu_s();
    double took;
    do {
        feed_record(pipeline, &sink);
        fed_s += RECORD_S;
        took = cpu_s() - from;
    } while (took < seconds);
    unsigned long steady = asked - before;
    ecg_pipeline_free(pipeline);
    printf("{\"patients_per_core\": %.0f, \"ns_per_lead_sample\": %.1f, \"kb_per_patient\": %.0f, "
           "\"allocations\": %lu, \"beats\": %lu, \"waves\": %lu, \"measurements\": %lu, \"hrv\": %lu, "
           "\"episodes\": %lu}\n",
           fed_s / took, 1e9 * took / (fed_s * FS_HZ * LEADS), (double)patient_bytes / 1024.0, steady, told.beats,
           told.waves, told.measurements, told.hrv, told.episodes);
    return steady == 0 ? 0 : 1;
}
