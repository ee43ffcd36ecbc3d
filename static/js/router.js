/* Two addresses: the wall (#/) and one patient (#/patient/ID). They stand behind the hash, so that the server needs no
 * rule for them and a bookmark of a patient works. */

/** @returns {{page: 'wall'} | {page: 'patient', patient: string}} */
export function parseRoute(hash) {
    const match = /^#\/patient\/([^/?#]+)$/.exec(hash);
    return match ? { page: 'patient', patient: decode(match[1]) } : { page: 'wall' };
}

function decode(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

export function patientAddress(patient) {
    return `#/patient/${encodeURIComponent(patient)}`;
}

export const WALL_ADDRESS = '#/';
