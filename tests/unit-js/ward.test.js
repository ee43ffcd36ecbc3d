// The ward: what the events of the live stream make of the page's knowledge, and what may be shown as live.
import test from 'node:test';
import assert from 'node:assert/strict';
import { STALE_MS, beatLetter, heartRateOf } from '../../static/js/heart.js';
import { Ward } from '../../static/js/ward.js';

const T0 = 1767268800000;

function setUp() {
    const calls = [];
    const clock = { ms: 1000 };
    const note = (what) => (heart) => calls.push([what, heart?.patient]);
    const ward = new Ward(
        { added: note('added'), changed: note('changed'), removed: note('removed'), loaded: note('loaded') },
        () => clock.ms,
    );
    ward.apply('hello', { epoch: 'e', now_ms: T0 });
    return { ward, clock, calls };
}

function patient(more = {}) {
    return {
        patient: 'p1',
        name: 'Bed 3',
        virtual: true,
        session: 's1',
        state: 'live',
        since_ms: T0,
        vitals: null,
        device_metrics: null,
        ecg: null,
        beats: [],
        ...more,
    };
}

function ecg(n, count, more = {}) {
    return {
        patient: 'p1',
        session: 's1',
        n,
        t_ms: T0 + n * 2,
        fs_hz: 500,
        units: 'mV',
        gain: 1000,
        leads: ['II'],
        samples: [new Array(count).fill(1)],
        ...more,
    };
}

test('a snapshot brings patients, a second one takes away who is gone', () => {
    const { ward, calls } = setUp();
    ward.apply('snapshot', { now_ms: T0, patients: [patient(), patient({ patient: 'p2' })] });
    ward.apply('snapshot', { now_ms: T0, patients: [patient()] });
    assert.deepEqual([...ward.hearts.keys()], ['p1']);
    assert.ok(calls.some((call) => call[0] === 'removed' && call[1] === 'p2'));
    assert.equal(calls.filter((call) => call[0] === 'loaded').length, 2);
});

test('a snapshot after a reconnection adds nothing twice', () => {
    const { ward } = setUp();
    const beats = [{ n: 300, t_ms: T0 + 600, code: 'N', rr_ms: null }];
    const history = { ...ecg(0, 5000), patient: undefined };
    ward.apply('snapshot', { now_ms: T0, patients: [patient({ ecg: history, beats })] });
    ward.apply('ecg', ecg(5000, 125));
    ward.apply('beat', { patient: 'p1', session: 's1', ...beats[0] });
    ward.apply('snapshot', { now_ms: T0, patients: [patient({ ecg: { ...ecg(500, 5000) }, beats })] });
    const heart = ward.hearts.get('p1');
    assert.equal(heart.strip.nextN, 5500);
    assert.equal(heart.gapCount, 0);
    assert.equal(heart.duplicateCount, 4625);
    assert.equal(heart.beats.length, 1);
});

test('lost chunks are a gap, a new session is a new strip', () => {
    const { ward } = setUp();
    ward.apply('snapshot', { now_ms: T0, patients: [patient()] });
    ward.apply('ecg', ecg(0, 125));
    ward.apply('ecg', ecg(250, 125));
    const heart = ward.hearts.get('p1');
    assert.equal(heart.gapCount, 1);
    ward.apply('ecg', ecg(0, 125, { session: 's2' }));
    assert.equal(heart.strip.session, 's2');
    assert.equal(heart.gapCount, 1);
});

test('beats count when the pen has passed them, not before', () => {
    const { ward, clock } = setUp();
    ward.apply('snapshot', { now_ms: T0, patients: [patient()] });
    ward.apply('ecg', ecg(0, 125));
    ward.apply('beat', { patient: 'p1', session: 's1', n: 60, t_ms: T0 + 120, code: 'N' });
    ward.apply('beat', { patient: 'p1', session: 's1', n: 200, t_ms: T0 + 400, code: 'N' });
    ward.advance(clock.ms);
    const heart = ward.hearts.get('p1');
    assert.equal(heart.beatsDrawn, 1);
    clock.ms += 250;
    ward.apply('ecg', ecg(125, 125));
    for (let ms = 0; ms < 400; ms += 16) ward.advance(clock.ms + ms);
    assert.equal(heart.beatsDrawn, 2);
});

test('a heart rate older than five seconds is not shown', () => {
    const { ward, clock } = setUp();
    ward.apply('snapshot', { now_ms: T0, patients: [patient()] });
    ward.apply('vitals', {
        patient: 'p1',
        session: 's1',
        t_ms: T0,
        source: 'computed',
        heart_rate_bpm: 72,
        rr_ms: 833,
    });
    const heart = ward.hearts.get('p1');
    assert.deepEqual(heart.heartRate(clock.ms), { bpm: 72, source: 'computed' });
    assert.equal(heart.heartRate(clock.ms + STALE_MS), null);
});

test('a snapshot of old numbers shows no number', () => {
    const { ward, clock } = setUp();
    const vitals = { t_ms: T0 - 60000, source: 'computed', heart_rate_bpm: 72, rr_ms: 833 };
    ward.apply('snapshot', { now_ms: T0, patients: [patient({ state: 'silent', vitals })] });
    assert.equal(ward.hearts.get('p1').heartRate(clock.ms), null);
});

test('a device rate stands in when none is computed', () => {
    const { ward, clock } = setUp();
    ward.apply('snapshot', { now_ms: T0, patients: [patient()] });
    ward.apply('vitals', { patient: 'p1', t_ms: T0, source: 'device', heart_rate: 75 });
    assert.deepEqual(ward.hearts.get('p1').heartRate(clock.ms), { bpm: 75, source: 'device' });
    assert.equal(heartRateOf({ heart_rate: 0 }), null);
    assert.equal(heartRateOf(null), null);
});

test('five seconds without samples are silence by the page itself', () => {
    const { ward, clock } = setUp();
    ward.apply('snapshot', { now_ms: T0, patients: [patient()] });
    const heart = ward.hearts.get('p1');
    assert.equal(heart.signalState(clock.ms), 'waiting');
    ward.apply('ecg', ecg(0, 125));
    assert.equal(heart.signalState(clock.ms + STALE_MS - 1), 'live');
    assert.equal(heart.signalState(clock.ms + STALE_MS), 'silent');
});

test('a snapshot of a silent patient is not live, whatever signal it carries', () => {
    const { ward, clock } = setUp();
    ward.apply('snapshot', { now_ms: T0, patients: [patient({ state: 'silent', ecg: ecg(0, 5000) })] });
    assert.equal(ward.hearts.get('p1').signalState(clock.ms), 'silent');
});

test('the server says silent or ended: so does the page', () => {
    const { ward, clock } = setUp();
    ward.apply('snapshot', { now_ms: T0, patients: [patient()] });
    ward.apply('ecg', ecg(0, 125));
    ward.apply('state', { patient: 'p1', session: 's1', state: 'silent', since_ms: T0 });
    assert.equal(ward.hearts.get('p1').signalState(clock.ms), 'silent');
    ward.apply('state', { patient: 'p1', session: 's1', state: 'ended', since_ms: T0 });
    assert.equal(ward.hearts.get('p1').signalState(clock.ms), 'ended');
});

test('an expected patient and the stream announcing it are one tile', () => {
    const { ward, calls } = setUp();
    ward.expect({ patient: 'p1', name: 'New virtual patient', virtual: true, session: 's1' });
    ward.apply('patient', patient({ name: 'Virtual 4' }));
    ward.expect({ patient: 'p1', name: 'New virtual patient', virtual: true, session: 's1' });
    assert.equal(calls.filter((call) => call[0] === 'added').length, 1);
    assert.equal(ward.hearts.get('p1').name, 'Virtual 4');
});

test('unusual beats have letters and stand in the log', () => {
    const { ward } = setUp();
    ward.apply('snapshot', { now_ms: T0, patients: [patient()] });
    ward.apply('ecg', ecg(0, 500));
    ward.apply('beat', { patient: 'p1', session: 's1', n: 60, t_ms: T0 + 120, code: 'V', anomaly: 'PVC' });
    ward.apply('event', { patient: 'p1', session: 's1', t_ms: T0, kind: 'anomaly_injected', text: 'PVC injected' });
    assert.deepEqual(
        ward.hearts.get('p1').log.map((line) => line.text),
        ['Ventricular beat (V)', 'PVC injected'],
    );
    assert.equal(beatLetter({ code: 'N' }), '');
    assert.equal(beatLetter({ code: 'Q' }), '', 'an unclassified beat is not called an anomaly');
    assert.equal(beatLetter({ code: 'N', anomaly: 'PAC' }), 'A');
    assert.equal(beatLetter({ code: 'F' }), 'F');
});

test('a snapshot fills the log, in the order of time and once', () => {
    const { ward } = setUp();
    const events = [
        { t_ms: T0 - 3000, kind: 'anomaly_injected', text: 'PAC injected' },
        { t_ms: T0 - 1000, kind: 'anomaly_injected', text: 'PVC injected' },
    ];
    const beats = [{ n: 60, t_ms: T0 - 2000, code: 'A', rr_ms: 600 }];
    for (let i = 0; i < 2; i++) ward.apply('snapshot', { now_ms: T0, patients: [patient({ events, beats })] });
    ward.apply('event', { patient: 'p1', session: 's1', ...events[1] });
    assert.deepEqual(
        ward.hearts.get('p1').log.map((line) => line.text),
        ['PVC injected', 'Atrial premature beat (A)', 'PAC injected'],
    );
});

test('a gap is told in every log, unknown events and damaged chunks are passed over', () => {
    const { ward } = setUp();
    ward.apply('snapshot', { now_ms: T0, patients: [patient()] });
    ward.apply('gap', { from: null, to: 'e-9', reason: 'slow' });
    ward.apply('of-the-future', {});
    ward.apply('ecg', { patient: 'p1', session: 's1' });
    ward.apply('ecg', ecg(0, 125, { patient: 'nobody' }));
    assert.equal(ward.hearts.get('p1').log.length, 1);
    assert.equal(ward.hearts.get('p1').strip, null);
});
