// What the stream tests share: a reader of server-sent events that collects them and waits for a condition, and the
// few calls of the API they need.

export class Stream {
    constructor(url, token, {lastEventId, query = ''} = {}) {
        this.events = [];
        this.waiting = [];
        this.abort = new AbortController();
        const headers = {authorization: `Bearer ${token}`};
        if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
        this.done = this.#read(url + query, headers).catch((error) => { this.error = error; this.#notify(); });
    }

    async #read(url, headers) {
        const response = await fetch(url, {headers, signal: this.abort.signal});
        this.status = response.status;
        this.type = response.headers.get('content-type');
        if (response.status !== 200) {
            this.problem = await response.json();
            this.#notify();
            return;
        }
        const decoder = new TextDecoder();
        let text = '';
        for await (const piece of response.body) {
            text += decoder.decode(piece, {stream: true});
            const blocks = text.split('\n\n');
            text = blocks.pop();
            for (const block of blocks) this.#take(block);
            this.#notify();
        }
        this.ended = true;
        this.#notify();
    }

    #take(block) {
        const event = {at: performance.now()};
        for (const line of block.split('\n')) {
            const colon = line.indexOf(': ');
            event[line.slice(0, colon)] = line.slice(colon + 2);
        }
        event.data = JSON.parse(event.data);
        if (event.id) this.lastId = event.id;
        this.events.push(event);
    }

    #notify() {
        for (const check of [...this.waiting]) check();
    }

    of(kind, patient) {
        return this.events.filter((e) => e.event === kind && (!patient || e.data.patient === patient));
    }

    // Resolves with what `find` returns once that is truthy; it is asked again whenever events came.
    until(find, what, seconds = 10) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => finish(reject, new Error(`no ${what} within ${seconds} s`)), seconds * 1000);
            const check = () => {
                const found = find(this);
                if (found) finish(resolve, found);
                else if (this.error) finish(reject, this.error);
            };
            const finish = (settle, value) => {
                clearTimeout(timer);
                this.waiting = this.waiting.filter((c) => c !== check);
                settle(value);
            };
            this.waiting.push(check);
            check();
        });
    }

    first(kind, patient, seconds) {
        return this.until(() => this.of(kind, patient)[0], kind, seconds);
    }

    async close() {
        this.abort.abort();
        await this.done;
    }
}

// A reply of the API, which must be a good one.
export async function good(reply) {
    const { status, text, json } = await reply;
    if (status !== 200 && status !== 201) throw new Error(`${status} ${text}`);
    return json;
}

// Fails when a sample is there twice or missing; returns how many samples there were.
export function assertContiguous(assert, ecgs, startsAt) {
    let next = startsAt;
    for (const {data} of ecgs) {
        if (next !== undefined) assert.equal(data.n, next, `n ${data.n} follows sample ${next - 1}`);
        for (const samples of data.samples) assert.equal(samples.length, data.samples[0].length);
        next = data.n + data.samples[0].length;
    }
    return ecgs.length ? next - (startsAt ?? ecgs[0].data.n) : 0;
}
