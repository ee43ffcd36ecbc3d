/* A question before something that cannot be taken back, in the browser's own modal dialog: it keeps the focus inside,
 * Escape means no, and the safe answer has the focus. */
import { h } from '../dom.js';

/** @returns {Promise<boolean>} whether the viewer said yes */
export function ask(question, explanation, yes) {
    return new Promise((resolve) => {
        const no = h('button', { value: 'no', autofocus: true }, 'Cancel');
        const dialog = h(
            'dialog',
            { class: 'card', 'aria-labelledby': 'question' },
            h('h2', { id: 'question' }, question),
            h('p', {}, explanation),
            h('form', { method: 'dialog', class: 'row' }, no, h('button', { value: 'yes', class: 'danger' }, yes)),
        );
        dialog.addEventListener('close', () => {
            dialog.remove();
            resolve(dialog.returnValue === 'yes');
        });
        document.body.append(dialog);
        dialog.showModal();
    });
}
