/* The bar on top: the product's name, the connection in words, the time, who is signed in, and the way out. */
import { h, setData, setText } from '../dom.js';
import { timeOfDay } from '../format.js';
import { WALL_ADDRESS } from '../router.js';
import { toggleTheme } from '../theme.js';

const CONNECTION_WORDS = {
    connecting: 'Connecting…',
    open: 'Connected',
    lost: 'Connection lost',
    refused: 'Not connected',
};
const ROLE_WORDS = { admin: 'Administrator', clinician: 'Clinician', patient: 'Patient' };

class Header extends HTMLElement {
    connectedCallback() {
        if (this.clock) return;
        this.setAttribute('role', 'banner');
        this.pill = h('span', { class: 'pill', hidden: true });
        this.clock = h('time', { class: 'clock' });
        this.who = h('span', { class: 'who' });
        this.out = h(
            'button',
            { type: 'button', class: 'quiet', hidden: true, onclick: () => this.signOut() },
            'Sign out',
        );
        this.append(
            h(
                'a',
                { class: 'brand', href: WALL_ADDRESS },
                h('img', { src: 'img/heartline.svg', alt: '' }),
                'Heartline',
            ),
            this.pill,
            h('span', { class: 'spacer' }),
            this.clock,
            h(
                'button',
                {
                    type: 'button',
                    class: 'quiet theme',
                    'aria-label': 'Change between dark and light',
                    title: 'Dark or light',
                    onclick: toggleTheme,
                },
                '◐',
            ),
            this.who,
            this.out,
        );
        this.tick();
        setInterval(() => this.tick(), 1000);
    }

    tick() {
        setText(this.clock, timeOfDay(Date.now()));
    }

    signOut() {
        this.dispatchEvent(new CustomEvent('sign-out'));
    }

    /** Who is signed in, or null. */
    set user(user) {
        const role = user ? (ROLE_WORDS[user.role] ?? user.role) : '';
        this.who.replaceChildren(...(user ? [h('b', {}, user.full_name ?? ''), h('small', {}, role)] : []));
        this.out.hidden = !user;
    }

    /** Status of the live stream; '' when there is none. */
    set connection(status) {
        this.pill.hidden = status === '';
        setData(this.pill, 'status', status);
        setText(this.pill, CONNECTION_WORDS[status] ?? '');
    }
}

customElements.define('hl-header', Header);
