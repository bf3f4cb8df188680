coalesce(getvariable('hbmcast_state'), {{state}}) || {{file}}
