-- Lines come in by COPY as the process that checked them wrote them. Whose they are is said by the worker, once for all of them,
-- so that nothing a stranger's file leads that process to write can be another file's line.
alter table return_line alter return_file_id set default current_setting('app.return_file')::uuid;
