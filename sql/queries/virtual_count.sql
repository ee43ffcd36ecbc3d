select count(*) from virtual_patients where removed_at is null;
