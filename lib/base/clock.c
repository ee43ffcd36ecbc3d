/* Wall and monotonic time, and RFC 3339 text. The calendar is computed here (days from civil, Howard Hinnant's
algorithm) because timegm and strptime take neither fractions nor offsets and read the locale. */
#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void civil_from_days(int64_t days, struct clock_fields *fields)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    fields->day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    fields->month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    fields->year = (int)(year_of_era + era * 400 + (fields->month <= 2));
}

void clock_split(int64_t time_us, struct clock_fields *fields)
{
    int64_t day_us = INT64_C(86400000000);
    int64_t days = time_us / day_us;
    int64_t rest = time_us % day_us;
    if (rest < 0) {
        rest += day_us;
        days--;
    }
    civil_from_days(days, fields);
    fields->microsecond = (int)(rest % 1000000);
    int seconds = (int)(rest / 1000000);
    fields->hour = seconds / 3600;
    fields->minute = seconds / 60 % 60;
    fields->second = seconds % 60;
}

void clock_format(int64_t time_us, char text[CLOCK_TEXT_SIZE])
{
    struct clock_fields f;
    clock_split(time_us, &f);
    int used = snprintf(text, CLOCK_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", f.year, f.month, f.day, f.hour,
                        f.minute, f.second);
    size_t room = CLOCK_TEXT_SIZE - (size_t)used;
    if (f.microsecond == 0)
        snprintf(text + used, room, "Z");
    else if (f.microsecond % 1000 == 0)
        snprintf(text + used, room, ".%03dZ", f.microsecond / 1000);
    else
        snprintf(text + used, room, ".%06dZ", f.microsecond);
}

struct reader {
    const char *at, *end;
};

static bool read_digits(struct reader *r, int count, int *value)
{
    if (r->end - r->at < count)
        return false;
    int sum = 0;
    for (int i = 0; i < count; i++, r->at++) {
        if (*r->at < '0' || *r->at > '9')
            return false;
        sum = sum * 10 + (*r->at - '0');
    }
    *value = sum;
    return true;
}

static bool read_one(struct reader *r, const char *allowed, char *which)
{
    for (; r->at < r->end && *allowed; allowed++) {
        if (*r->at == *allowed) {
            *which = *r->at++;
            return true;
        }
    }
    return false;
}

static bool read_fraction(struct reader *r, int *microsecond)
{
    char c;
    *microsecond = 0;
    if (!read_one(r, ".,", &c))
        return true;
    int digits = 0;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++, digits++)
        if (digits < 6)
            *microsecond = *microsecond * 10 + (*r->at - '0');
    for (int i = digits; i < 6; i++)
        *microsecond *= 10;
    return digits >= 1 && digits <= 9;
}

static bool read_offset(struct reader *r, int *offset_minutes)
{
    char sign;
    if (!read_one(r, "Zz+-", &sign))
        return false;
    *offset_minutes = 0;
    if (sign == 'Z' || sign == 'z')
        return true;
    int hours, minutes;
    char colon;
    if (!read_digits(r, 2, &hours) || !read_one(r, ":", &colon) || !read_digits(r, 2, &minutes))
        return false;
    *offset_minutes = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
    return hours <= 23 && minutes <= 59;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool fields_valid(const struct clock_fields *f)
{
    return f->year >= 1 && f->month >= 1 && f->month <= 12 && f->day >= 1 &&
           f->day <= days_in_month(f->year, f->month) && f->hour <= 23 && f->minute <= 59 && f->second <= 60;
}

static const int64_t first_second = INT64_C(-62135596800); /* 0001-01-01T00:00:00Z */
static const int64_t last_second = INT64_C(253402300799);  /* 9999-12-31T23:59:59Z */

hl_result clock_parse(const char *text, size_t length, int64_t *time_us)
{
    struct reader r = {text, text + length};
    struct clock_fields f;
    int offset_minutes;
    char c;
    bool ok = read_digits(&r, 4, &f.year) && read_one(&r, "-", &c) && read_digits(&r, 2, &f.month) &&
              read_one(&r, "-", &c) && read_digits(&r, 2, &f.day) && read_one(&r, "Tt ", &c) &&
              read_digits(&r, 2, &f.hour) && read_one(&r, ":", &c) && read_digits(&r, 2, &f.minute) &&
              read_one(&r, ":", &c) && read_digits(&r, 2, &f.second) && read_fraction(&r, &f.microsecond) &&
              read_offset(&r, &offset_minutes) && r.at == r.end;
    if (!ok || !fields_valid(&f))
        return HL_INVALID;
    int second = f.second == 60 ? 59 : f.second;
    int64_t seconds = days_from_civil(f.year, f.month, f.day) * 86400 + f.hour * 3600 + f.minute * 60 + second -
                      (int64_t)offset_minutes * 60;
    if (seconds < first_second || seconds > last_second)
        return HL_INVALID;
    *time_us = seconds * 1000000 + f.microsecond;
    return HL_OK;
}
