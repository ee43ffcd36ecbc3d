/* Builds elements without markup strings: names, texts and server data only ever reach the page as text nodes and
 * attributes, so nothing a patient or device is called can become code. */

/** h('button', {class: 'quiet', onclick: f, 'aria-label': 'x', data: {patient: id}}, 'text', child, ...) */
export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
    for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
    return element;
}

function setAttribute(element, name, value) {
    if (value === null || value === undefined || value === false) return;
    if (name === 'data') Object.assign(element.dataset, value);
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
}

/** Set an element's text only when it differs: an unchanged text must not disturb a screen reader or the layout. */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/** Set a data attribute only when it differs. */
export function setData(element, name, value) {
    const text = String(value);
    if (element.dataset[name] !== text) element.dataset[name] = text;
}

let liveRegion = null;

/** Say a change of state to a screen reader, politely. */
export function announce(text) {
    if (!liveRegion) {
        liveRegion = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
        document.body.append(liveRegion);
    }
    liveRegion.textContent = text;
}
