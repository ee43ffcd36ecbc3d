/* Registering, signing in and out, and who a request comes from. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api_json.h"
#include "routes.h"
#include "service/account.h"

static const char cookie_name[] = "heartline";

/* The value of our cookie; NULL when it is not there. */
static const char *cookie_token(struct request *request)
{
    size_t name_length = sizeof cookie_name - 1;
    const char *at = request->cookie;
    while (at && *at) {
        at += strspn(at, " ;");
        size_t length = strcspn(at, ";");
        if (length > name_length + 1 && strncmp(at, cookie_name, name_length) == 0 && at[name_length] == '=')
            return arena_copy(request->arena, at + name_length + 1, length - name_length - 1);
        at += length;
    }
    return NULL;
}

/* One credential decides: Bearer, else API key, else cookie. */
hl_result authenticate(struct request *request, struct hl_error *error)
{
    struct service *service = service_of(request);
    struct identity *identity = &request->identity;
    const char *token = NULL;
    enum credential credential = CREDENTIAL_NONE;
    hl_result result;
    if (request->authorization) {
        if (strncasecmp(request->authorization, "Bearer ", 7) != 0)
            return hl_fail(error, HL_UNAUTHENTICATED, "Authorization", "Must be \"Bearer\" and a token.");
        token = request->authorization + 7;
        credential = CREDENTIAL_BEARER;
        result = account_of_token(service, token, identity, error);
    } else if (request->api_key) {
        credential = CREDENTIAL_API_KEY;
        result = account_of_key(service, request->api_key, identity, error);
    } else if ((token = cookie_token(request)) != NULL) {
        credential = CREDENTIAL_COOKIE;
        result = account_of_token(service, token, identity, error);
    } else {
        return hl_fail(error, HL_UNAUTHENTICATED, "Authorization",
                       "Sign in first: this needs a Bearer token, an X-API-Key or a cookie.");
    }
    if (result == HL_OK)
        identity->credential = credential;
    return result;
}

static void write_profile(struct buf *out, const struct user *user)
{
    json_open(out, "user_profile", '{');
    json_text(out, "user_id", user->user_id);
    json_text(out, "full_name", user->full_name);
    json_number(out, "age", user->age < 0 ? __builtin_nan("") : user->age);
    json_text(out, "gender", user->gender);
    json_text(out, "phone", user->phone);
    json_text(out, "address", user->address);
    json_text(out, "device_serial", user->device_serial);
    json_text(out, "role", role_name(user->role));
    json_time(out, "registration_date", user->created_us);
    json_time(out, "last_login", user->last_login_us);
    json_close(out, '}');
}

/* POST /api/v1/auth/register {full_name, password, age?, gender?, phone?, address?, device_serial?}
   201 {status, user_id, token}; the token is a device's: long-lived, revocable.
   409: this person with this device is registered. 403: registration is closed. 422: an input. */
void auth_register(struct request *request)
{
    const struct value *age = input(request, "age");
    struct user user = {
        .full_name = input_text(request, "full_name"),
        .age = age->present ? (int)age->number : -1,
        .gender = input_text(request, "gender"),
        .phone = input_text(request, "phone"),
        .address = input_text(request, "address"),
        .device_serial = input_text(request, "device_serial"),
    };
    struct hl_error error = {0};
    const char *token = NULL;
    hl_result result =
        account_register(service_of(request), request->arena, &user, input_text(request, "password"), &token, &error);
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    struct buf *out = reply_json(request, 201);
    buf_printf(out, "{\"status\":\"success\",\"user_id\":\"%s\",\"token\":\"%s\"}", user.user_id, token);
}

static void set_cookie(struct request *request, const char *token, long seconds)
{
    reply_header(request, "Set-Cookie",
                 arena_printf(request->arena, "%s=%s; Path=/; Max-Age=%ld; HttpOnly; SameSite=Strict%s", cookie_name,
                              token, seconds, request->secure ? "; Secure" : ""));
}

/* POST /api/v1/auth/login {identifier, password, cookie?}; identifier: full name or device serial.
   200 {status, user_id, token, user_profile}; with cookie true the token goes into an HttpOnly cookie instead.
   401: unknown or wrong. 409: the name or serial stands for more than one account. */
void auth_login(struct request *request)
{
    struct user user = {0};
    struct hl_error error = {0};
    const char *token = NULL;
    bool browser = input(request, "cookie")->flag;
    hl_result result = account_login(service_of(request), request->arena, input_text(request, "identifier"),
                                     input_text(request, "password"), browser, &user, &token, &error);
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    struct buf *out = reply_json(request, 200);
    buf_printf(out, "{\"status\":\"success\",\"user_id\":\"%s\"", user.user_id);
    if (browser)
        set_cookie(request, token, service_of(request)->browser_hours * 3600);
    else
        json_text(out, "token", token);
    write_profile(out, &user);
    json_close(out, '}');
}

/* POST /api/v1/auth/logout: revokes the credential that was used. 200 {status}. */
void auth_logout(struct request *request)
{
    hl_result result = account_logout(service_of(request), &request->identity);
    if (result != HL_OK) {
        reply_failure(request, result, NULL);
        return;
    }
    if (request->identity.credential == CREDENTIAL_COOKIE)
        set_cookie(request, "", 0);
    buf_text(reply_json(request, 200), "{\"status\":\"success\"}");
}

/* GET /api/v1/auth/me: 200 {user_id, user_profile}. */
void auth_me(struct request *request)
{
    struct user user = {0};
    hl_result result = users_get(service_of(request)->db, request->arena, request->identity.user_id, &user);
    if (result != HL_OK) {
        reply_failure(request, result, NULL);
        return;
    }
    struct buf *out = reply_json(request, 200);
    json_open(out, NULL, '{');
    json_text(out, "user_id", user.user_id);
    write_profile(out, &user);
    json_close(out, '}');
}

/* GET /internal/authorize-stream: asked by nginx alone, before it opens a stream to live. 200 with who the viewer is in
   headers; live filters by them. 401, 403 as anywhere. */
void authorize_stream(struct request *request)
{
    const struct identity *identity = &request->identity;
    reply_header(request, "X-Heartline-User", identity->user_id);
    reply_header(request, "X-Heartline-Role", role_name(identity->role));
    reply_header(request, "X-Heartline-Expires",
                 arena_printf(request->arena, "%lld", (long long)(identity->expires_us / 1000000)));
    buf_text(reply_json(request, 200), "{}");
}
