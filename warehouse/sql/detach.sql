DETACH {{catalog}};
