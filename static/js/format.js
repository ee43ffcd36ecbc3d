/* Numbers, times and states in the words and digits that the screen shows. An unknown number is two dashes. */

export const UNKNOWN = '--';

const STATE_WORDS = {
    live: 'Live',
    silent: 'No signal',
    ended: 'Session ended',
    waiting: 'Waiting for signal',
    lost: 'Connection lost',
};

export function stateWords(state) {
    return STATE_WORDS[state] ?? state;
}

export function wholeNumber(value) {
    return Number.isFinite(value) ? String(Math.round(value)) : UNKNOWN;
}

/** Up to `digits` decimals, none that are zero. */
export function shortNumber(value, digits = 2) {
    return Number.isFinite(value) ? String(Number(value.toFixed(digits))) : UNKNOWN;
}

const clockFormat = new Intl.DateTimeFormat([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
});

/** Time of day in the viewer's zone. */
export function timeOfDay(tMs) {
    return Number.isFinite(tMs) ? clockFormat.format(new Date(tMs)) : UNKNOWN;
}

/** An age in words: "now", "12 s ago", "3 min ago", "2 h ago", "5 days ago". */
export function ageWords(ageMs) {
    if (!Number.isFinite(ageMs)) return 'age unknown';
    const seconds = Math.max(0, Math.round(ageMs / 1000));
    if (seconds < 2) return 'now';
    if (seconds < 120) return `${seconds} s ago`;
    if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
    if (seconds < 172800) return `${Math.round(seconds / 3600)} h ago`;
    return `${Math.round(seconds / 86400)} days ago`;
}

/* Names and units of the metrics that devices are known to send; anything else is shown under its own name. */
const METRICS = {
    heart_rate: ['Heart rate', 'bpm'],
    heart_rate_bpm: ['Heart rate', 'bpm'],
    rr_interval: ['RR interval', 'ms'],
    rr_ms: ['RR interval', 'ms'],
    pr_interval: ['PR interval', 'ms'],
    qrs_duration: ['QRS duration', 'ms'],
    qt_interval: ['QT interval', 'ms'],
    qtc_interval: ['QTc', 'ms'],
    qtc: ['QTc', 'ms'],
    qrs_axis: ['QRS axis', '°'],
    axis: ['QRS axis', '°'],
    st_segment: ['ST segment', ''],
    st_interval: ['ST segment', ''],
    hrv: ['HRV', 'ms'],
};
const NOT_A_METRIC = new Set(['patient', 'session', 't_ms', 'source', 'metric_id', 'timestamp', 'session_id']);

/** Rows [name, value text, unit] of everything a device reported. */
export function metricRows(values) {
    return Object.entries(values ?? {})
        .filter(([key, value]) => !NOT_A_METRIC.has(key) && ['number', 'string', 'boolean'].includes(typeof value))
        .map(([key, value]) => metricRow(key, value));
}

function metricRow(key, value) {
    const [name, unit] = METRICS[key] ?? [humanName(key), ''];
    return [name, typeof value === 'number' ? shortNumber(value) : String(value), unit];
}

function humanName(key) {
    const words = key.replaceAll('_', ' ');
    return words.charAt(0).toUpperCase() + words.slice(1);
}
