USE memory;
CHECKPOINT {{catalog}};
DETACH {{catalog}};
