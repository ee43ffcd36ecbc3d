// Reading a session back: in time order, page by page, for a time range, and for nobody who may not.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { assertRefused } from '../support/client.js';
import { startStack } from '../support/stack.js';
import { pdf } from '../support/waves.js';

let stack = null;
let person = null;
let session_id = null;
const start_ms = Date.UTC(2025, 0, 8, 12, 0, 0);
const at = (second) => new Date(start_ms + second * 1000).toISOString();

before(async () => {
    stack = await startStack();
    person = await stack.register();
    session_id = await stack.startSession(person, { timestamp: at(0) });
    const order = [4, 0, 9, 2, 7, 1, 8, 3, 6, 5];
    for (const second of order) {
        const metrics = { timestamp: at(second), metrics: { heart_rate: 60 + second } };
        const leads = { I: Array(100).fill(second), II: Array(100).fill(-second) };
        const chunk = { timestamp: at(second), sampling_rate: 100, leads };
        assert.equal((await person.api.post(`/sessions/${session_id}/metrics`, metrics)).status, 201);
        assert.equal((await person.api.post(`/sessions/${session_id}/waveform`, chunk)).status, 201);
    }
});
after(() => stack?.stop());

const data = (query = '', who = person) => who.api.get(`/sessions/${session_id}/data${query}`);
const seconds = (rows) => rows.map((row) => (Date.parse(row.timestamp) - start_ms) / 1000);
const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

test('a session comes back whole and in time order, whatever order it came in', async () => {
    const { json } = await data();
    assert.equal(json.session_id, session_id);
    assert.equal(json.user_id, person.user_id);
    assert.equal(Date.parse(json.start_time), start_ms);
    assert.equal(json.end_time, null);
    assert.deepEqual(seconds(json.metrics_timeline), all);
    assert.deepEqual(json.metrics_timeline.map((row) => row.metrics.heart_rate), all.map((second) => 60 + second));
    assert.deepEqual(seconds(json.waveform_segments), all);
    assert.deepEqual(json.waveform_segments.map((row) => row.leads.I[99]), all);
    assert.deepEqual(json.reports, []);
    assert.equal(json.next, null);
});

for (const limit of [1, 3, 5, 10]) {
    test(`pages of ${limit} hold everything once`, async () => {
        const metrics = [];
        const waveforms = [];
        let marks = {};
        let pages = 0;
        let wants_metrics = true;
        let wants_waveforms = true;
        do {
            const query = new URLSearchParams({ limit, ...marks });
            const { json } = await data(`?${query}`);
            assert.ok(json.metrics_timeline.length <= limit && json.waveform_segments.length <= limit);
            if (wants_metrics) metrics.push(...seconds(json.metrics_timeline));
            if (wants_waveforms) waveforms.push(...seconds(json.waveform_segments));
            wants_metrics = Boolean(json.next?.metrics_after);
            wants_waveforms = Boolean(json.next?.waveform_after);
            marks = { ...marks, ...json.next };
            pages += 1;
            if (!json.next) break;
        } while (pages < 30);
        assert.deepEqual(metrics, all);
        assert.deepEqual(waveforms, all);
    });
}

test('a time range takes the metrics within it and every chunk that reaches into it', async () => {
    const { json } = await data(`?from=${at(2.5)}&to=${at(5)}`);
    assert.deepEqual(seconds(json.metrics_timeline), [3, 4]);
    assert.deepEqual(seconds(json.waveform_segments), [2, 3, 4]);
    const other_zone = '2025-01-08T13:00:02.5%2B01:00';
    assert.deepEqual((await data(`?from=${other_zone}&to=${at(5)}`)).json.metrics_timeline, json.metrics_timeline);
});

test('a report of the session is listed with it', async () => {
    const form = new FormData();
    form.set('file', new Blob([pdf()]), 'a.pdf');
    form.set('metadata', JSON.stringify({ session_id }));
    const { report_id } = (await person.api.post('/reports/upload', form)).json;
    const { json } = await data();
    assert.deepEqual(json.reports.map((report) => report.report_id), [report_id]);
    assert.equal(json.reports[0].session_id, session_id);
});

for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=5001', 'limit'],
    ['limit=x', 'limit'],
    ['from=x', 'from'],
    ['to=x', 'to'],
    ['metrics_after=x', 'metrics_after'],
    ['metrics_after=1-', 'metrics_after'],
    ['metrics_after=1-2-3', 'metrics_after'],
    ['metrics_after=%ff', 'metrics_after'],
    ['waveform_after=-', 'waveform_after'],
    ['waveform_after=99999999999999999999999-1', 'waveform_after'],
    ['user_id=me', 'user_id'],
    ['leads=IV', 'leads'],
    ['leads=', 'leads'],
    [`leads=${'V'.repeat(300)}`, 'leads'],
]) {
    test(`data asked for with ${query.slice(0, 40)} is refused by name`, async () => {
        assertRefused(await data(`?${query}`), 422, field);
    });
}

test("another person's session is not found, also when asked for by its owner's id", async () => {
    const other = await stack.register();
    assertRefused(await data('', other), 404, 'session_id');
    assertRefused(await data(`?user_id=${person.user_id}`, other), 404, 'session_id');
    for (const id of ['session_20250101_000000', '%ff', "'", 'x'.repeat(3000), '..%2f..']) {
        assertRefused(await person.api.get(`/sessions/${id}/data`), id === '%ff' ? 400 : 404);
    }
});

test('of two sessions of one id, each person reads its own, and a clinician says whose', async () => {
    const [one, other] = [await stack.register(), await stack.register()];
    const id = `offline_session_${1736330000 + (process.pid % 9999)}`;
    for (const who of [one, other]) {
        const metrics = { name: who.full_name };
        await who.api.post(`/sessions/${id}/metrics`, { timestamp: '2025-01-08T12:40:00Z', metrics });
    }
    for (const who of [one, other]) {
        const { json } = await who.api.get(`/sessions/${id}/data`);
        assert.deepEqual(json.metrics_timeline.map((row) => row.extra.name), [who.full_name]);
    }
    const clinician = stack.client(await stack.clinician());
    assertRefused(await clinician.get(`/sessions/${id}/data`), 409, 'user_id');
    const { json } = await clinician.get(`/sessions/${id}/data?user_id=${other.user_id}`);
    assert.equal(json.user_id, other.user_id);
    assertRefused(await clinician.get(`/sessions/${id}/data?user_id=${crypto.randomUUID()}`), 404, 'session_id');
});

test('a page of huge chunks ends early and says that there is more', async () => {
    const big = await stack.startSession(person, { timestamp: at(100) });
    const row = `[${'0,'.repeat(999999)}0]`;
    for (const second of [100, 200]) {
        const body = `{"timestamp":"${at(second)}","sampling_rate":100000,"leads":{"I":${row},"II":${row},"III":${row}}}`;
        assert.equal((await person.api.post(`/sessions/${big}/waveform`, body)).status, 201);
    }
    const first = (await person.api.get(`/sessions/${big}/data?leads=V1`)).json;
    assert.deepEqual(seconds(first.waveform_segments), [100]);
    assert.ok(first.next.waveform_after);
    const rest = (await person.api.get(`/sessions/${big}/data?leads=V1&waveform_after=${first.next.waveform_after}`)).json;
    assert.deepEqual(seconds(rest.waveform_segments), [200]);
    assert.equal(rest.next, null);
});
