/* The leads this system knows, by a stable code and by name.

Codes are stored and sent, so a code never changes meaning; a new lead is a new row at the end of lead.c. Names are
compared without regard to case, and common other spellings ("AVR", "avr", "DII") are rows too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum ecg_lead {
    ECG_LEAD_I = 0,
    ECG_LEAD_II,
    ECG_LEAD_III,
    ECG_LEAD_AVR,
    ECG_LEAD_AVL,
    ECG_LEAD_AVF,
    ECG_LEAD_V1,
    ECG_LEAD_V2,
    ECG_LEAD_V3,
    ECG_LEAD_V4,
    ECG_LEAD_V5,
    ECG_LEAD_V6,
    ECG_LEAD_MLII, /* modified lead II of ambulatory recorders */
    ECG_LEAD_VX,   /* the Frank leads */
    ECG_LEAD_VY,
    ECG_LEAD_VZ,
    ECG_LEAD_ECG, /* one channel whose electrodes nobody named */
    ECG_LEAD_COUNT
};

enum { ECG_STANDARD_LEADS = 12, ECG_MAX_LEADS = ECG_LEAD_COUNT };

/* "aVR", "V1", "MLII"; never NULL for a valid code. */
const char *ecg_lead_name(enum ecg_lead lead);

/* `name` need not end in NUL. False when no lead has that name. */
bool ecg_lead_from_name(const char *name, size_t length, enum ecg_lead *lead);
