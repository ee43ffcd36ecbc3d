-- $1 session, $2 the end of what was analysed. What the last life told that a next one must know: the episodes that are
-- open or ended lately, the quality of each lead, the statements, and the last beats whose waves are not known. Rows of
-- (what, name, word, time, until, sample, open), of each what it has.
(select 'episode', rhythm, null, onset, end_time, sample, open
 from episodes
 where session_key = $1 and not late and (open or end_time >= $2 - interval '10 seconds')
 order by open desc, onset desc limit 16)
union all
(select distinct on (lead) 'quality', lead, quality, time, null, null, null
 from lead_quality where session_key = $1 and not late
 order by lead, time desc)
union all
(select 'beat', null, null, time, null, sample, null
 from beats
 where session_key = $1 and source = 'computed' and time >= $2 - interval '4 seconds' and time <= $2
   and qrs_onset_ms is null and p_wave is null and t_wave is null
 order by time desc limit 8)
union all
(select 'statement', s.value ->> 'code', null, i.time, null, s.place, null
 from (select * from interpretations where session_key = $1 order by time desc limit 1) i
 cross join lateral jsonb_array_elements(i.statements) with ordinality as s (value, place)
 order by s.place);
