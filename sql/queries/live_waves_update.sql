-- $1 waves as a JSON array, of beats that were stored before (t: microseconds since 1970). May run twice: what is known of
-- a beat already stays.
update beats b
set p_wave = w.p, p_onset_ms = w.p_on, p_peak_ms = w.p_peak, p_end_ms = w.p_end, qrs_onset_ms = w.q_on,
    qrs_end_ms = w.q_end, t_wave = w.tw, t_onset_ms = w.t_on, t_peak_ms = w.t_peak, t_end_ms = w.t_end,
    pace_spike_ms = w.pace
from json_to_recordset($1::json) as w (session_key bigint, t bigint, p boolean, p_on real, p_peak real, p_end real,
                                 q_on real, q_end real, tw boolean, t_on real, t_peak real, t_end real, pace real)
where b.session_key = w.session_key and b.time = timestamptz 'epoch' + w.t * interval '1 microsecond'
  and b.source = 'computed' and b.p_wave is null and b.qrs_onset_ms is null and b.t_wave is null;
