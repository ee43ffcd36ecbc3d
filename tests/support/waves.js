// Signals to post.

export const LEADS = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];

/* `count` samples in mV with three decimals, different in each lead. */
export function wave(count, phase = 0) {
    return Array.from({ length: count }, (_, n) => Math.round(1000 * Math.sin(n / 7 + phase)) / 1000);
}

/* {I: [..], II: [..], ..} of `names`. */
export function leads(count, names = LEADS) {
    return Object.fromEntries(names.map((name, i) => [name, wave(count, i)]));
}

/* A time of the past that no other call of this process returned: RFC 3339. */
let ticks = 0;
export function newTime() {
    ticks += 1;
    return new Date(Date.UTC(2025, 0, 8, 12, 0, 0) + ticks * 10007).toISOString();
}

/* The smallest thing that counts as a PDF here. */
export function pdf(text = 'hello') {
    const object = '1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>';
    return Buffer.from(`%PDF-1.4\n% ${text}\n${object}\n%%EOF\n`);
}
