/* What can be done to a virtual patient: inject a premature ventricular or atrial beat, as often as wanted, and remove
 * it after a question. Each press says at once whether the server took it. */
import { api } from '../api.js';
import { h, announce } from '../dom.js';
import { ask } from './ask.js';

const ANOMALIES = [
    ['PVC', 'premature ventricular beat'],
    ['PAC', 'premature atrial beat'],
];
const FEEDBACK_MS = 1200;

class VirtualControls extends HTMLElement {
    /** @param {import('../heart.js').Heart} heart */
    set heart(heart) {
        this.patient = heart;
    }

    connectedCallback() {
        if (this.childElementCount > 0) return;
        for (const [anomaly, meaning] of ANOMALIES) {
            const button = h(
                'button',
                { type: 'button', class: 'small', title: `Inject a ${meaning}`, data: { anomaly } },
                `Inject ${anomaly}`,
            );
            button.addEventListener('click', () => this.inject(button, anomaly));
            this.append(button);
        }
        this.append(
            h('button', { type: 'button', class: 'small quiet remove', onclick: () => this.remove_() }, 'Remove'),
        );
    }

    async inject(button, anomaly) {
        button.dataset.feedback = 'sent';
        try {
            await api.injectAnomaly(this.patient.patient, anomaly);
            this.flash(button, 'done');
            announce(`${anomaly} injected into ${this.patient.name}.`);
        } catch (error) {
            this.flash(button, 'failed');
            this.complain(error);
        }
    }

    flash(button, feedback) {
        button.dataset.feedback = feedback;
        clearTimeout(button.timer);
        button.timer = setTimeout(() => delete button.dataset.feedback, FEEDBACK_MS);
    }

    async remove_() {
        const sure = await ask(
            `Remove ${this.patient.name}?`,
            'Its heart stops being simulated, and it leaves the wall.',
            'Remove',
        );
        if (!sure) return;
        await api.removeVirtualPatient(this.patient.patient).catch((error) => this.complain(error));
    }

    complain(error) {
        this.dispatchEvent(new CustomEvent('complaint', { bubbles: true, detail: error }));
    }
}

customElements.define('hl-virtual-controls', VirtualControls);
