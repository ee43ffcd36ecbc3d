// The route table, walked as nobody and as each role: every row is asked with every credential, and the answer must be
// exactly 401 or 403 below the row's role and neither at it. A row this file does not know how to address fails.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { assertRefused } from '../support/client.js';
import { repo, startStack } from '../support/stack.js';
import { newTime, pdf } from '../support/waves.js';

function readTable() {
    const source = fs.readFileSync(path.join(repo, 'cgi-bin/routes.c'), 'utf8');
    const text = source.slice(source.indexOf('const struct route routes[]'));
    const table = text.slice(0, text.indexOf('\n};'));
    const base = /#define API "([^"]+)"/.exec(source)[1];
    const row = /\{"([A-Z]+)",\s*(API\s+)?"([^"]+)",\s*(\w+),\s*(\w+),/g;
    const rows = [...table.matchAll(row)].map(([, method, api, pattern, handler, role]) => ({
        method, pattern: (api ? base : '') + pattern, handler, role,
    }));
    const opened = [...table.matchAll(/\n {4}\{/g)].length - 1; // but for the one that ends it
    return { rows, opened };
}
const { rows, opened } = readTable();

/* What live serves, behind the same question for a role. */
const streams = [
    { method: 'GET', pattern: '/api/v1/stream', handler: 'stream_all', role: 'ROLE_PATIENT' },
    { method: 'GET', pattern: '/api/v1/patients/{user_id}/stream', handler: 'stream_one', role: 'ROLE_PATIENT' },
];
const order = ['ROLE_ANYONE', 'ROLE_PATIENT', 'ROLE_CLINICIAN', 'ROLE_ADMIN'];
const roles = { nobody: 'ROLE_ANYONE', patient: 'ROLE_PATIENT', clinician: 'ROLE_CLINICIAN', admin: 'ROLE_ADMIN' };

let stack = null;
let owner = null;
const login = {};
const ids = {};

before(async () => {
    stack = await startStack();
    owner = await stack.register();
    const stranger = await stack.register();
    login.patient = () => stack.login(stranger.device_serial, stranger.password);
    login.clinician = () => stack.clinician();
    login.admin = () => stack.admin();
    login.nobody = async () => null;
    ids.user_id = owner.user_id;
    ids.session_id = await stack.startSession(owner);
    const post = (what, body) => owner.api.post(`/sessions/${ids.session_id}/${what}`, body);
    await post('metrics', { timestamp: newTime(), metrics: { heart_rate: 70 } });
    await post('waveform', { timestamp: newTime(), sampling_rate: 80, leads: { II: [1, 2] } });
    const form = new FormData();
    form.set('file', new Blob([pdf('secret')]), 'a.pdf');
    form.set('metadata', JSON.stringify({ session_id: ids.session_id }));
    ids.report_id = (await owner.api.post('/reports/upload', form)).json.report_id;
});
after(() => stack?.stop());

/* For each handler: the body that would do, and what a patient gets who names another one's ids (undefined: there is
   nothing of another one's in the address). */
const known = {
    auth_register: { body: {} },
    auth_login: { body: {} },
    auth_logout: {},
    auth_me: { mine: (reply, me) => assert.equal(reply.json.user_id, me) },
    session_start: { body: {} },
    session_end: { body: {}, stranger: 404 },
    metrics_post: { body: { timestamp: newTime(), metrics: { heart_rate: 70 } }, stranger: 404 },
    waveform_post: { body: { timestamp: newTime(), sampling_rate: 80, leads: { II: [1] } }, stranger: 404 },
    session_data: { stranger: 404 },
    session_episodes: { stranger: 404 },
    session_measurements: { stranger: 404 },
    session_hrv: { stranger: 404 },
    session_quality: { stranger: 404 },
    session_interpretation: { stranger: 404 },
    session_list: { stranger: 404 },
    report_upload: { body: '--x--\r\n', type: 'multipart/form-data; boundary=x' },
    report_list: { mine: (reply) => assert.deepEqual(reply.json.reports, []) },
    report_show: { stranger: 404 },
    report_download: { stranger: 404 },
    patient_list: { mine: (reply, me) => assert.deepEqual(reply.json.patients.map((one) => one.patient), [me]) },
    virtual_patient_create: { body: { name: 5 } },
    virtual_patient_remove: {},
    virtual_patient_inject: { body: { anomaly: 'PVC' } },
    authorize_stream: { internal: true },
    health: {},
    live_check: {},
    ready_check: {},
    stream_all: { stream: true },
    stream_one: { stream: true, stranger: 404 },
};

const address = (pattern) => pattern.replace(/\{(\w+)\}/g, (_, name) => {
    assert.ok(ids[name], `nobody told this test what to put for {${name}}`);
    return ids[name];
});

/* The status only, for a stream has no end. */
async function streamStatus(where, token) {
    const stop = new AbortController();
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const response = await fetch(stack.url + where, { headers, signal: stop.signal });
    stop.abort();
    return response.status;
}

async function ask(route, token) {
    const { body, type, stream } = known[route.handler];
    const where = address(route.pattern);
    if (stream) return { status: await streamStatus(where, token), text: '' };
    const headers = type ? { 'Content-Type': type } : {};
    return stack.client(token).request(route.method, where, { body, headers, root: true });
}

test('the whole table was read', () => {
    assert.ok(rows.length > 15);
    assert.equal(rows.length, opened);
    assert.equal(new Set(rows.map((row) => `${row.method} ${row.pattern}`)).size, rows.length, 'no row stands twice');
});

for (const route of [...rows, ...streams]) {
    const name = `${route.method} ${route.pattern}`;

    test(`${name} has a role, and this walk knows it`, () => {
        assert.ok(order.includes(route.role), `${route.role} is a role`);
        assert.ok(known[route.handler], `tests/api/routes.test.js does not know ${route.handler}`);
    });

    if (known[route.handler]?.internal) {
        test(`${name} is nobody's from outside`, async () => {
            for (const role of Object.keys(roles)) {
                const token = await login[role]();
                assert.equal((await stack.client(token).get(route.pattern, { root: true })).status, 404, role);
            }
        });
        continue;
    }

    for (const role of Object.keys(roles)) {
        const enough = order.indexOf(roles[role]) >= order.indexOf(route.role);
        const wanted = enough ? 'lets in' : role === 'nobody' ? 'answers 401 to' : 'answers 403 to';
        test(`${name} ${wanted} ${role}`, async () => {
            const reply = await ask(route, await login[role]());
            if (enough) {
                // Sign-in answers 401 or 422 by itself; nothing here may be a refusal of the role.
                assert.ok(![401, 403].includes(reply.status), `${reply.status} ${reply.text}`);
            } else {
                assert.equal(reply.status, role === 'nobody' ? 401 : 403, reply.text);
            }
        });
    }
}

for (const route of [...rows, ...streams].filter((one) => known[one.handler]?.stranger)) {
    test(`${route.method} ${route.pattern}: another patient's is not there`, async () => {
        const reply = await ask(route, await login.patient());
        assert.equal(reply.status, known[route.handler].stranger, reply.text);
        if (reply.json) assertRefused(reply, 404, /_id$/);
        assert.ok(!reply.text.includes(owner.user_id) && !reply.text.includes(owner.full_name));
    });
}

test("lists hold a patient's own, and nothing of another's, whatever is asked for", async () => {
    const me = await stack.register();
    for (const route of rows.filter((one) => known[one.handler]?.mine)) {
        const reply = await me.api.get(`${address(route.pattern)}?user_id=${owner.user_id}`, { root: true });
        assert.equal(reply.status, 200, reply.text);
        known[route.handler].mine(reply, me.user_id);
    }
});

test('every reading row with an id in its address says what a stranger gets', () => {
    for (const route of [...rows, ...streams]) {
        if (route.method !== 'GET' || !route.pattern.includes('{')) continue;
        assert.ok(known[route.handler]?.stranger, `${route.pattern}: what does another patient get?`);
    }
});

test('what strangers tried left the session as it was', async () => {
    const sql = `select status, (select count(*) from metrics m where m.session_key = s.session_key),
        (select count(*) from waveforms w where w.session_key = s.session_key)
        from sessions s where session_id = '${ids.session_id}' and user_id = '${owner.user_id}'`;
    assert.deepEqual(await stack.psql(sql), [['active', '1', '1']]);
});
