CREATE TABLE {{table}} AS FROM warehouse.{{table}} WHERE ingested_at <= $moment;
