/* Dark or light, chosen by the viewer and remembered by the browser; and the colours that canvases draw with, read
 * from the style sheet's custom properties, so that every colour is defined once, in css/theme.css. */

const KEY = 'heartline-theme';
const listeners = new Set();
export const colours = {};

function read() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ['trace', 'gap', 'beat', 'anomaly', 'grid-fine', 'grid-bold', 'pulse']) {
        colours[name] = style.getPropertyValue(`--ecg-${name}`).trim();
    }
}

export function startTheme() {
    document.documentElement.dataset.theme = localStorage.getItem(KEY) ?? 'dark';
    read();
}

export function toggleTheme() {
    const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    localStorage.setItem(KEY, next);
    read();
    for (const listener of listeners) listener();
    return next;
}

/** Call `listener` after each change; returns the function that stops it. */
export function onTheme(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

/** Does the viewer want less motion? Then nothing blinks. */
export const calm = matchMedia('(prefers-reduced-motion: reduce)');
