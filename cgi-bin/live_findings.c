/* Rows of findings. */
#include "live_findings.h"

#include <math.h>
#include <string.h>

#include "service/findings.h"

static void begin(struct buf *out, int64_t session_key, int64_t time_us, bool late)
{
    buf_clear(out);
    buf_text(out, "{\"session_key\":");
    buf_int(out, session_key);
    buf_text(out, ",\"t\":");
    buf_int(out, time_us);
    buf_text(out, late ? ",\"late\":true," : ",\"late\":false,");
}

void finding_row_measurements(struct buf *out, int64_t session_key, const struct monitor_measurements *told)
{
    begin(out, session_key, told->time_us, told->beside);
    findings_values(out, told->measurements);
    buf_text(out, ",\"fs\":");
    buf_json_number(out, told->fs_hz);
    buf_text(out, ",\"details\":{");
    findings_measurements(out, told->measurements);
    buf_text(out, "}}");
}

void finding_row_hrv(struct buf *out, int64_t session_key, const struct monitor_hrv *told)
{
    begin(out, session_key, told->time_us, told->beside);
    findings_hrv(out, told->hrv);
    buf_text(out, ",\"from\":");
    buf_int(out, told->from_us);
    buf_char(out, '}');
}

static void put_number(struct buf *out, const char *name, double value)
{
    buf_text(out, name);
    buf_json_number(out, value);
}

void finding_row_episode(struct buf *out, int64_t session_key, const struct monitor_episode *told)
{
    begin(out, session_key, told->onset_us, told->beside);
    const struct ecg_rhythm_row *row = &ecg_rhythm_rows[told->rhythm];
    buf_printf(out, "\"rhythm\":\"%s\",\"basic\":%s,\"open\":%s,\"continued\":%s,\"n\":%lld,\"until\":%lld", row->name,
               row->basic ? "true" : "false", told->open ? "true" : "false", told->continued ? "true" : "false",
               (long long)told->n, (long long)told->end_us);
    if (!told->continued) {
        buf_text(out, ",\"beats\":");
        buf_int(out, told->beats);
        put_number(out, ",\"rate_min\":", told->rate_min_bpm);
        put_number(out, ",\"rate_max\":", told->rate_max_bpm);
        put_number(out, ",\"rate_mean\":", told->rate_mean_bpm);
    }
    buf_char(out, '}');
}

void finding_row_quality(struct buf *out, int64_t session_key, const struct monitor_quality *told)
{
    begin(out, session_key, told->time_us, told->beside);
    buf_printf(out, "\"lead\":\"%s\",\"quality\":\"%s\"}", ecg_lead_name(told->lead), ecg_quality_name(told->quality));
}

void finding_row_interpretation(struct buf *out, int64_t session_key, const struct monitor_interpretation *told)
{
    begin(out, session_key, told->time_us, false);
    buf_text(out, "\"statements\":");
    findings_statements(out, told->statements);
    buf_char(out, '}');
}

/* ---- the way back ---- */

static void know_episode(struct monitor_known *known, const struct analysis_finding *finding)
{
    enum ecg_rhythm rhythm = findings_rhythm_of(finding->name);
    if (rhythm == ECG_RHYTHM_UNKNOWN || known->episode_count == MONITOR_KNOWN_EPISODES)
        return;
    known->episodes[known->episode_count++] = (struct monitor_known_episode){
        .rhythm = rhythm,
        .onset_us = finding->time_us,
        .n = finding->n,
        .end_us = finding->until_us,
        .open = finding->open,
    };
}

static void know_quality(struct monitor_known *known, const struct analysis_finding *finding)
{
    enum ecg_lead lead;
    if (finding->name && ecg_lead_from_name(finding->name, strlen(finding->name), &lead))
        known->quality[lead] = findings_quality_of(finding->word);
}

static void know_beat(struct monitor_known *known, const struct analysis_finding *finding)
{
    if (known->beat_count == MONITOR_KNOWN_BEATS)
        return;
    known->beats[known->beat_count].time_us = finding->time_us;
    known->beats[known->beat_count++].n = finding->n;
}

static void know_statement(struct monitor_known *known, const struct analysis_finding *finding)
{
    size_t used = strlen(known->codes), more = finding->name ? strlen(finding->name) : 0;
    if (used + more + 2 > MONITOR_CODES_SIZE)
        return;
    if (used > 0)
        known->codes[used++] = ',';
    memcpy(known->codes + used, finding->name ? finding->name : "", more + 1);
}

void finding_known(struct monitor_known *known, const struct analysis_finding *finding)
{
    static const struct {
        const char *what;
        void (*know)(struct monitor_known *, const struct analysis_finding *);
    } kinds[] = {
        {"episode", know_episode}, {"quality", know_quality}, {"beat", know_beat}, {"statement", know_statement}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].what, finding->what) == 0)
            kinds[i].know(known, finding);
}
