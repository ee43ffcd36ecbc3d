/* A short message that something asked for did not happen. Stays for some seconds, or until pressed. */
import { h } from '../dom.js';

const SHOWN_MS = 8000;

/** @param {{status?: number, message: string}} error */
export function complain(error) {
    if (error.status === 401) {
        dispatchEvent(new Event('signed-out'));
        return;
    }
    const words = error.status === 403 ? 'You are not allowed to do this.' : error.message;
    const toast = h('button', { type: 'button', class: 'toast', role: 'alert', onclick: () => toast.remove() }, words);
    document.body.append(toast);
    setTimeout(() => toast.remove(), SHOWN_MS);
}
