select count(*) from users where role = 'admin' and disabled_at is null;
