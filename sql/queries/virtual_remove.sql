-- $1 patient
with gone as (
    update virtual_patients set removed_at = now() where user_id = $1::uuid and removed_at is null
    returning user_id, session_key
), ended as (
    update sessions s set status = 'ended', end_time = greatest(s.start_time, now())
    from gone where s.session_key = gone.session_key
), hidden as (
    update users u set disabled_at = now() from gone where u.user_id = gone.user_id
)
select user_id::text from gone;
