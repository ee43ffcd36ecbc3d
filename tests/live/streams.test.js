// The live streams, from a virtual or a real heart to the reader: docs/streams.md, sentence by sentence.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {startStack} from '../support/stack.js';
import {assertContiguous, good, Stream} from './streams.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

describe('live streams', () => {
    let stack, token, api, patient, wall, open;
    const streams = [];
    const stream = (path, options, as = token) => {
        const made = new Stream(stack.url + path, as, options);
        streams.push(made);
        return made;
    };

    const addVirtual = async (name) =>
        (await good(api.post('/virtual-patients', {name, heart_rate_bpm: 72}))).patient;
    const killLive = () => {
        const pid = fs.readFileSync(path.join(stack.home, 'service/live/supervise/pid'), 'utf8');
        process.kill(Number(pid), 'SIGKILL');
    };

    before(async () => {
        stack = await startStack({fresh: true}); // live is killed at the end
        token = await stack.admin();
        api = stack.client(token);
        patient = await addVirtual('Stream bed');
        wall = '/api/v1/stream';
        open = `/api/v1/patients/${patient}/stream`;
        const warm = stream(open);
        await warm.first('vitals', patient, 20);
        await warm.close();
    });
    after(async () => {
        await Promise.all(streams.map((s) => s.close()));
        await stack?.stop();
    });

    test('begins with hello, then a snapshot that names the patient', async () => {
        const s = stream(wall);
        await s.first('snapshot');
        assert.equal(s.type, 'text/event-stream');
        assert.deepEqual(s.events.slice(0, 2).map((e) => e.event), ['hello', 'snapshot']);
        const [hello, snapshot] = s.events.map((e) => e.data);
        assert.equal(hello.server, 'heartline');
        assert.equal(hello.tick_seconds, 2);
        assert.ok(Math.abs(hello.now_ms - Date.now()) < 5000);
        const bed = snapshot.patients.find((p) => p.patient === patient);
        assert.equal(bed.name, 'Stream bed');
        assert.equal(bed.virtual, true);
        assert.equal(bed.state, 'live');
        assert.deepEqual(bed.ecg.leads, ['II']);
        assert.ok(bed.vitals.heart_rate_bpm > 40 && bed.vitals.heart_rate_bpm < 120);
        await s.close();
    });

    test('tells 5 s of signal without a sample twice or missing, from the snapshot on', async () => {
        const s = stream(open);
        const snapshot = await s.first('snapshot');
        const strip = snapshot.data.patients[0].ecg;
        assert.equal(strip.leads.length, 12);
        const samples = () => s.of('ecg').reduce((sum, e) => sum + e.data.samples[0].length, 0);
        await s.until(() => samples() >= 2500, '5 s of signal', 12);
        const ecgs = s.of('ecg');
        assert.equal(ecgs[0].data.leads.length, 12);
        assert.equal(assertContiguous(assert, ecgs, strip.n + strip.samples[0].length), samples());
        assert.ok(s.of('tick').length >= 2);
        assert.ok(s.of('vitals').length >= 4);
        await s.close();
    });

    test('continues exactly where a reader was cut off', async () => {
        const first = stream(open);
        await first.until(() => first.of('ecg').length >= 3, 'signal');
        await first.close();
        const ecgs = first.of('ecg');
        const meanwhile = stream(open);
        await meanwhile.until(() => meanwhile.of('ecg').length >= 4, 'signal that the first reader misses');
        await meanwhile.close();
        const second = stream(open, {lastEventId: first.lastId});
        await second.until(() => second.of('ecg').length >= 8, 'signal');
        await second.close();
        assert.equal(second.events[0].event, 'hello');
        assert.equal(second.of('gap').length, 0);
        assert.equal(second.of('snapshot').length, 0);
        const number = (e) => Number(e.id.split('-')[1]);
        assert.ok(number(second.events.find((e) => e.id)) > number({id: first.lastId}));
        assertContiguous(assert, [...ecgs, ...second.of('ecg')]);
    });

    for (const [what, id] of Object.entries({
        'of another life': 'abc123-17', 'malformed': 'x', 'negative': 'abc--5', 'huge': `abc-${'9'.repeat(90)}`,
        'longer than any': 'a'.repeat(3000),
    })) {
        test(`tells a gap and a new snapshot for an event id that is ${what}`, async () => {
            const s = stream(open, {lastEventId: id});
            await s.first('snapshot');
            assert.deepEqual(s.events.slice(0, 3).map((e) => e.event), ['hello', 'gap', 'snapshot']);
            assert.match(s.events[1].data.reason, /^(expired|restart)$/);
            await s.close();
        });
    }

    test('an event id of the future is a gap', async () => {
        const s = stream(open);
        const hello = await s.first('hello');
        await s.close();
        const future = stream(open, {lastEventId: `${hello.data.epoch}-999999999999`});
        await future.first('snapshot');
        assert.equal(future.events[1].data.reason, 'expired');
        await future.close();
    });

    test('an anomaly that was asked for is told, comes as a beat, and works each time', async () => {
        const s = stream(open);
        await s.first('snapshot');
        for (let i = 1; i <= 3; i++) {
            await good(api.post(`/virtual-patients/${patient}/anomalies`, {anomaly: 'PVC'}));
            await s.until(() => s.of('event').filter((e) => e.data.kind === 'anomaly_injected').length >= i, 'event');
            await s.until(() => s.of('beat').filter((e) => e.data.anomaly === 'PVC').length >= i, 'beat with PVC');
        }
        await s.close();
    });

    test('a new patient is announced, and its first R wave is there within half a second', async () => {
        const s = stream(`${wall}?detail=full`);
        await s.first('snapshot');
        const asked = performance.now();
        const added = await addVirtual('New bed');
        const highest = (e) => Math.max(...e.data.samples[1]) / e.data.gain;
        const wave = await s.until(() => s.of('ecg', added).find((e) => highest(e) > 0.5), 'R wave');
        assert.ok(wave.at - asked < 500, `the R wave came after ${wave.at - asked} ms`);
        assert.equal(s.of('patient', added)[0].data.name, 'New bed');
        const beat = await s.first('beat', added, 5);
        assert.ok(beat.at - asked < 1500, `the beat was found after ${beat.at - asked} ms`);
        assertContiguous(assert, s.of('ecg', added), 0);

        await good(api.delete(`/virtual-patients/${added}`));
        await s.first('removed', added, 5);
        await s.close();
    });

    test('a device: its samples at once, its beats within a second, its metrics with every number', async () => {
        const person = await stack.register();
        const id = person.user_id;
        const s = stream(wall);
        await s.first('snapshot');
        const session = await stack.startSession(person);
        await s.first('patient', id, 5);
        // A spike of 1 mV each 200 samples, 40 ms wide.
        const value = (n) => Math.round(1000 * Math.exp(-(((n % 200) - 100) ** 2) / 18)) / 1000;
        const began = Date.now() - 10500;
        let n = 0, sent = 0;
        for (let i = 0; i < 21; i++, n += 125) {
            sent = performance.now();
            await good(person.api.post(`/sessions/${session}/waveform`, {
                timestamp: new Date(began + i * 500).toISOString(),
                sampling_rate: 250,
                leads: {II: Array.from({length: 125}, (_, k) => value(n + k))},
            }));
        }
        await s.until(() => s.of('ecg', id).length === 21, '21 chunks');
        assert.equal(assertContiguous(assert, s.of('ecg', id), 0), 21 * 125);
        assert.ok(s.of('ecg', id).at(-1).at - sent < 1000);
        await s.until(() => s.of('beat', id).length >= 12, '12 beats', 3);
        assert.ok(s.of('beat', id).at(-1).at - sent < 1000);
        for (const beat of s.of('beat', id)) assert.ok(Math.abs((beat.data.n % 200) - 100) <= 5, `beat at ${beat.data.n}`);
        const stored = await stack.value(`select count(*) from v_beats where session_id = '${session}'`);
        assert.equal(Number(stored), s.of('beat', id).length);
        assert.equal(await stack.value('select count(*) from analysis_queue'), '0');

        await good(person.api.post(`/sessions/${session}/metrics`,
            {timestamp: new Date().toISOString(), metrics: {heart_rate: 75, qt_interval: 380}}));
        const vitals = await s.until(() => s.of('vitals', id).find((e) => e.data.source === 'device'), 'metrics');
        assert.equal(vitals.data.heart_rate_bpm, 75);
        assert.equal(vitals.data.qt_interval, 380);

        await s.until(() => s.of('state', id).find((e) => e.data.state === 'silent'), 'silence', 8);
        await good(person.api.post(`/sessions/${session}/end`, {timestamp: new Date().toISOString()}));
        await s.until(() => s.of('state', id).find((e) => e.data.state === 'ended'), 'end', 5);
        await s.close();

        const own = stream(wall, {}, person.token);
        const snapshot = await own.first('snapshot');
        assert.deepEqual(snapshot.data.patients.map((p) => p.patient), [id]);
        await own.close();
        const other = stream(open, {}, person.token);
        await other.until(() => other.problem, 'refusal');
        assert.equal(other.status, 404);
    });

    test('refuses who is not signed in, and parameters that make no sense', async () => {
        const cases = [
            [wall, 'nonsense', 401], [`${wall}?detail=huge`, token, 422], [`${wall}?patients=1,2`, token, 422],
            ['/api/v1/patients/x/stream', token, 404],
        ];
        for (const [path, as, status] of cases) {
            const s = stream(path, {}, as);
            await s.until(() => s.problem, `refusal of ${path}`);
            assert.equal(s.status, status, path);
            assert.equal(s.problem.status, status);
        }
        const s = stream(`${wall}?patients=${NOBODY}`);
        assert.deepEqual((await s.first('snapshot')).data.patients, []);
        await s.close();
    });

    test('after a kill -9 of live: another epoch, a gap, and then no sample twice or missing', async () => {
        const before = stream(open);
        const hello = await before.first('hello');
        await before.first('ecg');
        killLive();
        await before.until(() => before.ended || before.error, 'end of the stream').catch(() => {});
        const lastEventId = before.lastId;
        let again;
        for (let i = 0; i < 50 && !again?.of('ecg').length; i++) {
            again = stream(open, {lastEventId});
            await again.until(() => again.of('ecg').length || again.problem, 'signal', 10).catch(() => {});
            if (!again.of('ecg').length) await new Promise((resolve) => setTimeout(resolve, 100));
        }
        await again.until(() => again.of('ecg').length >= 6, 'signal');
        await again.close();
        assert.notEqual(again.of('hello')[0].data.epoch, hello.data.epoch);
        assert.equal(again.events[1].event, 'gap');
        assert.equal(again.events[1].data.reason, 'restart');
        assertContiguous(assert, again.of('ecg'));
        assert.ok(again.of('ecg')[0].data.n > before.of('ecg').at(-1).data.n);
    });
});
