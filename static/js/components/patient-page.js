/* One patient: all leads live, on paper if wanted, with the printed scale; the numbers of the server and of the
 * patient's own device, each with source and age; the event log. It answers the same calls as wall.js. */
import { mayControl } from '../api.js';
import { h, setData, setText } from '../dom.js';
import { UNKNOWN, ageWords, metricRows, shortNumber, stateWords, wholeNumber } from '../format.js';
import { WALL_ADDRESS } from '../router.js';
import { SPEEDS_MM_PER_S, chooseGain, orderLeads, rhythmLead, scaleText } from '../signal/scale.js';
import { eachFrame } from '../signal/frames.js';
import { complain } from './toast.js';
import './event-log.js';
import './findings.js';
import './heart-rate.js';
import './sweep-strip.js';
import './virtual-controls.js';

const REFRESH_MS = 200;
const GAIN_SECONDS = 4;
const ROW_MM = 25; // height of a strip before it is laid out
const TIGHT_CHECKS = 30; // of REFRESH_MS each: longer than GAIN_SECONDS
const SETTINGS_KEY = 'heartline-paper';
const LAYOUTS = [
    ['6x2', '6 × 2'],
    ['12x1', '12 × 1'],
    ['3x4', '3 × 4 + rhythm'],
];
const DEFAULTS = { layout: '6x2', speed: 25, gain: 'auto', grid: true };

function loadSettings() {
    try {
        return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(SETTINGS_KEY) ?? '{}') };
    } catch {
        return { ...DEFAULTS };
    }
}

class PatientPage extends HTMLElement {
    begin({ ward, user, patient }) {
        this.ward = ward;
        this.patient = patient;
        this.mayControl = mayControl(user.role);
        this.status = 'connecting';
        this.settings = loadSettings();
        this.heart = null;
        this.extent = new Float64Array(2);
    }

    connectedCallback() {
        this.notice = h('section', { class: 'notice' }, h('p', {}, 'Loading patient…'));
        this.body = h('div', { class: 'patient', hidden: true });
        this.append(h('a', { class: 'back', href: WALL_ADDRESS }, '← All patients'), this.notice, this.body);
        this.addEventListener('complaint', (event) => complain(event.detail));
        document.title = 'Patient – Heartline';
        this.refreshedMs = 0;
        this.stop = eachFrame((nowMs) => this.frame(nowMs));
    }

    disconnectedCallback() {
        this.stop();
    }

    patientAdded(heart) {
        if (heart.patient !== this.patient) return;
        this.heart = heart;
        this.build();
        this.notice.hidden = true;
        this.body.hidden = false;
    }

    patientChanged() {}

    patientRemoved(heart) {
        if (heart !== this.heart) return;
        this.heart = null;
        this.say('This patient was removed', 'The virtual patient is gone from the wall.');
    }

    loaded() {
        if (!this.heart) this.say('No such patient', 'The address names a patient that is not here (any more).');
    }

    connection(status) {
        this.status = status;
        this.showTitle();
    }

    showTitle() {
        if (!this.heart) return;
        document.title = `${this.status === 'lost' ? 'Connection lost – ' : ''}${this.heart.name} – Heartline`;
    }

    refused(httpStatus) {
        if (httpStatus === 403) this.say('Not allowed', 'Your account may not watch this patient.');
        else this.say('No such patient', 'The address names a patient that is not here (any more).');
    }

    say(title, words) {
        this.body.hidden = true;
        this.notice.hidden = false;
        this.notice.replaceChildren(h('h1', {}, title), h('p', {}, words));
        document.title = `${title} – Heartline`;
    }

    build() {
        this.dataset.patient = this.patient;
        this.title_ = h('h1');
        this.mark = h('span', { class: 'virtual' }, 'virtual');
        this.words = h('span', { class: 'state' });
        this.controls = h('hl-virtual-controls');
        this.controls.heart = this.heart;
        this.leads = h('div', { class: 'leads' });
        this.overlay = h('span', { class: 'overlay' });
        this.scale = h('p', { class: 'scale' });
        this.rate = h('hl-heart-rate');
        this.rr = h('dd');
        this.device = h('section', { class: 'device' });
        this.findings = h('hl-findings');
        this.log = h('hl-event-log');
        this.body.replaceChildren(
            h(
                'header',
                { class: 'head' },
                this.title_,
                this.mark,
                this.words,
                h('span', { class: 'spacer' }),
                this.controls,
            ),
            h(
                'section',
                { class: 'paper', 'aria-label': 'Electrocardiogram' },
                this.paperSettings(),
                h('div', { class: 'strip' }, this.leads, this.overlay),
                this.scale,
            ),
            h(
                'aside',
                {},
                h('section', { class: 'numbers' }, this.rate, h('dl', {}, h('dt', {}, 'RR'), this.rr)),
                this.findings,
                this.device,
                this.log,
            ),
        );
    }

    paperSettings() {
        const choice = (name, label, rows) =>
            h(
                'label',
                {},
                label,
                h(
                    'select',
                    { data: { setting: name }, onchange: (event) => this.set(name, event.target.value) },
                    rows.map(([value, text]) =>
                        h('option', { value, selected: String(this.settings[name]) === String(value) }, text),
                    ),
                ),
            );
        const grid = h('input', {
            type: 'checkbox',
            checked: this.settings.grid,
            onchange: (event) => this.set('grid', event.target.checked),
        });
        return h(
            'div',
            { class: 'settings' },
            choice('layout', 'Layout', LAYOUTS),
            choice(
                'speed',
                'Speed',
                SPEEDS_MM_PER_S.map((speed) => [speed, `${speed} mm/s`]),
            ),
            choice('gain', 'Gain', [['auto', 'auto'], ...[5, 10, 20].map((gain) => [gain, `${gain} mm/mV`])]),
            h('label', { class: 'check' }, grid, 'Paper grid'),
        );
    }

    set(name, value) {
        this.settings[name] = name === 'speed' || (name === 'gain' && value !== 'auto') ? Number(value) : value;
        localStorage.setItem(SETTINGS_KEY, JSON.stringify(this.settings));
        this.drawn = '';
    }

    frame(nowMs) {
        if (!this.heart) return;
        this.rate.blink(nowMs, this.heart.lastBeatMs);
        if (nowMs - this.refreshedMs < REFRESH_MS) return;
        this.refreshedMs = nowMs;
        this.refresh(nowMs);
    }

    refresh(nowMs) {
        const { heart } = this;
        const state = this.status === 'lost' ? 'lost' : heart.signalState(nowMs);
        setText(this.title_, heart.name || 'Unnamed patient');
        this.mark.hidden = !heart.virtual;
        this.controls.hidden = !(heart.virtual && this.mayControl);
        setText(this.words, stateWords(state));
        setText(
            this.overlay,
            { silent: 'NO SIGNAL', ended: 'SESSION ENDED', waiting: 'WAITING FOR SIGNAL' }[state] ?? '',
        );
        setData(this, 'state', state);
        setData(this, 'beats', heart.beatsDrawn);
        setData(this, 'heartRate', this.rate.show(state === 'live' ? heart.heartRate(nowMs) : null));
        this.showRr(nowMs, state);
        this.showDevice(nowMs);
        this.showLeads();
        this.findings.show(heart, { nowMs, serverNowMs: this.ward.serverNowMs(), isLive: state === 'live' });
        this.log.show(heart);
        this.showTitle();
    }

    showRr(nowMs, state) {
        const { heart } = this;
        const fresh = state === 'live' && heart.isFresh(heart.computed, nowMs);
        const rr = fresh ? heart.computed.values.rr_ms : null;
        setText(this.rr, Number.isFinite(rr) ? `${wholeNumber(rr)} ms` : UNKNOWN);
    }

    showDevice(nowMs) {
        const held = this.heart.device;
        this.device.hidden = held === null;
        if (held === null) return;
        if (held !== this.shownDevice) {
            this.shownDevice = held;
            this.deviceAge = h('span', { class: 'age' });
            const rows = metricRows(held.values).map(([name, value, unit]) =>
                h('div', {}, h('dt', {}, name), h('dd', {}, value, unit ? h('small', {}, ` ${unit}`) : null)),
            );
            this.device.replaceChildren(h('h2', {}, 'Reported by the device ', this.deviceAge), h('dl', {}, rows));
        }
        setText(this.deviceAge, ageWords(nowMs - held.heardMs));
        this.device.classList.toggle('is-old', !this.heart.isFresh(held, nowMs));
    }

    /* Builds the strips anew when leads, settings or the common gain changed; else leaves them alone. */
    showLeads() {
        const { heart, settings } = this;
        if (!heart.strip) return;
        const gain = settings.gain === 'auto' ? this.commonGain() : settings.gain;
        const wanted = JSON.stringify([heart.strip.leads, settings, gain]);
        if (wanted !== this.drawn) this.layOut(gain);
        this.drawn = wanted;
        const rate = `${shortNumber(heart.strip.fsHz)} samples/s · unfiltered`;
        setText(this.scale, `${scaleText(settings.speed, heart.strip.units, gain)} · ${rate}`);
    }

    layOut(gain) {
        const { heart, settings } = this;
        const leads = orderLeads(heart.strip.leads);
        const rhythm = rhythmLead(leads);
        const layout = leads.length < 6 ? '12x1' : settings.layout;
        this.leads.dataset.layout = layout;
        this.leads.dataset.count = leads.length;
        const rows = leads.map((lead) => [lead, lead === rhythm && layout !== '3x4']);
        if (layout === '3x4') rows.push([rhythm, true]);
        while (this.leads.childElementCount > rows.length) this.leads.lastElementChild.remove();
        rows.forEach(([lead, labels], index) => {
            const strip = this.leads.children[index] ?? h('hl-sweep');
            strip.configure({ heart, lead, gain, labels, speed: settings.speed, grid: settings.grid, pulse: true });
            strip.classList.toggle('rhythm', layout === '3x4' && index === rows.length - 1);
            if (!strip.parentNode) this.leads.append(strip);
        });
    }

    /* One gain for all leads: the largest at which the tallest one fits. It falls only when the signal has been too
     * tall for longer than one odd beat stays in view, and never rises by itself: paper must not jump. */
    commonGain() {
        const { strip } = this.heart;
        const rowMm = this.leads.firstElementChild?.heightMm ?? ROW_MM;
        const gain = strip.units === 'mV' ? chooseGain(this.tallest(), rowMm) : 10;
        this.tightChecks = gain < this.gain ? this.tightChecks + 1 : 0;
        if (this.gainOf === strip && this.tightChecks < TIGHT_CHECKS) return this.gain;
        this.gainOf = strip.nextN - strip.oldestN > strip.fsHz ? strip : null;
        this.tightChecks = 0;
        this.gain = gain;
        return gain;
    }

    tallest() {
        const { strip, shownN } = this.heart;
        let span = 0;
        for (const lead of strip.leads) {
            if (!strip.extent(lead, shownN - GAIN_SECONDS * strip.fsHz, shownN, this.extent)) continue;
            span = Math.max(span, this.extent[1] - this.extent[0]);
        }
        return span;
    }
}

customElements.define('hl-patient-page', PatientPage);
