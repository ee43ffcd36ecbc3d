/* The big number of a patient, a heart that lights up when the pen passes a beat, and the words that say whether the
 * signal is live. Shared by the tile and the patient's page; whoever owns it calls show() a few times a second and
 * blink() each frame. A number that is not fresh is two dashes. */
import { h, setData, setText } from '../dom.js';
import { UNKNOWN } from '../format.js';
import { calm } from '../theme.js';

const BLINK_MS = 140;

class HeartRate extends HTMLElement {
    connectedCallback() {
        if (this.number) return;
        this.beat = h('span', { class: 'beat', 'aria-hidden': 'true' }, '♥');
        this.number = h('span', { class: 'number' }, UNKNOWN);
        this.source = h('small', { class: 'source' });
        this.append(
            h('span', { class: 'caption' }, this.beat, ' HR ', h('span', { class: 'unit' }, 'bpm')),
            this.number,
            this.source,
        );
    }

    /** @param {{bpm: number, source: string} | null} rate */
    show(rate) {
        const text = rate ? String(Math.round(rate.bpm)) : UNKNOWN;
        setText(this.number, text);
        setText(this.source, rate?.source === 'device' ? 'from device' : '');
        this.classList.toggle('is-unknown', rate === null);
        return text;
    }

    blink(nowMs, lastBeatMs) {
        const lit = !calm.matches && nowMs - lastBeatMs < BLINK_MS;
        if (lit !== this.lit) setData(this.beat, 'lit', lit);
        this.lit = lit;
    }
}

customElements.define('hl-heart-rate', HeartRate);
