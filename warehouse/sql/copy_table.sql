INSERT INTO {{catalog}}.{{into}} ({{columns}}) SELECT {{columns}} FROM previous.{{table}};
