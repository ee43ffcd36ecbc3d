// What nginx answers by itself is problem+json as everything else, and what it should not serve it does not.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { assertRefused } from '../support/client.js';
import { startStack } from '../support/stack.js';

let stack = null;
let person = null;
before(async () => {
    stack = await startStack();
    person = await stack.register();
});
after(() => stack?.stop());

const at = (where, method = 'GET', options = {}) => stack.client().request(method, where, { root: true, ...options });

/* Bytes in, bytes out: for what no HTTP library would send. */
function raw(text) {
    return new Promise((resolve, reject) => {
        const socket = net.connect(stack.port, '127.0.0.1', () => socket.write(text));
        const parts = [];
        socket.on('data', (part) => parts.push(part));
        // After a refusal the server may reset what it did not read; what it said counts.
        socket.on('error', (error) => (parts.length > 0 ? socket.destroy() : reject(error)));
        socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')));
    });
}

/* The head and the body of a raw reply; checks the body as a problem with that status. */
function assertRawProblem(answer, status) {
    const [head, body] = answer.split('\r\n\r\n');
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `), answer.slice(0, 400));
    assert.match(head, /\r\nContent-Type: application\/problem\+json/i, head);
    const problem = JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1));
    assert.equal(problem.status, status);
    assert.equal(problem.request_id, /\r\nX-Request-Id: (\S+)/i.exec(head)[1]);
}

test('what is not there is a problem, within /api and outside', async () => {
    for (const where of ['/nothing', '/nothing.html', '/api', '/api/', '/api/v2/sessions', '/api/v1', '/api/v1/',
        '/api/v1/nothing', '/internal/authorize-stream', '/internal/problem', '/internal/', '/.git/config',
        '/..%2f..%2fetc%2fpasswd', '/css/../../nginx.conf', '/css/']) {
        const reply = await at(where);
        assert.ok([400, 403, 404].includes(reply.status), `${where}: ${reply.status}`);
    }
});

test('a method that an address does not take is a 405 that says which it takes', async () => {
    const reply = await person.api.request('DELETE', '/sessions/start');
    assertRefused(reply, 405);
    assert.equal(reply.header('allow'), 'POST');
    assertRefused(await person.api.request('PUT', '/auth/me'), 405);
    assertRefused(await at('/index.html', 'POST', { body: 'x' }), 405);
    assertRefused(await at('/readyz', 'POST', { body: '{}' }), 405);
});

test('a body that no endpoint takes is refused by nginx before it is read', async () => {
    const head = 'POST /api/v1/sessions/x/waveform HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
    assertRawProblem(await raw(`${head}Content-Length: 900000000\r\n\r\n`), 413);
    const report = 'POST /api/v1/reports/upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
    assertRawProblem(await raw(`${report}Content-Length: 33554433\r\n\r\n`), 413);
});

test('a waveform of eight megabytes and one byte is refused, one below is read', async () => {
    const session_id = await stack.startSession(person);
    const body = (size) => {
        const text = '{"timestamp":"2025-01-08T12:00:00Z","sampling_rate":500,"leads":{"II":[1,2]}';
        return `${text}${' '.repeat(size - text.length - 1)}}`;
    };
    const rows = `select count(*) from waveforms join sessions using (session_key) where user_id = '${person.user_id}'`;
    assertRefused(await person.api.post(`/sessions/${session_id}/waveform`, body((8 << 20) + 1)), 413);
    assert.equal(await stack.value(rows), '0');
    assert.equal((await person.api.post(`/sessions/${session_id}/waveform`, body(8 << 20))).status, 201);
});

test('what is not HTTP, and headers and addresses without end, are problems', async () => {
    assertRawProblem(await raw('GET / HTTP/1.1\r\nConnection: close\r\n\r\n'), 400);
    assertRawProblem(await raw(`GET /${'a'.repeat(70000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`), 414);
    const head = 'HTTP/1.1\r\nHost: x\r\nConnection: close';
    assertRawProblem(await raw(`GET / ${head}\r\nX-A: ${'a'.repeat(70000)}\r\n\r\n`), 431);
    assertRawProblem(await raw(`POST /api/v1/auth/login ${head}\r\nContent-Length: x\r\n\r\n`), 400);
});

test('a body that stops before its announced length stores nothing', async () => {
    const session_id = await stack.startSession(person);
    const body = '{"timestamp":"2025-01-08T12:00:00Z","metrics":{"heart_rate":70}}';
    await new Promise((resolve) => {
        const socket = net.connect(stack.port, '127.0.0.1', () => {
            const head = `POST /api/v1/sessions/${session_id}/metrics HTTP/1.1\r\nHost: x\r\n` +
                `Authorization: Bearer ${person.token}\r\nContent-Length: ${body.length + 10}`;
            socket.write(`${head}\r\n\r\n${body}`, () => socket.destroy());
        });
        socket.on('close', resolve);
    });
    const next = { timestamp: '2025-01-08T12:00:01Z', metrics: { heart_rate: 71 } };
    const whole = await person.api.post(`/sessions/${session_id}/metrics`, next);
    assert.equal(whole.status, 201);
    const rows = `select heart_rate_bpm from v_session_metrics where user_id = '${person.user_id}'`;
    assert.deepEqual(await stack.psql(rows), [['71']]);
});

test('a body in chunks is read as any other', async () => {
    const reply = await raw('POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n' +
        'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n');
    assertRawProblem(reply, 422);
});

test('headers that only nginx may set count for nothing when a client sends them', async () => {
    const headers = { 'X-Heartline-User': person.user_id, 'X-Heartline-Role': 'admin', 'X-Original-Uri': '/x' };
    assert.equal((await stack.client().get('/auth/me', { headers })).status, 401);
    assert.equal((await stack.client().get('/stream', { headers })).status, 401);
});

test('the request id is of the server, not what a client sends', async () => {
    const reply = await at('/api/v1/auth/me', 'GET', { headers: { 'X-Request-Id': 'mine' } });
    assert.notEqual(reply.json.request_id, 'mine');
    assert.equal(reply.status, 401);
});

test('pages and replies carry the headers that keep browsers careful', async () => {
    for (const where of ['/', '/readyz', '/nothing', '/api/v1/auth/me']) {
        const reply = await at(where);
        assert.equal(reply.header('x-content-type-options'), 'nosniff', where);
        assert.equal(reply.header('x-frame-options'), 'DENY', where);
        assert.match(reply.header('content-security-policy'), /default-src 'self'/, where);
        assert.ok(reply.header('cache-control'), where);
        assert.equal(reply.header('access-control-allow-origin'), null, where);
    }
    assert.equal((await at('/api/v1/auth/me')).header('cache-control'), 'no-store');
});
