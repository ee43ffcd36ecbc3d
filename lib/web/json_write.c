/* The JSON writer. */
#include "web/json_write.h"

#include "base/clock.h"

/* The comma, when a value stands before; then the name. */
static void begin(struct buf *out, const char *name)
{
    char last = out->length > 0 ? out->data[out->length - 1] : '\0';
    if (last != '\0' && last != '{' && last != '[' && last != ':')
        buf_char(out, ',');
    if (name) {
        buf_json_str(out, name);
        buf_char(out, ':');
    }
}

void json_open(struct buf *out, const char *name, char bracket)
{
    begin(out, name);
    buf_char(out, bracket);
}

void json_close(struct buf *out, char bracket)
{
    buf_char(out, bracket);
}

void json_raw(struct buf *out, const char *name, const char *json)
{
    begin(out, name);
    buf_text(out, json ? json : "null");
}

void json_text(struct buf *out, const char *name, const char *text)
{
    begin(out, name);
    if (text)
        buf_json_str(out, text);
    else
        buf_text(out, "null");
}

void json_bool(struct buf *out, const char *name, bool value)
{
    json_raw(out, name, value ? "true" : "false");
}

void json_int(struct buf *out, const char *name, int64_t value)
{
    begin(out, name);
    buf_int(out, value);
}

void json_number(struct buf *out, const char *name, double value)
{
    begin(out, name);
    buf_json_number(out, value);
}

void json_float(struct buf *out, const char *name, float value)
{
    begin(out, name);
    buf_json_float(out, value);
}

void json_time(struct buf *out, const char *name, int64_t time_us)
{
    char text[CLOCK_TEXT_SIZE];
    if (time_us != JSON_NO_TIME)
        clock_format(time_us, text);
    json_text(out, name, time_us == JSON_NO_TIME ? NULL : text);
}

void json_id(struct buf *out, const char *name, const char *kind, int64_t id)
{
    begin(out, name);
    buf_printf(out, "\"%s_%lld\"", kind, (long long)id);
}
