/* What the analysis found of one patient: the rhythm with since when, intervals and axes, variability, statements and the
 * last episodes. What is not of now (the signal does not come, the measurement is old) is two dashes; the list of
 * episodes stays, since it is history. data-rhythm is the basic rhythm's name, for tests. */
import { h, setData, setText } from '../dom.js';
import {
    HRV_STALE_MS,
    MEASURED_STALE_MS,
    durationWords,
    gravestKind,
    hrvRows,
    intervalRows,
    qualitySummary,
} from '../findings.js';
import { UNKNOWN, timeOfDay } from '../format.js';

const EPISODES_SHOWN = 12;

function isFresh(values, mostMs, { serverNowMs, isLive }) {
    return isLive && values && serverNowMs - values.t_ms < mostMs;
}

class Findings extends HTMLElement {
    connectedCallback() {
        if (this.rhythm) return;
        this.rhythm = h('p', { class: 'rhythm' }, UNKNOWN);
        this.since = h('p', { class: 'muted since' });
        this.quality = h('p', { class: 'quality' });
        this.intervals = h('dl', { class: 'intervals' });
        this.statements = h('ul', { class: 'statements' });
        this.unconfirmed = h('p', { class: 'muted small' }, 'Computed, unconfirmed.');
        this.episodes = h('ol', { class: 'episodes' });
        this.append(
            h('h2', {}, 'Rhythm'),
            this.rhythm,
            this.since,
            this.quality,
            h('h2', {}, 'Measured over 10 s'),
            this.intervals,
            this.statements,
            this.unconfirmed,
            h('h2', {}, 'Last episodes'),
            this.episodes,
        );
    }

    /** @param {{nowMs: number, serverNowMs: number | null, isLive: boolean}} time */
    show(heart, time) {
        this.showRhythm(time.isLive ? heart.rhythms(time.nowMs) : [], time.serverNowMs);
        setText(this.quality, time.isLive ? qualitySummary(heart.quality) : '');
        this.showNumbers(heart, time);
        const stands = isFresh(heart.found.measurements, MEASURED_STALE_MS, time);
        this.showStatements(stands ? (heart.found.interpretation?.statements ?? []) : []);
        this.showEpisodes(heart.episodes, time.serverNowMs);
    }

    showRhythm(rhythms, serverNowMs) {
        const basic = rhythms.find((episode) => episode.basic);
        setText(this.rhythm, rhythms.map((episode) => episode.label).join(' · ') || UNKNOWN);
        setData(this.rhythm, 'kind', gravestKind(rhythms));
        setData(this, 'rhythm', basic?.rhythm ?? '');
        const lasted = basic && serverNowMs ? ` (${durationWords(serverNowMs - basic.onset_ms)})` : '';
        setText(this.since, basic ? `since ${timeOfDay(basic.onset_ms)}${lasted}` : 'not known');
    }

    showNumbers({ found }, time) {
        const figures = isFresh(found.measurements, MEASURED_STALE_MS, time) ? found.measurements.figures : null;
        const hrv = isFresh(found.hrv, HRV_STALE_MS, time) ? found.hrv : null;
        const rows = [...intervalRows(figures), ...hrvRows(hrv)];
        while (this.intervals.childElementCount > rows.length) this.intervals.lastElementChild.remove();
        rows.forEach((row, index) => this.showNumber(row, index));
    }

    showNumber([name, value, unit, explanation], index) {
        const row =
            this.intervals.children[index] ??
            this.intervals.appendChild(h('div', {}, h('dt'), h('dd', {}, h('span'), h('small'))));
        const [term, number] = row.children;
        setText(term, name);
        setText(number.firstElementChild, value);
        setText(number.lastElementChild, unit ? ` ${unit}` : '');
        if (row.title !== explanation) row.title = explanation;
    }

    showStatements(statements) {
        while (this.statements.childElementCount > statements.length) this.statements.lastElementChild.remove();
        statements.forEach((statement, index) => {
            const item = this.statements.children[index] ?? this.statements.appendChild(h('li'));
            setText(item, statement.text);
            if (item.title !== statement.reason) item.title = statement.reason;
        });
    }

    showEpisodes(episodes, serverNowMs) {
        const rows = episodes.slice(-EPISODES_SHOWN).reverse();
        while (this.episodes.childElementCount > Math.max(1, rows.length)) this.episodes.lastElementChild.remove();
        if (rows.length === 0) this.showEpisode(0, '', UNKNOWN, '');
        rows.forEach((episode, index) => {
            const lasted = durationWords((episode.open ? serverNowMs : episode.end_ms) - episode.onset_ms);
            this.showEpisode(index, timeOfDay(episode.onset_ms), episode.label, episode.open ? `${lasted} …` : lasted);
        });
    }

    showEpisode(index, time, label, lasted) {
        const row =
            this.episodes.children[index] ?? this.episodes.appendChild(h('li', {}, h('time'), h('span'), h('small')));
        [time, label, lasted].forEach((text, place) => setText(row.children[place], text));
    }
}

customElements.define('hl-findings', Findings);
