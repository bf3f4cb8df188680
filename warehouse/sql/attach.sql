ATTACH {{path}} AS {{catalog}};
