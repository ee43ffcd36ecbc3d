/* One live stream: an EventSource, a watchdog, and the reconnecting that EventSource does not do by itself. The server
 * sends something at least every two seconds (`tick`); five seconds of silence mean that the connection is lost,
 * whatever the browser believes, and the page must say so. EventSource resumes with Last-Event-ID after a broken
 * connection, but gives up for good on any HTTP error: then the address is asked for its status, and 401, 403 and 404
 * are told to the page, anything else is tried again. */
import { probeStream } from './api.js';

export const SILENCE_MS = 5000;
const RETRY_MS = [500, 1000, 2000, 4000];
const EVENTS = [
    ...['hello', 'snapshot', 'patient', 'ecg', 'beat', 'vitals', 'state', 'event', 'removed', 'gap', 'tick'],
    ...['episode', 'quality', 'measurements', 'hrv', 'interpretation'],
];

export class LiveStream {
    /**
     * @param {string} url
     * @param {(type: string, data: object) => void} onEvent each event with its data parsed
     * @param {(status: 'connecting'|'open'|'lost'|'refused', httpStatus?: number) => void} onStatus when it changes
     */
    constructor(url, onEvent, onStatus) {
        this.url = url;
        this.onEvent = onEvent;
        this.onStatus = onStatus;
        this.status = '';
        this.attempt = 0;
        this.heardMs = performance.now();
        this.source = null;
        this.timer = 0;
        this.watchdog = setInterval(() => this.watch(), 500);
        this.setStatus('connecting');
        this.open();
    }

    close() {
        clearInterval(this.watchdog);
        clearTimeout(this.timer);
        this.source?.close();
        this.source = null;
        this.closed = true;
    }

    open() {
        this.timer = 0;
        const source = new EventSource(this.url);
        this.source = source;
        for (const type of EVENTS) source.addEventListener(type, (event) => this.receive(type, event.data));
        source.onerror = () => this.failed(source);
    }

    receive(type, text) {
        this.heardMs = performance.now();
        this.attempt = 0;
        let data;
        try {
            data = JSON.parse(text);
        } catch {
            return; // a damaged event is no event; a missing chunk shows as a gap by its sample numbers
        }
        this.setStatus('open');
        this.onEvent(type, data);
    }

    failed(source) {
        if (source !== this.source) return;
        if (this.status === 'open') this.setStatus('connecting');
        if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
        this.source = null;
        this.probe();
    }

    async probe() {
        const status = await probeStream(this.url);
        if (this.closed || this.source) return;
        if (status === 401 || status === 403 || status === 404) {
            this.setStatus('refused', status);
            this.close();
            return;
        }
        this.reopenLater();
    }

    reopenLater() {
        if (this.timer) return;
        const wait = RETRY_MS[Math.min(this.attempt++, RETRY_MS.length - 1)];
        this.timer = setTimeout(() => this.open(), wait);
    }

    watch() {
        if (performance.now() - this.heardMs < SILENCE_MS || this.status === 'refused') return;
        this.setStatus('lost');
        if (this.source?.readyState === EventSource.OPEN) {
            this.source.close(); // open, yet silent: a connection that died without a word
            this.source = null;
            this.reopenLater();
        }
    }

    setStatus(status, httpStatus) {
        if (status === this.status) return;
        this.status = status;
        this.onStatus(status, httpStatus);
    }
}
