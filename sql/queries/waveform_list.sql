-- $1 session key, $2 from, $3 to (NULL: open), $4 and $5 time and id of the last row of the page before, $6 limit,
-- $7 samples of all leads that a page may hold. A chunk belongs to a time range when any of it lies inside. A page has at
-- least one chunk; the last column says whether there is more after it.
with page as (
    select waveform_id, time, end_time, received_at, sampling_rate, units, gain, baseline, leads, sample_count, samples,
           late, time_uncertain,
           sum(sample_count::bigint * cardinality(leads)) over (order by time, waveform_id)
               - sample_count::bigint * cardinality(leads) as samples_before,
           row_number() over (order by time, waveform_id) as position
    from waveforms
    where session_key = $1
      and ($2::timestamptz is null or end_time > $2)
      and ($3::timestamptz is null or time < $3)
      and ($4::timestamptz is null or (time, waveform_id) > ($4, $5))
    order by time, waveform_id
    limit $6 + 1
)
select waveform_id, time, end_time, received_at, sampling_rate, units, gain, baseline, array_to_string(leads, ','),
       sample_count, samples, late, time_uncertain,
       (select count(*) from page) > count(*) over () as more
from page
where position <= $6 and (position = 1 or samples_before + sample_count::bigint * cardinality(leads) <= $7)
order by time, waveform_id;
