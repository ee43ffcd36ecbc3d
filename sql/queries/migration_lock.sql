-- One migration at a time, whoever starts it; released when the connection ends.
select pg_advisory_lock(727463);
