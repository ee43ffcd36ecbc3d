// heartline annotate over virtual hearts whose truth is known: what it writes is read back by the rules of the format, in
// the order of the samples, with waves, rhythms and qualities where they belong; --json says the same.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from '../support/stack.js';

const FS = 500;
const SECONDS = 180;
const [NOISE, P, T, RHYTHM, ONSET, END] = [14, 24, 27, 28, 39, 40];
const BEATS = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 25, 30, 34, 35, 38, 41]);

let folder = null;
const heartline = (...args) =>
    new Promise((resolve) => {
        execFile(path.join(build, 'heartline'), args, { cwd: folder, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
            resolve({ code: error ? error.code : 0, stdout, stderr }));
    });

/* The annotations of a file: words of six bits type and ten bits time, and what follows them (annot(5)). */
function read(annotator) {
    const bytes = fs.readFileSync(path.join(folder, `rec.${annotator}`));
    const signed = (value) => (value > 127 ? value - 256 : value);
    const found = [];
    let [at, sample, channel, number] = [0, 0, 0, 0];
    for (;;) {
        const word = bytes.readUInt16LE(at);
        at += 2;
        const [type, value] = [word >> 10, word & 1023];
        if (word === 0) return found;
        if (type === 59) {
            sample += (bytes.readInt16LE(at) << 16) + bytes.readUInt16LE(at + 2);
            at += 4;
        } else if (type === 63) {
            found.at(-1).aux = bytes.toString('latin1', at, at + value);
            at += value + (value & 1);
        } else if (type === 62) channel = found.at(-1).channel = value;
        else if (type === 61) found.at(-1).subtype = signed(value);
        else if (type === 60) number = found.at(-1).number = signed(value);
        else {
            sample += value;
            found.push({ sample, type, channel, number, subtype: 0, aux: null });
        }
    }
}

const of = (found, ...types) => found.filter((one) => types.includes(one.type));
const beatsOf = (found) => found.filter((one) => BEATS.has(one.type));

/* Fibrillation in the second minute; a lead off for the last half minute. */
before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hl-annotate-'));
    const script = '60 AF 60 1; 150 LEAD_OFF 20 1';
    const made = await heartline('simulate', '--seed', '7', '--script', script, '--duration', `${SECONDS}`, '-o', 'rec');
    assert.equal(made.code, 0, made.stderr);
    const done = await heartline('annotate', 'rec', '-o', 'hl', '--waves');
    assert.equal(done.code, 0, done.stderr);
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

test('the file is in the order of the samples, and inside the record', () => {
    const found = read('hl');
    for (let i = 1; i < found.length; i++) assert.ok(found[i].sample >= found[i - 1].sample, `annotation ${i}`);
    assert.ok(found[0].sample >= 0 && found.at(-1).sample < SECONDS * FS);
});

test('every beat of the truth is there, once', () => {
    const found = beatsOf(read('hl')).map((one) => one.sample);
    const truth = beatsOf(read('atr')).map((one) => one.sample);
    const near = (list, sample) => list.filter((other) => Math.abs(other - sample) <= 0.075 * FS).length;
    const missed = truth.filter((sample) => near(found, sample) !== 1).length;
    assert.ok(missed <= truth.length * 0.02, `${missed} of ${truth.length}`);
});

test('waves stand as onset, peak and end, with the number of the wave', () => {
    const found = read('hl').filter((one) => one.sample < 60 * FS);
    const beats = beatsOf(found).length;
    for (const [number, type] of [[0, P], [1, null], [2, T]]) {
        const onsets = of(found, ONSET).filter((one) => one.number === number);
        const ends = of(found, END).filter((one) => one.number === number);
        assert.ok(ends.length > beats * 0.9, `${ends.length} ends of wave ${number}, ${beats} beats`);
        assert.ok(number === 2 || Math.abs(onsets.length - ends.length) <= 1);
        if (type) assert.ok(of(found, type).length > beats * 0.9);
    }
    assert.ok([...of(found, ONSET, END, P, T)].every((one) => one.channel === 0), 'all leads together: signal 0');
    const waves = found.filter((one) => one.type !== RHYTHM && one.type !== NOISE);
    for (let i = 1; i + 1 < waves.length; i++) {
        const [before, one, behind] = waves.slice(i - 1, i + 2);
        if (one.type !== P) continue;
        assert.deepEqual([before.type, before.number, behind.type, behind.number], [ONSET, 0, END, 0], `P at ${one.sample}`);
    }
});

test('the rhythm changes where it changed, in the words of the MIT-BIH files', () => {
    const rhythms = of(read('hl'), RHYTHM);
    assert.equal(rhythms[0].aux, '(N');
    const [onset] = rhythms.filter((one) => one.aux === '(AFIB');
    assert.ok(Math.abs(onset.sample / FS - 60) < 10, `${onset.sample / FS} s`);
    const back = rhythms.find((one) => one.sample > onset.sample && one.aux === '(N');
    assert.ok(Math.abs(back.sample / FS - 120) < 15, `${back.sample / FS} s`);
    for (let i = 1; i < rhythms.length; i++) assert.notEqual(rhythms[i].aux, rhythms[i - 1].aux);
});

test('a lead that comes off is marked with its bits and in words', async () => {
    const { stdout } = await heartline('annotate', 'rec', '-o', 'words', '--json');
    const off = JSON.parse(stdout).quality.find((one) => one.quality === 'lead_off');
    const marks = of(read('hl'), NOISE).filter((one) => / lead_off$/.test(one.aux));
    assert.ok(marks.length > 0 && off);
    assert.equal(marks[0].sample, off.sample);
    assert.equal(marks[0].aux, `${off.lead} lead_off`);
    assert.ok(Math.abs(marks[0].sample / FS - 150) < 2, `${marks[0].sample / FS} s`);
    for (const mark of marks.filter((one) => one.channel < 4)) assert.ok((mark.subtype & 255) >= 16, `${mark.subtype}`);
});

test('without --waves there are none, and the rest is the same', async () => {
    assert.equal((await heartline('annotate', 'rec', '-o', 'plain')).code, 0);
    const rest = (name) => read(name).filter((one) => ![ONSET, END, P, T].includes(one.type)).map(({ number, ...one }) => one);
    assert.equal(of(read('plain'), ONSET, END, P, T).length, 0);
    assert.deepEqual(rest('plain'), rest('hl'));
});

test('--lead-waves gives each lead its own, on its own signal', async () => {
    assert.equal((await heartline('annotate', 'rec', '-o', 'leads', '--lead-waves')).code, 0);
    const found = read('leads');
    assert.deepEqual([...new Set(of(found, T).map((one) => one.channel))].sort((a, b) => a - b), [...Array(12).keys()]);
    for (let i = 1; i < found.length; i++) assert.ok(found[i].sample >= found[i - 1].sample);
});

test('--json holds all that was found', async () => {
    const { stdout } = await heartline('annotate', 'rec', '-o', 'json', '--json');
    const said = JSON.parse(stdout);
    assert.deepEqual(Object.keys(said), ['record', 'fs_hz', 'units', 'leads', 'beats', 'waves', 'measurements', 'hrv', 'episodes',
        'quality', 'statements']);
    assert.equal(said.waves.length, said.beats.length);
    const beat = said.waves.find((one) => one.p.state === 'present');
    assert.ok(beat.p.onset_ms < beat.p.end_ms && beat.p.end_ms < beat.qrs.onset_ms && beat.qrs.end_ms > 0);
    for (const { p } of said.waves) if (p.state !== 'present') assert.deepEqual([p.onset_ms, p.end_ms], [null, null]);
    assert.ok(said.measurements.length >= 16 && said.measurements.length <= 20);
    assert.ok(said.measurements[2].figures.qt_interval.value > 250);
    const fibrillation = said.episodes.find((one) => one.rhythm === 'atrial_fibrillation');
    assert.ok(fibrillation.end - fibrillation.sample > 40 * FS);
    assert.ok(Array.isArray(said.statements));
});

test('live portions find the same', async () => {
    assert.equal((await heartline('annotate', 'rec', '-o', 'live', '--live', '--waves')).code, 0);
    assert.ok(fs.readFileSync(path.join(folder, 'rec.live')).equals(fs.readFileSync(path.join(folder, 'rec.hl'))));
});

for (const args of [['rec', '-o', 'x', '--wave'], ['rec', '-o', 'x', '--json=1'], ['rec'], ['-o', 'x'], ['rec', 'rec', '-o', 'x'],
    ['rec', '-o']]) {
    test(`annotate ${args.join(' ')} is refused`, async () => {
        const { code, stderr } = await heartline('annotate', ...args);
        assert.equal(code, 2);
        assert.match(stderr, /^usage: heartline annotate/);
        assert.ok(!fs.existsSync(path.join(folder, 'rec.x')));
    });
}
