-- $1 chunks that were analysed, $2 the beats found in them as a JSON array (t: microseconds since 1970). One statement,
-- so that results are stored and the queue is shortened together or not at all. May run twice.
with done as (
    delete from analysis_queue where waveform_id = any($1::bigint[])
)
insert into beats (session_key, time, source, sample, code, lead, amplitude, rr_ms, heart_rate, p_wave, p_onset_ms,
                   p_peak_ms, p_end_ms, qrs_onset_ms, qrs_end_ms, t_wave, t_onset_ms, t_peak_ms, t_end_ms, pace_spike_ms)
select b.session_key, timestamptz 'epoch' + b.t * interval '1 microsecond', 'computed', b.n, b.code::"char", b.lead,
       b.amplitude, b.rr, b.hr, b.p, b.p_on, b.p_peak, b.p_end, b.q_on, b.q_end, b.tw, b.t_on, b.t_peak, b.t_end, b.pace
from json_to_recordset($2::json) as b (session_key bigint, t bigint, n bigint, code text, lead text, amplitude real, rr real,
                                 hr real, p boolean, p_on real, p_peak real, p_end real, q_on real, q_end real,
                                 tw boolean, t_on real, t_peak real, t_end real, pace real)
where exists (select from sessions s where s.session_key = b.session_key)
on conflict do nothing;
