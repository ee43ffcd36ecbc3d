// What was found, in words: rhythms and how grave they are, intervals, the quality of leads. What is unknown is two dashes,
// and what is not of now is unknown.
import test from 'node:test';
import assert from 'node:assert/strict';
import { durationWords, gravestKind, hrvRows, intervalRows, qualitySummary, qualityWords } from '../../static/js/findings.js';
import { Ward } from '../../static/js/ward.js';

const T0 = 1767268800000;

/* A patient whose signal is live, watched at T0. */
function setUp(more = {}) {
    const clock = { ms: 1000 };
    const ward = new Ward({}, () => clock.ms);
    ward.apply('hello', { now_ms: T0 });
    const ecg = { n: 0, t_ms: T0, fs_hz: 500, units: 'mV', gain: 1000, leads: ['II'], samples: [[1, 2, 3]] };
    const info = { patient: 'p1', name: 'Bed 3', session: 's1', state: 'live', since_ms: T0, ecg, ...more };
    ward.apply('snapshot', { now_ms: T0, patients: [info] });
    return { ward, clock, heart: ward.hearts.get('p1') };
}

const episode = (rhythm, onset, more = {}) => ({
    patient: 'p1', session: 's1', rhythm, label: rhythm, onset_ms: T0 + onset, end_ms: T0 + onset, open: true, basic: true, ...more,
});

test('a rhythm is told when it begins and gone when it ends; the basic one comes first', () => {
    const { ward, heart, clock } = setUp();
    ward.apply('episode', episode('ventricular_bigeminy', 500, { basic: false }));
    ward.apply('episode', episode('sinus_rhythm', 1000));
    assert.deepEqual(heart.rhythms(clock.ms).map((e) => e.rhythm), ['sinus_rhythm', 'ventricular_bigeminy']);
    ward.apply('episode', episode('ventricular_bigeminy', 500, { basic: false, open: false, end_ms: T0 + 4000 }));
    assert.deepEqual(heart.rhythms(clock.ms).map((e) => e.rhythm), ['sinus_rhythm']);
    assert.equal(heart.episodes.length, 2, 'history keeps it');
});

test('an episode that turned out not to have been is gone', () => {
    const { ward, heart } = setUp();
    ward.apply('episode', episode('asystole', 500));
    ward.apply('episode', episode('asystole', 500, { open: false, end_ms: T0 + 500 }));
    assert.deepEqual(heart.episodes, []);
});

test('a signal that does not come has no rhythm', () => {
    const { ward, heart, clock } = setUp();
    ward.apply('episode', episode('sinus_rhythm', 0));
    assert.equal(heart.rhythms(clock.ms).length, 1);
    clock.ms += 6000;
    assert.deepEqual(heart.rhythms(clock.ms), []);
});

test('what is told of another session is not shown', () => {
    const { ward, heart } = setUp();
    ward.apply('episode', { ...episode('sinus_rhythm', 0), session: 's0' });
    ward.apply('quality', { patient: 'p1', session: 's0', counts: { noisy: 1 }, shown: 'noisy' });
    ward.apply('measurements', { patient: 'p1', session: 's0', figures: {} });
    assert.deepEqual([heart.episodes, heart.quality, heart.found.measurements], [[], null, null]);
});

test('a snapshot brings what is known, and a newer one replaces it', () => {
    const { ward, heart } = setUp({
        episodes: [episode('sinus_rhythm', 0)],
        quality: { counts: { good: 1 }, shown: 'good', leads: { II: 'good' } },
        measurements: { t_ms: T0, figures: {} },
    });
    assert.equal(heart.episodes.length, 1);
    assert.equal(heart.leadQuality('II'), 'good');
    assert.equal(heart.leadQuality('V1'), undefined);
    assert.ok(heart.found.measurements);
    ward.apply('patient', { patient: 'p1', session: 's2', state: 'silent' });
    assert.deepEqual([heart.episodes, heart.quality, heart.found.measurements], [[], null, null]);
});

test('however many episodes there are, what goes on is kept', () => {
    const { ward, heart, clock } = setUp();
    ward.apply('episode', episode('sinus_rhythm', 0));
    for (let i = 1; i < 300; i++) ward.apply('episode', episode('pause', i * 10, { basic: false, open: false, end_ms: T0 + i * 10 + 5 }));
    assert.ok(heart.episodes.length <= 40);
    assert.equal(heart.rhythms(clock.ms)[0].rhythm, 'sinus_rhythm');
});

test('the wall knows of the lead that it shows', () => {
    const { ward, heart } = setUp();
    ward.apply('quality', { patient: 'p1', session: 's1', t_ms: T0, counts: { good: 11, lead_off: 1 }, shown: 'lead_off' });
    assert.equal(heart.leadQuality('II'), 'lead_off');
});

test('quality in words', () => {
    assert.equal(qualityWords('lead_off'), 'lead off');
    assert.equal(qualityWords('good'), '');
    assert.equal(qualityWords(undefined), '');
    assert.equal(qualitySummary(null), '');
    assert.equal(qualitySummary({ counts: { good: 12 } }), '');
    assert.equal(qualitySummary({ counts: { good: 9, lead_off: 2, noisy: 1 } }), '2 leads off, 1 noisy');
});

test('the gravest of several rhythms gives the mark', () => {
    const named = (...names) => names.map((rhythm) => ({ rhythm }));
    assert.equal(gravestKind([]), 'unknown');
    assert.equal(gravestKind(named('sinus_rhythm')), 'normal');
    assert.equal(gravestKind(named('sinus_rhythm', 'av_block_1')), 'other');
    assert.equal(gravestKind(named('atrial_fibrillation', 'ventricular_tachycardia')), 'grave');
    assert.equal(gravestKind(named('a_rhythm_of_tomorrow')), 'other');
});

test('an interval that is unknown is two dashes, never nought', () => {
    const figures = {
        pr_interval: { value: null, spread: null, beats: 0, resolution: null },
        qrs_duration: { value: 96.4, spread: 2.5, beats: 11, resolution: 2 },
        qrs_axis: { value: 0, spread: null, beats: 1, resolution: 1 },
    };
    const rows = Object.fromEntries(intervalRows(figures).map(([name, ...rest]) => [name, rest]));
    assert.deepEqual(rows.PR, ['--', '', 'unknown']);
    assert.deepEqual(rows.QRS, ['96', 'ms', 'median of 11 beats, spread 2.5 ms, resolution 2 ms']);
    assert.deepEqual(rows['QRS axis'], ['0', '°', 'median of 1 beat, resolution 1 °']);
    assert.deepEqual(rows['QTc Bazett'], ['--', '', 'unknown']);
    assert.ok(intervalRows(null).every(([, value]) => value === '--'));
    assert.deepEqual(hrvRows(null), []);
    assert.deepEqual(hrvRows({ sdnn: 41.2, rmssd: null, intervals: 300, withheld: null })[1].slice(1, 3), ['--', '']);
});

test('lengths of time in words', () => {
    const words = [0, 1240, 12000, 119000, 240000, 7500000, 200000000].map(durationWords);
    assert.deepEqual(words, ['0 s', '1.2 s', '12 s', '119 s', '4 min', '2 h 5 min', '2 days']);
    assert.equal(durationWords(NaN), '--');
});
