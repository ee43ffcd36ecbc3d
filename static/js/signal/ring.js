/* A ring holds the newest samples of one lead, addressed by the sample's own number `n` and not by a position in
 * memory. Addressing by n is what makes duplicates and skips impossible to draw: the same sample always lands in the
 * same cell, and a sample that never came stays NaN ("missing"), which no drawing routine may join with a line. The
 * capacity is a power of two, so that n maps to a cell with one mask. Nothing is allocated after creation. */

/** Smallest power of two that is at least `count` (count >= 1). */
export function powerOfTwoAtLeast(count) {
    let size = 1;
    while (size < count) size *= 2;
    return size;
}

export class Ring {
    /** @param {number} minSamples how many samples must be held at least */
    constructor(minSamples) {
        this.capacity = powerOfTwoAtLeast(Math.max(2, Math.ceil(minSamples)));
        this.mask = this.capacity - 1;
        this.cells = new Float32Array(this.capacity).fill(NaN);
    }

    /** Store `value` (NaN = missing) as sample n. The caller keeps n within one capacity of the newest sample. */
    set(n, value) {
        this.cells[n & this.mask] = value;
    }

    /** Value of sample n; only meaningful for the newest `capacity` samples. */
    get(n) {
        return this.cells[n & this.mask];
    }

    /** Mark samples [from, to) as missing. */
    erase(from, to) {
        const start = Math.max(from, to - this.capacity);
        for (let n = start; n < to; n++) this.cells[n & this.mask] = NaN;
    }
}
