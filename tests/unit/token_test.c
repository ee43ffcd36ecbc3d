/* Tokens: ours are taken, and every other kind is refused: another algorithm or key, wrong or missing claims, times
past and to come, cut off or touched. The forged ones are made here with OpenSSL, not by the code under test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/token.h"

#define USER  "11111111-2222-4333-8444-555555555555"
#define TOKEN "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define WHO                                                                                                            \
    "\"iss\":\"heartline\",\"aud\":\"heartline-api\",\"use\":\"access\",\"sub\":\"" USER "\",\"jti\":\"" TOKEN "\""
#define WHEN "\"iat\":1000000,\"nbf\":1000000,\"exp\":1003600"

static const int64_t now_s = 1000100;

static struct token_key key_of(char fill, size_t length)
{
    struct token_key key = {.length = length};
    memset(key.bytes, fill, length);
    return key;
}

static void base64url(const void *bytes, size_t length, char *out)
{
    int written = EVP_EncodeBlock((unsigned char *)out, bytes, (int)length);
    while (written > 0 && out[written - 1] == '=')
        written--;
    out[written] = '\0';
    for (char *c = out; *c; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
}

/* "header.payload.signature" with a true signature over whatever stands in it. */
static void forge(const struct token_key *key, const EVP_MD *digest, const char *header, const char *payload, char *out,
                  size_t size)
{
    char head[400], body[2000], mark[200];
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_length = 0;
    base64url(header, strlen(header), head);
    base64url(payload, strlen(payload), body);
    snprintf(out, size, "%s.%s", head, body);
    HMAC(digest, key->bytes, (int)key->length, (const unsigned char *)out, strlen(out), mac, &mac_length);
    base64url(mac, mac_length, mark);
    snprintf(out, size, "%s.%s.%s", head, body, mark);
}

static hl_result verdict(const struct token_key *key, const char *token, int64_t at_s)
{
    struct token_claims claims;
    struct hl_error error = {0};
    hl_result result = token_verify(key, token, at_s, &claims, &error);
    if (result != HL_OK) {
        assert_int_equal(result, HL_UNAUTHENTICATED);
        assert_string_equal(error.field, "Authorization");
        assert_true(error.detail[0] != '\0');
        if (strlen(token) > 10)
            assert_null(strstr(error.detail, token)); /* a refusal is logged and sent: it holds no credential */
    }
    return result;
}

static hl_result verdict_of(const char *header, const char *payload)
{
    struct token_key key = key_of('k', 32);
    char token[4000];
    forge(&key, EVP_sha256(), header, payload, token, sizeof token);
    return verdict(&key, token, now_s);
}

static char *signed_token(const struct token_key *key)
{
    const struct token_claims claims = {.user_id = USER, .token_id = TOKEN, .issued_s = 1000000, .expires_s = 1003600};
    return token_sign(key, &claims);
}

static void our_own_token_is_taken(void **state)
{
    (void)state;
    struct token_key key = key_of('k', 32);
    char *token = signed_token(&key);
    struct token_claims claims = {0};
    assert_non_null(token);
    assert_int_equal(token_verify(&key, token, now_s, &claims, NULL), HL_OK);
    assert_string_equal(claims.user_id, USER);
    assert_string_equal(claims.token_id, TOKEN);
    assert_int_equal(claims.issued_s, 1000000);
    assert_int_equal(claims.expires_s, 1003600);
    free(token);
    assert_int_equal(verdict_of(HS256, "{" WHO "," WHEN "}"), HL_OK); /* and so the forger below forges well */
}

static void its_times_are_kept(void **state)
{
    (void)state;
    struct token_key key = key_of('k', 32);
    char *token = signed_token(&key);
    assert_int_equal(verdict(&key, token, 1003599), HL_OK);
    assert_int_equal(verdict(&key, token, 1003600), HL_UNAUTHENTICATED);
    assert_int_equal(verdict(&key, token, INT64_C(1) << 40), HL_UNAUTHENTICATED);
    assert_int_equal(verdict(&key, token, 1000000), HL_OK);
    assert_int_equal(verdict(&key, token, 1000000 - 30), HL_OK); /* clocks differ a little */
    assert_int_equal(verdict(&key, token, 1000000 - 31), HL_UNAUTHENTICATED);
    assert_int_equal(verdict(&key, token, 0), HL_UNAUTHENTICATED);
    free(token);
}

static void a_touched_token_is_refused(void **state)
{
    (void)state;
    struct token_key key = key_of('k', 32), other = key_of('x', 32), longer = key_of('k', 33);
    char *token = signed_token(&key);
    size_t length = strlen(token);
    assert_int_equal(verdict(&other, token, now_s), HL_UNAUTHENTICATED);
    assert_int_equal(verdict(&longer, token, now_s), HL_UNAUTHENTICATED);
    for (size_t i = 0; i + 1 < length; i++) { /* the last letter holds two bits that mean nothing */
        char kept = token[i];
        token[i] = kept == 'A' ? 'B' : 'A';
        assert_int_equal(verdict(&key, token, now_s), HL_UNAUTHENTICATED);
        token[i] = kept;
    }
    for (size_t cut = 0; cut < length; cut++) {
        char kept = token[cut];
        token[cut] = '\0';
        assert_int_equal(verdict(&key, token, now_s), HL_UNAUTHENTICATED);
        token[cut] = kept;
    }
    free(token);
}

static void another_algorithm_is_refused(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"typ\":\"JWT\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"\"}",
        "{\"typ\":\"JWT\"}",
        "{}",
        "{\"alg\":\"HS384\"}",
        "{\"alg\":\"HS512\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"ES256\"}",
        "{\"alg\":\"PS256\"}",
        "{\"alg\":null}",
        "{\"alg\":256}",
        "[]",
        "x",
        "",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        if (verdict_of(headers[i], "{" WHO "," WHEN "}") == HL_OK)
            fail_msg("taken: %s", headers[i]);
}

static void a_true_hs512_or_no_signature_is_refused(void **state)
{
    (void)state;
    struct token_key key = key_of('k', 64);
    char token[4000], head[100], body[1000];
    forge(&key, EVP_sha512(), "{\"alg\":\"HS512\",\"typ\":\"JWT\"}", "{" WHO "," WHEN "}", token, sizeof token);
    assert_int_equal(verdict(&key, token, now_s), HL_UNAUTHENTICATED);
    forge(&key, EVP_sha384(), "{\"alg\":\"HS384\",\"typ\":\"JWT\"}", "{" WHO "," WHEN "}", token, sizeof token);
    assert_int_equal(verdict(&key, token, now_s), HL_UNAUTHENTICATED);
    base64url("{\"alg\":\"none\"}", 14, head);
    base64url("{" WHO "," WHEN "}", strlen("{" WHO "," WHEN "}"), body);
    static const char *const ends[] = {"", ".", ".AAAA", "..", "...."};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(token, sizeof token, "%s.%s%s", head, body, ends[i]);
        assert_int_equal(verdict(&key, token, now_s), HL_UNAUTHENTICATED);
    }
}

static void wrong_claims_are_refused(void **state)
{
    (void)state;
    static const char *const payloads[] = {
        "{}",
        "[]",
        "not json",
        "{" WHO "}",
        "{" WHEN "}",
        "{" WHO ",\"iat\":1000000,\"nbf\":1000000}",
        "{" WHO ",\"iat\":1000000,\"exp\":1003600}",
        "{" WHO ",\"nbf\":1000000,\"exp\":1003600}",
        "{" WHO ",\"iat\":\"1000000\",\"nbf\":1000000,\"exp\":1003600}",
        "{" WHO ",\"iat\":1000000,\"nbf\":1000000,\"exp\":\"9999999999\"}",
        "{" WHO ",\"iat\":1000000,\"nbf\":1000000,\"exp\":1003600.5}",
        "{" WHO ",\"iat\":1000000,\"nbf\":1000000,\"exp\":-1}",
        "{" WHO ",\"iat\":1000000,\"nbf\":1000000,\"exp\":1000100}",
        "{" WHO ",\"iat\":1000000,\"nbf\":1000000,\"exp\":99999999999999999999}",
        "{" WHO ",\"iat\":1000000,\"nbf\":1000131,\"exp\":1003600}",
        "{" WHO ",\"iat\":1000131,\"nbf\":1000000,\"exp\":1003600}",
        "{" WHO ",\"iat\":1000000,\"nbf\":1000000,\"exp\":true}",
        "{\"iss\":\"heartlin\",\"aud\":\"heartline-api\",\"use\":\"access\",\"sub\":\"" USER "\",\"jti\":\"" TOKEN
        "\"," WHEN "}",
        "{\"iss\":\"heartline\",\"aud\":\"other\",\"use\":\"access\",\"sub\":\"" USER "\",\"jti\":\"" TOKEN "\"," WHEN
        "}",
        "{\"iss\":\"heartline\",\"aud\":[\"heartline-api\"],\"use\":\"access\",\"sub\":\"" USER "\",\"jti\":\"" TOKEN
        "\"," WHEN "}",
        "{\"iss\":\"heartline\",\"aud\":\"heartline-api\",\"use\":\"refresh\",\"sub\":\"" USER "\",\"jti\":\"" TOKEN
        "\"," WHEN "}",
        "{\"iss\":\"heartline\",\"aud\":\"heartline-api\",\"sub\":\"" USER "\",\"jti\":\"" TOKEN "\"," WHEN "}",
        "{\"aud\":\"heartline-api\",\"use\":\"access\",\"sub\":\"" USER "\",\"jti\":\"" TOKEN "\"," WHEN "}",
        "{\"iss\":\"heartline\",\"aud\":\"heartline-api\",\"use\":\"access\",\"jti\":\"" TOKEN "\"," WHEN "}",
        "{\"iss\":\"heartline\",\"aud\":\"heartline-api\",\"use\":\"access\",\"sub\":\"" USER "\"," WHEN "}",
        "{\"iss\":\"heartline\",\"aud\":\"heartline-api\",\"use\":\"access\",\"sub\":\"" USER "0\",\"jti\":\"" TOKEN
        "\"," WHEN "}",
        "{\"iss\":\"heartline\",\"aud\":\"heartline-api\",\"use\":\"access\",\"sub\":\"\",\"jti\":\"" TOKEN "\"," WHEN
        "}",
        "{\"iss\":\"heartline\",\"aud\":\"heartline-api\",\"use\":\"access\",\"sub\":7,\"jti\":\"" TOKEN "\"," WHEN "}",
    };
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++)
        if (verdict_of(HS256, payloads[i]) == HL_OK)
            fail_msg("taken: %s", payloads[i]);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    struct token_key key = key_of('k', 32);
    static const char *const tokens[] = {"",          ".",          "..", "...", "a.b.c", "Bearer x", "\xFF\xFE.\x01.%",
                                         "eyJ.eyJ.x", "===.===.==="};
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        assert_int_equal(verdict(&key, tokens[i], now_s), HL_UNAUTHENTICATED);
    char *huge = malloc(1 << 20);
    assert_non_null(huge);
    memset(huge, 'A', (1 << 20) - 1);
    huge[(1 << 20) - 1] = '\0';
    huge[100] = huge[200] = '.';
    assert_int_equal(verdict(&key, huge, now_s), HL_UNAUTHENTICATED);
    free(huge);
}

static void a_short_key_signs_and_opens_nothing(void **state)
{
    (void)state;
    struct token_key key = key_of('k', 31), none = {0};
    char token[4000];
    assert_null(signed_token(&key));
    assert_null(signed_token(&none));
    forge(&key, EVP_sha256(), HS256, "{" WHO "," WHEN "}", token, sizeof token);
    assert_int_equal(verdict(&key, token, now_s), HL_UNAUTHENTICATED);
    assert_int_equal(verdict(&none, token, now_s), HL_UNAUTHENTICATED);
}

static hl_result load(const char *bytes, size_t length, struct token_key *key)
{
    char path[] = "/tmp/hl-key-XXXXXX";
    struct hl_error error = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
    close(fd);
    hl_result result = token_key_load(path, key, &error);
    unlink(path);
    assert_true((result == HL_OK) == (error.detail[0] == '\0'));
    return result;
}

static void a_key_file_has_from_32_to_256_bytes(void **state)
{
    (void)state;
    char bytes[400];
    struct token_key key;
    memset(bytes, 'k', sizeof bytes);
    assert_int_equal(load(bytes, 31, &key), HL_INVALID);
    assert_int_equal(load(bytes, 0, &key), HL_INVALID);
    assert_int_equal(load(bytes, 32, &key), HL_OK);
    assert_int_equal(key.length, 32);
    assert_int_equal(load(bytes, 256, &key), HL_OK);
    assert_int_equal(key.length, 256);
    assert_int_equal(load(bytes, 257, &key), HL_INVALID);
    bytes[31] = '\n'; /* an editor's last line end is not part of the key */
    assert_int_equal(load(bytes, 32, &key), HL_INVALID);
    bytes[31] = 'k';
    bytes[256] = '\n';
    assert_int_equal(load(bytes, 257, &key), HL_OK);
    assert_int_equal(key.length, 256);
    assert_int_equal(token_key_load("/nowhere/key", &key, NULL), HL_INVALID);
}

static void api_keys_are_long_and_different(void **state)
{
    (void)state;
    char one[API_KEY_SIZE], other[API_KEY_SIZE];
    unsigned char digest[SHA256_BYTES];
    api_key_new(one);
    api_key_new(other);
    assert_int_equal(strlen(one), 44);
    assert_memory_equal(one, "hlk_", 4);
    assert_string_not_equal(one, other);
    sha256("abc", 3, digest);
    assert_memory_equal(digest, "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23", 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_token_is_taken),
        cmocka_unit_test(its_times_are_kept),
        cmocka_unit_test(a_touched_token_is_refused),
        cmocka_unit_test(another_algorithm_is_refused),
        cmocka_unit_test(a_true_hs512_or_no_signature_is_refused),
        cmocka_unit_test(wrong_claims_are_refused),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(a_short_key_signs_and_opens_nothing),
        cmocka_unit_test(a_key_file_has_from_32_to_256_bytes),
        cmocka_unit_test(api_keys_are_long_and_different),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
