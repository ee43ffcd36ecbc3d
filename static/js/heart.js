/* A heart is what the page knows about one patient: its signal, its beats, its newest numbers and how old they are.
 * Events of the live stream go in; components read it each frame. It decides what may be shown as live: a number or a
 * signal that is older than five seconds is not, whatever the server last said. Times called `nowMs` are the page's
 * monotonic clock; `t_ms` is the server's. No DOM in here, so it is tested without a browser. */
import { Strip } from './signal/strip.js';
import { Playout } from './signal/playout.js';

export const STALE_MS = 5000;
const BEATS_HELD = 256;
const LOG_HELD = 100;
const EPISODES_HELD = 40;
const LETTER_OF_ANOMALY = { PVC: 'V', PAC: 'A' };

const UNMARKED = new Set(['', 'N', '.', 'Q', '?']); // usual, or not classified: neither is called an anomaly

/** The letter to write above a beat: none for a usual or unclassified one. Codes are those of the MIT-BIH annotations. */
export function beatLetter(beat) {
    if (beat.anomaly && LETTER_OF_ANOMALY[beat.anomaly]) return LETTER_OF_ANOMALY[beat.anomaly];
    const code = beat.code ?? '';
    return UNMARKED.has(code) ? '' : code;
}

/** Heart rate of a `vitals` event or of device metrics, which name it differently; null when unknown. */
export function heartRateOf(vitals) {
    const rate = vitals?.heart_rate_bpm ?? vitals?.heart_rate;
    return Number.isFinite(rate) && rate > 0 ? rate : null;
}

export class Heart {
    constructor(patient) {
        this.patient = patient;
        this.name = '';
        this.virtual = false;
        this.session = null;
        this.state = 'waiting';
        this.sinceMs = null;
        this.strip = null;
        this.playout = null;
        this.computed = null; // {values, heardMs}
        this.device = null;
        this.beats = []; // in order of arrival, the newest BEATS_HELD
        this.beatsDropped = 0; // how many were forgotten before beats[0]
        this.beatsPassed = 0; // index (counted from the first ever) of the next beat the pen has not reached
        this.beatsDrawn = 0; // how many beats the pen has passed since the page was opened
        this.lastBeatMs = -Infinity; // when the pen passed the newest beat
        this.newestBeatN = -1;
        this.dataMs = -Infinity; // when samples last arrived
        this.gaps = 0; // of strips before the present one
        this.duplicates = 0;
        this.log = []; // newest first
        this.episodes = []; // in the order of their onsets
        this.quality = null; // {counts, shown, leads}
        this.found = { measurements: null, hrv: null, interpretation: null }; // as the newest events tell them
        this.shownN = -1;
        this.version = 0; // rises when something other than samples changed
    }

    /** Take over what a snapshot or `patient` event says. */
    describe(info, nowMs, serverNowMs) {
        this.name = info.name ?? this.name;
        this.virtual = info.virtual ?? this.virtual;
        this.session = info.session ?? null;
        this.state = info.state ?? this.state;
        this.sinceMs = info.since_ms ?? this.sinceMs;
        this.computed = remember(info.vitals, this.computed, nowMs, serverNowMs);
        this.device = remember(info.device_metrics, this.device, nowMs, serverNowMs);
        if (info.ecg) this.samples({ session: info.session, ...info.ecg }, nowMs, true);
        for (const beat of info.beats ?? []) this.beat(beat);
        this.quality = info.quality ?? null;
        this.episodes = [];
        for (const episode of info.episodes ?? []) this.episode(episode);
        for (const kind of Object.keys(this.found)) this.found[kind] = info[kind] ?? null;
        this.version++;
    }

    /** An `episode` event: a rhythm began, or one that is known ended (or turned out not to have been). */
    episode(episode) {
        const { rhythm, onset_ms: onset } = episode;
        this.episodes = this.episodes.filter((known) => known.rhythm !== rhythm || known.onset_ms !== onset);
        if (episode.open || episode.end_ms > onset) this.episodes.push(episode);
        this.episodes.sort((one, other) => one.onset_ms - other.onset_ms);
        while (this.episodes.length > EPISODES_HELD) {
            const ended = this.episodes.findIndex((known) => !known.open);
            this.episodes.splice(Math.max(0, ended), 1);
        }
        this.version++;
    }

    /** A `measurements`, `hrv` or `interpretation` event. */
    find(kind, values) {
        this.found[kind] = values;
        this.version++;
    }

    /** A `quality` event. */
    judge(quality) {
        this.quality = quality;
        this.version++;
    }

    /** The rhythms of now: the basic one first. None of a signal that does not come. */
    rhythms(nowMs) {
        if (this.signalState(nowMs) !== 'live') return [];
        const open = this.episodes.filter((episode) => episode.open);
        return [...open.filter((episode) => episode.basic), ...open.filter((episode) => !episode.basic)];
    }

    /** The quality of a lead, undefined when nothing is known of it. A wall hears of the lead that it shows only. */
    leadQuality(lead) {
        if (!this.quality) return undefined;
        return this.quality.leads ? this.quality.leads[lead] : this.quality.shown;
    }

    /** An `ecg` event: samples that continue the strip, or begin a new one. */
    samples(chunk, nowMs, isHistory = false) {
        if (!Array.isArray(chunk.leads) || !Array.isArray(chunk.samples) || !(chunk.fs_hz > 0)) return;
        if (!this.strip?.fits(chunk)) this.begin(chunk);
        const count = this.strip.accept(chunk);
        if (count === 0) return;
        if (!isHistory || this.state === 'live') this.dataMs = nowMs;
        this.playout.arrived(nowMs, count, this.strip.nextN, isHistory);
        if (this.state === 'waiting' || this.state === 'starting') this.change('live');
    }

    begin(chunk) {
        if (this.strip) {
            this.gaps += this.strip.gaps;
            this.duplicates += this.strip.duplicates;
        }
        this.strip = new Strip(chunk);
        this.playout = new Playout(chunk.fs_hz);
        this.session = chunk.session ?? this.session;
        this.beatsDropped += this.beats.length;
        this.beatsPassed = this.beatsDropped;
        this.beats = [];
        this.newestBeatN = -1;
        this.shownN = -1;
        this.version++;
    }

    /** A `beat` event. A beat that is known already (it came again after a reconnection) is not counted twice. */
    beat(beat) {
        if (beat.session && this.strip && beat.session !== this.strip.session) return;
        if (this.beats.some((known) => known.n === beat.n)) return;
        this.beats.push(beat);
        this.newestBeatN = Math.max(this.newestBeatN, beat.n);
        if (this.beats.length <= BEATS_HELD) return;
        this.beats.shift();
        this.beatsDropped++;
        this.beatsPassed = Math.max(this.beatsPassed, this.beatsDropped);
    }

    /** A `vitals` event, computed by the server or reported by the device. */
    vitals(values, nowMs) {
        const held = { values, heardMs: nowMs };
        if (values.source === 'device') this.device = held;
        else this.computed = held;
        this.version++;
    }

    change(state, sinceMs = null) {
        if (state === this.state) return;
        this.state = state;
        this.sinceMs = sinceMs ?? this.sinceMs;
        this.version++;
    }

    /** A line for the log, at its place by time; `tMs` is the server's time. */
    note(tMs, text, kind = '') {
        if (this.log.some((line) => line.tMs === tMs && line.text === text)) return;
        const older = this.log.findIndex((line) => line.tMs <= tMs);
        this.log.splice(older < 0 ? this.log.length : older, 0, { tMs, text, kind });
        if (this.log.length > LOG_HELD) this.log.pop();
        this.version++;
    }

    /** Move the playout clock to this frame. @returns {number} how many beats the pen passed */
    advance(nowMs) {
        if (!this.playout) return 0;
        this.shownN = this.playout.advance(nowMs, this.strip.nextN);
        const before = this.beatsPassed;
        while (this.beatsPassed < this.beatCount && this.beatAt(this.beatsPassed).n <= this.shownN) this.beatsPassed++;
        const passed = this.beatsPassed - before;
        if (passed > 0) this.lastBeatMs = nowMs;
        this.beatsDrawn += passed;
        return passed;
    }

    get beatCount() {
        return this.beatsDropped + this.beats.length;
    }

    /** Beat by its index counted from the first ever; undefined when forgotten. */
    beatAt(index) {
        return this.beats[index - this.beatsDropped];
    }

    get gapCount() {
        return this.gaps + (this.strip?.gaps ?? 0);
    }

    get duplicateCount() {
        return this.duplicates + (this.strip?.duplicates ?? 0);
    }

    /* A device that posts chunks of five seconds is not silent between two of them. */
    get silenceMs() {
        const interval = this.playout?.intervalMs ?? 0;
        return interval > 2500 ? Math.min(2 * interval, 3 * STALE_MS) : STALE_MS;
    }

    /** What to call the signal now: 'live', 'silent', 'ended' or 'waiting' (no sample yet). */
    signalState(nowMs) {
        if (this.state === 'ended') return 'ended';
        if (nowMs - this.dataMs < this.silenceMs) return this.state === 'silent' ? 'silent' : 'live';
        return this.strip || this.state === 'silent' ? 'silent' : 'waiting';
    }

    /** Heart rate that may be shown as present: {bpm, source}, or null. Computed from the signal before told by a
     * device. */
    heartRate(nowMs) {
        for (const [held, source] of [
            [this.computed, 'computed'],
            [this.device, 'device'],
        ]) {
            const bpm = this.isFresh(held, nowMs) ? heartRateOf(held.values) : null;
            if (bpm !== null) return { bpm, source };
        }
        return null;
    }

    isFresh(held, nowMs) {
        return held !== null && this.state !== 'ended' && nowMs - held.heardMs < STALE_MS;
    }
}

/* What a snapshot says may be old already; its age counts from the server's clock. */
function remember(values, held, nowMs, serverNowMs) {
    if (values === undefined) return held;
    if (values === null) return null;
    const ageMs = Number.isFinite(serverNowMs) && Number.isFinite(values.t_ms) ? serverNowMs - values.t_ms : 0;
    const heardMs = nowMs - Math.max(0, ageMs);
    return held && held.heardMs > heardMs ? held : { values, heardMs };
}
