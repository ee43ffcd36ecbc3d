// Waveforms: samples come back to the last bit of a float32; whatever is wrong is named by lead and index, and then
// nothing is stored.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { assertRefused } from '../support/client.js';
import { startStack, until } from '../support/stack.js';
import { LEADS, leads, newTime, wave } from '../support/waves.js';

let stack = null;
let person = null;
let session_id = null;
let where = null;
before(async () => {
    stack = await startStack();
    person = await stack.register();
    session_id = await stack.startSession(person);
    where = `/sessions/${session_id}/waveform`;
});
after(() => stack?.stop());

const post = (body) => person.api.post(where, body);
const rowsOf = (who = person) =>
    stack.value(`select count(*) from waveforms join sessions using (session_key) where user_id = '${who.user_id}'`);
const segment = async (waveform_id, query = '') => {
    const reply = await person.api.get(`/sessions/${session_id}/data?limit=200${query}`);
    assert.equal(reply.status, 200, reply.text.slice(0, 300));
    return reply.json.waveform_segments.find((one) => one.waveform_id === waveform_id);
};

test('twelve leads of five seconds are stored with all that was said of them', async () => {
    const timestamp = '2025-01-08T12:34:56.789Z';
    const reply = await post({ timestamp, sampling_rate: 80, leads: leads(400) });
    assert.equal(reply.status, 201, reply.text);
    assert.equal(reply.json.status, 'success');
    assert.match(reply.json.waveform_id, /^waveform_\d+$/);
    const sql = `select to_json(v) from v_waveforms v where waveform_id = '${reply.json.waveform_id}'`;
    const row = JSON.parse((await stack.psql(sql, { role: 'heartline_read' }))[0][0]);
    assert.equal(row.session_id, session_id);
    assert.equal(row.user_id, person.user_id);
    assert.equal(Date.parse(row.time), Date.parse(timestamp));
    assert.equal(Date.parse(row.end_time) - Date.parse(row.time), 5000);
    assert.equal(row.sampling_rate_hz, 80);
    assert.equal(row.units, 'mV');
    assert.equal(row.sample_count, 400);
    assert.deepEqual(row.leads, LEADS);
    assert.equal(row.late, true);
    const back = await segment(reply.json.waveform_id);
    assert.deepEqual(back.leads, leads(400));
    assert.equal(back.duration_seconds, 5);
    assert.equal(back.sampling_rate, 80);
});

test('people in psql read the samples in the order and at the times they had', async () => {
    const timestamp = newTime();
    const II = [0.5, null, -1.25, 1e-7];
    const { waveform_id } = (await post({ timestamp, sampling_rate: 250, leads: { I: [1, 2, 3, 4], II } })).json;
    const sql = `select lead, sample, value, millivolts, round(extract(epoch from time - '${timestamp}') * 1000)
        from v_waveform_samples where waveform_id = '${waveform_id}' and lead = 'II' order by sample`;
    assert.deepEqual(await stack.psql(sql, { role: 'heartline_read' }), [
        ['II', '0', '0.5', '0.5', '0'],
        ['II', '1', '', '', '4'],
        ['II', '2', '-1.25', '-1.25', '8'],
        ['II', '3', '1e-07', '1e-07', '12'],
    ]);
});

/* Deterministic bits, so that a failure can be repeated. */
function randomFloats(count) {
    const bits = new DataView(new ArrayBuffer(4));
    let seed = 12345;
    return Array.from({ length: count }, () => {
        do {
            seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
            bits.setUint32(0, (seed ^ (seed << 13) ^ (seed >>> 7)) >>> 0);
        } while (!Number.isFinite(bits.getFloat32(0)));
        return bits.getFloat32(0);
    });
}

const shapes = {
    'any bits a float32 can have': randomFloats(3000),
    'millivolts with three decimals': wave(3000),
    'converter counts': Array.from({ length: 1000 }, (_, n) => 2000 + ((n * 37) % 411) - 200),
    'missing samples only': [null, null, null],
    'missing samples here and there': Array.from({ length: 500 }, (_, n) => (n % 7 === 3 ? null : n / 8)),
    'one sample': [0.1],
    'zeros of either sign': [0, -0, 0, 0.0],
    'the extremes of a float32': [
        3.4028234663852886e38, -3.4028234663852886e38, 1.401298464324817e-45, 1.1754943508222875e-38,
    ],
    'steps from very large to very small': [1e30, 1e-30, -1e30, 12345678, 0.1, 16777217, 0.30000001192092896],
};
for (const [what, samples] of Object.entries(shapes)) {
    test(`samples come back float32 for float32: ${what}`, async () => {
        const both = { V1: samples, II: [...samples].reverse() };
        const reply = await post({ timestamp: newTime(), sampling_rate: 443.34, leads: both });
        assert.equal(reply.status, 201, reply.text);
        const back = await segment(reply.json.waveform_id);
        assert.equal(back.sampling_rate, 443.34);
        const rounded = (list) => list.map((value) => (value === null ? null : Math.fround(value)));
        const got = rounded(back.leads.V1);
        assert.deepEqual(got.map((v) => v ?? 'none'), rounded(samples).map((v) => (v === null ? 'none' : v + 0)));
        assert.deepEqual(rounded(back.leads.II), [...got].reverse());
    });
}

test('numbers are read as written, to the nearest float32, however they are written', async () => {
    const texts = ['1e-3', '1E+2', '-0.0', '0.1000000000000000055511151231257827', '123456789012345678901234567890',
        '2.5e-45', '0.000000000000000000000000000001', '-1.17549435e-38', '9007199254740993', '1e0', '100e-2'];
    const body = `{"timestamp":"${newTime()}","sampling_rate":5e2,"leads":{"II":[ ${texts.join(' ,\n')} ]}}`;
    const reply = await post(body);
    assert.equal(reply.status, 201, reply.text);
    const back = await segment(reply.json.waveform_id);
    assert.deepEqual(back.leads.II.map(Math.fround), texts.map((text) => Math.fround(Number(text)) + 0));
    assert.equal(back.sampling_rate, 500);
});

test('raw counts keep their units, gain and baseline, and become millivolts only with them', async () => {
    const II = [2000, 2200, 1900, null];
    const told = { units: 'adu', gain: 200, baseline: 2000 };
    const calibrated = await post({ timestamp: newTime(), sampling_rate: 443.34, leads: { II }, ...told });
    const bare = await post({ timestamp: newTime(), sampling_rate: 443.34, leads: { II }, units: 'adu' });
    const back = await segment(calibrated.json.waveform_id);
    assert.deepEqual([back.units, back.gain, back.baseline, back.leads.II], ['adu', 200, 2000, II]);
    const uncalibrated = await segment(bare.json.waveform_id);
    assert.deepEqual([uncalibrated.units, uncalibrated.gain, uncalibrated.baseline], ['adu', null, null]);
    const millivolts = (id) =>
        stack.psql(`select value, millivolts from v_waveform_samples where waveform_id = '${id}' order by sample`);
    const converted = [['2000', '0'], ['2200', '1'], ['1900', '-0.5'], ['', '']];
    assert.deepEqual(await millivolts(calibrated.json.waveform_id), converted);
    assert.deepEqual(await millivolts(bare.json.waveform_id), converted.map(([value]) => [value, '']));
});

test('a lead may be called MLII, and the choice of leads is obeyed', async () => {
    const timestamp = newTime();
    const { waveform_id } = (await post({ timestamp, sampling_rate: 360, leads: { MLII: [1, 2], V5: [3, 4] } })).json;
    assert.deepEqual((await segment(waveform_id)).leads, { MLII: [1, 2], V5: [3, 4] });
    assert.deepEqual((await segment(waveform_id, '&leads=V5,V1')).leads, { V5: [3, 4] });
    assertRefused(await person.api.get(`/sessions/${session_id}/data?leads=V5,V99`), 422, 'leads');
    assertRefused(await person.api.get(`/sessions/${session_id}/data?leads=%ff`), 422, 'leads');
});

test('a repeat gets the first id and is stored once, also when many come at once', async () => {
    const body = { timestamp: newTime(), sampling_rate: 500, leads: leads(50) };
    const count = Number(await rowsOf());
    const replies = await Promise.all(Array.from({ length: 8 }, () => post(body)));
    assert.equal(new Set(replies.map((reply) => reply.json.waveform_id)).size, 1);
    assert.equal(replies.filter((reply) => reply.status === 201).length, 1);
    assert.equal(replies.filter((reply) => reply.status === 200).length, 7);
    assert.equal(Number(await rowsOf()), count + 1);
    assert.equal((await post({ ...body, sampling_rate: 250 })).status, 201, 'another rate is other content');
    assert.equal((await post({ ...body, units: 'adu' })).status, 201, 'other units are other content');
    assert.equal(Number(await rowsOf()), count + 3);
});

test('members that mean nothing here are left alone, and null counts as absent', async () => {
    const more = { type: 'ecg_waveform', duration_seconds: 5, deep: { a: [{}] }, gain: null, units: null };
    const reply = await post({ ...more, timestamp: newTime(), sampling_rate: 80, leads: { II: [1, 2] } });
    assert.equal(reply.status, 201, reply.text);
});

test('a chunk that would end more than a day from now is refused, however early it begins', async () => {
    const start = new Date(Date.now() - 3600_000).toISOString();
    const body = { timestamp: start, sampling_rate: 1, leads: { II: Array(100_000).fill(0) } };
    assertRefused(await post(body), 422, 'timestamp');
});

test('a session that an offline client invented is made by its first waveform', async () => {
    const who = await stack.register();
    const body = { timestamp: '2025-01-08T12:40:00Z', sampling_rate: 80, leads: { II: [1, 2] } };
    assert.equal((await who.api.post('/sessions/offline_session_1736339696/waveform', body)).status, 201);
    const sql = `select session_id, origin from v_sessions where user_id = '${who.user_id}'`;
    assert.deepEqual(await stack.psql(sql), [['offline_session_1736339696', 'invented']]);
});

const time = '2025-01-08T12:00:00Z';
const plain = { timestamp: time, sampling_rate: 80, leads: { II: [1, 2, 3] } };
const without = (name) => Object.fromEntries(Object.entries(plain).filter(([key]) => key !== name));
for (const [what, body, field] of [
    ['nothing', {}, 'leads'],
    ['no time', without('timestamp'), 'timestamp'],
    ['no sampling rate', without('sampling_rate'), 'sampling_rate'],
    ['no leads', without('leads'), 'leads'],
    ['null for the leads', { ...plain, leads: null }, 'leads'],
    ['a list of leads', { ...plain, leads: [[1, 2]] }, 'leads'],
    ['no lead in leads', { ...plain, leads: {} }, 'leads'],
    ['a lead without samples', { ...plain, leads: { II: [] } }, /^leads/],
    ['a second lead without samples', { ...plain, leads: { I: [1], II: [] } }, 'leads.II'],
    ['a sampling rate of 0', { ...plain, sampling_rate: 0 }, 'sampling_rate'],
    ['a sampling rate below 0', { ...plain, sampling_rate: -500 }, 'sampling_rate'],
    ['a sampling rate of almost nothing', { ...plain, sampling_rate: 1e-12 }, 'sampling_rate'],
    ['a sampling rate of 1e9', { ...plain, sampling_rate: 1e9 }, 'sampling_rate'],
    ['a sampling rate as text', { ...plain, sampling_rate: '80' }, 'sampling_rate'],
    ['null for the sampling rate', { ...plain, sampling_rate: null }, 'sampling_rate'],
    ['a list for the sampling rate', { ...plain, sampling_rate: [80] }, 'sampling_rate'],
    ['a number for the time', { ...plain, timestamp: 1736339696 }, 'timestamp'],
    ['a time that is none', { ...plain, timestamp: 'soon' }, 'timestamp'],
    ['the year 9999', { ...plain, timestamp: '9999-01-01T00:00:00Z' }, 'timestamp'],
    ['an unknown lead', { ...plain, leads: { II: [1, 2], V17: [1, 2] } }, 'leads.V17'],
    ['a lead without a name', { ...plain, leads: { '': [1, 2] } }, /^leads/],
    ['a shorter lead', { ...plain, leads: { I: [1, 2, 3], II: [1, 2] } }, 'leads.II'],
    ['a longer lead', { ...plain, leads: { I: [1, 2], II: [1, 2, 3, 4, 5] } }, /^leads\.II/],
    ['a number for a lead', { ...plain, leads: { II: 5 } }, 'leads.II'],
    ['an object for a lead', { ...plain, leads: { II: { 0: 1 } } }, 'leads.II'],
    ['a text among the samples', { ...plain, leads: { II: [1, '2', 3] } }, 'leads.II[1]'],
    ['true among the samples', { ...plain, leads: { I: [1, 2, 3], II: [1, 2, true] } }, 'leads.II[2]'],
    ['a list among the samples', { ...plain, leads: { II: [[1], 2] } }, 'leads.II[0]'],
    ['a sample beyond float32', { ...plain, leads: { II: [1, 1e39] } }, 'leads.II[1]'],
    ['unknown units', { ...plain, units: 'V' }, 'units'],
    ['a number for the units', { ...plain, units: 1 }, 'units'],
    ['a gain of 0', { ...plain, units: 'adu', gain: 0 }, 'gain'],
    ['a gain as text', { ...plain, units: 'adu', gain: '200' }, 'gain'],
    ['a list for the baseline', { ...plain, units: 'adu', gain: 1, baseline: [] }, 'baseline'],
]) {
    test(`a waveform with ${what} is refused by name and nothing is stored`, async () => {
        const count = await rowsOf();
        assertRefused(await post(body), 422, field, what);
        assert.equal(await rowsOf(), count);
    });
}

for (const word of ['NaN', 'Infinity', '-Infinity', '1e400', '-1e400']) {
    test(`a sample of ${word} is refused by lead and index and nothing is stored`, async () => {
        const count = await rowsOf();
        const list = [...Array(17).fill('0.5'), word, '0.5'].join(',');
        const body = `{"timestamp":"${time}","sampling_rate":80,"leads":{"I":[${'1,'.repeat(18)}1],"V1":[${list}]}}`;
        assertRefused(await post(body), 422, 'leads.V1[17]');
        const rate = `{"timestamp":"${time}","sampling_rate":${word},"leads":{"I":[1]}}`;
        assertRefused(await post(rate), 422, 'sampling_rate');
        assert.equal(await rowsOf(), count);
    });
}

for (const [what, body] of [
    ['a lead twice', `{"timestamp":"${time}","sampling_rate":80,"leads":{"II":[1],"II":[2]}}`],
    ['leads twice', `{"timestamp":"${time}","sampling_rate":80,"leads":{"I":[1]},"leads":{"II":[2]}}`],
    ['the rate twice', `{"timestamp":"${time}","sampling_rate":80,"sampling_rate":90,"leads":{"II":[2]}}`],
    ['a list for a body', '[1,2,3]'],
    ['a text for a body', '"II"'],
    ['null for a body', 'null'],
]) {
    test(`a waveform with ${what} is refused and nothing is stored`, async () => {
        const count = await rowsOf();
        assertRefused(await post(body), 422, /.*/, what);
        assert.equal(await rowsOf(), count);
    });
}

for (const [what, body] of [
    ['trailing bytes', `${JSON.stringify(plain)} {}`],
    ['a missing end', JSON.stringify(plain).slice(0, -1)],
    ['an end in the middle of the samples', JSON.stringify(plain).slice(0, -5)],
    ['a comma too many', JSON.stringify(plain).replace('3]', '3,]')],
    ['a leading zero', JSON.stringify(plain).replace('[1,', '[01,')],
    ['a bare point', JSON.stringify(plain).replace('[1,', '[1.,')],
    ['a plus sign', JSON.stringify(plain).replace('[1,', '[+1,')],
    ['a hexadecimal number', JSON.stringify(plain).replace('[1,', '[0x1,')],
    ['bad UTF-8', Buffer.from(JSON.stringify({ ...plain, note: '\x01' }).replace('\\u0001', '\xff'), 'latin1')],
    ['a U+0000', `{"note":"\\u0000",${JSON.stringify(plain).slice(1)}`],
    ['too much depth', `{"note":${'['.repeat(40)}${']'.repeat(40)},${JSON.stringify(plain).slice(1)}`],
    ['no body', ''],
]) {
    test(`a waveform with ${what} is not JSON and nothing is stored`, async () => {
        const count = await rowsOf();
        assertRefused(await post(body), 400, /.*/, what);
        assert.equal(await rowsOf(), count);
    });
}

test("another person's session and one that is not there are not found", async () => {
    const other = await stack.register();
    const count = await rowsOf();
    assertRefused(await other.api.post(where, plain), 404, 'session_id');
    assertRefused(await person.api.post('/sessions/session_20250101_000000/waveform', plain), 404, 'session_id');
    assert.equal(await rowsOf(), count);
    assert.equal(await rowsOf(other), '0');
});

test('every chunk that was stored was queued for analysis with it, and the queue runs empty', async () => {
    const sql = `select count(*) from analysis_queue join sessions using (session_key)
        where user_id = '${person.user_id}'`;
    await until('the queue of this person is empty', async () => (await stack.value(sql)) === '0');
});
