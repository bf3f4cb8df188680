FROM latest_run;
