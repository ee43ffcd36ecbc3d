/* The ward is all patients of one live stream: it hands each event to its heart and tells the page who came, changed
 * and went. It also keeps the server's clock, which differs from the browser's. A new ward is made with each stream;
 * what it knows comes from the stream's snapshot, so that a refreshed page shows what the page before it showed. No
 * DOM. */
import { Heart, beatLetter } from './heart.js';

const WORDS_OF_LETTER = { V: 'Ventricular beat (V)', A: 'Atrial premature beat (A)', S: 'Supraventricular beat (S)' };

export class Ward {
    /** @param {{added, changed, removed, loaded}} listener functions, called with a heart (`loaded`: without) */
    constructor(listener = {}, clock = () => performance.now()) {
        this.listener = listener;
        this.clock = clock;
        this.hearts = new Map();
        this.isLoaded = false;
        this.offsetMs = null; // server's time of day minus this.clock()
    }

    /** The server's time of day in ms, or null before the first word from it. */
    serverNowMs() {
        return this.offsetMs === null ? null : this.clock() + this.offsetMs;
    }

    /** Take one event of the stream. Unknown types are ignored: a newer server may say more. */
    apply(type, data) {
        const handler = HANDLERS[type];
        if (handler) handler(this, data);
    }

    /** Move every heart to this frame. */
    advance(nowMs) {
        for (const heart of this.hearts.values()) heart.advance(nowMs);
    }

    /** Make sure a patient that was just created by this page has its tile, before the stream says so. */
    expect(info) {
        if (!this.hearts.has(info.patient)) this.describe({ state: 'starting', ...info });
    }

    describe(info) {
        const isNew = !this.hearts.has(info.patient);
        const heart = this.hearts.get(info.patient) ?? new Heart(info.patient);
        this.hearts.set(info.patient, heart);
        heart.describe(info, this.clock(), this.serverNowMs());
        for (const beat of info.beats ?? []) logBeat(heart, beat);
        for (const event of info.events ?? []) logEvent(heart, event);
        this.tell(isNew ? 'added' : 'changed', heart);
    }

    remove(patient) {
        const heart = this.hearts.get(patient);
        if (!heart) return;
        this.hearts.delete(patient);
        this.tell('removed', heart);
    }

    snapshot(patients) {
        const present = new Set(patients.map((info) => info.patient));
        for (const patient of [...this.hearts.keys()]) if (!present.has(patient)) this.remove(patient);
        for (const info of patients) this.describe(info);
        this.isLoaded = true;
        this.tell('loaded');
    }

    tell(what, heart) {
        this.listener[what]?.(heart);
    }

    setClock(serverNowMs) {
        if (Number.isFinite(serverNowMs)) this.offsetMs = serverNowMs - this.clock();
    }
}

/* One row per event type of docs/streams.md. */
const HANDLERS = {
    hello: (ward, data) => ward.setClock(data.now_ms),
    tick: (ward, data) => ward.setClock(data.now_ms),
    snapshot: (ward, data) => {
        ward.setClock(data.now_ms);
        ward.snapshot(data.patients ?? []);
    },
    patient: (ward, data) => ward.describe(data),
    removed: (ward, data) => ward.remove(data.patient),
    ecg: (ward, data) => ward.hearts.get(data.patient)?.samples(data, ward.clock()),
    vitals: (ward, data) => withHeart(ward, data, (heart) => heart.vitals(data, ward.clock())),
    state: (ward, data) => withHeart(ward, data, (heart) => heart.change(data.state, data.since_ms)),
    episode: (ward, data) => withSession(ward, data, (heart) => heart.episode(data)),
    quality: (ward, data) => withSession(ward, data, (heart) => heart.judge(data)),
    measurements: (ward, data) => withSession(ward, data, (heart) => heart.find('measurements', data)),
    hrv: (ward, data) => withSession(ward, data, (heart) => heart.find('hrv', data)),
    interpretation: (ward, data) => withSession(ward, data, (heart) => heart.find('interpretation', data)),
    event: (ward, data) => withHeart(ward, data, (heart) => logEvent(heart, data)),
    beat: (ward, data) => ward.hearts.has(data.patient) && noteBeat(ward, ward.hearts.get(data.patient), data),
    gap: (ward, data) => {
        for (const heart of ward.hearts.values()) {
            heart.note(ward.serverNowMs() ?? 0, `Part of the live stream was missed (${data.reason})`, 'gap');
        }
    },
};

function withHeart(ward, data, change) {
    const heart = ward.hearts.get(data.patient);
    if (!heart) return;
    change(heart);
    ward.tell('changed', heart);
}

/* Of the session that is shown only. */
function withSession(ward, data, change) {
    withHeart(ward, data, (heart) => {
        if (data.session === heart.session) change(heart);
    });
}

function noteBeat(ward, heart, beat) {
    heart.beat(beat);
    if (logBeat(heart, beat)) ward.tell('changed', heart);
}

function logEvent(heart, event) {
    heart.note(event.t_ms, event.text ?? event.kind, event.kind);
}

/* A line in the log for a beat out of the ordinary. */
function logBeat(heart, beat) {
    const letter = beatLetter(beat);
    if (letter === '') return false;
    heart.note(beat.t_ms, WORDS_OF_LETTER[letter] ?? `Beat of type ${letter}`, 'beat');
    return true;
}
