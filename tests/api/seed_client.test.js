// The Python client that desktop ECG apps carry, unchanged, from registration to the end of a session.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { newName, startStack } from '../support/stack.js';

let stack = null;
before(async () => {
    stack = await startStack();
});
after(() => stack?.stop());

/* Debian's own python3, whose packages deps.sh installed; another one in the path may lack them. */
function drive(...args) {
    const script = fileURLToPath(new URL('seed_client.py', import.meta.url));
    const env = { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore' };
    env.BACKEND_API_URL = `${stack.url}/api/v1`;
    return new Promise((resolve, reject) => {
        const options = { env, timeout: 60000, maxBuffer: 1 << 26 };
        execFile('/usr/bin/python3', [script, ...args], options, (error, stdout, stderr) => {
            if (error) reject(new Error(stderr || error.message));
            else resolve(JSON.parse(stdout));
        });
    });
}

test('the desktop client runs unchanged, and what it posted comes back', async () => {
    const [name, serial] = [newName('John Doe'), newName('ECG')];
    const { replies, leads } = await drive(name, serial, 'hashed_password');

    assert.match(replies.register.user_id, /^[0-9a-f-]{36}$/);
    assert.ok(replies.register.token);
    assert.equal(replies.login.user_id, replies.register.user_id);
    assert.ok(replies.login.token);
    assert.equal(replies.login.user_profile.full_name, name);
    assert.match(replies.session, /^session_\d{8}_\d{6}/);
    assert.equal(replies.metrics.length, 3);
    for (const reply of replies.metrics) {
        assert.equal(reply.status, 'success');
        assert.match(reply.metrics_id, /^metric_\d+$/);
    }
    assert.equal(replies.waveform.status, 'success');
    assert.match(replies.waveform.waveform_id, /^waveform_\d+$/);
    assert.equal(replies.report.status, 'success');
    assert.match(replies.report.report_id, /^report_\d+$/);
    assert.equal(replies.end.status, 'success');
    assert.deepEqual(replies['after the end'], { status: 'error', message: 'No active session' });

    const [session] = replies.sessions.sessions;
    assert.equal(session.session_id, replies.session);
    assert.equal(session.duration_seconds, 1800);
    assert.equal(session.average_heart_rate, 75);
    assert.deepEqual(session.arrhythmias_detected, ['PVC', 'PAC']);
    assert.ok(Date.parse(session.end_time) >= Date.parse(session.start_time));

    const { data } = replies;
    assert.equal(data.session_id, replies.session);
    const acknowledged = replies.metrics.map((reply) => reply.metrics_id);
    assert.deepEqual(data.metrics_timeline.map((row) => row.metrics_id), acknowledged);
    assert.deepEqual(data.metrics_timeline.map((row) => row.metrics.heart_rate), [75, 76, 77]);
    assert.deepEqual(data.metrics_timeline[0].metrics, {
        heart_rate: 75, pr_interval: 160, qrs_duration: 85, qrs_axis: 45, st_segment: 0, qt_interval: 380,
        qtc_interval: 400, hrv: 45, rr_interval: 800, sampling_rate: 80,
    });
    const [segment] = data.waveform_segments;
    assert.equal(segment.waveform_id, replies.waveform.waveform_id);
    assert.equal(segment.sampling_rate, 80);
    assert.equal(Object.keys(segment.leads).length, 12);
    assert.deepEqual(segment.leads, leads);
    const [report] = data.reports;
    assert.equal(report.report_id, replies.report.report_id);
    assert.equal(report.conclusion, 'Normal sinus rhythm. No significant abnormalities detected.');
    const file = await fetch(replies.report.url, { headers: { Authorization: `Bearer ${replies.login.token}` } });
    assert.equal(file.status, 200);
    assert.match(await file.text(), /^%PDF-1\.4/);
});
