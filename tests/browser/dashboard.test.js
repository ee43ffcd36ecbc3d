// The page in a real browser: a person signs in, adds a virtual patient, sees its heart beat, injects beats, reloads,
// opens the patient's page and loses the connection. Runs against HEARTLINE_URL when that is set (with
// HEARTLINE_ADMIN_NAME and HEARTLINE_ADMIN_PASSWORD), else against a stack of its own. Screenshots are left in
// BUILD/screenshots to be looked at.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ARGUMENTS = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];
const repo = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const pictures = path.join(process.env.HEARTLINE_BUILD ?? path.join(repo, 'build'), 'screenshots');

let stack = null;
let wire = null; // a relay between browser and server that the test can cut
let browser = null;
let context = null;
let page = null;
const trouble = []; // errors on the page, and requests to anybody else

async function openStack() {
    if (process.env.HEARTLINE_URL) {
        return {
            url: process.env.HEARTLINE_URL,
            adminName: process.env.HEARTLINE_ADMIN_NAME,
            adminPassword: process.env.HEARTLINE_ADMIN_PASSWORD,
            stop: async () => {},
        };
    }
    const { startStack } = await import('../support/stack.js');
    return startStack();
}

/* Hands bytes on between the browser and the server; cut() breaks every connection and refuses new ones. */
async function openWire(url) {
    const target = new URL(url);
    const sockets = new Set();
    let isCut = false;
    const join = (from, to) => {
        sockets.add(from);
        from.pipe(to);
        from.on('error', () => {});
        from.on('close', () => {
            sockets.delete(from);
            to.destroy();
        });
    };
    const server = net.createServer((near) => {
        if (isCut) {
            near.destroy();
            return;
        }
        const far = net.connect(Number(target.port || 80), target.hostname);
        join(near, far);
        join(far, near);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const breakAll = () => {
        for (const socket of sockets) socket.destroy();
    };
    return {
        url: `http://127.0.0.1:${server.address().port}/`,
        mend: () => {
            isCut = false;
        },
        cut: () => {
            isCut = true;
            breakAll();
        },
        close: () => {
            breakAll();
            server.close();
        },
    };
}

before(async () => {
    fs.mkdirSync(pictures, { recursive: true });
    stack = await openStack();
    wire = await openWire(stack.url);
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(15000);
    page.on('pageerror', (error) => trouble.push(String(error)));
    page.on(
        'console',
        (message) => /Content Security Policy|Refused/.test(message.text()) && trouble.push(message.text()),
    );
    page.on(
        'request',
        (request) => new URL(request.url()).origin === new URL(wire.url).origin || trouble.push(request.url()),
    );
    await page.goto(wire.url);
});

after(async () => {
    await browser?.close();
    wire?.close();
    await stack?.stop();
});

async function signIn(name, password) {
    await page.fill('#identifier', name);
    await page.fill('#password', password);
    await page.click('hl-sign-in button[type=submit]');
}

const picture = (name) => page.screenshot({ path: path.join(pictures, `${name}.png`) });
const tileOf = (patient) => page.locator(`hl-tile[data-patient="${patient}"]`);
const sweepOf = (patient) => tileOf(patient).locator('hl-sweep');
const dataOf = (locator) => locator.evaluate((element) => ({ ...element.dataset }));

/* Presses "Add virtual patient" and measures in the page, frame by frame: when the tile came, when the pen had drawn
 * the first beat (its R peak), and when that beat was also marked, which waits for the detector. Milliseconds from the
 * press. */
function addPatient() {
    return page.evaluate(
        () =>
            new Promise((resolve, reject) => {
                const tiles = () => [...document.querySelectorAll('hl-tile')];
                const old = new Set(tiles().map((tile) => tile.dataset.patient));
                const pen = [];
                let tileMs = null;
                const startMs = performance.now();
                const look = () => {
                    const nowMs = performance.now() - startMs;
                    const tile = tiles().find((other) => !old.has(other.dataset.patient));
                    if (tile) {
                        tileMs ??= nowMs;
                        pen.push([nowMs, tile.heart.shownN]);
                    }
                    if (tile && tile.heart.beatsDrawn > 0) {
                        const drawnMs = pen.find(([, n]) => n >= tile.heart.beats[0].n)[0];
                        resolve({ patient: tile.dataset.patient, tileMs, drawnMs, markedMs: nowMs });
                    } else if (nowMs > 10000) reject(new Error(`no beat after 10 s (tile after ${tileMs} ms)`));
                    else requestAnimationFrame(look);
                };
                document.querySelector('[data-action="add"]').click();
                look();
            }),
    );
}

/* How often the patient's tile has drawn a beat of this letter, by the events the page has heard. */
function countBeats(patient, anomaly) {
    return tileOf(patient).evaluate((tile, wanted) => {
        const letter = { PVC: 'V', PAC: 'A' }[wanted];
        return tile.heart.beats.filter((beat) => beat.anomaly === wanted || beat.code === letter).length;
    }, anomaly);
}

let patient = null;

test('a wrong password is refused in words', async () => {
    await signIn(stack.adminName, 'certainly not this');
    await page.waitForFunction(() => document.querySelector('.form-message')?.textContent.includes('not right'));
});

test('signing in shows the wall and who is signed in', async () => {
    await signIn(stack.adminName, stack.adminPassword);
    await page.waitForSelector('hl-wall');
    await page.waitForFunction(
        (name) => document.querySelector('hl-header .who').textContent.includes(name),
        stack.adminName,
    );
    assert.match(await page.textContent('.foot'), /not a certified medical device/);
    assert.equal(await page.evaluate(() => document.cookie), '', 'no script can read the cookie');
});

test('a new virtual patient beats on the screen within half a second', async (t) => {
    await page.waitForFunction(() => document.querySelector('hl-wall').isLoaded);
    const tries = [];
    for (let i = 0; i < 3; i++) tries.push(await addPatient());
    patient = tries[0].patient;
    const inOrder = (name) => tries.map((each) => Math.round(each[name])).sort((one, other) => one - other);
    const drawn = inOrder('drawnMs');
    t.diagnostic(`first beat drawn: ${drawn} ms, marked: ${inOrder('markedMs')} ms, tile: ${inOrder('tileMs')} ms`);
    assert.ok(drawn[1] <= 500, `the median is ${drawn[1]} ms`);
});

test('the sweep moves at the pace of the heart: nothing is skipped, nothing comes twice', async () => {
    await tileOf(patient).scrollIntoViewIfNeeded(); // what nobody sees is not drawn, and other tests leave patients
    await page.waitForFunction(
        (id) => Number(document.querySelector(`hl-tile[data-patient="${id}"] hl-sweep`).dataset.lastN) > 1500,
        patient,
    );
    const read = () =>
        tileOf(patient).evaluate((tile) => ({
            n: tile.heart.shownN,
            ms: performance.now(),
            fs: tile.heart.strip.fsHz,
            beats: tile.heart.beatsDrawn,
        }));
    const start = await read();
    await page.waitForFunction(
        ([id, n]) => document.querySelector(`hl-tile[data-patient="${id}"]`).heart.shownN >= n,
        [patient, start.n + 5 * start.fs],
    );
    const end = await read();
    const pace = (end.n - start.n) / start.fs / ((end.ms - start.ms) / 1000);
    assert.ok(pace > 0.9 && pace < 1.1, `${pace} s of signal a second`);
    assert.ok(end.beats - start.beats >= 3, 'beats are drawn');
    const sweep = await dataOf(sweepOf(patient));
    assert.deepEqual([sweep.gaps, sweep.duplicates], ['0', '0']);
});

test('the heart rate is a number and the state is said in words', async () => {
    await page.waitForFunction(
        (id) => /^\d+$/.test(document.querySelector(`hl-tile[data-patient="${id}"]`).dataset.heartRate),
        patient,
    );
    const tile = await dataOf(tileOf(patient));
    assert.ok(tile.heartRate > 30 && tile.heartRate < 200, tile.heartRate);
    assert.equal(tile.state, 'live');
    assert.equal(await tileOf(patient).locator('.state').textContent(), 'Live');
    await tileOf(patient).locator('.rhythm[data-kind="normal"]:has-text("Sinus")').waitFor();
    assert.equal(await tileOf(patient).locator('.quality').textContent(), '', 'no lead is complained of');
    await picture('wall');
});

test('the anomaly buttons work every time', async () => {
    for (const anomaly of ['PVC', 'PVC', 'PAC', 'PVC', 'PAC']) {
        const seen = await countBeats(patient, anomaly);
        await tileOf(patient).locator(`button[data-anomaly="${anomaly}"]`).click();
        await page.waitForFunction(
            ([id, letter, name, count]) => {
                const { heart } = document.querySelector(`hl-tile[data-patient="${id}"]`);
                return heart.beats.filter((beat) => beat.anomaly === name || beat.code === letter).length > count;
            },
            [patient, { PVC: 'V', PAC: 'A' }[anomaly], anomaly, seen],
        );
    }
    const lines = await tileOf(patient).evaluate((tile) => tile.heart.log.map((line) => line.text));
    assert.ok(lines.filter((line) => /PVC/.test(line)).length >= 3, lines.join('; '));
    await picture('anomalies');
});

test('a reload shows the same patients, with their signal, at once', async () => {
    const names = () =>
        page.locator('hl-tile').evaluateAll((tiles) => tiles.map((tile) => tile.dataset.patient).sort());
    const shown = await names();
    await page.reload();
    await page.waitForSelector(`hl-tile[data-patient="${patient}"][data-state="live"]`);
    assert.deepEqual(await names(), shown);
    const seconds = await tileOf(patient).evaluate(
        ({ heart }) => (heart.strip.nextN - heart.strip.oldestN) / heart.strip.fsHz,
    );
    assert.ok(seconds > 5, `${seconds} s of signal right after the reload`);
});

test('the page of a patient shows all leads with the printed scale', async () => {
    await tileOf(patient).locator('a.name').click();
    await page.waitForSelector('hl-patient-page[data-state="live"]');
    await page.waitForFunction(
        () => [...document.querySelectorAll('.leads hl-sweep')].filter((s) => s.dataset.lastN > 0).length >= 12,
    );
    const leads = await page
        .locator('.leads hl-sweep')
        .evaluateAll((sweeps) => sweeps.map((sweep) => sweep.dataset.lead));
    assert.deepEqual(leads.slice(0, 12), ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6']);
    assert.match(await page.textContent('.paper > .scale'), /25 mm\/s · (10|5) mm\/mV/);
    await page.waitForFunction(() => document.querySelector('hl-patient-page').dataset.beats >= 2);
    await picture('patient');
});

test('the page of a patient says the rhythm, since when, and what was measured', async () => {
    await page.waitForSelector('hl-findings[data-rhythm^="sinus"]');
    assert.match(await page.textContent('hl-findings .since'), /^since \d\d:\d\d:\d\d \(/);
    const intervals = () =>
        page
            .locator('hl-findings .intervals div')
            .evaluateAll((rows) => rows.map((row) => [row.children[0].textContent, row.children[1].textContent]));
    await page.waitForFunction(() => /\d/.test(document.querySelector('hl-findings .intervals').textContent));
    const measured = Object.fromEntries(await intervals());
    for (const name of ['PR', 'QRS', 'QT', 'QTc Bazett', 'QTc Fridericia']) assert.match(measured[name], /^\d+ ms$/, name);
    assert.match(await page.textContent('hl-findings .episodes'), /Sinus/);
    assert.deepEqual([...new Set(await page.locator('.leads hl-sweep').evaluateAll((s) => s.map((x) => x.dataset.quality)))], [
        'good',
    ]);
    await picture('findings');
});

test('on a telephone nothing is wider than the screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok((await overflow()) <= 0, 'patient page');
    await picture('patient-phone');
    await page.click('a.back');
    await page.waitForSelector('hl-tile[data-state="live"]');
    assert.ok((await overflow()) <= 0, 'wall');
    await picture('wall-phone');
    await page.setViewportSize({ width: 1440, height: 900 });
});

test('a lost connection is said within seconds, and no number stands as if it were live', async () => {
    await page.waitForSelector(`hl-tile[data-patient="${patient}"][data-state="live"]`);
    wire.cut();
    await page.waitForSelector('.banner:not([hidden])');
    assert.match(await page.title(), /^Connection lost/);
    await page.waitForSelector(`hl-tile[data-patient="${patient}"][data-heart-rate="--"]`);
    await picture('connection-lost');
    wire.mend();
    await page.waitForSelector(`hl-tile[data-patient="${patient}"][data-state="live"]`);
    await page.waitForSelector('.banner[hidden]', { state: 'attached' });
});

test('a virtual patient is removed after a question', async () => {
    await tileOf(patient).locator('.remove').click();
    await page.waitForSelector('dialog[open]');
    await page.click('dialog button[value=yes]');
    await tileOf(patient).waitFor({ state: 'detached' });
});

test('signing out leads back to the form, and the page asked nobody else', async () => {
    await page.click('hl-header button:has-text("Sign out")');
    await page.waitForSelector('hl-sign-in');
    assert.deepEqual(trouble, []);
});
