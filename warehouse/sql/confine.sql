-- From here on a query reaches the draws, the archive and no other file, has some memory and disk, and can't change that.
SET memory_limit = '50%';
SET max_temp_directory_size = '10GB';
SET allowed_directories = [{{folders}}];
SET enable_external_access = false;
SET lock_configuration = true;
