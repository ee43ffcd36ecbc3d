// The ring and the strip: samples are addressed by their own number, so nothing is drawn twice and nothing is passed
// over.
import test from 'node:test';
import assert from 'node:assert/strict';
import { Ring, powerOfTwoAtLeast } from '../../static/js/signal/ring.js';
import { HELD_SECONDS, Strip } from '../../static/js/signal/strip.js';

function chunk(n, samples, more = {}) {
    return {
        session: 's1',
        n,
        t_ms: 1000 + n * 2,
        fs_hz: 500,
        units: 'mV',
        gain: 1000,
        leads: ['II'],
        samples: [samples],
        ...more,
    };
}

function values(strip, lead, from, to) {
    return Array.from({ length: to - from }, (_, index) => Math.round(strip.rings.get(lead).get(from + index) * 1000));
}

test('a ring has a power of two of cells and begins as missing', () => {
    assert.equal(powerOfTwoAtLeast(1000), 1024);
    assert.equal(powerOfTwoAtLeast(1024), 1024);
    const ring = new Ring(5);
    assert.equal(ring.capacity, 8);
    assert.ok(Number.isNaN(ring.get(3)));
});

test('a ring finds the newest samples by number, also beyond 2^31', () => {
    const ring = new Ring(8);
    for (const start of [0, 5, 2 ** 31 - 3, 2 ** 33 - 3]) {
        for (let n = start; n < start + 8; n++) ring.set(n, n % 100);
        for (let n = start; n < start + 8; n++) assert.equal(ring.get(n), n % 100);
    }
});

test('erasing more than the ring holds erases all of it and no more work than that', () => {
    const ring = new Ring(8);
    for (let n = 0; n < 8; n++) ring.set(n, 1);
    ring.erase(8, 8e12);
    for (let n = 0; n < 8; n++) assert.ok(Number.isNaN(ring.get(n)));
});

test('chunks that follow each other make one strip', () => {
    const strip = new Strip(chunk(100, [1, 2]));
    assert.equal(strip.accept(chunk(100, [1, 2])), 2);
    assert.equal(strip.accept(chunk(102, [3, 4])), 2);
    assert.deepEqual(values(strip, 'II', 100, 104), [1, 2, 3, 4]);
    assert.deepEqual([strip.gaps, strip.duplicates, strip.nextN], [0, 0, 104]);
    assert.equal(strip.endMs, 1000 + 102 * 2 + 4);
});

test('an overlap is dropped and counted, the first values stay', () => {
    const strip = new Strip(chunk(0, [1, 2, 3]));
    strip.accept(chunk(0, [1, 2, 3]));
    assert.equal(strip.accept(chunk(1, [9, 9, 4, 5])), 2);
    assert.deepEqual(values(strip, 'II', 0, 5), [1, 2, 3, 4, 5]);
    assert.equal(strip.duplicates, 2);
    assert.equal(strip.accept(chunk(0, [7, 7])), 0);
    assert.equal(strip.duplicates, 4);
});

test('a jump of n leaves missing samples, never a line', () => {
    const strip = new Strip(chunk(0, [1, 2]));
    strip.accept(chunk(0, [1, 2]));
    strip.accept(chunk(5, [6]));
    assert.equal(strip.gaps, 1);
    assert.deepEqual(values(strip, 'II', 0, 6), [1, 2, NaN, NaN, NaN, 6]);
});

test('null, a shorter lead and a lead that is not in a chunk are missing samples', () => {
    const two = { leads: ['I', 'II'], samples: [[1, null, 3], [4]] };
    const strip = new Strip(chunk(0, [], two));
    assert.equal(strip.accept(chunk(0, [], two)), 3);
    strip.accept(chunk(3, [7]));
    assert.deepEqual(values(strip, 'I', 0, 4), [1, NaN, 3, NaN]);
    assert.deepEqual(values(strip, 'II', 0, 4), [4, NaN, NaN, 7]);
});

test('a lead that joins later is held from there on', () => {
    const strip = new Strip(chunk(0, [1]));
    strip.accept(chunk(0, [1]));
    strip.accept(chunk(1, [], { leads: ['II', 'V5'], samples: [[2], [8]] }));
    assert.deepEqual(values(strip, 'V5', 0, 2), [NaN, 8]);
});

test('a long run keeps the newest seconds exactly', () => {
    const strip = new Strip(chunk(0, []));
    for (let n = 0; n < 100000; n += 125) {
        strip.accept(
            chunk(
                n,
                Array.from({ length: 125 }, (_, index) => (n + index) % 1000),
            ),
        );
    }
    assert.ok(strip.nextN - strip.oldestN >= HELD_SECONDS * 500);
    for (let n = strip.oldestN; n < strip.nextN; n++)
        assert.equal(Math.round(strip.rings.get('II').get(n) * 1000), n % 1000);
    assert.deepEqual([strip.gaps, strip.duplicates], [0, 0]);
});

test('another session, rate or unit does not fit', () => {
    const strip = new Strip(chunk(0, [1]));
    assert.ok(strip.fits(chunk(9, [1])));
    assert.ok(!strip.fits(chunk(9, [1], { session: 's2' })));
    assert.ok(!strip.fits(chunk(9, [1], { fs_hz: 360 })));
    assert.ok(!strip.fits(chunk(9, [1], { units: 'adu' })));
});

test('the extent passes over what is missing', () => {
    const strip = new Strip(chunk(0, [1, null, -5, 3]));
    strip.accept(chunk(0, [1, null, -5, 3]));
    const out = new Float64Array(2);
    assert.ok(strip.extent('II', 0, 4, out));
    assert.deepEqual(
        [...out].map((value) => Math.round(value * 1000)),
        [-5, 3],
    );
    assert.ok(!strip.extent('II', 1, 2, out));
    assert.ok(!strip.extent('V9', 0, 4, out));
});
