/* PostgreSQL's binary formats: big-endian numbers, timestamps counted from 2000, one-dimensional arrays. */
#include <endian.h>
#include <libpq-fe.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/db.h"

/* Type numbers of pg_type, fixed for ever by PostgreSQL. */
enum {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25,
    TYPE_FLOAT4 = 700,
    TYPE_FLOAT8 = 701,
    TYPE_TEXT_ARRAY = 1009,
    TYPE_INT8_ARRAY = 1016,
    TYPE_FLOAT8_ARRAY = 1022,
    TYPE_TIMESTAMPTZ = 1184,
    TYPE_TIMESTAMPTZ_ARRAY = 1185,
};

static const int64_t postgres_epoch_us = INT64_C(946684800000000); /* 2000-01-01 after 1970-01-01 */

static void add(struct db_args *args, unsigned type, const void *value, size_t length)
{
    if (args->count >= DB_MAX_ARGS || length > INT32_MAX) {
        args->failed = true;
        return;
    }
    args->types[args->count] = type;
    args->values[args->count] = value;
    args->lengths[args->count] = (int)length;
    args->count++;
}

static void add_copied(struct db_args *args, unsigned type, const void *value, size_t length)
{
    if (args->count >= DB_MAX_ARGS) {
        args->failed = true;
        return;
    }
    unsigned char *place = args->scratch[args->count];
    memcpy(place, value, length);
    add(args, type, place, length);
}

void db_textn(struct db_args *args, const char *text, size_t length)
{
    add(args, TYPE_TEXT, text, text ? length : 0);
}

void db_text(struct db_args *args, const char *text)
{
    db_textn(args, text, text ? strlen(text) : 0);
}

void db_json(struct db_args *args, const char *text)
{
    db_text(args, text);
}

void db_uuid(struct db_args *args, const char *text)
{
    db_text(args, text);
}

void db_bool(struct db_args *args, bool value)
{
    unsigned char byte = value;
    add_copied(args, TYPE_BOOL, &byte, 1);
}

void db_int(struct db_args *args, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);
    add_copied(args, TYPE_INT8, &wire, sizeof wire);
}

void db_int4(struct db_args *args, int32_t value)
{
    uint32_t wire = htobe32((uint32_t)value);
    add_copied(args, TYPE_INT4, &wire, sizeof wire);
}

void db_real(struct db_args *args, double value)
{
    float narrow = (float)value;
    uint32_t wire;
    memcpy(&wire, &narrow, sizeof wire);
    wire = htobe32(wire);
    if (isnan(value))
        add(args, TYPE_FLOAT4, NULL, 0);
    else
        add_copied(args, TYPE_FLOAT4, &wire, sizeof wire);
}

static uint64_t double_wire(double value)
{
    uint64_t wire;
    memcpy(&wire, &value, sizeof wire);
    return htobe64(wire);
}

void db_double(struct db_args *args, double value)
{
    uint64_t wire = double_wire(value);
    if (isnan(value))
        add(args, TYPE_FLOAT8, NULL, 0);
    else
        add_copied(args, TYPE_FLOAT8, &wire, sizeof wire);
}

void db_time(struct db_args *args, int64_t time_us)
{
    if (time_us == DB_NO_TIME) {
        add(args, TYPE_TIMESTAMPTZ, NULL, 0);
        return;
    }
    uint64_t wire = htobe64((uint64_t)(time_us - postgres_epoch_us));
    add_copied(args, TYPE_TIMESTAMPTZ, &wire, sizeof wire);
}

void db_bytes(struct db_args *args, const void *bytes, size_t length)
{
    add(args, TYPE_BYTEA, bytes, bytes ? length : 0);
}

/* Array wire format: dimensions, has-null flag, element type, length, lower bound, then length-prefixed elements. */
struct array_writer {
    unsigned char *data;
    size_t length;
};

static void put32(struct array_writer *w, uint32_t value)
{
    uint32_t wire = htobe32(value);
    memcpy(w->data + w->length, &wire, sizeof wire);
    w->length += sizeof wire;
}

static void put_element(struct array_writer *w, const void *bytes, size_t length)
{
    put32(w, (uint32_t)length);
    memcpy(w->data + w->length, bytes, length);
    w->length += length;
}

static bool array_begin(struct db_args *args, struct array_writer *w, unsigned element, size_t count,
                        size_t element_bytes)
{
    *w = (struct array_writer){0};
    if (args->owned_count < (int)(sizeof args->owned / sizeof args->owned[0]))
        w->data = malloc(20 + count * 4 + element_bytes);
    if (!w->data) {
        args->failed = true;
        return false;
    }
    args->owned[args->owned_count++] = w->data;
    put32(w, count ? 1 : 0);
    put32(w, 1); /* there may be nulls */
    put32(w, element);
    if (count) {
        put32(w, (uint32_t)count);
        put32(w, 1);
    }
    return true;
}

void db_text_array(struct db_args *args, const char *const *texts, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += strlen(texts[i]);
    struct array_writer w;
    if (!array_begin(args, &w, TYPE_TEXT, count, bytes))
        return;
    for (size_t i = 0; i < count; i++)
        put_element(&w, texts[i], strlen(texts[i]));
    add(args, TYPE_TEXT_ARRAY, w.data, w.length);
}

void db_int_array(struct db_args *args, const int64_t *values, size_t count)
{
    struct array_writer w;
    if (!array_begin(args, &w, TYPE_INT8, count, count * 8))
        return;
    for (size_t i = 0; i < count; i++) {
        uint64_t wire = htobe64((uint64_t)values[i]);
        put_element(&w, &wire, sizeof wire);
    }
    add(args, TYPE_INT8_ARRAY, w.data, w.length);
}

void db_double_array(struct db_args *args, const double *values, size_t count)
{
    struct array_writer w;
    if (!array_begin(args, &w, TYPE_FLOAT8, count, count * 8))
        return;
    for (size_t i = 0; i < count; i++) {
        uint64_t wire = double_wire(values[i]);
        if (isnan(values[i]))
            put32(&w, UINT32_MAX);
        else
            put_element(&w, &wire, sizeof wire);
    }
    add(args, TYPE_FLOAT8_ARRAY, w.data, w.length);
}

void db_time_array(struct db_args *args, const int64_t *times_us, size_t count)
{
    struct array_writer w;
    if (!array_begin(args, &w, TYPE_TIMESTAMPTZ, count, count * 8))
        return;
    for (size_t i = 0; i < count; i++) {
        uint64_t wire = htobe64((uint64_t)(times_us[i] - postgres_epoch_us));
        put_element(&w, &wire, sizeof wire);
    }
    add(args, TYPE_TIMESTAMPTZ_ARRAY, w.data, w.length);
}

void db_rows_free(struct db_rows *rows)
{
    PQclear(rows->pg);
    *rows = (struct db_rows){0};
}

bool db_is_null(const struct db_rows *rows, int row, int column)
{
    return PQgetisnull(rows->pg, row, column);
}

const char *db_get_text(const struct db_rows *rows, int row, int column)
{
    return db_is_null(rows, row, column) ? NULL : PQgetvalue(rows->pg, row, column);
}

const char *db_keep_text(struct arena *arena, const struct db_rows *rows, int row, int column)
{
    const char *text = db_get_text(rows, row, column);
    return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

const void *db_get_bytes(const struct db_rows *rows, int row, int column, size_t *length)
{
    *length = (size_t)PQgetlength(rows->pg, row, column);
    return db_get_text(rows, row, column);
}

static uint64_t wire_value(const struct db_rows *rows, int row, int column)
{
    const char *value = PQgetvalue(rows->pg, row, column);
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (PQgetlength(rows->pg, row, column)) {
    case 2: memcpy(&two, value, 2); return (uint64_t)(int64_t)(int16_t)be16toh(two);
    case 4: memcpy(&four, value, 4); return (uint64_t)(int64_t)(int32_t)be32toh(four);
    case 8: memcpy(&eight, value, 8); return be64toh(eight);
    default: return 0;
    }
}

int64_t db_get_int(const struct db_rows *rows, int row, int column)
{
    return db_is_null(rows, row, column) ? 0 : (int64_t)wire_value(rows, row, column);
}

double db_get_double(const struct db_rows *rows, int row, int column)
{
    if (db_is_null(rows, row, column))
        return NAN;
    uint64_t wire = wire_value(rows, row, column);
    if (PQgetlength(rows->pg, row, column) == 4) {
        uint32_t bits = (uint32_t)wire;
        float narrow;
        memcpy(&narrow, &bits, sizeof narrow);
        return (double)narrow;
    }
    double value;
    memcpy(&value, &wire, sizeof value);
    return value;
}

bool db_get_bool(const struct db_rows *rows, int row, int column)
{
    return !db_is_null(rows, row, column) && PQgetvalue(rows->pg, row, column)[0] != 0;
}

int64_t db_get_time(const struct db_rows *rows, int row, int column)
{
    if (db_is_null(rows, row, column))
        return DB_NO_TIME;
    return (int64_t)wire_value(rows, row, column) + postgres_epoch_us;
}
