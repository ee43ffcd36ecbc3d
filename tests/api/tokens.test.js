// Tokens: only the very ones this server signed, for this service, that have not ended and were not revoked.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { assertRefused } from '../support/client.js';
import { startStack, until } from '../support/stack.js';

let stack = null;
let person = null;
let stranger = null;
let key = null;
let claims = null;

const pack = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const unpack = (text) => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));

/* A token signed with the server's own key, however odd it is otherwise. */
function sign(payload, { alg = 'HS256', hash = 'sha256', secret = key } = {}) {
    const text = `${pack({ alg, typ: 'JWT' })}.${pack(payload)}`;
    return `${text}.${crypto.createHmac(hash, secret).update(text).digest('base64url')}`;
}
const now_s = () => Math.floor(Date.now() / 1000);
const without = (name) => Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));

before(async () => {
    stack = await startStack();
    person = await stack.register();
    stranger = await stack.register();
    key = fs.readFileSync(path.join(stack.home, 'secret/jwt.key'), 'utf8').trim();
    claims = unpack(person.token.split('.')[1]);
});
after(() => stack?.stop());

test('a token is a HS256 JWT whose id is a row that can be revoked', async () => {
    assert.equal(unpack(person.token.split('.')[0]).alg, 'HS256');
    assert.equal(claims.sub, person.user_id);
    const row = `select user_id, kind, revoked_at is null from tokens where token_id = '${claims.jti}'`;
    assert.deepEqual(await stack.psql(row), [[person.user_id, 'bearer', 't']]);
    assert.ok(claims.exp - claims.iat > 30 * 86400, "a device's token lives long");
});

test('the test signs as the server does: its own copy of the token is taken', async () => {
    assert.equal((await stack.client(sign(claims)).get('/auth/me')).status, 200);
});

const refused = {
    'that has expired': () => sign({ ...claims, exp: now_s() - 1 }),
    'that is not valid yet': () => sign({ ...claims, nbf: now_s() + 3600 }),
    'that was issued in the future': () => sign({ ...claims, iat: now_s() + 3600 }),
    'with another key': () => sign(claims, { secret: 'x'.repeat(64) }),
    'with an empty key': () => sign(claims, { secret: '' }),
    'with the algorithm none': () => `${pack({ alg: 'none', typ: 'JWT' })}.${pack(claims)}.`,
    'with the algorithm None and our signature': () => sign(claims, { alg: 'None' }),
    'without an algorithm': () => sign(claims, { alg: null }),
    'with HS512 and our key': () => sign(claims, { alg: 'HS512', hash: 'sha512' }),
    'with HS384 and our key': () => sign(claims, { alg: 'HS384', hash: 'sha384' }),
    'that says HS256 and is HS512': () => sign(claims, { alg: 'HS256', hash: 'sha512' }),
    'that says RS256': () => sign(claims, { alg: 'RS256' }),
    'for another audience': () => sign({ ...claims, aud: 'another-api' }),
    'of another issuer': () => sign({ ...claims, iss: 'somebody' }),
    'for another use': () => sign({ ...claims, use: 'refresh' }),
    'without an audience': () => sign(without('aud')),
    'without an end': () => sign(without('exp')),
    'whose end is a text': () => sign({ ...claims, exp: 'never' }),
    'without a beginning': () => sign(without('nbf')),
    'without an id': () => sign(without('jti')),
    'without a person': () => sign(without('sub')),
    'with an id nobody gave out': () => sign({ ...claims, jti: crypto.randomUUID() }),
    'with an id that is none': () => sign({ ...claims, jti: "' or true --" }),
    'with an id of 36 other letters': () => sign({ ...claims, jti: 'z'.repeat(36) }),
    "with another person's name on it": () => sign({ ...claims, sub: stranger.user_id }),
    'whose payload was changed': () => {
        const [head, , signature] = person.token.split('.');
        return `${head}.${pack({ ...claims, sub: stranger.user_id })}.${signature}`;
    },
    'whose signature was cut off': () => person.token.split('.').slice(0, 2).join('.'),
    'whose signature is empty': () => `${person.token.split('.').slice(0, 2).join('.')}.`,
    'that is a word': () => 'token',
    'that is empty': () => '',
    'of dots': () => '...',
    'of 5000 letters': () => 'x'.repeat(5000),
};
for (const [what, make] of Object.entries(refused)) {
    test(`a token ${what} is refused and starts nothing`, async () => {
        const count = `select count(*) from sessions where user_id in ('${person.user_id}', '${stranger.user_id}')`;
        const before_it = await stack.value(count);
        const headers = { Authorization: `Bearer ${make()}` };
        const client = stack.client();
        assertRefused(await client.get('/auth/me', { headers }), 401, 'Authorization', what);
        assertRefused(await client.post('/sessions/start', {}, { headers }), 401, 'Authorization', what);
        assert.equal(await stack.value(count), before_it);
    });
}

for (const header of ['Basic YTpi', 'Token abc', 'Bearer', 'bearer']) {
    test(`the authorization "${header}" is refused`, async () => {
        const reply = await stack.client().get('/auth/me', { headers: { Authorization: header } });
        assertRefused(reply, 401, 'Authorization');
    });
}

test('a bad token is refused although a good API key or cookie comes with it', async () => {
    const headers = { Authorization: 'Bearer forged', Cookie: `heartline=${person.token}` };
    assert.equal((await stack.client().get('/auth/me', { headers })).status, 401);
});

test('a token in the address counts for nothing', async () => {
    const reply = await stack.client().get(`/auth/me?token=${person.token}&access_token=${person.token}`);
    assert.equal(reply.status, 401);
});

test('signing out revokes the token it was asked with, and no other', async () => {
    const leaving = await stack.register();
    const second = await stack.login(leaving.device_serial, leaving.password);
    const reply = await leaving.api.post('/auth/logout');
    assert.equal(reply.status, 200);
    assert.equal(reply.json.status, 'success');
    const id = unpack(leaving.token.split('.')[1]).jti;
    assert.equal(await stack.value(`select revoked_at is not null from tokens where token_id = '${id}'`), 't');
    // A worker may remember a good token for one second.
    await until('the revoked token is refused', async () => (await leaving.api.get('/auth/me')).status === 401);
    for (let i = 0; i < 16; i++) {
        await until('every worker refuses it', async () => (await leaving.api.get('/auth/me')).status === 401);
    }
    assert.equal((await stack.client(second).get('/auth/me')).status, 200);
});

test('a person who was switched off is refused everywhere', async () => {
    const off = await stack.register();
    assert.equal((await off.api.get('/auth/me')).status, 200);
    await stack.psql(`update users set disabled_at = now() where user_id = '${off.user_id}'`);
    await until('the token is refused', async () => (await off.api.get('/auth/me')).status === 401);
    const again = await stack.client().post('/auth/login', { identifier: off.device_serial, password: off.password });
    assert.equal(again.status, 401, again.text);
});
