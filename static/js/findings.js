/* What the server's analysis found, in the words and numbers that the screen shows: rhythms, intervals, how well a lead
 * can be read. A number that is unknown, or too old to stand for now, is two dashes. No DOM. */
import { UNKNOWN, wholeNumber } from './format.js';

export const MEASURED_STALE_MS = 30000; // measured each ten seconds
export const HRV_STALE_MS = 180000; // each minute

const QUALITY_WORDS = { noisy: 'noisy', lead_off: 'lead off', saturated: 'saturated' };
const NORMAL = new Set(['sinus_rhythm', 'sinus_arrhythmia']);
const GRAVE = new Set(['ventricular_fibrillation', 'ventricular_tachycardia', 'asystole', 'av_block_3']);

/** What to say of a lead's quality: '' for a good one, or when nothing is known. */
export function qualityWords(quality) {
    return QUALITY_WORDS[quality] ?? '';
}

/** Of all leads together: "2 leads off, 1 noisy"; '' when there is nothing to say. */
export function qualitySummary(quality) {
    const counts = quality?.counts ?? {};
    const parts = [];
    if (counts.lead_off) parts.push(counts.lead_off === 1 ? '1 lead off' : `${counts.lead_off} leads off`);
    if (counts.saturated) parts.push(`${counts.saturated} saturated`);
    if (counts.noisy) parts.push(`${counts.noisy} noisy`);
    return parts.join(', ');
}

/** How to mark a rhythm: 'normal', 'grave', 'other' or 'unknown'. */
export function rhythmKind(episode) {
    if (!episode) return 'unknown';
    if (GRAVE.has(episode.rhythm)) return 'grave';
    return NORMAL.has(episode.rhythm) ? 'normal' : 'other';
}

/** The gravest of several. */
export function gravestKind(episodes) {
    const kinds = episodes.map(rhythmKind);
    return ['grave', 'other', 'normal'].find((kind) => kinds.includes(kind)) ?? 'unknown';
}

/** A length of time: "12 s", "4 min", "2 h 5 min", "3 days". */
export function durationWords(ms) {
    if (!Number.isFinite(ms)) return UNKNOWN;
    const seconds = Math.max(0, ms / 1000);
    if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
    if (seconds < 120) return `${Math.round(seconds)} s`;
    const minutes = Math.round(seconds / 60);
    if (minutes < 60) return `${minutes} min`;
    if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    return `${Math.round(minutes / 1440)} days`;
}

const ROWS = [
    ['PR', 'pr_interval', 'ms'],
    ['QRS', 'qrs_duration', 'ms'],
    ['QT', 'qt_interval', 'ms'],
    ['QTc Bazett', 'qtc_bazett', 'ms'],
    ['QTc Fridericia', 'qtc_fridericia', 'ms'],
    ['P axis', 'p_axis', '°'],
    ['QRS axis', 'qrs_axis', '°'],
    ['T axis', 't_axis', '°'],
];

/** Rows [name, value text, unit, explanation] of the intervals and axes. `figures` null: all unknown. */
export function intervalRows(figures) {
    return ROWS.map(([name, key, unit]) => {
        const figure = figures?.[key];
        const text = wholeNumber(figure?.value ?? NaN);
        return [name, text, text === UNKNOWN ? '' : unit, text === UNKNOWN ? 'unknown' : explain(figure, unit)];
    });
}

function explain({ spread, beats, resolution }, unit) {
    const parts = [`median of ${beats} ${beats === 1 ? 'beat' : 'beats'}`];
    if (Number.isFinite(spread)) parts.push(`spread ${spread} ${unit}`);
    if (Number.isFinite(resolution)) parts.push(`resolution ${resolution} ${unit}`);
    return parts.join(', ');
}

/** Rows [name, value text, unit, explanation] of the variability; none before the first five minutes. */
export function hrvRows(hrv) {
    if (!hrv) return [];
    return [
        ['SDNN', 'sdnn', 'ms'],
        ['RMSSD', 'rmssd', 'ms'],
    ].map(([name, key, unit]) => {
        const text = wholeNumber(hrv[key] ?? NaN);
        return [name, text, text === UNKNOWN ? '' : unit, hrv.withheld ?? `${hrv.intervals} intervals`];
    });
}
