/* The names of the leads. The row's place is the lead's code for the first ECG_LEAD_COUNT rows, which hold the names
that are written; the rows behind them hold other spellings, which are only read. */
#include "ecg/lead.h"

struct spelling {
    const char *name;
    enum ecg_lead lead;
};

static const struct spelling spellings[] = {
    {"I", ECG_LEAD_I},
    {"II", ECG_LEAD_II},
    {"III", ECG_LEAD_III},
    {"aVR", ECG_LEAD_AVR},
    {"aVL", ECG_LEAD_AVL},
    {"aVF", ECG_LEAD_AVF},
    {"V1", ECG_LEAD_V1},
    {"V2", ECG_LEAD_V2},
    {"V3", ECG_LEAD_V3},
    {"V4", ECG_LEAD_V4},
    {"V5", ECG_LEAD_V5},
    {"V6", ECG_LEAD_V6},
    {"MLII", ECG_LEAD_MLII},
    {"VX", ECG_LEAD_VX},
    {"VY", ECG_LEAD_VY},
    {"VZ", ECG_LEAD_VZ},
    {"ECG", ECG_LEAD_ECG},
    /* other spellings: Spanish and German D for derivation, MDC reference ids, the Frank leads without V */
    {"DI", ECG_LEAD_I},
    {"DII", ECG_LEAD_II},
    {"DIII", ECG_LEAD_III},
    {"D1", ECG_LEAD_I},
    {"D2", ECG_LEAD_II},
    {"D3", ECG_LEAD_III},
    {"L1", ECG_LEAD_I},
    {"L2", ECG_LEAD_II},
    {"L3", ECG_LEAD_III},
    {"lead I", ECG_LEAD_I},
    {"lead II", ECG_LEAD_II},
    {"lead III", ECG_LEAD_III},
    {"C1", ECG_LEAD_V1},
    {"C2", ECG_LEAD_V2},
    {"C3", ECG_LEAD_V3},
    {"C4", ECG_LEAD_V4},
    {"C5", ECG_LEAD_V5},
    {"C6", ECG_LEAD_V6},
    {"ML2", ECG_LEAD_MLII},
    {"X", ECG_LEAD_VX},
    {"Y", ECG_LEAD_VY},
    {"Z", ECG_LEAD_VZ},
    {"EKG", ECG_LEAD_ECG},
};

_Static_assert(sizeof spellings / sizeof spellings[0] > ECG_LEAD_COUNT, "every lead has a name");

/* Not tolower(): lead names do not depend on the locale. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_name(const char *known, const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (known[i] == '\0' || lower(known[i]) != lower(name[i]))
            return false;
    return known[length] == '\0';
}

const char *ecg_lead_name(enum ecg_lead lead)
{
    return (unsigned)lead < ECG_LEAD_COUNT ? spellings[lead].name : "unknown";
}

bool ecg_lead_from_name(const char *name, size_t length, enum ecg_lead *lead)
{
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        if (same_name(spellings[i].name, name, length)) {
            *lead = spellings[i].lead;
            return true;
        }
    }
    return false;
}
