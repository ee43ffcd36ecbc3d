/* Log lines. Each is written with a single write(2), so lines of several processes on one pipe do not mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

static const char *const names[] = {"debug", "info", "warning", "error"};
static const char *program_name = "heartline";
static enum log_level least_level = LOG_LEVEL_INFO;
static _Thread_local const char *request_id;

enum log_level log_level_from_name(const char *name)
{
    for (enum log_level level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_ERROR; level++)
        if (strcmp(name, names[level]) == 0)
            return level;
    return LOG_LEVEL_INFO;
}

void log_open(const char *program, enum log_level least)
{
    program_name = program;
    least_level = least;
}

void log_request_id(const char *id)
{
    request_id = id;
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level < least_level)
        return;
    char message[1024], now[CLOCK_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    clock_format(clock_now_us(), now);
    struct buf line = {0};
    buf_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"program\":\"%s\",\"pid\":%d", now, names[level],
               program_name, (int)getpid());
    if (request_id) {
        buf_text(&line, ",\"request_id\":");
        buf_json_str(&line, request_id);
    }
    buf_text(&line, ",\"message\":");
    buf_json_str(&line, message);
    buf_text(&line, "}\n");
    if (buf_ok(&line) && write(STDERR_FILENO, line.data, line.length) < 0)
        (void)0; /* there is nowhere left to say it */
    buf_free(&line);
}
