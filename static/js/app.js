/* The page's beginning: finds out who is signed in, shows the sign-in form or the page that the address names, and
 * puts one live stream under that page. A page element is told of its ward's changes by three calls (see
 * components/wall.js); everything that moves hangs on the one frame loop. */
import { api, streams } from './api.js';
import { announce, h } from './dom.js';
import { parseRoute } from './router.js';
import { LiveStream } from './stream.js';
import { startTheme } from './theme.js';
import { Ward } from './ward.js';
import { eachFrame } from './signal/frames.js';
import './components/header.js';
import './components/sign-in.js';
import './components/wall.js';
import './components/patient-page.js';

const LOST_WORDS = 'Connection lost. What you see is not live. Reconnecting…';
const header = h('hl-header');
const banner = h('p', { class: 'banner', role: 'alert', hidden: true });
const main = h('main', { id: 'main', tabindex: '-1' });
let user = null;
let stream = null;
let ward = null;
let page = null;

async function start() {
    startTheme();
    document.body.prepend(header, banner, main);
    header.addEventListener('sign-out', signOut);
    addEventListener('hashchange', turnPage);
    addEventListener('signed-out', () => showSignIn('Your session has ended. Please sign in again.'));
    eachFrame((nowMs) => ward?.advance(nowMs));
    await whoAmI();
}

async function whoAmI() {
    main.replaceChildren(h('p', { class: 'notice' }, 'Loading…'));
    try {
        signedIn(await api.me());
    } catch (error) {
        if (error.status === 401) showSignIn('');
        else showUnreachable(error);
    }
}

/* A new address: a new page, read from its top, also by a screen reader. */
function turnPage() {
    if (!user) return;
    showPage();
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
}

function signedIn(reply) {
    user = { id: reply.user_id, ...reply.user_profile };
    header.user = user;
    showPage();
}

async function signOut() {
    await api.logout().catch(() => {}); // a session that the server does not know is signed out as well
    showSignIn('You are signed out.');
}

function leavePage() {
    stream?.close();
    stream = null;
    ward = null;
    page = null;
    header.connection = '';
    showBanner('');
}

function showSignIn(message) {
    leavePage();
    user = null;
    header.user = null;
    document.title = 'Sign in – Heartline';
    const form = h('hl-sign-in');
    form.message = message;
    form.addEventListener('signed-in', (event) => signedIn(event.detail));
    main.replaceChildren(form);
}

function showUnreachable(error) {
    const again = h('button', { type: 'button', class: 'primary', onclick: whoAmI }, 'Try again');
    main.replaceChildren(h('section', { class: 'notice' }, h('h1', {}, 'No answer'), h('p', {}, error.message), again));
}

function showPage() {
    leavePage();
    const route = parseRoute(location.hash);
    page = h(route.page === 'patient' ? 'hl-patient-page' : 'hl-wall');
    ward = new Ward({
        added: (heart) => page?.patientAdded(heart),
        changed: (heart) => page?.patientChanged(heart),
        removed: (heart) => page?.patientRemoved(heart),
        loaded: () => page?.loaded(),
    });
    page.begin({ ward, user, patient: route.patient ?? null });
    main.replaceChildren(page);
    const shown = ward;
    const url = route.page === 'patient' ? streams.patient(route.patient) : streams.wall();
    stream = new LiveStream(
        url,
        (type, data) => shown.apply(type, data),
        (status, code) => connection(status, code),
    );
}

function connection(status, httpStatus) {
    header.connection = status;
    if (status === 'refused') {
        refused(httpStatus);
        return;
    }
    const wasLost = !banner.hidden;
    showBanner(status === 'lost' ? LOST_WORDS : '');
    if (wasLost && status === 'open') announce('Connected again.');
    page?.connection(status);
}

function refused(httpStatus) {
    if (httpStatus === 401) {
        showSignIn('Your session has ended. Please sign in again.');
        return;
    }
    page?.refused(httpStatus);
}

function showBanner(text) {
    banner.hidden = text === '';
    banner.textContent = text;
    document.body.classList.toggle('is-lost', text !== '');
}

start();
