/* One patient on the wall: name, state in words, live lead II and the heart rate. Texts are renewed five times a
 * second, the sweep and the blinking heart each frame. Data attributes for tests: data-patient, data-state, data-
 * heart-rate, data-beats (beats the pen has passed). */
import { announce, h, setData, setText } from '../dom.js';
import { gravestKind, qualitySummary } from '../findings.js';
import { ageWords, metricRows, shortNumber, stateWords, timeOfDay } from '../format.js';
import { patientAddress } from '../router.js';
import { rhythmLead, scaleText } from '../signal/scale.js';
import { eachFrame } from '../signal/frames.js';
import './heart-rate.js';
import './sweep-strip.js';
import './virtual-controls.js';

const REFRESH_MS = 200;
const EVENT_SHOWN_MS = 30000;
const IN_THE_LINE = new Map([
    ['PR interval', 'PR'],
    ['QRS duration', 'QRS'],
    ['QTc', 'QTc'],
]);

class Tile extends HTMLElement {
    /** @param {{heart, ward, isConnected: () => boolean, mayControl: boolean}} context */
    begin(context) {
        this.context = context;
        this.heart = context.heart;
    }

    connectedCallback() {
        if (!this.sweep) this.build();
        this.refreshedMs = 0;
        this.stop = eachFrame((nowMs) => this.frame(nowMs));
        this.refresh(performance.now());
    }

    disconnectedCallback() {
        this.stop();
    }

    build() {
        const { heart } = this;
        const title = `name-${heart.patient}`;
        this.dataset.patient = heart.patient;
        this.setAttribute('role', 'group');
        this.setAttribute('aria-labelledby', title);
        this.link = h('a', { id: title, class: 'name', href: patientAddress(heart.patient) });
        this.mark = h('span', { class: 'virtual', title: 'A simulated heart' }, 'virtual');
        this.rhythm = h('span', { class: 'rhythm' });
        this.quality = h('span', { class: 'quality' });
        this.words = h('span', { class: 'state' });
        this.sweep = h('hl-sweep');
        this.overlay = h('span', { class: 'overlay' });
        this.scale = h('span', { class: 'scale' });
        this.rate = h('hl-heart-rate');
        this.line = h('span', { class: 'line' });
        this.controls = h('hl-virtual-controls');
        this.controls.heart = heart;
        this.append(
            h('header', {}, this.link, this.mark, this.rhythm, this.quality, this.words),
            h('div', { class: 'strip', onclick: () => this.link.click() }, this.scale, this.sweep, this.overlay),
            this.rate,
            h('footer', {}, this.line, this.controls),
        );
    }

    frame(nowMs) {
        this.rate.blink(nowMs, this.heart.lastBeatMs);
        if (nowMs - this.refreshedMs < REFRESH_MS) return;
        this.refreshedMs = nowMs;
        this.refresh(nowMs);
    }

    refresh(nowMs) {
        const { heart, context } = this;
        const connected = context.isConnected();
        const state = connected ? heart.signalState(nowMs) : 'lost';
        this.showSignal();
        setText(this.link, heart.name || 'Unnamed patient');
        this.mark.hidden = !heart.virtual;
        this.controls.hidden = !(heart.virtual && context.mayControl);
        this.showState(state);
        this.showRhythm(state === 'live' ? heart.rhythms(nowMs) : []);
        setText(this.quality, state === 'live' ? qualitySummary(heart.quality) : '');
        setData(this, 'heartRate', this.rate.show(state === 'live' ? heart.heartRate(nowMs) : null));
        setData(this, 'beats', heart.beatsDrawn);
        this.showLine();
    }

    showSignal() {
        const lead = this.heart.strip ? rhythmLead(this.heart.strip.leads) : null;
        if (!this.shown || this.shown.lead !== lead) {
            this.shown = { lead };
            this.sweep.configure({ heart: this.heart, lead });
        }
        const units = this.heart.strip?.units;
        setText(this.scale, units ? scaleText(25, units, this.sweep.gainInUse ?? 10) : '');
    }

    showState(state) {
        const before = this.dataset.state;
        setData(this, 'state', state);
        setText(this.words, this.stateText(state));
        setText(this.overlay, { silent: 'NO SIGNAL', ended: 'ENDED', waiting: 'WAITING' }[state] ?? '');
        if (before === undefined || before === state) return;
        if (state === 'silent' || (before === 'silent' && state === 'live')) {
            announce(`${this.heart.name}: ${stateWords(state)}`);
        }
    }

    stateText(state) {
        const since = this.heart.sinceMs;
        const now = this.context.ward.serverNowMs();
        const isOld = (state === 'silent' || state === 'ended') && this.heart.state === state && since && now;
        return isOld ? `${stateWords(state)}, ${ageWords(now - since)}` : stateWords(state);
    }

    showRhythm(rhythms) {
        setText(this.rhythm, rhythms.map((episode) => episode.label).join(' · '));
        setData(this.rhythm, 'kind', gravestKind(rhythms));
    }

    /* The newest event for a while; else what the device reports, or how the signal is sampled. */
    showLine() {
        const { heart } = this;
        const now = this.context.ward.serverNowMs();
        const event = heart.log[0] && now - heart.log[0].tMs < EVENT_SHOWN_MS ? heart.log[0] : null;
        setText(this.line, event ? `${timeOfDay(event.tMs)}  ${event.text}` : this.restingLine());
        setData(this.line, 'kind', event?.kind ?? '');
    }

    restingLine() {
        const { device, strip } = this.heart;
        const rows = device ? metricRows(device.values).filter(([name]) => IN_THE_LINE.has(name)) : [];
        if (rows.length > 0) {
            const words = rows.map(([name, value, unit]) => `${IN_THE_LINE.get(name)} ${value} ${unit}`);
            return `${words.join(' · ')} (${ageWords(performance.now() - device.heardMs)})`;
        }
        return strip ? `${shortNumber(strip.fsHz)} samples/s` : '';
    }
}

customElements.define('hl-tile', Tile);
