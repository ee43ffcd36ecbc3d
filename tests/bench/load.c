/* The load of the benchmark: devices that post as fast as they are answered, or at the pace of a heart while a stream
is watched. One thread, one epoll, bodies made beforehand, so that it takes as little as possible of the machine that
it shares with the server. It talks to 127.0.0.1 only and ends by itself.

    load metrics|waveform|latency PORT TOKEN CONNECTIONS SECONDS PATH [STREAM]

PATH holds a %d, the number of the device (1000 and following; each connection is one device). Each post is unlike all
others in time and content. `latency` posts 0.25 s of 12 leads from each device every 0.25 s and reads the stream at
STREAM; the time is from just before the post is written until its `ecg` event has arrived whole. The result is one line
of JSON. Only a 201 counts; anything else is an error, and the first one is shown. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "sim/heart.h"

enum {
    MAX_DEVICES = 256,
    FIRST_DEVICE = 1000,
    BODIES = 12,
    REPLY_BYTES = 8192,
    STREAM_BYTES = 1 << 20,
    MAX_TIMES = 1 << 20,
    FS_HZ = 500,
    QUARTER_US = 250000,
    SENT_KEPT = 64,
};

enum kind { METRICS, WAVEFORM, LATENCY };

struct device {
    int fd, number;
    int64_t posts, seen;        /* seen: events of the stream */
    int64_t sent_us[SENT_KEPT]; /* of the last posts, monotonic */
    int64_t due_us;             /* latency: when the next post is due */
    bool waiting;               /* for the reply */
    char head[1536];            /* request line, headers, and the part of the body that is this post's own */
    struct iovec parts[2];      /* what is still to be written */
    char reply[REPLY_BYTES];
    size_t reply_length;
};

struct load {
    enum kind kind;
    uint16_t port;
    const char *token, *path, *stream_path;
    int device_count;
    int64_t seconds, start_us, end_us; /* monotonic */
    int64_t first_sample_us;           /* of the first waveform, since 1970 */
    struct buf bodies[BODIES];
    struct device devices[MAX_DEVICES];
    int epoll, stream_fd;
    char *stream; /* what was read of it and is not an event yet */
    size_t stream_length;
    int64_t *times_us;
    size_t time_count;
    int64_t posts, errors;
};

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- what is posted ---- */

static size_t samples_of(enum kind kind)
{
    return kind == LATENCY ? FS_HZ / 4 : FS_HZ * 5;
}

static void write_lead(struct buf *body, enum ecg_lead lead, const float *samples, size_t count)
{
    buf_printf(body, "%s\"%s\":[", lead ? "," : "", ecg_lead_name(lead));
    for (size_t i = 0; i < count; i++)
        buf_printf(body, "%s%.3f", i ? "," : "", (double)samples[i]);
    buf_char(body, ']');
}

static void make_bodies(struct load *load)
{
    size_t count = samples_of(load->kind);
    struct sim_params params;
    struct sim_heart *heart;
    struct hl_error error;
    float *leads[ECG_STANDARD_LEADS];
    sim_params_default(&params);
    if (sim_heart_new(&params, &heart, &error) != HL_OK)
        die("no heart");
    for (int lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        leads[lead] = calloc(count, sizeof(float));
    for (int i = 0; i < BODIES; i++) {
        struct buf *body = &load->bodies[i];
        sim_heart_run(heart, leads, count, NULL);
        buf_printf(body, "\",\"sampling_rate\":%d,\"leads\":{", FS_HZ);
        for (int lead = 0; lead < ECG_STANDARD_LEADS; lead++)
            write_lead(body, (enum ecg_lead)lead, leads[lead], count);
        buf_text(body, "}}");
        if (!buf_ok(body))
            die("out of memory");
    }
    for (int lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        free(leads[lead]);
    sim_heart_free(heart);
}

static void write_time(int64_t time_us, char text[28])
{
    struct clock_fields f;
    clock_split(time_us, &f);
    snprintf(text, 28, "%04d-%02d-%02dT%02d:%02d:%02d.%06d", f.year, f.month, f.day, f.hour, f.minute, f.second,
             (int)(((time_us % 1000000) + 1000000) % 1000000));
}

/* What is this post's own: a waveform's time (a whole chunk after the one before), or all of the metrics. */
static int own_part(const struct load *load, const struct device *device, char *text, size_t size)
{
    char time[28];
    if (load->kind != METRICS) {
        int64_t chunk_us = (int64_t)samples_of(load->kind) * 1000000 / FS_HZ;
        write_time(load->first_sample_us + device->posts * chunk_us, time);
        return snprintf(text, size, "{\"timestamp\":\"%sZ", time);
    }
    int turn = (int)(device->posts % 997);
    write_time(clock_now_us(), time);
    return snprintf(text, size,
                    "{\"timestamp\":\"%sZ\",\"metrics\":{\"heart_rate\":%.2f,\"pr_interval\":160,\"qrs_duration\":%d,"
                    "\"qrs_axis\":45,\"st_segment\":0.02,\"qt_interval\":%d,\"qtc_interval\":%d,\"hrv\":42.5,"
                    "\"rr_interval\":%.3f,\"sampling_rate\":500},"
                    "\"status\":{\"is_recording\":true,\"signal_quality\":\"good\",\"demo_mode\":false}}",
                    time, 60 + (double)turn * 0.03, 80 + turn % 20, 380 + turn % 30, 410 + turn % 30,
                    60000.0 / (60 + (double)turn * 0.03));
}

static void prepare_post(const struct load *load, struct device *device)
{
    static const struct buf nothing;
    char own[512], path[200];
    const struct buf *rest =
        load->kind == METRICS ? &nothing : &load->bodies[(device->posts + device->number) % BODIES];
    int own_length = own_part(load, device, own, sizeof own);
    snprintf(path, sizeof path, load->path, device->number);
    int length = snprintf(device->head, sizeof device->head,
                          "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
                          "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                          path, load->token, (size_t)own_length + rest->length);
    if (length + own_length >= (int)sizeof device->head)
        die("the token or the path is too long");
    memcpy(device->head + length, own, (size_t)own_length);
    device->parts[0] = (struct iovec){device->head, (size_t)(length + own_length)};
    device->parts[1] = (struct iovec){rest->data, rest->length};
}

/* ---- the connections ---- */

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("cannot connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void watch(const struct load *load, int operation, int fd, uint32_t events, void *whom)
{
    struct epoll_event event = {.events = events, .data.ptr = whom};
    if (epoll_ctl(load->epoll, operation, fd, &event) != 0)
        die("epoll");
}

static void write_more(const struct load *load, struct device *device)
{
    while (device->parts[0].iov_len + device->parts[1].iov_len > 0) {
        struct msghdr message = {.msg_iov = device->parts, .msg_iovlen = 2};
        ssize_t n = sendmsg(device->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(load, EPOLL_CTL_MOD, device->fd, EPOLLIN | EPOLLOUT, device);
            return;
        }
        if (n < 0)
            die("cannot post");
        for (int i = 0; i < 2; i++) {
            size_t part = (size_t)n < device->parts[i].iov_len ? (size_t)n : device->parts[i].iov_len;
            device->parts[i].iov_base = (char *)device->parts[i].iov_base + part;
            device->parts[i].iov_len -= part;
            n -= (ssize_t)part;
        }
    }
    watch(load, EPOLL_CTL_MOD, device->fd, EPOLLIN, device);
}

static void post(const struct load *load, struct device *device)
{
    prepare_post(load, device);
    device->waiting = true;
    device->sent_us[device->posts++ % SENT_KEPT] = clock_monotonic_us();
    write_more(load, device);
}

static void keep_time(struct load *load, int64_t time_us)
{
    if (load->time_count < MAX_TIMES)
        load->times_us[load->time_count++] = time_us;
}

/* Length of the whole reply in the buffer; 0 while it is not whole. */
static size_t whole_reply(const struct device *device)
{
    const char *end = strstr(device->reply, "\r\n\r\n");
    const char *length = strcasestr(device->reply, "\r\ncontent-length:");
    if (!end || !length)
        return 0;
    size_t whole = (size_t)(end + 4 - device->reply) + strtoul(length + 17, NULL, 10);
    return whole <= device->reply_length ? whole : 0;
}

static void judge(struct load *load, struct device *device, int64_t now_us)
{
    if (strncmp(device->reply, "HTTP/1.1 201", 12) == 0) {
        load->posts++;
        if (load->kind != LATENCY)
            keep_time(load, now_us - device->sent_us[(device->posts - 1) % SENT_KEPT]);
    } else if (load->errors++ == 0) {
        fprintf(stderr, "load: the first refused post: %s\n", device->reply);
    }
}

static void read_reply(struct load *load, struct device *device)
{
    ssize_t n =
        recv(device->fd, device->reply + device->reply_length, REPLY_BYTES - 1 - device->reply_length, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        die("the server closed the connection");
    device->reply_length += (size_t)n;
    device->reply[device->reply_length] = '\0';
    if (whole_reply(device) == 0)
        return;
    int64_t now_us = clock_monotonic_us();
    judge(load, device, now_us);
    device->reply_length = 0;
    device->waiting = false;
    if (load->kind != LATENCY && now_us < load->end_us)
        post(load, device);
}

/* ---- the stream ---- */

static void open_stream(struct load *load)
{
    char request[1024];
    /* HTTP/1.0, so that the events come without the frames of chunked encoding between them */
    int length =
        snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n",
                 load->stream_path, load->token);
    load->stream_fd = connect_to(load->port);
    load->stream = malloc(STREAM_BYTES);
    if (!load->stream || send(load->stream_fd, request, (size_t)length, MSG_NOSIGNAL) != length)
        die("cannot ask for the stream");
    ssize_t n = recv(load->stream_fd, load->stream, STREAM_BYTES - 1, 0);
    if (n <= 0 || !memmem(load->stream, (size_t)n, " 200 ", 5))
        die("the stream is refused");
    load->stream_length = (size_t)n;
    watch(load, EPOLL_CTL_ADD, load->stream_fd, EPOLLIN, NULL);
}

/* Which post an event is of, its time says: a chunk begins where the one before it ended. */
static void take_event(struct load *load, const char *event, int64_t now_us)
{
    const char *session = strstr(event, "\"session\":\"");
    const char *time = strstr(event, "\"t_ms\":");
    if (!strstr(event, "event: ecg") || !session || !time)
        return;
    long number = strtol(session + 11, NULL, 10) - FIRST_DEVICE;
    if (number < 0 || number >= load->device_count)
        return;
    struct device *device = &load->devices[number];
    int64_t chunk = llround((strtod(time + 7, NULL) * 1000 - (double)load->first_sample_us) / QUARTER_US);
    if (chunk < 0 || chunk >= device->posts || device->posts - chunk > SENT_KEPT)
        return;
    device->seen++;
    keep_time(load, now_us - device->sent_us[chunk % SENT_KEPT]);
}

static void read_stream(struct load *load)
{
    ssize_t n =
        recv(load->stream_fd, load->stream + load->stream_length, STREAM_BYTES - 1 - load->stream_length, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        die("the stream ended");
    int64_t now_us = clock_monotonic_us();
    load->stream_length += (size_t)n;
    load->stream[load->stream_length] = '\0';
    char *event = load->stream;
    for (char *end; (end = strstr(event, "\n\n")) != NULL; event = end + 2) {
        *end = '\0';
        take_event(load, event, now_us);
    }
    load->stream_length -= (size_t)(event - load->stream);
    memmove(load->stream, event, load->stream_length);
}

/* ---- the run ---- */

static bool somebody_waits(const struct load *load)
{
    for (int i = 0; i < load->device_count; i++)
        if (load->devices[i].waiting || (load->kind == LATENCY && load->devices[i].seen < load->devices[i].posts))
            return true;
    return false;
}

/* Posts what is due; how long nothing will be, in ms. */
static int pace(struct load *load, int64_t now_us)
{
    int64_t next_us = now_us + QUARTER_US;
    for (int i = 0; load->kind == LATENCY && now_us < load->end_us && i < load->device_count; i++) {
        struct device *device = &load->devices[i];
        if (device->due_us <= now_us && !device->waiting) {
            post(load, device);
            device->due_us += QUARTER_US;
        }
        next_us = device->due_us < next_us && !device->waiting ? device->due_us : next_us;
    }
    return (int)((next_us - now_us) / 1000) + 1;
}

static void run(struct load *load)
{
    enum { GRACE_US = 6000000 };
    struct epoll_event events[64];
    for (int i = 0; i < load->device_count && load->kind != LATENCY; i++)
        post(load, &load->devices[i]);
    for (;;) {
        int64_t now_us = clock_monotonic_us();
        if (now_us >= load->end_us && (!somebody_waits(load) || now_us >= load->end_us + GRACE_US))
            return;
        int count = epoll_wait(load->epoll, events, 64, pace(load, now_us));
        for (int i = 0; i < count; i++) {
            struct device *device = events[i].data.ptr;
            if (!device) {
                read_stream(load);
                continue;
            }
            if (events[i].events & EPOLLOUT)
                write_more(load, device);
            if (events[i].events & ~(uint32_t)EPOLLOUT)
                read_reply(load, device);
        }
    }
}

static void begin(struct load *load)
{
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load->kind == LATENCY)
        open_stream(load);
    load->start_us = clock_monotonic_us();
    load->end_us = load->start_us + load->seconds * 1000000;
    /* A replay of the last hours in the throughput run; as it happens in the latency run. */
    load->first_sample_us = clock_now_us() - (load->kind == LATENCY ? QUARTER_US : INT64_C(7200) * 1000000);
    for (int i = 0; i < load->device_count; i++) {
        struct device *device = &load->devices[i];
        device->fd = connect_to(load->port);
        device->number = FIRST_DEVICE + i;
        device->due_us = load->start_us + (int64_t)i * QUARTER_US / load->device_count;
        watch(load, EPOLL_CTL_ADD, device->fd, EPOLLIN, device);
    }
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double quantile_ms(const struct load *load, double q)
{
    return load->time_count ? (double)load->times_us[(size_t)(q * (double)(load->time_count - 1))] / 1000 : 0;
}

static void print_result(const struct load *load)
{
    double seconds = (double)(clock_monotonic_us() - load->start_us) / 1e6;
    qsort(load->times_us, load->time_count, sizeof *load->times_us, by_size);
    printf("{\"posts\":%lld,\"errors\":%lld,\"seconds\":%.3f,\"per_second\":%.1f,\"times\":%zu,\"p50_ms\":%.3f,"
           "\"p99_ms\":%.3f,\"max_ms\":%.3f}\n",
           (long long)load->posts, (long long)load->errors, seconds, (double)load->posts / seconds, load->time_count,
           quantile_ms(load, 0.5), quantile_ms(load, 0.99), quantile_ms(load, 1));
}

static bool read_arguments(struct load *load, int argc, char **argv)
{
    static const char *const kinds[] = {[METRICS] = "metrics", [WAVEFORM] = "waveform", [LATENCY] = "latency"};
    if (argc < 7)
        return false;
    int kind = 0;
    while (kind <= LATENCY && strcmp(argv[1], kinds[kind]) != 0)
        kind++;
    load->kind = (enum kind)kind;
    load->port = (uint16_t)strtoul(argv[2], NULL, 10);
    load->token = argv[3];
    load->device_count = (int)strtol(argv[4], NULL, 10);
    load->seconds = strtol(argv[5], NULL, 10);
    load->path = argv[6];
    load->stream_path = argc > 7 ? argv[7] : NULL;
    return kind <= LATENCY && load->device_count >= 1 && load->device_count <= MAX_DEVICES && load->seconds >= 1 &&
           load->seconds <= 60 && (kind != LATENCY || load->stream_path);
}

int main(int argc, char **argv)
{
    static struct load load;
    if (!read_arguments(&load, argc, argv)) {
        fprintf(stderr, "usage: load metrics|waveform|latency PORT TOKEN CONNECTIONS SECONDS PATH [STREAM]\n");
        return 2;
    }
    load.times_us = malloc(MAX_TIMES * sizeof *load.times_us);
    if (!load.times_us)
        die("out of memory");
    if (load.kind != METRICS)
        make_bodies(&load);
    begin(&load);
    run(&load);
    print_result(&load);
    return load.posts > 0 ? 0 : 1;
}
