-- The queue is worked off session by session in turn, so that a day uploaded at once does not hold up everybody else.
create index analysis_queue_by_session on analysis_queue (session_key, waveform_id);
comment on index analysis_queue_by_session is 'Finds the sessions that wait, and what waits of each, oldest first.';
