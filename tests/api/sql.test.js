// The database as people and workers meet it: who may do what, that everything is explained, that no row is lost for
// its time, that samples are read in SQL to the bit, and that migrations run once, one at a time, unchanged.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build, repo, startStack } from '../support/stack.js';
import { newTime } from '../support/waves.js';

let stack = null;
let person = null;
let session_id = null;
before(async () => {
    stack = await startStack();
    person = await stack.register();
    session_id = await stack.startSession(person);
});
after(() => stack?.stop());

const column = async (sql, options) => (await stack.psql(sql, options)).map((row) => row[0]);
const refused = (sql, role, pattern = /permission denied|must be owner/) =>
    assert.rejects(stack.psql(sql, { role }), (error) => {
        assert.match(error.message, pattern, `${role}: ${sql}`);
        return true;
    });
const tables = () =>
    column(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        order by 1`);

// ---- who may do what ------------------------------------------------------------------------------------------------
test('the workers read and write rows and cannot change the schema', async () => {
    const role = 'heartline_app';
    await refused('create table mine (x int)', role);
    await refused('create schema mine', role);
    await refused('create function f() returns int language sql as $$ select 1 $$', role);
    await refused('create extension pg_stat_statements', role);
    await refused('create role mine', role);
    await refused('alter view v_beats rename to w_beats', role);
    await refused('drop function ensure_partitions', role);
    await refused('drop schema public cascade', role);
    for (const table of await tables()) {
        await refused(`alter table ${table} add column mine int`, role);
        await refused(`drop table ${table}`, role);
        await refused(`truncate ${table} cascade`, role);
        await refused(`create index on ${table} ((1))`, role);
        const trigger = 'execute function suppress_redundant_updates_trigger()';
        await refused(`create trigger t before insert on ${table} ${trigger}`, role);
    }
});

test('what is told is not untold: the workers delete no people, credentials, sessions or metrics', async () => {
    const kept = ['users', 'tokens', 'sessions', 'metrics', 'health_events', 'reports', 'virtual_patients', 'episodes',
        'lead_quality', 'hrv', 'interpretations'];
    for (const table of kept) {
        await refused(`delete from ${table}`, 'heartline_app');
    }
    await refused('update metrics set heart_rate = 1', 'heartline_app');
    await refused('update beats set code = \'V\'', 'heartline_app');
    await refused('update hrv set sdnn = 1', 'heartline_app');
    await refused('delete from schema_migrations', 'heartline_app');
    await refused('update schema_migrations set version = 7', 'heartline_app');
});

test('nobody of ours is more than their role says', async () => {
    const rows = await stack.psql(`select rolname, rolsuper or rolcreatedb or rolcreaterole or rolreplication
        or rolbypassrls from pg_roles where rolname like 'heartline%' order by 1`);
    assert.deepEqual(rows, [['heartline_app', 'f'], ['heartline_owner', 'f'], ['heartline_read', 'f']]);
    const members = `select count(*) from pg_auth_members m join pg_roles r on r.oid = m.member
        where rolname like 'heartline%'`;
    assert.equal(await stack.value(members), '0');
});

test('people in psql read every view and nothing else', async () => {
    const role = 'heartline_read';
    const views = await column(`select relname from pg_class where relnamespace = 'public'::regnamespace
        and relkind in ('v', 'm') order by 1`);
    assert.ok(views.length >= 10);
    for (const view of views) {
        assert.match(view, /^v_/);
        await stack.psql(`select * from ${view} limit 1`, { role });
        await refused(`delete from ${view}`, role, /permission denied|cannot delete/);
    }
    for (const table of await tables()) {
        await refused(`select 1 from ${table} limit 1`, role);
        await refused(`insert into ${table} default values`, role);
        await refused(`truncate ${table} cascade`, role);
    }
    for (const sequence of await column("select relname from pg_class where relkind = 'S'")) {
        await refused(`select nextval('${sequence}')`, role);
    }
    await refused('create table mine (x int)', role);
    await refused('select ensure_partitions()', role);
});

test('no view shows a password, a token or how to reach somebody', async () => {
    const columns = await column(`select table_name || '.' || column_name from information_schema.columns
        where table_schema = 'public' and table_name like 'v\\_%'`);
    assert.deepEqual(columns.filter((name) => /password|token|key_hash|phone|address|session_key/.test(name)), []);
    const found = `select count(*) from v_patients v where v::text like '%argon2%'`;
    assert.equal(await stack.value(found, { role: 'heartline_read' }), '0');
});

// ---- everything is explained ----------------------------------------------------------------------------------------
test('every table, column, view and function says what it is', async () => {
    const silent = await column(`
        select c.relname from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
            and not relispartition and obj_description(c.oid, 'pg_class') is null
        union all
        select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
            and attnum > 0 and not attisdropped and col_description(c.oid, attnum) is null
        union all
        select proname || '()' from pg_proc p where pronamespace = 'public'::regnamespace
            and obj_description(p.oid, 'pg_proc') is null
            and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
        order by 1`);
    assert.deepEqual(silent, []);
});

test('every statement of the cookbook runs for people in psql', async () => {
    const text = fs.readFileSync(path.join(repo, 'docs/psql.md'), 'utf8');
    const statements = [...text.matchAll(/^```sql\n(.*?)^```/gms)].map((match) => match[1]);
    assert.ok(statements.length >= 3);
    for (const sql of statements) await stack.psql(sql, { role: 'heartline_read' });
});

// ---- time -----------------------------------------------------------------------------------------------------------
/* In which tables the metrics of this person stand, by the time they are for. */
const metricsAt = async (timestamp) => {
    const reply = await person.api.post(`/sessions/${session_id}/metrics`, { timestamp, metrics: { heart_rate: 61 } });
    assert.equal(reply.status, 201, reply.text);
    const key = reply.json.metrics_id.replace('metric_', '');
    return stack.value(`select tableoid::regclass from metrics where metric_id = ${key}`);
};

test('each month has its partition, and what lies outside stands in the default one', async () => {
    const now = new Date();
    const month = (offset) => {
        const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1));
        return `${day.getUTCFullYear()}_${String(day.getUTCMonth() + 1).padStart(2, '0')}`;
    };
    const partitions = await column(`select c.relname from pg_inherits join pg_class c on c.oid = inhrelid
        join pg_class p on p.oid = inhparent where p.relkind = 'p' and c.relkind in ('r', 'p')`);
    for (const table of ['metrics', 'waveforms', 'beats', 'health_events', 'episodes', 'lead_quality', 'hrv', 'interpretations']) {
        assert.ok(partitions.includes(`${table}_default`));
        for (const offset of [-1, 0, 1, 2]) assert.ok(partitions.includes(`${table}_${month(offset)}`), table);
    }
    assert.equal(await metricsAt(new Date().toISOString()), `metrics_${month(0)}`);
    const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)).getTime();
    assert.equal(await metricsAt(new Date(first).toISOString()), `metrics_${month(0)}`);
    assert.equal(await metricsAt(new Date(first - 1).toISOString()), `metrics_${month(-1)}`);
    assert.equal(await metricsAt('1975-01-08T12:34:56Z'), 'metrics_default');
    assert.equal(await metricsAt('0001-01-01T00:00:00Z'), 'metrics_default');
});

test('partitions are made once, and rows that came before their month keep being served', async () => {
    assert.equal(await stack.value('select ensure_partitions()', { role: 'heartline_app' }), '0');
    // A month far away, so that nobody else's rows are in it; taken back at the end.
    const sql = `begin;
        insert into metrics (session_key, time, heart_rate, content_hash)
            select session_key, '2199-03-05 00:00Z', 62, '\\x01' from sessions where session_id = '${session_id}'
            and user_id = '${person.user_id}';
        create temp table made as select ensure_partitions('2199-03-15 00:00Z') as n;
        select n, (select tableoid::regclass from metrics where time = '2199-03-05 00:00Z') from made;
        rollback`;
    const rows = await stack.psql(sql);
    assert.deepEqual(rows.at(-1), ['31', 'metrics_default']);
});

// ---- samples, in SQL, to the bit ------------------------------------------------------------------------------------
const bits = new DataView(new ArrayBuffer(4));
const floatOf = (word) => {
    bits.setUint32(0, word);
    return bits.getFloat32(0);
};
const decimals = (power) =>
    Array.from({ length: 60 }, (_, n) => (n % 7 === 3 ? null : Math.fround(((n * 7919) % 20001 - 10000) / power)));
const raw = [0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x3f800001, 0xbf800001, 0x7f7fffff, 0xff7fffff, 0x00400000]
    .map(floatOf);

const chunks = {
    'whole numbers': [0, [...decimals(1), 499999968, -499999968]],
    tenths: [1, [...decimals(10), 0.1]],
    hundredths: [2, [...decimals(100), 0.01]],
    thousandths: [3, [...decimals(1e3), 0.001]],
    'ten thousandths': [4, [...decimals(1e4), 0.0001]],
    'hundred thousandths': [5, [...decimals(1e5), 0.00001]],
    millionths: [6, [...decimals(1e6), 0.000001, -0.000001]],
    'any bits': [255, [...raw, null, 0, -0, 1 / 3, null, ...[...raw].reverse()]],
    'nothing but holes': [0, [null, null, null, 1]],
};
for (const [what, [mode, samples]] of Object.entries(chunks)) {
    test(`v_waveform_samples gives back what was stored: ${what}`, async () => {
        const second = [...samples].reverse();
        const body = { timestamp: newTime(), sampling_rate: 443.34, units: 'adu', leads: { V3: samples, aVF: second } };
        const reply = await person.api.post(`/sessions/${session_id}/waveform`, body);
        assert.equal(reply.status, 201, reply.text);
        const { waveform_id } = reply.json;
        const key = waveform_id.replace('waveform_', '');
        const stored = `select get_byte(samples, 4) from waveforms where waveform_id = ${key}`;
        assert.equal(await stack.value(stored), `${mode}`);
        for (const [lead, sent] of [['V3', samples], ['aVF', second]]) {
            const rows = await column(`select value from v_waveform_samples where waveform_id = '${waveform_id}'
                and lead = '${lead}' order by sample`, { role: 'heartline_read' });
            const expected = sent.map((value) => (value === null ? null : Math.fround(value) + 0));
            // PostgreSQL writes the shortest text that reads back as the same real.
            assert.deepEqual(rows.map((text) => (text === '' ? null : Math.fround(Number(text)))), expected);
        }
    });
}

// ---- migrations -----------------------------------------------------------------------------------------------------
const admin = (sql) => stack.psql(sql, { role: 'postgres' });
const databases = [];
const folders = [];
after(() => folders.forEach((folder) => fs.rmSync(folder, { recursive: true })));

/* A database of its own, without any schema: what HEARTLINE_OWNER_DATABASE says of it. */
async function emptyDatabase() {
    const name = `other_${process.pid}_${databases.length}`;
    await admin(`create database ${name} owner heartline_owner template template0`);
    databases.push(name);
    return { conninfo: `host=${stack.home}/run dbname=${name} user=heartline_owner` };
}

/* A copy of sql/ that a test may change. */
function copyOfSql() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hl-sql-'));
    folders.push(folder);
    fs.cpSync(path.join(repo, 'sql'), folder, { recursive: true });
    return folder;
}

const migrate = (conninfo, folder = path.join(repo, 'sql')) => {
    const env = { ...stack.env, HEARTLINE_OWNER_DATABASE: conninfo, HEARTLINE_SQL: folder };
    return new Promise((resolve) => {
        execFile(path.join(build, 'heartline'), ['migrate'], { env }, (error, stdout, stderr) =>
            resolve({ code: error ? error.code : 0, stdout, stderr }));
    });
};

/* All that a database of migrations has, as one text. */
function schemaOf({ conninfo }) {
    const sql = `select string_agg(x, e'\\n' order by x) from (
        select table_name || '.' || column_name || ' ' || data_type as x from information_schema.columns
        where table_schema = 'public' union all select version || ' ' || name || applied_at from schema_migrations) y`;
    return new Promise((resolve, reject) => {
        execFile('psql', ['-XqAt', '-d', conninfo, '-c', sql], (error, stdout) =>
            error ? reject(error) : resolve(stdout));
    });
}

const migrationCount = fs.readdirSync(path.join(repo, 'sql/migrations')).filter((name) => name.endsWith('.sql')).length;
const appliedIn = (output) => output.split('\n').filter((line) => line.startsWith('applied ')).length;

test('to migrate again changes nothing', async () => {
    const database = await emptyDatabase();
    const first = await migrate(database.conninfo);
    assert.equal(first.code, 0, first.stderr);
    assert.equal(appliedIn(first.stdout), migrationCount);
    const before = await schemaOf(database);
    assert.match(before, /waveforms\.samples bytea/);
    const second = await migrate(database.conninfo);
    assert.equal(second.code, 0, second.stderr);
    assert.equal(appliedIn(second.stdout), 0);
    assert.deepEqual(await schemaOf(database), before);
    const again = await stack.run('migrate'); // while the workers are at work
    assert.equal(again.code, 0, again.output);
    assert.equal(appliedIn(again.output), 0);
});

test('several who migrate at once do not clash', async () => {
    const database = await emptyDatabase();
    const runs = await Promise.all(Array.from({ length: 4 }, () => migrate(database.conninfo)));
    for (const run of runs) assert.equal(run.code, 0, run.stderr);
    assert.equal(runs.reduce((sum, run) => sum + appliedIn(run.stdout), 0), migrationCount);
});

test('a migration that has changed since it was applied is refused', async () => {
    const database = await emptyDatabase();
    const folder = copyOfSql();
    assert.equal((await migrate(database.conninfo, folder)).code, 0);
    fs.appendFileSync(path.join(folder, 'migrations/001_schema.sql'), '-- only a remark\n');
    fs.writeFileSync(path.join(folder, 'migrations/900_more.sql'), 'create table more (x int);\n');
    const run = await migrate(database.conninfo, folder);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /001_schema\.sql/);
    assert.match(run.stderr, /changed/);
    assert.equal(appliedIn(run.stdout), 0); // and nothing after it is applied either
});

test('a migration that fails leaves nothing of itself and is tried again', async () => {
    const database = await emptyDatabase();
    const folder = copyOfSql();
    const file = path.join(folder, 'migrations/900_broken.sql');
    fs.writeFileSync(file, 'create table half (x int);\nselect 1 / 0;\n');
    const run = await migrate(database.conninfo, folder);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /division by zero/);
    fs.writeFileSync(file, 'create table half (x int);\n');
    const mended = await migrate(database.conninfo, folder);
    assert.equal(mended.code, 0, mended.stderr);
    assert.equal(appliedIn(mended.stdout), 1);
});

test('a folder without migrations is one clear sentence', async () => {
    const empty = await migrate((await emptyDatabase()).conninfo, os.tmpdir());
    assert.equal(empty.code, 1);
    assert.match(empty.stderr, /there are no migrations in/);
});

after(async () => {
    for (const name of databases) await admin(`drop database if exists ${name} with (force)`).catch(() => {});
});
