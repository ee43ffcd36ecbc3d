/* How many P waves lie between two beats: two and more in AV block. A blocked P wave stands alone on the line between T
and QRS, so that it needs nothing but to stand out of the line and of the noise. It is looked for in a window of its
own, which reaches from the R peak 1.44 s back: in a slow heart that is where the T wave ended. */
#include "ecg/wave_window.h"

#include <math.h>

#define SHIFT_MS     800.0 /* so much earlier than the beat's own lies the window */
#define T_AFTER_MS   360.0 /* behind the R peak before, when it is not known where its T wave ended */
#define T_MARGIN     6     /* 24 ms behind the T wave */
#define QRS_BLUR     4
#define APART        50   /* 200 ms from one P wave to the next */
#define BORDER       12   /* 48 ms from the interval's ends */
#define INTERVAL_MIN 75   /* 300 ms: less has no room for two */
#define SIZE         2.5F /* in units of the leads' noise */
#define PROMINENT    2.2F /* over the mean of the interval */
#define OF_GREATEST  0.5F

/* Where the interval begins, in this window's points; it may lie before them. */
static int begin_of(const struct wave_window *window)
{
    if (window->t_end_before != WAVE_NO_BEAT && window->t_end_before > window->before)
        return window->t_end_before + T_MARGIN;
    return window->before + (int)(T_AFTER_MS / (double)ECG_GRID_MS);
}

static void look(const struct wave_window *window, int low, int high, float *fused)
{
    for (size_t l = 0; l < window->lead_count; l++)
        if (window->lead[l].usable)
            wave_p_bumps(window->lead[l].wide, low, high, wave_p_weight(&window->lead[l]), fused);
}

/* The same in the earlier window; false when its samples are not held. */
static bool look_earlier(const struct wave_window *window, const struct ecg_history *history, int64_t r, int low,
                         int high, float *fused)
{
    struct ecg_chain chain;
    float wide[ECG_GRID_POINTS];
    int64_t earlier = r - (int64_t)lrint(SHIFT_MS * window->fs_hz / 1000.0);
    for (size_t l = 0; l < window->lead_count; l++) {
        const struct wave_lead *lead = &window->lead[l];
        if (!lead->usable)
            continue;
        if (!ecg_chain_take(&chain, history, l, window->fs_hz, earlier) || chain.known_from > low)
            return false;
        ecg_chain_wide(&chain, wide);
        wave_p_bumps(wide, low, high, wave_p_weight(lead), fused);
    }
    return true;
}

static bool is_top(const float *fused, int at, int low, int high)
{
    for (int g = wave_clamp(at - APART / 2, low, at); g <= wave_clamp(at + APART / 2, at, high); g++)
        if (fused[g] > fused[at])
            return false;
    return true;
}

/* The beat's own P wave is known already. */
static int count_others(const struct wave_window *window, const float *fused, int low, int high, int shift)
{
    float most = 0.0F;
    double sum = 0.0;
    int own = window->p_there ? window->p_peak + shift : WAVE_NO_BEAT / 2;
    int count = 0;
    for (int g = low; g <= high; g++) {
        most = fmaxf(most, fused[g]);
        sum += sqrt((double)fused[g]);
    }
    float mean = (float)(sum / (high - low + 1));
    float least = fmaxf(fmaxf(SIZE * sqrtf((float)window->usable_count), PROMINENT * mean), OF_GREATEST * sqrtf(most));
    for (int g = low + BORDER; g <= high - BORDER; g++) {
        if (g - own < APART && own - g < APART)
            continue;
        if (fused[g] > least * least && is_top(fused, g, low, high)) {
            count++;
            g += APART / 2;
        }
    }
    return count;
}

int wave_p_count(const struct wave_window *window, const struct ecg_history *history, int64_t r)
{
    float fused[ECG_GRID_POINTS] = {0.0F};
    int own = window->p_there ? 1 : 0;
    if (window->usable_count == 0 || window->before == WAVE_NO_BEAT)
        return -1;
    int begin = begin_of(window);
    int shift = begin < window->from ? (int)(SHIFT_MS / (double)ECG_GRID_MS) : 0;
    int low = wave_clamp(begin + shift, 0, ECG_GRID_POINTS - 1);
    int high = wave_clamp(window->qrs_from + shift - QRS_BLUR, 0, ECG_GRID_POINTS - 1);
    if (high - low < INTERVAL_MIN)
        return own;
    if (shift == 0)
        look(window, low, high, fused);
    else if (!look_earlier(window, history, r, low, high, fused))
        return -1;
    return own + count_others(window, fused, low, high, shift);
}
