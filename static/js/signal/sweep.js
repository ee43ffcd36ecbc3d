/* Draws one lead like a bedside monitor: the trace is written from left to right over the old one, an empty bar runs
 * ahead of the pen. Sample n stands at x = n * pixels-per-sample, modulo the width: a place that depends on nothing
 * but n, so a trace drawn bit by bit and the same trace drawn anew are equal. Each frame draws only the samples that
 * are new; samples that share a pixel column are drawn as that column's first, lowest, highest and last value. Missing
 * samples lift the pen and tint the span. Canvas units here are device pixels. Nothing is allocated per frame. */

const BAR_MM = 5;
const LABEL_ROOM_PX = 12; // the pen must be this far past a beat before its label is written, or the bar would cut it

/** Column (not yet wrapped) of sample n. */
export function columnOf(n, pxPerSample) {
    return Math.floor(n * pxPerSample);
}

/** x of sample n within a strip of `width` pixels. */
export function xOf(n, pxPerSample, width) {
    const x = n * pxPerSample;
    return x - Math.floor(x / width) * width;
}

/** First sample that is still visible when sample n is the newest: one width, less the bar, behind it. */
export function firstVisible(n, pxPerSample, width, bar) {
    return Math.max(0, Math.ceil(n - (width - bar) / pxPerSample) + 1);
}

export class Sweep {
    /** @param {CanvasRenderingContext2D} context of the trace's own, transparent canvas */
    constructor(context) {
        this.context = context;
        this.width = 0;
        this.height = 0;
        this.pxPerMm = 4;
        this.pxPerSample = 1;
        this.view = { centre: 0, mmPerUnit: 10 };
        this.colours = { trace: '#3ddc84', gap: '#ff000022', beat: '#888', anomaly: '#fc0' };
        this.lineWidth = 1.5;
        this.font = '12px sans-serif';
        this.restart();
    }

    /** Forget what is drawn; the next draw() draws all that is visible. */
    restart() {
        this.lastN = -1;
        this.penX = NaN;
        this.penY = NaN;
        this.tintedTo = 0; // first column not yet tinted as missing
        this.redraws = (this.redraws ?? 0) + 1;
    }

    resize(width, height, pxPerMm) {
        this.width = width;
        this.height = height;
        this.pxPerMm = pxPerMm;
        this.restart();
    }

    get bar() {
        return BAR_MM * this.pxPerMm;
    }

    yOf(value) {
        return this.height / 2 - (value - this.view.centre) * this.view.mmPerUnit * this.pxPerMm;
    }

    /** Bring the picture up to sample `n` of `ring`. @returns {boolean} whether everything was drawn anew */
    draw(ring, oldestN, n) {
        if (this.width <= this.bar || n < 0 || n === this.lastN) return false;
        const start = Math.max(oldestN, firstVisible(n, this.pxPerSample, this.width, this.bar));
        const whole = this.lastN < 0 || n < this.lastN || this.lastN + 1 < start;
        if (whole) {
            this.context.clearRect(0, 0, this.width, this.height);
            this.penX = NaN;
            this.tintedTo = 0;
        } else {
            this.clearAhead(this.lastN, n);
        }
        this.trace(ring, whole ? start : this.lastN + 1, n);
        this.lastN = n;
        return whole;
    }

    clearAhead(fromN, toN) {
        const from = columnOf(fromN, this.pxPerSample) + 1;
        const count = Math.min(this.width, columnOf(toN, this.pxPerSample) + this.bar - from + 1);
        this.eachSpan(from, count, (x, width) => this.context.clearRect(x, 0, width, this.height));
    }

    /* A run of columns as at most two rectangles: up to the right edge, and from the left edge on. */
    eachSpan(from, count, paint) {
        const x = ((from % this.width) + this.width) % this.width;
        const head = Math.min(count, this.width - x);
        paint(x, head);
        if (count > head) paint(0, count - head);
    }

    trace(ring, from, to) {
        const context = this.context;
        context.strokeStyle = this.colours.trace;
        context.lineWidth = this.lineWidth;
        context.lineJoin = 'round';
        context.lineCap = 'round';
        context.beginPath();
        if (!Number.isNaN(this.penX)) context.moveTo(this.penX, this.penY);
        let n = from;
        while (n <= to) n = this.column(ring, n, to);
        context.stroke();
    }

    /* Draws the samples from n on that share n's pixel column; returns the first one of the next column. */
    column(ring, n, to) {
        const column = columnOf(n, this.pxPerSample);
        const first = ring.get(n);
        let last = first;
        let low = first;
        let high = first;
        let lowFirst = true;
        let next = n + 1;
        while (next <= to && columnOf(next, this.pxPerSample) === column) {
            const value = ring.get(next);
            if (Number.isNaN(value) !== Number.isNaN(first)) break;
            if (value < low) {
                low = value;
                lowFirst = false;
            }
            if (value > high) {
                high = value;
                lowFirst = true;
            }
            last = value;
            next++;
        }
        const x = xOf(next - n > 1 ? (n + next - 1) / 2 : n, this.pxPerSample, this.width);
        if (Number.isNaN(first)) this.lift(n, next);
        else if (next - n === 1) this.lineTo(x, first);
        else this.extremes(x, first, lowFirst ? low : high, lowFirst ? high : low, last);
        return next;
    }

    extremes(x, first, one, other, last) {
        this.lineTo(x, first);
        if (one !== first) this.lineTo(x, one);
        if (other !== one) this.lineTo(x, other);
        if (last !== other) this.lineTo(x, last);
    }

    lineTo(x, value) {
        const y = this.yOf(value);
        if (Number.isNaN(this.penX) || x < this.penX) {
            this.context.moveTo(x, y);
            this.context.lineTo(x + 0.01, y);
        } else {
            this.context.lineTo(x, y);
        }
        this.penX = x;
        this.penY = y;
    }

    /* Missing samples [from, to): no line, a faint tint over their columns, each column once. */
    lift(from, to) {
        this.penX = NaN;
        const start = Math.max(columnOf(from, this.pxPerSample), this.tintedTo);
        const end = Math.max(columnOf(to, this.pxPerSample), columnOf(from, this.pxPerSample) + 1);
        if (end <= start) return;
        this.tintedTo = end;
        this.context.fillStyle = this.colours.gap;
        this.eachSpan(start, end - start, (x, width) => this.context.fillRect(x, 0, width, this.height));
    }

    /** May the label of a beat at sample n be written yet (the pen is past it), and is it still on the screen? */
    canLabel(n) {
        return (this.lastN - n) * this.pxPerSample >= LABEL_ROOM_PX;
    }

    isVisible(n) {
        return n >= firstVisible(this.lastN, this.pxPerSample, this.width, this.bar) + LABEL_ROOM_PX / this.pxPerSample;
    }

    /** Write a beat's mark above the trace: a dot for a usual one, its letter for any other. */
    mark(n, letter) {
        const context = this.context;
        const x = xOf(n, this.pxPerSample, this.width);
        if (letter === '') {
            context.fillStyle = this.colours.beat;
            context.beginPath();
            context.arc(x, this.pxPerMm, this.pxPerMm * 0.4, 0, 2 * Math.PI);
            context.fill();
            return;
        }
        context.fillStyle = this.colours.anomaly;
        context.font = this.font;
        context.textAlign = 'center';
        context.textBaseline = 'top';
        context.fillText(letter, x, 1);
    }
}
