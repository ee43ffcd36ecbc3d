-- Where new sessions and metrics begin.
select coalesce((select max(session_key) from sessions), 0), coalesce((select max(metric_id) from metrics), 0);
