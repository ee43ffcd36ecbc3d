/* The playout clock says which sample is "now" on the screen. Chunks of some hundred milliseconds arrive in bursts, the
 * eye wants an even sweep; so the clock runs a little behind the newest sample, about one chunk interval plus a margin,
 * and holds that distance by running at most some per cent faster or slower. It only ever moves forward and never past
 * the newest sample: no sample is skipped, none is shown twice. When far behind (a hidden tab, a burst after an outage)
 * it moves on to its place in one step; the sweep then draws everything in between. Times are milliseconds of one
 * monotonic clock, given by the caller. */

const MARGIN_MS = 60; // room for the jitter of the network and of the page itself
const MAX_INTERVAL_MS = 12000; // a device that posts 10 s chunks is still played evenly
const USUAL_INTERVAL_MS = 300; // assumed until chunks have arrived
const AT_ONCE_MS = 600;
const CATCH_UP_MS = 1500; // further behind than this: move on at once
const INTERVAL_FORGET = 0.03; // share of the difference by which the learnt interval shrinks per chunk
const SLOWEST = 0.85;
const FASTEST = 1.25;
const PULL_PER_SECOND = 0.6; // change of speed per second of distance error

export class Playout {
    constructor(fsHz) {
        this.fsHz = fsHz;
        this.position = -1; // in samples, with a fraction; -1: nothing yet
        this.intervalMs = 0;
        this.arrivedMs = -1;
        this.frameMs = -1;
        this.starvations = 0; // how often the clock ran into the newest sample
        this.starving = false;
    }

    get targetLagMs() {
        return this.intervalMs + MARGIN_MS;
    }

    /** A chunk of `count` new samples arrived that ends before sample `nextN`; `isHistory`: it is a snapshot's. */
    arrived(nowMs, count, nextN, isHistory = false) {
        const lengthMs = (count * 1000) / this.fsHz;
        if (this.arrivedMs < 0) this.start(lengthMs, nextN, isHistory);
        else if (!isHistory) this.learn(nowMs - this.arrivedMs, lengthMs);
        this.arrivedMs = nowMs;
    }

    /* History stands on the screen at once. A long first chunk is played evenly from its beginning. A short one is
     * shown at once: somebody has just pressed a button and waits for a heart beat; the distance is won back
     * unnoticeably. */
    start(lengthMs, nextN, isHistory) {
        this.intervalMs = isHistory ? USUAL_INTERVAL_MS : Math.max(50, lengthMs);
        const shown = isHistory ? this.targetLagMs : lengthMs > AT_ONCE_MS ? lengthMs : 0;
        this.position = nextN - 1 - (shown * this.fsHz) / 1000;
    }

    /* The clock must bridge the time between two arrivals, and cannot do with less than what a chunk is long. */
    learn(elapsedMs, lengthMs) {
        if (elapsedMs > Math.max(this.intervalMs, lengthMs) * 4) return; // an outage says nothing about the rhythm
        const seenMs = Math.min(Math.max(elapsedMs, lengthMs), MAX_INTERVAL_MS);
        const share = seenMs > this.intervalMs ? 1 : INTERVAL_FORGET;
        this.intervalMs += (seenMs - this.intervalMs) * share;
    }

    /** Move to the time of this frame. @returns {number} the number of the newest sample to show, or -1 */
    advance(nowMs, nextN) {
        if (this.position < 0) return -1;
        const elapsedMs = this.frameMs < 0 ? 0 : Math.max(0, nowMs - this.frameMs);
        this.frameMs = nowMs;
        const newest = nextN - 1;
        const step = (elapsedMs * this.fsHz * this.speed(nowMs, nextN)) / 1000;
        const goal = Math.max(this.position + step, newest - ((this.targetLagMs + CATCH_UP_MS) * this.fsHz) / 1000);
        this.noteStarvation(goal > newest);
        this.position = Math.max(this.position, Math.min(goal, newest));
        return Math.floor(this.position);
    }

    /* The newest sample moves in jumps; seen as if it moved evenly since the last arrival, the distance to it is
     * smooth. */
    speed(nowMs, nextN) {
        const sinceMs = Math.min(nowMs - this.arrivedMs, this.intervalMs);
        const lagMs = ((nextN - this.position) * 1000) / this.fsHz + sinceMs;
        const errorSeconds = (lagMs - this.targetLagMs) / 1000;
        return Math.min(FASTEST, Math.max(SLOWEST, 1 + errorSeconds * PULL_PER_SECOND));
    }

    noteStarvation(starving) {
        if (starving && !this.starving) this.starvations++;
        this.starving = starving;
    }
}
