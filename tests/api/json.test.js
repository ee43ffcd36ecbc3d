// What every endpoint that takes JSON refuses alike: text that is not strictly JSON, and JSON that is not an object.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { assertRefused } from '../support/client.js';
import { startStack } from '../support/stack.js';

let stack = null;
let person = null;
let clinician = null;
let session_id = null;
let heart = null;
before(async () => {
    stack = await startStack();
    person = await stack.register();
    session_id = await stack.startSession(person);
    clinician = stack.client(await stack.clinician());
    heart = (await clinician.post('/virtual-patients', { name: 'To be disturbed' })).json.patient;
});
after(async () => {
    if (heart) await clinician.delete(`/virtual-patients/${heart}`);
    await stack?.stop();
});

/* Everything that such a request could have written. */
const traces = () =>
    stack.psql(`select (select count(*) from users where not is_virtual and full_name = 'Nobody'),
        (select count(*) from sessions where user_id = '${person.user_id}'),
        (select count(*) from sessions where user_id = '${person.user_id}' and status = 'ended'),
        (select count(*) from metrics join sessions using (session_key) where user_id = '${person.user_id}'),
        (select count(*) from virtual_patients where created_by is not null),
        (select count(*) from virtual_commands where user_id = '${heart}')`);

const endpoints = {
    'registration': () => [stack.client(), '/auth/register'],
    'sign-in': () => [stack.client(), '/auth/login'],
    'session start': () => [person.api, '/sessions/start'],
    'session end': () => [person.api, `/sessions/${session_id}/end`],
    'metrics': () => [person.api, `/sessions/${session_id}/metrics`],
    'virtual patient': () => [clinician, '/virtual-patients'],
    'anomaly': () => [clinician, `/virtual-patients/${heart}/anomalies`],
};
const fields = `"full_name":"Nobody","password":"correct horse","identifier":"admin","timestamp":"2025-01-08T12:00:00Z",
    "metrics":{"heart_rate":70},"anomaly":"PVC"`;
const bodies = [
    ['text', 'hello', 400],
    ['form fields', 'full_name=Nobody&password=x', 400],
    ['trailing bytes', `{${fields}} x`, 400],
    ['a second object', `{${fields}}{}`, 400],
    ['a missing end', `{${fields}`, 400],
    ['a key twice', `{${fields},"password":"another"}`, 400],
    ['a key twice, deep inside', `{${fields},"device_info":{"a":[{"b":1,"b":2}]}}`, 400],
    ['a key twice, once escaped', `{${fields},"\\u0070assword":"another"}`, 400],
    ['single quotes', `{'full_name':'Nobody'}`, 400],
    ['a comma too many', `{${fields},}`, 400],
    ['a comment', `{${fields}/* */}`, 400],
    ['a byte order mark', `\ufeff{${fields}}`, 400],
    ['bad UTF-8', Buffer.from(`{${fields},"note":"\xc3\x28"}`, 'latin1'), 400],
    ['an overlong slash', Buffer.from(`{${fields},"note":"\xc0\xaf"}`, 'latin1'), 400],
    ['half a surrogate pair', `{${fields},"note":"\\ud83e"}`, 400],
    ['a U+0000', `{${fields},"note":"a\\u0000b"}`, 400],
    ['a zero byte', `{${fields},"note":"a\0b"}`, 400],
    ['a zero byte behind it', `{${fields}}\0`, 400],
    ['a line end in a string', `{${fields},"note":"a\nb"}`, 400],
    ['too much depth', `{${fields},"note":${'['.repeat(1000)}${']'.repeat(1000)}}`, 400],
    ['a thousand keys', `{${fields},${Array.from({ length: 1000 }, (_, i) => `"k${i}":1`).join(',')}}`, 400],
    ['a leading zero', `{${fields},"note":01}`, 400],
    ['NaN', `{${fields},"note":NaN}`, 422],
    ['minus infinity', `{${fields},"note":-Infinity}`, 422],
    ['1e400', `{${fields},"note":{"deep":[1,1e400]}}`, 422],
    ['a number of a thousand digits', `{${fields},"note":${'9'.repeat(1000)}}`, 422],
    ['a list', `[{${fields}}]`, 422],
    ['a string', '"hello"', 422],
    ['null', 'null', 422],
    ['true', 'true', 422],
];
for (const [name, where] of Object.entries(endpoints)) {
    test(`${name}: what is not strictly a JSON object is refused and changes nothing`, async () => {
        const counts = await traces();
        const [client, path] = where();
        for (const [what, body, status] of bodies) {
            assertRefused(await client.post(path, body), status, undefined, what);
        }
        assert.deepEqual(await traces(), counts);
    });

    test(`${name}: another content type is refused`, async () => {
        const counts = await traces();
        const [client, path] = where();
        for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
            const reply = await client.post(path, `{${fields}}`, { headers: { 'Content-Type': type } });
            assertRefused(reply, 415, undefined, type);
        }
        assert.deepEqual(await traces(), counts);
    });

    test(`${name}: a body over the limit is refused and changes nothing`, async () => {
        const counts = await traces();
        const [client, path] = where();
        for (const size of [65 << 10, 9 << 20]) {
            assertRefused(await client.post(path, `{${fields},"note":"${'x'.repeat(size)}"}`), 413);
        }
        assert.deepEqual(await traces(), counts);
    });
}

test('what is wrong is told with its place', async () => {
    const place = async (body) => {
        const reply = await person.api.post('/sessions/start', body);
        return reply.json.errors.map((error) => error.field);
    };
    assert.deepEqual(await place('{"device_info":{"a":[1,NaN]}}'), ['device_info.a[1]']);
    assert.deepEqual(await place('{"device_info":{"a":1,"a":2}}'), ['a']);
    assert.deepEqual(await place('{"device_info":{"a":"\\u0000"}}'), ['device_info.a']);
});

test('the type may say a character set, and be missing', async () => {
    const headers = { 'Content-Type': 'application/json; charset=utf-8' };
    assert.equal((await person.api.post('/sessions/start', '{}', { headers })).status, 201);
    const bare = await person.api.post('/sessions/start', Buffer.from('{}'), { headers: { 'content-type': '' } });
    assert.equal(bare.status, 201, bare.text);
});
