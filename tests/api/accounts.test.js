// People: registering, signing in and out, and what stands in the database afterwards.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { assertRefused } from '../support/client.js';
import { newName, startStack, until } from '../support/stack.js';

let stack = null;
before(async () => {
    stack = await startStack();
});
after(() => stack?.stop());

const quote = (text) => `'${text.replaceAll("'", "''")}'`;
const people = (name) => stack.value(`select count(*) from users where full_name = ${quote(name)}`);

test('registering stores the person, and only a hash of the password', async () => {
    const sent = {
        full_name: newName("Zoë O'Hara 心"),
        age: 45,
        gender: 'Female',
        phone: '+1234567890',
        address: '123 Main St, City',
        password: 'hashed_password',
        device_serial: newName('ECG'),
    };
    const reply = await stack.client().post('/auth/register', sent);
    assert.equal(reply.status, 201, reply.text);
    assert.equal(reply.json.status, 'success');
    const [row] = await stack.psql(`select full_name, age, gender, phone, address, device_serial, role, is_virtual,
        password_hash from users where user_id = '${reply.json.user_id}'`);
    assert.deepEqual(row.slice(0, 8), [
        sent.full_name, '45', sent.gender, sent.phone, sent.address, sent.device_serial, 'patient', 'f',
    ]);
    assert.match(row[8], /^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$/);
    const me = await stack.client(reply.json.token).get('/auth/me');
    assert.equal(me.json.user_id, reply.json.user_id);
    assert.equal(me.json.user_profile.full_name, sent.full_name);
    assert.equal(me.json.user_profile.age, 45);
    assert.equal(me.json.user_profile.role, 'patient');
});

test('the view of patients shows a new person without contact details', async () => {
    const person = await stack.register({ age: 30, phone: '+49 1' });
    const rows = await stack.psql(`select to_json(v) from v_patients v where user_id = '${person.user_id}'`, {
        role: 'heartline_read',
    });
    const row = JSON.parse(rows[0][0]);
    assert.equal(row.full_name, person.full_name);
    assert.equal(row.age, 30);
    assert.ok(!('phone' in row) && !('password_hash' in row));
});

test('a role sent with a registration does not make an administrator', async () => {
    const person = await stack.register({ role: 'admin' });
    assert.equal(await stack.value(`select role from users where user_id = '${person.user_id}'`), 'patient');
});

test('signing in works by name in any case and by serial, and notes the time', async () => {
    const person = await stack.register();
    for (const identifier of [person.full_name, person.full_name.toUpperCase(), person.device_serial]) {
        const reply = await stack.client().post('/auth/login', { identifier, password: person.password });
        assert.equal(reply.status, 200, reply.text);
        assert.equal(reply.json.status, 'success');
        assert.equal(reply.json.user_id, person.user_id);
        assert.equal(reply.json.user_profile.device_serial, person.device_serial);
        assert.ok(reply.json.token.length > 50);
    }
    const seen = `select last_login > now() - interval '1 minute' from users where user_id = '${person.user_id}'`;
    assert.equal(await stack.value(seen), 't');
});

test('a wrong password and an unknown name are refused alike', async () => {
    const person = await stack.register();
    const wrong = await stack.client().post('/auth/login', { identifier: person.full_name, password: 'not it' });
    const unknown = await stack.client().post('/auth/login', { identifier: newName(), password: 'not it' });
    assertRefused(wrong, 401, 'identifier');
    assertRefused(unknown, 401, 'identifier');
    assert.equal(wrong.json.detail, unknown.json.detail);
});

test('a name that two people share is refused, and each still signs in by serial', async () => {
    const full_name = newName('Twin');
    const one = await stack.register({ full_name });
    const other = await stack.register({ full_name });
    const reply = await stack.client().post('/auth/login', { identifier: full_name, password: one.password });
    assertRefused(reply, 409, 'identifier');
    for (const person of [one, other]) {
        const good = await stack.client().post('/auth/login', {
            identifier: person.device_serial,
            password: person.password,
        });
        assert.equal(good.json.user_id, person.user_id);
    }
});

test('registering the same person with the same device again is a conflict and makes nobody', async () => {
    const person = await stack.register();
    const { full_name, password, device_serial } = person;
    const again = await stack.client().post('/auth/register', { full_name, password, device_serial });
    assertRefused(again, 409, 'full_name');
    assert.equal(await people(full_name), '1');
});

test('a stranger cannot register what staff signs in by, nor staff be added by the name of a patient', async () => {
    const nurse = await stack.register({ full_name: newName('Nurse'), device_serial: newName('BADGE') });
    await stack.psql(`update users set role = 'clinician' where user_id = '${nurse.user_id}'`);
    const [[name, serial]] = await stack.psql(
        `select full_name, device_serial from users where user_id = '${nurse.user_id}'`,
    );
    const password = 'a stranger of no good';
    const tries = [
        { full_name: name.toUpperCase() },
        { full_name: serial, device_serial: newName('ECG') },
        { full_name: newName('Stranger'), device_serial: name },
        { full_name: newName('Stranger'), device_serial: serial },
    ];
    for (const person of tries)
        assertRefused(await stack.client().post('/auth/register', { ...person, password }), 409, 'full_name');
    const signed = await stack.client().post('/auth/login', { identifier: name, password: nurse.password });
    assert.equal(signed.status, 200, signed.text);
});

test('one person registered many times at once is registered once', async () => {
    const person = { full_name: newName(), password: 'correct horse', device_serial: newName('ECG') };
    const replies = await Promise.all(
        Array.from({ length: 6 }, () => stack.client().post('/auth/register', person)),
    );
    assert.deepEqual(replies.map((reply) => reply.status).sort(), [201, 409, 409, 409, 409, 409]);
    assert.equal(await people(person.full_name), '1');
});

const good = () => ({ full_name: newName(), password: 'correct horse', device_serial: newName('ECG') });
const without = (object, name) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
const bad_registrations = [
    ['no name', (p) => without(p, 'full_name'), 'full_name'],
    ['an empty name', (p) => ({ ...p, full_name: '' }), 'full_name'],
    ['a name of white space', (p) => ({ ...p, full_name: ' \t ' }), 'full_name'],
    ['a name of 300 letters', (p) => ({ ...p, full_name: 'x'.repeat(300) }), 'full_name'],
    ['a number for a name', (p) => ({ ...p, full_name: 7 }), 'full_name'],
    ['no password', (p) => without(p, 'password'), 'password'],
    ['a short password', (p) => ({ ...p, password: 'abc' }), 'password'],
    ['an object for a password', (p) => ({ ...p, password: {} }), 'password'],
    ['an age as text', (p) => ({ ...p, age: '45' }), 'age'],
    ['a negative age', (p) => ({ ...p, age: -1 }), 'age'],
    ['an age of 151', (p) => ({ ...p, age: 151 }), 'age'],
    ['half a year of age', (p) => ({ ...p, age: 4.5 }), 'age'],
    ['a huge age', (p) => ({ ...p, age: 1e300 }), 'age'],
    ['a list for a gender', (p) => ({ ...p, gender: ['Male'] }), 'gender'],
    ['an endless phone', (p) => ({ ...p, phone: '1'.repeat(51) }), 'phone'],
    ['an endless address', (p) => ({ ...p, address: 'x'.repeat(1001) }), 'address'],
    ['true for a serial', (p) => ({ ...p, device_serial: true }), 'device_serial'],
    ['an endless serial', (p) => ({ ...p, device_serial: 'x'.repeat(101) }), 'device_serial'],
];
for (const [what, change, field] of bad_registrations) {
    test(`a registration with ${what} is refused by name and makes nobody`, async () => {
        const person = good();
        assertRefused(await stack.client().post('/auth/register', change(person)), 422, field, what);
        assert.equal(await people(person.full_name), '0');
        const by_serial = `select count(*) from users where device_serial = ${quote(person.device_serial)}`;
        assert.equal(await stack.value(by_serial), '0');
    });
}

test('everything wrong with a registration is told at once', async () => {
    const reply = await stack.client().post('/auth/register', { age: 'old', gender: 5 });
    assert.deepEqual(reply.json.errors.map((error) => error.field).sort(), ['age', 'full_name', 'gender', 'password']);
});

for (const [what, body, field] of [
    ['nothing', {}, 'identifier'],
    ['no password', { identifier: 'x' }, 'password'],
    ['a number for a name', { identifier: 5, password: 'x' }, 'identifier'],
    ['null for a name', { identifier: null, password: 'x' }, 'identifier'],
    ['a word for the cookie', { identifier: 'x', password: 'x', cookie: 'yes' }, 'cookie'],
]) {
    test(`a sign-in with ${what} is refused by name`, async () => {
        assertRefused(await stack.client().post('/auth/login', body), 422, field);
    });
}

test('a browser signs in to a cookie that pages cannot read and other sites cannot send', async () => {
    const person = await stack.register();
    const reply = await stack.client().post('/auth/login', {
        identifier: person.device_serial,
        password: person.password,
        cookie: true,
    });
    assert.equal(reply.status, 200, reply.text);
    assert.ok(!('token' in reply.json), 'the token stands in the cookie only');
    const cookie = reply.header('set-cookie');
    assert.match(cookie, /^heartline=[^;]+;/);
    assert.match(cookie, /; HttpOnly(;|$)/);
    assert.match(cookie, /; SameSite=Strict(;|$)/);
    assert.match(cookie, /; Path=\/(;|$)/);
    assert.match(cookie, /; Max-Age=[1-9]\d*(;|$)/);
    const headers = { Cookie: cookie.split(';')[0] };
    const client = stack.client();
    assert.equal((await client.get('/auth/me', { headers })).json.user_id, person.user_id);

    const start = { device_serial: person.device_serial };
    assertRefused(await client.post('/sessions/start', start, { headers }), 403, 'X-Heartline-Request');
    const sessions = `select count(*) from sessions where user_id = '${person.user_id}'`;
    assert.equal(await stack.value(sessions), '0');
    const marked = { ...headers, 'X-Heartline-Request': '1' };
    assert.equal((await client.post('/sessions/start', start, { headers: marked })).status, 201);

    const out = await client.post('/auth/logout', undefined, { headers: marked });
    assert.equal(out.status, 200);
    assert.match(out.header('set-cookie'), /^heartline=;.*Max-Age=0/);
});

test('a cookie among other cookies is found, and a cookie of a like name is not taken for it', async () => {
    const person = await stack.register();
    const client = stack.client();
    const me = (cookie) => client.get('/auth/me', { headers: { Cookie: cookie } });
    assert.equal((await me(`a=b; heartline=${person.token}; c=d`)).status, 200);
    assert.equal((await me(`xheartline=${person.token}`)).status, 401);
    assert.equal((await me(`heartline2=${person.token}`)).status, 401);
    assert.equal((await me('heartline=')).status, 401);
});

test('an API key made by the administrator stands for its person', async () => {
    const person = await stack.register();
    const { code, output } = await stack.run('key', person.full_name, '--label', 'bench');
    assert.equal(code, 0, output);
    const key = output.trim();
    assert.match(key, /^hlk_[A-Za-z0-9]{40}$/);
    const client = stack.client();
    const headers = { 'X-API-Key': key };
    assert.equal((await client.get('/auth/me', { headers })).json.user_id, person.user_id);
    assert.equal((await client.post('/sessions/start', {}, { headers })).status, 201);
    const kept = `select label, encode(key_hash, 'hex') = encode(sha256('${key}'), 'hex') from tokens
        where user_id = '${person.user_id}' and kind = 'api_key'`;
    assert.deepEqual(await stack.psql(kept), [['bench', 't']]);
    for (const wrong of [`${key}x`, key.slice(0, -1), 'hlk_', 'x'.repeat(5000)]) {
        assertRefused(await client.get('/auth/me', { headers: { 'X-API-Key': wrong } }), 401, 'X-API-Key');
    }
});

test('a password changed by the administrator ends every token and key of that person alone', async () => {
    const person = await stack.register();
    const other = await stack.register();
    const key = (await stack.run('key', person.full_name)).output.trim();
    const by_key = () => stack.client().get('/auth/me', { headers: { 'X-API-Key': key } });
    assert.equal((await by_key()).status, 200);
    await stack.run('user', 'password', person.full_name, '--password', 'another password');
    await until('the token is refused', async () => (await person.api.get('/auth/me')).status === 401);
    await until('the key is refused', async () => (await by_key()).status === 401);
    assert.equal((await other.api.get('/auth/me')).status, 200);
    const again = { identifier: person.full_name, password: 'another password' };
    assert.equal((await stack.client().post('/auth/login', again)).status, 200);
});
