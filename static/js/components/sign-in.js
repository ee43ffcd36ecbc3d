/* The sign-in form. The password goes to the server once and comes back as a cookie that no script can read. */
import { api } from '../api.js';
import { h } from '../dom.js';

function errorWords(error) {
    if (error.status === 401) return 'The name or the password is not right.';
    if (error.status === 409)
        return 'More than one person has this name. Sign in with the device serial number instead.';
    if (error.status === 429) {
        const wait = error.retryAfterSeconds ? ` in ${error.retryAfterSeconds} seconds` : ' a little later';
        return `Too many attempts. Try again${wait}.`;
    }
    return error.message;
}

class SignIn extends HTMLElement {
    connectedCallback() {
        this.name = h('input', {
            id: 'identifier',
            name: 'identifier',
            autocomplete: 'username',
            required: true,
            autocapitalize: 'none',
            spellcheck: 'false',
        });
        this.password = h('input', {
            id: 'password',
            name: 'password',
            type: 'password',
            required: true,
            autocomplete: 'current-password',
        });
        this.button = h('button', { class: 'primary', type: 'submit' }, 'Sign in');
        this.words = h('p', { class: 'form-message', role: 'alert' }, this.message ?? '');
        this.append(
            h(
                'form',
                { class: 'card', onsubmit: (event) => this.submit(event) },
                h('img', { src: 'img/heartline.svg', alt: '', class: 'mark' }),
                h('h1', {}, 'Sign in to Heartline'),
                h('label', { for: 'identifier' }, 'Full name or device serial'),
                this.name,
                h('label', { for: 'password' }, 'Password'),
                this.password,
                this.words,
                this.button,
            ),
        );
        this.name.focus();
    }

    async submit(event) {
        event.preventDefault();
        this.button.disabled = true;
        this.words.textContent = '';
        try {
            await api.login(this.name.value.trim(), this.password.value);
            const me = await api.me();
            this.dispatchEvent(new CustomEvent('signed-in', { detail: me }));
        } catch (error) {
            this.words.textContent = errorWords(error);
            this.password.select();
        } finally {
            this.button.disabled = false;
        }
    }
}

customElements.define('hl-sign-in', SignIn);
