/* One line of JSON on standard error for each thing worth knowing; whoever supervises the process keeps it. Log once,
where the cause is known. Never log a password, a token or a name: ids only. */
#pragma once

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

/* "debug", "info", "warning", "error"; LOG_LEVEL_INFO for anything else. */
enum log_level log_level_from_name(const char *name);

/* `program` is borrowed for the life of the process. Lines below `least` are dropped. */
void log_open(const char *program, enum log_level least);

/* The id that every line of the current request carries; NULL when there is none. Borrowed. Per thread. */
void log_request_id(const char *id);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
