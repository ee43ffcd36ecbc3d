-- $1 heart rate variability as a JSON array (t and from: microseconds since 1970). May run twice.
insert into hrv (session_key, time, from_time, intervals, beats, excluded, mean_nn, mean_heart_rate, sdnn, rmssd, sdsd, nn50,
                 pnn50, triangular_index, tinn, total_power, vlf, lf, hf, lf_nu, hf_nu, lf_hf, lf_peak, hf_peak, sd1, sd2,
                 sample_entropy, dfa_alpha1, withheld, late)
select h.session_key, timestamptz 'epoch' + h.t * interval '1 microsecond',
       timestamptz 'epoch' + h."from" * interval '1 microsecond', h.intervals, h.beats, h.excluded, h.mean_nn,
       h.mean_heart_rate, h.sdnn, h.rmssd, h.sdsd, h.nn50, h.pnn50, h.triangular_index, h.tinn, h.total_power, h.vlf, h.lf,
       h.hf, h.lf_nu, h.hf_nu, h.lf_hf, h.lf_peak, h.hf_peak, h.sd1, h.sd2, h.sample_entropy, h.dfa_alpha1, h.withheld,
       h.late
from json_to_recordset($1::json) as h (session_key bigint, t bigint, "from" bigint, late boolean, intervals integer,
                                 beats integer, excluded integer, mean_nn real, mean_heart_rate real, sdnn real,
                                 rmssd real, sdsd real, nn50 real, pnn50 real, triangular_index real, tinn real,
                                 total_power real, vlf real, lf real, hf real, lf_nu real, hf_nu real, lf_hf real,
                                 lf_peak real, hf_peak real, sd1 real, sd2 real, sample_entropy real, dfa_alpha1 real,
                                 withheld text)
where exists (select from sessions s where s.session_key = h.session_key)
on conflict do nothing;
