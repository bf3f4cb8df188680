{{column}} {{type}}
