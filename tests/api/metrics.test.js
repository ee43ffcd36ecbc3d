// Metrics: every number of the payload has its column; a repeat is recognised; bad input leaves nothing behind.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { assertRefused } from '../support/client.js';
import { startStack } from '../support/stack.js';
import { newTime } from '../support/waves.js';

let stack = null;
let person = null;
let session_id = null;
let where = null;
before(async () => {
    stack = await startStack();
    person = await stack.register();
    session_id = await stack.startSession(person);
    where = `/sessions/${session_id}/metrics`;
});
after(() => stack?.stop());

const post = (body, options) => person.api.post(where, body, options);
const rowsOf = (who = person) =>
    stack.value(`select count(*) from metrics join sessions using (session_key) where user_id = '${who.user_id}'`);
const sessionsOf = (who) => stack.value(`select count(*) from sessions where user_id = '${who.user_id}'`);
const stored = async (metrics_id) => {
    const sql = `select to_json(v) from v_session_metrics v where metric_id = '${metrics_id}'`;
    const rows = await stack.psql(sql, { role: 'heartline_read' });
    assert.equal(rows.length, 1);
    return JSON.parse(rows[0][0]);
};

const whole = {
    heart_rate: 75,
    pr_interval: 160,
    qrs_duration: 85.5,
    qrs_axis: -45,
    st_segment: -0.125,
    qt_interval: 380,
    qtc_interval: 400,
    hrv: 45,
    rr_interval: 800,
    sampling_rate: 443.34,
};

test('every metric and status is stored in its column, with its unit in the view', async () => {
    const reply = await post({
        timestamp: '2025-01-08T12:34:56.789Z',
        metrics: whole,
        status: { is_recording: true, signal_quality: 'good', demo_mode: false },
    });
    assert.equal(reply.status, 201, reply.text);
    assert.equal(reply.json.status, 'success');
    assert.match(reply.json.metrics_id, /^metric_\d+$/);
    const row = await stored(reply.json.metrics_id);
    assert.equal(row.session_id, session_id);
    assert.equal(row.user_id, person.user_id);
    assert.equal(row.source, 'device');
    assert.equal(Date.parse(row.time), Date.parse('2025-01-08T12:34:56.789Z'));
    assert.ok(Math.abs(Date.parse(row.received_at) - Date.now()) < 60000);
    assert.equal(row.late, true);
    const { heart_rate_bpm, pr_interval_ms, qrs_duration_ms, qrs_axis_degrees, st_segment } = row;
    const { qt_interval_ms, qtc_interval_ms, hrv_ms, rr_interval_ms, sampling_rate_hz } = row;
    assert.deepEqual(
        [heart_rate_bpm, pr_interval_ms, qrs_duration_ms, qrs_axis_degrees, st_segment, qt_interval_ms,
            qtc_interval_ms, hrv_ms, rr_interval_ms, sampling_rate_hz],
        Object.values(whole),
    );
    assert.deepEqual([row.is_recording, row.signal_quality, row.demo_mode, row.extra], [true, 'good', false, null]);
});

test('what came back is what was posted; what was not sent is null', async () => {
    const timestamp = newTime();
    const { metrics_id } = (await post({ timestamp, metrics: { heart_rate: 71.3, hrv: null } })).json;
    const data = await person.api.get(`/sessions/${session_id}/data?from=${timestamp}`);
    const row = data.json.metrics_timeline.find((one) => one.metrics_id === metrics_id);
    const nothing = Object.fromEntries(Object.keys(whole).map((name) => [name, null]));
    assert.deepEqual(row.metrics, { ...nothing, heart_rate: 71.3 });
    assert.equal(Date.parse(row.timestamp), Date.parse(timestamp));
});

test('metrics and status without a column are kept as sent', async () => {
    const metrics = { heart_rate: 70, spo2: 97.5, note: 'Zoë 心 \ud83e\udec0', list: [1, { a: null }] };
    const reply = await post({ timestamp: newTime(), metrics, status: { battery: 55, demo_mode: true } });
    const row = await stored(reply.json.metrics_id);
    assert.deepEqual(row.extra, { spo2: 97.5, note: metrics.note, list: metrics.list, battery: 55 });
    assert.equal(row.demo_mode, true);
});

test('a status that is called like an unknown metric is kept beside it', async () => {
    const body = { timestamp: newTime(), metrics: { battery: 55, Mode: 1 }, status: { battery: 'low', mode: 'x' } };
    const row = await stored((await post(body)).json.metrics_id);
    assert.deepEqual(row.extra, { battery: 55, Mode: 1, 'status.battery': 'low', mode: 'x' });
});

test('a repeat is answered with the first id, whatever the order of its keys, and stored once', async () => {
    const timestamp = newTime();
    const count = Number(await rowsOf());
    const first = await post({ timestamp, metrics: { heart_rate: 75, hrv: 45, spo2: 97 } });
    assert.equal(first.status, 201);
    const again = await Promise.all(
        Array.from({ length: 5 }, () => post({ metrics: { hrv: 45, spo2: 97, heart_rate: 75 }, timestamp })),
    );
    for (const reply of again) {
        assert.equal(reply.status, 200, reply.text);
        assert.deepEqual(reply.json, first.json);
    }
    const other = await post({ timestamp, metrics: { heart_rate: 76, hrv: 45, spo2: 97 } });
    assert.equal(other.status, 201, 'other content at the same time is no repeat');
    assert.equal(Number(await rowsOf()), count + 2);
});

test('the same report sent many times at once is stored once', async () => {
    const body = { timestamp: newTime(), metrics: whole };
    const count = Number(await rowsOf());
    const replies = await Promise.all(Array.from({ length: 10 }, () => post(body)));
    assert.equal(new Set(replies.map((reply) => reply.json.metrics_id)).size, 1);
    assert.equal(replies.filter((reply) => reply.status === 201).length, 1);
    assert.equal(Number(await rowsOf()), count + 1);
});

for (const [sent, meant] of [
    ['2025-03-01T10:00:00Z', '2025-03-01T10:00:00.000000'],
    ['2025-03-01T10:00:01.5Z', '2025-03-01T10:00:01.500000'],
    ['2025-03-01T10:00:02.123456Z', '2025-03-01T10:00:02.123456'],
    ['2025-03-01T10:00:03.123456789Z', '2025-03-01T10:00:03.123457'],
    ['2025-03-01T12:00:04+02:00', '2025-03-01T10:00:04.000000'],
    ['2025-03-01T04:30:05.25-05:30', '2025-03-01T10:00:05.250000'],
    ['2024-02-29T23:59:59z', '2024-02-29T23:59:59.000000'],
    ['1969-07-20T20:17:40Z', '1969-07-20T20:17:40.000000'],
]) {
    test(`the time ${sent} is understood`, async () => {
        const reply = await post({ timestamp: sent, metrics: { heart_rate: 70 } });
        assert.ok([200, 201].includes(reply.status), reply.text);
        const id = reply.json.metrics_id.slice('metric_'.length);
        const sql = `select to_char(time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') from metrics
            where metric_id = ${id}`;
        const [text, near] = [await stack.value(sql), meant.slice(0, -1)];
        assert.equal(text.slice(0, -1), near, 'to the microsecond, give or take its rounding');
    });
}

const time = '2025-01-08T12:00:00Z';
const metrics = { heart_rate: 70 };
for (const [what, body, field] of [
    ['nothing', {}, 'timestamp'],
    ['no time', { metrics }, 'timestamp'],
    ['no metrics', { timestamp: time }, 'metrics'],
    ['null for metrics', { timestamp: time, metrics: null }, 'metrics'],
    ['empty metrics', { timestamp: time, metrics: {} }, 'metrics'],
    ['a list of metrics', { timestamp: time, metrics: [70] }, 'metrics'],
    ['a text for metrics', { timestamp: time, metrics: 'heart_rate' }, 'metrics'],
    ['a number for a time', { timestamp: 5, metrics }, 'timestamp'],
    ['a day for a time', { timestamp: '2025-01-08', metrics }, 'timestamp'],
    ['the 25th hour', { timestamp: '2025-01-08T25:00:00Z', metrics }, 'timestamp'],
    ['ten digits of fraction', { timestamp: '2025-01-08T12:00:00.1234567891Z', metrics }, 'timestamp'],
    ['the year 9999', { timestamp: '9999-12-31T23:59:59Z', metrics }, 'timestamp'],
    ['a text for a heart rate', { timestamp: time, metrics: { heart_rate: '70' } }, 'metrics.heart_rate'],
    ['true for a heart rate', { timestamp: time, metrics: { heart_rate: true } }, 'metrics.heart_rate'],
    ['a list for a heart rate', { timestamp: time, metrics: { heart_rate: [70] } }, 'metrics.heart_rate'],
    ['a negative heart rate', { timestamp: time, metrics: { heart_rate: -1 } }, 'metrics.heart_rate'],
    ['a heart rate of 1e308', { timestamp: time, metrics: { heart_rate: 1e308 } }, 'metrics.heart_rate'],
    ['an axis of 361 degrees', { timestamp: time, metrics: { qrs_axis: 361 } }, 'metrics.qrs_axis'],
    ['a sampling rate of 0', { timestamp: time, metrics: { sampling_rate: 0 } }, 'metrics.sampling_rate'],
    ['a sampling rate below 0', { timestamp: time, metrics: { sampling_rate: -80 } }, 'metrics.sampling_rate'],
    ['a text for the status', { timestamp: time, metrics, status: 'ok' }, 'status'],
    ['a text for a flag', { timestamp: time, metrics, status: { is_recording: 'yes' } }, 'status.is_recording'],
    ['a number for a flag', { timestamp: time, metrics, status: { demo_mode: 1 } }, 'status.demo_mode'],
    ['a number for a quality', { timestamp: time, metrics, status: { signal_quality: 1 } }, 'status.signal_quality'],
    [
        'an endless quality',
        { timestamp: time, metrics, status: { signal_quality: 'x'.repeat(51) } },
        'status.signal_quality',
    ],
]) {
    test(`metrics with ${what} are refused by name and nothing is stored`, async () => {
        const count = await rowsOf();
        assertRefused(await post(body), 422, field, what);
        assert.equal(await rowsOf(), count);
    });
}

test('all bad metrics of a report are named at once', async () => {
    const reply = await post({ timestamp: time, metrics: { heart_rate: 'a', hrv: -1, qt_interval: {} } });
    assert.deepEqual(reply.json.errors.map((error) => error.field).sort(), [
        'metrics.heart_rate', 'metrics.hrv', 'metrics.qt_interval',
    ]);
});

for (const word of ['NaN', 'Infinity', '-Infinity', '1e400', '-1e400']) {
    test(`a heart rate of ${word} is refused by name and nothing is stored`, async () => {
        const count = await rowsOf();
        const reply = await post(`{"timestamp":"${time}","metrics":{"heart_rate":${word}}}`);
        assertRefused(reply, 422, 'metrics.heart_rate');
        assert.equal(await rowsOf(), count);
    });
}

test("metrics for another person's session and for one that is not there are not found", async () => {
    const other = await stack.register();
    const body = { timestamp: newTime(), metrics };
    const count = await rowsOf();
    assertRefused(await other.api.post(where, body), 404, 'session_id');
    assertRefused(await person.api.post('/sessions/session_20250101_000000/metrics', body), 404, 'session_id');
    assert.equal(await rowsOf(), count);
    assert.equal(await rowsOf(other), '0');
    assert.equal(await sessionsOf(other), '0');
});

test('a session that an offline client invented is made by its first data, for that person', async () => {
    const one = await stack.register();
    const other = await stack.register();
    const timestamp = '2025-01-08T12:40:00Z';
    for (const who of [one, other]) {
        const place = '/sessions/offline_session_1736339696/metrics';
        assert.equal((await who.api.post(place, { timestamp, metrics })).status, 201);
        assert.equal((await who.api.post(place, { timestamp, metrics: { heart_rate: 71 } })).status, 201);
        const sql = `select origin, extract(epoch from start_time)::bigint from v_sessions
            where user_id = '${who.user_id}'`;
        assert.deepEqual(await stack.psql(sql), [['invented', '1736339696']]);
        assert.equal(await rowsOf(who), '2');
    }
});

for (const id of ['%ff', '%C0%80', 'a%0Ab', '%27;--', 'x'.repeat(500), `offline_session_${'9'.repeat(200)}`,
    'offline_session_%ff', 'offline_session_', 'offline_session_x%2Fy']) {
    test(`metrics for a session called ${id.slice(0, 30)} are refused or stored, never an error of ours`, async () => {
        const who = await stack.register();
        const reply = await who.api.post(`/sessions/${id}/metrics`, { timestamp: newTime(), metrics });
        assert.ok([201, 400, 404, 422].includes(reply.status), reply.text);
        if (reply.status !== 201) {
            assert.equal(await sessionsOf(who), '0');
            assert.equal(await rowsOf(who), '0');
        }
    });
}

test('late data after the end of a session is stored', async () => {
    const ended = await stack.startSession(person);
    await person.api.post(`/sessions/${ended}/end`, {});
    const reply = await person.api.post(`/sessions/${ended}/metrics`, { timestamp: newTime(), metrics });
    assert.equal(reply.status, 201, reply.text);
    assert.equal((await stored(reply.json.metrics_id)).late, true);
});

test('data of this moment is not marked late', async () => {
    const reply = await post({ timestamp: new Date().toISOString(), metrics });
    assert.equal((await stored(reply.json.metrics_id)).late, false);
});
