// The sweep and the playout clock: every sample has one place, is drawn once, and the clock neither stops nor jumps
// back.
import test from 'node:test';
import assert from 'node:assert/strict';
import { Ring } from '../../static/js/signal/ring.js';
import { Playout } from '../../static/js/signal/playout.js';
import { Sweep, columnOf, firstVisible, xOf } from '../../static/js/signal/sweep.js';

/* A canvas context that only remembers what was asked of it. */
function recorder() {
    const calls = [];
    const note =
        (name) =>
        (...numbers) =>
            calls.push([name, ...numbers]);
    return {
        calls,
        of: (name) => calls.filter((call) => call[0] === name),
        ...Object.fromEntries(
            ['beginPath', 'moveTo', 'lineTo', 'stroke', 'clearRect', 'fillRect', 'fillText', 'arc', 'fill'].map(
                (name) => [name, note(name)],
            ),
        ),
    };
}

function sweepOf(width, pxPerSample) {
    const context = recorder();
    const sweep = new Sweep(context);
    sweep.resize(width, 100, 4);
    sweep.pxPerSample = pxPerSample;
    return { sweep, context };
}

function ramp(count) {
    const ring = new Ring(count);
    for (let n = 0; n < count; n++) ring.set(n, n % 7);
    return ring;
}

test('a sample stands at one x, whatever came before', () => {
    assert.equal(columnOf(10, 0.2), 2);
    assert.equal(xOf(0, 0.2, 300), 0);
    assert.equal(xOf(1500, 0.2, 300), 0);
    assert.equal(xOf(1510, 0.2, 300), 2);
    assert.equal(firstVisible(10000, 0.2, 300, 20), 10000 - 1400 + 1);
    assert.equal(firstVisible(10, 0.2, 300, 20), 0);
});

test('each new sample is drawn once: last-n moves on without repeats', () => {
    const { sweep } = sweepOf(300, 0.2);
    const ring = ramp(4096);
    const read = [];
    const get = ring.get.bind(ring);
    ring.get = (n) => {
        read.push(n);
        return get(n);
    };
    for (let n = 5; n <= 3000; n += 8) sweep.draw(ring, 0, n);
    const drawn = new Set(read);
    assert.equal(drawn.size, Math.max(...read) + 1, 'no sample was passed over');
    assert.equal(sweep.lastN, 2997);
});

test('drawing the same sample again does nothing', () => {
    const { sweep, context } = sweepOf(300, 0.2);
    sweep.draw(ramp(1024), 0, 500);
    const before = context.calls.length;
    assert.equal(sweep.draw(ramp(1024), 0, 500), false);
    assert.equal(context.calls.length, before);
});

test('a column of many samples is at most four points, in the order of time', () => {
    const { sweep, context } = sweepOf(300, 0.1);
    const ring = new Ring(64);
    [0, 5, -3, 1, 2, 0, 0, 0, 0, 4].forEach((value, n) => ring.set(n, value));
    sweep.view = { centre: 0, mmPerUnit: 1 };
    sweep.draw(ring, 0, 9);
    const ys = context.of('lineTo').map((call) => 50 - call[2]);
    assert.deepEqual(ys.slice(0), [0, 20, -12, 16]);
});

test('missing samples lift the pen and are tinted once per column', () => {
    const { sweep, context } = sweepOf(300, 0.5);
    const ring = new Ring(256);
    for (let n = 0; n < 200; n++) ring.set(n, n >= 50 && n < 150 ? NaN : 1);
    for (let n = 0; n < 200; n++) sweep.draw(ring, 0, n);
    const tinted = context.of('fillRect').flatMap(([, x, , width]) => Array.from({ length: width }, (_, i) => x + i));
    assert.deepEqual(
        tinted,
        Array.from({ length: 50 }, (_, index) => 25 + index),
    );
    const inside = context.of('lineTo').filter(([, x]) => x >= 25.5 && x < 74.5);
    assert.equal(inside.length, 0, 'no line across the gap');
});

test('a jump over more than the width draws all that is visible, anew', () => {
    const { sweep } = sweepOf(300, 0.2);
    const ring = ramp(8192);
    sweep.draw(ring, 0, 100);
    assert.equal(sweep.draw(ring, 0, 8000), true);
    assert.equal(sweep.draw(ring, 0, 8010), false);
});

test('a beat is labelled only when the pen is past it', () => {
    const { sweep } = sweepOf(300, 0.2);
    sweep.draw(ramp(4096), 0, 1000);
    assert.ok(!sweep.canLabel(1000));
    assert.ok(sweep.canLabel(900));
    assert.ok(sweep.isVisible(900));
    assert.ok(!sweep.isVisible(-1000));
});

/* Plays `seconds` of chunks, each `everyMs` long and up to `jitterMs` late, against 60 frames per second. */
function play({ everyMs, jitterMs, seconds }) {
    const count = (everyMs * 500) / 1000;
    const clock = new Playout(500);
    const steps = [];
    let nextN = 5000;
    let seed = 7;
    const lateness = () => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        return (seed / 2 ** 31) * jitterMs;
    };
    clock.arrived(0, nextN, nextN, true);
    let shown = clock.advance(0, nextN);
    let chunks = 1;
    let dueMs = everyMs + lateness();
    for (let now = 1000 / 60; now < seconds * 1000; now += 1000 / 60) {
        for (; dueMs <= now; dueMs = ++chunks * everyMs + lateness()) clock.arrived(now, count, (nextN += count));
        const next = clock.advance(now, nextN);
        assert.ok(next >= shown && next < nextN, 'never back, never past the newest');
        steps.push({ now, step: next - shown, behindMs: ((nextN - 1 - next) * 1000) / 500 });
        shown = next;
    }
    return { clock, steps };
}

for (const [everyMs, jitterMs] of [
    [100, 0],
    [250, 0],
    [250, 120],
    [500, 100],
    [1000, 200],
    [5000, 50],
]) {
    test(`chunks of ${everyMs} ms, up to ${jitterMs} ms late, become an even sweep`, () => {
        const { clock, steps } = play({ everyMs, jitterMs, seconds: 90 });
        const settled = steps.filter((step) => step.now > 45000);
        const range = [Math.min(...settled.map((step) => step.step)), Math.max(...settled.map((step) => step.step))];
        assert.ok(range[0] >= 6 && range[1] <= 11, `each frame moves by about 8.3 samples, not ${range}`);
        assert.ok(clock.starvations <= 3, `the clock learns the rhythm soon, not after ${clock.starvations} stops`);
        const behind = Math.max(...settled.map((step) => step.behindMs));
        assert.ok(behind < everyMs + 2 * jitterMs + 250, `not further behind than needed: ${behind} ms`);
    });
}

test('the first short chunk is shown at once', () => {
    const clock = new Playout(500);
    clock.arrived(1000, 125, 125);
    assert.equal(clock.advance(1000, 125), 124);
});

test('after a hidden tab the clock stands near the newest sample again', () => {
    const clock = new Playout(500);
    clock.arrived(0, 125, 125);
    clock.advance(0, 125);
    let nextN = 125;
    for (let now = 250; now <= 60000; now += 250) clock.arrived(now, 125, (nextN += 125));
    assert.ok(nextN - clock.advance(60000, nextN) < 2000 * 0.5);
});

test('when nothing arrives the clock waits at the newest sample', () => {
    const clock = new Playout(500);
    clock.arrived(0, 125, 125);
    for (let now = 0; now < 9000; now += 16) clock.advance(now, 125);
    assert.equal(clock.advance(9000, 125), 124);
    assert.equal(clock.starvations, 1);
});
