// Breaking a stack on purpose: finding the processes of a service, killing them hard, and stopping services.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

function read(file, how) {
    try {
        return how(file);
    } catch {
        return null; // the process is gone, or not ours to look at
    }
}

/* All processes of this copy, known by the folder they stand in: {pid, service, command}. The postmaster's backends
   count as `postgres` too. */
export function processes(stack) {
    const found = [];
    for (const name of fs.readdirSync('/proc')) {
        if (!/^\d+$/.test(name)) continue;
        const cwd = read(`/proc/${name}/cwd`, fs.readlinkSync);
        if (!cwd?.startsWith(`${stack.home}/`)) continue;
        const inside = path.relative(stack.home, cwd);
        const service = inside === 'pg' ? 'postgres' : /^service\/(\w+)\/cwd$/.exec(inside)?.[1];
        const command = read(`/proc/${name}/cmdline`, (file) => fs.readFileSync(file, 'utf8'));
        if (!service || !command) continue;
        found.push({ pid: Number(name), service, command: command.replaceAll('\0', ' ').trim() });
    }
    return found;
}

const postmaster = (stack) => {
    const text = read(path.join(stack.home, 'pg/postmaster.pid'), (file) => fs.readFileSync(file, 'utf8'));
    return text ? [Number(text.split('\n')[0])] : [];
};
const pids = (stack, service, pattern) =>
    processes(stack).filter((one) => one.service === service && pattern.test(one.command)).map((one) => one.pid);

/* What can be killed, and how the process ids of it are found now. */
export const victims = {
    'an API worker': (stack) => pids(stack, 'api', /\/api$/).slice(0, 1),
    'every API worker': (stack) => pids(stack, 'api', /\/api$/),
    'the watcher of the API workers': (stack) => pids(stack, 'api', /multiwatch/),
    'the live worker': (stack) => pids(stack, 'live', /\/live$/),
    "nginx's master": (stack) => pids(stack, 'nginx', /master process/),
    "nginx's workers": (stack) => pids(stack, 'nginx', /worker process/),
    'the postmaster': postmaster,
    'a database backend': (stack) => pids(stack, 'postgres', /heartline_app/).slice(0, 1),
};

/* kill -9; the ids that were there to be killed. */
export function kill(stack, victim) {
    return victims[victim](stack).filter((pid) => {
        try {
            process.kill(pid, 'SIGKILL');
            return true;
        } catch {
            return false;
        }
    });
}

/* `sv VERB SERVICE`, waiting until it is so. */
export function service(stack, verb, name) {
    return new Promise((resolve, reject) => {
        execFile('sv', ['-w', '20', verb, path.join(stack.home, 'service', name)], (error, stdout) => {
            if (error) reject(new Error(stdout || error.message));
            else resolve();
        });
    });
}

/* GET below the server: the status, 0 when there is no server. */
export async function status(stack, where) {
    try {
        const response = await fetch(stack.url + where, { signal: AbortSignal.timeout(8000) });
        await response.arrayBuffer();
        return response.status;
    } catch {
        return 0;
    }
}
export const ready = async (stack) => (await status(stack, '/readyz')) === 200;
