// Rhythms, measurements and qualities on the live streams and over the death of the worker: told once, stored once, and
// known to whoever opens a page late.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {beatTimes, leadsOf} from '../support/heart.js';
import {startStack, until} from '../support/stack.js';
import {good, Stream} from './streams.js';

const FS = 250;

describe('what the analysis finds, live', () => {
    let stack, token, api;
    const streams = [];
    const stream = (where, query = '') => {
        const made = new Stream(stack.url + where, token, {query});
        streams.push(made);
        return made;
    };
    const open = (patient) => stream(`/api/v1/patients/${patient}/stream`);
    const killLive = () =>
        process.kill(Number(fs.readFileSync(path.join(stack.home, 'service/live/supervise/pid'), 'utf8')), 'SIGKILL');
    const count = async (table, session) => Number(await stack.value(`select count(*) from ${table}
        join sessions s using (session_key) where s.session_id = '${session}'`));
    const waiting = (session) => count('analysis_queue', session);

    before(async () => {
        stack = await startStack({fresh: true}); // live is killed
        token = await stack.admin();
        api = stack.client(token);
    });
    after(async () => {
        await Promise.all(streams.map((s) => s.close()));
        await stack?.stop();
    });

    test('a virtual patient has a rhythm at once, measurements soon, and a snapshot tells both to who comes late', async () => {
        const {patient} = await good(api.post('/virtual-patients', {name: 'Found', heart_rate_bpm: 75}));
        const s = open(patient);
        await s.first('measurements', patient, 20);
        const rhythm = () => [...s.of('episode').map((e) => e.data), ...(s.of('snapshot')[0].data.patients[0]?.episodes ?? [])]
            .find((e) => e.basic && e.open);
        await s.until(() => rhythm(), 'a rhythm', 20);
        assert.equal(rhythm().rhythm, 'sinus_rhythm');
        assert.equal(rhythm().label, 'Sinus rhythm');
        const {data} = s.of('measurements')[0];
        assert.ok(data.from_ms < data.t_ms);
        assert.ok(Math.abs(data.figures.heart_rate.value - 75) < 15);
        assert.deepEqual(Object.keys(data.leads), ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6']);
        await s.close();

        const late = await open(patient).first('snapshot');
        const known = late.data.patients[0];
        assert.equal(known.rhythm.rhythm, 'sinus_rhythm');
        assert.deepEqual(known.rhythm, known.episodes.find((e) => e.basic && e.open));
        assert.equal(known.quality.counts.good, 12);
        assert.equal(known.quality.leads.V6, 'good');
        assert.ok(known.measurements.figures.qt_interval.value > 200);
        const wall = (await stream('/api/v1/stream').first('snapshot')).data.patients.find((p) => p.patient === patient);
        assert.equal(wall.rhythm.rhythm, 'sinus_rhythm');
        assert.deepEqual(wall.quality.counts, {good: 12});
        assert.equal(wall.quality.shown, 'good');
        assert.ok(!('leads' in wall.quality) && !('measurements' in wall));
    });

    test('the wall hears of rhythm and quality and not of each figure', async () => {
        const wall = stream('/api/v1/stream');
        const full = stream('/api/v1/stream', '?detail=full');
        await full.first('snapshot');
        await wall.first('snapshot');
        await full.until(() => full.of('measurements').length > 0, 'measurements', 15);
        assert.equal(wall.of('measurements').length, 0);
        const {patient} = await good(api.post('/virtual-patients', {name: 'Heard', heart_rate_bpm: 80}));
        await wall.until(() => wall.of('episode', patient).length > 0 && wall.of('quality', patient).length > 0, 'both', 15);
        assert.ok(!('leads' in wall.of('quality', patient)[0].data));
        await Promise.all([wall.close(), full.close()]);
    });

    test('a patient that is removed leaves nothing open', async () => {
        const {patient, session} = await good(api.post('/virtual-patients', {name: 'Gone', heart_rate_bpm: 70}));
        await until('a rhythm', () => count('episodes', session).then((n) => n > 0));
        await good(api.delete(`/virtual-patients/${patient}`));
        await until('its end', async () => await stack.value(`select bool_or(e.open) from episodes e
            join sessions s using (session_key) where s.session_id = '${session}'`) === 'f');
    });

    // Half a second at a time, as a device would; the worker dies twice on the way.
    test('what is found of a device is neither doubled nor lost when the worker is killed', async () => {
        const person = await stack.register();
        const session = await stack.startSession(person);
        const seconds = 48;
        const times = beatTimes(seconds, 75);
        const began = Date.now() - seconds * 1000;
        const post = (n) => good(person.api.post(`/sessions/${session}/waveform`, {
            timestamp: new Date(began + n * 500).toISOString(),
            sampling_rate: FS,
            leads: leadsOf(times, {fs: FS, from: n * FS / 2, count: FS / 2, leads: ['I', 'II']}),
        }));
        for (let n = 0; n < 2 * seconds; n++) {
            await post(n);
            if (n === 41 || n === 66) {
                if (n === 66) await until('empty queue', async () => await waiting(session) === 0);
                killLive();
            }
        }
        await until('empty queue', async () => await waiting(session) === 0, {seconds: 60});
        const before = await stack.psql(`select rhythm, open, onset from v_episodes
            where session_id = '${session}' and basic`);
        assert.deepEqual(before.map((row) => row.slice(0, 2)), [['sinus_rhythm', 't']], before.join(' | '));
        assert.ok(new Date(before[0][2]) - began < 6000, 'its onset is that of the first life');

        const s = open(person.user_id);
        await s.until(() => s.of('snapshot')[0]?.data.patients[0], 'a snapshot');
        await good(person.api.post(`/sessions/${session}/end`, {timestamp: new Date(began + seconds * 1000).toISOString()}));
        await until('the end', async () => await stack.value(`select bool_or(open) from v_episodes
            where session_id = '${session}'`) === 'f');
        const [[rhythm, beats, mean, lasted]] = await stack.psql(`select rhythm, beats, rate_mean_bpm, duration_seconds
            from v_episodes where session_id = '${session}' and basic`);
        assert.equal(rhythm, 'sinus_rhythm');
        assert.ok(Math.abs(Number(mean) - 75) < 1 && Math.abs(Number(lasted) - seconds) < 6, `${mean} ${lasted}`);
        const [[found, withWaves, doubled]] = await stack.psql(`select count(*), count(qrs_onset_ms),
            count(*) filter (where rr_ms < 700) from v_beats where session_id = '${session}' and source = 'computed'`);
        assert.ok(Math.abs(Number(found) - times.length) <= 2, `${found} beats of ${times.length}`);
        assert.equal(doubled, '0');
        assert.ok(Number(found) - Number(withWaves) <= 3, `${found} beats, waves of ${withWaves}`);
        assert.ok(Math.abs(Number(beats) - Number(found)) <= 6, `${beats} beats in the episode`);
        const [[measured, distinct]] = await stack.psql(`select count(*), count(distinct time) from v_measurements
            where session_id = '${session}'`);
        assert.equal(measured, distinct);
        assert.ok(Number(measured) >= 4 && Number(measured) <= 10, `${measured} measurements`);
        const qualities = await stack.psql(`select lead, quality, count(*) from v_lead_quality
            where session_id = '${session}' group by 1, 2 order by 1`);
        assert.deepEqual(qualities, [['I', 'good', '1'], ['II', 'good', '1']], 'told once, in three lives');
        await s.close();
    });

    // A chunk is longer than what an analysis needs of the past: it is begun with all the same.
    test('long chunks lose nothing to the death of the worker either', async () => {
        const person = await stack.register();
        const session = await stack.startSession(person);
        const times = beatTimes(60, 66);
        const began = Date.now() - 60000;
        for (let n = 0; n < 4; n++) {
            await good(person.api.post(`/sessions/${session}/waveform`, {
                timestamp: new Date(began + n * 15000).toISOString(),
                sampling_rate: FS,
                leads: leadsOf(times, {fs: FS, from: n * 15 * FS, count: 15 * FS, leads: ['I', 'II']}),
            }));
            if (n !== 1 && n !== 2) continue;
            await until('empty queue', async () => await waiting(session) === 0, {seconds: 30});
            killLive();
        }
        await good(person.api.post(`/sessions/${session}/end`, {timestamp: new Date(began + 60000).toISOString()}));
        await until('the end', async () => await waiting(session) === 0 && await stack.value(`select bool_or(open)
            from v_episodes where session_id = '${session}'`) === 'f', {seconds: 30});
        const beats = (await stack.psql(`select extract(epoch from time) * 1000, qrs_onset_ms from v_beats
            where session_id = '${session}' and source = 'computed' order by time`)).map((row) => [Number(row[0]) - began, row[1]]);
        const missed = times.filter((t) => t > 1000 && t < 59500 && beats.filter(([at]) => Math.abs(at - t) < 60).length !== 1);
        assert.deepEqual(missed, [], `${beats.length} beats`);
        assert.ok(beats.filter(([, onset]) => onset === '').length <= 2, 'waves of all beats but the last');
        assert.equal(await stack.value(`select count(*) from v_episodes where session_id = '${session}' and basic`), '1');
    });

    test('a lead that comes off is told live', async () => {
        const person = await stack.register();
        const session = await stack.startSession(person);
        const s = open(person.user_id);
        await s.first('snapshot');
        const times = beatTimes(16, 75);
        const began = Date.now() - 16000;
        for (let n = 0; n < 16; n++) {
            const leads = leadsOf(times, {fs: FS, from: n * FS, count: FS, leads: ['I', 'II']});
            if (n >= 8) leads.I.fill(null);
            await good(person.api.post(`/sessions/${session}/waveform`,
                {timestamp: new Date(began + n * 1000).toISOString(), sampling_rate: FS, leads}));
        }
        const off = await s.until(() => s.of('quality').find((e) => e.data.lead === 'I' && e.data.quality === 'lead_off'),
            'the lead off', 10);
        assert.deepEqual(off.data.leads, {I: 'lead_off', II: 'good'});
        assert.deepEqual(off.data.counts, {lead_off: 1, good: 1});
        assert.ok(Math.abs(off.data.t_ms - began - 8000) < 1500, `${off.data.t_ms - began}`);
        await s.close();
    });
});
