USE {{catalog}};
