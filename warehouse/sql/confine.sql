-- From here on a query reaches the draws and no other file, and can't change that.
SET allowed_directories = [{{draws}}, {{frozen}}];
SET enable_external_access = false;
SET lock_configuration = true;
