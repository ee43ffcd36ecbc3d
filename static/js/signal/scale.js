/* ECG paper arithmetic: millimetres, seconds, millivolts and screen pixels; and the choice of a gain and of the value
 * that stands in the middle of a strip. A paper millimetre is a whole number of device pixels, so that grid lines are
 * even; the paper is thus up to 6 per cent larger than a ruler's, but speed and gain keep their proportion exactly,
 * and are printed. */

export const LEAD_ORDER = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
export const GAINS_MM_PER_MV = [20, 10, 5, 2.5];
export const SPEEDS_MM_PER_S = [12.5, 25, 50];
const CSS_PX_PER_INCH = 96;
const MM_PER_INCH = 25.4;

/** Device pixels per paper millimetre, a whole number. */
export function devicePxPerMm(devicePixelRatio) {
    return Math.max(2, Math.round((CSS_PX_PER_INCH / MM_PER_INCH) * devicePixelRatio));
}

/** Leads in the customary order, modified ones (MLII) where the usual one would stand; others follow as they came. */
export function orderLeads(leads) {
    const place = (lead) => {
        const index = LEAD_ORDER.indexOf(lead.replace(/^ML?(?=[IV])/, ''));
        return index < 0 ? LEAD_ORDER.length : index;
    };
    return [...leads].sort((a, b) => place(a) - place(b));
}

/** The lead to show when there is room for one: II, else the one nearest to it. */
export function rhythmLead(leads) {
    return ['II', 'MLII', 'I', 'V5'].find((lead) => leads.includes(lead)) ?? leads[0] ?? null;
}

/** The largest usual gain (at most 10 mm/mV) at which a signal of `spanMv` fits into `heightMm`. */
export function chooseGain(spanMv, heightMm) {
    const usual = GAINS_MM_PER_MV.filter((gain) => gain <= 10);
    return usual.find((gain) => spanMv * gain <= heightMm * 0.96) ?? usual[usual.length - 1];
}

/** Is a view {centre, mmPerUnit} still good for values low..high in `heightMm`? */
export function viewFits(view, low, high, heightMm) {
    const half = heightMm / 2 / view.mmPerUnit;
    const inside = high <= view.centre + half && low >= view.centre - half;
    return inside && Math.abs((low + high) / 2 - view.centre) < half * 0.6;
}

/** A view for millivolts: fixed gain, the middle of the signal in the middle of the strip. */
export function millivoltView(low, high, gainMmPerMv) {
    return { centre: (low + high) / 2, mmPerUnit: gainMmPerMv };
}

/** The view before anything is known: the baseline a little below the middle, for most R waves point upwards. */
export function initialView(heightMm, gainMmPerMv) {
    return { centre: (heightMm * 0.1) / gainMmPerMv, mmPerUnit: gainMmPerMv };
}

/** A view for counts of unknown gain: fills three quarters of the strip; says nothing about millivolts. */
export function uncalibratedView(low, high, heightMm) {
    const span = Math.max(high - low, 1);
    return { centre: (low + high) / 2, mmPerUnit: (heightMm * 0.75) / span };
}

/** The scale as it is printed, e.g. "25 mm/s · 10 mm/mV". */
export function scaleText(speedMmPerS, units, gainMmPerMv) {
    const vertical = units === 'mV' ? `${gainMmPerMv} mm/mV` : 'uncalibrated, auto-scaled';
    return `${speedMmPerS} mm/s · ${vertical}`;
}
