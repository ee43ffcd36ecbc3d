// Paper arithmetic and the words and digits on the screen.
import test from 'node:test';
import assert from 'node:assert/strict';
import {
    chooseGain,
    devicePxPerMm,
    initialView,
    millivoltView,
    orderLeads,
    rhythmLead,
    scaleText,
    uncalibratedView,
    viewFits,
} from '../../static/js/signal/scale.js';
import { ageWords, metricRows, wholeNumber } from '../../static/js/format.js';
import { parseRoute, patientAddress } from '../../static/js/router.js';

test('a millimetre is a whole number of device pixels', () => {
    assert.equal(devicePxPerMm(1), 4);
    assert.equal(devicePxPerMm(2), 8);
    assert.equal(devicePxPerMm(3), 11);
});

test('leads stand in the customary order, others after them', () => {
    assert.deepEqual(orderLeads(['X', 'V5', 'MLII', 'aVF', 'I']), ['I', 'MLII', 'aVF', 'V5', 'X']);
    assert.equal(rhythmLead(['V1', 'II']), 'II');
    assert.equal(rhythmLead(['V5', 'MLII']), 'MLII');
    assert.equal(rhythmLead(['X']), 'X');
    assert.equal(rhythmLead([]), null);
});

test('the gain is 10 mm/mV unless the signal would not fit', () => {
    assert.equal(chooseGain(1.5, 28), 10);
    assert.equal(chooseGain(2.8, 28), 5);
    assert.equal(chooseGain(50, 28), 2.5);
});

test('a view keeps while the signal is inside it', () => {
    const view = millivoltView(-0.5, 1.1, 10);
    assert.ok(Math.abs(view.centre - 0.3) < 1e-9);
    assert.ok(viewFits(view, -0.5, 1.1, 28));
    assert.ok(!viewFits(view, -0.5, 2.1, 28));
    assert.ok(!viewFits(view, -1.05, -0.9, 28));
    assert.ok(viewFits(initialView(28, 10), -0.3, 1.2, 28));
});

test('counts are scaled to the strip and never called millivolts', () => {
    const view = uncalibratedView(2000, 2400, 40);
    assert.equal(view.centre, 2200);
    assert.equal(view.mmPerUnit * 400, 30);
    assert.equal(scaleText(25, 'mV', 10), '25 mm/s · 10 mm/mV');
    assert.ok(!scaleText(25, 'adu', 10).includes('mV'));
    assert.ok(scaleText(25, 'adu', 10).includes('uncalibrated'));
});

test('unknown numbers are dashes, ages are words', () => {
    assert.equal(wholeNumber(null), '--');
    assert.equal(wholeNumber(71.6), '72');
    assert.equal(ageWords(400), 'now');
    assert.equal(ageWords(30000), '30 s ago');
    assert.equal(ageWords(600000), '10 min ago');
    assert.equal(ageWords(NaN), 'age unknown');
});

test('every metric that a device sent is shown, known ones with unit', () => {
    const rows = metricRows({
        t_ms: 1,
        source: 'device',
        heart_rate: 75,
        qtc_interval: 400,
        own_index: 1.25,
        nothing: null,
    });
    assert.deepEqual(rows, [
        ['Heart rate', '75', 'bpm'],
        ['QTc', '400', 'ms'],
        ['Own index', '1.25', ''],
    ]);
});

test('addresses lead to the wall or to one patient', () => {
    assert.deepEqual(parseRoute(''), { page: 'wall' });
    assert.deepEqual(parseRoute('#/nonsense'), { page: 'wall' });
    assert.deepEqual(parseRoute(patientAddress('a/b ä')), { page: 'patient', patient: 'a/b ä' });
    assert.deepEqual(parseRoute('#/patient/%'), { page: 'patient', patient: '%' });
});
