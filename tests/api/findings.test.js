// What the analysis finds in a session that a device posted, read back: rhythms, measurements, the quality of each lead,
// statements; a page at a time, for nobody who may not. Also that what is found and what a device reports stand side by
// side and are told apart.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { assertRefused } from '../support/client.js';
import { leadsOf, beatTimes } from '../support/heart.js';
import { startStack, until } from '../support/stack.js';

const FS = 250;
const SECONDS = 60;
const CHUNK_S = 5;
const start_ms = Date.UTC(2025, 2, 1, 8, 0, 0);
const at = (second) => new Date(start_ms + second * 1000).toISOString();
const LISTS = { episodes: 'onset', measurements: 'timestamp', hrv: 'timestamp', quality: 'from', interpretation: 'from' };

let stack = null;
let person = null;
let session_id = null;
const get = (what, query = '', who = person) => who.api.get(`/sessions/${session_id}/${what}${query}`);
const rows = async (what, query) => {
    const reply = await get(what, query);
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.json.session_id, session_id);
    return reply.json[what];
};
const waiting = async () => Number(await stack.value(`select count(*) from analysis_queue q
    join sessions s using (session_key) where s.session_id = '${session_id}' and s.user_id = '${person.user_id}'`));

/* Regular at 75 beats per minute; lead V1 is off from half a minute on. */
before(async () => {
    stack = await startStack();
    person = await stack.register({ age: 50, gender: 'female' });
    session_id = await stack.startSession(person, { timestamp: at(0) });
    const times = beatTimes(SECONDS, 75);
    for (let second = 0; second < SECONDS; second += CHUNK_S) {
        const leads = leadsOf(times, { fs: FS, from: second * FS, count: CHUNK_S * FS });
        if (second >= SECONDS / 2) leads.V1.fill(null);
        const body = { timestamp: at(second), sampling_rate: FS, leads };
        const reply = await person.api.post(`/sessions/${session_id}/waveform`, body);
        assert.equal(reply.status, 201, reply.text);
    }
    await person.api.post(`/sessions/${session_id}/metrics`, { timestamp: at(20), metrics: { heart_rate: 99 } });
    await person.api.post(`/sessions/${session_id}/end`, { timestamp: at(SECONDS) });
    await until('the analysis', async () => (await waiting()) === 0 && (await rows('episodes')).length > 0 &&
        (await rows('episodes')).every((episode) => !episode.open));
});
after(() => stack?.stop());

test('the rhythm has a name, an onset and an end, and its rate', async () => {
    const basic = (await rows('episodes')).filter((episode) => episode.basic);
    assert.deepEqual(basic.map((episode) => episode.rhythm), ['sinus_rhythm']);
    const [sinus] = basic;
    assert.match(sinus.episode_id, /^episode_\d+$/);
    assert.equal(sinus.label, 'Sinus rhythm');
    assert.ok(Date.parse(sinus.onset) - start_ms < 5000, sinus.onset);
    assert.ok(start_ms + SECONDS * 1000 - Date.parse(sinus.end) < 5000, sinus.end);
    assert.ok(Math.abs(sinus.duration_seconds - SECONDS) < 6);
    assert.ok(Math.abs(sinus.rate_mean_bpm - 75) < 1, `${sinus.rate_mean_bpm}`);
    assert.ok(sinus.beats >= 65 && sinus.beats <= 76, `${sinus.beats} beats`);
    assert.equal(sinus.late, false);
});

test('each ten seconds the intervals are measured, and say how well they are known', async () => {
    const found = await rows('measurements');
    assert.ok(found.length >= 5 && found.length <= 8, `${found.length}`);
    const times = found.map((row) => Date.parse(row.timestamp));
    assert.deepEqual([...new Set(times)].sort((a, b) => a - b), times);
    const { figures, ...rest } = found[2];
    assert.deepEqual(Object.keys(figures).sort(), ['heart_rate', 'p_axis', 'p_duration', 'pr_interval', 'qrs_axis',
        'qrs_duration', 'qt_interval', 'qtc_bazett', 'qtc_framingham', 'qtc_fridericia', 'qtc_hodges', 'rr_interval',
        't_axis']);
    for (const figure of Object.values(figures)) {
        assert.deepEqual(Object.keys(figure).sort(), ['beats', 'resolution', 'spread', 'value']);
    }
    assert.ok(Math.abs(figures.heart_rate.value - 75) < 1);
    assert.ok(Math.abs(figures.rr_interval.value - 800) < 5);
    const between = (name, least, most) =>
        assert.ok(figures[name].value > least && figures[name].value < most, `${name} ${figures[name].value}`);
    between('pr_interval', 110, 220);
    between('qrs_duration', 50, 120);
    between('qt_interval', 300, 460);
    assert.ok(figures.pr_interval.beats >= 5);
    assert.equal(rest.units, 'mV');
    assert.ok(rest.leads.II.r[0] > 1 && rest.leads.II.r[0] < 1.4, `${rest.leads.II.r}`);
    assert.equal(rest.leads.II.quality, 'good');
    assert.equal(rest.late, false);
});

test('what cannot be known is null, never zero', async () => {
    const { figures } = (await rows('measurements'))[2];
    for (const [name, figure] of Object.entries(figures)) {
        if (figure.beats === 0) assert.equal(figure.value, null, name);
        if (figure.beats < 3) assert.equal(figure.spread, null, name);
    }
    const off = (await rows('measurements')).at(-1);
    assert.equal(off.leads.V1.quality, 'lead_off');
    assert.deepEqual(Object.keys(off.leads.V1), ['quality']);
    assert.deepEqual(await rows('hrv'), [], 'a minute is not five');
});

test('a lead that is off is said so, from when to when', async () => {
    const V1 = await rows('quality', '?lead=V1');
    assert.deepEqual(V1.map((row) => row.quality), ['good', 'lead_off']);
    assert.equal(V1[0].to, V1[1].from);
    assert.ok(Math.abs(Date.parse(V1[1].from) - start_ms - 30000) < 1500, V1[1].from);
    assert.equal(Date.parse(V1[1].to), start_ms + SECONDS * 1000, 'until the end of the session');
    for (const lead of ['I', 'II', 'V5']) {
        assert.deepEqual((await rows('quality', `?lead=${lead}`)).map((row) => row.quality), ['good']);
    }
});

test('statements hold from when to when, each with its reason', async () => {
    const found = await rows('interpretation');
    for (const { from, to, statements } of found) {
        assert.ok(Date.parse(from) >= start_ms && Date.parse(to) > Date.parse(from));
        for (const statement of statements) {
            assert.deepEqual(Object.keys(statement).sort(), ['code', 'group', 'reason', 'text']);
        }
    }
    for (let i = 1; i < found.length; i++) {
        assert.equal(found[i].from, found[i - 1].to);
        const codes = (row) => row.statements.map((statement) => statement.code).join();
        assert.notEqual(codes(found[i]), codes(found[i - 1]), 'told when it changed');
    }
});

test('what was found stands beside what the device reported, told apart by source', async () => {
    const timeline = async (query) => (await get('data', query)).json.metrics_timeline;
    const device = await timeline('?source=device');
    assert.deepEqual(device.map((row) => [row.source, row.metrics.heart_rate]), [['device', 99]]);
    const computed = await timeline('?source=computed');
    assert.ok(computed.length >= 5 && computed.every((row) => row.source === 'computed'));
    const measured = await rows('measurements');
    assert.deepEqual(computed.map((row) => row.metrics_id), measured.map((row) => row.metrics_id));
    assert.equal(Math.round(computed[2].metrics.qtc_interval), Math.round(measured[2].figures.qtc_bazett.value));
    assert.equal(computed[2].metrics.sampling_rate, FS);
    assert.equal((await timeline('')).length, device.length + computed.length);
    assertRefused(await get('data', '?source=both'), 422, 'source');
});

for (const [what, by] of Object.entries(LISTS)) {
    test(`pages of ${what} hold everything once, in the order of time`, async () => {
        const whole = await rows(what);
        for (const limit of [1, 2, 3, 1000]) {
            const found = [];
            let after = '';
            for (let pages = 0; pages < 100; pages++) {
                const reply = (await get(what, `?limit=${limit}${after}`)).json;
                assert.ok(reply[what].length <= limit);
                found.push(...reply[what]);
                if (!reply.next_after) break;
                after = `&after=${reply.next_after}`;
            }
            assert.deepEqual(found, whole);
        }
        const times = whole.map((row) => Date.parse(row[by]));
        assert.deepEqual([...times].sort((a, b) => a - b), times);
    });

    test(`${what} are for whoever may see the session, and for nobody else`, async () => {
        const other = await stack.register();
        assertRefused(await get(what, '', other), 404, 'session_id');
        assertRefused(await get(what, `?user_id=${person.user_id}`, other), 404, 'session_id');
        assertRefused(await stack.client().get(`/sessions/${session_id}/${what}`), 401);
        const clinician = stack.client(await stack.clinician());
        const reply = await clinician.get(`/sessions/${session_id}/${what}?user_id=${person.user_id}`);
        assert.deepEqual(reply.json[what], await rows(what));
    });

    for (const [query, field] of [['after=x', 'after'], ['after=1', 'after'], ['limit=0', 'limit'], ['from=now', 'from'],
        ['to=x', 'to'], ['limit=5001', 'limit']]) {
        test(`${what} asked for with ${query} are refused by name`, async () => {
            assertRefused(await get(what, `?${query}`), 422, field);
        });
    }
}

test('a time range takes what reaches into it', async () => {
    assert.equal((await rows('episodes', `?from=${at(20)}&to=${at(21)}&rhythm=sinus_rhythm`)).length, 1);
    assert.equal((await rows('episodes', `?from=${at(SECONDS + 10)}`)).length, 0);
    assert.equal((await rows('episodes', '?rhythm=asystole')).length, 0);
    const within = await rows('measurements', `?from=${at(15)}&to=${at(35)}`);
    assert.equal(within.length, 2);
    assert.deepEqual((await rows('quality', `?from=${at(40)}&to=${at(41)}&lead=V1`)).map((row) => row.quality), ['lead_off']);
});

test('people in psql read the same', async () => {
    const one = (sql) => stack.value(sql, { role: 'heartline_read' });
    const mine = `session_id = '${session_id}' and user_id = '${person.user_id}'`;
    assert.equal(await one(`select count(*) from v_measurements where ${mine}`), `${(await rows('measurements')).length}`);
    assert.equal(await one(`select rhythm from v_episodes where ${mine} and basic`), 'sinus_rhythm');
    const figure = (await rows('measurements'))[2];
    assert.equal(Number(await one(`select qtc_hodges_ms from v_measurements where ${mine} and time = '${figure.timestamp}'`)),
        figure.figures.qtc_hodges.value);
    assert.equal(Number(await one(`select value from v_lead_measurements where ${mine} and time = '${figure.timestamp}'
        and lead = 'II' and name = 'r'`)), figure.leads.II.r[0]);
    assert.equal(await one(`select extract(epoch from to_time - from_time) > 25 from v_lead_quality
        where ${mine} and lead = 'V1' and quality = 'lead_off'`), 't');
    const beats = await stack.psql(`select count(*), count(*) filter (where p_wave), min(qrs_end_ms - qrs_onset_ms) > 40
        from v_beats where ${mine} and source = 'computed'`);
    assert.ok(Number(beats[0][0]) >= 70 && Number(beats[0][1]) >= 60 && beats[0][2] === 't', beats.join());
});
