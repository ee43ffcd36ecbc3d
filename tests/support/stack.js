// A throwaway copy of everything for tests: its own database, sockets and port in a temporary folder, gone afterwards.
//
// Starting one takes seconds, so the files of a run may share one: with_stack.js starts it and names it in
// HEARTLINE_TEST_URL and HEARTLINE_TEST_HOME, and startStack() then attaches to it. A test on a shared stack looks only
// at people it registered itself. A test that breaks things asks for {fresh: true}.
import { execFile, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from './client.js';

export const repo = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const build = path.resolve(process.env.HEARTLINE_BUILD ?? path.join(repo, 'build'));
const script = path.join(repo, 'cgi-bin/stack.sh');

/* A port that nobody listens on now, on any address. */
export function freePort() {
    return new Promise((resolve, reject) => {
        const server = net.createServer();
        server.on('error', reject);
        server.listen(0, () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

/* Asks until the answer is truthy and returns it. An exception counts as "not yet". */
export async function until(what, ask, { seconds = 15, every_ms = 40 } = {}) {
    const deadline = Date.now() + seconds * 1000;
    let trouble = null;
    for (;;) {
        try {
            const answer = await ask();
            if (answer) return answer;
            trouble = null;
        } catch (error) {
            trouble = error;
        }
        if (Date.now() > deadline) {
            throw new Error(`${what}: not within ${seconds} s${trouble ? ` (${trouble.message})` : ''}`);
        }
        await new Promise((resolve) => setTimeout(resolve, every_ms));
    }
}

/* Only what the caller says decides: settings of the shell the tests were started from stay outside. */
function environment(home, port, more = {}) {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HEARTLINE_')));
    return {
        ...clean,
        HEARTLINE_HOME: home,
        HEARTLINE_PORT: String(port),
        HEARTLINE_BUILD: build,
        HEARTLINE_SQL: path.join(repo, 'sql'),
        HEARTLINE_SIGNIN_RATE: '1000',
        HEARTLINE_START_SECONDS: '90',
        ...more,
    };
}

/* Runs a program to its end. Its output goes through files: what it leaves running may hold a pipe open. */
function finish(command, args, { env, timeout_s = 150 } = {}) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hl-out-'));
    const file = path.join(folder, 'output');
    const fd = fs.openSync(file, 'w');
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { env, cwd: repo, stdio: ['ignore', fd, fd] });
        const timer = setTimeout(() => child.kill('SIGKILL'), timeout_s * 1000);
        child.on('error', reject);
        child.on('exit', (code) => {
            clearTimeout(timer);
            fs.closeSync(fd);
            const output = fs.readFileSync(file, 'utf8');
            fs.rmSync(folder, { recursive: true });
            resolve({ code: code ?? 1, output });
        });
    });
}

/* `stack.sh VERB` for any home and port: {code, output}. */
export function control(verb, home, port, env = {}) {
    return finish(script, [verb], { env: environment(home, port, env) });
}

/* Stopped and removed, whatever happens to this process. */
const mine = new Map();
process.on('exit', () => {
    for (const [home, port] of mine) {
        spawnSync(script, ['stop'], { env: environment(home, port), stdio: 'ignore' });
        fs.rmSync(home, { recursive: true, force: true });
    }
});
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]]) {
    process.once(signal, () => process.exit(128 + number));
}

/* An empty folder for a stack; short, for Unix sockets lie in it. */
export function makeHome() {
    return fs.mkdtempSync(path.join(os.tmpdir(), 'hl-t-'));
}

function newestPsql() {
    const root = '/usr/lib/postgresql';
    const versions = fs.existsSync(root) ? fs.readdirSync(root) : [];
    const found = versions
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => path.join(root, version, 'bin/psql'))
        .find((file) => fs.existsSync(file));
    return found ?? 'psql';
}

function readAccounts(home) {
    const lines = fs.readFileSync(path.join(home, 'secret/sign-in.txt'), 'utf8').trim().split('\n');
    return new Map(lines.map((line) => line.split(' ')));
}

let people = 0;
/* No two people of a run are called alike. */
export function newName(what = 'Patient') {
    people += 1;
    return `${what} ${process.pid}-${people}-${Date.now().toString(36)}`;
}

class Stack {
    constructor(home, port, shared, env) {
        this.home = home;
        this.port = port;
        this.url = `http://127.0.0.1:${port}`;
        this.shared = shared;
        this.env = environment(home, port, env);
        const accounts = readAccounts(home);
        this.adminName = 'admin';
        this.adminPassword = accounts.get('admin');
        this.clinicianName = 'clinician';
        this.clinicianPassword = accounts.get('clinician');
    }

    client(token = null) {
        return new Client(this.url, token);
    }

    /* Rows of text columns; NULL is ''. People read as heartline_read; a test that must see tables says otherwise. */
    psql(sql, { role = 'heartline_owner' } = {}) {
        const args = ['-XqAt', '-F', '\x1f', '-R', '\x1e', '-v', 'ON_ERROR_STOP=1'];
        args.push('-h', path.join(this.home, 'run'), '-U', role, '-d', 'heartline', '-c', sql);
        return new Promise((resolve, reject) => {
            execFile(newestPsql(), args, { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
                if (error) {
                    reject(new Error(stderr || error.message));
                    return;
                }
                const text = stdout.replace(/\n$/, '');
                resolve(text === '' ? [] : text.split('\x1e').map((row) => row.split('\x1f')));
            });
        });
    }

    /* The one value of a query. */
    async value(sql, options) {
        const rows = await this.psql(sql, options);
        return rows.length > 0 ? rows[0][0] : null;
    }

    /* The administrator's command: {code, output}. */
    run(...args) {
        return finish(path.join(build, 'heartline'), args, { env: this.env, timeout_s: 60 });
    }

    async login(identifier, password) {
        const reply = await this.client().post('/auth/login', { identifier, password });
        if (reply.status !== 200) throw new Error(`sign-in of ${identifier}: ${reply.status} ${reply.text}`);
        return reply.json.token;
    }

    admin() {
        return this.login(this.adminName, this.adminPassword);
    }

    clinician() {
        return this.login(this.clinicianName, this.clinicianPassword);
    }

    /* A new patient: {user_id, token, full_name, password, device_serial, api}. */
    async register(more = {}) {
        const person = { full_name: newName(), password: 'correct horse', device_serial: newName('ECG'), ...more };
        const reply = await this.client().post('/auth/register', person);
        if (reply.status !== 201) throw new Error(`registration: ${reply.status} ${reply.text}`);
        const { user_id, token } = reply.json;
        return { ...person, user_id, token, api: this.client(token) };
    }

    /* A session of a person, started now: its id. */
    async startSession(person, more = {}) {
        const body = { device_serial: person.device_serial, device_info: { sampling_rate: 80 }, ...more };
        const reply = await person.api.post('/sessions/start', body);
        if (reply.status !== 201) throw new Error(`session: ${reply.status} ${reply.text}`);
        return reply.json.session_id;
    }

    async stop() {
        if (this.shared) return;
        await control('stop', this.home, this.port);
        mine.delete(this.home);
        fs.rmSync(this.home, { recursive: true, force: true });
    }
}

function attach() {
    const { HEARTLINE_TEST_URL: url, HEARTLINE_TEST_HOME: home } = process.env;
    return url && home ? new Stack(home, Number(new URL(url).port), true, {}) : null;
}

async function begin(env) {
    const home = makeHome();
    const port = await freePort();
    mine.set(home, port);
    const { code, output } = await control('start', home, port, env);
    if (code !== 0) throw new Error(`the stack did not start:\n${output}`);
    return new Stack(home, port, false, env);
}

/* `env`: settings of this copy; only with `fresh`. */
export async function startStack({ fresh = false, env = {} } = {}) {
    return (fresh ? null : attach()) ?? begin(env);
}
