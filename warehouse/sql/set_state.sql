SET VARIABLE hbmcast_state = {{state}};
