-- Makes the partitions of the coming months.
select ensure_partitions();
