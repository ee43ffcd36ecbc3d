// An HTTP client of /api/v1 for tests. Every reply is held against what is promised of all replies: JSON on every path
// of the API, a request id, problem+json for whatever goes wrong, and never a 500.
import assert from 'node:assert/strict';

function readJson(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/* What every problem must be (RFC 9457), whoever made it. */
function checkProblem(reply, what) {
    assert.match(reply.type, /^application\/problem\+json/, `${what}: ${reply.text.slice(0, 300)}`);
    const { json } = reply;
    assert.equal(json.status, reply.status, what);
    assert.equal(typeof json.type, 'string', what);
    assert.ok(json.title.length > 0 && json.detail.length > 0, what);
    assert.ok(Array.isArray(json.errors), what);
    for (const error of json.errors) {
        assert.equal(typeof error.field, 'string', what);
        assert.ok(error.detail.length > 0, what);
    }
    assert.equal(json.request_id, reply.header('x-request-id'), what);
    if (reply.status === 401) assert.ok(reply.header('www-authenticate'), `${what} says how to sign in`);
    if ([429, 502, 503, 504].includes(reply.status)) assert.match(reply.header('retry-after') ?? '', /^\d+$/, what);
}

export class Client {
    constructor(url, token = null) {
        this.base = `${url.replace(/\/$/, '')}/api/v1`;
        this.root = url.replace(/\/$/, '');
        this.token = token;
    }

    /* `where` below /api/v1, or with `root` below the server. `body`: an object is sent as JSON; text, bytes and
       FormData as they are. */
    async request(method, where, { body, headers = {}, root = false, timeout_s = 30 } = {}) {
        const sent = { ...headers };
        let payload = body;
        const plain = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
        if (body !== undefined && !plain) payload = JSON.stringify(body);
        const typed = Object.keys(sent).some((name) => name.toLowerCase() === 'content-type');
        if (body !== undefined && !(body instanceof FormData) && !typed) sent['Content-Type'] = 'application/json';
        if (this.token && !('Authorization' in sent)) sent.Authorization = `Bearer ${this.token}`;
        const response = await fetch((root ? this.root : this.base) + where, {
            method,
            headers: sent,
            body: payload,
            signal: AbortSignal.timeout(timeout_s * 1000),
        });
        const bytes = Buffer.from(await response.arrayBuffer());
        const text = bytes.toString('utf8');
        const reply = {
            status: response.status,
            type: response.headers.get('content-type') ?? '',
            header: (name) => response.headers.get(name),
            bytes,
            text,
            json: readJson(text),
        };
        const what = `${method} ${where}: ${reply.status}`;
        assert.notEqual(reply.status, 500, `${what} ${text}`);
        assert.match(reply.header('x-request-id') ?? '', /^[0-9a-f]{32}$/, `${what} has a request id`);
        if (reply.status >= 400 && method !== 'HEAD') checkProblem(reply, what);
        return reply;
    }

    get(where, options) {
        return this.request('GET', where, options);
    }

    post(where, body, options = {}) {
        return this.request('POST', where, { ...options, body });
    }

    delete(where, options) {
        return this.request('DELETE', where, options);
    }
}

/* A refusal with this status that names this field in errors[] (a string for exactly that, a pattern for a match). */
export function assertRefused(reply, status, field, what = '') {
    const told = `${what}: ${reply.text.slice(0, 400)}`;
    assert.equal(reply.status, status, told);
    if (field === undefined) return;
    const named = reply.json.errors.map((error) => error.field);
    const found = named.some((name) => (field instanceof RegExp ? field.test(name) : name === field));
    assert.ok(found, `${told} should name ${field}`);
}
