// Health, patients and the virtual ones, as programs ask about them.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { assertRefused } from '../support/client.js';
import { newName, startStack, until } from '../support/stack.js';

let stack = null;
let clinician = null;
before(async () => {
    stack = await startStack();
    clinician = stack.client(await stack.clinician());
});
after(() => stack?.stop());

test('the system says that it is alive, ready and healthy', async () => {
    const client = stack.client();
    const ask = (where) => client.get(where, { root: true });
    assert.deepEqual((await ask('/livez')).json, { status: 'alive' });
    assert.deepEqual((await ask('/readyz')).json, { status: 'ready' });
    const { json } = await ask('/health');
    assert.deepEqual([json.status, json.service, json.database, json.live], ['healthy', 'heartline', 'up', 'up']);
    assert.ok(Math.abs(Date.parse(json.timestamp) - Date.now()) < 60000);
});

test('HEAD asks as GET does, without a body', async () => {
    const reply = await stack.client().request('HEAD', '/readyz', { root: true });
    assert.equal(reply.status, 200);
    assert.equal(reply.bytes.length, 0);
});

test('a clinician sees all patients, a patient only itself', async () => {
    const person = await stack.register();
    const seen = (await clinician.get('/patients')).json.patients;
    assert.ok(seen.length > 1);
    const row = seen.find((patient) => patient.patient === person.user_id);
    assert.deepEqual([row.name, row.virtual, row.session, row.heart_rate_bpm], [person.full_name, false, null, null]);
    const own = (await person.api.get('/patients')).json.patients;
    assert.deepEqual(own.map((patient) => patient.patient), [person.user_id]);
});

test('a virtual patient is stored, beats by itself, takes anomalies every time and stops', async () => {
    const name = newName('Virtual');
    const made = await clinician.post('/virtual-patients', { name, heart_rate_bpm: 90 });
    assert.equal(made.status, 201, made.text);
    const { patient, session } = made.json;
    const row = `select full_name, is_virtual, heart_rate_bpm, session_id from virtual_patients
        join users using (user_id) join sessions using (session_key) where users.user_id = '${patient}'`;
    assert.deepEqual(await stack.psql(row), [[name, 't', '90', session]]);
    const beats = `select count(*) > 3 from v_beats where user_id = '${patient}' and source = 'computed'`;
    await until('it has beats', async () => (await stack.value(beats)) === 't');
    const commands = [];
    for (const anomaly of ['PVC', 'PAC', 'PVC', 'PVC']) {
        const reply = await clinician.post(`/virtual-patients/${patient}/anomalies`, { anomaly });
        assert.equal(reply.status, 201, reply.text);
        assert.equal(reply.json.anomaly, anomaly);
        commands.push(reply.json.command_id);
    }
    assert.equal(new Set(commands).size, 4);
    await until('all four were taken', async () =>
        (await stack.value(`select count(applied_at) from virtual_commands where user_id = '${patient}'`)) === '4');
    assert.equal((await clinician.delete(`/virtual-patients/${patient}`)).status, 200);
    assertRefused(await clinician.delete(`/virtual-patients/${patient}`), 404, 'user_id');
    assertRefused(await clinician.post(`/virtual-patients/${patient}/anomalies`, { anomaly: 'PVC' }), 404, 'user_id');
    await until('its session has ended', async () =>
        (await stack.value(`select status from v_sessions where session_id = '${session}'`)) === 'ended');
});

for (const [what, body, field] of [
    ['a rate of 20', { heart_rate_bpm: 20 }, 'heart_rate_bpm'],
    ['a rate of 1000', { heart_rate_bpm: 1000 }, 'heart_rate_bpm'],
    ['a rate as text', { heart_rate_bpm: '72' }, 'heart_rate_bpm'],
    ['a number for a name', { name: 5 }, 'name'],
    ['an empty name', { name: ' ' }, 'name'],
    ['an endless name', { name: 'x'.repeat(201) }, 'name'],
]) {
    test(`a virtual patient with ${what} is refused by name and not made`, async () => {
        const count = `select count(*) from virtual_patients where heart_rate_bpm in (20, 1000) or user_id in
            (select user_id from users where full_name in ('5', ' '))`;
        assertRefused(await clinician.post('/virtual-patients', body), 422, field);
        assert.equal(await stack.value(count), '0');
    });
}

test('an anomaly that is none, and one for nobody, are refused by name', async () => {
    const somebody = (await clinician.get('/patients')).json.patients.find((patient) => patient.virtual);
    const where = `/virtual-patients/${somebody.patient}/anomalies`;
    for (const anomaly of ['pvc?', '', 5, null, ['PVC']]) {
        assertRefused(await clinician.post(where, { anomaly }), 422, 'anomaly');
    }
    const real = await stack.register();
    for (const id of [real.user_id, crypto.randomUUID(), 'x', "'"]) {
        assertRefused(await clinician.post(`/virtual-patients/${id}/anomalies`, { anomaly: 'PVC' }), 404, 'user_id');
        assertRefused(await clinician.delete(`/virtual-patients/${id}`), 404, 'user_id');
    }
});

test('a virtual patient cannot sign in, and its name stays free for a person', async () => {
    const full_name = newName('Double');
    const { patient } = (await clinician.post('/virtual-patients', { name: full_name })).json;
    assert.equal((await stack.client().post('/auth/login', { identifier: full_name, password: '' })).status, 422);
    assert.equal((await stack.client().post('/auth/login', { identifier: full_name, password: 'x' })).status, 401);
    const reply = await stack.client().post('/auth/register', { full_name, password: 'correct horse' });
    assert.equal(reply.status, 201, reply.text);
    await clinician.delete(`/virtual-patients/${patient}`);
});
