// One part is away: what answers meanwhile and how, and that everything is well again by itself afterwards.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { assertRefused } from '../support/client.js';
import { kill, ready, service, status, victims } from '../support/faults.js';
import { startStack, until } from '../support/stack.js';
import { newTime } from '../support/waves.js';

let stack = null;
let person = null;
let session_id = null;
before(async () => {
    stack = await startStack({ fresh: true });
    person = await stack.register();
    session_id = await stack.startSession(person);
});
after(() => stack?.stop());

const post = () =>
    person.api.post(`/sessions/${session_id}/metrics`, { timestamp: newTime(), metrics: { heart_rate: 70 } });
const chunk = () => {
    const body = { timestamp: newTime(), sampling_rate: 80, leads: { II: [1, 2] } };
    return person.api.post(`/sessions/${session_id}/waveform`, body);
};
const ask = (where) => stack.client().get(where, { root: true });

test('without its database the API says 503 while the client still listens, and is well again by itself', async () => {
    await service(stack, 'down', 'postgres');
    try {
        const begin = Date.now();
        const replies = await Promise.all([
            post(),
            chunk(),
            person.api.get('/auth/me'),
            person.api.get(`/sessions/${session_id}/data`),
            stack.client().post('/auth/login', { identifier: 'admin', password: stack.adminPassword }),
            person.api.get('/stream'),
            ask('/readyz'),
        ]);
        for (const reply of replies) {
            assertRefused(reply, 503);
            assert.ok(Number(reply.header('retry-after')) >= 1);
        }
        assert.ok(Date.now() - begin < 5000, 'a client gives up after five seconds');
        assertRefused(replies.at(-1), 503, 'database');
        assert.equal((await ask('/livez')).status, 200);
        const { json } = await ask('/health');
        assert.deepEqual([json.status, json.database], ['degraded', 'down']);
        assert.equal((await ask('/')).status, 200, 'the page is there, and can say so');
    } finally {
        await service(stack, 'up', 'postgres');
    }
    await until('the API stores again', async () => (await post()).status === 201, { seconds: 10 });
    await until('the system is ready', () => ready(stack), { seconds: 10 });
});

test('without a database many more clients than there are workers are all answered in time', async () => {
    await service(stack, 'down', 'postgres');
    try {
        const begin = Date.now();
        const replies = await Promise.all(Array.from({ length: 40 }, post));
        for (const reply of replies) assertRefused(reply, 503);
        assert.ok(Date.now() - begin < 5000, 'a client gives up after five seconds');
    } finally {
        await service(stack, 'up', 'postgres');
    }
    await until('the API stores again', async () => (await post()).status === 201, { seconds: 10 });
});

test('without the live worker the streams say so and the API goes on', async () => {
    await service(stack, 'down', 'live');
    try {
        for (const where of ['/stream', `/patients/${person.user_id}/stream`]) {
            assertRefused(await person.api.get(where), 502);
        }
        assertRefused(await stack.client().get('/stream'), 401);
        assertRefused(await ask('/readyz'), 503, 'live');
        assert.equal((await ask('/health')).json.live, 'down');
        assert.equal((await post()).status, 201);
        assert.equal((await chunk()).status, 201);
        assert.equal((await person.api.get(`/sessions/${session_id}/data`)).status, 200);
    } finally {
        await service(stack, 'up', 'live');
    }
    await until('the system is ready', () => ready(stack), { seconds: 15 });
    const queued = () => stack.value('select count(*) from analysis_queue');
    await until('what came meanwhile is analysed', async () => (await queued()) === '0');
    const stop = new AbortController();
    const headers = { Authorization: `Bearer ${person.token}` };
    const stream = await fetch(`${stack.url}/api/v1/stream`, { headers, signal: stop.signal });
    assert.equal(stream.status, 200);
    stop.abort();
});

test('without API workers nginx says 502 as a problem, and they are taken up again', async () => {
    await service(stack, 'down', 'api');
    try {
        assertRefused(await person.api.get('/auth/me'), 502);
        assertRefused(await ask('/readyz'), 502);
        const stream = await person.api.get('/stream');
        assert.ok([502, 503].includes(stream.status), `${stream.status}`);
    } finally {
        await service(stack, 'up', 'api');
    }
    await until('the system is ready', () => ready(stack), { seconds: 10 });
});

for (const victim of Object.keys(victims)) {
    test(`${victim}, killed with -9, is back by itself`, async () => {
        await until('the system is ready', () => ready(stack));
        const killed = kill(stack, victim);
        assert.ok(killed.length > 0, 'there was one to kill');
        const count = victims[victim](stack).length;
        await until(`${victim} is back`, () => {
            const now = victims[victim](stack);
            return now.length >= Math.max(count, 1) && !now.some((pid) => killed.includes(pid));
        }, { seconds: 10 });
        await until('the system is ready', () => ready(stack), { seconds: 15 });
        await until('the API stores', async () => (await post()).status === 201, { seconds: 5 });
        assert.equal(await status(stack, '/'), 200);
    });
}
