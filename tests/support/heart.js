// A heart to post: P, QRS and T as bells, the same in all leads but for their heights. Regular, clean, and of known
// intervals, so that a test can say what must be found in it.

// [milliseconds from the R peak, width in ms, height in mV of lead II]
const WAVES = [
    [-160, 20, 0.15],
    [-28, 8, -0.1],
    [0, 10, 1.2],
    [30, 9, -0.25],
    [260, 45, 0.3],
];
const HEIGHTS = {
    I: 0.5, II: 1, III: 0.5, aVR: -0.75, aVL: 0.1, aVF: 0.75, V1: -0.5, V2: -0.3, V3: 0.4, V4: 0.9, V5: 1, V6: 0.8,
};
export const ALL_LEADS = Object.keys(HEIGHTS);

/* The R peaks, in milliseconds from the beginning, of `seconds` at `rate` beats per minute. */
export function beatTimes(seconds, rate) {
    const rr = 60000 / rate;
    return Array.from({ length: Math.floor((seconds * 1000) / rr) }, (_, k) => 400 + k * rr);
}

/* Samples [from, from + count) of each lead, in mV with three decimals, of a heart that beats at `times`. */
export function leadsOf(times, { fs = 250, from = 0, count, leads = ['I', 'II', 'V1', 'V5'] }) {
    const wave = new Float64Array(count);
    for (const time of times) {
        for (const [at, width, height] of WAVES) {
            const middle = ((time + at) * fs) / 1000 - from;
            const reach = (4 * width * fs) / 1000;
            for (let i = Math.max(0, Math.ceil(middle - reach)); i < Math.min(count, middle + reach); i++) {
                wave[i] += height * Math.exp(-0.5 * (((i - middle) * 1000) / fs / width) ** 2);
            }
        }
    }
    // Two microvolts of something: no lead on a body is a line.
    const noise = (i, k) => 0.002 * Math.sin((from + i) * (1.7 + 0.13 * k)) + 0.001 * Math.sin((from + i) * 0.037 * (k + 1));
    const samples = (lead, k) => Array.from(wave, (v, i) => Math.round(1000 * (v * HEIGHTS[lead] + noise(i, k))) / 1000);
    return Object.fromEntries(leads.map((lead, k) => [lead, samples(lead, k)]));
}
