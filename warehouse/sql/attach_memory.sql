ATTACH ':memory:' AS {{catalog}};
