/* Writes reasons. Numbers are made by hand: this layer knows no stdio. */
#include "ecg/statement_reason.h"

#include <math.h>
#include <string.h>

enum { FACT = 96 };

/* A fact being written. */
struct fact {
    char text[FACT];
    size_t length;
};

static void put(struct fact *fact, const char *text)
{
    for (; *text && fact->length + 1 < FACT; text++)
        fact->text[fact->length++] = *text;
    fact->text[fact->length] = '\0';
}

static void put_whole(struct fact *fact, unsigned long value)
{
    char digits[24];
    size_t at = sizeof digits;
    digits[--at] = '\0';
    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    put(fact, digits + at);
}

static void put_number(struct fact *fact, double value, unsigned decimals)
{
    double scale = 1.0;
    for (unsigned i = 0; i < decimals; i++)
        scale *= 10.0;
    if (!(fabs(value) < 1e9)) {
        put(fact, "?");
        return;
    }
    unsigned long scaled = (unsigned long)(fabs(value) * scale + 0.5);
    if (value < 0.0 && scaled > 0)
        put(fact, "-");
    put_whole(fact, scaled / (unsigned long)scale);
    if (decimals == 0)
        return;
    put(fact, ".");
    for (unsigned long place = (unsigned long)scale / 10; place > 0; place /= 10)
        put(fact, (const char[]){(char)('0' + scaled / place % 10), '\0'});
}

/* Millivolts have two decimals, everything else none. */
static void put_quantity(struct fact *fact, double value, const char *unit)
{
    put_number(fact, value, strcmp(unit, "mV") == 0 ? 2 : 0);
    put(fact, " ");
    put(fact, unit);
}

void reason_begin(struct reason *reason, char *text, size_t size)
{
    *reason = (struct reason){text, size, 0};
    if (size > 0)
        text[0] = '\0';
}

void reason_add(struct reason *reason, const char *text)
{
    size_t length = strlen(text);
    size_t comma = reason->length > 0 ? 2 : 0;
    if (reason->length + comma + length + 1 > reason->size)
        return;
    memcpy(reason->text + reason->length, ", ", comma);
    memcpy(reason->text + reason->length + comma, text, length + 1);
    reason->length += comma + length;
}

static void put_comparison(struct fact *fact, const char *name, double value, const char *unit, const char *sign,
                           double limit)
{
    put(fact, name);
    put(fact, " ");
    put_quantity(fact, value, unit);
    put(fact, " ");
    put(fact, sign);
    put(fact, " ");
    put_quantity(fact, limit, unit);
}

void reason_compare(struct reason *reason, const char *name, const struct ecg_figure *figure, const char *unit,
                    const char *sign, double limit)
{
    struct fact fact = {.length = 0};
    put_comparison(&fact, name, figure->value, unit, sign, limit);
    put(&fact, " (");
    put_whole(&fact, figure->beats);
    put(&fact, " beats)");
    reason_add(reason, fact.text);
}

void reason_limit(struct reason *reason, const char *name, double value, const char *unit, const char *sign,
                  double limit)
{
    struct fact fact = {.length = 0};
    put_comparison(&fact, name, value, unit, sign, limit);
    reason_add(reason, fact.text);
}

void reason_value(struct reason *reason, const char *name, double value, unsigned decimals, const char *unit)
{
    struct fact fact = {.length = 0};
    put(&fact, name);
    put(&fact, " ");
    put_number(&fact, value, decimals);
    put(&fact, *unit ? " " : "");
    put(&fact, unit);
    reason_add(reason, fact.text);
}

void reason_lead(struct reason *reason, const char *name, double value, const char *unit, enum ecg_lead lead)
{
    struct fact fact = {.length = 0};
    put(&fact, name);
    put(&fact, " ");
    put_quantity(&fact, value, unit);
    put(&fact, " in ");
    put(&fact, ecg_lead_name(lead));
    reason_add(reason, fact.text);
}

void reason_count(struct reason *reason, unsigned part, unsigned all, const char *things)
{
    struct fact fact = {.length = 0};
    put_whole(&fact, part);
    put(&fact, " of ");
    put_whole(&fact, all);
    put(&fact, " ");
    put(&fact, things);
    reason_add(reason, fact.text);
}
