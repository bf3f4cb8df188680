DELETE FROM quantities;
