INSERT INTO {{catalog}}.{{table}} ({{columns}}) SELECT {{columns}} FROM previous.{{table}};
