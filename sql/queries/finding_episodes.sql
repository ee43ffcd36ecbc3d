-- $1 session key, $2 from, $3 to (NULL: open), $4 and $5 onset and id of the last row of the page before (or NULL), $6
-- limit, $7 rhythm or NULL. Episodes that reach into the time; without those that turned out not to have been.
-- One that is open lasts until the end of the signal that is stored.
select episode_id, onset, greatest(e.end_time, w.end_time), late, rhythm,
       json_build_object('sample', sample, 'basic', basic, 'open', open, 'duration_seconds',
                         extract(epoch from greatest(e.end_time, w.end_time) - onset)::float8, 'beats', beats,
                         'rate_min_bpm', rate_min, 'rate_max_bpm', rate_max, 'rate_mean_bpm', rate_mean)::text
from episodes e
left join lateral (select x.end_time from waveforms x
                   where x.session_key = e.session_key and x.time <= x.received_at + interval '30 seconds'
                   order by x.time desc limit 1) w on e.open
where session_key = $1 and (open or e.end_time > onset)
  and ($2::timestamptz is null or open or e.end_time > $2)
  and ($3::timestamptz is null or onset < $3)
  and ($4::timestamptz is null or (onset, episode_id) > ($4, $5))
  and ($7::text is null or rhythm = $7)
order by onset, episode_id
limit $6;
