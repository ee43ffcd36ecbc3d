// Reports: a PDF comes back byte for byte, to those who may have it; anything else that is uploaded leaves no trace.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { assertRefused } from '../support/client.js';
import { startStack } from '../support/stack.js';
import { pdf } from '../support/waves.js';

let stack = null;
let person = null;
let other = null;
let session_id = null;
before(async () => {
    stack = await startStack();
    person = await stack.register();
    other = await stack.register();
    session_id = await stack.startSession(person);
});
after(() => stack?.stop());

const upload = (file, metadata, who = person) => {
    const form = new FormData();
    if (file) form.set('file', new Blob([file]), 'whatever.bin');
    const text = typeof metadata === 'string' ? metadata : JSON.stringify(metadata);
    if (metadata !== undefined) form.set('metadata', text);
    return who.api.post('/reports/upload', form);
};
const rowsOf = (who = person) => stack.value(`select count(*) from reports where user_id = '${who.user_id}'`);
const place = (file) => {
    const hash = crypto.createHash('sha256').update(file).digest('hex');
    return path.join(stack.home, 'reports', hash.slice(0, 2), `${hash}.pdf`);
};
const unique = () => pdf(crypto.randomUUID());

test('an upload is stored with its metadata and comes back byte for byte', async () => {
    const file = Buffer.concat([pdf().subarray(0, 20), crypto.randomBytes(100000), pdf()]);
    const metadata = {
        session_id,
        filename: 'ECG_Report_20250108_130000.pdf',
        timestamp: '2025-01-08T13:00:00.000Z',
        patient_name: 'John Doe',
        patient_age: 45,
        metrics: { heart_rate: 75, qtc_interval: 400 },
        conclusion: 'Normal sinus rhythm. "Nothing" odd – ok.',
    };
    const reply = await upload(file, metadata);
    assert.equal(reply.status, 201, reply.text);
    assert.equal(reply.json.status, 'success');
    assert.match(reply.json.report_id, /^report_\d+$/);
    assert.equal(reply.json.url, `${stack.url}/api/v1/reports/${reply.json.report_id}/file`);

    const sql = `select to_json(v) from v_reports v where report_id = '${reply.json.report_id}'`;
    const row = JSON.parse((await stack.psql(sql, { role: 'heartline_read' }))[0][0]);
    const { filename, patient_name, patient_age, conclusion, metrics } = row;
    assert.deepEqual({ session_id: row.session_id, filename, patient_name, patient_age, metrics, conclusion }, {
        session_id, filename: metadata.filename, patient_name: 'John Doe', patient_age: 45,
        metrics: metadata.metrics, conclusion: metadata.conclusion,
    });
    assert.equal(row.file_size_bytes, file.length);
    assert.equal(row.file_sha256, crypto.createHash('sha256').update(file).digest('hex'));
    assert.equal(Date.parse(row.report_time), Date.parse(metadata.timestamp));
    assert.deepEqual(fs.readFileSync(place(file)), file);

    const where = `/reports/${reply.json.report_id}`;
    const download = await person.api.get(`${where}/file`);
    assert.equal(download.status, 200);
    assert.match(download.type, /^application\/pdf/);
    assert.match(download.header('content-disposition'), /filename="ECG_Report_20250108_130000\.pdf"/);
    assert.ok(download.bytes.equals(file), 'the same bytes');
    const shown = await person.api.get(where);
    assert.equal(shown.json.report_id, reply.json.report_id);
    assert.equal(shown.json.patient_name, 'John Doe');
    assert.deepEqual(shown.json.metrics, metadata.metrics);
    const list = await person.api.get('/reports');
    assert.deepEqual(list.json.reports.find((one) => one.report_id === reply.json.report_id), shown.json);
});

test('metadata may be wrapped in a report, or be missing', async () => {
    const wrapped = await upload(unique(), { session_id, report: { patient_name: 'Wrapped', filename: 'w.pdf' } });
    assert.equal((await person.api.get(`/reports/${wrapped.json.report_id}`)).json.patient_name, 'Wrapped');
    const bare = await upload(unique());
    assert.equal(bare.status, 201, bare.text);
    const row = (await person.api.get(`/reports/${bare.json.report_id}`)).json;
    assert.equal(row.session_id, null);
    assert.match(row.filename, /^ECG_Report_\d{8}_\d{6}\.pdf$/);
});

test('the same file for the same session is the same report, and lies on the disk once', async () => {
    const file = unique();
    const first = await upload(file, { session_id });
    const again = await Promise.all(Array.from({ length: 5 }, () => upload(file, { session_id })));
    for (const reply of again) assert.equal(reply.json.report_id, first.json.report_id);
    const elsewhere = await upload(file, {});
    assert.notEqual(elsewhere.json.report_id, first.json.report_id);
    const of_other = await upload(file, {}, other);
    assert.notEqual(of_other.json.report_id, elsewhere.json.report_id);
});

for (const [sent, kept] of [
    ['../../etc/passwd', /^_?[._]*etc_passwd\.pdf$/],
    ['a"; filename="b.exe', /^a___filename__b\.exe\.pdf$/],
    ['Bericht für Zoë.PDF', /^Bericht_f_+r_Zo_+\.PDF$/],
    ['x\r\nSet-Cookie: a=b', /^x__Set-Cookie__a_b\.pdf$/],
    ['.hidden', /^_hidden\.pdf$/],
    ['', /^ECG_Report_/],
]) {
    test(`a file called ${JSON.stringify(sent)} is offered under a name that does no harm`, async () => {
        const { report_id } = (await upload(unique(), { filename: sent })).json;
        const row = (await person.api.get(`/reports/${report_id}`)).json;
        assert.match(row.filename, kept);
        const download = await person.api.get(`/reports/${report_id}/file`);
        assert.equal(download.header('content-disposition'), `inline; filename="${row.filename}"`);
        assert.equal(download.header('set-cookie'), null);
    });
}

const good = pdf('good');
for (const [what, file, metadata, field] of [
    ['an empty file', Buffer.alloc(0), {}, 'file'],
    ['a text for a PDF', Buffer.from('hello '.repeat(100)), {}, 'file'],
    ['a PDF without its end', good.subarray(0, good.length - 8), {}, 'file'],
    ['a PDF behind other bytes', Buffer.concat([Buffer.from('MZ'), good]), {}, 'file'],
    ['no file', null, {}, 'file'],
    ['a list for metadata', good, [], 'metadata'],
    ['a number for metadata', good, '5', 'metadata'],
    ['a number for a session', good, { session_id: 5 }, 'metadata.session_id'],
    ['an age as text', good, { patient_age: '45' }, 'metadata.patient_age'],
    ['an age of 200', good, { patient_age: 200 }, 'metadata.patient_age'],
    ['a list for a name', good, { patient_name: [] }, 'metadata.patient_name'],
    ['an endless name', good, { patient_name: 'x'.repeat(201) }, 'metadata.patient_name'],
    ['a number for a file name', good, { filename: 7 }, 'metadata.filename'],
    ['true for a conclusion', good, { report: { conclusion: true } }, 'metadata.conclusion'],
    ['a time that is none', good, { timestamp: 'now' }, 'metadata.timestamp'],
    ['an age of 1e400', good, '{"patient_age":1e400}', 'patient_age'],
]) {
    test(`an upload with ${what} is refused by name and leaves no trace`, async () => {
        const count = await rowsOf();
        assertRefused(await upload(file, metadata), 422, field, what);
        assert.equal(await rowsOf(), count);
        if (file && !file.equals(good)) assert.ok(!fs.existsSync(place(file)), 'no file either');
    });
}

for (const [what, metadata] of [
    ['text', 'hello'],
    ['trailing bytes', '{} x'],
    ['a key twice', '{"filename":"a","filename":"b"}'],
    ['a U+0000', '{"filename":"\\u0000"}'],
    ['depth', `{"a":${'['.repeat(30)}${']'.repeat(30)}}`],
    ['an end too early', '{"filename":"a"'],
]) {
    test(`metadata of ${what} is not JSON and leaves no trace`, async () => {
        const count = await rowsOf();
        const file = unique();
        assertRefused(await upload(file, metadata), 400, /.*/, what);
        assert.equal(await rowsOf(), count);
        assert.ok(!fs.existsSync(place(file)));
    });
}

test('metadata of many megabytes is refused', async () => {
    const reply = await upload(unique(), { note: 'x'.repeat(3 << 20) });
    assertRefused(reply, 422, 'metadata');
});

test("a report about another person's session, or about none that is there, leaves no trace", async () => {
    const theirs = await stack.startSession(other);
    for (const id of [theirs, 'session_20250101_000000', '']) {
        const count = await rowsOf();
        const file = unique();
        assertRefused(await upload(file, { session_id: id }), 404, 'session_id');
        assert.equal(await rowsOf(), count);
        assert.ok(!fs.existsSync(place(file)));
    }
});

const part = (name, body, more = '') =>
    `--xyz\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${body}\r\n`;
const whole = `${part('file', pdf().toString('latin1'), '; filename="a.pdf"')}--xyz--\r\n`;
const raw = (body, type = 'multipart/form-data; boundary=xyz') =>
    person.api.post('/reports/upload', body, { headers: { 'Content-Type': type } });

test('a plain multipart body written by hand is taken', async () => {
    assert.equal((await raw(whole)).status, 201);
    assert.equal((await raw(whole, 'multipart/form-data; boundary="xyz"')).status, 201);
});

for (const [what, body, status, field, type] of [
    ['cut off in the file', whole.slice(0, 90), 422, 'file'],
    ['cut off before its last boundary', whole.slice(0, whole.indexOf('--xyz--')), 422, 'file'],
    ['cut off in its first line', '--xy', 422, 'body'],
    ['without a beginning', `junk${whole}`, 422, 'body'],
    ['with another boundary', whole.replaceAll('xyz', 'abc'), 422, 'body'],
    ['with a part twice', part('file', 'a') + whole, 422, 'file'],
    ['with a part without a name', `--xyz\r\nContent-Type: text/plain\r\n\r\na\r\n${whole}`, 422, 'body'],
    ['with a name of 200 letters', part('n'.repeat(200), 'a') + whole, 422, 'body'],
    ['with a hundred parts', Array.from({ length: 100 }, (_, i) => part(`p${i}`, 'a')).join('') + whole, 422, 'body'],
    ['of no parts', '--xyz--\r\n', 422, 'file'],
    ['of nothing', '', 422, 'body'],
    ['of a type without a boundary', whole, 415, 'Content-Type', 'multipart/form-data'],
    ['of a boundary of 80 letters', whole, 415, 'Content-Type', `multipart/form-data; boundary=${'x'.repeat(80)}`],
    ['said to be JSON', '{}', 415, 'Content-Type', 'application/json'],
]) {
    test(`an upload ${what} is refused and leaves no trace`, async () => {
        const count = await rowsOf();
        assertRefused(await raw(body, type), status, field, what);
        assert.equal(await rowsOf(), count);
    });
}

test("another person's report is not found by any address, and is in no list", async () => {
    const { report_id } = (await upload(unique(), { session_id })).json;
    for (const where of [`/reports/${report_id}`, `/reports/${report_id}/file`]) {
        assertRefused(await other.api.get(where), 404, 'report_id');
    }
    for (const query of ['', `?user_id=${person.user_id}`]) {
        const list = await other.api.get(`/reports${query}`);
        assert.ok(list.json.reports.every((report) => report.user_id === other.user_id), query);
    }
    const clinician = stack.client(await stack.clinician());
    assert.equal((await clinician.get(`/reports/${report_id}/file`)).status, 200);
    const list = await clinician.get(`/reports?user_id=${person.user_id}`);
    assert.ok(list.json.reports.some((report) => report.report_id === report_id));
});

for (const id of ['report_0', 'report_-1', 'report_99999999', 'report_99999999999999999999', 'report_1x', '1', '%27',
    'report_']) {
    test(`the report ${id} is not found`, async () => {
        assertRefused(await person.api.get(`/reports/${id}`), 404, 'report_id');
        assertRefused(await person.api.get(`/reports/${id}/file`), 404, 'report_id');
    });
}

test("nobody reads the reports folder past the API", async () => {
    const file = unique();
    await upload(file, {});
    const inside = `${path.basename(path.dirname(place(file)))}/${path.basename(place(file))}`;
    assert.equal((await person.api.get(`/internal/reports/${inside}`, { root: true })).status, 404);
});

test('the list comes page by page, newest first', async () => {
    const who = await stack.register();
    const ids = [];
    for (let i = 0; i < 5; i++) ids.unshift((await upload(unique(), {}, who)).json.report_id);
    const seen = [];
    let mark = '';
    do {
        const { json } = await who.api.get(`/reports?limit=2${mark}`);
        seen.push(...json.reports.map((report) => report.report_id));
        mark = json.next_before ? `&before=${json.next_before}` : '';
    } while (mark);
    assert.deepEqual(seen, ids);
    for (const [query, field] of [['limit=0', 'limit'], ['before=5', 'before'], ['before=report_', 'before'],
        ['before=report_x', 'before'], ['user_id=me', 'user_id']]) {
        assertRefused(await who.api.get(`/reports?${query}`), 422, field, query);
    }
});
