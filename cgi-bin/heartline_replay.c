/* `heartline replay`: reads a WFDB record and acts as a device that measures it now. It registers (or signs in, when
the account is there already), starts a session, and posts each chunk when its last sample is due by a clock that
nobody can set back.

Nothing is skipped: a chunk that the network or a busy server refuses is posted again, the same bytes, until it is
taken; the server recognises a repeat. Sample times follow the record (first sample + n / fs), so they neither drift
nor depend on when a post got through. At --speed 1 the first sample is taken now; when going faster the times begin
in the past, so that the last sample is taken when the replay ends and none lies in the future.

SIGINT and SIGTERM are blocked and waited for between chunks, so the one being posted is finished and the session is
ended; after the first, a second one kills at once. */
#include "heartline_replay.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "record/wfdb.h"

enum {
    REPLY_LIMIT_BYTES = 1 << 20,
    POST_TIMEOUT_S = 15,
    CONNECT_TIMEOUT_S = 5,
    BACKOFF_FIRST_MS = 250,
    BACKOFF_MOST_MS = 5000,
    END_ATTEMPTS = 4,
    SIGN_IN_ATTEMPTS = 3,
    EXIT_USAGE = 2,
};

#define CHUNK_MAX_S 60.0
#define SPEED_MAX   100000.0

/* What the command line asks for. */
struct request {
    const char *path;
    const char *url;
    const char *name;
    const char *password;
    const char *serial;
    const char *gender;
    double age_years; /* < 0: unknown */
    double speed;     /* 0: as fast as possible */
    double chunk_s;
    double limit_s; /* 0: the whole record */
    bool loop;
};

struct client {
    CURL *curl;
    struct curl_slist *headers;
    char base[512]; /* "http://localhost:8080/api/v1" */
    struct buf reply;
    long status; /* of the last reply; 0 when there was none */
    char curl_error[CURL_ERROR_SIZE];
    sigset_t stop_signals;
    bool stopped;
};

struct replay {
    const struct request *request;
    struct wfdb_record *record;
    struct client client;
    char name[96];
    char serial[96];
    char session_id[256];
    int64_t first_sample_us; /* wall time of sample 0 */
    int64_t begin_us;        /* monotonic time at which pacing began */
    int64_t total;           /* samples to post; INT64_MAX: until stopped */
    int64_t posted;          /* samples of each lead taken by the server */
    int64_t chunks;
    int64_t retries;
    float *samples;
    size_t sample_floats;
    struct buf body;
};

HL_PRINTF(1, 2)
static void complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("heartline replay: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

/* ---- the command line ---- */

static const char usage_text[] =
    "usage: heartline replay PATH --url URL [--name NAME] [--password PASSWORD] [--serial SERIAL]\n"
    "                        [--age YEARS] [--gender TEXT] [--speed N] [--seconds S] [--chunk S] [--loop]\n"
    "\n"
    "Posts the WFDB record PATH (without .hea) to a Heartline server as a device would.\n"
    "  --url       where the server is, such as http://localhost:8080\n"
    "  --name      full name of the account; default \"Record\" and the record's name\n"
    "  --password  of the account; default from HEARTLINE_PASSWORD\n"
    "  --serial    of the device; default \"ECG-REPLAY-\" and the record's name\n"
    "  --speed     1 is real time (default), 0 as fast as possible\n"
    "  --seconds   stop after so many seconds of signal\n"
    "  --chunk     seconds of signal in one post, default 0.5\n"
    "  --loop      begin again at the record's end, until --seconds or Ctrl-C\n";

static bool read_number(const char *option, const char *text, double least, double most, double *value)
{
    char *end = NULL;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= least && number <= most)) {
        complain("--%s %s: not a number from %g to %g", option, text, least, most);
        return false;
    }
    *value = number;
    return true;
}

enum option_code {
    OPT_URL = 1,
    OPT_NAME,
    OPT_PASSWORD,
    OPT_SERIAL,
    OPT_GENDER,
    OPT_AGE,
    OPT_SPEED,
    OPT_SECONDS,
    OPT_CHUNK,
    OPT_LOOP,
    OPT_HELP
};

static const struct option options[] = {
    {"url", required_argument, NULL, OPT_URL},
    {"name", required_argument, NULL, OPT_NAME},
    {"password", required_argument, NULL, OPT_PASSWORD},
    {"serial", required_argument, NULL, OPT_SERIAL},
    {"gender", required_argument, NULL, OPT_GENDER},
    {"age", required_argument, NULL, OPT_AGE},
    {"speed", required_argument, NULL, OPT_SPEED},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"chunk", required_argument, NULL, OPT_CHUNK},
    {"loop", no_argument, NULL, OPT_LOOP},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static bool take_option(int code, struct request *request)
{
    switch (code) {
    case OPT_URL: request->url = optarg; return true;
    case OPT_NAME: request->name = optarg; return true;
    case OPT_PASSWORD: request->password = optarg; return true;
    case OPT_SERIAL: request->serial = optarg; return true;
    case OPT_GENDER: request->gender = optarg; return true;
    case OPT_AGE: return read_number("age", optarg, 0.0, 150.0, &request->age_years);
    case OPT_SPEED: return read_number("speed", optarg, 0.0, SPEED_MAX, &request->speed);
    case OPT_SECONDS: return read_number("seconds", optarg, 1e-3, 1e9, &request->limit_s);
    case OPT_CHUNK: return read_number("chunk", optarg, 1e-3, CHUNK_MAX_S, &request->chunk_s);
    case OPT_LOOP: request->loop = true; return true;
    default: return false;
    }
}

/* What is wrong with the request as a whole, or NULL. */
static const char *request_fault(const struct request *request)
{
    if (!request->path)
        return "which record? Give the path of one, without .hea";
    if (!request->url || (strncmp(request->url, "http://", 7) != 0 && strncmp(request->url, "https://", 8) != 0))
        return "where to? Give --url http://HOST:PORT";
    if (!request->password || request->password[0] == '\0')
        return "a password is needed: --password, or HEARTLINE_PASSWORD in the environment";
    if (request->loop && request->speed != 1.0 && request->limit_s <= 0.0)
        return "--loop without --seconds has no end to reckon the times from, so it goes only at --speed 1";
    return NULL;
}

/* HL_NOT_FOUND means that only help was asked for. */
static hl_result read_command_line(int argc, char **argv, struct request *request)
{
    *request = (struct request){
        .password = getenv("HEARTLINE_PASSWORD"), .gender = "unknown", .age_years = -1.0, .speed = 1.0, .chunk_s = 0.5};
    optind = 0; /* a subcommand begins getopt anew */
    for (int code; (code = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (code == OPT_HELP)
            return HL_NOT_FOUND;
        if (!take_option(code, request))
            return HL_INVALID;
    }
    if (optind < argc)
        request->path = argv[optind++];
    if (optind < argc) {
        complain("one record at a time; \"%s\" is too much", argv[optind]);
        return HL_INVALID;
    }
    const char *fault = request_fault(request);
    if (fault)
        complain("%s", fault);
    return fault ? HL_INVALID : HL_OK;
}

/* ---- waiting ---- */

/* Wait until a monotonic time; false when told to stop. */
static bool wait_until(struct client *client, int64_t due_us)
{
    while (!client->stopped) {
        int64_t left_us = due_us - clock_monotonic_us();
        if (left_us < 0)
            left_us = 0;
        struct timespec left = {.tv_sec = (time_t)(left_us / 1000000), .tv_nsec = (long)(left_us % 1000000) * 1000};
        if (sigtimedwait(&client->stop_signals, NULL, &left) > 0) {
            client->stopped = true;
            sigprocmask(SIG_UNBLOCK, &client->stop_signals, NULL);
        } else if (errno == EAGAIN && clock_monotonic_us() >= due_us) {
            return true;
        }
    }
    return false;
}

/* ---- HTTP ---- */

static size_t take_reply(char *bytes, size_t size, size_t count, void *context)
{
    struct buf *reply = context;
    size_t length = size * count;
    if (length > REPLY_LIMIT_BYTES - reply->length)
        return 0;
    buf_add(reply, bytes, length);
    return buf_ok(reply) ? length : 0;
}

/* URL without what a person may have typed behind the host: slashes, /api/v1. */
static bool set_base(struct client *client, const char *url)
{
    static const char api[] = "/api/v1";
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/')
        length--;
    if (length >= sizeof api - 1 && memcmp(url + length - (sizeof api - 1), api, sizeof api - 1) == 0)
        length -= sizeof api - 1;
    int written = snprintf(client->base, sizeof client->base, "%.*s%s", (int)length, url, api);
    return written > 0 && (size_t)written < sizeof client->base;
}

static bool add_header(struct client *client, const char *text)
{
    struct curl_slist *longer = curl_slist_append(client->headers, text);
    if (longer)
        client->headers = longer;
    return longer != NULL;
}

/* The headers of every request, with `token` when there is one. */
static bool set_headers(struct client *client, const char *token)
{
    struct buf line = {0};
    curl_slist_free_all(client->headers);
    client->headers = NULL;
    bool ok = add_header(client, "Content-Type: application/json") &&
              add_header(client, "Accept: application/json, application/problem+json") && add_header(client, "Expect:");
    if (token) {
        buf_printf(&line, "Authorization: Bearer %s", token);
        ok = ok && buf_ok(&line) && add_header(client, line.data);
    }
    buf_free(&line);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, client->headers);
    return ok;
}

static bool client_open(struct client *client, const char *url)
{
    sigemptyset(&client->stop_signals);
    sigaddset(&client->stop_signals, SIGINT);
    sigaddset(&client->stop_signals, SIGTERM);
    if (!set_base(client, url)) {
        complain("the URL is too long");
        return false;
    }
    client->curl = curl_easy_init();
    if (!client->curl || !set_headers(client, NULL)) {
        complain("cannot set up HTTP");
        return false;
    }
    curl_easy_setopt(client->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, (long)POST_TIMEOUT_S);
    curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->curl_error);
    curl_easy_setopt(client->curl, CURLOPT_USERAGENT, "heartline-replay");
    curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, take_reply);
    curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &client->reply);
    return true;
}

static void client_close(struct client *client)
{
    curl_easy_cleanup(client->curl);
    curl_slist_free_all(client->headers);
    buf_free(&client->reply);
}

/* POST once. False when no whole reply came; client->status is 0 then. */
static bool post(struct client *client, const char *path, const struct buf *body)
{
    char url[1024];
    client->status = 0;
    buf_clear(&client->reply);
    snprintf(client->curl_error, sizeof client->curl_error, "%s", "");
    int written = snprintf(url, sizeof url, "%s%s", client->base, path);
    if (!buf_ok(body) || written < 0 || (size_t)written >= sizeof url) {
        snprintf(client->curl_error, sizeof client->curl_error, "the request does not fit into memory");
        return false;
    }
    curl_easy_setopt(client->curl, CURLOPT_URL, url);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->length);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, body->data);
    CURLcode code = curl_easy_perform(client->curl);
    if (code != CURLE_OK) {
        if (client->curl_error[0] == '\0')
            snprintf(client->curl_error, sizeof client->curl_error, "%s", curl_easy_strerror(code));
        return false;
    }
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &client->status);
    return true;
}

static bool succeeded(const struct client *client)
{
    return client->status == 200 || client->status == 201;
}

/* Worth another try with the same bytes: no reply, too many requests, or the server's own trouble. */
static bool is_transient(const struct client *client)
{
    return client->status == 0 || client->status == 429 || client->status >= 500;
}

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text && *text ? text : NULL;
}

/* One of the faults that problem+json lists: {"field":"age","detail":"..."}. */
static void complain_of_fault(const cJSON *fault)
{
    const char *field = text_of(fault, "field");
    const char *detail = text_of(fault, "detail");
    const char *plain = cJSON_GetStringValue(fault);
    if (detail || field || plain)
        complain("  %s%s%s", field ? field : "", field ? ": " : "", detail ? detail : plain ? plain : "");
}

/* Say why a POST did not succeed, in the server's words where it gave some. */
static void complain_of_reply(const struct client *client, const char *path)
{
    if (client->status == 0) {
        complain("POST %s%s: %s", client->base, path, client->curl_error);
        return;
    }
    cJSON *problem = client->reply.length ? cJSON_ParseWithLength(client->reply.data, client->reply.length) : NULL;
    const char *title = text_of(problem, "title");
    const char *detail = text_of(problem, "detail");
    const char *request_id = text_of(problem, "request_id");
    complain("POST %s%s: %ld%s%s%s%s%s%s%s", client->base, path, client->status, title ? " " : "", title ? title : "",
             detail ? ": " : "", detail ? detail : "", request_id ? " (request " : "", request_id ? request_id : "",
             request_id ? ")" : "");
    const cJSON *fault = NULL;
    cJSON_ArrayForEach(fault, cJSON_GetObjectItemCaseSensitive(problem, "errors")) complain_of_fault(fault);
    cJSON_Delete(problem);
}

/* A text field of the last reply into `text`; false when it is not there or too long. */
static bool take_text(const struct client *client, const char *key, char *text, size_t size)
{
    cJSON *reply = client->reply.length ? cJSON_ParseWithLength(client->reply.data, client->reply.length) : NULL;
    const char *value = text_of(reply, key);
    bool ok = value && strlen(value) < size;
    if (ok)
        snprintf(text, size, "%s", value);
    cJSON_Delete(reply);
    return ok;
}

/* ---- the device's account and session ---- */

static bool post_or_complain(struct client *client, const char *path, const struct buf *body)
{
    if (post(client, path, body) && succeeded(client))
        return true;
    complain_of_reply(client, path);
    return false;
}

static bool use_token(struct client *client)
{
    char token[8192];
    if (take_text(client, "token", token, sizeof token) && !strpbrk(token, "\r\n"))
        return set_headers(client, token);
    complain("the server's reply holds no token");
    return false;
}

static void add_field(struct buf *body, const char *before, const char *key, const char *value)
{
    buf_printf(body, "%s\"%s\":", before, key);
    buf_json_str(body, value);
}

static bool log_in(struct replay *replay)
{
    struct buf body = {0};
    add_field(&body, "{", "identifier", replay->serial);
    add_field(&body, ",", "password", replay->request->password);
    buf_char(&body, '}');
    (void)set_headers(&replay->client, NULL); /* without the token that may have expired */
    bool ok = post_or_complain(&replay->client, "/auth/login", &body) && use_token(&replay->client);
    buf_free(&body);
    return ok;
}

static void build_registration(const struct replay *replay, struct buf *body)
{
    add_field(body, "{", "full_name", replay->name);
    if (replay->request->age_years >= 0.0) {
        buf_text(body, ",\"age\":");
        buf_json_number(body, floor(replay->request->age_years));
    }
    add_field(body, ",", "gender", replay->request->gender);
    add_field(body, ",", "phone", "");
    add_field(body, ",", "address", "");
    add_field(body, ",", "password", replay->request->password);
    add_field(body, ",", "device_serial", replay->serial);
    buf_char(body, '}');
}

/* Register; when the device has an account already (409), sign in to it. */
static bool sign_in(struct replay *replay)
{
    static const char path[] = "/auth/register";
    struct client *client = &replay->client;
    struct buf body = {0};
    build_registration(replay, &body);
    bool ok = false;
    if (post(client, path, &body) && succeeded(client))
        ok = use_token(client);
    else if (client->status == 409)
        ok = log_in(replay);
    else
        complain_of_reply(client, path);
    buf_free(&body);
    return ok;
}

static bool start_session(struct replay *replay)
{
    struct utsname machine = {0};
    struct buf body = {0};
    (void)uname(&machine);
    add_field(&body, "{", "device_serial", replay->serial);
    buf_text(&body, ",\"device_info\":");
    add_field(&body, "{", "os", machine.sysname);
    add_field(&body, ",", "app_version", "heartline-replay 1");
    buf_text(&body, ",\"sampling_rate\":");
    buf_json_number(&body, replay->record->fs_hz);
    buf_text(&body, "}}");
    bool ok = post_or_complain(&replay->client, "/sessions/start", &body);
    if (ok && !take_text(&replay->client, "session_id", replay->session_id, sizeof replay->session_id)) {
        complain("the server's reply holds no session_id");
        ok = false;
    }
    buf_free(&body);
    return ok;
}

/* "/sessions/ID/waveform", the id escaped for a URL. */
static bool session_path(const struct replay *replay, const char *what, char *path, size_t size)
{
    char *id = curl_easy_escape(replay->client.curl, replay->session_id, 0);
    int written = id ? snprintf(path, size, "/sessions/%s/%s", id, what) : -1;
    curl_free(id);
    return written > 0 && (size_t)written < size;
}

/* ---- posting until it is taken ---- */

/* Milliseconds that the server asked us to stay away, half a minute at most; 0 when it did not ask. */
static int64_t retry_after_ms(const struct client *client)
{
    curl_off_t seconds = 0;
    if (client->status == 0 || curl_easy_getinfo(client->curl, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK)
        return 0;
    return seconds > 30 ? 30000 : (int64_t)seconds * 1000;
}

/* Post until the server takes it; `attempts` 0 means for ever. A signal ends the waiting, not a post; once stopped, the
   pauses are slept through. False when it was refused for good, given up, or stopped. */
static bool post_until_taken(struct replay *replay, const char *path, const struct buf *body, int attempts)
{
    struct client *client = &replay->client;
    int64_t pause_ms = BACKOFF_FIRST_MS;
    int sign_ins = 0;
    for (int attempt = 1;; attempt++) {
        (void)post(client, path, body);
        if (succeeded(client))
            return true;
        if (client->status == 401 && sign_ins++ < SIGN_IN_ATTEMPTS) {
            if (log_in(replay))
                continue; /* the token had expired */
            if (!is_transient(client))
                return false;
        }
        if (attempt == 1 || !is_transient(client))
            complain_of_reply(client, path);
        if (!is_transient(client) || attempt == attempts)
            return false;
        int64_t asked_ms = retry_after_ms(client);
        int64_t until_us = clock_monotonic_us() + (asked_ms > pause_ms ? asked_ms : pause_ms) * 1000;
        if (attempts == 0 && !wait_until(client, until_us))
            return false;
        if (attempts != 0)
            nanosleep(&(struct timespec){.tv_nsec = (long)BACKOFF_FIRST_MS * 1000000}, NULL);
        pause_ms = pause_ms * 2 > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : pause_ms * 2;
        replay->retries++;
    }
}

/* ---- the signal ---- */

static void build_waveform(const struct ecg_chunk *chunk, struct buf *body)
{
    char when[CLOCK_TEXT_SIZE];
    clock_format(chunk->start_us, when);
    buf_clear(body);
    buf_printf(body, "{\"timestamp\":\"%s\",\"sampling_rate\":", when);
    buf_json_number(body, chunk->fs_hz);
    if (chunk->units == ECG_UNITS_ADU)
        buf_text(body, ",\"units\":\"adu\"");
    buf_text(body, ",\"leads\":{");
    for (size_t lead = 0; lead < chunk->lead_count; lead++) {
        buf_printf(body, "%s\"%s\":[", lead ? "," : "", ecg_lead_name(chunk->leads[lead]));
        for (size_t i = 0; i < chunk->sample_count; i++) {
            if (i > 0)
                buf_char(body, ',');
            buf_json_float(body, chunk->samples[lead][i]);
        }
        buf_char(body, ']');
    }
    buf_text(body, "}}");
}

/* Microseconds that `samples` last. */
static int64_t duration_us(const struct replay *replay, int64_t samples)
{
    return (int64_t)llround((double)samples * 1e6 / replay->record->fs_hz);
}

/* How many samples the next chunk has: it ends with the record and with the replay, so no chunk spans a seam. */
static size_t next_count(const struct replay *replay)
{
    int64_t count = llround(replay->request->chunk_s * replay->record->fs_hz);
    int64_t to_seam = replay->record->sample_count - replay->posted % replay->record->sample_count;
    int64_t to_end = replay->total - replay->posted;
    if (count < 1)
        count = 1;
    if (count > to_seam)
        count = to_seam;
    return (size_t)(count > to_end ? to_end : count);
}

/* Wait until the next chunk's last sample is due, and post it. */
static bool post_chunk(struct replay *replay, const char *path)
{
    struct hl_error error = {0};
    struct ecg_chunk chunk;
    size_t count = next_count(replay);
    int64_t at = replay->posted % replay->record->sample_count;
    if (wfdb_chunk(replay->record, at, count, 0, replay->samples, replay->sample_floats, &chunk, &error) != HL_OK) {
        complain("%s", error.detail);
        return false;
    }
    chunk.start_us = replay->first_sample_us + duration_us(replay, replay->posted);
    build_waveform(&chunk, &replay->body);
    double speed = replay->request->speed;
    int64_t end_us = duration_us(replay, replay->posted + (int64_t)count);
    int64_t due_us = replay->begin_us + (speed > 0.0 ? (int64_t)llround((double)end_us / speed) : 0);
    if (!wait_until(&replay->client, due_us) || !post_until_taken(replay, path, &replay->body, 0))
        return false;
    replay->posted += (int64_t)count;
    replay->chunks++;
    return true;
}

static bool end_session(struct replay *replay)
{
    char path[1024];
    struct buf body = {0};
    buf_text(&body, "{\"summary\":{\"duration_seconds\":");
    buf_json_number(&body, (double)duration_us(replay, replay->posted) / 1e6);
    buf_text(&body, "}}");
    bool ok = session_path(replay, "end", path, sizeof path) && post_until_taken(replay, path, &body, END_ATTEMPTS);
    buf_free(&body);
    return ok;
}

/* Sample 0 is taken now, or so long ago that the last one is taken at the end of the replay. */
static void set_clock(struct replay *replay)
{
    double speed = replay->request->speed;
    replay->begin_us = clock_monotonic_us();
    replay->first_sample_us = clock_now_us();
    if (replay->total == INT64_MAX || (speed > 0.0 && speed <= 1.0))
        return;
    int64_t whole_us = duration_us(replay, replay->total);
    int64_t lasts_us = speed > 0.0 ? (int64_t)llround((double)whole_us / speed) : 0;
    replay->first_sample_us -= whole_us - lasts_us;
}

static bool run(struct replay *replay)
{
    char path[1024];
    set_clock(replay);
    bool ok = session_path(replay, "waveform", path, sizeof path);
    while (ok && !replay->client.stopped && replay->posted < replay->total)
        ok = post_chunk(replay, path);
    ok = ok || replay->client.stopped;
    bool ended = end_session(replay);
    printf("%s: %lld samples of each lead in %lld posts, %lld repeated%s%s\n", replay->session_id,
           (long long)replay->posted, (long long)replay->chunks, (long long)replay->retries,
           replay->client.stopped ? "; stopped" : "", ended ? "" : "; the session could not be ended");
    return ok && ended;
}

/* ---- putting it together ---- */

static bool open_record(struct replay *replay)
{
    struct hl_error error = {0};
    const struct request *request = replay->request;
    hl_result result = wfdb_open(request->path, &replay->record, &error);
    if (result == HL_OK && (replay->record->lead_count == 0 || replay->record->sample_count == 0))
        result =
            hl_fail(&error, HL_UNSUPPORTED, request->path, "%s holds no signal of a known ECG lead", request->path);
    if (result != HL_OK) {
        bool named = error.field[0] == '\0' || strstr(error.detail, error.field);
        complain("%s%s%s", named ? "" : error.field, named ? "" : ": ", error.detail);
        return false;
    }
    const struct wfdb_record *record = replay->record;
    snprintf(replay->name, sizeof replay->name, "%s%s", request->name ? "" : "Record ",
             request->name ? request->name : record->name);
    snprintf(replay->serial, sizeof replay->serial, "%s%s", request->serial ? "" : "ECG-REPLAY-",
             request->serial ? request->serial : record->name);
    double seconds = request->limit_s;
    replay->total = request->loop ? INT64_MAX : record->sample_count;
    if (seconds > 0.0 && seconds * record->fs_hz < (double)replay->total)
        replay->total = llround(seconds * record->fs_hz);
    if (replay->total < 1)
        replay->total = 1;
    replay->sample_floats = (size_t)ceil(request->chunk_s * record->fs_hz + 1.0) * record->lead_count;
    replay->samples = malloc(replay->sample_floats * sizeof *replay->samples);
    if (!replay->samples)
        complain("no memory for a chunk");
    return replay->samples != NULL;
}

static void announce(const struct replay *replay)
{
    const struct wfdb_record *record = replay->record;
    printf("%s: record %s as \"%s\" (%s), %g Hz,", replay->session_id, record->name, replay->name, replay->serial,
           record->fs_hz);
    for (size_t i = 0; i < record->lead_count; i++)
        printf(" %s", ecg_lead_name(record->signals[record->lead_signals[i]].lead));
    if (replay->total != INT64_MAX)
        printf(", %g s", (double)replay->total / record->fs_hz);
    printf("\n");
    fflush(stdout);
}

int heartline_replay(int argc, char **argv)
{
    struct request request;
    struct replay replay = {.request = &request};
    hl_result result = read_command_line(argc, argv, &request);
    if (result != HL_OK) {
        fputs(usage_text, result == HL_NOT_FOUND ? stdout : stderr);
        return result == HL_NOT_FOUND ? EXIT_SUCCESS : EXIT_USAGE;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        complain("cannot set up HTTP");
        return EXIT_FAILURE;
    }
    bool ok = open_record(&replay) && client_open(&replay.client, request.url) && sign_in(&replay);
    if (ok)
        sigprocmask(SIG_BLOCK, &replay.client.stop_signals, NULL);
    ok = ok && start_session(&replay);
    if (ok) {
        announce(&replay);
        ok = run(&replay);
    }
    client_close(&replay.client);
    wfdb_close(replay.record);
    free(replay.samples);
    buf_free(&replay.body);
    curl_global_cleanup();
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
