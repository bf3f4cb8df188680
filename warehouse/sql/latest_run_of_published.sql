CREATE VIEW latest_run AS FROM warehouse.latest_run;
