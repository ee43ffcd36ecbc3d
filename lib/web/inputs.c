/* Parsing query and body, and checking them against the route's table. All that is wrong is told at once. */
#include "web/inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "web/json_scan.h"
#include "web/router.h"
#include "web/urldecode.h"

void reply_scan_error(struct request *request, const struct json_scan *scan)
{
    char field[128];
    json_field(scan, field, sizeof field);
    request_reject(request, field, "%s (at byte %ld)", scan->error, (long)(scan->at - scan->start));
    if (scan->not_a_number)
        reply_problem(request, 422, "A value is not a finite number.");
    else
        reply_problem(request, 400, "The body is not valid JSON.");
}

/* Every key of every object once. The gate bounds keys per object, so comparing each with each is bounded too. */
static const char *repeated_key(const cJSON *item)
{
    for (const cJSON *child = item->child; child; child = child->next) {
        if (cJSON_IsObject(item))
            for (const cJSON *other = item->child; other != child; other = other->next)
                if (strcmp(child->string, other->string) == 0)
                    return child->string;
        const char *deeper = repeated_key(child);
        if (deeper)
            return deeper;
    }
    return NULL;
}

cJSON *json_parse(struct request *request, const char *text, size_t length)
{
    struct json_scan scan;
    if (!json_check(&scan, text, length)) {
        reply_scan_error(request, &scan);
        return NULL;
    }
    cJSON *json = cJSON_ParseWithLength(text, length);
    if (!json) {
        reply_problem(request, 400, "The body is not valid JSON.");
        return NULL;
    }
    const char *twice = repeated_key(json);
    if (twice) {
        request_reject(request, twice, "stands twice in one object");
        reply_problem(request, 400, "A key stands twice in one object.");
        cJSON_Delete(json);
        return NULL;
    }
    return json;
}

bool is_uuid_text(const char *text)
{
    for (int i = 0; i < UUID_TEXT_SIZE - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]) || !text[i])
            return false;
    }
    return text[UUID_TEXT_SIZE - 1] == '\0';
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static bool check_text(struct request *request, const struct input *in, struct value *value, const char *text)
{
    size_t length = strlen(text);
    value->text = text;
    if (in->type == INPUT_TIME) {
        if (clock_parse(text, length, &value->time_us) == HL_OK)
            return true;
        request_reject(request, in->name, "must be a time such as 2025-01-08T12:34:56.789Z");
        return false;
    }
    if (in->type == INPUT_UUID) {
        if (is_uuid_text(text))
            return true;
        request_reject(request, in->name, "must be a UUID");
        return false;
    }
    if ((in->least > 0 && is_blank(text)) || (double)length < in->least) {
        request_reject(request, in->name, in->least > 1 ? "must have at least %.0f bytes" : "must not be empty",
                       in->least);
        return false;
    }
    if (in->most > 0 && (double)length > in->most) {
        request_reject(request, in->name, "must have at most %.0f bytes", in->most);
        return false;
    }
    return true;
}

static bool check_number(struct request *request, const struct input *in, struct value *value, double number)
{
    value->number = number;
    if (in->type == INPUT_INTEGER && number != floor(number)) {
        request_reject(request, in->name, "must be a whole number");
        return false;
    }
    if (in->least < in->most && (number < in->least || number > in->most)) {
        request_reject(request, in->name, "must be from %.10g to %.10g", in->least, in->most);
        return false;
    }
    return true;
}

static bool check_json_value(struct request *request, const struct input *in, const cJSON *json, struct value *value)
{
    static const char *const wanted[] = {
        [INPUT_TEXT] = "a string",         [INPUT_INTEGER] = "a whole number", [INPUT_NUMBER] = "a number",
        [INPUT_BOOLEAN] = "true or false", [INPUT_TIME] = "a string",          [INPUT_UUID] = "a string",
        [INPUT_OBJECT] = "an object",
    };
    value->json = json;
    bool textual = in->type == INPUT_TEXT || in->type == INPUT_TIME || in->type == INPUT_UUID;
    if (textual && cJSON_IsString(json))
        return check_text(request, in, value, json->valuestring);
    if ((in->type == INPUT_INTEGER || in->type == INPUT_NUMBER) && cJSON_IsNumber(json))
        return check_number(request, in, value, json->valuedouble);
    if (in->type == INPUT_BOOLEAN && cJSON_IsBool(json)) {
        value->flag = cJSON_IsTrue(json);
        return true;
    }
    if (in->type == INPUT_OBJECT && cJSON_IsObject(json))
        return true;
    request_reject(request, in->name, "must be %s", wanted[in->type]);
    return false;
}

/* Numbers have one grammar, in a query as in a body. */
static bool check_query_number(struct request *request, const struct input *in, const char *text, struct value *value)
{
    struct json_scan scan;
    double number;
    json_scan_init(&scan, text, strlen(text));
    if (strpbrk(text, " \t\r\n") || !json_read_number(&scan, &number) || !json_finish(&scan)) {
        request_reject(request, in->name, "must be a number");
        return false;
    }
    return check_number(request, in, value, number);
}

static bool check_query_flag(struct request *request, const struct input *in, const char *text, struct value *value)
{
    static const struct {
        const char *word;
        bool flag;
    } words[] = {{"true", true}, {"1", true}, {"yes", true}, {"false", false}, {"0", false}, {"no", false}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i].word) == 0) {
            value->flag = words[i].flag;
            return true;
        }
    }
    request_reject(request, in->name, "must be true or false");
    return false;
}

static bool check_query_value(struct request *request, const struct input *in, const char *text, struct value *value)
{
    if (in->type == INPUT_INTEGER || in->type == INPUT_NUMBER)
        return check_query_number(request, in, text, value);
    if (in->type == INPUT_BOOLEAN)
        return check_query_flag(request, in, text, value);
    return check_text(request, in, value, text);
}

static bool check_input(struct request *request, const struct input *in, struct value *value)
{
    bool good = true;
    if (in->source == FROM_QUERY) {
        const char *text;
        value->present = query_value(request->arena, request->query, in->name, &text);
        if (text)
            good = check_query_value(request, in, text, value);
        else if (value->present)
            request_reject(request, in->name, "is not percent-encoded UTF-8");
    } else {
        const cJSON *json = cJSON_GetObjectItemCaseSensitive(request->json, in->name);
        value->present = json && !cJSON_IsNull(json);
        if (value->present)
            good = check_json_value(request, in, json, value);
    }
    if (in->required && !value->present)
        request_reject(request, in->name, "is missing");
    return good;
}

/* Not said, or application/json with or without parameters. */
static bool is_json_type(const char *type)
{
    static const char json[] = "application/json";
    if (!type || !*type)
        return true;
    return strncasecmp(type, json, sizeof json - 1) == 0 && strchr("; \t", type[sizeof json - 1]);
}

static bool parse_body(struct request *request)
{
    if (!is_json_type(request->content_type)) {
        reply_problem(request, 415, "This endpoint takes application/json.");
        return false;
    }
    if (request->body_length == 0) { /* a POST without a body says nothing, which is not an error by itself */
        request->json = cJSON_CreateObject();
        return request->json != NULL;
    }
    request->json = json_parse(request, request->body, request->body_length);
    if (!request->json)
        return false;
    if (!cJSON_IsObject(request->json)) {
        reply_problem(request, 422, "The body must be a JSON object.");
        return false;
    }
    return true;
}

bool inputs_check(struct request *request)
{
    const struct input *inputs = request->route->inputs;
    if (request->route->body == BODY_JSON && !parse_body(request))
        return false;
    size_t count = 0;
    while (inputs && inputs[count].name)
        count++;
    request->values = arena_calloc(request->arena, count + 1, sizeof *request->values);
    if (!request->values) {
        reply_failure(request, HL_NO_MEMORY, NULL);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        check_input(request, &inputs[i], &request->values[i]);
    if (request->error_count == 0)
        return true;
    reply_problem(request, 422, "Some inputs are missing or not acceptable; see errors.");
    return false;
}

const struct value *input(const struct request *request, const char *name)
{
    const struct input *inputs = request->route->inputs;
    for (size_t i = 0; inputs && inputs[i].name; i++)
        if (strcmp(inputs[i].name, name) == 0)
            return &request->values[i];
    abort(); /* a handler asks for what its route does not declare: a fault the first test of that route finds */
}

const char *input_text(const struct request *request, const char *name)
{
    const struct value *value = input(request, name);
    return value->present ? value->text : NULL;
}
