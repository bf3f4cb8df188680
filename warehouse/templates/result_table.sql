CREATE TABLE {{table}} (
    {{columns}}
);
COMMENT ON TABLE {{table}} IS {{comment}};
{{column_comments}}
