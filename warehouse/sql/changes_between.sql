SELECT c.*, q.headline FROM changes_between($earlier, $later) c LEFT JOIN quantities q ON q.quantity = c.quantity;
