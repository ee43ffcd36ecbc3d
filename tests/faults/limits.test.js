// Guessing passwords is slowed down by address; a device that is signed in is never refused for its rate.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { assertRefused } from '../support/client.js';
import { startStack } from '../support/stack.js';
import { newTime } from '../support/waves.js';

let stack = null;
before(async () => {
    stack = await startStack({ fresh: true, env: { HEARTLINE_SIGNIN_RATE: '1' } });
});
after(() => stack?.stop());

test('beyond the burst a sign-in is refused with 429 and told when to come back; ingest goes on', async () => {
    const person = await stack.register();
    const session_id = await stack.startSession(person);
    const guess = () => stack.client().post('/auth/login', { identifier: 'admin', password: 'not the password' });
    const post = () =>
        person.api.post(`/sessions/${session_id}/metrics`, { timestamp: newTime(), metrics: { heart_rate: 70 } });
    const guesses = Promise.all(Array.from({ length: 24 }, guess));
    const posts = await Promise.all(Array.from({ length: 100 }, post));
    assert.deepEqual([...new Set(posts.map((reply) => reply.status))], [201]);
    const refused = (await guesses).filter((reply) => reply.status === 429);
    assert.ok(refused.length >= 10, `${refused.length} of 24 were refused`);
    for (const reply of refused) {
        assertRefused(reply, 429);
        assert.ok(Number(reply.header('retry-after')) >= 1);
    }
});
