/* The server's HTTP API as the page uses it. The session is an HttpOnly cookie that scripts cannot see; every write
 * carries X-Heartline-Request, which another site's form cannot send. Every failure becomes an ApiError with words to
 * show. */

const BASE = '/api/v1';
const TIMEOUT_MS = 10000;

export class ApiError extends Error {
    /** @param {number} status HTTP status, 0 when the server was not reached */
    constructor(status, message, problem = null, retryAfterSeconds = null) {
        super(message);
        this.status = status;
        this.problem = problem;
        this.retryAfterSeconds = retryAfterSeconds;
    }
}

async function request(method, path, body) {
    const headers = { Accept: 'application/json' };
    if (method !== 'GET') headers['X-Heartline-Request'] = '1';
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const options = { method, headers, credentials: 'same-origin', signal: AbortSignal.timeout(TIMEOUT_MS) };
    if (body !== undefined) options.body = JSON.stringify(body);
    let response;
    try {
        response = await fetch(BASE + path, options);
    } catch {
        throw new ApiError(0, 'The server cannot be reached.');
    }
    const reply = await response.json().catch(() => null);
    if (!response.ok) throw failure(response, reply);
    return reply;
}

function failure(response, problem) {
    const fields = (problem?.errors ?? []).map((error) => `${error.field}: ${error.detail}`).join('; ');
    const words = problem?.detail || problem?.title || `The server answered ${response.status}.`;
    const retryAfter = Number(response.headers.get('Retry-After')) || null;
    return new ApiError(response.status, fields ? `${words} (${fields})` : words, problem, retryAfter);
}

const id = encodeURIComponent;

export const api = {
    me: () => request('GET', '/auth/me'),
    login: (identifier, password) => request('POST', '/auth/login', { identifier, password, cookie: true }),
    logout: () => request('POST', '/auth/logout', {}),
    addVirtualPatient: (wishes = {}) => request('POST', '/virtual-patients', wishes),
    removeVirtualPatient: (patient) => request('DELETE', `/virtual-patients/${id(patient)}`),
    injectAnomaly: (patient, anomaly) => request('POST', `/virtual-patients/${id(patient)}/anomalies`, { anomaly }),
};

/** Addresses of the live streams. */
export const streams = {
    wall: () => `${BASE}/stream`,
    patient: (patient) => `${BASE}/patients/${id(patient)}/stream?detail=full`,
};

/** HTTP status with which a stream answers; 0 when the server was not reached. The body is not waited for. */
export async function probeStream(url) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
    try {
        const response = await fetch(url, { headers: { Accept: 'text/event-stream' }, signal: stop.signal });
        return response.status;
    } catch {
        return 0;
    } finally {
        clearTimeout(timer);
        stop.abort();
    }
}

/** May this role add, change and remove virtual patients? The server decides; this only spares useless buttons. */
export function mayControl(role) {
    return role === 'clinician' || role === 'admin';
}
