/* The event log of one patient: injected anomalies, unusual beats, gaps; newest first. */
import { h, setText } from '../dom.js';
import { timeOfDay } from '../format.js';

class EventLog extends HTMLElement {
    connectedCallback() {
        if (this.list) return;
        this.list = h('ol');
        this.empty = h('p', { class: 'muted' }, 'Nothing yet.');
        this.append(h('h2', {}, 'Events'), this.empty, this.list);
        this.version = -1;
    }

    /** Show a heart's log; cheap when nothing changed. */
    show(heart) {
        if (heart.version === this.version) return;
        this.version = heart.version;
        this.empty.hidden = heart.log.length > 0;
        const rows = heart.log.slice(0, 50);
        while (this.list.childElementCount > rows.length) this.list.lastElementChild.remove();
        rows.forEach((row, index) => this.showRow(row, index));
    }

    showRow(row, index) {
        const item = this.list.children[index] ?? this.list.appendChild(h('li', {}, h('time'), h('span')));
        item.dataset.kind = row.kind;
        setText(item.firstElementChild, timeOfDay(row.tMs));
        setText(item.lastElementChild, row.text);
    }
}

customElements.define('hl-event-log', EventLog);
