/* One lead on the screen: a still canvas with the paper grid and the 1 mV pulse, and over it a transparent canvas that
 * the sweep writes on. It follows the size of its element, chooses where the middle of the strip stands (and, when
 * asked to, the gain), and tells tests what it drew: data-last-n, data-gaps, data-duplicates, data-lead, data-quality. */
import { h, setData, setText } from '../dom.js';
import { colours, onTheme } from '../theme.js';
import { qualityWords } from '../findings.js';
import { beatLetter } from '../heart.js';
import { eachFrame } from '../signal/frames.js';
import { chooseGain, devicePxPerMm, initialView, millivoltView, uncalibratedView, viewFits } from '../signal/scale.js';
import { Sweep } from '../signal/sweep.js';

const CHECK_EVERY_MS = 500; // how often the view is checked and the data attributes are written
const VIEW_SECONDS = 4; // of signal that the view is chosen from
const MISFIT_CHECKS = 10; // of CHECK_EVERY_MS: longer than one odd beat stays among VIEW_SECONDS
const PULSE_MM = { lead: 2, width: 5, tail: 2, height: 10 };
const MARGIN_MM = PULSE_MM.lead + PULSE_MM.width + PULSE_MM.tail;

class SweepStrip extends HTMLElement {
    /** @param {object} options heart, lead, speed (mm/s), gain (mm/mV or 'auto'), grid, labels, pulse */
    configure(options) {
        this.options = { speed: 25, gain: 'auto', grid: false, labels: true, pulse: false, ...options };
        this.strip = null;
        if (this.sweep) this.resize();
    }

    connectedCallback() {
        this.back = h('canvas', { 'aria-hidden': 'true' });
        this.front = h('canvas', { class: 'pen', 'aria-hidden': 'true' });
        this.label = h('span', { class: 'lead' });
        // The texts stand under the transparent canvases: over them, each would cost the browser a layer of its own.
        this.append(this.back, this.label, this.front);
        this.sweep = new Sweep(this.front.getContext('2d'));
        this.extent = new Float64Array(2);
        this.checkedMs = 0;
        this.visible = true;
        this.size = new ResizeObserver(() => this.resize());
        this.size.observe(this);
        this.sight = new IntersectionObserver((entries) => {
            this.visible = entries[entries.length - 1].isIntersecting;
        });
        this.sight.observe(this);
        this.stops = [eachFrame((nowMs) => this.frame(nowMs)), onTheme(() => this.resize())];
    }

    disconnectedCallback() {
        this.size.disconnect();
        this.sight.disconnect();
        for (const stop of this.stops) stop();
        this.replaceChildren();
        this.sweep = null;
    }

    resize() {
        const ratio = devicePixelRatio || 1;
        const box = this.getBoundingClientRect();
        if (box.width < 2 || box.height < 2) return;
        this.pxPerMm = devicePxPerMm(ratio);
        const width = Math.round(box.width * ratio);
        const height = Math.round(box.height * ratio);
        const margin = this.options.pulse ? MARGIN_MM * this.pxPerMm : 0;
        this.back.hidden = !this.options.grid && !this.options.pulse;
        this.fit(this.back, width, height, 0, ratio);
        this.fit(this.front, width - margin, height, margin, ratio);
        this.heightMm = height / this.pxPerMm;
        Object.assign(this.sweep.colours, colours);
        this.sweep.lineWidth = Math.max(1.25, 1.5 * ratio);
        this.sweep.font = `700 ${Math.round(13 * ratio)}px system-ui, sans-serif`;
        this.sweep.resize(width - margin, height, this.pxPerMm);
        this.strip = null;
        this.paintBack();
    }

    fit(canvas, width, height, left, ratio) {
        canvas.width = width;
        canvas.height = height;
        canvas.style.width = `${width / ratio}px`;
        canvas.style.height = `${height / ratio}px`;
        canvas.style.left = `${left / ratio}px`;
    }

    frame(nowMs) {
        const { heart, lead } = this.options;
        if (!this.pxPerMm || !this.visible) return;
        if (heart.strip !== this.strip) this.take(heart.strip);
        const ring = this.strip?.rings.get(lead);
        if (ring) this.drawTo(ring, heart);
        if (nowMs - this.checkedMs < CHECK_EVERY_MS) return;
        this.checkedMs = nowMs;
        this.check(heart, lead);
    }

    /* A new signal (or a new size): everything that depends on its rate and unit. */
    take(strip) {
        this.strip = strip;
        this.labelled = 0;
        this.sweep.restart();
        if (!strip) return;
        const { gain, speed } = this.options;
        this.sweep.pxPerSample = (speed * this.pxPerMm) / strip.fsHz;
        this.sweep.view = initialView(this.heightMm, gain === 'auto' ? 10 : gain);
        this.isRough = true;
        this.misfits = 0;
        this.chooseView(this.options.heart.shownN);
        this.paintBack();
    }

    drawTo(ring, heart) {
        const whole = this.sweep.draw(ring, this.strip.oldestN, heart.shownN);
        if (!this.options.labels) return;
        if (whole) this.labelled = heart.beatsDropped;
        this.writeLabels(heart);
    }

    writeLabels(heart) {
        this.labelled = Math.max(this.labelled, heart.beatsDropped);
        for (; this.labelled < heart.beatCount; this.labelled++) {
            const beat = heart.beatAt(this.labelled);
            if (!this.sweep.canLabel(beat.n)) return;
            if (this.sweep.isVisible(beat.n)) this.sweep.mark(beat.n, beatLetter(beat));
        }
    }

    check(heart, lead) {
        if (this.chooseView(heart.shownN)) {
            this.sweep.restart();
            this.paintBack();
        }
        const quality = heart.leadQuality(lead);
        const marks = [this.strip?.units === 'adu' ? 'uncalibrated' : '', qualityWords(quality)].filter(Boolean);
        setText(this.label, [lead ?? '', ...marks].join(' · '));
        setData(this, 'lead', lead ?? '');
        setData(this, 'quality', quality ?? 'unknown');
        setData(this, 'lastN', this.sweep.lastN);
        setData(this, 'gaps', heart.gapCount);
        setData(this, 'duplicates', heart.duplicateCount);
    }

    /* Keeps the view while the signal stays well inside it, and through a single odd beat. @returns {boolean} whether
     * it changed */
    chooseView(shownN) {
        if (!this.strip || shownN < 0) return false;
        const from = Math.max(this.strip.oldestN, shownN - VIEW_SECONDS * this.strip.fsHz);
        const enough = shownN - from >= 1.2 * this.strip.fsHz;
        if (!enough || !this.strip.extent(this.options.lead, from, shownN, this.extent)) return false;
        const [low, high] = this.extent;
        const next = this.viewFor(low, high);
        const view = this.sweep.view;
        const ratio = view.mmPerUnit / next.mmPerUnit;
        const similar = ratio > 0.6 && ratio < (this.strip.units === 'mV' ? 1.01 : 1.3);
        this.misfits = similar && viewFits(view, low, high, this.heightMm) ? 0 : this.misfits + 1;
        if (!this.isRough && this.misfits < MISFIT_CHECKS) return false;
        this.isRough = false;
        this.misfits = 0;
        this.sweep.view = next;
        return true;
    }

    viewFor(low, high) {
        if (this.strip.units !== 'mV') return uncalibratedView(low, high, this.heightMm);
        const { gain } = this.options;
        return millivoltView(low, high, gain === 'auto' ? chooseGain(high - low, this.heightMm) : gain);
    }

    /** Gain in use in mm/mV, or null for an uncalibrated signal. */
    get gainInUse() {
        return this.strip?.units === 'mV' ? this.sweep.view.mmPerUnit : null;
    }

    paintBack() {
        if (this.back.hidden) return;
        const context = this.back.getContext('2d');
        context.clearRect(0, 0, this.back.width, this.back.height);
        if (this.options.grid) {
            this.paintGrid(context, 1, colours['grid-fine']);
            this.paintGrid(context, 5, colours['grid-bold']);
        }
        if (this.options.pulse && this.strip?.units === 'mV') this.paintPulse(context);
    }

    paintGrid(context, stepMm, colour) {
        const step = stepMm * this.pxPerMm;
        context.fillStyle = colour;
        for (let x = 0; x < this.back.width; x += step) context.fillRect(x, 0, 1, this.back.height);
        for (let y = 0; y < this.back.height; y += step) context.fillRect(0, y, this.back.width, 1);
    }

    /* The calibration pulse: 1 mV high, 0.2 s wide at 25 mm/s, in the strip's own gain. */
    paintPulse(context) {
        const mm = this.pxPerMm;
        const base = Math.round(this.back.height / 2 + 5 * mm) + 0.5;
        const top = base - Math.round(this.sweep.view.mmPerUnit * mm);
        const x = PULSE_MM.lead * mm + 0.5;
        const end = x + PULSE_MM.width * mm;
        context.strokeStyle = colours.pulse;
        context.lineWidth = this.sweep.lineWidth;
        context.beginPath();
        context.moveTo(x - mm, base);
        for (const [px, py] of [
            [x, base],
            [x, top],
            [end, top],
            [end, base],
            [end + mm, base],
        ])
            context.lineTo(px, py);
        context.stroke();
    }
}

customElements.define('hl-sweep', SweepStrip);
