/* A strip is one patient's signal in the page: one ring per lead on a common sample count, fed by the chunks of the
 * live stream. It is where "nothing duplicated, nothing skipped" is decided: a chunk that overlaps what is held loses
 * the overlap, a chunk that begins later leaves a span of missing samples that is drawn as a gap. Both are counted, so
 * that a test (or a doubtful person) can read the counts off the page. Pure arithmetic: no clock, no DOM. */
import { Ring } from './ring.js';

export const HELD_SECONDS = 40;

export class Strip {
    /** @param {object} chunk the first chunk: session, n, t_ms, fs_hz, units, leads */
    constructor(chunk) {
        this.session = chunk.session;
        this.fsHz = chunk.fs_hz;
        this.units = chunk.units;
        this.firstN = chunk.n;
        this.nextN = chunk.n; // the sample number expected next; all held samples are below it
        this.endMs = chunk.t_ms; // time of the end of the newest sample
        this.gaps = 0; // spans found missing between chunks
        this.duplicates = 0; // samples that came again and were dropped
        this.leads = [];
        this.rings = new Map();
        for (const lead of chunk.leads) this.addLead(lead);
    }

    addLead(lead) {
        this.leads.push(lead);
        this.rings.set(lead, new Ring(this.fsHz * HELD_SECONDS));
    }

    /** Does the chunk continue this strip (true), or belong to another session, rate or unit (false)? */
    fits(chunk) {
        return chunk.session === this.session && chunk.fs_hz === this.fsHz && chunk.units === this.units;
    }

    /** Oldest sample number still held. */
    get oldestN() {
        const ring = this.rings.values().next().value;
        return ring ? Math.max(this.firstN, this.nextN - ring.capacity) : this.firstN;
    }

    /** Take a chunk in. @returns {number} how many samples (per lead) were new */
    accept(chunk) {
        const count = longest(chunk.samples);
        const end = chunk.n + count;
        if (chunk.n > this.nextN) this.markGap(chunk.n);
        const from = Math.max(chunk.n, this.nextN);
        this.duplicates += Math.min(count, from - chunk.n);
        if (end <= from) return 0;
        for (const lead of chunk.leads) if (!this.rings.has(lead)) this.addLead(lead);
        for (const lead of this.leads) this.write(lead, chunk, from, end);
        this.nextN = end;
        this.endMs = chunk.t_ms + (count * 1000) / this.fsHz;
        return end - from;
    }

    markGap(toN) {
        this.gaps++;
        for (const ring of this.rings.values()) ring.erase(this.nextN, toN);
        this.nextN = toN;
    }

    write(lead, chunk, from, end) {
        const ring = this.rings.get(lead);
        const row = chunk.leads.indexOf(lead);
        if (row < 0) {
            ring.erase(from, end);
            return;
        }
        const samples = chunk.samples[row];
        const gain = chunk.gain > 0 ? chunk.gain : 1;
        for (let n = from; n < end; n++) {
            const raw = samples[n - chunk.n];
            ring.set(n, typeof raw === 'number' ? raw / gain : NaN);
        }
    }

    /** Lowest and highest value of a lead in [from, to) into out[0], out[1]; false when all of it is missing. */
    extent(lead, from, to, out) {
        const ring = this.rings.get(lead);
        let low = Infinity;
        let high = -Infinity;
        if (!ring) return false;
        for (let n = Math.max(from, this.oldestN); n < Math.min(to, this.nextN); n++) {
            const value = ring.get(n);
            if (value < low) low = value;
            if (value > high) high = value;
        }
        out[0] = low;
        out[1] = high;
        return low <= high;
    }
}

function longest(rows) {
    let count = 0;
    for (const row of rows) if (row.length > count) count = row.length;
    return count;
}
