// Sessions: starting and ending a recording, and the list of a person's recordings.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { assertRefused } from '../support/client.js';
import { startStack } from '../support/stack.js';
import { newTime } from '../support/waves.js';

let stack = null;
let person = null;
before(async () => {
    stack = await startStack();
    person = await stack.register();
});
after(() => stack?.stop());

const start = (body, who = person) => who.api.post('/sessions/start', body);
const sessionsOf = (who) => stack.value(`select count(*) from sessions where user_id = '${who.user_id}'`);
const stored = async (session_id, who = person) => {
    const sql = `select to_json(v) from v_sessions v where session_id = '${session_id}' and user_id = '${who.user_id}'`;
    const rows = await stack.psql(sql, { role: 'heartline_read' });
    assert.equal(rows.length, 1);
    return JSON.parse(rows[0][0]);
};

test('a start answers with an id of the documented form and stores what the device said of itself', async () => {
    const device_info = { os: 'darwin 25.0.0', app_version: '1.0.0', sampling_rate: 80, nested: { a: [1, null] } };
    const reply = await start({ device_serial: 'ECG-12345', device_info });
    assert.equal(reply.status, 201, reply.text);
    assert.equal(reply.json.status, 'success');
    assert.match(reply.json.session_id, /^session_\d{8}_\d{6}/);
    const row = await stored(reply.json.session_id);
    assert.equal(row.device_serial, 'ECG-12345');
    assert.equal(row.status, 'active');
    assert.equal(row.origin, 'device');
    assert.deepEqual(row.device_info, device_info);
    assert.ok(Math.abs(Date.parse(row.start_time) - Date.now()) < 60000);
});

test('many starts within one second do not collide', async () => {
    const who = await stack.register();
    const replies = await Promise.all(
        Array.from({ length: 12 }, (_, i) => start({ device_serial: `ECG-${i}` }, who)),
    );
    assert.equal(new Set(replies.map((reply) => reply.json.session_id)).size, 12);
    assert.equal(await sessionsOf(who), '12');
});

test('a start repeated for the same device and time is the same session', async () => {
    const body = { device_serial: 'ECG-7', timestamp: newTime() };
    const first = await start(body);
    const again = await Promise.all(Array.from({ length: 6 }, () => start(body)));
    for (const reply of again) assert.equal(reply.json.session_id, first.json.session_id);
    const other_device = await start({ ...body, device_serial: 'ECG-8' });
    assert.notEqual(other_device.json.session_id, first.json.session_id);
});

test('a start repeated with an id of its own is the same session', async () => {
    const body = { device_serial: 'ECG-7', session_id: 'offline_session_1736339696' };
    assert.equal((await start(body)).json.session_id, body.session_id);
    assert.equal((await start(body)).json.session_id, body.session_id);
    assert.equal((await stored(body.session_id)).session_id, body.session_id);
});

test('two people may use the same id, each for a session of their own', async () => {
    const other = await stack.register();
    const body = { session_id: 'offline_session_1736339777' };
    assert.equal((await start(body)).status, 201);
    assert.equal((await start(body, other)).status, 201);
    assert.equal((await stored(body.session_id)).user_id, person.user_id);
    assert.equal((await stored(body.session_id, other)).user_id, other.user_id);
});

const in_a_week = () => new Date(Date.now() + 7 * 86400e3).toISOString();
for (const [what, body, field] of [
    ['a number for a serial', { device_serial: 5 }, 'device_serial'],
    ['an empty serial', { device_serial: '' }, 'device_serial'],
    ['an endless serial', { device_serial: 'x'.repeat(101) }, 'device_serial'],
    ['a text for the device info', { device_info: 'linux' }, 'device_info'],
    ['a list for the device info', { device_info: [] }, 'device_info'],
    ['a number for an id', { session_id: 5 }, 'session_id'],
    ['an endless id', { session_id: 'x'.repeat(101) }, 'session_id'],
    ['an id that no address could hold', { session_id: 'a/b' }, 'session_id'],
    ['an id with a line end', { session_id: 'a\nb' }, 'session_id'],
    ['a time that is none', { timestamp: 'yesterday' }, 'timestamp'],
    ['the 30th of February', { timestamp: '2025-02-30T00:00:00Z' }, 'timestamp'],
    ['a time without a zone', { timestamp: '2025-01-08T12:34:56' }, 'timestamp'],
    ['seconds since 1970', { timestamp: 1736339696 }, 'timestamp'],
    ['a time in a week', { timestamp: in_a_week() }, 'timestamp'],
]) {
    test(`a start with ${what} is refused by name and starts nothing`, async () => {
        const count = await sessionsOf(person);
        assertRefused(await start(body), 422, field, what);
        assert.equal(await sessionsOf(person), count);
    });
}

test('an end stores the summary as sent and as columns', async () => {
    const session_id = await stack.startSession(person);
    const summary = {
        duration_seconds: 1800,
        total_heartbeats: 2250,
        average_heart_rate: 75.5,
        arrhythmias_detected: ['PVC', 'PAC'],
        signal_quality: 'good',
        more: { kept: true },
    };
    const reply = await person.api.post(`/sessions/${session_id}/end`, { summary });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.json.status, 'success');
    const row = await stored(session_id);
    assert.equal(row.status, 'ended');
    assert.ok(row.end_time);
    assert.equal(row.duration_seconds, 1800);
    assert.equal(row.total_heartbeats, 2250);
    assert.equal(row.average_heart_rate, 75.5);
    assert.deepEqual(row.arrhythmias, ['PVC', 'PAC']);
    assert.equal(row.signal_quality, 'good');
    assert.deepEqual(row.summary, summary);
});

test('an empty list of arrhythmias says none, and no list says nothing', async () => {
    for (const [summary, kept] of [
        [{ arrhythmias_detected: [] }, []],
        [{}, null],
    ]) {
        const session_id = await stack.startSession(person);
        assert.equal((await person.api.post(`/sessions/${session_id}/end`, { summary })).status, 200);
        assert.deepEqual((await stored(session_id)).arrhythmias, kept);
        const { sessions } = (await person.api.get('/users/me/sessions')).json;
        assert.deepEqual(sessions.find((row) => row.session_id === session_id).arrhythmias_detected, kept);
    }
});

test('ending twice is no error and the first end stays', async () => {
    const session_id = await stack.startSession(person);
    const where = `/sessions/${session_id}/end`;
    assert.equal((await person.api.post(where, { summary: { duration_seconds: 10 } })).status, 200);
    const first = await stored(session_id);
    assert.equal((await person.api.post(where, { summary: { duration_seconds: 20 } })).status, 200);
    assert.deepEqual(await stored(session_id), first);
});

test('an end without a summary takes the average heart rate from the metrics', async () => {
    const session_id = await stack.startSession(person);
    for (const heart_rate of [60, 80]) {
        await person.api.post(`/sessions/${session_id}/metrics`, { timestamp: newTime(), metrics: { heart_rate } });
    }
    assert.equal((await person.api.post(`/sessions/${session_id}/end`, {})).status, 200);
    assert.equal((await stored(session_id)).average_heart_rate, 70);
});

test('an end that says it was before the start ends at the start', async () => {
    const session_id = await stack.startSession(person);
    await person.api.post(`/sessions/${session_id}/end`, { timestamp: '2001-01-01T00:00:00Z' });
    const row = await stored(session_id);
    assert.equal(row.end_time, row.start_time);
});

for (const [what, body, field] of [
    ['a text for a summary', { summary: 'fine' }, 'summary'],
    ['a text for a duration', { summary: { duration_seconds: '10' } }, 'summary.duration_seconds'],
    ['a negative duration', { summary: { duration_seconds: -1 } }, 'summary.duration_seconds'],
    ['a huge number of beats', { summary: { total_heartbeats: 1e300 } }, 'summary.total_heartbeats'],
    ['true for a heart rate', { summary: { average_heart_rate: true } }, 'summary.average_heart_rate'],
    ['a text for the arrhythmias', { summary: { arrhythmias_detected: 'PVC' } }, 'summary.arrhythmias_detected'],
    ['numbers for arrhythmias', { summary: { arrhythmias_detected: [1] } }, 'summary.arrhythmias_detected'],
    ['a number for the quality', { summary: { signal_quality: 3 } }, 'summary.signal_quality'],
    ['a time that is none', { timestamp: 'now' }, 'timestamp'],
]) {
    test(`an end with ${what} is refused by name and ends nothing`, async () => {
        const session_id = await stack.startSession(person);
        assertRefused(await person.api.post(`/sessions/${session_id}/end`, body), 422, field, what);
        assert.equal((await stored(session_id)).status, 'active');
    });
}

test("another person's session cannot be ended, and neither can one that is not there", async () => {
    const session_id = await stack.startSession(person);
    const other = await stack.register();
    assertRefused(await other.api.post(`/sessions/${session_id}/end`, {}), 404, 'session_id');
    assertRefused(await other.api.post('/sessions/session_20250101_000000/end', {}), 404, 'session_id');
    assert.equal((await stored(session_id)).status, 'active');
    assert.equal(await sessionsOf(other), '0');
});

test('the list holds the sessions newest first, and all of them page by page', async () => {
    const who = await stack.register();
    const ids = [];
    for (let i = 0; i < 7; i++) {
        ids.unshift(await stack.startSession(who, { timestamp: newTime() }));
    }
    const all = await who.api.get(`/users/${who.user_id}/sessions`);
    assert.equal(all.status, 200);
    assert.deepEqual(all.json.sessions.map((session) => session.session_id), ids);
    assert.equal(all.json.next_before, null);
    const mine = await who.api.get('/users/me/sessions');
    assert.deepEqual(mine.json.sessions.map((session) => session.session_id), ids);
    const paged = [];
    let mark = '';
    do {
        const reply = await who.api.get(`/users/me/sessions?limit=3${mark}`);
        assert.ok(reply.json.sessions.length <= 3);
        paged.push(...reply.json.sessions.map((session) => session.session_id));
        mark = reply.json.next_before ? `&before=${encodeURIComponent(reply.json.next_before)}` : '';
    } while (mark);
    assert.deepEqual(paged, ids);
});

test('paging loses none of the sessions that began in the same instant', async () => {
    const who = await stack.register();
    const timestamp = newTime();
    const ids = new Set();
    for (let i = 0; i < 5; i++) {
        ids.add(await stack.startSession(who, { timestamp, device_serial: `ECG-${i}` }));
    }
    const seen = new Set();
    let mark = '';
    do {
        const reply = await who.api.get(`/users/me/sessions?limit=2${mark}`);
        for (const session of reply.json.sessions) {
            assert.ok(!seen.has(session.session_id), 'none comes twice');
            seen.add(session.session_id);
        }
        mark = reply.json.next_before ? `&before=${encodeURIComponent(reply.json.next_before)}` : '';
    } while (mark);
    assert.deepEqual(seen, ids);
});

test('the list can be limited to a time range', async () => {
    const who = await stack.register();
    const times = [newTime(), newTime(), newTime()];
    const ids = [];
    for (const timestamp of times) ids.push(await stack.startSession(who, { timestamp }));
    const reply = await who.api.get(`/users/me/sessions?from=${times[1]}&to=${times[2]}`);
    assert.deepEqual(reply.json.sessions.map((session) => session.session_id), [ids[1]]);
});

for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=many', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=', 'limit'],
    ['limit=NaN', 'limit'],
    ['limit=1e400', 'limit'],
    ['from=yesterday', 'from'],
    ['to=2025-13-01T00:00:00Z', 'to'],
    ['before=soon', 'before'],
    ['from=%zz', 'from'],
    ['from=%00', 'from'],
]) {
    test(`a list asked for with ${query} is refused by name`, async () => {
        assertRefused(await person.api.get(`/users/me/sessions?${query}`), 422, field);
    });
}

test('the list of another person, of nobody and of no id is not found for a patient', async () => {
    const other = await stack.register();
    for (const id of [other.user_id, crypto.randomUUID(), 'nobody', '%27']) {
        assertRefused(await person.api.get(`/users/${id}/sessions`), 404, 'user_id', id);
    }
});

test("a clinician reads a patient's list", async () => {
    const who = await stack.register();
    const session_id = await stack.startSession(who);
    const reply = await stack.client(await stack.clinician()).get(`/users/${who.user_id}/sessions`);
    assert.deepEqual(reply.json.sessions.map((session) => session.session_id), [session_id]);
});
