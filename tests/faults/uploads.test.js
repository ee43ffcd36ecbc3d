// Acknowledged is stored, exactly once: eight devices upload, each repeating what was not answered until it is, while
// workers, web server and database are killed with -9 at random.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { kill, ready, victims } from '../support/faults.js';
import { startStack, until } from '../support/stack.js';
import { wave } from '../support/waves.js';

const SECONDS = 20;
const DEVICES = 8;

let stack = null;
before(async () => {
    stack = await startStack({ fresh: true });
});
after(() => stack?.stop());

/* The same text until the answer says success: what a patient client does. Counts how often it had to repeat. */
async function persist(device, where, body, tally) {
    const payload = JSON.stringify(body);
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${device.token}` };
    for (let tries = 0; tries < 600; tries++) {
        try {
            const options = { method: 'POST', headers, body: payload, signal: AbortSignal.timeout(5000) };
            const response = await fetch(`${stack.url}/api/v1${where}`, options);
            const text = await response.text();
            if (response.status === 200 || response.status === 201) return JSON.parse(text);
            tally.set(response.status, (tally.get(response.status) ?? 0) + 1);
            assert.ok([502, 503, 504].includes(response.status), `${where}: ${response.status} ${text}`);
        } catch (error) {
            if (error.code === 'ERR_ASSERTION') throw error;
            tally.set('lost', (tally.get('lost') ?? 0) + 1);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`never acknowledged: ${where} ${payload.slice(0, 100)}`);
}

async function upload(device, index, deadline, tally) {
    const acknowledged = { metrics: [], waveforms: [] };
    const base = Date.now() - 3600e3;
    for (let n = 0; Date.now() < deadline; n++) {
        const timestamp = new Date(base + n * 1000).toISOString();
        const where = `/sessions/${device.session_id}`;
        const metrics = { timestamp, metrics: { heart_rate: 60 + index, hrv: n } };
        acknowledged.metrics.push((await persist(device, `${where}/metrics`, metrics, tally)).metrics_id);
        const chunk = { timestamp, sampling_rate: 250, leads: { I: wave(250, n), II: wave(250, n + index) } };
        acknowledged.waveforms.push((await persist(device, `${where}/waveform`, chunk, tally)).waveform_id);
    }
    return acknowledged;
}

/* One victim after the other in a new order each time, the next one when the system is ready again or soon after. */
async function rampage(deadline) {
    const killed = new Map();
    let order = [];
    while (Date.now() < deadline) {
        if (order.length === 0) order = Object.keys(victims).sort(() => Math.random() - 0.5);
        const victim = order.pop();
        const pids = kill(stack, victim);
        if (pids.length > 0) killed.set(victim, (killed.get(victim) ?? 0) + 1);
        const patience = Date.now() + 1500;
        while (Date.now() < Math.min(patience, deadline) && !(await ready(stack))) {
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 400));
    }
    return killed;
}

test('every acknowledged upload is stored once and analysed, and the system recovers by itself', async (t) => {
    const devices = await Promise.all(
        Array.from({ length: DEVICES }, async () => {
            const device = await stack.register();
            return { ...device, session_id: await stack.startSession(device) };
        }),
    );
    const deadline = Date.now() + SECONDS * 1000;
    const tally = new Map();
    const work = devices.map((device, index) => upload(device, index, deadline, tally));
    const [killed, ...acknowledged] = await Promise.all([rampage(deadline), ...work]);

    await until('the system is ready again by itself', () => ready(stack), { seconds: 30 });
    const metrics = acknowledged.flatMap((one) => one.metrics);
    const waveforms = acknowledged.flatMap((one) => one.waveforms);
    t.diagnostic(`killed ${JSON.stringify([...killed])}; refused or lost ${JSON.stringify([...tally])}`);
    t.diagnostic(`${metrics.length} metrics and ${waveforms.length} waveforms acknowledged`);
    for (const victim of Object.keys(victims)) assert.ok(killed.has(victim), `${victim} was killed at least once`);
    assert.ok(metrics.length > DEVICES, 'there was work done');

    for (const [table, id, wanted] of [['metrics', 'metric_id', metrics], ['waveforms', 'waveform_id', waveforms]]) {
        assert.equal(new Set(wanted).size, wanted.length, `no ${id} was given to two different uploads`);
        const rows = await stack.psql(`select ${id} from ${table} join sessions using (session_key)
            where user_id in (${devices.map((device) => `'${device.user_id}'`)})`);
        const stored = rows.map(([number]) => `${id.replace('_id', '')}_${number}`);
        assert.deepEqual(stored.sort(), [...wanted].sort(), `${table}: what is stored is what was acknowledged`);
        const twice = await stack.psql(`select session_key, time, count(*) from ${table}
            where session_key in (select session_key from sessions where device_serial is not null)
            group by session_key, time having count(*) > 1`);
        assert.deepEqual(twice, [], `${table}: one row for one time of a device`);
    }
    const lost = await stack.psql(`select session_key, count(*) from sessions join waveforms using (session_key)
        where sample_count <> 250 group by session_key having min(sampling_rate) = 250`);
    assert.deepEqual(lost, [], 'no chunk is stored in part');
    const queued = () => stack.value('select count(*) from analysis_queue');
    await until('the analysis has caught up', async () => (await queued()) === '0', { seconds: 30 });
});
