# Measures a running copy (HEARTLINE_HOME, HEARTLINE_PORT) and writes HEARTLINE_BUILD/bench.json; started by run.sh.
#
# Machines are shared and noisy, so each figure that stands beside another is taken in turns with it, several times, and
# the ratio is the median of the ratios of the pairs. CPU time a post is given besides: it hardly depends on the noise,
# and says which process a post costs most.
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
REPO = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ["HEARTLINE_BUILD"]
HOME = os.environ["HEARTLINE_HOME"]
PORT = int(os.environ["HEARTLINE_PORT"])
ROUNDS = int(os.environ.get("HEARTLINE_BENCH_ROUNDS", "3"))
SECONDS = int(os.environ.get("HEARTLINE_BENCH_SECONDS", "4"))
METRICS_CONNECTIONS = 32
WAVEFORM_CONNECTIONS = 16
LATENCY_DEVICES, LATENCY_SECONDS = 8, 12
STORED_ROWS = 1_000_000
SOCKETS = os.path.join(HOME, "run")
METRICS_PATH = "/api/v1/sessions/%d/metrics"
WAVEFORM_PATH = "/api/v1/sessions/%d/waveform"


# ---- the server under test ----

def call(path, body, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


def make_person(name, devices):
    """A person with sessions 1000, 1001 ...; load.c posts to these."""
    person = call("/api/v1/auth/register", {"full_name": name, "password": "only-for-this-run"})
    for i in range(devices):
        call("/api/v1/sessions/start", {"session_id": str(1000 + i)}, person["token"])
    return person


def psql(statement, database="heartline", role="postgres"):
    return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", SOCKETS, "-U", role, "-d", database, "-c",
                           statement], check=True, capture_output=True, text=True).stdout.strip()


def wait_until(condition, seconds):
    """How long it took; None when it did not come true."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if condition():
            return time.monotonic() - start
        time.sleep(0.05)
    return None


def load(kind, token, connections, seconds, path, port=PORT, stream=None):
    command = [os.path.join(BUILD, "bench-load"), kind, str(port), token, str(connections), str(seconds), path]
    result = subprocess.run(command + ([stream] if stream else []), stdout=subprocess.PIPE, text=True, check=True,
                            timeout=seconds + 30)
    return json.loads(result.stdout)


# ---- what the processes take ----

def name_of(pid, cwd):
    """api, live, nginx or postgres; None for what is not of this copy or only watches over it."""
    with open(f"/proc/{pid}/comm") as file:
        comm = file.read().strip()
    return comm if comm in ("api", "live", "nginx", "postgres") and cwd.startswith(HOME + "/") else None


def processes():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            name = name_of(pid, os.readlink(f"/proc/{pid}/cwd"))
            if name:
                yield pid, name
        except OSError:
            pass


def cpu_us():
    """Microseconds of CPU by process name, ended children included."""
    tick_us = 1e6 / os.sysconf("SC_CLK_TCK")
    used = {}
    for pid, name in processes():
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        used[name] = used.get(name, 0) + sum(map(int, fields[11:15])) * tick_us
    return used


def memory():
    table = {}
    for pid, name in processes():
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                text = file.read()
        except OSError:
            continue
        row = table.setdefault(name, {"processes": 0, "pss_mb": 0.0, "rss_largest_mb": 0.0})
        pss, rss = (int(re.search(rf"^{key}: +(\d+)", text, re.M).group(1)) / 1024 for key in ("Pss", "Rss"))
        row["processes"] += 1
        row["pss_mb"] = round(row["pss_mb"] + pss, 1)
        row["rss_largest_mb"] = round(max(row["rss_largest_mb"], rss), 1)
    return table


def with_cpu(measure):
    before = cpu_us()
    result = measure()
    after = cpu_us()
    result["cpu_us_per_post"] = {
        name: round((after[name] - before.get(name, 0)) / max(result["posts"], 1)) for name in sorted(after)}
    return result


def spread(results, key="per_second"):
    values = [result[key] for result in results]
    return {"median": round(statistics.median(values), 1), "least": min(values), "most": max(values)}


def merged(results):
    """One row of several rounds: medians, and the spread of the rate."""
    row = {"per_second": spread(results), "posts": sum(r["posts"] for r in results),
           "errors": sum(r.get("errors", 0) for r in results)}
    for key in ("p50_ms", "p99_ms"):
        if key in results[0]:
            row[key] = round(statistics.median(r[key] for r in results), 2)
    if "cpu_us_per_post" in results[0]:
        row["cpu_us_per_post"] = {name: round(statistics.median(r["cpu_us_per_post"].get(name, 0) for r in results))
                                  for name in results[0]["cpu_us_per_post"]}
    return row


def pair_ratio(ours, theirs):
    ratios = [a["per_second"] / b["per_second"] for a, b in zip(ours, theirs)]
    return {"median": round(statistics.median(ratios), 2), "least": round(min(ratios), 2),
            "most": round(max(ratios), 2)}


# ---- metrics, beside pgbench ----

def pgbench_script():
    """The server's own statement; only its parameters come from pgbench, which has no nulls, times or byte strings."""
    with open(os.path.join(REPO, "sql/queries/metric_insert.sql")) as file:
        statement = "".join(line for line in file if not line.startswith("--"))
    given = {1: ":owner", 2: ":session", 3: "(timestamptz 'epoch' + :time_us * interval '1 microsecond')", 4: ":rate",
             5: "160", 6: ":qrs", 7: "45", 8: "0.02", 9: ":qt", 10: ":qtc", 11: "42.5", 12: ":rr", 13: "500", 14: "1",
             15: ":quality", 16: "0", 17: "null", 18: ":hash"}
    statement = re.sub(r"\$(\d+)", lambda match: given[int(match.group(1))], statement)
    return f"""\\set sequence :sequence + 1
\\set time_us {int(time.time())} * 1000000 + :sequence * 100 + :client_id
\\set session 1000 + :client_id
\\set rate random(6000, 9000) / 100.0
\\set qrs random(80, 99)
\\set qt random(380, 409)
\\set qtc random(410, 439)
\\set rr random(660000, 1000000) / 1000.0
\\set hash random(1000000000000000, 9000000000000000)
{statement}"""


def pgbench(owner):
    script = os.path.join(BUILD, "bench-metric.pgbench")
    with open(script, "w") as file:
        file.write(pgbench_script())
    program = shutil.which("pgbench") or sys.exit("bench: there is no pgbench")
    text = subprocess.run(
        [program, "-n", "-M", "prepared", "-c", str(METRICS_CONNECTIONS), "-j", "2", "-T", str(SECONDS), "-f", script,
         "-D", "sequence=0", "-D", f"owner={owner}", "-D", "quality=good", "-h", SOCKETS, "-U", "heartline_app",
         "heartline"], check=True, capture_output=True, text=True, timeout=SECONDS + 30).stdout
    time.sleep(0.3)  # until the postmaster has the CPU time of the sessions that ended
    # live begins anew behind these rows: to read them is no part of what the next round measures
    subprocess.run([os.path.join(REPO, "cgi-bin/stack.sh"), "restart-live"], check=True, stdout=subprocess.DEVNULL)
    return {"posts": int(re.search(r"actually processed: (\d+)", text).group(1)),
            "per_second": float(re.search(r"tps = ([0-9.]+)", text).group(1)),
            "mean_ms": float(re.search(r"latency average = ([0-9.]+)", text).group(1))}


def post_metrics(person):
    return load("metrics", person["token"], METRICS_CONNECTIONS, SECONDS, METRICS_PATH)


def measure_metrics(person):
    post_metrics(person)  # so that every worker has its connection and its statement
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(with_cpu(lambda: post_metrics(person)))
        theirs.append(with_cpu(lambda: pgbench(person["user_id"])))
    return {"connections": METRICS_CONNECTIONS, "heartline": merged(ours), "pgbench": merged(theirs),
            "ratio": pair_ratio(ours, theirs)}


def measure_stored(person):
    """The same again when a million rows are stored."""
    have = int(psql("select count(*) from metrics"))
    psql(f"""insert into metrics (session_key, time, heart_rate, pr_interval, qrs_duration, qt_interval, rr_interval,
                                  content_hash)
             select s.session_key, now() - interval '1 second' * (n / 32), 60 + n % 40, 160, 90, 390, 800,
                    decode(md5(n::text), 'hex')
             from generate_series(1, {max(STORED_ROWS - have, 1)}) n
             join sessions s on s.user_id = '{person["user_id"]}' and s.session_id = (1000 + n % 32)::text""")
    psql("checkpoint")
    subprocess.run([os.path.join(REPO, "cgi-bin/stack.sh"), "restart-live"], check=True, stdout=subprocess.DEVNULL)
    post_metrics(person)
    rounds = [with_cpu(lambda: post_metrics(person)) for _ in range(ROUNDS)]
    return {"rows_before": int(psql("select count(*) from metrics")), **merged(rounds)}


# ---- waveforms, beside the Python server ----

def start_peer():
    psql("create database peer", "postgres")
    columns = ", ".join(f'"{lead}" float4[]' for lead in
                        "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6".split())
    psql("create table waveforms (id bigint generated always as identity primary key, session text not null, "
         f"time timestamptz not null, sampling_rate float8 not null, {columns}); "
         "create index on waveforms (session, time); grant all on waveforms to heartline_app", "peer")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    peer = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "peer_fastapi:app", "--host", "127.0.0.1", "--port", str(port), "--workers",
         "2", "--loop", "uvloop", "--no-access-log", "--log-level", "warning"], cwd=HERE, start_new_session=True,
        env={**os.environ, "HEARTLINE_PEER_SOCKETS": SOCKETS, "HEARTLINE_PEER_USER": "heartline_app",
             "PYTHONDONTWRITEBYTECODE": "1"})

    def answers():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0
    if wait_until(answers, 20) is None:
        sys.exit("bench: the Python server did not start")
    time.sleep(1)  # the second worker
    return peer, port


def stop_peer(peer):
    peer.terminate()
    try:
        peer.wait(10)
    except subprocess.TimeoutExpired:
        peer.kill()


def queue_is_empty():
    return psql("select not exists (select from analysis_queue)") == "t"


def post_waveforms(person):
    """The analysis runs all the while; what it has not done when the posts end is counted and waited for."""
    start = time.monotonic()
    result = load("waveform", person["token"], WAVEFORM_CONNECTIONS, SECONDS, WAVEFORM_PATH)
    result["behind"] = int(psql("select count(*) from analysis_queue"))
    wait_until(queue_is_empty, 20)
    result["analysed_per_second"] = round(result["posts"] / (time.monotonic() - start), 1)
    return result


def measure_waveforms():
    # People of their own for each round, so that their chunks follow each other as those of one recording do.
    people = [make_person(f"Bench waveform {i}", WAVEFORM_CONNECTIONS) for i in range(ROUNDS + 1)]
    peer, port = start_peer()
    try:
        post_waveforms(people[ROUNDS])
        load("waveform", "none", WAVEFORM_CONNECTIONS, 1, "/sessions/%d/waveform", port)
        ours, theirs = [], []
        for i in range(ROUNDS):
            ours.append(with_cpu(lambda: post_waveforms(people[i])))
            theirs.append(load("waveform", "none", WAVEFORM_CONNECTIONS, SECONDS, "/sessions/%d/waveform", port))
    finally:
        stop_peer(peer)
    row = merged(ours)
    row["analysed_per_second"] = spread(ours, "analysed_per_second")
    row["behind_at_the_end"] = max(r["behind"] for r in ours)
    return {"connections": WAVEFORM_CONNECTIONS, "heartline": row, "fastapi": merged(theirs),
            "ratio": pair_ratio(ours, theirs)}


# ---- from the post to the stream ----

def measure_latency():
    person = make_person("Bench latency", LATENCY_DEVICES)
    result = load("latency", person["token"], LATENCY_DEVICES, LATENCY_SECONDS, WAVEFORM_PATH,
                  stream="/api/v1/stream?detail=full")
    return {"devices": LATENCY_DEVICES, "chunk_ms": 250, "leads": 12, "chunks": result["times"],
            "unseen": result["posts"] - result["times"], "p50_ms": result["p50_ms"], "p99_ms": result["p99_ms"],
            "max_ms": result["max_ms"]}


# ---- the analysis alone ----

def measure_analysis():
    """Twelve leads at 500 Hz with every stage on: patients a core, in rounds; memory and allocations are the same in all."""
    rounds = [json.loads(subprocess.check_output([os.path.join(BUILD, "bench-analysis"), str(SECONDS)]))
              for _ in range(ROUNDS)]
    return {**rounds[0], "patients_per_core": spread(rounds, "patients_per_core")}


# ---- the table ----

def cpu_text(row):
    return ", ".join(f"{name} {us}" for name, us in row["cpu_us_per_post"].items())


def rate_text(row):
    rate = row["per_second"]
    return f'{rate["median"]:9.0f}/s  ({rate["least"]:.0f} to {rate["most"]:.0f})'


def ratio_text(ratio):
    return f'{ratio["median"]:9.2f}    ({ratio["least"]:.2f} to {ratio["most"]:.2f})'


def print_table(bench):
    metrics, stored, waveform = bench["metrics"], bench["metrics_stored"], bench["waveform"]
    latency = bench["post_to_stream"]
    analysis = bench["analysis"]
    patients = analysis["patients_per_core"]
    rows = [
        ("metrics, durable, 32 connections", rate_text(metrics["heartline"]),
         f'p50 {metrics["heartline"]["p50_ms"]} ms, p99 {metrics["heartline"]["p99_ms"]} ms'),
        ("  pgbench, the same insert", rate_text(metrics["pgbench"]), ""),
        ("  ratio", ratio_text(metrics["ratio"]), "aim: 0.6"),
        ("  CPU a post, us", "", cpu_text(metrics["heartline"])),
        ("  with a million rows stored", rate_text(stored), f'p99 {stored["p99_ms"]} ms'),
        ("waveforms, 12 leads x 5 s as JSON", rate_text(waveform["heartline"]),
         f'p50 {waveform["heartline"]["p50_ms"]} ms, p99 {waveform["heartline"]["p99_ms"]} ms'),
        ("  FastAPI, asyncpg, 2 workers", rate_text(waveform["fastapi"]), ""),
        ("  ratio", ratio_text(waveform["ratio"]), "aim: 15"),
        ("  CPU a post, us", "", cpu_text(waveform["heartline"]) + " (analysis included)"),
        ("  stored and analysed", rate_text({"per_second": waveform["heartline"]["analysed_per_second"]}), ""),
        ("from a post to its event", f'{latency["p99_ms"]:9.1f} ms p99',
         f'p50 {latency["p50_ms"]:.1f} ms, {latency["chunks"]} chunks; aim: 30'),
        ("analysis, 12 leads at 500 Hz", f'{patients["median"]:9.0f}    ({patients["least"]:.0f} to {patients["most"]:.0f})',
         "patients a core in real time; aim: 1500"),
        ("  a patient", f'{analysis["kb_per_patient"]:9.0f} kB',
         f'{analysis["allocations"]} allocations in the steady state; {analysis["ns_per_lead_sample"]} ns a sample'),
    ]
    for name, value, note in rows:
        print(f"{name:36}{value:34}{note}".rstrip())
    print(f'{"memory":36}{"PSS of all":>12}{"processes":>11}{"largest RSS":>13}')
    for name, row in sorted(bench["memory"].items()):
        print(f'  {name:34}{row["pss_mb"]:9.1f} MB{row["processes"]:11}{row["rss_largest_mb"]:10.1f} MB')
    errors = metrics["heartline"]["errors"] + stored["errors"] + waveform["heartline"]["errors"] + latency["unseen"]
    if errors:
        print(f"{errors} posts were refused or not seen on the stream: these figures are not good.")


def main():
    start = time.monotonic()
    bench = {"date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "cores": os.cpu_count(),
             "load_average_before": os.getloadavg()[0], "rounds": ROUNDS, "seconds_each": SECONDS}
    person = make_person("Bench metrics", METRICS_CONNECTIONS)
    bench["metrics"] = measure_metrics(person)
    bench["metrics_stored"] = measure_stored(person)
    bench["waveform"] = measure_waveforms()
    bench["post_to_stream"] = measure_latency()
    bench["analysis"] = measure_analysis()
    bench["memory"] = memory()
    bench["took_seconds"] = round(time.monotonic() - start)
    with open(os.path.join(BUILD, "bench.json"), "w") as file:
        json.dump(bench, file, indent=2)
        file.write("\n")
    print_table(bench)


main()
