FROM quantities ORDER BY quantity;
