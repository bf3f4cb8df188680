INSERT INTO {{catalog}}.{{into}} ({{columns}}) SELECT {{columns}} FROM previous.{{table}} WHERE NOT list_contains($moved, run_id);
