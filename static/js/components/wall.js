/* The wall: every patient the viewer may see, one tile each, ordered by name. It answers the application's calls:
 * begin(context), patientAdded/Changed/Removed(heart), loaded(), connection(status), refused(httpStatus). */
import { api, mayControl } from '../api.js';
import { h, setText } from '../dom.js';
import { complain } from './toast.js';
import './tile.js';

const byName = new Intl.Collator([], { numeric: true, sensitivity: 'base' });

class Wall extends HTMLElement {
    begin({ ward, user }) {
        this.ward = ward;
        this.mayControl = mayControl(user.role);
        this.tiles = new Map();
        this.status = 'connecting';
        this.isLoaded = false;
    }

    connectedCallback() {
        this.count = h('span', { class: 'count' });
        this.add = h(
            'button',
            {
                type: 'button',
                class: 'primary',
                hidden: !this.mayControl,
                data: { action: 'add' },
                onclick: () => this.addPatient(),
            },
            '+ Add virtual patient',
        );
        this.grid = h('div', { class: 'grid' });
        this.notice = h('section', { class: 'notice' }, h('p', {}, 'Loading patients…'));
        this.addEventListener('complaint', (event) => complain(event.detail));
        this.append(
            h(
                'div',
                { class: 'toolbar' },
                h('h1', {}, 'Patients'),
                this.count,
                h('span', { class: 'spacer' }),
                this.add,
            ),
            this.notice,
            this.grid,
        );
        this.showCount();
    }

    patientAdded(heart) {
        const tile = h('hl-tile');
        tile.begin({ heart, ward: this.ward, isConnected: () => this.status !== 'lost', mayControl: this.mayControl });
        tile.sortName = heart.name;
        this.tiles.set(heart.patient, tile);
        this.place(tile);
        this.showCount();
    }

    /* Puts a tile where its name belongs; the others stay where they are. */
    place(tile) {
        const after = [...this.grid.children].find(
            (other) => other !== tile && byName.compare(other.sortName, tile.sortName) > 0,
        );
        this.grid.insertBefore(tile, after ?? null);
    }

    patientChanged(heart) {
        const tile = this.tiles.get(heart.patient);
        if (!tile || tile.sortName === heart.name) return;
        tile.sortName = heart.name;
        this.place(tile);
    }

    patientRemoved(heart) {
        this.tiles.get(heart.patient)?.remove();
        this.tiles.delete(heart.patient);
        this.showCount();
    }

    loaded() {
        this.isLoaded = true;
        this.showCount();
    }

    connection(status) {
        this.status = status;
        this.showCount();
    }

    refused(httpStatus) {
        this.notice.hidden = false;
        this.notice.replaceChildren(
            h('h2', {}, httpStatus === 403 ? 'Not allowed' : 'Not available'),
            h('p', {}, 'Your account may not watch the patients. Ask your administrator.'),
        );
    }

    showCount() {
        const count = this.tiles.size;
        this.grid.dataset.size = count <= 1 ? 'one' : count <= 4 ? 'few' : count <= 12 ? 'some' : 'many';
        setText(this.count, count === 1 ? '1 patient' : `${count} patients`);
        this.count.hidden = count === 0;
        const lost = this.status === 'lost' ? 'Connection lost – ' : '';
        document.title = `${lost}${count === 1 ? '1 patient' : `${count} patients`} – Heartline`;
        if (!this.isLoaded && count === 0) return;
        this.notice.hidden = count > 0;
        if (count === 0) this.notice.replaceChildren(...this.emptyWords());
    }

    emptyWords() {
        const device = h(
            'p',
            {},
            'A device or an app appears here by itself as soon as it posts a session to ',
            h('code', {}, '/api/v1/sessions/start'),
            ' and samples to ',
            h('code', {}, '/api/v1/waveform'),
            '.',
        );
        const virtual = h('p', {}, 'Press “Add virtual patient” to see a simulated heart at once.');
        return [h('h2', {}, 'No patients yet'), this.mayControl ? virtual : null, device].filter(Boolean);
    }

    async addPatient() {
        try {
            const reply = await api.addVirtualPatient();
            this.ward.expect({
                patient: reply.patient,
                name: reply.name ?? 'New virtual patient',
                virtual: true,
                session: reply.session,
            });
            this.tiles.get(reply.patient)?.scrollIntoView({ block: 'nearest' });
        } catch (error) {
            complain(error);
        }
    }
}

customElements.define('hl-wall', Wall);
