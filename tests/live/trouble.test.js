// What must not harm the live streams: chunks that cannot be read, clocks that are wrong, a day uploaded at once, readers
// that do not read, requests that make no sense. Some of it is put into the database by hand, since no client can.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {startStack, until} from '../support/stack.js';
import {assertContiguous, good, Stream} from './streams.js';

describe('trouble', () => {
    let stack, token, socketPath;
    const streams = [];
    const stream = (where, options) => {
        const made = new Stream(stack.url + where, token, options);
        streams.push(made);
        return made;
    };
    const waveform = (person, session, startMs, values, leads = ['II']) =>
        good(person.api.post(`/sessions/${session}/waveform`, {
            timestamp: new Date(startMs).toISOString(),
            sampling_rate: 250,
            leads: Object.fromEntries(leads.map((lead) => [lead, values])),
        }));
    // A spike of 1 mV each 200 samples.
    const spikes = (from, count) => Array.from({length: count}, (_, k) =>
        Math.round(1000 * Math.exp(-((((from + k) % 200) - 100) ** 2) / 18)) / 1000);
    const keyOf = (session) => stack.value(`select session_key from sessions where session_id = '${session}'`);
    const waiting = async (session) => Number(await stack.value(`select count(*) from analysis_queue q
        join sessions s using (session_key) where s.session_id = '${session}'`));
    const ask = (where, headers) => new Promise((resolve, reject) => {
        const request = http.get({socketPath, path: where, headers: {
            'x-heartline-user': '00000000-0000-4000-8000-00000000000a', 'x-heartline-role': 'admin', ...headers,
        }}, (response) => {
            response.once('data', (data) => {
                resolve({status: response.statusCode, text: String(data)});
                request.destroy();
            });
        });
        request.on('error', reject);
    });
    const livez = async () => JSON.parse((await ask('/livez')).text);

    before(async () => {
        stack = await startStack({fresh: true});
        token = await stack.admin();
        socketPath = path.join(stack.home, 'run/live.sock');
    });
    after(async () => {
        await Promise.all(streams.map((s) => s.close()));
        await stack?.stop();
    });

    test('a chunk that is gone or damaged is passed over, said in the log, and holds nobody up', async () => {
        const person = await stack.register();
        const session = await stack.startSession(person);
        const s = stream(`/api/v1/patients/${person.user_id}/stream`);
        await s.first('snapshot');
        await stack.psql(`insert into analysis_queue select nextval('waveform_id_seq'), now(), session_key
            from sessions where session_id = '${session}'`);
        for (const [samples, count] of [['\\x00', 250], ['\\x', 2147483647], ['\\xffffffffffffffff', 4]]) {
            await stack.psql(`with w as (insert into waveforms (session_key, time, end_time, sampling_rate, units, leads,
                    sample_count, encoding, samples, content_hash)
                select session_key, now(), now() + interval '1 second', 'NaN', 'mV', '{II}', ${count}, 1, '${samples}',
                    sha256('${samples}')
                from sessions where session_id = '${session}' returning waveform_id, time, session_key)
                insert into analysis_queue select * from w`);
        }
        await waveform(person, session, Date.now() - 500, spikes(0, 125));
        await s.first('ecg', person.user_id, 3);
        await until('empty queue', async () => await waiting(session) === 0);
        const log = fs.readFileSync(path.join(stack.home, 'log/live/current'), 'utf8');
        assert.equal(log.match(/cannot be read, and is not analysed/g)?.length, 4);
        await s.close();
    });

    test('a chunk stamped an hour ahead does not make late what comes after it, in this life and the next', async () => {
        const person = await stack.register();
        const session = await stack.startSession(person);
        const s = stream(`/api/v1/patients/${person.user_id}/stream`);
        await s.first('snapshot');
        const began = Date.now() - 6000;
        await waveform(person, session, began + 3600000, spikes(0, 1250));
        for (let i = 0; i < 6; i++) await waveform(person, session, began + i * 500, spikes(i * 125, 125));
        await s.until(() => s.of('ecg').length === 6, '6 chunks', 3);
        assertContiguous(assert, s.of('ecg'), 0);
        await until('empty queue', async () => await waiting(session) === 0);
        assert.ok(Number(await stack.value(`select count(*) from beats where session_key = ${await keyOf(session)}
            and time > now() + interval '50 minutes'`)) >= 4, 'the one ahead is analysed all the same');

        process.kill(Number(fs.readFileSync(path.join(stack.home, 'service/live/supervise/pid'), 'utf8')), 'SIGKILL');
        await s.until(() => s.ended || s.error, 'end of the stream').catch(() => {});
        const again = await until('stream of the next life', async () => {
            const made = stream(`/api/v1/patients/${person.user_id}/stream`);
            const snapshot = await made.first('snapshot', undefined, 2);
            return snapshot.data.patients[0]?.ecg && snapshot.data.patients[0].beats.length > 0 ? made : null;
        });
        const shown = again.of('snapshot')[0].data.patients[0];
        assert.equal(shown.ecg.n + shown.ecg.samples[0].length, 6 * 125);
        for (const beat of shown.beats) assert.ok(Math.abs((beat.n % 200) - 100) <= 5 && beat.n < 750, `beat at ${beat.n}`);
        for (let i = 6; i < 9; i++) await waveform(person, session, began + i * 500, spikes(i * 125, 125));
        await again.until(() => again.of('ecg').length === 3, '3 chunks', 3);
        assertContiguous(assert, again.of('ecg'), 6 * 125);
        await again.close();
    });

    test('who uploads hours at once does not hold up another heart', async () => {
        const [bulk, other] = [await stack.register(), await stack.register()];
        const session = await stack.startSession(bulk);
        const live = await stack.startSession(other);
        const s = stream(`/api/v1/patients/${other.user_id}/stream`);
        await s.first('snapshot');
        const leads = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
        await waveform(bulk, session, Date.now() - 86400000, spikes(0, 1250), leads);
        await until('empty queue', async () => await waiting(session) === 0);
        await stack.psql(`with w as (insert into waveforms (session_key, time, end_time, sampling_rate, units, leads,
                sample_count, encoding, samples, late, content_hash)
            select session_key, time + g * interval '5 seconds', end_time + g * interval '5 seconds', sampling_rate, units,
                leads, sample_count, encoding, samples, true, content_hash
            from waveforms, generate_series(1, 4000) g where session_key = ${await keyOf(session)}
            order by g returning waveform_id, time, session_key)
            insert into analysis_queue select * from w`);
        const began = Date.now() - 4000;
        for (let i = 0; i < 6; i++) {
            await waveform(other, live, began + i * 500, spikes(i * 125, 125));
            const sent = performance.now();
            await s.until(() => s.of('ecg').length === i + 1, 'the chunk', 5);
            assert.ok(s.of('ecg')[i].at - sent < 1000, `chunk ${i} came after ${s.of('ecg')[i].at - sent} ms`);
        }
        assert.ok(await waiting(session) > 0, 'the upload was still being worked off');
        assertContiguous(assert, s.of('ecg'), 0);
        await until('the upload analysed', async () => await waiting(session) === 0, {seconds: 120});
        const beats = Number(await stack.value(`select count(*) from beats where session_key = ${await keyOf(session)}`));
        assert.ok(Math.abs(beats - 4001 * 6) < 4001 * 0.1, `${beats} beats`);
        await s.close();
    });

    test('what comes after the end of a session does not bring it back', async () => {
        const person = await stack.register();
        const session = await stack.startSession(person);
        const s = stream(`/api/v1/patients/${person.user_id}/stream`);
        await s.first('snapshot');
        await waveform(person, session, Date.now() - 1000, spikes(0, 125));
        await s.first('ecg');
        await good(person.api.post(`/sessions/${session}/end`, {timestamp: new Date().toISOString()}));
        await s.until(() => s.of('state').find((e) => e.data.state === 'ended'), 'end', 5);
        await waveform(person, session, Date.now() - 500, spikes(125, 125));
        await until('empty queue', async () => await waiting(session) === 0);
        await s.until(() => s.of('tick').length > 1, 'ticks', 6);
        assert.equal(s.of('ecg').length, 1);
        assert.equal(s.of('state').at(-1).data.state, 'ended');
        await s.close();
    });

    test('the log of a patient is there after a refresh, and after a restart', async () => {
        const admin = stack.client(token);
        const {patient} = await good(admin.post('/virtual-patients', {name: 'Logged', heart_rate_bpm: 80}));
        // At once: the ward may not know the patient yet.
        await Promise.all(['PVC', 'PAC'].map((anomaly) => good(admin.post(`/virtual-patients/${patient}/anomalies`, {anomaly}))));
        const s = stream(`/api/v1/patients/${patient}/stream`);
        const texts = (snapshot) => (snapshot.data.patients[0]?.events ?? []).map((e) => e.text).sort();
        const seen = () => [...texts(s.of('snapshot')[0] ?? {data: {patients: []}}), ...s.of('event').map((e) => e.data.text)];
        await s.until(() => new Set(seen()).size === 2, 'both anomalies', 5);
        await s.until(() => s.of('beat').some((e) => e.data.anomaly), 'an anomalous beat', 10);
        await s.close();
        process.kill(Number(fs.readFileSync(path.join(stack.home, 'service/live/supervise/pid'), 'utf8')), 'SIGKILL');
        await until('the log and the beats in the next life', async () => {
            const made = stream(`/api/v1/patients/${patient}/stream`);
            const snapshot = await made.first('snapshot', undefined, 2);
            await made.close();
            assert.deepEqual(texts(snapshot), ['PAC injected', 'PVC injected']);
            return snapshot.data.patients[0].beats.length > 0;
        });
        assert.equal(await stack.value(`select count(*) from health_events where user_id = '${patient}'`), '2');
    });

    test('a query that is too long is refused, never taken for none', async () => {
        const list = Array.from({length: 300}, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`).join(',');
        assert.equal((await ask(`/api/v1/stream?patients=${list}`)).status, 422);
        const one = await ask(`/api/v1/stream?x=${'a'.repeat(10000)}&patients=00000000-0000-4000-8000-00000000000b`);
        assert.equal(one.status, 200);
        const s = stream(`/api/v1/stream?x=${'a'.repeat(10000)}&patients=00000000-0000-4000-8000-00000000000b`);
        assert.deepEqual((await s.first('snapshot')).data.patients, []);
        await s.close();
    });

    test('headers that are wrong are refused and stand in no reply unescaped', async () => {
        const refused = await ask('/api/v1/stream', {'x-heartline-role': 'owner', 'x-request-id': 'a"b\\c'});
        assert.equal(refused.status, 401);
        assert.equal(JSON.parse(refused.text).request_id, 'a"b\\c');
        assert.equal((await ask('/api/v1/stream', {'x-heartline-expires': 'soon'})).status, 401);
        await assert.rejects(ask('/livez', {'x-pad': 'a'.repeat(40000)}));
        assert.equal((await livez()).status, 'ok');
    });

    test('a stream ends when what it was opened with expires', async () => {
        const expires = Math.floor(Date.now() / 1000) + 2;
        const ended = await new Promise((resolve, reject) => {
            http.get({socketPath, path: '/api/v1/stream', headers: {'x-heartline-user':
                '00000000-0000-4000-8000-00000000000a', 'x-heartline-role': 'admin', 'x-heartline-expires': expires}},
            (response) => {
                response.resume();
                response.on('close', () => resolve(Date.now() / 1000));
            }).on('error', reject);
        });
        assert.ok(ended >= expires && ended < expires + 2, `${ended - expires} s after`);
    });

    test('a reader that takes nothing for 30 s is closed; one that is slow for less is told a gap', async () => {
        const admin = stack.client(token);
        for (let i = 0; i < 4; i++) await good(admin.post('/virtual-patients', {name: `Busy ${i}`, heart_rate_bpm: 70}));
        const open = () => {
            const socket = net.connect(socketPath);
            socket.write('GET /api/v1/stream?detail=full HTTP/1.1\r\nHost: x\r\nX-Heartline-Role: admin\r\n' +
                'X-Heartline-User: 00000000-0000-4000-8000-00000000000a\r\n\r\n');
            socket.on('error', () => {});
            return socket;
        };
        await until('streams of earlier tests gone', async () => (await livez()).streams === 0);
        const [stalled, slow] = [open(), open()];
        stalled.pause();
        slow.pause();
        await until('both streams', async () => (await livez()).streams === 2);
        const began = Date.now();
        let text = '';
        setTimeout(() => {
            slow.setEncoding('utf8').on('data', (piece) => { text = text.slice(-100) + piece; told ||= text.includes('"reason":"slow"'); });
            slow.resume();
        }, 15000);
        let told = false;
        await until('the slow one told', () => told, {seconds: 25});
        await until('the stalled one closed', async () => (await livez()).streams === 1, {seconds: 30, every_ms: 200});
        const seconds = (Date.now() - began) / 1000;
        assert.ok(seconds > 25 && seconds < 45, `closed after ${seconds} s`);
        stalled.destroy();
        slow.destroy();
        await until('both gone', async () => (await livez()).streams === 0);
    });
});
