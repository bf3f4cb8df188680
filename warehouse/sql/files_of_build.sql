SELECT file FROM build.archives WHERE in_force;
