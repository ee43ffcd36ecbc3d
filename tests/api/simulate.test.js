// heartline simulate: the same seed and script give the same bytes, a dataset has its manifest, what is wrong is named.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from '../support/stack.js';

let folder = null;
const heartline = (...args) =>
    new Promise((resolve) => {
        execFile(path.join(build, 'heartline'), args, { cwd: folder, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
            resolve({ code: error ? error.code : 0, stdout, stderr }));
    });
const bytes = (name) => fs.readFileSync(path.join(folder, name));

before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heartline-simulate-'));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

const SCRIPT = '10 AF 20 0.5; 40 PVC\n45 LEAD_OFF 5';

test('the same seed and script make the same bytes, another seed does not', async () => {
    for (const [name, seed] of [['one', 7], ['two', 7], ['three', 8]]) {
        const made = await heartline('simulate', '--seed', String(seed), '--script', SCRIPT, '--duration', '60', '-o', name);
        assert.equal(made.code, 0, made.stderr);
    }
    assert.ok(bytes('one.dat').equals(bytes('two.dat')));
    assert.ok(bytes('one.atr').equals(bytes('two.atr')));
    assert.equal(bytes('one.hea').toString().replaceAll('one', 'two'), bytes('two.hea').toString());
    assert.ok(!bytes('one.dat').equals(bytes('three.dat')));
    assert.equal(bytes('one.dat').length, 60 * 500 * 12 * 2);
});

test('what was made is analysed like any other record, and the truth is found again', async () => {
    const found = await heartline('annotate', 'one', '-o', 'hl', '--json');
    assert.equal(found.code, 0, found.stderr);
    const { beats, episodes } = JSON.parse(found.stdout);
    assert.ok(beats.filter(({ code }) => code === 'V').length >= 1);
    assert.ok(episodes.some(({ rhythm }) => rhythm === 'atrial_fibrillation'));
});

test('a script may be a file, a dataset is a folder with its manifest, patient by patient', async () => {
    fs.writeFileSync(path.join(folder, 'script.txt'), '# a comment\n2 PAC\n\n5 PVC\n');
    const made = await heartline('simulate', '--script', 'script.txt', '--count', '20', '--duration', '10', '--fs', '250',
        '--profile', 'athlete', '-o', 'set');
    assert.equal(made.code, 0, made.stderr);
    const [head, ...rows] = fs.readFileSync(path.join(folder, 'set', 'manifest.csv'), 'utf8').trim().split('\n');
    assert.equal(head, 'record,patient,seed,profile,fs_hz,duration_s,beats,split');
    assert.equal(rows.length, 20);
    const splits = rows.map((row) => row.split(',').at(-1));
    assert.deepEqual(['train', 'val', 'test'].map((name) => splits.filter((split) => split === name).length), [14, 3, 3]);
    for (const row of rows)
        for (const end of ['hea', 'dat', 'atr']) assert.ok(fs.existsSync(path.join(folder, 'set', `${row.split(',')[0]}.${end}`)));
});

test('what is wrong is named', async () => {
    for (const [args, said] of [
        [['--seed', '-1'], '--seed'],
        [['--duration', '0'], '--duration'],
        [['--fs', '10'], '--fs'],
        [['--count', '0'], '--count'],
        [['--profile', 'hero'], 'average'],
        [['--script', '5 AFF'], 'BIGEMINY'],
        [['--script', 'soon AF'], 'SECONDS NAME'],
        [['--script', '5 AF 10 2'], 'strength'],
    ]) {
        const { code, stderr } = await heartline('simulate', ...args, '-o', 'wrong');
        assert.equal(code, 1, args.join(' '));
        assert.match(stderr, new RegExp(said), args.join(' '));
    }
    assert.equal((await heartline('simulate', '--seeds', '1', '-o', 'wrong')).code, 2);
    assert.ok(!fs.existsSync(path.join(folder, 'wrong.hea')));
});
