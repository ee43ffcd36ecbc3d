// What stands in the way of `make start`: one clear sentence, an exit code, and nothing left running.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { processes, ready } from '../support/faults.js';
import { control, freePort, makeHome, startStack } from '../support/stack.js';

let stack = null;
const homes = [];
before(async () => {
    stack = await startStack({ fresh: true });
});
after(async () => {
    await stack?.stop();
    for (const home of homes) fs.rmSync(home, { recursive: true, force: true });
});

function newHome() {
    const home = makeHome();
    homes.push(home);
    return home;
}

/* One line that says it, and nothing of this home runs. */
function assertOneSentence(result, home, pattern) {
    assert.notEqual(result.code, 0, result.output);
    const lines = result.output.trim().split('\n');
    assert.equal(lines.length, 1, result.output);
    assert.match(lines[0], /^heartline: /);
    assert.match(lines[0], pattern);
    assert.deepEqual(processes({ home }), []);
}

test('a port that somebody else has is named, with who has it', async () => {
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    const home = newHome();
    const result = await control('start', home, port);
    server.close();
    assertOneSentence(result, home, new RegExp(`port ${port} is taken by node \\(process ${process.pid}\\)`));
});

for (const port of ['0', '65536', 'http', '-1', '80a']) {
    test(`the port "${port}" is none`, async () => {
        const home = newHome();
        assertOneSentence(await control('start', home, port), home, /HEARTLINE_PORT must be a port number/);
    });
}

test('the port of another copy is taken, and that copy goes on', async () => {
    const home = newHome();
    assertOneSentence(await control('start', home, stack.port), home, /is taken by nginx/);
    assert.ok(await ready(stack));
});

test('starting a copy that runs already says where it is, and leaves it alone', async () => {
    const before_it = processes(stack).map((one) => one.pid);
    const result = await control('start', stack.home, await freePort());
    assert.equal(result.code, 0, result.output);
    assert.match(result.output, new RegExp(`running already: http://127.0.0.1:${stack.port}/`));
    const now = new Set(processes(stack).map((one) => one.pid));
    const workers = before_it.filter((pid) => now.has(pid));
    assert.ok(workers.length > 5 && (await ready(stack)));
});

test('running a copy in the foreground where one runs already is refused, and leaves it alone', async () => {
    const result = await control('run', stack.home, stack.port);
    assert.notEqual(result.code, 0);
    assert.match(result.output.trim(), /^heartline: this copy is running already: http[^\n]*$/);
    assert.ok(await ready(stack));
});

test('a home too long for a Unix socket is refused by how much', async () => {
    const home = path.join(newHome(), 'x'.repeat(120));
    assertOneSentence(await control('start', home, await freePort()), home, /HEARTLINE_HOME is too long by \d+ bytes/);
    assert.ok(!fs.existsSync(home));
});

test('a home with a space in its name is refused', async () => {
    const home = path.join(newHome(), 'a b');
    assertOneSentence(await control('start', home, await freePort()), home, /HEARTLINE_HOME may hold letters/);
});

test('a folder with other things in it is not taken for a home', async () => {
    const home = newHome();
    fs.writeFileSync(path.join(home, 'thesis.tex'), 'years of work');
    assertOneSentence(await control('start', home, await freePort()), home, /a folder with other things in it/);
    assert.deepEqual(fs.readdirSync(home), ['thesis.tex']);
});

test('a home below a file cannot be made', async () => {
    const file = path.join(newHome(), 'file');
    fs.writeFileSync(file, '');
    const home = path.join(file, 'home');
    assertOneSentence(await control('start', home, await freePort()), home, /cannot be made/);
});

test('programs that were not built are told of before anything starts', async () => {
    const home = newHome();
    const env = { HEARTLINE_BUILD: path.join(os.tmpdir(), 'hl-no-build') };
    const result = await control('start', home, await freePort(), env);
    assertOneSentence(result, home, /there is no program .*make all builds it/);
});

test('a setting that is none is told of, and nothing is left running', async () => {
    const home = newHome();
    const result = await control('start', home, await freePort(), { HEARTLINE_API_WORKERS: 'many' });
    assertOneSentence(result, home, /HEARTLINE_API_WORKERS must be/);
});

test('stopping where nothing runs is no error, twice', async () => {
    const home = newHome();
    for (let i = 0; i < 2; i++) {
        const result = await control('stop', home, await freePort());
        assert.equal(result.code, 0, result.output);
        assert.match(result.output, /Nothing runs in/);
    }
});

test('a stopped copy leaves nothing running, refuses another PostgreSQL, and starts with all it had', async () => {
    const person = await stack.register();
    assert.equal((await control('stop', stack.home, stack.port)).code, 0);
    assert.deepEqual(processes(stack), []);
    const left = fs.readdirSync(path.join(stack.home, 'run')).filter((name) => /\.(sock|pid|bell)$|^\.s\./.test(name));
    assert.deepEqual(left, []);

    const version = path.join(stack.home, 'pg/PG_VERSION');
    const installed = fs.readFileSync(version, 'utf8');
    fs.writeFileSync(version, '9\n');
    const old = await control('start', stack.home, stack.port);
    fs.writeFileSync(version, installed);
    assertOneSentence(old, stack.home, /made by PostgreSQL 9, but version \d+ is installed/);

    const again = await control('start', stack.home, stack.port);
    assert.equal(again.code, 0, again.output);
    const reply = await stack.client().post('/auth/login', { identifier: person.full_name, password: person.password });
    assert.equal(reply.status, 200, reply.text);
    assert.equal((await person.api.get('/auth/me')).status, 200, 'a token outlives a restart');
});
