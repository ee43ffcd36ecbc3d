/* The limits of all rhythms, each with its unit and where it comes from. "Own choice" says why; what stands in
docs/accuracy.md was measured with them. */
#include "ecg/rhythm_private.h"

#define BRADYCARDIA_2018 "Kusumoto et al., ACC/AHA/HRS bradycardia guideline, Circulation 2019; 140: e382-e482"
#define SVT_2015         "Page et al., ACC/AHA/HRS guideline on SVT, Circulation 2016; 133: e506-e574"
#define VA_2017          "Al-Khatib et al., AHA/ACC/HRS guideline, Circulation 2018; 138: e272-e391"
#define CONDUCTION_2009  "Surawicz et al., AHA/ACCF/HRS recommendations part III, J Am Coll Cardiol 2009; 53: 976-981"
#define MONITOR          "IEC 60601-2-27:2011"

const struct ecg_rhythm_limit_row ecg_rhythm_limits[LIMIT_COUNT] = {
    [LIMIT_BRADYCARDIA_BPM] = {60.0, "sinus_bradycardia_below", "bpm",
                               "Surawicz and Knilans, Chou's Electrocardiography, 6th ed. 2008"},
    [LIMIT_TACHYCARDIA_BPM] = {100.0, "tachycardia_above", "bpm", SVT_2015},
    [LIMIT_UNKNOWN_BRADYCARDIA_BPM] = {50.0, "bradycardia_below", "bpm", BRADYCARDIA_2018},
    [LIMIT_RATE_HYSTERESIS_BPM] = {3.0, "rate_hysteresis", "bpm",
                                   "own choice: the mean of eight beats varies by so much at rest"},
    [LIMIT_P_SHARE] = {0.75, "sinus_p_present_from", "share of beats",
                       "own choice: six of eight; a P wave is missed in noise now and then"},
    [LIMIT_SINUS_BEATS] = {8.0, "sinus_beats", "beats", "own choice: as many as the heart rate is the mean of"},
    [LIMIT_SINUS_ARRHYTHMIA_MS] = {120.0, "sinus_arrhythmia_from", "ms between longest and shortest RR of 10 s",
                                   "Surawicz and Knilans, Chou's Electrocardiography, 6th ed. 2008"},
    [LIMIT_SINUS_ARRHYTHMIA_SHARE] = {0.10, "sinus_arrhythmia_share", "of the shortest RR",
                                      "Surawicz and Knilans, Chou's Electrocardiography, 6th ed. 2008"},
    [LIMIT_SINUS_STEP_SHARE] = {0.25, "sinus_step_below", "of the RR before",
                                "own choice: what jumps more is premature or a pause, not respiration"},
    [LIMIT_SETTLE_BEATS] = {8.0, "settle_beats", "beats", "own choice: so long another sinus rhythm must last"},
    [LIMIT_JUNCTIONAL_MIN_BPM] = {40.0, "junctional_from", "bpm", BRADYCARDIA_2018},
    [LIMIT_JUNCTIONAL_MAX_BPM] = {100.0, "junctional_to", "bpm, accelerated", SVT_2015},
    [LIMIT_P_ABSENT_SHARE] = {0.9, "junctional_p_absent_from", "share of beats",
                              "own choice: hardly any P wave may be seen"},
    [LIMIT_SVT_BPM] = {100.0, "svt_above", "bpm", SVT_2015},
    [LIMIT_SVT_BEATS] = {5.0, "svt_beats", "beats", "own choice: fewer are an atrial run"},
    [LIMIT_SVT_JUMP] = {0.20, "svt_onset_earlier_by", "of the RR before",
                        "own choice: an onset within one beat, as re-entry begins (" SVT_2015 ")"},
    [LIMIT_RUN_BEATS] = {3.0, "run_beats", "ventricular beats in a row", VA_2017},
    [LIMIT_VT_BPM] = {100.0, "ventricular_tachycardia_above", "bpm", VA_2017},
    [LIMIT_IDIOVENTRICULAR_BEATS] = {6.0, "idioventricular_beats", "ventricular beats in a row",
                                     "own choice: a rhythm and no longer a run"},
    [LIMIT_GEMINY_CYCLES] = {3.0, "geminy_cycles", "ventricular beats at the same distance",
                             "own choice, as usual: three in a row make a pattern"},
    [LIMIT_PAUSE_MS] = {2000.0, "pause_from", "ms", "Hilgard et al., Am J Cardiol 1985; 56: 346-350"},
    [LIMIT_ASYSTOLE_S] = {4.0, "asystole_after", "s", MONITOR ": told within 10 s; 4 s as bedside monitors do"},
    [LIMIT_ASYSTOLE_MV] =
        {0.2, "asystole_below", "mV peak to peak",
         "Kerber et al., AHA task force on AED, Circulation 1997; 95: 1677-1682: coarse VF from 0.2 mV"},
    [LIMIT_ASYSTOLE_SHARE] = {0.2, "asystole_below_share", "of the beats before, peak to peak",
                              "own choice, where there are no millivolts: P waves alone stay below"},
    [LIMIT_AV_BLOCK_1_MS] = {200.0, "av_block_1_above", "ms PR", BRADYCARDIA_2018},
    [LIMIT_AV_BLOCK_1_HYSTERESIS_MS] = {10.0, "av_block_1_hysteresis", "ms", "own choice: the error of a PR interval"},
    [LIMIT_BLOCK_QRS_MS] = {120.0, "bundle_branch_block_from", "ms QRS", CONDUCTION_2009},
    [LIMIT_PACED_SHARE] = {0.5, "paced_from", "share of the last 8 beats", "own choice: most of them"},
    [LIMIT_AF_ENTER] = {8.0, "fibrillation_from", "log of the likelihood ratio",
                        "Page, Biometrika 1954; 41: 100-115: cumulated evidence; own choice of the level"},
    [LIMIT_AF_ENTER_AT_END] = {5.0, "fibrillation_from_at_end", "log of the likelihood ratio",
                               "own choice: ten seconds may hold no more than eight beats"},
    [LIMIT_AF_LEAVE] = {8.0, "fibrillation_until", "log of the likelihood ratio",
                        "Page, Biometrika 1954; 41: 100-115; own choice of the level"},
    [LIMIT_AF_P_PRESENT] = {-1.0, "fibrillation_p_present", "log of the likelihood ratio",
                            "own choice, until P waves are scored in fibrillation"},
    [LIMIT_AF_P_ABSENT] = {0.3, "fibrillation_p_absent", "log of the likelihood ratio",
                           "own choice, until P waves are scored in fibrillation"},
};

const size_t ecg_rhythm_limit_count = LIMIT_COUNT;
