/* Opening and closing what the use cases share. */
#include "service/service.h"

#include "base/config.h"
#include "service/account.h"

hl_result service_open(struct service *service, int patience_ms, struct hl_error *error)
{
    *service = (struct service){
        .run_folder = config_text(CONFIG_RUN),
        .reports_folder = config_text(CONFIG_REPORTS),
        .open_registration = config_bool(CONFIG_OPEN_REGISTRATION),
        .bell = {.fd = -1},
    };
    hl_result result = config_int(CONFIG_TOKEN_DAYS, 1, 3660, &service->token_days, error);
    if (result == HL_OK)
        result = config_int(CONFIG_BROWSER_HOURS, 1, 24 * 31, &service->browser_hours, error);
    if (result == HL_OK)
        result = token_key_load(config_text(CONFIG_SECRET_FILE), &service->key, error);
    if (result == HL_OK)
        result = db_open(config_text(CONFIG_DATABASE), patience_ms, &service->db);
    if (result == HL_OK && !(service->token_cache = token_cache_new()))
        result = HL_NO_MEMORY;
    if (result == HL_OK)
        bell_open(&service->bell, service->run_folder);
    else
        service_close(service);
    return result;
}

void service_close(struct service *service)
{
    db_close(service->db);
    token_cache_free(service->token_cache);
    bell_close(&service->bell);
    buf_free(&service->scratch);
    *service = (struct service){.bell = {.fd = -1}};
}
